/**
 * An archive of docs/vectors verifies from the name of its chain, and each lie about it stops at its step. One file of tests for
 * each, so that they run beside each other.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ArchiveFault } from "../../src/archive/fault.js";
import { verifyArchive } from "../../src/archive/verify.js";
import { concat, toHex, u32, utf8 } from "../../src/bytes.js";
import { FOLDER, hex, read } from "./vectors.js";

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

const MAGIC_BYTES = 13;
export function recordsOf(file: Uint8Array): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let at = MAGIC_BYTES; at < file.length; ) {
    const length = new DataView(file.buffer, file.byteOffset + at).getUint32(0, true);
    found.push(file.slice(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return found;
}
export const written = (records: readonly Uint8Array[]): Uint8Array =>
  concat([utf8("urne archive\n"), ...records.flatMap((it) => [u32(it.length), it])]);
export function faultOf(file: Uint8Array, trusted: Uint8Array): ArchiveFault {
  try {
    verifyArchive(file, trusted);
  } catch (fault) {
    if (fault instanceof ArchiveFault) return fault;
    throw fault;
  }
  return assert.fail("accepted");
}

/** The tests of one published archive; it, and the name of its chain. */
export function testArchive(name: string): { archive: Uint8Array; chain: Uint8Array } {
  const { right, wrong } = read<Vectors>(`${name}.json`);
  const archive = new Uint8Array(readFileSync(new URL(`${name}.urne`, FOLDER)));
  const chain = hex(right.chain);
  test(`${name}: it verifies from the name of its chain alone, and says what the first verification says`, () => {
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
  for (const { name: lie, record, bytes, step, refusal } of wrong) {
    test(`${name}: ${lie} stops at ${step}${refusal ? `, ${refusal}` : ""}`, () => {
      const records = recordsOf(archive);
      records.splice(record, 1, ...(bytes === null ? [] : [hex(bytes)]));
      const fault = faultOf(written(records), chain);
      assert.deepEqual([fault.step, fault.refusal], [step, refusal], fault.message);
    });
  }
  return { archive, chain };
}
