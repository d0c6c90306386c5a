/** docs/vectors/ceremony.json: ceremonies can be followed from what the ledger holds, and give the published keys. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { toHex } from "../src/bytes.js";
import { Ceremony, type CeremonyGroup, type Commitments, type Invitation, REGISTRARS, TRUSTEES, verifyJoining } from "../src/ceremony.js";
import { refused } from "./support/refused.js";
import { hex, read } from "./support/vectors.js";

interface Right {
  name: string;
  group: string;
  chain: string;
  draft: string;
  scope: number;
  attempt: number;
  colleges: number[];
  keys_wanted: number;
  threshold: number;
  joinings: string[];
  ceremony: string;
  dealings: { dealer: number; hash: string; commitments: string }[];
  keys: string;
}
interface Vectors {
  right: Right[];
  wrong_are_for: string;
  wrong: { name: string; refusal: number; step: "joining" | "commitments" | "rushed" | "complaint"; sender: number; bytes: string }[];
}
const vectors = read<Vectors>("ceremony.json");

function replay<P>(group: CeremonyGroup<P>, vector: Right) {
  const invitation: Invitation = {
    chain: hex(vector.chain),
    draft: hex(vector.draft),
    scope: vector.scope,
    attempt: vector.attempt,
    candidates: vector.colleges.map((college, at) => ({ number: at + 1, college })),
    keys: vector.keys_wanted,
  };
  const joined = vector.joinings.map((it, at) => verifyJoining(group, invitation, at + 1, hex(it)));
  const ceremony = new Ceremony(group, invitation, joined);
  const dealings = (): Commitments<P>[] =>
    vector.dealings.map((it) => ceremony.verifyCommitments(it.dealer, hex(it.hash), hex(it.commitments)));
  return { invitation, ceremony, dealings };
}
function gives<P>(group: CeremonyGroup<P>, vector: Right): void {
  assert.equal(group.name, vector.group);
  const { ceremony, dealings } = replay(group, vector);
  assert.equal(ceremony.threshold, vector.threshold);
  assert.equal(toHex(ceremony.digest), vector.ceremony);
  assert.equal(toHex(ceremony.keys(dealings())), vector.keys);
}
test("four trustees, two cells: the published keys", () => gives(TRUSTEES, vectors.right[0]!));
test("three registrars: the published key", () => gives(REGISTRARS, vectors.right[1]!));

const first = vectors.right.find((it) => it.name === vectors.wrong_are_for)!;
const { invitation, ceremony } = replay(TRUSTEES, first);
// A complaint opens an encrypted share, which only participants do.
for (const { name, refusal, step, sender, bytes } of vectors.wrong.filter((it) => it.step !== "complaint")) {
  test(`${name}: refused with ${refusal}`, () => {
    const sent = hex(bytes);
    refused(refusal, name, () => {
      if (step === "joining") return verifyJoining(TRUSTEES, invitation, sender, sent);
      const hash = step === "rushed" ? hex(first.dealings[1]!.hash) : ceremony.commitmentHash(sender, sent);
      return ceremony.verifyCommitments(sender, hash, sent);
    });
  });
}
test("trustees of whom one college could open the urn alone are refused", () => {
  refused(667, "two of three of one college", () => TRUSTEES.threshold([1, 1, 2]));
  assert.deepEqual([TRUSTEES.threshold([1, 2, 3, 4]), TRUSTEES.threshold([1, 1, 2, 2, 3, 3, 4])], [3, 5]);
});
test("whoever did not join deals nothing", () => {
  const { commitments } = first.dealings[0]!;
  refused(661, "a stranger", () => ceremony.verifyCommitments(9, ceremony.commitmentHash(9, hex(commitments)), hex(commitments)));
});
