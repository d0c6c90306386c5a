/**
 * The verifier of one ballot: six equations, each with the number of its refusal, each on its own. No randomness: everybody
 * gives the same verdict.
 */
import { blinder, bitGenerator } from "./generators.js";
import { type Element, G, type Point, mod, powers, publicSum } from "./group.js";
import { SIGNATURE_BYTES, type SignedProof, decodeProof } from "./proof.js";
import { Refusal } from "./refusal.js";
import { BallotTranscript, type Statement } from "./statement.js";
import { type Tracker, trackerOf } from "./tracker.js";

declare const verified: unique symbol;
/** A ballot whose encodings, proof and signature were verified. Only {@link verify} makes one. */
export interface VerifiedBallot {
  readonly [verified]: true;
  /** K, which signed it. Whether K may vote is the ledger's to say. */
  readonly credential: Uint8Array;
  readonly sequence: number;
  readonly tracker: Tracker;
  /** What it adds to the totals. A must be unused in this election: the ledger looks. */
  readonly A: Element;
  readonly B: readonly Element[];
}

/** The three challenges of a ballot. */
export interface Challenges {
  readonly y: bigint;
  readonly x: bigint;
  readonly e: bigint;
}
export function challengesOf(of: Statement, sequence: number, proof: SignedProof): Challenges {
  const transcript = new BallotTranscript(of, sequence);
  const y = transcript.y(proof);
  const x = transcript.x(proof);
  transcript.answered(proof);
  return { y, x, e: transcript.e(proof.R) };
}

/** Verifies one ballot for the sequence that its transaction says. Refuses 600 to 611, one number for each rule. */
export function verify(of: Statement, sequence: number, bytes: Uint8Array): VerifiedBallot {
  const proof = decodeProof(of, bytes);
  const challenges = challengesOf(of, sequence, proof);
  equations(of, proof, challenges);
  const tracker = trackerOf(of, sequence, bytes.slice(0, -SIGNATURE_BYTES));
  return { credential: proof.K.bytes, sequence, tracker, A: proof.A, B: proof.B } as VerifiedBallot;
}

/** In the order of docs/ballots.md: (5) first, it is of scalars only. */
function equations(of: Statement, proof: SignedProof, { y, x, e }: Challenges): void {
  const { bitForms, zeroForms, encForms } = of.compiled;
  const { f, phi, w, delta } = proof;
  const H = blinder().point;
  const fold = (values: readonly bigint[]): bigint => {
    const power = powers(y, values.length);
    return mod(values.reduce((sum, value, k) => sum + power[k]! * value, 0n));
  };

  // (5) Σ y^k zero_k(f) = u
  if (proof.u !== null && fold(zeroForms.map((form) => form.ofScalars(f, x))) !== proof.u) throw new Refusal("not_zero");

  // (1) Σ f_j H_j + φ H = xV + W
  const opened = f.map((f_j, j): Term => [f_j, bitGenerator(j).point]);
  if (!isSum([...opened, [phi, H], [-x, proof.V.point]], proof.W)) throw new Refusal("wrong_bits");

  // (2) wG = xA + S
  if (!isSum([[w, G], [-x, proof.A.point]], proof.S)) throw new Refusal("wrong_randomness");

  // (3) (Σ y^i enc_i(f)) G + w Σ y^i Y_i = x Σ y^i B_i + T. Never summed with (2): trustees know log Y.
  const y_i = powers(y, encForms.length);
  const keys = of.keys.map((Y, i): Term => [w * y_i[i]!, Y.point]);
  const cells = proof.B.map((B, i): Term => [-x * y_i[i]!, B.point]);
  const encrypted = fold(encForms.map((form) => form.ofScalars(f, x)));
  if (!isSum([[encrypted, G], ...keys, ...cells], proof.T)) throw new Refusal("wrong_cells");

  // (4) (Σ y^k F_k (F_k − x)) G + δ H = x D1 + D0
  const F = bitForms.map((form) => form.ofScalars(f, x));
  const squares = fold(F.map((F_k) => mod(F_k * (F_k - x))));
  if (!isSum([[squares, G], [delta, H], [-x, proof.D1.point]], proof.D0)) throw new Refusal("not_a_bit");

  // (6) σG = R + eK
  if (!isSum([[proof.sigma, G], [-e, proof.K.point]], proof.R)) throw new Refusal("bad_ballot_signature");
}

type Term = readonly [bigint, Point];
const isSum = (terms: readonly Term[], expected: Element): boolean => publicSum(terms).equals(expected.point);
