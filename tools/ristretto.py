"""Ristretto255 (RFC 9496) in plain Python, and the transcripts of docs/ballots.md: our own lines, for `sealed.py` alone. They are
slow, they take no care of secrets, and they know none; the vectors of the RFC are in `test_recount.py`.
"""
from encoding import Fault, enc
from primitives import D, L, NEUTRAL, P, ROOT_OF_MINUS_1, add, derive_64
from primitives import BASE as G

SQRT_AD_MINUS_ONE = 25063068953384623474111414158702152701244531502492656460079210482610430750235
INVSQRT_A_MINUS_D = 54469307008909316920995813868745141605393597292927456921205312896311721017578
ONE_MINUS_D_SQ, D_MINUS_ONE_SQ = (1 - D * D) % P, (D - 1) ** 2 % P


def absolute(x):
    return -x % P if x & 1 else x


def sqrt_ratio(u, v):
    """Whether u/v is a square, and its root that is not negative (4.2); of no square, that of u/v times √−1."""
    root = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    check = v * root * root % P
    is_turned = check in (-u % P, -u * ROOT_OF_MINUS_1 % P)
    root = root * ROOT_OF_MINUS_1 % P if is_turned else root
    return check in (u % P, -u % P), absolute(root)


def decoded(word):
    """The element of 32 bytes, or a fault: there is one encoding of each (4.3.1)."""
    s = int.from_bytes(word, "little")
    if P <= s or s & 1:
        raise Fault("32 bytes are not the canonical encoding of a group element", 601)
    u1, u2 = (1 - s * s) % P, (1 + s * s) % P
    v = (-D * u1 * u1 - u2 * u2) % P
    is_square, root = sqrt_ratio(1, v * u2 * u2 % P)
    x = absolute(2 * s * root * u2 % P)
    y = u1 * root * root * u2 * v % P
    t = x * y % P
    if not is_square or t & 1 or y == 0:
        raise Fault("32 bytes are not the canonical encoding of a group element", 601)
    return x, y, 1, t


def encoded(point):
    x, y, z, t = point
    u1, u2 = (z + y) * (z - y) % P, x * y % P
    _, root = sqrt_ratio(1, u1 * u2 * u2 % P)
    one, two = root * u1 % P, root * u2 % P
    inverse = one * two * t % P
    if t * inverse % P & 1:
        x, y, two = y * ROOT_OF_MINUS_1 % P, x * ROOT_OF_MINUS_1 % P, one * INVSQRT_A_MINUS_D % P
    if x * inverse % P & 1:
        y = -y % P
    return enc(absolute(two * (z - y) % P), 32)


def mapped(wide):
    """The one-way map on 64 bytes (4.3.4)."""
    return add(*(elligator(int.from_bytes(half, "little") % 2**255 % P) for half in (wide[:32], wide[32:])))


def elligator(t):
    r = ROOT_OF_MINUS_1 * t * t % P
    u, v = (r + 1) * ONE_MINUS_D_SQ % P, (-1 - r * D) * (r + D) % P
    is_square, s = sqrt_ratio(u, v)
    c = P - 1
    if not is_square:
        s, c = -absolute(s * t % P) % P, r
    n = (c * (r - 1) * D_MINUS_ONE_SQ - v) % P
    w0, w1, w2, w3 = 2 * s * v % P, n * SQRT_AD_MINUS_ONE % P, (1 - s * s) % P, (1 + s * s) % P
    return w0 * w3 % P, w2 * w1 % P, w1 * w3 % P, w0 * w2 % P


def generator(label, j):
    """Nobody knows a logarithm between two of them (section 1)."""
    name = label.encode()
    return mapped(derive_64("urne.v1 generator", enc(len(name), 4) + name + enc(j, 4)))


def minus(point):
    return -point[0] % P, point[1], point[2], -point[3] % P


def double(point):
    x, y, z, _ = point
    a, b = x * x % P, y * y % P
    e, g = (x + y) * (x + y) - a - b, b - a
    f, h = g - 2 * z * z, -a - b
    return e * f % P, g * h % P, f * g % P, e * h % P


def is_same(one, other):
    return not (one[0] * other[1] - one[1] * other[0]) % P or not (one[1] * other[1] - one[0] * other[0]) % P


def multiples(point):
    """0 to 15 times a point: what `total` needs of it, kept for points that come in every ballot."""
    table = [NEUTRAL, point]
    for _ in range(14):
        table.append(add(table[-1], point))
    return table


def total(terms):
    """Σ scalar · point, four bits at a time; a point may come as its multiples."""
    rows = [(scalar % L, point if isinstance(point, list) else multiples(point)) for scalar, point in terms]
    total = NEUTRAL
    for shift in range(252, -1, -4):
        if total is not NEUTRAL:
            total = double(double(double(double(total))))
        for scalar, table in rows:
            digit = scalar >> shift & 15
            if digit:
                total = add(total, table[digit])
    return total


def scalar(word):
    number = int.from_bytes(word, "little")
    if L <= number:
        raise Fault("32 bytes are not the canonical encoding of a scalar", 602)
    return number


class Transcript:
    """Fiat-Shamir (section 1): each item under its label, both length-prefixed."""

    def __init__(self, role):
        self.role, self.said = role, bytearray()

    def label(self, label):
        self.said += enc(len(label), 4) + label.encode()

    def append(self, label, data):
        self.label(label)
        self.said += enc(len(data), 4) + data
        return self

    def words(self, label, words):
        self.label(label)
        self.said += enc(len(words), 4) + b"".join(words)
        return self

    def challenge(self, label):
        self.label(label)
        wide = derive_64(self.role, bytes(self.said))
        self.said += wide
        return int.from_bytes(wide, "little") % L

    def digest(self):
        return derive_64(self.role, bytes(self.said))[:32]


def powers(base, n):
    """base, base², …: powers count from 1."""
    found, power = [], 1
    for _ in range(n):
        power = power * base % L
        found.append(power)
    return found
