/**
 * Entries of the authenticated map, checked against an application hash: a Jellyfish Merkle tree over SHA-256, whose proofs
 * come in the borsh encoding of the crate `jmt` 0.12: `leaf (0 | 1 key hash 32, value hash 32) ‖ number of siblings u32 ‖
 * siblings, from the leaf up (0 none | 1 left 32, right 32 | 2 key hash 32, value hash 32)`.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { concat, equal, utf8 } from "../bytes.js";
import { Decoder } from "./codec.js";
import { ProofFault } from "./fault.js";

const STATE_PROOF_BYTES_MAX = 16 << 10;
const SIBLINGS_MAX = 256;
const LEAF = utf8("JMT::LeafNode");
/** A vowel less, to take 16 bytes. */
const NODE = utf8("JMT::IntrnalNode");
const NOTHING = utf8("SPARSE_MERKLE_PLACEHOLDER_HASH__");

const hashOf = (...parts: readonly Uint8Array[]): Uint8Array => sha256(concat(parts));

/**
 * Whether the state under `appHash` holds `value` at `key`, or nothing where it is null. Faults: `state_too_long`,
 * `state_malformed`, `state_mismatch`.
 */
export function requireInState(appHash: Uint8Array, key: Uint8Array, value: Uint8Array | null, proof: Uint8Array): void {
  if (STATE_PROOF_BYTES_MAX < proof.length) throw new ProofFault("state_too_long");
  const { leaf, siblings } = decode(proof);
  const path = sha256(key);
  if (SIBLINGS_MAX < siblings.length) throw new ProofFault("state_mismatch");
  const isRightLeaf = value ? leaf !== null && equal(leaf, concat([path, sha256(value)])) : isElsewhere(leaf, path, siblings.length);
  if (!isRightLeaf) throw new ProofFault("state_mismatch");
  // The lowest sibling stands at the deepest bit of the key that the tree looks at.
  const root = siblings.reduce((hash, sibling, at) => {
    return bitAt(path, siblings.length - 1 - at) ? hashOf(NODE, sibling, hash) : hashOf(NODE, hash, sibling);
  }, leaf ? hashOf(LEAF, leaf) : NOTHING);
  if (!equal(root, appHash)) throw new ProofFault("state_mismatch");
}

/** Where a key's path ends when it is not there: at nothing, or at another key's leaf that shares so many bits. */
function isElsewhere(leaf: Uint8Array | null, path: Uint8Array, depth: number): boolean {
  if (!leaf) return true;
  const other = leaf.slice(0, 32);
  const shared = Array.from({ length: depth }, (_, at) => bitAt(other, at) === bitAt(path, at));
  return !equal(other, path) && shared.every(Boolean);
}

/** The bits of a leaf (key hash, value hash), and the hashes of the siblings. */
function decode(bytes: Uint8Array): { leaf: Uint8Array | null; siblings: Uint8Array[] } {
  try {
    const decoder = new Decoder(bytes, STATE_PROOF_BYTES_MAX);
    const leaf = variant(decoder, { 0: () => null, 1: () => decoder.take(64) });
    const sibling = (): Uint8Array =>
      variant(decoder, {
        0: () => NOTHING,
        1: () => hashOf(NODE, decoder.take(64)),
        2: () => hashOf(LEAF, decoder.take(64)),
      });
    const siblings: Uint8Array[] = [];
    for (let left = decoder.u32(); 0 < left; left--) siblings.push(sibling());
    decoder.end();
    return { leaf, siblings };
  } catch (fault) {
    throw fault instanceof ProofFault ? new ProofFault("state_malformed") : fault;
  }
}
function variant<T>(decoder: Decoder, cases: Readonly<Record<number, () => T>>): T {
  const read = cases[decoder.take(1)[0]!];
  if (!read) throw new ProofFault("malformed");
  return read();
}
/** The most significant bit first. */
const bitAt = (hash: Uint8Array, at: number): boolean => ((hash[at >> 3]! >> (7 - (at & 7))) & 1) === 1;
