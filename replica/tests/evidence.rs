//! Who breaks its word is accused, also when we were restarted between the two things it said.
#![allow(missing_docs)] // a test
mod world;

use urne_consensus::engine::WATCH_HEIGHTS;
use urne_replica::{Effect, MempoolLimits, Notice, Submission};
use urne_types::{
    BlockHash, Height, Rejection, ValidatorId,
    message::{ConsensusMessage, Equivocation, SignedStep},
    transaction::Payload,
    wire::PeerMessage,
};
use world::{Desk, Voices, block_of, chain::World, id_of, notices, voting};

fn accused(effects: &[Effect]) -> Vec<ValidatorId> {
    let of = |it: &Notice| if let Notice::Accused { validator } = it { Some(*validator) } else { None };
    notices(effects).filter_map(of).collect()
}
/// A chain one block later, and what validator 2 says of that height afterwards.
fn after_a_block(block: impl Fn(BlockHash) -> BlockHash) -> (World<urne_ledger::MemoryKv>, PeerMessage, PeerMessage) {
    let ((before, election), (mut after, _)) = (voting(), voting());
    let decided = block_of(&after, &after.ballots(0..4, election));
    let voices = Voices { world: &before, block: block(decided.hash()) };
    let (precommit, prevote) = (voices.precommit(2), voices.prevote(2));
    after.commit(decided); // signed by 1, 2 and 3
    (after, precommit, prevote)
}

#[test]
fn a_precommit_against_one_that_was_committed_before_a_restart_is_an_accusation() {
    let (world, precommit, _) = after_a_block(|_| BlockHash([9; 32]));
    let mut desk = Desk::open(&world, 1); // it has just started: it heard nothing itself
    let effects = desk.hear(4, precommit);
    assert_eq!(accused(&effects), [id_of(2)]);
    assert_eq!(desk.replica.status().mempool_txs, 1, "the evidence waits for a block");
}

#[test]
fn the_very_precommit_that_was_committed_accuses_nobody() {
    let (world, precommit, prevote) = after_a_block(|it| it);
    let mut desk = Desk::open(&world, 1);
    assert_eq!(accused(&desk.hear(2, precommit)), []);
    assert_eq!(accused(&desk.hear(2, prevote)), []);
}

#[test]
fn two_prevotes_of_a_past_height_are_an_accusation_also_after_a_restart() {
    let (world, _, one) = after_a_block(|it| it);
    let (_, _, other) = after_a_block(|_| BlockHash([9; 32]));
    let mut desk = Desk::open(&world, 1);
    assert_eq!(accused(&desk.hear(4, one)), []);
    assert_eq!(accused(&desk.hear(4, other.clone())), [id_of(2)]);
    assert_eq!(accused(&desk.hear(4, other)), [], "once");
}

#[test]
fn as_many_heights_are_remembered_after_a_restart_as_before() {
    let (mut world, _) = voting();
    let first = Voices { world: &world, block: BlockHash([9; 32]) }.precommit(2);
    for _ in 0..WATCH_HEIGHTS {
        world.block(&[]);
    }
    let oldest = world.height().get() + 1 - u64::try_from(WATCH_HEIGHTS).expect("small");
    assert_eq!(accused(&Desk::open(&world, 1).hear(4, first.clone())), [id_of(2)], "height {oldest} is the oldest");
    world.block(&[]);
    assert_eq!(accused(&Desk::open(&world, 1).hear(4, first)), []);
    let decisions = world.ledger.reader().decisions(Height::FIRST).expect("readable");
    assert_eq!(decisions.len() as u64, world.height().get());
}

#[test]
fn a_full_mempool_has_a_place_left_for_evidence_of_our_own() {
    let (world, precommit, _) = after_a_block(|_| BlockHash([9; 32]));
    let mut desk = Desk::open_with(&world, 1, MempoolLimits { txs_max: 1, bytes_max: 1 << 20 });
    let election = urne_vote_contract::elections(&world.ledger.view(), urne_vote_contract::Page::ALL)[0];
    desk.submit(&world.ballots(8..9, election));
    assert_eq!(accused(&desk.hear(4, precommit)), [id_of(2)]);
    assert_eq!(desk.replica.status().mempool_txs, 2, "the flood does not protect the liar");
    let more = desk.submit(&world.ballots(9..10, election));
    assert!(matches!(more[0], Submission::Refused { rejection: Rejection::MempoolFull, .. }), "and nobody else");
}

#[test]
fn one_broken_word_shown_by_many_senders_fills_four_places_and_no_more() {
    let (world, _) = voting();
    let vote = |block| {
        let said = Voices { world: &world, block: BlockHash([block; 32]) }.prevote(2);
        let PeerMessage::Consensus(ConsensusMessage::Step(SignedStep::Prevote(it))) = said else { unreachable!() };
        it
    };
    let evidence = Equivocation::Prevotes(vote(1), vote(2));
    let senders = (0..5).map(|it| world.tx(&format!("stranger {it}"), Payload::Evidence(evidence.clone())));
    let mut desk = Desk::open(&world, 1);
    let outcomes = desk.submit(&senders.collect::<Vec<_>>());
    assert!(outcomes[..4].iter().all(|it| matches!(it, Submission::Pending { .. })), "{outcomes:?}");
    assert!(matches!(outcomes[4], Submission::Refused { rejection: Rejection::TooManyWaiting, .. }), "{outcomes:?}");
}
