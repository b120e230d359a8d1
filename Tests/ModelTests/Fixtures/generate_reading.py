#!/usr/bin/env python3
"""Writes reading.json: files in which a reader of ONNX easily reads something else than onnxruntime, with what that makes of them.

Needs onnx, onnxruntime and numpy from PyPI. A case has the model as base64, an input file, and its outputs.
"""

import base64
import json
import pathlib

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto as T
from onnx import helper, numpy_helper

from generate_texts import ML, node

cases, refused = [], []
X = np.float32([[1, 2, 3], [4, 5, 7]])
KINDS = {"U": T.STRING, "f": T.FLOAT, "i": T.INT64}
FLOAT, INT, STRING = onnx.AttributeProto.FLOAT, onnx.AttributeProto.INT, onnx.AttributeProto.STRING


def build(nodes, inputs, outputs, constants=(), opset=17, functions=(), ml=3):
    ports = [helper.make_tensor_value_info(name, KINDS[x.dtype.kind], list(x.shape)) for name, x in inputs.items()]
    graph = helper.make_graph(
        nodes, "g", ports, [helper.make_tensor_value_info(name, kind, None) for name, kind in outputs.items()], list(constants))
    imports = [helper.make_opsetid("", opset), helper.make_opsetid(ML, ml), helper.make_opsetid("own", 1), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, opset_imports=imports, ir_version=9, functions=list(functions)).SerializeToString()


def encoded(model):
    return base64.b64encode(model).decode()


def case(label, model, inputs):
    session = onnxruntime.InferenceSession(model)
    found = session.run(None, {name: x.astype(object) if x.dtype.kind == "U" else x for name, x in inputs.items()})
    cases.append({
        "name": label, "model": encoded(model), "input": json.dumps({"input_data": {name: x.tolist() for name, x in inputs.items()}}),
        "outputs": [[round(float(v), 9) for v in value.ravel()] for value in found]})


def refuse(label, reason, model, inputs):
    refused.append({
        "name": label, "reason": reason, "model": encoded(model),
        "input": json.dumps({"input_data": {name: x.tolist() for name, x in inputs.items()}})})


def constant(name, value):
    return numpy_helper.from_array(np.array(value), name)


def bare(name, kind):
    """An attribute whose value is 0 or empty, as writers of proto3 leave it."""
    return onnx.AttributeProto(name=name, type=kind)


def having(n, *attributes):
    n.attribute.extend(attributes)
    return n


def varint(value):
    """A number as protobuf writes it."""
    low = b""
    while value > 127:
        low, value = low + bytes([value & 127 | 128]), value >> 7
    return low + bytes([value])


def field(number, content):
    return varint(number << 3 | 2) + varint(len(content)) + content


# Numbers that are 0 are left out.
Y = {"y": T.FLOAT}
for label, n, constants, opset in [
        ("keepdims", having(node("ReduceSum", "x", "y", axes=[0]), bare("keepdims", INT)), [], 11),
        ("alpha of LeakyRelu", having(node("LeakyRelu", "x", "y"), bare("alpha", FLOAT)), [], 17),
        ("axis of Softmax", having(node("Softmax", "x", "y"), bare("axis", INT)), [], 13),
        ("axis of Hardmax", having(node("Hardmax", "x", "y"), bare("axis", INT)), [], 13),
        ("axis of Concat", having(node("Concat", "x x", "y"), bare("axis", INT)), [], 17),
        ("largest", having(node("TopK", "x k", "y i"), bare("largest", INT)), [constant("k", [1])], 11),
        ("beta of Gemm", having(node("Gemm", "x w c", "y"), bare("beta", FLOAT)),
         [constant("w", np.ones((3, 2), np.float32)), constant("c", np.float32([9, 9]))], 17)]:
    case(f"{label} is left out, being 0", build([n], {"x": X - 4}, Y, constants, opset), {"x": X - 4})
case("a default is left out, being 0", build(
    [having(node("LabelEncoder", "x", "y", ML, keys_int64s=[1], values_int64s=[5]), bare("default_int64", INT))],
    {"x": np.array([1, 2])}, {"y": T.INT64}), {"x": np.array([1, 2])})
