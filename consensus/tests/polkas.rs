//! When the engine says that a quorum stands behind a block: once, on verified words only, after a restart too.
mod common;
use common::*;
use urne_consensus::{Engine, EngineConfig, Input, Output, Step};
use urne_types::{
    BlockHash, Height, Round,
    bounded::List,
    message::{ConsensusMessage, PolkaCertificate, SignedStep},
};

/// What a validator of four hears, and the blocks behind which it then sees a quorum.
fn polkas(messages: &[ConsensusMessage]) -> Vec<BlockHash> {
    let mut engine = Engine::new(EngineConfig::new(CHAIN, Some(key(3))));
    let (height, validators) = (Height::FIRST, equal_set(4));
    let mut outputs = engine.step(Input::Start { height, validators, wal: Vec::new(), may_sign: true });
    for message in messages {
        outputs.extend(engine.step(Input::Message(message.clone())));
    }
    told(&outputs)
}
fn told(outputs: &[Output]) -> Vec<BlockHash> {
    let block = |it: &Output| if let Output::Polka { block, .. } = it { Some(*block) } else { None };
    outputs.iter().filter_map(block).collect()
}
fn prevote(seed: u8, round: u32, name: &[u8]) -> ConsensusMessage {
    step(seed, Step::Prevote, 1, round, Some(block(name)))
}
fn certificate_of(seeds: &[u8]) -> ConsensusMessage {
    let signature = |seed: &u8| match prevote(*seed, 0, b"a") {
        ConsensusMessage::Step(SignedStep::Prevote(it)) => (id(*seed), it.signature),
        other => panic!("{other:?}"),
    };
    let signatures = List::new(seeds.iter().map(signature).collect()).expect("few");
    let (height, round) = (Height::FIRST, Round::FIRST);
    ConsensusMessage::Polka(PolkaCertificate { height, round, block: block(b"a"), signatures })
}

#[test]
fn a_quorum_of_one_round_for_one_block_is_told_once_and_less_is_not() {
    let a = vec![block(b"a")];
    let precommit = |seed| step(seed, Step::Precommit, 1, 0, Some(block(b"a")));
    let cases = [
        ("two of four", vec![prevote(0, 0, b"a"), prevote(1, 0, b"a")], vec![]),
        ("three of four", vec![prevote(0, 0, b"a"), prevote(1, 0, b"a"), prevote(2, 0, b"a")], a.clone()),
        ("one of them twice", vec![prevote(0, 0, b"a"), prevote(1, 0, b"a"), prevote(1, 0, b"a")], vec![]),
        ("a stranger among them", vec![prevote(0, 0, b"a"), prevote(1, 0, b"a"), prevote(9, 0, b"a")], vec![]),
        ("two rounds together", vec![prevote(0, 0, b"a"), prevote(1, 0, b"a"), prevote(2, 1, b"a")], vec![]),
        ("two blocks together", vec![prevote(0, 0, b"a"), prevote(1, 0, b"a"), prevote(2, 0, b"b")], vec![]),
        ("prevotes and a precommit", vec![prevote(0, 0, b"a"), prevote(1, 0, b"a"), precommit(2)], vec![]),
        ("precommits alone", vec![precommit(0), precommit(1), precommit(2)], a.clone()),
        (
            "proposals are no prevotes",
            (0..4).map(|it| proposal(it, 1, u32::from(it), block(b"a"), None)).collect(),
            vec![],
        ),
        ("a certificate of three", vec![certificate_of(&[0, 1, 2])], a.clone()),
        ("a certificate of two", vec![certificate_of(&[0, 1])], vec![]),
        (
            "every way of saying it",
            vec![certificate_of(&[0, 1, 2]), prevote(0, 0, b"a"), prevote(1, 0, b"a"), prevote(2, 0, b"a")],
            a,
        ),
    ];
    for (description, messages, expected) in cases {
        assert_eq!(polkas(&messages), expected, "{description}");
    }
}

#[test]
fn a_restart_tells_it_again_before_the_round_is_entered() {
    let mut net = Net::new(4);
    net.last = Height::FIRST;
    net.filter =
        Box::new(|_, _, parcel| !matches!(parcel, Parcel::Message(ConsensusMessage::Step(SignedStep::Precommit(_)))));
    net.start_all();
    for _ in 0..200 {
        net.advance();
    }
    let before = net.nodes[0].polkas.clone();
    assert_eq!(before.len(), 1, "prevoted by all, decided by nobody");
    let node = &net.nodes[0];
    let mut engine = Engine::new(EngineConfig { guard: node.guard, ..EngineConfig::new(CHAIN, Some(key(node.seed))) });
    let wal = node.wal[..node.synced].to_vec();
    let (height, validators) = (Height::FIRST, equal_set(4));
    let outputs = engine.step(Input::Start { height, validators, wal, may_sign: true });
    assert_eq!(told(&outputs), before);
    let polka = outputs.iter().position(|it| matches!(it, Output::Polka { .. }));
    let entered = outputs.iter().position(|it| matches!(it, Output::EnteredRound { .. }));
    assert!(entered.is_some() && polka < entered);
}
