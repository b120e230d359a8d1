#!/usr/bin/env python3
"""Writes hard_numbers.json: small models whose numbers are hard to quantise, with what onnxruntime makes of them.

    venv/bin/python Tests/ModelTests/Fixtures/hard_numbers.py

Needs what generate.py needs. Every kind stands for models that people have: columns of very different size, times beside
rates, weights that have decayed to denormal numbers, masks, wide softmaxes, numbers near the edge of a function's domain,
sums that cancel, decisions by a hair.
"""

import base64
import json
import pathlib

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto as T
from onnx import helper, numpy_helper

rng = np.random.default_rng(5)
NAMES = {np.dtype(np.float32): T.FLOAT, np.dtype(np.int64): T.INT64, np.dtype(np.bool_): T.BOOL}
cases = []


def f(*values):
    return np.asarray(values, np.float32)


def normal(*shape, scale=1.0):
    return (rng.standard_normal(shape) * scale).astype(np.float32)


def case(name, inputs, nodes, constants=None, opset=17):
    """Nodes are (operator, inputs, outputs, attributes); the last one's outputs are the model's."""
    made = [helper.make_node(op, i.split(), o.split(), domain=attributes.pop("domain", ""), **attributes)
            for op, i, o, attributes in nodes]
    results = list(made[-1].output)
    graph = helper.make_graph(
        made, "g", [helper.make_tensor_value_info(n, NAMES[a.dtype], a.shape) for n, a in inputs.items()],
        [helper.make_tensor_value_info(n, T.UNDEFINED, None) for n in results],
        [numpy_helper.from_array(np.asarray(a), n) for n, a in (constants or {}).items()])
    model = helper.make_model(graph, ir_version=8, opset_imports=[
        helper.make_opsetid("", opset), helper.make_opsetid("ai.onnx.ml", 3)])
    model = onnx.shape_inference.infer_shapes(model)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    for output in model.graph.output:
        if output.type.tensor_type.elem_type == T.UNDEFINED:
            output.type.tensor_type.elem_type = T.INT64 if output.name == "label" else T.FLOAT
    found = onnxruntime.InferenceSession(model.SerializeToString(), options).run(results, inputs)
    cases.append({
        "name": name, "model": base64.b64encode(model.SerializeToString()).decode(),
        "input_data": [[float(v) for v in a.ravel()] for a in inputs.values()],
        "outputs": [{"shape": list(y.shape), "data": [float(v) for v in y.ravel()]} for y in found],
    })


# Columns of very different size.
mixed = f(1.8e9, 0.25, 3.5e-4, 17).reshape(1, 4)
case("mixed columns, scaled and mixed", {"x": mixed}, [
    ("Mul", "x s", "a", {}), ("Add", "a o", "b", {}), ("MatMul", "b w", "l", {}), ("Sigmoid", "l", "y", {})],
    {"s": f(1e-9, 1, 1e4, 1e-2), "o": f(-1.7, 0, -3, 0.5), "w": normal(4, 2)})
case("mixed columns, one layer", {"x": mixed}, [("Gemm", "x w b", "y", {})],
     {"w": (normal(4, 3) / mixed.T).astype(np.float32), "b": normal(3)})
case("mixed columns, batch of rows", {"x": (mixed * np.abs(normal(3, 4, scale=0.3) + 1)).astype(np.float32)},
     [("Sub", "x m", "c", {}), ("Div", "c s", "z", {}), ("Gemm", "z w b", "l", {}), ("Tanh", "l", "y", {})],
     {"m": mixed[0], "s": mixed[0] * f(0.5), "w": normal(4, 3), "b": normal(3)})
case("mixed columns, sliced and joined", {"x": mixed}, [
    ("Slice", "x zero two one", "a", {}), ("Slice", "x two four one", "b", {}), ("Concat", "b a", "c", {"axis": 1}),
    ("Mul", "c s", "d", {}), ("MatMul", "d w", "y", {})],
    {"zero": np.int64([0]), "one": np.int64([1]), "two": np.int64([2]), "four": np.int64([4]),
     "s": f(1e4, 1e-2, 1e-9, 1), "w": normal(4, 2)})
