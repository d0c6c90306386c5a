#!/usr/bin/env python3
"""Recounts an election, with open ballots or with sealed ones, from its archive, without a line of urne's own code and with
nothing but Python's standard library: it shares docs/formats.md and docs/ballots.md with the rest, no more.

    tools/recount.py ELECTION.urne [--chain CHAIN_ID] [--skip-signatures]

It reads every byte of the archive, checks the genesis against the chain's name, the census, each block's transactions, each
ballot's signature, member, sequence and time, both logs, and the state proofs; then it counts referendums, pluralities,
approvals and majority judgments, and compares each result with the ledger's, byte for byte. Of a secret election it verifies
that the keys are those after which it is named, each ballot's proof, that no randomness comes twice, the sums, and each
trustee's share that opens them. What it does *not* check is that the messages of the ceremony make these keys, and the validators' signatures: that the headers are final is for
`urne election verify`.

Beside this file: `encoding.py`, `primitives.py` (BLAKE3, Ed25519), `counting.py` (the methods), `sealed.py` (secret elections),
`ristretto.py` (their group).

Exit codes: 0 it holds, 2 wrong use, 3 no such file, 5 something does not hold. Prints one JSON object.
"""
import argparse
import hashlib
import json
import sys

from counting import COUNTS, added_up
from encoding import Bytes, Fault, enc, need
from primitives import blake3, derive, is_signed
from sealed import Compiled, Statement, Urn, asked, named_keys

MAGIC = b"urne archive\n"
RECORD_BYTES_MAX = 4 << 20
SEQUENCE_STEP_MAX, BALLOTS_PER_RIGHT_MAX = 64, 1024


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


def variant(it, n):
    kind = it.u32()
    need(kind < n, "an unknown variant")
    return kind


def read_sealed(it):
    """What a secret election declares: its trustees' numbers, and the group of each college."""
    need(it.u32() == 0, "its credentials are signed blind: `urne election verify` counts it")
    trustees = it.list(lambda: it.take(2 + 32))
    groups = it.list(lambda: it.list(it.u16))
    it.take(4 + 4)  # the minimum group, the length of a step
    return {"trustees": range(1, len(trustees) + 1), "groups": groups}


