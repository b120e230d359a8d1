"""A coordinator whose disk is full answers what is asked and refuses what must be written in words; a job that meets it waits,
says so, and goes on when there is room again."""

import signal
import time

from harness import INPUT, MODEL, expect, until

SMOKE = True


def run(cluster):
    cluster.small_disk(cluster.home, "48M")
    cluster.serve()
    cluster.join("a")
    job = cluster.submit()
    cluster.wait(job)
    # It has no worker until the disk is full.
    cluster.workers["a"].send(signal.SIGTERM)
    cluster.workers["a"].process.wait(60)
    late = cluster.submit()
    ballast = cluster.fill(cluster.home)
    expect(cluster.job(job)["stage"] == "done", "the job is not there")
    jobs = {entry["id"] for entry in cluster.json("jobs")}
    expect(jobs == {job, late} and len(cluster.json("worker", "list")) == 1, f"lists are wrong: {jobs}")
    cluster.verify(job)
    code, _, errors = cluster.command("submit", MODEL, "--input", INPUT, "--to", cluster.address, "--detach")
    expect(code != 0 and ("no space" in errors or "full" in errors), f"{code}: {errors}")
    cluster.join("a")
    reason = "waits for room on the coordinator's disk"
    until("a word about the disk", 60, lambda: reason in cluster.job(late)["detail"])
    time.sleep(3)
    expect(cluster.job(late)["stage"] not in ("done", "failed"), f"the job is {cluster.job(late)['stage']}")
    ballast.unlink()
    began = time.monotonic()
    cluster.wait(late)
    taken = time.monotonic() - began
    cluster.verify(late)
    cluster.wait(cluster.submit())
    return taken
