"""Cuts of 3 to 25 seconds, shorter and longer than patience and lease: the worker is back within ten seconds of each."""

import time

import netspace
from harness import expect, until

SMOKE = False


def run(cluster):
    longest = 0
    with netspace.Namespace() as space:
        space.serve(cluster)
        space.join(cluster, "far")
        for seconds in (3, 8, 14, 25):
            space.cut()
            time.sleep(seconds)
            space.mend()
            began = time.monotonic()
            seen = time.time()

            def heard():
                worker = cluster.worker_named("far")
                return worker["state"] == "live" and worker["lastSeen"] > seen

            until(f"the worker's return after {seconds} s", 30, heard, pause=0.3)
            # What counts is that it works, not that the table says so.
            cluster.wait(cluster.submit("--workers", "1"), seconds=60)
            longest = max(longest, time.monotonic() - began)
    return longest
