//! How the rest of the node speaks to the network: methods that never wait, from any thread. A refusal is an answer, told at
//! once; what is taken and then fails comes back as [`NetEvent::Undelivered`](crate::NetEvent::Undelivered).
use crate::{
    config::PeerAddress,
    counters::Counters,
    error::{NetError, SendError},
    event::{Class, GossipId, PeerInfo, Topic, Verdict},
    identity::peer_of,
    limits::REPORTS_MAX,
    outbox::{Offer, Payload},
    shared::{Fate, Shared, Stop, parse},
};
use std::{
    collections::BTreeSet,
    convert::Infallible,
    sync::{Arc, atomic::Ordering},
};
use tokio::sync::{mpsc, watch};
use urne_types::NodeId;

/// A cheap handle on the network task; the task ends when the last one is dropped.
#[derive(Clone)]
pub struct NetHandle {
    pub(crate) node: NodeId,
    pub(crate) shared: Arc<Shared>,
    /// Nothing is ever sent: the task sees the last handle go.
    pub(crate) _leash: mpsc::Sender<Infallible>,
    pub(crate) ended: watch::Receiver<()>,
}

impl NetHandle {
    /// The name by which others know this node.
    #[must_use]
    pub fn node_id(&self) -> NodeId {
        self.node
    }

    /// Queues one message for one connected peer; a payload shared by several peers is not copied (`Arc<Vec<u8>>`).
    ///
    /// # Errors
    /// [`SendError::NotConnected`], [`SendError::TooLarge`], [`SendError::Overflow`] (consensus only; the connection is then
    /// reset) or [`SendError::Closed`]: in each case the message was not taken.
    pub fn send(&self, to: NodeId, class: Class, bytes: impl Into<Arc<Vec<u8>>>) -> Result<(), SendError> {
        let payload: Payload = bytes.into();
        let limits = &self.shared.limits;
        if payload.len() > limits.message_bytes_max {
            return Err(SendError::TooLarge { bytes: payload.len(), bytes_max: limits.message_bytes_max });
        }
        let mut state = self.shared.lock();
        if state.stop == Stop::Asked || self.ended.has_changed().is_err() {
            return Err(SendError::Closed);
        }
        let state = &mut *state;
        let slot = state.slots.get_mut(&to).ok_or(SendError::NotConnected { to })?;
        if slot.fate != Fate::Kept {
            return Err(SendError::Overflow { to });
        }
        let answer = match slot.outbox.offer(class, payload, limits) {
            Offer::Taken => Ok(()),
            Offer::TakenDropping(messages) => {
                state.counters.of(class).dropped += messages;
                Ok(())
            }
            Offer::Overflow => {
                slot.fate = Fate::ResetAsked;
                state.counters.consensus_resets += 1;
                Err(SendError::Overflow { to })
            }
        };
        self.shared.bell.notify_one();
        answer
    }

    /// Queues one message for everybody who listens to the topic. Best effort: [`NetEvent::Unheard`](crate::NetEvent::Unheard)
    /// tells when nobody did.
    ///
    /// # Errors
    /// [`SendError::TooLarge`], [`SendError::Busy`] or [`SendError::Closed`].
    pub fn publish(&self, topic: Topic, bytes: Vec<u8>) -> Result<(), SendError> {
        if bytes.len() > topic.bytes_max() {
            return Err(SendError::TooLarge { bytes: bytes.len(), bytes_max: topic.bytes_max() });
        }
        let mut state = self.shared.lock();
        if state.stop == Stop::Asked || self.ended.has_changed().is_err() {
            return Err(SendError::Closed);
        }
        if state.publications.len() >= self.shared.limits.publications_max {
            return Err(SendError::Busy);
        }
        state.publications.push_back((topic, bytes));
        self.shared.bell.notify_one();
        Ok(())
    }

    /// Tells what a gossip message was worth; without it the message goes no further. Counts, if too many wait to be told.
    pub fn report(&self, id: GossipId, verdict: Verdict) {
        let mut state = self.shared.lock();
        if state.reports.len() < REPORTS_MAX {
            state.reports.push_back((id, verdict));
            self.shared.bell.notify_one();
        } else {
            state.counters.verdicts_dropped += 1;
        }
    }

    /// Replaces the set of nodes that may speak on the consensus lane and always find room. Takes effect on the next stream
    /// of each peer, without closing a connection.
    pub fn set_validators(&self, validators: BTreeSet<NodeId>) {
        self.shared.lock().validators = Some(validators);
        self.shared.bell.notify_one();
    }

    /// Replaces the list of peers kept connected; those no longer named are not disconnected, only no longer redialled.
    ///
    /// # Errors
    /// [`NetError::Address`]: nothing was changed.
    pub fn set_peers(&self, peers: &[PeerAddress]) -> Result<(), NetError> {
        let parsed = parse(peers)?;
        self.shared.lock().peers = Some(parsed);
        self.shared.bell.notify_one();
        Ok(())
    }

    /// The connected peers of this chain, by name.
    #[must_use]
    pub fn peers(&self) -> Vec<PeerInfo> {
        let roster = &self.shared.roster;
        let state = self.shared.lock();
        state.slots.iter().map(|(node, slot)| slot.info(*node, roster.is_validator(&peer_of(*node)))).collect()
    }

    /// What has travelled since the start.
    #[must_use]
    pub fn counters(&self) -> Counters {
        let mut counters = self.shared.lock().counters;
        counters.oversized_refused = self.shared.oversized.load(Ordering::Relaxed);
        counters
    }

    /// Closes every connection and socket, and returns when the task has ended. Waiting messages are lost.
    pub async fn shutdown(&self) {
        self.shared.lock().stop = Stop::Asked;
        self.shared.bell.notify_one();
        let mut ended = self.ended.clone();
        // The sender says nothing: it is dropped when the task ends.
        while ended.changed().await.is_ok() {}
    }
}
