#!/usr/bin/env python3
"""Writes types.json: models in which element types decide the numbers, with input files and what onnxruntime makes of them.

    venv/bin/python Tests/ModelTests/Fixtures/generate_types.py        (needs onnx, onnxruntime and numpy, as generate.py does)

Elements of outputs are texts, so that 64-bit integers and floats lose nothing. A case with `refusal` has no outputs: its input must
be refused with these words.
"""
import base64
import json
import pathlib

import numpy as np
import onnxruntime
from onnx import TensorProto as T
from onnx import helper, numpy_helper

cases = []
KINDS = {"float32": T.FLOAT, "float64": T.DOUBLE, "float16": T.FLOAT16, "bool": T.BOOL, "int8": T.INT8, "uint8": T.UINT8,
         "int16": T.INT16, "uint16": T.UINT16, "int32": T.INT32, "uint32": T.UINT32, "int64": T.INT64, "uint64": T.UINT64}
NAMES = {"float64": "double"}


def graph(inputs, nodes, constants=(), opset=17):
    """inputs: (name, numpy type name, shape); nodes: (operator, inputs, output, attributes); the last one makes the output."""
    made = helper.make_graph(
        [helper.make_node(op, list(ins), [out], domain=attributes.pop("domain", ""), **attributes)
         for op, ins, out, attributes in nodes],
        "g", [helper.make_tensor_value_info(n, KINDS[k], s) for n, k, s in inputs],
        [helper.make_empty_tensor_value_info(nodes[-1][2])],
        [numpy_helper.from_array(np.asarray(v), n) for n, v in dict(constants).items()])
    return helper.make_model(
        made, opset_imports=[helper.make_opsetid("", opset), helper.make_opsetid("ai.onnx.ml", 3)], ir_version=8)


def case(name, inputs, nodes, feeds, constants=(), opset=17, given=None, refusal=None):
    """given: what the input file says instead of the fed numbers."""
    model = graph(inputs, nodes, constants, opset)
    entry = {"name": name, "model": base64.b64encode(model.SerializeToString()).decode()}
    if given is None:
        given = {"input_data": [np.asarray(feeds[n]).astype(k if k != "bool" else "int64").tolist() for n, k, _ in inputs]}
    entry["input"] = given if isinstance(given, str) else json.dumps(given)
    if refusal:
        entry["refusal"] = refusal
    else:
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        session = onnxruntime.InferenceSession(model.SerializeToString(), options)
        found = session.run(None, {n: np.array(feeds[n], k) for n, k, _ in inputs})
        entry["outputs"] = []
        for port, array in zip(session.get_outputs(), found):
            array = np.asarray(array)
            kind = str(array.dtype)
            numbers = array.astype(np.int64) if kind == "bool" else array
            entry["outputs"].append({
                "type": NAMES.get(kind, kind), "shape": list(array.shape),
                "data": [str(int(v)) if numbers.dtype.kind in "iu" else repr(float(v)) for v in numbers.ravel()]})
    cases.append(entry)


i32 = lambda *v: np.array(v, np.int32)
i64 = lambda *v: np.array(v, np.int64)
f32 = lambda *v: np.array(v, np.float32)

# Integers wrap at their width, and those of 64 bits are exact.
case("int32 hash", [("x", "int32", [4])],
     [("Mul", ["x", "a"], "m", {}), ("Mod", ["m", "b"], "y", {})], {"x": [1, 2, 12345, -7]},
     {"a": i32(1640531527), "b": i32(97)})
case("int32 sum at the edge", [("x", "int32", [2])], [("Add", ["x", "c"], "y", {})], {"x": [2147483647, -5]}, {"c": i32(1)})
case("int64 hash", [("x", "int64", [3])],
     [("Mul", ["x", "a"], "m", {}), ("Mod", ["m", "b"], "y", {})], {"x": [1, 2, 12345]}, {"a": i64(2654435761), "b": i64(101)})
case("int64 product that wraps", [("x", "int64", [5])],
     [("Mul", ["x", "a"], "m", {}), ("Add", ["m", "b"], "y", {})],
     {"x": [1, -2, 12345, 9223372036854775807, -9223372036854775808]},
     {"a": i64(6364136223846793005), "b": i64(1442695040888963407)})
case("int64 hash that wraps", [("x", "int64", [4])],
     [("Mul", ["x", "a"], "m", {}), ("Mod", ["m", "b"], "y", {})], {"x": [1, 2, 12345, 987654321987]},
     {"a": i64(-7046029254386353131), "b": i64(101)})
case("int64 product of inputs", [("a", "int64", [3]), ("b", "int64", [3])], [("Mul", ["a", "b"], "y", {})],
     {"a": [4611686018427387905, -3, 1 << 40], "b": [7, -9223372036854775807, 1 << 40]})
