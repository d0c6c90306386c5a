/**
 * Secret ballots, credentials and proofs of vote of urne, made and verified in any JavaScript engine: a second
 * implementation, written from docs/ballots.md and docs/formats.md. Nothing here talks to a network or keeps anything.
 *
 * - an election: {@link statement} (questions, keys);
 * - a voter: {@link RootSecret}, {@link request} → {@link PendingRequest}, then {@link seal} → {@link UnsignedBallot};
 * - another device: {@link recompute} (audit);
 * - everybody: {@link verify}, {@link verifyCredential}, {@link verifyShare} and {@link open}, {@link verifyProofOfVote}, and
 *   {@link verifyArchive} of a whole election.
 */
export { fromHex, toHex } from "./bytes.js";
export { Refusal, REFUSALS, type RefusalName } from "./refusal.js";
export type { Answer, Opening, Permission, Question } from "./question.js";
export { type CensusMode, type Compiled, admit, compile } from "./compile.js";
export { type Statement, ballotLength, contextOf, statement } from "./statement.js";
export { CredentialSecret, RootSecret } from "./credential.js";
export { type RegistrarKeys, decodeRegistrarKeys } from "./registrars.js";
export { type BlindAnswer, PendingRequest, request, verifyAnswer, verifyCredential } from "./blind.js";
export { Approvals } from "./approvals.js";
export { type AuditedBallot, type Chance, type SealedBallot, UnsignedBallot, recompute, seal } from "./seal.js";
export { type Tracker, isWritten } from "./tracker.js";
export { type VerifiedBallot, verify } from "./verify.js";
export { Ceremony, type Commitments, type Invitation, type Participant, REGISTRARS, TRUSTEES, verifyJoining } from "./ceremony.js";
export { type EncryptedShare, type JustifiedComplaint, qualified, verifyComplaint, verifyEncryptedShare } from "./complaint.js";
export { type TrusteeKeys, decodeTrusteeKeys, electionId } from "./trustees.js";
export { type Totals, type Urn, decodeTotals, encodeTotals, rehearsalUrn, totalsOf, urnOfTotals } from "./urn.js";
export { type DecryptionShare, TallyGuard, open, verifyShare } from "./opening.js";
export { FAULTS, type FaultName, ProofFault } from "./ledger/fault.js";
export { type HaltingPolicy, type Trust, trust } from "./ledger/trust.js";
export { type LogHead, type ProofOfVote, type VerifiedVote, advance, decodeProofOfVote, verifyProofOfVote } from "./ledger/proof_of_vote.js";
export { ArchiveFault, STEPS, type Step } from "./archive/fault.js";
export { type VerifiedElection, verifyArchive } from "./archive/verify.js";