case("mixed columns, gathered", {"x": mixed}, [
    ("Gather", "x i", "a", {"axis": 1}), ("Mul", "a s", "y", {})],
    {"i": np.int64([2, 0, 3]), "s": f(1e3, 1e-9, 0.1)})
case("Scaler of an amount and a rate", {"x": f(1e6, 0.0375).reshape(1, 2)}, [
    ("Scaler", "x", "s", {"domain": "ai.onnx.ml", "offset": [9.1e5, 0.03], "scale": [1e-5, 40.0]}),
    ("LinearRegressor", "s", "y", {"domain": "ai.onnx.ml", "coefficients": [0.7, 1.4], "intercepts": [0.1]})])
case("credit score", {"x": f(28728.5, 246689.75, 0.0327, 73.7466).reshape(1, 4)}, [
    ("Scaler", "x", "s", {"domain": "ai.onnx.ml", "offset": [5e4, 2e5, 0.05, 45.0], "scale": [4e-5, 1e-5, 30.0, 0.06]}),
    ("LinearClassifier", "s", "label probabilities", {
        "domain": "ai.onnx.ml", "classlabels_ints": [0, 1], "coefficients": [0.3, -0.8, 1.9, -0.4, -0.3, 0.8, -1.9, 0.4],
        "intercepts": [0.2, -0.2], "post_transform": "LOGISTIC", "multi_class": 0})])
case("tree on a time and a rate", {"x": f(1707221632, 39003.04, 0.000964389, 2).reshape(1, 4)}, [
    ("TreeEnsembleRegressor", "x", "y", {
        "domain": "ai.onnx.ml", "n_targets": 1, "nodes_treeids": [0] * 7, "nodes_nodeids": list(range(7)),
        "nodes_featureids": [0, 2, 1, 0, 0, 0, 0], "nodes_values": [1707221760.0, 0.00096, 39003.0, 0, 0, 0, 0],
        "nodes_modes": ["BRANCH_LEQ"] * 3 + ["LEAF"] * 4, "nodes_truenodeids": [1, 3, 5, 0, 0, 0, 0],
        "nodes_falsenodeids": [2, 4, 6, 0, 0, 0, 0], "target_treeids": [0] * 4, "target_nodeids": [3, 4, 5, 6],
        "target_ids": [0] * 4, "target_weights": [1.0, 2.5, 4.0, 8.0]})])

# Times.
case("milliseconds", {"t": np.int64([1700000123456, 1700009999999])}, [
    ("Sub", "t o", "d", {}), ("Cast", "d", "c", {"to": T.FLOAT}), ("Mul", "c s", "y", {})],
    {"o": np.int64(1700000000000), "s": np.float32(1e-7)})
case("days from seconds", {"t": f(1.7e9, 1.69e9)}, [
    ("Sub", "t o", "d", {}), ("Div", "d s", "y", {})], {"o": np.float32(1.68e9), "s": np.float32(86400)})
for top in (999, 12345):
    case(f"sine and cosine of {top}", {"t": np.int64([top])}, [
        ("Cast", "t", "c", {"to": T.FLOAT}), ("Unsqueeze", "c ax", "u", {}), ("Mul", "u k", "a", {}), ("Sin", "a", "s", {}),
        ("Cos", "a", "r", {}), ("Concat", "s r", "y", {"axis": -1})],
        {"k": f(1, 0.1, 0.01, 0.001), "ax": np.int64([-1])})
case("sine of negative angles", {"x": f(-70, -3.3, 55.5, 0.1)}, [("Sin", "x", "y", {})])

# Weights near nothing.
tiny = lambda *shape: (rng.random(shape) * 2e-40).astype(np.float32)
x4 = f(0.5, 1, 0.25, 0.1).reshape(1, 4)
case("one layer of denormal weights", {"x": x4}, [
    ("Gemm", "x w b", "a", {}), ("Relu", "a", "r", {}), ("Gemm", "r v c", "y", {})],
    {"w": tiny(4, 3), "b": tiny(3), "v": normal(3, 2), "c": normal(2)})
case("product of two layers of denormal weights", {"x": x4}, [
    ("Gemm", "x w b", "a", {}), ("Gemm", "x u b", "c", {}), ("Mul", "a c", "p", {}), ("Gemm", "p v d", "h", {}),
    ("Tanh", "h", "y", {})], {"w": tiny(4, 3), "u": tiny(4, 3), "b": tiny(3), "v": normal(3, 2), "d": normal(2)})
