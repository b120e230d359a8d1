"""Proofs of this prover, judged by snarkVM."""
import unittest

import cases


class Accepted(unittest.TestCase):
    """Every case: snarkVM accepts in the version of the proof, and in no other; so does `ezkl-coord verify`."""

    def check(self, case):
        template = case.template()
        job, document, keys = case.prove(template)
        self.assertIsNone(template.judge(keys, document.proof, case.version))
        self.assertIsNotNone(template.judge(keys, document.proof, 5 - case.version), "the other version")
        self.assertIsNone(document.verify(*[word for file in job.files for word in ("--r1cs", file)]))


def _test(case):
    def test(self):
        self.check(case)
    test.__doc__ = case.name
    return test


for number, each in enumerate(cases.ACCEPTED):
    setattr(Accepted, "test_%02d" % number, _test(each))


if __name__ == "__main__":
    unittest.main()
