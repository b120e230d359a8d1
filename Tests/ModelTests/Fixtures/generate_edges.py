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

ANY = ""
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
