//! Deep verification: every block executed again gives the ledger, entry by entry; whatever was changed behind the blocks'
//! back is found.
mod chain;

use chain::{World, genesis};
use urne_ledger::{
    DeepFault, DeepReport, Kv, KvRead, Ledger, MemoryKv, Progress,
    kv::{Batch, Column},
    verify_deep,
};
use urne_types::{Rejection, transaction::RawTx, transaction::VerifiedTx};
use urne_vote_contract::sealed::Statements;

fn voted() -> World<MemoryKv> {
    let (mut world, election) = World::voting(20);
    world.block(&world.ballots(0..12, election));
    world.block(&world.ballots(12..20, election));
    world.close();
    world
}

fn deep(ledger: &Ledger<MemoryKv>, progress: &mut dyn FnMut(Progress)) -> Result<DeepReport, DeepFault> {
    let chain = ledger.chain();
    let mut verify = |raws: &[RawTx], _: &Statements| -> Vec<Result<VerifiedTx, Rejection>> {
        raws.iter().map(|raw| raw.decode()?.verify(&chain)).collect()
    };
    verify_deep(ledger, &genesis(), MemoryKv::default(), &mut verify, progress)
}

#[test]
fn a_sound_ledger_is_what_its_blocks_make() {
    let world = voted();
    let mut seen = Vec::new();
    let report = deep(&world.ledger, &mut |it| seen.push(it.done)).expect("sound");
    assert_eq!(report.blocks, world.height().get());
    assert_eq!(seen.last(), Some(&world.height()));
    assert_eq!(report.txs, 1 + 3 + 1 + 3 + 20, "a census and its adoption, a draft and its scheduling, ballots");
}

/// Changes the last byte of an entry in the middle of a column.
fn spoil(kv: &mut MemoryKv, column: Column) {
    let mut all = Vec::new();
    kv.scan(column, b"", b"", &mut |key, value| {
        all.push((key.to_vec(), value.to_vec()));
        std::ops::ControlFlow::Continue(())
    })
    .expect("memory does not fail");
    let (key, mut value) = all[all.len() / 2].clone();
    match value.last_mut() {
        Some(last) => *last ^= 1,
        None => value.push(1),
    }
    let mut batch = Batch::default();
    batch.put(column, key, value);
    kv.write(batch).expect("memory does not fail");
}

#[test]
fn a_changed_entry_of_any_column_is_found() {
    for column in Column::ALL.into_iter().filter(|it| ![Column::Meta, Column::Handovers].contains(it)) {
        let mut kv = voted().ledger.into_kv();
        spoil(&mut kv, column);
        // Some damage is already found when the ledger is opened.
        let found = Ledger::open(kv, &genesis()).map_or(true, |ledger| deep(&ledger, &mut |_| {}).is_err());
        assert!(found, "{column:?}");
    }
}

#[test]
fn a_ballot_removed_from_the_unicity_index_is_found() {
    let world = voted();
    let mut kv = world.ledger.into_kv();
    let mut index = Vec::new();
    kv.scan(Column::Index, &[2], b"", &mut |key, _| {
        index.push(key.to_vec());
        std::ops::ControlFlow::Continue(())
    })
    .expect("memory does not fail");
    let mut batch = Batch::default();
    batch.delete(Column::Index, index[3].clone());
    kv.write(batch).expect("memory does not fail");
    let ledger = Ledger::open(kv, &genesis()).expect("nothing else is wrong");
    assert_eq!(deep(&ledger, &mut |_| {}), Err(DeepFault::Derived("index")));
}
