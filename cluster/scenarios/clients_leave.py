"""Ten clients ask for plans and are killed: their planning processes end within seconds, and the next client is served."""

import subprocess
import time

from harness import INPUT, MODEL, expect, until

SMOKE = True


def run(cluster):
    cluster.serve()
    clients = [
        subprocess.Popen(
            [str(cluster.program("ezkl-coord")), "plan", str(MODEL), "--input", str(INPUT), "--to", cluster.address, "--home",
             str(cluster.home)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(10)]
    until("a planning process", 30, cluster.planning_processes, pause=0.01)
    began = time.monotonic()
    for client in clients:
        client.kill()
        client.wait()
    until("the end of all planning", 10, lambda: not cluster.planning_processes(), pause=0.05)
    taken = time.monotonic() - began
    cluster.run("plan", MODEL, "--input", INPUT, "--to", cluster.address, seconds=30)
    until("the end of the last plan", 10, lambda: not cluster.planning_processes())
    expect(not list((cluster.home / "planning").glob("*")), "folders of plans are left")
    return taken
