//! Catching up with peers, some of whom lie: what a quorum certified is committed, whoever sends it; who claims what it has
//! not is asked less and less, and holds nobody up.
#![allow(missing_docs)] // a test
mod world;

use urne_ledger::MemoryKv;
use urne_replica::{Effect, Notice, StartReason, To};
use urne_types::{BlockHash, Height, wire::PeerMessage};
use world::{
    Desk, Voices, answer, asked, begun, block_of, certified, chain::World, listener, node, notices, proposer, sent,
    voting,
};

fn status(height: Height) -> PeerMessage {
    PeerMessage::Status { height, block: BlockHash([8; 32]) }
}
fn far() -> Height {
    Height::new(1 << 40)
}
fn is_blamed(effects: &[Effect], n: u16) -> bool {
    notices(effects).any(|it| matches!(it, Notice::PeerFault { peer, .. } if *peer == node(n)))
}
/// A validator, and the same chain two blocks later with what certifies them.
fn two_behind() -> (World<MemoryKv>, World<MemoryKv>, Vec<urne_types::wire::CertifiedBlock>) {
    let ((behind, _), (mut ahead, election)) = (voting(), voting());
    let mut blocks = Vec::new();
    for part in [0..4, 4..8] {
        let block = block_of(&ahead, &ahead.ballots(part, election));
        blocks.push(certified(&ahead, &block, &[1, 2, 3]));
        ahead.commit(block);
    }
    (behind, ahead, blocks)
}

#[test]
fn who_is_ahead_is_asked_and_its_blocks_are_committed_one_after_the_other() {
    let (behind, ahead, blocks) = two_behind();
    let mut desk = Desk::open(&behind, 1);
    desk.connect(&[2, 3]);
    let effects = desk.hear(2, PeerMessage::Status { height: ahead.height(), block: ahead.ledger.tip().block });
    assert_eq!(asked(&effects), [node(2)]);
    let effects = desk.hear(2, answer(blocks));
    assert_eq!(effects.iter().filter(|it| matches!(it, Effect::Commit)).count(), 2);
    assert_eq!(desk.replica.ledger().tip().app_hash, ahead.ledger.tip().app_hash);
    assert!(!is_blamed(&effects, 2));
}

#[test]
fn a_certificate_that_proves_nothing_is_refused_and_another_peer_is_asked() {
    let (behind, ahead, blocks) = two_behind();
    let mut desk = Desk::open(&behind, 1);
    desk.connect(&[2, 3]);
    desk.hear(2, status(ahead.height()));
    let mut forged = blocks.clone();
    forged[0].certificate = certified(&behind, &block_of(&behind, &[]), &[2]).certificate;
    let effects = desk.hear(2, answer(forged));
    assert!(is_blamed(&effects, 2));
    assert_eq!(desk.height(), behind.height());
    let effects = desk.hear(3, status(ahead.height()));
    assert_eq!(asked(&effects), [node(3)]);
    desk.hear(3, answer(blocks));
    assert_eq!(desk.height(), ahead.height());
}

#[test]
fn a_certificate_without_a_quorum_is_refused() {
    let (behind, _, blocks) = two_behind();
    let mut desk = Desk::open(&behind, 1);
    desk.hear(2, status(far()));
    let mut weak = blocks;
    weak[0] = certified(&behind, &block_of(&behind, &[]), &[2, 3]);
    let effects = desk.hear(2, answer(weak));
    assert!(is_blamed(&effects, 2));
    assert_eq!(desk.height(), behind.height());
}

#[test]
fn one_boaster_does_not_keep_us_from_beginning_a_height() {
    let (world, election) = voting();
    let me = proposer(&world);
    let mut desk = Desk::open(&world, me);
    desk.connect(&[1, 2, 3, 4]);
    assert_eq!(asked(&desk.hear(listener(&world), status(far()))), [node(listener(&world))]);
    desk.submit(&world.ballots(0..1, election));
    assert_eq!(begun(&desk.wait(150)), Some(StartReason::Work), "a quarter of the power may lie");
}

#[test]
fn we_wait_for_blocks_that_validators_with_a_third_of_the_power_say_exist() {
    let (behind, ahead, blocks) = two_behind();
    let me = proposer(&behind);
    let others: Vec<u16> = (1..=4).filter(|n| *n != me).collect();
    let mut desk = Desk::open(&behind, me);
    desk.connect(&others);
    let election = urne_vote_contract::elections(&behind.ledger.view(), urne_vote_contract::Page::ALL)[0];
    others.iter().take(2).for_each(|n| drop(desk.hear(*n, status(ahead.height()))));
    desk.submit(&behind.ballots(8..9, election));
    assert_eq!(begun(&desk.wait(1_000)), None);
    assert_eq!(begun(&desk.hear(others[0], answer(blocks))), Some(StartReason::Work));
}

#[test]
fn who_does_not_answer_is_asked_again_after_twice_as_long_each_time() {
    let (world, _) = voting();
    let mut desk = Desk::open(&world, 5); // an observer: nothing else happens
    desk.connect(&[2]);
    let began = desk.now.monotonic_ms;
    let mut times = Vec::new();
    desk.hear(2, status(far()));
    for _ in 0..30 {
        if !asked(&desk.wait(10_000)).is_empty() {
            times.push((desk.now.monotonic_ms - began) / 10_000);
        }
    }
    // Asked at 0 s; silent for 3 s and left alone for 30, 60, 120 s.
    assert_eq!(times, [4, 10, 22]);
}

