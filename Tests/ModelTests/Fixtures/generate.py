#!/usr/bin/env python3
"""Writes operators.json: one-operator models with what onnxruntime makes of them.

Needs onnx, onnxruntime and numpy from PyPI:

    python3 -m venv venv && venv/bin/pip install onnx onnxruntime numpy
    venv/bin/python Tests/ModelTests/Fixtures/generate.py

A case is the model as base64, its inputs and onnxruntime's outputs (those of onnx's reference where onnxruntime
lacks the operator). Numbers are rounded to what a float32 holds, so that the file stays small and stable.
"""

import base64
import json
import pathlib

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto as T
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator

rng = np.random.default_rng(20)
cases = []
NAMES = {np.dtype(np.float32): T.FLOAT, np.dtype(np.float64): T.DOUBLE, np.dtype(np.int64): T.INT64,
         np.dtype(np.int32): T.INT32, np.dtype(np.int8): T.INT8, np.dtype(np.uint8): T.UINT8,
         np.dtype(np.bool_): T.BOOL, np.dtype(np.int16): T.INT16, np.dtype(np.uint16): T.UINT16,
         np.dtype(np.uint32): T.UINT32, np.dtype(np.float16): T.FLOAT16}


def case(op, inputs, constants=(), outputs=1, opset=17, domain="", label="", types=None, skip=(), cast=False,
         order=None, more={}, **attributes):
    """One node: `inputs` are variable arrays, `constants` follow them as initializers (None for left out).

    With `cast` the first input is converted to floats by a node of its own; `order` names the operands (x0, c0, …) where
    constants do not follow the inputs, `more` has attributes with names that this function takes for itself.
    """
    names, graph_inputs, initializers, feeds = [], [], [], {}
    for i, array in enumerate(inputs):
        names.append(f"x{i}")
        graph_inputs.append(helper.make_tensor_value_info(f"x{i}", NAMES[array.dtype], array.shape))
        feeds[f"x{i}"] = array
    for i, array in enumerate(constants):
        if array is None:
            names.append("")
        else:
            names.append(f"c{i}")
            initializers.append(numpy_helper.from_array(np.asarray(array), f"c{i}"))
    names = names if order is None else order
    results = [f"y{i}" if i not in skip else "" for i in range(outputs)]
    node = helper.make_node(op, names, results, domain=domain, **attributes, **more)
    nodes = [node]
    if cast:
        node.input[0] = "floats"
        nodes.insert(0, helper.make_node("Cast", ["x0"], ["floats"], to=T.FLOAT))
    graph = helper.make_graph(
        nodes, "g", graph_inputs,
        [helper.make_tensor_value_info(name, (types or {}).get(i, T.FLOAT), None)
         for i, name in enumerate(results) if name],
        initializers)
    imports = [helper.make_opsetid("", opset)]
    if domain:
        imports.append(helper.make_opsetid(domain, 3 if op.startswith("Tree") else 1))
    model = helper.make_model(graph, opset_imports=imports, ir_version=min(8, 4 + opset // 2) if opset < 19 else 9)
    # The declared output types come from inference, so that every operator's own type is right.
    inferred = onnx.shape_inference.infer_shapes(model)
    del model.graph.output[:]
    for value in inferred.graph.output:
        model.graph.output.append(value)
    wanted = [name for name in results if name]
    try:
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        session = onnxruntime.InferenceSession(model.SerializeToString(), options)
        found = session.run(wanted, feeds)
    except Exception as error:
        try:
            found = ReferenceEvaluator(model).run(wanted, feeds)
        except Exception as second:
            print(f"left out {op} {label}: {str(error)[:90]} / {str(second)[:90]}")
            return
    assert len(found) == len(wanted)
    flat = lambda a: [round(float(v), 9) for v in np.asarray(a).astype(np.float64).ravel()]
    cases.append({
        "name": f"{op}{' ' + label if label else ''}@{opset}",
        "model": base64.b64encode(model.SerializeToString()).decode(),
        "input_data": [flat(a) for a in inputs],
        "outputs": [{"shape": list(np.asarray(a).shape), "data": flat(a)} for a in found],
    })


def real(*shape, low=-2.0, high=2.0):
    return np.round(rng.uniform(low, high, shape), 3).astype(np.float32)


def whole(*shape, low=-5, high=6, dtype=np.int64):
    return rng.integers(low, high, shape).astype(dtype)


f32 = lambda *v: np.array(v, np.float32)
i64 = lambda *v: np.array(v, np.int64)

# Functions of one variable, inside their domains.
for op, low, high in [
    ("Exp", -3, 3), ("Log", 0.1, 5), ("Sqrt", 0, 9), ("Reciprocal", 0.3, 3), ("Sin", -4, 4), ("Cos", -4, 4),
    ("Tan", -1.2, 1.2), ("Asin", -1, 1), ("Acos", -1, 1), ("Atan", -4, 4), ("Sinh", -2, 2), ("Cosh", -2, 2),
    ("Tanh", -3, 3), ("Asinh", -4, 4), ("Acosh", 1, 5), ("Atanh", -0.9, 0.9), ("Erf", -2, 2),
    ("Sigmoid", -5, 5), ("Softplus", -4, 4), ("Softsign", -4, 4), ("Relu", -2, 2), ("Neg", -2, 2),
    ("Abs", -2, 2), ("Floor", -3, 3), ("Ceil", -3, 3), ("Sign", -1, 1), ("HardSwish", -4, 4),
    ("Identity", -2, 2),
]:
    case(op, [real(2, 5, low=low, high=high)])
case("Mish", [real(7)], opset=18)
case("Gelu", [real(7)], opset=20)
case("Gelu", [real(7)], opset=20, label="tanh", approximate="tanh")
case("Round", [f32(-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 0.3, -0.7)])
case("LeakyRelu", [real(6)], alpha=0.2)
case("Elu", [real(6)], alpha=0.7)
case("Selu", [real(6)])
case("Selu", [real(6)], label="own", alpha=1.2, gamma=0.9)
case("Celu", [real(6)], alpha=1.7)
case("HardSigmoid", [real(6)], alpha=0.4, beta=0.6)
case("ThresholdedRelu", [real(6)], alpha=0.6)
case("Shrink", [real(9)], lambd=0.8, bias=0.3)
case("PRelu", [real(1, 3, 2, 2)], [real(3, 1, 1)])
case("Clip", [real(8)], opset=10, min=-0.5, max=1.0)
case("Clip", [real(8)], [f32(-0.5).reshape(())], label="low")
case("Clip", [real(8)], [None, np.float32(0.5)], label="high")
case("Dropout", [real(4)], outputs=1, opset=10)

# Arithmetic.
a, b = real(2, 1, 3), real(4, 1)
for op in ["Add", "Sub", "Mul"]:
    case(op, [a, b], label="broadcast")
    case(op, [a], [b], label="constant")
case("Div", [a, real(4, 1, low=0.5, high=2)])
case("Div", [a], [b], label="constant")
case("Div", [whole(6), i64(2, -3, 4, 5, -2, 3)], label="integers")
case("Div", [whole(6)], [i64(2, -3, 4, 5, -2, 3)], label="integer constants")
case("Mod", [whole(8), i64(3, -3, 2, 5, -4, 3, 7, 2)], label="integers")
case("Mod", [real(6), f32(0.7, -0.6, 0.4, 1.1, -1.3, 0.9)], fmod=1)
case("Mod", [whole(8)], [i64(3)], label="C", fmod=1)
case("Pow", [real(5)], [f32(2)], label="square")
case("Pow", [real(5)], [f32(3)], label="cube")
case("Pow", [real(5, low=0.2, high=3)], [f32(0.5)], label="root")
case("Pow", [real(5, low=0.2, high=3)], [f32(-1.7)], label="real")
case("Pow", [real(4, low=0.2, high=3)], [f32(1, 2, -1, 0.3)], label="mixed")
case("Pow", [real(4, low=0.3, high=3), real(4)], label="variable")
case("Pow", [whole(5, dtype=np.int32)], [np.array([2], np.int32)], label="integers")
for op in ["Max", "Min", "Sum", "Mean"]:
    case(op, [real(2, 3), real(3), real(2, 1)])
    case(op, [real(2, 3)], [real(3)], label="constant")
for direction in ["LEFT", "RIGHT"]:
    case("BitShift", [np.array([1, 200, 77], np.uint8)], [np.array([1, 2, 3], np.uint8)], label=direction, direction=direction)

# Comparisons, logic, bits.
u, v = whole(2, 4, low=-2, high=3), whole(4, low=-2, high=3)
for op in ["Less", "LessOrEqual", "Greater", "GreaterOrEqual", "Equal"]:
    case(op, [u, v], types={0: T.BOOL})
    case(op, [u.astype(np.float32)], [v.astype(np.float32)], label="constant", types={0: T.BOOL})
case("Less", [whole(6, low=-2, high=3)], [f32(0.4)], label="fraction", cast=True, types={0: T.BOOL})
case("Min", [whole(6, low=-2, high=3)], [f32(0.4)], label="fraction", cast=True)
p, q = u > 0, v >= 0
for op in ["And", "Or", "Xor"]:
    case(op, [p, q], types={0: T.BOOL})
case("Not", [p], types={0: T.BOOL})
case("Where", [p, real(2, 1), real(4)])
for op in ["BitwiseAnd", "BitwiseOr", "BitwiseXor"]:
    case(op, [whole(6, low=0, high=256, dtype=np.uint8), whole(6, low=0, high=256, dtype=np.uint8)], opset=18,
         types={0: T.UINT8})
    case(op, [whole(6, low=-100, high=100, dtype=np.int8)], [whole(6, low=-100, high=100, dtype=np.int8)], opset=18,
         label="signed", types={0: T.INT8})
case("BitwiseNot", [whole(4, low=0, high=256, dtype=np.uint8)], opset=18, types={0: T.UINT8})
case("BitwiseNot", [whole(4, low=-100, high=100, dtype=np.int8)], opset=18, label="signed", types={0: T.INT8})
case("Cast", [f32(-1.7, 0, 2.9)], types={0: T.INT64}, to=T.INT64)
case("Cast", [f32(-1.7, 0, 2.9)], types={0: T.BOOL}, label="bool", to=T.BOOL)
case("Cast", [whole(3)], label="float", to=T.FLOAT)
case("IsNaN", [real(3)], types={0: T.BOOL})
case("IsInf", [real(3)], types={0: T.BOOL})

# Matrices.
case("MatMul", [real(2, 3)], [real(3, 4)])
case("MatMul", [real(2, 2, 3), real(3, 2)], label="batch")
case("MatMul", [real(3), real(2, 3, 2)], label="vector")
case("MatMul", [real(1, 2, 2, 3), real(4, 1, 3, 2)], label="broadcast")
case("Gemm", [real(3, 2)], [real(4, 3), real(4)], transA=1, transB=1, alpha=0.5, beta=2.0)
case("Gemm", [real(2, 3), real(3, 4), real(2, 1)], label="variable", alpha=1.5, beta=0.5)
for equation, shapes in [
    ("ij,jk->ik", [(2, 3), (3, 4)]), ("bij,bjk->bik", [(2, 2, 3), (2, 3, 2)]), ("ij->ji", [(2, 3)]),
    ("ii->i", [(3, 3)]), ("ij->", [(2, 3)]), ("i,j->ij", [(2,), (3,)]), ("bhqd,bhkd->bhqk", [(1, 2, 2, 3)] * 2),
    ("...ij,...jk->...ik", [(2, 2, 3), (3, 2)]), ("ij,jk", [(2, 3), (3, 2)]), ("i,i", [(3,), (3,)]),
    ("ij,jk,kl->il", [(2, 2), (2, 3), (3, 2)]),
]:
    case("Einsum", [real(*s) for s in shapes], label=equation, equation=equation)
case("Einsum", [real(2, 3)], [real(3, 2)], label="constant", equation="ij,jk->ki")

# Convolutions and pooling.
case("Conv", [real(1, 2, 5)], [real(3, 2, 3), real(3)], label="1-D", pads=[1, 0], strides=[2])
case("Conv", [real(1, 4, 5, 4)], [real(4, 2, 2, 3), real(4)], label="groups", group=2, dilations=[2, 1], pads=[1, 1, 0, 1])
case("Conv", [real(1, 1, 4, 4)], [real(1, 1, 3, 3)], label="same upper", auto_pad="SAME_UPPER", strides=[2, 2])
case("Conv", [real(1, 1, 4, 4)], [real(1, 1, 2, 2)], label="same lower", auto_pad="SAME_LOWER")
case("Conv", [real(1, 1, 3, 3, 3)], [real(2, 1, 2, 2, 2)], label="3-D")
case("Conv", [real(2, 2, 4, 4), real(2, 2, 3, 3), real(2)], label="variable", pads=[1, 1, 1, 1])
case("ConvTranspose", [real(1, 2, 3, 3)], [real(2, 3, 3, 3), real(3)], strides=[2, 2], pads=[1, 1, 1, 1], output_padding=[1, 1])
case("ConvTranspose", [real(1, 4, 3)], [real(4, 1, 3)], label="groups", group=2, dilations=[2])
case("ConvTranspose", [real(1, 1, 3, 3)], [real(1, 1, 3, 3)], label="shape", strides=[3, 2], output_shape=[10, 8])
case("ConvTranspose", [real(1, 1, 3, 3)], [real(1, 1, 3, 3)], label="same", strides=[2, 2], auto_pad="SAME_UPPER")
x = real(1, 2, 5, 5)
case("MaxPool", [x], kernel_shape=[2, 2], strides=[2, 2])
case("MaxPool", [x], label="ceil", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], ceil_mode=1)
case("MaxPool", [x], label="dilated", kernel_shape=[2, 2], dilations=[2, 2])
case("MaxPool", [x], label="places", outputs=2, kernel_shape=[2, 2], strides=[2, 2], pads=[0, 1, 0, 0], types={1: T.INT64})
case("AveragePool", [x], kernel_shape=[2, 2], strides=[2, 2], pads=[1, 1, 0, 0])
case("AveragePool", [x], label="padding", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], count_include_pad=1)
case("AveragePool", [x], label="ceil", kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1, opset=19)
case("LpPool", [x], kernel_shape=[2, 2], strides=[2, 2], p=2)
case("GlobalAveragePool", [x])
case("GlobalMaxPool", [x])
case("GlobalLpPool", [x], p=2)

