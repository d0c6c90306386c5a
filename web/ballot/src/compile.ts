/**
 * The question compiler: public questions become hidden bits and affine forms over them (docs/ballots.md, section 2). `bit`
 * forms are each 0 or 1, `zero` forms are each 0, `enc` forms are the encrypted cells. All questions of an election share one
 * vector of bits and one proof. {@link "./assign.js"} lays answers on the same bits.
 */
import { concat, u16, u32 } from "./bytes.js";
import { Form } from "./form.js";
import { type Opening, type Permission, type Question, encodeQuestion, one, openingOf, verifyQuestion } from "./question.js";
import { Refusal } from "./refusal.js";
import { Transcript } from "./transcript.js";

/** Version of the compiled form; part of its digest. */
const COMPILED_VERSION = 1;
/** Hidden bits and cells together: what a transaction of 64 KiB carries. */
const BITS_AND_CELLS_MAX = 1_920;
/** What one ballot may add to a cell: the total of 4 million ballots is then below 2^34 and can be read back. */
const CELL_MAX = 1n << 12n;
const QUESTIONS_MAX = 32;

/** Who may vote, as far as secrecy depends on it. */
export type CensusMode = "blind_credentials" | "published_keys";

/** Questions in the form that is proven. */
export interface Compiled {
  readonly questions: readonly Question[];
  readonly opening: Opening;
  /** N, the number of hidden bits. */
  readonly bits: number;
  /** Hidden bits of each question. */
  readonly bitsOfQuestion: readonly number[];
  readonly bitForms: readonly Form[];
  readonly zeroForms: readonly Form[];
  /** M of them. */
  readonly encForms: readonly Form[];
  /** Canonical bytes of everything a proof depends on. */
  readonly bytes: Uint8Array;
  /** Hash of `bytes` under `urne.v1 compiled questions`. */
  readonly digest: Uint8Array;
}

/** Compiles the questions of one election. Refuses 620 to 625. */
export function compile(questions: readonly Question[]): Compiled {
  const first = questions[0];
  if (!first) throw new Refusal("no_sealed_question");
  if (QUESTIONS_MAX < questions.length) throw new Refusal("too_many_cells");
  const opening = openingOf(first);
  if (questions.some((it) => openingOf(it) !== opening)) throw new Refusal("mixed_opening");

  const builder = new Builder();
  const bitsOfQuestion = questions.map((question) => {
    verifyQuestion(question);
    const before = builder.bits;
    builder.question(question);
    return builder.bits - before;
  });
  const { bits, bitForms, zeroForms, encForms } = builder;
  if (encForms.some((form) => CELL_MAX < form.maximum())) throw new Refusal("cell_too_large");

  const list = (items: readonly Uint8Array[]): Uint8Array => concat([u32(items.length), ...items]);
  const encodeForms = (forms: readonly Form[]): Uint8Array => list(forms.map((form) => form.encode()));
  const bytes = concat([
    u16(COMPILED_VERSION),
    list(questions.map(encodeQuestion)),
    u32(bits),
    encodeForms(bitForms),
    encodeForms(zeroForms),
    encodeForms(encForms),
  ]);
  const digest = new Transcript("urne.v1 compiled questions").append("compiled", bytes).digest();
  return { questions, opening, bits, bitsOfQuestion, bitForms, zeroForms, encForms, bytes, digest };
}

/** Whether these questions may be asked of such a census. Refuses `ranking_with_published_keys`. */
export function admit(compiled: Compiled, census: CensusMode): void {
  if (compiled.opening === "one_by_one" && census === "published_keys") {
    throw new Refusal("ranking_with_published_keys");
  }
}

/** Whether these bits satisfy every bit form and every zero form. */
export const accepts = (compiled: Compiled, bits: Uint8Array): boolean =>
  bits.length === compiled.bits &&
  compiled.bitForms.every((form) => form.ofBits(bits) === 0n || form.ofBits(bits) === 1n) &&
  compiled.zeroForms.every((form) => form.ofBits(bits) === 0n);

/**
 * The rankings of a ballot that was opened by itself, question by question; none is blank. Refuses `wrong_answers` for cells
 * that no valid ballot has: a gap, a choice twice, an unknown one.
 */
