#!/usr/bin/env python3
"""Writes corners.json: corners of operators, with what onnxruntime makes of them, and those in which it is alone, which are refused.

Needs onnx, onnxruntime and numpy from PyPI. A case has the model as base64, an input file, and its outputs.
"""

import json
import pathlib

import numpy as np
from onnx import TensorProto as T
from onnx import numpy_helper

import generate_texts
from generate_texts import ML, case, cases, node, refuse, refused

cases.clear()
refused.clear()


def constant(name, value):
    return numpy_helper.from_array(np.asarray(value), name)


# Reductions over no axes at all: of each element by itself.
x = np.float32([[-2.5, -1.5, -0.5], [0.5, 1.5, 2.5]])
for op in ["Sum", "Mean", "Max", "Min", "Prod", "SumSquare", "L1", "L2", "LogSum", "LogSumExp"]:
    feeds = {"x": abs(x) if op == "LogSum" else x}
    case(f"Reduce{op} over no axes", [node(f"Reduce{op}", "x", "y", noop_with_empty_axes=1)], feeds, {"y": T.FLOAT}, by="both")
    case(f"Reduce{op} over an empty list of axes", [node(f"Reduce{op}", "x a", "y", noop_with_empty_axes=1, keepdims=0)], feeds,
         {"y": T.FLOAT}, [constant("a", np.int64([]))], by="both")
# MORE

path = pathlib.Path(__file__).parent / "corners.json"
path.write_text(json.dumps({"cases": cases, "refused": refused}, indent=0, separators=(",", ":")) + "\n")
print(f"{len(cases)} cases, {len(refused)} refused, {path.stat().st_size} bytes")
