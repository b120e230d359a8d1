"""One call: what is accepted, what is rejected, and what it costs."""
import unittest

import judge
import packages
from judge import Script

# For each example the options of its ways.
WAYS = [("--own", "--transport", way, "--max-calls", "1") for way in ("bytes", "inline", "library")]


def changed(inputs):
    """The inputs with one of the last elements, which are of a proof, changed by one."""
    elements = inputs[-1].strip("[]").split(", ")
    place = -min(3, len(elements))
    number, kind = elements[place].split("u")
    elements[place] = "%du%s" % (int(number) ^ 1, kind)
    return inputs[:-1] + ["[%s]" % ", ".join(elements)]


class Calls(judge.Judged):
    """Every way that proofs travel, for one, two and three proofs."""

    def check(self, model):
        script, expected = Script(packages.folder()), []
        libraries = set()
        for number, way in enumerate(WAYS):
            made = packages.package(model, *way, "--program", "probe_%s_%d" % (way[2], number))
            for library in made.libraries:
                if library.name not in libraries:
                    libraries.add(library.name)
                    price = next(x["totalMicrocredits"] for x in made.cost["libraries"] if x["program"] == library.name)
                    expected.append(("library", script.deploy(library), price))
            expected.append(("deploy", script.deploy(made.source), made.cost))
            call = made.calls[0]
            expected.append(("call", script.call(call, price=made.cost["totalMicrocredits"]), made.cost["calls"][0]))
            script.call(call, **{"as": "bob", "note": "twice does no harm"})
            script.step(entries=made.program + "/outcomes", expect=1)
            script.call(call, replace=[[0, [0], "7field"]], expect="rejected", note="another commitment")
            script.call(call, replace=[[1, [0], "7u32"]] if "u32" in call["inputs"][1] else [[1, [0], "7u16"]],
                        expect="rejected", note="another output")
            script.call(call, changed(call["inputs"]), expect="rejected", note="another proof")
            script.deploy(made.source, expect="rejected", because="assert.eq edition 0u16", note="nobody changes the program")
        reports = self.play(script)
        for kind, number, price in expected:
            with self.subTest(kind, number=number):
                report = reports[number]
                if kind == "library":
                    self.assertAlmostEqual(price, report["microcredits"]["total"], delta=report["microcredits"]["total"] / 50)
                elif kind == "deploy":
                    self.assertEqual(price["deployment"]["storage"], report["microcredits"]["storage"])
                    self.assertAlmostEqual(price["deployment"]["total"], report["microcredits"]["total"],
                                           delta=report["microcredits"]["total"] / 50)
                    self.assertAlmostEqual(price["calls"][0]["constraints"], report["verify constraints"],
                                           delta=report["verify constraints"] / 20)
                else:
                    self.assertEqual(price["storageMicrocredits"], report["microcredits"]["storage"])
                    self.assertEqual(price["finalizeMicrocredits"], report["microcredits"]["finalize"])
                    self.assertEqual(price["transactionBytes"], report["transactionBytes"])

    def test_one_proof(self):
        """one proof: accepted as it is, rejected with any change, priced as printed"""
        self.check("digits_mlp")

    def test_two_proofs(self):
        """two proofs: accepted as they are, rejected with any change, priced as printed"""
        self.check("repeated_blocks")

    def test_three_proofs(self):
        """three proofs: accepted as they are, rejected with any change, priced as printed"""
        self.check("stacked_blocks")


if __name__ == "__main__":
    unittest.main()
