"""Two hundred workers lose their coordinator at once and are back within ten seconds of its return."""

import time

from harness import Running, expect, until

SMOKE = False
COUNT = 200


def run(cluster):
    cluster.serve()
    token = cluster.folder / "token"
    token.write_text(cluster.run("token", "create"))
    crowd = Running(
        cluster, "crowd",
        ["bash", "-c", f"exec {cluster.program('light-workers')} {COUNT} 300 < {token}"])

    def live():
        lines = [line.split() for line in crowd.text.splitlines() if line.startswith("live")]
        return int(lines[-1][1]) if lines else 0

    until("all workers", 60, lambda: live() == COUNT)
    port = cluster.address.rsplit(":", 1)[1]
    cluster.server.kill()
    until("the end of all connections", 30, lambda: live() == 0)
    time.sleep(20)
    cluster.serve(port=port)
    began = time.monotonic()
    until("the return of all workers", 60, lambda: live() == COUNT)
    taken = time.monotonic() - began
    states = [worker["state"] for worker in cluster.json("worker", "list")]
    expect(states == ["live"] * COUNT, f"{states.count('live')} of {COUNT} are live")
    expect(taken < 10, f"it took {taken:.0f} s")
    return taken
