//! What a replica tells the world: the node turns each into a log line, a metric, an event. No notice names a choice.
use crate::effect::Ticket;
use urne_types::{BlockHash, Height, NodeId, Rejection, Round, TxId, UnixMs, ValidatorId};
use urne_vote_contract::Event;

/// What became of a submitted transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Submission {
    /// It waits for a block. Not a promise of inclusion.
    Pending {
        /// Its name.
        id: TxId,
    },
    /// It was known already and waits for a block.
    Known {
        /// Its name.
        id: TxId,
    },
    /// It is in the ledger already.
    Committed {
        /// Its name.
        id: TxId,
        /// Where.
        height: Height,
    },
    /// A rule refuses it.
    Refused {
        /// Its name, when it could be decoded.
        id: Option<TxId>,
        /// Which rule.
        rejection: Rejection,
    },
}

/// Why a height was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartReason {
    /// Transactions wait.
    Work,
    /// An election opens or closes.
    Deadline,
    /// Nothing has happened for a heartbeat.
    Heartbeat,
    /// Another validator has begun it.
    Peer,
    /// The log of an unfinished height was found.
    Recovery,
}

/// Something worth telling.
#[derive(Clone, Debug)]
pub enum Notice {
    /// The answer to a submission, in the order of its transactions.
    Submitted {
        /// Who waits.
        ticket: Ticket,
        /// One for each transaction.
        outcomes: Vec<Submission>,
    },
    /// Transactions that peers passed on wait here for a block.
    Heard {
        /// Their names.
        ids: Vec<TxId>,
    },
    /// A transaction that waited is refused after all.
    Dropped {
        /// Its name.
        id: TxId,
        /// Which rule.
        rejection: Rejection,
    },
    /// A height begins.
    Started {
        /// Which.
        height: Height,
        /// Why.
        reason: StartReason,
    },
    /// A round begins.
    EnteredRound {
        /// Height.
        height: Height,
        /// Round.
        round: Round,
        /// Who proposes.
        proposer: ValidatorId,
    },
    /// A block is in the ledger, durably.
    Committed {
        /// Height.
        height: Height,
        /// Block.
        block: BlockHash,
        /// Its time.
        time: UnixMs,
        /// Round in which it was decided.
        round: Round,
        /// Who made it.
        proposer: ValidatorId,
        /// Its transactions.
        txs: Vec<TxId>,
        /// Its size.
        bytes: usize,
        /// What happened in it.
        events: Vec<Event>,
    },
    /// Blocks are being fetched.
    Syncing {
        /// From this height.
        from: Height,
        /// The height a peer says it has.
        to: Height,
    },
    /// A validator broke its word; the evidence is on its way to the ledger.
    Accused {
        /// Who.
        validator: ValidatorId,
    },
    /// A peer sent something wrong.
    PeerFault {
        /// Who.
        peer: NodeId,
        /// What.
        sentence: String,
    },
    /// A proposal's time differs from ours by so much, positive when it is ahead.
    ClockSkew {
        /// Whose proposal.
        proposer: ValidatorId,
        /// Milliseconds.
        millis: i64,
    },
    /// This node follows without signing until that height: its guard is ahead of its log.
    WatchOnly {
        /// It signs again from the next one.
        until: Height,
    },
}
