"""Bech32m (BIP 350) without its limit of 90 characters, as snarkVM writes proofs."""

ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
CONSTANT = 0x2BC830A3


def _checksum(values):
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for i, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= generator if top >> i & 1 else 0
    return check


def _expanded(prefix):
    return [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]


def encode(prefix, data):
    values, bits, count = [], 0, 0
    for byte in data:
        bits, count = bits << 8 | byte, count + 8
        while count >= 5:
            count -= 5
            values.append(bits >> count & 31)
        bits &= (1 << count) - 1
    if count:
        values.append(bits << 5 - count & 31)
    check = _checksum(_expanded(prefix) + values + [0] * 6) ^ CONSTANT
    return prefix + "1" + "".join(ALPHABET[v] for v in values + [check >> 5 * (5 - i) & 31 for i in range(6)])


def decode(text):
    prefix, _, body = text.rpartition("1")
    values = [ALPHABET.index(c) for c in body]
    if _checksum(_expanded(prefix) + values) != CONSTANT:
        raise ValueError("wrong checksum")
    data, bits, count = bytearray(), 0, 0
    for value in values[:-6]:
        bits, count = bits << 5 | value, count + 5
        if count >= 8:
            count -= 8
            data.append(bits >> count & 255)
            bits &= (1 << count) - 1
    return prefix, bytes(data)
