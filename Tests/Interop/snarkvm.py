"""snarkVM as a judge of foreign proofs, and as a prover of its own.

The SDK has no call "verify this proof for this key and these inputs"; it verifies executions. A *template* is an
execution without a proof: its transitions fix the public inputs. Circuits of our own, with exactly these public
inputs, are proven by the prover under test; their keys replace those of the template's functions, and the process
verifies the execution with the foreign proof. The bodies of the functions are never synthesised.

What such a verification binds beside keys, public inputs and proof: the call graph, the ids of inputs, outputs and
transitions, one scm for all transitions. Limits: fewer than 32 transitions, at least 8 public inputs, and the root
of the call graph is always a circuit with one instance.
"""
import contextlib
import http.server
import json
import multiprocessing
import os

import bech32m
from field import group_from_x

os.environ.setdefault("RUST_BACKTRACE", "0")
from aleo import mainnet as net  # noqa: E402  (the variable has to be set before)

# The first mainnet height of each version of Varuna that an execution proof can have.
HEIGHTS = {2: 7_000_000, 3: 22_437_000}
STATE_ROOT = "sr1wjueje6hy86yw9j4lhl7jwvhjxwunw34paj4k3cn2wm5h5r2syfqd83yw4"       # well-formed; nothing checks more
PRIVATE_KEY = "APrivateKey1zkp8CZNn3yeCseEtxuVPbDCwSyhGW6yZKUYKfgXmcpoGPWH"        # a published development key
ROOT = "interop.aleo"


# ------------------------------------------------------------------------------------------- public inputs

def _number(literal):
    return int("".join(c for c in str(literal) if c.isdigit()))


def _input_ids(transition):
    ids = []
    for item in transition["inputs"]:
        ids += [_number(item["tag"]), _number(item["id"])] if item["type"] == "record" else [_number(item["id"])]
    return ids


def _output_ids(transition):
    return [_number(item["id"]) for item in transition["outputs"]]


def public_inputs(transition, callees=(), parent=None):
    """The public inputs of a transition as snarkVM rebuilds them before it verifies an execution:

        1, tpk.x, tpk.y, tcm, scm, input ids, 1 for the root or 0, address of the calling (or own) program (x, y),
        per callee its tcm, input ids and output ids, own output ids.
    """
    address = net.Address.from_program_id(parent or transition["program"])
    x = [1, *group_from_x(_number(transition["tpk"])), _number(transition["tcm"]), _number(transition["scm"])]
    x += _input_ids(transition) + [0 if parent else 1, *group_from_x(_number(address.to_group()))]
    for callee in callees:
        x += [_number(callee["tcm"])] + _input_ids(callee) + _output_ids(callee)
    return x + _output_ids(transition)


def public_inputs_by_program(execution):
    """Per program of an execution the public inputs of its transitions, in their order; the root is last."""
    *callees, root = execution["transitions"]
    x = {}
    for transition in callees:
        x.setdefault(transition["program"], []).append(public_inputs(transition, parent=root["program"]))
    x.setdefault(root["program"], []).append(public_inputs(root, callees=callees))
    return x


# ------------------------------------------------------------------------------------------- programs

def _function(inputs):
    return "\nfunction main:\n" + "".join("    input r%d as field.public;\n" % i for i in range(inputs))


def _leaf(name, inputs, outputs, salt):
    source = "program %s;\n" % name + _function(inputs)
    for i in range(max(outputs, 1)):
        source += "    add %dfield 0field into r%d;\n" % (salt + 100 * i, inputs + i)
    return source + "".join("    output r%d as field.public;\n" % (inputs + i) for i in range(outputs))


def _programs(batch, inputs, outputs):
    """Callees first, the root last: it calls program c `batch[c]` times."""
    if not batch:
        return [(ROOT, _leaf(ROOT, inputs, outputs, 1))]
    leaves = [("circuit%d.aleo" % c, _leaf("circuit%d.aleo" % c, inputs, outputs, c + 1)) for c in range(len(batch))]
    source = "".join("import %s;\n" % name for name, _ in leaves) + "\nprogram %s;\n" % ROOT + _function(inputs)
    operands, register = " ".join("r%d" % i for i in range(inputs)), inputs
    for (name, _), count in zip(leaves, batch):
        for _ in range(count):
            results = " ".join("r%d" % (register + i) for i in range(outputs))
            source += "    call %s/main %s%s;\n" % (name, operands, " into " + results if outputs else "")
            register += outputs
    return leaves + [(ROOT, source)]


