"""A worker killed in any step of the rounds, or while keys are made, is replaced by replay; the job succeeds."""

import time

from harness import ROUNDS, expect

SMOKE = False


def run(cluster):
    cluster.serve()
    for name in ("a", "b"):
        cluster.join(name)
    longest = 0
    for step in ROUNDS:
        job = cluster.submit("--workers", "2")
        killed = None
        for event in cluster.follow(job):
            busy = [worker["name"] for worker in event["workers"] if worker["tasks"]]
            if killed is None and event["stage"] == "proving" and event["step"] == step and busy:
                killed = busy[0]
                cluster.workers[killed].kill()
                began = time.monotonic()
        expect(cluster.job(job)["stage"] == "done", f"{step}: {cluster.job(job)['detail']}")
        if killed:
            longest = max(longest, time.monotonic() - began)
            cluster.join(killed)
        cluster.verify(job)
    return longest
