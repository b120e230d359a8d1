"""Small random graphs over operators and element types, with what onnxruntime makes of them.

A seed gives one graph, the same everywhere. Numbers are multiples of 1/64, so that sums and products of few are exact; what a runtime
may compute a little differently (functions, long sums) is never compared, rounded or cast to integers afterwards.
"""
import json
import os
import random

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FLOATS = ["float32", "double", "float16"]
SIGNED = ["int8", "int16", "int32", "int64"]
UNSIGNED = ["uint8", "uint16", "uint32", "uint64"]
CODES = {
    "float32": TensorProto.FLOAT, "double": TensorProto.DOUBLE, "float16": TensorProto.FLOAT16, "bool": TensorProto.BOOL,
    **{name: getattr(TensorProto, name.upper()) for name in SIGNED + UNSIGNED},
}
NUMPY = {"float32": np.float32, "double": np.float64, "float16": np.float16, "bool": np.bool_,
         **{name: np.dtype(name).type for name in SIGNED + UNSIGNED}}


class Value:
    """A tensor of the graph: name, type, shape, whether every runtime gives the same bits, and its numbers."""

    def __init__(self, name, kind, shape, exact, numbers):
        self.name, self.kind, self.shape, self.exact, self.numbers = name, kind, shape, exact, numbers


