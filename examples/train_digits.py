#!/usr/bin/env python3
"""Trains the two example models on scikit-learn's bundled digits and exports them to ONNX.

    pip install numpy scikit-learn onnx
    python3 examples/train_digits.py

Writes digits_mlp.onnx, digits_cnn.onnx and one input file for each beside this script. The
training is plain numpy with a fixed seed; another numpy version may give slightly different weights.
"""
import json
import os

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

HERE = os.path.dirname(os.path.abspath(__file__))
OPSET = 13


# ---------------------------------------------------------------------------------------------- layers


class Dense:
    def __init__(self, rng, inputs, outputs):
        self.weights = rng.normal(0, np.sqrt(2 / inputs), (inputs, outputs))
        self.bias = np.zeros(outputs)

    def forward(self, x):
        self.x = x
        return x @ self.weights + self.bias

    def backward(self, gradient):
        self.gradients = [self.x.T @ gradient, gradient.sum(0)]
        return gradient @ self.weights.T

    def parameters(self):
        return [self.weights, self.bias]


class Conv3x3:
    """Stride 1, padding 1."""

    def __init__(self, rng, inputs, outputs):
        self.weights = rng.normal(0, np.sqrt(2 / (9 * inputs)), (outputs, inputs, 3, 3))
        self.bias = np.zeros(outputs)

    @staticmethod
    def _patches(x):
        padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
        height, width = x.shape[2:]
        return np.stack([padded[:, :, i : i + height, j : j + width] for i in range(3) for j in range(3)], 2)

    def forward(self, x):
        self.patches = self._patches(x)  # batch, channel, tap, row, column
        kernel = self.weights.reshape(*self.weights.shape[:2], 9)
        return np.einsum("bctij,oct->boij", self.patches, kernel) + self.bias[None, :, None, None]

    def backward(self, gradient):
        kernel_gradient = np.einsum("bctij,boij->oct", self.patches, gradient)
        self.gradients = [kernel_gradient.reshape(self.weights.shape), gradient.sum((0, 2, 3))]
        flipped = self.weights[:, :, ::-1, ::-1].reshape(*self.weights.shape[:2], 9)
        return np.einsum("botij,oct->bcij", self._patches(gradient), flipped)

    def parameters(self):
        return [self.weights, self.bias]


class Relu:
    def forward(self, x):
        self.mask = x > 0
        return x * self.mask

    def backward(self, gradient):
        return gradient * self.mask

    def parameters(self):
        return []


class MaxPool2:
    def forward(self, x):
        batch, channels, height, width = x.shape
        blocks = x.reshape(batch, channels, height // 2, 2, width // 2, 2)
        best = blocks.max((3, 5), keepdims=True)
        self.mask = blocks == best
        return best.reshape(batch, channels, height // 2, width // 2)

    def backward(self, gradient):
        batch, channels, height, width = gradient.shape
        spread = self.mask * gradient.reshape(batch, channels, height, 1, width, 1)
        return spread.reshape(batch, channels, height * 2, width * 2)

    def parameters(self):
        return []


class Flatten:
    def forward(self, x):
        self.shape = x.shape
        return x.reshape(len(x), -1)

    def backward(self, gradient):
        return gradient.reshape(self.shape)

    def parameters(self):
        return []


# ---------------------------------------------------------------------------------------------- training


def scores(layers, x):
    for layer in layers:
        x = layer.forward(x)
    return x


def train(layers, x, labels, rng, epochs, rate=5e-3, decay=1e-4):
    """Adam on the cross entropy of the softmax."""
    moments = [[np.zeros_like(p), np.zeros_like(p)] for layer in layers for p in layer.parameters()]
    step = 0
    for epoch in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x), 64):
            batch = order[start : start + 64]
            out = scores(layers, x[batch])
            out = np.exp(out - out.max(1, keepdims=True))
            gradient = out / out.sum(1, keepdims=True)
            gradient[np.arange(len(batch)), labels[batch]] -= 1
            gradient /= len(batch)
            for layer in reversed(layers):
                gradient = layer.backward(gradient)
            step += 1
            place = 0
            for layer in layers:
                for p, g in zip(layer.parameters(), getattr(layer, "gradients", [])):
                    first, second = moments[place]
                    place += 1
                    g = g + decay * p
                    first += 0.1 * (g - first)
                    second += 0.001 * (g * g - second)
                    scale = np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
                    p -= rate * (1 - epoch / epochs) * scale * first / (np.sqrt(second) + 1e-8)


# ---------------------------------------------------------------------------------------------- export


def export(layers, shape, name):
    nodes, initializers, current = [], [], "image"

    def constant(label, value):
        initializers.append(numpy_helper.from_array(value.astype(np.float32), label))
        return label

    for index, layer in enumerate(layers):
        kind, label = type(layer).__name__, f"{type(layer).__name__.lower()}_{index}"
        last = index == len(layers) - 1
        output = "scores" if last else label
        if kind == "Dense":
            inputs = [current, constant(label + ".weight", layer.weights), constant(label + ".bias", layer.bias)]
            nodes.append(helper.make_node("Gemm", inputs, [output], name=label))
        elif kind == "Conv3x3":
            inputs = [current, constant(label + ".weight", layer.weights), constant(label + ".bias", layer.bias)]
            nodes.append(helper.make_node("Conv", inputs, [output], name=label, kernel_shape=[3, 3], pads=[1] * 4))
        elif kind == "Relu":
            nodes.append(helper.make_node("Relu", [current], [output], name=label))
        elif kind == "MaxPool2":
            nodes.append(
                helper.make_node("MaxPool", [current], [output], name=label, kernel_shape=[2, 2], strides=[2, 2])
            )
        elif kind == "Flatten":
            nodes.append(helper.make_node("Flatten", [current], [output], name=label))
        current = output
    graph = helper.make_graph(
        nodes,
        name,
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, *shape])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, 10])],
        initializers,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="train_digits.py")
    model.ir_version = 8
    onnx.checker.check_model(model)
    onnx.save(model, os.path.join(HERE, name + ".onnx"))


def main():
    digits = load_digits()
    images = digits.images / 16.0
    train_x, test_x, train_y, test_y = train_test_split(images, digits.target, test_size=0.25, random_state=7)
    networks = {
        "digits_mlp": (
            (64,),
            150,
            lambda rng: [Dense(rng, 64, 32), Relu(), Dense(rng, 32, 10)],
        ),
        "digits_cnn": (
            (1, 8, 8),
            120,
            lambda rng: [
                Conv3x3(rng, 1, 4),
                Relu(),
                MaxPool2(),
                Conv3x3(rng, 4, 8),
                Relu(),
                Flatten(),
                Dense(rng, 128, 10),
            ],
        ),
    }
    for name, (shape, epochs, build) in networks.items():
        rng = np.random.default_rng(2024)
        layers = build(rng)
        train(layers, train_x.reshape(-1, *shape), train_y, rng, epochs)
        predicted = scores(layers, test_x.reshape(-1, *shape)).argmax(1)
        accuracy = (predicted == test_y).mean()
        export(layers, shape, name)
        sample = int(np.flatnonzero(predicted == test_y)[3])
        with open(os.path.join(HERE, name + "_input.json"), "w") as file:
            data = [round(float(v), 4) for v in test_x[sample].ravel()]
            json.dump({"input_data": [data], "label": int(test_y[sample])}, file)
            file.write("\n")
        print(f"{name}: test accuracy {accuracy:.3f}")


if __name__ == "__main__":
    main()
