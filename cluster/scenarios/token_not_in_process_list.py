"""Secrets of a local job are in no command line and no environment that another user could read, and in no log."""

import contextlib
import subprocess
import time
from pathlib import Path

from harness import INPUT, MODEL, expect, parameters

SMOKE = True


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
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
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
