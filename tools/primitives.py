"""BLAKE3 and the verification of Ed25519 signatures, in plain Python: our own lines, for `recount.py` and its neighbours alone. They are slow, they
take no care of secrets, and they know none; published test vectors are in `test_recount.py`.
"""
import hashlib

# ---- BLAKE3 (https://github.com/BLAKE3-team/BLAKE3-specs) ----

IV = (0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19)
ORDER = (2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8)
MIXES = ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
         (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14))
CHUNK_START, CHUNK_END, PARENT, ROOT, KEY_CONTEXT, KEY_MATERIAL = 1, 2, 4, 8, 32, 64
WORD = 0xFFFFFFFF


def compress(cv, block, counter, length, flags):
    m = [int.from_bytes(block[i:i + 4], "little") for i in range(0, 64, 4)]
    v = list(cv) + list(IV[:4]) + [counter & WORD, counter >> 32, length, flags]
    for turn in range(7):
        for i, (a, b, c, d) in enumerate(MIXES):
            va, vb, vc, vd = v[a], v[b], v[c], v[d]
            va = (va + vb + m[2 * i]) & WORD
            vd ^= va
            vd = (vd >> 16 | vd << 16) & WORD
            vc = (vc + vd) & WORD
            vb ^= vc
            vb = (vb >> 12 | vb << 20) & WORD
            va = (va + vb + m[2 * i + 1]) & WORD
            vd ^= va
            vd = (vd >> 8 | vd << 24) & WORD
            vc = (vc + vd) & WORD
            vb ^= vc
            v[a], v[b], v[c], v[d] = va, (vb >> 7 | vb << 25) & WORD, vc, vd
        if turn < 6:
            m = [m[i] for i in ORDER]
    return [v[i] ^ v[i + 8] for i in range(8)] + [v[i + 8] ^ cv[i] for i in range(8)]


def blake3_64(data, key=IV, flags=0):
    """The first 64 bytes of output."""
    def words(cv):
        return b"".join(word.to_bytes(4, "little") for word in cv)

    def chunk(index, is_root):
        part, cv = data[index * 1024:(index + 1) * 1024], key
        n_blocks = max(1, (len(part) + 63) // 64)
        for i in range(n_blocks):
            block = part[i * 64:(i + 1) * 64]
            mark = (CHUNK_START if i == 0 else 0) | (CHUNK_END if i == n_blocks - 1 else 0)
            mark |= ROOT if is_root and i == n_blocks - 1 else 0
            cv = compress(cv[:8], block.ljust(64, b"\0"), index, len(block), flags | mark)
        return cv

    def tree(first, n, is_root):
        if n == 1:
            return chunk(first, is_root)
        left = 1 << (n - 1).bit_length() - 1
        block = words(tree(first, left, False)[:8]) + words(tree(first + left, n - left, False)[:8])
        return compress(key, block, 0, 64, flags | PARENT | (ROOT if is_root else 0))

    return words(tree(0, max(1, (len(data) + 1023) // 1024), True))


def blake3(data):
    return blake3_64(data)[:32]


CONTEXTS = {}


def derive(role, data):
    """BLAKE3 derive_key: no two roles share a hash."""
    return derive_64(role, data)[:32]


def derive_64(role, data):
    if role not in CONTEXTS:
        key = blake3_64(role.encode(), flags=KEY_CONTEXT)[:32]
        CONTEXTS[role] = tuple(int.from_bytes(key[i:i + 4], "little") for i in range(0, 32, 4))
    return blake3_64(data, CONTEXTS[role], KEY_MATERIAL)


# ---- Ed25519 by ZIP-215: the very rules by which urne's validators accept ----

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)
NEUTRAL = (0, 1, 1, 0)


def point(encoded):
    """Any encoding of a point of the curve, non-canonical ones included, as ZIP-215 has it."""
    number = int.from_bytes(encoded, "little")
    sign, y = number >> 255, (number & (1 << 255) - 1) % P
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if v * x * x % P == -u % P:
        x = x * ROOT_OF_MINUS_1 % P
    if v * x * x % P != u:
        return None
    if x & 1 != sign:
        x = -x % P
    return x, y, 1, x * y % P


def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def is_signed(key, digest, signature):
    a, r, s = point(key), point(signature[:32]), int.from_bytes(signature[32:], "little")
    if a is None or r is None or L <= s:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + digest).digest(), "little") % L
    minus_a, minus_r = (-a[0] % P, a[1], 1, -a[3] % P), (-r[0] % P, r[1], 1, -r[3] % P)
    both, total = add(BASE, minus_a), NEUTRAL
    for bit in range(max(s.bit_length(), h.bit_length()) - 1, -1, -1):
        total = add(total, total)
        which = (s >> bit & 1) + 2 * (h >> bit & 1)
        if which:
            total = add(total, (None, BASE, minus_a, both)[which])
    total = add(total, minus_r)
    for _ in range(3):
        total = add(total, total)
    return total[0] == 0 and total[1] == total[2]
