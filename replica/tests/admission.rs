//! What may wait for a block, how much of it, and how it is passed on.
#![allow(missing_docs)] // a test
mod world;

use urne_replica::{Effect, MempoolLimits, Notice, Stimulus, Submission, Ticket};
use urne_types::{
    ElectionId, Rejection, TxId, UnixMs,
    ballot::Answer,
    transaction::{RawTx, VerifiedTx},
};
use world::chain::{HOUR, START, World};
use world::{Desk, answer, block_of, certified, listener, notices, raw, voting};

fn refused(rejection: Rejection) -> impl Fn(&Submission) -> bool {
    move |it| matches!(it, Submission::Refused { rejection: found, .. } if *found == rejection)
}
fn gossiped(effects: &[Effect]) -> Vec<Vec<u8>> {
    let batch = |it: &Effect| if let Effect::Gossip(batch) = it { Some(batch.txs.to_vec()) } else { None };
    effects.iter().filter_map(batch).flatten().collect()
}

#[test]
fn a_ballot_is_pending_then_known_then_committed() {
    let (world, election) = voting();
    let ballot = world.ballots(0..1, election);
    let mut desk = Desk::open(&world, listener(&world));
    desk.connect(&[1, 2, 3, 4]);
    let id = ballot[0].id();
    assert_eq!(desk.submit(&ballot), [Submission::Pending { id }]);
    assert_eq!(desk.submit(&ballot), [Submission::Known { id }]);
    let block = block_of(&world, &ballot);
    desk.hear(1, answer(vec![certified(&world, &block, &[1, 2, 3])]));
    let height = world.height().next();
    assert_eq!(desk.submit(&ballot), [Submission::Committed { id, height }]);
    assert_eq!(desk.replica.status().mempool_txs, 0);
}

#[test]
fn each_wrong_transaction_is_refused_by_its_number_and_none_waits() {
    let (world, election) = voting();
    let mut desk = Desk::open(&world, 1);
    let stranger = world.ballot(99, election, 1, Answer::Choice(0));
    let elsewhere = world.ballot(0, ElectionId([9; 32]), 1, Answer::Choice(0));
    let unknown_choice = world.ballot(0, election, 1, Answer::Choice(7));
    let good = raw(&world.ballot(0, election, 1, Answer::Choice(0)));
    let mut forged = good.clone();
    *forged.0.last_mut().expect("bytes") ^= 1;
    let trailing = RawTx([&good.0[..], &[0]].concat());
    let wrong = [
        (RawTx(vec![1, 2, 3]), Rejection::Malformed),
        (trailing, Rejection::Malformed),
        (RawTx(vec![0; 70_000]), Rejection::TooLarge),
        (forged, Rejection::BadSignature),
        (raw(&stranger), Rejection::NotInCensus),
        (raw(&elsewhere), Rejection::UnknownElection),
        (raw(&unknown_choice), Rejection::UnknownChoice),
    ];
    for (raw, rejection) in wrong {
        let outcome = desk.submit_raw(vec![raw]).remove(0);
        assert!(refused(rejection)(&outcome), "{rejection:?}: {outcome:?}");
    }
    assert_eq!((desk.replica.status().mempool_txs, desk.replica.status().mempool_bytes), (0, 0));
    assert_eq!(gossiped(&desk.wait(100)), Vec::<Vec<u8>>::new());
}

#[test]
fn a_full_mempool_says_so_and_has_room_again_after_a_block() {
    let (world, election) = voting();
    let ballots = world.ballots(0..3, election);
    let mut desk = Desk::open_with(&world, listener(&world), MempoolLimits { txs_max: 2, bytes_max: 1 << 20 });
    desk.connect(&[1, 2, 3, 4]);
    let outcomes = desk.submit(&ballots);
    assert!(matches!(outcomes[..2], [Submission::Pending { .. }, Submission::Pending { .. }]), "{outcomes:?}");
    assert!(refused(Rejection::MempoolFull)(&outcomes[2]), "{outcomes:?}");
    assert!(refused(Rejection::MempoolFull)(&desk.submit(&ballots[2..])[0]), "not even verified");
    let block = block_of(&world, &ballots[..2]);
    desk.hear(1, answer(vec![certified(&world, &block, &[1, 2, 3])]));
    assert!(matches!(desk.submit(&ballots[2..])[0], Submission::Pending { .. }));
}

