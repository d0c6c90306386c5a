/**
 * The registrars of one (election, college, weight class): who they are, how many must answer, and their keys. They hold one
 * BLS12-381 key together, in G2.
 */
import { bls12_381 } from "@noble/curves/bls12-381.js";
import { equal } from "./bytes.js";
import { Refusal } from "./refusal.js";
import { decodeThresholdKeys } from "./threshold.js";

const { G1, G2 } = bls12_381;
export type G1Point = (typeof G1.Point)["BASE"];
export type G2Point = (typeof G2.Point)["BASE"];
/** Bytes of a point of G1: requests, answers, signatures. */
export const G1_BYTES = 48;
const G2_BYTES = 96;

/** A point of the prime-order subgroup of G1, not the identity. Refuses `bad_credential_point`, `identity_point`. */
export const decodeG1 = (bytes: Uint8Array): G1Point => decode(() => G1.Point.fromBytes(bytes), bytes);
/** The same in G2. */
export const decodeG2 = (bytes: Uint8Array): G2Point => decode(() => G2.Point.fromBytes(bytes), bytes);

interface CurvePoint {
  is0(): boolean;
  isTorsionFree(): boolean;
  toBytes(isCompressed?: boolean): Uint8Array;
}
/** Compressed, canonical, on the curve, of prime order: a point of small order would leak bits of a registrar's key. */
function decode<P extends CurvePoint>(read: () => P, bytes: Uint8Array): P {
  let point: P;
  try {
    point = read();
  } catch {
    throw new Refusal("bad_credential_point");
  }
  if (!equal(point.toBytes(true), bytes) || !point.isTorsionFree()) throw new Refusal("bad_credential_point");
  if (point.is0()) throw new Refusal("identity_point");
  return point;
}

/** The public outcome of the registrars' ceremony. */
export interface RegistrarKeys {
  /** k: how many answers make a signature. */
  readonly threshold: number;
  /** Y, under which signatures verify. */
  readonly key: G2Point;
  /** P_i by registrar. */
  readonly shares: ReadonlyMap<number, G2Point>;
}

/** Registrars have one key. Refuses what {@link decodeThresholdKeys} does. */
export function decodeRegistrarKeys(bytes: Uint8Array): RegistrarKeys {
  const { threshold, keys, shares } = decodeThresholdKeys(bytes, G2_BYTES, decodeG2);
  const [key] = keys;
  if (!key || keys.length !== 1) throw new Refusal("wrong_shape");
  return { threshold, key, shares: new Map([...shares].map(([registrar, own]) => [registrar, own[0]!])) };
}
