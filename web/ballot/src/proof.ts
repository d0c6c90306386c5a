/**
 * The parts of a sealed ballot and their bytes. The letters are those of docs/ballots.md; each is a word of 32 bytes, in this
 * order: A, B_1…B_M, V, W, S, T, D1, D0, u (only with zero forms), f_1…f_N, φ, w, δ, K, R, σ.
 */
import { Reader, concat, hasRepetition } from "./bytes.js";
import { type Element, WORD, decodeElement, decodeScalar, encodeScalar, isIdentity } from "./group.js";
import { Refusal } from "./refusal.js";
import { type Commitments, type Masks, type Responses, type Statement, ballotLength, hasZeroForms } from "./statement.js";

/** Bytes of R and σ, which the tracker leaves out. */
export const SIGNATURE_BYTES = 2 * WORD;

/** A ballot without its signature. */
export interface Proof extends Commitments, Masks, Responses {}
/** A ballot with its signature. */
export interface SignedProof extends Proof {
  readonly R: Element;
  readonly sigma: bigint;
}

/** The bytes without R and σ. */
export function encodeProof({ A, B, V, W, S, T, D1, D0, u, f, phi, w, delta, K }: Proof): Uint8Array {
  const points = [A, ...B, V, W, S, T, D1, D0].map((it) => it.bytes);
  const scalars = [...(u === null ? [] : [u]), ...f, phi, w, delta].map(encodeScalar);
  return concat([...points, ...scalars, K.bytes]);
}
export const encodeSignedProof = (proof: SignedProof): Uint8Array =>
  concat([encodeProof(proof), proof.R.bytes, encodeScalar(proof.sigma)]);

/** A credential key. Refuses `not_a_point` and `identity_credential`. */
export function decodeCredential(bytes: Uint8Array): Element {
  const key = decodeElement(bytes);
  if (isIdentity(key)) throw new Refusal("identity_credential");
  return key;
}

/** Decodes word after word, and refuses what no proof could mend: 600 to 605. The first fault in the bytes is the one told. */
export function decodeProof(of: Statement, bytes: Uint8Array): SignedProof {
  if (bytes.length !== ballotLength(of)) throw new Refusal("ballot_length");
  const reader = new Reader(bytes, "ballot_length");
  const point = (): Element => decodeElement(reader.take(WORD));
  const scalar = (): bigint => decodeScalar(reader.take(WORD));
  const A = point();
  if (isIdentity(A)) throw new Refusal("identity_randomness");
  const B = of.compiled.encForms.map(point);
  const [V, W, S, T, D1, D0] = [point(), point(), point(), point(), point(), point()] as const;
  const u = hasZeroForms(of) ? scalar() : null;
  const f = Array.from({ length: of.compiled.bits }, scalar);
  const [phi, w, delta] = [scalar(), scalar(), scalar()] as const;
  const K = decodeCredential(reader.take(WORD));
  const R = point();
  const sigma = scalar();
  reader.end();
  if (hasRepetition([A, ...B, V, W, S, T, D1, D0, K, R].map((it) => it.bytes))) throw new Refusal("repeated_point");
  return { A, B, V, W, S, T, D1, D0, u, f, phi, w, delta, K, R, sigma };
}
