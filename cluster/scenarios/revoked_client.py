"""A client whose key is revoked is cut off in the middle of what it does and stays out; its job and everybody else's go on."""

import subprocess
import time

from harness import INPUT, MODEL, expect

SMOKE = True


def run(cluster):
    cluster.serve()
    home = cluster.folder / "client"
    token = cluster.run("token", "create", "--role", "client").strip().splitlines()[-1]
    job = cluster.run(
        "submit", MODEL, "--input", INPUT, "--to", cluster.address, "--token", token, "--detach", home=home).strip()
    follower = subprocess.Popen(
        [str(cluster.program("ezkl-coord")), "job", job, "--follow", "--to", cluster.address, "--home", str(home)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    time.sleep(1)
    expect(follower.poll() is None, "it does not follow")
    guest = next(client for client in cluster.json("client", "list") if client["role"] == "client")
    began = time.monotonic()
    cluster.run("client", "revoke", guest["id"])
    _, errors = follower.communicate(timeout=20)
    taken = time.monotonic() - began
    expect(follower.returncode != 0 and "revoked" in errors, f"{follower.returncode}: {errors}")
    code, _, errors = cluster.command("jobs", "--to", cluster.address, home=home)
    expect(code != 0 and "revoked" in errors, f"{code}: {errors}")
    # Nor does a fresh key help.
    code, _, errors = cluster.command(
        "jobs", "--to", cluster.address, "--token", token, home=cluster.folder / "again")
    expect(code != 0 and "revoked" in errors, f"{code}: {errors}")
    cluster.join("a")
    cluster.wait(job)
    cluster.wait(cluster.submit("--workers", "1"))
    return taken
