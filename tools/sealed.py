"""Secret ballots, verified again from docs/ballots.md: the questions as they are proven, and every ballot's proof, in plain Python
(`ristretto.py`). Every fault has the number of the rule. What opens them is `opening.py`.
"""
from dataclasses import dataclass

from counting import Tally
from encoding import Fault, enc, need
from primitives import L
from ristretto import G, Transcript, decoded, generator, is_same, multiples, powers, scalar, total

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
    if kind in ("instant_runoff", "scottish_stv"):
        return {"kind": "ranking", "choices": n, "ranks": n, "at_least": 0}
    raise Fault(f"sealed ballots of method {kind} are counted by `urne election verify`")


class Compiled:
    """Forms are (constant, {variable: coefficient}); each question keeps its number of cells, each cell the most that a ballot adds."""

    def __init__(self, questions):
        self.bits, self.bit, self.zero, self.cell, self.layout = 0, [], [], [], []
        rankings = sum(question["kind"] == "ranking" for question in questions)
        need(rankings in (0, len(questions)), "rankings are not asked beside what is added up", 625)
        self.is_one_by_one = rankings > 0
        said = b""
        for question in questions:
            before = len(self.cell)
            said += self.question(question)
            self.layout.append((len(self.cell) - before, question["choices"]))
        forms = b"".join(enc(len(forms), 4) + b"".join(map(written, forms)) for forms in (self.bit, self.zero, self.cell))
        self.bytes = enc(1, 2) + enc(len(questions), 4) + said + enc(self.bits, 4) + forms
        self.digest = Transcript("urne.v1 compiled questions").append("compiled", self.bytes).digest()

    def question(self, it):
        kind, n, blank = it["kind"], it["choices"], it.get("blank")
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
        if kind == "ranking":
            ranks, least = it["ranks"], it["at_least"]
            # "a stands at rank l": each candidate and each rank at most once, no gap.
            matrix = self.fresh(n * ranks)
            of_rank = [[matrix[a * ranks + rank] for a in range(n)] for rank in range(ranks)]
            self.bit += [(0, dict.fromkeys(matrix[a * ranks:(a + 1) * ranks], 1)) for a in range(n)]
            for here, after in zip(of_rank, [*of_rank[1:], None]):
                self.bit.append((0, dict.fromkeys(here, 1)))
                if after:
                    self.bit.append((0, {**dict.fromkeys(here, 1), **dict.fromkeys(after, -1)}))
            if least:
                self.zero.append((-1, dict.fromkeys(of_rank[least - 1], 1)))
            self.cell += [(0, {j: a + 1 for a, j in enumerate(row)}) for row in of_rank]
            return b"\6" + enc(n, 2) + enc(ranks, 2) + enc(least, 2)
        raise Fault(f"a sealed question of kind {kind} is not counted here")

    def fresh(self, n):
        first, self.bits = self.bits, self.bits + n
        row = list(range(first, self.bits))
        self.bit += [(0, {j: 1}) for j in row]
        return row

    def tallies(self, questions, cells, ballots):
        """What was decrypted, in the numbers of an open count: the cell that is not encrypted comes back."""
        found = []
        for question, (length, _) in zip(questions, self.layout):
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

    def rankings(self, rows):
        """Ballots that were opened one by one, as orders by question: each the one that has these very cells."""
        found = [Tally([], 0, len(rows)) for _ in self.layout]
        for cells in rows:
            for tally, (length, choices) in zip(found, self.layout):
                own, cells = cells[:length], cells[length:]
                order = own[:own.index(0)] if 0 in own else own
                is_ranking = len(set(order)) == len(order) and max(order, default=0) <= choices
                need(is_ranking and not any(own[len(order):]), "a ranking that no ballot has", 627)
                if order:
                    tally.marks.append([it - 1 for it in order])
                else:
                    tally.blank += 1
        return found

    def most(self, cell):
        """What one ballot may add to a cell."""
        constant, terms = self.cell[cell]
        return constant + sum(max(it, 0) for it in terms.values())


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


# ---- Ballots (sections 3 and 4) ----

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
        return Ciphertext([a, *b], points["A"], of_cells)


def folded(y, values):
    return sum(power * it for power, it in zip(powers(y, len(values)), values)) % L


@dataclass
class Ciphertext:
    """One A and a B for each cell, as bytes too."""
    words: list
    a: tuple
    b: list
