/**
 * The voter: seal, then look at the tracker, then audit *or* cast (Benaloh). An audited ballot is never signed, and a cast one
 * never revealed: either consumes it.
 */
import { randomBytes } from "@noble/hashes/utils.js";
import { assign } from "./assign.js";
import { concat, equal } from "./bytes.js";
import type { CredentialSecret } from "./credential.js";
import { type Proof, decodeCredential, encodeProof, encodeSignedProof } from "./proof.js";
import { prove, sign } from "./prove.js";
import type { Answer } from "./question.js";
import { Refusal } from "./refusal.js";
import { type Statement, contextOf } from "./statement.js";
import { type Tracker, trackerOf } from "./tracker.js";
import { SecretSource } from "./transcript.js";

/** Where chance comes from: the system's, unless a test says otherwise. */
export type Chance = (length: number) => Uint8Array;

/** A ballot ready to be sent. */
export interface SealedBallot {
  readonly sequence: number;
  readonly bytes: Uint8Array;
  /** What the voter keeps. */
  readonly tracker: Tracker;
}
/** What an audit reveals: enough for any other device to make the same ballot again. Such a ballot is never cast. */
export interface AuditedBallot {
  readonly seed: Uint8Array;
  readonly answers: readonly Answer[];
  readonly sequence: number;
  /** K */
  readonly credential: Uint8Array;
  /** The ballot without R and σ. */
  readonly bytes: Uint8Array;
}

/** A ballot that is sealed and not signed. */
export class UnsignedBallot {
  #isConsumed = false;
  readonly #of: Statement;
  readonly #proof: Proof;
  readonly #seed: Uint8Array;
  readonly #answers: readonly Answer[];
  /** What the app shows *before* it asks "cast or audit?". */
  readonly tracker: Tracker;
  constructor(
    of: Statement,
    proof: Proof,
    readonly sequence: number,
    seed: Uint8Array,
    answers: readonly Answer[],
  ) {
    this.#of = of;
    this.#proof = proof;
    this.#seed = seed;
    this.#answers = answers;
    this.tracker = trackerOf(of, sequence, encodeProof(proof));
  }
  /** Reveals the ballot instead of casting it: if the device had cheated, this would show it. */
  audit(): AuditedBallot {
    this.#consume();
    const { K } = this.#proof;
    const bytes = encodeProof(this.#proof);
    return { seed: this.#seed, answers: this.#answers, sequence: this.sequence, credential: K.bytes, bytes };
  }
  /** Signs it: from here on it counts when it arrives. Refuses `bad_ballot_signature`: sealed for another credential. */
  cast(secret: CredentialSecret, chance: Chance = randomBytes): SealedBallot {
    if (!equal(secret.public.bytes, this.#proof.K.bytes)) throw new Refusal("bad_ballot_signature");
    this.#consume();
    const signed = sign(this.#of, this.sequence, this.#proof, secret.expose(), chance(32));
    return { sequence: this.sequence, bytes: encodeSignedProof(signed), tracker: this.tracker };
  }
  #consume(): void {
    if (this.#isConsumed) throw new Error("this ballot was cast or audited already: seal another one");
    this.#isConsumed = true;
  }
}

/** Encrypts and proves answers for a credential key, with a fresh seed. Refuses `wrong_answers`. */
export function seal(
  of: Statement,
  answers: readonly Answer[],
  credential: Uint8Array,
  sequence: number,
  chance: Chance = randomBytes,
): UnsignedBallot {
  return sealWithSeed(of, answers, credential, sequence, chance(32));
}

/** Randomness depends on the seed and on the choices, so one seed for two ballots reveals nothing of either. */
function sealWithSeed(
  of: Statement,
  answers: readonly Answer[],
  credential: Uint8Array,
  sequence: number,
  seed: Uint8Array,
): UnsignedBallot {
  const bits = assign(of.compiled, answers);
  const K = decodeCredential(credential);
  const source = new SecretSource("urne.v1 ballot randomness", seed)
    .append("statement", of.digest)
    .append("context", contextOf(of, sequence))
    .append("K", K.bytes)
    .append("choices", bits);
  return new UnsignedBallot(of, prove(of, sequence, K, bits, source), sequence, concat([seed]), answers);
}

/**
 * Makes an audited ballot again, on another device, and compares it byte for byte. What comes back is the tracker that the
 * voter must have been shown. Refuses `wrong_answers`, `audit_mismatch`.
 */
export function recompute(of: Statement, { seed, answers, sequence, credential, bytes }: AuditedBallot): Tracker {
  const again = sealWithSeed(of, answers, credential, sequence, seed);
  if (!equal(again.audit().bytes, bytes)) throw new Refusal("audit_mismatch");
  return again.tracker;
}
