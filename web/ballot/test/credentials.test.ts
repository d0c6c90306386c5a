/** docs/vectors/credentials.json: credentials are asked for, signed blind and verified, wrong ones earn their number. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Approvals } from "../src/approvals.js";
import { decodeRequest, messageOf, request, verifyAnswer, verifyCredential } from "../src/blind.js";
import { toHex } from "../src/bytes.js";
import { RootSecret } from "../src/credential.js";
import { decodeRegistrarKeys } from "../src/registrars.js";
import { refused } from "./support/refused.js";
import { type Credentials, hex, read } from "./support/vectors.js";

const vectors = read<Credentials>("credentials.json");
const [chain, election, keys] = [hex(vectors.chain), hex(vectors.election), decodeRegistrarKeys(hex(vectors.keys))];

for (const vector of vectors.right) {
  test(`${vector.name}: the same request and the same signature, whoever answers`, () => {
    const { secret, pending } = request(new RootSecret(hex(vector.root)), chain, election, vector.college);
    assert.equal(toHex(secret.public.bytes), vector.credential);
    assert.equal(toHex(messageOf(chain, election, secret.public.bytes)), vector.message);
    assert.equal(toHex(pending.request), vector.request);
    const answers = vector.answers.map((it) => verifyAnswer(hex(it), pending.request, keys));
    for (const chosen of [answers, answers.slice(1), [...answers].reverse()]) {
      assert.equal(toHex(pending.finish(chosen, keys)), vector.signature);
    }
    verifyCredential(hex(vector.signature), chain, election, secret.public.bytes, keys);
    refused(643, "one answer", () => pending.finish(answers.slice(0, 1), keys));
    refused(643, "one answer twice", () => pending.finish([answers[0]!, answers[0]!], keys));
    const other = request(new RootSecret(new Uint8Array(32).fill(77)), chain, election, vector.college).pending;
    refused(642, "answers to another request", () => other.finish(answers, keys));
  });
}
for (const vector of vectors.wrong) {
  test(`${vector.name}: refused with ${vector.refusal}`, () => {
    if (vector.kind !== "approvals") {
      refused(vector.refusal, vector.name, () => {
        const bytes = hex(vector.bytes);
        if (vector.kind === "request") decodeRequest(bytes);
        else if (vector.kind === "answer") verifyAnswer(bytes, hex(vector.request), keys);
        else verifyCredential(bytes, chain, hex(vector.election), hex(vector.credential), keys);
      });
      return;
    }
    const approvals = new Approvals();
    for (const [registrar, bytes] of vector.approved) approvals.approve(registrar, hex(bytes));
    const { then } = vector;
    refused(vector.refusal, vector.name, () => {
      if (typeof then === "string") approvals.requireApproved(hex(then), keys);
      else approvals.approve(then[0], hex(then[1]));
    });
  });
}
test("a request may be answered once enough registrars have approved it", () => {
  const bytes = hex(vectors.right[0]!.request);
  const approvals = new Approvals();
  for (const registrar of [...keys.shares.keys()].slice(0, keys.threshold)) approvals.approve(registrar, bytes);
  approvals.requireApproved(bytes, keys);
});
