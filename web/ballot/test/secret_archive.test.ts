/** docs/vectors/secret_archive.*: a secret election verifies from the name of its chain, and each lie stops at its step. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ArchiveFault } from "../src/archive/fault.js";
import { verifyArchive } from "../src/archive/verify.js";
import { concat, toHex, u32 } from "../src/bytes.js";
import { FOLDER, hex, read } from "./support/vectors.js";

interface Vectors {
  right: {
    chain: string;
    election: string;
    ballots: string;
    turnout: { registered: string; voted: string };
    questions: { title: string; tally?: Record<string, number>; blank: number }[];
  };
  wrong: { name: string; record: number; bytes: string | null; step: string; refusal: number | null }[];
}
const { right, wrong } = read<Vectors>("secret_archive.json");
const archive = new Uint8Array(readFileSync(new URL("secret_archive.urne", FOLDER)));
const chain = hex(right.chain);

const MAGIC_BYTES = 13;
function recordsOf(file: Uint8Array): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let at = MAGIC_BYTES; at < file.length; ) {
    const length = new DataView(file.buffer, file.byteOffset + at).getUint32(0, true);
    found.push(file.slice(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return found;
}
const written = (records: readonly Uint8Array[]): Uint8Array =>
  concat([archive.slice(0, MAGIC_BYTES), ...records.flatMap((it) => [u32(it.length), it])]);
function faultOf(file: Uint8Array, trusted = chain): ArchiveFault {
  try {
    verifyArchive(file, trusted);
  } catch (fault) {
    if (fault instanceof ArchiveFault) return fault;
    throw fault;
  }
  return assert.fail("accepted");
}

test("a secret election verifies from the name of its chain alone, and says what the first verification says", () => {
  const found = verifyArchive(archive, chain);
  assert.equal(toHex(found.election), right.election);
  assert.deepEqual([found.ballots, found.registered, found.voted].map(String), [right.ballots, right.turnout.registered, right.turnout.voted]);
  right.questions.forEach((question, at) => {
    const { marks, blank } = found.tallies[at]!;
    assert.equal(String(blank), String(question.blank), question.title);
    const said = (choice: string): string => String(question.tally?.[choice]);
    if (question.tally) assert.deepEqual(marks.map(([it]) => String(it)), found.questions[at]!.choices.map(said));
  });
});
for (const { name, record, bytes, step, refusal } of wrong) {
  test(`${name}: stops at ${step}${refusal ? `, ${refusal}` : ""}`, () => {
    const records = recordsOf(archive);
    records.splice(record, 1, ...(bytes === null ? [] : [hex(bytes)]));
    const fault = faultOf(written(records));
    assert.deepEqual([fault.step, fault.refusal], [step, refusal], fault.message);
  });
}
test("another chain's archive, one that is cut off, goes on or is out of order is refused", () => {
  assert.equal(faultOf(archive, new Uint8Array(32)).step, "chain");
  for (const cut of [0, 7, 4_000, archive.length - 1]) assert.equal(faultOf(archive.slice(0, cut)).step, "file");
  assert.equal(faultOf(concat([archive, Uint8Array.of(0)])).step, "file");
  const [opening, state, ...rest] = recordsOf(archive);
  assert.equal(faultOf(written([state!, opening!, ...rest])).step, "file");
  assert.equal(faultOf(written([opening!, ...rest])).step, "state");
  const census = rest.findIndex((it) => it[0] === 3);
  assert.equal(faultOf(written([opening!, state!, ...rest.filter((_, at) => at !== census)])).step, "census");
});
test("no bit of a header, a certificate or a state proof may change", () => {
  for (let at = 0; at < archive.length; at += 1_009) {
    const spoiled = Uint8Array.from(archive);
    spoiled[at]! ^= 1;
    faultOf(spoiled);
  }
});