case("a constant is left out, being 0", build(
    [having(node("Constant", "", "c"), bare("value_float", FLOAT)), node("Add", "x c", "y")], {"x": X}, Y), {"x": X})
case("an attribute of tools", build([node("LeakyRelu", "x", "y", alpha=0.5, __note=3)], {"x": X - 4}, Y), {"x": X - 4})
case("hints", build([node("LayerNormalization", "x s", "y", stash_type=1, axis=-1)], {"x": X}, Y, [constant("s", np.ones(3, np.float32))]),
     {"x": X})


# Attributes that are not what they should be.
def relu(*attributes):
    return build([having(node("LeakyRelu", "x", "y"), *attributes)], {"x": X}, Y)


refuse("another type", "attribute alpha is of type", relu(helper.make_attribute("alpha", 1)), {"x": X})
refuse("no type", "type", relu(onnx.AttributeProto(name="alpha", f=0.5)), {"x": X})
refuse("a value beside the type", "something else", relu(onnx.AttributeProto(name="alpha", type=FLOAT, f=0.5, i=1)), {"x": X})
refuse("an attribute twice", "given twice", relu(helper.make_attribute("alpha", 0.5), helper.make_attribute("alpha", 0.25)), {"x": X})
refuse("an unknown attribute", "attribute gamma is not supported", relu(helper.make_attribute("gamma", 0.5)), {"x": X})
refuse("a reference without a function", "ref_attr_name", relu(
    onnx.AttributeProto(name="alpha", type=FLOAT, f=0.5, ref_attr_name="other")), {"x": X})
refuse("an empty tensor", "value is empty", build(
    [having(node("Constant", "", "c"), bare("value", onnx.AttributeProto.TENSOR)), node("Add", "x c", "y")], {"x": X}, Y), {"x": X})
refuse("two constants", "2 values", build(
    [node("Constant", "", "c", value_float=1.0, value_int=2), node("Add", "x c", "y")], {"x": X}, Y), {"x": X})
refuse("a word", "none of CRD, DCR", build(
    [node("DepthToSpace", "x", "y", blocksize=2, mode="CDR")], {"x": np.ones((1, 4, 2, 2), np.float32)}, Y),
    {"x": np.ones((1, 4, 2, 2), np.float32)})
refuse("two lists of keys", "one list of keys", build(
    [node("LabelEncoder", "x", "y", ML, keys_int64s=[1], keys_floats=[1.0], values_int64s=[5])], {"x": np.array([1, 2])}, {"y": T.INT64}),
    {"x": np.array([1, 2])})
refuse("parameters of an activation", "without those before it", build(
    [node("FusedGemm", "x w", "y", "com.microsoft", activation="HardSigmoid", activation_beta=0.5)], {"x": X}, Y,
    [constant("w", np.ones((3, 2), np.float32))]), {"x": X})
tree = dict(
    nodes_treeids=[0, 0, 0], nodes_nodeids=[0, 1, 2], nodes_featureids=[0, 0, 0], nodes_values=[0.5, 0, 0],
    nodes_modes=["BRANCH_LEQ", "LEAF", "LEAF"], nodes_truenodeids=[1, 0, 0], nodes_falsenodeids=[2, 0, 0], target_treeids=[0, 0],
    target_nodeids=[1, 2], target_ids=[0, 0], target_weights=[1.0, 2.0], n_targets=1)
column = np.float32([[0.4], [0.7]])
case("counts of training", build([node("TreeEnsembleRegressor", "x", "y", ML, nodes_hitrates=[1.0] * 3, **tree)], {"x": column}, Y),
     {"x": column})
case("base values as a tensor", build(
    [node("TreeEnsembleRegressor", "x", "y", ML, base_values_as_tensor=constant("b", np.float32([10])), **tree)], {"x": column}, Y),
    {"x": column})

