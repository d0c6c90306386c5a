/**
 * ristretto255 (RFC 9496) and its numbers. Only canonical encodings are ever accepted; an element keeps the 32 bytes it came
 * in, because transcripts hash bytes.
 *
 * `bigint` arithmetic is not constant-time: this package hides choices from the network, not from somebody who measures the
 * voter's own machine.
 */
import { pippenger } from "@noble/curves/abstract/curve.js";
import { ristretto255 } from "@noble/curves/ed25519.js";
import { fromLittleEndian, littleEndian } from "./bytes.js";
import { Refusal } from "./refusal.js";

export type Point = (typeof ristretto255.Point)["BASE"];

/** Length of an encoded element and of an encoded scalar. */
export const WORD = 32;
/** The order of the group, ℓ. */
export const ORDER: bigint = ristretto255.Point.Fn.ORDER;
/** The base point, G. */
export const G: Point = ristretto255.Point.BASE;
/** The neutral element. */
export const IDENTITY: Point = ristretto255.Point.ZERO;

/** A group element together with its one encoding. */
export interface Element {
  readonly point: Point;
  readonly bytes: Uint8Array;
}
export const element = (point: Point): Element => ({ point, bytes: point.toBytes() });

/** Decodes an element; the identity is one like any other here. Refuses `not_a_point`. */
export function decodeElement(bytes: Uint8Array): Element {
  try {
    return { point: ristretto255.Point.fromBytes(bytes), bytes };
  } catch {
    throw new Refusal("not_a_point");
  }
}
export const isIdentity = (it: Element): boolean => it.bytes.every((byte) => byte === 0);

/** The representative in 0..ℓ. */
export function mod(value: bigint): bigint {
  const rest = value % ORDER;
  return rest < 0n ? rest + ORDER : rest;
}
/** 64 uniform bytes, reduced: no bias that anyone could see. */
export const wide = (bytes: Uint8Array): bigint => fromLittleEndian(bytes) % ORDER;
export const encodeScalar = (scalar: bigint): Uint8Array => littleEndian(scalar, WORD);
/** The scalar of canonical bytes. Refuses `not_a_scalar`. */
export function decodeScalar(bytes: Uint8Array): bigint {
  const scalar = fromLittleEndian(bytes);
  if (ORDER <= scalar) throw new Refusal("not_a_scalar");
  return scalar;
}

/** A secret scalar times a point: the same group operations whatever the scalar. */
export const times = (point: Point, scalar: bigint): Point => (scalar === 0n ? IDENTITY : point.multiply(scalar));
/** Σ scalar · point, of public values only. */
export function publicSum(terms: readonly (readonly [bigint, Point])[]): Point {
  const points = terms.map(([, point]) => point);
  const scalars = terms.map(([scalar]) => mod(scalar));
  return pippenger(ristretto255.Point, points, scalars);
}

/** y, y², y³ …: the coefficients that fold n equations into one. */
export function powers(y: bigint, n: number): bigint[] {
  const all: bigint[] = [];
  for (let power = y; all.length < n; power = mod(power * y)) all.push(power);
  return all;
}
