/**
 * Answers into hidden bits. What comes out always satisfies the forms: the voter's own device refuses a wrong answer first.
 */
import { type Compiled, accepts, digitWeights, pairIndex } from "./compile.js";
import { type Answer, type Question, one, takesBlank } from "./question.js";
import { Refusal } from "./refusal.js";

/** The bits of some answers, one answer to each question, a byte each. Refuses `wrong_answers`. */
export function assign(compiled: Compiled, answers: readonly Answer[]): Uint8Array {
  const bits = new Uint8Array(compiled.bits);
  if (answers.length !== compiled.questions.length) throw new Refusal("wrong_answers");
  let from = 0;
  compiled.questions.forEach((question, at) => {
    const to = from + compiled.bitsOfQuestion[at]!;
    new Row(bits.subarray(from, to)).answer(question, answers[at]!);
    from = to;
  });
  if (!accepts(compiled, bits)) throw new Refusal("wrong_answers");
  return bits;
}

/** The bits of one question, in the order in which the compiler made them. */
class Row {
  constructor(private readonly bits: Uint8Array) {}

  answer(question: Question, answer: Answer): void {
    if (answer.kind === "blank") return this.blank(question);
    switch (question.kind) {
      case "one_of":
        if (answer.kind === "one") return this.cell(0, answer.choice, question.choices + one(question.blank), question.choices);
        break;
      case "approval":
        if (answer.kind === "chosen") {
          this.mark(answer.choices, question.choices);
          const { atLeast, atMost } = question;
          if (atLeast === 0 && atMost === question.choices) return;
          const slack = BigInt(atMost) - BigInt(answer.choices.length);
          return this.number(question.choices + one(question.blank), BigInt(atMost - atLeast), slack);
        }
        break;
      case "judgment":
        if (answer.kind === "grades") {
          const cells = question.grades + one(question.noOpinion);
          this.require(answer.grades.length === question.choices);
          answer.grades.forEach((grade, choice) => {
            // "No opinion" is the last cell, where it is allowed; otherwise the best grade is.
            if (grade === null) this.require(question.noOpinion === "allowed");
            else this.cell(choice * (cells - 1), grade, cells, question.grades);
          });
          return;
        }
        break;
      case "score":
        if (answer.kind === "scores") {
          const [max, width] = [BigInt(question.max), digitWeights(BigInt(question.max)).length];
          this.require(answer.scores.length === question.choices && answer.scores.every(Number.isInteger));
          answer.scores.forEach((score, choice) => this.number(choice * width, max, BigInt(score)));
          if (question.points === null) return;
          const points = BigInt(question.points);
          const spent = answer.scores.reduce((sum, score) => sum + BigInt(score), 0n);
          return this.number(question.choices * width + one(question.blank), points, points - spent);
        }
        break;
      case "condorcet":
        if (answer.kind === "ranked") return this.order(question.choices, answer.order);
        break;
      case "budget":
        if (answer.kind === "chosen") {
          const n = question.costs.length;
          this.mark(answer.choices, n);
          const spent = answer.choices.reduce((sum, project) => sum + question.costs[project]!, 0n);
          return this.number(n + one(question.blank), question.budget, question.budget - spent);
        }
        break;
      case "ranking":
        if (answer.kind === "ranked") {
          this.require(answer.order.length <= question.ranks);
          ranksOf(answer.order, question.choices).forEach((rank, choice) => {
            if (rank !== null) this.set(choice * question.ranks + rank);
          });
          return;
        }
        break;
    }
    throw new Refusal("wrong_answers");
  }

  /** The blank bit stands after the marks; where blank is the implicit cell, or an empty ranking, no bit is set. */
  private blank(question: Question): void {
    this.require(takesBlank(question));
    switch (question.kind) {
      case "one_of":
      case "ranking":
        return;
      case "approval":
        return this.set(question.choices);
      case "judgment":
        return this.set(question.choices * (question.grades + one(question.noOpinion) - 1));
      case "score":
        return this.set(question.choices * digitWeights(BigInt(question.max)).length);
      case "condorcet":
        return this.set((question.choices * (question.choices - 1)) / 2 + (question.choices - 1) ** 2);
      case "budget":
        return this.set(question.costs.length);
    }
  }
  /** One cell of a one-hot row of `cells`, whose last is implicit; only the first `choosable` may be said this way. */
  private cell(from: number, value: number, cells: number, choosable: number): void {
    this.require(Number.isInteger(value) && 0 <= value && value < choosable);
    if (value < cells - 1) this.set(from + value);
  }
  /** Marks of choices that are strictly increasing and exist. */
  private mark(chosen: readonly number[], choices: number): void {
    chosen.forEach((choice, at) => {
      this.require(Number.isInteger(choice) && choice < choices && (at === 0 ? 0 : chosen[at - 1]! + 1) <= choice);
      this.set(choice);
    });
  }
  /** A number from 0 to `max`: the last digit is set when the others do not suffice, and only then. */
  private number(from: number, max: bigint, value: bigint): void {
    this.require(0n <= value && value <= max);
    const weights = digitWeights(max);
    const last = weights.length - 1;
    const lower = weights.slice(0, -1).reduce((sum, weight) => sum + weight, 0n);
    let left = value;
    if (lower < value) {
      this.set(from + last);
      left -= weights[last]!;
    }
    for (let at = 0; at < last; at++) if ((left >> BigInt(at)) & 1n) this.set(from + at);
  }
  /** Pairwise comparisons, and the matrix of wins without its last row and column. */
  private order(c: number, order: readonly number[]): void {
    this.require(order.length === c);
    const ranks = ranksOf(order, c).map((rank) => rank!);
    for (let a = 0; a < c; a++) {
      for (let b = a + 1; b < c; b++) if (ranks[a]! < ranks[b]!) this.set(pairIndex(c, a, b));
      const wins = c - 1 - ranks[a]!;
      if (a < c - 1 && wins < c - 1) this.set((c * (c - 1)) / 2 + a * (c - 1) + wins);
    }
  }
  private set(at: number): void {
    this.require(at < this.bits.length);
    this.bits[at] = 1;
  }
  private require(holds: boolean): void {
    if (!holds) throw new Refusal("wrong_answers");
  }
}

/** The rank of each choice in an order without repetition. */
function ranksOf(order: readonly number[], choices: number): (number | null)[] {
  const ranks: (number | null)[] = Array.from({ length: choices }, () => null);
  order.forEach((choice, rank) => {
    if (ranks[choice] !== null) throw new Refusal("wrong_answers");
    ranks[choice] = rank;
  });
  return ranks;
}