# Normalisations.
x = real(1, 4, 3, 2)
case("BatchNormalization", [x], [real(4), real(4), real(4), real(4, low=0.5, high=2)], epsilon=1e-3)
case("InstanceNormalization", [x], [real(4), real(4)], epsilon=1e-2)
case("LayerNormalization", [x], [real(3, 2), real(3, 2)], axis=2, epsilon=1e-2)
case("LayerNormalization", [x], [real(2)], label="last", outputs=3, epsilon=1e-2)
case("GroupNormalization", [x], [real(4), real(4)], opset=21, num_groups=2, epsilon=1e-2)
case("LpNormalization", [x], axis=1, p=2)
case("LpNormalization", [x], label="sum", axis=-1, p=1)
case("LRN", [x], size=3, alpha=0.3, beta=0.6, bias=1.5)
case("MeanVarianceNormalization", [x], axes=[0, 2, 3])
for op in ["Softmax", "LogSoftmax", "Hardmax"]:
    case(op, [x], axis=1)
    case(op, [real(2, 3, 2)], opset=11, label="flattened", axis=1)
    case(op, [x], opset=13, label="default")

# Reductions.
x = real(2, 3, 2)
for op in ["ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSumExp"]:
    case(op, [x], axes=[-1, 0])
    case(op, [x], label="all", keepdims=0)
    case(op, [x], [i64(1)], opset=18, label="input", keepdims=0)
