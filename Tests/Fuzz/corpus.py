#!/usr/bin/env python3
"""Writes the fuzzer's seed inputs: corpus.py VECTORS CORPUS"""
import json
import os
import sys

vectors, corpus = sys.argv[1:]


def write(name, kind, data):
    with open(os.path.join(corpus, name), "wb") as file:
        file.write(bytes([kind]) + data)


for name in ("foreign", "mutations", "mask_sum"):
    with open(os.path.join(vectors, name + ".json")) as file:
        cases = json.load(file)["cases"]
    for number, case in enumerate(cases):
        proof = bytes.fromhex(case["proof"])
        key = bytes.fromhex(case["circuits"][0]["verifying_key"])
        write("%s-%d-proof" % (name, number), 0, proof)
        write("%s-%d-key" % (name, number), 1, key)
        write("%s-%d-both" % (name, number), 3, key + proof)
