#!/usr/bin/env python3
"""Writes labels.json: models that end in labels, with what onnxruntime makes of them.

Needs onnx, onnxruntime and numpy from PyPI. A case has the model as base64, its inputs, and its outputs: numbers, or texts
where onnxruntime gives texts; `columns` are the keys of the maps that a ZipMap makes, whose values are the numbers.
"""

import base64
import json
import pathlib

import numpy as np
import onnxruntime
from onnx import TensorProto as T
from onnx import helper, numpy_helper

ML = "ai.onnx.ml"
rng = np.random.default_rng(7)
cases, refused = [], []
COEFFICIENTS = [0.5, -1.0, 0.25, -0.75, 0.5, 1.0, 0.25, 0.5, -1.25]
ROWS = np.round(rng.uniform(-2, 2, (4, 3)), 3).astype(np.float32)


def node(op, inputs, outputs, domain="", **attributes):
    return helper.make_node(op, inputs, outputs, domain=domain, **attributes)


def build(nodes, x, outputs, constants=(), ml=3, opset=17):
    kinds = {np.dtype(np.float32): T.FLOAT, np.dtype(np.int64): T.INT64}
    infos = []
    for name, kind in outputs.items():
        if isinstance(kind, tuple):
            value = helper.make_map_type_proto(kind[0], helper.make_tensor_type_proto(T.FLOAT, None))
            infos.append(helper.make_value_info(name, helper.make_sequence_type_proto(value)))
        else:
            infos.append(helper.make_tensor_value_info(name, kind, None))
    graph = helper.make_graph(
        nodes, "g", [helper.make_tensor_value_info("x", kinds[x.dtype], [None] + list(x.shape[1:]))], infos, list(constants))
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset), helper.make_opsetid(ML, ml)], ir_version=8)


def case(label, nodes, x, outputs, constants=(), ml=3, opset=17):
    model = build(nodes, x, outputs, constants, ml, opset)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    found = session.run(list(outputs), {"x": x})
    results = []
    for name, value in zip(outputs, found):
        result = {"name": name}
        if isinstance(value, list):
            # onnxruntime sorts the keys of a map; the model's order is that of the node's attribute.
            keys = next(list(a.ints) or [v.decode() for v in a.strings] for n in nodes if n.op_type == "ZipMap" for a in n.attribute)
            result["columns"] = [str(key) for key in keys]
            result["shape"] = [len(value), len(keys)]
            result["data"] = [round(float(row[key]), 9) for row in value for key in keys]
        elif value.dtype == object:
            result["shape"], result["texts"] = list(value.shape), [str(v) for v in value.ravel()]
        else:
            result["shape"], result["data"] = list(value.shape), [round(float(v), 9) for v in value.ravel()]
        results.append(result)
    cases.append({
        "name": label, "model": base64.b64encode(model.SerializeToString()).decode(),
        "input_data": [[round(float(v), 6) for v in x.ravel()]], "outputs": results})


def refuse(label, reason, nodes, x, outputs, constants=(), ml=3):
    model = build(nodes, x, outputs, constants, ml)
    refused.append({"name": label, "reason": reason, "model": base64.b64encode(model.SerializeToString()).decode()})


def linear(**labels):
    return node("LinearClassifier", ["x"], ["label", "scores"], ML, coefficients=COEFFICIENTS, intercepts=[0.1, -0.2, 0.3],
                post_transform="SOFTMAX", **labels)


WORDS = ["setosa", "versicolor", "virginica"]
NORMALIZER = node("Normalizer", ["scores"], ["probabilities"], ML, norm="L1")
for rows in [1, 3]:
    x = ROWS[-rows:]
    case(f"integers, {rows} rows", [
        linear(classlabels_ints=[4, 1, 7]), node("Cast", ["label"], ["output_label"], to=T.INT64), NORMALIZER,
        node("ZipMap", ["probabilities"], ["maps"], ML, classlabels_int64s=[4, 1, 7]),
    ], x, {"output_label": T.INT64, "maps": (T.INT64,)})
    case(f"texts, {rows} rows", [
        linear(classlabels_strings=WORDS), NORMALIZER, node("Identity", ["label"], ["output_label"]),
        node("ZipMap", ["probabilities"], ["maps"], ML, classlabels_strings=WORDS),
    ], x, {"output_label": T.STRING, "maps": (T.STRING,)})
