//! What one dishonest proposer may do with a block's date and with the table of candidates: nothing.
#![allow(missing_docs)] // a test
mod world;

use urne_consensus::engine::{Verdict, WalEntry};
use urne_ledger::{ExecutedBlock, MemoryKv};
use urne_replica::{Effect, WalRecord};
use urne_types::{
    BlockHash, UnixMs,
    message::{ConsensusMessage, SignedStep},
    wire::PeerMessage,
};
use world::{
    Desk, Voices, at, block_of, body, chain::World, dated, is_body_record, listener, prevoted, proposer, proposer_in,
    said, sent, voting,
};

/// The year 2100: a block so dated would close and count every election.
const YEAR_2100: UnixMs = UnixMs::new(4_102_444_800_000);

/// Who sits at the desk: neither of these two.
fn third(a: u16, b: u16) -> u16 {
    (1..=4).find(|n| *n != a && *n != b).expect("four validators")
}
fn turn_after(world: &World<MemoryKv>, round: u32, who: u16) -> u32 {
    (round + 1..=10).find(|it| proposer_in(world, *it) == who).expect("it has a turn again")
}
fn judged(desk: &Desk) -> Vec<Verdict> {
    let verdict = |bytes: &Vec<u8>| match WalRecord::decode(bytes) {
        Ok(WalRecord::Entry { entry: WalEntry::Judged { verdict, .. }, .. }) => Some(verdict),
        _ => None,
    };
    desk.wal.iter().filter_map(verdict).collect()
}
fn bodies_asked(effects: &[Effect]) -> Vec<BlockHash> {
    let asked = |(_, message)| match message {
        &PeerMessage::BodyRequest { block, .. } => Some(block),
        _ => None,
    };
    sent(effects).into_iter().filter_map(asked).collect()
}
fn precommitted(effects: &[Effect]) -> Option<BlockHash> {
    said(effects).into_iter().find_map(|it| match it {
        ConsensusMessage::Step(SignedStep::Precommit(it)) => it.claim.block,
        _ => None,
    })
}
/// The desk hears a block in the first round, body first.
fn hear_block(desk: &mut Desk, world: &World<MemoryKv>, from: u16, block: &ExecutedBlock) -> Vec<Effect> {
    let voices = Voices { world, block: block.hash() };
    let mut effects = desk.hear(from, body(block));
    effects.extend(desk.hear(from, voices.proposal(from)));
    effects
}

#[test]
fn a_block_is_prevoted_when_its_date_is_near_its_arrival_and_only_then() {
    let (world, _) = voting();
    let turn = proposer(&world);
    // `message_delay_ms` and `clock_precision_ms` are 2,000 and 500: the desk hears it at the instant 0.
    for (offset_ms, is_near) in [(-2_501, false), (-2_500, true), (0, true), (500, true), (501, false)] {
        let mut desk = Desk::open(&world, listener(&world));
        desk.wait(5_000);
        let time = UnixMs::new(desk.now.unix.get().saturating_add_signed(offset_ms));
        let block = dated(&world, turn, 0, time);
        let effects = hear_block(&mut desk, &world, turn, &block);
        assert_eq!(prevoted(&effects), Some(is_near.then(|| block.hash())), "{offset_ms} ms");
        assert_eq!(at(&effects, is_body_record).is_some(), is_near, "what is not prevoted is not recorded");
    }
}

#[test]
fn a_block_of_another_round_is_not_new_whatever_its_date() {
    let (world, _) = voting();
    let turn = proposer(&world);
    let later = turn_after(&world, 0, turn);
    for is_far in [true, false] {
        let mut desk = Desk::open(&world, listener(&world));
        let time = if is_far { YEAR_2100 } else { desk.now.unix };
        let block = dated(&world, turn, later, time);
        assert_eq!(prevoted(&hear_block(&mut desk, &world, turn, &block)), Some(None), "the header's round is {later}");
    }
}

#[test]
fn a_polka_that_only_the_proposer_claims_dates_no_block() {
    let (world, _) = voting();
    let turn = proposer(&world);
    let block = dated(&world, turn, 0, YEAR_2100);
    let voices = Voices { world: &world, block: block.hash() };
    let claim = voices.proposal_in(turn, turn_after(&world, 0, turn), Some(0));
    // In whatever order: one verdict on a body is shared by all proposals that wait for it.
    for order in [[&body(&block), &claim, &voices.proposal(turn)], [&claim, &voices.proposal(turn), &body(&block)]] {
        let mut desk = Desk::open(&world, listener(&world));
        let effects: Vec<Effect> = order.into_iter().flat_map(|it| desk.hear(turn, it.clone())).collect();
        assert_eq!(prevoted(&effects), Some(None));
        assert_eq!(judged(&desk), [Verdict::Invalid], "nothing is said of the claim until the quorum is seen");
    }
}

