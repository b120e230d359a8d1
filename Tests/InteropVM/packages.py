"""Documents of the examples, proven once, and what `export aleo` makes of them."""
import atexit
import functools
import json
import pathlib
import shutil
import subprocess
import tempfile
import os

import judge

BINARIES = pathlib.Path(os.environ.get("EZKL_BINARIES", judge.ROOT / ".build/release"))
EXAMPLES = judge.ROOT / "examples"
# Options under which a document has so many proofs.
CUTS = {"digits_mlp": (), "credit_score": (), "repeated_blocks": ("--max-constraints", "4096"), "stacked_blocks": ("--max-constraints", "8192")}


def command(*words):
    """Runs ezkl-coord; returns its standard output."""
    run = subprocess.run([BINARIES / "ezkl-coord", *map(str, words)], capture_output=True, text=True, timeout=900)
    if run.returncode != 0:
        raise AssertionError("ezkl-coord %s: status %d\n%s%s" % (words[0], run.returncode, run.stdout, run.stderr))
    return run.stdout


@functools.cache
def folder():
    """A folder that disappears with this process."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="ezkl-vm-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


@functools.cache
def home():
    """A home folder with the ceremony's powers."""
    path = folder() / "home"
    command("srs", "import", judge.POWERS, "--degree", 16, "--name", "ceremony", "--home", path)
    return path


@functools.cache
def document(model, *options):
    """A proof document of an example."""
    path = folder() / ("%s-%d.json" % (model, len(list(folder().glob("*.json")))))
    command("submit", EXAMPLES / (model + ".onnx"), "--input", EXAMPLES / (model + "_input.json"), "--target",
            "aleo-mainnet", "--srs", "ceremony", "--workers", 2, "--home", home(), "--out", path, *CUTS[model], *options)
    return path


class Package:
    """What `export aleo` wrote."""

    def __init__(self, model, *options, proof=None):
        self.folder = folder() / ("package-%d" % len(list(folder().glob("package-*"))))
        command("export", "aleo", proof or document(model), "--model", EXAMPLES / (model + ".onnx"), "--home", home(),
                "--out", self.folder, *options)
        self.summary = json.loads((self.folder / "summary.json").read_text())
        self.cost = self.summary["cost"]
        self.program = self.summary["program"]
        self.calls = [self.call(name) for name in self.summary["functions"]]
        self.registration = [self.call(name) for name in self.summary["registration"]]
        self.source = self.folder / "main.aleo"
        self.libraries = [self.folder / library["program"] for library in self.cost["libraries"]]

    def call(self, name):
        """A call that was written."""
        return json.loads((self.folder / (name + ".json")).read_text())


@functools.cache
def package(model, *options):
    return Package(model, *options)
