//! What waits for the reader: our own notices, then consensus messages, then bulk. A unicast waits here unacknowledged, so
//! its sender's window stays closed: a slow reader slows its peers down instead of filling memory.
use crate::{
    codec::Parcel,
    event::{Class, NetEvent},
    limits::NOTICES_MAX,
};
use libp2p::request_response::{InboundRequestId, ResponseChannel};
use std::collections::VecDeque;
use urne_types::NodeId;

/// Three queues, in order of urgency. The arrivals are bounded by the streams that their connections may hold open.
#[derive(Default)]
pub(crate) struct Transit {
    notices: VecDeque<NetEvent>,
    consensus: VecDeque<Arrival>,
    bulk: VecDeque<Arrival>,
}

/// A unicast that its sender still waits to see acknowledged.
pub(crate) struct Arrival {
    pub(crate) from: NodeId,
    pub(crate) class: Class,
    pub(crate) request: InboundRequestId,
    pub(crate) parcel: Parcel,
    pub(crate) channel: ResponseChannel<()>,
}

/// The next thing to tell.
pub(crate) enum Next {
    Notice(NetEvent),
    Arrival(Arrival),
}

impl Transit {
    pub(crate) fn notice(&mut self, event: NetEvent) {
        self.notices.push_back(event);
    }

    pub(crate) fn arrive(&mut self, arrival: Arrival) {
        self.arrivals(arrival.class).push_back(arrival);
    }

    /// Its sender gave up: it was told undelivered, so it must not be delivered.
    pub(crate) fn forget(&mut self, class: Class, request: InboundRequestId) {
        self.arrivals(class).retain(|arrival| arrival.request != request);
    }

    /// The next thing to tell, skipping the arrivals whose sender is gone.
    pub(crate) fn next(&mut self) -> Option<Next> {
        if let Some(notice) = self.notices.pop_front() {
            return Some(Next::Notice(notice));
        }
        while let Some(arrival) = self.consensus.pop_front().or_else(|| self.bulk.pop_front()) {
            if arrival.channel.is_open() {
                return Some(Next::Arrival(arrival));
            }
        }
        None
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.notices.is_empty() && self.consensus.is_empty() && self.bulk.is_empty()
    }

    /// While false, the swarm is not polled: connections that come and go cannot fill memory either.
    pub(crate) fn has_room(&self) -> bool {
        self.notices.len() < NOTICES_MAX
    }

    fn arrivals(&mut self, class: Class) -> &mut VecDeque<Arrival> {
        match class {
            Class::Consensus => &mut self.consensus,
            Class::Bulk => &mut self.bulk,
        }
    }
}
