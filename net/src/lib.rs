//! Carries opaque bytes between authenticated peers, within limits; knows peers, lanes and topics, never ballots.
//!
//! One task owns one libp2p swarm ([`Net::start`]); everyone else holds a [`NetHandle`], whose methods never wait, and one
//! reader drains the [`NetEvent`]s. Three ways to travel:
//!
//! - [`Class::Consensus`]: unicast, only between validators, never dropped for a connected validator: when its bounded queue
//!   overflows or an acknowledgement does not come, the connection is reset and both sides learn it.
//! - [`Class::Bulk`]: unicast, anyone on the same chain (block sync, observers); the oldest waiting message is dropped first.
//! - gossip on a [`Topic`]: best effort, dropped first when the reader is slow, forwarded only after a [`Verdict`].
//!
//! Delivery is *at least once* towards a peer that stays connected: a unicast is acknowledged once the reader's channel holds
//! it. What could not be acknowledged is told as [`NetEvent::Undelivered`] or as a [`SendError`]: nothing is lost silently.
//! Order is not promised, within a lane or between lanes.
//!
//! Protocol names carry the chain id: nodes of two chains can shake hands, and then have nothing to say to each other.
mod behaviour;
mod carrier;
mod codec;
mod config;
mod counters;
mod error;
mod event;
mod gossip;
mod guard;
mod handle;
mod happening;
mod identity;
mod limits;
mod links;
mod outbox;
mod redial;
mod shared;
mod transit;

pub use carrier::Net;
pub use config::{NetConfig, PeerAddress};
pub use counters::{Counters, Traffic};
pub use error::{NetError, SendError};
pub use event::{Class, Direction, GossipId, NetEvent, PeerInfo, Topic, Verdict};
pub use handle::NetHandle;
pub use identity::NodeSecret;
pub use limits::NetLimits;
pub use urne_types::NodeId;