#[test]
fn a_block_that_a_quorum_prevoted_is_valid_even_if_it_reached_us_late() {
    let (world, _) = voting();
    let (turn, me) = (proposer(&world), listener(&world));
    let mut desk = Desk::open(&world, me);
    let block = dated(&world, turn, 0, desk.now.unix);
    let voices = Voices { world: &world, block: block.hash() };
    desk.wait(4_000);
    assert_eq!(prevoted(&hear_block(&mut desk, &world, turn, &block)), Some(None), "too late for us");
    let others: Vec<u16> = (1..=4).filter(|n| *n != me).collect();
    assert_eq!(precommitted(&desk.hear(others[0], voices.prevote(others[0]))), None);
    assert_eq!(precommitted(&desk.hear(others[1], voices.prevote(others[1]))), None);
    let effects = desk.hear(others[2], voices.prevote(others[2]));
    assert_eq!(precommitted(&effects), Some(block.hash()), "it was timely for three of four");
    assert!(at(&effects, is_body_record).is_some(), "and is on the disk before we say so");
}

#[test]
fn a_block_proposed_again_is_valid_once_the_quorum_that_it_names_is_seen() {
    let (world, _) = voting();
    let (turn, next) = (proposer(&world), proposer_in(&world, 1));
    let me = third(turn, next);
    let mut desk = Desk::open(&world, me);
    let block = dated(&world, turn, 0, desk.now.unix);
    let voices = Voices { world: &world, block: block.hash() };
    let others: Vec<u16> = (1..=4).filter(|n| *n != me).collect();
    desk.hear(turn, voices.prevote(turn));
    desk.hear(others[0], voices.prevote_in(others[0], 1, None));
    desk.hear(others[1], voices.prevote_in(others[1], 1, None));
    desk.hear(next, body(&block));
    desk.hear(next, voices.proposal_in(next, 1, Some(0)));
    assert_eq!(judged(&desk), []);
    for n in others {
        desk.hear(n, voices.prevote(n));
    }
    assert_eq!(judged(&desk), [Verdict::Valid]);
}

#[test]
fn a_proposal_that_comes_again_is_judged_by_its_first_arrival() {
    let (world, _) = voting();
    let turn = proposer(&world);
    let mut desk = Desk::open(&world, listener(&world));
    let block = dated(&world, turn, 0, desk.now.unix.plus(900));
    assert_eq!(prevoted(&hear_block(&mut desk, &world, turn, &block)), Some(None));
    desk.wait(500);
    hear_block(&mut desk, &world, turn, &block);
    assert_eq!(judged(&desk), [Verdict::Invalid], "by now its date would be near");
}

#[test]
fn a_flood_of_proposals_before_its_turn_leaves_room_for_the_honest_one() {
    let (world, election) = voting();
    let turn = proposer(&world);
    let liar = (1..=4).find(|n| *n != turn && *n != listener(&world)).expect("four validators");
    let mut desk = Desk::open(&world, listener(&world));
    let first = turn_after(&world, 0, liar);
    for round in (0..).filter(|it| proposer_in(&world, *it) == liar).take(10) {
        for n in 0..10_u8 {
            let voices = Voices { world: &world, block: BlockHash([n; 32]) };
            desk.hear(liar, voices.proposal_in(liar, round, (n % 2 == 0).then_some(0)));
        }
    }
    let asked = bodies_asked(&desk.wait(200));
    let turns = (first..=10).filter(|it| proposer_in(&world, *it) == liar).count();
    assert!(!asked.is_empty() && asked.len() <= 2 * turns, "two for each of its {turns} turns, not {}", asked.len());
    let block = block_of(&world, &world.ballots(0..4, election));
    assert_eq!(prevoted(&hear_block(&mut desk, &world, turn, &block)), Some(Some(block.hash())));
}

#[test]
fn after_many_failed_rounds_a_new_block_is_still_looked_at() {
    let (world, _) = voting();
    let me = 4;
    let mut desk = Desk::open(&world, me);
    let last = (80..).find(|it| proposer_in(&world, *it) != me).expect("others have turns");
    for round in 0..=last {
        let turn = proposer_in(&world, round);
        for n in [1, 2] {
            let voices = Voices { world: &world, block: BlockHash([0; 32]) };
            desk.hear(n, voices.prevote_in(n, round, None));
        }
        if turn == me {
            continue;
        }
        let block = dated(&world, turn, round, desk.now.unix);
        let voices = Voices { world: &world, block: block.hash() };
        let mut effects = desk.hear(turn, voices.proposal_in(turn, round, None));
        if round == last {
            effects.extend(desk.hear(turn, body(&block)));
            assert_eq!(prevoted(&effects), Some(Some(block.hash())), "round {round}");
        }
        desk.wait(10);
    }
}

#[test]
fn a_proposal_far_ahead_is_not_looked_at_and_one_for_a_round_that_may_come_is() {
    let (world, _) = voting();
    let mut desk = Desk::open(&world, listener(&world));
    let others = |it: &u32| proposer_in(&world, *it) != listener(&world);
    let (near, far) = ((0..=10).rfind(others).expect("a turn"), (11..).find(others).expect("a turn"));
    for (round, name) in [(near, [1; 32]), (far, [2; 32])] {
        let (turn, voices) = (proposer_in(&world, round), Voices { world: &world, block: BlockHash(name) });
        desk.hear(turn, voices.proposal_in(turn, round, None));
    }
    assert_eq!(bodies_asked(&desk.wait(200)), [BlockHash([1; 32])]);
}
