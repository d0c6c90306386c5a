"""How secret elections are opened, again from docs/ballots.md: the keys, the election that is named after them, the urns (sums, or
pieces of ballots that are opened one by one), the trustees' shares of them, and what they open.
"""
import math
from fractions import Fraction

from credentials import RegistrarKeys
from encoding import Bytes, Fault, enc, need
from primitives import NEUTRAL, add
from ristretto import G, Transcript, decoded, encoded, is_same, minus, powers, scalar, total
from sealed import ZERO, Ciphertext

PIECE_CELLS_MAX = 256


# ---- Keys, and the election that is named after them (sections 3 and 7) ----

class Keys:
    """`threshold u16 ‖ n u16 ‖ M u16 ‖ holders u16… ‖ Y… ‖ the P of each holder…`"""

    def __init__(self, data):
        it = Bytes(data)
        self.threshold, n, m = it.u16(), it.u16(), it.u16()
        holders = [it.u16() for _ in range(n)]
        need(all(a < b for a, b in zip([0, *holders], holders)), "holders are not in order", 664)
        need(0 < self.threshold <= n, "a threshold that nobody reaches", 668)
        self.words = [it.take(32) for _ in range(m)]
        self.shares = {holder: [it.take(32) for _ in range(m)] for holder in holders}
        it.end()
        every = self.words + [word for row in self.shares.values() for word in row]
        need(ZERO not in every, "a key is the identity", 641)
        need(len(set(self.words)) == m, "a key stands twice", 669)
        for word in self.words:
            decoded(word)
        self.of_holder = {holder: [decoded(word) for word in row] for holder, row in self.shares.items()}


def named_keys(record, chain, election, draft):
    """Those after which the election is named, by `draft 32 ‖ trustees ‖ registrars`: the trustees' keys, and the
    registrars' by scope."""
    it = Bytes(record)
    need(it.take(32) == draft, "the keys are another draft's", 261)
    trustees = it.bytes()
    registrars = it.list(lambda: (it.u32(), it.bytes()))
    it.end()
    keys, of_registrars = Keys(trustees), {scope: RegistrarKeys(data) for scope, data in registrars}
    name = Transcript("urne.v1 secret election").append("chain", chain).append("draft", draft).append("trustees", trustees)
    for scope, data in registrars:
        name.append("scope", enc(scope, 4)).append("registrars", data)
    need(name.digest() == election, "the keys are not those that the election is named after", 261)
    return keys, of_registrars


# ---- Urns and their opening (section 8) ----

TOTALS, ONE_BY_ONE = 1, 2


class Sum:
    """The running sum of a group's last ballots."""

    def __init__(self, cells):
        self.ballots, self.a, self.b = 0, NEUTRAL, [NEUTRAL] * cells

    def enter(self, ballot, former):
        self.ballots += former is None
        self.a, self.b = add(self.a, ballot.a), [add(*pair) for pair in zip(self.b, ballot.b)]
        if former:
            self.a, self.b = add(self.a, minus(former.a)), [add(it, minus(b)) for it, b in zip(self.b, former.b)]

    def urn(self, election, part):
        words = [encoded(it) for it in (self.a, *self.b)]
        return Urn(election, TOTALS, part, self.ballots, [Ciphertext(words, self.a, self.b)])


