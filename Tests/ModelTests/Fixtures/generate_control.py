#!/usr/bin/env python3
"""Writes control.json: models with control flow, functions and sparse constants, with what onnxruntime makes of them.

Needs onnx, onnxruntime and numpy from PyPI, as generate.py.
"""

import base64
import json
import pathlib

import numpy as np
import onnxruntime
from onnx import TensorProto as T
from onnx import helper as h
from onnx import numpy_helper

cases = []
F, I, B = T.FLOAT, T.INT64, T.BOOL


def value(name, kind, shape):
    return h.make_tensor_value_info(name, kind, shape)


def const(name, array):
    return numpy_helper.from_array(np.asarray(array), name)


def node(op, inputs, outputs, **attributes):
    return h.make_node(op, inputs.split(), outputs.split(), **attributes)


def body(nodes, inputs, outputs, initializers=()):
    return h.make_graph(nodes, "body", inputs, outputs, list(initializers))


def case(name, nodes, inputs, outputs, initializers=(), feeds=None, refusal=None, functions=(), opset=17, sparse=(),
         domains=()):
    graph = h.make_graph(nodes, "g", inputs, outputs, list(initializers), sparse_initializer=list(sparse))
    imports = [h.make_opsetid("", opset)] + [h.make_opsetid(d, 1) for d in domains]
    model = h.make_model(graph, opset_imports=imports, ir_version=8, functions=list(functions))
    feeds = feeds or {"x": np.array([[1, -2, 3, -0.5]], np.float32)}
    data = {"input_data": {k: v.tolist() for k, v in feeds.items()}}
    entry = {"name": name, "model": base64.b64encode(model.SerializeToString()).decode(), "input": json.dumps(data)}
    if refusal:
        entry["refusal"] = refusal
    else:
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        session = onnxruntime.InferenceSession(model.SerializeToString(), options)
        names = {"float32": "float32", "int64": "int64", "bool": "bool"}
        entry["outputs"] = [
            {"type": names[str(y.dtype)], "shape": list(y.shape),
             "data": [str(int(v)) if y.dtype != np.float32 else repr(float(v)) for v in y.flatten()]}
            for y in session.run(None, feeds)]
    cases.append(entry)


x, y = value("x", F, [1, 4]), value("y", F, [1, 4])
X = np.array([[1, -2, 3, -0.5]], np.float32)
relu = body([node("Relu", "x", "a")], [], [value("a", F, [1, 4])])
neg = body([node("Neg", "x", "b")], [], [value("b", F, [1, 4])])
for flag in (True, False):
    case(f"if of a constant {flag}", [node("If", "c", "y", then_branch=relu, else_branch=neg)], [x], [y],
         [const("c", flag)])
    case(f"if of a given truth value {flag}", [node("If", "c", "y", then_branch=relu, else_branch=neg)],
         [x, value("c", B, [1])], [y], feeds={"x": X, "c": np.array([flag])})
narrow = body([node("Slice", "x s e ax", "b")], [], [value("b", F, [1, 2])],
              [const("s", [0]), const("e", [2]), const("ax", [1])])
for rate in (8, 16):
    case(f"if of a mode {rate}",
         [node("Equal", "m k", "c"), node("If", "c", "y", then_branch=relu, else_branch=narrow)],
         [x, value("m", I, [])], [value("y", F, [1, None])], [const("k", 16)], feeds={"x": X, "m": np.array(rate)})
plus = body([node("Add", "x one", "a")], [], [value("a", F, [1, 4])], [const("one", np.float32(1))])
for mode in (2**53, 2**53 + 1):
    case(f"if of a mode beyond 2^53 {mode}",
         [node("Equal", "m k", "c"), node("If", "c", "y", then_branch=plus, else_branch=narrow)],
         [x, value("m", I, [])], [value("y", F, [1, None])], [const("k", 2**53 + 1)], feeds={"x": X, "m": np.array(mode)})
