//! Opening a data folder: what an earlier run left is found again, and what is not this chain's, or contradicts itself, is
//! refused with a sentence.
mod chain;

use chain::{World, genesis, genesis_named};
use std::{cell::Cell, rc::Rc};
use urne_ledger::{
    CommitError, Kv, KvRead, Ledger, LedgerError, MemoryKv, Readers, Repair, StoreError,
    kv::{Batch, Column, Visit},
};
use urne_types::{ElectionId, Height, codec::encode};

fn voted() -> (World<MemoryKv>, ElectionId) {
    let (mut world, election) = World::voting(20);
    world.block(&world.ballots(0..12, election));
    (world, election)
}

fn write(kv: &mut MemoryKv, column: Column, key: &[u8], value: Option<Vec<u8>>) {
    let mut batch = Batch::default();
    match value {
        Some(value) => batch.put(column, key, value),
        None => batch.delete(column, key),
    }
    kv.write(batch).expect("memory does not fail");
}
fn entries(kv: &MemoryKv, column: Column) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut all = Vec::new();
    kv.scan(column, b"", b"", &mut |key, value| {
        all.push((key.to_vec(), value.to_vec()));
        std::ops::ControlFlow::Continue(())
    })
    .expect("memory does not fail");
    all
}

#[test]
fn a_ledger_opened_again_stands_where_it_stood_and_goes_on() {
    let (world, election) = voted();
    let (tip, now) = (world.ledger.tip().clone(), world.now);
    let ledger = Ledger::open(world.ledger.into_kv(), &genesis()).expect("our own folder");
    assert_eq!(*ledger.tip(), tip);
    assert_eq!(ledger.repairs(), []);
    let mut world = World { ledger, now, nonce: 100 };
    let committed = world.block(&world.ballots(12..20, election));
    assert_eq!(committed.height, tip.height.next());
}

#[test]
fn at_every_height_the_state_opened_again_is_the_one_in_the_header() {
    let (mut world, election) = World::voting(20);
    for from in (0..20).step_by(5) {
        world.block(&world.ballots(from..from + 5, election));
        let image = world.ledger.kv().clone();
        let again = Ledger::open(image, &genesis()).expect("a crash image");
        assert_eq!(again.tip(), world.ledger.tip());
    }
    world.close();
    Ledger::open(world.ledger.into_kv(), &genesis()).expect("after the count");
}

#[test]
fn a_crash_before_the_write_loses_the_block_and_nothing_else() {
    let (mut world, election) = voted();
    let before = world.ledger.tip().clone();
    let image = world.ledger.kv().clone();
    let lost = world.block(&world.ballots(12..20, election));
    let again = Ledger::open(image, &genesis()).expect("a crash image");
    assert_eq!(*again.tip(), before);
    let mut again = World { ledger: again, now: before.time.get(), nonce: 100 };
    assert_eq!(again.block(&again.ballots(12..20, election)).hash, lost.hash, "the same block can be made again");
}

#[test]
fn another_chains_folder_is_refused() {
    let (world, _) = voted();
    let (found, expected) = (world.chain(), genesis_named("other").chain_id());
    let refused = Ledger::open(world.ledger.into_kv(), &genesis_named("other")).expect_err("another chain");
    assert_eq!(refused, LedgerError::OtherChain { found, expected });
    let sentence = refused.to_string();
    assert!(sentence.contains(&found.to_string()) && sentence.contains("choose another --home"), "{sentence}");
}

#[test]
fn another_layouts_folder_is_refused() {
    let (world, _) = voted();
    let mut kv = world.ledger.into_kv();
    write(&mut kv, Column::Meta, b"layout", Some(encode(&7_u32)));
    let refused = Ledger::open(kv, &genesis()).expect_err("another layout");
    assert_eq!(refused, LedgerError::OtherLayout { found: 7, expected: 1 });
}

/// Spoils a good folder, and expects that refusal.
#[track_caller]
fn check_refused(spoil: impl FnOnce(&mut MemoryKv, Height), expected: &str) {
    let (world, _) = voted();
    let height = world.height();
    let mut kv = world.ledger.into_kv();
    spoil(&mut kv, height);
    let refused = Ledger::open(kv, &genesis()).expect_err("a spoilt folder").to_string();
    assert!(refused.contains(expected), "{refused}");
}

fn key(height: Height) -> [u8; 8] {
    height.get().to_be_bytes()
}

#[test]
fn a_folder_that_contradicts_itself_is_refused() {
    check_refused(|kv, _| write(kv, Column::Meta, b"layout", None), "records but no tip");
    check_refused(|kv, _| write(kv, Column::Meta, b"tip", None), "records but no tip");
    check_refused(|kv, _| write(kv, Column::Meta, b"tip", Some(vec![1, 2, 3])), "unreadable");
    check_refused(|kv, it| write(kv, Column::Headers, &key(it), None), "the last header is missing");
    check_refused(|kv, it| write(kv, Column::Blocks, &key(it), None), "the last block is missing");
    check_refused(|kv, it| write(kv, Column::Certificates, &key(it), None), "the last certificate is missing");
    check_refused(
        |kv, it| {
            let header = kv.get(Column::Headers, &key(it)).expect("read");
            write(kv, Column::Headers, &key(it.next()), header);
        },
        "a header beyond the tip",
    );
    check_refused(
        |kv, it| {
            let earlier = it.previous().expect("not the first");
            for column in [Column::Headers, Column::Blocks, Column::Certificates] {
                let record = kv.get(column, &key(earlier)).expect("read");
                write(kv, column, &key(it), record);
            }
        },
        "the last header is not the tip's",
    );
    check_refused(
        |kv, it| {
            let earlier = kv.get(Column::Certificates, &key(it.previous().expect("not the first"))).expect("read");
            write(kv, Column::Certificates, &key(it), earlier);
        },
        "the last certificate does not decide the last block",
    );
}

