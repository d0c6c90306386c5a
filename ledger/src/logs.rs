//! The Merkle logs (RFC 6962 shape) as the store keeps them: each complete subtree's root by its place, the frontier to
//! append from, and for each leaf the transaction that brought it.
use crate::{
    kv::{Batch, Column, KvRead, StoreError, Visit},
    records::{LeafRecord, LeafSource, decode, load, missing},
};
use std::{collections::BTreeMap, ops::ControlFlow};
use urne_types::{
    MerkleRoot,
    codec::encode,
    merkle::{self, Frontier, Missing, NodeId, Path},
    proof::LogHead,
};
use urne_vote_contract::{LogId, keys::log_head};

/// Marks the frontier among a log's keys; levels of nodes end at 63.
const FRONTIER_LEVEL: u8 = 0xff;

/// A log's name in keys is where its head is in the state: one tag byte and the election, of fixed length.
fn level_key(log: &LogId, level: u8) -> Vec<u8> {
    let mut key = log_head(log);
    key.push(level);
    key
}
fn frontier_key(log: &LogId) -> Vec<u8> {
    level_key(log, FRONTIER_LEVEL)
}
fn node_key(log: &LogId, node: NodeId) -> Vec<u8> {
    let mut key = level_key(log, node.level);
    key.extend_from_slice(&node.index.to_be_bytes());
    key
}

fn head_of(frontier: &Frontier) -> LogHead {
    LogHead { size: frontier.size(), root: frontier.root() }
}

/// A log as the store has it.
pub(crate) struct Log<'a> {
    kv: &'a dyn KvRead,
    id: LogId,
}

impl<'a> Log<'a> {
    pub(crate) fn of(kv: &'a dyn KvRead, id: LogId) -> Self {
        Self { kv, id }
    }
    fn frontier(&self) -> Result<Frontier, StoreError> {
        Ok(load(self.kv, Column::Logs, &frontier_key(&self.id))?.unwrap_or_default())
    }
    /// Its size and root; the empty log's when nothing was ever appended.
    pub(crate) fn head(&self) -> Result<LogHead, StoreError> {
        self.frontier().map(|it| head_of(&it))
    }
    fn node(&self, node: NodeId) -> Result<Option<MerkleRoot>, StoreError> {
        let key = node_key(&self.id, node);
        if node.level == 0 {
            return Ok(load::<LeafRecord>(self.kv, Column::Logs, &key)?.map(|leaf| leaf.hash));
        }
        load(self.kv, Column::Logs, &key)
    }
    /// Runs a computation over the stored nodes.
    fn over_nodes<T>(
        &self,
        compute: impl FnOnce(&mut dyn FnMut(NodeId) -> Option<MerkleRoot>) -> Result<T, Missing>,
    ) -> Result<T, StoreError> {
        let mut failed = None;
        let computed = compute(&mut |node| {
            self.node(node).unwrap_or_else(|e| {
                failed = Some(e);
                None
            })
        });
        match failed {
            Some(e) => Err(e),
            None => computed.map_err(|Missing(node)| missing(format_args!("node {node:?} of a log"))),
        }
    }
    /// The path from leaf `index` to the root over `size` leaves, where `index < size`.
    pub(crate) fn inclusion(&self, index: u64, size: u64) -> Result<Path, StoreError> {
        self.over_nodes(|nodes| merkle::prove_inclusion(index, size, nodes))
    }
    /// The path from the root over `old` leaves to the root over `new`, where `0 < old <= new`.
    pub(crate) fn consistency(&self, old: u64, new: u64) -> Result<Path, StoreError> {
        self.over_nodes(|nodes| merkle::prove_consistency(old, new, nodes))
    }
    /// The root that the stored nodes give over the first `size` leaves.
    pub(crate) fn root_at(&self, size: u64) -> Result<MerkleRoot, StoreError> {
        self.over_nodes(|nodes| merkle::root_at(size, nodes))
    }
    /// Visits the leaves from an index on, in order.
    pub(crate) fn leaves(
        &self,
        from: u64,
        mut visit: impl FnMut(u64, LeafRecord) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let prefix = level_key(&self.id, 0);
        let start = node_key(&self.id, NodeId { level: 0, index: from });
        let mut failed = None;
        let mut visit_raw = |key: &[u8], value: &[u8]| match (key.last_chunk(), decode(Column::Logs, value)) {
            (Some(index), Ok(leaf)) => visit(u64::from_be_bytes(*index), leaf),
            (_, result) => {
                failed = Some(result.err().unwrap_or_else(|| missing("the index of a leaf")));
                ControlFlow::Break(())
            }
        };
        let visit_raw: &mut Visit<'_> = &mut visit_raw;
        self.kv.scan(Column::Logs, &prefix, &start, visit_raw)?;
        failed.map_or(Ok(()), Err)
    }
}

/// Leaves on their way into logs: what one block appends, computed but not written.
#[derive(Debug, Default)]
pub(crate) struct Appends {
    frontiers: BTreeMap<LogId, Frontier>,
    nodes: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Appends {
    /// Adds a leaf, and answers its index.
    pub(crate) fn append(
        &mut self,
        kv: &dyn KvRead,
        log: LogId,
        hash: MerkleRoot,
        source: Option<LeafSource>,
    ) -> Result<u64, StoreError> {
        let frontier = match self.frontiers.entry(log) {
            std::collections::btree_map::Entry::Occupied(it) => it.into_mut(),
            std::collections::btree_map::Entry::Vacant(it) => it.insert(Log::of(kv, log).frontier()?),
        };
        let (index, nodes) = (frontier.size(), &mut self.nodes);
        frontier.append(hash, |node, root| {
            let value = if node.level == 0 { encode(&LeafRecord { hash: root, source }) } else { encode(&root) };
            nodes.push((node_key(&log, node), value));
        });
        Ok(index)
    }
    /// The logs that grew, and where they stand now.
    pub(crate) fn heads(&self) -> impl Iterator<Item = (&LogId, LogHead)> {
        self.frontiers.iter().map(|(log, frontier)| (log, head_of(frontier)))
    }
    /// Adds the new nodes and frontiers.
    pub(crate) fn write_into(&self, batch: &mut Batch) {
        for (key, value) in &self.nodes {
            batch.put(Column::Logs, key.as_slice(), value.as_slice());
        }
        for (log, frontier) in &self.frontiers {
            batch.put(Column::Logs, frontier_key(log), encode(frontier));
        }
    }
}
