"""A second machine with a copy of a worker's home folder is refused with both addresses; the first one's job is not disturbed."""

import shutil
import time

from harness import Running, expect

SMOKE = True


def run(cluster):
    cluster.serve()
    cluster.join("a")
    copy = cluster.folder / "copy"
    shutil.copytree(cluster.folder / "worker-a", copy, ignore=shutil.ignore_patterns("lock"))
    job = cluster.submit("--workers", "1")
    began = time.monotonic()
    twin = Running(
        cluster, "twin", [cluster.program("ezkl-worker"), "join", cluster.address, "--home", copy, "--name", "twin"])
    twin.wait_for("connected already: 'a' from 127.0.0.1:")
    taken = time.monotonic() - began
    cluster.wait(job)
    expect(twin.process.wait(timeout=60) == 4, "the twin does not end as one that was refused")
    expect(cluster.workers["a"].text.count("joined") == 1, "the first worker was driven out")
    expect(cluster.worker_named("a")["state"] == "live", "the first worker is gone")
    return taken
