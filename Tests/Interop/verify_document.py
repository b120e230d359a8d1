#!/usr/bin/env python3
"""Asks the Python reference verifier about every group of a proof document made with the ceremony's powers.

    verify_document.py REFERENCE SRS PROOF.json       exit status 0: every group is accepted; 1: one is not

REFERENCE is the folder of the reference implementation, SRS the one with the ceremony files.
"""
import json
import sys

reference, srs_folder, path = sys.argv[1:]
sys.path.insert(0, reference)

from encoding import Proof, VerifyingKey
from kzg import SRS
from varuna import Statement, verify

with open(path) as file:
    document = json.load(file)
srs = SRS(srs_folder)
for number, group in enumerate(document["groups"]):
    keys = [VerifyingKey.from_bytes(bytes.fromhex(key)) for key in group["verifying_keys"]]
    inputs = [[[int(element) for element in instance] for instance in circuit] for circuit in group["public_inputs"]]
    proof = Proof.from_bytes(bytes.fromhex(group["proof"]))
    if not verify(srs, document["varuna_version"], Statement(list(zip(keys, inputs))), proof):
        print("group %d is rejected" % number)
        sys.exit(1)
print("%d groups accepted" % len(document["groups"]))
