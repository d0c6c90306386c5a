"""BLS12-381 in plain Python, as far as a signature on a credential needs it: points as they are written, sums, and one product of
pairings. Our own lines, for `credentials.py` alone: slow, careless of secrets, and knowing none. The hash to G1 is
`hash_to_g1.py`; test vectors of RFC 9380 and docs/vectors are in `test_credentials.py`.

Curves: E: y² = x³ + 4 over the integers modulo P, and its twist y² = x³ + 4(1 + u) over P² (u² = −1), where an element a + bu is
the pair (a, b). G1 and G2 are their points of order R. A point is (x, y), and nobody's, None, the identity.
"""
from encoding import Fault

P = 0x1A0111EA397FE69A4B1BA7B6434BACD764774B84F38512BF6730D2A0F6B0F6241EABFFFEB153FFFFB9FEFFFFFFFFAAAB
R = 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001
X = 0xD201000000010000  # the curves' parameter is −X
G2 = ((0x024AA2B2F08F0A91260805272DC51051C6E47AD4FA403B02B4510B647AE3D1770BAC0326A805BBEFD48056C8C121BDB8,
       0x13E02B6052719F607DACD3A088274F65596BD0D09920B61AB5DA61BBDC7F5049334CF11213945D57E5AC7D055D042B7E),
      (0x0CE5D527727D6E118CC9CDC6DA2E351AADFD9BAA8CBDD3A76D429A695160D12C923AC9CC3BACA289E193548608B82801,
       0x0606C4A02EA734CC32ACD2B02BC28B99CB3E287E85A763AF267492AB572E99AB3F370D275CEC1DA1AAA9075FF05F79BE))


# ---- Elements a + bu ----

def mul2(x, y):
    return (x[0] * y[0] - x[1] * y[1]) % P, (x[0] * y[1] + x[1] * y[0]) % P


def sub2(x, y):
    return (x[0] - y[0]) % P, (x[1] - y[1]) % P


def over2(x, y):
    """x / y: y times its conjugate is a number modulo P."""
    inverse = pow(y[0] * y[0] + y[1] * y[1], -1, P)
    return mul2(x, (y[0] * inverse % P, -y[1] * inverse % P))


def power2(x, n):
    found = (1, 0)
    for bit in bin(n)[2:]:
        found = mul2(found, found)
        found = mul2(found, x) if bit == "1" else found
    return found


