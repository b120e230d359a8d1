#!/usr/bin/env python3
"""Writes statements.json: small models with inputs for which an integer program could easily say something false.

    venv/bin/python Tests/ModelTests/Fixtures/generate_statements.py

Needs what generate.py needs. Settings are made from one input and used for another; `outputs` are what onnxruntime makes of the
other one, and null where the program must refuse it.
"""

import base64
import json
import pathlib

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto as T
from onnx import helper, numpy_helper

NAMES = {np.dtype(np.float32): T.FLOAT, np.dtype(np.bool_): T.BOOL, np.dtype(np.int64): T.INT64}
cases = []


def f(*values):
    return np.asarray(values, np.float32)


def i(*values):
    return np.asarray(values, np.int64)


def b(*values):
    return np.asarray(values, np.bool_)


def case(name, calibration, given, nodes, constants=None, refused=False):
    """Nodes are (operator, inputs, outputs, attributes); the last one's output is the model's."""
    made = [helper.make_node(op, x.split(), y.split(), **attributes) for op, x, y, attributes in nodes]
    graph = helper.make_graph(
        made, "g", [helper.make_tensor_value_info(n, NAMES[a.dtype], a.shape) for n, a in calibration.items()],
        [helper.make_tensor_value_info(made[-1].output[0], T.UNDEFINED, None)],
        [numpy_helper.from_array(np.asarray(a), n) for n, a in (constants or {}).items()])
    model = helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 17)])
    model = onnx.shape_inference.infer_shapes(model)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    found = onnxruntime.InferenceSession(model.SerializeToString(), options).run(None, given)
    numbers = lambda inputs: [[float(v) for v in a.ravel()] for a in inputs.values()]
    cases.append({
        "name": name, "model": base64.b64encode(model.SerializeToString()).decode(),
        "calibration": numbers(calibration), "given": numbers(given),
        "outputs": None if refused else [[float(v) for v in y.ravel()] for y in found],
    })


# Whole numbers beside much larger ones.
label = ("Cast", "e", "y", {"to": T.INT64})
for op in ["Equal", "Less", "GreaterOrEqual"]:
    case(f"{op} of close integers", {"a": i((1 << 60) + 1), "b": i(-(1 << 60))}, {"a": i(1000), "b": i(1001)},
         [(op, "a b", "e", {}), label])
least = [("Where", "c x k", "w", {}), ("ReduceMin", "w", "y", {"keepdims": 0})]
for name, k in [("2^62", 1 << 62), ("the largest integer", (1 << 63) - 1)]:
    case(f"least number, masked by {name}", {"c": b(True, False), "x": i(64, 128)}, {"c": b(True, False), "x": i(67, 1)},
         least, {"k": i(k)})
case("multiples beside an odd constant", {"c": b(True, False), "x": i(64, 128)}, {"c": b(True, False), "x": i(67, 1)},
     [("Mul", "x m", "p", {}), ("Where", "c p k", "y", {})], {"m": i(8), "k": i(1001)})
case("multiples, clamped between odd constants", {"x": i(0, 64, 128)}, {"x": i(0, 1, 100)},
     [("Mul", "x m", "p", {}), ("Clip", "p l h", "y", {})], {"m": i(8), "l": np.int64(5), "h": np.int64(777)})
case("whole numbers, clamped by a fraction", {"x": i(0, 64, 128)}, {"x": i(0, 1, 100)},
     [("Cast", "x", "p", {"to": T.FLOAT}), ("Clip", "p l h", "y", {})], {"l": np.float32(0.5), "h": np.float32(3.25)})
case("equal to the largest integer", {"x": i(64, 128)}, {"x": i(67, -1)}, [("Equal", "x k", "e", {}), label],
     {"k": i((1 << 63) - 1)})
case("differences beyond 64 bits", {"x": i(3 << 61), "z": i(-3 << 61)}, {"x": i(3 << 61), "z": i(-3 << 61)},
     [("Less", "x z", "e", {}), label], refused=True)

