/**
 * Whom we trust: a set of validators given by a genesis or a checkpoint, and whoever it hands over to. A set that breaks the
 * rule of the colleges is never trusted, so that two thirds of the power are always several colleges.
 *
 * Time is not looked at: a proof may be read years later. Whoever follows a living chain must besides refuse a set that was
 * last vouched for more than 14 days ago: given-up keys may have been stolen since.
 */
import { equal } from "../bytes.js";
import { type CommitCertificate, type Header, blockHash, requireCommit } from "./certificate.js";
import { ProofFault } from "./fault.js";
import { type ValidatorSet, decodeValidatorSet, hashOfSet, isSound } from "./validators.js";

/** Whether the chain may stop because one college is absent: the genesis says. */
export type HaltingPolicy = "no_college_halts" | "one_college_may_halt";

/** Validators that we trust for a chain, from a height on. Only {@link trust} and {@link handOver} make one. */
export interface Trust {
  readonly chain: Uint8Array;
  readonly since: bigint;
  readonly validators: ValidatorSet;
  readonly halting: HaltingPolicy;
}

/** Trusts a set given by other means, as canonical bytes. Faults: `malformed`, `college_rule`. */
export function trust(chain: Uint8Array, since: bigint, validators: Uint8Array, halting: HaltingPolicy): Trust {
  const set = decodeValidatorSet(validators);
  if (!isSound(set)) throw new ProofFault("malformed");
  requireCollegeRule(set, halting);
  return { chain, since, validators: set, halting };
}

/** Whether the quorum that we trust decided this header. Faults from `other_chain` to `no_quorum`. */
export function requireDecided({ chain, since, validators }: Trust, header: Header, certificate: CommitCertificate): void {
  if (!equal(header.chain, chain)) throw new ProofFault("other_chain");
  if (header.height < since) throw new ProofFault("before_trust");
  if (!equal(header.validatorsHash, hashOfSet(validators))) throw new ProofFault("untrusted_validators");
  if (!equal(certificate.block, blockHash(header)) || certificate.height !== header.height) {
    throw new ProofFault("certificate_of_another");
  }
  requireCommit(chain, validators, certificate);
}

/** Trusts the next set, and it alone from then on. Faults: those of {@link requireDecided}, `other_next`, `college_rule`. */
export function handOver(before: Trust, header: Header, certificate: CommitCertificate, next: ValidatorSet): Trust {
  requireDecided(before, header, certificate);
  if (!isSound(next) || !equal(hashOfSet(next), header.nextValidatorsHash)) throw new ProofFault("other_next");
  requireCollegeRule(next, before.halting);
  return { ...before, since: header.height + 1n, validators: next };
}

const SCALE = 1_000_000n;
/** The most that one of so many colleges may hold, of {@link SCALE}: 30 % with four or more, else what the genesis admits. */
function cap(colleges: number, halting: HaltingPolicy): bigint {
  if (4 <= colleges) return 300_000n;
  if (halting === "no_college_halts") throw new ProofFault("college_rule");
  return [0n, SCALE, SCALE / 2n, SCALE / 2n - 1n][colleges]!;
}
/** No college above the cap, no validator with a third or more. */
function requireCollegeRule({ members }: ValidatorSet, halting: HaltingPolicy): void {
  const byCollege = new Map<number, bigint>();
  for (const { college, power } of members) byCollege.set(college, (byCollege.get(college) ?? 0n) + power);
  const powers = [...byCollege.values()];
  const total = powers.reduce((sum, power) => sum + power, 0n);
  const most = cap(byCollege.size, halting);
  const isBroken = powers.some((power) => most * total < SCALE * power) || members.some((it) => total <= 3n * it.power);
  if (isBroken) throw new ProofFault("college_rule");
}
