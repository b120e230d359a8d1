"""Secrets of a local job are in no command line and no environment that another user could read, and in no log."""

import contextlib
import subprocess
import time
from pathlib import Path

from harness import INPUT, MODEL, expect, parameters

SMOKE = True


def family(process):
    """A process and all that it started, as far as they are there."""
    parents = {}
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit():
                parents[int(entry.name)] = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
    found, new = set(), {process}
    while new:
        found |= new
        new = {child for child, parent in parents.items() if parent in found} - found
    return [Path("/proc") / str(member) for member in found]


def run(cluster):
    home = cluster.folder / "local"
    parameters(cluster.binaries, home)
    began = time.monotonic()
    process = subprocess.Popen(
        [str(cluster.program("ezkl-coord")), "submit", str(MODEL), "--input", str(INPUT), "--workers", "2", "--home", str(home),
         "--out", str(cluster.folder / "proof.json")], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True)
    looked, workers = 0, set()
    while process.poll() is None:
        # Others on this machine may have tokens of their own.
        for entry in family(process.pid):
            with contextlib.suppress(OSError):
                command = (entry / "cmdline").read_bytes()
                looked += 1
                expect(b"ezkl1." not in command, f"a token in a command line: {command[:60]}")
                if b"ezkl-worker" in command:
                    workers.add(entry.name)
                    expect(b"ezkl1." not in (entry / "environ").read_bytes(), "a token in an environment")
        time.sleep(0.02)
    output = process.communicate()[0]
    expect(process.returncode == 0, output)
    expect(len(workers) >= 2 and looked > 100, f"looked at {looked} command lines and saw {len(workers)} workers")
    expect("ezkl1." not in output, "a token in the output")
    for path in home.rglob("*.log"):
        expect("ezkl1." not in path.read_text(errors="replace"), f"a token in {path}")
    return time.monotonic() - began
