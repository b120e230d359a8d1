#!/usr/bin/env python3
"""Compares this prover with snarkVM 4.12 (PyPI aleo-sdk 0.8.0) on circuits of the same shape, in one run.

    snarkvm.py [--json] [--runs N] [--threads 1,2] [--cases hashes,products,batch] [--parameters DIR]

For every case an Aleo program gives snarkVM a circuit. Its verifying key tells the shape (public variables, variables,
constraints, nonzeros of A, B and C), and `ezkl-bench peer` makes a satisfiable circuit of that shape with full-size
random values. Both sides stay alive and work alternately: make the key, prove, verify. Printed are ratios ours/snarkVM of
CPU seconds (user and system, all threads) and of wall time: the median of the runs, and the smallest and largest.

snarkVM's key synthesis is measured as execution without a key minus execution with one. Makes its own virtual
environment beside this file. Circuits with more than 2^15 nonzeros need Aleo's file powers-of-beta-16.usrs:
`ezkl-coord srs fetch` gets it; --parameters names the folder it is in.
"""
import argparse
import hashlib
import http.server
import json
import os
import pathlib
import resource
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ENVIRONMENT = HERE / ".venv"
PACKAGE = "aleo-sdk==0.8.0"
HEIGHT = 22_437_001  # Varuna V3 on mainnet
STATE_ROOT = "sr1wjueje6hy86yw9j4lhl7jwvhjxwunw34paj4k3cn2wm5h5r2syfqd83yw4"  # any well-formed root will do
PRIVATE_KEY = "APrivateKey1zkp8CZNn3yeCseEtxuVPbDCwSyhGW6yZKUYKfgXmcpoGPWH"  # a throwaway test key
POWERS = "powers-of-beta-16.usrs"


def function(lines):
    return "function main:\n" + "".join(f"    {line};\n" for line in lines)


def hashes(count):
    lines = ["input r0 as field.public"]
    lines += [f"hash.psd4 r{i} into r{i + 1} as field" for i in range(count)]
    return function(lines + [f"output r{count} as field.public"])


def products(count):
    lines = ["cast self.signer into r0 as field"]
    return function(lines + [f"mul r{i} r0 into r{i + 1}" for i in range(count)])


# Programs, callees first, the one that is executed last; its inputs; instances by program.
CASES = {
    "hashes": ([("hashes.aleo", hashes(3))], ["3field"], [1]),
    "products": ([("products.aleo", products(7100))], [], [1]),
    "batch": (
        [
            ("leaf.aleo", function(["add 1field 2field into r0"])),
            ("batch.aleo", function(["call leaf.aleo/main"] * 7)),
        ],
        [],
        [7, 1],
    ),
}


class Usage:
    """CPU and wall seconds of a piece of work in this process."""

    def __enter__(self):
        self.start = self.now()
        return self

    def __exit__(self, *_):
        self.cpu, self.wall = (end - start for end, start in zip(self.now(), self.start))

    @staticmethod
    def now():
        used = resource.getrusage(resource.RUSAGE_SELF)
        return used.ru_utime + used.ru_stime, time.monotonic()


