#!/usr/bin/env python3
"""Makes two models of eight layers of one shape, every layer of both with weights of its own.

    pip install numpy onnx
    python3 examples/make_stacked_blocks.py

Writes stacked_blocks.onnx, stacked_blocks_retrained.onnx (the same layers with other weights) and their common input beside
this script. With weights fixed in the circuits every layer is a circuit of its own; with committed weights
(--param-visibility) the inner layers are instances of one, and both models have the same circuits.
"""
import json
import os

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

HERE = os.path.dirname(os.path.abspath(__file__))
WIDTH, BLOCKS = 16, 8


def save(name, generator):
    nodes, weights, current = [], [], "x"
    for block in range(BLOCKS):
        last = block == BLOCKS - 1
        layer, output = "layer%d" % block, "y" if last else "relu%d" % block
        # He's initialisation keeps the magnitudes from layer to layer.
        matrix = generator.normal(0, np.sqrt(2 / WIDTH), (WIDTH, WIDTH)).astype(np.float32)
        bias = generator.normal(0, 0.1, WIDTH).astype(np.float32)
        weights += [numpy_helper.from_array(matrix, layer + ".weight"), numpy_helper.from_array(bias, layer + ".bias")]
        nodes.append(helper.make_node(
            "Gemm", [current, layer + ".weight", layer + ".bias"], [layer], name=layer, transB=1))
        nodes.append(helper.make_node("Relu", [layer], [output], name="relu%d" % block))
        current = output
    graph = helper.make_graph(
        nodes, name, [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, WIDTH])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, WIDTH])], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    onnx.save(model, os.path.join(HERE, name + ".onnx"))


def main():
    save("stacked_blocks", np.random.default_rng(1))
    save("stacked_blocks_retrained", np.random.default_rng(2))
    values = [(5 * i % WIDTH) / WIDTH - 0.5 for i in range(WIDTH)]
    with open(os.path.join(HERE, "stacked_blocks_input.json"), "w") as file:
        json.dump({"input_data": [values]}, file)
        file.write("\n")


if __name__ == "__main__":
    main()
