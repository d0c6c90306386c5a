#!/usr/bin/env python3
"""Recounts an election with open ballots from its archive, without a line of urne's own code and with nothing but Python's
standard library (`primitives.py`, beside this file, is BLAKE3 and Ed25519): it shares docs/formats.md with the rest, no more.

    tools/recount.py ELECTION.urne [--chain CHAIN_ID] [--skip-signatures]

It reads every byte of the archive, checks the genesis against the chain's name, the census, each block's transactions, each
ballot's signature, member, sequence and time, both logs, and the state proofs; then it counts referendums, pluralities,
approvals and majority judgments, and compares each result with the ledger's, byte for byte. What it does *not* check is the
validators' signatures: that the headers are final is for `urne election verify`.

Exit codes: 0 it holds, 2 wrong use, 3 no such file, 5 something does not hold. Prints one JSON object.
"""
import argparse
import hashlib
import json
import math
import sys

from primitives import blake3, derive, is_signed

MAGIC = b"urne archive\n"
RECORD_BYTES_MAX = 4 << 20
SEQUENCE_STEP_MAX, BALLOTS_PER_RIGHT_MAX = 64, 1024


class Fault(Exception):
    """Something does not hold."""


def need(holds, sentence):
    if not holds:
        raise Fault(sentence)


# ---- The canonical encoding (docs/formats.md) ----