inner = body([node("If", "d", "q", then_branch=relu, else_branch=neg)], [], [value("q", F, [1, 4])])
case("if in an if, of numbers",
     [node("ReduceSum", "x", "t", keepdims=0), node("Less", "t z", "c"), node("Less", "z t", "d"),
      node("If", "c", "y", then_branch=neg, else_branch=inner)], [x], [y], [const("z", np.float32(0))])

step = body([node("MatMul", "v w", "m"), node("Tanh", "m", "vo"), node("Identity", "ci", "co"), node("Cast", "i", "f", to=F),
             node("Add", "vo f", "row")],
            [value("i", I, []), value("ci", B, []), value("v", F, [1, 4])],
            [value("co", B, []), value("vo", F, [1, 4]), value("row", F, [1, 4])])
w = const("w", np.random.default_rng(3).normal(size=(4, 4)).astype(np.float32))
case("loop with outer weights and stacked results", [node("Loop", "n t x", "y rows", body=step)], [x],
     [y, value("rows", F, [3, 1, 4])], [const("n", 3), const("t", True), w])
count = body([node("Add", "v one", "vo"), node("Less", "i last", "co")],
             [value("i", I, []), value("ci", B, []), value("v", F, [1, 4])], [value("co", B, []), value("vo", F, [1, 4])])
case("loop until its condition fails", [h.make_node("Loop", ["", "t", "x"], ["y"], body=count)], [x], [y],
     [const("t", True), const("one", np.float32(0.25)), const("last", 4)])
double = body([node("Add", "v v", "vo"), node("ReduceMax", "vo", "top", keepdims=0), node("Less", "top limit", "co")],
              [value("i", I, []), value("ci", B, []), value("v", F, [1, 4])], [value("co", B, []), value("vo", F, [1, 4])])
case("loop until a number is large", [node("Loop", "n t x", "y", body=double)], [x], [y],
     [const("n", 6), const("t", True), const("limit", np.float32(20))])
case("loop that carries nothing", [node("Loop", "n t", "seen", body=body(
    [node("Identity", "ci", "co"), node("Identity", "i", "o")], [value("i", I, []), value("ci", B, [])],
    [value("co", B, []), value("o", I, [])])), node("Cast", "seen", "f", to=F), node("Add", "x f", "y")], [x], [y],
     [const("n", 4), const("t", True)])
total = body([node("Add", "s a", "so"), node("Mul", "so b", "r")],
             [value("s", F, [2]), value("a", F, [2]), value("b", F, [2])], [value("so", F, [2]), value("r", F, [2])])
case("scan with axes and directions",
     [node("Scan", "s0 x u", "s r", body=total, num_scan_inputs=2, scan_input_axes=[1, 0], scan_input_directions=[1, 0],
           scan_output_axes=[1], scan_output_directions=[1])],
     [value("x", F, [2, 3])], [value("s", F, [2]), value("r", F, [2, 3])],
     [const("s0", np.array([1, 2], np.float32)), const("u", np.arange(6, dtype=np.float32).reshape(3, 2))],
     feeds={"x": np.array([[1, 2, 3], [4, 5, -6]], np.float32)})

leaky = h.make_function("own", "Leaky", ["p"], ["q"], [node("LeakyRelu", "p", "q")], [h.make_opsetid("", 17)], ["slope"])
reference = leaky.node[0].attribute.add()
reference.name, reference.ref_attr_name, reference.type = "alpha", "slope", 1
twice = h.make_function("own", "Twice", ["p"], ["q"],
                        [h.make_node("Leaky", ["p"], ["x"], domain="own", slope=0.5), node("Add", "x x", "q")],
                        [h.make_opsetid("", 17), h.make_opsetid("own", 1)])
case("functions in one another", [h.make_node("Twice", ["x"], ["y"], domain="own")], [x], [y],
     functions=[leaky, twice], domains=["own"])
