//! What the swarm says, one arm each: peers met and parted from, messages come, acknowledged or failed.
use crate::{
    behaviour::BehaviourEvent,
    carrier::{Carrier, Flight},
    codec::Parcel,
    event::{Class, Direction, GossipId, NetEvent},
    identity::node_of,
    links::Link,
    outbox::Outbox,
    shared::{Fate, Slot},
    transit::Arrival,
};
use libp2p::{
    PeerId,
    core::ConnectedPoint,
    gossipsub::{self, MessageAcceptance},
    identify, ping,
    request_response::{self, OutboundFailure, OutboundRequestId},
    swarm::{ConnectionId, SwarmEvent},
};
use std::time::{Instant, SystemTime};

type UnicastEvent = request_response::Event<Parcel, ()>;

impl Carrier {
    pub(crate) fn happened(&mut self, event: SwarmEvent<BehaviourEvent>) {
        match event {
            SwarmEvent::Behaviour(BehaviourEvent::Consensus(event)) => self.unicast(Class::Consensus, event),
            SwarmEvent::Behaviour(BehaviourEvent::Bulk(event)) => self.unicast(Class::Bulk, event),
            SwarmEvent::Behaviour(BehaviourEvent::Gossip(event)) => self.gossiped(event),
            SwarmEvent::Behaviour(BehaviourEvent::Identify(event)) => self.identified(event),
            SwarmEvent::Behaviour(BehaviourEvent::Ping(ping::Event { connection, result: Err(failure), .. })) => {
                tracing::debug!(%failure, "a peer does not answer: its connection is closed");
                self.swarm.close_connection(connection);
            }
            SwarmEvent::ConnectionEstablished { peer_id, connection_id, endpoint, .. } => {
                self.linked(peer_id, connection_id, endpoint);
            }
            SwarmEvent::ConnectionClosed { peer_id, connection_id, num_established, .. } => {
                self.unlinked(&peer_id, connection_id, num_established);
            }
            SwarmEvent::OutgoingConnectionError { peer_id: Some(peer), error, .. } => {
                if let Some(node) = node_of(&peer)
                    && !self.swarm.is_connected(&peer)
                {
                    tracing::debug!(%node, %error, "a dial failed");
                    self.redial.lost(&node, Instant::now(), rand::random());
                }
            }
            SwarmEvent::NewListenAddr { address, .. } => {
                self.transit.notice(NetEvent::Listening { address: address.to_string() });
            }
            SwarmEvent::ListenerClosed { reason: Err(error), .. } | SwarmEvent::ListenerError { error, .. } => {
                tracing::warn!(%error, "a listening socket failed");
            }
            _ => {}
        }
    }

    // ---- connections ------------------------------------------------------------------------------------------------

    fn linked(&mut self, peer: PeerId, connection: ConnectionId, endpoint: ConnectedPoint) {
        let Some(node) = node_of(&peer) else {
            // Not an Ed25519 identity: no node of ours.
            self.swarm.close_connection(connection);
            return;
        };
        let (address, direction) = match endpoint {
            ConnectedPoint::Dialer { address, .. } => (address, Direction::Outbound),
            ConnectedPoint::Listener { send_back_addr, .. } => (send_back_addr, Direction::Inbound),
        };
        let link = Link { connection, address, direction, since: SystemTime::now() };
        if let Some(excess) = self.links.add(peer, link, self.shared.limits.connections_per_peer_max) {
            self.swarm.close_connection(excess);
        }
        self.count_places();
        self.redial.connected(&node);
    }

    fn unlinked(&mut self, peer: &PeerId, connection: ConnectionId, remaining: u32) {
        let oldest = self.links.remove(peer, connection).cloned();
        self.count_places();
        let Some(node) = node_of(peer) else { return };
        if let (Some(link), Some(slot)) = (oldest, self.shared.lock().slots.get_mut(&node)) {
            (slot.address, slot.direction, slot.connected_since) = (link.address, link.direction, link.since);
        }
        if remaining == 0 {
            self.part(node);
            self.redial.lost(&node, Instant::now(), rand::random());
        }
        self.pump_due = true;
    }

    fn identified(&mut self, event: identify::Event) {
        match event {
            identify::Event::Received { peer_id, info, .. } if info.protocol_version == self.version => {
                self.meet(&peer_id)
            }
            identify::Event::Received { peer_id, info, .. } => {
                tracing::warn!(peer = %peer_id, theirs = %info.protocol_version, ours = %self.version, "a peer of another chain");
                self.shared.lock().counters.foreign_refused += 1;
                let _ = self.swarm.disconnect_peer_id(peer_id);
            }
            identify::Event::Error { connection_id, error, .. } => {
                tracing::debug!(%error, "a peer does not present itself: its connection is closed");
                self.swarm.close_connection(connection_id);
            }
            _ => {}
        }
    }

