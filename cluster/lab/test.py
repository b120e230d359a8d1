#!/usr/bin/env python3
"""Checks that the lab's machines are what they are said to be: processor time, delay, rate, and that nothing of them stays.

usage: cluster/lab/test.py [--binaries DIR]

Prints a line per check; exit code 0: all hold or were skipped, 1: one does not. Takes half a minute, and no network.
"""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import units  # noqa: E402
from harness import ROOT, Failed, Skipped, expect, until  # noqa: E402
from machines import Network, ip, sweep  # noqa: E402
from quotas import PREFIX, Group, Quotas, Unable  # noqa: E402
from relay import Cable  # noqa: E402

SPIN = "import time\nend = time.monotonic() + 3\nwhile time.monotonic() < end: pass"
ECHO = """
import socket, sys, threading
server = socket.create_server((sys.argv[1], 9000))
print("ready", flush=True)
def echo(peer):
    with peer:
        while piece := peer.recv(65536):
            peer.sendall(piece)
while True:
    threading.Thread(target=echo, args=(server.accept()[0],), daemon=True).start()
"""
# Round trips of a byte, then how long a megabyte takes there and a byte back.
ASK = """
import socket, sys, time
host, port = sys.argv[1].rsplit(":", 1)
peer = socket.create_connection((host, int(port)))
peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
trips = []
for _ in range(20):
    began = time.monotonic()
    peer.sendall(b"x")
    peer.recv(1)
    trips.append(time.monotonic() - began)
began, size, back = time.monotonic(), 1 << 20, 0
import threading
threading.Thread(target=peer.sendall, args=(bytes(size),), daemon=True).start()
while back < size:
    back += len(peer.recv(65536))
print(sorted(trips)[10], time.monotonic() - began)
"""


def units_are_read():
    """Times, rates, shares and lists are read as written, and nonsense is refused."""
    expect(units.seconds("20ms") == 0.02 and units.seconds("0") == 0, "a time")
    expect(units.rate("100mbit") == 12.5e6 and units.rate("none") is None, "a rate")
    expect(units.share("12%") == 0.12 and units.counts("1,2,2,4") == [1, 2, 4], "a share or a list")
    for reader, text in ((units.seconds, "20"), (units.rate, "-1mbit"), (units.share, "0%"), (units.counts, "1,,2")):
        with contextlib.suppress(argparse.ArgumentTypeError):
            reader(text)
            raise Failed(f"'{text}' was taken")


def bucket_keeps_its_rate():
    """A cable's bytes leave it at its rate, and one that rested has saved up nothing."""
    cable = Cable(1000)
    expect([cable.departure(500, 0), cable.departure(500, 0), cable.departure(500, 10)] == [0.5, 1, 10.5], "departures")


def both_versions_of_groups():
    """Limits in the words of both versions of control groups (written to a folder that pretends)."""
    with tempfile.TemporaryDirectory() as place:
        place = Path(place)
        (place / "cgroup.controllers").write_text("cpuset cpu io\n")
        version, roots = Quotas.find(f"30 23 0:26 / {place} rw - cgroup2 cgroup2 rw\n")
        expect((version, roots) == (2, {"cpu": place}), "version 2 was not found")
        Group({"cpu": place / "two"}, 2).limit(0.12)
        expect((place / "two/cpu.max").read_text() == "1200 10000", "version 2")
        Group({"cpu": place / "one"}, 1).limit(0.01)
        expect((place / "one/cpu.cfs_quota_us").read_text() == "1200", "version 1")
        expect((place / "one/cpu.cfs_period_us").read_text() == "120000", "version 1")


@contextlib.contextmanager
def network(**cable):
    with Quotas() as quotas, Network(quotas, **cable) as made:
        try:
            yield made
        finally:
            quotas.all.remove()


def quota_limits_processors():
    """Four machines of 12% of a processor that compute without end get 12% each, side by side."""
    with network() as made, tempfile.TemporaryDirectory() as place:
        machines = [made.machine(f"m{number}", 0.12) for number in range(4)]
        began = time.monotonic()
        running = [machine.start([sys.executable, "-c", SPIN], Path(place) / machine.name) for machine in machines]
        for process in running:
            process.wait()
        wall = time.monotonic() - began
        shares = [machine.group.seconds / wall for machine in machines]
        expect(all(share < 0.145 for share in shares), f"more than 12%: {shares}")
        if not all(share > 0.095 for share in shares):
            raise Skipped(f"too much other work here: {', '.join(f'{share:.1%}' for share in shares)}")
        return ", ".join(f"{share:.1%}" for share in shares)