# Operators and attributes are those of the model's operator sets.
for label, reason, n, opset, constants in [
        ("axes of ReduceSum", "attribute axes is none of operator set 13", node("ReduceSum", "x", "y", axes=[1]), 13, []),
        ("noop_with_empty_axes of ReduceMax", "is none of operator set 17", node("ReduceMax", "x", "y", noop_with_empty_axes=1), 17, []),
        ("bounds of Clip", "attribute min is none of operator set 11", node("Clip", "x", "y", min=0.0), 11, []),
        ("a direction of TopK", "attribute largest is none of operator set 10", node("TopK", "x k", "y i", largest=0), 10, [constant("k", [1])]),
        ("Gelu before its first version", "20 is the first that has", node("Gelu", "x", "y"), 19, []),
        ("Upsample after its last version", "9 is the last that has", node("Upsample", "x s", "y"), 10, [constant("s", np.float32([1, 2]))])]:
    refuse(label, reason, build([n], {"x": X}, Y, constants, opset), {"x": X})
tensors = {name: value for name, value in tree.items() if name != "nodes_values"}
tensors["nodes_values_as_tensor"] = constant("v", np.float32([0.5, 0, 0]))
for label, reason, attributes, ml in [
        ("a tensor before version 3", "attribute nodes_values_as_tensor is none of operator set 2", tensors, 2),
        ("trees after version 4", "operator set 5 has no such operator, 4 is the last that has", tree, 5),
        ("a later operator set", "ai.onnx.ml has version 6", tree, 6)]:
    refuse(label, reason, build([node("TreeEnsembleRegressor", "x", "y", ML, **attributes)], {"x": column}, Y, ml=ml), {"x": column})
refuse("ai.onnx.ml in two versions", "ai.onnx.ml is given in two versions", build([node("Neg", "x", "y")], {"x": X}, Y)
       + field(8, helper.make_opsetid(ML, 1).SerializeToString()), {"x": X})

# Flags are 0 or 1.
image = np.arange(25, dtype=np.float32).reshape(1, 1, 5, 5)
for name, n, x, constants, opset in [
        ("largest", node("TopK", "x k", "y i", largest=2), X, [constant("k", [1])], 11),
        ("keepdims", node("ReduceSum", "x", "y", axes=[1], keepdims=2), X, [], 11),
        ("noop_with_empty_axes", node("ReduceSum", "x", "y", noop_with_empty_axes=-1), X, [], 13),
        ("keepdims", node("ArgMax", "x", "y", axis=1, keepdims=2), X, [], 13),
        ("ceil_mode", node("MaxPool", "x", "y", kernel_shape=[2, 2], strides=[2, 2], ceil_mode=2), image, [], 12),
        ("ceil_mode", node("AveragePool", "x", "y", kernel_shape=[2, 2], strides=[2, 2], ceil_mode=2), image, [], 12),
        ("nodes_missing_value_tracks_true", node("TreeEnsembleRegressor", "x", "y", ML, nodes_missing_value_tracks_true=[2, 0, 0], **tree), column, [], 17)]:
    refuse(f"{name} of {n.op_type}", f"attribute {name} is neither 0 nor 1", build([n], {"x": x}, Y, constants, opset), {"x": x})


# Tensors whose numbers stand elsewhere, or are too large for their type.
def tensor(**fields):
    tensor = T(name="c")
    for name, value in fields.items():
        if isinstance(value, list):
            getattr(tensor, name).extend(value)
        else:
            setattr(tensor, name, value)
    return tensor


def scaled(c):
    return build([node("Cast", "c", "d", to=T.FLOAT), node("Mul", "x d", "y")], {"x": X}, Y, [c])


case("a uint8 that is too large", scaled(tensor(dims=[1], data_type=T.UINT8, int32_data=[300])), {"x": X})
case("an int8 that is too large", scaled(tensor(dims=[1], data_type=T.INT8, int32_data=[200])), {"x": X})
case("a uint32 that is too large", scaled(tensor(dims=[1], data_type=T.UINT32, uint64_data=[(1 << 32) + 5])), {"x": X})
case("a uint16 that is too large", scaled(tensor(dims=[1], data_type=T.UINT16, int32_data=[65536 + 7])), {"x": X})
case("a float16 by its bits", scaled(tensor(dims=[1], data_type=T.FLOAT16, int32_data=[0x4000])), {"x": X})
for label, kind, own in [("int64", T.INT64, {"int64_data": [7]}), ("double", T.DOUBLE, {"double_data": [7.0]}),
                         ("float16", T.FLOAT16, {"int32_data": [0x4000]})]:
    refuse(f"a {label} with floats", "other fields", scaled(tensor(dims=[1], data_type=kind, float_data=[5.0], **own)), {"x": X})