case("a vector", [node("Squeeze", ["x"], ["v"]), node("ZipMap", ["v"], ["maps"], ML, classlabels_strings=WORDS)],
     ROWS[:1], {"maps": (T.STRING,)})
case("a tree of texts", [
    node("TreeEnsembleClassifier", ["x"], ["label", "p"], ML, nodes_treeids=[0] * 5, nodes_nodeids=[0, 1, 2, 3, 4],
         nodes_featureids=[0, 1, 0, 0, 0], nodes_values=[0.1, -0.3, 0.0, 0.0, 0.0], nodes_truenodeids=[1, 3, 0, 0, 0],
         nodes_falsenodeids=[2, 4, 0, 0, 0], nodes_modes=["BRANCH_LEQ", "BRANCH_LT", "LEAF", "LEAF", "LEAF"],
         class_treeids=[0, 0, 0], class_nodeids=[2, 3, 4], class_ids=[0, 1, 2], class_weights=[1.0, 1.0, 1.0],
         classlabels_strings=WORDS),
], ROWS, {"label": T.STRING, "p": T.FLOAT})
TEXTS = helper.make_tensor("classes", T.STRING, [3], [w.encode() for w in WORDS])
SHAPE = numpy_helper.from_array(np.array([-1], np.int64), "shape")
case("a list of texts", [
    node("ArgMax", ["x"], ["place"], axis=1), node("ArrayFeatureExtractor", ["classes", "place"], ["row"], ML),
    node("Reshape", ["row", "shape"], ["label"]),
], ROWS, {"label": T.STRING}, [TEXTS, SHAPE])
case("a list with a text twice", [
    node("ArgMax", ["x"], ["place"], axis=1, keepdims=0), node("ArrayFeatureExtractor", ["classes", "place"], ["label"], ML),
], ROWS, {"label": T.STRING}, [helper.make_tensor("classes", T.STRING, [3], [b"b", b"a", b"b"])])
case("a constant of texts", [
    node("Constant", [], ["classes"], value=TEXTS), node("ArgMax", ["x"], ["place"], axis=1, keepdims=0),
    node("Gather", ["classes", "place"], ["label"]),
], ROWS, {"label": T.STRING})
case("a list of numbers", [
    node("ArgMax", ["x"], ["place"], axis=1), node("ArrayFeatureExtractor", ["classes", "place"], ["label"], ML),
], ROWS, {"label": T.INT64}, [numpy_helper.from_array(np.array([5, -2, 9], np.int64), "classes")])
case("columns at known places", [node("ArrayFeatureExtractor", ["x", "places"], ["y"], ML)], ROWS, {"y": T.FLOAT},
     [numpy_helper.from_array(np.array([2, 0], np.int64), "places")])
PLACES = np.array([[2, 0, 7, 1]], np.int64)
case("encoder to texts", [
    node("LabelEncoder", ["x"], ["label"], ML, keys_int64s=[2, 0, 1], values_strings=["c", "a", "c"], default_string="none"),
], PLACES, {"label": T.STRING}, ml=2)
case("encoder to texts, no default", [
    node("LabelEncoder", ["x"], ["label"], ML, keys_int64s=[2, 0, 1], values_strings=["c", "a", "b"]),
], PLACES, {"label": T.STRING}, ml=2)
case("first version of the encoder", [
    node("LabelEncoder", ["x"], ["label"], ML, classes_strings=["p", "q", "r"], default_string="other"),
], PLACES, {"label": T.STRING}, ml=1)
case("encoder of a classifier's texts", [
    linear(classlabels_strings=WORDS),
    node("LabelEncoder", ["label"], ["y"], ML, keys_strings=["virginica", "unknown", "setosa"], values_int64s=[30, 40, 50],
         default_int64=60),
], ROWS, {"y": T.INT64}, ml=2)
case("texts to texts", [
    linear(classlabels_strings=WORDS),
    node("LabelEncoder", ["label"], ["y"], ML, keys_strings=["virginica", "setosa"], values_strings=["large", "small"],
         default_string="middle"),
], ROWS, {"y": T.STRING}, ml=2)
case("tensors of keys and values", [
    node("LabelEncoder", ["x"], ["label"], ML,
         keys_tensor=numpy_helper.from_array(np.array([1, 2], np.int64), "k"),
         values_tensor=helper.make_tensor("v", T.STRING, [2], [b"one", b"two"]),
         default_tensor=helper.make_tensor("d", T.STRING, [1], [b"many"])),
], PLACES, {"label": T.STRING}, ml=4)
TWICE = linear(classlabels_strings=["a", "a", "c"])
PICKS = np.float32([[0, 1, 2], [2, 0, 0], [-1, 0, -2]])
case("a label twice", [TWICE], PICKS, {"label": T.STRING, "scores": T.FLOAT})
for text in "ac":
    case(f"a label twice, compared with {text}", [
        TWICE, node("Equal", ["label", "k"], ["e"]), node("Cast", ["e"], ["y"], to=T.INT64)], PICKS, {"y": T.INT64},
        [helper.make_tensor("k", T.STRING, [1], [text.encode()])], opset=19)
