#!/usr/bin/env python3
"""Writes missing.json: models whose inputs lack numbers (NaN), with what onnxruntime makes of them.

Needs onnx, onnxruntime and numpy from PyPI. A case has the model as base64, an input file, and its outputs.
"""

import json
import pathlib

import numpy as np
from onnx import TensorProto as T
from onnx import helper, numpy_helper

import generate_texts
from generate_texts import ML, case, cases, node, refuse, refused

cases.clear()
refused.clear()
NAN = float("nan")
x = np.array([[6.7, NAN, 0.003, 1.7], [NAN, -2.5, 40000, NAN]], np.float32)


def forest(op, x, y, modes, tracks, **more):
    return node(
        op, x, y, ML, nodes_treeids=[0] * 7, nodes_nodeids=list(range(7)), nodes_featureids=[0, 1, 2, 0, 0, 0, 0],
        nodes_values=[3.5, -1.0, 0.01, 0.0, 0.0, 0.0, 0.0], nodes_truenodeids=[1, 3, 5, 0, 0, 0, 0],
        nodes_falsenodeids=[2, 4, 6, 0, 0, 0, 0], nodes_modes=modes + ["LEAF"] * 4,
        nodes_missing_value_tracks_true=tracks + [0] * 4, **more)


LEAVES = {f"target_{key}": value for key, value in (
    ("treeids", [0] * 4), ("nodeids", [3, 4, 5, 6]), ("ids", [0] * 4), ("weights", [1.0, 2.5, -4.0, 8.0]))}
for tracks in ([0, 0, 0], [1, 0, 1], [0, 1, 0], [1, 1, 1]):
    case(f"a tree whose missing numbers go {tracks}", [
        forest("TreeEnsembleRegressor", "x", "y", ["BRANCH_LT", "BRANCH_LEQ", "BRANCH_GT"], tracks, n_targets=1, **LEAVES)],
        {"x": x}, {"y": T.FLOAT})
case("a tree of unequal branches", [
    forest("TreeEnsembleRegressor", "x", "y", ["BRANCH_NEQ", "BRANCH_NEQ", "BRANCH_EQ"], [0, 0, 0], n_targets=1, **LEAVES)],
    {"x": x}, {"y": T.FLOAT})
case("numbers that are imputed", [
    node("Imputer", "x", "a", ML, imputed_value_floats=[0.5, -1, 2, 3], replaced_value_float=NAN),
    node("MatMul", "a w", "y")], {"x": x}, {"y": T.FLOAT},
    [numpy_helper.from_array(np.float32([[1, 0], [-1, 2], [1e-5, 0], [0.5, 1]]), "w")])
case("columns that are moved and imputed", [
    node("Gather", "x places", "g", axis=1), node("Concat", "g n", "c", axis=1),
    node("Imputer", "c", "y", ML, imputed_value_floats=[7.0], replaced_value_float=NAN)],
    {"x": x, "n": np.float32([[1, 2], [3, 4]])}, {"y": T.FLOAT}, [numpy_helper.from_array(np.array([3, 0]), "places")])
case("numbers chosen where they are there", [
    node("IsNaN", "x", "m"), node("Where", "m k x", "z"), node("ReduceSum", "z", "y", keepdims=0)],
    {"x": x[:1]}, {"y": T.FLOAT}, [numpy_helper.from_array(np.float32(-1), "k")])
case("how many are missing", [
    node("IsNaN", "x", "m"), node("Cast", "m", "f", to=T.FLOAT), node("ReduceSum", "f", "y", keepdims=0)],
    {"x": x}, {"y": T.FLOAT})
# Branches and loops: what is missing goes along.
FILL = dict(imputed_value_floats=[7.0], replaced_value_float=NAN)


def port(name, kind, shape):
    return helper.make_tensor_value_info(name, kind, shape)


def body(nodes, inputs, outputs):
    return helper.make_graph(nodes, "body", inputs, outputs)


def one(text, out, shape):
    return body([node(*text.split(), out)], [], [port(out, T.FLOAT, shape)])


def filled(source):
    return [node("Imputer", source, "y", ML, **FILL)]