refuse("raw numbers and others", "other fields", scaled(
    tensor(dims=[1], data_type=T.FLOAT, float_data=[5.0], raw_data=np.float32([7]).tobytes())), {"x": X})
refuse("an int64 in the field of smaller ones", "other fields", scaled(tensor(dims=[1], data_type=T.INT64, int32_data=[5])), {"x": X})
refuse("a truth value of 2", "neither 0 nor 1", scaled(tensor(dims=[1], data_type=T.BOOL, raw_data=b"\2")), {"x": X})


# Messages that are given twice, which readers of protobuf merge.
def in_a_node(attribute):
    """A model whose node gets an attribute of these bytes."""
    n = node("Constant", "", "c").SerializeToString() + field(5, attribute)
    graph = helper.make_graph(
        [node("Mul", "x c", "y")], "g", [helper.make_tensor_value_info("x", T.FLOAT, [2, 3])],
        [helper.make_tensor_value_info("y", T.FLOAT, None)])
    empty = onnx.ModelProto(ir_version=8)
    empty.opset_import.extend([helper.make_opsetid("", 17)])
    return empty.SerializeToString() + field(7, field(1, n) + graph.SerializeToString())


value = onnx.AttributeProto(name="value", type=onnx.AttributeProto.TENSOR).SerializeToString()
first, second = constant("", np.float32(3)).SerializeToString(), helper.make_tensor("", T.FLOAT, [], [5.0]).SerializeToString()
case("a tensor of an attribute", in_a_node(value + field(5, first)), {"x": X})
refuse("a tensor of an attribute twice", "given twice", in_a_node(value + field(5, first) + field(5, second)), {"x": X})
refuse("raw data twice", "given twice", in_a_node(value + field(5, first + field(9, np.float32(4).tobytes()))), {"x": X})

refuse("a function's name twice", "given twice", build(
    [node("Neg", "x", "y")], {"x": X}, Y) + field(25, field(1, b"Own") + field(1, b"Other") + field(10, b"own")), {"x": X})
# Exporters write the operator set twice.
imported = lambda version: field(8, helper.make_opsetid("", version).SerializeToString())
case("an operator set twice", build([node("Neg", "x", "y")], {"x": X}, Y) + imported(17), {"x": X})
refuse("an operator set in two versions", "two versions", build([node("Neg", "x", "y")], {"x": X}, Y) + imported(13), {"x": X})


def declared(*dimensions, other=b""):
    """A model whose input has a type of these bytes."""
    shape = b"".join(field(1, dimension) for dimension in dimensions)
    port = field(1, b"x") + field(2, field(1, b"\x08\x01" + field(2, shape)) + other)
    graph = helper.make_graph([node("Neg", "x", "y")], "g", [], [helper.make_tensor_value_info("y", T.FLOAT, None)])
    empty = onnx.ModelProto(ir_version=8)
    empty.opset_import.extend([helper.make_opsetid("", 17)])
    return empty.SerializeToString() + field(7, graph.SerializeToString() + field(11, port))


case("a type by its bytes", declared(b"\x08\x02", b"\x08\x03"), {"x": X})
refuse("a dimension with a number and a name", "beside a name", declared(b"\x08\x02" + field(2, b"n"), b"\x08\x03"), {"x": X})
refuse("a type of two kinds", "of two kinds", declared(b"\x08\x02", b"\x08\x03", other=field(4, b"")), {"x": X})

# Names and texts that differ in their bytes alone, or are no texts.
COMPOSED, DECOMPOSED = "\u00e9", "e\u0301"


