/** docs/vectors/openings.json: ballots add up, shares verify, any t of them open the urn; wrong shares earn their number. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { toHex } from "../src/bytes.js";
import { TallyGuard, open, verifyShare } from "../src/opening.js";
import { statement } from "../src/statement.js";
import { decodeTrusteeKeys, electionId } from "../src/trustees.js";
import { type Urn, decodeTotals, encodeTotals, rehearsalUrn, totalsOf, urnOfTotals } from "../src/urn.js";
import { verify } from "../src/verify.js";
import { refused } from "./support/refused.js";
import { hex, read } from "./support/vectors.js";

interface Vectors {
  chain: string;
  draft: string;
  election: string;
  keys: string;
  rehearsal: { urn: string; shares: string[] };
  right: {
    name: string;
    sequence: number;
    ballots: string[];
    totals: string;
    urn: string;
    shares: string[];
    cells: number[];
    choices: number[];
  }[];
  wrong: { name: string; refusal: number; share?: string; shares?: string[]; answered?: string; then?: string }[];
}
const vectors = read<Vectors>("openings.json");
const keys = decodeTrusteeKeys(hex(vectors.keys));
const election = electionId(hex(vectors.chain), hex(vectors.draft), hex(vectors.keys), []);
const of = statement(
  [{ kind: "one_of", choices: 3, blank: "refused" }],
  hex(vectors.chain),
  election,
  keys.keys.map((it) => it.bytes),
);
const urnOf = (totals: string): Urn => urnOfTotals(election, 0, decodeTotals(hex(totals), keys.keys.length));

test("the election's name holds its trustees' keys", () => assert.equal(toHex(election), vectors.election));
test("the rehearsal opens", () => {
  const urn = rehearsalUrn(election, keys);
  assert.equal(toHex(urn.digest), vectors.rehearsal.urn);
  for (const share of vectors.rehearsal.shares) verifyShare(hex(share), urn, keys);
});
for (const vector of vectors.right) {
  test(`${vector.name}: adds up and opens, whoever of the trustees answers`, () => {
    const ballots = vector.ballots.map((it) => verify(of, vector.sequence, hex(it)));
    const totals = totalsOf(ballots, keys.keys.length);
    assert.equal(toHex(encodeTotals(totals)), vector.totals);
    const urn = urnOfTotals(election, 0, totals);
    assert.equal(toHex(urn.digest), vector.urn);
    const shares = vector.shares.map((it) => verifyShare(hex(it), urn, keys));
    for (const chosen of [shares, [...shares].reverse(), shares.slice(1)]) {
      const cells = open(urn, keys, chosen, of.compiled.encForms)[0]!.map(Number);
      assert.deepEqual(cells, vector.cells);
      const implicit = ballots.length - cells.reduce((sum, it) => sum + it, 0);
      assert.deepEqual([...cells, implicit], vector.choices);
    }
  });
}
const urn = urnOf(vectors.right[0]!.totals);
for (const { name, refusal, share, shares, answered, then } of vectors.wrong) {
  test(`${name}: refused with ${refusal}`, () => {
    const guard = new TallyGuard();
    if (answered) guard.permit(urnOf(answered));
    const few = shares?.map((it) => verifyShare(hex(it), urn, keys));
    refused(refusal, name, () => {
      if (share) verifyShare(hex(share), urn, keys);
      else if (few) open(urn, keys, few, of.compiled.encForms);
      else guard.permit(urnOf(then!));
    });
  });
}
test("the same tally may be answered again, and a share of another urn opens nothing", () => {
  const guard = new TallyGuard();
  guard.permit(urn);
  guard.permit(urn);
  const rehearsal = rehearsalUrn(election, keys);
  const others = vectors.rehearsal.shares.map((it) => verifyShare(hex(it), rehearsal, keys));
  refused(688, "the rehearsal's", () => open(urn, keys, others, of.compiled.encForms));
});
test("a share that is not of these totals leads to no number, and keys are one for each cell", () => {
  const { shares, totals } = vectors.right[0]!;
  const verified = shares.map((it) => verifyShare(hex(it), urn, keys));
  const one = hex(totals);
  one[0] = 1;
  const fewer = urnOfTotals(election, 0, decodeTotals(one, keys.keys.length));
  const forged = verified.map((it) => ({ ...it, urn: fewer.digest }));
  refused(683, "three marks on one ballot", () => open(fewer, keys, forged, of.compiled.encForms));
  refused(686, "no form", () => open(urn, keys, verified, []));
  refused(686, "cut totals", () => decodeTotals(one.slice(0, -1), keys.keys.length));
});
test("keys that no ceremony gives are refused", () => {
  // threshold u16, n u16, M u16, four holders u16, Y_1 32, Y_2 32 …
  const with_ = (change: (bytes: Uint8Array) => void): Uint8Array => {
    const bytes = hex(vectors.keys);
    change(bytes);
    return bytes;
  };
  refused(668, "nobody opens", () => decodeTrusteeKeys(with_((it) => it.fill(0, 0, 2))));
  refused(668, "five of four", () => decodeTrusteeKeys(with_((it) => it.fill(5, 0, 1))));
  refused(664, "holder zero", () => decodeTrusteeKeys(with_((it) => it.fill(0, 6, 7))));
  refused(664, "a holder twice", () => decodeTrusteeKeys(with_((it) => it.copyWithin(8, 6, 8))));
  refused(664, "cut", () => decodeTrusteeKeys(hex(vectors.keys).slice(0, -1)));
  refused(664, "long", () => decodeTrusteeKeys(hex(`${vectors.keys}00`)));
  refused(669, "a key twice", () => decodeTrusteeKeys(with_((it) => it.copyWithin(46, 14, 46))));
  refused(641, "the identity", () => decodeTrusteeKeys(with_((it) => it.fill(0, 14, 46))));
});
