#!/usr/bin/env python3
"""Writes corners.json: corners of operators, with what onnxruntime makes of them, and those in which it is alone, which are refused.

Needs onnx, onnxruntime and numpy from PyPI. A case has the model as base64, an input file, and its outputs.
"""

import json
import pathlib

import numpy as np
from onnx import TensorProto as T
from onnx import helper, numpy_helper

import generate_texts
from generate_texts import ML, case, cases, node, refuse, refused

cases.clear()
refused.clear()


def constant(name, value):
    return numpy_helper.from_array(np.asarray(value), name)


# Reductions over no axes at all: of each element by itself.
x = np.float32([[-2.5, -1.5, -0.5], [0.5, 1.5, 2.5]])
for op in ["Sum", "Mean", "Max", "Min", "Prod", "SumSquare", "L1", "L2", "LogSum", "LogSumExp"]:
    feeds = {"x": abs(x) if op == "LogSum" else x}
    case(f"Reduce{op} over no axes", [node(f"Reduce{op}", "x", "y", noop_with_empty_axes=1)], feeds, {"y": T.FLOAT}, by="both")
    case(f"Reduce{op} over an empty list of axes", [node(f"Reduce{op}", "x a", "y", noop_with_empty_axes=1, keepdims=0)], feeds,
         {"y": T.FLOAT}, [constant("a", np.int64([]))], by="both")
# Operators that runtimes have are no functions of the model, and functions are of the model's operator set.
def calling(domain, name, opset=19, body="Neg"):
    function = helper.make_function(domain, name, ["a"], ["b"], [node(body, "a", "b")], [helper.make_opsetid("", opset)])

    def build(*arguments):
        model = plain(*arguments)
        model.functions.append(function)
        if domain not in {entry.domain for entry in model.opset_import}:
            model.opset_import.append(helper.make_opsetid(domain, 1))
        return model

    return build


plain = generate_texts.build
pair = {"x": np.float32([[1.5, -2]])}
for domain, name in [("", "Relu"), ("com.microsoft", "Gelu"), (ML, "Binarizer"), ("com.microsoft", "Own"), ("", "Loop")]:
    generate_texts.build = calling(domain, name)
    refuse(f"a function {domain}.{name}", f"{name} at node own: the model defines a function of this name",
           [node(name, "x", "y", domain, name="own")], pair, {"y": T.FLOAT})
generate_texts.build = calling("own", "Relu")
case("a function with the name of an operator in a domain of its own", [node("Relu", "x", "y", "own")], pair, {"y": T.FLOAT}, by="both")
generate_texts.build = calling("own", "Share", opset=11, body="Softmax")
refuse("a function of another operator set", "of operator set 11, and is called where operators are those of 19",
       [node("Share", "x", "y", "own")], {"x": np.arange(8, dtype=np.float32).reshape(2, 2, 2)}, {"y": T.FLOAT})
generate_texts.build = plain

# Trees: which node is the root, and leaves with several weights.
LEAVES = ["BRANCH_LEQ", "LEAF", "LEAF"]


def tree(**more):
    lists = dict(
        nodes_treeids=[0] * 3, nodes_nodeids=[0, 1, 2], nodes_featureids=[0] * 3, nodes_values=[0.5, 0, 0], nodes_modes=LEAVES,
        nodes_truenodeids=[1, 0, 0], nodes_falsenodeids=[2, 0, 0], target_treeids=[0, 0], target_nodeids=[1, 2],
        target_ids=[0, 0], target_weights=[1.0, 2.0], n_targets=1)
    return [node("TreeEnsembleRegressor", "x", "y", ML, **{**lists, **more})]


rows = {"x": np.float32([[0.4], [0.7]])}
case("a root with another number than 0", tree(
    nodes_nodeids=[7, 1, 2], target_nodeids=[2, 1]), rows, {"y": T.FLOAT}, by="both")
