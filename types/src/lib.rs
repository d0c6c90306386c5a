//! The vocabulary of urne: the nouns every other crate shares, their one canonical encoding, their signatures and their
//! Merkle proofs. Floor 0: it imports no crate of ours, and knows neither rules, nor rounds, nor disks.
//!
//! Start with [`transaction`] (what a citizen or an administrator sends), then [`block`] (what colleges agree on), then
//! [`proof`] (what a citizen keeps).
pub mod ballot;
pub mod block;
pub mod bounded;
pub mod certificate;
pub mod codec;
pub mod election;
pub mod genesis;
pub mod governance;
pub mod hash;
pub mod id;
pub mod key;
pub mod limits;
pub mod merkle;
pub mod message;
pub mod method;
pub mod name;
pub mod proof;
pub mod rejection;
pub mod seal;
pub mod sealed;
pub mod share;
pub mod signed;
pub mod statutes;
pub mod time;
pub mod transaction;
pub mod validators;
pub mod wire;

mod newtype;
mod numbered;

pub use hash::{
    ActId, AppHash, BlockHash, CensusId, ChainId, DocumentHash, DraftId, ElectionId, MerkleRoot, TxHash, TxId,
};
pub use id::{CollegeId, Height, NodeId, Round, ValidatorId, VotingPower};
pub use key::{PublicKey, SecretKey, Signature};
pub use rejection::Rejection;
pub use time::UnixMs;