export function rankings(compiled: Compiled, cells: readonly bigint[]): number[][] {
  let from = 0;
  return compiled.questions.map((question) => {
    if (question.kind !== "ranking") throw new Refusal("totals_mismatch");
    const own = cells.slice(from, (from += question.ranks)).map(Number);
    const end = own.indexOf(0);
    const order = end < 0 ? own : own.slice(0, end);
    const isRanking = new Set(order).size === order.length && order.every((it) => it <= question.choices);
    if (!isRanking || own.slice(order.length).some((it) => it !== 0)) throw new Refusal("wrong_answers");
    return order.map((it) => it - 1);
  });
}

/** The weights of digits that cover exactly 0..max: 1, 2, …, 2^(k−2), max − 2^(k−1) + 1. */
export function digitWeights(max: bigint): bigint[] {
  if (max === 0n) return [];
  const k = max.toString(2).length;
  const weights = Array.from({ length: k - 1 }, (_, at) => 1n << BigInt(at));
  return [...weights, max - (1n << BigInt(k - 1)) + 1n];
}

/** Where the pair (a, b), a < b, stands among the pairs of c choices, in lexicographic order. */
export const pairIndex = (c: number, a: number, b: number): number => a * c - (a * (a + 1)) / 2 + b - a - 1;

const count = (n: number): number[] => Array.from({ length: n }, (_, at) => at);

/** Writes down one question after the other. Methods that begin with `new` add hidden bits. */
class Builder {
  bits = 0;
  readonly bitForms: Form[] = [];
  readonly zeroForms: Form[] = [];
  readonly encForms: Form[] = [];

  question(question: Question): void {
    switch (question.kind) {
      case "one_of":
        return this.oneOf(question.choices + one(question.blank));
      case "approval":
        return this.approval(question);
      case "judgment":
        return this.judgment(question.choices, question.grades + one(question.noOpinion), question.blank);
      case "score":
        return this.score(question);
      case "condorcet":
        return this.condorcet(question.choices, question.blank);
      case "budget":
        return this.budget(question);
      case "ranking":
        return this.ranking(question);
    }
  }

  /** One row, the last cell implicit. */
  private oneOf(cells: number): void {
    const row = this.newBits(cells - 1);
    if (1 < row.length) this.isBit(Form.constant(1).minus(Form.sum(row)));
    this.encrypt(row);
  }
  /** A bit per choice; Σ marks + slack = atMost · (1 − blank), unless every number of marks is allowed. */
  private approval(question: Question & { kind: "approval" }): void {
    const marks = this.newBits(question.choices);
    const blank = this.newBlank(question.blank);
    if (question.atLeast === 0 && question.atMost === question.choices) {
      this.excludes(blank, marks);
    } else {
      const slack = this.newNumber(BigInt(question.atMost - question.atLeast));
      this.sumsTo([...marks, slack.value], BigInt(question.atMost), blank);
    }
    this.encrypt([...marks, ...blank]);
  }
  /** One row per choice, the last cell implicit; every row is empty when blank. */
  private judgment(choices: number, cells: number, permission: Permission): void {
    this.reserve(choices * (cells - 1));
    const rows = count(choices).map(() => this.newBits(cells - 1));
    const blank = this.newBlank(permission);
    for (const row of rows) {
      if (1 < row.length || 0 < blank.length) this.isBit(expressed(blank).minus(Form.sum(row)));
    }
    this.encrypt([...rows.flat(), ...blank]);
  }
  /** A number from 0 to max per choice; together, with a slack, `points`. */
  private score(question: Question & { kind: "score" }): void {
    const scores = count(question.choices).map(() => this.newNumber(BigInt(question.max)));
    const blank = this.newBlank(question.blank);
    const values = scores.map((it) => it.value);
    if (question.points === null) {
      this.excludes(
        blank,
        scores.flatMap((it) => it.digits),
      );
    } else {
      const slack = this.newNumber(BigInt(question.points));
      this.sumsTo([slack.value, ...values], BigInt(question.points), blank);
    }
    this.encrypt([...values, ...blank]);
  }
  /** A bit per project; the costs of the marked ones and a slack make the budget. */
  private budget(question: Question & { kind: "budget" }): void {
    const projects = this.newBits(question.costs.length);
    const blank = this.newBlank(question.blank);
    const slack = this.newNumber(question.budget);
    const costs = projects.map((project, at) => Form.constant(0).plus(question.costs[at]!, project));
    this.sumsTo([...costs, slack.value], question.budget, blank);
    this.encrypt([...projects, ...blank]);
  }
  /**
   * Pairwise bits m_ab, encrypted, and a hidden permutation matrix q, where q_al says that a wins exactly l comparisons. Wins
   * 0, 1, …, c−1, each once, are those of a strict order and of nothing else.
   */
  private condorcet(c: number, permission: Permission): void {
    const k = c - 1;
    this.reserve((c * k) / 2 + k * k);
    const pairs = this.newBits((c * k) / 2);
    const square = count(k).map(() => [] as Form[]);
    this.newBits(k * k).forEach((cell, at) => square[Math.floor(at / k)]!.push(cell));
    const blank = this.newBlank(permission);
    this.excludes(blank, pairs);
    // Each row and each column of q sums to 1 − blank: its last ones are implicit.
    const left = (cells: readonly Form[]): Form => expressed(blank).minus(Form.sum(cells));
    const q = square.map((row) => [...row, left(row)]);
    q.push(count(c).map((l) => left(q.map((row) => row[l]!))));
    for (const [a, row] of q.entries()) {
      row.forEach((cell, l) => {
        if (a === k || l === k) this.isBit(cell);
      });
    }
    for (const [a, row] of q.entries()) {
      const wins = count(c).map((b) => {
        if (a < b) return pairs[pairIndex(c, a, b)]!;
        return b < a ? expressed(blank).minus(pairs[pairIndex(c, b, a)]!) : Form.constant(0);
      });
      const asMany = row.map((cell, l) => Form.constant(0).plus(BigInt(l), cell));
      this.isZero(Form.sum(wins).minus(Form.sum(asMany)));
    }
    this.encrypt([...pairs, ...blank]);
  }
  /** q_al, "a stands at rank l": each candidate and each rank at most once, no gap. A rank's cell holds a + 1, or 0. */
  private ranking({ choices, ranks, atLeast }: Question & { kind: "ranking" }): void {
    const matrix = this.newBits(choices * ranks);
    const q = (a: number, l: number): Form => matrix[a * ranks + l]!;
    for (const a of count(choices)) this.isBit(Form.sum(count(ranks).map((l) => q(a, l))));
    const filled = count(ranks).map((l) => Form.sum(count(choices).map((a) => q(a, l))));
    filled.forEach((here, l) => {
      this.isBit(here);
      const next = filled[l + 1];
      if (next) this.isBit(here.minus(next));
    });
    if (0 < atLeast) this.isZero(filled[atLeast - 1]!.minus(Form.constant(1)));
    const numbered = (l: number): Form[] => count(choices).map((a) => Form.constant(0).plus(BigInt(a + 1), q(a, l)));
    this.encrypt(count(ranks).map((l) => Form.sum(numbered(l))));
  }

