//! The wrong rules that the simulator plants are really wrong, and only where they are planted.
#![cfg(feature = "plants")]
#![allow(clippy::unwrap_used)]
mod support;
use support::{AGAINST, FOR, HOUR, START, World};
use urne_types::Rejection;
use urne_vote_contract::{Plant, QuestionResult};

fn tally(plant: Option<Plant>) -> (Result<(), Rejection>, [u64; 2], bool) {
    let mut world = World::new();
    let id = world.open_referendum(|_| {});
    world.plant = plant;
    world.cast("a", id, 1, 2, &[FOR]).unwrap();
    let older = world.cast("a", id, 1, 1, &[AGAINST]).map(|_| ());
    world.empty(START + 2 * HOUR);
    let result = world.result(id);
    let [QuestionResult::Referendum { favour, against, .. }] = &result.questions[..] else { panic!("one referendum") };
    (older, [favour.get(), against.get()], world.recount(id) == result)
}

#[test]
fn an_honest_chain_refuses_the_older_ballot_and_counts_right() {
    assert_eq!(tally(None), (Err(Rejection::SequenceTooOld), [1, 0], true));
}
#[test]
fn a_planted_older_sequence_replaces_the_newer_ballot_and_the_recount_tells() {
    assert_eq!(tally(Some(Plant::OlderSequenceAccepted)), (Ok(()), [0, 1], false));
}
#[test]
fn a_planted_tally_is_off_by_one_and_the_recount_tells() {
    assert_eq!(tally(Some(Plant::TallyOffByOne)), (Err(Rejection::SequenceTooOld), [2, 0], false));
}
