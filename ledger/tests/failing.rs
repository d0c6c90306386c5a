//! A disk that stops answering at any read: the answer is the disk's own error with its instruction, never a rule's panic.
mod chain;

use chain::{World, genesis};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use urne_ledger::{
    ExecuteError, Kv, KvRead, Ledger, MemoryKv, ProposeContext, Readers, StoreError,
    kv::{Batch, Column, Visit},
};
use urne_types::{Round, UnixMs};

/// A store that answers so many reads and then none.
struct Failing {
    kv: MemoryKv,
    left: Arc<AtomicU64>,
}
impl Failing {
    fn ask(&self) -> Result<(), StoreError> {
        let took = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        took.map(drop).map_err(|_| StoreError::Damaged { what: "a test took the disk away".into() })
    }
}
impl KvRead for Failing {
    fn get(&self, column: Column, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.ask()?;
        self.kv.get(column, key)
    }
    fn scan(&self, column: Column, prefix: &[u8], from: &[u8], visit: &mut Visit<'_>) -> Result<(), StoreError> {
        self.ask()?;
        self.kv.scan(column, prefix, from, visit)
    }
}
impl Kv for Failing {
    fn write(&mut self, batch: Batch) -> Result<(), StoreError> {
        self.kv.write(batch)
    }
    fn readers(&self) -> Readers {
        self.kv.readers()
    }
    fn disk_bytes(&self) -> Option<u64> {
        None
    }
}

#[test]
fn wherever_the_disk_stops_answering_the_error_is_the_disks() {
    let (world, election) = World::voting(12);
    let left = Arc::new(AtomicU64::new(u64::MAX));
    let kv = Failing { kv: world.ledger.kv().clone(), left: Arc::clone(&left) };
    let ledger = Ledger::open(kv, &genesis()).expect("all reads are answered");
    let at = ProposeContext {
        round: Round::FIRST,
        time: UnixMs::new(world.now + 1),
        proposer: world.ledger.proposer_at(Round::FIRST),
    };
    let ballots = world.ballots(0..3, election);
    let honest = world.propose(&ballots).block;
    let mut failed = 0;
    for reads in 0.. {
        left.store(reads, Ordering::Relaxed);
        let proposed = ledger.propose(at, ballots.iter().cloned());
        left.store(reads, Ordering::Relaxed);
        let judged = ledger.judge(honest.block().clone(), ballots.clone());
        for error in [proposed.as_ref().err(), judged.as_ref().err()].into_iter().flatten() {
            assert!(matches!(error, ExecuteError::Store(StoreError::Damaged { .. })), "{error}");
            assert!(error.to_string().contains("restore a snapshot"), "{error}");
            failed += 1;
        }
        if let (Ok(proposed), Ok(judged)) = (proposed, judged) {
            assert_eq!(proposed.block.header(), honest.header(), "no read was skipped");
            assert_eq!(judged.expect("an honest block").header(), honest.header());
            break;
        }
    }
    assert!(10 < failed, "only {failed} reads");
    left.store(0, Ordering::Relaxed);
    assert!(ledger.read(|view| urne_vote_contract::validators(view)).is_err(), "a list that is not shown is not empty");
}