case("small weights that matter", {"x": x4}, [
    ("MatMul", "x w", "a", {}), ("MatMul", "a v", "y", {})],
    {"w": normal(4, 3, scale=1e-9), "v": normal(3, 2, scale=1e9)})
case("channels of different size", {"x": normal(1, 6)}, [
    ("MatMul", "x w", "a", {}), ("Relu", "a", "r", {}), ("MatMul", "r v", "y", {})],
    {"w": normal(6, 4) * f(1e-4, 1, 1e3, 1e-2), "v": (normal(4, 3) / f(1e-4, 1, 1e3, 1e-2).reshape(4, 1)).astype(np.float32)})

# Softmaxes and masks.
low = np.finfo(np.float32).min
for label, value in (("-10000", -1e4), ("the smallest float", low), ("-1e9", -1e9)):
    case(f"mask computed with {label}", {"x": normal(1, 4), "m": np.int64([[1, 1, 0, 1]])}, [
        ("Cast", "m", "c", {"to": T.FLOAT}), ("Sub", "one c", "i", {}), ("Mul", "i k", "b", {}), ("Add", "x b", "s", {}),
        ("Softmax", "s", "y", {"axis": -1})], {"one": np.float32(1), "k": np.float32(value)})
    case(f"attention masked with {label}", {"q": normal(2, 4, 3), "m": f(1, 1, 1, 0, 1, 1, 0, 0).reshape(2, 1, 4)}, [
        ("Sub", "one m", "i", {}), ("Mul", "i k", "b", {}), ("MatMul", "q t", "l", {}), ("Add", "l b", "s", {}),
        ("Softmax", "s", "p", {"axis": -1}), ("MatMul", "p v", "y", {})],
        {"one": np.float32(1), "k": np.float32(value), "t": normal(3, 4), "v": normal(4, 2)})
    case(f"Where with {label}", {"x": normal(2, 4), "m": np.array([[1, 1, 0, 1], [0, 1, 1, 1]], bool)}, [
        ("Where", "m x k", "s", {}), ("Softmax", "s", "y", {"axis": -1})], {"k": np.float32(value)})
    case(f"constant mask of {label}", {"x": normal(3, 3)}, [
        ("Add", "x k", "s", {}), ("Softmax", "s", "y", {"axis": -1})],
        {"k": np.triu(np.full((3, 3), value, np.float32), 1)})
case("Where with infinity", {"x": normal(1, 4), "m": np.array([[1, 1, 0, 1]], bool)}, [
    ("Where", "m x k", "s", {}), ("Softmax", "s", "y", {"axis": -1})], {"k": np.float32(-np.inf)})
case("mask given as numbers", {"x": normal(1, 4), "m": f(0, 0, -1e4, 0).reshape(1, 4)}, [
    ("Add", "x m", "s", {}), ("Softmax", "s", "y", {"axis": -1})])
case("mask chosen, then added", {"x": normal(1, 4), "m": np.int64([[1, 1, 0, 1]])}, [
    ("Equal", "m zero", "e", {}), ("Where", "e k none", "b", {}), ("Add", "x b", "s", {}),
    ("Softmax", "s", "y", {"axis": -1})], {"zero": np.int64(0), "k": np.float32(low), "none": np.float32(0)})
case("softmax of wide numbers", {"x": f(1e4, -1e4, 9999.5, 0).reshape(1, 4)}, [("Softmax", "x", "y", {"axis": 1})])
case("softmax far from 0", {"x": f(100000.5, 100001, 99999, 100000).reshape(1, 4)}, [("Softmax", "x", "y", {"axis": 1})])
case("softmax without a shift", {"x": f(30, 35, 36).reshape(1, 3)}, [
    ("Exp", "x", "e", {}), ("ReduceSum", "e ax", "s", {"keepdims": 1}), ("Div", "e s", "y", {})], {"ax": np.int64([1])})
case("log of a sum of exponentials", {"x": f(30, 35, 36).reshape(1, 3)}, [
    ("Exp", "x", "e", {}), ("ReduceSum", "e ax", "s", {"keepdims": 0}), ("Log", "s", "y", {})], {"ax": np.int64([1])})

