//! A registrar answers what enough of them have approved, whoever they were, and nothing else.
#![allow(clippy::unwrap_used, reason = "a test stops at the first error")]
mod support;
use support::*;
use urne_ballot::CandidateAnswer;
use urne_registrar::{answering::Answering, http::now, ledger::LedgerError};
use urne_types::{PublicKey, election::CensusEntry, sealed::RequestAnswer, transaction::Payload};

fn ana() -> CensusEntry {
    roll().find(COLLEGE, "17").unwrap().1
}
fn round(world: &World) {
    Answering::default().round(&world.office(), &FakeShares, now()).unwrap();
}
fn answers(world: &World) -> Vec<RequestAnswer> {
    let answer = |it| match it {
        Payload::AnswerRequest(it) => Some(it),
        _ => None,
    };
    world.ledger.sent().into_iter().filter_map(answer).collect()
}

#[test]
fn a_request_that_two_others_approved_is_answered_by_the_registrar_that_withheld() {
    let world = World::new();
    let (credential, pending) = device(5);
    let request = *pending.request();
    world.ledger.approve(2, &ana(), &request);
    round(&world);
    assert_eq!(answers(&world), [], "one approval is not enough");
    world.ledger.approve(3, &ana(), &request);
    round(&world);
    round(&world);
    let [answer] = &answers(&world)[..] else { panic!("one answer, however often it looks") };
    assert_eq!((answer.entry, answer.request), (ana(), request.bytes()));

    let (keys, shares) = keys();
    let own = CandidateAnswer::decode(&answer.answer).unwrap().verify(&request, &keys).unwrap();
    let mut approvals = urne_ballot::Approvals::default();
    (2..=3).for_each(|it| approvals.approve(it, &request).unwrap());
    let other = shares[1].answer(&approvals.approved(&request, &keys).unwrap());
    let other = other.verify(&request, &keys).unwrap();
    let signature = pending.finish(&[own, other], &keys).unwrap();
    assert!(signature.verify(&CHAIN, &ELECTION, credential.public(), &keys).is_ok(), "a credential that votes");
}

#[test]
fn two_approvals_of_different_requests_are_answered_by_nobody() {
    let world = World::new();
    world.ledger.approve(2, &ana(), &blinded(5));
    world.ledger.approve(3, &ana(), &blinded(6));
    round(&world);
    assert_eq!(answers(&world), []);
    world.ledger.approve(OWN, &ana(), &blinded(6));
    round(&world);
    assert_eq!(answers(&world).len(), 1, "the one that two have approved");
    assert_eq!(answers(&world)[0].request, blinded(6).bytes());
}

#[test]
fn an_entry_that_is_on_no_roll_is_not_answered() {
    let world = World::new();
    let stranger = CensusEntry { college: COLLEGE, member: PublicKey([1; 32]) };
    (2..=3).for_each(|it| world.ledger.approve(it, &stranger, &blinded(5)));
    round(&world);
    assert_eq!(answers(&world), []);
}

#[test]
fn an_entry_that_fails_keeps_no_other_waiting_and_is_reported() {
    let world = World::new();
    let [one, other] = ["17", "18"].map(|it| roll().find(COLLEGE, it).unwrap().1);
    let (first, second) = if one < other { (one, other) } else { (other, one) };
    for (entry, seed) in [(&first, 5), (&second, 6)] {
        (2..=3).for_each(|it| world.ledger.approve(it, entry, &blinded(seed)));
    }
    world.ledger.spoil(&first);
    let came_out = Answering::default().round(&world.office(), &FakeShares, now());
    assert!(matches!(came_out, Err(LedgerError::Wrong(_))), "{came_out:?}");
    assert_eq!(answers(&world).iter().map(|it| it.entry).collect::<Vec<_>>(), [second]);
}

#[test]
fn a_suspended_member_is_not_answered_until_she_is_reinstated() {
    let world = World::new();
    (2..=3).for_each(|it| world.ledger.approve(it, &ana(), &blinded(5)));
    world.ledger.suspend(&ana());
    round(&world);
    assert_eq!(answers(&world), []);
    world.ledger.reinstate(&ana());
    round(&world);
    assert_eq!(answers(&world).len(), 1);
}

#[test]
fn an_approval_of_somebody_who_holds_no_share_does_not_count() {
    let world = World::new();
    world.ledger.approve(2, &ana(), &blinded(5));
    world.ledger.approve(9, &ana(), &blinded(5));
    round(&world);
    assert_eq!(answers(&world), []);
}

#[test]
fn nothing_is_answered_before_issuance_nor_after_the_close() {
    let world = World::new();
    (2..=3).for_each(|it| world.ledger.approve(it, &ana(), &blinded(5)));
    let (from, until) = {
        let state = world.ledger.0.lock().unwrap();
        (state.issuance.issuance_at, state.issuance.closes_at)
    };
    let before = urne_types::UnixMs::new(from.get() - 1);
    for moment in [before, until] {
        Answering::default().round(&world.office(), &FakeShares, moment).unwrap();
    }
    assert_eq!(answers(&world), []);
    Answering::default().round(&world.office(), &FakeShares, from).unwrap();
    assert_eq!(answers(&world).len(), 1);
}

#[test]
fn a_node_that_shows_a_second_approved_request_of_an_entry_gets_no_second_answer() {
    let world = World::new();
    (2..=3).for_each(|it| world.ledger.approve(it, &ana(), &blinded(5)));
    round(&world);
    assert_eq!(answers(&world).len(), 1);
    world.ledger.forget(&ana());
    (2..=3).for_each(|it| world.ledger.approve(it, &ana(), &blinded(6)));
    round(&world);
    assert_eq!(answers(&world).len(), 1, "the book knows the first, also after a restart");
    world.ledger.forget(&ana());
    (2..=3).for_each(|it| world.ledger.approve(it, &ana(), &blinded(5)));
    round(&world);
    assert_eq!(answers(&world).len(), 2, "the same one again, should the chain have lost it");
}
