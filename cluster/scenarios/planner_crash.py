"""A job whose planning process is killed each time fails with that reason after two attempts; the coordinator and the
next job do not notice, and a restart does not begin it again."""

import contextlib
import os
import signal
import threading
import time

from harness import expect

SMOKE = True


def run(cluster):
    cluster.serve()
    cluster.join("a")
    job = cluster.submit()
    over = threading.Event()

    def kill():
        while not over.is_set():
            for process in cluster.planning_processes():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGSEGV)

    killer = threading.Thread(target=kill, daemon=True)
    began = time.monotonic()
    killer.start()
    try:
        summary = cluster.wait(job, "failed", 60)
    finally:
        over.set()
        killer.join()
    expect("2 attempts" in summary["detail"] and "signal 11" in summary["detail"], summary["detail"])
    expect(summary["failure"] == "planner", summary["failure"])
    cluster.crash_coordinator()
    expect(cluster.job(job)["stage"] == "failed", "the job came back")
    cluster.wait(cluster.submit())
    return time.monotonic() - began
