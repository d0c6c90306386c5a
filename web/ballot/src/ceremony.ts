/**
 * The ceremony, as everybody can follow it on the ledger: who joined, what dealers committed to, and the keys that come out
 * (docs/ballots.md, section 7). One code for trustees (ristretto255, a key for each cell) and registrars (G2, one key). Shares and
 * complaints about them: {@link "./complaint.js"}.
 */
import { bls12_381 } from "@noble/curves/bls12-381.js";
import { ristretto255 } from "@noble/curves/ed25519.js";
import { Reader, concat, equal, fromLittleEndian, toHex, u16, u32, utf8 } from "./bytes.js";
import { type Element, G, WORD, decodeElement, decodeScalar, element, isIdentity, publicSum } from "./group.js";
import { Refusal } from "./refusal.js";
import { type G2Point, decodeG2 } from "./registrars.js";
import { Transcript } from "./transcript.js";

/** What the ceremony needs of the group whose keys it makes. */
export interface CeremonyGroup<P> {
  /** What transcripts call it. */
  readonly name: string;
  readonly pointBytes: number;
  /** An element other than the identity. */
  decode(bytes: Uint8Array): P;
  encode(point: P): Uint8Array;
  scalar(bytes: Uint8Array): bigint;
  readonly order: bigint;
  readonly base: P;
  /** Σ scalar · point */
  sum(terms: readonly (readonly [bigint, P])[]): P;
  /**
   * How many act together, when of those whom the draft declares these take part; each told by her college. Refuses
   * `threshold_too_low`, `too_few_trustees`, `weak_registrars`.
   */
  threshold(declared: readonly number[], present: readonly number[]): number;
}

/** Participants of one ceremony. */
const PARTICIPANTS_MAX = 100;
/** Bytes of one dealer's commitments: they travel in one transaction. */
const COMMITMENTS_BYTES_MAX = 62_000;

const areRepeated = (words: readonly Uint8Array[]): boolean => new Set(words.map(toHex)).size !== words.length;

const mostOfOne = (colleges: readonly number[]): number =>
  Math.max(0, ...colleges.map((college) => colleges.filter((it) => it === college).length));

/** Most that may be lost, or corrupt: max(m, f), m the most of one college, f = ⌊(n−1)/3⌋. */
const bearable = (colleges: readonly number[]): number => Math.max(mostOfOne(colleges), Math.floor((colleges.length - 1) / 3));

/** The keys of an urn: t = n − max(m, f) of those who take part, above max(m, f) of those declared. */
export const TRUSTEES: CeremonyGroup<Element> = {
  name: "ristretto255",
  pointBytes: WORD,
  decode: (bytes) => notIdentity(decodeElement(bytes)),
  encode: (point) => point.bytes,
  scalar: decodeScalar,
  order: ristretto255.Point.Fn.ORDER,
  base: element(G),
  sum: (terms) => element(publicSum(terms.map(([scalar, it]) => [scalar, it.point]))),
  threshold(declared, present) {
    if (present.length === 0) throw new Refusal("too_few_trustees");
    const t = present.length - bearable(present);
    if (t <= bearable(declared)) throw new Refusal("threshold_too_low");
    return t;
  },
};
/** The key that signs credentials: k = max(2, ⌊n/2⌋ + 1) of those declared, of whom no college has k. */
export const REGISTRARS: CeremonyGroup<G2Point> = {
  name: "BLS12-381 G2",
  pointBytes: 96,
  decode: decodeG2,
  encode: (point) => point.toBytes(true),
  scalar(bytes) {
    const scalar = fromLittleEndian(bytes);
    if (bls12_381.fields.Fr.ORDER <= scalar) throw new Refusal("not_a_scalar");
    return scalar;
  },
  order: bls12_381.fields.Fr.ORDER,
  base: bls12_381.G2.Point.BASE,
  sum: (terms) => {
    const reduce = (scalar: bigint): bigint => bls12_381.fields.Fr.create(scalar);
    return terms.reduce((sum, [scalar, it]) => sum.add(it.multiplyUnsafe(reduce(scalar))), bls12_381.G2.Point.ZERO);
  },
  threshold(declared, present) {
    const k = Math.max(2, Math.floor(declared.length / 2) + 1);
    if (present.length < k || k <= mostOfOne(declared)) throw new Refusal("weak_registrars");
    return k;
  },
};
function notIdentity(point: Element): Element {
  if (isIdentity(point)) throw new Refusal("identity_point");
  return point;
}

