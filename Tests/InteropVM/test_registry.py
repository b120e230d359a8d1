"""Registries: one program for all models of a shape; what is registered, by whom, and what it is good for."""
import unittest

import judge
import packages
from judge import Script

ONE = ("--registry", "--transport", "library")
PARTS = ("--registry", "--max-microcredits", "100000", "--lifetime", "40")


def hashed(model):
    """A model with one proof of one circuit whose outputs are hashed: all such models have one shape."""
    return packages.Package(model, *ONE, proof=packages.document(model, "--output-visibility", "hashed"))


def named(call, place, name):
    """A call with another model's name in the first input."""
    elements = call["inputs"][0].strip("[]").split(", ")
    elements[place] = name
    return {**call, "inputs": ["[%s]" % ", ".join(elements)] + call["inputs"][1:]}


class Registry(judge.Judged):
    """Models of one key and of three."""

    def begin(self, made):
        """A script with the program deployed; returns the number of that step, too."""
        script = Script(packages.folder())
        for library in made.libraries:
            script.deploy(library)
        return script, script.deploy(made.source)

    def count(self, script, made, **entries):
        for mapping, number in entries.items():
            script.step(entries="%s/%s" % (made.program, mapping), expect=number)

    def prices(self, made):
        """Of the calls that enter the model, by function."""
        return {call["function"]: call["totalMicrocredits"] for call in made.cost["registration"]["calls"]}

    def check_deployment(self, made, report):
        predicted, charged = made.cost["deployment"], report["microcredits"]
        self.assertEqual(predicted["storage"], charged["storage"])
        self.assertAlmostEqual(predicted["total"], charged["total"], delta=charged["total"] / 50)
        for call in made.cost["registration"]["calls"] + made.cost["calls"]:
            constraints = report[call["function"] + " constraints"]
            self.assertAlmostEqual(call["constraints"], constraints, delta=constraints / 20)

    def test_one_key(self):
        """two models of one key and one shape in one program; nothing is taken or changed; prices as printed"""
        made, other = hashed("digits_mlp"), hashed("credit_score")
        self.assertEqual((made.program, made.source.read_text()), (other.program, other.source.read_text()))
        mine, theirs = made.summary["registeredAs"], other.summary["registeredAs"]
        self.assertNotEqual(mine, theirs)
        register, verify, price = made.registration[0], made.calls[0], self.prices(made)["register"]
        script, deployed = self.begin(made)
        script.call(verify, expect="rejected", note="not registered")
        # Whoever comes first with wrong keys under the model's digests registers something else.
        script.call(register, inputs=register["inputs"][:2] + other.registration[0]["inputs"][2:], **{"as": "carol"})
        script.step(get=made.program + "/models", key=mine, expect=None)
        script.call(verify, expect="rejected", note="still not registered")
        script.call(register, price=price, **{"as": "bob", "note": "by somebody who has nothing to do with the model"})
        script.call(verify, price=made.cost["totalMicrocredits"])
        script.call(register, **{"as": "carol", "price": price, "note": "twice changes nothing"})
        self.count(script, made, models=2, outcomes=1)
        entry = script.step(get=made.program + "/models", key=mine)
        script.call(named(verify, 0, theirs), expect="rejected", note="a name that is not registered")
        script.call(other.registration[0])
        script.call(named(verify, 0, theirs), expect="rejected", note="another model's name")
        script.call(named(other.calls[0], 0, mine), expect="rejected", note="another model's proof")
        script.call(verify, replace=[[0, [1], "7field"]], expect="rejected", note="another input")
        script.call(verify, replace=[[0, [2], "7field"]], expect="rejected", note="another output")
        self.count(script, made, models=3, outcomes=1)
        script.call(other.calls[0])
        outcomes = script.step(entries=made.program + "/outcomes", expect=2)
        again = script.step(get=made.program + "/models", key=mine)
        script.deploy(made.source, expect="rejected", because="assert.eq edition 0u16", note="nobody changes the program")
        reports = self.play(script)
        self.check_deployment(made, reports[deployed])
        self.assertEqual(reports[entry]["value"], reports[again]["value"])
        listed = dict(reports[outcomes]["list"])
        self.assertEqual({made.summary["outcome"], other.summary["outcome"]}, set(listed))
        self.assertIn(mine, listed[made.summary["outcome"]])
        self.assertIn(theirs, listed[other.summary["outcome"]])

    def test_several_keys(self):
        """a model of several keys: each is registered, then the model; one is missing; prices as printed"""
        made = packages.package("repeated_blocks", *ONE, "--max-calls", "1")
        *keys, register = made.registration
        self.assertGreater(len(keys), 1)
        prices = self.prices(made)
        script, deployed = self.begin(made)
        for key in keys[:-1]:
            script.call(key, price=prices["register_key"])
        script.call(register, price=prices["register"])
        script.call(made.calls[0], expect="rejected", note="a key is missing")
        script.call(keys[-1], **{"as": "bob"})
        script.call(made.calls[0], price=made.cost["totalMicrocredits"])
        script.call(keys[0], note="twice changes nothing")
        names = register["inputs"][2].strip("[]").split(", ")
        script.call(register, inputs=register["inputs"][:2] + ["[%s]" % ", ".join(names[1:] + names[:1])],
                    note="keys in other places: another name")
        self.count(script, made, keys=len(keys), models=2, outcomes=1)
        self.check_deployment(made, self.play(script)[deployed])

    def test_integers(self):
        """public outputs are recorded as numbers, under the key that was printed"""
        made = packages.package("digits_mlp", *ONE)
        script, deployed = self.begin(made)
        script.call(made.registration[0])
        script.call(made.calls[0], price=made.cost["totalMicrocredits"])
        script.call(made.calls[0], replace=[[1, [0], "7u32"]], expect="rejected", note="another output")
        entry = script.step(get=made.program + "/outcomes", key=made.summary["outcome"])
        reports = self.play(script)
        self.check_deployment(made, reports[deployed])
        self.assertIn(made.calls[0]["inputs"][1].strip("[]").split(", ")[0], reports[entry]["value"])

    def test_parts(self):
        """several calls: parts about one model do not count for another, even for one with the same keys"""
        made = packages.package("stacked_blocks", *PARTS)
        mine = made.summary["registeredAs"]
        *keys, register = made.registration
        # The same keys under another model's digest are another model.
        digest = register["inputs"][1:2] + register["inputs"][1:]
        first = self.begin(made)[0]
        first.call(register, inputs=digest)
        listed = first.step(entries=made.program + "/models", expect=1)
        theirs = self.play(first)[listed]["list"][0][0]
        self.assertNotEqual(mine, theirs)

        script, deployed = self.begin(made)
        for call in made.registration:
            script.call(call)
        *parts, conclude = made.calls
        prices = {call["function"]: call["totalMicrocredits"] for call in made.cost["calls"]}
        script.call(named(parts[0], 2, theirs), expect="rejected", note="not registered yet")
        script.call(register, inputs=digest, **{"as": "bob"})
        for call in parts[:-1]:
            script.call(call, price=prices[call["function"]])
        script.call(named(parts[-1], 2, theirs), note="a right proof, for another claim: it names another model")
        script.call(conclude, expect="rejected", note="a part is missing")
        script.call(named(conclude, 1, theirs), expect="rejected", note="the other model's claim has one part")
        script.call(parts[-1], price=prices[parts[-1]["function"]])
        script.call(named(conclude, 1, theirs), expect="rejected", note="another model's outcome")
        script.call(conclude, price=prices["conclude"])
        outcome = script.step(get=made.program + "/outcomes", key=made.summary["outcome"])
        script.step(entries=made.program + "/outcomes", expect=1)
        head = parts[0]["inputs"][0].strip("[]").split(", ")
        expire = {"program": made.program, "function": "expire", "inputs": ["{alice}", "{alice}", *head[:2], theirs]}
        script.call(expire, **{"as": "bob", "expect": "rejected", "note": "its time is not over"})
        script.step(mine=40)
        script.call(expire, **{"as": "bob"})
        self.count(script, made, claims=0, links=0)
        reports = self.play(script)
        self.check_deployment(made, reports[deployed])
        self.assertIn(mine, reports[outcome]["value"])


if __name__ == "__main__":
    unittest.main()
