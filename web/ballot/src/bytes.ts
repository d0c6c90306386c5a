/**
 * Bytes: little-endian numbers, and a reader that never goes past the end. Everything of the protocol is little-endian.
 */
import { concatBytes } from "@noble/hashes/utils.js";
import { Refusal, type RefusalName } from "./refusal.js";

export { bytesToHex as toHex, hexToBytes as fromHex, utf8ToBytes as utf8 } from "@noble/hashes/utils.js";
export const concat = (parts: readonly Uint8Array[]): Uint8Array => concatBytes(...parts);

/** A non-negative number in `length` bytes. */
export function littleEndian(value: number | bigint, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let rest = BigInt(value);
  for (let at = 0; at < length; at++, rest >>= 8n) bytes[at] = Number(rest & 0xffn);
  if (rest !== 0n) throw new RangeError(`${value} does not fit in ${length} bytes`);
  return bytes;
}
export const u16 = (value: number): Uint8Array => littleEndian(value, 2);
export const u32 = (value: number): Uint8Array => littleEndian(value, 4);
export const u64 = (value: number | bigint): Uint8Array => littleEndian(value, 8);
/** Two's complement. */
export const i64 = (value: bigint): Uint8Array => littleEndian(BigInt.asUintN(64, value), 8);

/** The number that little-endian bytes say. */
export function fromLittleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let at = bytes.length - 1; at >= 0; at--) value = (value << 8n) | BigInt(bytes[at]!);
  return value;
}

/** -1, 0 or 1: byte by byte, then by length. Not for secrets. */
export function compare(a: Uint8Array, b: Uint8Array): number {
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    if (a[at] !== b[at]) return a[at]! < b[at]! ? -1 : 1;
  }
  return Math.sign(a.length - b.length);
}
export const equal = (a: Uint8Array, b: Uint8Array): boolean => compare(a, b) === 0;

/** Whether one of these appears twice. */
export function hasRepetition(items: readonly Uint8Array[]): boolean {
  const sorted = [...items].sort(compare);
  return sorted.some((item, at) => at > 0 && equal(item, sorted[at - 1]!));
}

/** What is left of some bytes, and the refusal that they earn when they end too early or too late. */
export class Reader {
  #at = 0;
  constructor(
    private readonly bytes: Uint8Array,
    private readonly refusal: RefusalName,
  ) {}
  take(length: number): Uint8Array {
    if (this.bytes.length - this.#at < length) throw new Refusal(this.refusal);
    this.#at += length;
    return this.bytes.slice(this.#at - length, this.#at);
  }
  u16(): number {
    return Number(fromLittleEndian(this.take(2)));
  }
  end(): void {
    if (this.#at !== this.bytes.length) throw new Refusal(this.refusal);
  }
}
