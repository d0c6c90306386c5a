/**
 * The ledger's one encoding (docs/formats.md): fixed-size little-endian integers, lists after their length as u64, enums as
 * u32, fields in order. What decodes here encodes back to the same bytes.
 */
import { bytesToUtf8 } from "@noble/ciphers/utils.js";
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
  /** Bytes after their length, at most `max`. */
  bytesOf(max: number): Uint8Array {
    return this.take(this.length(max));
  }
  /** For people to read: what is compared is its bytes. */
  text(max: number): string {
    return bytesToUtf8(this.bytesOf(max));
  }
  /** 0, or 1 and the value. */
  option<T>(read: () => T): T | null {
    const there = this.take(1)[0]!;
    if (1 < there) throw new ProofFault("malformed");
    return there ? read() : null;
  }
  /** Which of `n` variants. */
  variant(n: number): number {
    const found = this.u32();
    if (n <= found) throw new ProofFault("malformed");
    return found;
  }
  /** Everything but the last bytes. */
  allBut(length: number): Uint8Array {
    return this.take(Math.max(0, this.bytes.length - this.#at - length));
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
