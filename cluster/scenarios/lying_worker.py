"""A worker that lies in any step is named, its job succeeds without it, and no later job uses it until an operator says
so."""

import time

from harness import expect, until

SMOKE = False


def run(cluster):
    longest = 0
    cluster.serve()
    cluster.join("well")
    lies = [("--lie", step) for step in (1, 2, 3, 4, 5, 8)] + [("--lie-matrix", step) for step in (5, 6, 7, 8)]
    for number, (kind, step) in enumerate(lies):
        name = f"liar-{number}"
        liar = cluster.join(name, kind, str(step), program="scenario-worker")
        # It serves alone until it is found out.
        cluster.run("worker", "cordon", "well")
        job = cluster.submit("--workers", "1")
        until(f"the lie of {kind} {step} to be found", 60, lambda: cluster.worker_named(name)["state"] == "quarantined", 0.5)
        began = time.monotonic()
        cluster.run("worker", "uncordon", "well")
        cluster.wait(job)
        longest = max(longest, time.monotonic() - began)
        cluster.verify(job)
        expect(any(name in line for line in cluster.job(job)["dropped"]), "it is not named")
        after = cluster.submit("--workers", "1")
        cluster.wait(after)
        expect(not cluster.job(after)["dropped"], "it was trusted again")
        liar.kill()
    return longest
