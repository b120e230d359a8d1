"""Twelve jobs that no worker can take keep nobody waiting, and say what they wait for."""

import time

from harness import expect

SMOKE = True


def run(cluster):
    cluster.serve()
    cluster.join("a")
    blocked = [cluster.submit("--workers", "9") for _ in range(12)]
    began = time.monotonic()
    job = cluster.submit("--workers", "1")
    cluster.wait(job, seconds=20)
    taken = time.monotonic() - began
    for other in blocked[:2] + blocked[-1:]:
        summary = cluster.job(other)
        expect("of 9 joined" in summary["detail"] or summary["stage"] != "submitted", str(summary))
    return taken
