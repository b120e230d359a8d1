"""The circuits of a model, looked at from outside."""
import functools
import json
import random
import unittest

import cases
import iden3
import prover
import snarkvm
from field import R

MODEL = prover.ROOT / "examples/digits_cnn.onnx"
INPUT = prover.ROOT / "examples/digits_cnn_input.json"
OPTIONS = ("--input", INPUT, "--workers", 2, "--srs", prover.SRS)


@functools.cache
def exported():
    """[(file, circuit, witnesses)] of the model's plan."""
    out = prover.folder() / "model"
    written = json.loads(prover.command(
        "export", "r1cs", MODEL, *OPTIONS, "--home", prover.home(), "--out", out, "--json"))
    return [(out / entry["circuit"], iden3.read_circuit((out / entry["circuit"]).read_bytes()),
             [iden3.read_witness((out / name).read_bytes()) for name in entry["witnesses"]]) for entry in written]


class Exported(unittest.TestCase):
    def test_the_keys_are_those_of_the_proof(self):
        out = prover.folder() / "model-proof.json"
        prover.command("submit", MODEL, *OPTIONS, "--to", prover.coordinator(), "--home", prover.home(), "--out", out)
        document = json.loads(out.read_text())
        self.assertEqual(document["srs"]["kind"], "mainnet")
        proven = {key for group in document["groups"] for key in group["verifying_keys"]}
        indexed = {json.loads(prover.command(
            "index-r1cs", file, "--srs", prover.SRS, "--home", prover.home(), "--json"))["key"]
            for file, _, _ in exported()}
        self.assertEqual(proven, indexed)

    def test_every_constraint_holds(self):
        for file, circuit, witnesses in exported():
            for witness in witnesses:
                self.assertEqual(len(witness), circuit.wires)
                self.assertIsNone(circuit.violated(witness), file.name)

    def test_no_wire_is_free(self):
        """Any single other value anywhere violates a constraint."""
        for file, circuit, witnesses in exported():
            rows_of = {}
            for row in circuit.rows:
                for part in row:
                    for wire in part:
                        rows_of.setdefault(wire, set()).add(id(row))
            rows = {id(row): row for row in circuit.rows}
            witness = list(witnesses[0])
            source = random.Random(file.name)
            for wire in range(1, circuit.wires):
                honest = witness[wire]
                witness[wire] = source.choice([0, 1, honest + 1, honest - 1, source.randrange(R)]) % R
                if witness[wire] == honest:
                    witness[wire] = (honest + 1) % R
                touched = [rows[key] for key in rows_of.get(wire, ())]
                self.assertIsNotNone(
                    iden3.Circuit(circuit.wires, 0, 0, 0, touched).violated(witness),
                    "%s: wire %d" % (file.name, wire))
                witness[wire] = honest

    def test_snarkvm_accepts_a_proof_of_the_circuits(self):
        """snarkVM fixes the public inputs, so the circuits get those before their own, which become private."""
        circuits = exported()
        batch = [len(witnesses) for _, _, witnesses in circuits]
        template = snarkvm.Template(batch)
        jobs = []
        for x, (_, circuit, witnesses) in zip(template.x.values(), circuits):
            jobs.append((rehomed(circuit, len(x[0]) - 1),
                         [[1] + values[1:] + witness[1:] for values, witness in zip(x, witnesses)]))
        root, solve = iden3.random_circuit(
            iden3.Shape(len(template.x[snarkvm.ROOT][0]) - 1, *cases.SMALL), "root")
        jobs.append((root, [solve(template.x[snarkvm.ROOT][0][1:])]))
        document = prover.Job(jobs).prove()
        keys = {list(template.x)[number]: key for number, key in document.keys().items()}
        self.assertIsNone(template.judge(keys, document.proof, 3))
        self.assertIsNone(document.verify())


def rehomed(circuit, public):
    """The circuit behind other public inputs that occur in no constraint; its own become private."""
    def moved(part):
        return {wire + public if wire else 0: coefficient for wire, coefficient in part.items()}

    rows = [tuple(moved(part) for part in row) for row in circuit.rows]
    return iden3.Circuit(circuit.wires + public, 0, public, 0, rows)


if __name__ == "__main__":
    unittest.main()
