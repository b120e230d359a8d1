"""Shares of a processor: control groups of version 1 or 2, in one group with the lab's process id in its name (needs root)."""

import contextlib
import os
import re
import signal
import time
from pathlib import Path

PREFIX = "ezkl-lab-"


class Unable(Exception):
    """This machine cannot do what the lab needs."""


class Group:
    """One control group: the processor time that its processes may use, and have used."""

    def __init__(self, folders, version):
        self.folders, self.version = folders, version
        for folder in folders.values():
            folder.mkdir(exist_ok=True)

    def limit(self, share):
        """At most `share` of one processor (0.12: an eighth), or as much as there is (None).

        Short periods: a machine that has used up its quota waits for the rest of the period, and with the usual 100 ms every
        answer would. The kernel takes no quota below 1 ms.
        """
        period = max(10_000, min(1_000_000, int(1200 / share) if share else 0))
        quota = max(1000, round(period * share)) if share else None
        folder = self.folders["cpu"]
        if self.version == 2:
            (folder / "cpu.max").write_text(f"{quota or 'max'} {period}")
        else:
            (folder / "cpu.cfs_period_us").write_text(str(period))
            (folder / "cpu.cfs_quota_us").write_text(str(quota or -1))

    def come_first(self):
        """Before other work on this machine, as far as quotas go: machines have what they are said to have."""
        if self.version == 2:
            (self.folders["cpu"] / "cpu.weight").write_text("10000")
        else:
            (self.folders["cpu"] / "cpu.shares").write_text("65536")

    def enter(self):
        """Moves the calling process in; for a process's preexec_fn."""
        for folder in set(self.folders.values()):
            (folder / "cgroup.procs").write_text(str(os.getpid()))

    @property
    def seconds(self):
        """Processor seconds that were used so far."""
        if self.version == 2:
            return int(re.search(r"usage_usec (\d+)", (self.folders["cpu"] / "cpu.stat").read_text())[1]) / 1e6
        return int((self.folders["cpuacct"] / "cpuacct.usage").read_text()) / 1e9

    def remove(self):
        """Kills what is in it and in the groups below, and removes them."""
        for folder in set(self.folders.values()):
            # The folders of version 1's hierarchies hold files that cannot be deleted: only rmdir works, from below.
            for below in [*filter(Path.is_dir, folder.glob("*")), folder] if folder.exists() else ():
                for attempt in range(200):
                    with contextlib.suppress(OSError):
                        for process in (below / "cgroup.procs").read_text().split():
                            with contextlib.suppress(ProcessLookupError):
                                os.kill(int(process), signal.SIGKILL)
                    try:
                        below.rmdir()
                        break
                    except FileNotFoundError:
                        break
                    except OSError:
                        time.sleep(0.02)


class Quotas:
    """Where control groups are made: version 1's `cpu` and `cpuacct`, or version 2 where that has `cpu`."""

    def __init__(self, mounts=None):
        self.version, self.roots = self.find(mounts if mounts is not None else Path("/proc/self/mountinfo").read_text())
        self.name = f"{PREFIX}{os.getpid()}"
        self.all = None

    @staticmethod
    def find(mounts):
        """(version, {controller: folder}) from the text of /proc/self/mountinfo."""
        first, second = {}, None
        for line in mounts.splitlines():
            before, after = line.split(" - ", 1)
            place, (kind, _, options) = Path(before.split()[4]), after.split(maxsplit=2)
            if kind == "cgroup":
                first.update({name: place for name in ("cpu", "cpuacct") if name in options.split(",")})
            elif kind == "cgroup2" and "cpu" in (place / "cgroup.controllers").read_text().split():
                second = place
        if second:
            return 2, {"cpu": second}
        if len(first) == 2:
            return 1, first
        raise Unable("no control groups for processor time are mounted (version 1: cpu and cpuacct; version 2: cpu)")

    def group(self, name=None):
        """The group of a machine, or without a name the one around all."""
        folders = {controller: root / self.name / (name or "") for controller, root in self.roots.items()}
        return Group(folders, self.version)

    def __enter__(self):
        try:
            if self.version == 2:
                self.delegate(self.roots["cpu"])
            self.all = self.group()
            if self.version == 2:
                self.delegate(self.roots["cpu"] / self.name)
            self.all.come_first()
        except OSError as error:
            self.__exit__()
            raise Unable(f"control groups cannot be made here: {error}")
        return self

    @staticmethod
    def delegate(folder):
        """Lets the groups below have processor limits of their own."""
        control = folder / "cgroup.subtree_control"
        if "cpu" not in control.read_text().split():
            control.write_text("+cpu")

    def __exit__(self, *_):
        if self.all:
            self.all.remove()