def _locator(program):
    return net.ProgramID.from_string(program), net.Identifier.from_string("main")


def _process(programs):
    process = net.Process.load()
    for _, source in programs:
        process.add_program(net.Program.from_source(source))
    return process


def _authorize(process, inputs, first=7):
    values = [net.Value.parse("%dfield" % (first + i)) for i in range(inputs)]
    return process.authorize(net.PrivateKey.from_string(PRIVATE_KEY), *_locator(ROOT), values)


def _reason(error):
    return (str(error).splitlines() or [type(error).__name__])[0]


# ------------------------------------------------------------------------------------------- judging

class Template:
    """An execution without a proof: `x[program]` are the public inputs that proofs have to be about."""

    def __init__(self, batch=None, inputs=0, outputs=0, scm=None):
        self.programs = _programs(batch, inputs, outputs)
        authorization = _authorize(_process(self.programs), inputs)
        self.execution = json.loads(net.Execution.from_authorization_unproven(authorization, STATE_ROOT).to_json())
        if scm is not None:                                    # nothing but the proof binds this public input
            self.execution = self._with_scm(scm)
        self.x = public_inputs_by_program(self.execution)

    def _with_scm(self, scm):
        changed = json.loads(json.dumps(self.execution))
        for transition in changed["transitions"]:
            transition["scm"] = "%dfield" % scm
        return json.loads(net.Execution.from_json(json.dumps(changed)).to_json())

    def judge(self, keys, proof, version):
        """None if snarkVM accepts the proof for these keys {program: bytes} in this version, else why not."""
        process = _process(self.programs)
        # Malformed data may surface as a Rust panic, which is no Exception.
        try:
            for program, key in keys.items():
                process.insert_verifying_key(*_locator(program), net.VerifyingKey.from_bytes(key))
        except BaseException as error:
            return "key: " + _reason(error)
        try:
            text = json.dumps(dict(self.execution, proof=bech32m.encode("proof", proof)))
            execution = net.Execution.from_json(text)
        except BaseException as error:
            return "proof: " + _reason(error)
        try:
            process.verify_execution(execution, HEIGHTS[version])
        except BaseException as error:
            return _reason(error)
        return None


# ------------------------------------------------------------------------------------------- proving

class _Node(http.server.BaseHTTPRequestHandler):
    """What a prover asks a node for: a height and a state root."""

    def do_GET(self):
        body = (b'"%s"' % STATE_ROOT.encode()) if "stateRoot" in self.path else b"%d" % HEIGHTS[3]
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def _node():
    # In a process of its own: the SDK keeps the interpreter's lock while it waits for the answer.
    server = http.server.HTTPServer(("127.0.0.1", 0), _Node)
    process = multiprocessing.get_context("fork").Process(target=server.serve_forever, daemon=True)
    process.start()
    try:
        yield "http://127.0.0.1:%d" % server.server_port
    finally:
        process.terminate()
        process.join()
        server.server_close()


class Execution:
    """An execution that snarkVM proved: `keys[program]`, `x[program]`, `proof`."""

    def __init__(self, process, programs, execution):
        data = json.loads(execution.to_json())
        self.x = public_inputs_by_program(data)
        self.keys = {name: bytes(process.get_verifying_key(*_locator(name)).bytes()) for name, _ in programs}
        self.proof = bech32m.decode(data["proof"])[1]


def prove(versions, batch=None, inputs=1, outputs=1):
    """Executes the programs and proves the execution in each version: {version: Execution}.

    Needs the ceremony's powers up to 2^16 in $HOME/.aleo/resources, or a network to fetch them from.
    """
    programs = _programs(batch, inputs, outputs)
    process = _process(programs)
    _, trace = process.execute(_authorize(process, inputs))
    with _node() as url:
        trace.prepare(net.Query.rest(url))
    return {version: Execution(process, programs, trace.prove_execution(ROOT + "/main", HEIGHTS[version]))
            for version in versions}
