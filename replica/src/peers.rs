//! Who can be reached, how far each one says it is, and which validators they are.
use std::collections::{BTreeMap, BTreeSet};
use urne_types::{BlockHash, Height, NodeId, ValidatorId};

/// See the module.
#[derive(Default)]
pub(crate) struct Peers {
    connected: BTreeMap<NodeId, Option<(Height, BlockHash)>>,
    validators: BTreeMap<NodeId, ValidatorId>,
    /// Peers that lied about blocks, and until when we ask others.
    shunned: BTreeMap<NodeId, u64>,
    /// When each peer was last helped with a finished height.
    helped: BTreeMap<NodeId, (Height, u64)>,
}

/// One answer per peer, height and half second is help; more would be an amplifier.
const HELP_EVERY_MS: u64 = 500;
/// How long a peer that sent a wrong block, or none, is not asked again.
const SHUN_MS: u64 = 30_000;

impl Peers {
    pub(crate) fn connect(&mut self, peer: NodeId) {
        self.connected.entry(peer).or_insert(None);
    }
    pub(crate) fn disconnect(&mut self, peer: &NodeId) {
        self.connected.remove(peer);
        self.helped.remove(peer);
    }
    pub(crate) fn is_connected(&self, peer: &NodeId) -> bool {
        self.connected.contains_key(peer)
    }
    pub(crate) fn heard(&mut self, peer: NodeId, height: Height, block: BlockHash) {
        self.connected.insert(peer, Some((height, block)));
    }
    pub(crate) fn set_validators(&mut self, validators: BTreeMap<NodeId, ValidatorId>) {
        self.validators = validators;
    }
    pub(crate) fn is_validator(&self, peer: &NodeId) -> bool {
        self.validators.contains_key(peer)
    }
    /// The validators that can be reached.
    pub(crate) fn present(&self) -> BTreeSet<ValidatorId> {
        self.connected.keys().filter_map(|peer| self.validators.get(peer)).copied().collect()
    }
    pub(crate) fn shun(&mut self, peer: NodeId, now_ms: u64) {
        self.shunned.insert(peer, now_ms + SHUN_MS);
    }
    /// The peer that is furthest ahead of us, if any.
    pub(crate) fn furthest_above(&mut self, height: Height, now_ms: u64) -> Option<(NodeId, Height)> {
        self.shunned.retain(|_, until| now_ms < *until);
        let ahead = |(peer, at): (&NodeId, &Option<(Height, BlockHash)>)| at.map(|(height, _)| (*peer, height));
        let mut best: Option<(NodeId, Height)> = None;
        for (peer, theirs) in self.connected.iter().filter_map(ahead) {
            if height < theirs && !self.shunned.contains_key(&peer) && best.is_none_or(|(_, known)| known < theirs) {
                best = Some((peer, theirs));
            }
        }
        best
    }
    pub(crate) fn may_help(&mut self, peer: NodeId, height: Height, now_ms: u64) -> bool {
        match self.helped.get(&peer) {
            Some((known, at)) if *known == height && now_ms < at + HELP_EVERY_MS => false,
            _ => {
                self.helped.insert(peer, (height, now_ms));
                true
            }
        }
    }
}
