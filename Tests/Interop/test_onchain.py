"""The on-chain package, judged by snarkVM: its parser and type checker, its fees, its Poseidon."""
import functools
import json
import unittest

import prover
import snarkvm
from snarkvm import net

EXAMPLES = prover.ROOT / "examples"
# An execution's own proof (one circuit, one instance), which unproven executions and fees lack.
PROOF = 957


class Package:
    """A model's proof under the ceremony's powers, and what `export aleo` made of it."""

    def __init__(self, model, *options, export=("--transport", "bytes", "--max-calls", "1")):
        self.folder = prover.folder() / ("package-%s-%d" % (model, abs(hash((options, export))) % 10**9))
        self.folder.mkdir()
        document = self.folder / "proof.json"
        prover.command("submit", EXAMPLES / (model + ".onnx"), "--input", EXAMPLES / (model + "_input.json"),
                       "--target", "aleo-mainnet", "--srs", prover.SRS, "--to", prover.coordinator(), "--home",
                       prover.home(), "--out", document, *options)
        self.document = json.loads(document.read_text())
        prover.command("export", "aleo", document, "--model", EXAMPLES / (model + ".onnx"), "--home", prover.home(),
                       "--out", self.folder / "package", "--own", *export)
        read = (self.folder / "package").joinpath
        self.source = read("main.aleo").read_text()
        self.summary = json.loads(read("summary.json").read_text())
        self.libraries = [read(library["program"]).read_text() for library in self.summary["cost"]["libraries"]]
        self.calls = [json.loads(read(name + ".json").read_text()) for name in self.summary["functions"]]
        self.call = self.calls[0]
        self.input = json.loads((EXAMPLES / (model + "_input.json")).read_text())["input_data"]

    @functools.cached_property
    def process(self):
        """A process that has parsed the program and checked its types."""
        process = net.Process.load()
        for source in [*self.libraries, self.source]:
            process.add_program(net.Program.from_source(source))
        return process

    def input_types(self):
        """The types of the inputs of the function that takes the proofs."""
        return net.Program.from_source(self.source).get_function_inputs(self.call["function"])

    def authorize(self, function, inputs):
        return self.process.authorize(
            net.PrivateKey.from_string(snarkvm.PRIVATE_KEY), net.ProgramID.from_string(self.summary["program"]),
            net.Identifier.from_string(function), [net.Value.parse(text) for text in inputs])

    def commitment(self, *extra):
        """What `commit_input` computes for the model's input."""
        opening, values = self.summary["openings"][0], self.input[0]
        bits, scale, offset = opening["bitWidth"], opening["scale"], opening["offset"]
        packed = ["%du%d" % (round(value * scale) - offset, bits) for value in values]
        arrays = []
        for count in opening["arrays"]:
            arrays.append("[%s]" % ", ".join(packed[:count]))
            packed = packed[count:]
        authorization = self.authorize(opening["function"], arrays + list(extra))
        transition = authorization.transitions()[0]
        account = net.Account.from_private_key(net.PrivateKey.from_string(snarkvm.PRIVATE_KEY))
        open_text = transition.decrypt_transition(transition.tvk(account.view_key)).to_json()
        return int(json.loads(open_text)["outputs"][0]["value"].removesuffix("field"))


@functools.cache
def package(model, *options, **export):
    return Package(model, *options, **export)


@functools.cache
def cut(chunks, models, *options):
    """A package of exactly so many chunks: of the first of these models that some limit divides so."""
    for model in models:
        for size in range(11, 16):
            words = ("--max-constraints", str(1 << size), "--workers", "2", *options)
            status, text = prover.command(
                "plan", EXAMPLES / (model + ".onnx"), "--input", EXAMPLES / (model + "_input.json"), "--target",
                "aleo-mainnet", "--srs", prover.SRS, "--to", prover.coordinator(), "--home", prover.home(), "--json",
                *words, expect=None)
            if status == 0 and len(json.loads(text)["chunks"]) == chunks:
                return package(model, *words)
    raise AssertionError("no example can be cut into %d chunks" % chunks)


BLOCKS, ALL = ("repeated_blocks",), ("digits_mlp", "digits_cnn", "repeated_blocks")


