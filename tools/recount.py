#!/usr/bin/env python3
"""Recounts an election, with open ballots or with sealed ones, from its archive, without a line of urne's own code and with
nothing but Python's standard library: it shares docs/formats.md and docs/ballots.md with the rest, no more.

    tools/recount.py ELECTION.urne [--chain CHAIN_ID] [--skip-signatures]

It reads every byte of the archive, checks the genesis against the chain's name, the census, each block's transactions, each
ballot's signature, member, sequence and time, the logs, and the state proofs; then it counts referendums, pluralities,
approvals, majority judgments, instant runoffs and single transferable votes, and compares each result with the ledger's, byte
for byte. Of a secret election it verifies that the keys are those after which it is named, each ballot's proof, that no
randomness comes twice, what is opened (sums, or rankings one by one), and each trustee's share that opens it; where registrars
sign credentials blind, each of their signatures, and that no college ever has more credentials than approved requests, nor more
of these than members. What it does *not* check is the validators' signatures: that the headers are final is for `urne election
verify` and for web/ballot; nor that the messages of the ceremony, where the archive holds them, make these keys: that is for
`urne election verify` alone.

Beside this file: `archive.py` (the format), `encoding.py`, `primitives.py` (BLAKE3, Ed25519), `counting.py` and `runoffs.py` (the
methods), `sealed.py` and `opening.py` (secret ballots, and how they are opened), `ristretto.py` (their group), `credentials.py`
(who may cast them), `bls.py` and `hash_to_g1.py` (what these are signed with).

Exit codes: 0 it holds, 2 wrong use, 3 no such file, 5 something does not hold. Prints one JSON object.
"""
import argparse
import json
import sys

from archive import (BALLOT, CREDENTIALS, Log, is_in_state, is_of_ceremony, is_signed_by_sender, is_well_formed, read_definition,
                     read_header, read_tx, records, variant)
from counting import COUNTS, RESULTS, added_up
from credentials import Credentials
from encoding import Bytes, Fault, enc, need
from opening import Sum, named_keys, pieces
from primitives import derive
from sealed import Compiled, Statement, asked

SEQUENCE_STEP_MAX, BALLOTS_PER_RIGHT_MAX = 64, 1024


# ---- The archive, record by record ----

