#!/usr/bin/env python3
"""Writes trees.json: ensembles of trees whose numbers come as tensors, with what onnxruntime makes of them.

Needs onnx, onnxruntime and numpy from PyPI. A case has the model as base64, an input file, and its outputs.

    generate_trees.py --random 200 --evaluator PATH    compares as many random ensembles instead
"""

import argparse
import base64
import json
import pathlib
import subprocess
import tempfile

import numpy as np
import onnxruntime
from onnx import TensorProto as T
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator

ML = "ai.onnx.ml"
NAN = float("nan")
cases, refused = [], []
KINDS = {np.dtype(np.float32): T.FLOAT, np.dtype(np.float64): T.DOUBLE, np.dtype(np.float16): T.FLOAT16, np.dtype(np.int64): T.INT64}
TENSORS = {"nodes_splits", "leaf_weights", "membership_values", "nodes_hitrates"}
onnxruntime.set_default_logger_severity(4)


def tensor(values, kind):
    return numpy_helper.from_array(np.array(values, kind))


def build(op, x, version, attributes):
    results = {"TreeEnsembleClassifier": {"label": T.INT64, "y": T.FLOAT}, "TreeEnsembleRegressor": {"y": T.FLOAT}}.get(
        op, {"y": KINDS[x.dtype]})
    graph = helper.make_graph(
        [helper.make_node(op, ["x"], list(results), domain=ML, **attributes)], "g",
        [helper.make_tensor_value_info("x", KINDS[x.dtype], x.shape)],
        [helper.make_tensor_value_info(name, kind, None) for name, kind in results.items()])
    imports = [helper.make_opsetid("", 19), helper.make_opsetid(ML, version)]
    return helper.make_model(graph, opset_imports=imports, ir_version=9)


def lists(x, attributes):
    """Attributes of ai.onnx.ml 5 with tensors of the operand's type."""
    given = {}
    for name, value in attributes.items():
        if name in TENSORS:
            value = tensor(value, x.dtype)
        elif name == "nodes_modes":
            value = tensor(value, np.uint8)
        given[name] = value
    return given


def encoded(x):
    return json.dumps({"input_data": {"x": x.tolist()}})


def case(label, op, x, version, attributes, by="onnxruntime"):
    model = build(op, x, version, attributes)
    if by == "reference":
        found = ReferenceEvaluator(model).run(None, {"x": x})
    else:
        found = onnxruntime.InferenceSession(model.SerializeToString()).run(None, {"x": x})
    if by == "both":
        for a, b in zip(found, ReferenceEvaluator(model).run(None, {"x": x})):
            np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    cases.append({
        "name": label, "model": base64.b64encode(model.SerializeToString()).decode(), "input": encoded(x),
        "outputs": [[float(v) for v in value.ravel()] for value in found]})


def refuse(label, reason, op, x, version, attributes):
    model = build(op, x, version, attributes)
    refused.append({
        "name": label, "reason": reason, "model": base64.b64encode(model.SerializeToString()).decode(), "input": encoded(x)})


def random_tree(draw, depth, features, modes, whole):
    """A tree as nested tuples: (feature, mode, split, members, tracks, yes, no), or the number of a leaf."""
    if depth == 0 or draw.random() < 0.15:
        return round(float(draw.normal()), 3)
    mode = int(draw.choice(modes))
    split = float(draw.integers(-3, 4)) if whole or mode >= 4 else round(float(draw.normal()), 4)
    members = sorted(set(float(m) for m in draw.integers(-4, 6, draw.integers(1, 6)))) if mode == 6 else []
    branches = [random_tree(draw, depth - 1, features, modes, whole) for _ in range(2)]
    return (int(draw.integers(features)), mode, split, members, int(draw.integers(2)), *branches)


MODES = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"]