#[test]
fn an_answer_that_is_not_what_was_asked_for_is_a_false_claim() {
    let (behind, ahead, _) = two_behind();
    let mut desk = Desk::open(&behind, 1);
    desk.connect(&[2]);
    desk.hear(2, status(far()));
    let old = ahead.ledger.reader().certified_blocks(Height::FIRST, 1, 1 << 20).expect("kept");
    let effects = desk.hear(2, answer(old));
    assert_eq!(asked(&effects), [], "it is not asked again at once");
    assert_eq!(asked(&desk.wait(10_000)), []);
    let (mut empty, _) = (Desk::open(&behind, 1), ());
    empty.hear(2, status(far()));
    assert_eq!(asked(&empty.hear(2, answer(Vec::new()))), []);
}

#[test]
fn a_useful_block_makes_good_for_a_silence() {
    let (behind, ahead, blocks) = two_behind();
    let mut desk = Desk::open(&behind, 1);
    desk.connect(&[2]);
    desk.hear(2, status(ahead.height()));
    desk.wait(4_000); // too slow
    let effects = desk.hear(2, answer(blocks[..1].to_vec()));
    assert_eq!(desk.height(), behind.height().next());
    assert_eq!(asked(&effects), [node(2)], "the one who helped is asked for the next");
}

#[test]
fn the_same_height_with_another_block_is_a_fault_of_the_peer_and_told() {
    let (world, _) = voting();
    let mut desk = Desk::open(&world, 1);
    assert!(is_blamed(&desk.hear(2, status(world.height())), 2));
    assert!(!is_blamed(&desk.hear(3, status(Height::GENESIS)), 3), "who begins has nothing to lie about");
}

#[test]
fn a_message_for_a_finished_height_is_answered_with_its_block_but_not_again_at_once() {
    let (behind, ahead, blocks) = two_behind();
    let late = Voices { world: &behind, block: BlockHash([1; 32]) };
    let mut desk = Desk::open(&ahead, 1);
    let helped = |effects: &[Effect]| {
        sent(effects).iter().filter(|(_, it)| matches!(it, PeerMessage::SyncResponse { .. })).count()
    };
    let effects = desk.hear(2, late.prevote(2));
    assert_eq!(helped(&effects), 1);
    assert!(sent(&effects).iter().any(|(_, it)| **it == answer(blocks[..1].to_vec())));
    assert_eq!(helped(&desk.hear(2, late.prevote(2))), 0);
    desk.wait(600);
    assert_eq!(helped(&desk.hear(2, late.prevote(2))), 1);
}

#[test]
fn a_request_is_answered_with_consecutive_blocks_and_no_more_than_asked() {
    let (_, ahead, blocks) = two_behind();
    let mut desk = Desk::open(&ahead, 1);
    let from = Height::new(ahead.height().get() - 1);
    let mut ask = |from, count| {
        let effects = desk.hear(9, PeerMessage::SyncRequest { from, count });
        desk.wait(20);
        let answers = sent(&effects).into_iter().map(|(_, it)| it.clone());
        answers.filter(|it| matches!(it, PeerMessage::SyncResponse { .. })).collect::<Vec<_>>()
    };
    assert_eq!(ask(from, 1), [answer(blocks[..1].to_vec())]);
    assert_eq!(ask(from, u16::MAX), [answer(blocks.clone())]);
    assert_eq!(ask(far(), 9), [answer(Vec::new())]);
}

/// Who is sent blocks, in order.
fn served(effects: &[Effect]) -> Vec<To> {
    sent(effects).iter().filter(|(_, it)| matches!(it, PeerMessage::SyncResponse { .. })).map(|(to, _)| *to).collect()
}

#[test]
fn whoever_asks_for_blocks_without_end_is_served_in_turn_and_validators_first() {
    let (_, ahead, _) = two_behind();
    let mut desk = Desk::open(&ahead, 1);
    desk.connect(&[2, 8, 9]);
    let request = || PeerMessage::SyncRequest { from: Height::FIRST, count: 64 };
    let mut effects = Vec::new();
    for _ in 0..100 {
        effects.extend(desk.hear(8, request()));
    }
    for n in [9, 2] {
        effects.extend(desk.hear(n, request()));
    }
    assert_eq!(served(&effects), [To::Peer(node(8))], "the others of its requests are one");
    let later: Vec<_> = (0..4).flat_map(|_| served(&desk.wait(20))).collect();
    assert_eq!(later, [2, 9, 8].map(|n| To::Peer(node(n))));
}

#[test]
fn talking_about_several_finished_heights_is_helped_no_more_often() {
    let (behind, mut ahead, _) = two_behind();
    let older = Voices { world: &behind, block: BlockHash([1; 32]) }.prevote(2);
    let newer = Voices { world: &ahead, block: BlockHash([1; 32]) }.prevote(2);
    ahead.block(&[]);
    let mut desk = Desk::open(&ahead, 1);
    let both = |desk: &mut Desk| [older.clone(), newer.clone()].map(|it| served(&desk.hear(2, it)).len());
    assert_eq!([both(&mut desk), both(&mut desk)], [[1, 0], [0, 0]]);
    desk.wait(500);
    assert_eq!(both(&mut desk), [1, 0]);
}
