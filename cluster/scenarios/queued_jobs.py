"""Fifteen hundred jobs wait: a coordinator that is killed has them all again, answers at once, and an urgent job passes them."""

import time
from concurrent.futures import ThreadPoolExecutor

from harness import expect, squares

SMOKE = False
COUNT = 1500


def run(cluster):
    cluster.serve()
    files = squares(cluster.folder, 100)
    with ThreadPoolExecutor(3) as pool:
        jobs = list(pool.map(lambda _: cluster.submit_circuits(files), range(COUNT)))
    expect(len(set(jobs)) == COUNT, "a job's name was given twice")
    began = time.monotonic()
    cluster.crash_coordinator()
    waiting = [job for job in cluster.json("jobs", "--all") if job["stage"] not in ("done", "failed", "cancelled")]
    expect(len(waiting) == COUNT, f"{len(waiting)} of {COUNT} jobs are still there")
    answered = time.monotonic() - began
    expect(answered < 30, f"the list took {answered:.0f} s after the restart")
    cluster.join("a")
    urgent = cluster.submit("--priority", "high", "--workers", "1")
    cluster.wait(urgent, seconds=60)
    taken = time.monotonic() - began
    left = [job for job in cluster.json("jobs", "--all") if job["stage"] == "done"]
    expect(len(left) < COUNT, "it came last")
    cluster.run("cancel", "--all")
    expect(all(job["stage"] in ("done", "cancelled") for job in cluster.json("jobs", "--all")), "not all were cancelled")
    cluster.wait(cluster.submit("--workers", "1"), seconds=60)
    return taken