case("ReduceLogSum", [real(2, 3, low=0.5, high=2)], axes=[1])
case("ReduceSum", [x], [i64(1, -1)], keepdims=0)
case("ReduceSum", [x], opset=11, label="old", axes=[1])
case("ReduceSum", [x], label="none", noop_with_empty_axes=1)
for op in ["ArgMax", "ArgMin"]:
    case(op, [x], axis=1, keepdims=0, types={0: T.INT64})
    case(op, [whole(3, 4, low=0, high=2).astype(np.float32)], label="last", axis=-1, select_last_index=1, types={0: T.INT64})
case("CumSum", [x], [i64(1).reshape(())])
case("CumSum", [x], [i64(-1).reshape(())], label="reverse", exclusive=1, reverse=1)
case("TopK", [real(2, 5)], [i64(3)], outputs=2, types={1: T.INT64})
case("TopK", [real(3, 4)], [i64(2)], outputs=2, label="smallest", axis=0, largest=0, types={1: T.INT64})
case("TopK", [real(2, 5)], opset=9, outputs=2, label="old", k=2, types={1: T.INT64})

# Movement.
x = real(2, 3, 4)
case("Reshape", [x], [i64(0, -1, 2)])
case("Flatten", [x], axis=-1)
case("Squeeze", [real(1, 3, 1)], [i64(-1)])
case("Squeeze", [real(1, 3, 1)], opset=11, label="old", axes=[0])
case("Squeeze", [real(1, 3, 1)], label="all")
case("Unsqueeze", [x], [i64(0, -1)])
case("Unsqueeze", [x], opset=11, label="old", axes=[1])
case("Transpose", [x], perm=[1, 2, 0])
case("Transpose", [x], label="reverse")
case("Concat", [x, real(2, 1, 4)], [real(2, 2, 4)], axis=-2)
case("Split", [x], outputs=2, axis=2)
case("Split", [x], [i64(1, 2)], outputs=2, label="sizes", axis=1)
case("Split", [real(2, 5)], outputs=3, opset=18, label="uneven", axis=1, num_outputs=3)
case("Split", [x], outputs=2, opset=11, label="old", axis=1, split=[2, 1])
case("Slice", [x], [i64(0, -1), i64(2, -100), i64(1, -1), i64(1, -2)])
case("Slice", [x], [i64(1), i64(2**62)], label="end")
case("Slice", [x], opset=9, label="old", starts=[1, -3], ends=[2, 100], axes=[0, 2])
for mode in ["constant", "reflect", "edge"]:
    case("Pad", [x], [i64(0, 1, 2, 0, 1, 1), f32(0.5).reshape(())], label=mode, mode=mode)
case("Pad", [x], [i64(1, -1, 1, 2), np.float32(1.5), i64(2, 1)], opset=18, label="axes")
case("Pad", [x], opset=19, constants=[i64(0, 0, 2, 0, 0, 3)], label="wrap", mode="wrap")
case("Pad", [x], opset=9, label="old", pads=[0, 0, 1, 0, 1, 0], value=0.25)
case("Expand", [real(3, 1)], [i64(2, 1, 4)])
case("Tile", [real(2, 3)], [i64(2, 2)])
case("Trilu", [real(3, 4)], [i64(1).reshape(())])
case("Trilu", [real(2, 3, 3)], [i64(-1).reshape(())], label="lower", upper=0)
for mode in ["DCR", "CRD"]:
    case("DepthToSpace", [real(1, 8, 2, 2)], label=mode, blocksize=2, mode=mode)
case("SpaceToDepth", [real(1, 2, 4, 4)], blocksize=2)
case("ReverseSequence", [real(4, 3)], [i64(1, 4, 2)])
case("ReverseSequence", [real(3, 4)], [i64(1, 4, 2)], label="batch first", time_axis=1, batch_axis=0)
case("Compress", [x], [np.array([True, False, True])], axis=1)
case("Compress", [x], [np.array([False, True, True])], label="flat")

