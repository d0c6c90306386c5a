//! What the HTTP side may see of a running node: status, a door to the owner thread, a reader of the ledger, the events.
//! It can neither change the replica nor wait on it.
use crate::{driver::Inbox, metrics::Metrics, node::Role};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::sync::{broadcast, oneshot, watch};
use urne_ledger::Readers;
use urne_net::NetHandle;
use urne_replica::{Status, Stimulus, Submission, Ticket};
use urne_types::{Rejection, TxId, ValidatorId, genesis::Genesis, transaction::RawTx};

/// Refused transactions that are remembered, so that whoever asks learns the number: 10,000 x 40 bytes.
const REJECTED_MAX: usize = 10_000;
/// Pending transactions that are remembered: twice what a mempool holds.
const PENDING_MAX: usize = 100_000;
/// Events that a slow listener may lag behind before it misses some and is told so.
pub const EVENTS_MAX: usize = 1_024;

/// One event of the stream: its kind and its JSON.
#[derive(Clone, Debug)]
pub struct StreamEvent {
    /// `block`, `election`, `validator`, …
    pub kind: &'static str,
    /// The data.
    pub json: String,
}

/// Who this node is.
#[derive(Clone, Copy, Debug)]
pub struct NodeInfo {
    /// Its validator, if it has a consensus key.
    pub validator: Option<ValidatorId>,
    /// Whether it takes part.
    pub role: Role,
}

/// See the module.
pub struct Shared {
    /// Who this node is.
    pub info: NodeInfo,
    /// The chain's beginning.
    pub genesis: Genesis,
    /// Blocks and state, to read.
    pub readers: Readers,
    /// The network, to show.
    pub net: NetHandle,
    /// Latest status; none before the replica is ready.
    pub status: watch::Sender<Option<Status>>,
    /// The event stream.
    pub events: broadcast::Sender<StreamEvent>,
    /// Counters and gauges.
    pub metrics: Metrics,
    inbox: Inbox,
    tickets: Mutex<BTreeMap<Ticket, oneshot::Sender<Vec<Submission>>>>,
    next_ticket: AtomicU64,
    fates: Mutex<Fates>,
}

#[derive(Default)]
struct Fates {
    rejected: BTreeMap<TxId, Rejection>,
    rejected_order: VecDeque<TxId>,
    pending: BTreeSet<TxId>,
}

/// What is known of a transaction that is not in the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It waits.
    Pending,
    /// A rule refused it.
    Rejected(Rejection),
    /// Never heard of.
    Unknown,
}

impl Shared {
    /// The node's public side.
    #[must_use]
    pub fn new(
        genesis: Genesis,
        readers: Readers,
        net: NetHandle,
        inbox: Inbox,
        metrics: Metrics,
        info: NodeInfo,
    ) -> Self {
        Self {
            info,
            genesis,
            readers,
            net,
            status: watch::Sender::new(None),
            events: broadcast::Sender::new(EVENTS_MAX),
            metrics,
            inbox,
            tickets: Mutex::default(),
            next_ticket: AtomicU64::new(1),
            fates: Mutex::default(),
        }
    }

    /// Hands transactions to the owner thread; `None` when its inbox is full: try later.
    pub fn submit(&self, raws: Vec<RawTx>) -> Option<oneshot::Receiver<Vec<Submission>>> {
        let ticket = Ticket(self.next_ticket.fetch_add(1, Ordering::Relaxed));
        let (sender, receiver) = oneshot::channel();
        lock(&self.tickets).insert(ticket, sender);
        if self.inbox.offer(Stimulus::Submitted { ticket, raws }) {
            Some(receiver)
        } else {
            lock(&self.tickets).remove(&ticket);
            None
        }
    }

    /// What became of a transaction that the ledger does not have.
    #[must_use]
    pub fn fate(&self, id: &TxId) -> Fate {
        let fates = lock(&self.fates);
        match (fates.rejected.get(id), fates.pending.contains(id)) {
            (Some(rejection), _) => Fate::Rejected(*rejection),
            (None, true) => Fate::Pending,
            (None, false) => Fate::Unknown,
        }
    }

    pub(crate) fn answer(&self, ticket: Ticket, outcomes: Vec<Submission>) {
        let mut fates = lock(&self.fates);
        for outcome in &outcomes {
            match outcome {
                Submission::Pending { id } => fates.wait(*id),
                Submission::Refused { id: Some(id), rejection } => fates.reject(*id, *rejection),
                _ => {}
            }
        }
        drop(fates);
        if let Some(waiting) = lock(&self.tickets).remove(&ticket) {
            let _ = waiting.send(outcomes); // the client may have gone
        }
    }

    pub(crate) fn heard(&self, ids: &[TxId]) {
        let mut fates = lock(&self.fates);
        ids.iter().for_each(|id| fates.wait(*id));
    }

    pub(crate) fn dropped(&self, id: TxId, rejection: Rejection) {
        lock(&self.fates).reject(id, rejection);
    }

    pub(crate) fn committed(&self, ids: &[TxId]) {
        let mut fates = lock(&self.fates);
        for id in ids {
            fates.pending.remove(id);
            fates.rejected.remove(id);
        }
    }
}

impl Fates {
    fn wait(&mut self, id: TxId) {
        if self.pending.len() < PENDING_MAX {
            self.rejected.remove(&id);
            self.pending.insert(id);
        }
    }
    fn reject(&mut self, id: TxId, rejection: Rejection) {
        self.pending.remove(&id);
        if self.rejected.insert(id, rejection).is_none() {
            self.rejected_order.push_back(id);
        }
        if REJECTED_MAX < self.rejected_order.len()
            && let Some(oldest) = self.rejected_order.pop_front()
        {
            self.rejected.remove(&oldest);
        }
    }
}

/// A lock whose holder cannot have left it half changed: every critical section here is a few map operations.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
