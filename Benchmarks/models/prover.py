"""This prover on one model: plan, prove on two worker processes, verify; what each takes."""
import hashlib
import json
import pathlib
import tempfile

from measured import Run
from public_models import output_error

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORKERS = 2


class Failure(Exception):
    """Why a model was not proven."""


# Steps of the planning that depend on the model alone or are done once; the others belong to the proof of one input.
ONCE = {"reading the model", "quantising the model and cutting it into chunks", "loading the public parameters"}


def phase_of(progress):
    """setup, index or proving: what a moment of a job belongs to."""
    if progress["stage"] == "indexing":
        return "index"
    if progress["stage"] == "submitted" or progress["stage"] == "planning" and progress["step"] in ONCE:
        return "setup"
    return "proving"


class Phases:
    """CPU seconds of coordinator and workers by phase of the job."""

    def __init__(self):
        self.cpu = {phase: {"coordinator": 0.0, "workers": 0.0} for phase in ("setup", "index", "proving")}
        self._phase = "setup"
        self._before = (0.0, 0.0)

    def enter(self, phase, run):
        self._add(run.cpu_so_far)
        self._phase = phase

    def close(self, run):
        self._add((run.cpu, run.children_cpu))

    def _add(self, now):
        for who, end, start in zip(("coordinator", "workers"), now, self._before):
            self.cpu[self._phase][who] += max(0.0, end - start)
        self._before = now


class Prover:
    """The executables under test."""

    def __init__(self, binaries, timeout):
        self.coordinator = binaries / "ezkl-coord"
        self.timeout = timeout
        parts = (self.coordinator, binaries / "ezkl-worker")
        self.digest = hashlib.sha256(b"".join(part.read_bytes() for part in parts)).hexdigest()[:16]

    def measure(self, model, options=()):
        """Everything about one model as a flat, JSON-ready dictionary. Throws `Failure`."""
        with tempfile.TemporaryDirectory(prefix="ezkl-models-") as folder:
            folder = pathlib.Path(folder)
            given = folder / "input.json"
            note = model.write_input(given)
            common = [model.network, "--input", given, "--workers", WORKERS, "--home", folder / "home", *options]
            result = {"note": note, **self._plan(common)}
            document = folder / "proof.json"
            result.update(self._submit([*common, "--out", document], model.expected()))
            result.update(self._verify(document, model, folder / "home"))
        return result

    def predict(self, model, options=()):
        """What `plan` says of a model that is not proven. Throws `Failure`."""
        with tempfile.TemporaryDirectory(prefix="ezkl-models-") as folder:
            given = pathlib.Path(folder) / "input.json"
            model.write_input(given)
            home = ["--home", pathlib.Path(folder) / "home"]
            return self._plan([model.network, "--input", given, "--workers", WORKERS, *home, *options])

    def _run(self, command, step, on_line):
        run = Run([self.coordinator, *command], self.timeout, on_line)
        if run.timed_out:
            raise Failure(f"{step}: over {self.timeout:.0f} s")
        if run.code:
            lines = run.errors.strip().splitlines() or ["no message"]
            raise Failure(f"{step}: {lines[-1].removeprefix('ezkl-coord: ')} (exit code {run.code})")
        return run

    def _plan(self, arguments):
        text = []
        run = self._run(["plan", *arguments, "--json"], "plan", lambda line, _: text.append(line))
        plan = json.loads("".join(text))
        circuits = plan["circuits"]
        predicted = {"index": 0.0, "proving": 0.0}
        for circuit in circuits:
            predicted["index"] += circuit["indexSeconds"]
            predicted["proving"] += circuit["matrixSeconds"] + circuit["instances"] * circuit["instanceSeconds"]
        for group in plan["groups"]:
            shares = min(plan["workers"], group["instances"])
            predicted["proving"] += shares * group["shareSeconds"] + group["proofSeconds"]
        return {
            "chunks": len(plan["chunks"]),
            "circuits": len(circuits),
            "groups": len(plan["groups"]),
            "constraints": sum(circuit["instances"] * circuit["constraints"] for circuit in circuits),
            "nonzeros": sum(circuit["instances"] * sum(circuit["nonzeros"]) for circuit in circuits),
            "bits": [plan["activationBits"], plan["weightBits"]],
            "plan_cpu": run.cpu,
            "predicted_cpu": predicted,
        }

    def _submit(self, arguments, expected):
        phases = Phases()
        lines = []

        def follow(line, run):
            event = json.loads(line)
            lines.append(event)
            if "progress" in event:
                phases.enter(phase_of(event["progress"]), run)

        run = self._run(["submit", *arguments, "--json"], "submit", follow)
        phases.close(run)
        answer = lines[-1]
        if answer.get("event") != "result" or not answer["accepted"]:
            raise Failure("submit: the proof was not accepted")
        return {
            "error": output_error(expected, answer["outputs"]),
            "proof_bytes": answer["proofBytes"],
            "document_bytes": answer["documentBytes"],
            "seconds": answer["seconds"],
            "cpu": phases.cpu,
            "worker_peaks": sorted(child.peak for child in run.children.values()),
        }

    def _verify(self, document, model, home):
        text = []
        run = self._run(
            ["verify", document, "--model", model.network, "--home", home, "--json"],
            "verify",
            lambda line, _: text.append(line),
        )
        if not json.loads("".join(text))["accepted"]:
            raise Failure("verify: rejected")
        return {"verify_cpu": run.cpu}
