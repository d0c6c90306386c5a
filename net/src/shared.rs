//! What the handles and the network task share: one lock, held for the time of a push, and a bell.
use crate::{
    config::PeerAddress,
    counters::Counters,
    event::{Class, Direction, GossipId, PeerInfo, Topic, Verdict},
    guard::Roster,
    limits::NetLimits,
    outbox::Outbox,
};
use libp2p::Multiaddr;
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::AtomicU64},
    time::SystemTime,
};
use tokio::sync::Notify;
use urne_types::NodeId;

/// Shared by the task and every handle.
pub(crate) struct Shared {
    pub(crate) limits: NetLimits,
    state: Mutex<State>,
    /// Rung by a handle that left something to do.
    pub(crate) bell: Notify,
    pub(crate) roster: Arc<Roster>,
    pub(crate) oversized: Arc<AtomicU64>,
}

/// Under the lock.
#[derive(Default)]
pub(crate) struct State {
    /// Exactly the peers that were told as connected.
    pub(crate) slots: BTreeMap<NodeId, Slot>,
    pub(crate) publications: VecDeque<(Topic, Vec<u8>)>,
    pub(crate) reports: VecDeque<(GossipId, Verdict)>,
    /// The newest set not yet applied.
    pub(crate) validators: Option<BTreeSet<NodeId>>,
    /// The newest list not yet applied, parsed.
    pub(crate) peers: Option<BTreeMap<NodeId, Vec<Multiaddr>>>,
    pub(crate) stop: Stop,
    pub(crate) counters: Counters,
}

/// Whether the task is asked to end.
#[derive(Default, PartialEq, Eq)]
pub(crate) enum Stop {
    #[default]
    No,
    Asked,
}

/// Whether the connections of a peer may stay.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Kept,
    /// It does not take its consensus messages: nothing more is offered, and its connections must be closed.
    ResetAsked,
    /// They are being closed.
    ResetUnderway,
}

/// A connected peer.
pub(crate) struct Slot {
    pub(crate) outbox: Outbox,
    pub(crate) fate: Fate,
    pub(crate) address: Multiaddr,
    pub(crate) direction: Direction,
    pub(crate) connected_since: SystemTime,
}

impl Shared {
    pub(crate) fn new(limits: NetLimits) -> Self {
        Self { limits, state: Mutex::default(), bell: Notify::new(), roster: Arc::default(), oversized: Arc::default() }
    }

    /// A poisoned lock means that another thread is already falling; the counters and queues are still whole.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slot {
    pub(crate) fn info(&self, node: NodeId, is_validator: bool) -> PeerInfo {
        PeerInfo {
            node,
            address: self.address.to_string(),
            direction: self.direction,
            connected_since: self.connected_since,
            is_validator,
        }
    }

    /// Messages that will never leave if the connection goes now.
    pub(crate) fn waiting(&self) -> [(Class, usize); 2] {
        [Class::Consensus, Class::Bulk].map(|class| (class, self.outbox.waiting(class)))
    }
}

/// Reads operators' addresses.
pub(crate) fn parse(peers: &[PeerAddress]) -> Result<BTreeMap<NodeId, Vec<Multiaddr>>, crate::NetError> {
    let mut parsed: BTreeMap<NodeId, Vec<Multiaddr>> = BTreeMap::new();
    for peer in peers {
        let addresses = peer.addresses.iter().map(|text| multiaddr(text)).collect::<Result<Vec<_>, _>>()?;
        parsed.entry(peer.node).or_default().extend(addresses);
    }
    Ok(parsed)
}

/// Reads one address.
pub(crate) fn multiaddr(text: &str) -> Result<Multiaddr, crate::NetError> {
    text.parse().map_err(|error: libp2p::multiaddr::Error| crate::NetError::Address {
        address: text.to_owned(),
        reason: error.to_string(),
    })
}
