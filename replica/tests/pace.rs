//! When a height begins: on work, when an election is due to open or close, at the heartbeat, when a validator has begun,
//! and at no other time.
#![allow(missing_docs)] // a test
mod world;

use urne_replica::StartReason;
use urne_types::{Round, UnixMs};
use world::{Desk, Voices, begun, block_of, chain::HOUR, chain::START, listener, proposer, said, voting};

const HEARTBEAT_MS: u64 = 60_000; // while an election is open

#[test]
fn no_block_is_begun_while_there_is_nothing_to_do() {
    let (world, _) = voting();
    let mut desk = Desk::open(&world, proposer(&world));
    desk.connect(&[1, 2, 3, 4]);
    let effects = desk.wait(HEARTBEAT_MS - 2_000);
    assert_eq!(begun(&effects), None);
    assert_eq!(said(&effects), []);
}

#[test]
fn the_heartbeat_begins_a_block_even_so() {
    let (world, _) = voting();
    let mut desk = Desk::open(&world, proposer(&world));
    assert_eq!(begun(&desk.wait(HEARTBEAT_MS)), Some(StartReason::Heartbeat));
}

#[test]
fn a_ballot_waits_for_company_a_tenth_of_a_second_and_no_longer() {
    let (world, election) = voting();
    let mut desk = Desk::open(&world, proposer(&world));
    desk.submit(&world.ballots(0..1, election));
    assert_eq!(begun(&desk.wait(90)), None);
    assert_eq!(begun(&desk.wait(20)), Some(StartReason::Work));
}

#[test]
fn a_block_is_begun_when_an_election_is_due_to_close() {
    let (world, _) = voting();
    let mut desk = Desk::open(&world, proposer(&world));
    desk.now.unix = UnixMs::new(START + 2 * HOUR - 30);
    // The last block is long past: only a heartbeat that is not due keeps this test from being about the close.
    let mut later = world;
    later.now = START + 2 * HOUR - 10_000;
    let empty = block_of(&later, &[]);
    let answer = world::answer(vec![world::certified(&later, &empty, &[1, 2, 3])]);
    desk.now.unix = UnixMs::new(later.now + 5);
    desk.hear(1, answer);
    assert_eq!(desk.height(), empty.header().height);
    desk.now.unix = UnixMs::new(START + 2 * HOUR - 30);
    assert_eq!(begun(&desk.wait(20)), None);
    assert_eq!(begun(&desk.wait(30)), Some(StartReason::Deadline));
}

#[test]
fn a_validator_that_has_begun_wakes_us_and_a_stranger_does_not() {
    let (world, election) = voting();
    let turn = proposer(&world);
    let block = block_of(&world, &world.ballots(0..1, election));
    let voices = Voices { world: &world, block: block.hash() };
    let mut desk = Desk::open(&world, listener(&world));
    let forged = Voices { world: &world, block: urne_types::BlockHash([7; 32]) };
    let urne_types::wire::PeerMessage::Consensus(urne_types::message::ConsensusMessage::Proposal(mut proposal)) =
        forged.proposal(turn)
    else {
        unreachable!("a proposal")
    };
    proposal.claim.round = Round::new(1); // signed for another round: nobody's
    let forged = urne_types::wire::PeerMessage::Consensus(urne_types::message::ConsensusMessage::Proposal(proposal));
    assert_eq!(begun(&desk.hear(turn, forged)), None);
    assert_eq!(begun(&desk.hear(turn, voices.prevote(turn))), Some(StartReason::Peer));
}

#[test]
fn an_observer_begins_nothing() {
    let (world, election) = voting();
    let mut desk = Desk::open(&world, 5);
    desk.submit(&world.ballots(0..4, election));
    assert_eq!(begun(&desk.wait(HEARTBEAT_MS + 1_000)), None);
}
