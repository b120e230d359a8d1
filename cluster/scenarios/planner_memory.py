"""Planning that takes more memory than it may is ended and named; clients that only asked for a plan are told so."""

import time

from harness import INPUT, MODEL, expect

SMOKE = True


def run(cluster):
    cluster.serve("--plan-memory", "5M")
    cluster.join("a")
    began = time.monotonic()
    code, _, errors = cluster.command("plan", MODEL, "--input", INPUT, "--to", cluster.address)
    expect(code == 1 and "limit of 4 MiB" in errors, f"{code}: {errors}")
    code, _, errors = cluster.command("submit", MODEL, "--input", INPUT, "--to", cluster.address, "--detach")
    expect(code == 1 and "limit of 4 MiB" in errors, f"{code}: {errors}")
    cluster.crash_coordinator()
    cluster.wait(cluster.submit())
    return time.monotonic() - began
