/** docs/vectors/proof_of_vote.json: the ledger's proofs of vote hold from bytes alone, broken ones name their link. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ed25519 } from "@noble/curves/ed25519.js";
import { blake3 } from "@noble/hashes/blake3.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { concat, fromLittleEndian, littleEndian, toHex, u64 } from "../src/bytes.js";
import { requireCommit } from "../src/ledger/certificate.js";
import { type FaultName, ProofFault } from "../src/ledger/fault.js";
import { isIncluded, leafHash } from "../src/ledger/merkle.js";
import { hashUnder } from "../src/ledger/names.js";
import { advance, decodeProofOfVote, verifyProofOfVote } from "../src/ledger/proof_of_vote.js";
import { type HaltingPolicy, type Trust, trust as trustGiven } from "../src/ledger/trust.js";
import type { Validator } from "../src/ledger/validators.js";
import { hex, read } from "./support/vectors.js";

interface TrustVector {
  chain: string;
  since: string;
  validators: string;
  halting: HaltingPolicy;
}
interface Vectors {
  trusted: TrustVector;
  right: {
    name: string;
    proof: string;
    election: string;
    tracker: string;
    index: string;
    log: { size: string; root: string };
    height: string;
    block: string;
    time: string;
    app_hash: string;
  }[];
  wrong: { name: string; proof: string; trusted: TrustVector; fault: FaultName }[];
  handovers: {
    right: { name: string; handover: string; after: TrustVector }[];
    wrong: { name: string; handover: string; fault: FaultName }[];
  };
}
const vectors = read<Vectors>("proof_of_vote.json");
const trust = (it: TrustVector): Trust => trustGiven(hex(it.chain), BigInt(it.since), hex(it.validators), it.halting);
const verify = (proof: Uint8Array, trusted: Trust) => verifyProofOfVote(decodeProofOfVote(proof), trusted);
function broken(link: FaultName, name: string, attempt: () => unknown): void {
  try {
    attempt();
  } catch (fault) {
    if (!(fault instanceof ProofFault)) throw fault;
    assert.equal(fault.link, link, name);
    return;
  }
  assert.fail(`${name}: accepted, should break at ${link}`);
}

const trusted = trust(vectors.trusted);
for (const vector of vectors.right) {
  test(`${vector.name} is in the urn`, () => {
    const vote = verify(hex(vector.proof), trusted);
    assert.deepEqual(
      {
        election: toHex(vote.election),
        tracker: toHex(vote.tracker),
        index: String(vote.index),
        log: { size: String(vote.log.size), root: toHex(vote.log.root) },
        height: String(vote.height),
        block: toHex(vote.block),
        time: String(vote.time),
        app_hash: toHex(vote.appHash),
      },
      (({ name: _name, proof: _proof, ...said }) => said)(vector),
    );
  });
}
for (const vector of vectors.wrong) {
  test(`${vector.name}: ${vector.fault}`, () => {
    broken(vector.fault, vector.name, () => verify(hex(vector.proof), trust(vector.trusted)));
  });
}
for (const vector of vectors.handovers.right) {
  test(vector.name, () => assert.deepEqual(advance(trusted, hex(vector.handover)), trust(vector.after)));
}
for (const vector of vectors.handovers.wrong) {
  test(`a handover ${vector.name}: ${vector.fault}`, () => {
    broken(vector.fault, vector.name, () => advance(trusted, hex(vector.handover)));
  });
}
test("a set in which one college could decide or halt is not trusted, unless the genesis admits few colleges", () => {
  const { chain, validators, since } = vectors.trusted;
  const given = (set: Uint8Array, halting: HaltingPolicy): Trust => trustGiven(hex(chain), BigInt(since), set, halting);
  const four = hex(validators);
  // The last member's power stands before its duty: 8 and 4 bytes.
  const strong = four.slice();
  strong[strong.length - 12 + 3] = 1;
  broken("college_rule", "a strong college", () => given(strong, "one_college_may_halt"));
  const three = four.slice(0, 8 + 3 * 66);
  three[0] = 3;
  broken("college_rule", "three colleges", () => given(three, "no_college_halts"));
  broken("college_rule", "three validators, a third each", () => given(three, "one_college_may_halt"));
  broken("malformed", "nobody", () => given(new Uint8Array(8), "one_college_may_halt"));
  assert.equal(given(four, "one_college_may_halt").validators.members.length, 4);
});
test("a proof with any byte changed proves nothing", () => {
  const good = hex(vectors.right[6]!.proof);
  // Every seventh byte: 7 divides none of the field lengths, so that each field is met.
  for (let at = 0; at < good.length; at += 7) {
    const bytes = good.slice();
    bytes[at]! ^= 1;
    assert.throws(() => verify(bytes, trusted), ProofFault, `byte ${at}`);
  }
});
test("inclusion holds for every leaf of every small log, at its own index only", () => {
  const leaves = Array.from({ length: 9 }, (_, i) => leafHash(u64(i)));
  const node = (left: Uint8Array, right: Uint8Array): Uint8Array => blake3(concat([Uint8Array.of(1), left, right]));
  const rootAndPath = (all: Uint8Array[], index: number): { root: Uint8Array; path: Uint8Array[] } => {
    if (all.length === 1) return { root: all[0]!, path: [] };
    let split = 1;
    while (2 * split < all.length) split *= 2;
    const [left, right] = [all.slice(0, split), all.slice(split)];
    if (index < split) {
      const { root, path } = rootAndPath(left, index);
      const sibling = rootAndPath(right, 0).root;
      return { root: node(root, sibling), path: [...path, sibling] };
    }
    const { root, path } = rootAndPath(right, index - split);
    const sibling = rootAndPath(left, 0).root;
    return { root: node(sibling, root), path: [...path, sibling] };
  };
  for (let size = 1; size <= leaves.length; size++) {
    for (let index = 0; index < size; index++) {
      const { root, path } = rootAndPath(leaves.slice(0, size), index);
      for (let claimed = 0; claimed <= size; claimed++) {
        assert.equal(isIncluded(leaves[index]!, BigInt(claimed), BigInt(size), path, root), claimed === index);
      }
    }
  }
});
test("signatures with a part of small order count, as ZIP-215 says, and an s that is not reduced does not", () => {
  const chain = new Uint8Array(32).fill(1);
  const [secret, nonce] = [12345n, 67890n];
  const key = ed25519.Point.BASE.multiply(secret).toBytes();
  const order8 = ed25519.Point.fromHex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa");
  const member: Validator = { id: new Uint8Array(20), key, college: 1, power: 1n };
  const certificate = { height: 1n, round: 0, block: new Uint8Array(32).fill(9) };
  const precommit = concat([u64(1), new Uint8Array(4), Uint8Array.of(1), certificate.block, member.id]);
  const digest = hashUnder("urne.v1 sign precommit", chain, precommit);
  const signed = (R: Uint8Array, plus: bigint): Uint8Array => {
    const n = ed25519.Point.Fn.ORDER;
    const challenge = fromLittleEndian(sha512(concat([R, key, digest]))) % n;
    return concat([R, littleEndian(((nonce + challenge * secret) % n) + plus, 32)]);
  };
  const R = ed25519.Point.BASE.multiply(nonce);
  const commit = (signature: Uint8Array): void =>
    requireCommit(chain, { members: [member], bytes: new Uint8Array() }, { ...certificate, signatures: [{ validator: member.id, signature }] });
  commit(signed(R.toBytes(), 0n));
  commit(signed(R.add(order8).toBytes(), 0n));
  broken("bad_signature", "s + order", () => commit(signed(R.toBytes(), ed25519.Point.Fn.ORDER)));
});
