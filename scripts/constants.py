#!/usr/bin/env python3
"""Derives every long constant of the field and curve arithmetic, and compares it with what the sources say.

    scripts/constants.py            exit status 1 where a source differs, with file, name and both words
    scripts/constants.py --write    puts the derived words into the sources

All follows from the parameter x of BLS12-377 and the generators that snarkVM chose (its crate `curves`, bls12_377), which are
checked here to lie on their curves and to have order r. Every hexadecimal number of more than ten digits in Sources has to
be one of these: a constant that nothing derives is an error.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LITERAL = re.compile(r"0x([0-9a-f]{11,16})\b")

# The curve.
x = 0x8508C00000000001
r = x**4 - x**2 + 1
q = (x - 1) ** 2 * r // 3 + x
R_FR, R_FQ = 1 << 256, 1 << 384
assert (x - 1) ** 2 * r % 3 == 0 and pow(2, r - 1, r) == 1 and pow(2, q - 1, q) == 1
# 22 generates the multiplicative group of Fr and fixes the domains of proofs; of 5, no more is asked than that it is neither a
# square nor a cube in Fq.
GENERATOR_FR, GENERATOR_FQ = 22, 5
assert pow(GENERATOR_FR, (r - 1) // 2, r) != 1 and pow(GENERATOR_FQ, (q - 1) // 2, q) != 1
assert pow(GENERATOR_FQ, (q - 1) // 3, q) != 1

G1 = (
    0x0094A2B6015983B3A15CA8611C20543D4C522D7AA91157F7698D3D8B829C73431C32D6AA1D3824180F1FF930106FDB66,
    0x0006285F49795E690D15F4C3519B90E84EB9C79B3E8594C8F62F1DB67E503FCC9F690C4BF418104F7C297F574A174455,
)
G2 = (
    (
        0x011BBCCBC09FA5704C0630EB039CB265D4CD4216235BDCA3A8047D6CD514CE8BDA8F1322EFB9BD13573A2A2B87B4C87F,
        0x008ABA5E022D57B3248B9CE9D8B65ADB969209141CA569AA1AF086715E39B591083BAB0E662F0FF1DF419ECDD036B22E,
    ),
    (
        0x00031118D7F86DDAE568D4B4AD1B72180A98939271D79D69017AC66E0C852D60DE1B49A6D2CD94A06AE47F1E13B6E045,
        0x0037213C02E1A08E191456B96DA834EBA704BC95C7EC1C02B983DE12BB53FDAA05CE74A9F32E6FA3CB33CAE7DE3A2859,
    ),
)


def times(point, scalar, add):
    """A multiple of a point, None being the point at infinity."""
    result = None
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


def addition(multiply, invert, subtract, double_slope):
    """Addition of affine points of a curve y^2 = x^3 + b over a field given by its operations."""

    def add(a, b):
        if a is None or b is None:
            return a or b
        if a[0] == b[0]:
            if a[1] != b[1] or not any_nonzero(a[1]):
                return None
            slope = double_slope(a)
        else:
            slope = multiply(subtract(b[1], a[1]), invert(subtract(b[0], a[0])))
        x3 = subtract(subtract(multiply(slope, slope), a[0]), b[0])
        return x3, subtract(multiply(slope, subtract(a[0], x3)), a[1])

    return add


def any_nonzero(element):
    return any(element) if isinstance(element, tuple) else element != 0


# Fq2 = Fq[u] / (u^2 + 5).
def fq2_multiply(a, b):
    return (a[0] * b[0] - 5 * a[1] * b[1]) % q, (a[0] * b[1] + a[1] * b[0]) % q


def fq2_invert(a):
    norm = pow(a[0] * a[0] + 5 * a[1] * a[1], -1, q)
    return a[0] * norm % q, -a[1] * norm % q


def fq2_subtract(a, b):
    return (a[0] - b[0]) % q, (a[1] - b[1]) % q


def fq2_scaled(a, factor):
    return a[0] * factor % q, a[1] * factor % q


g1_add = addition(
    lambda a, b: a * b % q, lambda a: pow(a, -1, q), lambda a, b: (a - b) % q,
    lambda p: 3 * p[0] * p[0] * pow(2 * p[1], -1, q) % q)
g2_add = addition(
    fq2_multiply, fq2_invert, fq2_subtract,
    lambda p: fq2_multiply(
        fq2_scaled(fq2_multiply(p[0], p[0]), 3), fq2_invert(fq2_scaled(p[1], 2))))

# y^2 = x^3 + 1, and on the twist y^2 = x^3 + 1 / u.
G2_B = fq2_invert((0, 1))
assert (G1[1] ** 2 - G1[0] ** 3 - 1) % q == 0 and times(G1, r, g1_add) is None
assert fq2_subtract(
    fq2_multiply(G2[1], G2[1]), fq2_multiply(G2[0], fq2_multiply(G2[0], G2[0]))) == G2_B
assert times(G2, r, g2_add) is None


def two_adic_root(generator, p):
    odd = p - 1
    while odd % 2 == 0:
        odd //= 2
    return pow(generator, odd, p)


def cube_root():
    """The third root of unity that multiplies x coordinates of G1 where points are multiplied by -x^2."""
    root = pow(GENERATOR_FQ, (q - 1) // 3, q)
    image = times(G1, (-x * x) % r, g1_add)
    return next(c for c in (root, root * root % q) if image == (c * G1[0] % q, G1[1]))


def words(value, count, bits=64):
    assert 0 <= value < 1 << (count * bits)
    return [(value >> (bits * i)) & ((1 << bits) - 1) for i in range(count)]


def fr(value):
    return words(value, 4)


def fq(value):
    return words(value, 6)


def fr_form(value):
    return fr(value * R_FR % r)


def fq_form(value):
    return fq(value * R_FQ % q)


def negative_inverse(p, bits=64):
    return -pow(p, -1, 1 << bits) % (1 << bits)


def shifted(p, bits=64):
    """(k p + 1) / 2^bits for k = -1/p modulo 2^bits."""
    return (negative_inverse(p, bits) * p + 1) >> bits


def fr52(value):
    return words(value, 5, 52)


def fq52(value):
    return words(value, 8, 52)


# What stands in each file, in order: a name for messages, and words of 64 bits, or of 52 where the file says so.
SOURCES = {
    "Sources/Algebra/Fr.swift": [
        ("x", [x]),
        ("modulus", fr(r)),
        ("modulus", fr(r)),
        ("one", fr_form(1)),
        ("rSquared", fr_form(R_FR)),
        ("twoAdicRoot", fr_form(two_adic_root(GENERATOR_FR, r))),
    ],
    "Sources/Algebra/Fq.swift": [
        ("x", [x]),
        ("modulus", fq(q)),
        ("one", fq_form(1)),
        ("rSquared", fq_form(R_FQ)),
        ("twoAdicRoot", fq_form(two_adic_root(GENERATOR_FQ, q))),
    ],
    "Sources/Algebra/Fq12.swift": [("(q - 1) / 12", fq((q - 1) // 12))],
    "Sources/Algebra/G1.swift": [
        ("generator x", fq_form(G1[0])),
        ("generator y", fq_form(G1[1])),
        ("cubeRoot", fq_form(cube_root())),
    ],
    "Sources/Algebra/G2.swift": [("b", fq_form(G2_B[0]) + fq_form(G2_B[1]))]
    + [("generator", fq_form(c)) for coordinate in G2 for c in coordinate],
    "Sources/CLimbs/include/climbs.h": [
        ("CLIMBS_FR_MODULUS", fr(r)),
        ("CLIMBS_FR_NEGATIVE_INVERSE", [negative_inverse(r)]),
        ("CLIMBS_FQ_MODULUS", fq(q)),
        ("CLIMBS_FQ_NEGATIVE_INVERSE", [negative_inverse(q)]),
    ],
    "Sources/CLimbs/internal.h": [
        ("CLIMBS_FR_RADIX_CUBED", fr(R_FR**3 % r)),
        ("CLIMBS_FQ_ONE", fq_form(1)),
        ("CLIMBS_FQ_RADIX_CUBED", fq(R_FQ**3 % q)),
    ],
    "Sources/CLimbs/fr_product.h": [("CLIMBS_FR_SHIFTED_MULTIPLE", fr(shifted(r)))],
    "Sources/CLimbs/fr_transform.c": [
        ("fr_thrice", fr(3 * r)),
        ("FR_TIMES_FOUR", fr(4 * r)),
        ("FR_TIMES_FIVE", fr(5 * r)),
    ],
    "Sources/CLimbs/montgomery_adx.S": [
        ("modulus_fr", fr(r)),
        ("shifted_fr", fr(shifted(r))),
        ("negative_inverse_fr", [negative_inverse(r)]),
        ("modulus_fq", fq(q)),
        ("shifted_fq", fq(shifted(q))),
        ("negative_inverse_fq", [negative_inverse(q)]),
    ],
    "Sources/CLimbs/ifma_fr.h": [
        ("FR52_MODULUS", fr52(r)),
        ("LANES_SHIFTED_MULTIPLE", fr52(shifted(r, 52))),
        ("LANES_NEGATIVE_INVERSE", [negative_inverse(r, 52)]),
        ("fr52_from_64", fr52(2**264 % r)),
    ],
    "Sources/CLimbs/ifma_fq.h": [
        ("FQ52_MODULUS", fq52(q)),
        ("LANES_SHIFTED_MULTIPLE", fq52(shifted(q, 52))),
        ("LANES_NEGATIVE_INVERSE", [negative_inverse(q, 52)]),
        ("fq52_from_64", fq52(2**448 % q)),
        ("fq52_to_64", fq52(2**384 % q)),
        ("fq52_multiples", fq52(q)),
    ],
}


def main():
    write = sys.argv[1:] == ["--write"]
    if sys.argv[1:] and not write:
        sys.exit(__doc__)
    differences = 0
    checked = 0
    for path in sorted((ROOT / "Sources").rglob("*")):
        if path.suffix not in {".swift", ".c", ".h", ".S", ".inc"}:
            continue
        name = str(path.relative_to(ROOT))
        text = path.read_text()
        found = list(LITERAL.finditer(text))
        expected = [(label, word) for label, list_ in SOURCES.get(name, []) for word in list_]
        if len(found) != len(expected):
            print(f"{name}: {len(found)} long constants, {len(expected)} are derived")
            differences += 1
            continue
        for match, (label, word) in reversed(list(zip(found, expected))):
            derived = f"{word:0{len(match.group(1))}x}"
            checked += 1
            if match.group(1) != derived:
                line = text.count("\n", 0, match.start()) + 1
                print(f"{name}:{line}: {label} has 0x{match.group(1)}, derived is 0x{derived}")
                differences += 1
                text = text[: match.start(1)] + derived + text[match.end(1) :]
        if write:
            path.write_text(text)
    print(f"{checked} words of {len(SOURCES)} files derived, {differences} differ")
    sys.exit(1 if differences and not write else 0)


if __name__ == "__main__":
    main()
