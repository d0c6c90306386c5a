//! The proof of vote: "this ballot is in the urn", checkable offline by anyone who knows the chain's first validators. It
//! never says what was chosen.
use crate::{
    ChainId, ElectionId, ballot::BallotLeaf, block::Header, bounded::List, certificate::CommitCertificate,
    limits::MESSAGE_BYTES_MAX, merkle::Path, validators::ValidatorSet,
};
use bincode::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// Largest state proof: 64 siblings of 32 bytes and their framing.
pub const STATE_PROOF_BYTES_MAX: usize = 16 << 10;
const _: () = assert!(STATE_PROOF_BYTES_MAX < MESSAGE_BYTES_MAX);

/// A whole proof of vote: a state proof, a certificate of 8.4 KB, a set of at most 100 x 82 bytes, two paths of 2 KB and a
/// header of 300 bytes, rounded up.
pub const PROOF_BYTES_MAX: usize = 64 << 10;
const _: () = assert!(STATE_PROOF_BYTES_MAX + 40 * 1024 < PROOF_BYTES_MAX);

/// Entries of the state that are asked for, or proven, together.
pub const STATE_ENTRIES_MAX: usize = 64;
/// The longest key of the state: a tag, two names and some numbers.
pub const STATE_KEY_BYTES_MAX: usize = 128;

/// What the state holds at a key, or that it holds nothing there.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct StateEntry {
    /// Where: `vote-contract/src/keys.rs`.
    pub key: Vec<u8>,
    /// The record's canonical bytes; none when there is no such record.
    pub value: Option<Vec<u8>>,
    /// Why: a proof of the authenticated map, in its own encoding (docs/formats.md).
    pub proof: Vec<u8>,
}

/// Some entries of the state after one block, and why that block is final.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ProvenState {
    /// The block: every proof leads to `header.app_hash`.
    pub header: Header,
    /// Its certificate.
    pub certificate: CommitCertificate,
    /// The entries.
    pub entries: List<StateEntry, STATE_ENTRIES_MAX>,
}

/// Where a log stood after some block: what the state commits to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
pub struct LogHead {
    /// Number of leaves.
    pub size: u64,
    /// Root over them.
    pub root: crate::MerkleRoot,
}

/// "Nothing was removed since": the log that had `old.size` ballots is a beginning of the one that has `new.size`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
pub struct ConsistencyProof {
    /// The election.
    pub election: ElectionId,
    /// The log then.
    pub old: LogHead,
    /// The log now.
    pub new: LogHead,
    /// From `old.root` to `new.root`.
    pub path: Path,
}

/// One set of validators gives way to the next: whoever trusts the first may trust the second.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Handover {
    /// The last block that the first set decides.
    pub header: Header,
    /// Its certificate, by the first set.
    pub certificate: CommitCertificate,
    /// The set that decides the next height: `header.next_validators_hash` is its hash.
    pub next: ValidatorSet,
}

/// A chain of facts: the leaf is in the log, the log's head is in the state, the state is in the header, a quorum signed
/// the header.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ProofOfVote {
    /// The chain.
    pub chain: ChainId,
    /// The election.
    pub election: ElectionId,
    /// Tracker and bytes' hash of the ballot.
    pub leaf: BallotLeaf,
    /// Its index in the election's log.
    pub index: u64,
    /// The log's head after the block.
    pub log: LogHead,
    /// From the leaf to `log.root`.
    pub path: Path,
    /// From `log` to `header.app_hash`: a proof of the authenticated map, in its own encoding (docs/formats.md).
    pub state_proof: Vec<u8>,
    /// The block.
    pub header: Header,
    /// Its certificate.
    pub certificate: CommitCertificate,
    /// The set that signed: `header.validators_hash` is its hash.
    pub validators: ValidatorSet,
}
