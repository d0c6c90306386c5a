/** docs/vectors/questions.json: questions compile to the published forms, wrong ones earn their number. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { toHex } from "../src/bytes.js";
import { accepts, admit, compile, digitWeights } from "../src/compile.js";
import type { Form } from "../src/form.js";
import type { Question } from "../src/question.js";
import { refused } from "./support/refused.js";
import { type FormVector, type Questions, question, read } from "./support/vectors.js";

const vectors = read<Questions>("questions.json");
const written = (forms: readonly Form[]): FormVector[] =>
  forms.map((form) => ({
    constant: String(form.constant),
    terms: form.terms.map(([j, c]) => [j, String(c)]),
  }));

for (const vector of vectors.right) {
  test(`${vector.name} compiles to the published forms`, () => {
    const compiled = compile(vector.questions.map(question));
    assert.equal(compiled.bits, vector.bits);
    assert.deepEqual(written(compiled.bitForms), vector.bit);
    assert.deepEqual(written(compiled.zeroForms), vector.zero);
    assert.deepEqual(written(compiled.encForms), vector.enc);
    assert.equal(toHex(compiled.bytes), vector.compiled);
    assert.equal(toHex(compiled.digest), vector.digest);
  });
}
for (const vector of vectors.wrong) {
  test(`${vector.name}: refused with ${vector.refusal}`, () => {
    refused(vector.refusal, vector.name, () => {
      const compiled = compile(vector.questions.map(question));
      if (vector.census) admit(compiled, vector.census);
    });
  });
}
test("ranked ballots are admitted where keys are not published, the others anywhere", () => {
  const ranked: Question = { kind: "ranking", choices: 3, ranks: 3, atLeast: 0 };
  admit(compile([ranked]), "blind_credentials");
  admit(compile([{ kind: "one_of", choices: 2, blank: "refused" }]), "published_keys");
});
test("numbers that are none are refused, not encoded", () => {
  for (const choices of [0, -1, 1.5, 65_536, Number.NaN]) {
    refused(621, `${choices} choices`, () => compile([{ kind: "condorcet", choices, blank: "refused" }]));
  }
});
test("thirty-three questions are too many", () => {
  const questions = Array.from({ length: 33 }, (): Question => ({ kind: "one_of", choices: 2, blank: "refused" }));
  assert.equal(compile(questions.slice(1)).bits, 32);
  refused(623, "33 questions", () => compile(questions));
});
test("digits cover exactly 0 to their maximum", () => {
  for (let max = 0n; max < 70n; max++) {
    let sums = new Set([0n]);
    for (const weight of digitWeights(max)) sums = new Set([...sums].flatMap((sum) => [sum, sum + weight]));
    const sorted = [...sums].sort((a, b) => Number(a - b));
    assert.deepEqual(sorted, Array.from({ length: Number(max) + 1 }, (_, it) => BigInt(it)));
  }
});
test("the forms of a Condorcet question accept the 24 strict orders of four and the blank ballot, and nothing else", () => {
  const compiled = compile([{ kind: "condorcet", choices: 4, blank: "allowed" }]);
  const bits = new Uint8Array(compiled.bits);
  let accepted = 0;
  for (let n = 0; n < 2 ** compiled.bits; n++) {
    for (let j = 0; j < bits.length; j++) bits[j] = (n >> j) & 1;
    if (accepts(compiled, bits)) accepted++;
  }
  assert.equal(accepted, 24 + 1);
});
