#!/usr/bin/env python3
"""Makes the tiny models of the document tests: `generate.py` in a Python with `onnx` and `numpy`."""
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FOLDER = pathlib.Path(__file__).parent
rng = np.random.default_rng(7)
W, V = ((rng.normal(size=(4, 4)) / 2).astype(np.float32) for _ in range(2))
B = rng.normal(size=4).astype(np.float32)


def save(name, nodes, inputs, outputs, constants):
    def ports(names):
        return [helper.make_tensor_value_info(port, TensorProto.FLOAT, [1, 4]) for port in names]
    tensors = [numpy_helper.from_array(value, key) for key, value in constants.items()]
    graph = helper.make_graph(nodes, name, ports(inputs), ports(outputs), tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.save(model, FOLDER / (name + ".onnx"))


# An input that a shape depends on: it becomes part of the settings.
FIXED = helper.make_graph(
    [helper.make_node("Gemm", ["x", "W", "b"], ["h"], name="first"), helper.make_node("Reshape", ["h", "shape"], ["y"], name="form")],
    "fixed", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 4]), helper.make_tensor_value_info("shape", TensorProto.INT64, [2])],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)], [numpy_helper.from_array(W, "W"), numpy_helper.from_array(B, "b")])
model = helper.make_model(FIXED, opset_imports=[helper.make_opsetid("", 17)])
model.ir_version = 8
onnx.save(model, FOLDER / "fixed.onnx")


def gemm(x, weights, y, name, **attributes):
    return helper.make_node("Gemm", [x, weights, "b"], [y], name=name, **attributes)


# Two outputs of one shape, which could be exchanged.
save("two", [gemm("x", "W", "p", "first"), gemm("x", "V", "q", "second")], ["x"], ["p", "q"], {"W": W, "V": V, "b": B})
# A hidden layer that could be rounded away, and the same with other weights.
for name, weights in (("hidden", W), ("hidden_retrained", (W * 0.9).astype(np.float32))):
    save(name, [gemm("x", "W", "h", "first"), helper.make_node("Relu", ["h"], ["a"], name="act"),
                gemm("a", "V", "y", "second")], ["x"], ["y"], {"W": weights, "V": V, "b": B})
# An input that nothing reads.
save("unread", [helper.make_node("Gemm", ["x", "W", "c"], ["y"], name="first", beta=0.0)], ["x", "c"], ["y"], {"W": W})
# Wide enough to be cut into several chunks of 2,048 constraints.
WIDTH = 20
save("deep", [helper.make_node("MatMul", ["x", "W1"], ["h"], name="first"), helper.make_node("Relu", ["h"], ["a"], name="act"),
              helper.make_node("MatMul", ["a", "W2"], ["k"], name="second"), helper.make_node("Relu", ["k"], ["c"], name="act2"),
              helper.make_node("MatMul", ["c", "W3"], ["y"], name="third")], ["x"], ["y"],
     {name: (rng.normal(size=size) / np.sqrt(size[0])).astype(np.float32)
      for name, size in (("W1", (4, WIDTH)), ("W2", (WIDTH, WIDTH)), ("W3", (WIDTH, 4)))})
# A softmax whose elements an input of whole numbers masks.
MASKED = helper.make_graph(
    [helper.make_node("Cast", ["m"], ["f"], to=TensorProto.FLOAT), helper.make_node("Sub", ["one", "f"], ["i"]),
     helper.make_node("Mul", ["i", "low"], ["k"]), helper.make_node("Add", ["x", "k"], ["s"]),
     helper.make_node("Softmax", ["s"], ["y"], axis=-1)],
    "masked", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 4]), helper.make_tensor_value_info("m", TensorProto.INT64, [1, 4])],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 4])],
    [numpy_helper.from_array(np.float32(1), "one"), numpy_helper.from_array(np.float32(-10000), "low")])
model = helper.make_model(MASKED, opset_imports=[helper.make_opsetid("", 17)])
model.ir_version = 8
onnx.save(model, FOLDER / "masked.onnx")


def save_as(name, nodes, x_type, y_type, y_shape, constants):
    graph = helper.make_graph(
        nodes, name, [helper.make_tensor_value_info("x", x_type, [1, 4])],
        [helper.make_tensor_value_info("y", y_type, y_shape)],
        [numpy_helper.from_array(value, key) for key, value in constants.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.save(model, FOLDER / (name + ".onnx"))


# A classifier, whose answer is a whole number.
save_as("classes", [gemm("x", "W", "h", "first"), helper.make_node("Relu", ["h"], ["a"], name="act"), gemm("a", "V", "s", "second"),
                    helper.make_node("ArgMax", ["s"], ["y"], name="best", axis=1)],
        TensorProto.FLOAT, TensorProto.INT64, [1, 1], {"W": W, "V": V, "b": np.zeros(4, np.float32)})
# Whole numbers of which doubles cannot hold all.
save_as("counts", [helper.make_node("Add", ["x", "c"], ["y"], name="sum")], TensorProto.INT64, TensorProto.INT64, [1, 4],
        {"c": np.array([[1, 2, 3, 4]], np.int64)})
# A classifier whose classes are nearly tied for every input.
N = rng.normal(size=(6, 1)).astype(np.float32) * np.array([[1, 1.0002, 1.0001]], np.float32)
graph = helper.make_graph(
    [helper.make_node("MatMul", ["x", "N"], ["h"], name="layer"), helper.make_node("Tanh", ["h"], ["t"], name="act"),
     helper.make_node("ArgMax", ["t"], ["y"], name="best", axis=1, keepdims=0)], "near_tie",
    [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 6])], [helper.make_tensor_value_info("y", TensorProto.INT64, [1])],
    [numpy_helper.from_array(N, "N")])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
model.ir_version = 8
onnx.save(model, FOLDER / "near_tie.onnx")
# Every pair of elements of an input of any length: far more numbers than the input has.
PAIRS = helper.make_graph(
    [helper.make_node("Transpose", ["x"], ["t"], name="turn"), helper.make_node("MatMul", ["t", "x"], ["p"], name="pairs"),
     helper.make_node("ReduceSum", ["p"], ["y"], name="all", keepdims=0)],
    "pairs", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, "N"])],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT, [])], [])
model = helper.make_model(PAIRS, opset_imports=[helper.make_opsetid("", 17)])
model.ir_version = 8
onnx.save(model, FOLDER / "pairs.onnx")
