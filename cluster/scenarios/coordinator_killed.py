"""A coordinator killed while it plans, makes keys, or is in any step of the rounds goes on after a restart with the same
workers."""

import time

from harness import ROUNDS, expect

SMOKE = False


def run(cluster):
    cluster.serve()
    for name in ("a", "b"):
        cluster.join(name)
    longest = 0
    moments = [("planning", None), ("indexing", None)] + [("proving", step) for step in ROUNDS]
    for stage, step in moments:
        options = ("--activation-bits", "9", "--any-accuracy") if stage == "indexing" else ()
        job = cluster.submit("--workers", "2", *options)
        began = None
        for event in cluster.follow(job):
            if event["stage"] == stage and step in (None, event["step"]):
                cluster.crash_coordinator()
                began = time.monotonic()
                break
        cluster.wait(job)
        if began:
            longest = max(longest, time.monotonic() - began)
        cluster.verify(job)
    return longest
