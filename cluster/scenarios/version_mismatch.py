"""A peer of another transport version: both sides say which versions met, and nobody else notices."""

import socket
import time

from harness import expect

SMOKE = True


def run(cluster):
    cluster.serve()
    host, port = cluster.address.rsplit(":", 1)
    began = time.monotonic()
    with socket.create_connection((host, int(port)), timeout=10) as peer:
        peer.sendall(b"EZKL" + bytes([9, 1, 0, 0]))
        answer = peer.recv(64)
        expect(answer[:4] == b"EZKL" and answer[4] not in (0, 9), f"the coordinator does not say its version: {answer}")
        expect(peer.recv(64) == b"", "the coordinator does not close")
    cluster.server.wait_for("transport version 9")
    cluster.join("a")
    return time.monotonic() - began
