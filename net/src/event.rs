//! The words exchanged with the rest of the node: lanes, topics, and what happened on the network.
use crate::limits::{BALLOTS_BYTES_MAX, EVIDENCE_BYTES_MAX, HEADERS_BYTES_MAX};
use libp2p::{PeerId, gossipsub::MessageId};
use std::{fmt, time::SystemTime};
use urne_types::NodeId;

/// A unicast lane: each has its own protocol name, queues and limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// Proposals, prevotes, precommits and blocks being agreed on. Only validators are listened to.
    Consensus,
    /// Everything that can wait or be asked again: block sync, answers to observers.
    Bulk,
}

/// A subject of gossip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Topic {
    /// Batches of transactions; 68 KiB at most.
    Ballots,
    /// Decided headers with their certificates; 32 KiB at most.
    Headers,
    /// Proofs of equivocation; 16 KiB at most.
    Evidence,
}

impl Topic {
    /// Every topic: a node subscribes to all.
    pub const ALL: [Self; 3] = [Self::Ballots, Self::Headers, Self::Evidence];

    /// The largest message of this topic, in bytes.
    #[must_use]
    pub const fn bytes_max(self) -> usize {
        match self {
            Self::Ballots => BALLOTS_BYTES_MAX,
            Self::Headers => HEADERS_BYTES_MAX,
            Self::Evidence => EVIDENCE_BYTES_MAX,
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ballots => "ballots",
            Self::Headers => "headers",
            Self::Evidence => "evidence",
        }
    }
}

/// Who dialled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The peer dialled us.
    Inbound,
    /// We dialled the peer.
    Outbound,
}

/// What the reader thought of a gossip message; tell it with [`NetHandle::report`](crate::NetHandle::report).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Worth forwarding.
    Accept,
    /// Not forwarded, nobody blamed: already known, or we cannot judge it yet.
    Ignore,
    /// Not forwarded, and its senders lose score: an honest node would not have forwarded it.
    Reject,
}

/// Names one gossip message and the peer that handed it over, for the verdict.
#[derive(Clone, PartialEq, Eq)]
pub struct GossipId {
    pub(crate) message: MessageId,
    pub(crate) source: PeerId,
}

impl fmt::Debug for GossipId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GossipId({})", self.message)
    }
}

/// What happened on the network. `from`, `to` and `peer` are always authenticated identities.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NetEvent {
    /// A socket is open; with port 0 this tells the port.
    Listening {
        /// The multiaddress that others may dial.
        address: String,
    },
    /// A peer of the same chain is there: (re)send it what it needs.
    Connected {
        /// Who.
        peer: NodeId,
    },
    /// The last connection with this peer is gone.
    Disconnected {
        /// Who.
        peer: NodeId,
    },
    /// A unicast message; taking it out of the channel is what lets the next ones be acknowledged.
    Message {
        /// The sender.
        from: NodeId,
        /// The lane it came by.
        class: Class,
        /// The message.
        bytes: Vec<u8>,
    },
    /// A gossip message; it travels further only after [`Verdict::Accept`], told within a few seconds.
    Gossip {
        /// The peer that forwarded it, who need not be its author: gossip is anonymous, authors sign inside.
        from: NodeId,
        /// The subject.
        topic: Topic,
        /// The message.
        bytes: Vec<u8>,
        /// To be named in the verdict.
        id: GossipId,
    },
    /// Messages taken for this peer were not acknowledged; it may or may not have received them.
    Undelivered {
        /// Whom they were for.
        to: NodeId,
        /// How many.
        messages: usize,
    },
    /// Nobody was there to hear a publication: publish again when a peer is connected.
    Unheard {
        /// Its subject.
        topic: Topic,
    },
}

/// A connected peer, for status pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerInfo {
    /// Who.
    pub node: NodeId,
    /// The remote multiaddress of its oldest connection.
    pub address: String,
    /// Who dialled.
    pub direction: Direction,
    /// Since when, by this machine's clock.
    pub connected_since: SystemTime,
    /// In the current validator set.
    pub is_validator: bool,
}
