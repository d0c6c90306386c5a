/** Reads the published vectors, docs/vectors, as they are written: hex, snake case, large numbers as decimal texts. */
import { readFileSync } from "node:fs";
import { fromHex } from "../../src/bytes.js";
import type { Answer, Permission, Question } from "../../src/question.js";

export const FOLDER = new URL("../../../../../docs/vectors/", import.meta.url);
export const read = <T>(file: string): T => JSON.parse(readFileSync(new URL(file, FOLDER), "utf8")) as T;
export const hex = (text: string): Uint8Array => fromHex(text);

export interface Wrong {
  name: string;
  refusal: number;
}
export interface QuestionVector {
  kind: Question["kind"];
  choices: number;
  at_least: number;
  at_most: number;
  grades: number;
  max: number;
  points: number | null;
  costs: string[];
  budget: string;
  ranks: number;
  no_opinion: boolean;
  blank: boolean;
}
export interface FormVector {
  constant: string;
  terms: [number, string][];
}
export interface Questions {
  right: {
    name: string;
    questions: QuestionVector[];
    bits: number;
    bit: FormVector[];
    zero: FormVector[];
    enc: FormVector[];
    compiled: string;
    digest: string;
  }[];
  wrong: (Wrong & { questions: QuestionVector[]; census?: "published_keys" })[];
}
export type AnswerVector =
  | "blank"
  | { one?: number; chosen?: number[]; grades?: (number | null)[]; scores?: number[]; ranked?: number[] };
export interface Ballots {
  elections: {
    name: string;
    questions: QuestionVector[];
    chain: string;
    election: string;
    keys: string[];
    statement: string;
    blinder: string;
    bit_generators: string[];
    ballot_length: number;
  }[];
  right: {
    name: string;
    election: number;
    root: string;
    college: number;
    credential: string;
    sequence: number;
    context: string;
    seed: string;
    answers: AnswerVector[];
    assignment: string;
    y: string;
    x: string;
    e: string;
    ballot: string;
    tracker: string;
    tracker_hash: string;
  }[];
  wrong: (Wrong & { election: number; sequence: number; ballot: string })[];
}
export interface Credentials {
  chain: string;
  election: string;
  domain: string;
  keys: string;
  right: {
    name: string;
    root: string;
    college: number;
    credential: string;
    message: string;
    request: string;
    answers: string[];
    signature: string;
  }[];
  wrong: (Wrong &
    (
      | { kind: "signature"; bytes: string; credential: string; election: string }
      | { kind: "request"; bytes: string }
      | { kind: "answer"; bytes: string; request: string }
      | { kind: "approvals"; approved: [number, string][]; then: string | [number, string] }
    ))[];
}

const permission = (is: boolean): Permission => (is ? "allowed" : "refused");
export function question(it: QuestionVector): Question {
  const blank = permission(it.blank);
  const { kind, choices } = it;
  switch (kind) {
    case "one_of":
    case "condorcet":
      return { kind, choices, blank };
    case "approval":
      return { kind, choices, atLeast: it.at_least, atMost: it.at_most, blank };
    case "judgment":
      return { kind, choices, grades: it.grades, noOpinion: permission(it.no_opinion), blank };
    case "score":
      return { kind, choices, max: it.max, points: it.points, blank };
    case "budget":
      return { kind, costs: it.costs.map(BigInt), budget: BigInt(it.budget), blank };
    case "ranking":
      return { kind, choices, ranks: it.ranks, atLeast: it.at_least };
  }
}
export function answer(it: AnswerVector): Answer {
  if (it === "blank") return { kind: "blank" };
  if (it.one !== undefined) return { kind: "one", choice: it.one };
  if (it.chosen) return { kind: "chosen", choices: it.chosen };
  if (it.grades) return { kind: "grades", grades: it.grades };
  if (it.scores) return { kind: "scores", scores: it.scores };
  if (it.ranked) return { kind: "ranked", order: it.ranked };
  throw new Error(`${JSON.stringify(it)} is no answer`);
}
