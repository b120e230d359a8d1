#!/usr/bin/env python3
"""Compares this product with the ONNX project's own node tests and, on random graphs, with onnxruntime.

    conformance.py --evaluator BIN [--jobs N] [--filter TEXT] [--seeds FIRST COUNT] [--log FILE] [--write docs/conformance.md]

A run that was interrupted goes on from its log where evaluator and scripts are the same; what failed is run again.
Every case is right, refused for one of the reasons of REASONS, or wrong; wrong, a crash, a timeout and an unknown reason are failures.
The reference is held to what an element type can distinguish, the integer program to TOLERANCE; integers and truth values must be equal.
"""
import argparse
import collections
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import warnings

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper

import fuzzer

warnings.filterwarnings("ignore")

TOLERANCE = 1e-3
# Units in the last place that the reference may be away from a test's numbers, which are not rounded exactly themselves.
ULPS = 64
# Seconds of processor time for a case, whatever else the machine does; and seconds after which nothing comes any more.
TIMEOUT = 60
PATIENCE = 1800

# Why a case may be refused, by what the refusal says; the first that fits counts.
REASONS = [
    ("inputs or outputs that are texts, sequences, maps or optional", r"is no tensor of numbers|a text|texts|no numbers"),
    ("element types of 8-bit floats and others that are not supported", r"element type \d+ is not supported"),
    ("operators that are not supported: sequences, random numbers, results whose shapes depend on values", r"unsupported operator"),
    ("input numbers that are not finite, which no program takes", r"is not a finite number|neither JSON|may be missing \(NaN\)|has no finite result"),
    ("nothing left to prove: no elements", r"nothing is left to prove|has no elements|it has no inputs"),
    ("random numbers", r"random numbers"),
    ("operator sets before 7", r"operator set \d+ is not supported"),
    ("control flow that depends on values", r"depends on values|branches give other shapes"),
    ("a form of the operator that is not supported", r"(is|are) not supported|no tensor of numbers|must be constant|more than \d+ keys|integers of at most 32 bits|would be an error"),
    ("extremes and logarithms of nothing, which are no finite numbers", r"it reduces nothing"),
    ("results that are not finite", r"of \S+ is not finite"),
    ("integers beyond 64 bits in the program", r"does not fit 64 bits"),
    ("numbers outside the range of the program", r"leaves its range|outside the quantised range|never lie in the declared range"),
    ("no precision within the limits is accurate enough", r"no precision keeps|further apart than|whole numbers may not differ|elements beyond it"),
    ("inputs of more elements than a circuit hashes", r"cannot be cut into circuits|multiplications (by constants )?that a"),
]


def say(text):
    print(text, flush=True)


