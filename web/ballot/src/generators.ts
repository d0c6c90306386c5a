/**
 * Generators that nobody knows a logarithm of: the one-way map of RFC 9496 on 64 bytes of BLAKE3 under
 * `urne.v1 generator` of `len(label) u32 ‖ label ‖ index u32`. H is ("blinder", 0), H_j is ("bit", j) from j = 0.
 */
import { ristretto255_hasher } from "@noble/curves/ed25519.js";
import { blake3 } from "@noble/hashes/blake3.js";
import { u32, utf8 } from "./bytes.js";
import { type Element, element } from "./group.js";

const known = new Map<string, Element>();

/** The generator of a label and an index. */
export function generator(label: string, index: number): Element {
  const name = `${label} ${index}`;
  const before = known.get(name);
  if (before) return before;
  const hasher = blake3.create({ context: utf8("urne.v1 generator") });
  const bytes = utf8(label);
  hasher.update(u32(bytes.length)).update(bytes).update(u32(index));
  const made = element(ristretto255_hasher.deriveToCurve!(hasher.xof(64)));
  known.set(name, made);
  return made;
}
/** H, which blinds commitments. */
export const blinder = (): Element => generator("blinder", 0);
/** H_j, which commits to hidden bit j. */
export const bitGenerator = (j: number): Element => generator("bit", j);
