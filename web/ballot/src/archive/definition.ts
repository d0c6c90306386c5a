/**
 * The definition of a secret election, as far as it is counted here: referendums, pluralities, approvals and majority judgments,
 * with a census of published keys and without statutes (docs/formats.md). Whatever else it is, `urne election verify` counts.
 */
import type { Decoder } from "../ledger/codec.js";
import type { Question as SealedQuestion } from "../question.js";
import { ArchiveFault } from "./fault.js";

const TEXT_MAX = 4_096;
const LIST_MAX = 10_000;

export type Method =
  | { readonly kind: "referendum"; readonly threshold: number; readonly base: number }
  | { readonly kind: "plurality" | "approval" }
  | { readonly kind: "majority_judgment"; readonly grades: readonly string[]; readonly nulls: number };
export interface Question {
  readonly title: string;
  readonly choices: readonly string[];
  readonly method: Method;
}
export interface Definition {
  readonly questions: readonly Question[];
  /** Hash of the census. */
  readonly census: Uint8Array;
  /** How many may hold a share. */
  readonly trustees: number;
  /** The colleges whose ballots are opened together, by group. */
  readonly groups: readonly (readonly number[])[];
  /** Milliseconds since 1970: the first instant at which a ballot counts, and the first at which none does any more. */
  readonly opensAt: bigint;
  readonly cutoff: bigint;
  readonly mayRevote: boolean;
}
const notCounted = (why: string): never => {
  throw new ArchiveFault("definition", null, `${why}: \`urne election verify\` counts it`);
};

/** Reads a definition. Faults: `malformed`, and `definition` for what is not counted here. */
export function readDefinition(decoder: Decoder): Definition {
  decoder.text(TEXT_MAX);
  const questions = decoder.list(LIST_MAX, () => ({
    title: decoder.text(TEXT_MAX),
    choices: decoder.list(LIST_MAX, () => decoder.text(TEXT_MAX)),
    method: readMethod(decoder),
  }));
  const census = decoder.hash();
  if (decoder.u32() !== 1) notCounted("its ballots are open");
  if (decoder.u32() !== 0) notCounted("its credentials are signed blind");
  const trustees = decoder.list(LIST_MAX, () => decoder.take(2 + 32)).length;
  const groups = decoder.list(LIST_MAX, () => decoder.list(LIST_MAX, () => decoder.u16()));
  decoder.take(4 + 4); // the minimum group, the length of a step
  const [opensAt, closesAt, grace] = [decoder.u64(), decoder.u64(), decoder.u32()];
  const mayRevote = decoder.variant(2) === 0;
  decoder.u32(); // closing before the time
  decoder.option(() => decoder.u64());
  decoder.list(LIST_MAX, () => decoder.hash()); // documents
  if (decoder.option(() => true)) notCounted("it is held under statutes");
  decoder.end();
  return { questions, census, trustees, groups, opensAt, cutoff: closesAt + BigInt(grace), mayRevote };
}
function readMethod(decoder: Decoder): Method {
  const kind = decoder.u32();
  switch (kind) {
    case 0:
      return { kind: "referendum", threshold: decoder.variant(4), base: decoder.variant(3) };
    case 1:
      return { kind: "plurality" };
    case 2:
      return { kind: "approval" };
    case 3:
      return { kind: "majority_judgment", grades: decoder.list(LIST_MAX, () => decoder.text(TEXT_MAX)), nulls: decoder.variant(3) };
    default:
      return notCounted(`method ${kind}`);
  }
}

/** How a question is sealed: a blank ballot is always allowed, and no opinion on a candidate. */
export function asSealed({ choices, method }: Question): SealedQuestion {
  const [n, blank] = [choices.length, "allowed"] as const;
  switch (method.kind) {
    case "referendum":
    case "plurality":
      return { kind: "one_of", choices: n, blank };
    case "approval":
      return { kind: "approval", choices: n, atLeast: 1, atMost: n, blank };
    case "majority_judgment":
      return { kind: "judgment", choices: n, grades: method.grades.length, noOpinion: "allowed", blank };
  }
}
