"""A job is cancelled while its coordinator is down, and stays so."""

import time

from harness import expect

SMOKE = True


def run(cluster):
    cluster.serve()
    job = cluster.submit()
    cluster.server.kill()
    began = time.monotonic()
    cluster.run("cancel", job)
    code, _, errors = cluster.command("cancel", job)
    expect(code != 0 and "cancelled" in errors, f"{code}: {errors}")
    cluster.serve()
    expect(cluster.job(job)["stage"] == "cancelled", "it goes on")
    taken = time.monotonic() - began
    cluster.join("a")
    cluster.wait(cluster.submit())
    return taken
