/** docs/vectors/ceremony.json: ceremonies can be followed from what the ledger holds, and give the published keys. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { toHex } from "../src/bytes.js";
import { Ceremony, type CeremonyGroup, type Commitments, type Invitation, REGISTRARS, TRUSTEES, verifyJoining } from "../src/ceremony.js";
import { qualified, verifyComplaint, verifyEncryptedShare } from "../src/complaint.js";
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
  dealings: { dealer: number; hash: string; commitments: string; shares: [number, string][] }[];
  keys: string;
}
interface Vectors {
  right: Right[];
  thresholds: { name: string; group: string; declared: number[]; present: number[]; threshold?: number; refusal?: number }[];
  beginnings: {
    name: string;
    group: string;
    chain: string;
    draft: string;
    declared: number[];
    keys_wanted: number;
    joinings: [number, string][];
    refusal: number;
  }[];
  wrong_are_for: string;
  complaints: { name: string; dealer: number; complainer: number; share: string; bytes: string }[];
  wrong: { name: string; refusal: number; step: "joining" | "commitments" | "rushed" | "complaint"; sender: number; bytes: string }[];
}
const vectors = read<Vectors>("ceremony.json");
const numbered = (colleges: readonly number[]) => colleges.map((college, at) => ({ number: at + 1, college }));

function replay<P>(group: CeremonyGroup<P>, vector: Right) {
  const invitation: Invitation = {
    chain: hex(vector.chain),
    draft: hex(vector.draft),
    scope: vector.scope,
    attempt: vector.attempt,
    declared: numbered(vector.colleges),
    candidates: numbered(vector.colleges),
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
const { invitation, ceremony, dealings } = replay(TRUSTEES, first);
const commitments = dealings();
const shares = first.dealings.flatMap(({ dealer, shares }) =>
  shares.map(([recipient, bytes]) => verifyEncryptedShare(ceremony, dealer, recipient, hex(bytes))),
);
const shareOf = (dealer: number, recipient: number) =>
  shares.find((it) => it.dealer === dealer && it.recipient === recipient)!;
for (const { name, refusal, step, sender, bytes } of vectors.wrong) {
  test(`${name}: refused with ${refusal}`, () => {
    const sent = hex(bytes);
    refused(refusal, name, () => {
      if (step === "joining") return verifyJoining(TRUSTEES, invitation, sender, sent);
      if (step === "complaint") return verifyComplaint(ceremony, sender, commitments[0]!, shareOf(1, sender), sent);
      const hash = step === "rushed" ? hex(first.dealings[1]!.hash) : ceremony.commitmentHash(sender, sent);
      return ceremony.verifyCommitments(sender, hash, sent);
    });
  });
}
for (const { name, dealer, complainer, share, bytes } of vectors.complaints) {
  test(`${name}: its dealer is out, and the others deal again`, () => {
    const wrong = verifyEncryptedShare(ceremony, dealer, complainer, hex(share));
    const convicted = verifyComplaint(ceremony, complainer, commitments[dealer - 1]!, wrong, hex(bytes));
    assert.deepEqual([convicted.dealer, convicted.complainer], [dealer, complainer]);
    assert.equal(qualified(ceremony, commitments, shares, [convicted]), null);
    refused(666, "a complaint about another share", () =>
      verifyComplaint(ceremony, complainer, commitments[dealer - 1]!, shareOf(dealer, complainer), hex(bytes)),
    );
    refused(666, "somebody else's complaint", () => verifyComplaint(ceremony, 3, commitments[dealer - 1]!, wrong, hex(bytes)));
    refused(661, "a stranger's", () => verifyComplaint(ceremony, 9, commitments[dealer - 1]!, wrong, hex(bytes)));
  });
}
test("whoever has dealt to all and is accused by nobody qualifies", () => {
  const all = qualified(ceremony, [...commitments].reverse(), shares, []);
  assert.equal(toHex(ceremony.keys(all!)), first.keys);
  assert.equal(qualified(ceremony, commitments, shares.slice(1), []), null, "one share of dealer 1 is missing");
  refused(664, "a long share", () => verifyEncryptedShare(ceremony, 1, 2, new Uint8Array(81)));
  refused(661, "a share for a stranger", () => verifyEncryptedShare(ceremony, 1, 9, new Uint8Array(80)));
});
for (const { name, group, declared, present, threshold, refusal } of vectors.thresholds) {
  const rule = group === TRUSTEES.name ? TRUSTEES : REGISTRARS;
  const acting = () => rule.threshold(declared, present.map((number) => declared[number - 1]!));
  test(`${name}: ${threshold ?? `refused with ${refusal}`}`, () => {
    if (refusal === undefined) assert.equal(acting(), threshold);
    else refused(refusal, name, acting);
  });
}
for (const { name, group, chain, draft, declared, keys_wanted, joinings, refusal } of vectors.beginnings) {
  const begin = <P>(group: CeremonyGroup<P>) => {
    const all = numbered(declared);
    const invitation = { chain: hex(chain), draft: hex(draft), scope: 0, attempt: 0, declared: all, candidates: all, keys: keys_wanted };
    const joined = joinings.map(([sender, bytes]) => verifyJoining(group, invitation, sender, hex(bytes)));
    refused(refusal, name, () => new Ceremony(group, invitation, joined));
  };
  test(`${name}: no ceremony, ${refusal}`, () => (group === TRUSTEES.name ? begin(TRUSTEES) : begin(REGISTRARS)));
}
test("keys that are repeated are none", () => {
  const [row] = commitments[0]!.C;
  const twice = commitments.map((it) => ({ ...it, C: [row!, row!] }));
  refused(669, "the same polynomials for both keys", () => ceremony.keys(twice));
});
test("whoever did not join deals nothing", () => {
  const { commitments } = first.dealings[0]!;
  refused(661, "a stranger", () => ceremony.verifyCommitments(9, ceremony.commitmentHash(9, hex(commitments)), hex(commitments)));
});
