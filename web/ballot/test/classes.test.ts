/** Every kind of fault that implementations must refuse has a published vector, and there are enough of them. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { FOLDER, read } from "./support/vectors.js";

const names = (file: string): string[] => read<{ wrong: { name: string }[] }>(file).wrong.map((it) => it.name);
const [questions, ballots, credentials] = [names("questions.json"), names("ballots.json"), names("credentials.json")];
const openings = names("openings.json");
const proofs = names("proof_of_vote.json");
const ceremony = names("ceremony.json");
const lies = names("secret_archive.json");
const [uninvited, misread] = [names("credentials_archive.json"), names("rankings_archive.json")];

const letters = ["A", "B_1", "V", "W", "S", "T", "D1", "D0", "u", "f_1", "phi", "w", "delta", "K", "R", "sigma"];
const classes: [string, string[], (RegExp | string)[]][] = [
  ["each field changed", ballots, letters.map((it) => `${it} changed`)],
  ["components swapped", ballots, ["components swapped", "responses swapped"]],
  ["value 2", ballots, ["a value of 2"]],
  ["two marks", ballots, ["two marks", "two grades for one candidate"]],
  ["other election", ballots, ["made for another election", "made for another chain", "made for other keys"]],
  ["other credential", ballots, ["copied under another credential"]],
  ["older sequence", ballots, [/older sequence/]],
  ["non-canonical encodings", ballots, ["a negative point", "a point that is none", /not reduced/, /highest bit/, /not canonical/, /group's order/]],
  ["identity", ballots, ["A is the identity", "K is the identity"]],
  ["wrong lengths", ballots, ["empty", "one byte short", "one byte more"]],
  ["reused randomness", ballots, ["one cell twice", "a cell equal to A", "R equal to K"]],
  ["a reused seed", lies, ["one seed for the ballots of two voters"]],
  ["out-of-range score or slack", ballots, ["a score of 7 of 5", /slack of -1/, /slack of 2/, "more points than there are"]],
  ["a small forgery of each equation", ballots, [/\(1\)/, /\(2\)/, /\(3\)/, /\(4\)/, /\(5\)/, /\(6\)/]],
  ["rankings and budgets", ballots, ["a cycle of four", "a candidate at two ranks", "a gap in the ranking", /cannot pay/]],
  ["wrap-around coefficients", questions, [/2\^62/, /2\^64/]],
  ["ranked ballots with published keys", questions, ["ranked ballots under published keys", "ranked beside additive"]],
  ["small-order points", credentials, [/order three/, "a request outside the subgroup", "the identity as a request"]],
  ["a second request of an entry", credentials, [/second request/]],
  ["an answer before k approvals", credentials, [/before enough approvals/]],
  ["others' signatures", credentials, [/another election/, /another credential/]],
  ["a second tally hash", openings, ["a second tally of one election"]],
  ["messages of the ceremony", ceremony, [/not invited/, /rogue/, /another dealer's ephemeral key/, /do not fit their hash/, /identity/]],
  ["complaints", ceremony, [/right share/, /another shared key/, /another R2/]],
  ["lies about ballots", lies, [/left out$/, /hidden/, /twice/, /exchanged/, /another credential/, /another college/, /older/, /not on the census/]],
  ["lies about keys, shares and result", lies, [/key/, /threshold/, /a bit of a share/, /twice/, /three are needed/, /result/, /college/]],
  ["lies about who may vote", uninvited, [/another college's registrars/, /another's signature/, /more than approved/, /more approved requests/, /nobody registered/, /not on the census/]],
  ["lies about rankings", misread, [/another piece/, /too few/, /left out of the opening/, /replaced/, /other than the ballot's/, /do not elect/, /lot/]],
  ["each link of a proof of vote", proofs, [/another chain/, /tracker/, /root/, /state/, /half of the power/, /twice/]],
];
for (const [name, found, expected] of classes) {
  test(`there is a wrong vector for: ${name}`, () => {
    for (const one of expected) {
      assert.ok(found.some((it) => (typeof one === "string" ? it === one : one.test(it))), `no vector like ${one}`);
    }
  });
}
test("every published file of vectors is read by a test of this package, the open archive apart, which tools/recount.py reads", () => {
  const read = ["ballots.json", "ceremony.json", "credentials.json", "openings.json", "proof_of_vote.json", "questions.json"];
  const archives = ["credentials_archive", "rankings_archive", "secret_archive"].flatMap((it) => [`${it}.json`, `${it}.urne`]);
  const others = ["README.md", ...archives];
  assert.deepEqual(readdirSync(FOLDER).filter((it) => !it.startsWith("archive.")).sort(), [...others, ...read].sort());
});
test("the table of docs/vectors names vectors that there are", () => {
  const table = readFileSync(new URL("README.md", FOLDER), "utf8").split("and where it stands")[1]!;
  const all = [questions, ballots, credentials, openings, ceremony, lies, uninvited, misread].flat();
  const named = [...table.matchAll(/\*([^*|]+)\*/g)].map(([, name]) => name!.split("…").map((it) => it.trim()));
  const isThere = (parts: string[]): boolean => all.some((name) => parts.every((part) => name.includes(part)));
  assert.ok(60 < named.length);
  assert.deepEqual(named.filter((parts) => !isThere(parts) && !["joining", "commitments", "rushed", "complaint"].includes(parts[0]!)), []);
});
test("there are at least 60 wrong ballots, questions and credentials, with distinct names in each file", () => {
  const files = [questions, ballots, credentials];
  assert.ok(60 <= files.flat().length);
  for (const file of files) assert.equal(new Set(file).size, file.length);
});