NONE_LEADS = "a node that none leads to"
refuse("a root that stands last", NONE_LEADS, tree(
    nodes_nodeids=[1, 2, 0], nodes_modes=LEAVES[::-1], nodes_values=[0, 0, 0.5], nodes_truenodeids=[0, 0, 1],
    nodes_falsenodeids=[0, 0, 2]), rows, {"y": T.FLOAT})
refuse("a leaf that no node leads to", NONE_LEADS, tree(
    nodes_nodeids=[0, 1, 2, 3], nodes_treeids=[0] * 4, nodes_featureids=[0] * 4, nodes_values=[0.5, 0, 0, 0],
    nodes_modes=LEAVES + ["LEAF"], nodes_truenodeids=[1, 0, 0, 0], nodes_falsenodeids=[2, 0, 0, 0], target_treeids=[0] * 3,
    target_nodeids=[1, 2, 3], target_ids=[0] * 3, target_weights=[1.0, 2, 100]), rows, {"y": T.FLOAT})
for aggregate in ["SUM", "MAX"]:
    refuse(f"a leaf with two weights for one target, {aggregate}", "two weights for one target", tree(
        target_treeids=[0] * 3, target_nodeids=[1, 1, 2], target_ids=[0] * 3, target_weights=[1.0, 2, 5],
        aggregate_function=aggregate), rows, {"y": T.FLOAT})
refuse("trees whose nodes are mixed", "side by side", tree(
    nodes_treeids=[0, 1] * 3, nodes_nodeids=[0, 0, 1, 1, 2, 2], nodes_featureids=[0] * 6, nodes_values=[0.5, 0.6, 0, 0, 0, 0],
    nodes_modes=["BRANCH_LEQ"] * 2 + ["LEAF"] * 4, nodes_truenodeids=[1, 1, 0, 0, 0, 0], nodes_falsenodeids=[2, 2, 0, 0, 0, 0],
    target_treeids=[0, 0, 1, 1], target_nodeids=[1, 2] * 2, target_ids=[0] * 4, target_weights=[1.0, 2, 10, 20]),
       rows, {"y": T.FLOAT})

# Windows that are as large as their input, as auto_pad says.
line = {"x": (np.arange(6, dtype=np.float32) - 2.5).reshape(1, 1, 6)}
for mode in ["SAME_UPPER", "SAME_LOWER"]:
    for op in ["AveragePool", "LpPool"]:
        case(f"{op} {mode}", [node(op, "x", "y", kernel_shape=[3], strides=[2], auto_pad=mode)], line, {"y": T.FLOAT}, by="both")
    case(f"Conv {mode} with strides beyond the kernel", [node("Conv", "x w", "y", strides=[3], auto_pad=mode)], line, {"y": T.FLOAT},
         [constant("w", np.float32([[[1, 2]]]))], by="both")
    case(f"ConvTranspose {mode}", [node("ConvTranspose", "x w", "y", strides=[2], auto_pad=mode)], line, {"y": T.FLOAT},
         [constant("w", np.float32([[[1, 2, 3]]]))], by="both")
    refuse(f"ConvTranspose {mode} with strides beyond the kernel", "give pads and output_padding", [
        node("ConvTranspose", "x w", "y", strides=[3], auto_pad=mode)], line, {"y": T.FLOAT},
           constants=[constant("w", np.float32([[[1, 2]]]))])
    for op in ["MaxPool", "AveragePool", "LpPool"]:
        refuse(f"{op} {mode} with strides beyond the kernel", "give pads instead", [
            node(op, "x", "y", kernel_shape=[1], strides=[3], auto_pad=mode)], line, {"y": T.FLOAT})
        refuse(f"{op} {mode} with dilations", "give pads instead", [
            node(op, "x", "y", kernel_shape=[2], dilations=[2], auto_pad=mode)], line, {"y": T.FLOAT})

# Training gives the running statistics besides, which runtimes insist on.
batch = {"x": np.float32([[[1, 2], [0.5, -1]], [[3, -2], [2.5, 0]]])}
CHANNELS = [constant(name, np.float32(numbers)) for name, numbers in [
    ("s", [1, 2]), ("b", [0, 1]), ("m", [0.1, 0.2]), ("v", [1, 2])]]
