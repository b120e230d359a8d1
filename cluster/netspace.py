"""A network of its own for one worker, and a cable to it that can be cut (network namespaces; needs root)."""

import os
import subprocess

from harness import Running, Skipped


class Namespace:
    """A namespace `name`, joined to this machine by a pair of virtual interfaces."""

    count = 0

    def __init__(self):
        Namespace.count += 1
        # Names and addresses are the machine's: two runs at a time must not take each other's.
        number = (os.getpid() + Namespace.count) % 60000
        self.name, self.cable = f"ezkl{number}", f"ezkl{number}a"
        net = f"10.{213 + number % 3}.{number // 3 // 64 % 256}"
        place = 4 * (number // 3 % 64)
        self.outside, self.inside = f"{net}.{place + 1}", f"{net}.{place + 2}"

    def ip(self, *words, check=True):
        done = subprocess.run(["ip", *words], capture_output=True, text=True)
        if check and done.returncode != 0:
            raise Skipped(f"network namespaces cannot be made here: {done.stderr.strip()}")

    def __enter__(self):
        self.__exit__()
        try:
            self.ip("netns", "add", self.name)
            self.ip("link", "add", self.cable, "type", "veth", "peer", "name", "eth0", "netns", self.name)
            self.ip("addr", "add", f"{self.outside}/30", "dev", self.cable)
            self.ip("link", "set", self.cable, "up")
            self.ip("-n", self.name, "addr", "add", f"{self.inside}/30", "dev", "eth0")
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
        cluster.serve(host=self.outside)

    def join(self, cluster, name, wait=True):
        """Starts a worker in the namespace; one that was there before needs no new token."""
        token = cluster.folder / f"token-{name}"
        if not token.exists():
            token.write_text(cluster.run("token", "create"))
        worker = Running(
            cluster, name,
            ["ip", "netns", "exec", self.name, cluster.program("ezkl-worker"), "join", cluster.address, "--token-file", token,
             "--home", cluster.folder / f"worker-{name}", "--name", name, "--threads", 1])
        cluster.workers[name] = worker
        if wait:
            worker.wait_for("joined")
        return worker
