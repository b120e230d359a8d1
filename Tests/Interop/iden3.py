#!/usr/bin/env python3
"""Writes and reads iden3's .r1cs and .wtns files, independently of the product.

    iden3.py OUT.json     writes the golden files of Tests/Vectors/r1cs.json

Formats: https://github.com/iden3/r1csfile/blob/master/doc/r1cs_bin_format.md and snarkjs' wtns_utils.js.
"""
import json
import random
import struct
import sys

from field import R


def _section(kind, payload):
    return struct.pack("<IQ", kind, len(payload)) + payload


def _file(magic, version, sections):
    return magic + struct.pack("<II", version, len(sections)) + b"".join(_section(k, p) for k, p in sections)


def _field(prime, size):
    return struct.pack("<I", size) + prime.to_bytes(size, "little")


class Circuit:
    """Rows of three dictionaries wire -> coefficient; wire 0 is 1, then outputs, public and private inputs."""

    def __init__(self, wires, outputs, public, private, rows):
        self.wires, self.outputs, self.public, self.private, self.rows = wires, outputs, public, private, rows

    def to_bytes(self, prime=R, size=32, extra=(), order=(1, 2, 3)):
        header = _field(prime, size) + struct.pack(
            "<IIIIQI", self.wires, self.outputs, self.public, self.private, self.wires, len(self.rows))
        constraints = bytearray()
        for row in self.rows:
            for combination in row:
                constraints += struct.pack("<I", len(combination))
                for wire, coefficient in sorted(combination.items()):
                    constraints += struct.pack("<I", wire) + (coefficient % prime).to_bytes(size, "little")
        labels = struct.pack("<%dQ" % self.wires, *range(self.wires))
        payloads = {1: header, 2: bytes(constraints), 3: labels}
        return _file(b"r1cs", 1, [(k, payloads[k]) for k in order] + list(extra))

    def violated(self, witness):
        """The first constraint that a witness violates, or None."""
        for number, row in enumerate(self.rows):
            a, b, c = (sum(k * witness[w] for w, k in part.items()) % R for part in row)
            if a * b % R != c:
                return number
        return None


def witness_bytes(values, prime=R, size=32):
    header = _field(prime, size) + struct.pack("<I", len(values))
    return _file(b"wtns", 2, [(1, header), (2, b"".join(v.to_bytes(size, "little") for v in values))])


def _sections(data, magic):
    assert data[:4] == magic, "another kind of file"
    sections, offset = {}, 12
    for _ in range(struct.unpack_from("<I", data, 8)[0]):
        kind, size = struct.unpack_from("<IQ", data, offset)
        sections[kind] = data[offset + 12:offset + 12 + size]
        offset += 12 + size
    assert offset == len(data)
    return sections


def read_circuit(data):
    """The circuit in a well-formed file over this field."""
    sections = _sections(data, b"r1cs")
    wires, outputs, public, private, _, count = struct.unpack_from("<IIIIQI", sections[1], 36)
    rows, constraints, offset = [], sections[2], 0
    for _ in range(count):
        row = []
        for _ in range(3):
            terms, offset = struct.unpack_from("<I", constraints, offset)[0], offset + 4
            part = {}
            for _ in range(terms):
                part[struct.unpack_from("<I", constraints, offset)[0]] = int.from_bytes(
                    constraints[offset + 4:offset + 36], "little")
                offset += 36
            row.append(part)
        rows.append(tuple(row))
    assert offset == len(constraints)
    return Circuit(wires, outputs, public, private, rows)


def read_witness(data):
    values = _sections(data, b"wtns")[2]
    return [int.from_bytes(values[i:i + 32], "little") for i in range(0, len(values), 32)]


class Shape:
    """Sizes of a random circuit: `public` values beside the 1, constraints, wires, terms per row of A, B and C."""

    def __init__(self, public, constraints, wires=0, terms=(2, 2, 1)):
        self.public, self.constraints, self.terms = public, constraints, terms
        self.wires = max(wires, public + 3)


