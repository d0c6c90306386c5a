/** The consensus members of one height: who they are, what each one weighs, and what a quorum is. */
import { compare, equal } from "../bytes.js";
import { Decoder } from "./codec.js";
import { ProofFault } from "./fault.js";
import { hashUnder } from "./names.js";

const VALIDATORS_MAX = 100;
const SET_BYTES_MAX = 8 + VALIDATORS_MAX * (20 + 32 + 2 + 8 + 4);

/** One consensus member. */
export interface Validator {
  /** Hash of the key, 20 bytes. */
  readonly id: Uint8Array;
  /** Ed25519. */
  readonly key: Uint8Array;
  readonly college: number;
  readonly power: bigint;
}
/** The members of one height, by id, and the bytes that their hash covers. */
export interface ValidatorSet {
  readonly members: readonly Validator[];
  readonly bytes: Uint8Array;
}

export const readValidatorSet = (decoder: Decoder): ValidatorSet =>
  decoder.withBytes(() => ({
    members: decoder.list(VALIDATORS_MAX, () => {
      const [id, key, college, power] = [decoder.take(20), decoder.hash(), decoder.u16(), decoder.u64()] as const;
      const duty = decoder.u32();
      if (1 < duty) throw new ProofFault("malformed");
      return { id, key, college, power };
    }),
  }));
/** A set on its own: what a genesis, a checkpoint or a poster on the town hall gives. */
export function decodeValidatorSet(bytes: Uint8Array): ValidatorSet {
  const decoder = new Decoder(bytes, SET_BYTES_MAX);
  const set = readValidatorSet(decoder);
  decoder.end();
  return set;
}

/** What headers commit to. */
export const hashOfSet = (set: ValidatorSet): Uint8Array => hashUnder("urne.v1 validator set", set.bytes);

export const memberOf = (set: ValidatorSet, id: Uint8Array): Validator | undefined =>
  set.members.find((it) => equal(it.id, id));
const total = (members: readonly Validator[]): bigint => members.reduce((sum, it) => sum + it.power, 0n);

/** Strictly more than two thirds of the power. */
export const isQuorum = (set: ValidatorSet, power: bigint): boolean => 2n * total(set.members) < 3n * power;

/** At least one member, ids strictly increasing and derived from the keys, every power positive. */
export function isSound({ members }: ValidatorSet): boolean {
  const ids = members.map((it) => hashUnder("urne.v1 validator id", it.key).slice(0, 20));
  const isOrdered = members.every((it, at) => at === 0 || compare(members[at - 1]!.id, it.id) < 0);
  const isNamed = members.every((it, at) => equal(it.id, ids[at]!) && 0n < it.power);
  return 0 < members.length && isOrdered && isNamed;
}
