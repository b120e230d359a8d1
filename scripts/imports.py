#!/usr/bin/env python3
"""Checks that Package.swift names every module that a target imports, and that layers stay apart.

The compiler finds any module that was built before, and the package manager compiles a target again only where a named dependency
changed: an import that is not named builds by luck. A worker needs nothing that reads models; what plans, proves and verifies needs neither
a database nor a network. Exit status 1 where something is wrong.
"""
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
IMPORT = re.compile(
    r"^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?import\s+"
    r"(?:(?:struct|class|enum|protocol|func|var|let|typealias)\s+)?(\w+)", re.MULTILINE)


# What a module must be able to do without.
APART = {
    "ezkl-worker": {"Model", "Aleo", "ProofAggregation", "Coordinator"},
    "AleoEZKL": {"Wire", "CSQLite", "Worker", "Coordinator"},
}


def below(module, named):
    """All that a module depends on."""
    found, rest = set(), [module]
    while rest:
        new = [name for name in named.get(rest.pop(), []) if name not in found]
        found.update(new)
        rest += new
    return found


def main():
    described = subprocess.run(
        ["swift", "package", "describe", "--type", "json"], cwd=ROOT, check=True, capture_output=True)
    targets = json.loads(described.stdout)["targets"]
    names = {target["name"] for target in targets}
    modules = {target["c99name"]: target["name"] for target in targets}
    differences = 0
    for target in targets:
        if target["module_type"] != "SwiftTarget":
            continue
        imported = {}
        for source in target["sources"]:
            path = ROOT / target["path"] / source
            for module in IMPORT.findall(path.read_text()):
                imported.setdefault(modules.get(module, module), path.relative_to(ROOT))
        named = set(target.get("target_dependencies", []))
        for module in sorted((set(imported) & names) - named - {target["name"]}):
            print(f"{imported[module]}: {target['name']} imports {module}, which Package.swift does not name")
            differences += 1
    named = {target["name"]: target.get("target_dependencies", []) for target in targets}
    for module, others in APART.items():
        for other in sorted(others & below(module, named)):
            print(f"Package.swift: {module} must not depend on {other}, not even through others")
            differences += 1
    sys.exit(1 if differences else 0)


if __name__ == "__main__":
    main()
