"""A cluster of real processes in a throw-away folder, for fault scenarios.

Every scenario is a file of `scenarios/` with a docstring (what it pins down), `SMOKE` (whether `make test` runs it) and
`run(cluster)`, which returns the seconds from the fault to the recovery. What a machine cannot do is `Skipped`.
"""

import contextlib
import ctypes
import json
import os
import resource
import shutil
import signal
import struct
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"
MODEL = EXAMPLES / "digits_mlp.onnx"
INPUT = EXAMPLES / "digits_mlp_input.json"
FINAL = ("done", "failed", "cancelled")
# What the rounds are called in progress events, in their order.
ROUNDS = ("witness commitments", "row check", "line sums", "line check", "matrix commitments", "matrix check",
          "evaluations", "openings")


class Failed(Exception):
    """The scenario did not go as promised."""


class Skipped(Exception):
    """The machine cannot make this fault."""


def expect(condition, what):
    """Fails the scenario unless the condition holds."""
    if not condition:
        raise Failed(what)


def until(what, seconds, test, pause=0.1):
    """Waits until `test` gives something true and returns it."""
    deadline = time.monotonic() + seconds
    while True:
        result = test()
        if result:
            return result
        if time.monotonic() > deadline:
            raise Failed(f"waited {seconds} s for {what}")
        time.sleep(pause)


class Running:
    """A program whose output goes to a file."""

    def __init__(self, cluster, name, words, **options):
        self.name = name
        self.log = cluster.folder / f"{name}-{len(cluster.running)}.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [str(word) for word in words], stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, **options)
        cluster.running.append(self)

    @property
    def text(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    @property
    def is_alive(self):
        return self.process.poll() is None

    def send(self, number):
        self.process.send_signal(number)

    def kill(self):
        """Ends it as a power failure would."""
        if self.is_alive:
            self.process.kill()
        return self.process.wait()

    def wait_for(self, part, seconds=60):
        until(f"'{part}' from {self.name}", seconds, lambda: part in self.text or not self.is_alive)
        expect(part in self.text, f"{self.name} ended without '{part}': {self.text[-2000:]}")


class Cluster:
    """A coordinator, its workers, and an administrator's commands."""

    def __init__(self, binaries, keep=False):
        self.binaries = Path(binaries)
        self.folder = Path(tempfile.mkdtemp(prefix="ezkl-scenario-"))
        self.home = self.folder / "coordinator"
        self.keep = keep
        self.running = []
        self.workers = {}
        self.mounts = []
        self.server = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for program in self.running:
            if program.is_alive:
                with contextlib.suppress(ProcessLookupError):
                    program.send(signal.SIGCONT)
                program.kill()
        for place in reversed(self.mounts):
            subprocess.run(["umount", "-l", place], check=False)
        if not self.keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    # Programs

    def program(self, name):
        path = self.binaries / name
        if not path.exists():
            raise Skipped(f"{name} is not built")
        return path

    def serve(self, *options, host="127.0.0.1", port=0, said=None, heartbeat="1s", lease="10s", **process):
        """Starts the coordinator and waits until it listens; `said` is the file of its log, where it has one."""
        parameters(self.binaries, self.home)
        self.server = Running(
            self, "coordinator",
            [self.program("ezkl-coord"), "serve", "--listen", f"{host}:{port}", "--home", self.home,
             "--heartbeat", heartbeat, "--lease", lease, *options], **process)
        if said:
            self.server.log = said
        self.server.wait_for("listening on")
        return self.server

    @property
    def address(self):
        return (self.home / "address").read_text().strip()

    def crash_coordinator(self, *options):
        """Kills the coordinator and starts it again at the same address."""
        port = self.address.rsplit(":", 1)[1]
        self.server.kill()
        self.serve(*options, port=port)

    def join(self, name, *options, program="ezkl-worker", home=None, threads=1, wait=True, **process):
        """Starts a worker; one that was there before goes on in its old home."""
        folder = Path(home) if home else self.folder / f"worker-{name}"
        words = [self.program(program), "join", self.address, "--home", folder, "--name", name, *options]
        if program == "ezkl-worker":
            words += ["--threads", threads]
        if name not in self.workers:
            token = self.folder / f"token-{name}"
            token.write_text(self.run("token", "create"))
            words += ["--token-file", token]
        self.workers[name] = Running(self, name, words, **process)
        if wait:
            self.workers[name].wait_for("joined")
        return self.workers[name]

    def command(self, *words, seconds=120, home=None):
        """Runs a command of ezkl-coord on the coordinator's home; returns its exit code, output and errors."""
        done = subprocess.run(
            [str(word) for word in (self.program("ezkl-coord"), *words, "--home", home or self.home)],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds)
        return done.returncode, done.stdout, done.stderr

    def run(self, *words, **options):
        """The output of a command that has to succeed."""
        code, output, errors = self.command(*words, **options)
        expect(code == 0, f"'{' '.join(map(str, words))}' ended with {code}: {errors}{output}")
        return output

    def json(self, *words):
        """What a command says with --json."""
        return json.loads(self.run(*words, "--json"))

    # Jobs

    def submit(self, *options, model=MODEL, input=INPUT):
        """Submits a job and returns its id."""
        return self.run("submit", model, "--input", input, "--to", self.address, "--detach", *options).strip()

    def submit_circuits(self, files, *options):
        """Submits given circuits, a list of (r1cs, wtns) paths."""
        circuit, *witnesses = files
        return self.run("prove-r1cs", circuit, *witnesses, "--to", self.address, "--detach", *options).strip()

    def job(self, job):
        return self.json("job", job)

    def wait(self, job, stage="done", seconds=120):
        """Waits for the end of a job and expects this stage of it; returns its summary."""
        summary = until(f"the end of job {job}", seconds,
                        lambda: (lambda s: s if s["stage"] in FINAL else None)(self.job(job)), pause=0.3)
        expect(summary["stage"] == stage, f"job {job} is {summary['stage']}: {summary['detail']}")
        return summary

    def follow(self, job):
        """Yields the progress events of a job until its end."""
        process = subprocess.Popen(
            [str(self.program("ezkl-coord")), "job", job, "--follow", "--json", "--home", str(self.home)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            for line in process.stdout:
                event = json.loads(line)
                if "progress" in event:
                    yield event["progress"]
        finally:
            process.kill()
            process.wait()

    def verify(self, job):
        """Fetches a finished job's document and has it verified."""
        proof = self.folder / f"{job}.json"
        self.run("document", job, "--out", proof)
        done = subprocess.run([str(self.program("ezkl-coord")), "verify", str(proof)], capture_output=True, text=True)
        expect(done.returncode == 0, f"the proof of {job} is not accepted: {done.stdout}{done.stderr}")

    def worker_named(self, name):
        return next(w for w in self.json("worker", "list") if w["name"] == name)

    # Faults

    def small_disk(self, place, size):
        """Mounts a small file system of its own at a place."""
        Path(place).mkdir(parents=True, exist_ok=True)
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", str(place)], capture_output=True)
        if done.returncode != 0:
            raise Skipped("file systems cannot be mounted here")
        self.mounts.append(str(place))

    @staticmethod
    def fill(place):
        """Fills what is left of a file system; returns the file."""
        ballast = Path(place) / "ballast"
        with contextlib.suppress(OSError), open(ballast, "wb", buffering=0) as file:
            while True:
                file.write(b"\0" * 4096)
        return ballast

    def planning_processes(self):
        """The processes in which the coordinator plans."""
        found = []
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError, IndexError):
                if entry.name.isdigit() and b"plan-apart" in (entry / "cmdline").read_bytes():
                    if int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1]) == self.server.process.pid:
                        found.append(int(entry.name))
        return found


