"""A worker that answers with a false verifying key, malformed or of another circuit, is named and kept away; its job succeeds
without it, and the next one does not use what it sent."""

import time

from harness import expect, squares, until

SMOKE = False


def run(cluster):
    longest = 0
    cluster.serve()
    cluster.join("well")
    for how, steps in (("zeros", 37), ("another", 41)):
        liar = cluster.join(f"liar-{how}", "--lie-key", how, program="scenario-worker")
        cluster.run("worker", "cordon", "well")
        # A circuit whose key nobody has made yet.
        job = cluster.submit_circuits(squares(cluster.folder, steps), "--workers", "1")
        until(f"the false key ({how}) to be found", 60, lambda: cluster.worker_named(f"liar-{how}")["state"] == "quarantined", 0.5)
        began = time.monotonic()
        cluster.run("worker", "uncordon", "well")
        cluster.wait(job)
        longest = max(longest, time.monotonic() - began)
        cluster.verify(job)
        expect(any(f"liar-{how}" in line for line in cluster.job(job)["dropped"]), "it is not named")
        liar.kill()
    return longest
