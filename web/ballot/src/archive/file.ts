/** An archive as a file: records in a row, each kind after the ones before it (docs/formats.md, "Archive of an election"). */
import { compare, concat, equal, fromLittleEndian, u16, utf8 } from "../bytes.js";
import { Decoder } from "../ledger/codec.js";
import { during, require } from "./fault.js";

const MAGIC = utf8("urne archive\n");
const RECORD_BYTES_MAX = 4 << 20;
const CENSUS_CHUNK_MAX = 1_000;
const END = 5;

/** Kinds of records, by their number. */
export const KINDS = ["opening", "handover", "state", "census", "block", "end"] as const;
export type Kind = (typeof KINDS)[number];

/** One record after the other, in order; the last is the end. Fault: `file`. */
export function* recordsOf(file: Uint8Array): Generator<{ kind: Kind; decoder: Decoder }> {
  require(equal(file.slice(0, MAGIC.length), MAGIC), "file");
  let [at, before] = [MAGIC.length, -1];
  while (before !== END) {
    require(at + 4 <= file.length, "file");
    const length = Number(fromLittleEndian(file.slice(at, at + 4)));
    require(length <= RECORD_BYTES_MAX && at + 4 + length <= file.length, "file");
    const decoder = new Decoder(file.slice(at + 4, at + 4 + length), RECORD_BYTES_MAX);
    const kind = during("file", () => decoder.variant(KINDS.length));
    require(before < 0 ? kind === 0 : 0 < kind && before <= kind, "file", null, "records are out of order");
    yield { kind: KINDS[kind]!, decoder };
    [at, before] = [at + 4 + length, kind];
  }
  require(at === file.length, "file");
}

/** A right to one ballot, as it stands in a census: college u16, member 32. */
export interface Entry {
  readonly college: number;
  readonly member: Uint8Array;
}
export const readEntry = (decoder: Decoder): Entry => ({ college: decoder.u16(), member: decoder.hash() });
export const readEntries = (decoder: Decoder): Entry[] => decoder.list(CENSUS_CHUNK_MAX, () => readEntry(decoder));
/** By college, then by key. */
export const compareEntries = (a: Entry, b: Entry): number => Math.sign(a.college - b.college) || compare(a.member, b.member);
/** The leaf of a census and of a log of émargements. */
export const entryBytes = ({ college, member }: Entry): Uint8Array =>
  concat([u16(college), member]);
