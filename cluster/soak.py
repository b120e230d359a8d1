#!/usr/bin/env python3
"""Random jobs under random faults for some minutes, then an account of all of it.

usage: cluster/soak.py [--minutes M] [--seed N] [--binaries DIR] [--keep]

At the end every job is done with a proof that is accepted, or failed or cancelled with a reason; nothing of ended jobs is left
on the coordinator's disk; and memory, descriptors and threads of all processes are where they began.
"""

import argparse
import collections
import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import time

sys.dont_write_bytecode = True
from harness import INPUT, MODEL, ROOT, Cluster, Failed, Skipped, expect, squares, until  # noqa: E402
from netspace import Namespace  # noqa: E402

# Unfinished jobs that are wanted at a time.
BUSY = 5
# Seconds for everything to come to an end when the faults have ended.
PATIENCE = 420


class Soak:
    """One run: a coordinator, two workers beside it, one at the end of a cable."""

    def __init__(self, cluster, space, seed):
        self.cluster, self.space = cluster, space
        self.random = random.Random(seed)
        self.jobs = {}
        self.cancelled = set()
        self.faults = collections.Counter()
        self.later = []
        self.port = 0
        self.number = 0

    def serve(self):
        self.cluster.serve(host=self.space.outside if self.space else "127.0.0.1", port=self.port)
        self.port = self.cluster.address.rsplit(":", 1)[1]

    def join(self, name):
        if name == "far":
            self.space.join(self.cluster, "far", wait=False)
        else:
            self.cluster.join(name, wait=False)

    def begin(self):
        self.cluster.small_disk(self.cluster.home, "256M")
        self.serve()
        for name in ("a", "b") + (("far",) if self.space else ()):
            self.join(name)
            self.cluster.workers[name].wait_for("joined")
        for options in ((), ("--activation-bits", "9", "--any-accuracy")):
            self.cluster.wait(self.cluster.submit("--workers", "2", *options))
        for number in range(6):
            self.cluster.wait(self.cluster.submit_circuits(squares(self.cluster.folder, 20000, f"warm{number}")))

    # What is measured

    def measure(self):
        """Memory in MiB, descriptors and threads of every process."""
        found = {}
        for name, program in [("coordinator", self.cluster.server), *self.cluster.workers.items()]:
            # `ip netns exec` becomes the program that it runs.
            folder = f"/proc/{program.process.pid}"
            with open(f"{folder}/status") as file:
                fields = dict(line.split(":", 1) for line in file)
            found[name] = (int(fields["VmRSS"].split()[0]) // 1024, len(os.listdir(f"{folder}/fd")), int(fields["Threads"]))
        return found

    def leftovers(self):
        """Files of the coordinator that belong to no document and are no parameters."""
        home = self.cluster.home
        staging = list((home / "planning").glob("*")) if (home / "planning").exists() else []
        files = [path for path in (home / "artifacts").iterdir() if path.is_file()]
        return [*staging, *(path for path in files if path.name.endswith(".tmp"))], files

    # Jobs

    def submit(self):
        kind = self.random.choices(
            ("model", "other", "circuits", "hasty", "unplaceable", "unreadable"), (6, 2, 4, 1, 1, 1))[0]
        priority = ("--priority", self.random.choice(("low", "normal", "high")))
        workers = ("--workers", str(self.random.randint(1, 3)))
        model, options = MODEL, [*priority, *workers]
        if kind == "other":
            options += ["--activation-bits", str(self.random.randint(8, 11)), "--any-accuracy"]
        elif kind == "hasty":
            options += ["--deadline", "1s"]
        elif kind == "unplaceable":
            options[-1] = "9"
        elif kind == "unreadable":
            model = INPUT
        elif kind == "circuits":
            self.number += 1
            files = squares(self.cluster.folder, self.random.choice((500, 3000, 20000)), f"c{self.number}")
            code, output, _ = self.cluster.command(
                "prove-r1cs", *files, "--to", self.cluster.address, "--detach", *priority)
            return self.note(kind, code, output)
        code, output, errors = self.cluster.command(
            "submit", model, "--input", INPUT, "--to", self.cluster.address, "--detach", *options)
        if kind == "unreadable":
            expect(code != 0 and errors.strip(), f"a model that is none was taken: {code} {output}")
            return
        self.note(kind, code, output)

    def note(self, kind, code, output):
        # A coordinator that is away or has no room refuses; that is a word, not a job.
        if code == 0:
            self.jobs[output.strip()] = kind
        else:
            self.faults["submissions refused"] += 1

    def unfinished(self):
        code, output, _ = self.cluster.command("jobs", "--all", "--json")
        if code != 0:
            return None
        import json

        return [job["id"] for job in json.loads(output) if job["stage"] not in ("done", "failed", "cancelled")]

    def cancel(self):
        going = self.unfinished()
        if going:
            job = self.random.choice(going)
            if self.cluster.command("cancel", job)[0] == 0:
                self.cancelled.add(job)

    # Faults

    def after(self, seconds, action):
        self.later.append((time.monotonic() + seconds, action))

    def revive(self):
        """Starts again what has ended."""
        for name, program in list(self.cluster.workers.items()):
            if not program.is_alive:
                self.join(name)
        for moment, action in list(self.later):
            if time.monotonic() >= moment:
                self.later.remove((moment, action))
                action()

    def fault(self):
        faults = {
            "worker killed": (5, self.kill_worker), "worker stopped": (3, self.stop_worker),
            "coordinator killed": (2, self.kill_coordinator), "coordinator stopped by signal": (1, self.end_coordinator),
            "coordinator frozen": (1, self.freeze_coordinator), "planner killed": (3, self.kill_planner),
            "client killed": (3, self.kill_client), "job cancelled": (3, self.cancel), "garbage": (3, self.garbage),
            "disk full": (1, self.fill_disk),
        }
        if self.space:
            faults["cable cut"] = (4, self.cut)
        name = self.random.choices(list(faults), [weight for weight, _ in faults.values()])[0]
        self.faults[name] += 1
        faults[name][1]()

    def worker(self):
        return self.cluster.workers[self.random.choice(sorted(self.cluster.workers))]

    def kill_worker(self):
        self.worker().kill()

    def stop_worker(self):
        worker = self.worker()
        if worker.is_alive:
            worker.send(signal.SIGSTOP)
            self.after(self.random.uniform(1, 20), lambda: worker.is_alive and worker.send(signal.SIGCONT))

    def kill_coordinator(self):
        self.cluster.server.kill()
        time.sleep(self.random.uniform(0, 5))
        self.serve()

    def end_coordinator(self):
        self.cluster.server.send(signal.SIGTERM)
        self.cluster.server.process.wait(timeout=60)
        self.serve()

    def freeze_coordinator(self):
        self.cluster.server.send(signal.SIGSTOP)
        time.sleep(self.random.uniform(1, 12))
        self.cluster.server.send(signal.SIGCONT)

    def kill_planner(self):
        for process in self.cluster.planning_processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def kill_client(self):
        client = subprocess.Popen(
            [str(self.cluster.program("ezkl-coord")), "submit", str(MODEL), "--input", str(INPUT), "--home", str(self.cluster.home),
             "--to", self.cluster.address, "--workers", "1", "--out", str(self.cluster.folder / "unused.json")],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(self.random.uniform(0, 2))
        client.kill()
        client.wait()

    def garbage(self):
        host, port = self.cluster.address.rsplit(":", 1)
        begin = self.random.choice((b"", b"EZKL\x01\x01\x00\x00", b"EZKL\x01\x02\x00\x00"))
        with contextlib.suppress(OSError), socket.create_connection((host, int(port)), timeout=2) as peer:
            peer.sendall(begin + self.random.randbytes(self.random.randint(0, 5000)))
            if self.random.random() < 0.5:
                peer.settimeout(1)
                peer.recv(100)

    def fill_disk(self):
        ballast = self.cluster.fill(self.cluster.home)
        self.after(self.random.uniform(1, 8), ballast.unlink)

    def cut(self):
        self.space.cut()
        self.after(self.random.uniform(1, 25), self.space.mend)

    # The run

    def run(self, seconds):
        end = time.monotonic() + seconds
        moment = time.monotonic() + 3
        while time.monotonic() < end:
            self.revive()
            going = self.unfinished()
            if going is not None and len(going) < BUSY:
                self.submit()
            if len(going or ()) >= 2 * BUSY:
                self.cancel()
            if time.monotonic() >= moment:
                self.fault()
                moment = time.monotonic() + self.random.uniform(1, 8)
            expect(self.cluster.server.is_alive, f"the coordinator ended by itself: {self.cluster.server.text[-3000:]}")
            time.sleep(0.2)

    def finish(self):
        """Ends all faults and waits for the end of all jobs."""
        while self.later:
            self.revive()
            time.sleep(0.1)
        until("the workers' return", 60, lambda: self.revive() or all(
            worker["state"] not in ("away",) for worker in self.cluster.json("worker", "list")))
        for worker in self.cluster.json("worker", "list"):
            expect(worker["state"] != "quarantined", f"an honest worker is quarantined: {worker}")
            self.cluster.run("worker", "uncordon", worker["name"])
        for job, kind in self.jobs.items():
            if kind == "unplaceable":
                self.cluster.command("cancel", job)
        until("the end of all jobs", PATIENCE, lambda: self.revive() or self.unfinished() == [], pause=1)

    def account(self):
        """Judges every job; returns how many ended how."""
        ends = collections.Counter()
        for job, kind in self.jobs.items():
            summary = self.cluster.job(job)
            stage = summary["stage"]
            if stage == "done":
                self.cluster.verify(job)
            else:
                expect(summary["detail"].strip(), f"job {job} is {stage} without a reason")
            if stage == "failed":
                print(f"  {kind} job {job} failed: {summary['detail']}", flush=True)
            ends[stage] += 1
        return ends


def compare(before, after):
    """What is not back where it began."""
    faults = []
    for name, (memory, files, threads) in after.items():
        old = before[name]
        # Which of the workers did what before is chance.
        if name != "coordinator":
            old = (max(entry[0] for other, entry in before.items() if other != "coordinator"), *old[1:])
        # Caches of keys, circuits and the allocator's arenas fill up once.
        for what, now, limit in (
                ("MiB of memory", memory, old[0] * 1.5 + 48), ("descriptors", files, old[1] + 4), ("threads", threads, old[2] + 6)):
            if now > limit:
                faults.append(f"{name} has {now} {what}, more than {limit:.0f}")
    return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--binaries", default=str(ROOT / ".build/release"))
    parser.add_argument("--keep", action="store_true", help="keep the folder")
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}, {options.minutes:g} minutes", flush=True)
    with contextlib.ExitStack() as stack:
        cluster = stack.enter_context(Cluster(options.binaries, options.keep))
        space = None
        try:
            space = stack.enter_context(Namespace())
        except Skipped as reason:
            print(f"without cuts of the network: {reason}", flush=True)
        soak = Soak(cluster, space, seed)
        try:
            soak.begin()
            before = soak.measure()
            soak.run(60 * options.minutes)
            began = time.monotonic()
            soak.finish()
            print(f"all jobs ended {time.monotonic() - began:.0f} s after the last fault", flush=True)
            ends = soak.account()
            time.sleep(5)
            after = soak.measure()
            strays, files = soak.leftovers()
            documents = sum(job["stage"] == "done" for job in cluster.json("jobs", "--all"))
            print("faults:", ", ".join(f"{count} {name}" for name, count in sorted(soak.faults.items())))
            print("jobs:", ", ".join(f"{count} {stage}" for stage, count in sorted(ends.items())))
            print("memory in MiB, descriptors, threads:")
            for name in after:
                print(f"  {name}: {before[name]} -> {after[name]}")
            print(f"files: {len(files)} artifacts for {documents} documents and the parameters, {len(strays)} strays")
            faults = compare(before, after)
            expect(not faults, "; ".join(faults))
            expect(not strays, f"files that nobody needs: {strays}")
            expect(len(files) <= documents + 2, f"{len(files)} artifacts for {documents} documents")
        except Failed as error:
            print(f"FAILED (seed {seed}): {error}", flush=True)
            for program in [cluster.server, *cluster.workers.values()]:
                if program:
                    print(f"--- {program.name}\n{program.text[-3000:]}")
            return 1
    print("ok")
    return 0


if __name__ == "__main__":
    sys.exit(main())