class Recount:
    def __init__(self, trusted, verify_signatures):
        self.trusted, self.verify_signatures = trusted, verify_signatures
        self.chain = self.election = self.definition = self.draft = None
        self.state, self.census, self.census_log, self.colleges = {}, set(), Log(), []
        self.last, self.ballots, self.emargements = {}, Log(), Log()
        self.last_entry, self.last_height, self.opened, self.closed = None, 0, None, None
        self.keys = self.statement = self.credentials = self.oldest = None
        self.sums, self.randomness = [], set()

    def opening(self, it):
        need(it.u16() == 1, "another version of the format")
        genesis = it.data[it.at:-32]
        self.election, self.chain = it.data[-32:], derive("urne.v1 genesis", genesis)
        need(self.trusted in (None, self.chain), f"it is the archive of chain {self.chain.hex()}")

    def proven(self, it):
        header = read_header(it)
        self.oldest = min(header["height"], self.oldest or header["height"])
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
        encoded = self.of_election(0x13) or b""
        self.definition = read_definition(encoded)
        draft, census = derive("urne.v1 draft", encoded), self.definition["census"]
        self.draft = draft
        sealed = self.definition["sealed"]
        if sealed:
            self.keys, registrars = named_keys(self.of_election(0x54) or b"", self.chain, self.election, draft)
            compiled = Compiled([asked(question) for question in self.definition["questions"]])
            self.statement = Statement(compiled, self.chain, self.election, self.keys.words)
            self.sums = [Sum(len(self.keys.words)) for _ in sealed["groups"]]
            need(sealed["credentials"] or not compiled.is_one_by_one, "rankings under published keys would bear names", 626)
        else:
            need(derive("urne.v1 election", self.chain + draft + census) == self.election, "another election's definition")
        totals = enc(len(self.colleges), 8) + b"".join(enc(c, 2) + enc(n, 8) for c, n in self.colleges)
        need(derive("urne.v1 census", self.census_log.root() + totals) == census, "another census than the election names")
        if sealed and sealed["credentials"]:
            self.credentials = Credentials(self.chain, self.election, self.definition, self.census, registrars)

        it = Bytes(self.of_election(0x14) or b"")
        it.take(16)  # scheduled: a height and a time
        self.opened = it.option(lambda: (it.u64(), it.u64()))
        # Closed by its time before any transaction of that block, by an act after some of them.
        self.closed = it.option(lambda: (it.u64(), it.u64(), variant(it, 2)))
        counted = it.option(it.u64)
        need(self.opened and self.closed and counted, "the election is not counted")
        need(counted <= self.oldest, "the state is shown as it was before the count")
        self.draw_lots()

    def draw_lots(self):
        """Where equals are drawn from a later block, its seed: `statutes, electorate, persons, seed of draws, seed of lots`."""
        methods = [question["method"] for question in self.definition["questions"] if question["method"].get("lot")]
        if methods:
            it = Bytes(self.of_election(0x1A) or b"")
            need(it.option(lambda: 1) is None and it.list(lambda: 1) == [] and it.option(it.u64) is None, "it is counted under statutes")
            it.option(lambda: it.take(8 + 32))
            seed = it.option(lambda: it.take(8 + 32))
            need(seed, "the block is missing from which equals are drawn")
            for method in methods:
                method["seed"] = derive("urne.v1 lot seed", self.election + seed[8:])

    def block(self, it):
        header = read_header(it)
        need(self.last_height < header["height"], "blocks are not in order")
        self.last_height = header["height"]
        txs = it.list(lambda: (it.take(32), None) if it.u32() == 0 else (None, it.bytes()))
        it.end()
        hashes = [known or derive("urne.v1 transaction hash", data) for known, data in txs]
        need(Log(hashes).root() == header["tx_root"], f"block {header['height']} has other transactions")
        for position, (tx_hash, (_, data)) in enumerate(zip(hashes, txs)):
            # That the messages of the ceremony make the keys is for `urne election verify` to show.
            if data is not None and not is_of_ceremony(data, self.draft):
                try:
                    self.take(header, tx_hash, read_tx(data))
                except Fault as fault:
                    raise fault.at(f"transaction {position} of block {header['height']}") from None

    def take(self, header, tx_hash, tx):
        need((tx["chain"], tx["election"]) == (self.chain, self.election), "it is of another election")
        if tx["kind"] == BALLOT:
            self.cast(header, tx_hash, tx)
            return
        need(self.credentials, "it is about credentials, and the election issues none")
        (self.credentials.register if tx["kind"] == CREDENTIALS else self.credentials.approve)(header, tx)

    def cast(self, header, tx_hash, ballot):
        definition = self.definition
        need((ballot["sealed"] is None) == (definition["sealed"] is None), "it is of the wrong kind")
        cast = self.proven_ballot(ballot) if ballot["sealed"] is not None else self.signed_ballot(ballot)
        last = self.closed[0] - (self.closed[2] == 0)
        is_between = self.opened[0] <= header["height"] <= last
        need(definition["opens_at"] <= header["time"] < definition["cutoff"] and is_between, "it is out of time")
        entry = self.voter(ballot)
        before, sequence = self.last.get(entry), ballot["sequence"]
        least = before[0] if before else 0
        need(before is None or definition["may_revote"], "it is a second one, where only one may be cast", 205)
        need(least < sequence, "a later one was cast before it", 206)
        need(sequence <= least + SEQUENCE_STEP_MAX, "its number is too far above the one before", 207)
        need(sequence <= BALLOTS_PER_RIGHT_MAX, "its number is too high", 218)
        if definition["sealed"]:
            self.enter(entry, cast, before and before[1])
        self.last[entry] = sequence, cast
        self.ballots.append(derive("urne.v1 transaction id", ballot["unsigned"]) + tx_hash)
        if before is None:
            self.emargements.append(enc(entry[0], 2) + entry[1])

    def voter(self, ballot):
        """Whose right it is: of a registered credential, or of a member, by the key in her place where there is one."""
        college, sender = ballot["college"], ballot["sender"]
        if self.credentials:
            self.credentials.judge((college, sender))
            return college, sender
        member = self.state.get(b"\x41" + sender) or sender
        need((college, member) in self.census, "it is nobody's on the census", 204)
        # A sealed ballot's proof does not name its college.
        others = [it for it, _ in self.colleges if it != college and (it, member) in self.census]
        need(not self.definition["sealed"] or not others, "it is of a credential of two colleges", 264)
        return college, member

    def signed_ballot(self, ballot):
        """A ballot in the open: its answers, signed by its sender."""
        if self.verify_signatures:
            need(is_signed_by_sender(ballot), "it is not signed by its sender", 103)
        answers, questions = ballot["answers"], self.definition["questions"]
        need(len(answers) == len(questions) and all(map(is_well_formed, questions, answers)), "it is ill-formed")
        return answers

    def proven_ballot(self, ballot):
        """A sealed ballot: its ciphertext. Its signature is part of its proof."""
        return self.statement.verify(ballot["sequence"], ballot["sender"], ballot["sealed"], ballot["signature"])

    def group(self, entry):
        """Whose ballots are opened together."""
        return next((it for it, group in enumerate(self.definition["sealed"]["groups"]) if entry[0] in group), None)

    def enter(self, entry, ciphertext, former):
        need(ciphertext.words[0] not in self.randomness, "its randomness is in the urn already", 262)
        self.randomness.add(ciphertext.words[0])
        part = self.group(entry)
        need(part is not None, "its college is in no group")
        if not self.statement.compiled.is_one_by_one:
            self.sums[part].enter(ciphertext, former)

    def tallies(self):
        """By question, what the ballots say together."""
        questions = self.definition["questions"]
        if not self.definition["sealed"]:
            cast = [answers for _, answers in self.last.values()]
            return [added_up(question, [answers[at] for answers in cast]) for at, question in enumerate(questions)]
        compiled, rows = self.statement.compiled, []
        for urn in self.urns(compiled):
            keys = (enc(urn.part, 4)[::-1] + enc(trustee, 2)[::-1] for trustee in self.definition["sealed"]["trustees"])
            sent = [share for share in (self.of_election(0x58, key) for key in keys) if share is not None]
            rows += urn.opened(self.keys, sent, compiled.most)
        if compiled.is_one_by_one:
            return compiled.rankings(rows)
        return compiled.tallies(questions, [sum(column) for column in zip(*rows)], len(self.last))

    def urns(self, compiled):
        if not compiled.is_one_by_one:
            return [it.urn(self.election, part) for part, it in enumerate(self.sums)]
        groups = [[] for _ in self.sums]
        for entry, (_, ciphertext) in self.last.items():
            groups[self.group(entry)].append(ciphertext)
        return pieces(self.election, groups, len(self.keys.words))

    def result(self):
        if self.credentials:
            self.credentials.finish(self.of_election)
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
            need(said == enc(RESULTS.index(kind), 4) + encoded, f"the ledger has another result of question {at + 1}")
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