def branches(inner):
    port = helper.make_tensor_value_info
    yes = helper.make_graph([node("Add", f"x {COMPOSED}", "o")], "t", [], [port("o", T.FLOAT, None)], [constant(inner, np.float32([100]))])
    no = helper.make_graph([node("Neg", "x", "p")], "e", [], [port("p", T.FLOAT, None)])
    return build([node("If", "c", "y", then_branch=yes, else_branch=no)], {"x": X}, Y,
                 [constant(COMPOSED, np.float32([5])), constant("c", True)])


case("a name that is not ASCII", branches("other"), {"x": X})
refuse("names that differ in bytes alone", "by different characters", branches(DECOMPOSED), {"x": X})

named = build([node("Add", f"{COMPOSED} x", "y")], {COMPOSED: X, "x": 2 * X}, Y)
case("an input whose name is not ASCII", named, {COMPOSED: X, "x": 2 * X})
refuse("an input under a name of other bytes", "unknown; the model's inputs are", named, {DECOMPOSED: X, "x": 2 * X})


def encode(source, result, values):
    return node("LabelEncoder", source, result, ML, keys_int64s=[0, 1], values_strings=values, default_string="d")


places = np.array([0, 1])
refuse("texts that differ in bytes alone", "different lists", build(
    [encode("x", "a", [COMPOSED, "b"]), encode("x", "c", [DECOMPOSED, "b"]), node("Equal", "a c", "e"), node("Cast", "e", "y", to=T.INT64)],
    {"x": places}, {"y": T.INT64}, opset=19), {"x": places})
words = np.array([COMPOSED, DECOMPOSED, "b"])
case("keys that differ in bytes alone", build(
    [node("LabelEncoder", "x", "y", ML, keys_strings=[COMPOSED, DECOMPOSED], values_int64s=[1, 3], default_int64=9)], {"x": words},
    {"y": T.INT64}), {"x": words})
keys = onnx.AttributeProto(name="keys_strings", type=onnx.AttributeProto.STRINGS, ref_attr_name="keys")
own = helper.make_function(
    "own", "Own", ["a"], ["b"], [having(node("LabelEncoder", "a", "b", ML, values_int64s=[1, 3], default_int64=9), keys)],
    [helper.make_opsetid("", 17), helper.make_opsetid(ML, 3)], attributes=["keys"])
case("keys that a call gives", build([node("Own", "x", "y", "own", keys=[COMPOSED, "b"])], {"x": words}, {"y": T.INT64}, functions=[own]),
     {"x": words})
refuse("a key that is no text", "is not UTF-8", build(
    [node("LabelEncoder", "x", "y", ML, keys_strings=[b"\xff", b"b"], values_int64s=[1, 3], default_int64=9)], {"x": np.array(["\ufffd", "b"])},
    {"y": T.INT64}), {"x": np.array(["\ufffd", "b"])})
refuse("a constant that is no text", "is not UTF-8", build(
    [node("Equal", "x a", "e"), node("Cast", "e", "y", to=T.FLOAT)], {"x": np.array(["a", "b"])}, Y,
    [T(name="a", data_type=T.STRING, dims=[1], string_data=[b"\xff"])], opset=19), {"x": np.array(["a", "b"])})
refuse("a name that is no symbol", "is not ASCII", relu(onnx.AttributeProto(name="\u212a", type=INT)), {"x": X})

# Numbers below both limits of Shrink have the first case.
steps = np.float32([-2, -1, -0.5, 0, 0.5, 1, 2])
for lambd, bias in [(-1.5, 1.5), (-0.5, -1.0), (0.0, 1.5), (1.0, 0.5)]:
    case(f"Shrink by {lambd} and {bias}", build([node("Shrink", "x", "y", lambd=lambd, bias=bias)], {"x": steps}, Y), {"x": steps})

# Recurrent networks: bounds for what enters a gate, not for the state of an LSTM's cell; parameters of activations.
sequence = np.float32([[[0.5, -1]], [[2, 0.75]]])


def omitting(op, inputs, *more, **attributes):
    """A node without the operands that are question marks."""
    n = node(op, inputs, *more, **attributes)
    n.input[:] = ["" if name == "?" else name for name in n.input]
    return n


