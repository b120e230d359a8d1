"""Runs a command and measures it: wall time, CPU seconds and peak memory, of itself and of every child process.

CPU seconds and peak memory of the children come from /proc, which is read every few milliseconds and at every line that
the command prints; those of the command itself from the kernel's accounting when it ends.
"""
import contextlib
import os
import pathlib
import signal
import subprocess
import threading
import time

TICKS = os.sysconf("SC_CLK_TCK")
INTERVAL = 0.05
GRACE = 10  # seconds between the polite signal and the other one


class Process:
    """What /proc told last about one process: CPU seconds, and its peak resident bytes."""

    def __init__(self):
        self.cpu = 0.0
        self.peak = 0

    def read(self, pid):
        # A process may end between two reads; then the last values stand.
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            self.cpu = max(self.cpu, (int(fields[11]) + int(fields[12])) / TICKS)
            for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    self.peak = max(self.peak, int(line.split()[1]) * 1024)


class Run:
    """A finished command: `code`, `timed_out`, `wall`, `cpu` and `peak` of itself, `children` by process id."""

    def __init__(self, command, timeout, on_line=lambda line, run: None, **options):
        self.children = {}
        self._own = Process()
        self.timed_out = False
        self._lock = threading.Lock()
        self._ended = threading.Event()
        start = time.monotonic()
        self._process = subprocess.Popen(
            [str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
        )
        threads = [threading.Thread(target=task) for task in (self._watch, self._collect_errors)]
        for thread in threads:
            thread.start()
        limit = threading.Timer(timeout, self._stop)
        limit.start()
        for line in self._process.stdout:
            self.sample()
            on_line(line, self)
        _, status, usage = os.wait4(self._process.pid, 0)
        self.wall = time.monotonic() - start
        limit.cancel()
        self._ended.set()
        for thread in threads:
            thread.join()
        self.code = self._process.returncode = os.waitstatus_to_exitcode(status)
        # The kernel's figures include those children that were waited for.
        total = usage.ru_utime + usage.ru_stime
        self.cpu = max(0.0, total - self.children_cpu)
        self.peak = usage.ru_maxrss * 1024

    @property
    def children_cpu(self):
        return sum(child.cpu for child in self.children.values())

    @property
    def cpu_so_far(self):
        """CPU seconds of the command itself, then of its children, as they were last read."""
        return self._own.cpu, self.children_cpu

    def sample(self):
        with self._lock:
            self._own.read(self._process.pid)
            tasks = pathlib.Path(f"/proc/{self._process.pid}/task")
            with contextlib.suppress(OSError):
                for task in tasks.iterdir():
                    with contextlib.suppress(OSError):
                        for pid in (task / "children").read_text().split():
                            self.children.setdefault(int(pid), Process())
            for pid, child in self.children.items():
                child.read(pid)

    def _watch(self):
        while not self._ended.wait(INTERVAL):
            self.sample()

    def _collect_errors(self):
        self.errors = self._process.stderr.read()

    def _stop(self):
        self.timed_out = True
        for number in (signal.SIGINT, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process.pid, number)
            if self._ended.wait(GRACE):
                return
