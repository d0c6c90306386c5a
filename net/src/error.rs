//! What may fail when a node opens its sockets, and when it sends.
use crate::NodeId;
use std::io;

/// The network could not start.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// An address is not a multiaddress.
    #[error(
        "{address:?} is not a network address: write it like /ip4/0.0.0.0/tcp/26656 or /dns/host/tcp/26656 ({reason})"
    )]
    Address {
        /// As written by the operator.
        address: String,
        /// What the parser says.
        reason: String,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {reason}; is another node running, or the address of another machine?")]
    Listen {
        /// As written by the operator.
        address: String,
        /// What the system says.
        reason: String,
    },
    /// The machine's name resolution is not readable.
    #[error("the name resolver's configuration (/etc/resolv.conf) cannot be read")]
    Resolver(#[source] io::Error),
    /// Encryption or gossip could not be set up.
    #[error("the network stack cannot be set up: {reason}")]
    Setup {
        /// What libp2p says.
        reason: String,
    },
    /// There is no tokio runtime to run on.
    #[error("the network must be started inside a tokio runtime")]
    Runtime(#[source] tokio::runtime::TryCurrentError),
}

/// A message was not taken; the caller still has to deliver it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The peer is not connected (yet, or any more): send again on [`NetEvent::Connected`](crate::NetEvent::Connected).
    #[error("node {to} is not connected")]
    NotConnected {
        /// Whom it was for.
        to: NodeId,
    },
    /// Larger than the lane or topic allows.
    #[error("a message of {bytes} bytes exceeds the limit of {bytes_max}")]
    TooLarge {
        /// Size asked.
        bytes: usize,
        /// Size allowed.
        bytes_max: usize,
    },
    /// The validator has not acknowledged for so long that its queue is full; its connection is being reset.
    #[error("node {to} does not keep up: its connection is reset")]
    Overflow {
        /// Whom it was for.
        to: NodeId,
    },
    /// Too many messages are waiting to be gossiped: slow down.
    #[error("too many messages wait to be gossiped")]
    Busy,
    /// The network has been shut down.
    #[error("the network is shut down")]
    Closed,
}
