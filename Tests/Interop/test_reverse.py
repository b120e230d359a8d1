"""Executions that snarkVM proved, judged by `ezkl-coord verify`."""
import functools
import os
import pathlib
import unittest

import ceremony
import prover
import snarkvm
import test_reject
from field import R

# Where the powers up to 2^16 may lie: beside this checkout, in the cache, or where snarkVM keeps them for this user.
FOLDERS = [prover.ROOT.parent / "shared/srs", prover.CACHE / "ceremony", pathlib.Path.home() / ".aleo/resources"]


@functools.cache
def execution(batch=None):
    """{version: document} of an execution, or the reason why snarkVM cannot prove here."""
    os.environ["HOME"] = str(prover.CACHE / "snarkvm-home")
    ceremony.provide_powers_16(os.environ["HOME"], FOLDERS)
    try:
        proven = snarkvm.prove((3, 2), batch)
    except KeyboardInterrupt:
        raise
    except BaseException:  # a panic of snarkVM is no Exception
        # snarkVM fetches what is missing as it proves; its errors for networks are too many to tell apart.
        if not ceremony.provide_powers_16(os.environ["HOME"], FOLDERS):
            raise unittest.SkipTest("snarkVM cannot fetch the powers up to 2^16 that it needs to prove") from None
        raise
    return {
        version: prover.document(
            [one.keys[name] for name in one.x], [one.x[name] for name in one.x], one.proof, version)
        for version, one in proven.items()
    }


class Reverse(unittest.TestCase):
    def test_a_function_in_both_versions(self):
        for version, document in execution().items():
            self.assertIsNone(document.verify(), "V%d" % version)
            document = document.changed()
            document.data["varuna_version"] = 5 - version
            self.assertIsNotNone(document.verify(), "V%d as another version" % version)

    def test_a_call_tree(self):
        for version, document in execution((2,)).items():
            self.assertEqual(sorted(len(instances) for instances in document.group["public_inputs"]), [1, 2])
            self.assertIsNone(document.verify(), "V%d" % version)

    def test_mutations(self):
        document = execution((2,))[3]
        fields, size = test_reject.proof_fields(2, 3)
        self.assertEqual(size, len(document.proof))
        for offset, length, name in fields:
            changed = bytearray(document.proof)
            changed[offset + length // 2] ^= 16
            with self.subTest(name):
                self.assertIsNotNone(document.changed(proof=bytes(changed).hex()).verify(), name)
        inputs = document.group["public_inputs"]
        for circuit, instances in enumerate(inputs):
            for instance, values in enumerate(instances):
                for place, value in enumerate(values):
                    changed = [[list(x) for x in c] for c in inputs]
                    changed[circuit][instance][place] = str((int(value) + 1) % R)
                    with self.subTest("public input %d %d %d" % (circuit, instance, place)):
                        self.assertIsNotNone(document.changed(public_inputs=changed).verify())
        swapped = [list(reversed(instances)) for instances in inputs]
        self.assertIsNotNone(document.changed(public_inputs=swapped).verify(), "swapped instances")
        keys = document.group["verifying_keys"]
        self.assertIsNotNone(document.changed(verifying_keys=keys[::-1]).verify(), "exchanged keys")


if __name__ == "__main__":
    unittest.main()