# Places.
case("Gather", [x], [i64(2, -1)], axis=1)
case("Gather", [x, i64(1, -2)], label="variable", axis=-1)
case("GatherElements", [x], [whole(2, 2, 4, low=-3, high=3)], axis=1)
case("GatherElements", [x, whole(1, 3, 2, low=-4, high=4)], label="variable", axis=-1)
case("GatherND", [x], [i64(0, 1, 1, -1).reshape(2, 2)])
case("GatherND", [x, i64(1, 0).reshape(2, 1)], label="variable batch", batch_dims=1)
case("GatherND", [x, i64(1, -1, 3, 0, 2, 1).reshape(2, 3)], label="variable")
rows = np.array([[1, 0, 2, 1], [2, -1, 0, 0]], np.int64)
case("ScatterElements", [real(3, 4)], [rows, real(2, 4)], axis=0)
case("ScatterElements", [real(3, 4), rows[:1], real(1, 4)], label="variable", axis=0)
for reduction in ["add", "mul", "max", "min"]:
    case("ScatterElements", [real(3, 4), real(2, 4)][:1], [rows, real(2, 4)], opset=18, label=reduction, axis=0, reduction=reduction)
case("ScatterElements", [real(3, 4), rows, real(2, 4)], opset=18, label="variable add", axis=0, reduction="add")
case("Scatter", [real(3, 4)], [rows[:1], real(1, 4)], opset=10, axis=0)
case("ScatterND", [real(3, 2)], [i64(2, 0).reshape(2, 1), real(2, 2)])
case("ScatterND", [real(3, 2), i64(1, -1, 0, 0).reshape(2, 2), real(2)], label="variable")
case("ScatterND", [real(4)], [i64(1, 1).reshape(2, 1), real(2)], opset=18, label="add", reduction="add")
case("OneHot", [i64(0, 3, -1, 7)], [i64(4), f32(0.5, 2)])
case("OneHot", [i64(0, 3, 1, 2)], [i64(4), f32(0, 1)], label="axis", axis=0)

# Resampling.
x = real(1, 2, 3, 4)
def resize(label, sizes=None, scales=(1, 1, 2, 1.5), opset=13, source=x, **attributes):
    tail = [f32(*scales)] if sizes is None else [f32(), i64(*sizes)]
    case("Resize", [source], [f32()] + tail, opset=opset, label=label, **attributes)
for nearest in ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"]:
    resize(f"nearest {nearest}", nearest_mode=nearest, coordinate_transformation_mode="asymmetric")
for coordinates in ["half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"]:
    resize(f"linear {coordinates}", mode="linear", coordinate_transformation_mode=coordinates)
    resize(f"down {coordinates}", mode="linear", scales=(1, 1, 0.5, 0.6), coordinate_transformation_mode=coordinates)
resize("sizes", sizes=(1, 2, 5, 3), mode="linear")
resize("cubic", mode="cubic", cubic_coeff_a=-0.5)
resize("cubic inside", mode="cubic", exclude_outside=1)
resize("symmetric", opset=19, mode="linear", coordinate_transformation_mode="half_pixel_symmetric")
resize("antialias", opset=18, mode="linear", scales=(1, 1, 0.5, 0.5), antialias=1)
case("Resize", [x], [f32(0, 0, 0.2, 0.1, 1, 1, 0.9, 0.8), f32(), i64(1, 2, 5, 3)], opset=13, label="crop", mode="linear",
     coordinate_transformation_mode="tf_crop_and_resize", extrapolation_value=0.5)
case("Resize", [x], [None, None, i64(6, 6)], opset=18, label="policy", axes=[2, 3], keep_aspect_ratio_policy="not_larger")
case("Resize", [x], [f32(1, 1, 2, 2)], opset=10, label="old")
case("Upsample", [x], [f32(1, 1, 2, 2)], opset=9, mode="linear")

# Recurrent networks.
time, batch, width, size = 3, 2, 2, 3
for op, gates in [("RNN", 1), ("GRU", 3), ("LSTM", 4)]:
    outputs = 3 if op == "LSTM" else 2
    weights = lambda d: [real(d, gates * size, width, low=-1, high=1), real(d, gates * size, size, low=-1, high=1),
                         real(d, 2 * gates * size, low=-1, high=1)]
    x = real(time, batch, width)
    case(op, [x], weights(1), outputs=outputs, opset=14, hidden_size=size)
    case(op, [x], weights(1)[:2], outputs=outputs, opset=14, label="reverse", hidden_size=size, direction="reverse")
    case(op, [x], weights(2), outputs=outputs, opset=14, label="both", hidden_size=size, direction="bidirectional")
    states = [real(1, batch, size)] * (outputs - 1)
    case(op, [x], weights(1) + [np.array([3, 1], np.int32)] + states, outputs=outputs, opset=14, label="lengths", hidden_size=size)
x = real(time, batch, width)
case("GRU", [x], [real(1, 9, 2), real(1, 9, 3), real(1, 18)], outputs=2, label="before", hidden_size=3, linear_before_reset=1)
case("RNN", [x], [real(1, 3, 2), real(1, 3, 3)], outputs=2, label="relu", hidden_size=3, activations=["Relu"])
case("LSTM", [x], [real(1, 12, 2), real(1, 12, 3), real(1, 24), None, None, None, real(1, 9)], outputs=3, label="peepholes", hidden_size=3)
case("LSTM", [x], [real(1, 12, 2), real(1, 12, 3)], outputs=3, label="clip", hidden_size=3, clip=0.5,
     activations=["HardSigmoid", "Tanh", "Affine"], activation_alpha=[0.3, 0.5], activation_beta=[0.4, 0.1])

# Quantised operators.
u8 = lambda *s: whole(*s, low=0, high=256, dtype=np.uint8)
i8 = lambda *s: whole(*s, low=-128, high=128, dtype=np.int8)
case("QuantizeLinear", [real(2, 3)], [np.float32(0.013), np.uint8(120)], types={0: T.UINT8})
case("QuantizeLinear", [real(2, 3)], [f32(0.01, 0.02, 0.05), np.array([0, 5, -7], np.int8)], label="axis", axis=1, types={0: T.INT8})
case("DequantizeLinear", [u8(2, 3)], [np.float32(0.02), np.uint8(100)])
case("DequantizeLinear", [i8(2, 3)], [f32(0.02, 0.5), np.array([1, -1], np.int8)], label="axis", axis=0)
case("DynamicQuantizeLinear", [real(6)], outputs=3, types={0: T.UINT8, 2: T.UINT8})
case("QLinearMatMul", [u8(2, 3)], [np.float32(0.02), np.uint8(110), i8(3, 2), np.float32(0.01), np.int8(3), np.float32(0.05), np.uint8(128)],
     types={0: T.UINT8})
