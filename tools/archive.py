"""An archive as a file (docs/formats.md, "Archive of an election"): its records, the definition and the transactions in them, logs,
and proofs of the state. What does not follow the format is a fault.
"""
import hashlib

from encoding import Bytes, Fault, enc, need
from primitives import blake3, derive, is_signed

MAGIC = b"urne archive\n"
RECORD_BYTES_MAX = 4 << 20


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
    if kind == 6:
        return {"kind": "instant_runoff", "stop": variant(it, 2), "lot": variant(it, 2)}
    if kind == 7:
        return {"kind": "scottish_stv", "seats": it.u16(), "lot": variant(it, 2)}
    raise Fault(f"method {kind} is not counted here: `urne election verify` counts it")


def variant(it, n):
    kind = it.u32()
    need(kind < n, "an unknown variant")
    return kind


def read_sealed(it):
    """What a secret election declares: its trustees' numbers, the group of each college, who signs credentials and when."""
    credentials = None
    if variant(it, 2):
        registrars = it.list(lambda: (it.u16(), it.take(32)))
        credentials = {"registrars": [key for _, key in registrars], "issuance_at": it.u64(), "registration_at": it.u64()}
    trustees = it.list(lambda: it.take(2 + 32))
    sealed = {"credentials": credentials, "trustees": range(1, len(trustees) + 1), "groups": it.list(lambda: it.list(it.u16))}
    sealed["minimum"] = it.u32()
    it.u32()  # the length of a step
    return sealed


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
    if kind == 4:
        return "ranking", it.list(lambda: it.list(it.u16))
    raise Fault(f"answer {kind} answers none of the questions counted here")


BALLOT, CEREMONY, APPROVAL, CREDENTIALS = 0, 9, 11, 13


def is_of_ceremony(data, draft):
    """Whether a transaction is a message of the ceremony that made the keys of a draft."""
    it = Bytes(data)
    it.take(2 + 32 + 32)
    return it.u32() == CEREMONY and it.take(32) == draft


def read_tx(data):
    """A ballot, a registrar's approval, or credentials that somebody registers: all begin with their election."""
    it = Bytes(data)
    need(it.u16() == 1, "a transaction of another version")
    tx = {"chain": it.take(32), "sender": it.take(32), "kind": it.u32()}
    need(tx["kind"] in (BALLOT, APPROVAL, CREDENTIALS), "a whole transaction is neither a ballot nor about credentials")
    tx["election"] = it.take(32)
    if tx["kind"] == BALLOT:
        tx["college"], tx["sequence"] = it.u16(), it.u32()
        tx["sealed"] = it.bytes() if variant(it, 2) else None
        tx["answers"] = it.list(lambda: read_answer(it)) if tx["sealed"] is None else None
    elif tx["kind"] == APPROVAL:
        tx["entry"], tx["request"] = (it.u16(), it.take(32)), it.take(48)
    else:
        tx["college"], tx["credentials"] = it.u16(), it.list(lambda: (it.take(32), it.take(48)))
    tx["unsigned"], tx["signature"] = data[:it.at], it.take(64)
    it.end()
    return tx


def is_signed_by_sender(tx):
    return is_signed(tx["sender"], derive("urne.v1 sign transaction", tx["unsigned"]), tx["signature"])


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
    if kind == "ranking":
        order = [choice for rank in said for choice in rank]
        is_strict = all(len(rank) == 1 for rank in said) and len(set(order)) == len(order)
        return method in ("instant_runoff", "scottish_stv") and bool(order) and is_strict and max(order) < n
    given = [it for it in said if it is not None]
    is_known = all(it < len(question["method"].get("grades", ())) for it in given)
    return method == "majority_judgment" and len(said) == n and is_known and bool(given)