# Edges of functions.
case("softplus spelt", {"x": f(50, -50, 0.5)}, [
    ("Exp", "x", "e", {}), ("Add", "e one", "a", {}), ("Log", "a", "y", {})], {"one": np.float32(1)})
case("exponentials far apart", {"x": f(20, -20, 0.5)}, [("Exp", "x", "y", {})])
case("logarithms near 0", {"x": f(1e-6, 3e-5, 0.5, 7)}, [("Log", "x", "y", {})])
case("logarithm of a small sum", {"x": f(1e-9, 0.25)}, [("Add", "x e", "a", {}), ("Log", "a", "y", {})],
     {"e": np.float32(1e-7)})
case("powers of negative numbers", {"x": f(-3.5, -0.1, 2, 0)}, [("Pow", "x k", "y", {})], {"k": np.float32(3)})
case("reciprocals of small and large numbers", {"x": f(1e-3, 250, -0.02)}, [("Reciprocal", "x", "y", {})])
case("quotients over a wide range", {"a": f(1e-4, 2e-4, 5e4), "b": f(1e-4, 4e-4, 2e4)}, [("Div", "a b", "y", {})])
case("ratios in per cent", {"a": f(30, 1200), "b": f(1000, 2.5e6)}, [
    ("Div", "a b", "q", {}), ("Mul", "q k", "y", {})], {"k": np.float32(100)})
case("root mean square of small numbers", {"x": f(1e-3, -2e-3, 3e-3, 1e-4).reshape(1, 4)}, [
    ("Mul", "x x", "q", {}), ("ReduceMean", "q", "m", {"axes": [1]}), ("Add", "m e", "a", {}), ("Sqrt", "a", "s", {}),
    ("Div", "x s", "y", {})], {"e": np.float32(1e-8)})
case("deviation by moments", {"x": f(*[2.3] * 8).reshape(1, 8)}, [
    ("Mul", "x x", "q", {}), ("ReduceMean", "q", "a", {"axes": [1]}), ("ReduceMean", "x", "m", {"axes": [1]}),
    ("Mul", "m m", "b", {}), ("Sub", "a b", "v", {}), ("Relu", "v", "r", {}), ("Sqrt", "r", "y", {})])
case("deviation by moments of large numbers", {"x": f(100, 101, 102, 99).reshape(1, 4)}, [
    ("Mul", "x x", "q", {}), ("ReduceMean", "q", "a", {"axes": [1]}), ("ReduceMean", "x", "m", {"axes": [1]}),
    ("Mul", "m m", "b", {}), ("Sub", "a b", "v", {}), ("Sqrt", "v", "y", {})])
case("normalisation of a constant row", {"x": f(3, 3, 3, 3, 1, 2, 3, 4).reshape(2, 4)}, [
    ("LayerNormalization", "x g b", "y", {"epsilon": 1e-5})], {"g": f(1, 1, 1, 1), "b": f(0, 0, 0, 0)})
case("normalisation of a large row", {"x": f(1e4, 1.1e4, 9e3, 1.05e4).reshape(1, 4)}, [
    ("LayerNormalization", "x g b", "y", {"epsilon": 1e-5})], {"g": f(1, 1, 1, 1), "b": f(0, 0, 0, 0)})
for norm in ("L1", "L2", "MAX"):
    case(f"{norm} norm of a row of zeros", {"x": f(0, 0, 0, 3, 4, 0).reshape(2, 3)}, [
        ("Normalizer", "x", "y", {"domain": "ai.onnx.ml", "norm": norm})])
case("polynomial chain", {"x": f(7.5, -3, 0.1, 2)}, [
    ("Mul", "x x", "a", {}), ("Add", "a x", "b", {}), ("Mul", "b b", "c", {}), ("Add", "c b", "d", {}), ("Mul", "d d", "e", {}),
    ("Add", "e d", "g", {}), ("Mul", "g k", "y", {})], {"k": np.float32(1e-6)})
case("large sums that cancel", {"x": normal(1, 8, scale=80)}, [
    ("MatMul", "x w", "a", {}), ("MatMul", "x v", "b", {}), ("Sub", "a b", "y", {})],
    {"w": normal(8, 2, scale=400), "v": normal(8, 2)})

