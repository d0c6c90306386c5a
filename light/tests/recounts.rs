//! An election counted again from the ballots of its log gives what the chain counted; ballots that are not those of the log,
//! or another census, are refused.
#[path = "../../ledger/tests/chain/mod.rs"]
mod chain;

use chain::World;
use urne_ledger::MemoryKv;
use urne_light::{Election, RecountFault, recount};
use urne_types::{
    ChainId, ElectionId, Rejection,
    ballot::Answer,
    election::{CensusEntry, ElectionDefinition},
    proof::LogHead,
    transaction::RawTx,
};
use urne_vote_contract::{
    self as contract, ElectionResult, LogId, Page,
    records::{CountBasis, ReplacedKey},
};

/// Everything a citizen downloads.
struct Download {
    chain: ChainId,
    id: ElectionId,
    definition: ElectionDefinition,
    census: Vec<CensusEntry>,
    log: LogHead,
    ballots: Vec<RawTx>,
    basis: CountBasis,
    replaced_keys: Vec<ReplacedKey>,
    published: ElectionResult,
}

impl Download {
    fn of(world: &World<MemoryKv>, id: ElectionId) -> Self {
        let (reader, view) = (world.ledger.reader(), world.ledger.view());
        let definition = contract::definition(&view, &id).expect("an election");
        let entries = reader.ballots(&id, 0, usize::MAX).expect("read");
        let bytes = |it: &urne_ledger::BallotEntry| reader.transaction_at(it.source.height, it.source.position);
        Self {
            chain: world.chain(),
            id,
            census: contract::census_entries(&view, &definition.census, Page::ALL),
            definition,
            log: reader.log_head(LogId::Ballots(id)).expect("read"),
            ballots: entries.iter().map(|it| bytes(it).expect("read").expect("committed")).collect(),
            basis: contract::count_basis(&view, &id),
            replaced_keys: contract::replaced_keys(&view, Page::ALL),
            published: contract::result(&view, &id).expect("tallied"),
        }
    }
    fn recount(&self) -> Result<ElectionResult, RecountFault> {
        let Self { chain, id, definition, census, log, ballots, basis, replaced_keys, .. } = self;
        recount(Election { chain, id, definition, census, log, basis, replaced_keys }, ballots.iter().cloned())
    }
}

fn counted() -> Download {
    let (mut world, election) = World::voting(30);
    world.block(&world.ballots(0..20, election));
    let revote = world.ballot(3, election, 2, Answer::Choice(0));
    world.block(&[revote]);
    world.close();
    Download::of(&world, election)
}

#[test]
fn a_recount_gives_what_the_chain_counted() {
    let download = counted();
    assert_eq!(download.ballots.len(), 21);
    assert_eq!(download.recount().as_ref(), Ok(&download.published));
}

#[track_caller]
fn check(spoil: impl FnOnce(&mut Download), expected: RecountFault) {
    let mut download = counted();
    spoil(&mut download);
    assert_eq!(download.recount(), Err(expected));
}

#[test]
fn what_is_not_the_election_is_not_counted() {
    check(|it| drop(it.ballots.pop()), RecountFault::OtherLog { found: 20, expected: 21 });
    check(|it| it.ballots.swap(0, 1), RecountFault::OtherLog { found: 21, expected: 21 });
    check(|it| it.census.truncate(29), RecountFault::OtherCensus);
    check(|it| it.census.swap(0, 1), RecountFault::OtherCensus);
    check(|it| it.definition.grace_ms += 1, RecountFault::OtherDefinition);
    check(
        |it| *it.ballots[4].0.last_mut().expect("bytes") ^= 1,
        RecountFault::Ballot { index: 4, rejection: Rejection::BadSignature },
    );
    check(
        |it| {
            let (world, election) = World::voting(31);
            it.ballots[2] = RawTx(world.ballot(2, election, 1, Answer::Blank).bytes().to_vec());
        },
        RecountFault::NotABallot { index: 2 },
    );
    check(
        |it| {
            let (world, election) = World::voting(30);
            it.ballots[2] = RawTx(world.ballot(99, election, 1, Answer::Blank).bytes().to_vec());
        },
        RecountFault::Ballot { index: 2, rejection: Rejection::NotInCensus },
    );
}
