//! The one task that owns the swarm. It obeys the handles, launches what waits, and tells the reader what happened; every
//! wait of the crate is in its `run`.
use crate::{
    behaviour::{Behaviour, connection_limits, protocol_version, swarm},
    codec::Parcel,
    config::NetConfig,
    error::NetError,
    event::{Class, NetEvent, Topic, Verdict},
    gossip::{Topics, rank},
    guard::Lane,
    handle::NetHandle,
    identity::peer_of,
    limits::FAREWELL_TIMEOUT,
    links::Links,
    outbox::Payload,
    redial::Redial,
    shared::{Fate, Shared, Stop, multiaddr, parse},
    transit::{Next, Transit},
};
use futures::StreamExt;
use libp2p::{
    Multiaddr, PeerId, Swarm,
    gossipsub::{MessageAcceptance, PublishError},
    request_response::OutboundRequestId,
    swarm::dial_opts::{DialOpts, PeerCondition},
};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    convert::Infallible,
    future::pending,
    sync::Arc,
    time::Instant,
};
use tokio::sync::{
    mpsc::{self, error::TrySendError},
    watch,
};
use urne_types::NodeId;

/// The network of one node.
pub struct Net;

impl Net {
    /// Opens the sockets and starts the task; must be called inside a tokio runtime. The receiver must be drained: unicast
    /// waits for it, gossip does not. Dropping it, or the last handle, ends the task.
    ///
    /// # Errors
    /// [`NetError`]: an address is malformed or taken, or there is no runtime; nothing is left running.
    pub fn start(config: NetConfig) -> Result<(NetHandle, mpsc::Receiver<NetEvent>), NetError> {
        let runtime = tokio::runtime::Handle::try_current().map_err(NetError::Runtime)?;
        let chain: String = NodeId(config.chain_id).to_string();
        let topics = Topics::of_chain(&chain);
        let shared = Arc::new(Shared::new(config.limits.clone()));
        {
            let mut state = shared.lock();
            state.peers = Some(parse(&config.peers)?);
            state.validators = Some(config.validators.clone());
        }
        let mut swarm = swarm(&config, &chain, &topics, &shared.roster, &shared.oversized)?;
        for text in &config.listen {
            let listen = |reason: String| NetError::Listen { address: text.clone(), reason };
            swarm.listen_on(multiaddr(text)?).map_err(|error| listen(error.to_string()))?;
        }
        let (events, reader) = mpsc::channel(config.limits.events_max);
        let (leash, leash_end) = mpsc::channel(1);
        let (ended_end, ended) = watch::channel(());
        let node = config.secret.node_id();
        let carrier = Carrier {
            node,
            version: protocol_version(&chain),
            topics,
            swarm,
            shared: Arc::clone(&shared),
            events,
            leash: leash_end,
            transit: Transit::default(),
            links: Links::default(),
            redial: Redial::default(),
            flights: HashMap::new(),
            members: HashSet::new(),
            pump_due: false,
        };
        runtime.spawn(async move {
            carrier.run().await;
            drop(ended_end);
        });
        Ok((NetHandle { node, shared, _leash: leash, ended }, reader))
    }
}

/// The task's own state; what handles see is in [`Shared`].
pub(crate) struct Carrier {
    pub(crate) node: NodeId,
    pub(crate) version: String,
    pub(crate) topics: Topics,
    pub(crate) swarm: Swarm<Behaviour>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) events: mpsc::Sender<NetEvent>,
    leash: mpsc::Receiver<Infallible>,
    pub(crate) transit: Transit,
    pub(crate) links: Links,
    pub(crate) redial: Redial,
    /// Sent and not yet acknowledged; the lanes number their requests separately.
    pub(crate) flights: HashMap<(Class, OutboundRequestId), Flight>,
    /// Validators and kept peers: no connection limit stops them.
    members: HashSet<PeerId>,
    /// A queue or a window has changed: see whether something can be launched.
    pub(crate) pump_due: bool,
}

/// A message on the wire.
pub(crate) struct Flight {
    pub(crate) to: NodeId,
    pub(crate) payload: Payload,
}

