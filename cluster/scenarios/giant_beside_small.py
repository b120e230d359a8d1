"""A small job beside giant ones on the same worker does not wait for them."""

import time

from harness import expect, squares

SMOKE = False


def run(cluster):
    cluster.serve()
    cluster.join("a")
    began = time.monotonic()
    cluster.wait(cluster.submit("--workers", "1"))
    alone = time.monotonic() - began
    giants = [cluster.submit_circuits(squares(cluster.folder, 60000 + number)) for number in range(4)]
    time.sleep(5)
    began = time.monotonic()
    cluster.wait(cluster.submit("--workers", "1"), seconds=60)
    taken = time.monotonic() - began
    for giant in giants:
        if cluster.job(giant)["stage"] not in ("done", "failed"):
            cluster.run("cancel", giant)
    expect(taken < 15 + 4 * alone, f"{taken:.1f} s beside giants, {alone:.1f} s alone")
    return taken
