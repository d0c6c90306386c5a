/**
 * Affine forms over hidden bits, with public integer coefficients: all that a question's rules are compiled to. The absolute
 * coefficients of a form sum to less than 2^62, so no assignment of bits wraps around the order of the group.
 */
import { concat, i64, u32 } from "./bytes.js";
import { mod } from "./group.js";
import { Refusal } from "./refusal.js";

/** Strict bound on `Σ|c| + |c0|`. */
const COEFFICIENTS_MAX = 1n << 62n;
const absolute = (n: bigint): bigint => (n < 0n ? -n : n);

/** `Σ c_j b_j + c0`, being written down or finished. */
export class Form {
  private constructor(
    /** c_j by variable j. */
    private readonly coefficients: ReadonlyMap<number, bigint>,
    /** c0 */
    readonly constant: bigint,
  ) {}
  static constant(value: bigint | number): Form {
    return new Form(new Map(), BigInt(value));
  }
  static variable(j: number): Form {
    return new Form(new Map([[j, 1n]]), 0n);
  }
  static sum(forms: readonly Form[]): Form {
    return forms.reduce((sum, form) => sum.plus(1n, form), Form.constant(0));
  }
  /** Adds `factor · other`. */
  plus(factor: bigint, other: Form): Form {
    const coefficients = new Map(this.coefficients);
    for (const [j, c] of other.coefficients) coefficients.set(j, (coefficients.get(j) ?? 0n) + factor * c);
    return new Form(coefficients, this.constant + factor * other.constant);
  }
  minus(other: Form): Form {
    return this.plus(-1n, other);
  }
  /** Drops zero terms and sorts by variable. Refuses `form_too_large`. */
  finish(): Form {
    const terms = [...this.coefficients].filter(([, c]) => c !== 0n).sort(([i], [j]) => i - j);
    const size = terms.reduce((sum, [, c]) => sum + absolute(c), absolute(this.constant));
    if (COEFFICIENTS_MAX <= size) throw new Refusal("form_too_large");
    return new Form(new Map(terms), this.constant);
  }
  /** Variable and coefficient, in increasing order of variable. */
  get terms(): (readonly [number, bigint])[] {
    return [...this.coefficients];
  }
  /** The value on bits. */
  ofBits(bits: Uint8Array): bigint {
    let sum = this.constant;
    for (const [j, c] of this.coefficients) if (bits[j] !== 0) sum += c;
    return sum;
  }
  /** The largest value on any bits. */
  maximum(): bigint {
    let sum = this.constant;
    for (const c of this.coefficients.values()) if (0n < c) sum += c;
    return sum;
  }
  /** `Σ c_j v_j + c0·one`: with one = 1 the form, with 0 its linear part, with x its homogeneous version. */
  ofScalars(values: readonly bigint[], one: bigint): bigint {
    let sum = this.constant * one;
    for (const [j, c] of this.coefficients) sum += c * values[j]!;
    return mod(sum);
  }
  /** `c0 i64 ‖ number of terms u32 ‖ (variable u32, coefficient i64)…` */
  encode(): Uint8Array {
    const terms = this.terms.flatMap(([j, c]) => [u32(j), i64(c)]);
    return concat([i64(this.constant), u32(terms.length / 2), ...terms]);
  }
}
