/**
 * The definition of a secret election, as far as it is counted here: referendums, pluralities, approvals, majority judgments,
 * instant runoffs and single transferable votes, with published keys or credentials, and without statutes (docs/formats.md).
 * Whatever else it is, `urne election verify` counts.
 */
import type { Decoder } from "../ledger/codec.js";
import type { Question as SealedQuestion } from "../question.js";
import { ArchiveFault } from "./fault.js";

const TEXT_MAX = 4_096;
const LIST_MAX = 10_000;

export type Method =
  | { readonly kind: "referendum"; readonly threshold: number; readonly base: number }
  | { readonly kind: "plurality" | "approval" }
  | { readonly kind: "majority_judgment"; readonly grades: readonly string[]; readonly nulls: number }
  | { readonly kind: "instant_runoff"; readonly stop: "majority" | "last_two"; readonly lot: LotRule }
  | { readonly kind: "scottish_stv"; readonly seats: number; readonly lot: LotRule };
/** Who comes out among equals: the first of the list, or a draw whose seed is a block decided later. */
export type LotRule = "list_order" | "later_block";
export interface Question {
  readonly title: string;
  readonly choices: readonly string[];
  readonly method: Method;
}
/** Who signs credentials, and when. */
export interface CredentialRules {
  /** Their keys, numbered from 1. */
  readonly registrars: readonly Uint8Array[];
  readonly issuanceAt: bigint;
  readonly registrationAt: bigint;
}
export interface Definition {
  readonly questions: readonly Question[];
  /** Hash of the census. */
  readonly census: Uint8Array;
  /** Null where the census holds the keys that vote. */
  readonly credentials: CredentialRules | null;
  /** The fewest credentials registered together before the opening. */
  readonly minimumGroup: number;
  /** How many may hold a share. */
  readonly trustees: number;
  /** The colleges whose ballots are opened together, by group. */
  readonly groups: readonly (readonly number[])[];
  /** Milliseconds since 1970: the first instant at which a ballot counts, and the first at which none does any more. */
  readonly opensAt: bigint;
  readonly closesAt: bigint;
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
  const credentials = decoder.variant(2) === 0 ? null : readCredentialRules(decoder);
  const trustees = decoder.list(LIST_MAX, () => decoder.take(2 + 32)).length;
  const groups = decoder.list(LIST_MAX, () => decoder.list(LIST_MAX, () => decoder.u16()));
  const minimumGroup = decoder.u32();
  decoder.u32(); // the length of a step
  const [opensAt, closesAt, grace] = [decoder.u64(), decoder.u64(), decoder.u32()];
  const mayRevote = decoder.variant(2) === 0;
  decoder.u32(); // closing before the time
  decoder.option(() => decoder.u64());
  decoder.list(LIST_MAX, () => decoder.hash()); // documents
  if (decoder.option(() => true)) notCounted("it is held under statutes");
  decoder.end();
  const cutoff = closesAt + BigInt(grace);
  return { questions, census, credentials, minimumGroup, trustees, groups, opensAt, closesAt, cutoff, mayRevote };
}
function readCredentialRules(decoder: Decoder): CredentialRules {
  const registrars = decoder.list(LIST_MAX, () => {
    decoder.u16(); // its college
    return decoder.hash();
  });
  return { registrars, issuanceAt: decoder.u64(), registrationAt: decoder.u64() };
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
    case 6:
      return { kind: "instant_runoff", stop: decoder.variant(2) === 0 ? "majority" : "last_two", lot: readLot(decoder) };
    case 7:
      return { kind: "scottish_stv", seats: decoder.u16(), lot: readLot(decoder) };
    default:
      return notCounted(`method ${kind}`);
  }
}

const readLot = (decoder: Decoder): LotRule => (decoder.variant(2) === 0 ? "list_order" : "later_block");

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
    case "instant_runoff":
    case "scottish_stv":
      return { kind: "ranking", choices: n, ranks: n, atLeast: 0 };
  }
}
