#!/usr/bin/env python3
"""Compares this prover with EZKL 23.0.5 (PyPI ezkl) on public models, on this machine, in CPU seconds.

    ezkl.py [--json] [--only NAME,...] [--models DIR] [--limit SECONDS] [--fresh ours|ezkl|both] [--report]

EZKL runs every step in a process of its own: gen_settings, calibrate_settings (for its default target, resources),
compile_circuit, gen_srs (made here, nothing is fetched), setup, gen_witness, prove, verify; input private, output
public, parameters fixed. This prover plans, proves on two worker processes and verifies. Compared is the CPU time of proving:

    EZKL  gen_witness and prove
    ours  of workers and coordinator: evaluating the model, compiling its circuits, proving, adding up, verifying twice

and, apart from it, of keys (EZKL: setup; ours: the index of every circuit, and the coordinator's check of it). Reading,
calibrating and cutting the model and making parameters is in neither. Where EZKL was more accurate than `submit` is
without options, ours is run with --tolerance below EZKL's error. Errors are the largest |a - b| / max(1, |b|) against
expected.json.

Results are kept in .cache/ezkl by model, EZKL's by step, so that an interrupted run goes on. A model that EZKL has not
proven within --limit seconds of wall time counts with the CPU seconds it had used by then, as 'at least'. Models that
EZKL cannot do on this kind of machine are tried with --all only; ours proves them anyway. Makes a virtual environment in
.cache/ezkl/venv. --report only prints what is there.
"""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "models"))
from machine import describe  # noqa: E402
from measured import Run  # noqa: E402
from prover import ROOT, Failure, Prover  # noqa: E402
from public_models import PublicModel, output_error  # noqa: E402
from suite import DEFAULT, OPTIONS, commit  # noqa: E402

PACKAGES = ["ezkl==23.0.5", "numpy", "onnxruntime"]
CACHE = ROOT / ".cache" / "ezkl"
PEER = pathlib.Path(__file__).with_name("ezkl_step.py")

MODELS = (
    "1l_mlp 4l_relu_conv_fc layernorm decision_tree lstm 1l_softmax variable_cnn large_mlp lenet_5 random_forest"
    " multihead_attention self_attention nanoGPT"
).split()
# What EZKL was seen to fail for; trying it again takes long and may take all of the machine's memory.
OUT_OF_REACH = {
    "multihead_attention": "2^21 rows; killed for lack of memory at 22 GB",
    "nanoGPT": "2^25 rows; given up",
}
STEPS = ["gen_settings", "calibrate_settings", "compile_circuit", "gen_srs", "setup", "gen_witness", "prove", "verify"]
KEYS, PROVING = ["setup"], ["gen_witness", "prove"]
DEFAULT_TOLERANCE = 5e-4  # of `submit`


class Kept:
    """A JSON file of results that is written after every change."""

    def __init__(self, path):
        self.path = path
        self.values = json.loads(path.read_text()) if path.exists() else {}

    def __setitem__(self, name, value):
        self.values[name] = value
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps(self.values, indent=1) + "\n")


def install():
    """EZKL's environment; made once."""
    python = CACHE / "venv" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", CACHE / "venv"], check=True)
    if subprocess.run([python, "-c", "import ezkl"], stderr=subprocess.DEVNULL).returncode:
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *PACKAGES], check=True)
    return python


def measure_ezkl(python, model, limit):
    """EZKL's steps by name: CPU, wall, peak; the step that failed or took too long has a reason and is the last."""
    folder = CACHE / model.name
    folder.mkdir(parents=True, exist_ok=True)
    model.write_input(folder / "input.json")
    kept = Kept(folder / "ezkl.json")
    left = limit
    for step in STEPS:
        known = kept.values.get(step)
        if known is None:
            known = run_step(python, model, folder, step, left)
            kept[step] = known
        left -= known["wall"]
        if "reason" in known:
            break
    else:
        if "error" not in kept.values:
            kept["error"] = ezkl_error(model, folder)
        # Keys of large models take gigabytes; a finished model needs them no more.
        for file in ("pk.key", "vk.key", "circuit"):
            (folder / file).unlink(missing_ok=True)
    return kept.values


