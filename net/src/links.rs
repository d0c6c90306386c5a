//! The open connections of each peer, oldest first. Pure bookkeeping.
use crate::event::Direction;
use libp2p::{Multiaddr, PeerId, swarm::ConnectionId};
use std::{
    collections::{HashMap, HashSet},
    time::SystemTime,
};

/// Connections by peer; a peer without one is absent.
#[derive(Debug, Default)]
pub(crate) struct Links(HashMap<PeerId, Vec<Link>>);

/// One connection.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    pub(crate) connection: ConnectionId,
    pub(crate) address: Multiaddr,
    pub(crate) direction: Direction,
    pub(crate) since: SystemTime,
}

impl Links {
    /// Adds the newest connection; the oldest is given back when the peer has more than its share. The newest is the one to
    /// keep: a peer that restarted leaves dead connections behind.
    pub(crate) fn add(&mut self, peer: PeerId, link: Link, share: u32) -> Option<ConnectionId> {
        let links = self.0.entry(peer).or_default();
        links.push(link);
        let excess = u32::try_from(links.len()).unwrap_or(u32::MAX) > share;
        excess.then(|| links[0].connection)
    }

    /// Removes a connection, and tells the oldest that remains.
    pub(crate) fn remove(&mut self, peer: &PeerId, connection: ConnectionId) -> Option<&Link> {
        if let Some(links) = self.0.get_mut(peer) {
            links.retain(|link| link.connection != connection);
            if links.is_empty() {
                self.0.remove(peer);
            }
        }
        self.oldest(peer)
    }

    /// The oldest connection of a peer.
    pub(crate) fn oldest(&self, peer: &PeerId) -> Option<&Link> {
        self.0.get(peer)?.first()
    }

    /// How many connections these peers have dialled.
    pub(crate) fn inbound_of(&self, peers: &HashSet<PeerId>) -> u32 {
        let theirs = self.0.iter().filter(|(peer, _)| peers.contains(peer)).flat_map(|(_, links)| links);
        u32::try_from(theirs.filter(|link| link.direction == Direction::Inbound).count()).unwrap_or(u32::MAX)
    }
}
