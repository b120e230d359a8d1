#!/usr/bin/env python3
"""Makes a small credit model: six figures about an applicant, one hidden layer, the probability that a loan is repaid.

    pip install numpy onnx
    python3 examples/make_credit_score.py

The people are made up: repayment is drawn from a rule that the model then learns. Writes credit_score.onnx and
credit_score_input.json, somebody with a good score, beside this script.
"""
import json
import os

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

HERE = os.path.dirname(os.path.abspath(__file__))
# Each between 0 and 1: income, debt, years in employment, payments missed, size of the loan, years at the bank.
FIGURES, HIDDEN = 6, 8


def people(generator, count):
    """Figures and whether the loan was repaid."""
    figures = generator.uniform(0, 1, (count, FIGURES))
    income, debt, years, missed, loan, bank = figures.T
    reliability = 3 * income - 3 * debt * loan + 1.5 * years - 4 * missed + 0.5 * bank
    return figures, (generator.uniform(0, 1, count) < 1 / (1 + np.exp(-2 * reliability))).astype(float)


def train(generator):
    """Plain gradient descent on the cross entropy."""
    figures, repaid = people(generator, 4000)
    first, bias = generator.normal(0, 0.5, (FIGURES, HIDDEN)), np.zeros(HIDDEN)
    second, last = generator.normal(0, 0.5, HIDDEN), 0.0
    for _ in range(3000):
        hidden = np.maximum(figures @ first + bias, 0)
        error = (1 / (1 + np.exp(-(hidden @ second + last))) - repaid) / len(repaid)
        back = np.outer(error, second) * (hidden > 0)
        first, bias = first - figures.T @ back, bias - back.sum(axis=0)
        second, last = second - hidden.T @ error, last - error.sum()
    return first, bias, second, last


def main():
    first, bias, second, last = train(np.random.default_rng(7))
    weights = {"hidden.weight": first, "hidden.bias": bias, "score.weight": second[:, None], "score.bias": np.array([last])}
    graph = helper.make_graph(
        [helper.make_node("Gemm", ["applicant", "hidden.weight", "hidden.bias"], ["sums"], name="hidden"),
         helper.make_node("Relu", ["sums"], ["active"], name="relu"),
         helper.make_node("Gemm", ["active", "score.weight", "score.bias"], ["logit"], name="score"),
         helper.make_node("Sigmoid", ["logit"], ["probability"], name="probability")],
        "credit_score", [helper.make_tensor_value_info("applicant", TensorProto.FLOAT, [1, FIGURES])],
        [helper.make_tensor_value_info("probability", TensorProto.FLOAT, [1, 1])],
        [numpy_helper.from_array(array.astype(np.float32), name) for name, array in weights.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    onnx.save(model, os.path.join(HERE, "credit_score.onnx"))
    with open(os.path.join(HERE, "credit_score_input.json"), "w") as file:
        json.dump({"input_data": [[0.62, 0.2, 0.5, 0.05, 0.3, 0.8]]}, file)
        file.write("\n")


if __name__ == "__main__":
    main()