case("the statistics of a batch", [node("BatchNormalization", "x s b m v", "y a c", training_mode=1)], batch,
     {"y": T.FLOAT, "a": T.FLOAT, "c": T.FLOAT}, CHANNELS, by="both")
for mode, outputs, results in [(1, "y", 1), (1, "y a", 2), (0, "y a c", 3)]:
    refuse(f"a batch of mode {mode} with {results} outputs", f"it has {results} output", [
        node("BatchNormalization", "x s b m v", outputs, training_mode=mode)], batch, {"y": T.FLOAT}, constants=CHANNELS)

# What one runtime does in one way and another one in another way.
case("padding by repetition", [node("Pad", "x p", "y", mode="wrap")], {"x": x}, {"y": T.FLOAT}, [constant("p", [0, 2, 0, 5])], by="both")
for mode in ["wrap", "reflect", "edge"]:
    refuse(f"{mode} with a negative pad", "cut with Slice first", [node("Pad", "x p", "y", mode=mode)], {"x": x}, {"y": T.FLOAT},
           constants=[constant("p", [0, -1, 0, 1])])
largest = {"x": np.float32([[0, 3, 1, 5, 2]])}
case("the largest element in any order", [node("TopK", "x k", "v y", sorted=0)], largest, {"v": T.FLOAT, "y": T.INT64},
     [constant("k", [1])], by="both")
refuse("the largest elements in any order", "set sorted to 1", [node("TopK", "x k", "v y", sorted=0)], largest,
       {"v": T.FLOAT, "y": T.INT64}, constants=[constant("k", [3])])
for op, gates in [("RNN", 1), ("GRU", 3), ("LSTM", 4)]:
    ones = np.ones((1, gates, 1), np.float32)
    for name in ["h"] + ["c"] * (op == "LSTM"):
        refuse(f"{op} of no steps with an initial {name}", "a sequence of no steps", [
            helper.make_node(op, ["x", "w", "w", "", "l", name if name == "h" else "", name if name == "c" else ""][:7 if name == "c" else 6],
                             ["", "y"], hidden_size=1)], {"x": np.ones((2, 1, 1), np.float32)}, {"y": T.FLOAT},
               constants=[constant("w", ones), constant("l", np.int32([0])), constant(name, np.float32([[[0.7]]]))])
    case(f"{op} of no steps", [helper.make_node(op, ["x", "w", "w", "", "l"], ["", "y"], hidden_size=1)],
         {"x": np.ones((2, 1, 1), np.float32)}, {"y": T.FLOAT}, [constant("w", ones), constant("l", np.int32([0]))])
image = {"x": (np.arange(6, dtype=np.float32) - 2.5).reshape(1, 1, 2, 3)}
crop = [node("Resize", "x r s", "y", mode="linear", coordinate_transformation_mode="tf_crop_and_resize")]
case("a part of the axis that is resized", crop, image, {"y": T.FLOAT}, [
    constant("r", np.float32([0, 0, 0, 0.1, 1, 1, 1, 0.8])), constant("s", np.float32([1, 1, 1, 2]))], by="both")
refuse("a part of an axis that is not resized", "cut with Slice", crop, image, {"y": T.FLOAT}, constants=[
    constant("r", np.float32([0, 0, 0.1, 0.1, 1, 1, 0.8, 0.8])), constant("s", np.float32([1, 1, 0.5, 1]))])
draw = np.random.default_rng(3)
real = lambda *shape: draw.normal(size=shape).astype(np.float32)


def attention(keys):
    return [node("Attention", "q k v  pk pv".replace("  ", " m "), "y a b", is_causal=1)], {
        "q": real(1, 1, 1, 2), "k": real(1, 1, keys, 2), "v": real(1, 1, keys, 2), "pk": real(1, 1, 2, 2), "pv": real(1, 1, 2, 2)}