impl Carrier {
    async fn run(mut self) {
        let events = self.events.clone();
        self.obey();
        loop {
            if !self.tell() || self.shared.lock().stop == Stop::Asked {
                break;
            }
            self.dial();
            if std::mem::take(&mut self.pump_due) {
                self.pump();
            }
            let due = self.redial.next_due();
            let dial_due = async move {
                match due {
                    Some(due) => tokio::time::sleep_until(due.into()).await,
                    None => pending().await,
                }
            };
            // Whatever comes next; dropping the others' futures loses nothing.
            tokio::select! {
                permit = events.reserve(), if !self.transit.is_empty() => match permit {
                    Ok(permit) => self.hand_over(permit),
                    Err(_) => break,
                },
                event = self.swarm.select_next_some(), if self.transit.has_room() => self.happened(event),
                () = self.shared.bell.notified() => self.obey(),
                () = dial_due => {}
                // Every handle is gone: nobody may send any more.
                _ = self.leash.recv() => break,
                // The reader is gone: nobody would hear.
                () = events.closed() => break,
            }
        }
        self.farewell().await;
    }

    /// Gives the reader what its channel can take; false when there is no reader any more.
    pub(crate) fn tell(&mut self) -> bool {
        let events = self.events.clone();
        while !self.transit.is_empty() {
            match events.try_reserve() {
                Ok(permit) => self.hand_over(permit),
                Err(TrySendError::Full(())) => return true,
                Err(TrySendError::Closed(())) => return false,
            }
        }
        true
    }

    /// One thing told; a unicast is acknowledged only here, once the reader's channel holds it.
    fn hand_over(&mut self, permit: mpsc::Permit<'_, NetEvent>) {
        match self.transit.next() {
            None => {}
            Some(Next::Notice(notice)) => permit.send(notice),
            Some(Next::Arrival(arrival)) => {
                let class = arrival.class;
                let bytes = arrival.parcel.into_bytes();
                self.shared.lock().counters.of(class).received(bytes.len());
                permit.send(NetEvent::Message { from: arrival.from, class, bytes });
                // A sender that left meanwhile will send again: at least once.
                let _ = self.lane(class).send_response(arrival.channel, ());
            }
        }
    }

    /// Does what the handles have asked since the last time.
    fn obey(&mut self) {
        self.pump_due = true;
        let (validators, peers, publications, reports) = {
            let mut state = self.shared.lock();
            let state = &mut *state;
            (
                state.validators.take(),
                state.peers.take(),
                std::mem::take(&mut state.publications),
                std::mem::take(&mut state.reports),
            )
        };
        if let Some(mut peers) = peers {
            peers.remove(&self.node);
            self.shared.roster.set_kept(peers.keys().copied().map(peer_of).collect());
            self.keep(peers);
            self.make_room();
        }
        if let Some(validators) = validators {
            self.shared.roster.set_validators(validators.into_iter().map(peer_of).collect());
            self.make_room();
        }
        for (topic, bytes) in publications {
            self.publish(topic, bytes);
        }
        for (id, verdict) in reports {
            let acceptance = match verdict {
                Verdict::Accept => MessageAcceptance::Accept,
                Verdict::Ignore => MessageAcceptance::Ignore,
                Verdict::Reject => MessageAcceptance::Reject,
            };
            let gossip = &mut self.swarm.behaviour_mut().gossip;
            gossip.report_message_validation_result(&id.message, &id.source, acceptance);
        }
    }

    /// Replaces the kept peers; those already connected need no dial.
    fn keep(&mut self, peers: BTreeMap<NodeId, Vec<Multiaddr>>) {
        let nodes: Vec<NodeId> = peers.keys().copied().collect();
        self.redial.keep(peers, Instant::now());
        for node in nodes {
            if self.swarm.is_connected(&peer_of(node)) {
                self.redial.connected(&node);
            }
        }
    }

    /// Validators and kept peers find room whatever the limits say, and validators are trusted a little by gossip.
    fn make_room(&mut self) {
        let members = self.shared.roster.members();
        let limits = &mut self.swarm.behaviour_mut().limits;
        for peer in self.members.difference(&members) {
            limits.remove_peer_id(peer);
        }
        for peer in members.difference(&self.members) {
            limits.bypass_peer_id(peer);
        }
        self.members = members;
        self.count_places();
        let connected: Vec<PeerId> = self.swarm.connected_peers().copied().collect();
        for peer in connected {
            self.rank(&peer);
        }
    }

