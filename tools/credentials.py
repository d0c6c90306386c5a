"""Credentials that registrars sign blind (docs/ballots.md, section 6), followed again from the archive: who approved whose request,
which credentials were registered, and that in each college, at every step, registered ≤ approved ≤ census. Every fault has the
number of the rule.
"""
import secrets

from archive import Log, is_signed_by_sender
from bls import G2, P, decoded1, decoded2, is_one, total1
from encoding import Bytes, enc, need
from hash_to_g1 import hashed
from ristretto import decoded

ZERO = bytes(32)
DOMAIN = b"URNE-V1-BLIND-BLS12381G1_XMD:SHA-256_SSWU_RO_"
MINUS_G2 = G2[0], (-G2[1][0] % P, -G2[1][1] % P)


class RegistrarKeys:
    """`threshold u16 ‖ n u16 ‖ 1 u16 ‖ holders u16… ‖ Y ‖ the P of each holder`, in G2."""

    def __init__(self, data):
        it = Bytes(data)
        self.threshold, n, m = it.u16(), it.u16(), it.u16()
        holders = [it.u16() for _ in range(n)]
        need(m == 1 and all(a < b for a, b in zip([0, *holders], holders)), "registrars' keys of another shape", 664)
        need(0 < self.threshold <= n, "a threshold that nobody reaches", 668)
        self.key = decoded2(it.take(96))
        self.shares = {holder: decoded2(it.take(96)) for holder in holders}
        it.end()

    def verify(self, chain, election, credentials):
        """Whether each (K, σ) bears their signature: Π e(cσ, −G2)·e(ch, Y) = 1, with a coefficient c of its own for each, which
        nobody foresees."""
        points = []
        for credential, signature in credentials:
            need(credential != ZERO, "a credential is the identity", 603)
            decoded(credential)
            points.append(decoded1(signature))
        drawn = [secrets.randbelow(2**128 - 1) + 1 for _ in points]
        hashes = [hashed(chain + election + credential, DOMAIN) for credential, _ in credentials]
        pairs = (total1(zip(drawn, points)), MINUS_G2), (total1(zip(drawn, hashes)), self.key)
        need(is_one(pairs), "a credential is not signed by its college's registrars", 644)


class College:
    """What is known of a college's credentials so far."""

    def __init__(self, keys, registrars, members, minimum):
        self.keys, self.members, self.together = keys, members, min(minimum, members)
        self.registrars = {key: number for number, key in enumerate(registrars, 1) if number in keys.shares}
        self.approved = self.registered = self.late = 0
        self.alarm = b"\0"

    def said(self):
        """As the ledger writes it, without the number of answers, which are the members' own business."""
        return [enc(self.members, 8), enc(self.approved, 8), enc(self.registered, 8), enc(self.late, 8), self.alarm]


class Credentials:
    """Followed block by block."""

    def __init__(self, chain, election, definition, census, keys):
        rules, self.chain, self.election, self.census = definition["sealed"]["credentials"], chain, election, census
        self.issuance_at, self.registration_at = rules["issuance_at"], rules["registration_at"]
        self.opens_at, self.closes_at = definition["opens_at"], definition["closes_at"]
        members = {}
        for college, _ in census:
            members[college] = members.get(college, 0) + 1
        # A registrars' scope is 1 + college.
        self.colleges = {
            scope - 1: College(own, rules["registrars"], members[scope - 1], definition["sealed"]["minimum"])
            for scope, own in keys.items() if scope - 1 in members}
        self.entries, self.registered = {}, {}
        self.approvals_log, self.credentials_log = Log(), Log()

    def in_time(self, header, since, number):
        need(since <= header["time"], "it is too early", number)
        need(header["time"] < self.closes_at, "it comes after the close", 202)

    def approve(self, header, tx):
        """A registrar says that a member asked for this request: once for each entry, and for ever."""
        need(is_signed_by_sender(tx), "it is not signed by its sender", 103)
        decoded1(tx["request"])
        entry, request = tx["entry"], tx["request"]
        college = self.colleges.get(entry[0])
        need(college, "its college has no registrars", 204)
        self.in_time(header, self.issuance_at, 275)
        registrar = college.registrars.get(tx["sender"])
        need(registrar, "its sender is no registrar of that college", 277)
        need(entry in self.census, "nobody on the census is asked for", 204)
        approvals = self.entries.setdefault(entry, {})
        need(registrar not in approvals, "its registrar has approved a request of that entry before", 646)
        need(not self.is_approved(college, approvals), "a request of that entry has its approvals", 278)
        approvals[registrar] = request
        college.approved += self.is_approved(college, approvals)
        self.approvals_log.append(enc(entry[0], 2) + entry[1] + enc(registrar, 2) + request)

    @staticmethod
    def is_approved(college, approvals):
        """Whether one request has as many approvals as a credential takes."""
        requests = list(approvals.values())
        return any(requests.count(it) >= college.keys.threshold for it in requests)

    def register(self, header, tx):
        """Credentials, as far as there are approved requests; the first one above goes on record as an alarm."""
        need(is_signed_by_sender(tx), "they are not signed by their sender", 103)
        college, some = self.colleges.get(tx["college"]), tx["credentials"]
        need(college, "their college has no registrars", 204)
        college.keys.verify(self.chain, self.election, some)
        self.in_time(header, self.registration_at, 276)
        need(some and all(a[0] < b[0] for a, b in zip(some, some[1:])), "they are not in order", 281)
        is_late = self.opens_at <= header["time"]
        need(is_late or college.together <= len(some), "they are too few to hide among each other", 282)
        need(not any(it in self.registered for it, _ in some), "one of them is registered already", 283)
        room = college.approved - college.registered
        taken, above = some[:room], some[room:]
        need(taken or college.alarm == b"\0", "they are more than approved requests", 284)
        college.registered += len(taken)
        college.late += len(taken) * is_late
        if above and college.alarm == b"\0":
            moment = enc(header["height"], 8) + enc(header["time"], 8)
            college.alarm = b"\1" + moment + above[0][0] + above[0][1] + enc(college.registered, 8)
        for credential, signature in taken:
            self.registered[credential] = tx["college"]
            self.credentials_log.append(enc(tx["college"], 2) + credential + signature)

    def judge(self, entry):
        need(self.registered.get(entry[1]) == entry[0], "its credential is not registered for that college", 285)

    def finish(self, of_election):
        """Lays what was followed beside the ledger's logs and counts."""
        empty = Log().head()
        need(self.approvals_log.head() == (of_election(0x60) or empty), "the approvals are not those of the log")
        need(self.credentials_log.head() == (of_election(0x61) or empty), "the credentials are not those of the log")
        for number, college in self.colleges.items():
            said = of_election(0x63, number.to_bytes(2, "big"))
            need(said, f"the count of the credentials of college {number} is missing")
            it = Bytes(said)
            census, approved, _, registered, late = (it.take(8) for _ in range(5))
            found = [census, approved, registered, late, it.take(len(said) - it.at)]
            need(found == college.said(), f"the ledger counts the credentials of college {number} otherwise")