def pieces(election, groups, cells):
    """Rankings are opened one by one: the last ballots of each group, by the bytes of A, cut in pieces of so many cells at most."""
    size, part = max(1, PIECE_CELLS_MAX // cells), 0
    for ballots in groups:
        ballots = sorted(ballots, key=lambda it: it.words[0])
        for at in range(0, len(ballots), size):
            piece = ballots[at:at + size]
            yield Urn(election, ONE_BY_ONE, part, len(piece), piece)
            part += 1


class Urn:
    """What is opened together: ciphertexts, and the digest that each trustee answers once."""

    def __init__(self, election, purpose, part, ballots, ciphertexts):
        self.election, self.part, self.ballots, self.ciphertexts = election, part, ballots, ciphertexts
        said = Transcript("urne.v1 urn").append("election", election).append("purpose", bytes([purpose])).append("part", enc(part, 4))
        said.append("ballots", enc(ballots, 8)).append("ciphertexts", enc(len(ciphertexts), 4))
        for it in ciphertexts:
            said.append("A", it.words[0]).words("B", it.words[1:])
        self.digest = said.digest()

    def opened(self, keys, shares, most):
        """The number in each cell of each ciphertext, where one ballot adds `most(cell)` at most. Every share must hold for this
        very urn, and enough of them."""
        by_trustee = dict(self.share(keys, data) for data in shares)
        if not self.ballots:
            return [[0] * len(it.b) for it in self.ciphertexts]
        chosen = sorted(by_trustee)[:keys.threshold]
        need(len(chosen) == keys.threshold, "fewer trustees' shares than the threshold", 682)
        (scale, weights), known, rows = whole_weights(chosen), {}, []
        for j, ciphertext in enumerate(self.ciphertexts):
            row = []
            for k, b in enumerate(ciphertext.b):
                bound = self.ballots * most(k) if len(self.ciphertexts) == 1 else most(k)
                if bound not in known:
                    known[bound] = Logarithms(bound, scale)
                held = [(weight, by_trustee[i][j][k]) for weight, i in zip(weights, chosen)]
                parts = [(abs(weight), minus(d) if weight > 0 else d) for weight, d in held]
                row.append(known[bound].of(total([(scale, b), *parts])))
            rows.append(row)
        return rows

    def share(self, keys, data):
        """`trustee u16 ‖ D… ‖ R1 ‖ R2 ‖ z`, right if log_G Σγ^kP_k = log_{Σα^jA_j} Σα^jγ^kD_{j,k}."""
        n, m = len(self.ciphertexts), len(keys.words)
        need(len(data) == 2 + 32 * (n * m + 3), "a share of another length", 664)
        trustee, words = int.from_bytes(data[:2], "little"), [data[at:at + 32] for at in range(2, len(data), 32)]
        d, (r1, r2) = [decoded(word) for word in words[:-3]], (decoded(word) for word in words[-3:-1])
        z = scalar(words[-1])
        need(trustee in keys.shares, "a share of nobody", 680)
        said = Transcript("urne.v1 decryption share").append("election", self.election).append("urn", self.digest)
        said.append("trustee", enc(trustee, 2)).words("P", keys.shares[trustee]).words("D", words[:-3])
        alphas, gammas = powers(said.challenge("alpha"), n), powers(said.challenge("gamma"), m)
        c = said.append("R1", words[-3]).append("R2", words[-2]).challenge("c")
        of_keys = [(-c * gamma, point) for gamma, point in zip(gammas, keys.of_holder[trustee])]
        of_urn = [(z * alpha, it.a) for alpha, it in zip(alphas, self.ciphertexts)]
        weights = [-c * alpha * gamma for alpha in alphas for gamma in gammas]
        holds = is_same(total([(z, G), *of_keys]), r1) and is_same(total([*of_urn, *zip(weights, d)]), r2)
        need(holds, f"the share of trustee {trustee} does not hold for part {self.part} of the urn", 681)
        return trustee, [d[at:at + m] for at in range(0, n * m, m)]


def whole_weights(holders):
    """Lagrange's weights as whole numbers over one denominator: of few trustees they are small, and a cell is opened at once."""
    weights = [math.prod(Fraction(j, j - i) for j in holders if j != i) for i in holders]
    scale = math.lcm(*(it.denominator for it in weights))
    return scale, [int(it * scale) for it in weights]


class Logarithms:
    """m of m·scale·G, from 0 to `most`: baby steps, kept, and giant steps."""

    def __init__(self, most, scale):
        self.most, self.steps = most, math.isqrt(most) + 1
        self.baby, point, step = {}, NEUTRAL, total([(scale, G)])
        for m in range(self.steps):
            self.baby[encoded(point)] = m
            point = add(point, step)
        self.giant = minus(point)

    def of(self, point):
        for giant in range(self.most // self.steps + 1):
            baby = self.baby.get(encoded(point))
            if baby is not None and giant * self.steps + baby <= self.most:
                return giant * self.steps + baby
            point = add(point, self.giant)
        raise Fault("a sum is not a number that the ballots could add up to", 683)
