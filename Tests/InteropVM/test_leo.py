"""The Leo package of a credit model: built and tested by Leo, its pool run in the machine beside the verifier."""
import json
import os
import pathlib
import subprocess

import unittest

import judge
import packages
from judge import Script

LEO = pathlib.Path(os.environ.get("LEO", judge.SHARED / "leo/leo"))


class Pool(judge.Judged):
    """Lends by what a registry, or a program of the model's own, has recorded."""

    def setUp(self):
        super().setUp()
        if not LEO.exists():
            self.skipTest("leo is not there; LEO says where it is")

    def leo(self, folder, command):
        run = subprocess.run([LEO, "--path", folder, "--home", packages.folder() / "leo", command], capture_output=True, text=True,
                             timeout=300, env={**os.environ, "NO_COLOR": "1"})
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        return run.stdout + run.stderr

    def check(self, way):
        pool = packages.folder() / ("pool-" + way.strip("-"))
        made = packages.package("credit_score", way, "--leo", str(pool))
        self.leo(pool, "build")
        self.assertIn("5 passed, 0 failed", self.leo(pool, "test"))
        name = json.loads((pool / "program.json").read_text())["program"]
        score = int(made.calls[0]["inputs"][1].strip("[]").split("u")[0])
        # The commitment to the input is the value before the outputs'.
        commitment = made.calls[0]["inputs"][0].strip("[]").split(", ")[-1]
        outcome = made.summary["outcome"]
        self.assertGreater(score, 0)

        def call(function, *inputs, **fields):
            script.call({"program": name, "function": function, "inputs": list(inputs)}, **fields)

        script = Script(packages.folder())
        for source in made.libraries + [made.source, pool / "build" / name.removesuffix(".aleo") / name]:
            script.deploy(source)
        call("borrow", outcome, "700u64", **{"as": "carol", "expect": "rejected", "note": "the pool is not open"})
        call("open", "{bob}", "5000u64")
        call("open", "{carol}", "1u64", **{"as": "carol", "expect": "rejected", "note": "it is opened once"})
        call("attest", "{carol}", commitment, **{"as": "carol", "expect": "rejected", "note": "she is not the bureau"})
        call("attest", "{carol}", commitment, **{"as": "bob"})
        call("borrow", outcome, "700u64", **{"as": "carol", "expect": "rejected", "note": "nothing is recorded"})
        for step in made.registration + made.calls:
            script.call(step)
        call("borrow", outcome, "700u64", **{"as": "dave", "expect": "rejected", "note": "nobody attested his figures"})
        call("attest", "{dave}", "7field", **{"as": "bob"})
        call("borrow", outcome, "700u64", **{"as": "dave", "expect": "rejected", "note": "the outcome is about another's figures"})
        call("borrow", outcome, "1001u64", **{"as": "carol", "expect": "rejected", "note": "beyond the limit"})
        call("borrow", outcome, "700u64", **{"as": "carol"})
        call("borrow", outcome, "700u64", **{"as": "carol", "expect": "rejected", "note": "beyond the limit together"})
        call("repay", "701u64", **{"as": "carol", "expect": "rejected", "note": "more than she owes"})
        call("repay", "700u64", **{"as": "carol"})
        script.step(get=name + "/loans", key="{carol}", expect="0u64")
        script.step(get=name + "/funds", key="0u8", expect="5000u64")
        if made.registration:
            # The model's keys under another digest, and what they record: the pool has to tell it from its own model's.
            register, verify = made.registration[-1], made.calls[0]
            other = Script(packages.folder())
            for source in made.libraries + [made.source]:
                other.deploy(source)
            lie = register["inputs"][1:2] + register["inputs"][1:]
            other.call(register, inputs=lie)
            models = other.step(entries=made.program + "/models", expect=1)
            liar = self.play(other)[models]["list"][0][0]
            inputs = ["[%s, %s]" % (liar, commitment)] + verify["inputs"][1:]
            other.call(verify, inputs=inputs)
            outcomes = other.step(entries=made.program + "/outcomes", expect=1)
            key = self.play(other)[outcomes]["list"][0][0]
            script.call(register, inputs=lie)
            script.call(verify, inputs=inputs)
            script.step(entries=made.program + "/outcomes", expect=2)
            call("borrow", key, "700u64", **{"as": "carol", "expect": "rejected", "note": "another model's outcome"})
        self.play(script)

    def test_registry(self):
        """the pool on a registry: attested figures, the model's own outcome, limits; another model's outcome is refused"""
        self.check("--registry")

    def test_own(self):
        """the pool on a program of the model's own"""
        self.check("--own")


if __name__ == "__main__":
    unittest.main()