    /// Observers' places, after a connection or the set of members has changed.
    pub(crate) fn count_places(&mut self) {
        let places = connection_limits(&self.shared.limits, self.links.inbound_of(&self.members));
        *self.swarm.behaviour_mut().limits.limits_mut() = places;
    }

    pub(crate) fn rank(&mut self, peer: &PeerId) {
        let is_validator = self.shared.roster.is_validator(peer);
        rank(&mut self.swarm.behaviour_mut().gossip, peer, is_validator);
    }

    fn publish(&mut self, topic: Topic, bytes: Vec<u8>) {
        let length = bytes.len();
        let hash = self.topics.hash(topic);
        let outcome = self.swarm.behaviour_mut().gossip.publish(hash, bytes);
        let mut state = self.shared.lock();
        let gossip = &mut state.counters.gossip;
        match outcome {
            Ok(_) => gossip.sent(length),
            // Already travelling: whoever said it first, it is heard.
            Err(PublishError::Duplicate) => {}
            Err(PublishError::NoPeersSubscribedToTopic) => {
                gossip.undelivered += 1;
                self.transit.notice(NetEvent::Unheard { topic });
            }
            Err(error) => {
                gossip.dropped += 1;
                tracing::debug!(%error, topic = topic.name(), "a publication was dropped");
            }
        }
    }

    /// Starts the dials that are due.
    fn dial(&mut self) {
        for (node, addresses) in self.redial.take_due(Instant::now()) {
            let peer = peer_of(node);
            if self.swarm.is_connected(&peer) {
                continue;
            }
            let options = DialOpts::peer_id(peer)
                .addresses(addresses)
                .condition(PeerCondition::DisconnectedAndNotDialing)
                .build();
            if let Err(error) = self.swarm.dial(options) {
                tracing::debug!(%node, %error, "a kept peer could not be dialled");
                self.redial.lost(&node, Instant::now(), rand::random());
            }
        }
    }

    /// Puts on the wire what waits and fits, and closes the connections of those who do not keep up.
    fn pump(&mut self) {
        let mut launches = Vec::new();
        let mut resets = Vec::new();
        {
            let mut state = self.shared.lock();
            let state = &mut *state;
            for (node, slot) in &mut state.slots {
                let peer = peer_of(*node);
                match slot.fate {
                    Fate::ResetUnderway => continue,
                    Fate::ResetAsked => {
                        slot.fate = Fate::ResetUnderway;
                        resets.push(peer);
                        continue;
                    }
                    // Never let the lane dial by itself: `redial` alone decides, with its waits.
                    Fate::Kept if !self.swarm.is_connected(&peer) => continue,
                    Fate::Kept => {}
                }
                while let Some((class, payload)) = slot.outbox.launch() {
                    state.counters.of(class).sent(payload.len());
                    launches.push((*node, peer, class, payload));
                }
            }
        }
        for peer in resets {
            tracing::warn!(%peer, "a peer does not take its consensus messages: its connection is reset");
            let _ = self.swarm.disconnect_peer_id(peer);
        }
        for (to, peer, class, payload) in launches {
            let request = self.lane(class).send_request(&peer, Parcel::outgoing(Arc::clone(&payload)));
            self.flights.insert((class, request), Flight { to, payload });
        }
    }

    pub(crate) fn lane(&mut self, class: Class) -> &mut Lane {
        let behaviour = self.swarm.behaviour_mut();
        match class {
            Class::Consensus => &mut behaviour.consensus.lane,
            Class::Bulk => &mut behaviour.bulk,
        }
    }

    /// Closes politely, within a second: peers then learn at once instead of at their next ping.
    async fn farewell(mut self) {
        {
            let mut state = self.shared.lock();
            state.stop = Stop::Asked;
            state.slots.clear();
        }
        let connected: Vec<PeerId> = self.swarm.connected_peers().copied().collect();
        for peer in connected {
            let _ = self.swarm.disconnect_peer_id(peer);
        }
        let closing = async {
            while self.swarm.connected_peers().next().is_some() {
                self.swarm.select_next_some().await;
            }
        };
        // Past the deadline, dropping the swarm closes the sockets all the same.
        let _ = tokio::time::timeout(FAREWELL_TIMEOUT, closing).await;
    }
}
