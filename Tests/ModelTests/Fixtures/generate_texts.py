#!/usr/bin/env python3
"""Writes texts.json: models that take texts, with what onnxruntime makes of them.

Needs onnx, onnxruntime and numpy from PyPI. A case has the model as base64, an input file, and its outputs.
"""

import base64
import json
import pathlib

import numpy as np
import onnxruntime
from onnx.reference import ReferenceEvaluator
from onnx import TensorProto as T
from onnx import helper, numpy_helper

ML = "ai.onnx.ml"
cases, refused = [], []
KINDS = {"U": T.STRING, "f": T.FLOAT, "i": T.INT64, "b": T.BOOL}


def node(op, inputs, outputs, domain="", **attributes):
    return helper.make_node(op, inputs.split(), outputs.split(), domain=domain, **attributes)


def build(nodes, inputs, outputs, constants=(), opset=19):
    ports = [helper.make_tensor_value_info(name, KINDS[x.dtype.kind], list(x.shape)) for name, x in inputs.items()]
    graph = helper.make_graph(
        nodes, "g", ports, [helper.make_tensor_value_info(name, kind, None) for name, kind in outputs.items()], list(constants))
    imports = [helper.make_opsetid("", opset), helper.make_opsetid(ML, 3)]
    if any(n.domain == "com.microsoft" for n in nodes):
        imports.append(helper.make_opsetid("com.microsoft", 1))
    return helper.make_model(graph, opset_imports=imports, ir_version=9)


def encoded(model):
    return base64.b64encode(model.SerializeToString()).decode()


def case(label, nodes, inputs, outputs, constants=(), by="onnxruntime"):
    """A model, and what it gives by onnxruntime, by ONNX's own reference, or by both, which then have to agree."""
    model = build(nodes, inputs, outputs, constants)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    feeds = {name: x.astype(object) if x.dtype.kind == "U" else x for name, x in inputs.items()}
    found = session.run(list(outputs), feeds)
    if by != "onnxruntime":
        own = ReferenceEvaluator(model).run(list(outputs), feeds)
        if by == "both":
            for a, b in zip(found, own):
                np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
        found = own
    cases.append({
        "name": label, "model": encoded(model), "input": json.dumps({"input_data": {name: x.tolist() for name, x in inputs.items()}}),
        "outputs": [[round(float(v), 9) for v in value.ravel()] for value in found]})


def refuse(label, reason, nodes, inputs, outputs, given=None, constants=(), opset=19):
    model = build(nodes, inputs, outputs, constants, opset)
    given = given or {name: x.tolist() for name, x in inputs.items()}
    refused.append({"name": label, "reason": reason, "model": encoded(model), "input": json.dumps({"input_data": given})})


CITIES = ["berlin", "rome", "oslo"]
city = lambda *names: np.array([list(names)])
hot = lambda zeros, source="x": node("OneHotEncoder", source, "y", ML, cats_strings=CITIES, zeros=zeros)
case("categories of a text", [hot(1)], {"x": city("rome")}, {"y": T.FLOAT})
case("a text that is no category", [hot(1)], {"x": city("paris")}, {"y": T.FLOAT})
case("a text that must be a category", [hot(0)], {"x": city("oslo")}, {"y": T.FLOAT})
case("several texts that must be categories", [hot(0)], {"x": city("oslo", "berlin")}, {"y": T.FLOAT})
case("a text that is spelt otherwise", [hot(1)], {"x": city("Rome")}, {"y": T.FLOAT})
case("texts and numbers side by side", [
    hot(1), node("Reshape", "y shape", "h"), node("Concat", "h n", "all", axis=1), node("MatMul", "all w", "z")],
    {"x": city("berlin"), "n": np.array([[0.5, -2]], np.float32)}, {"z": T.FLOAT},
    [numpy_helper.from_array(np.array([1, 3], np.int64), "shape"),
     numpy_helper.from_array(np.linspace(-1, 1, 10).reshape(5, 2).astype(np.float32), "w")])