case("int64 sum at the edge", [("x", "int64", [2])], [("Add", ["x", "c"], "y", {})], {"x": [9223372036854775807, -5]}, {"c": i64(1)})
case("int64 MatMul that wraps", [("a", "int64", [2, 2]), ("b", "int64", [2, 2])], [("MatMul", ["a", "b"], "y", {})],
     {"a": [[1 << 40, 5], [-(1 << 50), 3]], "b": [[1 << 40, 1 << 30], [7, -(1 << 41)]]})
case("int64 to int32 at the edges", [("x", "int64", [4])], [("Cast", ["x"], "y", {"to": T.INT32})],
     {"x": [9223372036854775807, -9223372036854775808, 5, 1 << 31]})
case("uint32 product that wraps", [("x", "uint32", [4])], [("Mul", ["x", "c"], "y", {})], {"x": [1, 2, 12345, 4294967295]},
     {"c": np.uint32(2654435761)})
case("int64 beyond doubles", [("x", "int64", [3])],
     [("Add", ["x", "a"], "s", {}), ("Mod", ["s", "b"], "y", {})], {"x": [0, 1, 7]}, {"a": i64(9007199254740993), "b": i64(1000)})
case("int64 input beyond doubles", [("x", "int64", [2])],
     [("Sub", ["x", "a"], "y", {})], {"x": [9007199254740993, 9007199254740995]}, {"a": i64(9007199254740992)})
case("int64 compared beyond doubles", [("x", "int64", [3])],
     [("Equal", ["x", "a"], "y", {})], {"x": [9007199254740992, 9007199254740993, 9007199254740994]}, {"a": i64(9007199254740993)})
case("uint8 difference", [("x", "uint8", [3])], [("Sub", ["x", "c"], "y", {})], {"x": [5, 10, 20]}, {"c": np.uint8(10)}, opset=14)
case("uint8 shift", [("x", "uint8", [3])], [("BitShift", ["x", "c"], "y", {"direction": "LEFT"})], {"x": [5, 129, 255]},
     {"c": np.uint8(3)})
case("uint64 shift by 63", [("x", "uint64", [3])], [("BitShift", ["x", "c"], "y", {"direction": "RIGHT"})], {"x": [5, 1 << 62, 1]},
     {"c": np.uint64(63)})
case("int8 cast", [("x", "int64", [5])], [("Cast", ["x"], "y", {"to": T.INT8})], {"x": [300, -1, -129, 128, 70000]})
case("uint8 cast of floats", [("x", "float32", [5])], [("Cast", ["x"], "y", {"to": T.UINT8})], {"x": [300.7, -1.5, 128, 255.9, -0.5]})
case("Div towards zero", [("x", "int32", [4])], [("Div", ["x", "c"], "y", {})], {"x": [7, -7, 8, -1]}, {"c": i32(2)})
case("Mod with the divisor's sign", [("x", "int32", [4])], [("Mod", ["x", "c"], "y", {})], {"x": [7, -7, 8, -1]}, {"c": i32(-3)})
case("fmod with the dividend's sign", [("x", "int32", [4])], [("Mod", ["x", "c"], "y", {"fmod": 1})], {"x": [7, -7, 8, -1]},
     {"c": i32(-3)})
case("Max of integers", [("a", "int32", [3]), ("b", "int32", [3])], [("Max", ["a", "b"], "y", {})], {"a": [3, 2, 1], "b": [1, 4, 4]})
case("uint8 largest", [("x", "uint8", [3])], [("ReduceMax", ["x"], "y", {"keepdims": 0})], {"x": [200, 3, 255]})
case("mean of integers", [("x", "int32", [3])], [("ReduceMean", ["x"], "y", {"keepdims": 0})], {"x": [-5, 1, 0]})

# Comparisons decide as float32 does.
near = np.nextafter(np.float32(0.7), np.float32(1))
case("equal to a constant", [("x", "float32", [3])],
     [("Equal", ["x", "c"], "e", {}), ("Cast", ["e"], "y", {"to": T.FLOAT})], {"x": [0.1, 0.7, 0.25]}, {"c": f32(0.1, 0.7, 0.25)},
     given={"input_data": [[0.1, 0.7, 0.25]]})
for op in ("Less", "LessOrEqual", "Greater", "GreaterOrEqual", "Equal"):
    case(f"{op} one ulp beside", [("x", "float32", [3])], [(op, ["x", "c"], "y", {})],
         {"x": [0.7, near, np.nextafter(np.float32(0.7), np.float32(0))]}, {"c": np.float32(0.7)})


