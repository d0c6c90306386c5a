//! Requests for blocks, answered one by one in turn. Blocks are read where everything is decided, so how often that happens
//! does not depend on how often somebody asks: validators come first, then whoever was served longest ago.
use std::collections::BTreeMap;
use urne_types::{Height, NodeId};

/// One answer of at most 2 MiB each 20 ms: reading takes a few, and 64 observers who all ask wait 1.3 s, less than a peer's
/// patience of 3 s.
const SERVE_EVERY_MS: u64 = 20;

/// See the module.
#[derive(Default)]
pub(crate) struct Serving {
    /// The latest request of each connected peer, an earlier one is forgotten: who asks again gets no more.
    waiting: BTreeMap<NodeId, (Height, u16)>,
    /// The answer before which each connected peer was served, counted from one.
    served: BTreeMap<NodeId, u64>,
    answers: u64,
    next_ms: u64,
}

impl Serving {
    pub(crate) fn ask(&mut self, peer: NodeId, from: Height, count: u16) {
        self.waiting.insert(peer, (from, count));
    }
    pub(crate) fn forget(&mut self, peer: &NodeId) {
        self.waiting.remove(peer);
        self.served.remove(peer);
    }
    /// The request whose turn it is, if it is time for one.
    pub(crate) fn next(
        &mut self,
        now_ms: u64,
        is_validator: impl Fn(&NodeId) -> bool,
    ) -> Option<(NodeId, Height, u16)> {
        if now_ms < self.next_ms {
            return None;
        }
        let turn = |peer: &NodeId| (!is_validator(peer), self.served.get(peer).copied().unwrap_or(0));
        let peer = *self.waiting.keys().min_by_key(|it| turn(it))?;
        let (from, count) = self.waiting.remove(&peer)?;
        self.answers += 1;
        self.served.insert(peer, self.answers);
        self.next_ms = now_ms.saturating_add(SERVE_EVERY_MS);
        Some((peer, from, count))
    }
    pub(crate) fn next_wake_ms(&self) -> Option<u64> {
        (!self.waiting.is_empty()).then_some(self.next_ms)
    }
}
