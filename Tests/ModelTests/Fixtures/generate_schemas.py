#!/usr/bin/env python3
"""Writes schemas.json: the attributes of operators in every version of their operator sets, as ONNX and onnxruntime have them.

Needs onnx and onnxruntime from PyPI. For each domain and operator a list of [first version, {attribute: kind}] in ascending order, with
null for versions that do not have it.
"""

import json
import pathlib

import onnx.defs
from onnxruntime.capi import onnxruntime_pybind11_state as runtime

KINDS = {
    "FLOAT": "float", "INT": "integer", "STRING": "text", "TENSOR": "tensor", "GRAPH": "graph", "FLOATS": "floats", "INTS": "integers",
    "STRINGS": "texts", "TENSORS": "tensors", "GRAPHS": "graphs", "SPARSE_TENSOR": "sparseTensor", "TYPE_PROTO": "type"}
FIRST = {"": 7, "ai.onnx.ml": 1, "com.microsoft": 1}


def kinds(schemas, version):
    """The attributes of the schema that is the last one up to a version; None where there is none, or others replaced the operator."""
    last = max((schema for schema in schemas if schema.since_version <= version), key=lambda schema: schema.since_version, default=None)
    if last is None or last.deprecated:
        return None
    return {name: KINDS.get(attribute.type.name, "unknown") for name, attribute in last.attributes.items()}


def versions(groups, first):
    """What an operator is from the first version on that is supported, by any of several projects."""
    found = []
    for version in sorted({max(schema.since_version, first) for schemas in groups for schema in schemas}):
        known = [given for given in (kinds(schemas, version) for schemas in groups) if given is not None]
        entry = dict(sorted({name: kind for given in known for name, kind in given.items()}.items())) if known else None
        if not found or found[-1][1] != entry:
            found.append([version, entry])
    return found


projects = []
# ONNX says last: onnxruntime does not name all kinds.
for schemas in (runtime.get_all_operator_schema(), onnx.defs.get_all_schemas_with_history()):
    groups = {}
    for schema in schemas:
        groups.setdefault((schema.domain, schema.name), []).append(schema)
    projects.append(groups)
result = {domain: {} for domain in FIRST}
for domain, name in sorted(set(projects[0]) | set(projects[1])):
    if domain in FIRST:
        result[domain][name] = versions([groups[domain, name] for groups in projects if (domain, name) in groups], FIRST[domain])
lines = [f'"{domain}":{{\n' + ",\n".join(f'"{name}":{json.dumps(entry, separators=(",", ":"))}' for name, entry in operators.items())
         + "\n}" for domain, operators in result.items()]
path = pathlib.Path(__file__).with_name("schemas.json")
path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
print({domain: len(operators) for domain, operators in result.items()}, path.stat().st_size, "bytes")
