"""SIGTERM says goodbye and removes the address, SIGHUP opens the log anew; cordons outlast restarts of both sides."""

import signal
import time

from harness import expect, until

SMOKE = True


def run(cluster):
    log = cluster.folder / "the.log"
    cluster.serve("--log", log, said=log)
    port = cluster.address.rsplit(":", 1)[1]
    worker = cluster.join("a")
    cluster.run("worker", "cordon", "a")
    log.rename(cluster.folder / "old.log")
    cluster.server.send(signal.SIGHUP)
    until("a new log", 10, log.exists)
    cluster.server.send(signal.SIGTERM)
    expect(cluster.server.process.wait(timeout=20) == 0, "it does not end well")
    expect(not (cluster.home / "address").exists(), "the address is still there")
    began = time.monotonic()
    worker.wait_for("disconnected", 10)
    cluster.serve("--log", log, port=port, said=log)
    until("the worker's return", 20, lambda: worker.text.count("joined") == 2)
    taken = time.monotonic() - began
    expect(cluster.worker_named("a")["state"] == "cordoned", "the cordon is forgotten")
    worker.send(signal.SIGTERM)
    expect(worker.process.wait(timeout=20) == 0, "the worker does not end well")
    cluster.join("a")
    expect(cluster.worker_named("a")["state"] == "cordoned", "the cordon is forgotten by a new process")
    cluster.run("worker", "uncordon", "a")
    cluster.wait(cluster.submit("--workers", "1"))
    return taken