# Infinity beside larger numbers than those of calibration.
for name, pick in [("least", "ReduceMin"), ("largest", "ReduceMax")]:
    k = f(np.inf if pick == "ReduceMin" else -np.inf)
    s = 1 if pick == "ReduceMin" else -1
    case(f"{name} number, masked by infinity", {"c": b(True, False), "x": s * f(20, 100)}, {"c": b(True, False), "x": s * f(100, 3)},
         [("Where", "c x k", "w", {}), (pick, "w", "y", {"keepdims": 0})], {"k": k})
    case(f"{name} number, beside infinity", {"x": s * f(20, 100)}, {"x": s * f(100, 127)},
         [("Concat", "x k", "w", {"axis": 0}), (pick, "w", "y", {"keepdims": 0})], {"k": k})
case("infinity beside numbers far beyond calibration", {"x": f(1, 0.5), "z": f(1, -0.2)}, {"x": f(0.9, 0.9), "z": f(-0.9, -0.9)},
     [("Sub", "x z", "d", {}), ("Mul", "d d", "q", {}), ("Mul", "q q", "r", {}), ("Mul", "r m", "s", {}), ("Concat", "s k", "w", {"axis": 0}),
      ("ReduceMin", "w", "y", {"keepdims": 0})], {"k": f(np.inf), "m": f(1e3)}, refused=True)

# Rows of a softmax that are masked altogether.
scores = f(2, 1, 0, -1, 1, 2, -2, 0.5).reshape(2, 4)
some, none = f(1, 1, 1, 0, 1, 1, 0, 0).reshape(2, 4), f(1, 1, 1, 0, 0, 0, 0, 0).reshape(2, 4)
added = [("Sub", "one m", "i", {}), ("Mul", "i k", "b", {}), ("Add", "x b", "s", {}), ("Softmax", "s", "y", {"axis": 1})]
case("another mask", {"x": scores, "m": some}, {"x": scores[::-1].copy(), "m": 1 - f(0, 1, 1, 1, 1, 0, 0, 1).reshape(2, 4)},
     added, {"one": f(1), "k": f(-10000)})
case("a row that is masked altogether", {"x": scores, "m": some}, {"x": scores, "m": none}, added, {"one": f(1), "k": f(-10000)},
     refused=True)
case("a row that is masked altogether, as in calibration", {"x": scores, "m": none}, {"x": scores, "m": none},
     [("Sub", "one m", "i", {}), ("Mul", "i k", "b", {}), ("Add", "x b", "s", {}), ("Softmax", "s", "y", {"axis": 1})],
     {"one": f(1), "k": f(-100)})

# Roots of negative numbers.
case("area cosine below 1", {"x": f(1.5, 2)}, {"x": f(0.9, 2)}, [("Acosh", "x", "y", {})], refused=True)
case("area cosine from 1 on", {"x": f(1.5, 2)}, {"x": f(1, 1.25)}, [("Acosh", "x", "y", {})])
case("root below 0", {"x": f(0.5, 2)}, {"x": f(-0.03, 2)}, [("Sqrt", "x", "y", {})], refused=True)
case("whether a root is a number", {"x": f(0.5, 2)}, {"x": f(-0.03, 2)},
     [("Sub", "x h", "d", {}), ("Sqrt", "d", "r", {}), ("IsNaN", "r", "e", {}), label], {"h": f(1 / 3)}, refused=True)
# Rounded at different scales, equal inputs differ by a unit.
case("root of a difference that is nothing", {"x": f(0.3, 1.9), "z": f(0.2, 0.95)}, {"x": f(0.6, 0.85), "z": f(0.6, 0.85)},
     [("Sub", "x z", "d", {}), ("Sqrt", "d", "y", {})])

path = pathlib.Path(__file__).parent / "statements.json"
path.write_text("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]\n")
print(f"{len(cases)} cases, {path.stat().st_size} bytes")
