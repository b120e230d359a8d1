#!/usr/bin/env python3
"""Checks that Package.swift names every module that a target imports.

The compiler finds any module that was built before, and the package manager compiles a target again only where a named dependency
changed: an import that is not named builds by luck. Exit status 1 where there is one.
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
    sys.exit(1 if differences else 0)


if __name__ == "__main__":
    main()