case("MatMulInteger", [u8(2, 3)], [i8(3, 2), np.uint8(7), np.int8(-2)], types={0: T.INT32})
case("ConvInteger", [u8(1, 1, 4, 4)], [u8(1, 1, 2, 2), np.uint8(7), np.uint8(9)], pads=[1, 1, 0, 0], types={0: T.INT32})
case("QLinearConv", [u8(1, 2, 4, 4)],
     [np.float32(0.02), np.uint8(120), i8(2, 2, 3, 3), f32(0.01, 0.02), np.array([0, 0], np.int8), np.float32(0.04), np.uint8(127),
      np.array([50, -30], np.int32)], types={0: T.UINT8}, pads=[1, 1, 1, 1])

# Made from shapes and known numbers.
case("Shape", [real(2, 3, 4)], opset=15, start=1, end=-1, types={0: T.INT64})
case("Size", [real(2, 3)], types={0: T.INT64})
case("EyeLike", [real(3, 4)], k=1)

# Classical models.
ML = "ai.onnx.ml"
def trees(op, kind, ids, weights, **attributes):
    """Two trees: one of depth two and one of depth one."""
    case(op, [real(5, 3)], domain=ML, opset=17, outputs=2 if op.endswith("Classifier") else 1,
         types={0: T.INT64 if op.endswith("Classifier") else T.FLOAT, 1: T.FLOAT},
         nodes_treeids=[0] * 5 + [1] * 3, nodes_nodeids=[0, 1, 2, 3, 4, 0, 1, 2],
         nodes_featureids=[0, 1, 0, 0, 0, 2, 0, 0], nodes_values=[0.1, -0.3, 0, 0, 0, 0.2, 0, 0],
         nodes_truenodeids=[1, 3, 0, 0, 0, 1, 0, 0], nodes_falsenodeids=[2, 4, 0, 0, 0, 2, 0, 0],
         **{f"{kind}_treeids": [0, 0, 0, 1, 1], f"{kind}_nodeids": [2, 3, 4, 1, 2], f"{kind}_ids": ids,
            f"{kind}_weights": weights}, **attributes)
for mode in ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GT", "BRANCH_GTE"]:
    modes = [mode, mode, "LEAF", "LEAF", "LEAF", mode, "LEAF", "LEAF"]
    trees("TreeEnsembleRegressor", "target", [0, 0, 0, 0, 0], [0.5, -1.5, 2, 0.25, -0.5], label=mode, n_targets=1,
          nodes_modes=modes)
modes = ["BRANCH_LEQ", "BRANCH_LT", "LEAF", "LEAF", "LEAF", "BRANCH_LEQ", "LEAF", "LEAF"]
for aggregate in ["AVERAGE", "MIN", "MAX"]:
    trees("TreeEnsembleRegressor", "target", [0, 0, 0, 0, 0], [0.5, -1.5, 2, 0.25, -0.5], label=aggregate, n_targets=1,
          nodes_modes=modes, aggregate_function=aggregate, base_values=[0.5])
for transform in ["NONE", "SOFTMAX", "LOGISTIC"]:
    trees("TreeEnsembleClassifier", "class", [0, 1, 2, 1, 2], [0.5, 1.5, 2, 0.25, 0.5], label=transform, nodes_modes=modes,
          classlabels_int64s=[3, 5, 8], post_transform=transform)
trees("TreeEnsembleClassifier", "class", [0, 0, 0, 0, 0], [0.5, 0.2, 0.1, 0.25, 0.45], label="two classes", nodes_modes=modes,
      classlabels_int64s=[0, 1])
trees("TreeEnsembleClassifier", "class", [0, 0, 0, 0, 0], [0.5, -1.2, 0.1, -0.25, 0.4], label="two classes logistic",
      nodes_modes=modes, classlabels_int64s=[0, 1], post_transform="LOGISTIC")
numbers = lambda *s: [float(v) for v in real(*s).ravel()]
case("LinearRegressor", [real(2, 3)], domain=ML, coefficients=numbers(6), intercepts=numbers(2), targets=2)
for transform in ["NONE", "SOFTMAX", "LOGISTIC"]:
    case("LinearClassifier", [real(3, 2)], domain=ML, outputs=2, label=transform, types={0: T.INT64}, coefficients=numbers(6),
         intercepts=numbers(3), classlabels_ints=[0, 1, 2], post_transform=transform)
case("Scaler", [real(2, 3)], domain=ML, offset=[0.5, -1.0, 0.25], scale=[2.0, 0.5, 1.5])
for norm in ["MAX", "L1", "L2"]:
    case("Normalizer", [real(2, 3, low=0.2, high=2)], domain=ML, label=norm, norm=norm)
case("Binarizer", [real(5)], domain=ML, threshold=0.3)
case("ArrayFeatureExtractor", [real(2, 4)], [i64(2, 0)], domain=ML)

# Models that must be refused with an error, whatever they ask for.
refused = []