/** Who is asked, and for what. Participants are numbered. */
export interface Invitation {
  readonly chain: Uint8Array;
  readonly draft: Uint8Array;
  readonly scope: number;
  readonly attempt: number;
  /** Whom the draft names, those who are out since included; the draft's name stands for them in the digest. */
  readonly declared: readonly { readonly number: number; readonly college: number }[];
  readonly candidates: readonly { readonly number: number; readonly college: number }[];
  /** Keys wanted. */
  readonly keys: number;
}
const digestOf = (group: CeremonyGroup<unknown>, it: Invitation): Uint8Array =>
  new Transcript("urne.v1 ceremony invitation")
    .append("group", utf8(group.name))
    .append("chain", it.chain)
    .append("draft", it.draft)
    .append("scope", u32(it.scope))
    .append("attempt", u32(it.attempt))
    .append("candidates", concat(it.candidates.flatMap(({ number, college }) => [u16(number), u16(college)])))
    .append("keys", u16(it.keys))
    .digest();

/** A participant whose encryption key was verified. Only {@link verifyJoining} makes one. */
export interface Participant {
  readonly number: number;
  readonly college: number;
  readonly E: Element;
}
/** Round 0: `E ‖ R ‖ z`. Refuses `not_a_participant`, `wrong_shape`, `bad_possession`, and what a point earns. */
export function verifyJoining(group: CeremonyGroup<unknown>, invitation: Invitation, sender: number, bytes: Uint8Array): Participant {
  const candidate = invitation.candidates.find((it) => it.number === sender);
  if (!candidate) throw new Refusal("not_a_participant");
  const reader = new Reader(bytes, "wrong_shape");
  if (bytes.length !== 3 * WORD) throw new Refusal("wrong_shape");
  const E = notIdentity(decodeElement(reader.take(WORD)));
  const transcript = new Transcript("urne.v1 ceremony joining")
    .append("invitation", digestOf(group, invitation))
    .append("participant", u16(sender))
    .append("E", E.bytes);
  const proof = readSchnorr(reader);
  reader.end();
  requirePossession(proof, transcript, E);
  return { ...candidate, E };
}
/** `R ‖ z` */
interface Schnorr {
  readonly R: Element;
  readonly z: bigint;
}
const readSchnorr = (reader: Reader): Schnorr => ({ R: decodeElement(reader.take(WORD)), z: decodeScalar(reader.take(WORD)) });
/** zG = R + c·key. Refuses `bad_possession`. */
function requirePossession({ R, z }: Schnorr, transcript: Transcript, key: Element): void {
  const c = transcript.append("R", R.bytes).challenge("c");
  if (!publicSum([[z, G], [-c, key.point]]).equals(R.point)) throw new Refusal("bad_possession");
}

/** Commitments of one dealer, verified: C_{k,j} by key, then by degree. Only {@link Ceremony.verifyCommitments} makes one. */
export interface Commitments<P> {
  readonly dealer: number;
  /** With which shares are encrypted. */
  readonly X: Element;
  readonly C: readonly (readonly P[])[];
}

