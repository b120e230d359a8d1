"""A worker that takes seconds for every step is overtaken by an idle one, and gets less of the next job."""

import time

from harness import expect

SMOKE = False


def run(cluster):
    cluster.serve()
    cluster.join("slow", "--delay", "20s", program="scenario-worker")
    job = cluster.submit("--workers", "1")
    began = time.monotonic()
    cluster.join("quick")
    cluster.wait(job)
    taken = time.monotonic() - began
    expect(taken < 60, f"it took {taken:.0f} s")
    began = time.monotonic()
    cluster.wait(cluster.submit("--workers", "2"))
    expect(time.monotonic() - began < 45, "the next job waited for the slow worker again")
    return taken
