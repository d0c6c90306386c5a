/**
 * A credential that nobody can trace: registrars sign a credential key without seeing it (blind threshold BLS; keys in G2,
 * one unique 48-byte signature in G1). docs/ballots.md, section 6.
 *
 * The road: {@link request}, approvals on the ledger ({@link "./approvals.js"}), {@link verifyAnswer} for each registrar's
 * answer, {@link PendingRequest.finish}, {@link verifyCredential}.
 */
import { bls12_381 } from "@noble/curves/bls12-381.js";
import { randomBytes } from "@noble/hashes/utils.js";
import { Reader, concat, equal, fromLittleEndian } from "./bytes.js";
import type { CredentialSecret, RootSecret } from "./credential.js";
import { decodeElement, isIdentity } from "./group.js";
import { Refusal } from "./refusal.js";
import { G1_BYTES, type G1Point, type G2Point, type RegistrarKeys, decodeG1 } from "./registrars.js";
import { lagrange } from "./threshold.js";

const { G1, G2, fields } = bls12_381;
const Fr = fields.Fr;
const { Fp12 } = fields;
/** RFC 9380 domain separation of the hash to G1. */
const DOMAIN = "URNE-V1-BLIND-BLS12381G1_XMD:SHA-256_SSWU_RO_";

/** What registrars sign, as bytes: `chain 32 ‖ election 32 ‖ K 32`. */
export const messageOf = (chain: Uint8Array, election: Uint8Array, credential: Uint8Array): Uint8Array =>
  concat([chain, election, credential]);
const hashToG1 = (message: Uint8Array): G1Point => G1.Point.fromAffine(G1.hashToCurve(message, { DST: DOMAIN }).toAffine());

/** Whether e(left, G2) = e(right, key). */
function isSigned(left: G1Point, right: G1Point, key: G2Point): boolean {
  const product = bls12_381.pairingBatch([
    { g1: left, g2: G2.Point.BASE.negate() },
    { g1: right, g2: key },
  ]);
  return Fp12.eql(product, Fp12.ONE);
}

declare const verified: unique symbol;
/** An answer whose pairing was verified, to one request. Only {@link verifyAnswer} makes one. */
export interface BlindAnswer {
  readonly [verified]: true;
  readonly registrar: number;
  readonly point: G1Point;
  /** The request it answers. */
  readonly request: Uint8Array;
}

/** β as registrars and ledger read it: 48 bytes. Refuses `bad_credential_point`, `identity_point`. */
export function decodeRequest(bytes: Uint8Array): G1Point {
  return decodeG1(bytes);
}

/**
 * Whether `registrar u16 ‖ point 48` is that registrar's answer to the request: anyone can tell by a pairing. Refuses
 * `wrong_shape`, `bad_credential_point`, `identity_point`, `not_a_trustee`, `wrong_blind_answer`.
 */
export function verifyAnswer(bytes: Uint8Array, request: Uint8Array, keys: RegistrarKeys): BlindAnswer {
  const reader = new Reader(bytes, "wrong_shape");
  const registrar = reader.u16();
  const encoded = reader.take(G1_BYTES);
  const point = decodeG1(encoded);
  reader.end();
  const key = keys.shares.get(registrar);
  if (!key) throw new Refusal("not_a_trustee");
  if (!isSigned(point, decodeRequest(request), key)) throw new Refusal("wrong_blind_answer");
  return { registrar, point, request } as BlindAnswer;
}

/** A request the voter has made. It comes out of her root secret: another device with the same phrase can finish it. */
export class PendingRequest {
  readonly #blinding: bigint;
  /** β = ρh, to show to the registrars. It says nothing about K. */
  readonly request: Uint8Array;
  constructor(
    private readonly chain: Uint8Array,
    private readonly election: Uint8Array,
    private readonly credential: Uint8Array,
    blinding: bigint,
  ) {
    this.#blinding = blinding;
    this.request = hashToG1(messageOf(chain, election, credential)).multiply(blinding).toBytes(true);
  }
  /**
   * Combines and unblinds the answers of any k registrars: 48 bytes, the same whoever answered. Refuses
   * `wrong_blind_answer` for another request's, `too_few_answers`, `wrong_credential`.
   */
  finish(answers: readonly BlindAnswer[], keys: RegistrarKeys): Uint8Array {
    if (answers.some((it) => !equal(it.request, this.request))) throw new Refusal("wrong_blind_answer");
    const byRegistrar = [...new Map(answers.map((it) => [it.registrar, it.point]))];
    if (byRegistrar.length < keys.threshold) throw new Refusal("too_few_answers");
    const chosen = byRegistrar.slice(0, keys.threshold);
    const registrars = chosen.map(([registrar]) => registrar);
    const blinded = chosen.reduce((sum, [i, point]) => sum.add(point.multiply(lagrange(Fr, i, registrars))), G1.Point.ZERO);
    const signature = blinded.multiply(Fr.inv(this.#blinding)).toBytes(true);
    verifyCredential(signature, this.chain, this.election, this.credential, keys);
    return signature;
  }
}

/** The credential of one college of one election, and its blinded request. */
export function request(
  root: RootSecret,
  chain: Uint8Array,
  election: Uint8Array,
  college: number,
): { secret: CredentialSecret; pending: PendingRequest } {
  const secret = root.credential(chain, election, college);
  const blinding = Fr.create(fromLittleEndian(root.source(chain, election, college).bytes("blinding")));
  return { secret, pending: new PendingRequest(chain, election, secret.public.bytes, blinding) };
}

/** A credential key and the registrars' signature on it. */
export interface Registration {
  readonly credential: Uint8Array;
  readonly signature: Uint8Array;
}
/**
 * Whether each credential of several bears its registrars' signature: Π e(cσ, G2) = Π e(ch, Y), with a coefficient c of its own
 * for each, drawn here, so that no two wrong ones make up for each other. Refuses `identity_credential`, `not_a_point`,
 * `bad_credential_point`, `identity_point`, `wrong_credential`.
 */
export function verifyCredentials(all: readonly Registration[], chain: Uint8Array, election: Uint8Array, keys: RegistrarKeys): void {
  const signatures = all.map(({ credential, signature }) => {
    if (isIdentity(decodeElement(credential))) throw new Refusal("identity_credential");
    return decodeG1(signature);
  });
  const hashes = all.map(({ credential }) => hashToG1(messageOf(chain, election, credential)));
  const drawn = all.map(() => fromLittleEndian(randomBytes(16)) || 1n);
  const sum = (points: readonly G1Point[]): G1Point => points.reduce((total, it, at) => total.add(it.multiplyUnsafe(drawn[at]!)), G1.Point.ZERO);
  if (!isSigned(sum(signatures), sum(hashes), keys.key)) throw new Refusal("wrong_credential");
}

/**
 * Whether these 48 bytes are the registrars' signature on a credential key, for one chain and election. Refuses
 * `bad_credential_point`, `identity_point`, `wrong_credential`.
 */
export function verifyCredential(
  signature: Uint8Array,
  chain: Uint8Array,
  election: Uint8Array,
  credential: Uint8Array,
  keys: RegistrarKeys,
): void {
  const point = decodeG1(signature);
  if (!isSigned(point, hashToG1(messageOf(chain, election, credential)), keys.key)) throw new Refusal("wrong_credential");
}