def unmasked(nodes):
    for each in nodes:
        each.input[3] = ""
    return nodes


RESULTS = {"y": T.FLOAT, "a": T.FLOAT, "b": T.FLOAT}
nodes, feeds = attention(2)
refuse("one query of several new keys after others", "give a mask", unmasked(nodes), feeds, RESULTS, opset=23)
pairs = dict(keys_int64s=[1, 2, 1], default_int64=9)
case("a key twice with one value", [node("LabelEncoder", "x", "y", ML, **pairs, values_int64s=[5, 6, 5])], {"x": np.array([[1, 2]])},
     {"y": T.INT64}, by="both")
refuse("a key twice with two values", "a key is given twice", [node("LabelEncoder", "x", "y", ML, **pairs, values_int64s=[5, 6, 7])],
       {"x": np.array([[1, 2]])}, {"y": T.INT64})
case("casts to uint32", [node("Cast", "x", "u", to=T.UINT32), node("Cast", "u", "y", to=T.INT64)],
     {"x": np.float32([[-5.5, 3e9, -2147483648, 7, 0, 1, 2, 3, 4]])}, {"y": T.INT64}, by="both")
for number in [-3e9, 5e9]:
    refuse(f"a cast of {number} to uint32", "", [node("Cast", "x", "u", to=T.UINT32), node("Cast", "u", "y", to=T.INT64)],
           {"x": np.float32([[number] * 9])}, {"y": T.INT64})

# Products of integers that fit 64 bits, and others, which wrap.
for label, a, b in [("that fit", [[3, -(1 << 30)], [7, 5]], [[1 << 31, 2], [-4, 1 << 32]]), ("that wrap", [[3, -(1 << 40)], [7, 5]], [[1 << 62, 2], [1 << 40, 9]])]:
    case(f"products of constants {label}", [node("MatMul", "a b", "c"), node("Sub", "c x", "y")], {"x": np.array([[1, -2], [3, 4]])},
         {"y": T.INT64}, [constant("a", np.int64(a)), constant("b", np.int64(b))])
for values in ([0, 1], [2.5, -1], [3, 3]):
    case(f"a place among {values}", [node("OneHot", "x d v", "y", axis=0)], {"x": np.array([[1, -2], [3, 7]])}, {"y": T.FLOAT},
         [constant("d", np.int64(5)), constant("v", np.float32(values))], by="both" if values == [0, 1] else "onnxruntime")

# Small files that are much work: what follows from constants alone is counted before it is made.
row = {"x": np.float32([[0.5, -2]])}
refuse("many large constants", "its tensors have more than", [
    node("ConstantOfShape", "s", f"c{k}", value=numpy_helper.from_array(np.float32([k + 1]))) for k in range(8)]
    + [node("ReduceMax", "c0", "r", keepdims=0), node("Mul", "x r", "y")], row, {"y": T.FLOAT}, constants=[constant("s", [1 << 24])])
refuse("a large product of constants", "fold constants before the export", [
    node("ConstantOfShape", "s", "a"), node("ConstantOfShape", "t", "b"), node("MatMul", "a b", "c"),
    node("ReduceMax", "c", "r", keepdims=0), node("Add", "x r", "y")], row, {"y": T.FLOAT},
       constants=[constant("s", [1024, 2048]), constant("t", [2048, 1024])])
chain = [node("Identity", "w" if k == 0 else f"a{k - 1}", " ".join([f"a{k}"] * 40)) for k in range(7)]
refuse("outputs of one name", "a0 is defined twice", chain + [node("MatMul", "x a6", "y")], row, {"y": T.FLOAT},
       constants=[constant("w", np.ones((2, 2), np.float32))])

path = pathlib.Path(__file__).parent / "corners.json"
path.write_text(json.dumps({"cases": cases, "refused": refused}, indent=0, separators=(",", ":")) + "\n")
print(f"{len(cases)} cases, {len(refused)} refused, {path.stat().st_size} bytes")
