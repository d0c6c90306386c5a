/** docs/vectors/secret_archive.*: a secret election under published keys; and what no archive may be. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { concat } from "../src/bytes.js";
import { faultOf, recordsOf, testArchive, written } from "./support/archives.js";

const { archive, chain } = testArchive("secret_archive");

test("another chain's archive, one that is cut off, goes on or is out of order is refused", () => {
  assert.equal(faultOf(archive, new Uint8Array(32)).step, "chain");
  for (const cut of [0, 7, 4_000, archive.length - 1]) assert.equal(faultOf(archive.slice(0, cut), chain).step, "file");
  assert.equal(faultOf(concat([archive, Uint8Array.of(0)]), chain).step, "file");
  const [opening, state, ...rest] = recordsOf(archive);
  assert.equal(faultOf(written([state!, opening!, ...rest]), chain).step, "file");
  assert.equal(faultOf(written([opening!, ...rest]), chain).step, "state");
  const census = rest.findIndex((it) => it[0] === 3);
  assert.equal(faultOf(written([opening!, state!, ...rest.filter((_, at) => at !== census)]), chain).step, "census");
});
test("no bit of a header, a certificate or a state proof may change", () => {
  for (let at = 0; at < archive.length; at += 1_009) {
    const spoiled = Uint8Array.from(archive);
    spoiled[at]! ^= 1;
    faultOf(spoiled, chain);
  }
});