def limit_address_space(bytes):
    """For a process's preexec_fn: memory beyond this cannot be had, and asking for it ends the process."""
    def apply():
        resource.setrlimit(resource.RLIMIT_AS, (bytes, bytes))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return apply


_parameters = None


def parameters(binaries, home):
    """Puts development parameters into a home; they are made once."""
    global _parameters
    folder = Path(home) / "srs"
    if (folder / "development.srs").exists():
        return
    if _parameters is None:
        cache = os.environ.get("EZKL_SCENARIO_PARAMETERS")
        _parameters = Path(cache) if cache else Path(tempfile.mkdtemp(prefix="ezkl-scenario-srs-"))
        if not (_parameters / "srs" / "development.srs").exists():
            subprocess.run([str(Path(binaries) / "ezkl-coord"), "srs", "generate", "--degree", "16", "--home",
                            str(_parameters)], check=True, capture_output=True)
    Path(home).mkdir(parents=True, exist_ok=True, mode=0o700)
    os.chmod(home, 0o700)
    folder.mkdir(exist_ok=True, mode=0o700)
    shutil.copy(_parameters / "srs" / "development.srs", folder)


# A circuit that squares a private number again and again, in iden3's formats: as large as a scenario wants it.

MODULUS = 8444461749428370424248824938781546531375899335154063827935233455917409239041


def squares(folder, steps, name=None):
    """Writes a circuit of so many constraints and a witness; returns both paths."""
    element = lambda value: value.to_bytes(32, "little")
    field = struct.pack("<I", 32) + element(MODULUS)
    wires = steps + 2
    wire = lambda step: 1 if step == steps else step + 2
    header = field + struct.pack("<IIII", wires, 1, 0, 1) + struct.pack("<QI", wires, steps)
    one = element(1)
    rows = b"".join(struct.pack("<II", 1, w) + one for s in range(steps) for w in (wire(s), wire(s), wire(s + 1)))
    labels = b"".join(struct.pack("<Q", w) for w in range(wires))
    values = [1] * wires
    value = 3
    for step in range(steps + 1):
        values[wire(step)] = value
        value = value * value % MODULUS
    witness = b"".join(map(element, values))

    def file(magic, version, sections):
        text = magic + struct.pack("<II", version, len(sections))
        for number, section in enumerate(sections, 1):
            text += struct.pack("<IQ", number, len(section)) + section
        return text

    base = Path(folder) / (name or f"squares-{steps}")
    circuit, wtns = base.with_suffix(".r1cs"), base.with_suffix(".wtns")
    circuit.write_bytes(file(b"r1cs", 1, [header, rows, labels]))
    wtns.write_bytes(file(b"wtns", 2, [field + struct.pack("<I", len(values)), witness]))
    return circuit, wtns
