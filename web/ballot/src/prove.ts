/**
 * The prover. It works on the voter's own device and on her bits only; every secret scalar comes out of its own name in the
 * source, and none is used twice. Equations and letters: docs/ballots.md, section 4.
 */
import type { Form } from "./form.js";
import { blinder, bitGenerator } from "./generators.js";
import { type Element, G, type Point, element, encodeScalar, mod, powers, publicSum, times } from "./group.js";
import type { Proof, SignedProof } from "./proof.js";
import { BallotTranscript, type Statement, hasZeroForms } from "./statement.js";
import { SecretSource } from "./transcript.js";

/** Encrypts and proves bits that satisfy the forms. The same source gives the same bytes. */
export function prove(of: Statement, sequence: number, K: Element, bits: Uint8Array, source: SecretSource): Proof {
  const { bitForms, zeroForms, encForms } = of.compiled;
  const H = blinder().point;
  const H_ = Array.from(bits, (_, j) => bitGenerator(j).point);
  const values = Array.from(bits, BigInt);

  // A = rG, B_i = enc_i(b) G + r Y_i, V = Σ b_j H_j + β H
  const r = source.scalar("r");
  const beta = source.scalar("beta");
  const A = element(times(G, r));
  const B = of.keys.map((Y, i) => element(plusCell(times(Y.point, r), encForms[i]!, bits)));
  // Both sums are made whatever the bit is, and one is kept.
  const V = element(H_.reduce((sum, H_j, j) => [sum, sum.add(H_j)][bits[j]!]!, times(H, beta)));
  const transcript = new BallotTranscript(of, sequence);
  const y = transcript.y({ K, A, B, V });

  // W = Σ a_j H_j + ρ H, S = sG, T = (Σ y^i enc_i^lin(a)) G + s Σ y^i Y_i
  const a = values.map((_, j) => source.scalar("a", j));
  const rho = source.scalar("rho");
  const s = source.scalar("s");
  const W = element(H_.reduce((sum, H_j, j) => sum.add(times(H_j, a[j]!)), times(H, rho)));
  const S = element(times(G, s));
  const y_i = powers(y, encForms.length);
  const maskedCells = mod(encForms.reduce((sum, form, i) => sum + y_i[i]! * form.ofScalars(a, 0n), 0n));
  const foldedKeys = publicSum(of.keys.map((Y, i) => [y_i[i]!, Y.point]));
  const T = element(times(G, maskedCells).add(times(foldedKeys, s)));

  // d1 = Σ y^k α_k (2 u_k − 1), d0 = Σ y^k α_k², D1 = d1 G + δ1 H, D0 = d0 G + δ0 H
  let [d1, d0] = [0n, 0n];
  const y_k = powers(y, bitForms.length);
  bitForms.forEach((form, k) => {
    const alpha = form.ofScalars(a, 0n);
    const folded = mod(y_k[k]! * alpha);
    d1 = mod(d1 + folded * (2n * form.ofBits(bits) - 1n));
    d0 = mod(d0 + folded * alpha);
  });
  const [delta1, delta0] = [source.scalar("delta", 1), source.scalar("delta", 0)];
  const D1 = element(times(G, d1).add(times(H, delta1)));
  const D0 = element(times(G, d0).add(times(H, delta0)));

  // u = Σ y^k zero_k^lin(a)
  const y_z = powers(y, zeroForms.length);
  const u = hasZeroForms(of) ? mod(zeroForms.reduce((sum, form, k) => sum + y_z[k]! * form.ofScalars(a, 0n), 0n)) : null;
  const x = transcript.x({ W, S, T, D1, D0, u });

  // f_j = x b_j + a_j, φ = xβ + ρ, w = xr + s, δ = xδ1 + δ0
  const f = values.map((b_j, j) => mod(x * b_j + a[j]!));
  const [phi, w, delta] = [mod(x * beta + rho), mod(x * r + s), mod(x * delta1 + delta0)];
  return { A, B, V, W, S, T, D1, D0, u, f, phi, w, delta, K };
}

/** Adds a cell's value times G, with the same group operations whatever the value is. */
function plusCell(masked: Point, form: Form, bits: Uint8Array): Point {
  const value = form.ofBits(bits);
  if (form.maximum() <= 1n) return [masked, masked.add(G)][Number(value)]!;
  return masked.add(G.multiply(value + 1n)).subtract(G);
}

/**
 * Signs a proof under K = secret·G. The nonce depends on the secret, on everything signed and on fresh randomness, never on
 * the ballot's seed: an audit reveals the seed, and a known nonce gives the secret away.
 */
export function sign(of: Statement, sequence: number, proof: Proof, secret: bigint, fresh: Uint8Array): SignedProof {
  const transcript = new BallotTranscript(of, sequence);
  transcript.y(proof);
  transcript.x(proof);
  const digest = transcript.answered(proof);
  const nonce = new SecretSource("urne.v1 ballot signature nonce", encodeScalar(secret))
    .append("transcript", digest)
    .append("fresh", fresh)
    .scalar("nonce");
  const R = element(times(G, nonce));
  const sigma = mod(nonce + transcript.e(R) * secret);
  return { ...proof, R, sigma };
}
