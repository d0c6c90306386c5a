"""Secret elections counted again from docs/ballots.md: the questions as they are proven, every ballot's proof, the trustees'
shares of the sum and what they open, in plain Python (`ristretto.py`). Every fault has the number of the rule.

Only what is added up: of rankings, which are opened one by one, and of credentials signed blind, it says who verifies them.
"""
import math
from dataclasses import dataclass

from counting import Tally
from encoding import Bytes, Fault, enc, need
from primitives import L, NEUTRAL, add
from ristretto import G, Transcript, decoded, encoded, generator, is_same, minus, multiples, powers, scalar, total

ZERO = bytes(32)


# ---- Questions become bits and forms (section 2) ----

def asked(question):
    """How a question is sealed: a blank ballot is always allowed, and no opinion on a candidate."""
    kind, n = question["method"]["kind"], len(question["choices"])
    if kind in ("referendum", "plurality"):
        return {"kind": "one_of", "choices": n, "blank": True}
    if kind == "approval":
        return {"kind": "approval", "choices": n, "at_least": 1, "at_most": n, "blank": True}
    if kind == "majority_judgment":
        grades = len(question["method"]["grades"])
        return {"kind": "judgment", "choices": n, "grades": grades, "no_opinion": True, "blank": True}
    raise Fault(f"sealed ballots of method {kind} are counted by `urne election verify`")


class Compiled:
    """Forms are (constant, {variable: coefficient}); each question keeps its number of cells."""

    def __init__(self, questions):
        self.bits, self.bit, self.zero, self.cell, self.layout = 0, [], [], [], []
        said = b""
        for question in questions:
            before = len(self.cell)
            said += self.question(question)
            self.layout.append(len(self.cell) - before)
        forms = b"".join(enc(len(forms), 4) + b"".join(map(written, forms)) for forms in (self.bit, self.zero, self.cell))
        self.bytes = enc(1, 2) + enc(len(questions), 4) + said + enc(self.bits, 4) + forms
        self.digest = Transcript("urne.v1 compiled questions").append("compiled", self.bytes).digest()

    def question(self, it):
        kind, n, blank = it["kind"], it["choices"], it["blank"]
        if kind == "one_of":
            row = self.fresh(n + blank - 1)
            if len(row) > 1:
                self.bit.append((1, dict.fromkeys(row, -1)))
            self.cell += [(0, {j: 1}) for j in row]
            return b"\0" + enc(n, 2) + enc(blank, 1)
        if kind == "approval":
            least, most = it["at_least"], it["at_most"]
            marks, z = self.fresh(n), self.fresh(blank)
            if (least, most) == (0, n):
                self.bit += [(1, {mark: -1, z[0]: -1}) for mark in marks if blank]
            else:
                # Σ marks + slack = most · (1 − z)
                weights = digits(most - least)
                slack = dict(zip(self.fresh(len(weights)), weights))
                self.zero.append((-most, {**dict.fromkeys(marks, 1), **dict.fromkeys(z, most), **slack}))
            self.cell += [(0, {j: 1}) for j in marks + z]
            return b"\1" + enc(n, 2) + enc(least, 2) + enc(most, 2) + enc(blank, 1)
        if kind == "judgment":
            grades, no_opinion = it["grades"], it["no_opinion"]
            rows = [self.fresh(grades + no_opinion - 1) for _ in range(n)]
            z = self.fresh(blank)
            self.bit += [(1, dict.fromkeys(row + z, -1)) for row in rows if len(row) > 1 or blank]
            self.cell += [(0, {j: 1}) for row in [*rows, z] for j in row]
            return b"\2" + enc(n, 2) + enc(grades, 2) + enc(no_opinion, 1) + enc(blank, 1)
        raise Fault(f"a sealed question of kind {kind} is not counted here")

    def fresh(self, n):
        first, self.bits = self.bits, self.bits + n
        row = list(range(first, self.bits))
        self.bit += [(0, {j: 1}) for j in row]
        return row

    def tallies(self, questions, cells, ballots):
        """What was decrypted, in the numbers of an open count: the cell that is not encrypted comes back."""
        found = []
        for question, length in zip(questions, self.layout):
            own, cells = cells[:length], cells[length:]
            kind, blank = question["method"]["kind"], own[-1]
            if kind in ("referendum", "plurality"):
                marks, blank = own, ballots - sum(own)
            elif kind == "approval":
                marks = own[:-1]
            else:
                grades = len(question["method"]["grades"])
                marks = [own[i:i + grades] for i in range(0, length - 1, grades)]
                need(all(sum(row) <= ballots - blank for row in marks), "more marks than ballots", 686)
            need(0 <= blank, "more marks than ballots", 686)
            found.append(Tally(marks, blank, ballots))
        return found


