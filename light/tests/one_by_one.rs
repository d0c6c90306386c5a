//! The archive of a secret election of rankings under anonymous credentials: who puts the last ballots in their pieces again and
//! opens each with the trustees' shares finds the ledger's result, and every lie about it.
#![allow(clippy::unwrap_used)]
#[path = "../../ledger/tests/chain/credentials.rs"]
mod credentials_chain;
#[path = "../../ledger/tests/chain/sealed.rs"]
mod sealed_chain;
mod urn;

use credentials_chain::{REGISTRATION, ask, cast_answers, issue_on, registration, sent};
use std::{collections::BTreeMap, sync::LazyLock};
use urn::{
    Held,
    chain::{self, World},
    lying, verify, written,
};
use urne_ballot::Answer;
use urne_light::{ArchiveFault, archive::Record};
use urne_types::{
    ChainId, ElectionId, Rejection,
    bounded::{List, Text},
    codec::encode,
    election::{Method, Question},
    method::{LotRule, RunoffStop},
};
use urne_vote_contract::{ElectionResult, QuestionResult, keys, sealed::share_key};

struct Made {
    chain: ChainId,
    election: ElectionId,
    records: Vec<Record>,
    published: ElectionResult,
}

fn runoff() -> Question {
    let choices = ["Orsay", "Bures", "Gif"].map(|it| Text::new(it).unwrap()).to_vec();
    let method = Method::InstantRunoff { stop: RunoffStop::Majority, lot: LotRule::ListOrder };
    Question { title: Text::new("La salle").unwrap(), choices: List::new(choices).unwrap(), method }
}

/// Eleven of twelve members of two colleges vote, two of them twice; trustees 1, 2 and 4 of four open two pieces.
static HELD: LazyLock<Made> = LazyLock::new(|| {
    let mut world = World::new();
    let election = issue_on(&mut world, 12, &[&[1], &[2]], vec![runoff()]);
    let first = world.height().next();
    let (one, other): (Vec<usize>, Vec<usize>) = (0..12).partition(|it| it % 2 == 0);
    ask(&mut world, election, &[&one[..], &other].concat());
    world.now = REGISTRATION;
    for members in [one, other] {
        let registered = sent(&world, "somebody", registration(&world, election, &members));
        world.block(&[registered]);
    }
    world.now = sealed_chain::OPENS_AT;
    world.block(&[]);
    let cast = |world: &World<_>, voter: usize, sequence: u32, order: &[u16]| {
        let answer = if order.is_empty() { Answer::Blank } else { Answer::Ranked(order.to_vec()) };
        cast_answers(world, voter, election, sequence, vec![answer])
    };
    let orders: [&[u16]; 4] = [&[0, 1], &[1, 2, 0], &[2], &[1]];
    let some: Vec<_> = (0..11).map(|voter| cast(&world, voter, 1, orders[voter % 4])).collect();
    world.block(&some);
    let more = [cast(&world, 0, 2, &[]), cast(&world, 6, 2, &[1, 0])];
    world.block(&more);
    let last = world.height();
    let published = sealed_chain::count(&mut world, &election);
    let (chain, held) = (world.chain(), Held::of(world, election, first, last));
    Made { chain, election, records: held.records(), published }
});

type Entries = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// What is found when the state says this instead, and all validators signed it.
fn found(change: impl FnOnce(&mut Entries)) -> Option<ArchiveFault> {
    let mut records = HELD.records.clone();
    lying(&mut records, change);
    verify(&written(&records), HELD.chain, Some(HELD.election)).err()
}

#[test]
fn a_true_archive_of_rankings_verifies_from_the_name_of_its_chain_alone() {
    let found = verify(&written(&HELD.records), HELD.chain, Some(HELD.election)).expect("a true archive");
    assert_eq!(found.result, HELD.published);
    let QuestionResult::InstantRunoff { rounds, winners, ballots, blank, .. } = &found.result.questions[0] else {
        panic!("a runoff")
    };
    // Voters 0 4 8 · 1 5 9 · 2 6 10 · 3 7; then 0 goes blank and 6 from Gif to Bures.
    let tally: Vec<_> = rounds[0].tally.iter().map(|it| it.map(|votes| votes.get())).collect();
    assert_eq!((ballots.get(), blank.get(), tally), (11, 1, vec![Some(2), Some(6), Some(2)]));
    assert_eq!(winners, &vec![1]);
    assert_eq!(self::found(|_| {}), None, "the same state, signed again");
}

#[test]
fn a_winner_whom_the_opened_ballots_do_not_elect_is_found() {
    let fault = found(|state| {
        let mut question = HELD.published.questions[0].clone();
        let QuestionResult::InstantRunoff { winners, .. } = &mut question else { panic!("a runoff") };
        *winners = vec![0];
        state.insert(keys::result(&HELD.election, 0), Some(encode(&question)));
    });
    assert_eq!(fault, Some(ArchiveFault::OtherResult { question: 1 }));
}

#[test]
fn a_share_of_one_piece_that_is_wrong_or_another_pieces_is_found() {
    let wrong = found(|state| {
        let share = state.get_mut(&share_key(&HELD.election, 1, 2)).and_then(Option::as_mut).expect("it sent one");
        let last = share.len() - 40;
        share[last] ^= 1;
    });
    assert!(matches!(wrong, Some(ArchiveFault::Opening { .. })), "{wrong:?}");
    let swapped = found(|state| {
        let share = state[&share_key(&HELD.election, 0, 2)].clone();
        state.insert(share_key(&HELD.election, 1, 2), share);
    });
    assert!(matches!(swapped, Some(ArchiveFault::Opening { .. })), "{swapped:?}");
}

#[test]
fn a_piece_that_too_few_have_opened_is_found() {
    let few = found(|state| drop(state.insert(share_key(&HELD.election, 1, 4), None)));
    assert_eq!(few, Some(ArchiveFault::Opening { why: Rejection::TooFewShares }));
}