def run_step(python, model, folder, step, limit):
    lines = []
    environment = {**os.environ, "HOME": str(folder), "RUST_LOG": "off"}
    # Isolated: this folder has a module named ezkl as well.
    command = [python, "-I", PEER, step, model.network, folder, CACHE / "srs"]
    run = Run(command, max(1, limit), lambda line, _: lines.append(line), env=environment)
    answer = {"cpu": run.cpu, "wall": run.wall, "peak": run.peak}
    if run.timed_out:
        answer["reason"] = f"{step} not done after {run.wall:.0f} s"
    elif run.code:
        said = [line for line in run.errors.splitlines() if line.strip()] or ["no message"]
        answer["reason"] = f"{step} ended with {run.code}: {said[-1][:160]}"
    else:
        answer.update(json.loads(lines[-1]))
    return answer


def ezkl_error(model, folder):
    expected = model.expected()
    values = json.loads((folder / "witness.json").read_text())["pretty_elements"]["rescaled_outputs"]
    outputs = [
        {"name": wanted["name"], "shape": wanted["shape"], "floats": list(map(float, floats))}
        for wanted, floats in zip(expected["outputs"], values)
    ]
    return output_error(expected, outputs)


def options_for(model, aim):
    """What `submit` is told: an output error under EZKL's, where EZKL is more accurate than the default asks for."""
    options = OPTIONS.get(model.name, [])
    if aim and aim < DEFAULT_TOLERANCE:
        options = [*options, "--tolerance", f"{0.9 * aim:.2g}"]
    return options


def measure_ours(prover, model, aim):
    kept = Kept(CACHE / model.name / "ours.json")
    options = options_for(model, aim)
    key = [prover.digest, model.digest, options]
    if kept.values.get("key") != key or "reason" in kept.values.get("result", {}):
        try:
            result = prover.measure(model, options)
        except Failure as failure:
            result = {"reason": str(failure)}
        kept["result"] = result
        kept["commit"] = commit()
        kept["key"] = key
    return kept.values


def summary(name, theirs, ours):
    """One model's comparison; figures are missing where a side has none."""
    reasons = [step["reason"] for step in theirs.values() if isinstance(step, dict) and "reason" in step]
    steps = {step: theirs[step] for step in STEPS if step in theirs}
    case = {"name": name, "ezkl": None, "ours": None, "ratio": None, "at_least": False}
    if reasons:
        case["ezkl_reason"] = reasons[0]
        case["at_least"] = "not done after" in reasons[0]
    if steps:
        def cpu(names):
            return sum(steps[step]["cpu"] for step in names if step in steps)

        case["ezkl"] = {
            "keys": cpu(KEYS),
            "proving": cpu(PROVING),
            "before": cpu(STEPS[:3]),
            "wall": sum(steps[step]["wall"] for step in PROVING if step in steps),
            "peak": max(step["peak"] for step in steps.values()),
            "error": theirs.get("error"),
        }
        if case["at_least"] and "prove" not in steps:
            case["ezkl"]["proving"] = cpu(steps)  # all of it went by without a proof
    result = ours.get("result", {})
    if "reason" in result:
        case["ours_reason"] = result["reason"]
    elif result:
        case["ours"] = {
            "keys": sum(result["cpu"]["index"].values()),
            "workers": result["cpu"]["proving"]["workers"],
            "proving": sum(result["cpu"]["proving"].values()),
            "before": sum(result["cpu"]["setup"].values()),
            "wall": result["seconds"],
            "peak": max(result["worker_peaks"]),
            "error": result["error"],
            "commit": ours["commit"],
        }
    if case["ours"] and case["ezkl"] and (not reasons or case["at_least"]):
        case["ratio"] = case["ours"]["proving"] / case["ezkl"]["proving"]
    return case


def totals(cases):
    """Sums over the models that have a ratio."""
    compared = [case for case in cases if case["ratio"] is not None]
    sums = {side: sum(case[side]["proving"] for case in compared) for side in ("ours", "ezkl")}
    workers = sum(case["ours"]["workers"] for case in compared)
    worse = [case["name"] for case in compared if (case["ezkl"]["error"] or 1) < case["ours"]["error"]]
    return {
        "models": [case["name"] for case in compared],
        "ours": sums["ours"],
        "ours_workers": workers,
        "ezkl": sums["ezkl"],
        "ratio": sums["ours"] / sums["ezkl"] if compared else None,
        "less_accurate_than_ezkl": worse,
    }


