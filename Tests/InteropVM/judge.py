"""snarkVM's own virtual machine as a judge: scripts for `vm-judge`, a program that is no part of this project.

It deploys programs, calls their functions, runs their finalize scopes, keeps their mappings and charges fees as a
validator does. It is looked for at $VM_JUDGE and in `shared/vm-judge` beside the checkout; Aleo's powers of tau for the
proofs at $VM_SRS and in `shared/srs`. Where either is missing, the tests say so and skip.
"""
import json
import os
import pathlib
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
JUDGE = pathlib.Path(os.environ.get("VM_JUDGE", SHARED / "vm-judge/vm-judge"))
POWERS = pathlib.Path(os.environ.get("VM_SRS", SHARED / "srs"))


def missing():
    """Why nothing can be judged here; None where it can."""
    for path, name in ((JUDGE, "VM_JUDGE"), (POWERS, "VM_SRS")):
        if not path.exists():
            return "%s is not there; %s says where it is" % (path.name, name)
    return None


class Script:
    """Steps for one chain, and what the machine said of each."""

    def __init__(self, folder):
        self.folder, self.steps = folder, []

    def step(self, **fields):
        """Adds a step; returns its number."""
        self.steps.append(fields)
        return len(self.steps) - 1

    def deploy(self, source, **fields):
        return self.step(deploy=str(source), **fields)

    def call(self, call, inputs=None, **fields):
        """Calls what a file of an export says, or the same function with other inputs."""
        return self.step(call="%s/%s" % (call["program"], call["function"]),
                         inputs=call["inputs"] if inputs is None else inputs, **fields)

    def run(self):
        """One report per step."""
        path = self.folder / "script.jsonl"
        path.write_text("\n".join(json.dumps(step) for step in self.steps))
        run = subprocess.run([JUDGE, path], capture_output=True, text=True, timeout=600)
        reports = [json.loads(line) for line in run.stdout.splitlines()]
        if len(reports) != len(self.steps):
            raise AssertionError("the judge stopped after %d steps: %s" % (len(reports), run.stderr))
        return reports


class Judged(unittest.TestCase):
    """Tests of scripts; skipped where there is no judge."""

    def setUp(self):
        reason = missing()
        if reason:
            self.skipTest(reason)

    def play(self, script):
        """Runs a script; every step must go as it expects."""
        reports = script.run()
        for step, report in zip(script.steps, reports):
            if not report.get("ok", True):
                told = {key: value for key, value in step.items() if key not in ("inputs", "replace")}
                self.fail("%s\n%s" % (told, {key: report.get(key) for key in ("outcome", "reason", "value", "microcredits")}))
        return reports
