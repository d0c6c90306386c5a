/**
 * What every ballot of one election proves, and the challenges that depend on it. Prover and verifier hash through this file
 * only, so they hash the same.
 */
import { concat, hasRepetition, u32 } from "./bytes.js";
import { type Compiled, compile } from "./compile.js";
import { type Element, WORD, decodeElement, encodeScalar, isIdentity } from "./group.js";
import type { Question } from "./question.js";
import { Refusal } from "./refusal.js";
import { Transcript } from "./transcript.js";

/** One election, as far as sealing and verifying its ballots is concerned. */
export interface Statement {
  readonly compiled: Compiled;
  /** 32 bytes. */
  readonly chain: Uint8Array;
  /** 32 bytes. */
  readonly election: Uint8Array;
  /** Y_1 … Y_M */
  readonly keys: readonly Element[];
  /** Hash of questions and keys. */
  readonly digest: Uint8Array;
}

/** The statement of an election: one encryption key for each cell. Refuses 620 to 625, `not_a_point`, `wrong_keys`. */
export function statement(
  questions: readonly Question[],
  chain: Uint8Array,
  election: Uint8Array,
  keys: readonly Uint8Array[],
): Statement {
  const compiled = compile(questions);
  const elements = keys.map(decodeElement);
  if (elements.length !== compiled.encForms.length || hasRepetition(keys) || elements.some(isIdentity)) {
    throw new Refusal("wrong_keys");
  }
  if (chain.length !== WORD || election.length !== WORD) throw new RangeError("chain and election take 32 bytes each");
  const digest = new Transcript("urne.v1 ballot statement")
    .append("questions", compiled.digest)
    .appendWords("keys", keys)
    .digest();
  return { compiled, chain, election, keys: elements, digest };
}

/** `chain 32 ‖ election 32 ‖ sequence u32`: a ballot proves nothing anywhere else. */
export const contextOf = (of: Statement, sequence: number): Uint8Array => concat([of.chain, of.election, u32(sequence)]);

export const hasZeroForms = (of: Statement): boolean => 0 < of.compiled.zeroForms.length;

/** Bytes of a sealed ballot: a word for each of A, B…, V, W, S, T, D1, D0, [u], f…, φ, w, δ, K, R, σ. */
export const ballotLength = (of: Statement): number =>
  WORD * (13 + of.compiled.encForms.length + of.compiled.bits + (hasZeroForms(of) ? 1 : 0));

/** What a ballot commits to first. */
export interface Commitments {
  readonly K: Element;
  readonly A: Element;
  readonly B: readonly Element[];
  readonly V: Element;
}
/** What it masks its answers with. */
export interface Masks {
  readonly W: Element;
  readonly S: Element;
  readonly T: Element;
  readonly D1: Element;
  readonly D0: Element;
  /** Only with zero forms. */
  readonly u: bigint | null;
}
/** What it answers to the challenge. */
export interface Responses {
  readonly f: readonly bigint[];
  readonly phi: bigint;
  readonly w: bigint;
  readonly delta: bigint;
}

/** The transcript of one ballot: its three challenges can be drawn once each and in this order only. */
export class BallotTranscript {
  readonly #transcript: Transcript;
  constructor(of: Statement, sequence: number) {
    this.#transcript = new Transcript("urne.v1 ballot proof")
      .append("statement", of.digest)
      .append("context", contextOf(of, sequence));
  }
  y({ K, A, B, V }: Commitments): bigint {
    const words = B.map((it) => it.bytes);
    this.#transcript.append("K", K.bytes).append("A", A.bytes).appendWords("B", words).append("V", V.bytes);
    return this.#transcript.challenge("y");
  }
  x(masks: Masks): bigint {
    for (const label of ["W", "S", "T", "D1", "D0"] as const) this.#transcript.append(label, masks[label].bytes);
    if (masks.u !== null) this.#transcript.append("u", encodeScalar(masks.u));
    return this.#transcript.challenge("x");
  }
  /** All but the signature. What comes back is what the signature's nonce depends on. */
  answered({ f, phi, w, delta }: Responses): Uint8Array {
    this.#transcript.appendWords("f", f.map(encodeScalar));
    for (const [label, scalar] of [["phi", phi], ["w", w], ["delta", delta]] as const) {
      this.#transcript.append(label, encodeScalar(scalar));
    }
    return this.#transcript.digest();
  }
  e(R: Element): bigint {
    return this.#transcript.append("R", R.bytes).challenge("e");
  }
}
