#!/usr/bin/env python3
"""Makes two models of eight convolutions of one shape, every layer of both with weights of its own.

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
CHANNELS, SIZE, BLOCKS = 1, 12, 8


def save(name, generator):
    nodes, weights, current = [], [], "x"
    for block in range(BLOCKS):
        last = block == BLOCKS - 1
        layer, output = "y" if last else "layer%d" % block, "relu%d" % block
        # He's initialisation and small biases keep the magnitudes from layer to layer.
        kernel = generator.normal(0, np.sqrt(2 / (9 * CHANNELS)), (CHANNELS, CHANNELS, 3, 3)).astype(np.float32)
        bias = generator.normal(0.2, 0.1, CHANNELS).astype(np.float32)
        weights += [numpy_helper.from_array(kernel, layer + ".weight"), numpy_helper.from_array(bias, layer + ".bias")]
        nodes.append(helper.make_node(
            "Conv", [current, layer + ".weight", layer + ".bias"], [layer], name="layer%d" % block, pads=[1, 1, 1, 1]))
        if not last:
            nodes.append(helper.make_node("Relu", [layer], [output], name=output))
        current = output
    graph = helper.make_graph(
        nodes, name, [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, CHANNELS, SIZE, SIZE])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, CHANNELS, SIZE, SIZE])], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    onnx.save(model, os.path.join(HERE, name + ".onnx"))


def main():
    save("stacked_blocks", np.random.default_rng(1))
    save("stacked_blocks_retrained", np.random.default_rng(2))
    count = CHANNELS * SIZE * SIZE
    values = [(37 * i % count) / count - 0.5 for i in range(count)]
    with open(os.path.join(HERE, "stacked_blocks_input.json"), "w") as file:
        json.dump({"input_data": [values]}, file)
        file.write("\n")


if __name__ == "__main__":
    main()