def recurrent(op, gates, text, **attributes):
    number = lambda *shape: np.float32(np.sin(np.arange(np.prod(shape)) + 1)).reshape(shape)
    constants = [constant("w", number(1, 2 * gates, 2)), constant("r", number(1, 2 * gates, 2)), constant("h", number(1, 1, 2)),
                 constant("c", 2 * number(1, 1, 2)), constant("p", number(1, 6))]
    return build([omitting(op, text, "all y", hidden_size=2, **attributes)], {"x": sequence}, Y, constants, 14)


LSTM = "x w r ? ? h c p"
for clip in (0.1, 0.75):
    for activations in (["Sigmoid", "Tanh", "Tanh"], ["Sigmoid", "Softsign", "Relu"]):
        case(f"LSTM whose gates are within {clip}, {activations[2]}", recurrent(
            "LSTM", 4, LSTM, clip=clip, activations=activations), {"x": sequence})
    case(f"GRU whose gates are within {clip}", recurrent("GRU", 3, "x w r ? ? h", clip=clip), {"x": sequence})
    case(f"RNN within {clip}", recurrent("RNN", 1, "x w r ? ? h", clip=clip), {"x": sequence})
for name, parameters in [("Affine", "alpha beta"), ("ScaledTanh", "alpha beta"), ("ThresholdedRelu", "alpha"), ("LeakyRelu", ""),
                         ("HardSigmoid", ""), ("Elu", "")]:
    given = {f"activation_{which}": [0.5] for which in parameters.split()}
    case(f"RNN of {name}", recurrent("RNN", 1, "x w r", activations=[name], **given), {"x": sequence})
    for which in given:
        refuse(f"RNN of {name} without {which}", f"needs {which}", recurrent(
            "RNN", 1, "x w r", activations=[name], **{k: v for k, v in given.items() if k != which}), {"x": sequence})

# Averages of integers count every place of a window, also those that ceil_mode puts behind the padding.
row = np.uint8([[[[90, 90, 90, 90, 30, 60]]]])
KINDS["u"] = T.UINT8
for width, stride, pads in [(3, 3, [0, 0, 0, 0]), (3, 2, [0, 0, 0, 0]), (4, 3, [0, 1, 0, 1]), (5, 2, [0, 1, 0, 0])]:
    for whole in (0, 1):
        pool = dict(kernel_shape=[1, width], strides=[1, stride], pads=pads, ceil_mode=1, count_include_pad=whole)
        case(f"averages of {width} integers by {stride}, {whole}", build(
            [node("QLinearAveragePool", "x s z s z", "y", "com.microsoft", **pool)], {"x": row}, {"y": T.UINT8},
            [constant("s", np.float32(0.25)), constant("z", np.uint8(0))]), {"x": row})


# Trees of which some give nothing to a class or target.
def stump(kind, leaves, ids, weights, **more):
    return dict(
        nodes_treeids=[0] * 3, nodes_nodeids=[0, 1, 2], nodes_featureids=[0] * 3, nodes_modes=["BRANCH_LEQ", "LEAF", "LEAF"],
        nodes_values=[0.5, 0.0, 0.0], nodes_truenodeids=[1, 0, 0], nodes_falsenodeids=[2, 0, 0],
        **{f"{kind}_treeids": [0] * len(ids), f"{kind}_nodeids": leaves, f"{kind}_ids": ids, f"{kind}_weights": weights}, **more)


def classes(labels, *leaves, **more):
    n = node("TreeEnsembleClassifier", "x", "l p", ML, classlabels_int64s=labels, **stump("class", *leaves), **more)
    return build([n], {"x": column}, {"l": T.INT64, "p": T.FLOAT})


def targets(count, *leaves, **more):
    return build([node("TreeEnsembleRegressor", "x", "y", ML, n_targets=count, **stump("target", *leaves), **more)], {"x": column}, Y)


