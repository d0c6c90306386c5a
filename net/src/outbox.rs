//! The messages waiting for one connected peer: bounded, consensus refused rather than dropped, bulk dropped oldest first.
use crate::{
    event::Class,
    limits::{BULK_IN_FLIGHT_MAX, CONSENSUS_IN_FLIGHT_MAX, NetLimits},
};
use std::{collections::VecDeque, sync::Arc};

/// Bytes shared between the queues of several peers.
pub(crate) type Payload = Arc<Vec<u8>>;

/// What became of a message offered to a full or free queue.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Offer {
    Taken,
    /// Taken, and this many older bulk messages dropped.
    TakenDropping(u64),
    /// The consensus queue is full: the connection must be reset.
    Overflow,
}

/// Two queues and what is on the wire.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    consensus: Lane,
    bulk: Lane,
}

#[derive(Debug, Default)]
struct Lane {
    waiting: VecDeque<Payload>,
    bytes: usize,
    in_flight: usize,
}

impl Outbox {
    /// Queues a message, by the rule of its class.
    pub(crate) fn offer(&mut self, class: Class, payload: Payload, limits: &NetLimits) -> Offer {
        match class {
            Class::Consensus => {
                let lane = &mut self.consensus;
                let fits = lane.waiting.len() < limits.consensus_queue_messages_max
                    && lane.bytes + payload.len() <= limits.consensus_queue_bytes_max;
                if !fits {
                    return Offer::Overflow;
                }
                lane.push_back(payload);
                Offer::Taken
            }
            Class::Bulk => {
                let lane = &mut self.bulk;
                lane.push_back(payload);
                let mut dropped = 0;
                while lane.waiting.len() > limits.bulk_queue_messages_max || lane.bytes > limits.bulk_queue_bytes_max {
                    lane.pop_front().expect("an overfull queue has a first message");
                    dropped += 1;
                }
                if dropped == 0 { Offer::Taken } else { Offer::TakenDropping(dropped) }
            }
        }
    }

    /// The next message to put on the wire, consensus first; none when the wire is full or nothing waits.
    pub(crate) fn launch(&mut self) -> Option<(Class, Payload)> {
        for class in [Class::Consensus, Class::Bulk] {
            let in_flight_max = match class {
                Class::Consensus => CONSENSUS_IN_FLIGHT_MAX,
                Class::Bulk => BULK_IN_FLIGHT_MAX,
            };
            let lane = self.lane(class);
            if lane.in_flight < in_flight_max
                && let Some(payload) = lane.pop_front()
            {
                lane.in_flight += 1;
                return Some((class, payload));
            }
        }
        None
    }

    /// One message left the wire: acknowledged, or failed for good.
    pub(crate) fn landed(&mut self, class: Class) {
        let lane = self.lane(class);
        lane.in_flight = lane.in_flight.saturating_sub(1);
    }

    /// One message left the wire with its connection, and another connection remains: it goes first.
    pub(crate) fn relaunch(&mut self, class: Class, payload: Payload) {
        self.landed(class);
        let lane = self.lane(class);
        lane.bytes += payload.len();
        lane.waiting.push_front(payload);
    }

    /// Messages waiting, by class.
    pub(crate) fn waiting(&self, class: Class) -> usize {
        match class {
            Class::Consensus => self.consensus.waiting.len(),
            Class::Bulk => self.bulk.waiting.len(),
        }
    }

    fn lane(&mut self, class: Class) -> &mut Lane {
        match class {
            Class::Consensus => &mut self.consensus,
            Class::Bulk => &mut self.bulk,
        }
    }
}

impl Lane {
    fn push_back(&mut self, payload: Payload) {
        self.bytes += payload.len();
        self.waiting.push_back(payload);
    }

    fn pop_front(&mut self) -> Option<Payload> {
        let payload = self.waiting.pop_front()?;
        self.bytes -= payload.len();
        Some(payload)
    }
}