#[test]
fn the_bytes_that_wait_are_bounded_too() {
    let (world, election) = voting();
    let ballots = world.ballots(0..3, election);
    let bytes_max = ballots[0].bytes().len() + 1;
    let mut desk = Desk::open_with(&world, 1, MempoolLimits { txs_max: 100, bytes_max });
    let outcomes = desk.submit(&ballots);
    let pending = outcomes.iter().filter(|it| matches!(it, Submission::Pending { .. })).count();
    assert_eq!(pending, 2, "the one that fills it is the last: {outcomes:?}");
    assert!(refused(Rejection::MempoolFull)(&outcomes[2]));
}

#[test]
fn what_a_block_makes_impossible_leaves_the_mempool_and_is_told() {
    let (world, election) = voting();
    let (older, newer) =
        (world.ballot(0, election, 1, Answer::Choice(0)), world.ballot(0, election, 2, Answer::Choice(1)));
    let mut desk = Desk::open(&world, listener(&world));
    desk.connect(&[1, 2, 3, 4]);
    desk.submit(std::slice::from_ref(&older));
    let block = block_of(&world, &[newer]);
    let effects = desk.hear(1, answer(vec![certified(&world, &block, &[1, 2, 3])]));
    let dropped = notices(&effects).find_map(|it| match it {
        Notice::Dropped { id, rejection } => Some((*id, *rejection)),
        _ => None,
    });
    assert_eq!(dropped, Some((older.id(), Rejection::SequenceTooOld)));
    assert_eq!(desk.replica.status().mempool_txs, 0);
}

#[test]
fn a_node_with_too_many_verifications_under_way_refuses_more_at_once() {
    let (world, _) = voting();
    let mut desk = Desk::open(&world, 1);
    let ask = |desk: &mut Desk, n: u64| {
        let raws = vec![RawTx(n.to_le_bytes().to_vec())];
        let stimulus = Stimulus::Submitted { ticket: Ticket(n), raws };
        desk.replica.step(desk.now, stimulus) // nobody answers the verifications
    };
    for n in 0..256 {
        assert_eq!(notices(&ask(&mut desk, n)).count(), 0, "{n} waits for its verdict");
    }
    let effects = ask(&mut desk, 256);
    assert!(!effects.iter().any(|it| matches!(it, Effect::Verify { .. })));
    assert!(
        notices(&effects).any(
            |it| matches!(it, Notice::Submitted { outcomes, .. } if refused(Rejection::MempoolFull)(&outcomes[0]))
        )
    );
}

#[test]
fn a_submitted_ballot_is_gossiped_once_and_a_gossiped_one_is_not_passed_on() {
    let (world, election) = voting();
    let ballots = world.ballots(0..2, election);
    let mut desk = Desk::open(&world, 5);
    desk.submit(&ballots[..1]);
    assert_eq!(gossiped(&desk.wait(60)), [ballots[0].bytes().to_vec()]);
    desk.tell(Stimulus::Gossiped { raws: vec![raw(&ballots[1])] });
    assert_eq!(gossiped(&desk.wait(200)), Vec::<Vec<u8>>::new());
    assert!(desk.replica.is_pending(&ballots[1].id()));
}

#[test]
fn what_has_waited_long_is_gossiped_again_whoever_brought_it() {
    let (world, election) = voting();
    let ballots = world.ballots(0..2, election);
    let mut desk = Desk::open(&world, 5);
    desk.submit(&ballots[..1]);
    desk.tell(Stimulus::Gossiped { raws: vec![raw(&ballots[1])] });
    let first = gossiped(&desk.wait(4_000));
    assert_eq!(first, [ballots[0].bytes().to_vec()]);
    let again = gossiped(&desk.wait(2_000));
    assert_eq!(again, ballots.iter().map(|it: &VerifiedTx| it.bytes().to_vec()).collect::<Vec<_>>());
}

