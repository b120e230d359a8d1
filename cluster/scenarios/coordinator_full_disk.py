"""A coordinator whose disk is full answers what is asked, refuses what must be written in words, and goes on when there is
room again."""

import time

from harness import INPUT, MODEL, expect

SMOKE = True


def run(cluster):
    cluster.small_disk(cluster.home, "48M")
    cluster.serve()
    cluster.join("a")
    job = cluster.submit()
    cluster.wait(job)
    ballast = cluster.fill(cluster.home)
    expect(cluster.job(job)["stage"] == "done", "the job is not there")
    expect(len(cluster.json("jobs")) == 1 and len(cluster.json("worker", "list")) == 1, "lists are wrong")
    cluster.verify(job)
    code, _, errors = cluster.command("submit", MODEL, "--input", INPUT, "--to", cluster.address, "--detach")
    expect(code != 0 and ("no space" in errors or "full" in errors), f"{code}: {errors}")
    ballast.unlink()
    began = time.monotonic()
    cluster.wait(cluster.submit())
    return time.monotonic() - began
