//! One height, from its first message to its block on the disk: in which order things are written, said and told.
#![allow(missing_docs)] // a test
mod world;

use urne_replica::{Effect, Notice, To};
use urne_types::{
    message::{ConsensusMessage, SignedStep},
    wire::PeerMessage,
};
use world::{
    Desk, Voices, at, begun, block_of, body, is_body_record, is_prevote, listener, notices, prevoted, proposer, said,
    sent, voting,
};

fn is_proposal(effect: &Effect) -> bool {
    matches!(effect, Effect::Send { message: PeerMessage::Consensus(ConsensusMessage::Proposal(_)), .. })
}
fn is_precommit(effect: &Effect) -> bool {
    matches!(
        effect,
        Effect::Send { message: PeerMessage::Consensus(ConsensusMessage::Step(SignedStep::Precommit(_))), .. }
    )
}
/// Whether the log and the guard are durable between an effect and a later one.
fn is_durable_between(effects: &[Effect], from: usize, to: usize) -> bool {
    let between = &effects[from..to];
    let sync = at(between, |it| matches!(it, Effect::SyncWal));
    let guard = at(between, |it| matches!(it, Effect::Guard(_)));
    sync.is_some() && guard.is_some() && sync < guard
}

#[test]
fn the_proposer_records_syncs_and_guards_its_block_before_anyone_hears_of_the_proposal() {
    let (world, election) = voting();
    let ballots = world.ballots(0..4, election);
    let mut desk = Desk::open(&world, proposer(&world));
    desk.connect(&[1, 2, 3, 4]);
    desk.submit(&ballots);
    let effects = desk.wait(150);
    assert!(begun(&effects).is_some());
    let record = at(&effects, is_body_record).expect("the body is recorded");
    let proposal = at(&effects, is_proposal).expect("it proposes");
    let prevote = at(&effects, is_prevote).expect("it prevotes its own block");
    // The core says its prevote first; a guard for the later step covers the earlier one of the same round.
    assert!(is_durable_between(&effects, record, proposal.min(prevote)), "Record, SyncWal, Guard, Send");
    let block = sent(&effects).into_iter().find_map(|(_, it)| match it {
        PeerMessage::Body { block, .. } => Some(urne_types::block::Block::decode(block).expect("ours")),
        _ => None,
    });
    let txs: Vec<_> = ballots.iter().map(|it| it.bytes().to_vec()).collect();
    assert_eq!(block.expect("the body is sent").txs.to_vec(), txs, "in the order of arrival");
}

#[test]
fn a_listener_has_the_body_on_its_disk_before_its_prevote_leaves() {
    let (world, election) = voting();
    let (turn, mut desk) = (proposer(&world), Desk::open(&world, listener(&world)));
    let block = block_of(&world, &world.ballots(0..4, election));
    let voices = Voices { world: &world, block: block.hash() };
    let mut effects = desk.hear(turn, body(&block));
    assert_eq!(at(&effects, is_body_record), None, "nobody has named it yet");
    effects.extend(desk.hear(turn, voices.proposal(turn)));
    let record = at(&effects, is_body_record).expect("recorded");
    let prevote = at(&effects, is_prevote).expect("prevoted");
    assert!(record < prevote && is_durable_between(&effects, record, prevote));
    assert_eq!(prevoted(&effects), Some(Some(block.hash())));
}

#[test]
fn a_block_that_is_not_what_we_compute_is_prevoted_nil_and_not_recorded() {
    let (world, election) = voting();
    let (turn, mut desk) = (proposer(&world), Desk::open(&world, listener(&world)));
    let mut wrong = block_of(&world, &world.ballots(0..4, election)).block().clone();
    wrong.header.app_hash = urne_types::AppHash([9; 32]);
    let voices = Voices { world: &world, block: wrong.header.hash() };
    let mut effects = desk.hear(turn, voices.proposal(turn));
    effects.extend(desk.hear(turn, PeerMessage::Body { height: wrong.header.height, block: wrong.encode() }));
    assert_eq!(prevoted(&effects), Some(None));
    assert_eq!(at(&effects, is_body_record), None);
}

