/**
 * The opening: trustees' shares, each with its proof, and any t of them give the totals. Everybody can open again what the
 * ledger publishes; wrong shares are refused and named, and stop nothing.
 */
import { Reader, equal, toHex, u16 } from "./bytes.js";
import type { Form } from "./form.js";
import { type Element, G, IDENTITY, type Point, WORD, decodeElement, decodeScalar, mod, powers, publicSum } from "./group.js";
import { Refusal } from "./refusal.js";
import { Transcript } from "./transcript.js";
import type { TrusteeKeys } from "./trustees.js";
import type { Urn } from "./urn.js";

declare const verified: unique symbol;
/** A share whose proof was verified, for one urn. Only {@link verifyShare} makes one. */
export interface DecryptionShare {
  readonly [verified]: true;
  readonly trustee: number;
  /** Digest of the urn it opens. */
  readonly urn: Uint8Array;
  /** D_{j,k}: by ciphertext, then by cell. */
  readonly D: readonly (readonly Element[])[];
}

/**
 * Verifies `trustee u16 ‖ D… ‖ R1 ‖ R2 ‖ z`: log_G Σγ^k P_k = log_{Σα^j A_j} Σα^jγ^k D_{j,k}. Refuses `wrong_shape`,
 * `not_a_point`, `not_a_scalar`, `not_a_trustee`, `wrong_decryption_share`.
 */
export function verifyShare(bytes: Uint8Array, urn: Urn, keys: TrusteeKeys): DecryptionShare {
  const reader = new Reader(bytes, "wrong_shape");
  const cells = keys.keys.length;
  if (bytes.length !== 2 + WORD * (urn.ciphertexts.length * cells + 3)) throw new Refusal("wrong_shape");
  const trustee = reader.u16();
  const D = urn.ciphertexts.map(() => keys.keys.map(() => decodeElement(reader.take(WORD))));
  const [R1, R2] = [decodeElement(reader.take(WORD)), decodeElement(reader.take(WORD))];
  const z = decodeScalar(reader.take(WORD));
  reader.end();
  const P = keys.shares.get(trustee);
  if (!P) throw new Refusal("not_a_trustee");

  const words = (all: readonly Element[]): Uint8Array[] => all.map((it) => it.bytes);
  const transcript = new Transcript("urne.v1 decryption share")
    .append("election", urn.election)
    .append("urn", urn.digest)
    .append("trustee", u16(trustee))
    .appendWords("P", words(P))
    .appendWords("D", words(D.flat()));
  const alpha = powers(transcript.challenge("alpha"), urn.ciphertexts.length);
  const gamma = powers(transcript.challenge("gamma"), cells);
  const c = transcript.append("R1", R1.bytes).append("R2", R2.bytes).challenge("c");

  // zG = R1 + c Σ γ^k P_k, and z Σ α^j A_j = R2 + c Σ α^j γ^k D_{j,k}
  const ofKeys = P.map((P_k, k): Term => [-c * gamma[k]!, P_k.point]);
  const ofUrn = urn.ciphertexts.map(({ A }, j): Term => [z * alpha[j]!, A.point]);
  const ofShares = D.flatMap((row, j) => row.map((D_k, k): Term => [-c * alpha[j]! * gamma[k]!, D_k.point]));
  const holds = isSum([[z, G], ...ofKeys], R1) && isSum([...ofUrn, ...ofShares], R2);
  if (!holds) throw new Refusal("wrong_decryption_share");
  return { trustee, urn: urn.digest, D } as unknown as DecryptionShare;
}
type Term = readonly [bigint, Point];
const isSum = (terms: readonly Term[], expected: Element): boolean => publicSum(terms).equals(expected.point);

/**
 * What is in the urn, by ciphertext and cell, from any t trustees' shares; forms say how much one ballot may add to a cell.
 * Without ballots it is zero, without shares. Refuses `other_urn`, `too_few_shares`, `totals_mismatch`,
 * `no_discrete_logarithm`.
 */
