/**
 * From the cells of an opened urn to the ledger's own bytes of a result: four methods that add up, counted once more, and two
 * that move papers ({@link "./rankings.js"}). A majority judgment is
 * ranked from the middle outwards, which is the order of medians taken away one after the other (Balinski and Laraki 2011).
 */
import { concat, u16, u32, u64 } from "../bytes.js";
import { type Compiled, rankings } from "../compile.js";
import { ArchiveFault } from "./fault.js";
import type { Question } from "./definition.js";
import { type LotSeed, type Order, instantRunoff, list, scottishStv } from "./rankings.js";

/** What the ballots say on one question together. */
export interface Tally {
  /** By choice, by grade from the worst where they are graded. */
  readonly marks: readonly (readonly bigint[])[];
  /** What was ranked, where ballots are opened one by one: all that are not blank. */
  readonly orders: readonly Order[];
  readonly blank: bigint;
  readonly ballots: bigint;
}

/** Cells, question by question, with the one that was not encrypted. */
export function talliesOf(questions: readonly Question[], cells: readonly bigint[], ballots: bigint): Tally[] {
  let from = 0;
  const take = (n: number): bigint[] => [...cells.slice(from, (from += n))];
  return questions.map(({ choices, method }): Tally => {
    const n = choices.length;
    if (method.kind === "referendum" || method.kind === "plurality") {
      const marks = take(n);
      return { marks: marks.map((it) => [it]), orders: [], blank: ballots - sum(marks), ballots };
    }
    const grades = method.kind === "majority_judgment" ? method.grades.length : 1;
    const marks = Array.from({ length: n }, () => take(grades));
    const [blank] = take(1);
    return { marks, orders: [], blank: blank!, ballots };
  });
}
/** The same of ballots that were opened one by one. */
export function talliesOfRankings(compiled: Compiled, rows: readonly (readonly bigint[])[]): Tally[] {
  const all = rows.map((cells) => rankings(compiled, cells));
  return compiled.questions.map((_, at) => {
    const orders = all.map((it) => it[at]!).filter((it) => 0 < it.length);
    return { marks: [], orders, blank: BigInt(all.length - orders.length), ballots: BigInt(all.length) };
  });
}

/** The result as the ledger writes it; `seed` is what lots are drawn from, where they are. Fault: `opening`, when there are more marks than ballots. */
export function encodedResult({ choices, method }: Question, tally: Tally, registered: bigint, seed: LotSeed): Uint8Array {
  const { marks, orders, blank, ballots } = tally;
  if (method.kind === "instant_runoff" || method.kind === "scottish_stv") {
    const drawn = method.lot === "later_block" ? seed : null;
    if (method.kind === "scottish_stv") return concat([u32(7), scottishStv(choices.length, orders, blank, method.seats, drawn)]);
    return concat([u32(6), instantRunoff(choices.length, orders, blank, method.stop, drawn)]);
  }
  const totals = marks.map(sum);
  if (blank < 0n || (method.kind !== "approval" && totals.some((it) => ballots - blank < it))) throw new ArchiveFault("opening", 686);
  switch (method.kind) {
    case "referendum": {
      const [favour, against] = [totals[0]!, totals[1]!];
      const base = [favour + against, favour + against + blank, registered][method.base]!;
      const reached = [favour > against, 2n * favour > base, 5n * favour >= 3n * base, 3n * favour >= 2n * base];
      const isAdopted = reached[method.threshold]! && 0n < favour;
      return concat([u32(0), u64(favour), u64(against), u64(blank), u32(isAdopted ? 0 : 1), u64(base)]);
    }
    case "plurality": {
      const { ranks, winners } = most(totals);
      const isMajority = totals.some((it) => sum(totals) < 2n * it);
      return concat([u32(1), list(totals, u64), u64(blank), list(ranks, u16), list(winners, u16), u32(isMajority ? 0 : 1)]);
    }
    case "approval": {
      const { ranks, winners } = most(totals);
      return concat([u32(2), list(totals, u64), u64(ballots), u64(blank), list(ranks, u16), list(winners, u16)]);
    }
    case "majority_judgment": {
      const missing = totals.map((it) => ballots - it);
      const rows = scaled(marks.map((row, i) => withMissing(row, missing[i]!, method.nulls)));
      const values = rows.map(majorityValue);
      const ranks = ranksOf(choices.length, (a, b) => isBetter(values[a]!, values[b]!));
      const winners = winnersOf(ranks, blank < ballots);
      const medians = rows.map((row) => {
        const grade = medianOf(row);
        if (grade === null) return Uint8Array.of(0);
        const isMoreAbove = sum(row.slice(0, grade)) < sum(row.slice(grade + 1));
        return concat([Uint8Array.of(1, grade), u32(isMoreAbove ? 0 : 1)]);
      });
      const grades = list(marks, (row) => list(row, u64));
      const counted = [grades, list(missing, u64), u64(ballots), u64(blank), list(ranks, u16), list(winners, u16)];
      return concat([u32(3), ...counted, u64(medians.length), ...medians]);
    }
  }
}

