/**
 * Keys that several holders share, as a ceremony publishes them: `threshold u16 ‖ n u16 ‖ M u16 ‖ holders u16… ‖ Y_1…Y_M ‖ for
 * each holder P_1…P_M`. Trustees hold ristretto255 keys, registrars a key in G2 of BLS12-381.
 */
import { Reader, hasRepetition } from "./bytes.js";
import { Refusal } from "./refusal.js";

export interface ThresholdKeys<P> {
  /** How many holders act together. */
  readonly threshold: number;
  /** Y_1 … Y_M */
  readonly keys: readonly P[];
  /** P_1 … P_M by holder, in increasing order of holders, who are numbered from 1. */
  readonly shares: ReadonlyMap<number, readonly P[]>;
}

/** Refuses `wrong_shape`, `too_few_trustees`, `degenerate_key`, and what a point earns. */
export function decodeThresholdKeys<P>(bytes: Uint8Array, pointBytes: number, decode: (bytes: Uint8Array) => P): ThresholdKeys<P> {
  const reader = new Reader(bytes, "wrong_shape");
  const [threshold, n, m] = [reader.u16(), reader.u16(), reader.u16()] as const;
  const holders = Array.from({ length: n }, () => reader.u16());
  if (holders.some((holder, at) => holder <= (holders[at - 1] ?? 0))) throw new Refusal("wrong_shape");
  if (threshold === 0 || n < threshold) throw new Refusal("too_few_trustees");
  const encoded: Uint8Array[] = [];
  const points = (): P[] =>
    Array.from({ length: m }, () => {
      const point = reader.take(pointBytes);
      encoded.push(point);
      return decode(point);
    });
  const keys = points();
  const shares = new Map(holders.map((holder) => [holder, points()]));
  reader.end();
  if (hasRepetition(encoded.slice(0, m))) throw new Refusal("degenerate_key");
  return { threshold, keys, shares };
}

/** What {@link lagrange} needs of numbers modulo an order. */
interface Field {
  readonly ONE: bigint;
  create(value: bigint): bigint;
  mul(a: bigint, b: bigint): bigint;
  div(a: bigint, b: bigint): bigint;
}
/** λ_i, by which the share of holder i is multiplied to give the secret of these holders. */
export function lagrange(field: Field, i: number, holders: readonly number[]): bigint {
  const others = holders.filter((j) => j !== i).map(BigInt);
  const over = others.reduce((product, j) => field.mul(product, j), field.ONE);
  const under = others.reduce((product, j) => field.mul(product, field.create(j - BigInt(i))), field.ONE);
  return field.div(over, under);
}
