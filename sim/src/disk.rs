//! One node's disk: what a crash leaves of it. The store and the guard are durable when written; of the log, what was not
//! synced survives in part, its last record torn.
use crate::rng::Rng;
use urne_consensus::engine::GuardRecord;
use urne_ledger::MemoryKv;
use urne_replica::Recovered;

/// See the module.
#[derive(Default)]
pub(crate) struct Disk {
    /// The store as it was when the node last crashed; empty while it runs.
    pub(crate) store: MemoryKv,
    wal: Vec<Vec<u8>>,
    synced: usize,
    guard: Option<GuardRecord>,
}

impl Disk {
    pub(crate) fn record(&mut self, bytes: Vec<u8>) {
        self.wal.push(bytes);
    }
    pub(crate) fn sync(&mut self) {
        self.synced = self.wal.len();
    }
    pub(crate) fn reset(&mut self) {
        self.wal.clear();
        self.synced = 0;
    }
    pub(crate) fn guard(&mut self, record: GuardRecord) {
        self.guard = Some(record);
    }
    /// Loses some of what was not synced. The record in which the log was cut is torn: recovery drops it.
    pub(crate) fn crash(&mut self, rng: &mut Rng) {
        let unsynced = self.wal.len() - self.synced;
        self.wal.truncate(self.synced + rng.index(unsynced + 1));
        self.synced = self.wal.len();
    }
    pub(crate) fn recovered(&self) -> Recovered {
        Recovered { wal: self.wal.clone(), guard: self.guard }
    }
}
