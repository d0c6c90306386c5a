"""The second recount reads the published archive and says what the first one says; a spoiled archive it refuses.

    python3 -m unittest discover tools
"""
import io
import json
import pathlib
import subprocess
import sys
import unittest

import primitives
import recount

VECTORS = pathlib.Path(__file__).parent.parent / "docs" / "vectors"
ARCHIVE = (VECTORS / "archive.urne").read_bytes()
SAID = json.loads((VECTORS / "archive.json").read_text(encoding="utf-8"))


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
                self.assertEqual(recount.is_judged_better(one, other), value(one) > value(other), (one, other))

    def test_runs_as_a_program_and_ends_with_a_code(self):
        def run(*words):
            program = str(pathlib.Path(recount.__file__))
            return subprocess.run([sys.executable, program, *words], capture_output=True, check=False)

        archive = str(VECTORS / "archive.urne")
        self.assertEqual(json.loads(run(archive, "--skip-signatures").stdout), SAID)
        self.assertEqual(run(archive, "--chain", "ab" * 32).returncode, 5)
        self.assertEqual(run("no such file").returncode, 3)
        self.assertEqual(run().returncode, 2)


if __name__ == "__main__":
    unittest.main()