class SnarkVM:
    """One program under snarkVM."""

    def __init__(self, case, node):
        from aleo import mainnet

        self.net = mainnet
        sources, self.inputs, _ = CASES[case]
        self.programs = []
        for i, (name, body) in enumerate(sources):
            imports = "".join(f"import {callee};\n" for callee, _ in sources[:i])
            self.programs.append((name, f"{imports}program {name};\n\n{body}"))
        self.node = node
        self.execution = None
        self.index()

    def locator(self, name):
        return self.net.ProgramID.from_string(name), self.net.Identifier.from_string("main")

    def authorize(self):
        key = self.net.PrivateKey.from_string(PRIVATE_KEY)
        values = [self.net.Value.parse(value) for value in self.inputs]
        return self.process.authorize(key, *self.locator(self.programs[-1][0]), values)

    def index(self):
        self.process = self.net.Process.load()
        for _, source in self.programs:
            self.process.add_program(self.net.Program.from_source(source))
        authorizations = [self.authorize(), self.authorize()]
        with Usage() as both:
            self.process.execute(authorizations[0])
        with Usage() as execution:
            self.process.execute(authorizations[1])
        return both.cpu - execution.cpu, both.wall - execution.wall

    def shapes(self):
        """(public variables, variables, constraints, nonzeros of A, B, C) of every program's circuit."""
        keys = [self.process.get_verifying_key(*self.locator(name)).bytes() for name, _ in self.programs]
        return [list(struct.unpack("<6Q", bytes(key)[1:49])) for key in keys]

    def prove(self):
        _, trace = self.process.execute(self.authorize())
        trace.prepare(self.net.Query.rest(self.node))
        with Usage() as usage:
            self.execution = trace.prove_execution(self.programs[-1][0] + "/main", HEIGHT)
        return usage.cpu, usage.wall

    def verify(self):
        if self.execution is None:
            self.prove()
        with Usage() as usage:
            self.process.verify_execution(self.execution, HEIGHT)
        return usage.cpu, usage.wall


