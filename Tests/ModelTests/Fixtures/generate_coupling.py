#!/usr/bin/env python3
"""Writes coupling.json: probabilities of a support vector machine on both sides of where onnxruntime takes one sweep more.

Needs onnx, onnxruntime and numpy from PyPI, as generate.py.
"""

import base64
import json
import pathlib

import numpy as np
import onnxruntime
from onnx import TensorProto as T
from onnx import helper as h

node = h.make_node(
    "SVMClassifier", ["x"], ["label", "prob"], domain="ai.onnx.ml", kernel_type="LINEAR", kernel_params=[0.0, 0.0, 0.0],
    support_vectors=[1.0, -1.0], vectors_per_class=[1, 1], coefficients=[0.5, -0.5], rho=[0.0], prob_a=[-1.0],
    prob_b=[0.0], classlabels_ints=[0, 1])
graph = h.make_graph([node], "g", [h.make_tensor_value_info("x", T.FLOAT, [1, 1])],
                     [h.make_tensor_value_info("label", T.INT64, [1]), h.make_tensor_value_info("prob", T.FLOAT, [1, 2])])
model = h.make_model(graph, opset_imports=[h.make_opsetid("", 17), h.make_opsetid("ai.onnx.ml", 1)],
                     ir_version=8).SerializeToString()
session = onnxruntime.InferenceSession(model)


def run(x):
    return session.run(None, {"x": np.array([[x]], np.float32)})


grid = np.arange(-6.2, -5.7, 0.0005)
jumps = np.abs(np.diff([run(x)[1][0][0] for x in grid]))
jump = int(np.argmax(jumps))
# A step of the grid moves a probability by about 1e-6; the sweep moves it by thousands of that.
assert jumps[jump] > 1e-3
cases = []
for x in list(grid[jump - 5:jump + 7]) + [0.0, 30.0, -30.0, 2000.0, -2000.0]:
    x = float(np.float32(x))
    label, prob = run(x)
    cases.append({
        "name": f"coupling of {x!r}", "model": base64.b64encode(model).decode(), "input_data": [[x]],
        "outputs": [{"shape": list(y.shape), "data": [float(v) for v in y.flatten()]} for y in (label, prob)]})
path = pathlib.Path(__file__).parent / "coupling.json"
path.write_text("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]\n")
print(len(cases), "jump", jumps[jump], "at", grid[jump])