BOTH = [1, 1, 2, 2], [0, 1, 0, 1], [-1.0, 3.0, 2.0, 2.5]
for transform in ("NONE", "SOFTMAX", "LOGISTIC"):
    own = dict(post_transform=transform)
    case(f"two classes with weights, {transform}", classes([0, 1], *BOTH, **own), {"x": column})
    case(f"two classes of which the first one has fewer weights, {transform}", classes(
        [0, 1], [1, 2, 2], [1, 0, 1], [2.0, 1.0, 3.0], **own), {"x": column})
    refuse(f"two classes with base values, {transform}", "base_values of two classes", classes(
        [0, 1], *BOTH, base_values=[0.5, 0.5], **own), {"x": column})
    refuse(f"a second class without a weight, {transform}", "the second one gets nothing", classes(
        [0, 1], [1, 2, 2], [0, 0, 1], [2.0, 1.0, 3.0], **own), {"x": column})
    case(f"three classes of which some have weights, {transform}", classes([4, 5, 6], [1, 2], [1, 2], [1.0, 3.0], **own), {"x": column})
    case(f"three classes of which some have weights, with base values, {transform}", classes(
        [4, 5, 6], [1, 2], [1, 2], [-1.0, -3.0], base_values=[-2.0, 0.25, 0.5], **own), {"x": column})
    refuse(f"three classes of which some have negative weights, {transform}", "a class that gets nothing", classes(
        [4, 5, 6], [1, 2], [1, 2], [-1.0, -3.0], **own), {"x": column})
    case(f"targets with base values, {transform}", targets(2, *BOTH, base_values=[0.5, 0.25], **own), {"x": column})
    case(f"a target without a weight, {transform}", targets(3, *BOTH, base_values=[0.5, 0.25, 0], **own), {"x": column})
    refuse(f"a target without a weight, with a base value, {transform}", "base_values of a target", targets(
        3, *BOTH, base_values=[0.5, 0.25, 1], **own), {"x": column})
    refuse(f"a target of which a leaf has no weight, {transform}", "base_values of a target", targets(
        2, [1, 2, 2], [0, 0, 1], [2.0, 1.0, 3.0], base_values=[0.5, 0.25], **own), {"x": column})
refuse("averages of trees with base values", "base_values of a target", targets(
    2, [1, 2], [0, 1], [2.0, 1.0], base_values=[0.5, 0.25], aggregate_function="AVERAGE"), {"x": column})
case("a single target without weights in a leaf", targets(1, [2], [0], [2.0], base_values=[0.5]), {"x": column})

# Numbers that no arithmetic on 64 bits holds.
LARGE = [-2**63, 2**63 - 1]
heads = np.float32(np.sin(np.arange(4))).reshape(1, 1, 2, 2)
attend = [omitting("Attention", "x x x ? ? ? n", "y")]
for count in (0, 1, 2):
    case(f"{count} keys", build(attend, {"x": heads}, Y, [constant("n", [count])], 24), {"x": heads})
for number in LARGE + [-1, 3]:
    refuse(f"{number} keys", "the lengths do not fit", build(attend, {"x": heads}, Y, [constant("n", [number])], 24), {"x": heads})
    if number in LARGE:
        refuse(f"an image of {number} rows", "spatial axes", build(
            [node("Col2Im", "x i b", "y", pads=[1, 0, 1, 0])], {"x": np.ones((1, 1, 2), np.float32)}, Y, [constant("i", [number, 1]), constant("b", [1, 1])], 18),
            {"x": np.ones((1, 1, 2), np.float32)})
region = [0, 0, -3e38, 3e38, 1, 1, 3e38, -3e38]
refuse("a region beyond all images", "the region does not fit", build(
    [omitting("Resize", "x r ? s", "y", coordinate_transformation_mode="tf_crop_and_resize")], {"x": image}, Y,
    [constant("r", np.float32(region)), constant("s", [1, 1, 3, 3])]), {"x": image})
refuse("an attention of nothing", "heads do not fit 0", build(
    [node("Attention", "x w b", "y", "com.microsoft", num_heads=1)], {"x": np.ones((1, 2, 2), np.float32)}, Y,
    [constant("w", np.ones((2, 0), np.float32)), constant("b", np.ones(0, np.float32))]), {"x": np.ones((1, 2, 2), np.float32)})

target = pathlib.Path(__file__).with_name("reading.json")
target.write_text(json.dumps({"cases": cases, "refused": refused}, indent=0, separators=(",", ":")) + "\n")
print(len(cases), "cases,", len(refused), "refused")
