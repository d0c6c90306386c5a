/**
 * The ledger's one encoding (docs/formats.md): fixed-size little-endian integers, lists after their length as u64, enums as
 * u32, fields in order. What decodes here encodes back to the same bytes.
 */
import { fromLittleEndian } from "../bytes.js";
import { ProofFault } from "./fault.js";

export class Decoder {
  #at = 0;
  /** Refuses more than `max` bytes. */
  constructor(
    private readonly bytes: Uint8Array,
    max: number,
  ) {
    if (max < bytes.length) throw new ProofFault("malformed");
  }
  take(length: number): Uint8Array {
    if (this.bytes.length - this.#at < length) throw new ProofFault("malformed");
    this.#at += length;
    return this.bytes.slice(this.#at - length, this.#at);
  }
  u16(): number {
    return Number(fromLittleEndian(this.take(2)));
  }
  u32(): number {
    return Number(fromLittleEndian(this.take(4)));
  }
  u64(): bigint {
    return fromLittleEndian(this.take(8));
  }
  hash(): Uint8Array {
    return this.take(32);
  }
  /** A length that stands before a list of at most `max` items. */
  length(max: number): number {
    const length = this.u64();
    if (BigInt(max) < length) throw new ProofFault("malformed");
    return Number(length);
  }
  list<T>(max: number, item: () => T): T[] {
    return Array.from({ length: this.length(max) }, item);
  }
  /** The value, and the bytes it was read from. */
  withBytes<T>(read: () => T): T & { readonly bytes: Uint8Array } {
    const from = this.#at;
    const value = read();
    return { ...value, bytes: this.bytes.slice(from, this.#at) };
  }
  /** Refuses trailing bytes. */
  end(): void {
    if (this.#at !== this.bytes.length) throw new ProofFault("malformed");
  }
}