def digits(most):
    """Weights that cover exactly 0 to `most`: 1, 2, …, 2^(k−2), most − 2^(k−1) + 1."""
    k = most.bit_length()
    return [1 << at for at in range(k - 1)] + ([most - (1 << k - 1) + 1] if k else [])


def written(form):
    constant, terms = form
    coefficients = b"".join(enc(j, 4) + c.to_bytes(8, "little", signed=True) for j, c in sorted(terms.items()) if c)
    return constant.to_bytes(8, "little", signed=True) + enc(sum(c != 0 for c in terms.values()), 4) + coefficients


def value(form, f, x):
    constant, terms = form
    return (constant * x + sum(c * f[j] for j, c in terms.items())) % L


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
    """The trustees' keys: those after which the election is named, by `draft 32 ‖ trustees ‖ registrars`."""
    it = Bytes(record)
    need(it.take(32) == draft, "the keys are another draft's", 261)
    trustees = it.bytes()
    registrars = it.list(lambda: (it.u32(), it.bytes()))
    it.end()
    name = Transcript("urne.v1 secret election").append("chain", chain).append("draft", draft).append("trustees", trustees)
    for scope, keys in registrars:
        name.append("scope", enc(scope, 4)).append("registrars", keys)
    keys = Keys(trustees)
    need(name.digest() == election, "the keys are not those that the election is named after", 261)
    return keys


class Statement:
    """What every ballot of an election proves: its questions, and a key for each cell."""

    def __init__(self, compiled, chain, election, keys):
        need(len(keys) == len(compiled.cell), "not one key for each cell", 628)
        digest = Transcript("urne.v1 ballot statement").append("questions", compiled.digest)
        self.compiled, self.digest = compiled, digest.words("keys", keys).digest()
        self.chain, self.election = chain, election
        self.blinder, self.base = multiples(generator("blinder", 0)), multiples(G)
        self.bits = [multiples(generator("bit", j)) for j in range(compiled.bits)]
        self.encryption = [multiples(decoded(word)) for word in keys]

    def verify(self, sequence, credential, body, signature):
        """The ciphertext of a ballot: A, its encoding and B, or a fault with the number of the rule (section 4)."""
        forms, m, n = self.compiled, len(self.compiled.cell), self.compiled.bits
        has_u, data = bool(forms.zero), body + credential + signature
        need(len(data) == 32 * (13 + m + n + has_u), "a sealed ballot of another length", 600)
        words = [data[at:at + 32] for at in range(0, len(data), 32)]
        a, b, rest = words[0], words[1:m + 1], words[m + 1:m + 7]
        numbers = words[m + 7:-3]
        k, r, sigma = words[-3:]
        points = {"A": decoded(a)}
        need(a != ZERO, "A is the identity", 604)
        of_cells = [decoded(word) for word in b]
        points.update((name, decoded(word)) for name, word in zip(("V", "W", "S", "T", "D1", "D0"), rest))
        numbers = [scalar(word) for word in numbers]
        points["K"] = decoded(k)
        need(k != ZERO, "K is the identity", 603)
        points["R"], sigma = decoded(r), scalar(sigma)
        every = [a, *b, *rest, k, r]
        need(len(set(every)) == len(every), "two points of a ballot are equal", 605)

        said = Transcript("urne.v1 ballot proof").append("statement", self.digest)
        said.append("context", self.chain + self.election + enc(sequence, 4))
        said.append("K", k).append("A", a).words("B", b).append("V", rest[0])
        y = said.challenge("y")
        for name, word in zip(("W", "S", "T", "D1", "D0"), rest[1:]):
            said.append(name, word)
        if has_u:
            said.append("u", enc(numbers[0], 32))
        x = said.challenge("x")
        u, f, (phi, w, delta) = numbers[0], numbers[has_u:-3], numbers[-3:]
        said.words("f", [enc(it, 32) for it in f])
        for name, number in (("phi", phi), ("w", w), ("delta", delta)):
            said.append(name, enc(number, 32))
        e = said.append("R", r).challenge("e")

        if has_u:
            need(folded(y, [value(it, f, x) for it in forms.zero]) == u, "equation (5) fails", 610)
        opened = [*zip(f, self.bits), (phi, self.blinder), (-x, points["V"])]
        need(is_same(total(opened), points["W"]), "equation (1) fails", 606)
        need(is_same(total([(w, self.base), (-x, points["A"])]), points["S"]), "equation (2) fails", 607)
        weights = powers(y, m)
        cells = [(folded(y, [value(it, f, x) for it in forms.cell]), self.base)]
        cells += [(w * y_i, key) for y_i, key in zip(weights, self.encryption)]
        cells += [(-x * y_i, cell) for y_i, cell in zip(weights, of_cells)]
        need(is_same(total(cells), points["T"]), "equation (3) fails", 608)
        squares = [value(it, f, x) for it in forms.bit]
        squares = folded(y, [it * (it - x) for it in squares])
        proven = total([(squares, self.base), (delta, self.blinder), (-x, points["D1"])])
        need(is_same(proven, points["D0"]), "equation (4) fails", 609)
        need(is_same(total([(sigma, self.base), (-e, points["K"])]), points["R"]), "equation (6) fails", 611)
        return Ciphertext(a, points["A"], of_cells)


