/** The voter's side: seal, tracker, audit or cast. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fromHex, toHex } from "../src/bytes.js";
import { compile } from "../src/compile.js";
import { RootSecret } from "../src/credential.js";
import { generator } from "../src/generators.js";
import type { Answer, Question } from "../src/question.js";
import { recompute, seal } from "../src/seal.js";
import { ballotLength, statement } from "../src/statement.js";
import { isWritten } from "../src/tracker.js";
import { verify } from "../src/verify.js";
import { refused } from "./support/refused.js";

const [chain, election] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
const keys = (n: number): Uint8Array[] => Array.from({ length: n }, (_, i) => generator("test key", i).bytes);
const questions: Question[] = [{ kind: "one_of", choices: 3, blank: "refused" }];
const of = statement(questions, chain, election, keys(2));
const secret = new RootSecret(new Uint8Array(32).fill(3)).credential(chain, election, 1);
const K = secret.public.bytes;
const one = (choice: number): Answer[] => [{ kind: "one", choice }];
const seed = (length: number): Uint8Array => new Uint8Array(length).fill(7);
const words = (bytes: Uint8Array): string[] => toHex(bytes).match(/.{64}/g)!;

test("a sealed and cast ballot verifies for its sequence and election only", () => {
  const ballot = seal(of, one(1), K, 1).cast(secret);
  assert.equal(ballot.bytes.length, ballotLength(of));
  assert.deepEqual(verify(of, 1, ballot.bytes).tracker, ballot.tracker);
  refused(606, "another sequence", () => verify(of, 2, ballot.bytes));
  refused(606, "another election", () => verify(statement(questions, chain, chain, keys(2)), 1, ballot.bytes));
});
test("two ballots of the same choice share nothing but the credential", () => {
  const [a, b] = [seal(of, one(1), K, 1).cast(secret), seal(of, one(1), K, 1).cast(secret)];
  const shared = words(a.bytes).filter((word) => words(b.bytes).includes(word));
  assert.deepEqual(shared, [toHex(K)]);
});
test("one seed for two choices shares nothing either", () => {
  const [a, b] = [seal(of, one(0), K, 1, seed).audit(), seal(of, one(1), K, 1, seed).audit()];
  assert.deepEqual(words(a.bytes).filter((word) => words(b.bytes).includes(word)), [toHex(K)]);
});
test("the signature's nonce does not come from the seed", () => {
  const [a, b] = [seal(of, one(1), K, 1, seed).cast(secret), seal(of, one(1), K, 1, seed).cast(secret)];
  assert.equal(toHex(a.bytes.slice(0, -64)), toHex(b.bytes.slice(0, -64)));
  assert.notEqual(toHex(a.bytes.slice(-64)), toHex(b.bytes.slice(-64)));
});
test("an audited ballot is made again elsewhere, and shows a device that cheated", () => {
  const unsigned = seal(of, one(2), K, 4);
  const shown = unsigned.tracker;
  const audited = unsigned.audit();
  assert.deepEqual(recompute(of, audited), shown);
  refused(685, "another choice", () => recompute(of, { ...audited, answers: one(1) }));
  refused(685, "another seed", () => recompute(of, { ...audited, seed: seed(32) }));
  refused(685, "another sequence", () => recompute(of, { ...audited, sequence: 5 }));
  refused(685, "cut", () => recompute(of, { ...audited, bytes: audited.bytes.slice(1) }));
});
test("a ballot is cast or audited, never both, and once", () => {
  const audited = seal(of, one(2), K, 1);
  audited.audit();
  assert.throws(() => audited.cast(secret), /already/);
  const cast = seal(of, one(2), K, 1);
  cast.cast(secret);
  assert.throws(() => cast.audit(), /already/);
  assert.throws(() => cast.cast(secret), /already/);
});
test("another credential cannot sign it", () => {
  const other = new RootSecret(new Uint8Array(32).fill(4)).credential(chain, election, 1);
  refused(611, "another credential", () => seal(of, one(2), K, 1).cast(other));
});
test("wrong answers never leave the device", () => {
  const wrong: Answer[][] = [
    [],
    [...one(0), ...one(0)],
    one(3),
    one(-1),
    one(0.5),
    [{ kind: "blank" }],
    [{ kind: "chosen", choices: [0] }],
  ];
  for (const answers of wrong) refused(627, JSON.stringify(answers), () => seal(of, answers, K, 1));
  const others: [Question, Answer][] = [
    [{ kind: "approval", choices: 3, atLeast: 1, atMost: 2, blank: "refused" }, { kind: "chosen", choices: [] }],
    [{ kind: "approval", choices: 3, atLeast: 0, atMost: 3, blank: "refused" }, { kind: "chosen", choices: [1, 1] }],
    [{ kind: "approval", choices: 3, atLeast: 0, atMost: 3, blank: "refused" }, { kind: "chosen", choices: [2, 1] }],
    [{ kind: "judgment", choices: 2, grades: 2, noOpinion: "refused", blank: "refused" }, { kind: "grades", grades: [0, null] }],
    [{ kind: "judgment", choices: 2, grades: 2, noOpinion: "allowed", blank: "refused" }, { kind: "grades", grades: [2, 0] }],
    [{ kind: "score", choices: 2, max: 5, points: 6, blank: "refused" }, { kind: "scores", scores: [5, 2] }],
    [{ kind: "score", choices: 2, max: 5, points: null, blank: "refused" }, { kind: "scores", scores: [6, 0] }],
    [{ kind: "condorcet", choices: 3, blank: "refused" }, { kind: "ranked", order: [0, 1] }],
    [{ kind: "condorcet", choices: 3, blank: "refused" }, { kind: "ranked", order: [0, 1, 1] }],
    [{ kind: "budget", costs: [3n, 4n], budget: 6n, blank: "refused" }, { kind: "chosen", choices: [0, 1] }],
    [{ kind: "ranking", choices: 3, ranks: 2, atLeast: 1 }, { kind: "ranked", order: [] }],
    [{ kind: "ranking", choices: 3, ranks: 2, atLeast: 1 }, { kind: "ranked", order: [0, 1, 2] }],
    [{ kind: "ranking", choices: 3, ranks: 2, atLeast: 1 }, { kind: "blank" }],
  ];
  for (const [question, answer] of others) {
    refused(627, `${question.kind}: ${JSON.stringify(answer)}`, () => {
      const n = compile([question]).encForms.length;
      seal(statement([question], chain, election, keys(n)), [answer], K, 1);
    });
  }
});
test("an election's keys are one for each cell, distinct, and never the identity", () => {
  const identity = new Uint8Array(32);
  refused(628, "too few", () => statement(questions, chain, election, keys(1)));
  refused(628, "twice", () => statement(questions, chain, election, [keys(1)[0]!, keys(1)[0]!]));
  refused(628, "identity", () => statement(questions, chain, election, [keys(1)[0]!, identity]));
  refused(601, "no point", () => statement(questions, chain, election, [keys(1)[0]!, fromHex("ff".repeat(32))]));
});
test("a tracker is recognised in either case, with or without dashes, and no single slip passes", () => {
  const { tracker } = seal(of, one(0), K, 1, seed);
  const { text } = tracker;
  assert.match(text, /^([0-9A-HJKMNP-TV-Z]{4}-){5}[0-9A-HJKMNP-TV-Z]$/);
  assert.ok(isWritten(tracker, text) && isWritten(tracker, text.toLowerCase().replaceAll("-", "")));
  const plain = text.replaceAll("-", "");
  for (let at = 0; at < plain.length; at++) {
    for (const character of "0123456789ABCDEFGHJKMNPQRSTVWXYZU") {
      if (character === plain[at]) continue;
      refused(687, "one wrong character", () => isWritten(tracker, plain.slice(0, at) + character + plain.slice(at + 1)));
    }
    const next = plain[at + 1];
    if (next && next !== plain[at]) {
      const exchanged = plain.slice(0, at) + next + plain[at] + plain.slice(at + 2);
      refused(687, "two exchanged", () => isWritten(tracker, exchanged));
    }
  }
  refused(687, "short", () => isWritten(tracker, plain.slice(1)));
  refused(687, "empty", () => isWritten(tracker, ""));
  assert.ok(!isWritten(seal(of, one(1), K, 1, seed).tracker, text), "another ballot's");
});
test("no secret is in what a log could print", () => {
  const printed = JSON.stringify([secret, seal(of, one(0), K, 1, seed)], (_, value: unknown) =>
    typeof value === "bigint" ? `${value}` : value,
  );
  assert.ok(!printed.includes(String(secret.expose())) && !printed.includes("7,7,7"));
});
