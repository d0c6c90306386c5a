//! What a restart may do with what it finds: sign on, follow, or stop with a sentence.
#![allow(missing_docs)] // a test
mod world;

use urne_consensus::engine::WalEntry;
use urne_ledger::MemoryKv;
use urne_replica::{Effect, Notice, RecoveryFault, StartReason, WalRecord};
use urne_types::{Height, message::ConsensusMessage, wire::PeerMessage};
use world::{
    Desk, Voices, answer, begun, block_of, body, certified, chain::World, listener, notices, proposer, said, voting,
};

/// A validator that has proposed and prevoted, and what it said.
fn mid_height() -> (World<MemoryKv>, Desk, Vec<ConsensusMessage>) {
    let (world, election) = voting();
    let mut desk = Desk::open(&world, proposer(&world));
    desk.submit(&world.ballots(0..4, election));
    let spoken = said(&desk.wait(150));
    assert_eq!(spoken.len(), 2, "a proposal and a prevote");
    (world, desk, spoken)
}
fn is_watching(effects: &[Effect]) -> bool {
    notices(effects).any(|it| matches!(it, Notice::WatchOnly { .. }))
}

#[test]
fn a_whole_log_goes_on_where_it_stopped_and_says_nothing_else() {
    let (world, desk, spoken) = mid_height();
    let (mut again, mut effects) = Desk::restart(&world, proposer(&world), desk.wal, desk.guard).expect("sound");
    assert_eq!(begun(&effects), Some(StartReason::Recovery));
    effects.extend(again.wait(5_000));
    for message in said(&effects) {
        let of_first_round = matches!(&message, ConsensusMessage::Proposal(it) if it.claim.round.get() == 0);
        assert!(!of_first_round || spoken.contains(&message), "another proposal: {message:?}");
    }
    let repeated = again.tell(urne_replica::Stimulus::Connected { peer: world::node(listener(&world)) });
    assert!(spoken.iter().all(|it| said(&repeated).contains(it)), "and it says all of it again: {repeated:?}");
    let has_body = world::sent(&repeated).into_iter().any(|(_, it)| matches!(it, PeerMessage::Body { .. }));
    assert!(has_body, "with the block");
    assert!(!is_watching(&effects));
}

#[test]
fn an_empty_folder_signs_from_its_first_height() {
    let (world, election) = voting();
    let (mut desk, effects) = Desk::restart(&world, proposer(&world), Vec::new(), None).expect("sound");
    assert!(!is_watching(&effects));
    desk.submit(&world.ballots(0..1, election));
    assert_eq!(said(&desk.wait(150)).len(), 2);
}

#[test]
fn a_guard_ahead_of_its_log_follows_without_signing_until_the_height_after() {
    let (world, desk, _) = mid_height();
    let me = proposer(&world);
    let (mut again, effects) = Desk::restart(&world, me, Vec::new(), desk.guard).expect("sound");
    assert!(is_watching(&effects));
    let election = urne_vote_contract::elections(&world.ledger.view(), urne_vote_contract::Page::ALL)[0];
    again.submit(&world.ballots(0..4, election));
    assert_eq!(said(&again.wait(3_000)), [], "a lock may be forgotten");
    let block = block_of(&world, &[]);
    again.hear(listener(&world), answer(vec![certified(&world, &block, &[1, 2, 3, 4])]));
    assert_eq!(again.height(), block.header().height, "it follows");
    assert!(!said(&again.wait(3_000)).is_empty(), "and signs the next height");
}

#[test]
fn a_log_and_a_guard_that_contradict_each_other_stop_the_node() {
    let (world, desk, _) = mid_height();
    let mut guard = desk.guard.expect("it has signed");
    guard.digest = [9; 32];
    let (_, effects) = Desk::restart(&world, proposer(&world), desk.wal, Some(guard)).expect("readable");
    let sentence = effects.iter().find_map(|it| if let Effect::Stop(sentence) = it { Some(sentence) } else { None });
    assert!(sentence.expect("it stops").contains("stop every other node"), "{sentence:?}");
    assert_eq!(said(&effects), []);
}

#[test]
fn a_record_that_is_not_ours_is_refused_with_what_to_do() {
    let (world, desk, _) = mid_height();
    let mut wal = desk.wal;
    wal[1][0] ^= 0xff;
    let fault = Desk::restart(&world, proposer(&world), wal, desk.guard).err().expect("refused");
    assert!(matches!(fault, RecoveryFault::Record { index: 1, .. }), "{fault}");
    assert!(fault.to_string().contains("move the wal folder away"));
}

#[test]
fn a_logged_block_that_the_ledger_does_not_accept_is_refused_with_what_to_do() {
    let (world, _) = voting();
    let mut wrong = block_of(&world, &[]).block().clone();
    wrong.header.app_hash = urne_types::AppHash([9; 32]);
    let record = WalRecord::Body { height: wrong.header.height, block: wrong.encode() };
    let fault = Desk::restart(&world, 1, vec![record.encode()], None).err().expect("refused");
    assert!(matches!(fault, RecoveryFault::Body { .. }), "{fault}");
    assert!(fault.to_string().contains("report this"));
}

#[test]
fn records_of_a_height_that_is_committed_are_left_alone() {
    let (world, desk, _) = mid_height();
    let ((mut later, election), me) = (voting(), proposer(&world));
    later.block(&later.ballots(0..4, election));
    let (_, effects) = Desk::restart(&later, me, desk.wal, desk.guard).expect("sound");
    assert_eq!(begun(&effects), None);
    assert!(!is_watching(&effects), "the guard is behind: this height was never signed for");
}

#[test]
fn a_body_alone_in_the_log_is_kept_for_whoever_proposes_it() {
    let (world, election) = voting();
    let (turn, me) = (proposer(&world), listener(&world));
    let block = block_of(&world, &world.ballots(0..4, election));
    let record = WalRecord::Body { height: block.header().height, block: block.block().encode() };
    let (mut desk, _) = Desk::restart(&world, me, vec![record.encode()], None).expect("sound");
    let voices = Voices { world: &world, block: block.hash() };
    let effects = desk.hear(turn, voices.proposal(turn));
    assert_eq!(world::prevoted(&effects), Some(Some(block.hash())), "without the body being sent again");
    let asked = world::sent(&effects).into_iter().any(|(_, it)| matches!(it, PeerMessage::BodyRequest { .. }));
    assert!(!asked);
    drop(body(&block));
}

#[test]
fn a_record_has_one_encoding() {
    let height = Height::new(7);
    for record in [
        WalRecord::Body { height, block: vec![1, 2, 3] },
        WalRecord::Entry { height, entry: WalEntry::Muted { height } },
    ] {
        let bytes = record.encode();
        assert_eq!(WalRecord::decode(&bytes), Ok(record));
        assert!(WalRecord::decode(&[&bytes[..], &[0]].concat()).is_err());
        assert!(WalRecord::decode(&bytes[..bytes.len() - 1]).is_err());
    }
}
