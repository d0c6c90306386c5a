/**
 * The approvals of one entry of the census, as the ledger records them: one request per registrar, whatever happens. With
 * k > n/2 at most one request of an entry ever has k approvals.
 */
import { equal } from "./bytes.js";
import { decodeRequest } from "./blind.js";
import { Refusal } from "./refusal.js";
import type { RegistrarKeys } from "./registrars.js";

export class Approvals {
  readonly #byRegistrar = new Map<number, Uint8Array>();
  /** Records an approval. Refuses `second_request`, and what the request's bytes earn. */
  approve(registrar: number, request: Uint8Array): void {
    decodeRequest(request);
    if (this.#byRegistrar.has(registrar)) throw new Refusal("second_request");
    this.#byRegistrar.set(registrar, request);
  }
  /** Whether the request may be answered. Refuses `not_yet_approved`. */
  requireApproved(request: Uint8Array, keys: RegistrarKeys): void {
    const approvals = [...this.#byRegistrar].filter(([registrar, it]) => keys.shares.has(registrar) && equal(it, request));
    if (approvals.length < keys.threshold) throw new Refusal("not_yet_approved");
  }
}
