#!/usr/bin/env python3
"""Writes edges.json: where a reference may differ from onnxruntime, with what that makes of it.

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
generate_texts.KINDS.update({"f": T.FLOAT})


def constant(name, value):
    return numpy_helper.from_array(np.array(value), name)


# Division in double precision, and whole numbers after it.
for number in (49.0, 98.0, 147.0):
    case(f"{number} by 49 in doubles", [
        node("Cast", "x", "d", to=T.DOUBLE), node("Div", "d k", "q"), node("Floor", "q", "f"), node("Cast", "f", "y", to=T.INT64)],
        {"x": np.float32([[number]])}, {"y": T.INT64}, [constant("k", 49.0)])
case("averages of doubles", [
    node("Cast", "x", "d", to=T.DOUBLE), node("ReduceMean", "d a", "m", keepdims=0), node("Floor", "m", "f"),
    node("Cast", "f", "y", to=T.INT64)], {"x": np.ones((1, 10), np.float32)}, {"y": T.INT64}, [constant("a", [1])])
# Large integers.
case("a constant beyond 2^53", [node("Constant", "", "k", value_int=9007199254740993), node("Sub", "x k", "y")],
     {"x": np.array([[9007199254740999, 5 - 2**53]])}, {"y": T.INT64})
case("constants beyond 2^53", [node("Constant", "", "k", value_ints=[9007199254740993, 9007199254740995]), node("Sub", "x k", "y")],
     {"x": np.array([[9007199254740999, 9007199254740999]])}, {"y": T.INT64})
case("a shape filled beyond 2^53", [
    node("ConstantOfShape", "s", "k", value=numpy_helper.from_array(np.array([9007199254740993]))), node("Sub", "x k", "y")],
    {"x": np.array([[9007199254740999, 9007199254740993]])}, {"y": T.INT64}, [constant("s", [1, 2])])
case("clipped by the ends of a type", [node("Clip", "x low high", "y")], {"x": np.array([[-7, 12]])}, {"y": T.INT64},
     [constant("low", 0), constant("high", np.iinfo(np.int64).max)])
# What is no finite number.
case("a guard that finds nothing", [
    node("Softmax", "x", "s", axis=1), node("IsNaN", "s", "n"), node("Where", "n zero s", "y")],
    {"x": np.float32([[0.5, -1, 2]])}, {"y": T.FLOAT}, [constant("zero", np.float32(0))])
case("finite numbers", [node("Exp", "x", "e"), node("IsInf", "e", "i"), node("Cast", "i", "y", to=T.FLOAT)],
     {"x": np.float32([[0.5, -1]])}, {"y": T.FLOAT})
# Resampling, whose coordinates are float32.
for scale in (0.3, 0.6, 0.7, 1.1, 1.3, 1.7, 2.3, 3.3):
    for mode in ("nearest", "linear"):
        case(f"{mode} by {scale}", [node("Resize", "x   scales".replace("   ", " r "), "y", mode=mode)],
             {"x": (np.arange(10, dtype=np.float32) ** 2 / 16).reshape(1, 1, 1, 10)}, {"y": T.FLOAT},
             [constant("r", np.float32([])), constant("scales", np.float32([1, 1, 1, scale]))])
case("a scale that changes no size", [node("Resize", "x r scales", "y", mode="linear")],
     {"x": np.arange(4, dtype=np.float32).reshape(1, 1, 2, 2)}, {"y": T.FLOAT},
     [constant("r", np.float32([])), constant("scales", np.float32([1, 1, 1.1, 1.1]))])
# Places of several axes.
x = np.arange(8, dtype=np.float32).reshape(2, 4)
case("computed places of two axes", [node("Add", "i zero", "j"), node("GatherND", "x j", "y")],
     {"x": x, "i": np.array([[1, 2], [-1, -4]])}, {"y": T.FLOAT}, [constant("zero", 0)])
# Trees that give nothing to a target, and what is done with scores.
SPLITS = dict(
    nodes_treeids=[0, 0, 0, 1, 1, 1], nodes_nodeids=[0, 1, 2, 0, 1, 2], nodes_featureids=[0, 0, 0, 1, 0, 0],
    nodes_modes=["BRANCH_LEQ", "LEAF", "LEAF"] * 2, nodes_values=[0.5, 0, 0, 0.25, 0, 0], nodes_truenodeids=[1, 0, 0, 1, 0, 0],
    nodes_falsenodeids=[2, 0, 0, 2, 0, 0])
CORNERS = np.float32([[0.1, 0.1], [0.1, 0.9], [0.9, 0.1], [0.9, 0.9]])


def leaves(kind, places, ids, weights):
    return {f"{kind}_treeids": [tree for tree, _ in places], f"{kind}_nodeids": [leaf for _, leaf in places],
            f"{kind}_ids": ids, f"{kind}_weights": weights}


ALL = [(0, 1), (0, 2), (1, 1), (1, 2)]


def regression(**more):
    return [node("TreeEnsembleRegressor", "x", "y", ML, **SPLITS, **more)]


def classes(ids, weights, labels=(5, 6), **more):
    return [node("TreeEnsembleClassifier", "x", "l z", ML, classlabels_int64s=list(labels), **leaves("class", ALL, ids, weights),
                 **SPLITS, **more)]


GAPS = leaves("target", ALL, [0, 1, 0, 1], [3.0, -2.0, 5.0, -7.0])
SOME = leaves("target", ALL + [(1, 1), (0, 2)], [0, 0, 1, 1, 0, 1], [3.0, -2.0, -1.0, -7.0, 5.0, 4.0])
TWICE = leaves("target", [(0, 1)] + ALL, [0] * 5, [4.0, 3.0, -2.0, 5.0, -7.0])
for aggregate in ("MIN", "MAX"):
    case(f"the {aggregate} of trees of which one gives to each target", regression(n_targets=2, aggregate_function=aggregate, **GAPS),
         {"x": CORNERS[1:3]}, {"y": T.FLOAT}, by="both")
    case(f"the {aggregate} of trees of which some give", regression(
        n_targets=2, aggregate_function=aggregate, base_values=[0.5, 1], **SOME), {"x": CORNERS}, {"y": T.FLOAT}, by="both")
    refuse(f"the {aggregate} of trees of which a leaf gives twice", "two weights for one target", regression(
        n_targets=1, aggregate_function=aggregate, **TWICE), {"x": CORNERS}, {"y": T.FLOAT})
BOTH = {"l": T.INT64, "z": T.FLOAT}
case("a logistic function of scores that are not negative", classes([0] * 4, [3.0, 2.0, 0.5, 1.0], post_transform="LOGISTIC"),
     {"x": CORNERS}, BOTH, by="both")
case("a logistic function of small scores", classes([0] * 4, [0.3, 0.2, 0.1, 0.4], post_transform="LOGISTIC", base_values=[0.1]),
     {"x": CORNERS}, BOTH, by="reference")
case("probabilities with a base value", classes([0] * 4, [0.3, 0.2, 0.1, 0.45], base_values=[0.125]), {"x": CORNERS}, BOTH, by="both")
case("a softmax of one score", classes([0] * 4, [-0.3, 0.2, 0.1, 0.4], post_transform="SOFTMAX"), {"x": CORNERS}, BOTH, by="reference")
case("three classes with base values", classes([0, 1, 2, 1], [0.3, 0.2, 0.1, 0.4], (5, 6, 7), base_values=[0.1, 0.2, 0.25]),
     {"x": CORNERS}, BOTH, by="both")


def line(**more):
    return [node("LinearClassifier", "x", "l z", ML, coefficients=[1.0, -0.5], intercepts=[0.05], classlabels_ints=[5, 6], **more)]


case("a logistic function of one row", line(post_transform="LOGISTIC"), {"x": CORNERS}, BOTH, by="both")
for transform in ("NONE", "SOFTMAX"):
    case(f"one row and {transform}", line(post_transform=transform), {"x": CORNERS}, BOTH, by="reference")
parts = {"x": np.float32([[1, 2, 4], [3, 5, 7]]), "w": np.float32([[8, 16, 32], [9, 11, 13]])}
for widths in ([2, 1], [3, 5], [0, 2]):
    case(f"the first {widths} columns", [node("FeatureVectorizer", "x w", "y", ML, inputdimensions=widths)], parts, {"y": T.FLOAT},
         by="both")

ANY = ""
refuse("a target that no tree gives to", "no finite result", regression(n_targets=2, aggregate_function="MIN", **GAPS),
       {"x": CORNERS[:1]}, {"y": T.FLOAT})
refuse("a target that no tree ever gives to", "no tree gives anything", regression(n_targets=3, aggregate_function="MAX", **GAPS),
       {"x": CORNERS[1:2]}, {"y": T.FLOAT})
for transform in ("PROBIT", "SOFTMAX_ZERO"):
    refuse(f"{transform} of trees", f"post_transform {transform}", classes([0] * 4, [0.3, 0.2, 0.1, 0.4], post_transform=transform),
           {"x": CORNERS}, BOTH)
    refuse(f"{transform} of one row", f"post_transform {transform}", line(post_transform=transform), {"x": CORNERS}, BOTH)
refuse("weights of the second class alone", "weights of one class alone", classes([1] * 4, [0.3, 0.2, 0.1, 0.4]), {"x": CORNERS}, BOTH)
refuse("weights of one class of three", "weights of one class alone", classes([0] * 4, [0.3, 0.2, 0.1, 0.4], (5, 6, 7)),
       {"x": CORNERS}, BOTH)
refuse("two base values of one score", "weights of one class alone", classes([0] * 4, [0.3, 0.2, 0.1, 0.4], base_values=[0.1, 0.2]),
       {"x": CORNERS}, BOTH)
refuse("one label of trees", "fewer than two labels", classes([0] * 4, [0.3, 0.2, 0.1, 0.4], (1,)), {"x": CORNERS}, BOTH)
refuse("a transform of a single target", "of a single target", regression(
    n_targets=1, post_transform="LOGISTIC", **leaves("target", ALL, [0] * 4, [3.0, -2.0, 5.0, -7.0])), {"x": CORNERS}, {"y": T.FLOAT})
refuse("a transform of a single row", "of a single target", [
    node("LinearRegressor", "x", "y", ML, coefficients=[1.0, -0.5], post_transform="SOFTMAX")], {"x": CORNERS}, {"y": T.FLOAT})
refuse("columns without their numbers", "inputdimensions", [node("FeatureVectorizer", "x w", "y", ML)], parts, {"y": T.FLOAT})
refuse("columns of lists", "needs matrices", [node("FeatureVectorizer", "x", "y", ML, inputdimensions=[2])],
       {"x": np.float32([1, 2])}, {"y": T.FLOAT})
heads = {name: np.ones((1, count, 4), np.float32) for name, count in (("q", 2), ("k", 3), ("v", 3))}
refuse("fewer queries than keys, one after the other", "unidirectional", [
    node("MultiHeadAttention", "q k v", "y", "com.microsoft", num_heads=2, unidirectional=1)], heads, {"y": T.FLOAT})
for mask in (np.ones((2, 1), np.float32), np.ones((2, 1), bool)):
    refuse(f"a {mask.dtype} for all keys or the first one", "does not fit 3 keys", [
        node("Attention", "q k v m", "y", q_num_heads=2, kv_num_heads=2)], {**heads, "m": mask}, {"y": T.FLOAT}, opset=23)
for place in ([0, 5], [1, -5]):
    refuse(f"a place {place} that one axis has not", ANY, [node("Add", "i zero", "j"), node("GatherND", "x j", "y")],
           {"x": x, "i": np.array([place])}, {"y": T.FLOAT}, constants=[constant("zero", 0)])
    refuse(f"a write to {place} that one axis has not", ANY, [node("Add", "i zero", "j"), node("ScatterND", "x j u", "y")],
           {"x": x, "i": np.array([place]), "u": np.float32([3])}, {"y": T.FLOAT}, constants=[constant("zero", 0)])
refuse("an exponential that is infinite", ANY, [node("Exp", "x", "e"), node("IsInf", "e", "i"), node("Cast", "i", "y", to=T.FLOAT)],
       {"x": np.float32([[100.0]])}, {"y": T.FLOAT})
refuse("a logarithm that is none", ANY, [node("Log", "x", "e"), node("IsNaN", "e", "i"), node("Cast", "i", "y", to=T.FLOAT)],
       {"x": np.float32([[-1.0]])}, {"y": T.FLOAT})
refuse("labels beyond 2^53", "2^53", [
    node("LinearClassifier", "x", "y p", ML, coefficients=[1.0, -1.0], intercepts=[0.0, 0.1],
         classlabels_ints=[9007199254740993, 2])], {"x": np.float32([[2.0]])}, {"y": T.INT64, "p": T.FLOAT})
refuse("categories beyond 2^53", "2^53", [node("OneHotEncoder", "x", "y", ML, cats_int64s=[9007199254740993, 3])],
       {"x": np.array([[3]])}, {"y": T.FLOAT})
refuse("a whole number that a double rounds", ANY, [
    node("Cast", "x", "d", to=T.DOUBLE), node("Cast", "d", "y", to=T.INT64)], {"x": np.array([[9007199254740993]])}, {"y": T.INT64})

path = pathlib.Path(__file__).parent / "edges.json"
path.write_text(json.dumps({"cases": cases, "refused": refused}, indent=0, separators=(",", ":")) + "\n")
print(f"{len(cases)} cases, {len(refused)} refused, {path.stat().st_size} bytes")
