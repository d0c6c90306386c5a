/** Headers, and the signatures of a quorum that make them final. */
import { ed25519 } from "@noble/curves/ed25519.js";
import { compare, concat, u32, u64 } from "../bytes.js";
import type { Decoder } from "./codec.js";
import { ProofFault } from "./fault.js";
import { hashUnder } from "./names.js";
import { type ValidatorSet, isQuorum, memberOf } from "./validators.js";

const SIGNATURES_MAX = 100;

/** The signed part of a block, as far as a citizen reads it, and its bytes. */
export interface Header {
  readonly version: number;
  readonly chain: Uint8Array;
  readonly height: bigint;
  /** Milliseconds since 1970. */
  readonly time: bigint;
  /** The root over the hashes of the transactions. */
  readonly txRoot: Uint8Array;
  /** The state after the block. */
  readonly appHash: Uint8Array;
  /** The set that decides this height, and the next. */
  readonly validatorsHash: Uint8Array;
  readonly nextValidatorsHash: Uint8Array;
  readonly bytes: Uint8Array;
}
export const readHeader = (decoder: Decoder): Header =>
  decoder.withBytes(() => {
    const [version, chain, height] = [decoder.u16(), decoder.hash(), decoder.u64()] as const;
    decoder.u32(); // round
    const time = decoder.u64();
    decoder.take(20); // proposer
    decoder.take(2 * 32); // previous block, hash of its certificate
    const [txRoot, appHash] = [decoder.hash(), decoder.hash()];
    const [validatorsHash, nextValidatorsHash] = [decoder.hash(), decoder.hash()];
    return { version, chain, height, time, txRoot, appHash, validatorsHash, nextValidatorsHash };
  });
/** The block's name, and what validators sign. */
export const blockHash = (header: Header): Uint8Array => hashUnder("urne.v1 header", header.bytes);

/** Precommits for one block: a claim, until {@link requireCommit} says otherwise. */
export interface CommitCertificate {
  readonly height: bigint;
  readonly round: number;
  readonly block: Uint8Array;
  /** By validator id, each at most once. */
  readonly signatures: readonly { readonly validator: Uint8Array; readonly signature: Uint8Array }[];
}
export const readCertificate = (decoder: Decoder): CommitCertificate => ({
  height: decoder.u64(),
  round: decoder.u32(),
  block: decoder.hash(),
  signatures: decoder.list(SIGNATURES_MAX, () => ({ validator: decoder.take(20), signature: decoder.take(64) })),
});

/** Whether a quorum of that set, each signer counted once, signed this block. Faults from `signer_order` to `no_quorum`. */
export function requireCommit(chain: Uint8Array, set: ValidatorSet, { height, round, block, signatures }: CommitCertificate): void {
  if (signatures.some((it, at) => 0 < at && compare(it.validator, signatures[at - 1]!.validator) <= 0)) {
    throw new ProofFault("signer_order");
  }
  let power = 0n;
  for (const { validator, signature } of signatures) {
    const member = memberOf(set, validator);
    if (!member) throw new ProofFault("stranger");
    const precommit = concat([u64(height), u32(round), Uint8Array.of(1), block, validator]);
    if (!isSigned(signature, hashUnder("urne.v1 sign precommit", chain, precommit), member.key)) {
      throw new ProofFault("bad_signature");
    }
    power += member.power;
  }
  if (!isQuorum(set, power)) throw new ProofFault("no_quorum");
}

/** ZIP-215: every implementation agrees on every signature, those with points of small order included. */
export function isSigned(signature: Uint8Array, digest: Uint8Array, key: Uint8Array): boolean {
  try {
    return ed25519.verify(signature, digest, key, { zip215: true });
  } catch {
    return false;
  }
}
