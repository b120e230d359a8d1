#!/usr/bin/env python3
"""Writes zero_weights.json: models with weights of exactly 0, with what onnxruntime makes of them.

Needs onnx, onnxruntime and numpy from PyPI. A case has the model as base64, its inputs, and its outputs.
"""

import base64
import json
import pathlib

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto as T
from onnx import helper, numpy_helper

cases = []


def node(op, inputs, outputs, **attributes):
    return helper.make_node(op, inputs.split(), outputs.split(), **attributes)


def case(name, nodes, x, weights, kind=T.FLOAT):
    x = np.array(x, np.float32)
    graph = helper.make_graph(
        nodes, "g", [helper.make_tensor_value_info("x", T.FLOAT, x.shape)],
        [helper.make_tensor_value_info("y", kind, None)],
        [numpy_helper.from_array(np.array(value, np.float32), key) for key, value in weights.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    model = onnx.shape_inference.infer_shapes(model, strict_mode=True)
    onnx.checker.check_model(model)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    y = session.run(None, {"x": x})[0]
    cases.append({
        "name": name, "model": base64.b64encode(model.SerializeToString()).decode(),
        "input_data": [x.flatten().tolist()],
        "outputs": [{"shape": list(y.shape), "data": np.float64(y).flatten().tolist()}]})


X = [[1, 2, 3, 4]]
case("the sign of nothing", [node("Mul", "x w", "z"), node("Sign", "z", "y")], X, {"w": [[0, 0, 0, 0]]})
case("the largest of nothing", [node("Mul", "x w", "z"), node("ArgMax", "z", "y", axis=1, keepdims=0)],
     X, {"w": [[0, 0, 0, 0]]}, T.INT64)
case("nothing among something", [node("Mul", "x w", "z"), node("Sign", "z", "y")], X, {"w": [[0, 1, 0, -1]]})
case("nothing twice", [node("Mul", "x w", "a"), node("Mul", "a v", "z"), node("Sign", "z", "y")],
     X, {"w": [[0, 1, 0, -1]], "v": [[0, 0, 2, 2]]})
case("nothing by a large constant", [node("Mul", "x w", "a"), node("Mul", "a c", "z"), node("Sign", "z", "y")],
     X, {"w": [[0, 0, 0, 0]], "c": [[1e30, 1e30, 1e30, 1e30]]})
case("rows of zeros in a layer", [node("Gemm", "x w b", "z"), node("Sign", "z", "s"), node("Add", "z s", "y")],
     X, {"w": [[0, 0.5, 0], [0, -0.25, 0], [0, 0.125, 0], [0, 0.5, 0]], "b": [0, 0, 0.25]})
case("a convolution with a channel of zeros", [
    node("Conv", "x w b", "z", kernel_shape=[3], pads=[1, 1]), node("Sign", "z", "s"), node("Add", "z s", "y")],
     [[[0.5, -1, 2, 0.25]]], {"w": [[[0.5, 0, -1]], [[0, 0, 0]]], "b": [0, 0]})
case("a normalisation without scale", [
    node("BatchNormalization", "x s b m v", "z"), node("Sign", "z", "t"), node("Add", "z t", "y")],
     X, {"s": [0, 1, 0, 2], "b": [0, 0, 0.5, 0], "m": [1, 0, 2, 0], "v": [1, 1, 0, 4]})

path = pathlib.Path(__file__).with_name("zero_weights.json")
path.write_text(json.dumps(cases, indent=1) + "\n")