pair = {"x": x, "w": np.float32([[1, 2, NAN, 4], [5, NAN, 7, 8]])}
for flag in (True, False):
    branch = node("If", "c", "z", then_branch=one("Identity x", "p", [2, 4]), else_branch=one("Identity w", "q", [2, 4]))
    case(f"a branch that lacks numbers, {flag}", [branch, *filled("z")], {**pair, "c": np.array([flag])}, {"y": T.FLOAT})
    branch = node("If", "c", "z", then_branch=one("Identity x", "p", [2, 4]), else_branch=one("Tanh n", "q", [2, 4]))
    case(f"one branch that lacks numbers, {flag}", [branch, *filled("z"), node("IsNaN", "z", "m"), node("Cast", "m", "i", to=T.FLOAT)],
         {"x": x, "n": np.ones((2, 4), np.float32), "c": np.array([flag])},
         {"y": T.FLOAT, "i": T.FLOAT})
ROW = [port("s", T.FLOAT, [4]), port("e", T.FLOAT, [4])]
SCAN = node("Scan", "x0 x", "last rows", num_scan_inputs=1, scan_input_directions=[1], body=body(
    [node("Identity", "e", "t"), node("Identity", "s", "o")], ROW, [port("t", T.FLOAT, [4]), port("o", T.FLOAT, [4])]))
case("rows of a scan that lack numbers", [
    SCAN, node("Unsqueeze", "last zero", "l"), node("Concat", "l rows", "z", axis=0), *filled("z")], {"x": x}, {"y": T.FLOAT},
    [numpy_helper.from_array(np.zeros(4, np.float32), "x0"), numpy_helper.from_array(np.array([0]), "zero")])
SCAN = node("Scan", "x", "rows", num_scan_inputs=1, scan_input_axes=[1], scan_output_axes=[1], body=body(
    [node("Identity", "e", "o")], [port("e", T.FLOAT, [2])], [port("o", T.FLOAT, [2])]))
case("columns of a scan that lack numbers", [SCAN, *filled("rows")], {"x": x}, {"y": T.FLOAT})
STATE = [port("i", T.INT64, []), port("ci", T.BOOL, []), port("v", T.FLOAT, [2, 4])]
TURN = [node("Gather", "x ends", "vo", axis=0), node("Identity", "v", "o")]
case("rounds of a loop that lack numbers", [
    node("Loop", "n t w", "v2 rows", body=body(
        TURN + [node("Identity", "ci", "co")], STATE,
        [port("co", T.BOOL, []), port("vo", T.FLOAT, [2, 4]), port("o", T.FLOAT, [2, 4])])),
    node("Unsqueeze", "v2 zero", "l"), node("Concat", "l rows", "z", axis=0), *filled("z")], pair, {"y": T.FLOAT},
    [numpy_helper.from_array(np.array(2), "n"), numpy_helper.from_array(np.array(True), "t"),
     numpy_helper.from_array(np.array([0]), "zero"), numpy_helper.from_array(np.array([1, 0]), "ends")])
for stop in (1.0, -1.0):
    case(f"a loop that values end, whose state lacks numbers, {stop}", [
        node("Loop", "n t w", "v2", body=body(
            [node("Gather", "v ends", "vo", axis=0), node("Less", "k zero", "co")], STATE, [port("co", T.BOOL, []), port("vo", T.FLOAT, [2, 4])])),
        *filled("v2")], {**pair, "k": np.array(stop, np.float32)}, {"y": T.FLOAT},
        [numpy_helper.from_array(np.array(2), "n"), numpy_helper.from_array(np.array(True), "t"),
         numpy_helper.from_array(np.float32(0), "zero"), numpy_helper.from_array(np.array([1, 0]), "ends")])
case("numbers chosen by a mask that both are reshaped with", [
    node("IsNaN", "x", "m"), node("Reshape", "m s", "c"), node("Reshape", "x s", "z"), node("Where", "c k z", "y")],
    {"x": x}, {"y": T.FLOAT},
    [numpy_helper.from_array(np.array([4, 2]), "s"), numpy_helper.from_array(np.float32(7), "k")])
