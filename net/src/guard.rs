//! The door of the consensus lane: it listens to validators only, and keeps the connections of validators and kept peers
//! alive when they are silent. The set may change at any time, without touching a connection.
//!
//! Why a door and not a check after reading: the lane has no arrival budget, so whoever may speak on it may fill memory.
use crate::codec::ParcelCodec;
use futures::future::Either as Upgraded;
use libp2p::{
    Multiaddr, PeerId,
    core::{Endpoint, transport::PortUse, upgrade::DeniedUpgrade},
    request_response,
    swarm::{
        ConnectionDenied, ConnectionHandler, ConnectionHandlerEvent, ConnectionId, FromSwarm, NetworkBehaviour,
        SubstreamProtocol, THandler, THandlerInEvent, THandlerOutEvent, ToSwarm,
        derive_prelude::Either,
        handler::{
            AddressChange, ConnectionEvent, DialUpgradeError, FullyNegotiatedInbound, FullyNegotiatedOutbound,
            ListenUpgradeError, SendWrapper,
        },
    },
};
use std::{
    collections::HashSet,
    sync::{Arc, PoisonError, RwLock},
    task::{Context, Poll},
};

/// One unicast lane.
pub(crate) type Lane = request_response::Behaviour<ParcelCodec>;
type LaneHandler = THandler<Lane>;
type LaneInbound = <LaneHandler as ConnectionHandler>::InboundProtocol;
type LaneOutbound = <LaneHandler as ConnectionHandler>::OutboundProtocol;
type GuardedInbound = Either<SendWrapper<LaneInbound>, SendWrapper<DeniedUpgrade>>;

/// Who may speak on the consensus lane, and whose connections are kept.
#[derive(Debug, Default)]
pub(crate) struct Roster(RwLock<Members>);

#[derive(Debug, Default)]
struct Members {
    validators: HashSet<PeerId>,
    kept: HashSet<PeerId>,
}

impl Roster {
    pub(crate) fn set_validators(&self, validators: HashSet<PeerId>) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).validators = validators;
    }

    pub(crate) fn set_kept(&self, kept: HashSet<PeerId>) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).kept = kept;
    }

    pub(crate) fn is_validator(&self, peer: &PeerId) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).validators.contains(peer)
    }

    /// Validators and kept peers.
    pub(crate) fn members(&self) -> HashSet<PeerId> {
        let members = self.0.read().unwrap_or_else(PoisonError::into_inner);
        members.validators.union(&members.kept).copied().collect()
    }

    fn is_member(&self, peer: &PeerId) -> bool {
        let members = self.0.read().unwrap_or_else(PoisonError::into_inner);
        members.validators.contains(peer) || members.kept.contains(peer)
    }
}

/// A lane behind the door; everything but listening is the lane's own.
pub(crate) struct Guarded {
    pub(crate) lane: Lane,
    roster: Arc<Roster>,
}

impl Guarded {
    pub(crate) fn new(lane: Lane, roster: Arc<Roster>) -> Self {
        Self { lane, roster }
    }

    fn guard(&self, peer: PeerId, inner: LaneHandler) -> GuardedHandler {
        GuardedHandler { inner, peer, roster: Arc::clone(&self.roster) }
    }
}

impl NetworkBehaviour for Guarded {
    type ConnectionHandler = GuardedHandler;
    type ToSwarm = <Lane as NetworkBehaviour>::ToSwarm;

    fn handle_established_inbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        local: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        let inner = self.lane.handle_established_inbound_connection(connection, peer, local, remote)?;
        Ok(self.guard(peer, inner))
    }

    fn handle_pending_outbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: Option<PeerId>,
        addresses: &[Multiaddr],
        role: Endpoint,
    ) -> Result<Vec<Multiaddr>, ConnectionDenied> {
        self.lane.handle_pending_outbound_connection(connection, peer, addresses, role)
    }

    fn handle_established_outbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        address: &Multiaddr,
        role: Endpoint,
        port_use: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        let inner = self.lane.handle_established_outbound_connection(connection, peer, address, role, port_use)?;
        Ok(self.guard(peer, inner))
    }

    fn on_swarm_event(&mut self, event: FromSwarm) {
        self.lane.on_swarm_event(event);
    }

    fn on_connection_handler_event(&mut self, peer: PeerId, connection: ConnectionId, event: THandlerOutEvent<Self>) {
        self.lane.on_connection_handler_event(peer, connection, event);
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        self.lane.poll(cx)
    }
}

/// The door on one connection.
pub(crate) struct GuardedHandler {
    inner: LaneHandler,
    peer: PeerId,
    roster: Arc<Roster>,
}

impl ConnectionHandler for GuardedHandler {
    type FromBehaviour = <LaneHandler as ConnectionHandler>::FromBehaviour;
    type ToBehaviour = <LaneHandler as ConnectionHandler>::ToBehaviour;
    type InboundProtocol = GuardedInbound;
    type OutboundProtocol = LaneOutbound;
    type InboundOpenInfo = ();
    type OutboundOpenInfo = ();

    /// Asked anew for each stream that the peer opens: this is the door.
    fn listen_protocol(&self) -> SubstreamProtocol<GuardedInbound> {
        if self.roster.is_validator(&self.peer) {
            self.inner.listen_protocol().map_upgrade(|upgrade| Either::Left(SendWrapper(upgrade)))
        } else {
            SubstreamProtocol::new(Either::Right(SendWrapper(DeniedUpgrade)), ())
        }
    }

    fn connection_keep_alive(&self) -> bool {
        self.roster.is_member(&self.peer) || self.inner.connection_keep_alive()
    }

    fn on_behaviour_event(&mut self, event: Self::FromBehaviour) {
        self.inner.on_behaviour_event(event);
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<ConnectionHandlerEvent<LaneOutbound, (), Self::ToBehaviour>> {
        self.inner.poll(cx)
    }

    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<Option<Self::ToBehaviour>> {
        self.inner.poll_close(cx)
    }

    fn on_connection_event(&mut self, event: ConnectionEvent<GuardedInbound, LaneOutbound>) {
        let event = match event {
            ConnectionEvent::FullyNegotiatedInbound(FullyNegotiatedInbound { protocol, info }) => match protocol {
                Upgraded::Left(protocol) => {
                    ConnectionEvent::FullyNegotiatedInbound(FullyNegotiatedInbound { protocol, info })
                }
                Upgraded::Right(never) => match never {},
            },
            ConnectionEvent::ListenUpgradeError(ListenUpgradeError { error, .. }) => match error {
                Either::Left(never) | Either::Right(never) => match never {},
            },
            ConnectionEvent::FullyNegotiatedOutbound(FullyNegotiatedOutbound { protocol, info }) => {
                ConnectionEvent::FullyNegotiatedOutbound(FullyNegotiatedOutbound { protocol, info })
            }
            ConnectionEvent::DialUpgradeError(DialUpgradeError { info, error }) => {
                ConnectionEvent::DialUpgradeError(DialUpgradeError { info, error })
            }
            ConnectionEvent::AddressChange(AddressChange { new_address }) => {
                ConnectionEvent::AddressChange(AddressChange { new_address })
            }
            ConnectionEvent::LocalProtocolsChange(change) => ConnectionEvent::LocalProtocolsChange(change),
            ConnectionEvent::RemoteProtocolsChange(change) => ConnectionEvent::RemoteProtocolsChange(change),
            // The enum may grow: what we do not know, the lane does not need.
            _ => return,
        };
        self.inner.on_connection_event(event);
    }
}