class Bytes:
    """Bytes, read from the left; what is left at the end is a fault."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, n):
        need(self.at + n <= len(self.data), "a record ends too early")
        self.at += n
        return self.data[self.at - n:self.at]

    def number(self, n):
        return int.from_bytes(self.take(n), "little")

    def u16(self):
        return self.number(2)

    def u32(self):
        return self.number(4)

    def u64(self):
        return self.number(8)

    def bytes(self):
        return self.take(self.u64())

    def text(self):
        return self.bytes().decode("utf-8")

    def list(self, item):
        n = self.u64()
        need(n <= len(self.data), "a list is longer than its record")
        return [item() for _ in range(n)]

    def option(self, item):
        there = self.number(1)
        need(there <= 1, "an option is neither there nor not")
        return item() if there else None

    def end(self):
        need(self.at == len(self.data), "bytes follow a record")


def enc(number, n):
    return number.to_bytes(n, "little")


def enc_list(items, n):
    return enc(len(items), 8) + b"".join(enc(it, n) for it in items)


def records(file):
    need(file.read(len(MAGIC)) == MAGIC, "it is not an archive of an election")
    while True:
        prefix = file.read(4)
        need(len(prefix) == 4, "the archive ends before its end")
        length = int.from_bytes(prefix, "little")
        need(length <= RECORD_BYTES_MAX, "a record is too long")
        data = file.read(length)
        need(len(data) == length, "the archive ends before its end")
        record = Bytes(data)
        kind = record.u32()
        yield kind, record
        if kind == 5:
            record.end()
            need(not file.read(1), "bytes follow the end")
            return


def read_header(it):
    fields = (("version", 2), ("chain", 32), ("height", 8), ("round", 4), ("time", 8), ("proposer", 20), ("previous", 32),
              ("last_commit", 32), ("tx_root", 32), ("app_hash", 32), ("validators", 32), ("next_validators", 32))
    header = {name: it.take(n) for name, n in fields}
    for name in ("height", "time"):
        header[name] = int.from_bytes(header[name], "little")
    it.take(8 + 4 + 32)  # the certificate: height, round, block, and the signatures that this script leaves alone
    it.list(lambda: it.take(20 + 64))
    return header


def read_method(it):
    kind = it.u32()
    if kind == 0:
        return {"kind": "referendum", "threshold": it.u32(), "base": it.u32()}
    if kind in (1, 2):
        return {"kind": ("plurality", "approval")[kind - 1]}
    if kind == 3:
        return {"kind": "majority_judgment", "grades": it.list(it.text), "nulls": it.u32()}
    raise Fault(f"method {kind} is not counted here: `urne election verify` counts it")


def read_definition(data):
    it = Bytes(data)
    definition = {"title": it.text()}
    definition["questions"] = it.list(
        lambda: {"title": it.text(), "choices": it.list(it.text), "method": read_method(it)})
    definition["census"] = it.take(32)
    need(it.u32() == 0, "its ballots are sealed: `urne election verify` counts them")
    definition["opens_at"], definition["closes_at"], grace = it.u64(), it.u64(), it.u32()
    definition["cutoff"] = definition["closes_at"] + grace
    definition["may_revote"] = it.u32() == 0
    it.u32()  # closing before the time
    it.option(it.u64)
    it.list(lambda: it.take(32))
    need(it.option(lambda: 1) is None, "it is held under statutes: `urne election verify` counts it")
    it.end()
    return definition


def read_answer(it):
    kind = it.u32()
    if kind == 0:
        return "blank", None
    if kind == 1:
        return "choice", it.u16()
    if kind == 2:
        return "approvals", it.list(it.u16)
    if kind == 3:
        return "grades", it.list(lambda: it.option(lambda: it.number(1)))
    raise Fault(f"answer {kind} answers none of the questions counted here")


def read_ballot(data):
    it = Bytes(data)
    need(it.u16() == 1, "a transaction of another version")
    ballot = {"chain": it.take(32), "sender": it.take(32)}
    need(it.u32() == 0, "a transaction that is no ballot")
    ballot["election"], ballot["college"], ballot["sequence"] = it.take(32), it.u16(), it.u32()
    need(it.u32() == 0, "a ballot that is not open")
    ballot["answers"] = it.list(lambda: read_answer(it))
    ballot["unsigned"], ballot["signature"] = data[:it.at], it.take(64)
    it.end()
    return ballot


# ---- Logs and state ----

class Log:
    """A Merkle log (RFC 6962, BLAKE3): the roots of its complete subtrees, largest first."""

    def __init__(self, leaves=()):
        self.size, self.peaks = 0, []
        for leaf in leaves:
            self.append(leaf)

    def append(self, leaf):
        node, index = blake3(b"\0" + leaf), self.size
        while index & 1:
            node, index = blake3(b"\1" + self.peaks.pop() + node), index >> 1
        self.peaks.append(node)
        self.size += 1

    def root(self):
        if not self.peaks:
            return blake3(b"")
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = blake3(b"\1" + peak + root)
        return root

    def head(self):
        return enc(self.size, 8) + self.root()


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def is_in_state(root, key, value, proof):
    """A proof of the Jellyfish Merkle tree that the key has this value, or none."""
    it, path = Bytes(proof), sha256(key)
    leaf = it.option(lambda: (it.take(32), it.take(32)))
    siblings = []
    for _ in range(it.u32()):
        kind = it.number(1)
        if kind == 0:
            siblings.append(b"SPARSE_MERKLE_PLACEHOLDER_HASH__")
        else:
            prefix = {1: b"JMT::IntrnalNode", 2: b"JMT::LeafNode"}.get(kind)
            need(prefix, "an unknown node in a state proof")
            siblings.append(sha256(prefix, it.take(64)))
    it.end()
    n = len(siblings)
    bits = int.from_bytes(path, "big")
    if value is not None:
        if leaf != (path, sha256(value)):
            return False
    elif leaf is not None:
        other = int.from_bytes(leaf[0], "big")
        if leaf[0] == path or (bits ^ other) >> (256 - n):
            return False
    node = sha256(b"JMT::LeafNode", *leaf) if leaf else b"SPARSE_MERKLE_PLACEHOLDER_HASH__"
    for i, sibling in enumerate(siblings):
        is_right = bits >> (256 - n + i) & 1
        node = sha256(b"JMT::IntrnalNode", *((sibling, node) if is_right else (node, sibling)))
    return node == root


# ---- Counting: from answers to the numbers shown, and to the ledger's bytes ----

def ranks_of(n, is_better):
    return [1 + sum(is_better(other, one) for other in range(n)) for one in range(n)]


def by_name(question, values):
    return dict(zip(question["choices"], values))


def count_referendum(question, answers, registered):
    favour, against = (sum(it == ("choice", side) for it in answers) for side in (0, 1))
    blank = sum(it[0] == "blank" for it in answers)
    base = (favour + against, favour + against + blank, registered)[question["method"]["base"]]
    reached = (favour > against, 2 * favour > base, 5 * favour >= 3 * base, 3 * favour >= 2 * base)
    adopted = reached[question["method"]["threshold"]] and favour > 0
    shown = {"tally": by_name(question, [favour, against]), "blank": blank, "base": base, "adopted": adopted}
    return shown, b"".join((enc(favour, 8), enc(against, 8), enc(blank, 8), enc(0 if adopted else 1, 4), enc(base, 8)))


def most_votes(question, votes):
    ranks = ranks_of(len(votes), lambda a, b: votes[a] > votes[b])
    winners = [i for i, rank in enumerate(ranks) if rank == 1 and sum(votes)]
    return ranks, winners, [question["choices"][i] for i in winners]


def count_plurality(question, answers, _):
    votes = [sum(it == ("choice", i) for it in answers) for i in range(len(question["choices"]))]
    blank = sum(it[0] == "blank" for it in answers)
    ranks, winners, names = most_votes(question, votes)
    absolute = 2 * max(votes) > sum(votes)
    shown = {"tally": by_name(question, votes), "winners": names, "ranks": by_name(question, ranks), "blank": blank,
             "absolute_majority": absolute}
    return shown, b"".join((enc_list(votes, 8), enc(blank, 8), enc_list(ranks, 2), enc_list(winners, 2),
                            enc(0 if absolute else 1, 4)))


def count_approval(question, answers, _):
    votes = [sum(it[0] == "approvals" and i in it[1] for it in answers) for i in range(len(question["choices"]))]
    blank, ballots = sum(it[0] == "blank" for it in answers), len(answers)
    ranks, winners, names = most_votes(question, votes)
    order = sorted(range(len(votes)), key=lambda i: ranks[i])
    shown = {"tally": by_name(question, votes), "winners": names, "blank": blank, "ballots": ballots,
             "order": [question["choices"][i] for i in order]}
    return shown, b"".join((enc_list(votes, 8), enc(ballots, 8), enc(blank, 8), enc_list(ranks, 2), enc_list(winners, 2)))


def median(row):
    """The lower median of the judgments, and whether more are above than below; none without a judgment."""
    seen = 0
    for grade, n in enumerate(row):
        seen += n
        if n and 2 * seen >= sum(row):
            return grade, sum(row[grade + 1:]) > sum(row[:grade])
    return None


def majority_value(row):
    """The grades from the middle outwards, as (how far, grade below, grade above): each judgment counts twice, so that the
    middle lies between two."""
    total = sum(row)
    steps, at = [], 0
    while at < total:
        seen, edges = 0, []
        for grade, n in enumerate(row):
            edges.append((seen, seen + 2 * n, grade))
            seen += 2 * n
        below = next(it for it in edges if it[0] <= total - 1 - at < it[1])
        above = next(it for it in edges if it[0] <= total + at < it[1])
        at = min(total - below[0], above[1] - total)
        steps.append((at, below[2], above[2]))
    return steps


def is_judged_better(one, other):
    """Whichever has the better grade first, going outwards; rows have the same total, or none."""
    one, other = majority_value(one), majority_value(other)
    if not one or not other:
        return bool(one) and not other
    edges = sorted({step[0] for step in one} | {step[0] for step in other})
    for edge in edges:
        here, there = (next(step[1:] for step in it if edge <= step[0]) for it in (one, other))
        if here != there:
            return here > there
    return False


def count_majority_judgment(question, answers, _):
    n_grades, n = len(question["method"]["grades"]), len(question["choices"])
    rows = [[sum(it[0] == "grades" and it[1][i] == grade for it in answers) for grade in range(n_grades)] for i in range(n)]
    blank, voters = sum(it[0] == "blank" for it in answers), len(answers)
    missing = [voters - sum(row) for row in rows]
    full = [list(row) for row in rows]
    for row, more in zip(full, missing):
        nulls = question["method"]["nulls"]
        if nulls < 2:
            row[0 if nulls == 0 else (median(row) or (0, False))[0]] += more
    scale = math.lcm(*(sum(row) or 1 for row in full))
    full = [[scale // (sum(row) or 1) * it for it in row] for row in full]
    ranks = ranks_of(n, lambda a, b: is_judged_better(full[a], full[b]))
    winners = [i for i, rank in enumerate(ranks) if rank == 1 and blank < voters]
    medians = [median(row) for row in full]
    mention = [it and question["method"]["grades"][it[0]] + "-+"[it[1]] for it in medians]
    shown = {"winner": [question["choices"][i] for i in winners], "ranks": by_name(question, ranks),
             "profiles_worst_to_best": by_name(question, full), "median": by_name(question, mention), "voters": voters,
             "no_opinion": by_name(question, missing), "blank": blank}
    enc_median = [b"\1" + enc(it[0], 1) + enc(0 if it[1] else 1, 4) if it else b"\0" for it in medians]
    return shown, b"".join((enc(n, 8), *(enc_list(row, 8) for row in rows), enc_list(missing, 8), enc(voters, 8),
                            enc(blank, 8), enc_list(ranks, 2), enc_list(winners, 2), enc(n, 8), *enc_median))


COUNTS = {"referendum": count_referendum, "plurality": count_plurality, "approval": count_approval,
          "majority_judgment": count_majority_judgment}


def is_well_formed(question, answer):
    kind, said = answer
    n, method = len(question["choices"]), question["method"]["kind"]
    if kind == "blank":
        return True
    if kind == "choice":
        return method in ("referendum", "plurality") and said < n
    if kind == "approvals":
        rising = all(a < b for a, b in zip(said, said[1:]))
        return method == "approval" and bool(said) and rising and said[-1] < n
    given = [it for it in said if it is not None]
    is_known = all(it < len(question["method"].get("grades", ())) for it in given)
    return method == "majority_judgment" and len(said) == n and is_known and bool(given)


# ---- The archive, record by record ----

class Recount:
    def __init__(self, trusted, verify_signatures):
        self.trusted, self.verify_signatures = trusted, verify_signatures
        self.chain = self.election = self.definition = None
        self.state, self.census, self.census_log, self.colleges = {}, set(), Log(), []
        self.last, self.ballots, self.emargements = {}, Log(), Log()
        self.last_entry, self.last_height = None, 0

    def opening(self, it):
        need(it.u16() == 1, "another version of the format")
        genesis = it.data[it.at:-32]
        self.election, self.chain = it.data[-32:], derive("urne.v1 genesis", genesis)
        need(self.trusted in (None, self.chain), f"it is the archive of chain {self.chain.hex()}")

    def proven(self, it):
        header = read_header(it)
        for key, value, proof in it.list(lambda: (it.bytes(), it.option(it.bytes), it.bytes())):
            need(is_in_state(header["app_hash"], key, value, proof), f"entry {key.hex()} is not in the state")
            need(key not in self.state, f"entry {key.hex()} is there twice")
            self.state[key] = value
        it.end()

    def enrol(self, it):
        for entry in it.list(lambda: (it.u16(), it.take(32))):
            need(self.last_entry is None or self.last_entry < entry, "the census is not in order")
            self.last_entry = entry
            self.census.add(entry)
            self.census_log.append(enc(entry[0], 2) + entry[1])
            if not self.colleges or self.colleges[-1][0] != entry[0]:
                self.colleges.append([entry[0], 0])
            self.colleges[-1][1] += 1
        it.end()

    def of_election(self, tag, more=b""):
        key = bytes([tag]) + self.election + more
        need(key in self.state, f"entry {key.hex()} is missing")
        return self.state[key]

    def ground(self):
        """Before the first ballot: is this the election, and is this its census?"""
        encoded = self.of_election(0x13)
        self.definition = read_definition(encoded)
        draft, census = derive("urne.v1 draft", encoded), self.definition["census"]
        need(derive("urne.v1 election", self.chain + draft + census) == self.election, "another election's definition")
        totals = enc(len(self.colleges), 8) + b"".join(enc(c, 2) + enc(n, 8) for c, n in self.colleges)
        need(derive("urne.v1 census", self.census_log.root() + totals) == census, "another census than the election names")

    def block(self, it):
        header = read_header(it)
        need(self.last_height < header["height"], "blocks are not in order")
        self.last_height = header["height"]
        txs = it.list(lambda: (it.take(32), None) if it.u32() == 0 else (None, it.bytes()))
        it.end()
        hashes = [known or derive("urne.v1 transaction hash", data) for known, data in txs]
        need(Log(hashes).root() == header["tx_root"], f"block {header['height']} has other transactions")
        for tx_hash, (_, data) in zip(hashes, txs):
            if data is not None:
                self.cast(header, tx_hash, read_ballot(data))

    def cast(self, header, tx_hash, ballot):
        at = f"a ballot of block {header['height']}"
        need((ballot["chain"], ballot["election"]) == (self.chain, self.election), f"{at} is of another election")
        if self.verify_signatures:
            digest = derive("urne.v1 sign transaction", ballot["unsigned"])
            need(is_signed(ballot["sender"], digest, ballot["signature"]), f"{at} is not signed by its sender")
        definition = self.definition
        need(definition["opens_at"] <= header["time"] < definition["cutoff"], f"{at} is out of time")
        entry = ballot["college"], self.state.get(b"\x41" + ballot["sender"]) or ballot["sender"]
        need(entry in self.census, f"{at} is nobody's of the census")
        before, sequence = self.last.get(entry), ballot["sequence"]
        need(before is None or definition["may_revote"], f"{at} is a second one, where only one may be cast")
        least = before[0] if before else 0
        need(least < sequence <= min(least + SEQUENCE_STEP_MAX, BALLOTS_PER_RIGHT_MAX), f"{at} has a wrong number")
        answers, questions = ballot["answers"], definition["questions"]
        need(len(answers) == len(questions) and all(map(is_well_formed, questions, answers)), f"{at} is ill-formed")
        self.last[entry] = sequence, answers
        self.ballots.append(derive("urne.v1 transaction id", ballot["unsigned"]) + tx_hash)
        if before is None:
            self.emargements.append(enc(entry[0], 2) + entry[1])

    def result(self):
        empty = Log().head()
        need(self.ballots.head() == (self.of_election(0x17) or empty), "the ballots are not those of the log")
        need(self.emargements.head() == (self.of_election(0x18) or empty), "the émargements are not those of the ballots")
        colleges = []
        for college, registered in self.colleges:
            voted = sum(entry[0] == college for entry in self.last)
            said = self.of_election(0x15, college.to_bytes(2, "big"))
            need(voted == int.from_bytes(said or b"", "little"), f"the turnout of college {college} is another")
            colleges.append({"college": college, "registered": str(registered), "voted": str(voted)})
        questions = []
        for at, question in enumerate(self.definition["questions"]):
            kind = question["method"]["kind"]
            answers = [answers[at] for _, answers in self.last.values()]
            shown, encoded = COUNTS[kind](question, answers, len(self.census))
            said = self.of_election(0x16, at.to_bytes(2, "big"))
            need(said == enc(list(COUNTS).index(kind), 4) + encoded, f"the ledger has another result of question {at + 1}")
            questions.append({"title": question["title"], "kind": kind, **shown})
        turnout = {"registered": str(len(self.census)), "voted": str(len(self.last)), "colleges": colleges}
        return {"chain": self.chain.hex(), "election": self.election.hex(), "ballots": str(self.ballots.size),
                "turnout": turnout, "questions": questions}


def recount(file, trusted=None, verify_signatures=True):
    urn, before = Recount(trusted, verify_signatures), -1
    for kind, record in records(file):
        need(kind == 0 if before < 0 else 0 < kind <= 5 and before <= kind, "records are out of order")
        if before < 4 <= kind:
            urn.ground()
        before = kind
        # Handovers are about the validators' signatures, which this script leaves alone.
        steps = {0: urn.opening, 2: urn.proven, 3: urn.enrol, 4: urn.block}
        steps.get(kind, lambda _: None)(record)
    return urn.result()


def main():
    arguments = argparse.ArgumentParser(description="Recounts an election from its archive.")
    arguments.add_argument("archive")
    arguments.add_argument("--chain", type=bytes.fromhex, help="refuse the archive of any other chain")
    arguments.add_argument("--skip-signatures", action="store_true", help="several times as fast, and no proof of who voted")
    given = arguments.parse_args()
    try:
        with open(given.archive, "rb") as file:
            result = recount(file, given.chain, not given.skip_signatures)
    except OSError as e:
        print(f"recount: {e}", file=sys.stderr)
        return 3
    except (Fault, UnicodeDecodeError) as e:
        print(f"recount: the archive does not hold: {e}", file=sys.stderr)
        return 5
    print(json.dumps(result, ensure_ascii=False, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
