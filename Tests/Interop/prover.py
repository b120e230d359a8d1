"""The programs under test: a coordinator and workers of their own processes, and the client's commands."""
import atexit
import functools
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

import ceremony
import iden3

ROOT = pathlib.Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache/interop"
BINARIES = pathlib.Path(os.environ.get("EZKL_BINARIES", ROOT / ".build/release"))
SRS = "ceremony"
WORKERS = 3


class Failed(Exception):
    """A command ended with another status than expected."""


def command(*words, expect=0):
    """Runs ezkl-coord; returns its standard output."""
    run = subprocess.run([BINARIES / "ezkl-coord", *map(str, words)], capture_output=True, text=True, timeout=300)
    if expect is not None and run.returncode != expect:
        raise Failed("ezkl-coord %s: status %d\n%s%s" % (words[0], run.returncode, run.stdout, run.stderr))
    return run.stdout if expect is not None else (run.returncode, run.stdout + run.stderr)


@functools.cache
def folder():
    """A folder that disappears with this process."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="ezkl-interop-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


@functools.cache
def home():
    """A home folder with the ceremony's parameters up to 2^15."""
    files = CACHE / "ceremony"
    ceremony.extract(files)
    path = folder() / "home"
    command("srs", "import", files, "--degree", 15, "--name", SRS, "--home", path)
    return path


def _start(program, *words):
    log = open(folder() / ("%s-%d.log" % (program, time.monotonic_ns())), "w")
    process = subprocess.Popen([BINARIES / program, *map(str, words)], stdout=log, stderr=log)
    atexit.register(_stop, process)
    return process


def _stop(process):
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


@functools.cache
def coordinator():
    """The address of a coordinator with three workers."""
    _start("ezkl-coord", "serve", "--listen", "127.0.0.1:0", "--home", home())
    file = home() / "address"
    for _ in range(600):
        if file.exists() and file.read_text().strip():
            break
        time.sleep(0.05)
    address = file.read_text().strip()
    for number in range(WORKERS):
        token = command("token", "create", "--home", home()).split()[-1]
        _start("ezkl-worker", "join", address, "--token", token, "--home", folder() / ("worker-%d" % number),
               "--name", "worker-%d" % number, "--threads", 1)
    return address


class Job:
    """Circuits and witnesses as files: `names[c]` is the file of circuit c, `witnesses[c]` its witnesses."""

    def __init__(self, circuits):
        """`circuits`: list of (Circuit, [witness])."""
        self.folder = pathlib.Path(tempfile.mkdtemp(dir=folder()))
        self.words, self.files = [], []
        for c, (circuit, witnesses) in enumerate(circuits):
            file = self.folder / ("circuit%d.r1cs" % c)
            file.write_bytes(circuit.to_bytes())
            self.files.append(file)
            self.words += (["--"] if c else []) + [file]
            for i, witness in enumerate(witnesses):
                path = self.folder / ("circuit%d-%d.wtns" % (c, i))
                path.write_bytes(iden3.witness_bytes(witness))
                self.words.append(path)

    def prove(self, version=3, workers=WORKERS, local=False):
        """The proof document; `local` lets the command start a cluster of its own."""
        out = self.folder / ("proof-%d.json" % time.monotonic_ns())
        where = ["--home", folder() / "local"] if local else ["--to", coordinator(), "--home", home()]
        if local and not (folder() / "local").exists():
            (folder() / "local").mkdir()
            shutil.copytree(home() / "srs", folder() / "local/srs")
        command("prove-r1cs", *self.words, "--srs", SRS, "--varuna", version, "--workers", workers, "--out", out,
                *where)
        return Document(json.loads(out.read_text()))


class Document:
    """A proof document."""

    def __init__(self, data):
        self.data = data

    @property
    def group(self):
        return self.data["groups"][0]

    @property
    def proof(self):
        return bytes.fromhex(self.group["proof"])

    def keys(self):
        """Verifying keys by the number in the circuit's file name."""
        return {int(reference["name"][len("circuit"):-len(".r1cs")]): bytes.fromhex(key)
                for reference, key in zip(self.data["circuits"], self.group["verifying_keys"])}

    def changed(self, **fields):
        """A copy whose group has other fields."""
        data = json.loads(json.dumps(self.data))
        # Without its digest, so that what refuses the change is a proof and not the check for damage.
        data.pop("digest", None)
        data["groups"][0].update(fields)
        return Document(data)

    def verify(self, *options):
        """None if `ezkl-coord verify` accepts it, else what it printed."""
        path = folder() / ("document-%d.json" % time.monotonic_ns())
        path.write_text(json.dumps(self.data))
        words = ["--allow-unsound-version"] if self.data["varuna_version"] < 3 else []
        status, output = command("verify", path, "--home", home(), *words, *options, expect=None)
        path.unlink()
        if status not in (0, 1):
            raise Failed("verify gives no verdict: status %d\n%s" % (status, output))
        return None if status == 0 else output


def document(keys, inputs, proof, version=3):
    """A document about a proof that somebody else made under Aleo's ceremony.

    `keys` and `inputs` are lists in one order; the document has them in the order of the circuit ids.
    """
    order = sorted(range(len(keys)), key=lambda c: keys[c][633:665])
    seconds = {name + "_seconds": 0 for name in ("plan", "index", "prove", "verify", "total")}
    return Document({
        "format": "ezkl-proof/3", "varuna_version": version, "aggregate": "batch",
        "srs": {"id": srs_id(), "kind": "mainnet"},
        "groups": [{
            "verifying_keys": [keys[c].hex() for c in order],
            "public_inputs": [[[str(v) for v in x] for x in inputs[c]] for c in order],
            "proof": proof.hex(),
        }],
        "links": [], "inputs": [], "outputs": [], "timings": dict(seconds, workers=[]),
    })


@functools.cache
def srs_id():
    """The id of Aleo's parameters, as the product computes it."""
    circuit, solve = iden3.random_circuit(iden3.Shape(1, 1), "id")
    job = Job([(circuit, [solve([1])])])
    report = json.loads(command("index-r1cs", job.files[0], "--srs", SRS, "--home", home(), "--json"))
    return report["srs"]