def seconds_of(process):
    """Processor time that a process has taken; 0 once it is gone."""
    try:
        with open(f"/proc/{process}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
    except OSError:
        return 0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Log:
    """Verdicts as JSON lines after a line that says what they are of; those of another build are not taken."""

    def __init__(self, path):
        self.known, self.file = {}, None
        if not path:
            return
        head = {"onnx": onnx.__version__}
        sources = [options.evaluator] + [os.path.join(os.path.dirname(__file__), x) for x in ("conformance.py", "fuzzer.py")]
        for source in sources:
            with open(source, "rb") as file:
                head[os.path.basename(source)] = hashlib.sha256(file.read()).hexdigest()
        lines = []
        if os.path.exists(path):
            with open(path) as file:
                lines = [line for line in file if line.endswith("\n")]
        if lines and json.loads(lines[0]) == head:
            self.known = {name: (verdict, detail) for name, verdict, detail in map(json.loads, lines[1:])}
        # What failed is run again.
        self.known = {name: found for name, found in self.known.items() if is_fine(found)}
        self.file = open(path, "w")
        for line in [head] + [[name, *found] for name, found in self.known.items()]:
            self.file.write(json.dumps(line) + "\n")
        self.file.flush()

    def add(self, name, found):
        if self.file:
            self.file.write(json.dumps([name, *found]) + "\n")
            self.file.flush()


def is_fine(found):
    """Whether a verdict is none of those that fail the run."""
    verdict, detail = found
    return verdict in ("right", AS_RUNTIME) or verdict == "refused" and reason(detail) is not None


class Evaluator:
    """One process of the product's evaluator, started again after a crash."""

    def __init__(self, binary):
        self.binary, self.process = binary, None

    def ask(self, request, timeout=TIMEOUT):
        if self.process is None or self.process.poll() is not None:
            self.process = subprocess.Popen(
                [self.binary], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        late, done = [], threading.Event()
        process, before, start = self.process, seconds_of(self.process.pid), time.time()

        def watch():
            while not done.wait(1):
                if seconds_of(process.pid) - before > timeout or time.time() - start > PATIENCE:
                    late.append(True)
                    process.kill()
                    return

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        done.set()
        watcher.join()
        if line:
            return json.loads(line)
        self.process.wait()
        self.process = None
        return {"crash": "timeout" if late else "trap"}


def plain(array):
    """An array as JSON numbers that lose nothing."""
    if array.dtype == np.bool_:
        array = array.astype(np.int64)
    if not np.issubdtype(array.dtype, np.integer):
        array = array.astype(np.float64)
    return array.tolist()


def expected_type(value):
    kind = value.type.tensor_type.elem_type
    names = {TensorProto.FLOAT: "float32", TensorProto.DOUBLE: "double"}
    return names.get(kind, TensorProto.DataType.Name(kind).lower())


EPSILON = {"float32": 2.0**-23, "double": 2.0**-40, "float16": 2.0**-10, "bfloat16": 2.0**-7}


def differs(kind, found, expected, program):
    """What is wrong with an output's elements; None if nothing is."""
    expected = np.asarray(expected)
    if len(found) != expected.size:
        return f"{len(found)} elements, {expected.size} expected"
    if kind not in EPSILON:
        exact = [int(x) for x in expected.reshape(-1).tolist()]
        given = [int(float(x)) if program else (int(x) if re.fullmatch(r"-?\d+", x) else x) for x in found]
        if program and any(abs(x) > 1 << 53 for x in exact):
            exact = [int(float(x)) for x in exact]
        for index, (x, y) in enumerate(zip(given, exact)):
            if x != y:
                return f"element {index} is {x}, not {y}"
        return None
    wanted = expected.astype(np.float64).reshape(-1)
    given = np.array([float(x) for x in found])
    scale = np.maximum(np.abs(wanted), 1 if program else 0)
    if program:
        limit = TOLERANCE * scale
        limit = np.maximum(limit, ULPS * EPSILON[kind] * scale) if kind == "bfloat16" else limit
    else:
        largest = np.max(np.abs(wanted), initial=0)
        limit = ULPS * EPSILON[kind] * np.maximum(scale, min(1.0, largest) if largest else 1e-7)
    wrong = ~((given == wanted) | (np.abs(given - wanted) <= limit))
    if wrong.any():
        index = int(np.argmax(wrong))
        return f"element {index} is {given[index]!r}, not {wanted[index]!r}"
    return None


def judge(answer, outputs):
    """The verdict on one answer: (right | refused | wrong | trap | timeout, detail)."""
    if "crash" in answer:
        return answer["crash"], ""
    found = answer.get("outputs") or []
    for place, output in enumerate(found):
        name, kind, shape, expected = outputs[place]
        if output["type"] != kind:
            return "wrong", f"{name} is of type {output['type']}, not {kind}"
        if output["shape"] != list(shape):
            return "wrong", f"{name} has shape {output['shape']}, not {list(shape)}"
        problem = differs(kind, output["reference"], expected, program=False)
        if problem:
            return "wrong", f"reference: {name}: {problem}"
        if output.get("program") is not None:
            problem = differs(kind, output["program"], expected, program=True)
            if problem:
                return "wrong", f"program: {name}: {problem}"
    if answer.get("refusal"):
        return "refused", answer["refusal"]
    return "right", ""


def node_cases(pattern):
    from onnx.backend.test.case.node import collect_testcases

    for case in collect_testcases(""):
        if "expanded" in case.name or (pattern and not re.search(pattern, case.name)):
            continue
        yield case


def run_node_case(case, evaluator, folder):
    model = case.model
    constants = {tensor.name for tensor in model.graph.initializer}
    names = [value.name for value in model.graph.input if value.name not in constants]
    kinds = [value.type.WhichOneof("value") for value in list(model.graph.input) + list(model.graph.output)]
    if any(kind != "tensor_type" for kind in kinds):
        return "refused", "an input or output is no tensor of numbers"
    model_path, input_path = os.path.join(folder, "model.onnx"), os.path.join(folder, "input.json")
    with open(model_path, "wb") as file:
        file.write(model.SerializeToString())
    verdict = ("right", "")
    for inputs, outputs in case.data_sets:
        given = []
        for value in inputs:
            if isinstance(value, TensorProto):
                value = numpy_helper.to_array(value)
            given.append(np.asarray(value))
        if any(value.dtype.kind in "OUS" for value in given):
            return "refused", "an input is a text"
        with open(input_path, "w") as file:
            json.dump({"input_data": {name: plain(value) for name, value in zip(names, given)}}, file)
        wanted = []
        for port, value in zip(model.graph.output, outputs):
            if isinstance(value, TensorProto):
                value = numpy_helper.to_array(value)
            wanted.append((port.name, expected_type(port), np.asarray(value).shape, value))
        answer = evaluator.ask({"model": model_path, "input": input_path})
        verdict = judge(answer, wanted)
        if verdict[0] == "wrong":
            found = by_runtime(model, names, given)
            if found and judge(answer, [(n, k, v.shape, v) for (n, k, _, _), v in zip(wanted, found)])[0] == "right":
                verdict = (AS_RUNTIME, verdict[1])
        if verdict[0] != "right":
            return verdict
    return verdict


AS_RUNTIME = "as onnxruntime"


def by_runtime(model, names, given):
    """What onnxruntime makes of a case; None if it cannot run it."""
    try:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        return [np.asarray(x) for x in session.run(None, dict(zip(names, given)))]
    except Exception:
        return None


def reason(text):
    for name, pattern in REASONS:
        if re.search(pattern, text):
            return name
    return None


def parallel(items, jobs, run, name):
    """run(item, evaluator, folder) for all items on several threads; results in order, and in the log as they come."""
    items = list(items)
    results = [None] * len(items)
    lock = threading.Lock()
    queue = iter(range(len(items)))

    def work():
        evaluator = Evaluator(options.evaluator)
        with tempfile.TemporaryDirectory() as folder:
            while True:
                with lock:
                    index = next(queue, None)
                if index is None:
                    break
                label = name(items[index])
                if label in log.known:
                    results[index] = log.known[label]
                    continue
                try:
                    results[index] = run(items[index], evaluator, folder)
                except Exception as error:  # a fault of this script is a failure of the case, not the end of the run
                    results[index] = ("wrong", f"conformance.py: {type(error).__name__}: {error}")
                with lock:
                    log.add(label, results[index])
        if evaluator.process:
            evaluator.process.stdin.close()
            evaluator.process.wait()

    threads = [threading.Thread(target=work) for _ in range(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return list(zip(items, results))


def report(title, results, names):
    """Prints the failures; gives counts of verdicts and reasons, and whether all is well."""
    counts, reasons, failures = collections.Counter(), collections.Counter(), []
    for item, (verdict, detail) in results:
        known = reason(detail) if verdict == "refused" else None
        if verdict == "refused" and known is None:
            failures.append((names(item), "refused for an unknown reason", detail))
            verdict = "refused for an unknown reason"
        elif verdict == "refused":
            reasons[known] += 1
        elif verdict not in ("right", AS_RUNTIME):
            failures.append((names(item), verdict, detail))
        counts[verdict] += 1
    for name, verdict, detail in failures:
        say(f"{name}: {verdict}: {detail[:300]}")
    say(f"{title}: " + ", ".join(f"{count} {verdict}" for verdict, count in counts.most_common()))
    return counts, reasons, not failures


def commit():
    """The commit of the checkout, and whether what is tested differs from it."""

    def git(*arguments):
        found = subprocess.run(["git", *arguments], capture_output=True, text=True)
        return found.stdout.strip() if found.returncode == 0 else ""

    changes = " with changes" if git("status", "--porcelain", "--", "Sources", "Tests/Conformance") else ""
    return f"commit {git('rev-parse', '--short=10', 'HEAD') or 'unknown'}{changes}"


def page(node, reasons, fuzz):
    total = sum(node.values())
    lines = [
        "# Conformance",
        "",
        f"Made by `make conformance` of {commit()}; `Tests/Conformance` is how.",
        "",
        f"The {total} node tests of the ONNX project (PyPI `onnx` {onnx.__version__}, `onnx.backend.test.case.node`, without the twins",
        "whose operators are expanded into functions), each evaluated by the reference and by the integer program that would be proven,",
        "and cut into circuits. Integers, truth values and labels must be equal; the reference's floats must agree to what their type",
        "distinguishes, the integer program's within 1e-3, absolute or relative above 1.",
        "",
        "| verdict | cases |",
        "| --- | --- |",
        f"| right | {node['right']} |",
        f"| as onnxruntime, which gives other numbers than the test | {node[AS_RUNTIME]} |",
        f"| refused, for a reason of the next table | {node['refused']} |",
        f"| wrong, trapped, or over a minute of processor time | {total - node['right'] - node[AS_RUNTIME] - node['refused']} |",
        "",
        "| refused because of | cases |",
        "| --- | --- |",
    ]
    lines += [f"| {name} | {count} |" for name, count in reasons.most_common()]
    if fuzz:
        lines += ["", "Random graphs over all operators and types against onnxruntime: " +
                  ", ".join(f"{count} {verdict}" for verdict, count in fuzz.most_common()) + "."]
    return "\n".join(lines) + "\n"


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--evaluator", required=True)
parser.add_argument("--jobs", type=int, default=os.cpu_count())
parser.add_argument("--filter", help="only node tests whose names match")
parser.add_argument("--seeds", type=int, nargs=2, metavar=("FIRST", "COUNT"), help="random graphs to compare")
parser.add_argument("--no-node-tests", action="store_true")
parser.add_argument("--write", help="the page to write")
parser.add_argument("--log", help="verdict and detail of every case, as JSON lines; a run of the same build goes on from it")
options = parser.parse_args()

start = time.time()
log = Log(options.log)
good, node, reasons, fuzz = True, collections.Counter(), collections.Counter(), None
results = []
if not options.no_node_tests:
    results = parallel(node_cases(options.filter), options.jobs, run_node_case, lambda case: case.name)
    node, reasons, good = report("node tests", results, lambda case: case.name)
if options.seeds:
    first, count = options.seeds
    results = parallel(
        range(first, first + count), options.jobs, fuzzer.runner(judge, plain), lambda seed: f"seed {seed}")
    fuzz, _, fine = report("random graphs", results, lambda seed: f"seed {seed}")
    good = good and fine
if options.write and not options.filter:
    with open(options.write, "w") as file:
        file.write(page(node, reasons, fuzz))
say(f"{time.time() - start:.0f} s")
sys.exit(0 if good else 1)
