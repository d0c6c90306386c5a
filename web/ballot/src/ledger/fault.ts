/** Why a proof of vote, or a handover, proves nothing: one name for each link of the chain of facts. */
export const FAULTS = {
  malformed: "the bytes are not the canonical encoding of what they should be",
  two_chains: "the proof and its header name different chains",
  not_in_log: "the ballot is not in the log that the proof shows",
  state_too_long: "the state proof is too long",
  state_malformed: "the state proof is not in its canonical encoding",
  state_mismatch: "the state proof does not lead from the log to the header's application hash",
  other_validators: "the validators in the proof are not those of its header",
  other_chain: "the header belongs to another chain than the one we trust",
  before_trust: "the header is older than the trusted validators",
  untrusted_validators: "the header is decided by validators that are not the trusted ones: fetch the handovers since then",
  certificate_of_another: "the certificate is for another block than the header's",
  signer_order: "the signers are not in strictly increasing order",
  stranger: "a signer is not a validator of that height",
  bad_signature: "a signature does not hold",
  no_quorum: "not more than two thirds of the power signed",
  college_rule: "these validators break the rule of the colleges: one of them could decide or halt alone",
  other_next: "the next validators are not those that the header announces",
} as const;
export type FaultName = keyof typeof FAULTS;

/** A link of the chain of facts does not hold. */
export class ProofFault extends Error {
  override readonly name = "ProofFault";
  constructor(readonly link: FaultName) {
    super(FAULTS[link]);
  }
}
