//! A secret election on the real ledger: keys, ballots and sums in blocks, and everything of it again from genesis.
#![allow(missing_docs, clippy::unwrap_used)]
mod chain;
#[path = "chain/sealed.rs"]
mod sealed_chain;
use chain::{World, genesis};
use sealed_chain::{CLOSES_AT, cast, open, shares, statements, verified};
use urne_ledger::{DeepReport, MemoryKv, verify_deep};
use urne_types::{Rejection, transaction::RawTx};
use urne_vote_contract::{QuestionResult, result, sealed::Statements};

fn voted() -> (World<MemoryKv>, urne_types::ElectionId) {
    let mut world = World::new();
    let election = open(&mut world, 8);
    let first: Vec<_> = (0..5).map(|it| verified(&world, cast(&world, it, election, 1, 0))).collect();
    world.block(&first);
    let again = [verified(&world, cast(&world, 0, election, 2, 1)), verified(&world, cast(&world, 6, election, 1, 1))];
    world.block(&again);
    world.now = CLOSES_AT;
    world.block(&[]);
    let shares = shares(&world, &election);
    world.block(&shares);
    world.block(&[]);
    while world.ledger.read(|view| result(view, &election)).unwrap().is_none() {
        world.block(&[]);
    }
    (world, election)
}

#[test]
fn a_secret_referendum_is_counted_in_blocks() {
    let (world, election) = voted();
    let result = world.ledger.read(|view| result(view, &election)).unwrap().unwrap();
    assert!(
        matches!(&result.questions[0], QuestionResult::Referendum { favour, against, .. } if (favour.get(), against.get()) == (4, 2)),
        "{result:?}"
    );
    assert!(statements(&world).is_empty(), "what is counted takes no more ballots");
}

#[test]
fn a_ledger_with_a_secret_election_is_what_its_blocks_make() {
    let (world, _) = voted();
    let chain = world.chain();
    let mut verify = |raws: &[RawTx], statements: &Statements| {
        raws.iter().map(|raw| raw.decode()?.verify_by(&chain, statements)).collect()
    };
    let report = verify_deep(&world.ledger, &genesis(), MemoryKv::default(), &mut verify, &mut |_| {}).unwrap();
    assert!(matches!(report, DeepReport { blocks, .. } if blocks == world.height().get()));
}

#[test]
fn a_sealed_ballot_is_not_verified_before_its_election_has_keys() {
    let mut world = World::new();
    let before = statements(&world);
    let election = open(&mut world, 8);
    let ballot = cast(&world, 0, election, 1, 0);
    assert_eq!(ballot.clone().verify_by(&world.chain(), &before), Err(Rejection::SealNotVerifiable));
    assert!(ballot.verify_by(&world.chain(), &statements(&world)).is_ok());
}
