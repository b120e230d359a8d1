"""A worker killed in any step of the rounds, or while keys are made, is replaced by replay; the job succeeds."""

import time

from harness import ROUNDS, expect

SMOKE = False


def run(cluster):
    cluster.serve()
    for name in ("a", "b"):
        cluster.join(name)
    longest = 0
    moments = [("indexing", None)] + [("proving", step) for step in ROUNDS]
    for stage, step in moments:
        # Other circuits than before, whose keys nobody has.
        options = ("--activation-bits", "9", "--any-accuracy") if stage == "indexing" else ()
        job = cluster.submit("--workers", "2", *options)
        killed = None
        for event in cluster.follow(job):
            busy = [worker["name"] for worker in event["workers"] if worker["tasks"]]
            if killed is None and event["stage"] == stage and step in (None, event["step"]) and busy:
                killed = busy[0]
                cluster.workers[killed].kill()
                began = time.monotonic()
        expect(cluster.job(job)["stage"] == "done", f"{stage} {step}: {cluster.job(job)['detail']}")
        expect(killed or stage == "proving", "nobody was seen making a key")
        if killed:
            longest = max(longest, time.monotonic() - began)
            cluster.join(killed)
        cluster.verify(job)
    return longest
