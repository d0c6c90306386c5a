/**
 * Append-only Merkle logs in the shape of RFC 6962, with BLAKE3: a leaf is hashed with a 0 byte before it, a node with a 1
 * byte, and n leaves split at the largest power of two below n.
 */
import { blake3 } from "@noble/hashes/blake3.js";
import { concat, equal, u64 } from "../bytes.js";

export const leafHash = (leaf: Uint8Array): Uint8Array => blake3(concat([Uint8Array.of(0), leaf]));
const nodeHash = (left: Uint8Array, right: Uint8Array): Uint8Array => blake3(concat([Uint8Array.of(1), left, right]));

/** Whether the path leads from the leaf to the root (RFC 9162, 2.1.3.2). */
export function isIncluded(
  leaf: Uint8Array,
  index: bigint,
  size: bigint,
  path: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  if (size <= index) return false;
  let [node, last, hash] = [index, size - 1n, leaf];
  for (const sibling of path) {
    if (last === 0n) return false;
    if (node & 1n || node === last) {
      hash = nodeHash(sibling, hash);
      // A node without a right sibling rises alone until it has a left one.
      while (!(node & 1n) && node !== 0n) [node, last] = [node >> 1n, last >> 1n];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [node, last] = [node >> 1n, last >> 1n];
  }
  return last === 0n && equal(hash, root);
}

/** A log that is filled leaf by leaf: the roots of its complete subtrees, largest first. */
export class Log {
  #size = 0n;
  readonly #peaks: Uint8Array[] = [];
  append(leaf: Uint8Array): void {
    let node = leafHash(leaf);
    for (let index = this.#size; index & 1n; index >>= 1n) node = nodeHash(this.#peaks.pop()!, node);
    this.#peaks.push(node);
    this.#size += 1n;
  }
  get size(): bigint {
    return this.#size;
  }
  /** As the ledger keeps it: size and root. */
  head(): Uint8Array {
    return concat([u64(this.#size), this.root()]);
  }
  root(): Uint8Array {
    const [last, ...others] = [...this.#peaks].reverse();
    return last ? others.reduce((root, peak) => nodeHash(peak, root), last) : blake3(new Uint8Array());
  }
}
