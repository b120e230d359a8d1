#!/usr/bin/env python3
"""Writes missing.json: models whose inputs lack numbers (NaN), with what onnxruntime makes of them.

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

refuse("computing with a number that is missing", "may be missing (NaN)", [node("Relu", "x", "y")], {"x": x}, {"y": T.FLOAT})
refuse("a missing number as a whole one", "cast to int64", [node("Cast", "x", "y", to=T.INT64)], {"x": x}, {"y": T.INT64})
refuse("an output that may be missing", "output y", [node("Reshape", "x s", "y")], {"x": x}, {"y": T.FLOAT},
       constants=[numpy_helper.from_array(np.array([-1]), "s")])
refuse("a missing integer", "not a finite number", [node("Abs", "x", "y")], {"x": np.array([[1]])}, {"y": T.INT64}, {"x": [[NAN]]})

path = pathlib.Path(__file__).parent / "missing.json"
path.write_text(json.dumps({"cases": cases, "refused": refused}, indent=0, separators=(",", ":")) + "\n")
print(f"{len(cases)} cases, {len(refused)} refused, {path.stat().st_size} bytes")
