#!/usr/bin/env python3
"""Writes mask_sum.json: a false statement that V1 and V2 accept and V3 rejects.

    mask_sum.py REFERENCE_DIRECTORY          the directory with varuna.py and attacks.py
"""
import json
import os
import sys

sys.path.insert(0, sys.argv[1])

import attacks  # noqa: E402
import kzg  # noqa: E402
from algebra import fr_to_bytes  # noqa: E402

srs, cases = kzg.SRS(), []
for version in (1, 2, 3):
    statement, proof = attacks.mask_sum_forgery(srs, version)
    cases.append({
        "version": version, "proof": proof.to_bytes().hex(),
        "circuits": [{"verifying_key": key.to_bytes().hex(),
                      "inputs": [[fr_to_bytes(v).hex() for v in x] for x in inputs]}
                     for key, inputs in zip(statement.keys, statement.inputs)]})
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "mask_sum.json"), "w") as file:
    json.dump({"cases": cases}, file, indent=1)
    file.write("\n")
