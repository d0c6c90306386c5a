//! Transactions that wait for a block, in order of arrival. Everything in it has been verified and admitted against the
//! committed state; both its number and its bytes are bounded.
use std::collections::{BTreeMap, btree_map::Entry};
use urne_types::{
    CollegeId, ElectionId, PublicKey, TxHash, TxId, ValidatorId,
    limits::{TX_BYTES_MAX, WAITING_PER_RIGHT_MAX},
    transaction::{Payload, VerifiedTx},
};

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

/// Places beyond the limits that are kept for our own evidence, of at most 64 KiB each: a flood does not protect a liar.
const RESERVED_TXS: usize = 64;

/// What anyone may send without end, and what makes it one and the same.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Right {
    /// To vote, in a college of an election.
    Vote(ElectionId, CollegeId, PublicKey),
    /// To register a group of credentials, which its first one names: whoever is in it may bring it, under any sender.
    Register(ElectionId, [u8; 32]),
    /// To show that this validator broke its word: one evidence suspends it, under as many senders as one likes.
    Accuse(ValidatorId),
}
fn right_of(tx: &VerifiedTx) -> Option<Right> {
    match tx.payload() {
        Payload::Ballot(ballot) => Some(Right::Vote(ballot.election, ballot.college, tx.sender())),
        Payload::RegisterCredentials(batch) => {
            batch.credentials.first().map(|it| Right::Register(batch.election, it.credential))
        }
        Payload::Evidence(evidence) => Some(Right::Accuse(evidence.accused())),
        _ => None,
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
    by_right: BTreeMap<Right, usize>,
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
            by_right: BTreeMap::new(),
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
    /// Whether there is not even a place for evidence of our own.
    pub(crate) fn is_full_to_us(&self) -> bool {
        self.limits.txs_max + RESERVED_TXS <= self.len()
            || self.limits.bytes_max + RESERVED_TXS * TX_BYTES_MAX <= self.bytes
    }
    /// Whether as many of the same right wait as may: ballots, registrations, accusations.
    pub(crate) fn is_right_used(&self, tx: &VerifiedTx) -> bool {
        let waiting = right_of(tx).and_then(|it| self.by_right.get(&it)).copied().unwrap_or(0);
        WAITING_PER_RIGHT_MAX <= waiting
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
        if let Some(right) = right_of(&tx) {
            *self.by_right.entry(right).or_default() += 1;
        }
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
            if let Some(right) = right_of(&waiting.tx)
                && let Entry::Occupied(mut count) = self.by_right.entry(right)
            {
                *count.get_mut() -= 1;
                if *count.get() == 0 {
                    count.remove();
                }
            }
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