class Graph:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.nodes, self.constants, self.inputs, self.values = [], [], [], []
        self.feeds = {}

    # Numbers

    def numbers(self, kind, shape, nonzero=False, small=False):
        count = int(np.prod(shape)) if shape else 1
        draw = self.random
        if kind == "bool":
            list_ = [draw.random() < 0.5 for _ in range(count)]
        elif kind in FLOATS:
            list_ = [draw.randint(-256, 256) / 64 for _ in range(count)]
        else:
            info = np.iinfo(kind)
            edge = not small and draw.random() < 0.3
            low, high = (max(info.min, -9), min(info.max, 9)) if not edge else (info.min, info.max)
            list_ = [draw.choice([low, high, draw.randint(low, high)]) if edge else draw.randint(low, high)
                     for _ in range(count)]
        if nonzero:
            list_ = [x if x else 1 for x in list_]
        return np.array(list_, dtype=NUMPY[kind]).reshape(shape)

    def divisor(self, x):
        """A number by which onnxruntime can divide: the least integer over -1 ends its process."""
        number = self.numbers(x.kind, [], nonzero=True)
        return np.abs(number) if number == -1 and x.numbers.min() == np.iinfo(x.kind).min else number

    def constant(self, numbers):
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(numbers), name))
        return name

    def add_input(self):
        kind = self.random.choice(["float32"] * 5 + ["int32", "int64", "uint8", "int8", "bool", "double", "float16", "uint32"])
        shape = self.random.choice([[3], [2, 3], [1, 4], [2, 2, 2]])
        name = f"x{len(self.inputs)}"
        numbers = self.numbers(kind, shape)
        self.inputs.append(helper.make_tensor_value_info(name, CODES[kind], shape))
        self.feeds[name] = numbers
        value = Value(name, kind, shape, True, numbers)
        self.values.append(value)
        return value

    # Nodes

    def try_node(self, op, inputs, exact, domain="", **attributes):
        """Adds a node if onnxruntime can run it and its result is finite."""
        name = f"y{len(self.nodes)}"
        node = helper.make_node(op, inputs, [name], domain=domain, **attributes)
        known = {value.name: value for value in self.values}
        own = [n for n in inputs if n in known]
        graph = helper.make_graph(
            [node], "g",
            [helper.make_tensor_value_info(n, CODES[known[n].kind], known[n].shape) for n in dict.fromkeys(own)],
            [helper.make_empty_tensor_value_info(name)],
            [tensor for tensor in self.constants if tensor.name in inputs])
        try:
            result = session(graph).run(None, {n: known[n].numbers for n in own})[0]
        except Exception:
            return None
        kinds = {np.dtype(v): k for k, v in NUMPY.items()}
        kind = kinds.get(result.dtype)
        if kind is None or result.size == 0:
            return None
        if kind in FLOATS and (not np.isfinite(result).all() or np.max(np.abs(result)) > 1e4):
            return None
        value = Value(name, kind, list(result.shape), exact, result)
        self.nodes.append(node)
        self.values.append(value)
        return value

    def step(self):
        draw = self.random
        x = draw.choice(self.values[-3:])
        y = self.other(x)
        if x.kind == "bool":
            choices = [("And", 2), ("Or", 2), ("Xor", 2), ("Not", 1)]
            op, arity = draw.choice(choices)
            if draw.random() < 0.4:
                return self.cast(x)
            return self.try_node(op, [x.name] + [y.name] * (arity - 1), True)
        if not x.shape:
            return None if x.kind not in FLOATS else self.try_node("Abs", [x.name], x.exact)
        if draw.random() < 0.2:
            return self.movement(x)
        return self.real(x, y) if x.kind in FLOATS else self.integer(x, y)

    def other(self, x, nonzero=False):
        """A second operand: another value of the type and shape, or a constant."""
        fits = [v for v in self.values if v.kind == x.kind and v.shape == x.shape]
        if fits and not nonzero and self.random.random() < 0.5:
            return self.random.choice(fits)
        shape = self.random.choice([x.shape, x.shape[-1:], []])
        numbers = self.numbers(x.kind, shape, nonzero=nonzero)
        return Value(self.constant(numbers), x.kind, shape, True, numbers)

    def cast(self, x):
        targets = FLOATS + SIGNED + UNSIGNED + ["bool"]
        if x.kind in FLOATS:
            if not x.exact:
                # A wider type would be compared with its own precision.
                targets = ["float32", "float16"]
            else:
                # What machines make of numbers outside the type differs.
                low, high = x.numbers.min(), x.numbers.max()
                targets = [k for k in targets if k in FLOATS + ["bool"]
                           or np.iinfo(k).min <= low - 1 and high + 1 <= np.iinfo(k).max]
        return self.try_node("Cast", [x.name], x.exact, to=CODES[self.random.choice(targets)])

    def movement(self, x):
        rank = len(x.shape)
        kind = self.random.choice(["transpose", "concat", "slice", "gather", "reshape", "unsqueeze", "tile"])
        if kind == "transpose":
            order = list(range(rank))
            self.random.shuffle(order)
            return self.try_node("Transpose", [x.name], x.exact, perm=order)
        if kind == "concat":
            y = self.other(x)
            return self.try_node("Concat", [x.name, y.name], x.exact and y.exact, axis=0) if y.shape == x.shape else None
        if kind == "slice":
            axis = self.random.randrange(rank)
            parts = [[0], [self.random.randint(1, x.shape[axis])], [axis]]
            return self.try_node("Slice", [x.name] + [self.constant(np.array(p, np.int64)) for p in parts], x.exact)
        if kind == "gather":
            axis = self.random.randrange(rank)
            places = [self.random.randrange(-x.shape[axis], x.shape[axis]) for _ in range(3)]
            return self.try_node("Gather", [x.name, self.constant(np.array(places, np.int64))], x.exact, axis=axis)
        if kind == "reshape":
            return self.try_node("Reshape", [x.name, self.constant(np.array([-1], np.int64))], x.exact)
        if kind == "tile":
            return self.try_node("Tile", [x.name, self.constant(np.array([2] + [1] * (rank - 1), np.int64))], x.exact)
        return self.try_node("Unsqueeze", [x.name, self.constant(np.array([0], np.int64))], x.exact)

    def real(self, x, y):
        draw = self.random
        exact = x.exact and y.exact
        smooth = ["Sigmoid", "Tanh", "Exp", "Softplus", "Erf", "Sin", "Cos", "Elu", "Selu", "Softsign", "HardSwish", "Gelu", "Atan"]
        steady = ["Neg", "Abs", "Relu", "LeakyRelu", "HardSigmoid"]
        jumps = ["Floor", "Ceil", "Round", "Sign"]
        kind = draw.choice(["arithmetic"] * 4 + ["smooth", "steady", "reduce", "matmul", "clip", "softmax", "cast", "divide"]
                           + (["jump", "compare", "compare", "where", "argmax", "quantize"] if x.exact else []))
        if kind == "arithmetic":
            return self.try_node(draw.choice(["Add", "Sub", "Mul", "Max", "Min"]), [x.name, y.name], exact)
        if kind == "smooth":
            return self.try_node(draw.choice(smooth), [x.name], False)
        if kind == "steady":
            return self.try_node(draw.choice(steady), [x.name], x.exact)
        if kind == "jump":
            return self.try_node(draw.choice(jumps), [x.name], True)
        if kind == "reduce":
            op = draw.choice(["ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin"])
            return self.try_node(op, [x.name], x.exact and op in ("ReduceMax", "ReduceMin"),
                                 keepdims=draw.randint(0, 1))
        if kind == "matmul":
            matrix = self.constant(self.numbers(x.kind, [x.shape[-1], 2]))
            return self.try_node("MatMul", [x.name, matrix], False)
        if kind == "clip":
            low, high = sorted(draw.randint(-128, 128) / 64 for _ in range(2))
            bounds = [self.constant(np.array(b, NUMPY[x.kind])) for b in (low, high)]
            return self.try_node("Clip", [x.name] + bounds, x.exact)
        if kind == "softmax":
            return self.try_node(draw.choice(["Softmax", "LogSoftmax"]), [x.name], False, axis=-1)
        if kind == "cast":
            return self.cast(x)
        if kind == "divide":
            divisor = self.other(x, nonzero=True)
            return self.try_node("Div", [x.name, divisor.name], False)
        if kind == "compare":
            op = draw.choice(["Less", "Greater", "LessOrEqual", "GreaterOrEqual", "Equal"])
            if y.exact:
                # Thresholds at an element, and one unit in the last place beside it.
                near = x.numbers.reshape(-1)[draw.randrange(x.numbers.size)]
                near = draw.choice([near, np.nextafter(near, NUMPY[x.kind](9)), np.nextafter(near, NUMPY[x.kind](-9))])
                other = draw.choice([y.name, self.constant(np.array(near, NUMPY[x.kind]))])
                return self.try_node(op, [x.name, other], True)
            return None
        if kind == "where":
            condition = [v for v in self.values if v.kind == "bool" and v.shape == x.shape]
            return self.try_node("Where", [condition[0].name, x.name, y.name], exact) if condition else None
        if kind == "argmax":
            # Ties are decided alike; only exact numbers get here.
            return self.try_node(draw.choice(["ArgMax", "ArgMin"]), [x.name], True, axis=-1, keepdims=draw.randint(0, 1))
        scale = self.constant(np.array(draw.choice([0.25, 0.5, 0.1, 1 / 3]), np.float32))
        zero = self.constant(np.array(draw.randint(0, 9), draw.choice([np.uint8, np.int8])))
        return self.try_node("QuantizeLinear", [x.name, scale, zero], True) if x.kind == "float32" else None

    def integer(self, x, y):
        draw = self.random
        kind = draw.choice(["arithmetic"] * 4 + ["divide", "mod", "unary", "compare", "cast", "cast", "bits", "shift", "reduce",
                                                 "where", "clip", "dequantize"])
        if kind == "arithmetic":
            return self.try_node(draw.choice(["Add", "Sub", "Mul", "Max", "Min"]), [x.name, y.name], True)
        if kind == "divide":
            return self.try_node("Div", [x.name, self.constant(self.divisor(x))], True)
        if kind == "mod":
            divisor = self.constant(self.divisor(x))
            return self.try_node("Mod", [x.name, divisor], True, fmod=draw.randint(0, 1))
        if kind == "unary":
            return self.try_node(draw.choice(["Neg", "Abs", "Sign"]), [x.name], True)
        if kind == "compare":
            op = draw.choice(["Less", "Greater", "LessOrEqual", "GreaterOrEqual", "Equal"])
            return self.try_node(op, [x.name, y.name], True)
        if kind == "cast":
            return self.cast(x)
        if kind == "bits":
            op = draw.choice(["BitwiseAnd", "BitwiseOr", "BitwiseXor", "BitwiseNot"])
            return self.try_node(op, [x.name] + ([y.name] if op != "BitwiseNot" else []), True)
        if kind == "shift":
            count = self.constant(np.array(draw.randint(0, np.iinfo(x.kind).bits - 1), NUMPY[x.kind]))
            return self.try_node("BitShift", [x.name, count], True, direction=draw.choice(["LEFT", "RIGHT"]))
        if kind == "reduce":
            # onnxruntime adds and multiplies large 64-bit integers in double precision.
            large = np.max(np.abs(x.numbers.astype(np.float64))) > 1 << 20
            ops = ["ReduceMax", "ReduceMin"] + ([] if large else ["ReduceSum", "ReduceProd"])
            return self.try_node(draw.choice(ops), [x.name], True, keepdims=draw.randint(0, 1))
        if kind == "where":
            condition = [v for v in self.values if v.kind == "bool" and v.shape == x.shape]
            return self.try_node("Where", [condition[0].name, x.name, y.name], True) if condition else None
        if kind == "clip":
            low, high = sorted(self.numbers(x.kind, [2], small=True).tolist())
            bounds = [self.constant(np.array(b, NUMPY[x.kind])) for b in (low, high)]
            return self.try_node("Clip", [x.name] + bounds, True)
        scale = self.constant(np.array(draw.choice([0.25, 0.5]), np.float32))
        return self.try_node("DequantizeLinear", [x.name, scale], True)

    def model(self):
        for _ in range(self.random.randint(1, 2)):
            self.add_input()
        wanted = self.random.randint(1, 5)
        for _ in range(40):
            if len(self.nodes) < wanted:
                self.step()
        if not self.nodes:
            return None
        # Everything that nothing reads is an output.
        read = {name for node in self.nodes for name in node.input}
        ends = [v for v in self.values if v.name.startswith("y") and v.name not in read]
        used = {name for node in self.nodes for name in node.input}
        graph = helper.make_graph(
            self.nodes, "random", self.inputs,
            [helper.make_tensor_value_info(v.name, CODES[v.kind], v.shape) for v in ends],
            [tensor for tensor in self.constants if tensor.name in used])
        return make(graph), ends


def make(graph):
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)


def session(graph):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    # Rewriting may compute in other types than the graph says.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(make(graph).SerializeToString(), options, providers=["CPUExecutionProvider"])


def runner(judge, plain):
    """run(seed, evaluator, folder) for conformance.py."""

    def run(seed, evaluator, folder):
        graph = Graph(seed)
        made = graph.model()
        if made is None:
            return "right", ""  # onnxruntime runs no node that was drawn
        model, ends = made
        model_path, input_path = os.path.join(folder, "model.onnx"), os.path.join(folder, "input.json")
        with open(model_path, "wb") as file:
            file.write(model.SerializeToString())
        with open(input_path, "w") as file:
            json.dump({"input_data": {name: plain(numbers) for name, numbers in graph.feeds.items()}}, file)
        wanted = [(v.name, v.kind, v.shape, v.numbers) for v in ends]
        return judge(evaluator.ask({"model": model_path, "input": input_path, "plan": False}), wanted)

    return run