def refuse(op, inputs, constants=(), outputs=1, opset=17, domain="", **attributes):
    names = [f"x{i}" for i in range(len(inputs))] + [f"c{i}" for i in range(len(constants))]
    graph_inputs = [helper.make_tensor_value_info(f"x{i}", NAMES[a.dtype], a.shape) for i, a in enumerate(inputs)]
    initializers = [numpy_helper.from_array(np.asarray(a), f"c{i}") for i, a in enumerate(constants)]
    node = helper.make_node(op, names, [f"y{i}" for i in range(outputs)], domain=domain, **attributes)
    graph = helper.make_graph([node], "g", graph_inputs, [helper.make_tensor_value_info("y0", T.FLOAT, None)], initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    refused.append({"name": f"{op} {len(refused)}", "model": base64.b64encode(model.SerializeToString()).decode()})


x = real(1, 2, 4, 4)
huge, least = 2**62, -(2**63)
for op, domain in [("NonMaxSuppression", ""), ("StringNormalizer", ""), ("MoE", "com.microsoft"), ("DictVectorizer", ML)]:
    refuse(op, [x], domain=domain)
for size in [huge, least, 2**31, -99]:
    refuse("Reshape", [x], [i64(size, 2)])
    refuse("Expand", [x], [i64(size, 1, 1, 1, 1)])
    refuse("Tile", [x], [i64(1, 1, 1, size)])
    refuse("Pad", [x], [i64(0, 0, 0, 0, 0, 0, 0, size)] if size > 0 else [i64(0, 0, 0, size, 0, 0, 0, 0)])
    refuse("ConstantOfShape", [], [i64(size)])
    refuse("MaxPool", [x], kernel_shape=[size, 2])
    refuse("MaxPool", [x], kernel_shape=[2, 2], strides=[size, 1])
    refuse("AveragePool", [x], kernel_shape=[2, 2], pads=[0, 0, size, 0])
    refuse("Conv", [x], [real(1, 2, 2, 2)], dilations=[size, 1])
    refuse("Conv", [x], [real(1, 2, 2, 2)], group=size)
    refuse("ConvTranspose", [x], [real(2, 1, 2, 2)], output_padding=[size, 0])
    refuse("ConvTranspose", [x], [real(2, 1, 2, 2)], output_shape=[size, 4])
    refuse("Gather", [x], [i64(size)], axis=1)
    refuse("Gather", [x], [i64(0)], axis=size)
    refuse("Concat", [x], axis=size)
    refuse("Split", [x], outputs=2, opset=18, axis=1, num_outputs=size)
    refuse("Split", [x], [i64(size, size)], outputs=2, axis=1)
    refuse("TopK", [x], [i64(size)], outputs=2)
    refuse("OneHot", [whole(3)], [i64(size), f32(0, 1)])
    refuse("Unsqueeze", [x], [i64(size)])
    refuse("Squeeze", [x], [i64(size)])
    refuse("Transpose", [x], perm=[0, 1, 2, size])
    refuse("DepthToSpace", [x], blocksize=size)
    refuse("LRN", [x], size=size)
    refuse("LpPool", [x], kernel_shape=[2, 2], p=size)
    refuse("GroupNormalization", [x], [real(2), real(2)], opset=21, num_groups=size)
    refuse("CumSum", [x], [i64(size)])
    refuse("ReduceSum", [x], [i64(size)])
    refuse("ScatterND", [x], [i64(size).reshape(1, 1), real(1, 2, 4, 4)])
    refuse("GatherND", [x], [i64(size).reshape(1, 1)])
refuse("Slice", [x], [i64(0), i64(1), i64(0), i64(0)])
refuse("Slice", [x], [i64(0), i64(0), i64(1)])
refuse("Slice", [x], [i64(0, 1), i64(1)])
refuse("Div", [x], [f32(0)])
refuse("Mul", [x], [f32(np.inf)])
refuse("Add", [x], [f32(np.nan)])
refuse("Add", [x], [real(3)])
refuse("MatMul", [x], [real(3, 3)])
refuse("Resize", [x], [f32(), f32(1, 1, 1e30, 1)])
refuse("Resize", [x], [f32(), f32(1, 1, -1, np.nan)])
refuse("Range", [], [f32(0), f32(1), f32(0)])
refuse("Einsum", [x], equation="abcd,ab->")
refuse("Einsum", [x], equation="....->")
refuse("Einsum", [x], equation="abc")
MANY, NOUGHT, STEP = np.ones(3, np.uint8), np.uint8(0), f32(0.1)
quantised = np.ones((1, 2, 4, 4), np.uint8)
refuse("QLinearLeakyRelu", [quantised], [f32(0.1, 0.1, 0.1), NOUGHT, STEP, NOUGHT], domain="com.microsoft")
refuse("QLinearSoftmax", [quantised], [STEP, NOUGHT, STEP, MANY], domain="com.microsoft")
ones = lambda *shape: np.ones(shape, np.float32)
for mask in [(8,), (4, 2), (2, 4, 2)]:
    refuse("EmbedLayerNormalization", [np.ones((2, 4), np.int32)],
           [np.ones((2, 4), np.int32), ones(9, 6), ones(9, 6), ones(9, 6), ones(6), ones(6), np.ones(mask, np.int32)],
           outputs=2, domain="com.microsoft")
path = pathlib.Path(__file__).parent / "refused.json"
path.write_text("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in refused) + "\n]\n")



def chain(label, nodes, x, constants):
    """Several nodes, the last one making y: (operator, inputs, output, attributes)."""
    graph = helper.make_graph(
        [helper.make_node(op, inputs, [output], **attributes) for op, inputs, output, attributes in nodes], "g",
        [helper.make_tensor_value_info("x", T.FLOAT, x.shape)], [helper.make_tensor_value_info("y", T.FLOAT, None)],
        [numpy_helper.from_array(f32(value).reshape([]), name) for name, value in constants.items()])
    model = onnx.shape_inference.infer_shapes(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8))
    found = onnxruntime.InferenceSession(model.SerializeToString()).run(["y"], {"x": x})[0]
    cases.append({
        "name": f"{label}@17", "model": base64.b64encode(model.SerializeToString()).decode(),
        "input_data": [[round(float(v), 9) for v in x.ravel()]],
        "outputs": [{"shape": list(found.shape), "data": [round(float(v), 9) for v in found.ravel()]}],
    })


# What exporters spell out: functions of one variable in several steps, and divisors that many numbers share.
chain("spelt Gelu", [
    ("Mul", ["x", "x"], "x2", {}), ("Mul", ["x2", "x"], "x3", {}), ("Mul", ["x3", "c"], "cube", {}),
    ("Add", ["x", "cube"], "sum", {}), ("Mul", ["sum", "r"], "scaled", {}), ("Tanh", ["scaled"], "t", {}),
    ("Add", ["t", "one"], "above", {}), ("Mul", ["x", "half"], "halved", {}), ("Mul", ["above", "halved"], "y", {})],
    real(2, 8, low=-4, high=4), {"c": 0.044715, "r": 0.7978845608, "one": 1, "half": 0.5})
chain("spelt Swish", [
    ("Neg", ["x"], "minus", {}), ("Exp", ["minus"], "e", {}), ("Add", ["e", "one"], "d", {}), ("Div", ["x", "d"], "y", {})],
    real(3, 4, low=-4, high=4), {"one": 1})
chain("Swish used twice", [
    ("Sigmoid", ["x"], "s", {}), ("Mul", ["x", "s"], "p", {}), ("Add", ["p", "s"], "y", {})], real(3, 4), {})
chain("spelt LayerNormalization", [
    ("ReduceMean", ["x"], "m", {"axes": [-1]}), ("Sub", ["x", "m"], "c", {}), ("Pow", ["c", "two"], "q", {}),
    ("ReduceMean", ["q"], "v", {"axes": [-1]}), ("Add", ["v", "e"], "ve", {}), ("Sqrt", ["ve"], "d", {}),
    ("Div", ["c", "d"], "y", {})], real(3, 8), {"two": 2, "e": 1e-5})
