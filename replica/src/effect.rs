//! The two sides of the only door: what a replica is told, and what it asks for.
use crate::notice::Notice;
use std::sync::Arc;
use urne_consensus::engine::GuardRecord;
use urne_types::{
    Height, NodeId, Rejection,
    transaction::{RawTx, VerifiedTx},
    wire::{PeerMessage, TxBatch},
};
use urne_vote_contract::sealed::Statements;

/// Who waits for the answer to a submission; chosen by the driver, given back in [`Notice::Submitted`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(pub u64);

/// Which verification an answer belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct VerifyId(pub u64);

/// Who waits for a verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    /// A block that is proposed or certified: it comes before everything else.
    Block,
    /// Whoever sends transactions, or passes them on.
    Anyone,
}

/// Something happened.
#[derive(Debug)]
pub enum Stimulus {
    /// Time has passed: sent at the latest at the instant of the last [`Effect::WakeAt`].
    Wake,
    /// A peer can be reached.
    Connected {
        /// Who.
        peer: NodeId,
    },
    /// A peer can no longer be reached.
    Disconnected {
        /// Who.
        peer: NodeId,
    },
    /// A peer says something.
    FromPeer {
        /// Who; the transport has authenticated it.
        from: NodeId,
        /// What.
        message: PeerMessage,
    },
    /// A client of this node sends transactions.
    Submitted {
        /// Who waits for the answer.
        ticket: Ticket,
        /// The transactions.
        raws: Vec<RawTx>,
    },
    /// Peers pass transactions on.
    Gossiped {
        /// The transactions.
        raws: Vec<RawTx>,
    },
    /// The answer to [`Effect::Verify`], one verdict for each transaction, in order.
    Verified {
        /// Which question.
        id: VerifyId,
        /// The verdicts.
        results: Vec<Result<VerifiedTx, Rejection>>,
    },
}

/// To whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    /// Every validator of the current set, ourselves apart.
    Validators,
    /// Every connected peer.
    Everyone,
    /// One peer.
    Peer(NodeId),
}

/// Something to do. Effects are performed strictly in the order given: `Record`, then `SyncWal`, then `Guard`, then
/// `Send`; nothing is sent that a crash could make us deny.
#[derive(Debug)]
pub enum Effect {
    /// Check signatures and proofs, off this thread; answer with [`Stimulus::Verified`].
    Verify {
        /// Give it back.
        id: VerifyId,
        /// Before whom.
        lane: Lane,
        /// What to check.
        raws: Vec<RawTx>,
        /// Against what sealed ballots are verified.
        statements: Arc<Statements>,
    },
    /// Append to the write-ahead log.
    Record(Vec<u8>),
    /// Make the log durable before going on.
    SyncWal,
    /// Begin an empty log for this height; older ones may go.
    ResetWal {
        /// The height to be decided next.
        height: Height,
    },
    /// Make the double-sign guard durable before going on.
    Guard(GuardRecord),
    /// Tell other nodes.
    Send {
        /// To whom.
        to: To,
        /// What.
        message: PeerMessage,
    },
    /// Pass transactions on to every node.
    Gossip(TxBatch),
    /// Call [`crate::Replica::commit`] now, perform what it returns, then go on.
    Commit,
    /// The validators' network identities and addresses have changed: allow and dial them.
    Validators(Vec<(NodeId, Vec<String>)>),
    /// Send [`Stimulus::Wake`] at this monotonic millisecond at the latest.
    WakeAt(u64),
    /// Tell the world.
    Tell(Notice),
    /// Stop the node with this sentence: going on could harm the chain.
    Stop(String),
}