#[test]
fn a_member_fills_four_places_and_no_more_until_a_block_takes_them() {
    let (world, election) = voting();
    let casts: Vec<_> = (1..=5).map(|n| world.ballot(0, election, n, Answer::Choice(0))).collect();
    let mut desk = Desk::open(&world, listener(&world));
    desk.connect(&[1, 2, 3, 4]);
    let outcomes = desk.submit(&casts);
    assert!(outcomes[..4].iter().all(|it| matches!(it, Submission::Pending { .. })), "{outcomes:?}");
    assert!(refused(Rejection::TooManyWaiting)(&outcomes[4]), "{outcomes:?}");
    desk.tell(Stimulus::Gossiped { raws: vec![raw(&casts[4])] });
    assert!(!desk.replica.is_pending(&casts[4].id()), "nor by way of another node");
    assert!(matches!(desk.submit(&world.ballots(1..2, election))[0], Submission::Pending { .. }), "hers are hers");
    let block = block_of(&world, &casts[..1]);
    desk.hear(1, answer(vec![certified(&world, &block, &[1, 2, 3])]));
    assert!(matches!(desk.submit(&casts[4..])[0], Submission::Pending { .. }));
}

#[test]
fn a_full_mempool_still_knows_what_it_has() {
    let (world, election) = voting();
    let ballots = world.ballots(0..3, election);
    let mut desk = Desk::open_with(&world, listener(&world), MempoolLimits { txs_max: 1, bytes_max: 1 << 20 });
    desk.connect(&[1, 2, 3, 4]);
    desk.submit(&ballots[..1]);
    let block = block_of(&world, &ballots[..1]);
    desk.hear(1, answer(vec![certified(&world, &block, &[1, 2, 3])]));
    let (committed, waiting) = (ballots[0].id(), ballots[1].id());
    desk.submit(&ballots[1..2]);
    let outcomes = desk.submit(&ballots);
    let height = world.height().next();
    assert_eq!(outcomes[..2], [Submission::Committed { id: committed, height }, Submission::Known { id: waiting }]);
    assert!(refused(Rejection::MempoolFull)(&outcomes[2]), "{outcomes:?}");
}

#[test]
fn what_peers_brought_is_told_once_it_waits() {
    let (world, election) = voting();
    let (ballots, stranger) = (world.ballots(0..2, election), world.ballot(99, election, 1, Answer::Choice(0)));
    let mut desk = Desk::open(&world, 5);
    let mut gossip = |raws: Vec<RawTx>| -> Vec<TxId> {
        let effects = desk.tell(Stimulus::Gossiped { raws });
        let ids = |it: &Notice| if let Notice::Heard { ids } = it { Some(ids.clone()) } else { None };
        notices(&effects).filter_map(ids).flatten().collect()
    };
    assert_eq!(gossip([&ballots[0], &stranger, &ballots[1]].map(raw).to_vec()), [ballots[0].id(), ballots[1].id()]);
    assert_eq!(gossip(vec![raw(&ballots[0])]), []);
}

#[test]
fn from_the_close_on_a_client_is_refused_and_what_others_received_before_is_not() {
    let mut world = World::new();
    let election = world.open_with_grace(12, 60_000);
    let ballots = world.ballots(0..4, election);
    let closes_at = UnixMs::new(START + 2 * HOUR);
    let mut desk = Desk::open(&world, 5);
    desk.now.unix = UnixMs::new(closes_at.get() - 1);
    assert!(matches!(desk.submit(&ballots[..1])[0], Submission::Pending { .. }));

    // Received before the close, verified after it.
    let submitted = Stimulus::Submitted { ticket: Ticket(9), raws: vec![raw(&ballots[1])] };
    let effects = desk.replica.step(desk.now, submitted);
    desk.now.unix = closes_at;
    let id = effects.iter().find_map(|it| if let Effect::Verify { id, .. } = it { Some(*id) } else { None });
    let results = vec![Ok(ballots[1].clone())];
    desk.tell(Stimulus::Verified { id: id.expect("asked"), results });
    assert!(desk.replica.is_pending(&ballots[1].id()));

    assert!(refused(Rejection::ElectionClosed)(&desk.submit(&ballots[2..3])[0]));
    desk.tell(Stimulus::Gossiped { raws: vec![raw(&ballots[2])] });
    assert!(desk.replica.is_pending(&ballots[2].id()), "received elsewhere, perhaps in time");
    desk.now.unix = closes_at.plus(60_000);
    desk.tell(Stimulus::Gossiped { raws: vec![raw(&ballots[3])] });
    assert!(!desk.replica.is_pending(&ballots[3].id()), "the grace is over");
}