flat = h.make_sparse_tensor(const("sp", np.array([1.5, -2], np.float32)), const("i", np.array([1, 3])), [1, 4])
pairs = h.make_sparse_tensor(const("", np.array([3, 0.5], np.float32)), const("", np.array([[0, 0], [0, 2]])), [1, 4])
case("sparse constants", [node("Constant", "", "k", sparse_value=pairs), node("Add", "x k", "t"), node("Add", "t sp", "y")],
     [x], [y], sparse=[flat])

case("a loop without end", [h.make_node("Loop", ["", "t", "x"], ["y"], body=body(
    [node("Neg", "v", "vo"), node("Identity", "ci", "co")],
    [value("i", I, []), value("ci", B, []), value("v", F, [1, 4])], [value("co", B, []), value("vo", F, [1, 4])]))], [x], [y],
     [const("t", True)], refusal="or without end")
case("a loop with as many results as values say", [node("Loop", "n t x", "y rows", name="deep", body=body(
    [node("Neg", "v", "vo"), node("ReduceMax", "vo", "top", keepdims=0), node("Less", "top z", "co"), node("Neg", "v", "r")],
    [value("i", I, []), value("ci", B, []), value("v", F, [1, 4])],
    [value("co", B, []), value("vo", F, [1, 4]), value("r", F, [1, 4])]))], [value("x", F, [1, 300])],
     [value("y", F, [1, 300]), value("rows", F, [None, 1, 300])], [const("n", 3), const("t", True), const("z", np.float32(0))],
     feeds={"x": np.ones((1, 300), np.float32)}, refusal="how many rounds it takes depends on values")
case("branches of two shapes",
     [node("ReduceSum", "x", "t", keepdims=0), node("Less", "t z", "c"),
      node("If", "c", "y", name="fork", then_branch=body([node("Neg", "x", "a")], [], [value("a", F, None)]),
           else_branch=body([node("ReduceMax", "x", "b")], [], [value("b", F, None)]))],
     [value("x", F, [1, 300])], [value("y", F, None)], [const("z", np.float32(0))],
     feeds={"x": np.ones((1, 300), np.float32)}, refusal="If at node fork: its branches give other shapes")
case("an unknown operator in a body", [node("Loop", "n t x", "y", name="outer", body=body(
    [node("Unique", "v", "vo", name="odd"), node("Identity", "ci", "co")],
    [value("i", I, []), value("ci", B, []), value("v", F, [1, 4])], [value("co", B, []), value("vo", F, [1, 4])]))], [x], [y],
     [const("n", 2), const("t", True)], refusal="Unique at node outer/odd")
case("a function that calls itself", [h.make_node("Self", ["x"], ["y"], domain="own")], [x], [y], functions=[h.make_function(
    "own", "Self", ["p"], ["q"], [h.make_node("Self", ["p"], ["q"], domain="own")], [h.make_opsetid("own", 1)])],
     domains=["own"], refusal="are in one another")
wrong = h.make_sparse_tensor(const("sp", np.array([1.5, -2], np.float32)), const("i", np.array([3, 3])), [1, 4])
case("sparse places that repeat", [node("Add", "x sp", "y")], [x], [y], sparse=[wrong], refusal="not ascending")
case("a loop with several conditions", [node("Loop", "n c x", "y", body=double)], [x, value("c", B, [3])], [y],
     [const("n", 2), const("limit", np.float32(20))], feeds={"x": X, "c": np.array([True, False, True])},
     refusal="is not one truth value")
for label, declared, reason in [("large", [2**62, 2**62], "declares an unusable shape"),
                                ("dynamic", [-1, 4], "declare no shapes")]:
    case(f"a loop of no rounds and a {label} shape", [node("Loop", "n t x", "y rows", body=body(
        [node("Neg", "v", "vo"), node("Identity", "ci", "co"), node("Neg", "v", "r")],
        [value("i", I, []), value("ci", B, []), value("v", F, [1, 4])],
        [value("co", B, []), value("vo", F, [1, 4]), value("r", F, declared)]))], [x], [y, value("rows", F, None)],
         [const("n", 0), const("t", True)], refusal=reason)

path = pathlib.Path(__file__).parent / "control.json"
path.write_text("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]\n")
print(len(cases))