def as_tensors(draw, trees, targets):
    """The attributes of ai.onnx.ml 5."""
    out = {name: [] for name in (
        "nodes_featureids", "nodes_modes", "nodes_splits", "nodes_missing_value_tracks_true", "nodes_truenodeids", "nodes_falsenodeids",
        "nodes_trueleafs", "nodes_falseleafs", "leaf_targetids", "leaf_weights", "tree_roots")}
    members = []

    def leaf(value):
        out["leaf_targetids"].append(int(draw.integers(targets)))
        out["leaf_weights"].append(value)
        return len(out["leaf_weights"]) - 1

    def put(tree):
        place = len(out["nodes_modes"])
        feature, mode, split, own, tracks, yes, no = tree
        for name, value in zip(
                ("nodes_featureids", "nodes_modes", "nodes_splits", "nodes_missing_value_tracks_true"), (feature, mode, split, tracks)):
            out[name].append(value)
        for name in ("nodes_truenodeids", "nodes_falsenodeids", "nodes_trueleafs", "nodes_falseleafs"):
            out[name].append(0)
        if mode == 6:
            members.extend([*own, NAN])
        for side, branch in (("true", yes), ("false", no)):
            is_leaf = not isinstance(branch, tuple)
            out[f"nodes_{side}leafs"][place] = int(is_leaf)
            out[f"nodes_{side}nodeids"][place] = leaf(branch) if is_leaf else put(branch)
        return place

    for tree in trees:
        if not isinstance(tree, tuple):
            tree = (0, 0, 0.0, [], 0, tree, tree)
            out["tree_roots"].append(put(tree))
            for name in ("leaf_targetids", "leaf_weights"):
                out[name].pop()
            out["nodes_falsenodeids"][out["tree_roots"][-1]] -= 1
        else:
            out["tree_roots"].append(put(tree))
    if members:
        out["membership_values"] = members
    return {**out, "n_targets": targets}


def as_lists(draw, trees, targets, kind, prefix, gives_all):
    """The attributes of ai.onnx.ml 3, with tensors of a kind, and with base values where every leaf gives something to all targets.

    onnxruntime passes over targets to which no tree gives anything: it adds no base value to them, and takes no label of them.
    """
    out = {f"nodes_{name}": [] for name in (
        "treeids", "nodeids", "featureids", "modes", "values", "truenodeids", "falsenodeids", "missing_value_tracks_true")}
    out.update({f"{prefix}_{name}": [] for name in ("treeids", "nodeids", "ids", "weights")})

    def put(tree, number, counter):
        own = counter[0]
        counter[0] += 1
        place = len(out["nodes_modes"])
        is_leaf = not isinstance(tree, tuple)
        feature, mode, split, _, tracks = (0, None, 0.0, [], 0) if is_leaf else tree[:5]
        for name, value in (("treeids", number), ("nodeids", own), ("featureids", feature), ("modes", "LEAF" if is_leaf else MODES[mode]),
                            ("values", split), ("truenodeids", 0), ("falsenodeids", 0), ("missing_value_tracks_true", tracks)):
            out[f"nodes_{name}"].append(value)
        if is_leaf:
            for target in range(targets) if gives_all else sorted(set(draw.integers(0, targets, 2).tolist())):
                weight = tree + 0.25 * target * int(draw.integers(-2, 3))
                for name, value in (("treeids", number), ("nodeids", own), ("ids", target), ("weights", weight)):
                    out[f"{prefix}_{name}"].append(value)
        else:
            out["nodes_truenodeids"][place] = put(tree[5], number, counter)
            out["nodes_falsenodeids"][place] = put(tree[6], number, counter)
        return own

    for number, tree in enumerate(trees):
        put(tree, number, [0])
    for name in ("nodes_values", f"{prefix}_weights"):
        out[f"{name}_as_tensor"] = tensor(out.pop(name), kind)
    out["nodes_hitrates_as_tensor"] = tensor([1] * len(out["nodes_modes"]), kind)
    if gives_all:
        out["base_values_as_tensor"] = tensor([round(float(v), 3) for v in draw.normal(size=targets)], kind)
    return out


