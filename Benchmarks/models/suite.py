#!/usr/bin/env python3
"""Proves every public model on two workers, verifies, compares the outputs, and writes docs/models.md.

    suite.py [--models DIR] [--only NAME,...] [--timeout SECONDS] [--fresh] [--report] [--json]

A model folder has network.onnx, input.json and expected.json (what onnxruntime answers). Results are kept by model in
.cache/models, and stand as long as executables, model and options are the same: an interrupted run goes on.
--only takes some models and leaves docs/models.md alone; --report writes it from the results that are there.

Exit codes: 0 all is well, or there are no models; 1 a model failed that is not known to be impossible; 2 bad arguments.
"""
import argparse
import json
import pathlib
import subprocess
import sys

import document
from machine import describe
from prover import ROOT, Failure, Prover
from public_models import PublicModel

DEFAULT = ROOT.parent / "shared" / "models"
CACHE = ROOT / ".cache" / "models"
TOLERANCE = 1e-3

# What `submit` is told beyond its defaults, by model.
OPTIONS = {}

# Models that can be planned, but are too large to be proven among the others, with the reason.
TOO_LARGE = {}


def commit():
    def git(*arguments):
        return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True).stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=no", "--", "Sources", "Package.swift")
    return (git("rev-parse", "--short=7", "HEAD") or "unknown") + (" with changes" if changed else "")


def judge(prover, model):
    """The result of one model: `status` is proven, impossible or failed."""
    reason = model.unusable
    if reason:
        return {"status": "impossible", "reason": reason}
    options = OPTIONS.get(model.name, [])
    try:
        if model.name in TOO_LARGE:
            return {"status": "impossible", "reason": TOO_LARGE[model.name], **prover.predict(model, options)}
        result = prover.measure(model, options)
    except Failure as failure:
        return {"status": "failed", "reason": str(failure)}
    if result["error"] > TOLERANCE:
        return {"status": "failed", "reason": f"output error {result['error']:.2g} is over {TOLERANCE:g}", **result}
    return {"status": "proven", **result}


def key(prover, model):
    """A result stands while this is the same."""
    return [prover.digest, model.digest, OPTIONS.get(model.name, []), TOO_LARGE.get(model.name)]


def kept(path, key):
    """A result of an earlier run under the same key; failures are tried again."""
    try:
        result = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return result if result.get("key") == key and result["status"] != "failed" else None


def line(name, result):
    if result["status"] != "proven":
        return f"{name:28} {result['status']}: {result['reason']}"
    cpu = {phase: sum(seconds.values()) for phase, seconds in result["cpu"].items()}
    return (
        f"{name:28} error {result['error']:.1e}  {result['constraints']:>9,} constraints  {result['chunks']:>4} chunks"
        f"  {result['seconds']:6.1f} s  proving {cpu['proving']:6.1f} CPU s  index {cpu['index']:6.1f}"
        f"  {max(result['worker_peaks']) / 2**20:5.0f} MiB"
    )


def run(prover, models, fresh, show):
    """Results by name, from the cache or made now."""
    CACHE.mkdir(parents=True, exist_ok=True)
    at, on = commit(), describe()
    results = {}
    for model in models:
        path, expected = CACHE / f"{model.name}.json", key(prover, model)
        result = None if fresh else kept(path, expected)
        if result is None:
            result = {"name": model.name, "key": expected, "commit": at, "machine": on, **judge(prover, model)}
            path.write_text(json.dumps(result, indent=1) + "\n")
        results[model.name] = result
        show(line(model.name, result))
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=pathlib.Path, help="folder with the models (default: ../shared/models)")
    parser.add_argument("--only", help="names of models, separated by commas")
    parser.add_argument("--timeout", type=float, default=900, help="seconds per command and model (default: 900)")
    parser.add_argument("--binaries", type=pathlib.Path, default=ROOT / ".build/release", help="their folder")
    parser.add_argument("--fresh", action="store_true", help="prove again what has a result")
    parser.add_argument("--report", action="store_true", help="write docs/models.md from the results that are there")
    parser.add_argument("--json", action="store_true", help="print all results as JSON")
    arguments = parser.parse_args()

    folder = arguments.models or DEFAULT
    if not folder.is_dir():
        print(f"skipped: there is no folder {folder}")
        print("MODELS=DIR names one with network.onnx, input.json and expected.json per model")
        return 2 if arguments.models else 0
    models = [PublicModel(entry) for entry in sorted(folder.iterdir()) if entry.is_dir()]
    if arguments.only:
        names = set(arguments.only.split(","))
        unknown = names - {model.name for model in models}
        if unknown:
            print(f"no such models in {folder}: {', '.join(sorted(unknown))}", file=sys.stderr)
            return 2
        models = [model for model in models if model.name in names]

    if arguments.report:
        paths = (CACHE / f"{model.name}.json" for model in models)
        results = {path.stem: json.loads(path.read_text()) for path in paths if path.exists()}
    else:
        show = (lambda text: None) if arguments.json else (lambda text: print(text, flush=True))
        results = run(Prover(arguments.binaries, arguments.timeout), models, arguments.fresh, show)
    if arguments.json:
        print(json.dumps(list(results.values()), indent=1))
    if not arguments.only:
        page = ROOT / "docs" / "models.md"
        page.write_text(document.text(results) + document.comparison(page))
    failed = [name for name, result in results.items() if result["status"] == "failed"]
    end = f"; failed: {', '.join(failed)}" if failed else ""
    print(f"{len(results) - len(failed)} of {len(models)} well{end}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
