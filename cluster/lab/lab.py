#!/usr/bin/env python3
"""Measures how proving grows with workers, on machines made of namespaces and processor quotas.

Every worker is a machine with a part of a processor and a cable of its own, so that eight of an eighth of a processor scale
on one processor as eight machines would. For each number of workers a coordinator and workers start from nothing, prove the
model with cold keys, and then again with warm ones. Needs root, and a kernel with network namespaces and control groups.
"""

import argparse
import contextlib
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import units  # noqa: E402
from harness import ROOT, Failed, expect, until  # noqa: E402
from machines import Network, sweep  # noqa: E402
from quotas import PREFIX, Quotas, Unable  # noqa: E402

EXAMPLES = """examples:
  # one, two, four and eight machines of an eighth of a processor, 20 ms and 100 Mbit/s away
  sudo cluster/lab/lab.py --workers 1,2,4,8 --rtt 20ms --rate 100mbit --quota 12%
  # a model of yours, ten runs with warm keys, as data too
  sudo cluster/lab/lab.py --model m.onnx --input m.json --runs 10 --keys warm --json lab.json
  # where the time goes: idle time, critical path, what limits now
  sudo cluster/lab/lab.py --workers 1,2,4,8 --report scaling
  # options of 'submit' come last
  sudo cluster/lab/lab.py --workers 4,16 --quota 10% -- --max-constraints 4096
  # what a lab that was killed (-9) has left behind
  sudo cluster/lab/lab.py --sweep

exit codes:
  0    done; every proof was accepted
  1    a job failed, or a proof was rejected
  2    wrong command line
  3    a file is missing
  77   this machine cannot: not root, or no namespaces or control groups
  130  interrupted; everything is removed then too
"""


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="cluster/lab/lab.py [OPTIONS] [-- OPTIONS OF SUBMIT]")
    add = parser.add_argument
    add("--workers", type=units.counts, default="1,2,4,8", metavar="LIST", help="numbers of workers (default: %(default)s)")
    add("--quota", type=units.share, default="12%", help="of one processor, for each worker (default: %(default)s)")
    add("--coordinator-quota", type=units.share, default="100%", metavar="QUOTA", help="the coordinator's (default: %(default)s)")
    add("--rtt", type=units.seconds, default="20ms", help="from a worker to the coordinator and back (default: %(default)s)")
    add("--rate", type=units.rate, default="100mbit", help="of every worker's cable, each way, or none (default: %(default)s)")
    add("--model", type=Path, default=ROOT / "examples/stacked_blocks.onnx", help="(default: examples/stacked_blocks.onnx)")
    add("--input", type=Path, help="(default: beside the model, m_input.json for m.onnx)")
    add("--runs", type=int, default=3, metavar="K", help="jobs for each line of the table (default: %(default)s)")
    add("--keys", default="cold,warm", help="cold: coordinator and workers start from nothing each time (default: %(default)s)")
    add("--degree", type=int, default=16, help="size of the development parameters, 2^N (default: %(default)s)")
    add("--report", type=Path, metavar="DIR",
        help="one network of the most workers, on which 'bench cluster' measures all numbers of them; its report goes to DIR")
    add("--json", type=Path, metavar="FILE", help="the table as data, with every run")
    add("--binaries", type=Path, default=ROOT / ".build/release", metavar="DIR", help="(default: .build/release)")
    add("--relay", action="store_true", help="delay in user space though the kernel has netem")
    add("--keep", action="store_true", help="keep logs and documents, and say where")
    add("--sweep", action="store_true", help="only remove what killed labs left behind")
    add("submit", nargs="*", help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.keys = options.keys.split(",")
    if not set(options.keys) <= {"cold", "warm"}:
        parser.error("--keys is cold, warm or cold,warm")
    if options.runs < 1:
        parser.error("--runs must be at least 1")
    options.input = options.input or options.model.with_name(f"{options.model.stem}_input.json")
    return options


class Lab:
    """A coordinator and workers on machines of their own, and the jobs that are measured on them."""

    def __init__(self, options, network, folder):
        self.options, self.network, self.folder = options, network, folder
        self.coordinator = network.machine("coordinator", options.coordinator_quota, shaped=False)
        self.workers = [network.machine(f"w{number}", options.quota) for number in range(1, max(options.workers) + 1)]
        self.near = network.quotas.group("client")  # The submitting client and the relay: no machines, but they use processors.
        self.running = []
        self.jobs = 0
        self.srs = folder / "parameters"
        self.command("srs", "generate", "--degree", options.degree, home=self.srs)

    def program(self, name):
        return self.options.binaries / name

    def command(self, *words, home=None):
        """The output of a command of the coordinator's administrator."""
        done = subprocess.run(
            [str(word) for word in (self.program("ezkl-coord"), *words, "--home", home or self.home)], stdin=subprocess.DEVNULL,
            capture_output=True, text=True, start_new_session=True, preexec_fn=self.near.enter)
        expect(done.returncode == 0, f"'{' '.join(map(str, words))}' ended with {done.returncode}: {done.stderr}{done.stdout}")
        return done.stdout

    def start(self, machine, name, words, ready):
        log = self.place / f"{name}.log"
        process = machine.start(words, log)
        self.running.append(process)
        return process, lambda: until(f"'{ready}' from {name}", 120, lambda: self.says(process, name, log, ready))

    @staticmethod
    def says(process, name, log, ready):
        text = log.read_text(errors="replace")
        expect(ready in text or process.poll() is None, f"{name} ended: {text[-2000:]}")
        return text if ready in text else None

    @contextlib.contextmanager
    def cluster(self, count):
        """A coordinator and so many workers, from empty folders."""
        self.place = Path(tempfile.mkdtemp(prefix=f"{count}-", dir=self.folder))
        self.home = self.place / "coordinator"
        self.traffic = {}
        (self.home / "srs").mkdir(parents=True, mode=0o700)
        self.home.chmod(0o700)
        shutil.copy(self.srs / "srs/development.srs", self.home / "srs")
        try:
            _, ready = self.start(
                self.coordinator, "coordinator",
                [self.program("ezkl-coord"), "serve", "--listen", f"{self.coordinator.address}:9000", "--home", self.home],
                "listening on")
            ready()
            address = self.reached(f"{self.coordinator.address}:9000")
            token = self.place / "token"
            token.write_text(self.command("token", "create"))
            threads = max(1, round(self.options.quota or len(os.sched_getaffinity(0))))
            joined = [
                self.start(
                    machine, machine.name,
                    [self.program("ezkl-worker"), "join", address, "--token-file", token, "--name", machine.name,
                     "--home", self.place / machine.name, "--threads", threads], "joined")[1]
                for machine in self.workers[:count]]
            for ready in joined:
                ready()
            yield
        finally:
            for process in self.running:
                process.kill()
            for process in self.running:
                process.wait()
            self.running.clear()

    def reached(self, address):
        """Where workers find the coordinator: at the near end of a cable in user space, unless the kernel has one."""
        options = self.options
        if self.network.in_kernel or not (options.rtt or options.rate):
            return address
        log = self.place / "relay.log"
        rate = f"{options.rate / 125}kbit" if options.rate else "none"
        with open(log, "wb") as file:
            relay = subprocess.Popen(
                [sys.executable, str(HERE / "relay.py"), "--listen", f"{self.network.address}:0", "--to", address,
                 "--rtt", f"{options.rtt * 1000}ms", "--rate", rate],
                stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT, start_new_session=True, preexec_fn=self.near.enter)
        self.running.append(relay)
        text = until("the relay", 20, lambda: self.says(relay, "relay", log, "relaying at"))
        return text.split("relaying at ", 1)[1].split()[0]

    def job(self, count):
        """Proves the model once; returns what was measured."""
        self.jobs += 1
        document = self.place / f"proof-{self.jobs}.json"
        workers = self.workers[:count]
        before, busy, began = [w.group.seconds for w in workers], self.others(), time.monotonic()
        self.command("submit", self.options.model, "--input", self.options.input, "--to", f"{self.coordinator.address}:9000",
                     "--workers", count, "--out", document, *self.options.submit)
        wall = time.monotonic() - began
        used = sum(w.group.seconds for w in workers) - sum(before)
        others = max(0.0, self.others() - busy) / wall
        self.command("verify", document)
        timings = json.loads(document.read_text())["timings"]
        self.count_traffic(timings["workers"])
        return {"wall_seconds": wall, "worker_cpu_seconds": used, "other_processors": others, "timings": timings}

    def report(self):
        """Has one network measured by 'bench cluster'; returns what that says."""
        options = self.options
        with self.cluster(max(options.workers)):
            return self.command(
                "bench", "cluster", options.model, "--input", options.input, "--to", f"{self.coordinator.address}:9000",
                "--workers", ",".join(map(str, options.workers)), "--repeat", options.runs, "--keys", ",".join(options.keys),
                "--out", options.report, *options.submit)

    def count_traffic(self, workers):
        """Documents count a worker's bytes since it connected; what this job took is the difference to the one before."""
        for worker in workers:
            for name in ("bytes_received", "bytes_sent"):
                key, total = (worker["name"], name), worker[name]
                worker[name] = total - self.traffic.get(key, 0)
                self.traffic[key] = total

    def others(self):
        """Processor seconds that this machine has spent on anything but the lab."""
        first = Path("/proc/stat").read_text().splitlines()[0].split()[1:]
        user, nice, system, _, _, irq, softirq, steal = map(int, first[:8])
        ticks = user + nice + system + irq + softirq + steal
        return ticks / os.sysconf("SC_CLK_TCK") - self.network.quotas.all.seconds

    def line(self, count, keys, runs):
        """One line of the table: medians, and every run."""
        middle = lambda values: statistics.median(list(values))
        timing = lambda name: middle(run["timings"].get(name, 0) for run in runs)
        per_worker = lambda name: middle(sum(worker[name] for worker in run["timings"]["workers"]) / count for run in runs)
        wall = middle(run["wall_seconds"] for run in runs)
        allowed = (self.options.quota or 1) * count
        return {
            "workers": count, "keys": keys, "wall_seconds": wall,
            "wall_least": min(run["wall_seconds"] for run in runs), "wall_most": max(run["wall_seconds"] for run in runs),
            "plan_seconds": timing("plan_seconds"), "key_seconds": timing("index_seconds"),
            "prove_seconds": timing("prove_seconds"),
            "bytes_received_per_worker": per_worker("bytes_received"), "bytes_sent_per_worker": per_worker("bytes_sent"),
            "worker_cpu_seconds": middle(run["worker_cpu_seconds"] for run in runs),
            "busy": middle(run["worker_cpu_seconds"] / run["wall_seconds"] for run in runs) / allowed,
            "other_processors": middle(run["other_processors"] for run in runs), "runs": runs}

    def measure(self):
        """All lines, each printed as soon as it is there."""
        options, lines = self.options, []
        header()
        for count in options.workers:
            cold = []
            for _ in range(options.runs if "cold" in options.keys else 1):
                with self.cluster(count):
                    cold.append(self.job(count))
                    last = "cold" not in options.keys or len(cold) == options.runs
                    warm = [self.job(count) for _ in range(options.runs)] if last and "warm" in options.keys else []
            for keys, runs in (("cold", cold), ("warm", warm)):
                if keys in options.keys:
                    line = self.line(count, keys, runs)
                    base = next((other for other in lines if other["keys"] == keys), line)
                    line["speed_up"] = base["wall_seconds"] / line["wall_seconds"]
                    line["efficiency"] = line["speed_up"] * base["workers"] / count
                    lines.append(line)
                    show(line)
        return lines


def header():
    print(f"{'workers':>7}  {'keys':4}  {'wall s':>7}  {'least–most':>13}  {'speed-up':>8}  {'efficiency':>10}  {'plan s':>6}  "
          f"{'keys s':>6}  {'proof s':>7}  {'KiB in':>8}  {'KiB out':>7}  {'cpu s':>6}  {'busy':>5}  {'others':>6}", flush=True)


def show(line):
    between = f"{line['wall_least']:.2f}–{line['wall_most']:.2f}"
    print(f"{line['workers']:7}  {line['keys']:4}  {line['wall_seconds']:7.2f}  {between:>13}  {line['speed_up']:8.2f}  "
          f"{line['efficiency']:10.0%}  {line['plan_seconds']:6.2f}  {line['key_seconds']:6.2f}  {line['prove_seconds']:7.2f}  "
          f"{line['bytes_received_per_worker'] / 1024:8.1f}  {line['bytes_sent_per_worker'] / 1024:7.1f}  "
          f"{line['worker_cpu_seconds']:6.2f}  {line['busy']:5.0%}  {line['other_processors']:6.2f}", flush=True)


def conditions(options, network):
    """What the numbers were measured under; printed first, and part of the data."""
    processors = len(os.sched_getaffinity(0))
    asked = (options.quota or processors) * max(options.workers) + (options.coordinator_quota or 0)
    delay = "none" if not (options.rtt or options.rate) else "netem" if network.in_kernel else "relay"
    return {
        "model": options.model.name, "submit": options.submit, "host_processors": processors, "worker_quota": options.quota,
        "coordinator_quota": options.coordinator_quota, "rtt_seconds": options.rtt, "rate_bytes_per_second": options.rate,
        "delay_by": delay, "cgroup_version": network.quotas.version, "oversubscribed": asked > processors}


def explain(facts, options):
    why = "as --relay says" if options.relay else "for this kernel has no netem"
    delay = {"none": "no delay", "netem": "delay by the kernel (netem)", "relay": f"delay by a relay in user space, {why}"}
    print(f"{facts['model']} on {facts['host_processors']} processors, control groups version {facts['cgroup_version']}; "
          f"{delay[facts['delay_by']]}")
    if facts["oversubscribed"]:
        print("note: all quotas together are more than this machine has; where machines are busy at the same time, "
              "they are slower than they say")


def run(options):
    sweep()
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    try:
        in_kernel = False if options.relay else None
        with Quotas() as quotas, Network(quotas, options.rtt, options.rate, in_kernel) as network:
            try:
                facts = conditions(options, network)
                explain(facts, options)
                lab = Lab(options, network, folder)
                if options.report:
                    print(lab.report(), end="")
                    return
                lines = lab.measure()
            finally:
                # Processes first: a namespace lives as long as one is in it.
                quotas.all.remove()
        print("wall: of submit, from start to document; speed-up and efficiency against the first line with the same keys;\n"
              "KiB: per worker and job; cpu: of all workers together; busy: of their quotas; others: processors used by "
              "what is not the lab")
        if options.json:
            options.json.write_text(json.dumps({"conditions": facts, "lines": lines}, indent=2) + "\n")
    finally:
        if options.keep:
            (folder / "kept").touch()  # For sweep.
            print(f"logs and documents are in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def interrupted(*_):
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # Once is enough: what follows removes everything.
    raise KeyboardInterrupt


def main():
    options = arguments()
    fail = lambda code, text: (print(f"lab: {text}", file=sys.stderr), code)[1]
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupted)
    try:
        if os.geteuid() != 0:
            raise Unable("needs root, for network namespaces and control groups: run it with sudo")
        if options.sweep:
            print(f"removed {sweep()}")
            return 0
        for file in (options.model, options.input, *map(options.binaries.joinpath, ("ezkl-coord", "ezkl-worker"))):
            if not file.exists():
                return fail(3, f"{file} is not there")
        run(options)
        return 0
    except Unable as reason:
        return fail(77, reason)
    except Failed as reason:
        return fail(1, reason)
    except KeyboardInterrupt:
        return fail(130, "interrupted; everything is removed")


if __name__ == "__main__":
    sys.exit(main())
