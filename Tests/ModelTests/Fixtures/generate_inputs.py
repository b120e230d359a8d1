#!/usr/bin/env python3
"""Writes inputs.json: files of numpy's formats with the numbers that they hold.

Needs numpy from PyPI. A case is the file as base64, the numbers in row-major order, and shapes.
"""

import base64
import io
import json
import pathlib
import zlib

import numpy as np
from numpy.lib import format as npy

rng = np.random.default_rng(3)
cases = []


def case(name, data, arrays):
    cases.append({
        "name": name, "file": base64.b64encode(data).decode(),
        "tensors": [{"name": key, "shape": list(a.shape), "data": [float(v) for v in np.ascontiguousarray(a).ravel()]}
                    for key, a in sorted(arrays.items(), key=lambda entry: str(entry[0]))]})


def single(name, array, version=None):
    file = io.BytesIO()
    npy.write_array(file, array, version=version)
    case(name, file.getvalue(), {None: array})


for kind in ["?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"]:
    for order in "<>":
        array = (rng.integers(-90, 90, (2, 3)) / (8 if kind[0] == "f" else 1)).astype(kind if kind == "?" else order + kind)
        if kind[0] == "u":
            array = abs(array.astype("i8")).astype(order + kind)
        single(f"{kind} {order}", array)
for version in [(1, 0), (2, 0), (3, 0)]:
    single(f"version {version}", np.arange(6, dtype="<f4").reshape(3, 2), version)
single("Fortran", np.asfortranarray(np.arange(24, dtype="<f4").reshape(2, 3, 4)))
single("Fortran, big-endian", np.asfortranarray(np.arange(6, dtype=">i2").reshape(2, 3)))
single("a scalar", np.array(2.5))
single("empty", np.zeros((0, 3), "<f4"))
single("largest integers", np.array([2**63, 2**64 - 2048], "<u8"))
for save in [np.savez, np.savez_compressed]:
    for label, arrays in [
        ("named", {"x": np.arange(4, dtype="<f4"), "a/b:0": np.ones((2, 2), "<i8")}),
        ("long", {"x": np.repeat(np.arange(50, dtype="<f8"), 40)}),
        ("random", {"x": rng.uniform(-1, 1, 300).astype("<f4")}),
    ]:
        file = io.BytesIO()
        save(file, **arrays)
        case(f"{save.__name__} {label}", file.getvalue(), arrays)
    file = io.BytesIO()
    arrays = [np.full(1, i, "<f4") for i in range(12)]
    save(file, *arrays)
    case(f"{save.__name__} numbered", file.getvalue(), {f"arr_{i}": a for i, a in enumerate(arrays)})

# Streams of every kind of block.
deflated = []
text = b"the same words, the same words, the other words; " * 9 + bytes(rng.integers(0, 256, 200, dtype=np.uint8))
for label, level, strategy in [("stored", 0, zlib.Z_DEFAULT_STRATEGY), ("fixed", 9, zlib.Z_FIXED),
                               ("dynamic", 9, zlib.Z_DEFAULT_STRATEGY), ("words only", 9, zlib.Z_HUFFMAN_ONLY),
                               ("runs", 9, zlib.Z_RLE)]:
    for content in [text, b"", b"a", b"a" * 5000]:
        packer = zlib.compressobj(level, zlib.DEFLATED, -15, 9, strategy)
        half = len(content) // 2
        packed = packer.compress(content[:half]) + packer.flush(zlib.Z_FULL_FLUSH) + packer.compress(content[half:]) + packer.flush()
        deflated.append({"name": f"{label} {len(content)}", "packed": base64.b64encode(packed).decode(),
                         "content": base64.b64encode(content).decode()})

(pathlib.Path(__file__).parent / "inputs.json").write_text(json.dumps({"cases": cases, "deflated": deflated}, separators=(",", ":")) + "\n")
print(len(cases), "files,", len(deflated), "streams")