const sum = (some: readonly bigint[]): bigint => some.reduce((total, it) => total + it, 0n);
const ranksOf = (n: number, better: (a: number, b: number) => boolean): number[] =>
  Array.from({ length: n }, (_, one) => 1 + Array.from({ length: n }, (_, other) => better(other, one)).filter(Boolean).length);
const winnersOf = (ranks: readonly number[], isVoted: boolean): number[] =>
  ranks.flatMap((rank, choice) => (rank === 1 && isVoted ? [choice] : []));
function most(votes: readonly bigint[]): { ranks: number[]; winners: number[] } {
  const ranks = ranksOf(votes.length, (a, b) => votes[a]! > votes[b]!);
  return { ranks, winners: winnersOf(ranks, 0n < sum(votes)) };
}

/** "No opinion" counts as the worst grade, as the candidate's median, or not at all. */
function withMissing(row: readonly bigint[], missing: bigint, nulls: number): bigint[] {
  const full = [...row];
  const to = nulls === 0 ? 0 : nulls === 1 ? (medianOf(row) ?? 0) : null;
  if (to !== null) full[to] = full[to]! + missing;
  return full;
}
/** All rows on one total, so that they can be compared. */
function scaled(rows: readonly (readonly bigint[])[]): bigint[][] {
  const gcd = (a: bigint, b: bigint): bigint => (b ? gcd(b, a % b) : a);
  const all = rows.map((row) => sum(row) || 1n).reduce((lcm, total) => (lcm * total) / gcd(lcm, total), 1n);
  return rows.map((row) => row.map((it) => (all / (sum(row) || 1n)) * it));
}
/** The lower median; nobody's when nobody judged. */
function medianOf(row: readonly bigint[]): number | null {
  const total = sum(row);
  let seen = 0n;
  for (const [grade, n] of row.entries()) {
    seen += n;
    if (0n < n && total <= 2n * seen) return grade;
  }
  return null;
}

/** From the middle outwards: how far, the grade there below the middle, the grade there above it. */
interface Ring {
  readonly until: bigint;
  readonly below: number;
  readonly above: number;
}
/** Each judgment counts twice, so that the middle lies between two; rings are as few as grades, however many judged. */
function majorityValue(row: readonly bigint[]): Ring[] {
  const total = sum(row);
  let seen = 0n;
  const spans = row.map((n, grade) => ({ from: seen, to: (seen += 2n * n), grade }));
  const at = (place: bigint) => spans.find(({ from, to }) => from <= place && place < to)!;
  const rings: Ring[] = [];
  for (let out = 0n; out < total; ) {
    const [below, above] = [at(total - 1n - out), at(total + out)];
    out = total - below.from < above.to - total ? total - below.from : above.to - total;
    rings.push({ until: out, below: below.grade, above: above.grade });
  }
  return rings;
}
/** Whichever has the better grade first; rows have the same total, or none. */
function isBetter(one: readonly Ring[], other: readonly Ring[]): boolean {
  if (one.length === 0 || other.length === 0) return other.length < one.length;
  const edges = [...one, ...other].map(({ until }) => until).sort((a, b) => (a < b ? -1 : 1));
  for (const edge of edges) {
    const [here, there] = [one, other].map((rings) => rings.find(({ until }) => edge <= until)!);
    const better = here!.below - there!.below || here!.above - there!.above;
    if (better !== 0) return 0 < better;
  }
  return false;
}
