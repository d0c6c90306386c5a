//! What can go wrong: a block that others must refuse too ([`BlockFault`]), and surroundings that fail us (the rest).
use crate::kv::StoreError;
use urne_types::{
    AppHash, BlockHash, ChainId, Height, MerkleRoot, Rejection, TxHash, UnixMs, ValidatorId,
    certificate::BadCertificate, transaction::VerifiedTx,
};
use urne_vote_contract::GenesisFault;

/// Why a block is not the next one: every honest node finds the same fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)] // each pair says what the header tells and what it should
pub enum BlockFault {
    #[error("the block follows version {found} of the protocol where version {expected} is in force")]
    Version { found: u16, expected: u16 },
    #[error("the block belongs to chain {found}, not {expected}")]
    Chain { found: ChainId, expected: ChainId },
    #[error("the block is for height {found} where {expected} is next")]
    Height { found: Height, expected: Height },
    #[error("the block's time {found} is not later than the previous block's {previous}")]
    Time { found: UnixMs, previous: UnixMs },
    #[error("the block follows {found}, not {expected}")]
    Previous { found: BlockHash, expected: BlockHash },
    #[error("the block is made by {found} where it is the turn of {expected}")]
    Proposer { found: ValidatorId, expected: ValidatorId },
    #[error("the block is said to be decided by another set of validators")]
    Validators,
    #[error("the next height is said to be decided by another set of validators")]
    NextValidators,
    #[error("the first block has no block before it to certify")]
    LastCommitBeforeFirst,
    #[error("the certificate of the previous block is missing")]
    LastCommitMissing,
    #[error("the certificate is for block {found} where {expected} is the previous one")]
    LastCommitOfAnother { found: BlockHash, expected: BlockHash },
    #[error("the certificate of the previous block proves nothing: {0}")]
    LastCommit(#[from] BadCertificate),
    #[error("the certificate is not the one that the header commits to")]
    LastCommitHash,
    #[error("the block takes {found} bytes where {max} are allowed")]
    TooLarge { found: usize, max: usize },
    #[error("the transactions are not those that the header commits to")]
    TxRoot { found: MerkleRoot, expected: MerkleRoot },
    #[error("transaction {tx} is refused: {rejection}")]
    Rejected { tx: TxHash, rejection: Rejection },
    #[error("the state after the block is said to be {found}, but is {expected}")]
    AppHash { found: AppHash, expected: AppHash },
}

/// We cannot execute: neither the block nor its maker is to blame.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExecuteError {
    /// The disk failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The colleges decided on a version of the protocol that this program does not know.
    #[error(
        "from height {height} on the chain follows version {needed} of the protocol, and this program knows {known}: install the new version and start again"
    )]
    SoftwareTooOld {
        /// First height of the new version that we met.
        height: Height,
        /// The version in force.
        needed: u16,
        /// The latest version that this program knows.
        known: u16,
    },
}

/// A block was not committed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// The disk failed: stop.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The certificate is for another block.
    #[error("the certificate is for block {found}, not {expected}")]
    OfAnother {
        /// The certificate's.
        found: BlockHash,
        /// Ours.
        expected: BlockHash,
    },
    /// The certificate proves nothing.
    #[error(transparent)]
    Certificate(#[from] BadCertificate),
}

/// The data folder cannot be opened for this chain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// The disk failed, or holds records that we cannot read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The genesis begins no chain.
    #[error("the genesis cannot begin a chain: {0}")]
    Genesis(#[from] GenesisFault),
    /// Written for another genesis.
    #[error("the data folder belongs to chain {found}, not {expected}: choose another --home or restore it")]
    OtherChain {
        /// In the folder.
        found: ChainId,
        /// Of the genesis.
        expected: ChainId,
    },
    /// Written by a program with another layout.
    #[error(
        "the data folder has layout {found} and this program reads layout {expected}: use the version that wrote it, or synchronise again in an empty folder"
    )]
    OtherLayout {
        /// In the folder.
        found: u32,
        /// Ours.
        expected: u32,
    },
    /// Not ours, or half-copied: there are records but no tip.
    #[error("the data folder holds records but no tip: it was copied in part; restore a snapshot into an empty folder")]
    NoTip,
    /// Records of the tip do not agree with one another.
    #[error(
        "the data folder contradicts itself at height {height} ({what}): restore a snapshot, or empty the folder and synchronise again"
    )]
    Contradiction {
        /// The tip.
        height: Height,
        /// What does not agree.
        what: &'static str,
    },
}

/// A transaction that a proposer left out, and the rule that refused it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Which.
    pub tx: VerifiedTx,
    /// Why.
    pub rejection: Rejection,
}
