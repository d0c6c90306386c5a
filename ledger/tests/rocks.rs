//! RocksDB behind the same trait: the same chain as in memory, durable, readable by other threads, and restored from
//! snapshots that are believed for their blocks only.
#![cfg(feature = "rocks")]
mod chain;

use chain::{World, genesis, genesis_named};
use std::{fs, path::Path};
use urne_ledger::{
    DeepReport, Kv, KvRead, Ledger, LedgerError, MemoryKv, RocksKv, StoreError,
    checkpoint::{CheckpointError, DATABASE, MANIFEST, create_checkpoint, read_manifest, restore_checkpoint},
    kv::{Batch, Column},
};
use urne_light::{TrustedSet, verify_proof_of_vote};
use urne_types::{ElectionId, Height, Rejection, block::Block, transaction::RawTx, transaction::VerifiedTx};
use urne_vote_contract::sealed::Statements;

fn open(folder: &Path) -> RocksKv {
    RocksKv::open(folder).expect("a folder of ours")
}
fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}
/// A chain with ballots, on disk.
fn voted(folder: &Path) -> (World<RocksKv>, ElectionId) {
    let mut world = World::over(open(folder));
    let election = world.open_referendum(40);
    for from in [0, 10, 20] {
        world.block(&world.ballots(from..from + 10, election));
    }
    (world, election)
}
fn entries(kv: &impl KvRead, column: Column) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut all = Vec::new();
    kv.scan(column, b"", b"", &mut |key, value| {
        all.push((key.to_vec(), value.to_vec()));
        std::ops::ControlFlow::Continue(())
    })
    .expect("readable");
    all
}

#[test]
fn the_same_blocks_give_the_same_columns_in_memory_and_on_disk() {
    let disk = folder();
    let (mut world, _) = voted(disk.path());
    world.close();
    let mut memory = World::over(MemoryKv::default());
    for one in world.ledger.reader().certified_blocks(Height::FIRST, usize::MAX, usize::MAX).expect("read") {
        memory.follow(&Block::decode(&one.block).expect("a block"), &one.certificate);
    }
    assert_eq!(memory.ledger.tip(), world.ledger.tip());
    for column in Column::ALL {
        assert_eq!(entries(memory.ledger.kv(), column), entries(world.ledger.kv(), column), "{column:?}");
    }
}

#[test]
fn scans_are_ordered_bounded_by_their_prefix_and_begin_where_told() {
    let disk = folder();
    let mut rocks = open(disk.path());
    let mut memory = MemoryKv::default();
    let keys: [&[u8]; 8] = [b"", b"a", b"a\xff", b"a\xff\xff", b"ab", b"b", b"\xff", b"\xff\xff"];
    for kv in [&mut rocks as &mut dyn FnWrite, &mut memory] {
        let mut batch = Batch::default();
        keys.iter().for_each(|key| batch.put(Column::Map, *key, *key));
        kv.write_all(batch);
    }
    for prefix in keys {
        for from in keys {
            assert_eq!(seen(&rocks, prefix, from), seen(&memory, prefix, from), "{prefix:?} from {from:?}");
        }
    }
    assert_eq!(seen(&rocks, b"a\xff", b"a\xff\x01"), [b"a\xff\xff"]);
}
trait FnWrite {
    fn write_all(&mut self, batch: Batch);
}
impl<K: Kv> FnWrite for K {
    fn write_all(&mut self, batch: Batch) {
        self.write(batch).expect("writable");
    }
}
fn seen(kv: &dyn KvRead, prefix: &[u8], from: &[u8]) -> Vec<Vec<u8>> {
    let mut keys = Vec::new();
    kv.scan(Column::Map, prefix, from, &mut |key, _| {
        keys.push(key.to_vec());
        std::ops::ControlFlow::Continue(())
    })
    .expect("readable");
    keys
}

#[test]
fn what_was_committed_is_there_after_a_restart() {
    let disk = folder();
    let (world, election) = voted(disk.path());
    let (tip, now) = (world.ledger.tip().clone(), world.now);
    drop(world);
    let ledger = Ledger::open(open(disk.path()), &genesis()).expect("our own folder");
    assert_eq!(*ledger.tip(), tip);
    let mut world = World { ledger, now, nonce: 100 };
    world.block(&world.ballots(30..40, election));
    drop(world);
    let refused = Ledger::open(open(disk.path()), &genesis_named("other")).expect_err("another chain");
    assert!(matches!(refused, LedgerError::OtherChain { .. }));
}

#[test]
fn one_folder_is_for_one_process() {
    let disk = folder();
    let _first = open(disk.path());
    let refused = RocksKv::open(disk.path()).expect_err("in use");
    assert!(matches!(refused, StoreError::Locked { .. }), "{refused}");
}