def folded(y, values):
    return sum(power * it for power, it in zip(powers(y, len(values)), values)) % L


@dataclass
class Ciphertext:
    """One A, as bytes too, and a B for each cell."""
    a_bytes: bytes
    a: tuple
    b: list


# ---- The urn and its opening (section 8) ----

class Urn:
    """The running sum of a group's last ballots."""

    def __init__(self, cells):
        self.ballots, self.a, self.b = 0, NEUTRAL, [NEUTRAL] * cells

    def enter(self, ballot, former):
        self.ballots += former is None
        self.a, self.b = add(self.a, ballot.a), [add(*pair) for pair in zip(self.b, ballot.b)]
        if former:
            self.a, self.b = add(self.a, minus(former.a)), [add(it, minus(b)) for it, b in zip(self.b, former.b)]

    def digest(self, election, part):
        said = Transcript("urne.v1 urn").append("election", election).append("purpose", b"\1").append("part", enc(part, 4))
        said.append("ballots", enc(self.ballots, 8)).append("ciphertexts", enc(1, 4))
        return said.append("A", encoded(self.a)).words("B", [encoded(it) for it in self.b]).digest()

    def opened(self, election, keys, part, shares):
        """The number in each cell. Every share must hold for this very sum, and enough of them."""
        digest, by_trustee = self.digest(election, part), {}
        for data in shares:
            trustee, d = self.share(election, keys, digest, data)
            by_trustee[trustee] = d
        if not self.ballots:
            return [0] * len(self.b)
        chosen = sorted(by_trustee)[:keys.threshold]
        need(len(chosen) == keys.threshold, "fewer trustees' shares than the threshold", 682)
        weights = [lagrange(i, chosen) for i in chosen]
        logarithms, found = Logarithms(self.ballots), []
        for at, b in enumerate(self.b):
            held = total([(-weight, by_trustee[i][at]) for weight, i in zip(weights, chosen)])
            found.append(logarithms.of(add(b, held)))
        return found

    def share(self, election, keys, digest, data):
        """`trustee u16 ‖ D… ‖ R1 ‖ R2 ‖ z`, right if log_G Σγ^kP_k = log_{Σα^jA_j} Σα^jγ^kD_{j,k}."""
        m = len(self.b)
        need(len(data) == 2 + 32 * (m + 3), "a share of another length", 664)
        trustee, words = int.from_bytes(data[:2], "little"), [data[at:at + 32] for at in range(2, len(data), 32)]
        d, (r1, r2) = [decoded(word) for word in words[:m]], (decoded(word) for word in words[m:m + 2])
        z = scalar(words[-1])
        need(trustee in keys.shares, "a share of nobody", 680)
        said = Transcript("urne.v1 decryption share").append("election", election).append("urn", digest)
        said.append("trustee", enc(trustee, 2)).words("P", keys.shares[trustee]).words("D", words[:m])
        alpha, gammas = said.challenge("alpha"), powers(said.challenge("gamma"), m)
        c = said.append("R1", words[m]).append("R2", words[m + 1]).challenge("c")
        of_keys = [(-c * gamma, point) for gamma, point in zip(gammas, keys.of_holder[trustee])]
        of_sum = [(-c * alpha * gamma, point) for gamma, point in zip(gammas, d)]
        holds = is_same(total([(z, G), *of_keys]), r1) and is_same(total([(z * alpha, self.a), *of_sum]), r2)
        need(holds, f"the share of trustee {trustee} does not hold for the sum of the ballots", 681)
        return trustee, d


def lagrange(i, holders):
    over, under = 1, 1
    for j in holders:
        if j != i:
            over, under = over * j % L, under * (j - i) % L
    return over * pow(under, -1, L) % L


class Logarithms:
    """m of mG, from 0 to `most`: baby steps, kept, and giant steps. No cell counted here gives more than one a ballot."""

    def __init__(self, most):
        self.most, self.steps = most, math.isqrt(most) + 1
        self.baby, point = {}, NEUTRAL
        for m in range(self.steps):
            self.baby[encoded(point)] = m
            point = add(point, G)
        self.giant = minus(point)

    def of(self, point):
        for giant in range(self.most // self.steps + 1):
            baby = self.baby.get(encoded(point))
            if baby is not None and giant * self.steps + baby <= self.most:
                return giant * self.steps + baby
            point = add(point, self.giant)
        raise Fault("a sum is not a number that the ballots could add up to", 683)