def read_definition(data):
    it = Bytes(data)
    definition = {"title": it.text()}
    definition["questions"] = it.list(
        lambda: {"title": it.text(), "choices": it.list(it.text), "method": read_method(it)})
    definition["census"] = it.take(32)
    definition["sealed"] = read_sealed(it) if variant(it, 2) else None
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
    ballot["sealed"] = it.bytes() if variant(it, 2) else None
    ballot["answers"] = it.list(lambda: read_answer(it)) if ballot["sealed"] is None else None
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
        self.last_entry, self.last_height, self.opened, self.closed = None, 0, None, None
        self.keys, self.statement, self.urns, self.randomness = None, None, [], set()

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
        self.draft = draft
        if self.definition["sealed"]:
            self.keys = named_keys(self.of_election(0x54) or b"", self.chain, self.election, draft)
            compiled = Compiled([asked(question) for question in self.definition["questions"]])
            self.statement = Statement(compiled, self.chain, self.election, self.keys.words)
            self.urns = [Urn(len(self.keys.words)) for _ in self.definition["sealed"]["groups"]]
        else:
            need(derive("urne.v1 election", self.chain + draft + census) == self.election, "another election's definition")
        totals = enc(len(self.colleges), 8) + b"".join(enc(c, 2) + enc(n, 8) for c, n in self.colleges)
        need(derive("urne.v1 census", self.census_log.root() + totals) == census, "another census than the election names")

        it = Bytes(self.of_election(0x14) or b"")
        it.take(16)  # scheduled: a height and a time
        self.opened = it.option(lambda: (it.u64(), it.u64()))
        # Closed by its time before any transaction of that block, by an act after some of them.
        self.closed = it.option(lambda: (it.u64(), it.u64(), variant(it, 2)))
        need(self.opened and self.closed and it.option(it.u64), "the election is not counted")

    def block(self, it):
        header = read_header(it)
        need(self.last_height < header["height"], "blocks are not in order")
        self.last_height = header["height"]
        txs = it.list(lambda: (it.take(32), None) if it.u32() == 0 else (None, it.bytes()))
        it.end()
        hashes = [known or derive("urne.v1 transaction hash", data) for known, data in txs]
        need(Log(hashes).root() == header["tx_root"], f"block {header['height']} has other transactions")
        for tx_hash, (_, data) in zip(hashes, txs):
            # A message of the ceremony: that these make the keys is for `urne election verify` to show.
            is_of_ceremony = data is not None and data[66:102] == enc(9, 4) + self.draft
            if data is not None and not is_of_ceremony:
                self.cast(header, tx_hash, read_ballot(data))

    def cast(self, header, tx_hash, ballot):
        at = f"a ballot of block {header['height']}"
        need((ballot["chain"], ballot["election"]) == (self.chain, self.election), f"{at} is of another election")
        definition = self.definition
        need((ballot["sealed"] is None) == (definition["sealed"] is None), f"{at} is of the wrong kind")
        cast = self.proven_ballot(ballot) if ballot["sealed"] is not None else self.signed_ballot(at, ballot)
        last = self.closed[0] - (self.closed[2] == 0)
        is_between = self.opened[0] <= header["height"] <= last
        need(definition["opens_at"] <= header["time"] < definition["cutoff"] and is_between, f"{at} is out of time")
        entry = ballot["college"], self.state.get(b"\x41" + ballot["sender"]) or ballot["sender"]
        need(entry in self.census, f"{at} is nobody's of the census", 204)
        before, sequence = self.last.get(entry), ballot["sequence"]
        need(before is None or definition["may_revote"], f"{at} is a second one, where only one may be cast")
        least = before[0] if before else 0
        need(least < sequence <= min(least + SEQUENCE_STEP_MAX, BALLOTS_PER_RIGHT_MAX), f"{at} has a wrong number")
        if definition["sealed"]:
            self.enter(at, entry, cast, before and before[1])
        self.last[entry] = sequence, cast
        self.ballots.append(derive("urne.v1 transaction id", ballot["unsigned"]) + tx_hash)
        if before is None:
            self.emargements.append(enc(entry[0], 2) + entry[1])

    def signed_ballot(self, at, ballot):
        """A ballot in the open: its answers, signed by its sender."""
        if self.verify_signatures:
            digest = derive("urne.v1 sign transaction", ballot["unsigned"])
            need(is_signed(ballot["sender"], digest, ballot["signature"]), f"{at} is not signed by its sender")
        answers, questions = ballot["answers"], self.definition["questions"]
        need(len(answers) == len(questions) and all(map(is_well_formed, questions, answers)), f"{at} is ill-formed")
        return answers

    def proven_ballot(self, ballot):
        """A sealed ballot: its ciphertext. Its signature is part of its proof."""
        return self.statement.verify(ballot["sequence"], ballot["sender"], ballot["sealed"], ballot["signature"])

    def enter(self, at, entry, ciphertext, former):
        need(ciphertext.a_bytes not in self.randomness, f"{at} uses randomness that is in the urn already", 262)
        self.randomness.add(ciphertext.a_bytes)
        # A sealed ballot's proof does not name its college.
        elsewhere = [college for college, _ in self.colleges if college != entry[0] and (college, entry[1]) in self.census]
        need(not elsewhere, f"{at} is of a credential of two colleges", 264)
        part = next((it for it, group in enumerate(self.definition["sealed"]["groups"]) if entry[0] in group), None)
        need(part is not None, f"{at} is of a college without a group")
        self.urns[part].enter(ciphertext, former)

    def tallies(self):
        """By question, what the ballots say together."""
        questions = self.definition["questions"]
        if not self.definition["sealed"]:
            cast = [answers for _, answers in self.last.values()]
            return [added_up(question, [answers[at] for answers in cast]) for at, question in enumerate(questions)]
        cells = [0] * len(self.keys.words)
        for part, urn in enumerate(self.urns):
            keys = (enc(part, 4)[::-1] + enc(trustee, 2)[::-1] for trustee in self.definition["sealed"]["trustees"])
            sent = [share for share in (self.of_election(0x58, key) for key in keys) if share is not None]
            cells = [sum(pair) for pair in zip(cells, urn.opened(self.election, self.keys, part, sent))]
        return self.statement.compiled.tallies(questions, cells, len(self.last))

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
        for at, (question, tally) in enumerate(zip(self.definition["questions"], self.tallies())):
            kind = question["method"]["kind"]
            shown, encoded = COUNTS[kind](question, tally, len(self.census))
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
    arguments.add_argument("--skip-signatures", action="store_true", help="of ballots in the open: several times as fast, and no proof of who voted")
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