#[test]
fn other_threads_read_one_consistent_moment_while_blocks_are_committed() {
    let disk = folder();
    let (mut world, election) = voted(disk.path());
    let readers = world.ledger.readers();
    let voter = world.ballots(5..6, election).remove(0).id();
    let trusted = TrustedSet::of_genesis(&genesis()).expect("a genesis");
    std::thread::scope(|threads| {
        let reading = threads.spawn(|| {
            (0..200).map(|_| readers.read(|it| it.proof_of_vote(&voter)).expect("a proof")).collect::<Vec<_>>()
        });
        for from in 30..40 {
            world.block(&world.ballots(from..from + 1, election));
        }
        for proof in reading.join().expect("the reader ends") {
            verify_proof_of_vote(&proof, &trusted).expect("log, state, header and certificate of one moment");
        }
    });
}

fn restore(from: &Path, to: &Path) -> Result<DeepReport, CheckpointError> {
    let genesis = genesis();
    let chain = genesis.chain_id();
    let mut verify = |raws: &[RawTx], _: &Statements| -> Vec<Result<VerifiedTx, Rejection>> {
        raws.iter().map(|raw| raw.decode()?.verify(&chain)).collect()
    };
    restore_checkpoint(from, to, &genesis, &mut verify, &mut |_| {}).map(|(_, report)| report)
}

#[test]
fn a_snapshot_is_restored_to_the_same_state_on_another_machine() {
    let (disk, other) = (folder(), folder());
    let (mut world, election) = voted(disk.path());
    let snapshot = other.path().join("snapshot");
    let manifest = create_checkpoint(&world.ledger, &snapshot).expect("a snapshot");
    let tip = world.ledger.tip().clone();
    assert_eq!((manifest.height, manifest.app_hash), (tip.height, tip.app_hash));
    assert_eq!(read_manifest(&snapshot).expect("readable"), manifest);
    world.block(&world.ballots(30..40, election));

    let home = other.path().join("ledger");
    let report = restore(&snapshot, &home).expect("a good snapshot");
    assert_eq!(report.blocks, tip.height.get());
    let restored = Ledger::open(open(&home), &genesis()).expect("restored");
    assert_eq!(*restored.tip(), tip, "the moment of the snapshot, not a later one");
    let left: Vec<_> =
        fs::read_dir(other.path()).expect("readable").map(|it| it.expect("an entry").file_name()).collect();
    assert_eq!(left.len(), 2, "nothing but the snapshot and the ledger is left: {left:?}");
}

#[test]
fn a_snapshot_that_was_tampered_with_takes_no_place() {
    let (disk, other) = (folder(), folder());
    let (world, _) = voted(disk.path());
    let snapshot = other.path().join("snapshot");
    create_checkpoint(&world.ledger, &snapshot).expect("a snapshot");
    let mut kv = open(&snapshot.join(DATABASE));
    let (key, _) = entries(&kv, Column::Index).pop().expect("members who voted");
    let mut batch = Batch::default();
    batch.delete(Column::Index, key);
    kv.write(batch).expect("writable");
    drop(kv);
    let home = other.path().join("ledger");
    let refused = restore(&snapshot, &home).expect_err("a ballot could be cast twice");
    assert!(refused.to_string().contains("'index' is not what the blocks give"), "{refused}");
    assert!(!home.exists());
}

#[test]
fn a_snapshot_is_what_its_manifest_says_and_overwrites_nothing() {
    let (disk, other) = (folder(), folder());
    let (world, _) = voted(disk.path());
    let (snapshot, home) = (other.path().join("snapshot"), other.path().join("ledger"));
    create_checkpoint(&world.ledger, &snapshot).expect("a snapshot");
    assert!(matches!(create_checkpoint(&world.ledger, &snapshot), Err(CheckpointError::Exists(_))));
    let path = snapshot.join(MANIFEST);
    let text = fs::read_to_string(&path).expect("readable");
    fs::write(&path, text.replace("\"height\": \"", "\"height\": \"1")).expect("writable");
    assert!(matches!(restore(&snapshot, &home), Err(CheckpointError::OtherMoment)));
    fs::write(&path, "{}").expect("writable");
    assert!(matches!(restore(&snapshot, &home), Err(CheckpointError::Manifest { .. })));
    fs::write(&path, &text).expect("writable");
    fs::create_dir(&home).expect("writable");
    assert!(matches!(restore(&snapshot, &home), Err(CheckpointError::Exists(_))), "a ledger is never overwritten");
}

#[test]
fn the_disk_says_how_much_it_holds() {
    let disk = folder();
    let (world, _) = voted(disk.path());
    assert!(world.ledger.kv().disk_bytes().is_some());
}