def random_case(seed):
    """An ensemble of a random form: its operator, operand, version and attributes."""
    draw = np.random.default_rng(seed)
    form = int(draw.integers(3))
    kind = [np.float32, np.float64][int(draw.integers(2))]
    features, targets = int(draw.integers(1, 4)), int(draw.integers(1, 4))
    modes = [list(range(7 if form == 0 else 6)), [0], [1, 3], [4, 5] + [6] * (form == 0)][int(draw.integers(4))]
    trees = [random_tree(draw, int(draw.integers(1, 5)), features, modes, draw.random() < 0.5) for _ in range(int(draw.integers(1, 5)))]
    x = np.round(draw.normal(size=(2, features)) * 2, 3)
    x[draw.random(x.shape) < 0.4] = draw.integers(-3, 4)
    # onnxruntime takes fractions for members where their whole parts are.
    x = (np.trunc(x) if 6 in modes else x).astype(kind)
    splits = [t[2] for t in trees if isinstance(t, tuple)]
    if splits and 6 not in modes:
        x[0, 0] = kind(splits[0])
    if draw.random() < 0.4:
        x[draw.random(x.shape) < 0.3] = NAN
    if form == 0:
        attributes = as_tensors(draw, trees, targets)
        if draw.random() < 0.4:
            attributes["aggregate_function"] = int(draw.integers(0, 2))
        if len(trees) > 0 and targets == 1 and draw.random() < 0.5:
            attributes["aggregate_function"] = int(draw.integers(2, 4))
        return "TreeEnsemble", x, 5, lists(x, attributes)
    if form == 1:
        attributes = as_lists(draw, trees, targets, kind, "target", draw.random() < 0.5)
        attributes["n_targets"] = targets
        if draw.random() < 0.4:
            attributes["aggregate_function"] = "AVERAGE"
        return "TreeEnsembleRegressor", x, 3 + int(draw.integers(2)), attributes
    targets = max(targets, 3)
    attributes = as_lists(draw, trees, targets, kind, "class", True)
    attributes["classlabels_int64s"] = list(range(targets))
    attributes["post_transform"] = ["NONE", "SOFTMAX", "LOGISTIC"][int(draw.integers(3))]
    return "TreeEnsembleClassifier", x, 3 + int(draw.integers(2)), attributes