case("numbers beside computed ones", [
    node("Tanh", "n", "t"), node("Concat", "x t", "c", axis=1), node("IsNaN", "c", "m"), node("Cast", "m", "y", to=T.FLOAT)],
    {"x": x, "n": np.ones((2, 1), np.float32)}, {"y": T.FLOAT})

LOST = "may be missing (NaN)"
SUM = node("ReduceSum", "z", "y", keepdims=0)
refuse("the sum of a branch that lacks numbers", LOST, [
    node("If", "c", "z", then_branch=one("Identity x", "p", [2, 4]), else_branch=one("Identity x", "q", [2, 4])), SUM],
    {"x": x, "c": np.array([True])}, {"y": T.FLOAT})
refuse("the sum in a scan over numbers that lack some", LOST, [
    node("Scan", "x0 x", "y", num_scan_inputs=1, body=body([node("Add", "s e", "t")], ROW, [port("t", T.FLOAT, [4])]))],
    {"x": x}, {"y": T.FLOAT}, constants=[numpy_helper.from_array(np.zeros(4, np.float32), "x0")])
refuse("the sum of rounds that lack numbers", LOST, [
    node("Loop", "n t", "z", body=body(
        [node("Identity", "ci", "co"), node("Identity", "x", "o")], STATE[:2], [port("co", T.BOOL, []), port("o", T.FLOAT, [2, 4])])),
    SUM], {"x": x}, {"y": T.FLOAT},
    constants=[numpy_helper.from_array(np.array(2), "n"), numpy_helper.from_array(np.array(True), "t")])
refuse("the sum of a state that lacks numbers", LOST, [
    node("Loop", "n t w", "z", body=body(
        [node("Gather", "v ends", "vo", axis=0), node("Less", "k zero", "co")], STATE, [port("co", T.BOOL, []), port("vo", T.FLOAT, [2, 4])])), SUM],
    {**pair, "k": np.array(1, np.float32)}, {"y": T.FLOAT},
    constants=[numpy_helper.from_array(np.array(2), "n"), numpy_helper.from_array(np.array(True), "t"),
               numpy_helper.from_array(np.float32(0), "zero"), numpy_helper.from_array(np.array([1, 0]), "ends")])
refuse("a mask in another shape", LOST, [
    node("IsNaN", "x", "m"), node("Reshape", "m s", "c"), node("Where", "c k x", "y")], {"x": np.float32([[1, NAN]])}, {"y": T.FLOAT},
    constants=[numpy_helper.from_array(np.array([2, 1]), "s"), numpy_helper.from_array(np.float32(7), "k")])
refuse("a mask in another order", LOST, [
    node("IsNaN", "z", "m"), node("Transpose", "m", "c"), node("Where", "c k z", "y")], {"z": np.float32([[1, NAN], [2, 3]])},
    {"y": T.FLOAT}, constants=[numpy_helper.from_array(np.float32(7), "k")])
refuse("a computed number that is none beside missing ones", "", [
    node("Log", "n", "t"), node("Concat", "x t", "c", axis=1), node("IsNaN", "c", "m"), node("Cast", "m", "y", to=T.FLOAT)],
    {"x": x, "n": np.float32([[1], [-1]])}, {"y": T.FLOAT})
refuse("computing with a number that is missing", "may be missing (NaN)", [node("Relu", "x", "y")], {"x": x}, {"y": T.FLOAT})
refuse("a missing number as a whole one", "cast to int64", [node("Cast", "x", "y", to=T.INT64)], {"x": x}, {"y": T.INT64})
refuse("an output that may be missing", "output y", [node("Reshape", "x s", "y")], {"x": x}, {"y": T.FLOAT},
       constants=[numpy_helper.from_array(np.array([-1]), "s")])
refuse("a missing integer", "not a finite number", [node("Abs", "x", "y")], {"x": np.array([[1]])}, {"y": T.INT64}, {"x": [[NAN]]})

path = pathlib.Path(__file__).parent / "missing.json"
path.write_text(json.dumps({"cases": cases, "refused": refused}, indent=0, separators=(",", ":")) + "\n")
print(f"{len(cases)} cases, {len(refused)} refused, {path.stat().st_size} bytes")