/** A ceremony after round 0. */
export class Ceremony<P> {
  readonly participants: readonly Participant[];
  readonly threshold: number;
  readonly digest: Uint8Array;
  /** Refuses `message_exists`, `degenerate_key` for two equal E, what the threshold's rule refuses, and `wrong_shape` of more than a ledger carries. */
  constructor(
    readonly group: CeremonyGroup<P>,
    readonly invitation: Invitation,
    joined: readonly Participant[],
  ) {
    const participants = [...joined].sort((a, b) => a.number - b.number);
    if (new Set(participants.map((it) => it.number)).size !== participants.length) throw new Refusal("message_exists");
    if (areRepeated(participants.map((it) => it.E.bytes))) throw new Refusal("degenerate_key");
    this.participants = participants;
    this.threshold = this.thresholdOf(participants);
    const size = group.pointBytes * this.threshold * invitation.keys;
    if (invitation.keys === 0 || PARTICIPANTS_MAX < participants.length || COMMITMENTS_BYTES_MAX < size) {
      throw new Refusal("wrong_shape");
    }
    const transcript = new Transcript("urne.v1 ceremony")
      .append("invitation", digestOf(group, invitation))
      .append("threshold", u16(this.threshold));
    for (const { number, college, E } of participants) {
      transcript.append("participant", concat([u16(number), u16(college)])).append("E", E.bytes);
    }
    this.digest = transcript.digest();
  }
  /** The threshold when of those declared these are left. */
  thresholdOf(left: readonly { readonly college: number }[]): number {
    const colleges = (of: readonly { readonly college: number }[]): number[] => of.map((it) => it.college);
    return this.group.threshold(colleges(this.invitation.declared), colleges(left));
  }
  /** How many keys are made. */
  get keyCount(): number {
    return this.invitation.keys;
  }
  /** Somebody who joined. Refuses `not_a_participant`. */
  participant(number: number): Participant {
    const found = this.participants.find((it) => it.number === number);
    if (!found) throw new Refusal("not_a_participant");
    return found;
  }
  /** Round 1: what a dealer commits to commit to. */
  commitmentHash(dealer: number, commitments: Uint8Array): Uint8Array {
    return this.transcript("urne.v1 ceremony commitment hash", dealer).append("commitments", commitments).digest();
  }
  /**
   * Round 2: `X ‖ R_X ‖ z_X ‖ C… ‖ R ‖ z`. Refuses `not_a_participant`, `wrong_commitment_hash`, `wrong_shape`,
   * `bad_possession`, and what a point earns.
   */
  verifyCommitments(dealer: number, hash: Uint8Array, bytes: Uint8Array): Commitments<P> {
    const { group, invitation, threshold } = this;
    this.participant(dealer);
    if (!equal(this.commitmentHash(dealer, bytes), hash)) throw new Refusal("wrong_commitment_hash");
    if (bytes.length !== 4 * WORD + (invitation.keys * threshold + 1) * group.pointBytes) throw new Refusal("wrong_shape");
    const reader = new Reader(bytes, "wrong_shape");
    const X = notIdentity(decodeElement(reader.take(WORD)));
    const proofOfX = readSchnorr(reader);
    const point = (): P => group.decode(reader.take(group.pointBytes));
    const C = Array.from({ length: invitation.keys }, () => Array.from({ length: threshold }, point));
    const [R, z] = [point(), group.scalar(reader.take(WORD))];
    reader.end();
    requirePossession(proofOfX, this.transcript("urne.v1 ceremony ephemeral key", dealer).append("X", X.bytes), X);
    const transcript = this.transcript("urne.v1 ceremony constant terms", dealer);
    transcript.append("C", concat(C.flat().map((it) => group.encode(it)))).append("R", group.encode(R));
    const c = fromLittleEndian(transcript.challengeBytes("c")) % group.order;
    // z·base = R + Σ c^k C_{k,0}
    let power = 1n;
    const constants = C.map((row): readonly [bigint, P] => {
      power = (power * c) % group.order;
      return [group.order - power, row[0]!];
    });
    if (!equal(group.encode(group.sum([[z, group.base], ...constants])), group.encode(R))) throw new Refusal("bad_possession");
    return { dealer, X, C };
  }
  /**
   * The keys that come out when all these dealers are qualified, as {@link "./threshold.js"} decodes them. Refuses
   * `degenerate_key` when one is the identity, or two of the election's are equal.
   */
  keys(dealers: readonly Commitments<P>[]): Uint8Array {
    const { group, threshold, invitation } = this;
    const holders = dealers.map((it) => it.dealer);
    const total = (k: number, weights: readonly bigint[]): Uint8Array =>
      group.encode(group.sum(dealers.flatMap(({ C }) => weights.map((weight, j): readonly [bigint, P] => [weight, C[k]![j]!]))));
    const rows = [[1n], ...holders.map((i) => Array.from({ length: threshold }, (_, j) => BigInt(i) ** BigInt(j)))];
    const points = rows.flatMap((weights) => Array.from({ length: invitation.keys }, (_, k) => total(k, weights)));
    const identity = group.encode(group.sum([]));
    if (areRepeated(points.slice(0, invitation.keys)) || points.some((it) => equal(it, identity))) {
      throw new Refusal("degenerate_key");
    }
    return concat([u16(threshold), u16(holders.length), u16(invitation.keys), ...holders.map(u16), ...points]);
  }
  private transcript(role: string, dealer: number): Transcript {
    return new Transcript(role).append("ceremony", this.digest).append("dealer", u16(dealer));
  }
}
