//! One node's whole mind, without input or output: what ships and what the simulator tests. A [`Replica`] is told what
//! happened ([`Stimulus`]) and answers what must be done ([`Effect`]), strictly in order; it reads no clock, opens no file
//! and draws no random number.
//!
//! A ballot's way through it: [`Stimulus::Submitted`] -> [`Effect::Verify`] -> [`Stimulus::Verified`] -> the mempool ->
//! [`Effect::Gossip`] -> a proposed block -> the judgment of every validator -> [`Effect::Commit`] ->
//! [`Notice::Committed`].
mod candidates;
mod clock;
mod effect;
mod mempool;
mod notice;
mod pace;
mod peers;
#[cfg(feature = "plants")]
mod plants;
mod recovery;
mod replica;
mod rounds;
mod serving;
mod status;
mod sync;
mod txs;
mod verifying;

pub use clock::Now;
pub use effect::{Effect, Lane, Stimulus, Ticket, To, VerifyId};
pub use mempool::MempoolLimits;
pub use notice::{Notice, StartReason, Submission};
#[cfg(feature = "plants")]
pub use plants::Plant;
pub use recovery::{Recovered, RecoveryFault, WalRecord};
pub use replica::{Replica, ReplicaConfig};
pub use status::{Status, WhereWeAre};
