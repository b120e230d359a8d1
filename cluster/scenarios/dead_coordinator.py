"""A coordinator that is stopped without a word (SIGSTOP) is noticed by its worker within the lease, which is back after it goes on."""

import signal
import time

from harness import expect

SMOKE = True


def run(cluster):
    cluster.serve()
    worker = cluster.join("a")
    cluster.server.send(signal.SIGSTOP)
    began = time.monotonic()
    worker.wait_for("the coordinator is silent", 30)
    noticed = time.monotonic() - began
    expect(noticed <= 12, f"it took {noticed:.0f} s to notice, with a lease of 10 s")
    cluster.server.send(signal.SIGCONT)
    began = time.monotonic()
    while worker.text.count("joined") < 2:
        expect(time.monotonic() - began < 15, f"the worker does not come back: {worker.text[-500:]}")
        time.sleep(0.1)
    cluster.wait(cluster.submit("--workers", "1"))
    return noticed
