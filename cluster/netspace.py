"""A network of its own for one worker, and a cable to it that can be cut (network namespaces; needs root)."""

import subprocess

from harness import Running, Skipped, parameters


class Namespace:
    """A namespace `name`, joined to this machine by a pair of virtual interfaces."""

    count = 0

    def __init__(self):
        Namespace.count += 1
        self.name = f"ezkl{Namespace.count}"
        number = 100 + Namespace.count
        self.cable = f"ezkl{Namespace.count}a"
        self.outside, self.inside = f"10.213.{number}.1", f"10.213.{number}.2"

    def ip(self, *words, check=True):
        done = subprocess.run(["ip", *words], capture_output=True, text=True)
        if check and done.returncode != 0:
            raise Skipped(f"network namespaces cannot be made here: {done.stderr.strip()}")

    def __enter__(self):
        self.__exit__()
        try:
            self.ip("netns", "add", self.name)
            self.ip("link", "add", self.cable, "type", "veth", "peer", "name", "eth0", "netns", self.name)
            self.ip("addr", "add", f"{self.outside}/24", "dev", self.cable)
            self.ip("link", "set", self.cable, "up")
            self.ip("-n", self.name, "addr", "add", f"{self.inside}/24", "dev", "eth0")
            self.ip("-n", self.name, "link", "set", "eth0", "up")
        except FileNotFoundError:
            raise Skipped("there is no program 'ip'")
        return self

    def __exit__(self, *_):
        self.ip("link", "del", self.cable, check=False)
        self.ip("netns", "del", self.name, check=False)

    def cut(self):
        """From now on packets are lost; nobody is told."""
        self.ip("-n", self.name, "link", "set", "eth0", "down")

    def mend(self):
        self.ip("-n", self.name, "link", "set", "eth0", "up")

    def serve(self, cluster):
        """Starts the coordinator on this side of the cable."""
        parameters(cluster.binaries, cluster.home)
        cluster.server = Running(
            cluster, "coordinator",
            [cluster.program("ezkl-coord"), "serve", "--listen", f"{self.outside}:0", "--home", cluster.home, "--heartbeat", "1s",
             "--lease", "10s"])
        cluster.server.wait_for("listening on")

    def join(self, cluster, name):
        """Starts a worker in the namespace."""
        token = cluster.folder / f"token-{name}"
        token.write_text(cluster.run("token", "create"))
        worker = Running(
            cluster, name,
            ["ip", "netns", "exec", self.name, cluster.program("ezkl-worker"), "join", cluster.address, "--token-file", token,
             "--home", cluster.folder / f"worker-{name}", "--name", name, "--threads", 1])
        cluster.workers[name] = worker
        worker.wait_for("joined")
        return worker
