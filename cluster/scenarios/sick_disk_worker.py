"""A worker whose disk is full fails tasks within milliseconds; a healthy one beside it does them, the job ends."""

import time

from harness import expect

SMOKE = True


def run(cluster):
    cluster.serve()
    home = cluster.folder / "sick"
    cluster.small_disk(home, "1M")
    cluster.join("sick", home=home)
    cluster.fill(home)
    cluster.join("well")
    began = time.monotonic()
    job = cluster.submit("--workers", "2")
    cluster.wait(job)
    taken = time.monotonic() - began
    cluster.verify(job)
    return taken
