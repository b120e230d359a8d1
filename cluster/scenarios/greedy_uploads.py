"""A client that uploads more than it may is refused in words before a byte is sent; others are served meanwhile."""

import time

from harness import INPUT, MODEL, expect, squares

SMOKE = True


def run(cluster):
    limit = 4 << 20
    cluster.serve("--owner-bytes", str(limit))
    cluster.join("a")
    home = cluster.folder / "greedy"
    token = cluster.run("token", "create", "--role", "client").strip().splitlines()[-1]
    files = squares(cluster.folder, 60000)
    expect(files[0].stat().st_size > limit, "the circuit is no test")
    began = time.monotonic()
    code, _, errors = cluster.command(
        "prove-r1cs", *files, "--to", cluster.address, "--token", token, "--detach", home=home)
    expect(code != 0 and "bytes of one client" in errors, f"{code}: {errors}")
    stored = sum(path.stat().st_size for path in (cluster.home / "artifacts").rglob("*") if path.is_file())
    expect(stored < limit, f"{stored} bytes came all the same")
    taken = time.monotonic() - began
    cluster.wait(cluster.submit("--workers", "1"))
    # What it may have it still may have.
    job = cluster.run("submit", MODEL, "--input", INPUT, "--to", cluster.address, "--detach", home=home).strip()
    cluster.wait(job)
    return taken
