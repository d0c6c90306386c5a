//! What an operator graphs: messages and bytes by class, and everything that was dropped. Numbers only, never contents.
use crate::event::Class;

/// Since the start of the node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// The consensus lane.
    pub consensus: Traffic,
    /// The bulk lane.
    pub bulk: Traffic,
    /// All topics.
    pub gossip: Traffic,
    /// Connections reset because a peer did not take its consensus messages.
    pub consensus_resets: u64,
    /// Unicast messages refused because they announced more bytes than allowed.
    pub oversized_refused: u64,
    /// Connections closed because the peer belongs to another chain.
    pub foreign_refused: u64,
    /// Verdicts that came too fast to be told to gossip.
    pub verdicts_dropped: u64,
}

/// One class of traffic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Messages given to the reader.
    pub messages_in: u64,
    /// Their bytes.
    pub bytes_in: u64,
    /// Messages handed to the swarm; a message re-sent over a second connection counts twice.
    pub messages_out: u64,
    /// Their bytes.
    pub bytes_out: u64,
    /// Messages dropped for want of room: bulk oldest first, gossip when the reader is slow.
    pub dropped: u64,
    /// Messages that were taken and never acknowledged, or gossip that nobody heard.
    pub undelivered: u64,
}

impl Counters {
    pub(crate) fn of(&mut self, class: Class) -> &mut Traffic {
        match class {
            Class::Consensus => &mut self.consensus,
            Class::Bulk => &mut self.bulk,
        }
    }
}

impl Traffic {
    pub(crate) fn received(&mut self, bytes: usize) {
        self.messages_in += 1;
        self.bytes_in += bytes as u64;
    }

    pub(crate) fn sent(&mut self, bytes: usize) {
        self.messages_out += 1;
        self.bytes_out += bytes as u64;
    }
}
