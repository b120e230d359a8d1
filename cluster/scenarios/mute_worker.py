"""A worker that heartbeats and never answers: an idle one does its shares as well, and the first answer wins."""

import time

from harness import expect

SMOKE = False


def run(cluster):
    cluster.serve()
    cluster.join("mute", "--mute", program="scenario-worker")
    job = cluster.submit("--workers", "1")
    began = time.monotonic()
    cluster.join("well")
    cluster.wait(job)
    taken = time.monotonic() - began
    expect(taken < 60, f"it took {taken:.0f} s")
    cluster.verify(job)
    return taken