def tree(mode, threshold):
    return ("TreeEnsembleRegressor", ["x"], "y", dict(
        domain="ai.onnx.ml", n_targets=1, nodes_treeids=[0, 0, 0], nodes_nodeids=[0, 1, 2], nodes_featureids=[0, 0, 0],
        nodes_values=[threshold, 0.0, 0.0], nodes_modes=[mode, "LEAF", "LEAF"], nodes_truenodeids=[1, 0, 0],
        nodes_falsenodeids=[2, 0, 0], target_treeids=[0, 0], target_nodeids=[1, 2], target_ids=[0, 0], target_weights=[1.0, 5.0]))


for mode in ("BRANCH_LEQ", "BRANCH_LT", "BRANCH_GT", "BRANCH_GTE"):
    for label, x in (("at", 0.7), ("above", float(near)), ("below", float(np.nextafter(np.float32(0.7), np.float32(0))))):
        case(f"tree {mode} {label} its threshold", [("x", "float32", [1, 1])], [tree(mode, 0.7)], {"x": [[x]]},
             given={"input_data": [[x]]})
case("tree with a close threshold", [("x", "float32", [1, 1])], [tree("BRANCH_LEQ", float(np.float32(1234.4999)))], {"x": [[1234.5]]})

# Ties, saturation, float types.
case("QuantizeLinear at ties", [("x", "float32", [8])], [("QuantizeLinear", ["x", "s", "z"], "y", {})],
     {"x": [0.25, 0.75, 1.25, -0.25, -0.75, 200, -200, 0.5]}, {"s": np.float32(0.5), "z": np.uint8(3)})
case("Round at ties", [("x", "float32", [6])], [("Round", ["x"], "y", {})], {"x": [0.5, 1.5, 2.5, -0.5, -1.5, 0.49999997]})
case("float16 sum", [("x", "float16", [2])], [("Add", ["x", "c"], "y", {})], {"x": [2048, 1]}, {"c": np.float16(1)})
case("double product", [("x", "float64", [2])], [("Mul", ["x", "c"], "y", {})], {"x": [0.1, 3]}, {"c": np.float64(0.1)})

# How inputs are given.
two = [("a", "float32", [3]), ("b", "float32", [3])]
sub = [("Sub", ["a", "b"], "y", {})]
feeds = {"a": [1, 2, 3], "b": [0.5, 0.25, -1]}
case("inputs by name", two, sub, feeds, given={"input_data": {"b": [0.5, 0.25, -1], "a": [1, 2, 3]}})
case("a bare number", [("x", "float32", [4]), ("s", "float32", [])], [("Mul", ["x", "s"], "y", {})],
     {"x": [1, 2, 3, 4], "s": 0.25}, given={"input_data": [[1, 2, 3, 4], 0.25]})
case("an open batch", [("x", "float32", [None, 2])], [("ReduceSum", ["x", "axes"], "y", {"keepdims": 0})],
     {"x": [[1, 2], [3, 4], [5, 6]]}, {"axes": i64(1)})
case("shapes from an input", [("x", "float32", [2, 3]), ("s", "int64", [1])], [("Reshape", ["x", "s"], "y", {})],
     {"x": [[1, 2, 3], [4, 5, 6]], "s": [6]})
refuse = lambda name, kind, given, words: case(
    name, [("x", kind, [2])], [("Identity", ["x"], "y", {})], {}, given=given, refusal=words)
refuse("a fraction for an integer", "int64", {"input_data": [[1.5, 2]]}, "element 0 of input x is 1.5, which is not of its type int64")
refuse("300 for a uint8", "uint8", {"input_data": [[1, 300]]}, "element 1 of input x is 300")
refuse("a negative number without a sign", "uint32", {"input_data": [[-1, 3]]}, "element 0 of input x is -1")
refuse("2 for a truth value", "bool", {"input_data": [[1, 2]]}, "element 1 of input x is 2")
refuse("beyond int64", "int64", '{"input_data": [[9223372036854775808, 0]]}', "element 0 of input x is 9223372036854775808")
refuse("beyond float16", "float16", {"input_data": [[70000, 0]]}, "element 0 of input x is 70000")
refuse("not a number", "float32", '{"input_data": [[Infinity, 1]]}', "neither JSON")
refuse("a text", "float32", {"input_data": [["a", 1]]}, "input_data[0][1]: texts and numbers are mixed")
refuse("too few", "float32", {"input_data": [[1]]}, "expected 2, found 1")
refuse("other lists", "float32", {"input_data": [[[1], [2, 3]]]}, "input_data[0][1] has shape [2], its neighbours [1]")
refuse("an unknown name", "float32", {"input_data": {"z": [1, 2]}}, "x missing, z unknown")
path = pathlib.Path(__file__).parent / "types.json"
path.write_text("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]\n")
print(f"{len(cases)} cases, {path.stat().st_size} bytes")
