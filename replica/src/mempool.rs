//! Transactions that wait for a block, in order of arrival. Everything in it has been verified and admitted against the
//! committed state; both its number and its bytes are bounded.
use std::collections::BTreeMap;
use urne_types::{TxHash, TxId, transaction::VerifiedTx};

/// How much may wait.
#[derive(Clone, Copy, Debug)]
pub struct MempoolLimits {
    /// Transactions.
    pub txs_max: usize,
    /// Bytes of transactions.
    pub bytes_max: usize,
}
impl Default for MempoolLimits {
    /// 50,000 transactions of 300 bytes are 15 MB; 64 MiB leave room for larger ones.
    fn default() -> Self {
        Self { txs_max: 50_000, bytes_max: 64 << 20 }
    }
}

struct Waiting {
    tx: VerifiedTx,
    since_ms: u64,
}

/// See the module.
pub(crate) struct Mempool {
    limits: MempoolLimits,
    by_arrival: BTreeMap<u64, Waiting>,
    by_hash: BTreeMap<TxHash, u64>,
    by_id: BTreeMap<TxId, u64>,
    next: u64,
    bytes: usize,
}

impl Mempool {
    pub(crate) fn new(limits: MempoolLimits) -> Self {
        Self {
            limits,
            by_arrival: BTreeMap::new(),
            by_hash: BTreeMap::new(),
            by_id: BTreeMap::new(),
            next: 0,
            bytes: 0,
        }
    }
    pub(crate) fn len(&self) -> usize {
        self.by_arrival.len()
    }
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }
    pub(crate) fn is_full(&self) -> bool {
        self.limits.txs_max <= self.len() || self.limits.bytes_max <= self.bytes
    }
    /// By the hash of its very bytes: saves verifying it again.
    pub(crate) fn verified(&self, hash: &TxHash) -> Option<&VerifiedTx> {
        self.by_hash.get(hash).and_then(|at| self.by_arrival.get(at)).map(|it| &it.tx)
    }
    pub(crate) fn contains(&self, id: &TxId) -> bool {
        self.by_id.contains_key(id)
    }
    /// The caller has asked `contains` and `is_full`.
    pub(crate) fn insert(&mut self, tx: VerifiedTx, now_ms: u64) {
        self.bytes += tx.bytes().len();
        self.by_hash.insert(tx.hash(), self.next);
        self.by_id.insert(tx.id(), self.next);
        self.by_arrival.insert(self.next, Waiting { tx, since_ms: now_ms });
        self.next += 1;
    }
    /// Removes what has the same name, whatever its signature.
    pub(crate) fn remove(&mut self, id: &TxId) {
        if let Some(at) = self.by_id.remove(id)
            && let Some(waiting) = self.by_arrival.remove(&at)
        {
            self.bytes -= waiting.tx.bytes().len();
            self.by_hash.remove(&waiting.tx.hash());
        }
    }
    /// Since when the oldest has waited.
    pub(crate) fn oldest_ms(&self) -> Option<u64> {
        self.by_arrival.first_key_value().map(|(_, it)| it.since_ms)
    }
    /// The oldest that have waited since before that instant.
    pub(crate) fn waiting_since(&self, before_ms: u64, n: usize) -> impl Iterator<Item = &VerifiedTx> {
        self.by_arrival.values().take(n).filter(move |it| it.since_ms < before_ms).map(|it| &it.tx)
    }
    pub(crate) fn in_order(&self) -> impl Iterator<Item = &VerifiedTx> {
        self.by_arrival.values().map(|it| &it.tx)
    }
}
