/**
 * The proof of vote: "this ballot is in the urn", checkable offline by anyone who trusts a set of validators. It never says
 * what was chosen.
 *
 * ```text
 * ballot --path--> log head --state proof--> app hash --header--> block hash --certificate--> > 2/3 of a trusted set
 * ```
 */
import { concat, equal, u64 } from "../bytes.js";
import { type CommitCertificate, type Header, blockHash, readCertificate, readHeader } from "./certificate.js";
import { Decoder } from "./codec.js";
import { ProofFault } from "./fault.js";
import { isIncluded, leafHash } from "./merkle.js";
import { requireInState } from "./state.js";
import { type Trust, handOver, requireDecided } from "./trust.js";
import { type ValidatorSet, hashOfSet, readValidatorSet } from "./validators.js";

const PROOF_BYTES_MAX = 64 << 10;
const PATH_MAX = 64;
/** Where the state keeps the head of an election's log of ballots: this byte, then the election. */
const BALLOTS_HEAD = 0x17;

/** Where a log stood after some block. */
export interface LogHead {
  readonly size: bigint;
  readonly root: Uint8Array;
}
/** The bytes of a proof, read: a claim, until {@link verifyProofOfVote} says otherwise. */
export interface ProofOfVote {
  readonly chain: Uint8Array;
  readonly election: Uint8Array;
  /** The ballot's transaction id, and the hash of its signed bytes. */
  readonly leaf: { readonly txId: Uint8Array; readonly txHash: Uint8Array };
  readonly index: bigint;
  readonly log: LogHead;
  readonly path: readonly Uint8Array[];
  readonly stateProof: Uint8Array;
  readonly header: Header;
  readonly certificate: CommitCertificate;
  readonly validators: ValidatorSet;
}
/** What a verified proof says: this ballot is in the urn, and where. */
export interface VerifiedVote {
  readonly election: Uint8Array;
  /** The ballot's transaction id, by which the ledger finds it. */
  readonly tracker: Uint8Array;
  readonly index: bigint;
  /** To be kept: a later log can be checked against it. */
  readonly log: LogHead;
  readonly height: bigint;
  readonly block: Uint8Array;
  readonly time: bigint;
  readonly appHash: Uint8Array;
}

/** Reads a proof of vote. Fault: `malformed`. */
export function decodeProofOfVote(bytes: Uint8Array): ProofOfVote {
  const decoder = new Decoder(bytes, PROOF_BYTES_MAX);
  const proof = {
    chain: decoder.hash(),
    election: decoder.hash(),
    leaf: { txId: decoder.hash(), txHash: decoder.hash() },
    index: decoder.u64(),
    log: { size: decoder.u64(), root: decoder.hash() },
    path: decoder.list(PATH_MAX, () => decoder.hash()),
    stateProof: decoder.take(decoder.length(PROOF_BYTES_MAX)),
    header: readHeader(decoder),
    certificate: readCertificate(decoder),
    validators: readValidatorSet(decoder),
  };
  decoder.end();
  return proof;
}

/** Whether the ballot is in the urn of the chain that we trust. Throws a {@link ProofFault} that names the broken link. */
export function verifyProofOfVote(proof: ProofOfVote, trust: Trust): VerifiedVote {
  const { chain, election, leaf, index, log, path, stateProof, header, certificate, validators } = proof;
  if (!equal(chain, header.chain)) throw new ProofFault("two_chains");
  if (!isIncluded(leafHash(concat([leaf.txId, leaf.txHash])), index, log.size, path, log.root)) {
    throw new ProofFault("not_in_log");
  }
  const key = concat([Uint8Array.of(BALLOTS_HEAD), election]);
  requireInState(header.appHash, key, concat([u64(log.size), log.root]), stateProof);
  if (!equal(hashOfSet(validators), header.validatorsHash)) throw new ProofFault("other_validators");
  requireDecided(trust, header, certificate);
  const { height, time, appHash } = header;
  return { election, tracker: leaf.txId, index, log, height, block: blockHash(header), time, appHash };
}

/**
 * Trusts the set to which the trusted one hands over (`header ‖ certificate ‖ next set`), and it alone from then on. Throws a
 * {@link ProofFault}.
 */
export function advance(trust: Trust, handover: Uint8Array): Trust {
  const decoder = new Decoder(handover, PROOF_BYTES_MAX);
  const header = readHeader(decoder);
  const certificate = readCertificate(decoder);
  const next = readValidatorSet(decoder);
  decoder.end();
  return handOver(trust, header, certificate, next);
}