def root(x):
    """A square root modulo P, or none: P is 3 modulo 4."""
    found = pow(x, (P + 1) // 4, P)
    return found if found * found % P == x % P else None


def root2(x):
    """The same of an element a + bu (RFC 9380, appendix I.2 has this and others)."""
    found = power2(x, (P - 3) // 4)
    start = mul2(found, x)
    turn = mul2(found, start)
    if turn == (P - 1, 0):
        found = (-start[1] % P, start[0])
    else:
        found = mul2(power2((1 + turn[0], turn[1]), (P - 1) // 2), start)
    return found if mul2(found, found) == x else None


# ---- G1, as (x/z², y/z³) while sums are under way ----

NOBODY = (1, 1, 0)


def double1(p):
    x, y, z = p
    yy = y * y % P
    s, m = 4 * x * yy % P, 3 * x * x % P
    x3 = (m * m - 2 * s) % P
    return x3, (m * (s - x3) - 8 * yy * yy) % P, 2 * y * z % P


def add1(p, q):
    if not p[2]:
        return q
    if not q[2]:
        return p
    (x1, y1, z1), (x2, y2, z2) = p, q
    a, b = z1 * z1 % P, z2 * z2 % P
    u, h = x1 * b % P, (x2 * a - x1 * b) % P
    s, r = y1 * b * z2 % P, (y2 * a * z1 - y1 * b * z2) % P
    if not h:
        return NOBODY if r else double1(p)
    hh = h * h % P
    hhh, v = h * hh % P, u * hh % P
    x3 = (r * r - hhh - 2 * v) % P
    return x3, (r * (v - x3) - s * hhh) % P, z1 * z2 * h % P


def total1(terms):
    """Σ scalar · point, the doublings of all together."""
    rows = [(scalar, (*point, 1)) for scalar, point in terms if point]
    found = NOBODY
    for bit in range(max((scalar.bit_length() for scalar, _ in rows), default=0) - 1, -1, -1):
        found = double1(found)
        for scalar, point in rows:
            if scalar >> bit & 1:
                found = add1(found, point)
    x, y, z = found
    if not z:
        return None
    inverse = pow(z, -1, P)
    return x * inverse * inverse % P, y * inverse * inverse * inverse % P


# ---- G2 ----

def slope(t, q):
    (x, y), (x2, y2) = t, q
    if t == q:
        xx = mul2(x, x)
        return over2((3 * xx[0], 3 * xx[1]), (2 * y[0], 2 * y[1]))
    return over2(sub2(y2, y), sub2(x2, x))


def along(slope_, t, q):
    """The sum of two points on a line of that slope."""
    x = sub2(sub2(mul2(slope_, slope_), t[0]), q[0])
    return x, sub2(mul2(slope_, sub2(t[0], x)), t[1])


def add2(t, q):
    if t is None or q is None:
        return t or q
    if t[0] == q[0] and t[1] != q[1]:
        return None
    return along(slope(t, q), t, q)


def times2(n, q):
    found = None
    for bit in bin(n)[2:]:
        found = add2(found, found)
        found = add2(found, q) if bit == "1" else found
    return found


# ---- Points as they are written (ZCash): three flags, then x; of prime order, never the identity ----

def flags(data):
    is_compressed, is_nobody, is_larger = (data[0] >> bit & 1 for bit in (7, 6, 5))
    if is_nobody and is_compressed and not is_larger and not any(data[1:]) and not data[0] & 31:
        raise Fault("a point is the identity", 641)
    x = int.from_bytes(bytes([data[0] & 31]) + data[1:], "big")
    if is_nobody or not is_compressed:
        raise Fault("the bytes are not a point of the prime-order subgroup", 640)
    return x, is_larger


def decoded1(data):
    """48 bytes of G1."""
    x, is_larger = flags(data)
    y = root(x * x * x + 4) if x < P else None
    if y is None or total1([(R, (x, y))]):
        raise Fault("the bytes are not a point of the prime-order subgroup", 640)
    return x, y if (y > P - y) == is_larger else P - y


def decoded2(data):
    """96 bytes of G2: of x = a + bu first b, with the flags, then a."""
    b, is_larger = flags(data)
    x = int.from_bytes(data[48:], "big"), b >> 384
    if max(x) < P:
        cube = mul2(mul2(x, x), x)
        y = root2(((cube[0] + 4) % P, (cube[1] + 4) % P))
        if y is not None and times2(R, (x, y)) is None:
            minus = -y[0] % P, -y[1] % P
            return x, y if (y[::-1] > minus[::-1]) == is_larger else minus
    raise Fault("the bytes are not a point of the prime-order subgroup", 640)


# ---- Pairings: numbers of P¹² as twelve coefficients of powers of w, w¹² = 2w⁶ − 2, so that u = w⁶ − 1 ----

def folded(product):
    """Twenty-three coefficients as twelve."""
    for at in range(len(product) - 1, 11, -1):
        product[at - 6] += 2 * product[at]
        product[at - 12] -= 2 * product[at]
    return [it % P for it in product[:12]]


def mul12(f, g):
    product = [0] * 23
    for i, a in enumerate(g):
        if a:
            for j, b in enumerate(f, i):
                product[j] += a * b
    return folded(product)


def line(slope_, t, p):
    """The line through t on the twist, at a point of G1, times w³: which the last power takes away."""
    c, d = sub2(mul2(slope_, t[0]), t[1]), (-slope_[0] * p[0], -slope_[1] * p[0])
    return [c[0] - c[1], 0, d[0] - d[1], p[1], 0, 0, c[1], 0, d[1], 0, 0, 0]


# w to the power P² is w times this number modulo P.
TURN = power2((1, 1), (P * P - 1) // 6)[0]
HARD = (P**4 - P**2 + 1) // R


def is_one(pairs):
    """Whether Π e(p, q) = 1: Miller's loops in step, then one last power.

    That power is (P⁶ − 1)(P² + 1)·HARD. To the power P⁶ goes whatever is odd in w to its opposite: h to the power P⁶ − 1 is 1 if
    and only if h has nothing odd."""
    pairs = [(p, q) for p, q in pairs if p is not None and q is not None]
    f, at = [1] + [0] * 11, [q for _, q in pairs]
    for bit in bin(X)[3:]:
        f = mul12(f, f)
        for i, (p, q) in enumerate(pairs):
            for other in (at[i], q) if bit == "1" else (at[i],):
                slope_ = slope(at[i], other)
                f = mul12(f, line(slope_, at[i], p))
                at[i] = along(slope_, at[i], other)
    turned = [it * pow(TURN, i, P) % P for i, it in enumerate(f)]
    f, h = mul12(f, turned), [1] + [0] * 11
    for bit in bin(HARD)[2:]:
        h = mul12(h, h)
        h = mul12(h, f) if bit == "1" else h
    return any(h) and not any(h[1::2])
