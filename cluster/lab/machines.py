"""Machines that are not there: network namespaces on one bridge, each with a share of a processor (needs root).

`Network` makes the bridge and the machines. All names carry the process id of the lab, so that two labs do not meet and `sweep`
finds what one that was killed has left behind.
"""

import contextlib
import ctypes
import os
import re
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from quotas import PREFIX, Group, Quotas, Unable


def ip(*words, tool="ip"):
    """Runs `ip` (or `tc`) and raises what it says."""
    try:
        done = subprocess.run([tool, *map(str, words)], capture_output=True, text=True)
    except FileNotFoundError:
        raise Unable(f"there is no program '{tool}' (Debian: apt-get install iproute2)")
    if done.returncode != 0:
        raise Unable(f"'{tool} {' '.join(map(str, words))}' failed: {done.stderr.strip()}")
    return done.stdout


class Machine:
    """A namespace with one interface on the bridge and a group of its own."""

    def __init__(self, name, number, address, group):
        self.name, self.address, self.group = name, address, group
        self.namespace = f"{PREFIX}{os.getpid()}-{name}"
        # Fifteen characters are all that an interface's name may have.
        self.cable = f"ezl{os.getpid() % 10_000_000}.{number}"

    def start(self, words, log):
        """Starts a program there, whose output goes to a file; it ends with this process, however that ends."""
        with open(log, "wb") as file:
            return subprocess.Popen(
                ["ip", "netns", "exec", self.namespace, *map(str, words)], stdin=subprocess.DEVNULL, stdout=file,
                stderr=subprocess.STDOUT, start_new_session=True, preexec_fn=lambda: (die_with_parent(), self.group.enter()))


class Network:
    """A bridge with machines; `rtt` in seconds and `rate` in bytes per second hold for every machine's own cable."""

    def __init__(self, quotas, rtt=0, rate=None, in_kernel=None):
        self.quotas, self.rtt, self.rate = quotas, rtt, rate
        self.in_kernel = self.kernel_can() if in_kernel is None else in_kernel
        self.machines = []
        number = os.getpid() % 16384
        # 10.192.0.0/10 is rarely in use; a lab takes 256 addresses of it.
        self.net = f"10.{192 + number // 256}.{number % 256}"
        self.address = f"{self.net}.1"
        self.bridge = f"ezl{os.getpid() % 10_000_000}"

    @staticmethod
    def kernel_can():
        """Whether this kernel has netem, asked on an interface that is made for the question."""
        name = f"ezq{os.getpid() % 10_000_000}"
        ip("link", "add", name, "type", "veth", "peer", "name", f"{name}p")
        try:
            ip("qdisc", "add", "dev", name, "root", "netem", "delay", "1ms", tool="tc")
            return True
        except Unable:
            return False
        finally:
            ip("link", "del", name)

    def __enter__(self):
        try:
            ip("link", "add", self.bridge, "type", "bridge")
            ip("addr", "add", f"{self.address}/24", "dev", self.bridge)
            ip("link", "set", self.bridge, "up")
        except Unable:
            self.__exit__()
            raise
        return self

    def machine(self, name, share, shaped=True):
        """Adds a machine with a share of a processor; `shaped`: behind the long cable."""
        number = len(self.machines) + 2
        machine = Machine(name, number, f"{self.net}.{number}", self.quotas.group(name))
        self.machines.append(machine)
        machine.group.limit(share)
        ip("netns", "add", machine.namespace)
        ip("link", "add", machine.cable, "type", "veth", "peer", "name", "eth0", "netns", machine.namespace)
        ip("link", "set", machine.cable, "master", self.bridge, "up")
        inside = ("-n", machine.namespace)
        ip(*inside, "addr", "add", f"{machine.address}/24", "dev", "eth0")
        ip(*inside, "link", "set", "eth0", "up")
        ip(*inside, "link", "set", "lo", "up")
        if shaped and self.in_kernel and (self.rtt or self.rate):
            self.shape("dev", machine.cable)
            self.shape("dev", "eth0", inside=inside)
        return machine

    def shape(self, *device, inside=()):
        """One direction of a cable: half of the round trip, all of the rate, and a queue that holds what is on its way."""
        words = ["delay", f"{round(self.rtt * 5e5)}us"] if self.rtt else []
        if self.rate:
            words += ["rate", f"{round(self.rate * 8)}bit"]
        ip(*inside, "qdisc", "add", *device, "root", "netem", *words, "limit", "20000", tool="tc")

    def __exit__(self, *_):
        for machine in self.machines:
            with contextlib.suppress(Unable):
                ip("link", "del", machine.cable)
            with contextlib.suppress(Unable):
                ip("netns", "del", machine.namespace)
        with contextlib.suppress(Unable):
            ip("link", "del", self.bridge)


def die_with_parent():
    """Asks the kernel to kill this process when its parent ends (prctl, PR_SET_PDEATHSIG)."""
    _libc.prctl(1, signal.SIGKILL)


_libc = ctypes.CDLL(None)


def sweep():
    """Removes what labs that are no more have left behind; returns how many things."""
    removed = 0
    gone = lambda number: not Path(f"/proc/{number}").exists()
    for line in ip("netns", "list").splitlines():
        found = re.match(rf"{PREFIX}(\d+)-\S+", line)
        if found and gone(found[1]):
            ip("netns", "del", found[0])
            removed += 1
    for line in ip("-o", "link", "show", "type", "bridge").splitlines():
        found = re.match(r"\d+: ezl(\d+):", line)
        if found and gone(found[1]):
            ip("link", "del", f"ezl{found[1]}")
            removed += 1
    version, roots = Quotas.find(Path("/proc/self/mountinfo").read_text())
    for name in {folder.name for root in roots.values() for folder in root.glob(f"{PREFIX}*")}:
        if gone(name.removeprefix(PREFIX)):
            Group({controller: root / name for controller, root in roots.items()}, version).remove()
            removed += 1
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        if gone(folder.name.split("-")[2]) and folder.stat().st_uid == os.getuid() and not (folder / "kept").exists():
            shutil.rmtree(folder, ignore_errors=True)
            removed += 1
    return removed