class Node(http.server.BaseHTTPRequestHandler):
    """The two answers that proving wants from a node; on the loopback interface only."""

    def do_GET(self):
        body = (f'"{STATE_ROOT}"' if "stateRoot" in self.path else str(HEIGHT)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def serve_snarkvm(case):
    """The measured child process: answers commands as `ezkl-bench peer` does, after one line with the shapes."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Node)
    child = os.fork()  # not a thread: snarkVM holds the interpreter's lock while it asks
    if child == 0:
        server.serve_forever()
    try:
        peer = SnarkVM(case, f"http://127.0.0.1:{server.server_port}")
        print(json.dumps(peer.shapes()), flush=True)
        for line in sys.stdin:
            cpu, wall = getattr(peer, line.strip())()
            print(json.dumps({"cpu": cpu, "wall": wall}), flush=True)
    finally:
        os.kill(child, 9)


class Peer:
    """A child process that answers commands with times."""

    def __init__(self, command, **environment):
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment}
        )

    def line(self):
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"{self.process.args[0]} ended with {self.process.wait()}")
        return json.loads(answer)

    def ask(self, command):
        try:
            self.process.stdin.write(command + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # its answer says that it ended
        return self.line()

    def close(self):
        self.process.kill()
        self.process.wait()


def compare(case, threads, runs, bench, home):
    _, _, instances = CASES[case]
    theirs = Peer(
        [str(ENVIRONMENT / "bin" / "python"), __file__, "--peer", case], HOME=home, RAYON_NUM_THREADS=str(threads)
    )
    shapes = theirs.line()
    command = [bench, "peer", "--threads", str(threads), "--instances", ",".join(map(str, instances))]
    for shape in shapes:
        command += ["--shape", ",".join(map(str, shape))]
    ours = Peer(command)
    ratios = {}
    try:
        for step, count in [("index", max(1, runs // 2)), ("prove", runs), ("verify", 4 * runs)]:
            for i in range(count):
                times = [(peer, peer.ask(step)) for peer in ((ours, theirs) if i % 2 else (theirs, ours))]
                times = {peer: time for peer, time in times}
                for kind in ("cpu", "wall"):
                    sample = (times[ours][kind], times[theirs][kind])
                    ratios.setdefault((step, kind), []).append(sample)
    finally:
        ours.close()
        theirs.close()
    return shapes, ratios


def median_ratio(samples):
    return statistics.median(ours / theirs for ours, theirs in samples)


def show(case, threads, shapes, ratios):
    print(f"\n{case}, {threads} thread{'s' * (threads > 1)}: {' + '.join(f'{s[2]} constraints' for s in shapes)}")
    print(f"  {'':8} {'':4} {'ours':>9} {'snarkVM':>9} {'ratio':>7}   spread")
    for (step, kind), samples in ratios.items():
        each = sorted(ours / theirs for ours, theirs in samples)
        ours, theirs = (statistics.median(column) for column in zip(*samples))
        print(
            f"  {step:8} {kind:4} {ours:8.3f}s {theirs:8.3f}s {statistics.median(each):7.3f}   "
            f"{each[0]:.3f}..{each[-1]:.3f} of {len(each)}",
            flush=True,
        )


def install():
    """The environment with snarkVM; made once."""
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", ENVIRONMENT], check=True)
    if subprocess.run([python, "-c", "import aleo"], stderr=subprocess.DEVNULL).returncode:
        subprocess.run(
            [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", PACKAGE], check=True
        )


def build():
    """The benchmark executable of this checkout."""
    command = ["swift", "build", "-c", "release", "--package-path", str(HERE.parent), "--product", "ezkl-bench"]
    subprocess.run(command, check=True, stdout=sys.stderr)
    found = subprocess.run([*command, "--show-bin-path"], check=True, capture_output=True, text=True)
    return str(pathlib.Path(found.stdout.strip()) / "ezkl-bench")


def give_parameters(home, folders):
    """Puts the larger powers where snarkVM looks for them, named after their checksum."""
    for folder in folders:
        for file in folder.glob(POWERS + "*"):
            data = file.read_bytes()
            resources = pathlib.Path(home) / ".aleo" / "resources"
            resources.mkdir(parents=True, exist_ok=True)
            (resources / f"{POWERS}.{hashlib.sha256(data).hexdigest()[:7]}").write_bytes(data)
            return True
    return False


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print the ratios as JSON at the end, the table on stderr")
    parser.add_argument("--runs", type=int, default=5, help="proofs of each side per case (default: 5)")
    parser.add_argument("--threads", default="1,2", help="numbers of threads (default: 1,2)")
    parser.add_argument("--cases", default=",".join(CASES), help="default: %(default)s")
    parser.add_argument("--parameters", type=pathlib.Path, help=f"folder with {POWERS}")
    parser.add_argument("--bench", help="ezkl-bench to measure (default: built from this checkout)")
    parser.add_argument("--peer", choices=CASES, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.peer:
        return serve_snarkvm(arguments.peer)
    install()
    bench = arguments.bench or build()
    folders = [pathlib.Path.home() / ".aleo" / "resources"]
    if arguments.parameters:
        folders.insert(0, arguments.parameters)
    home = tempfile.mkdtemp(prefix="ezkl-compare-")
    results, output = [], sys.stdout
    if arguments.json:
        sys.stdout = sys.stderr
    try:
        if not give_parameters(home, folders):
            print(f"no {POWERS} found: snarkVM will fail on circuits with more than 2^15 nonzeros", file=sys.stderr)
        for case in arguments.cases.split(","):
            for threads in map(int, arguments.threads.split(",")):
                try:
                    shapes, ratios = compare(case, threads, arguments.runs, bench, home)
                except RuntimeError as error:
                    print(f"{case}: skipped: {error}", file=sys.stderr)
                    continue
                show(case, threads, shapes, ratios)
                results.append(
                    {
                        "name": case,
                        "threads": threads,
                        "constraints": max(shape[2] for shape in shapes),
                        "cpu_ratio": median_ratio(ratios["prove", "cpu"]),
                        "wall_ratio": median_ratio(ratios["prove", "wall"]),
                        "index_cpu_ratio": median_ratio(ratios["index", "cpu"]),
                        "verify_cpu_ratio": median_ratio(ratios["verify", "cpu"]),
                    }
                )
    finally:
        shutil.rmtree(home, ignore_errors=True)
    if arguments.json:
        print(json.dumps({"cases": results}, indent=2), file=output)
    return 0 if results else 1


if __name__ == "__main__":
    sys.exit(main())