    /// The peer has shown that it is of our chain, by saying so or by speaking a protocol that bears its name.
    fn meet(&mut self, peer: &PeerId) {
        let (Some(node), Some(link)) = (node_of(peer), self.links.oldest(peer).cloned()) else { return };
        {
            let mut state = self.shared.lock();
            if state.slots.contains_key(&node) {
                return;
            }
            let slot = Slot {
                outbox: Outbox::default(),
                fate: Fate::Kept,
                address: link.address,
                direction: link.direction,
                connected_since: link.since,
            };
            state.slots.insert(node, slot);
        }
        self.redial.met(&node);
        self.rank(peer);
        self.transit.notice(NetEvent::Connected { peer: node });
    }

    /// The last connection is gone, and with it everything that waited or flew.
    fn part(&mut self, node: urne_types::NodeId) {
        let Some(slot) = self.shared.lock().slots.remove(&node) else { return };
        let mut lost = slot.waiting();
        self.flights.retain(|(class, _), flight| {
            let theirs = flight.to == node;
            if theirs {
                let of_class = lost.iter_mut().find(|(known, _)| known == class);
                of_class.expect("both classes are in the table").1 += 1;
            }
            !theirs
        });
        let messages: usize = lost.iter().map(|(_, count)| count).sum();
        {
            let mut state = self.shared.lock();
            for (class, count) in lost {
                state.counters.of(class).undelivered += count as u64;
            }
        }
        if messages > 0 {
            self.transit.notice(NetEvent::Undelivered { to: node, messages });
        }
        self.transit.notice(NetEvent::Disconnected { peer: node });
    }

    // ---- unicast ----------------------------------------------------------------------------------------------------

    fn unicast(&mut self, class: Class, event: UnicastEvent) {
        match event {
            UnicastEvent::Message { peer, message, .. } => match message {
                request_response::Message::Request { request_id, request, channel } => {
                    let Some(from) = node_of(&peer) else { return };
                    self.meet(&peer);
                    self.transit.arrive(Arrival { from, class, request: request_id, parcel: request, channel });
                }
                request_response::Message::Response { request_id, response: () } => {
                    if let Some(flight) = self.flights.remove(&(class, request_id))
                        && let Some(slot) = self.shared.lock().slots.get_mut(&flight.to)
                    {
                        slot.outbox.landed(class);
                        self.pump_due = true;
                    }
                }
            },
            UnicastEvent::OutboundFailure { request_id, error, .. } => self.fell(class, request_id, &error),
            UnicastEvent::InboundFailure { request_id, .. } => self.transit.forget(class, request_id),
            UnicastEvent::ResponseSent { .. } => {}
        }
    }

    /// A message was not acknowledged. Three cases: its connection went and another remains (it goes again); a consensus
    /// message timed out (the peer is stuck: part, and meet again with a clean slate); otherwise the peer refused it.
    fn fell(&mut self, class: Class, request: OutboundRequestId, error: &OutboundFailure) {
        let Some(Flight { to, payload }) = self.flights.remove(&(class, request)) else { return };
        let mut state = self.shared.lock();
        let state = &mut *state;
        // Without a slot the peer was parted from, and the message counted there.
        let Some(slot) = state.slots.get_mut(&to) else { return };
        self.pump_due = true;
        if matches!(error, OutboundFailure::ConnectionClosed) {
            slot.outbox.relaunch(class, payload);
            return;
        }
        slot.outbox.landed(class);
        state.counters.of(class).undelivered += 1;
        if class == Class::Consensus && matches!(error, OutboundFailure::Timeout) && slot.fate == Fate::Kept {
            slot.fate = Fate::ResetAsked;
            state.counters.consensus_resets += 1;
        }
        tracing::debug!(%to, ?class, %error, "a message was not delivered");
        self.transit.notice(NetEvent::Undelivered { to, messages: 1 });
    }

    // ---- gossip -----------------------------------------------------------------------------------------------------

    fn gossiped(&mut self, event: gossipsub::Event) {
        let gossipsub::Event::Message { propagation_source, message_id, message } = event else { return };
        let (Some(from), Some(topic)) = (node_of(&propagation_source), self.topics.named(&message.topic)) else {
            return;
        };
        self.meet(&propagation_source);
        let length = message.data.len();
        let id = GossipId { message: message_id, source: propagation_source };
        // Gossip's own limit leaves a little room for its labels; ours is exact, and the sender knows it.
        if length > topic.bytes_max() {
            self.not_told(&id, MessageAcceptance::Reject);
            return;
        }
        // The last quarter of the channel is for unicast: ballots gossip again, a precommit is worth one second.
        let has_room =
            self.tell() && self.transit.is_empty() && self.events.capacity() > self.events.max_capacity() / 4;
        let event = NetEvent::Gossip { from, topic, bytes: message.data, id: id.clone() };
        if has_room && self.events.try_send(event).is_ok() {
            self.shared.lock().counters.gossip.received(length);
        } else {
            self.not_told(&id, MessageAcceptance::Ignore);
        }
    }

    /// A gossip message that the reader will not see goes no further.
    fn not_told(&mut self, id: &GossipId, acceptance: MessageAcceptance) {
        self.shared.lock().counters.gossip.dropped += 1;
        let gossip = &mut self.swarm.behaviour_mut().gossip;
        gossip.report_message_validation_result(&id.message, &id.source, acceptance);
    }
}
