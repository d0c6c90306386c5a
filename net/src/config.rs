//! What a node must be told before it opens a socket.
use crate::{identity::NodeSecret, limits::NetLimits};
use std::collections::BTreeSet;
use urne_types::NodeId;

/// Everything that [`Net::start`](crate::Net::start) needs. No `Debug`: it holds a secret.
#[derive(Clone)]
pub struct NetConfig {
    /// The network identity of this node; not its consensus key.
    pub secret: NodeSecret,
    /// Multiaddresses to listen on, such as `/ip4/0.0.0.0/tcp/26656` or `/ip4/0.0.0.0/udp/26656/quic-v1`; may be empty.
    pub listen: Vec<String>,
    /// Hash of the genesis: protocol and topic names carry its hex, so that two chains never understand each other.
    pub chain_id: [u8; 32],
    /// Peers that this node keeps connected, redialling for ever.
    pub peers: Vec<PeerAddress>,
    /// Who may speak on the consensus lane and always finds room; follow the chain with
    /// [`NetHandle::set_validators`](crate::NetHandle::set_validators).
    pub validators: BTreeSet<NodeId>,
    /// Sizes, counts and durations.
    pub limits: NetLimits,
}

/// Where a node may be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerAddress {
    /// Its proven name: a connection that authenticates as another node is refused.
    pub node: NodeId,
    /// Multiaddresses, tried together: `/dns/node.example.org/tcp/26656`, `/ip4/192.0.2.7/udp/26656/quic-v1`.
    pub addresses: Vec<String>,
}