# Decisions.
w = np.tile(normal(6, 1), (1, 3)) * f(1, 1.0002, 1.0001)
case("class that wins by a hair", {"x": f(0.3, -0.3, 0.3, 0.3, -0.3, -0.3).reshape(1, 6)}, [
    ("MatMul", "x w", "h", {}), ("Tanh", "h", "t", {}), ("ArgMax", "t", "label", {"axis": 1, "keepdims": 0})],
    {"w": w.astype(np.float32)})
case("threshold by a hair", {"x": f(0.30001, 0.29999, 0.3)}, [
    ("Less", "x k", "c", {}), ("Cast", "c", "y", {"to": T.FLOAT})], {"k": np.float32(0.3)})
case("rounding by a hair", {"x": f(2.4999, 2.5001, -0.0002, 1.9999)}, [("Floor", "x", "y", {})])

# What was wrong, or refused, before it was looked at.
case("labels beside fine numbers", {"x": f(0.7).reshape(1, 1)}, [
    ("Greater", "x k", "c", {}), ("Cast", "c", "b", {"to": T.FLOAT}), ("MatMul", "b w", "p", {}), ("Exp", "x", "e", {}),
    ("Mul", "e x", "u", {}), ("Add", "p u", "y", {})],
    {"k": f(0.1, 0.5, 0.9).reshape(1, 3), "w": f(9, -23, 57).reshape(3, 1)})
case("area cosine beside 1", {"x": f(1, 1.00001, 2.718282, 9)}, [("Acosh", "x", "y", {})])
case("absolute values of 64 bits", {"x": np.int64([3 << 61, -3 << 61, -5])}, [
    ("Abs", "x", "a", {}), ("Div", "a d", "label", {})], {"d": np.int64([1 << 40])})
case("infinite bias that a choice drops", {"x": f(0.5, 1.5, -0.5, 1).reshape(1, 4)}, [
    ("Add", "x b", "s", {}), ("Where", "c s n", "t", {}), ("Softmax", "t", "y", {"axis": 1})],
    {"b": f(0, 0.25, -np.inf, -np.inf), "c": np.array([True, True, False, False]), "n": f(-np.inf)})
case("tie", {"x": f(0.500006, 0.5, 0.1).reshape(1, 3)}, [("ArgMax", "x", "label", {"axis": 1, "keepdims": 0})])
case("no tie", {"x": f(0.9, 0.5, 0.1).reshape(1, 3)}, [("ArgMax", "x", "label", {"axis": 1, "keepdims": 0})])

# Results that are next to nothing by chance, beside ordinary arguments.
case("a class that is certain", {"x": f(-79, 1.09, -15.3).reshape(1, 3)}, [
    ("ReduceLogSumExp", "x axes", "n", {"keepdims": 1}), ("Sub", "x n", "l", {}), ("Exp", "l", "y", {})],
    {"axes": np.int64([1])}, opset=18)
case("logarithm beside 1", {"x": f(1.0000002)}, [("Log", "x", "y", {})])
case("sine beside pi", {"x": f(3.1415925)}, [("Sin", "x", "y", {})])
case("cosine beside a quarter of a turn", {"x": f(1.5707963)}, [("Cos", "x", "y", {})])
case("channels of different size in images", {"x": normal(1, 2, 6, 6)}, [
    ("Conv", "x w b", "a", {"pads": [1, 1, 1, 1]}), ("Relu", "a", "r", {}), ("MaxPool", "r", "p", {"kernel_shape": [2, 2], "strides": [2, 2]}),
    ("Conv", "p v", "c", {}), ("Add", "c k", "s", {}), ("Flatten", "s", "y", {})],
    {"w": (normal(3, 2, 3, 3) * f(1e-4, 1, 1e3).reshape(3, 1, 1, 1)).astype(np.float32), "b": normal(3) * f(1e-4, 1, 1e3),
     "v": (normal(2, 3, 2, 2) / f(1e-4, 1, 1e3).reshape(1, 3, 1, 1)).astype(np.float32), "k": normal(1, 2, 1, 1)})

names = [c["name"] for c in cases]
assert len(set(names)) == len(names)
path = pathlib.Path(__file__).parent / "hard_numbers.json"
path.write_text("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]\n")
print(f"{len(cases)} cases, {path.stat().st_size} bytes")
