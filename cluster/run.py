#!/usr/bin/env python3
"""Runs fault scenarios and prints what became of them.

usage: cluster/run.py [--binaries DIR] [--smoke] [--table FILE] [--repeat N] [--keep] [NAME ...]
"""

import argparse
import importlib.util
import sys
import time
import traceback
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))
import harness  # noqa: E402

FOLDER = Path(__file__).resolve().parent / "scenarios"
BEGIN, END = "<!-- scenarios: made by cluster/run.py -->", "<!-- end of scenarios -->"


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="scenarios (default: all)")
    parser.add_argument("--binaries", default=str(harness.ROOT / ".build/release"))
    parser.add_argument("--smoke", action="store_true", help="only those that make test runs")
    parser.add_argument("--table", help="a document whose table of scenarios is written anew")
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--keep", action="store_true", help="keep the folders")
    options = parser.parse_args()
    paths = sorted(FOLDER.glob("*.py"))
    names = {path.stem for path in paths}
    unknown = set(options.names) - names
    if unknown:
        parser.error(f"there is no scenario {', '.join(sorted(unknown))}")
    rows, failures = {}, 0
    for path in paths:
        module = load(path)
        if options.names and path.stem not in options.names or options.smoke and not module.SMOKE:
            continue
        what = " ".join(module.__doc__.strip().split("\n\n")[0].split())
        taken, failed = [], failures
        for _ in range(options.repeat):
            began = time.monotonic()
            try:
                with harness.Cluster(options.binaries, options.keep) as cluster:
                    taken.append(module.run(cluster))
                print(f"ok       {path.stem}: recovered in {taken[-1]:.1f} s ({time.monotonic() - began:.0f} s in all)", flush=True)
            except harness.Skipped as reason:
                print(f"skipped  {path.stem}: {reason}", flush=True)
            except Exception as error:  # noqa: BLE001: whatever it is, the next scenario runs
                failures += 1
                print(f"FAILED   {path.stem}: {error}", flush=True)
                if not isinstance(error, harness.Failed):
                    traceback.print_exc()
        seconds = "failed" if failures > failed else f"{max(taken):.0f}" if taken else "not run here"
        rows[path.stem] = f"| `{path.stem}` | {what} | {seconds} |"
    if options.table:
        document = Path(options.table)
        text = document.read_text()
        head, rest = text.split(BEGIN, 1)
        old, tail = rest.split(END, 1)
        # What was not run now keeps what it has.
        kept = {name: line for line in old.splitlines() for name in names if line.startswith(f"| `{name}` |")}
        lines = [row for name in sorted(names) if (row := rows.get(name, kept.get(name)))]
        table = "\n".join(["| scenario | what it pins down | seconds to recover |", "| --- | --- | --- |", *lines])
        document.write_text(f"{head}{BEGIN}\n{table}\n{END}{tail}")
    if not rows:
        print("no scenarios")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