def random_main(count, evaluator):
    tally = {}
    with tempfile.TemporaryDirectory() as folder:
        folder, given = pathlib.Path(folder), []
        for seed in range(count):
            op, x, version, attributes = random_case(seed)
            model = build(op, x, version, attributes).SerializeToString()
            try:
                wanted = onnxruntime.InferenceSession(model).run(None, {"x": x})
            except Exception as error:
                print(f"seed {seed} {op}: onnxruntime refuses: {str(error)[:160]}")
                continue
            (folder / f"{seed}.onnx").write_bytes(model)
            (folder / f"{seed}.json").write_text(encoded(x))
            given.append((seed, op, wanted))
        lines = "".join(json.dumps({"model": f"{folder}/{s}.onnx", "input": f"{folder}/{s}.json", "plan": False}) + "\n" for s, _, _ in given)
        answers = subprocess.run([evaluator], input=lines, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
    for (seed, op, wanted), line in zip(given, answers, strict=True):
        answer = json.loads(line)
        verdict = "right"
        if "refusal" in answer:
            verdict = "refused"
            print(f"seed {seed} {op}: {answer['stage']}: {answer['refusal'][:200]}")
        for value, output in zip(wanted, answer.get("outputs", [])):
            for kind, tolerance in (("reference", 1e-5), ("program", 1e-3)):
                if kind in output and not np.allclose(np.array(output[kind], float), value.ravel(), rtol=tolerance, atol=tolerance):
                    verdict = "wrong"
                    print(f"seed {seed} {op} {kind}: {output[kind]} instead of {value.ravel().tolist()}")
        tally[f"{op} {verdict}"] = tally.get(f"{op} {verdict}", 0) + 1
    print(tally)
    return any(key.endswith("wrong") for key in tally)


def stump(**more):
    """A tree of ai.onnx.ml 3 with one comparison, whose numbers are added by the caller."""
    return dict(
        nodes_treeids=[0] * 3, nodes_nodeids=[0, 1, 2], nodes_featureids=[0] * 3, nodes_modes=["BRANCH_LEQ", "LEAF", "LEAF"],
        nodes_truenodeids=[1, 0, 0], nodes_falsenodeids=[2, 0, 0], **more)


def main():
    regressor = dict(target_treeids=[0, 0], target_nodeids=[1, 2], target_ids=[0, 0], n_targets=1)
    # 0.1 lies below the nearest float32: doubles between the two take another branch by a double's threshold than by a float's.
    close = np.array([[0.1], [np.float64(np.float32(0.1))], [0.1000000001]])
    for kind, label in ((np.float64, "doubles"), (np.float32, "floats")):
        column = close.astype(kind)
        values, weights = tensor([0.1, 0, 0], kind), tensor([1.1, 2.2], kind)
        case(f"thresholds and weights of {label}", "TreeEnsembleRegressor", column, 3, stump(
            nodes_values_as_tensor=values, target_weights_as_tensor=weights, **regressor))
        case(f"thresholds of {label} beside a list of weights", "TreeEnsembleRegressor", column, 3, stump(
            nodes_values_as_tensor=values, target_weights=[1.1, 2.2], base_values_as_tensor=tensor([0.5], kind), **regressor))
        case(f"weights of {label} beside a list of thresholds", "TreeEnsembleRegressor", column, 3, stump(
            nodes_values=[0.1, 0, 0], target_weights_as_tensor=weights, base_values=[0.25], **regressor))
        other = np.float32 if kind == np.float64 else np.float64
        for name in ("nodes_values", "target_weights"):
            lists3 = dict(nodes_values=[0.1, 0, 0], target_weights=[1.1, 2.2])
            numbers = lists3.pop(name)
            refuse(f"{name} of the other type than {label}", f"{name}_as_tensor is a tensor of", "TreeEnsembleRegressor", column, 3, stump(
                **{f"{name}_as_tensor": tensor(numbers, other)}, **lists3, **regressor))
        refuse(f"a list beside a tensor of {label}", "given as a list and as a tensor", "TreeEnsembleRegressor", column, 3, stump(
            nodes_values=[0.1, 0, 0], nodes_values_as_tensor=values, target_weights=[1.1, 2.2], **regressor))
    classes = dict(class_treeids=[0] * 4, class_nodeids=[1, 1, 2, 2], class_ids=[0, 2, 1, 2], classlabels_int64s=[7, 8, 9])
    for transform in ("NONE", "SOFTMAX", "LOGISTIC"):
        case(f"a classifier by doubles, {transform}", "TreeEnsembleClassifier", close, 3, stump(
            nodes_values_as_tensor=tensor([0.1, 0, 0], np.float64), class_weights_as_tensor=tensor([0.7, 0.3, 0.6, 0.4], np.float64),
            base_values_as_tensor=tensor([0.1, -0.2, 0.05], np.float64), post_transform=transform, **classes))
    binary = dict(class_treeids=[0, 0], class_nodeids=[1, 2], class_ids=[0, 0], classlabels_int64s=[0, 1])
    case("two classes by doubles", "TreeEnsembleClassifier", close, 3, stump(
        nodes_values_as_tensor=tensor([0.1, 0, 0], np.float64), class_weights_as_tensor=tensor([0.25, 0.75], np.float64), **binary))
    whole = np.array([[0], [1], [2]])
    case("integers by a tensor of floats", "TreeEnsembleClassifier", whole, 3, stump(
        nodes_values_as_tensor=tensor([1, 0, 0], np.float32), class_weights_as_tensor=tensor([0.7, 0.3, 0.6, 0.4], np.float32), **classes))
    # Exporters write the largest double for a comparison that all numbers pass.
    beyond = stump(target_weights=[1.1, 2.2], **regressor)
    case("a threshold beyond all numbers", "TreeEnsembleRegressor", close.astype(np.float32), 3, {**beyond, "nodes_values": [float("inf"), 0, 0]})
    refuse("a comparison with infinity", "not finite", "TreeEnsembleRegressor", close.astype(np.float32), 3, {
        **beyond, "nodes_modes": ["BRANCH_LT", "LEAF", "LEAF"], "nodes_values": [float("inf"), 0, 0]})

    # The operator of ai.onnx.ml 5: leaves stand beside the nodes.
    rows = [[0.4, 0.05], [0.4, 0.1], [0.6, 0], [-1, 0.2], [0.5, 0.1]]
    tree = dict(
        nodes_featureids=[0, 1, 0], nodes_splits=[0.5, 0.1, -1], nodes_modes=[0, 1, 4], nodes_truenodeids=[1, 0, 3],
        nodes_falsenodeids=[2, 1, 2], nodes_trueleafs=[0, 1, 1], nodes_falseleafs=[0, 1, 1], leaf_targetids=[0, 1, 0, 1],
        leaf_weights=[1.1, 2.2, 3.3, 4.4], tree_roots=[0], n_targets=2)

    def five(label, x, by="both", **more):
        case(label, "TreeEnsemble", x, 5, lists(x, {**tree, **more}), by)

    def no_five(label, reason, x, **more):
        attributes = {name: value for name, value in {**tree, **more}.items() if value is not None}
        refuse(label, reason, "TreeEnsemble", x, 5, lists(x, attributes))

    single = np.float32(rows)
    five("nodes and leaves", single)
    five("nodes and leaves of doubles", np.float64(rows))
    # onnxruntime has no kernel for these.
    five("nodes and leaves of halves", np.float16(rows), by="reference")
    five("a leaf of several nodes", single, nodes_truenodeids=[1, 0, 3], nodes_falsenodeids=[2, 1, 0])
    five("a node whose branches are one leaf", single, nodes_truenodeids=[1, 2, 3], nodes_falsenodeids=[2, 2, 0])
    # ONNX's own reference takes the leaf with the root's number.
    five("a tree that is a leaf", single, by="onnxruntime", nodes_featureids=[0, 1, 0, 0], nodes_splits=[0.5, 0.1, -1, 0], nodes_modes=[0, 1, 4, 0],
         nodes_truenodeids=[1, 0, 3, 2], nodes_falsenodeids=[2, 1, 2, 2], nodes_trueleafs=[0, 1, 1, 1], nodes_falseleafs=[0, 1, 1, 1],
         tree_roots=[3, 0])
    for code, label in ((0, "average"), (1, "sum"), (2, "smallest"), (3, "largest")):
        five(f"the {label} of two trees", single, nodes_truenodeids=[0, 0, 3], nodes_trueleafs=[1, 1, 1], nodes_falsenodeids=[2, 1, 2],
             tree_roots=[0, 1], leaf_targetids=[0] * 4, n_targets=1, aggregate_function=code)
    sets = dict(
        nodes_featureids=[0, 1, 0], nodes_splits=[0, 0.1, 0], nodes_modes=[6, 1, 6], nodes_truenodeids=[1, 0, 2],
        nodes_falsenodeids=[2, 1, 3], leaf_targetids=[0] * 4, leaf_weights=[1, 2, 3, 4], n_targets=1)
    asked = np.float32([[1, 0], [2, 0], [3, 0], [0, 0], [1.5, 0], [7, 0], [-1, 0], [100, 0]])
    five("members", asked, **sets, membership_values=[1, 2, 1.5, NAN, 3, 7, 7, NAN])
    # ONNX's own reference ends a list at 0, and reads the lists in the order in which it visits the nodes.
    five("members, 0 among them", asked, by="onnxruntime", **sets, membership_values=[0, 1, 2, NAN, 3, 7, 100, -1, NAN])
    five("members in the order of the nodes", asked, by="onnxruntime", **{
        **sets, "nodes_modes": [1, 6, 6], "nodes_splits": [50, 0, 0], "nodes_featureids": [0] * 3, "nodes_truenodeids": [2, 0, 2],
        "nodes_falsenodeids": [1, 1, 3]}, membership_values=[1, 2, NAN, 100, 7, NAN])
    lacking = np.float32([[NAN, NAN], [NAN, 0.2], [0.4, NAN], [-1, NAN], [0.6, 1]])
    for mode in range(6):
        for tracks in ([0, 0, 0], [1, 0, 1]):
            five(f"missing numbers by mode {mode}, {tracks}", lacking, nodes_modes=[mode] * 3, nodes_missing_value_tracks_true=tracks)
    for tracks in ([0, 0, 0], [0, 0, 1], [1, 1, 0]):
        five(f"missing members, {tracks}", np.vstack([asked, np.float32([[NAN, 0], [NAN, NAN]])]), **sets,
             membership_values=[1, 2, 1.5, NAN, 3, 7, NAN], nodes_missing_value_tracks_true=tracks)

    wrong = "membership_values has not one list"
    no_five("too few lists of members", wrong, asked, **sets, membership_values=[1, 2, NAN])
    no_five("too many lists of members", wrong, asked, **sets, membership_values=[1, NAN, 2, NAN, 3, NAN])
    no_five("members without an end", wrong, asked, **sets, membership_values=[1, 2, NAN, 3])
    no_five("no members", wrong, asked, **sets)
    no_five("a list without members", "a list without members", asked, **sets, membership_values=[NAN, 3, NAN])
    no_five("a node of two branches", "lead to one node", single, nodes_truenodeids=[1, 0, 0], nodes_falsenodeids=[1, 1, 0])
    no_five("a node of itself", "lead to one node", single, nodes_truenodeids=[0, 0, 0])
    no_five("a root twice", "lead to one node", single, tree_roots=[0, 0])
    no_five("a node of no tree", "no root leads to one of its nodes", single, tree_roots=[1])
    no_five("a branch to nowhere", "a branch leads nowhere", single, nodes_falsenodeids=[3, 1, 2])
    no_five("a leaf that is none", "a branch leads nowhere", single, nodes_falsenodeids=[2, 4, 2])
    no_five("a root that is none", "a tree has no root", single, tree_roots=[3])
    no_five("a target that is none", "for no target", single, leaf_targetids=[0, 1, 0, 2])
    no_five("another mode", "unknown mode 7", single, nodes_modes=[0, 1, 7])
    no_five("another aggregation", "unknown aggregate_function 4", single, aggregate_function=4)
    no_five("a transformation", "post_transform is not supported", single, post_transform=1)
    no_five("no number of targets", "n_targets is missing", single, n_targets=None)
    no_five("lists of nodes that differ", "different lengths", single, nodes_featureids=[0, 1])
    no_five("a feature that is none", "outside 2 features", single, nodes_featureids=[0, 2, 0])
    refuse("tensors of another type", "nodes_splits is a tensor of float32, not of double", "TreeEnsemble", np.float64(rows), 5,
           lists(single, tree))

    path = pathlib.Path(__file__).parent / "trees.json"
    path.write_text(json.dumps({"cases": cases, "refused": refused}, indent=0, separators=(",", ":")) + "\n")
    print(f"{len(cases)} cases, {len(refused)} refused, {path.stat().st_size} bytes")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--random", type=int)
    parser.add_argument("--evaluator")
    options = parser.parse_args()
    if options.random:
        raise SystemExit(random_main(options.random, options.evaluator))
    main()
