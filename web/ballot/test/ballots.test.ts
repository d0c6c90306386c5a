/** docs/vectors/ballots.json: right ballots are made again byte for byte and verify, wrong ones earn their number. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { assign } from "../src/assign.js";
import { toHex } from "../src/bytes.js";
import { RootSecret } from "../src/credential.js";
import { bitGenerator, blinder } from "../src/generators.js";
import { encodeScalar } from "../src/group.js";
import { decodeProof } from "../src/proof.js";
import { recompute } from "../src/seal.js";
import { ballotLength, contextOf, statement } from "../src/statement.js";
import { challengesOf, verify } from "../src/verify.js";
import { refused } from "./support/refused.js";
import { type Ballots, answer, hex, question, read } from "./support/vectors.js";

const vectors = read<Ballots>("ballots.json");
const statements = vectors.elections.map((it) =>
  statement(it.questions.map(question), hex(it.chain), hex(it.election), it.keys.map(hex)),
);

test("statements and generators are the published ones", () => {
  vectors.elections.forEach((it, at) => {
    assert.equal(toHex(statements[at]!.digest), it.statement, it.name);
    assert.equal(ballotLength(statements[at]!), it.ballot_length, it.name);
    assert.equal(toHex(blinder().bytes), it.blinder);
    assert.deepEqual(it.bit_generators.map((_, j) => toHex(bitGenerator(j).bytes)), it.bit_generators);
  });
});

for (const vector of vectors.right) {
  test(`${vector.name}: made again byte for byte, and verifies`, () => {
    const of = statements[vector.election]!;
    const { sequence } = vector;
    const answers = vector.answers.map(answer);
    const credential = new RootSecret(hex(vector.root)).credential(of.chain, of.election, vector.college).public.bytes;
    assert.equal(toHex(credential), vector.credential);
    assert.equal(toHex(contextOf(of, sequence)), vector.context);
    assert.equal(toHex(assign(of.compiled, answers)), vector.assignment);

    const bytes = hex(vector.ballot);
    const unsigned = bytes.slice(0, -64);
    const tracker = recompute(of, { seed: hex(vector.seed), answers, sequence, credential, bytes: unsigned });
    assert.equal(tracker.text, vector.tracker);
    assert.equal(toHex(tracker.hash), vector.tracker_hash);

    const { y, x, e } = challengesOf(of, sequence, decodeProof(of, bytes));
    assert.deepEqual([y, x, e].map((it) => toHex(encodeScalar(it))), [vector.y, vector.x, vector.e]);
    const verified = verify(of, sequence, bytes);
    assert.deepEqual([verified.tracker, toHex(verified.credential)], [tracker, vector.credential]);
  });
}
for (const vector of vectors.wrong) {
  test(`${vector.name}: refused with ${vector.refusal}`, () => {
    refused(vector.refusal, vector.name, () => verify(statements[vector.election]!, vector.sequence, hex(vector.ballot)));
  });
}