def ask(in_kernel):
    """A machine 40 ms and 8 Mbit/s away: the round trip of a byte, and a megabyte there and back."""
    with network(rtt=0.04, rate=1e6, in_kernel=in_kernel) as made, tempfile.TemporaryDirectory() as place:
        near, far = made.machine("near", None, shaped=False), made.machine("far", None)
        said = lambda name: (Path(place) / name).read_text()
        near.start([sys.executable, "-c", ECHO, near.address], Path(place) / "echo")
        until("the echo", 10, lambda: "ready" in said("echo"))
        address = f"{near.address}:9000"
        relay = None
        if not in_kernel:
            with open(Path(place) / "relay", "wb") as log:
                relay = subprocess.Popen(
                    [sys.executable, str(HERE / "relay.py"), "--listen", f"{made.address}:0", "--to", address, "--rtt", "40ms",
                     "--rate", "8mbit"], stdout=log, stderr=log)
            until("the relay", 10, lambda: "relaying at" in said("relay"))
            address = said("relay").split("relaying at ")[1].split()[0]
        try:
            far.start([sys.executable, "-c", ASK, address], Path(place) / "ask").wait(60)
        finally:
            if relay:
                relay.kill()
                relay.wait()
        try:
            trip, megabyte = map(float, said("ask").split())
        except ValueError:
            raise Failed(f"no answer: {said('ask')}")
        expect(0.0395 <= trip < 0.08, f"a round trip of {trip * 1000:.0f} ms instead of 40")
        expect(1.0 <= megabyte < 2.5, f"a megabyte in {megabyte:.2f} s instead of about 1.1")
        return f"{trip * 1000:.1f} ms, a megabyte in {megabyte:.2f} s"


def relay_delays():
    """The relay in user space adds 40 ms and keeps to 8 Mbit/s."""
    return ask(in_kernel=False)


def kernel_delays():
    """netem adds 40 ms and keeps to 8 Mbit/s."""
    if not Network.kernel_can():
        raise Skipped("this kernel has no netem")
    return ask(in_kernel=True)


def left():
    """Everything with a lab's name on this machine."""
    version, roots = Quotas.find(Path("/proc/self/mountinfo").read_text())
    return [word for word in ip("netns", "list").split() if word.startswith(PREFIX)] + [
        str(group) for root in roots.values() for group in root.glob(f"{PREFIX}*")] + [
        line for line in ip("-o", "link").splitlines() if ": ezl" in line]


def lab(number, binaries):
    """Starts a lab and sends it a signal when a worker has joined; returns its exit code."""
    if not (binaries / "ezkl-coord").exists():
        raise Skipped("ezkl-coord and ezkl-worker are not built")
    before = set(left())
    with tempfile.TemporaryDirectory() as place:
        process = subprocess.Popen(
            [sys.executable, str(HERE / "lab.py"), "--workers", "2", "--binaries", str(binaries), "--quota", "20%"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "TMPDIR": place})
        try:
            until("a worker", 60, lambda: any("joined" in log.read_text() for log in Path(place).glob("*/*/w1.log")))
            expect(set(left()) - before, "nothing was made")
            process.send_signal(number)
            code = process.wait(30)
        finally:
            process.kill()
        workers = lambda: [
            entry for entry in Path("/proc").glob("[0-9]*/cmdline") if place.encode() in readable(entry)]
        until("the end of all processes", 10, lambda: not workers())
    if number == signal.SIGKILL:
        expect(set(left()) - before, "a killed lab cannot clean up")
        sweep()
    expect(not set(left()) - before, f"left behind: {set(left()) - before}")
    return code


def readable(path):
    with contextlib.suppress(OSError):
        return path.read_bytes()
    return b""


def interruption_leaves_nothing(binaries):
    """Ctrl-C in the middle ends all processes and removes namespaces, cables and groups."""
    expect(lab(signal.SIGINT, binaries) == 130, "its exit code is not 130")


def death_leaves_no_process(binaries):
    """A lab that is killed takes its processes with it; the next one, or --sweep, removes the rest."""
    lab(signal.SIGKILL, binaries)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binaries", type=Path, default=ROOT / ".build/release")
    binaries = parser.parse_args().binaries.resolve()
    checks = [units_are_read, bucket_keeps_its_rate, both_versions_of_groups, quota_limits_processors, relay_delays, kernel_delays,
              interruption_leaves_nothing, death_leaves_no_process]
    failures = 0
    for check in checks:
        name, takes = check.__name__, check.__code__.co_argcount
        try:
            if checks.index(check) > 2 and os.geteuid() != 0:
                raise Skipped("not root")
            said = check(*[binaries][:takes])
            print(f"ok       {name}{f': {said}' if said else ''}", flush=True)
        except (Skipped, Unable) as reason:
            print(f"skipped  {name}: {reason}", flush=True)
        except (Failed, AssertionError, OSError, subprocess.TimeoutExpired) as reason:
            failures += 1
            print(f"FAILED   {name}: {reason}", flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
