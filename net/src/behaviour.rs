//! The swarm of one chain: what it speaks, and to how many.
use crate::{
    codec::ParcelCodec,
    config::NetConfig,
    error::NetError,
    gossip::{Gossip, Topics, gossip},
    guard::{Guarded, Lane, Roster},
    limits::{BULK_STREAMS_MAX, CONSENSUS_STREAMS_MAX, HANDSHAKE_TIMEOUT, NetLimits, PING_INTERVAL, PING_TIMEOUT},
};
use libp2p::{
    StreamProtocol, Swarm, SwarmBuilder, connection_limits, identify, identity::PublicKey, noise, ping,
    request_response, swarm::NetworkBehaviour, tcp, yamux,
};
use std::sync::{Arc, atomic::AtomicU64};

/// Limits come first: a refused connection reaches nobody else.
#[derive(NetworkBehaviour)]
pub(crate) struct Behaviour {
    pub(crate) limits: connection_limits::Behaviour,
    pub(crate) identify: identify::Behaviour,
    pub(crate) ping: ping::Behaviour,
    pub(crate) consensus: Guarded,
    pub(crate) bulk: Lane,
    pub(crate) gossip: Gossip,
}

/// What `identify` calls the protocol version; a peer that says another one is of another chain, or of another age.
pub(crate) fn protocol_version(chain: &str) -> String {
    format!("/urne/{chain}/1")
}

/// Builds the swarm; nothing listens yet.
///
/// QUIC needs no process-wide rustls provider: libp2p-tls names aws-lc-rs itself for its two configurations.
pub(crate) fn swarm(
    config: &NetConfig,
    chain: &str,
    topics: &Topics,
    roster: &Arc<Roster>,
    oversized: &Arc<AtomicU64>,
) -> Result<Swarm<Behaviour>, NetError> {
    let setup = |reason: String| NetError::Setup { reason };
    let gossip = gossip(chain, topics).map_err(setup)?;
    let swarm = SwarmBuilder::with_existing_identity(config.secret.keypair())
        .with_tokio()
        .with_tcp(tcp::Config::default().nodelay(true), noise::Config::new, yamux::Config::default)
        .map_err(|error| setup(error.to_string()))?
        .with_quic()
        .with_dns()
        .map_err(NetError::Resolver)?
        .with_behaviour(|key| behaviour(config, chain, key.public(), gossip, roster, oversized))
        .map_err(|error| setup(error.to_string()))?
        .with_swarm_config(|swarm| swarm.with_idle_connection_timeout(config.limits.idle_timeout))
        .with_connection_timeout(HANDSHAKE_TIMEOUT)
        .build();
    Ok(swarm)
}

fn behaviour(
    config: &NetConfig,
    chain: &str,
    public: PublicKey,
    gossip: Gossip,
    roster: &Arc<Roster>,
    oversized: &Arc<AtomicU64>,
) -> Behaviour {
    let limits = &config.limits;
    let lane = |name: &str, streams_max: usize, budget_bytes: Option<usize>| {
        let protocol =
            StreamProtocol::try_from_owned(format!("/urne/{chain}/{name}/1")).expect("it starts with a slash");
        Lane::with_codec(
            ParcelCodec::new(limits.message_bytes_max, budget_bytes, Arc::clone(oversized)),
            [(protocol, request_response::ProtocolSupport::Full)],
            request_response::Config::default()
                .with_request_timeout(limits.request_timeout)
                .with_max_concurrent_streams(streams_max),
        )
    };
    let consensus = lane("consensus", CONSENSUS_STREAMS_MAX, None);
    Behaviour {
        limits: connection_limits::Behaviour::new(connection_limits(limits, 0)),
        identify: identify::Behaviour::new(
            identify::Config::new(protocol_version(chain), public)
                .with_agent_version(concat!("urne/", env!("CARGO_PKG_VERSION")).into())
                .with_cache_size(0),
        ),
        ping: ping::Behaviour::new(ping::Config::new().with_interval(PING_INTERVAL).with_timeout(PING_TIMEOUT)),
        consensus: Guarded::new(consensus, Arc::clone(roster)),
        bulk: lane("bulk", BULK_STREAMS_MAX, Some(limits.bulk_arriving_bytes_max)),
        gossip,
    }
}

/// Validators and kept peers bypass these limits by name, yet libp2p counts their connections among the established: those
/// that stand now are added, so that observers find exactly their own places.
pub(crate) fn connection_limits(limits: &NetLimits, members_inbound: u32) -> connection_limits::ConnectionLimits {
    connection_limits::ConnectionLimits::default()
        .with_max_pending_incoming(Some(limits.pending_connections_max))
        .with_max_pending_outgoing(Some(limits.pending_connections_max))
        .with_max_established_incoming(Some(limits.observers_max.saturating_add(members_inbound)))
        .with_max_established_per_peer(Some(limits.connections_per_peer_max))
}