case("categories of a label twice", [TWICE, node("OneHotEncoder", ["label"], ["y"], ML, cats_strings=["c", "b", "a"], zeros=1)],
     PICKS, {"y": T.FLOAT})
case("codes of a label twice", [
    TWICE, node("LabelEncoder", ["label"], ["y"], ML, keys_strings=["c", "a"], values_int64s=[5, 7], default_int64=9)],
    PICKS, {"y": T.INT64}, ml=2)
case("two classifiers of one label twice", [
    TWICE, node("LinearClassifier", ["x"], ["other", "s2"], ML, coefficients=COEFFICIENTS[::-1], intercepts=[0.1, -0.2, 0.3],
                classlabels_strings=["a", "c", "c"]), node("Equal", ["label", "other"], ["e"]), node("Cast", ["e"], ["y"], to=T.INT64)],
    ROWS, {"y": T.INT64}, opset=19)

ZIP = node("ZipMap", ["x"], ["maps"], ML, classlabels_strings=WORDS)
refuse("labels that do not fit", "labels do not fit a tensor", [node("ZipMap", ["x"], ["maps"], ML, classlabels_strings=WORDS[:2])], ROWS, {"maps": T.FLOAT})
refuse("a label twice", "a label is given twice", [node("ZipMap", ["x"], ["maps"], ML, classlabels_int64s=[1, 2, 1])], ROWS, {"maps": T.FLOAT})
refuse("no labels", "it has no labels", [node("ZipMap", ["x"], ["maps"], ML)], ROWS, {"maps": T.FLOAT})
refuse("computing with maps", "the maps of a ZipMap", [ZIP, node("Neg", ["maps"], ["y"])], ROWS, {"y": T.FLOAT})
refuse("computing with texts", "it reads texts", [linear(classlabels_strings=WORDS), node("Neg", ["label"], ["y"])], ROWS, {"y": T.INT64})
refuse("casting texts", "it reads texts", [linear(classlabels_strings=WORDS), node("Cast", ["label"], ["y"], to=T.FLOAT)], ROWS, {"y": T.FLOAT})
refuse("texts of two lists", "texts of different lists", [
    linear(classlabels_strings=WORDS), node("Concat", ["label", "more"], ["y"], axis=0)], ROWS, {"y": T.STRING},
    [helper.make_tensor("more", T.STRING, [1], [b"more"])])
refuse("texts and numbers", "texts and numbers", [
    linear(classlabels_strings=WORDS), node("Concat", ["label", "shape"], ["y"], axis=0)], ROWS, {"y": T.INT64}, [SHAPE])
refuse("numbers for keys that are texts", "its keys are texts", [
    node("LabelEncoder", ["x"], ["y"], ML, keys_strings=["a"], values_int64s=[1])], PLACES, {"y": T.INT64}, ml=2)
refuse("texts for keys that are numbers", "its operand holds texts", [
    linear(classlabels_strings=WORDS), node("LabelEncoder", ["label"], ["y"], ML, keys_int64s=[1], values_int64s=[1])],
    ROWS, {"y": T.INT64}, ml=2)
refuse("labels of two kinds", "labels of two kinds", [linear(classlabels_strings=WORDS, classlabels_ints=[1, 2, 3])], ROWS, {"label": T.INT64})

out = pathlib.Path(__file__).parent
(out / "labels.json").write_text(json.dumps({"cases": cases, "refused": refused}, indent=1) + "\n")
print(len(cases), "cases,", len(refused), "refused")
