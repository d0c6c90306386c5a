/**
 * What can be asked in secret, and what can be answered. A question is public and frozen with its election; an answer is
 * the voter's secret.
 */
import { concat, u16, u32, u64 } from "./bytes.js";
import { Refusal } from "./refusal.js";

/** Whether something may be left out: a whole question (blank), or one grade (no opinion). */
export type Permission = "allowed" | "refused";

/** One thing asked. Choices, grades and ranks count from 0. */
export type Question =
  /** Exactly one choice: referendum and plurality. */
  | { readonly kind: "one_of"; readonly choices: number; readonly blank: Permission }
  /** From `atLeast` to `atMost` choices: approval, k of n. */
  | {
      readonly kind: "approval";
      readonly choices: number;
      readonly atLeast: number;
      readonly atMost: number;
      readonly blank: Permission;
    }
  /** One grade for each choice (0 is the worst): majority judgment. */
  | {
      readonly kind: "judgment";
      readonly choices: number;
      readonly grades: number;
      readonly noOpinion: Permission;
      readonly blank: Permission;
    }
  /** A score from 0 to `max` for each choice, together at most `points` when that is bounded. */
  | {
      readonly kind: "score";
      readonly choices: number;
      readonly max: number;
      readonly points: number | null;
      readonly blank: Permission;
    }
  /** A strict order of all choices; only pairwise comparisons are opened. */
  | { readonly kind: "condorcet"; readonly choices: number; readonly blank: Permission }
  /** Projects whose costs fit in a budget together. */
  | { readonly kind: "budget"; readonly costs: readonly bigint[]; readonly budget: bigint; readonly blank: Permission }
  /** A ranking that may stop early (STV, IRV): opened ballot by ballot after the close, without a name. */
  | { readonly kind: "ranking"; readonly choices: number; readonly ranks: number; readonly atLeast: number };

/** The answer to one question. */
export type Answer =
  | { readonly kind: "blank" }
  | { readonly kind: "one"; readonly choice: number }
  /** Marked choices or projects, strictly increasing. */
  | { readonly kind: "chosen"; readonly choices: readonly number[] }
  /** One grade or none for each choice. */
  | { readonly kind: "grades"; readonly grades: readonly (number | null)[] }
  | { readonly kind: "scores"; readonly scores: readonly number[] }
  /** Choices from best to worst. */
  | { readonly kind: "ranked"; readonly order: readonly number[] };

/** How the ballots of an election are opened. */
export type Opening = "totals" | "one_by_one";
export const openingOf = (question: Question): Opening => (question.kind === "ranking" ? "one_by_one" : "totals");

/** Whether a blank ballot may be cast on it. */
export const takesBlank = (question: Question): boolean =>
  question.kind === "ranking" ? question.atLeast === 0 : question.blank === "allowed";

/** 1 when allowed: the byte of an encoding, and the number of cells it adds. */
export const one = (permission: Permission): 0 | 1 => (permission === "allowed" ? 1 : 0);

/** Canonical bytes: kind u8, then the fields in order; a list after its length u32; an absent bound as 0, a present one as 1
 * and its value. */
export function encodeQuestion(question: Question): Uint8Array {
  const flag = (permission: Permission): Uint8Array => Uint8Array.of(one(permission));
  switch (question.kind) {
    case "one_of":
      return concat([Uint8Array.of(0), u16(question.choices), flag(question.blank)]);
    case "approval":
      return concat([
        Uint8Array.of(1),
        u16(question.choices),
        u16(question.atLeast),
        u16(question.atMost),
        flag(question.blank),
      ]);
    case "judgment":
      return concat([
        Uint8Array.of(2),
        u16(question.choices),
        u16(question.grades),
        flag(question.noOpinion),
        flag(question.blank),
      ]);
    case "score": {
      const points = question.points === null ? [Uint8Array.of(0)] : [Uint8Array.of(1), u32(question.points)];
      return concat([Uint8Array.of(3), u16(question.choices), u16(question.max), ...points, flag(question.blank)]);
    }
    case "condorcet":
      return concat([Uint8Array.of(4), u16(question.choices), flag(question.blank)]);
    case "budget":
      return concat([
        Uint8Array.of(5),
        u32(question.costs.length),
        ...question.costs.map(u64),
        u64(question.budget),
        flag(question.blank),
      ]);
    case "ranking":
      return concat([Uint8Array.of(6), u16(question.choices), u16(question.ranks), u16(question.atLeast)]);
  }
}

/** Refuses `bad_question`: nothing to choose, numbers out of range, or bounds that contradict each other. */
export function verifyQuestion(question: Question): void {
  if (!isSound(question)) throw new Refusal("bad_question");
}
function isSound(question: Question): boolean {
  const within = (value: number, low: number, high: number): boolean =>
    Number.isInteger(value) && low <= value && value <= high;
  const short = (value: number, low: number): boolean => within(value, low, 0xffff);
  switch (question.kind) {
    case "one_of":
      return short(question.choices, 1) && 2 <= question.choices + one(question.blank);
    case "approval":
      return (
        short(question.choices, 1) && within(question.atMost, 1, question.choices) && within(question.atLeast, 0, question.atMost)
      );
    case "judgment":
      return short(question.choices, 1) && short(question.grades, 2);
    case "score":
      return (
        short(question.choices, 1) &&
        short(question.max, 1) &&
        (question.points === null || within(question.points, 1, 0xffff_ffff))
      );
    case "condorcet":
      return short(question.choices, 2);
    case "budget":
      return (
        0 < question.costs.length &&
        1n <= question.budget &&
        question.budget < 1n << 64n &&
        question.costs.every((cost) => 1n <= cost && cost <= question.budget)
      );
    case "ranking":
      return (
        short(question.choices, 2) && within(question.ranks, 1, question.choices) && within(question.atLeast, 0, question.ranks)
      );
  }
}
