//! Who can be reached, how far each one says it is, and which validators they are.
use std::collections::{BTreeMap, BTreeSet};
use urne_types::{BlockHash, Height, NodeId, ValidatorId};

/// What became of trusting a peer's word on how far it is.
#[derive(Clone, Copy, Debug, Default)]
struct Fault {
    /// False claims since it last sent a block that we could use.
    times: u32,
    /// Until then others are asked.
    until_ms: u64,
}

/// See the module.
#[derive(Default)]
pub(crate) struct Peers {
    connected: BTreeMap<NodeId, Option<(Height, BlockHash)>>,
    validators: BTreeMap<NodeId, ValidatorId>,
    /// Peers that lied about blocks or did not answer.
    faults: BTreeMap<NodeId, Fault>,
    /// When each validator was last helped with a finished height.
    helped: BTreeMap<NodeId, u64>,
}

/// One answer per validator and half second is help, whatever heights it talks about; more would be an amplifier.
const HELP_EVERY_MS: u64 = 500;
/// How long a peer that sent a wrong block, or none, is not asked again; twice as long after each further false claim.
const SHUN_MS: u64 = 30_000;
/// But never longer than about an hour: 30 s doubled seven times.
const DOUBLINGS_MAX: u32 = 7;
/// Peers whose faults are remembered: every validator ten times over. The one whose time ends first is forgotten.
const FAULTS_MAX: usize = 1_024;

impl Peers {
    pub(crate) fn connect(&mut self, peer: NodeId) {
        self.connected.entry(peer).or_insert(None);
    }
    pub(crate) fn disconnect(&mut self, peer: &NodeId) {
        self.connected.remove(peer);
    }
    pub(crate) fn is_connected(&self, peer: &NodeId) -> bool {
        self.connected.contains_key(peer)
    }
    pub(crate) fn heard(&mut self, peer: NodeId, height: Height, block: BlockHash) {
        self.connected.insert(peer, Some((height, block)));
    }
    pub(crate) fn set_validators(&mut self, validators: BTreeMap<NodeId, ValidatorId>) {
        self.helped.retain(|peer, _| validators.contains_key(peer));
        self.validators = validators;
    }
    pub(crate) fn is_validator(&self, peer: &NodeId) -> bool {
        self.validators.contains_key(peer)
    }
    /// The validators that can be reached.
    pub(crate) fn present(&self) -> BTreeSet<ValidatorId> {
        self.connected.keys().filter_map(|peer| self.validators.get(peer)).copied().collect()
    }
    /// It claimed what it has not: others are asked, the longer the more often it did.
    pub(crate) fn shun(&mut self, peer: NodeId, now_ms: u64) {
        if FAULTS_MAX <= self.faults.len() && !self.faults.contains_key(&peer) {
            let first = self.faults.iter().min_by_key(|(_, it)| it.until_ms).map(|(peer, _)| *peer);
            first.map(|it| self.faults.remove(&it));
        }
        let fault = self.faults.entry(peer).or_default();
        fault.until_ms = now_ms.saturating_add(SHUN_MS << fault.times.min(DOUBLINGS_MAX));
        fault.times = fault.times.saturating_add(1);
    }
    /// It sent a block that we could use.
    pub(crate) fn forgive(&mut self, peer: &NodeId) {
        self.faults.remove(peer);
    }
    /// The peer to ask for what comes after `height`: of those ahead that are not shunned, the one with the fewest faults,
    /// then the furthest. When all who are ahead are shunned, the one whose time ends first, if we are `behind` for sure.
    pub(crate) fn to_ask(&self, height: Height, now_ms: u64, is_behind: bool) -> Option<(NodeId, Height)> {
        let ahead = self.connected.iter().filter_map(|(peer, claim)| Some((*peer, (*claim)?.0)));
        let ranked = ahead.filter(|(_, theirs)| height < *theirs).filter_map(|(peer, theirs)| {
            let fault = self.faults.get(&peer).copied().unwrap_or_default();
            let shunned_ms = fault.until_ms.saturating_sub(now_ms);
            (is_behind || shunned_ms == 0).then_some((shunned_ms, fault.times, std::cmp::Reverse(theirs), peer))
        });
        ranked.min().map(|(_, _, theirs, peer)| (peer, theirs.0))
    }
    /// The validators that say they have more than `height`.
    pub(crate) fn validators_above(&self, height: Height) -> BTreeSet<ValidatorId> {
        let is_above = |claim: &Option<(Height, BlockHash)>| claim.is_some_and(|(theirs, _)| height < theirs);
        let above = self.connected.iter().filter(|(_, claim)| is_above(claim));
        above.filter_map(|(peer, _)| self.validators.get(peer)).copied().collect()
    }
    pub(crate) fn may_help(&mut self, peer: NodeId, now_ms: u64) -> bool {
        let may = self.helped.get(&peer).is_none_or(|at| at + HELP_EVERY_MS <= now_ms);
        if may {
            self.helped.insert(peer, now_ms);
        }
        may
    }
}