def table(cases):
    """The comparison as a Markdown table."""
    def number(value, form="{:.1f}"):
        return "–" if value is None else form.format(value)

    lines = [
        "| model | proving, CPU s: ours (workers) | EZKL | ratio | keys, CPU s: ours | EZKL | wall s: ours, with keys"
        " | EZKL, witness and proof | peak MiB: ours, a worker | EZKL | error: ours | EZKL |",
        "| --- " + "| ---: " * 11 + "|",
    ]
    for case in cases:
        ours, theirs = case["ours"] or {}, case["ezkl"] or {}
        proved = case["ratio"] is not None
        more = "over " if case["at_least"] else ""
        failed = "fails" if "ezkl_reason" in case and not case["at_least"] else None
        cells = [
            case["name"],
            f"{ours['proving']:.1f} ({ours['workers']:.1f})" if ours else "fails" if "ours_reason" in case else "–",
            failed or more + number(theirs.get("proving")),
            number(case["ratio"], "{:.3f}") if proved else "–",
            number(ours.get("keys")),
            failed or number(theirs.get("keys")),
            number(ours.get("wall")),
            failed or more + number(theirs.get("wall")),
            number(ours and ours["peak"] / 2**20, "{:,.0f}") if ours else "–",
            number(theirs["peak"] / 2**20, "{:,.0f}") if theirs else "–",
            number(ours.get("error"), "{:.1e}"),
            number(theirs.get("error"), "{:.1e}"),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def show(cases, sums):
    print(table(cases) + "\n")
    for case in cases:
        for side in ("ours", "ezkl"):
            if f"{side}_reason" in case:
                print(f"- `{case['name']}`, {'EZKL' if side == 'ezkl' else side}: {case[f'{side}_reason']}")
    if sums["ratio"] is not None:
        print(
            f"\nSum over {len(sums['models'])} models: ours {sums['ours']:.1f} CPU s"
            f" (workers {sums['ours_workers']:.1f}), EZKL {sums['ezkl']:.1f}: ratio {sums['ratio']:.3f}"
        )
    if sums["less_accurate_than_ezkl"]:
        print(f"EZKL is more accurate on {', '.join(sums['less_accurate_than_ezkl'])}")
    print(f"On {describe()}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print the comparison as JSON")
    parser.add_argument("--only", default=",".join(MODELS), help="default: %(default)s")
    parser.add_argument("--models", type=pathlib.Path, default=DEFAULT, help="default: ../shared/models")
    parser.add_argument("--limit", type=float, default=1800, help="seconds per model and side (default: 1800)")
    parser.add_argument("--all", action="store_true", help="give EZKL also what it was seen to fail for")
    parser.add_argument("--side", choices=["ours", "ezkl", "both"], default="both", help="measure one side only")
    parser.add_argument("--fresh", choices=["ours", "ezkl", "both"], help="forget these results first")
    parser.add_argument("--report", action="store_true", help="measure nothing")
    parser.add_argument("--binaries", type=pathlib.Path, default=ROOT / ".build/release", help="of this prover")
    arguments = parser.parse_args()
    if not arguments.models.is_dir():
        print(f"no folder {arguments.models}: --models DIR names it", file=sys.stderr)
        return 2

    python = None if arguments.report or arguments.side == "ours" else install()
    prover = None if arguments.report or arguments.side == "ezkl" else Prover(arguments.binaries, arguments.limit)
    cases = []
    for name in arguments.only.split(","):
        model = PublicModel(arguments.models / name)
        for side in ("ours", "ezkl"):
            if arguments.fresh in (side, "both"):
                (CACHE / name / f"{side}.json").unlink(missing_ok=True)
        theirs, ours = (Kept(CACHE / name / f"{side}.json").values for side in ("ezkl", "ours"))
        if name in OUT_OF_REACH and not arguments.all:
            theirs = {"not tried": {"reason": OUT_OF_REACH[name]}}
        elif python:
            theirs = measure_ezkl(python, model, arguments.limit)
        if prover:
            ours = measure_ours(prover, model, theirs.get("error"))
        cases.append(summary(name, theirs, ours))
        if not arguments.report:
            print(f"{name}: measured", file=sys.stderr, flush=True)
    sums = totals(cases)
    if arguments.json:
        print(json.dumps({"machine": describe(), "cases": cases, "sum": sums}, indent=2))
    else:
        show(cases, sums)
    return 0 if sums["ratio"] is not None else 1


if __name__ == "__main__":
    sys.exit(main())