class OnChain(unittest.TestCase):
    """Models of one, three and eight chunks, and the example of `make demo`."""

    def check(self, made, chunks=None):
        if chunks is not None:
            self.assertEqual(len(made.document["chunks"]), chunks)
        cost = made.summary["cost"]
        authorization = made.authorize(made.call["function"], made.call["inputs"])
        execution = net.Execution.from_authorization_unproven(authorization, snarkvm.STATE_ROOT)
        size = len(execution.bytes())
        self.assertEqual(cost["executionBytes"], size + PROOF)
        _, (storage, finalize) = made.process.execution_cost(execution)
        self.assertEqual(cost["finalizeMicrocredits"], finalize)
        self.assertEqual(storage, size if size <= 5000 else size * size // 5000)
        proven = size + PROOF
        self.assertEqual(cost["storageMicrocredits"], proven if proven <= 5000 else proven * proven // 5000)
        key = net.PrivateKey.from_string(snarkvm.PRIVATE_KEY)
        fee = net.Fee.from_authorization_unproven(
            made.process.authorize_fee_public(key, cost["totalMicrocredits"], 0, execution.execution_id),
            snarkvm.STATE_ROOT)
        transaction = net.Transaction.from_execution(execution, fee)
        self.assertEqual(cost["transactionBytes"], len(transaction.bytes()) + 2 * PROOF)
        self.assertEqual(cost["programCharacters"], len(made.source))
        for group, content in zip(cost["groups"], made.document["groups"]):
            operands = 673 * group["circuits"] + 1 + len(content["proof"]) // 2
            operands += 32 * group["circuits"] * group["instances"] * group["publicInputs"]
            self.assertEqual(group["instructionMicrocredits"], (100_000 + 50 * operands) // 25)
        for measure in cost["limits"]:
            self.assertLessEqual(measure["value"], measure["limit"], measure["name"])
        # Nothing but that the settings, which the outcome records, were not pinned.
        for warning in made.summary["warnings"]:
            self.assertIn("the settings " + made.document["plan"]["settings"] + " were not pinned", warning)

    def test_committed_weights(self):
        """weights behind commitments: the call brings them, the program records them"""
        made = package("stacked_blocks", "--max-constraints", "16384", "--workers", "2")
        self.check(made)
        commitments = [c for tensor in made.document["parameters"] for c in tensor["commitments"]]
        self.assertEqual(made.summary["parameters"], [c["value"] for c in commitments])
        self.assertIn("parameters as [field; %du32];" % len(commitments), made.source)
        for commitment in commitments:
            self.assertIn(commitment["value"] + "field", made.call["inputs"][0])

    def test_packed_and_divided(self):
        """packed proofs in one call and in several: programs with their libraries, every call's fees and sizes"""
        for export in (("--max-calls", "1"), ("--transport", "inline", "--max-microcredits", "100000")):
            made = package("repeated_blocks", "--max-constraints", "4096", "--workers", "2", export=export)
            self.assertEqual(len(made.calls), 1 if "1" in export else 3)
            for cost, call in zip(made.summary["cost"]["calls"], made.calls):
                execution = net.Execution.from_authorization_unproven(
                    made.authorize(call["function"], call["inputs"]), snarkvm.STATE_ROOT)
                self.assertEqual(cost["executionBytes"], len(execution.bytes()) + PROOF)
                _, (_, finalize) = made.process.execution_cost(execution)
                self.assertEqual(cost["finalizeMicrocredits"], finalize)

    def test_one_chunk(self):
        """one chunk: program, call, fees and sizes"""
        self.check(cut(1, ALL, "--input-visibility", "hashed"), 1)

    def test_three_chunks(self):
        """three chunks: program, call, fees and sizes"""
        self.check(cut(3, ALL), 3)

    def test_eight_chunks(self):
        """eight chunks of equal blocks: program, call, fees and sizes"""
        made = cut(8, BLOCKS)
        self.check(made, 8)
        counts = [len(circuit) for group in made.document["groups"] for circuit in group["public_inputs"]]
        self.assertGreaterEqual(max(counts), 4)

    def test_demo(self):
        """the example of make demo, cut as there and whole: program, call, fees and sizes"""
        self.check(package("digits_cnn", "--workers", "2", "--max-constraints", "8192"))
        self.check(package("digits_cnn", "--workers", "2"))

    def test_input_commitment(self):
        """commit_input computes the circuit's public input"""
        made = cut(1, ALL, "--input-visibility", "hashed")
        bound = made.document["inputs"][0]["commitments"][0]
        group, circuit, instance, index = bound["positions"][0]
        public_input = made.document["groups"][group]["public_inputs"][circuit][instance][index]
        self.assertEqual(made.commitment(), int(public_input))
        made.input[0][3] += 0.25
        self.assertNotEqual(made.commitment(), int(public_input))
        made.input[0][3] -= 0.25

    def test_salted_commitment(self):
        """commit_input hashes a salt in front of the packed input"""
        made = cut(8, BLOCKS)
        opening, salt = made.summary["openings"][0], 1 << 251 | 12345
        self.assertTrue(opening["salted"])
        bits = sum((round(value * opening["scale"]) - opening["offset"]) << (opening["bitWidth"] * place)
                   for place, value in enumerate(made.input[0]))
        pieces = [salt]
        for _ in range(0, opening["bitWidth"] * len(made.input[0]), 252):
            pieces.append(bits % (1 << 252))
            bits >>= 252
        fields = [net.Field.from_string("%dfield" % piece) for piece in pieces]
        expected = str(net.Poseidon8().hash(fields))
        self.assertEqual("%dfield" % made.commitment("%dfield" % salt), expected)

    def test_other_keys(self):
        """a caller has no input for a verifying key, and the program holds those of the document"""
        made = cut(8, BLOCKS)
        for group in made.document["groups"]:
            for key in group["verifying_keys"]:
                literals = " ".join("%du8" % byte for byte in bytes.fromhex(key))
                self.assertIn("cast %s into" % literals, made.source)
        self.assertNotIn("673", json.dumps(made.input_types()))


if __name__ == "__main__":
    unittest.main()