export function open(urn: Urn, keys: TrusteeKeys, shares: readonly DecryptionShare[], encForms: readonly Form[]): bigint[][] {
  if (encForms.length !== keys.keys.length) throw new Refusal("totals_mismatch");
  if (urn.ballots === 0n) return urn.ciphertexts.map(({ B }) => B.map(() => 0n));
  if (shares.some((it) => !equal(it.urn, urn.digest))) throw new Refusal("other_urn");
  const chosen = [...new Map(shares.map((it) => [it.trustee, it]))].slice(0, keys.threshold);
  if (chosen.length < keys.threshold) throw new Refusal("too_few_shares");
  const trustees = chosen.map(([trustee]) => trustee);
  const { scale, weights } = integerWeights(trustees);
  const ballots = urn.purpose === "one_by_one" ? 1n : urn.ballots;
  const known = new Map<bigint, Logarithms>();
  return urn.ciphertexts.map(({ B }, j) =>
    B.map((B_k, k) => {
      const held = chosen.map(([, share], i) => smallTimes(share.D[j]![k]!.point, weights[i]!));
      const max = ballots * encForms[k]!.maximum();
      if (!known.has(max)) known.set(max, logarithmsTo(max, scale));
      return logarithm(held.reduce((left, it) => left.subtract(it), smallTimes(B_k.point, scale)), known.get(max)!);
    }),
  );
}

/** λ_i as whole numbers over one denominator: of few trustees they are small, and multiply a thousand cells in no time. */
function integerWeights(trustees: readonly number[]): { scale: bigint; weights: readonly bigint[] } {
  const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? (a < 0n ? -a : a) : gcd(b, a % b));
  const fractions = trustees.map((i) => {
    const others = trustees.filter((j) => j !== i).map(BigInt);
    const over = others.reduce((product, j) => product * j, 1n);
    const under = others.reduce((product, j) => product * (j - BigInt(i)), 1n);
    const common = gcd(over, under) * (under < 0n ? -1n : 1n);
    return { over: over / common, under: under / common };
  });
  const scale = fractions.reduce((lcm, { under }) => (lcm / gcd(lcm, under)) * under, 1n);
  return { scale, weights: fractions.map(({ over, under }) => over * (scale / under)) };
}
/** A public whole number, whatever its sign, times a point. */
const smallTimes = (point: Point, n: bigint): Point => {
  const size = n < 0n ? -n : n;
  const product = size === 0n ? IDENTITY : point.multiplyUnsafe(mod(size));
  return n < 0n ? product.negate() : product;
};

/** The baby steps from 0 to `width`, and a giant one, by which numbers up to `max` are found. */
interface Logarithms {
  readonly max: bigint;
  readonly width: number;
  readonly baby: ReadonlyMap<string, number>;
  readonly giant: Point;
}
function logarithmsTo(max: bigint, scale: bigint): Logarithms {
  const width = Math.ceil(Math.sqrt(Number(max) + 1));
  const base = smallTimes(G, scale);
  const baby = new Map<string, number>();
  for (let [m, multiple] = [0, IDENTITY]; m < width; m++, multiple = multiple.add(base)) baby.set(toHex(multiple.toBytes()), m);
  return { max, width, baby, giant: smallTimes(base, BigInt(width)) };
}
/** m with m·scale·G = point. Refuses `no_discrete_logarithm`. */
function logarithm(point: Point, { max, width, baby, giant }: Logarithms): bigint {
  for (let [steps, left] = [0, point]; steps <= width; steps++, left = left.subtract(giant)) {
    const m = baby.get(toHex(left.toBytes()));
    if (m === undefined) continue;
    const found = BigInt(steps) * BigInt(width) + BigInt(m);
    if (found <= max) return found;
  }
  throw new Refusal("no_discrete_logarithm");
}

/** What a trustee has answered, for ever: one urn of each election, purpose and part. */
export class TallyGuard {
  readonly #answered = new Map<string, Uint8Array>();
  /** To be recorded durably before any share leaves. Refuses `second_tally`. */
  permit(urn: Urn): void {
    const slot = `${toHex(urn.election)} ${urn.purpose} ${urn.part}`;
    const before = this.#answered.get(slot);
    if (before && !equal(before, urn.digest)) throw new Refusal("second_tally");
    this.#answered.set(slot, urn.digest);
  }
}