case("places of texts in columns of their own", [
    node("ArrayFeatureExtractor", "x zero", "a", ML), node("ArrayFeatureExtractor", "x one", "b", ML),
    node("LabelEncoder", "a", "p", ML, keys_strings=["low", "high"], values_int64s=[0, 1], default_int64=-1),
    node("LabelEncoder", "b", "q", ML, keys_strings=["red", "low"], values_int64s=[5, 7], default_int64=-1),
    node("Concat", "p q", "y", axis=1)],
    {"x": city("high", "low")}, {"y": T.INT64},
    [numpy_helper.from_array(np.array([0], np.int64), "zero"), numpy_helper.from_array(np.array([1], np.int64), "one")])
WORD = helper.make_tensor("word", T.STRING, [1], [b"rome"])
case("a text compared with a constant", [node("Equal", "x word", "e"), node("Cast", "e", "y", to=T.FLOAT)],
     {"x": city("rome", "oslo")}, {"y": T.FLOAT}, [WORD])
MATCH = [node("Equal", "e f", "m"), node("Cast", "m", "y", to=T.FLOAT)]
case("texts compared with one another by what they become", [
    node("LabelEncoder", "x", "e", ML, keys_strings=["rome", "oslo"], values_strings=["south", "north"], default_string="none"),
    node("LabelEncoder", "z", "f", ML, keys_strings=["oslo", "rome"], values_strings=["south", "north"], default_string="none"),
    *MATCH], {"x": city("rome", "paris", "oslo"), "z": city("oslo", "turin", "oslo")}, {"y": T.FLOAT})
case("categories that an operand never is", [
    node("LabelEncoder", "x", "e", ML, keys_strings=["rome"], values_strings=["south"], default_string="none"),
    node("OneHotEncoder", "e", "y", ML, cats_strings=["east", "south", "west"], zeros=1)],
    {"x": city("rome", "oslo")}, {"y": T.FLOAT})
ABS, NEG = (helper.make_graph([node(op, "n", out)], "b", [], [helper.make_tensor_value_info(out, T.FLOAT, [1, 2])])
            for op, out in (("Abs", "p"), ("Neg", "q")))
for word in ("rome", "paris"):
    case(f"a branch chosen by the text {word}", [
        node("Equal", "x word", "c"), node("If", "c", "y", then_branch=ABS, else_branch=NEG)],
        {"x": np.array([word]), "n": np.float32([[1, -2]])}, {"y": T.FLOAT}, [WORD])

PAIR = [node("Equal", "x z", "m"), node("Cast", "m", "y", to=T.FLOAT),
        node("LabelEncoder", "x", "k", ML, keys_strings=["rome", "oslo"], values_int64s=[1, 2])]
refuse("two texts that the model may not know", "two texts of inputs", PAIR,
       {"x": city("foo"), "z": city("bar")}, {"y": T.FLOAT, "k": T.INT64})
refuse("texts of one input compared with one another", "two texts of inputs", [
    node("Split", "x", "a b", axis=1, num_outputs=2), node("Equal", "a b", "m"), node("Cast", "m", "y", to=T.FLOAT)],
    {"x": city("foo", "bar")}, {"y": T.FLOAT})
refuse("a category of texts twice", "given twice", [node("OneHotEncoder", "x", "y", ML, cats_strings=["rome", "oslo", "rome"])],
       {"x": city("rome")}, {"y": T.FLOAT})
numbers = {"x": np.array([[1.0, 2.0]], np.float32)}
refuse("a category that is not listed", "OneHotEncoder#0 has no finite result", [hot(0)], {"x": city("paris")}, {"y": T.FLOAT})
refuse("texts for numbers", "input x takes numbers", [node("Relu", "x", "y")], numbers, {"y": T.FLOAT}, {"x": [["a", "b"]]})
refuse("texts and numbers in one list", "mixed", [hot(1)], {"x": city("rome", "oslo")}, {"y": T.FLOAT}, {"x": [["rome", 1]]})
refuse("numbers that are computed with", "nothing can be computed", [node("Add", "x x", "y")], {"x": city("rome")}, {"y": T.STRING})
refuse("texts of an input compared with numbers", "texts", [
    node("OneHotEncoder", "x", "y", ML, cats_int64s=[1, 2])], {"x": city("rome")}, {"y": T.FLOAT})

path = pathlib.Path(__file__).parent / "texts.json"
path.write_text(json.dumps({"cases": cases, "refused": refused}, indent=0, separators=(",", ":")) + "\n")
print(f"{len(cases)} cases, {len(refused)} refused, {path.stat().st_size} bytes")
