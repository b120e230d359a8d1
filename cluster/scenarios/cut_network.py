"""A worker whose network is cut for a minute: its tasks go elsewhere, and it is back within ten seconds of the repair."""

import time

import netspace
from harness import expect, until

SMOKE = False


def run(cluster):
    with netspace.Namespace() as space:
        space.serve(cluster)
        worker = space.join(cluster, "far")
        job = cluster.submit("--workers", "1")
        space.cut()
        cluster.join("near")
        cluster.wait(job)
        time.sleep(60)
        joins = worker.text.count("joined")
        expect(cluster.worker_named("far")["state"] == "away", "the lost worker still counts as live")
        space.mend()
        began = time.monotonic()
        until("the worker's return", 30, lambda: worker.text.count("joined") > joins)
        taken = time.monotonic() - began
        expect(taken < 10, f"the worker was back after {taken:.0f} s only")
        return taken
