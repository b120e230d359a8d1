"""Several calls: parts in any order, twice, missing, of others, late; what is recorded and what is freed."""
import unittest

import judge
import packages
from judge import Script

LIFETIME = 40
OPTIONS = ("--own", "--max-microcredits", "100000", "--lifetime", str(LIFETIME))


class Claims(judge.Judged):
    """Three proofs in three parts, and a conclusion."""

    def begin(self, *options):
        """A script with the program deployed, and the package."""
        made = packages.package("stacked_blocks", *OPTIONS, *options)
        self.assertEqual([call["function"] for call in made.calls], ["verify_0", "verify_1", "verify_2", "conclude"])
        script = Script(packages.folder())
        for library in made.libraries:
            script.deploy(library)
        script.deploy(made.source)
        return made, script

    def stored(self, script, made, claims, links, outcomes):
        """How many entries the program's mappings have."""
        for mapping, count in (("claims", claims), ("links", links), ("outcomes", outcomes)):
            script.step(entries="%s/%s" % (made.program, mapping), expect=count)

    def test_honest(self):
        """parts in any order and twice; prices; everything freed; the outcome of one call"""
        made, script = self.begin()
        prices = {call["function"]: call for call in made.cost["calls"]}
        first, second, third, conclude = made.calls
        numbers = [script.call(call, price=prices[call["function"]]["totalMicrocredits"])
                   for call in (third, first, first, second, conclude)]
        self.stored(script, made, 0, 0, 1)
        # Again from the start, by somebody else: the outcome is the same entry.
        for call in (second, third, first, conclude):
            script.call(call, **{"as": "bob"})
        self.stored(script, made, 0, 0, 1)
        reports = self.play(script)
        deployed = reports[len(made.libraries)]
        self.assertEqual(made.cost["deployment"]["storage"], deployed["microcredits"]["storage"])
        self.assertAlmostEqual(made.cost["deployment"]["total"], deployed["microcredits"]["total"],
                               delta=deployed["microcredits"]["total"] / 50)
        for call in prices.values():
            self.assertAlmostEqual(call["constraints"], deployed[call["function"] + " constraints"],
                                   delta=deployed[call["function"] + " constraints"] / 20)
        self.assertEqual(made.cost["totalMicrocredits"],
                         sum(reports[number]["microcredits"]["total"] for number in numbers if number != numbers[2]))
        # The outcome is what one call with all proofs records.
        single = packages.package("stacked_blocks", "--own", "--max-calls", "1", "--transport", "library")
        other = Script(packages.folder())
        for library in single.libraries:
            other.deploy(library)
        other.deploy(single.source)
        other.call(single.calls[0])
        listed = other.step(entries=single.program + "/outcomes", expect=1)
        mine = next(step for step in reversed(reports) if step.get("entries", "").endswith("/outcomes"))
        self.assertEqual(self.play(other)[listed]["list"], mine["list"])

    def test_incomplete(self):
        """a missing part, none, an early conclusion, and a conclusion of somebody else"""
        made, script = self.begin()
        first, second, third, conclude = made.calls
        script.call(conclude, expect="rejected", note="no part")
        script.call(first)
        script.call(third)
        script.call(conclude, expect="rejected", note="one part is missing")
        script.call(second, **{"as": "bob"})
        script.call(conclude, expect="rejected", note="the missing part is in another's claim")
        script.call(conclude, **{"as": "bob", "expect": "rejected", "note": "he has one part of three"})
        script.call(second)
        script.call(conclude, **{"as": "bob", "expect": "rejected", "note": "he finishes nobody else's claim"})
        script.call(conclude)
        script.call(conclude, expect="rejected", note="concluded already")
        script.call(first, note="a claim of its own, incomplete")
        script.call(conclude, expect="rejected")
        script.step(entries=made.program + "/outcomes", expect=1)
        self.play(script)

    def test_false(self):
        """other values, statements, nonces and proofs"""
        made, script = self.begin()
        first, second, third, conclude = made.calls
        for call in (first, second, third):
            script.call(call, replace=[[0, [2], "7field"]], expect="rejected", note="a value that no proof is of")
        script.call(second, inputs=second["inputs"][:1] + third["inputs"][1:], expect="rejected", note="another part's proof")
        self.stored(script, made, 0, 0, 0)
        for call in (first, second):
            script.call(call)
        script.call(third, replace=[[0, [0], "1field"]], note="under another nonce: another claim")
        script.call(conclude, expect="rejected", note="its third part is in the other claim")
        script.call(third, replace=[[0, [1], "1field"]], note="about another statement: another claim")
        script.call(conclude, expect="rejected")
        script.call(third)
        kind = conclude["inputs"][1].split("u")[1].split(",")[0]
        script.call(conclude, replace=[[1, [0], "7u" + kind]], expect="rejected", note="an output that no proof is of")
        script.call(conclude, replace=[[0, [1], "7field"]], expect="rejected", note="another input")
        script.call(conclude, replace=[[0, [0], "1field"]], expect="rejected", note="another nonce")
        script.step(entries=made.program + "/outcomes", expect=0)
        script.call(conclude)
        script.step(entries=made.program + "/outcomes", expect=1)
        self.play(script)

    def test_mixed(self):
        """parts of two honest runs of one model do not make a claim: their links differ"""
        made, script = self.begin()
        # The same input and model with other salts: other commitments between the chunks and to the input.
        other = packages.Package("stacked_blocks", *OPTIONS, "--program", made.program, proof=packages.document("stacked_blocks", "--priority", "low"))
        self.assertEqual(other.source.read_text(), made.source.read_text())
        first, second, third, conclude = made.calls
        foreign = []
        for own, call in zip(made.calls, other.calls):
            statement = own["inputs"][0].strip("[]").split(", ")[1]
            elements = call["inputs"][0].strip("[]").split(", ")
            foreign.append({**call, "inputs": ["[%s]" % ", ".join([elements[0], statement] + elements[2:])] + call["inputs"][1:]})
        script.call(first)
        script.call(foreign[1], expect="rejected", note="a right proof about other values between the parts")
        script.call(foreign[2], expect="rejected")
        script.call(second)
        script.call(third)
        script.call(other.calls[3], expect="rejected", note="the other run's statement has no parts")
        script.call(conclude)
        self.stored(script, made, 0, 0, 1)
        # A claim that somebody began with links of another run cannot be concluded with this statement.
        for call in foreign[:3]:
            script.call(call, **{"as": "carol"})
        script.call(conclude, **{"as": "carol", "expect": "rejected", "note": "the links to input and outputs are another run's"})
        self.play(script)

    def test_expiry(self):
        """late parts and conclusions are refused; anybody frees what is over; the claim can begin again"""
        made, script = self.begin()
        first, second, third, conclude = made.calls
        inputs = ["{alice}", "{alice}"] + first["inputs"][0].strip("[]").split(", ")[:2]
        expire = {"program": made.program, "function": "expire", "inputs": inputs}
        script.call(expire, expect="rejected", note="there is no claim")
        for call in (first, second, third):
            script.call(call)
        script.call(expire, **{"as": "bob", "expect": "rejected", "note": "its time is not over"})
        script.step(mine=LIFETIME)
        script.call(conclude, expect="rejected", note="late")
        script.call(third, expect="rejected", note="late")
        script.step(entries=made.program + "/claims", expect=1)
        script.call(expire, **{"as": "bob"})
        self.stored(script, made, 0, 0, 0)
        for call in (third, second, first, conclude):
            script.call(call)
        self.stored(script, made, 0, 0, 1)
        self.play(script)


if __name__ == "__main__":
    unittest.main()
