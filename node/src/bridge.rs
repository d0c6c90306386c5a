//! Between the replica's messages and the network's bytes: encodes on the way out, decodes within bounds on the way in.
use crate::driver::Inbox;
use std::{collections::BTreeSet, sync::Arc};
use tokio::sync::mpsc;
use urne_net::{Class, NetEvent, NetHandle, PeerAddress, Topic, Verdict};
use urne_replica::{Stimulus, To};
use urne_types::{
    NodeId,
    codec::{decode_canonical, encode},
    limits::{GOSSIP_BATCH_BYTES_MAX, MESSAGE_BYTES_MAX},
    transaction::RawTx,
    wire::{PeerMessage, TxBatch},
};

/// The way out. Sending never waits: what a peer misses, it is told again or fetches.
pub struct Carrier {
    net: NetHandle,
    validators: BTreeSet<NodeId>,
    /// Peers of the configuration, kept connected whoever the validators are.
    fixed: Vec<PeerAddress>,
}

impl Carrier {
    /// A way out over a network that has started.
    #[must_use]
    pub fn new(net: NetHandle, fixed: Vec<PeerAddress>) -> Self {
        Self { net, validators: BTreeSet::new(), fixed }
    }

    /// Sends to some; a peer that is not connected hears of it when it comes back.
    pub fn send(&self, to: To, message: &PeerMessage) {
        let bytes = Arc::new(encode(message));
        let to: Vec<NodeId> = match to {
            To::Peer(peer) => vec![peer],
            To::Validators => self.validators.iter().copied().collect(),
            To::Everyone => self.net.peers().into_iter().map(|it| it.node).collect(),
        };
        for peer in to {
            if peer != self.net.node_id() {
                let _ = self.net.send(peer, self.class(&peer, message), Arc::clone(&bytes));
            }
        }
    }

    fn class(&self, peer: &NodeId, message: &PeerMessage) -> Class {
        let is_between_validators = self.validators.contains(peer) && self.validators.contains(&self.net.node_id());
        match message {
            it if is_between_validators && it.is_agreement() => Class::Consensus,
            _ => Class::Bulk,
        }
    }

    /// Passes transactions on; a full network drops them, they stay in our own mempool.
    pub fn gossip(&self, batch: &TxBatch) {
        let _ = self.net.publish(Topic::Ballots, encode(batch));
    }

    /// The validators have changed: allow and dial them.
    pub fn set_validators(&mut self, addresses: Vec<(NodeId, Vec<String>)>) {
        self.validators = addresses.iter().map(|(node, _)| *node).collect();
        self.net.set_validators(self.validators.clone());
        let mut peers = self.fixed.clone();
        for (node, addresses) in addresses {
            if node != self.net.node_id() && !peers.iter().any(|it| it.node == node) {
                peers.push(PeerAddress { node, addresses });
            }
        }
        if let Err(e) = self.net.set_peers(&peers) {
            tracing::warn!(error = %e, "a validator's address cannot be dialled");
        }
    }
}

/// Brings what the network says to the owner thread until one of them ends.
pub async fn bring(mut events: mpsc::Receiver<NetEvent>, net: NetHandle, inbox: Inbox) {
    while let Some(event) = events.recv().await {
        let goes_on = match event {
            NetEvent::Connected { peer } => inbox.deliver(Stimulus::Connected { peer }).await,
            NetEvent::Disconnected { peer } => inbox.deliver(Stimulus::Disconnected { peer }).await,
            NetEvent::Message { from, class, bytes } => {
                match decode_canonical::<PeerMessage>(&bytes, MESSAGE_BYTES_MAX) {
                    Ok(message) if class != Class::Consensus && message.is_agreement() => {
                        // The door of the consensus lane lets validators in only; the other lane is no way around it.
                        tracing::warn!(peer = %from, "a peer spoke of agreement on the lane that is open to all");
                        true
                    }
                    Ok(message) => inbox.deliver(Stimulus::FromPeer { from, message }).await,
                    Err(e) => {
                        tracing::warn!(peer = %from, error = %e, "a peer sent a message that does not decode");
                        true
                    }
                }
            }
            NetEvent::Gossip { bytes, id, .. } => {
                let verdict = match decode_canonical::<TxBatch>(&bytes, GOSSIP_BATCH_BYTES_MAX) {
                    Ok(batch) => {
                        let raws = batch.txs.into_vec().into_iter().map(RawTx).collect();
                        if inbox.offer(Stimulus::Gossiped { raws }) { Verdict::Accept } else { Verdict::Ignore }
                    }
                    Err(_) => Verdict::Reject,
                };
                net.report(id, verdict);
                true
            }
            NetEvent::Listening { address } => {
                tracing::info!(%address, "peers reach this node");
                true
            }
            NetEvent::Undelivered { to, messages } => {
                tracing::debug!(peer = %to, messages, "messages were not delivered");
                true
            }
            NetEvent::Unheard { .. } => true,
        };
        if !goes_on {
            return;
        }
    }
}
