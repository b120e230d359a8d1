#!/usr/bin/env python3
"""Writes choices.json: models whose inputs leave something open, what is said about them, and what onnxruntime makes of it.

Needs onnx, onnxruntime and numpy from PyPI.
"""

import base64
import json
import pathlib

import numpy as np
import onnxruntime
from onnx import TensorProto as T
from onnx import helper, numpy_helper

rng = np.random.default_rng(11)
WEIGHTS = numpy_helper.from_array(np.round(rng.uniform(-1, 1, (4, 2)), 3).astype(np.float32), "w")
cases = []


def build(nodes, inputs, constants=()):
    graph = helper.make_graph(
        nodes, "g", [helper.make_tensor_value_info(name, T.FLOAT, shape) for name, shape in inputs.items()],
        [helper.make_tensor_value_info("y", T.FLOAT, None)], list(constants))
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()


def case(name, model, feeds, input_data, **choices):
    feeds = {key: np.asarray(value, np.float32) for key, value in feeds.items()}
    found = onnxruntime.InferenceSession(model).run(["y"], feeds)[0]
    cases.append({
        "name": name, "model": base64.b64encode(model).decode(), "input": json.dumps({"input_data": input_data}),
        "shapes": choices.get("shapes", {}), "fixed": choices.get("fixed", {}), "sample": choices.get("sample"),
        "shape": list(found.shape), "data": [round(float(v), 7) for v in found.ravel()]})


flat = lambda a: [round(float(v), 6) for v in np.asarray(a).ravel()]
image = np.round(rng.uniform(-1, 1, (1, 1, 4, 6)), 3).astype(np.float32)
pool = build([helper.make_node("AveragePool", ["x"], ["y"], kernel_shape=[2, 2])], {"x": ["n", 1, "h", "w"]})
case("flat, with a shape", pool, {"x": image}, [flat(image)], shapes={"x": [1, 1, 4, 6]})
case("flat, with another shape", pool, {"x": image.reshape(2, 1, 4, 3)}, [flat(image)], shapes={"x": [2, 1, 4, 3]})
case("nested", pool, {"x": image}, [image.round(3).tolist()])

mul = build([helper.make_node("Mul", ["x", "scale"], ["y"])], {"x": [1, 3], "scale": []})
row = [[0.5, -1.25, 2.0]]
case("a fixed number", mul, {"x": row, "scale": 0.25}, [row[0]], fixed={"scale": [0.25]})
case("a fixed number that is given too", mul, {"x": row, "scale": 0.25}, [row[0], [0.25]], fixed={"scale": [0.25]})
case("by names", mul, {"x": row, "scale": 0.25}, {"x": row[0]}, fixed={"scale": [0.25]})
case("everything fixed", mul, {"x": row, "scale": 0.25}, [], fixed={"scale": [0.25], "x": row[0]})

rows = np.round(rng.uniform(-1, 1, (3, 4)), 3).astype(np.float32)
gemm = lambda batch: build([helper.make_node("MatMul", ["x", "w"], ["y"])], {"x": [batch, 4]}, [WEIGHTS])
for sample in [0, 2]:
    case(f"sample {sample} of a list", gemm(1), {"x": rows[[sample]]}, [flat(rows)], sample=sample)
    case(f"sample {sample} of nested lists", gemm(1), {"x": rows[[sample]]}, [rows.round(3).tolist()], sample=sample)
    case(f"sample {sample} of lists", gemm(1), {"x": rows[[sample]]}, [flat(r) for r in rows], sample=sample)
    case(f"sample {sample} of an open batch", gemm("n"), {"x": rows[[sample]]}, [flat(rows)], sample=sample)
case("an open batch", gemm("n"), {"x": rows}, [flat(rows)])
case("the only sample", gemm(1), {"x": rows[[1]]}, [flat(rows[1])], sample=0)

(pathlib.Path(__file__).parent / "choices.json").write_text(json.dumps(cases, indent=1) + "\n")
print(len(cases), "cases")