def random_circuit(shape, seed):
    """A circuit of this shape and a function public values -> witness.

    Rows define wires, as long as there are wires to define: C is a new wire and some terms. Further rows repeat
    earlier ones with factors, so that there may be more rows than wires; wires without a row are free.
    """
    random.seed(seed)
    inputs = 1 + shape.public + 1
    defined = min(shape.constraints, shape.wires - inputs)
    free = shape.wires - defined
    rows = []

    def combination(count, below):
        return {random.randrange(below): random.randrange(1, R) for _ in range(count)}

    for number in range(shape.constraints):
        if number < defined:
            below = free + number
            a, b, c = (combination(count, below) for count in shape.terms)
            c[below] = random.randrange(1, R)
        elif defined:
            a, b, c = rows[random.randrange(defined)]
            factor = random.randrange(1, R)
            a, c = ({w: k * factor % R for w, k in part.items()} for part in (a, c))
        else:
            a, b, c = {number % free: 1}, {0: 1}, {number % free: 1}
        rows.append((a, b, c))

    def solve(public, salt=0):
        source = random.Random("%s %d" % (seed, salt))
        witness = [1] + list(public) + [source.randrange(R) for _ in range(free - 1 - shape.public)]
        for number in range(defined):
            a, b, c = rows[number]
            target = free + number
            product = sum(k * witness[w] for w, k in a.items()) * sum(k * witness[w] for w, k in b.items())
            rest = sum(k * witness[w] for w, k in c.items() if w != target)
            witness.append((product - rest) * pow(c[target], -1, R) % R)
        return witness

    outputs = shape.public // 2
    return Circuit(shape.wires, outputs, shape.public - outputs, 1, rows), solve


def hexadecimal(value):
    return value.to_bytes(32, "little").hex()


BN254 = 0x30644E72E131A029B85045B68181585D2833E84879B9709143E1F593F0000001


def vectors():
    """Small files and what a reader must make of them."""
    square = Circuit(4, 1, 1, 1, [({2: 1}, {2: 1}, {1: 1, 3: R - 1})])     # out = public^2 + private
    linear = Circuit(3, 1, 0, 1, [({}, {}, {1: 1, 2: R - 2})])             # out = 2 * private; circom's linear form
    large, solve = random_circuit(Shape(5, 12, 14, (3, 1, 2)), "vectors")

    def entry(name, circuit, witness, **more):
        return dict(name=name, r1cs=circuit.to_bytes().hex(), wtns=witness_bytes(witness).hex(),
                    wires=circuit.wires, outputs=circuit.outputs, public=circuit.public,
                    rows=[[[[w, hexadecimal(k)] for w, k in sorted(part.items())] for part in row] for row in circuit.rows],
                    witness=[hexadecimal(v) for v in witness], violated=circuit.violated(witness), **more)

    good = solve([3, 1, 4, 1, 5])
    bad = good[:-1] + [(good[-1] + 1) % R]
    unsupported = [
        ("prime of bn128", square.to_bytes(prime=BN254)),
        ("Goldilocks", square.to_bytes(prime=0xFFFFFFFF00000001, size=8)),
        ("custom gates", square.to_bytes(extra=[(4, struct.pack("<I", 1) + b"gate\0\0\0\0\0"), (5, b"\1\0\0\0")])),
    ]
    return dict(
        circuits=[
            entry("square", square, [1, 2, 3, R - 7]),
            entry("square of a wrong value", square, [1, 3, 3, R - 7]),
            entry("linear only", linear, [1, 14, 7]),
            entry("random", large, good),
            entry("random with a wrong value", large, bad),
        ],
        reordered=square.to_bytes(order=(3, 2, 1)).hex(),
        empty_gates=square.to_bytes(extra=[(4, bytes(4)), (5, bytes(4))]).hex(),
        unsupported=[dict(name=name, r1cs=data.hex()) for name, data in unsupported],
        witness_of_bn128=witness_bytes([1, 9, 3, 0], prime=BN254).hex())


if __name__ == "__main__":
    with open(sys.argv[1], "w") as out:
        json.dump(vectors(), out, indent=0)
        out.write("\n")
