"""A coordinator's name has three addresses at which nobody answers before the one at which it does: joining takes a moment."""

import socket
import time

from harness import Running, Skipped, expect

SMOKE = True


def run(cluster):
    # The system prefers what begins as its own address does.
    cluster.serve(host="127.200.0.1")
    port = int(cluster.address.rsplit(":", 1)[1])
    dead, waiting = [f"127.99.0.{number}" for number in (1, 2, 3)], []
    for address in dead:
        # A full queue: the system answers no further attempts.
        listener = socket.socket()
        listener.bind((address, port))
        listener.listen(0)
        waiting.append(listener)
        for _ in range(4):
            knock = socket.socket()
            knock.setblocking(False)
            knock.connect_ex((address, port))
            waiting.append(knock)
    hosts = cluster.folder / "hosts"
    hosts.write_text("".join(f"{address} coordinator.test\n" for address in [*dead, "127.200.0.1"]))
    token = cluster.folder / "token"
    token.write_text(cluster.run("token", "create"))
    probe = Running(cluster, "probe", ["unshare", "-m", "bash", "-c", f"mount --bind {hosts} /etc/hosts && getent ahosts coordinator.test"])
    if probe.process.wait() != 0:
        raise Skipped("names cannot be given here")
    first = probe.text.split()[0]
    expect(first in dead, f"the system tries {first} first")
    began = time.monotonic()
    worker = Running(
        cluster, "far",
        ["unshare", "-m", "bash", "-c",
         f"mount --bind {hosts} /etc/hosts && exec {cluster.program('ezkl-worker')} join coordinator.test:{port} "
         f"--token-file {token} --home {cluster.folder}/worker-far --name far --threads 1"])
    worker.wait_for("joined", 30)
    taken = time.monotonic() - began
    expect("trying again" not in worker.text, "the first attempt failed")
    expect(taken < 4, f"it took {taken:.1f} s")
    for entry in waiting:
        entry.close()
    return taken
