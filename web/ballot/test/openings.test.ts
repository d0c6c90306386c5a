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
