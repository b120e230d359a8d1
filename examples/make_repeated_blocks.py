#!/usr/bin/env python3
"""Makes a model of eight equal blocks, to see how chunks of equal blocks share one circuit.

    pip install numpy onnx
    python3 examples/make_repeated_blocks.py

Writes repeated_blocks.onnx and its input beside this script. Every block is a full layer with the same weights and a
Relu: three quarters of a neighbouring element, less a quarter of the next, plus half of the average. No number moves
away from the average, so that quantisation gives every block but the first the same scales and ranges.
"""
import json
import os

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

HERE = os.path.dirname(os.path.abspath(__file__))
WIDTH, BLOCKS = 64, 8


def main():
    one, two = (np.roll(np.eye(WIDTH), places, axis=1) for places in (1, 2))
    weights = 0.75 * one - 0.25 * two + 0.5 / WIDTH
    nodes, current = [], "x"
    for block in range(BLOCKS):
        last = block == BLOCKS - 1
        layer, output = "layer%d" % block, "y" if last else "relu%d" % block
        nodes.append(helper.make_node("MatMul", [current, "weights"], [layer], name=layer))
        nodes.append(helper.make_node("Relu", [layer], [output], name="relu%d" % block))
        current = output
    graph = helper.make_graph(
        nodes, "repeated_blocks",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, WIDTH])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, WIDTH])],
        [numpy_helper.from_array(weights.astype(np.float32), "weights")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    onnx.save(model, os.path.join(HERE, "repeated_blocks.onnx"))
    values = [0.5 + (7 * i % WIDTH) / (2 * WIDTH) for i in range(WIDTH)]
    with open(os.path.join(HERE, "repeated_blocks_input.json"), "w") as file:
        json.dump({"input_data": [values]}, file)
        file.write("\n")


if __name__ == "__main__":
    main()