#[test]
fn a_proposal_out_of_turn_is_not_looked_at() {
    let (world, election) = voting();
    let (turn, mut desk) = (proposer(&world), Desk::open(&world, listener(&world)));
    let other = (1..=4).find(|n| *n != turn && *n != listener(&world)).expect("four validators");
    let block = block_of(&world, &world.ballots(0..4, election));
    let voices = Voices { world: &world, block: block.hash() };
    let mut effects = desk.hear(other, voices.proposal(other));
    effects.extend(desk.hear(other, body(&block)));
    assert_eq!(prevoted(&effects), None);
    assert!(!effects.iter().any(|it| matches!(it, Effect::Verify { .. })), "nothing is executed at will");
}

#[test]
fn a_body_that_nobody_sent_is_asked_for_and_a_proposal_that_comes_too_late_is_prevoted_nil() {
    let (world, election) = voting();
    let (turn, mut desk) = (proposer(&world), Desk::open(&world, listener(&world)));
    let block = block_of(&world, &world.ballots(0..4, election));
    let voices = Voices { world: &world, block: block.hash() };
    desk.hear(turn, voices.proposal(turn));
    let effects = desk.wait(200);
    let wanted = PeerMessage::BodyRequest { height: block.header().height, block: block.hash() };
    assert!(sent(&effects).contains(&(To::Validators, &wanted)));
    assert_eq!(prevoted(&desk.wait(1_000)), Some(None), "a second without the block");
}

#[test]
fn a_block_is_on_the_disk_before_anyone_is_told() {
    let (world, election) = voting();
    let (turn, me) = (proposer(&world), listener(&world));
    let mut desk = Desk::open(&world, me);
    desk.connect(&[1, 2, 3, 4]);
    let block = block_of(&world, &world.ballots(0..4, election));
    let voices = Voices { world: &world, block: block.hash() };
    let mut effects = desk.hear(turn, voices.proposal(turn));
    effects.extend(desk.hear(turn, body(&block)));
    let others: Vec<u16> = (1..=4).filter(|n| *n != me).collect();
    others.iter().for_each(|n| effects.extend(desk.hear(*n, voices.prevote(*n))));
    assert!(at(&effects, is_precommit).is_some(), "a quorum prevoted");
    assert_eq!(at(&effects, |it| matches!(it, Effect::Commit)), None);
    others.iter().for_each(|n| effects.extend(desk.hear(*n, voices.precommit(*n))));
    let commit = at(&effects, |it| matches!(it, Effect::Commit)).expect("a quorum precommitted");
    let told = at(&effects, |it| matches!(it, Effect::Tell(Notice::Committed { .. }))).expect("told");
    let new_tip = PeerMessage::Status { height: block.header().height, block: block.hash() };
    let status = at(&effects, |it| matches!(it, Effect::Send { message, .. } if *message == new_tip)).expect("status");
    assert!(commit < told && commit < status);
    assert_eq!(desk.height(), block.header().height);
    let told = notices(&effects).filter(|it| matches!(it, Notice::Committed { .. })).count();
    assert_eq!(told, 1);
}

#[test]
fn an_observer_follows_and_says_nothing_of_its_own() {
    let (world, election) = voting();
    let turn = proposer(&world);
    let mut desk = Desk::open(&world, 5);
    let block = block_of(&world, &world.ballots(0..4, election));
    let voices = Voices { world: &world, block: block.hash() };
    let mut effects = desk.hear(turn, voices.proposal(turn));
    effects.extend(desk.hear(turn, body(&block)));
    (1..=4).for_each(|n| effects.extend(desk.hear(n, voices.precommit(n))));
    effects.extend(desk.wait(2_000));
    assert_eq!(said(&effects), []);
}

#[test]
fn a_validator_that_reconnects_is_told_again_what_we_said_of_this_height() {
    let (world, election) = voting();
    let me = proposer(&world);
    let mut desk = Desk::open(&world, me);
    desk.submit(&world.ballots(0..4, election));
    let before = said(&desk.wait(150));
    assert_eq!(before.len(), 2, "a proposal and a prevote");
    let back = listener(&world);
    let effects = desk.tell(urne_replica::Stimulus::Connected { peer: world::node(back) });
    assert_eq!(said(&effects), before);
    assert!(sent(&effects).iter().all(|(to, _)| *to == To::Peer(world::node(back))));
    let stranger = desk.tell(urne_replica::Stimulus::Connected { peer: world::node(9) });
    assert_eq!(said(&stranger), [], "strangers are told how far we are, no more");
}
