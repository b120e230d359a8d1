"""Generated files are what their generators write."""
import json
import unittest

import iden3
import prover


class Files(unittest.TestCase):
    def test_golden_r1cs_files(self):
        with open(prover.ROOT / "Tests/Vectors/r1cs.json") as file:
            self.assertEqual(json.load(file), iden3.vectors())


if __name__ == "__main__":
    unittest.main()