  /** Refuses before anything large is built. */
  private reserve(more: number): void {
    if (BITS_AND_CELLS_MAX < more + this.bits + this.encForms.length) throw new Refusal("too_many_cells");
  }
  /** New hidden bits, each proven 0 or 1. */
  private newBits(n: number): Form[] {
    this.reserve(n);
    const variables = count(n).map((at) => Form.variable(this.bits + at));
    this.bits += n;
    variables.forEach((it) => this.isBit(it));
    return variables;
  }
  /** A new hidden number from 0 to `max` exactly. */
  private newNumber(max: bigint): { digits: Form[]; value: Form } {
    const weights = digitWeights(max);
    const digits = this.newBits(weights.length);
    const value = digits.reduce((sum, digit, at) => sum.plus(weights[at]!, digit), Form.constant(0));
    return { digits, value };
  }
  /** The blank bit, if there is one. */
  private newBlank(permission: Permission): Form[] {
    return this.newBits(one(permission));
  }
  /** None of these together with the blank. */
  private excludes(blank: readonly Form[], forms: readonly Form[]): void {
    if (0 < blank.length) forms.forEach((form) => this.isBit(expressed(blank).minus(form)));
  }
  /** `Σ forms = total · (1 − blank)` */
  private sumsTo(forms: readonly Form[], total: bigint, blank: readonly Form[]): void {
    this.isZero(Form.sum(forms).plus(-total, expressed(blank)));
  }
  private isBit(form: Form): void {
    this.bitForms.push(form.finish());
  }
  private isZero(form: Form): void {
    this.zeroForms.push(form.finish());
  }
  private encrypt(forms: readonly Form[]): void {
    for (const form of forms) {
      this.reserve(1);
      this.encForms.push(form.finish());
    }
  }
}

/** 1 − blank */
const expressed = (blank: readonly Form[]): Form => Form.constant(1).minus(Form.sum(blank));
