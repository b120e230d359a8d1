"""Altered proofs, keys and statements: snarkVM and `ezkl-coord verify` refuse them alike."""
import functools
import unittest

import cases
from field import R

CASE = cases.Case("rejection", [3, 1], [cases.SMALL, cases.DENSE_A, cases.TINY], inputs=1, outputs=1)
SCM = 1234


@functools.cache
def base():
    template = CASE.template(scm=SCM)
    job, document, keys = CASE.prove(template)
    return template, job, document, keys


def proof_fields(circuits, instances):
    """(offset, length, name) of every part of a proof, in the order of its bytes."""
    fields, offset = [], 9 + 8 * circuits

    def add(count, length, name):
        nonlocal offset
        for i in range(count):
            fields.append((offset, length, "%s %d" % (name, i) if count > 1 else name))
            offset += length

    add(instances, 48, "w")
    offset += 1
    for name in ("mask", "h_0", "g_1", "h_1"):
        add(1, 48, name)
    add(3 * circuits, 48, "g")
    add(1, 48, "h_2")
    add(1, 32, "g_1(beta)")
    add(3 * circuits, 32, "g(gamma)")
    add(3 * instances, 32, "sigma")
    add(3 * circuits, 32, "omega")
    offset += 8
    for name, has_blinding in (("alpha", 0), ("beta", 1), ("gamma", 0)):
        add(1, 48, "opening at " + name)
        offset += 1
        if has_blinding:
            add(1, 32, "blinding value")
    return fields, offset


class Rejected(unittest.TestCase):
    def both_reject(self, what, template, document, keys, version=3):
        self.assertIsNotNone(template.judge(keys, document.proof, version), "snarkVM accepts " + what)
        self.assertIsNotNone(document.verify(), "verify accepts " + what)

    def test_the_base_is_accepted(self):
        template, _, document, keys = base()
        self.assertIsNone(template.judge(keys, document.proof, 3))
        self.assertIsNone(document.verify())

    def test_another_statement(self):
        template, _, document, keys = base()
        self.assertIsNotNone(CASE.template(scm=SCM + 1).judge(keys, document.proof, 3))
        inputs = document.group["public_inputs"]
        for circuit, instances in enumerate(inputs):
            for instance, values in enumerate(instances):
                for place in (1, len(values) - 1):
                    changed = [[list(x) for x in c] for c in inputs]
                    changed[circuit][instance][place] = str((int(values[place]) + 1) % R)
                    self.assertIsNotNone(document.changed(public_inputs=changed).verify())

    def test_another_key(self):
        template, _, document, keys = base()
        programs = list(keys)
        other = dict(keys)
        other[programs[0]], other[programs[1]] = keys[programs[1]], keys[programs[0]]
        self.assertIsNotNone(template.judge(other, document.proof, 3), "snarkVM accepts exchanged keys")
        listed = document.group["verifying_keys"]
        self.assertIsNotNone(document.changed(verifying_keys=[listed[1], listed[0]] + listed[2:]).verify())
        # One commitment of a key in the place of another: every point is good, the polynomial is not.
        for program, key in keys.items():
            twisted = key[:57] + key[105:153] + key[57:105] + key[153:]
            self.assertIsNotNone(template.judge(dict(keys, **{program: twisted}), document.proof, 3), program)
            place = listed.index(key.hex())
            self.assertIsNotNone(document.changed(
                verifying_keys=listed[:place] + [twisted.hex()] + listed[place + 1:]).verify())

    def test_flipped_bytes(self):
        template, _, document, keys = base()
        fields, size = proof_fields(len(keys), 5)
        self.assertEqual(size, len(document.proof))
        for offset, length, name in fields:
            changed = bytearray(document.proof)
            changed[offset + 3 * length // 4] ^= 1
            with self.subTest(name):
                self.both_reject("a flipped byte in " + name, template,
                                 document.changed(proof=bytes(changed).hex()), keys)

    def test_scalars_of_another_proof(self):
        """Well-formed in every part: each scalar is that of another place."""
        template, _, document, keys = base()
        fields, _ = proof_fields(len(keys), 5)
        scalars = [field for field in fields if field[1] == 32]
        for (first, _, name), (second, _, _) in zip(scalars, scalars[1:]):
            changed = bytearray(document.proof)
            changed[first:first + 32], changed[second:second + 32] = (
                changed[second:second + 32], changed[first:first + 32])
            if bytes(changed) == document.proof:
                continue
            with self.subTest(name):
                self.both_reject("exchanged scalars", template, document.changed(proof=bytes(changed).hex()), keys)

    def test_swapped_instances(self):
        """The witnesses in another order: a good proof, of another statement."""
        template = CASE.template(scm=SCM)
        _, document, keys = CASE.prove(template, arrange=lambda x: x[::-1])
        self.assertIsNone(document.verify(), "about its own order it is a good proof")
        self.assertIsNotNone(template.judge(keys, document.proof, 3), "snarkVM accepts swapped instances")
        inputs = [list(reversed(instances)) for instances in document.group["public_inputs"]]
        self.assertIsNotNone(document.changed(public_inputs=inputs).verify())

    def test_wrong_version(self):
        template, _, document, keys = base()
        self.assertIsNotNone(template.judge(keys, document.proof, 2))
        document = document.changed()
        document.data["varuna_version"] = 2
        self.assertIsNotNone(document.verify())

    def test_a_wrong_witness_is_never_proven(self):
        template = CASE.template(scm=SCM)
        job = CASE.job(template)
        import prover
        witness = bytearray(job.words[1].read_bytes())
        witness[-1] ^= 1
        job.words[1].write_bytes(bytes(witness))
        with self.assertRaisesRegex(prover.Failed, "does not satisfy constraint|below the prime"):
            job.prove()


if __name__ == "__main__":
    unittest.main()
