"""The scalar field of BLS12-377, and the one point of Edwards arithmetic that Aleo's public inputs need."""

R = 0x12AB655E9A2CA55660B44D1E5C37B00159AA76FED00000010A11800000000001
GENERATOR = 22
TWO_ADICITY = 47

# Aleo's embedded curve: -x^2 + y^2 = 1 + 3021 x^2 y^2, with this prime order of its subgroup.
EDWARDS_D = 3021
EDWARDS_ORDER = 2111115437357092606062206234695386632838870926408408195193685246394721360383


def square_root(a):
    """A square root of a modulo R (Tonelli-Shanks); raises ValueError where there is none."""
    if a % R == 0:
        return 0
    odd = (R - 1) >> TWO_ADICITY
    root, x, b = pow(GENERATOR, odd, R), pow(a, (odd + 1) // 2, R), pow(a, odd, R)
    order = TWO_ADICITY
    while b != 1:
        k, square = 0, b
        while square != 1:
            square, k = square * square % R, k + 1
            if k == order:
                raise ValueError("no square root")
        factor = pow(root, 1 << (order - k - 1), R)
        order, root = k, factor * factor % R
        x, b = x * factor % R, b * root % R
    return x


def _add(p, q):
    (x1, y1), (x2, y2) = p, q
    k = EDWARDS_D * x1 * x2 % R * y1 % R * y2 % R
    return ((x1 * y2 + y1 * x2) * pow(1 + k, -1, R) % R, (y1 * y2 + x1 * x2) * pow(1 - k, -1, R) % R)


def _multiply(p, scalar):
    total = (0, 1)
    for bit in bin(scalar)[2:]:
        total = _add(total, total)
        if bit == "1":
            total = _add(total, p)
    return total


def group_from_x(x):
    """Both coordinates of a group literal, which prints x only: y is the root of prime order."""
    y = square_root((1 + x * x) * pow(1 - EDWARDS_D * x * x, -1, R) % R)
    for candidate in (y, R - y):
        if _multiply((x, candidate), EDWARDS_ORDER) == (0, 1):
            return x, candidate
    raise ValueError("not in the subgroup of prime order")
