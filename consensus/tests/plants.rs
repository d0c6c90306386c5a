//! The planted faults are faults: each breaks the property that a checker of the simulator watches.
#![cfg(feature = "plants")]
mod common;
use common::*;
use urne_consensus::{
    Engine, EngineConfig, Input, Output, Step,
    engine::{Plant, WalEntry},
};
use urne_types::{Height, message::ConsensusMessage};

fn engine(plant: Plant) -> Engine {
    Engine::new(EngineConfig { plant: Some(plant), ..EngineConfig::new(CHAIN, Some(key(0))) })
}
fn start(wal: Vec<WalEntry>) -> Input {
    Input::Start { height: Height::FIRST, validators: equal_set(4), wal, may_sign: true }
}

#[test]
fn counting_a_signer_twice_accepts_what_proves_nothing() {
    let bad = certificate(&[1, 2, 2], 1, 0, block(b"a"));
    let mut engine = engine(Plant::CountSignerTwice);
    engine.step(start(Vec::new()));
    let outputs = engine.step(Input::Message(ConsensusMessage::Commit(bad.clone())));
    assert_eq!(outputs.last(), Some(&Output::Decide(bad.clone())));
    assert!(bad.verify(&CHAIN, &equal_set(4)).is_err());
}

#[test]
fn a_quorum_of_half_decides_with_too_few() {
    let set = |seeds: &[u8]| certificate(seeds, 1, 0, block(b"a"));
    let mut engine = engine(Plant::QuorumHalf);
    engine.step(start(Vec::new()));
    let half = set(&[1, 2]);
    assert!(engine.step(Input::Message(ConsensusMessage::Commit(half))).is_empty(), "half is not more than half");
    let outputs = engine.step(Input::Message(ConsensusMessage::Commit(set(&[1, 2, 3]))));
    assert!(matches!(outputs.last(), Some(Output::Decide(_))));
}

#[test]
fn a_log_that_is_not_replayed_is_a_lock_forgotten() {
    let said = step(0, Step::Precommit, 1, 0, Some(block(b"a")));
    let mut engine = engine(Plant::WalNotReplayed);
    engine.step(start(vec![WalEntry::Message(said)]));
    assert!(engine.is_signing() && engine.standing().present.get() == 0, "as if nothing had been said");
}

/// The same crashes that `durability.rs` survives.
#[test]
fn a_log_that_is_not_replayed_makes_a_node_contradict_itself_in_a_network() {
    let contradictions = (0..40).map(|output| {
        let mut net = Net::with(4, |it| EngineConfig { plant: Some(Plant::WalNotReplayed), ..it });
        net.last = Height::new(2);
        net.nodes[3].is_up = false;
        net.nodes[0].fuse = Some(output);
        net.start_all();
        for _ in 0..2_000 {
            if !net.nodes[0].is_up {
                net.restart(0);
            }
            net.advance();
        }
        net.contradictions()
    });
    assert!(0 < contradictions.sum::<usize>());
}
