//! What the network may bring to the owner thread, by which lane.
#![allow(clippy::unwrap_used)]
use std::collections::BTreeSet;
use tokio::sync::mpsc;
use urne_net::{Class, Net, NetConfig, NetEvent, NetLimits, NodeSecret};
use urne_node::{
    bridge::bring,
    clock::Clock,
    driver::{Arrival, Inbox},
};
use urne_replica::Stimulus;
use urne_types::{BlockHash, Height, NodeId, codec::encode, wire::PeerMessage};

const PEER: NodeId = NodeId([2; 32]);

/// What reaches the owner thread of these messages, in order.
async fn brought(messages: Vec<(Class, PeerMessage)>) -> Vec<PeerMessage> {
    let (net, _events) = Net::start(NetConfig {
        secret: NodeSecret::from_bytes([7; 32]),
        listen: Vec::new(),
        chain_id: [1; 32],
        peers: Vec::new(),
        validators: BTreeSet::default(),
        limits: NetLimits::default(),
    })
    .unwrap();
    let (inbox, mut arrivals) = Inbox::new(Clock::start());
    let (sender, events) = mpsc::channel(messages.len());
    for (class, message) in messages {
        sender.send(NetEvent::Message { from: PEER, class, bytes: encode(&message) }).await.unwrap();
    }
    drop(sender);
    bring(events, net, inbox).await;
    let mut brought = Vec::new();
    while let Some(arrival) = arrivals.recv().await {
        if let Arrival::Stimulus(_, Stimulus::FromPeer { from: PEER, message }) = arrival {
            brought.push(message);
        }
    }
    brought
}

#[tokio::test]
async fn agreement_comes_by_the_consensus_lane_only() {
    let (height, block) = (Height::FIRST, BlockHash([3; 32]));
    let agreement = [PeerMessage::BodyRequest { height, block }, PeerMessage::Body { height, block: vec![1] }];
    let open = [PeerMessage::Status { height, block }, PeerMessage::SyncRequest { from: height, count: 1 }];
    let by = |class: Class| agreement.iter().chain(&open).map(|it| (class, it.clone())).collect::<Vec<_>>();
    assert_eq!(brought(by(Class::Bulk)).await, open);
    assert_eq!(brought(by(Class::Consensus)).await, agreement.iter().chain(&open).cloned().collect::<Vec<_>>());
}