chain("Softmax of a middle axis", [("Softmax", ["x"], "y", {"axis": 1})], real(2, 5, 3, low=-9, high=9), {})
chain("LogSoftmax of a middle axis", [("LogSoftmax", ["x"], "y", {"axis": 1})], real(2, 5, 3, low=-3, high=3), {})

# Support vector machines.
rng = np.random.default_rng(21)


def machine(kind, label, kernel, vectors, **attributes):
    """Vectors of three features; `vectors` is their number, or a list of it per class."""
    count = int(np.sum(vectors))
    classes = np.size(vectors)
    if count > 0:
        attributes["support_vectors"] = numbers(count, 3)
    case(kind, [real(2, 3)], domain=ML, outputs=2 if kind.endswith("Classifier") else 1, label=label, types={0: T.INT64}
         if kind.endswith("Classifier") else {}, kernel_type=kernel, kernel_params=[0.3, 0.2, 3.0],
         coefficients=numbers(max(classes - 1, 1), count or 3), **attributes)


for kernel in ["LINEAR", "POLY", "RBF", "SIGMOID"]:
    machine("SVMRegressor", kernel, kernel, 4, n_supports=4, rho=[0.5])
    machine("SVMClassifier", kernel, kernel, [2, 3, 2], vectors_per_class=[2, 3, 2], classlabels_ints=[5, 3, 9],
            rho=numbers(3))
machine("SVMRegressor", "linear", "LINEAR", 0, n_supports=0, rho=[0.5])
machine("SVMRegressor", "one class", "RBF", 4, n_supports=4, rho=[-0.2], one_class=1)
for transform in ["NONE", "LOGISTIC", "SOFTMAX"]:
    machine("SVMClassifier", f"two classes {transform}", "RBF", [2, 3], vectors_per_class=[2, 3], classlabels_ints=[4, 2],
            rho=[0.1], post_transform=transform)
machine("SVMClassifier", "two probabilities", "RBF", [2, 3], vectors_per_class=[2, 3], classlabels_ints=[4, 2], rho=[0.1],
        prob_a=[-1.7], prob_b=[0.2])
machine("SVMClassifier", "four probabilities", "RBF", [2, 3, 1, 2], vectors_per_class=[2, 3, 1, 2],
        classlabels_ints=[0, 1, 2, 3], rho=numbers(6), prob_a=[-8.0, -3.5, -1.0, -20.0, -2.0, -5.0], prob_b=numbers(6))
for label, sign in [("two scores", -1), ("two positive scores", 1)]:
    case("SVMClassifier", [real(4, 3)], domain=ML, outputs=2, label=label, types={0: T.INT64}, kernel_type="LINEAR",
         kernel_params=[0.0, 0.0, 0.0], coefficients=[0.5, 1.5, 0.2, 0.1, sign * 0.7, 0.9], rho=[0.3], classlabels_ints=[6, 7])

# What onnxruntime's optimiser and quantiser write.
rng = np.random.default_rng(22)
MS = "com.microsoft"


def fused(op, operands, label="", domain=MS, **attributes):
    """One node; an operand is a constant, None for one left out, or a list with what is given."""
    inputs = [o[0] for o in operands if isinstance(o, list)]
    constants = [o for o in operands if not isinstance(o, list) and o is not None]
    counts, order = {"x": 0, "c": 0}, []
    for operand in operands:
        if operand is None:
            order.append("")
            continue
        kind = "x" if isinstance(operand, list) else "c"
        order.append(f"{kind}{counts[kind]}")
        counts[kind] += 1
    case(op, inputs, constants, label=label, domain=domain, order=order, **attributes)


byte = lambda *s: whole(*s, low=0, high=256, dtype=np.uint8)
small = lambda *s: whole(*s, low=-128, high=128, dtype=np.int8)
scalar = lambda v: np.array(v, np.float32)
image, kernel = [real(1, 2, 4, 4)], real(3, 2, 3, 3, low=-0.5, high=0.5)
for activation, parameters in [("Relu", []), ("LeakyRelu", [0.3]), ("Clip", [-0.5, 0.7]), ("HardSigmoid", [0.3, 0.6]),
                               ("Tanh", []), ("Sigmoid", [])]:
    fused("FusedConv", [image, kernel, real(3)], label=activation, activation=activation,
          **({"activation_params": parameters} if parameters else {}))
fused("FusedConv", [image, kernel, real(3), [real(1, 3, 4, 4)]], label="sum", activation="Relu", pads=[1, 1, 1, 1])
fused("FusedGemm", [[real(2, 4)], real(3, 4), real(3)], label="Relu", activation="Relu", transB=1, alpha=0.7)
fused("FusedGemm", [[real(2, 4)], real(4, 3), real(3)], label="LeakyRelu", activation="LeakyRelu", activation_alpha=0.2)
fused("FusedMatMul", [[real(2, 4, 3)], real(5, 4)], transA=1, transB=1, alpha=0.5)
fused("FusedMatMul", [[real(3, 2, 4)], [real(4, 2, 5)]], label="batches", transBatchA=1, transBatchB=1)
fused("FusedMatMul", [[real(4, 2, 3)], [real(2, 4, 5)]], label="both", transBatchA=1, transA=1)
fused("Gelu", [[real(2, 5)]])
fused("BiasGelu", [[real(2, 5)], real(5)])
fused("FastGelu", [[real(2, 5)], real(5)])
fused("QuickGelu", [[real(2, 5)]])
fused("QuickGelu", [[real(2, 5)]], label="alpha", alpha=1.0)
fused("CDist", [[real(2, 3)], real(4, 3)], metric="euclidean")
fused("SkipLayerNormalization", [[real(2, 3, 8)], [real(3, 8)], real(8), real(8), real(8)], outputs=4, skip=(1, 2),
      epsilon=1e-5)
fused("SkipSimplifiedLayerNormalization", [[real(2, 3, 8)], [real(2, 3, 8)], real(8), real(8)], outputs=4, skip=(1, 2))
fused("SimplifiedLayerNormalization", [[real(2, 3, 8)], real(8)], domain="", outputs=2, axis=-1)
words = [whole(2, 4, low=0, high=10, dtype=np.int32)]
fused("EmbedLayerNormalization", [words, [whole(2, 4, low=0, high=2, dtype=np.int32)], real(10, 6), real(8, 6), real(2, 6),
                                  real(6), real(6), [np.array([[1, 1, 1, 0], [1, 1, 0, 0]], np.int32)]],
      outputs=3, types={1: T.INT32})
