#!/usr/bin/env python3
"""Plans every public model and compares errors and constraints with docs/models.md of another revision.

    plans.py REVISION [--models DIR] [--binaries DIR] [--write]

Nothing is proven: the errors are those of the integer program that would be. --write puts the table at the end of docs/models.md.

Exit codes: 0 all is well; 1 a model has no plan that had one before, or a larger error than before, or all constraints together are
more than a tenth above those of before; 2 bad arguments.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import document
from prover import ROOT
from public_models import PublicModel
from suite import DEFAULT, commit


def before(revision):
    """Error and constraints of each model at a revision, as its page gives them."""
    page = subprocess.run(
        ["git", "show", f"{revision}:docs/models.md"], cwd=ROOT, capture_output=True, text=True, check=True)
    found = {}
    for line in page.stdout.split(document.COMPARISON)[0].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and len(cells) == len(document.COLUMNS) and cells[0] not in ("model", "---"):
            if not cells[0].startswith("**"):
                found[cells[0]] = (float(cells[1]), int(cells[2].replace(",", "")))
    return found


def plan(binary, model):
    """Error and constraints of a model as it is planned now; why there is no plan, as a text."""
    with tempfile.TemporaryDirectory(prefix="ezkl-plans-") as folder:
        given = pathlib.Path(folder) / "input.json"
        model.write_input(given)
        run = subprocess.run(
            [binary, "plan", model.network, "--input", given, "--workers", "2", "--home", f"{folder}/home", "--json"],
            capture_output=True, text=True)
    if run.returncode != 0:
        return (run.stderr.strip().splitlines() or ["no message"])[-1]
    report = json.loads(run.stdout)
    error = max((output["maximalRelativeError"] for output in report["accuracy"]), default=0)
    return error, sum(circuit["constraints"] * circuit["instances"] for circuit in report["circuits"])


def section(revision, old, new):
    """The comparison as a part of docs/models.md, what all constraints together are to those of before, and models with larger errors."""
    lines = [
        document.COMPARISON, "",
        f"`Benchmarks/models/plans.py {revision}` at commit {commit()}: errors and constraints that `ezkl-coord plan` gives, beside those",
        f"of this page at {revision}. There errors are of proofs against onnxruntime, here of programs against the float model.", "",
        document.table_line(["model", "error before", "now", "constraints before", "now", "ratio"]),
        document.table_line(["---"] + ["---:"] * 5),
    ]
    sums, worse = [0, 0], []
    for name in sorted(old):
        error, constraints = old[name]
        found = new.get(name, "no such model")
        if isinstance(found, str):
            lines.append(document.table_line([name, f"{error:.1e}", found, f"{constraints:,}", "", ""]))
            continue
        sums = [sums[0] + constraints, sums[1] + found[1]]
        # Errors of before are known to two digits.
        if float(f"{found[0]:.1e}") > error:
            worse.append(name)
        lines.append(document.table_line(
            [name, f"{error:.1e}", f"{found[0]:.1e}", f"{constraints:,}", f"{found[1]:,}", f"{found[1] / constraints:.2f}"]))
    worst = [max(numbers[0] for numbers in side.values() if not isinstance(numbers, str)) for side in (old, new)]
    ratio = sums[1] / max(1, sums[0])
    lines.append(document.table_line(
        ["**all**", f"{worst[0]:.1e}", f"{worst[1]:.1e}", f"{sums[0]:,}", f"{sums[1]:,}", f"{ratio:.2f}"]))
    return "\n".join(lines) + "\n", ratio, worse


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("revision", help="what to compare with")
    parser.add_argument("--models", type=pathlib.Path, default=DEFAULT, help="folder with the models")
    parser.add_argument("--binaries", type=pathlib.Path, default=ROOT / ".build/release", help="their folder")
    parser.add_argument("--write", action="store_true", help="put the table into docs/models.md")
    arguments = parser.parse_args()
    try:
        old = before(arguments.revision)
    except subprocess.CalledProcessError as error:
        print(error.stderr.strip(), file=sys.stderr)
        return 2
    new = {}
    for name in sorted(old):
        model = PublicModel(arguments.models / name)
        new[name] = model.unusable or plan(arguments.binaries / "ezkl-coord", model)
        print(f"{name:28} {old[name]} {new[name]}", flush=True)
    text, ratio, worse = section(arguments.revision, old, new)
    if arguments.write:
        page = ROOT / "docs" / "models.md"
        page.write_text(page.read_text().partition("\n" + document.COMPARISON)[0] + "\n" + text)
    print(text)
    for name in worse:
        print(f"{name}: its error is larger than before", file=sys.stderr)
    return 1 if worse or ratio > 1.1 or any(isinstance(found, str) for found in new.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
