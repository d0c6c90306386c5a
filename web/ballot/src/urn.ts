/**
 * An urn: ciphertexts that trustees open together, with the digest that each of them answers once. Only sums of many verified
 * ballots are opened; rankings, ballot by ballot, are the exception (docs/ballots.md, sections 2 and 8).
 */
import { Reader, compare, concat, fromLittleEndian, u32, u64 } from "./bytes.js";
import { type Element, G, IDENTITY, WORD, decodeElement, element, times } from "./group.js";
import { Transcript } from "./transcript.js";
import type { TrusteeKeys } from "./trustees.js";
import type { VerifiedBallot } from "./verify.js";

/** One A and a B for each cell. */
export interface Ciphertext {
  readonly A: Element;
  readonly B: readonly Element[];
}
export type Purpose = "rehearsal" | "totals" | "one_by_one";
export interface Urn {
  readonly election: Uint8Array;
  readonly purpose: Purpose;
  /** Which group of voters. */
  readonly part: number;
  /** Ballots in it. */
  readonly ballots: bigint;
  readonly ciphertexts: readonly Ciphertext[];
  /** What a trustee answers, and no other of that election, purpose and part. */
  readonly digest: Uint8Array;
}

/** The sum of verified ballots. */
export interface Totals extends Ciphertext {
  readonly ballots: bigint;
}
export function totalsOf(ballots: readonly VerifiedBallot[], cells: number): Totals {
  const sum = (parts: readonly Element[]): Element => element(parts.reduce((total, it) => total.add(it.point), IDENTITY));
  const B = Array.from({ length: cells }, (_, i) => sum(ballots.map((it) => it.B[i]!)));
  return { ballots: BigInt(ballots.length), A: sum(ballots.map((it) => it.A)), B };
}
/** `ballots u64 ‖ A ‖ B…` */
export const encodeTotals = ({ ballots, A, B }: Totals): Uint8Array =>
  concat([u64(ballots), A.bytes, ...B.map((it) => it.bytes)]);

/** Refuses `totals_mismatch` and `not_a_point`. */
export function decodeTotals(bytes: Uint8Array, cells: number): Totals {
  const reader = new Reader(bytes, "totals_mismatch");
  const ballots = fromLittleEndian(reader.take(8));
  const A = decodeElement(reader.take(WORD));
  const B = Array.from({ length: cells }, () => decodeElement(reader.take(WORD)));
  reader.end();
  return { ballots, A, B };
}

/** The urn of the totals of one group of voters (`part`). */
export const urnOfTotals = (election: Uint8Array, part: number, totals: Totals): Urn =>
  urn(election, "totals", part, totals.ballots, [totals]);

/** Cells of a piece at most, where ballots are opened one by one. */
const PIECE_CELLS_MAX = 256;
/** The last ballots of each group, by the bytes of A, cut in pieces: each an urn, numbered through all groups. */
export function pieces(election: Uint8Array, groups: readonly (readonly VerifiedBallot[])[], cells: number): Urn[] {
  const size = Math.max(1, Math.floor(PIECE_CELLS_MAX / cells));
  const cut = groups.flatMap((ballots) => {
    const sorted = [...ballots].sort((a, b) => compare(a.A.bytes, b.A.bytes));
    return Array.from({ length: Math.ceil(sorted.length / size) }, (_, at) => sorted.slice(at * size, (at + 1) * size));
  });
  return cut.map((own, part) => urn(election, "one_by_one", part, BigInt(own.length), own));
}

/** The urn that trustees open before the election does: a share of it says nothing, everybody knows its randomness. */
export function rehearsalUrn(election: Uint8Array, keys: TrusteeKeys): Urn {
  const r = new Transcript("urne.v1 rehearsal").append("election", election).challenge("r");
  const B = keys.keys.map((Y) => element(times(Y.point, r)));
  return urn(election, "rehearsal", 0, 0n, [{ A: element(times(G, r)), B }]);
}

const PURPOSES: readonly Purpose[] = ["rehearsal", "totals", "one_by_one"];
function urn(election: Uint8Array, purpose: Purpose, part: number, ballots: bigint, ciphertexts: readonly Ciphertext[]): Urn {
  const transcript = new Transcript("urne.v1 urn")
    .append("election", election)
    .append("purpose", Uint8Array.of(PURPOSES.indexOf(purpose)))
    .append("part", u32(part))
    .append("ballots", u64(ballots))
    .append("ciphertexts", u32(ciphertexts.length));
  for (const { A, B } of ciphertexts) {
    transcript.append("A", A.bytes).appendWords(
      "B",
      B.map((it) => it.bytes),
    );
  }
  return { election, purpose, part, ballots, ciphertexts, digest: transcript.digest() };
}