#[test]
fn a_torn_state_is_found() {
    for at in 0..8 {
        check_refused(
            |kv, _| {
                let all = entries(kv, Column::Map);
                let (key, mut value) = all[at * all.len() / 8].clone();
                value.push(1);
                write(kv, Column::Map, &key, Some(value));
            },
            "the state is not the one that the last header commits to",
        );
    }
    check_refused(
        |kv, _| {
            let (key, _) = entries(kv, Column::Map).pop().expect("a state");
            write(kv, Column::Map, &key, None);
        },
        "the state is not the one that the last header commits to",
    );
}

#[test]
fn a_torn_log_is_found() {
    check_refused(
        |kv, _| {
            let frontiers: Vec<_> = entries(kv, Column::Logs).into_iter().filter(|it| it.0.len() == 34).collect();
            assert_eq!(frontiers.len(), 2, "one log of ballots and one of presences");
            write(kv, Column::Logs, &frontiers[0].0, None);
        },
        "a log of an election",
    );
}

#[test]
fn damaged_proofs_of_a_sound_state_are_computed_again() {
    let (world, election) = voted();
    let tip = world.ledger.tip().clone();
    let ballot = world.ballots(3..4, election).remove(0);
    let now = world.now;
    let mut kv = world.ledger.into_kv();
    for (key, _) in entries(&kv, Column::StateNodes) {
        write(&mut kv, Column::StateNodes, &key, None);
    }
    let ledger = Ledger::open(kv, &genesis()).expect("repaired");
    assert_eq!(ledger.repairs(), [Repair::StateNodesRebuilt]);
    assert_eq!(*ledger.tip(), tip);
    ledger.reader().proof_of_vote(&ballot.id()).expect("proofs work again");
    let mut world = World { ledger, now, nonce: 100 };
    world.block(&world.ballots(12..20, election));
    let again = Ledger::open(world.ledger.into_kv(), &genesis()).expect("sound");
    assert_eq!(again.repairs(), []);
}

/// A store whose disk can be made to fail.
struct Failing {
    inner: MemoryKv,
    fails: Rc<Cell<bool>>,
}
impl Failing {
    fn disk(&self) -> Result<(), StoreError> {
        let error = StoreError::Disk { what: "testing", detail: "no space left on device".into() };
        if self.fails.get() { Err(error) } else { Ok(()) }
    }
}
impl KvRead for Failing {
    fn get(&self, column: Column, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.disk()?;
        self.inner.get(column, key)
    }
    fn scan(&self, column: Column, prefix: &[u8], from: &[u8], visit: &mut Visit<'_>) -> Result<(), StoreError> {
        self.disk()?;
        self.inner.scan(column, prefix, from, visit)
    }
}
impl Kv for Failing {
    fn write(&mut self, batch: Batch) -> Result<(), StoreError> {
        self.disk()?;
        self.inner.write(batch)
    }
    fn readers(&self) -> Readers {
        self.inner.readers()
    }
    fn disk_bytes(&self) -> Option<u64> {
        None
    }
}

#[test]
fn after_a_failed_write_nothing_is_ever_written_again() {
    let fails = Rc::new(Cell::new(false));
    let mut world = World::over(Failing { inner: MemoryKv::default(), fails: Rc::clone(&fails) });
    let (one, other) = (world.propose(&[]).block, world.propose(&[]).block);
    let (first, second) = (world.certificate_of(&one, &[1, 2, 3]), world.certificate_of(&other, &[1, 2, 3]));
    fails.set(true);
    let failed = world.ledger.commit(one, first).expect_err("the disk is full");
    assert!(failed.to_string().contains("no space left on device"), "{failed}");
    assert_eq!(world.height(), Height::GENESIS, "a block that is not on the disk is not committed");
    fails.set(false);
    let stopped = world.ledger.commit(other, second);
    assert_eq!(stopped, Err(CommitError::Store(StoreError::Stopped)), "never retried, even when the disk is back");
}

#[test]
fn a_failed_read_is_an_error_and_never_an_absent_entry() {
    let fails = Rc::new(Cell::new(false));
    let mut world = World::over(Failing { inner: MemoryKv::default(), fails: Rc::clone(&fails) });
    let election = world.open_referendum(8);
    let view = world.ledger.view();
    fails.set(true);
    assert_eq!(urne_vote_contract::gate(&view, &election), None);
    assert!(view.sound().is_err(), "what was computed through this view must be thrown away");
    assert!(world.ledger.reader().place(&world.ballots(0..1, election)[0].id()).is_err());
}
