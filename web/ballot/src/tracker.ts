/**
 * The tracker: what a voter writes down to find her ballot again. The ledger compares the full hash; people compare 20
 * characters and a check character in Crockford's alphabet (no I, L, O, U), in either case, with or without dashes.
 */
import { equal } from "./bytes.js";
import { Refusal } from "./refusal.js";
import { type Statement, contextOf } from "./statement.js";
import { Transcript } from "./transcript.js";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CHARACTERS = 20;

/** Hash of a ballot without its signature, and of its context. */
export interface Tracker {
  /** 32 bytes. */
  readonly hash: Uint8Array;
  /** Five groups of four characters, then the check character. */
  readonly text: string;
}

/** Digest under `urne.v1 tracker` of context and ballot without R and σ. */
export function trackerOf(of: Statement, sequence: number, unsigned: Uint8Array): Tracker {
  const transcript = new Transcript("urne.v1 tracker").append("context", contextOf(of, sequence)).append("ballot", unsigned);
  const hash = transcript.digest();
  return { hash, text: write(hash) };
}

/** Whether a person's short form is this tracker's. Refuses `bad_tracker`: it is mistyped. */
export const isWritten = (tracker: Tracker, typed: string): boolean => equal(read(typed), symbolsOf(tracker.hash));

function write(hash: Uint8Array): string {
  const symbols = symbolsOf(hash);
  const characters = Array.from(symbols, (symbol) => ALPHABET[symbol]!).join("");
  return [...characters.match(/.{4}/g)!, ALPHABET[checkOf(symbols)]!].join("-");
}
function read(typed: string): Uint8Array {
  const symbols = Array.from(typed.replaceAll("-", "").toUpperCase(), (character) => ALPHABET.indexOf(character));
  const check = symbols.pop();
  const read = Uint8Array.from(symbols);
  const isRead = read.length === CHARACTERS && symbols.every((symbol) => 0 <= symbol);
  if (!isRead || check !== checkOf(read)) throw new Refusal("bad_tracker");
  return read;
}

/** The first 100 bits, five at a time, the most significant first. */
function symbolsOf(hash: Uint8Array): Uint8Array {
  const bits = Array.from(hash, (byte) => byte.toString(2).padStart(8, "0")).join("");
  return Uint8Array.from({ length: CHARACTERS }, (_, at) => Number.parseInt(bits.slice(5 * at, 5 * at + 5), 2));
}
/** Σ α^(20−i) c_i over GF(32), α⁵ = α² + 1: one wrong character, or two exchanged, never pass. */
const checkOf = (symbols: Uint8Array): number => symbols.reduce((sum, symbol) => timesAlpha(sum ^ symbol), 0);
const timesAlpha = (it: number): number => (it & 16 ? ((it << 1) ^ 0b10_0101) & 31 : it << 1);
