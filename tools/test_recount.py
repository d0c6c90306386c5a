"""The second recount reads the published archive and says what the first one says; a spoiled archive it refuses.

    python3 -m unittest discover tools
"""
import functools
import hashlib
import io
import json
import pathlib
import subprocess
import sys
import unittest
from unittest import mock

import archive
import counting
import credentials
import encoding
import opening
import primitives
import recount
import ristretto
import runoffs
import sealed

VECTORS = pathlib.Path(__file__).parent.parent / "docs" / "vectors"
ARCHIVE = (VECTORS / "archive.urne").read_bytes()


def vectors(name):
    return json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))


SAID = vectors("archive")


class TheSecondRecount(unittest.TestCase):
    def test_says_what_the_first_one_says(self):
        found = recount.recount(io.BytesIO(ARCHIVE), bytes.fromhex(SAID["chain"]))
        self.assertEqual(found, SAID)

    def test_refuses_another_chain(self):
        with self.assertRaises(recount.Fault):
            recount.recount(io.BytesIO(ARCHIVE), bytes(32))

    def test_refuses_a_file_that_is_cut_off_or_goes_on(self):
        for spoiled in (b"", ARCHIVE[:7], ARCHIVE[:5000], ARCHIVE[:-1], ARCHIVE + b"\0"):
            with self.assertRaises(recount.Fault):
                recount.recount(io.BytesIO(spoiled), verify_signatures=False)

    def test_refuses_changed_bytes_of_ballots_census_and_state(self):
        blocks = ARCHIVE.rindex(b"\x04\0\0\0", 0, len(ARCHIVE) - 20)
        for at in [*range(len(ARCHIVE) // 2, len(ARCHIVE) - 60, 997), blocks + 60]:
            spoiled = bytearray(ARCHIVE)
            spoiled[at] ^= 1
            try:
                found = recount.recount(io.BytesIO(bytes(spoiled)), verify_signatures=False)
            except (recount.Fault, UnicodeDecodeError):
                continue
            # Only the validators' own words may change unseen: they are for `urne election verify`.
            self.assertEqual(found, SAID)

    def test_refuses_a_wrong_signature(self):
        key = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
        right = bytes.fromhex(
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
            "d25bf5f0595bbe24655141438e7a100b")  # RFC 8032, test 1
        self.assertTrue(primitives.is_signed(key, b"", right))
        self.assertFalse(primitives.is_signed(key, b"x", right))
        self.assertFalse(primitives.is_signed(key, b"", right[:-1] + b"\x8b"))

    def test_hashes_as_published(self):
        self.assertEqual(primitives.blake3(b"").hex(), "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262")
        data = bytes(i % 251 for i in range(3073))  # BLAKE3's test vectors
        self.assertEqual(
            primitives.blake3(data).hex(), "7124b49501012f81cc7f11ca069ec9226cecb8a2c850cfe644e327d22d3e1cd3")

    def test_judges_by_medians_taken_away_one_after_the_other(self):
        def value(row):
            grades, taken = [grade for grade, n in enumerate(row) for _ in range(n)], []
            while grades:
                taken.append(grades.pop((len(grades) - 1) // 2))
            return taken

        rows = [(a, b, 6 - a - b) for a in range(7) for b in range(7 - a)]
        for one in rows:
            for other in rows:
                self.assertEqual(counting.is_judged_better(one, other), value(one) > value(other), (one, other))

    def test_runs_as_a_program_and_ends_with_a_code(self):
        def run(*words):
            program = str(pathlib.Path(recount.__file__))
            return subprocess.run([sys.executable, program, *words], capture_output=True, check=False)

        path = str(VECTORS / "archive.urne")
        self.assertEqual(json.loads(run(path, "--skip-signatures").stdout), SAID)
        self.assertEqual(run(path, "--chain", "ab" * 32).returncode, 5)
        self.assertEqual(run("no such file").returncode, 3)
        self.assertEqual(run().returncode, 2)


def remembered(function, named):
    """A method that does its work once for each name of what it is given."""
    known = {}

    def again(self, *given):
        key = named(self, *given)
        if key not in known:
            known[key] = function(self, *given)
        return known[key]
    return again


# The same ballots, shares and credentials come in every lie about an archive: each is verified once in these tests. An urn's digest
# names its ciphertexts, a statement's its questions and keys.
ONCE = (
    (sealed.Statement, "verify", remembered(sealed.Statement.verify, lambda it, *given: (it.digest, it.election, given))),
    (opening.Urn, "share", remembered(opening.Urn.share, lambda it, keys, data: (it.digest, data))),
    (credentials.RegistrarKeys, "verify",
     remembered(credentials.RegistrarKeys.verify, lambda it, chain, election, some: (it.key, election, tuple(some)))),
    (credentials, "decoded1", functools.cache(credentials.decoded1)),
    (credentials, "decoded2", functools.cache(credentials.decoded2)),
    (archive, "is_signed", functools.cache(archive.is_signed)),
    (recount, "derive", functools.cache(recount.derive)),
)


class TheSecondRecountOfSecretElections(unittest.TestCase):
    """One with published keys, one with credentials signed blind, one of rankings opened one by one."""

    def setUp(self):
        for where, name, once in ONCE:
            patch = mock.patch.object(where, name, once)
            patch.start()
            self.addCleanup(patch.stop)

    def test_says_what_the_first_one_says(self):
        for name in ("secret_archive", "credentials_archive", "rankings_archive"):
            right = vectors(name)["right"]
            with self.subTest(name):
                self.assertEqual(recount.recount(io.BytesIO(read(name)), bytes.fromhex(right["chain"])), right)

    def test_finds_every_lie_though_all_validators_signed_it(self):
        for name in ("secret_archive", "credentials_archive", "rankings_archive"):
            records = list_of(read(name))
            for lie in vectors(name)["wrong"]:
                told = list(records)
                told[lie["record"]:lie["record"] + 1] = [bytes.fromhex(lie["bytes"])] if lie["bytes"] else []
                with self.subTest(f"{name}: {lie['name']}"), self.assertRaises(recount.Fault) as caught:
                    recount.recount(io.BytesIO(written(told)))
                self.assertEqual(caught.exception.number, lie["refusal"], f"{name}: {lie['name']}")

    def test_refuses_them_cut_off_or_of_another_chain(self):
        secret = read("secret_archive")
        for spoiled in (secret[:-1], secret + b"\0"):
            with self.assertRaises(recount.Fault):
                recount.recount(io.BytesIO(spoiled))
        for name in ("secret_archive", "credentials_archive", "rankings_archive"):
            with self.assertRaises(recount.Fault):
                recount.recount(io.BytesIO(read(name)), bytes(32))


def read(name):
    return (VECTORS / f"{name}.urne").read_bytes()


class Transactions(unittest.TestCase):
    def test_of_the_ceremony_are_told_from_others_and_from_another_drafts(self):
        def tx(kind, draft):
            return b"\1\0" + bytes(64) + kind.to_bytes(4, "little") + draft + bytes(80)

        self.assertTrue(archive.is_of_ceremony(tx(9, b"d" * 32), b"d" * 32))
        self.assertFalse(archive.is_of_ceremony(tx(9, b"e" * 32), b"d" * 32))
        self.assertFalse(archive.is_of_ceremony(tx(0, b"d" * 32), b"d" * 32))
        for kind in (9, 12):
            with self.assertRaises(encoding.Fault):
                archive.read_tx(tx(kind, b"d" * 32))


def list_of(data):
    found, at = [], len(archive.MAGIC)
    while at < len(data):
        length = int.from_bytes(data[at:at + 4], "little")
        found.append(data[at + 4:at + 4 + length])
        at += 4 + length
    return found


def written(told):
    return archive.MAGIC + b"".join(len(it).to_bytes(4, "little") + it for it in told)


class SealedBallots(unittest.TestCase):
    """docs/vectors: the ballots on questions that are counted here, and the openings."""

    def test_are_taken_or_refused_by_their_number(self):
        published, statements = vectors("ballots"), {}
        for at, election in enumerate(published["elections"]):
            if all(it["kind"] in ("one_of", "approval", "judgment", "ranking") for it in election["questions"]):
                chain, name = bytes.fromhex(election["chain"]), bytes.fromhex(election["election"])
                keys = [bytes.fromhex(key) for key in election["keys"]]
                statements[at] = sealed.Statement(sealed.Compiled(election["questions"]), chain, name, keys)
                self.assertEqual(statements[at].digest.hex(), election["statement"], election["name"])

        def verify(vector):
            data = bytes.fromhex(vector["ballot"])
            return statements[vector["election"]].verify(vector["sequence"], data[-96:-64], data[:-96], data[-64:])

        for vector in published["right"]:
            if vector["election"] in statements:
                verify(vector)
        refused = 0
        for vector in published["wrong"]:
            if vector["election"] in statements:
                with self.assertRaises(encoding.Fault, msg=vector["name"]) as caught:
                    verify(vector)
                self.assertEqual(caught.exception.number, vector["refusal"], vector["name"])
                refused += 1
        self.assertLess(60, refused)

    def test_open_to_the_published_totals_and_to_no_others(self):
        published = vectors("openings")
        chain, election = bytes.fromhex(published["chain"]), bytes.fromhex(published["election"])
        keys = opening.Keys(bytes.fromhex(published["keys"]))
        question = {"kind": "one_of", "choices": 3, "blank": False}
        statement = sealed.Statement(sealed.Compiled([question]), chain, election, keys.words)
        for vector in published["right"]:
            total = opening.Sum(2)
            for ballot in map(bytes.fromhex, vector["ballots"]):
                total.enter(statement.verify(vector["sequence"], ballot[-96:-64], ballot[:-96], ballot[-64:]), None)
            urn = total.urn(election, 0)
            self.assertEqual(urn.digest.hex(), vector["urn"])
            shares = map(bytes.fromhex, vector["shares"])
            self.assertEqual(urn.opened(keys, shares, statement.compiled.most), [vector["cells"]])
            if not urn.ballots:
                continue
            for wrong in published["wrong"]:
                shares = wrong.get("shares") or [wrong["share"]] if "answered" not in wrong else []
                if shares:
                    with self.assertRaises(encoding.Fault, msg=wrong["name"]) as caught:
                        urn.opened(keys, map(bytes.fromhex, shares), statement.compiled.most)
                    self.assertEqual(caught.exception.number, wrong["refusal"], wrong["name"])


class Rankings(unittest.TestCase):
    def test_are_read_from_the_cells_of_valid_ballots_only(self):
        ranking = {"kind": "ranking", "choices": 3, "ranks": 3, "at_least": 0}
        compiled = sealed.Compiled([ranking, ranking])
        one, other = compiled.rankings([[3, 1, 0, 0, 0, 0], [1, 2, 3, 2, 0, 0]])
        self.assertEqual((one.marks, one.blank, one.ballots), ([[2, 0], [0, 1, 2]], 0, 2))
        self.assertEqual((other.marks, other.blank), ([[1]], 1))
        for wrong in ([1, 1, 0], [0, 1, 0], [1, 0, 2], [4, 0, 0]):
            with self.assertRaises(encoding.Fault, msg=str(wrong)) as caught:
                compiled.rankings([[*wrong, 0, 0, 0]])
            self.assertEqual(caught.exception.number, 627)
        with self.assertRaises(encoding.Fault) as caught:
            sealed.Compiled([ranking, {"kind": "one_of", "choices": 2, "blank": True}])
        self.assertEqual(caught.exception.number, 625)

    def test_of_the_open_are_strict(self):
        question = {"choices": "abc", "method": {"kind": "scottish_stv"}}
        self.assertTrue(archive.is_well_formed(question, ("ranking", [[2], [0]])))
        for wrong in ([], [[0, 1]], [[0], [0]], [[3]], [[]]):
            self.assertFalse(archive.is_well_formed(question, ("ranking", wrong)), wrong)

    def test_transfer_as_in_the_example_counted_by_hand(self):
        """docs/counting.md, "Scottish STV"."""
        orders = [[0, 1]] * 7 + [[0]] * 4 + [[2]] * 6 + [[1]] * 3
        count = runoffs.Transfer({"seats": 2}, 3, orders)
        count.run()
        self.assertEqual(count.quota, 7)
        self.assertEqual(count.stages[1]["votes"], [700_000, 300_000 + 254_541, 600_000])
        self.assertEqual(runoffs.decimals(count.stages[1]["non_transferable"]), "1.45459")

    def test_that_are_equal_are_told_apart_by_an_earlier_round_and_then_by_lot(self):
        # 0 and 1 are equal in the second round, after 3 has left; in the first one 1 had fewer.
        orders = [[0]] * 3 + [[1]] * 2 + [[2]] * 4 + [[3, 1]]
        rounds, winners, lots = runoffs.runoff({"stop": 1}, 4, orders, 0)
        self.assertEqual(([it["eliminated"] for it in rounds], winners, lots), ([3, 1, None], [2], []))
        _, winners, lots = runoffs.runoff({"stop": 0}, 2, [[0], [1]], 1)
        self.assertEqual((winners, lots), ([1], [{"stage": 1, "tied": [0, 1], "chosen": 0}]))
        drawn = [runoffs.drawn({"seed": bytes([n]) * 32}, "winner", 1, [4, 7])[0] for n in range(32)]
        self.assertEqual(set(drawn), {4, 7})


class Ristretto255(unittest.TestCase):
    """RFC 9496, appendix A."""

    def test_multiples_of_the_base_point_encode_as_published(self):
        published = {
            0: "00" * 32,
            1: "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76",
            2: "6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919",
            15: "e0c418f7c8d9c4cdd7395b93ea124f3ad99021bb681dfc3302a9d99a2e53e64e",
        }
        for n, encoded in published.items():
            self.assertEqual(ristretto.encoded(ristretto.total([(n, ristretto.G)])).hex(), encoded)
            self.assertTrue(ristretto.is_same(ristretto.decoded(bytes.fromhex(encoded)), ristretto.total([(n, ristretto.G)])))

    def test_encodings_that_are_none_are_refused(self):
        for encoded in (
            "00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",  # not reduced
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "0100000000000000000000000000000000000000000000000000000000000000",  # negative
            "26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371",  # no square
            "3eb858e78f5a7254d8c9731174a94f76755fd3941c0ac93735c07ba14579630e",  # negative xy
        ):
            with self.assertRaises(encoding.Fault, msg=encoded):
                ristretto.decoded(bytes.fromhex(encoded))

    def test_the_one_way_map_maps_as_published(self):
        wide = hashlib.sha512(b"Ristretto is traditionally a short shot of espresso coffee").digest()
        mapped = "3066f82a1a747d45120d1740f14358531a8f04bbffe6a819f86dfe50f44a0a46"
        self.assertEqual(ristretto.encoded(ristretto.mapped(wide)).hex(), mapped)


if __name__ == "__main__":
    unittest.main()
