//! A small world for the tests: real nodes on 127.0.0.1, named by a number, and waits that end.
#![allow(dead_code, reason = "each test file uses its part of the world")]
use std::{collections::BTreeSet, time::Duration};
use tokio::{sync::mpsc, time::timeout};
use urne_net::{
    Class, Net, NetConfig, NetEvent, NetHandle, NetLimits, NodeId, NodeSecret, PeerAddress, Topic, Verdict,
};

/// Longer than any honest exchange on a loaded machine; a test that reaches it has failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// The chain of these tests.
pub(crate) const CHAIN: [u8; 32] = [0xC4; 32];

/// A running node and what it hears.
pub(crate) struct Node {
    pub(crate) net: NetHandle,
    pub(crate) events: mpsc::Receiver<NetEvent>,
    pub(crate) address: String,
}

/// The name of the node that a number stands for.
pub(crate) fn id(number: u8) -> NodeId {
    secret(number).node_id()
}

fn secret(number: u8) -> NodeSecret {
    NodeSecret::from_bytes([number; 32])
}

/// A node that listens on any port, keeps nobody, and holds nodes 1 to 4 for validators.
pub(crate) fn config(number: u8) -> NetConfig {
    NetConfig {
        secret: secret(number),
        listen: vec!["/ip4/127.0.0.1/tcp/0".into()],
        chain_id: CHAIN,
        peers: vec![],
        validators: (1..=4).map(id).collect::<BTreeSet<_>>(),
        limits: NetLimits::default(),
    }
}

/// Starts a node and waits until it listens.
pub(crate) async fn start(config: NetConfig) -> Node {
    let (net, mut events) = Net::start(config).expect("it starts");
    let NetEvent::Listening { address } = next(&mut events).await else { panic!("first it listens") };
    Node { net, events, address }
}

/// Starts a node that dials the given ones.
pub(crate) async fn start_towards(mut config: NetConfig, others: &[&Node]) -> Node {
    config.peers = others.iter().map(|other| other.as_peer()).collect();
    start(config).await
}

/// Starts two validators, 1 and 2, and waits until they have met.
pub(crate) async fn pair() -> (Node, Node) {
    pair_of(config(1), config(2)).await
}

pub(crate) async fn pair_of(one: NetConfig, two: NetConfig) -> (Node, Node) {
    let mut one = start(one).await;
    let mut two = start_towards(two, &[&one]).await;
    one.meets(two.id()).await;
    two.meets(one.id()).await;
    (one, two)
}

async fn next(events: &mut mpsc::Receiver<NetEvent>) -> NetEvent {
    timeout(PATIENCE, events.recv()).await.expect("something happens in time").expect("the node lives")
}

/// Waits for a fact that no event tells.
pub(crate) async fn until(fact: impl Fn() -> bool) {
    let mut tick = tokio::time::interval(Duration::from_millis(5));
    let waiting = async {
        while !fact() {
            tick.tick().await;
        }
    };
    timeout(PATIENCE, waiting).await.expect("it becomes true in time");
}

impl Node {
    pub(crate) fn id(&self) -> NodeId {
        self.net.node_id()
    }

    pub(crate) fn as_peer(&self) -> PeerAddress {
        PeerAddress { node: self.id(), addresses: vec![self.address.clone()] }
    }

    /// The first event that the choice accepts; those before it are dropped.
    pub(crate) async fn first<T>(&mut self, choice: impl Fn(NetEvent) -> Option<T>) -> T {
        loop {
            if let Some(chosen) = choice(next(&mut self.events).await) {
                return chosen;
            }
        }
    }

    /// The next event that is not the coming or going of a connection.
    pub(crate) async fn hears(&mut self) -> NetEvent {
        self.first(|event| match event {
            NetEvent::Listening { .. } | NetEvent::Connected { .. } | NetEvent::Disconnected { .. } => None,
            other => Some(other),
        })
        .await
    }

    pub(crate) async fn meets(&mut self, peer: NodeId) {
        self.first(|event| (event == NetEvent::Connected { peer }).then_some(())).await;
    }

    pub(crate) async fn loses(&mut self, peer: NodeId) {
        self.first(|event| (event == NetEvent::Disconnected { peer }).then_some(())).await;
    }

    /// The next unicast.
    pub(crate) async fn receives(&mut self) -> (NodeId, Class, Vec<u8>) {
        self.first(|event| match event {
            NetEvent::Message { from, class, bytes } => Some((from, class, bytes)),
            _ => None,
        })
        .await
    }

    /// The next gossip, with the given verdict told.
    pub(crate) async fn judges(&mut self, verdict: Verdict) -> (NodeId, Topic, Vec<u8>) {
        let (from, topic, bytes, id) = self
            .first(|event| match event {
                NetEvent::Gossip { from, topic, bytes, id } => Some((from, topic, bytes, id)),
                _ => None,
            })
            .await;
        self.net.report(id, verdict);
        (from, topic, bytes)
    }

    /// The next loss of unicasts, in messages.
    pub(crate) async fn is_told_undelivered(&mut self, peer: NodeId) -> usize {
        self.first(|event| match event {
            NetEvent::Undelivered { to, messages } if to == peer => Some(messages),
            _ => None,
        })
        .await
    }

    /// Publishes until somebody listens: a subscription follows a connection, and no event tells it.
    pub(crate) async fn publishes(&mut self, topic: Topic, bytes: &[u8]) {
        let before = self.net.counters().gossip.messages_out;
        let mut tick = tokio::time::interval(Duration::from_millis(20));
        let heard = async {
            loop {
                let lost = self.net.counters().gossip.undelivered;
                self.net.publish(topic, bytes.to_vec()).expect("it is taken");
                loop {
                    tick.tick().await;
                    let counters = self.net.counters().gossip;
                    if counters.messages_out > before {
                        return;
                    }
                    if counters.undelivered > lost {
                        break;
                    }
                }
            }
        };
        timeout(PATIENCE, heard).await.expect("somebody listens in time");
    }
}