fused("EmbedLayerNormalization", [words, None, real(10, 6), real(8, 6), None, real(6), real(6), None,
                                  [whole(2, 4, low=0, high=8, dtype=np.int32)]], label="positions", outputs=2,
      types={1: T.INT32})
for label, bits, K, size in [("4 bits", 4, 40, 16), ("8 bits", 8, 48, 16), ("2 bits", 2, 96, 32)]:
    blocks = -(-K // size)
    sizes = dict(K=K, N=3, bits=bits, block_size=size)
    packed, scales = byte(3, blocks, size * bits // 8), real(3 * blocks, low=0.01, high=0.1)
    fused("MatMulNBits", [[real(2, K, low=-0.3, high=0.3)], packed, scales], label=label, **sizes)
    fused("MatMulNBits", [[real(2, K, low=-0.3, high=0.3)], packed, scales, byte(3 * -(-blocks * bits // 8))],
          label=f"{label} zero points", **sizes)
hidden = [real(2, 4, 8)]
weights, bias = real(8, 24, low=-0.6, high=0.6), real(24, low=-0.5, high=0.5)
kept = [np.array([[1, 1, 1, 0], [1, 1, 0, 0]], np.int32)]
fused("Attention", [hidden, weights, bias], num_heads=2)
fused("Attention", [hidden, weights, bias, kept], label="mask", num_heads=2)
fused("Attention", [hidden, weights, bias, [np.array([[0, 1, 1, 1], [0, 0, 1, 1]], np.int32)]], label="left padding",
      num_heads=2, unidirectional=1, mask_filter_value=-1024.0)
fused("Attention", [hidden, weights, bias, [np.array([[1, 1, 1, 0], [0, 0, 0, 0]], np.int32)]], label="nothing seen",
      num_heads=2, mask_filter_value=-3.4028234663852886e38)
fused("Attention", [hidden, weights, bias, kept], label="small filter", num_heads=2, mask_filter_value=-2.0)
fused("Attention", [hidden, weights, bias, [np.array([3, 4, 0, 2], np.int32)]], label="ends and starts", num_heads=2)
fused("Attention", [hidden, weights, bias, None, [real(2, 2, 2, 3, 4)]], label="past", num_heads=2, unidirectional=1, outputs=2)
fused("Attention", [hidden, weights, None, None, None, [real(1, 2, 4, 4)]], label="addition", num_heads=2)
fused("Attention", [hidden, real(8, 28, low=-0.6, high=0.6), real(28)], label="sizes", num_heads=2,
      qkv_hidden_sizes=[8, 8, 12])
fused("QAttention", [[byte(1, 4, 8)], small(8, 24), bias, scalar(0.013), scalar(0.011), None, np.uint8(120), np.int8(3)],
      num_heads=2)
heads = [[real(2, 4, 8)], [real(2, 5, 8)], [real(2, 5, 12)]]
fused("MultiHeadAttention", heads, num_heads=2)
fused("MultiHeadAttention", heads + [real(28)], label="bias", num_heads=2)
fused("MultiHeadAttention", heads + [None, [np.array([[1, 1, 1, 1, 0], [1, 1, 0, 0, 0]], np.int32)]], label="mask", num_heads=2)
fused("MultiHeadAttention", [hidden, [real(2, 4, 8)], [real(2, 4, 8)], None, None, None, [real(2, 2, 3, 4)],
                             [real(2, 2, 3, 4)]], label="past", num_heads=2, outputs=3)
fused("MultiHeadAttention", [hidden, [real(2, 2, 5, 4)], [real(2, 2, 5, 4)]], label="by heads", num_heads=2)
turns = rng.uniform(0, 3, (10, 2))
fused("RotaryEmbedding", [[real(2, 2, 3, 4)], [whole(2, 3, low=0, high=10)], np.cos(turns).astype(np.float32),
                          np.sin(turns).astype(np.float32)])
fused("RotaryEmbedding", [[real(2, 3, 8)], i64(2), np.cos(turns).astype(np.float32), np.sin(turns).astype(np.float32)],
      label="flat", interleaved=1)
for kind, number, code in [(byte, np.uint8, T.UINT8), (small, np.int8, T.INT8)]:
    own = {"label": number.__name__, "types": {0: code}}
    first, second, out = ([scalar(0.0131), number(7)], [scalar(0.0203), number(5)], [scalar(0.0171), number(11)])
    fused("QLinearAdd", [[kind(2, 5)], *first, [kind(2, 5)], *second, *out], **own)
    fused("QLinearMul", [[kind(2, 5)], *first, kind(5), *second, *out], **own)
    fused("QLinearSigmoid", [[kind(2, 5)], *first, scalar(0.0041), number(11)], **own)
    fused("QLinearLeakyRelu", [[kind(2, 5)], *first, *out], alpha=0.2, **own)
    fused("QLinearSoftmax", [[kind(2, 5)], *first, scalar(1 / 256), number(0 if code == T.UINT8 else -128)],
          more={"opset": 13}, **own)
    fused("QLinearConcat", [*out, [kind(2, 3)], *first, [kind(2, 4)], *second], axis=1, **own)
    fused("QLinearAveragePool", [[kind(1, 2, 5, 5)], *first, *out], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1],
          **own)
    fused("QLinearGlobalAveragePool", [[kind(1, 3, 3, 5)], *first, *out], **own)
    fused("QGemm", [[kind(2, 6)], *first, kind(4, 6), real(4, low=0.01, high=0.03), np.full(4, 3, number),
                    whole(4, low=-900, high=900, dtype=np.int32), scalar(0.0312), number(50)], transB=1, **own)
fused("QGemm", [[byte(2, 6)], scalar(0.0131), np.uint8(7), small(6, 4), scalar(0.02), np.int8(3)], label="reals", alpha=0.5)
fused("MatMulIntegerToFloat", [[byte(2, 6)], small(6, 3), scalar(0.0131), real(3, low=0.01, high=0.03), np.uint8(7),
                               np.array([1, 2, 3], np.int8), real(3)])
fused("DynamicQuantizeMatMul", [[real(2, 6)], small(6, 3), scalar(0.0131), np.int8(3), real(3)])
fused("QuantizeLinear", [[real(2, 3)], scalar(0.0131), np.uint16(40000)], label=MS, types={0: T.UINT16})
fused("DequantizeLinear", [[whole(2, 3, low=0, high=60000, dtype=np.uint16)], scalar(0.0131), np.uint16(40000)],
      label=MS)

names = [c["name"] for c in cases]
assert len(set(names)) == len(names), [n for n in names if names.count(n) > 1]
path = pathlib.Path(__file__).parent / "operators.json"
path.write_text("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]\n")
print(f"{len(cases)} cases, {path.stat().st_size} bytes")
