"""Signatures on credentials are taken or refused as published (RFC 9380, docs/vectors/credentials.json).

    python3 -m unittest discover tools
"""
import json
import pathlib
import unittest

import bls
import credentials
import encoding
import hash_to_g1

VECTORS = json.loads((pathlib.Path(__file__).parent.parent / "docs" / "vectors" / "credentials.json").read_text(encoding="utf-8"))
CHAIN, ELECTION = bytes.fromhex(VECTORS["chain"]), bytes.fromhex(VECTORS["election"])
KEYS = credentials.RegistrarKeys(bytes.fromhex(VECTORS["keys"]))


class HashToG1(unittest.TestCase):
    """RFC 9380, appendix J.9.1."""

    def test_hashes_as_published(self):
        domain = b"QUUX-V01-CS02-with-BLS12381G1_XMD:SHA-256_SSWU_RO_"
        published = {
            b"": ("052926add2207b76ca4fa57a8734416c8dc95e24501772c814278700eed6d1e4e8cf62d9c09db0fac349612b759e79a1",
                  "08ba738453bfed09cb546dbb0783dbb3a5f1f566ed67bb6be0e8c67e2e81a4cc68ee29813bb7994998f3eae0c9c6a265"),
            b"abc": ("03567bc5ef9c690c2ab2ecdf6a96ef1c139cc0b2f284dca0a9a7943388a49a3aee664ba5379a7655d3c68900be2f6903",
                     "0b9c15f3fe6e5cf4211f346271d7b01c8f3b28be689c8429c85b67af215533311f0b8dfaaa154fa6b88176c229f2885d"),
        }
        for message, point in published.items():
            self.assertEqual(hash_to_g1.hashed(message, domain), tuple(int(it, 16) for it in point))


class Pairings(unittest.TestCase):
    def test_are_bilinear_and_not_degenerate(self):
        point, minus = bls.decoded1(bytes.fromhex(VECTORS["right"][0]["signature"])), credentials.MINUS_G2
        twice, three = bls.total1([(2, point)]), bls.times2(3, bls.G2)
        self.assertTrue(bls.is_one([(bls.total1([(6, point)]), minus), (twice, three)]))
        self.assertFalse(bls.is_one([(bls.total1([(5, point)]), minus), (twice, three)]))
        self.assertFalse(bls.is_one([(point, bls.G2)]))
        self.assertTrue(bls.is_one([]))

    def test_generators_are_of_prime_order(self):
        self.assertIsNone(bls.times2(bls.R, bls.G2))
        self.assertEqual(bls.decoded2(bytes.fromhex(
            "93e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e"
            "024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8")), bls.G2)


class Signatures(unittest.TestCase):
    def verify(self, *some):
        KEYS.verify(CHAIN, ELECTION, [(bytes.fromhex(it["credential"]), bytes.fromhex(it["signature"])) for it in some])

    def test_of_the_registrars_are_taken_one_by_one_and_together(self):
        for vector in VECTORS["right"]:
            message = CHAIN + ELECTION + bytes.fromhex(vector["credential"])
            self.assertEqual(message.hex(), vector["message"])
            self.verify(vector)
        self.verify(*VECTORS["right"])

    def test_that_are_exchanged_are_refused_though_their_sum_is_right(self):
        one, other = VECTORS["right"][:2]
        with self.assertRaises(encoding.Fault) as caught:
            self.verify({**one, "signature": other["signature"]}, {**other, "signature": one["signature"]})
        self.assertEqual(caught.exception.number, 644)

    def test_and_requests_that_are_wrong_are_refused_by_their_number(self):
        refused = 0
        for vector in VECTORS["wrong"]:
            with self.subTest(vector["name"]):
                if vector["kind"] == "signature":
                    with self.assertRaises(encoding.Fault) as caught:
                        credential = bytes.fromhex(vector["credential"]), bytes.fromhex(vector["bytes"])
                        KEYS.verify(CHAIN, bytes.fromhex(vector["election"]), [credential])
                elif vector["kind"] == "request":
                    with self.assertRaises(encoding.Fault) as caught:
                        bls.decoded1(bytes.fromhex(vector["bytes"]))
                else:
                    continue  # answers and their order are the members' own business: no archive holds them
                self.assertEqual(caught.exception.number, vector["refusal"])
                refused += 1
        self.assertLess(9, refused)


if __name__ == "__main__":
    unittest.main()
