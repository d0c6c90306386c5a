//! Who says two things is accused, once, with a proof that anyone can check; nobody else ever is.
mod common;
use common::*;
use std::collections::BTreeSet;
use urne_consensus::{
    Engine, EngineConfig, Input, Output, ProposerTable, Step,
    evidence::{Offence, verify_equivocation},
};
use urne_types::{
    BlockHash, ChainId, Height, PublicKey, Rejection, Round, ValidatorId,
    message::{ConsensusMessage, Equivocation, SignedStep},
    signed::Signed,
};

fn key_of(who: &ValidatorId) -> Option<PublicKey> {
    equal_set(4).get(who).map(|it| it.key)
}
fn judge(proof: &Equivocation) -> Result<Offence, Rejection> {
    verify_equivocation(proof, &CHAIN, key_of)
}
fn prevote(seed: u8, round: u32, block: Option<BlockHash>) -> Signed<urne_types::message::Prevote> {
    match step(seed, Step::Prevote, 1, round, block) {
        ConsensusMessage::Step(SignedStep::Prevote(it)) => it,
        other => panic!("{other:?}"),
    }
}
fn proposed(seed: u8, block: BlockHash, valid_round: Option<u32>) -> Signed<urne_types::message::Proposal> {
    match proposal(seed, 1, 5, block, valid_round) {
        ConsensusMessage::Proposal(it) => it,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_equivocator_is_accused_once_for_each_slot_and_no_honest_validator_is() {
    let mut net = Net::new(4);
    net.nodes[3].is_up = false;
    net.start_all();
    for height in 1..=4 {
        for kind in [Step::Prevote, Step::Precommit] {
            for block in [None, Some(block(b"x")), Some(block(b"y"))] {
                net.broadcast(3, &Parcel::Message(step(3, kind, height, 0, block)));
            }
        }
    }
    net.run_until(6);
    net.assert_agreement();
    for node in &net.nodes[..3] {
        let offences: Vec<Offence> = node.accused.iter().map(|it| judge(it).expect("a proof")).collect();
        assert!(offences.iter().all(|it| it.validator == id(3)));
        let distinct: BTreeSet<&Offence> = offences.iter().collect();
        assert_eq!((distinct.len(), offences.len()), (8, 8), "two steps at four heights, each once");
    }
}

#[test]
fn a_proposer_of_two_blocks_is_accused_and_the_chain_goes_on() {
    let mut net = Net::new(4);
    let (height, round) = (Height::FIRST, Round::FIRST);
    let proposer = ProposerTable::new(&net.set).proposer(height, round);
    let liar = net.node_of(proposer);
    net.nodes[liar].is_up = false;
    net.start_all();
    let seed = net.nodes[liar].seed;
    for name in [b"a", b"b"] {
        let block = block(name);
        net.broadcast(liar, &Parcel::Body { height, round, valid_round: None, proposer, block });
        net.broadcast(liar, &Parcel::Message(proposal(seed, 1, 0, block, None)));
    }
    net.run_until(3);
    net.assert_agreement();
    for node in net.nodes.iter().filter(|it| it.is_up) {
        let offences: Vec<Offence> = node.accused.iter().map(|it| judge(it).expect("a proof")).collect();
        assert_eq!(offences, [Offence { validator: proposer, height, round, step: Step::Propose }]);
    }
}

#[test]
fn what_contradicts_a_past_height_is_still_found() {
    let mut engine = Engine::new(EngineConfig::new(CHAIN, Some(key(0))));
    for height in 1..=3 {
        let (height, validators) = (Height::new(height), equal_set(4));
        engine.step(Input::Start { height, validators, wal: Vec::new(), may_sign: true });
        let certificate = certificate(&[1, 2, 3], height.get(), 0, block(b"a"));
        engine.step(Input::Message(ConsensusMessage::Commit(certificate)));
    }
    let hear = |engine: &mut Engine, message| engine.step(Input::Message(message));
    let contradicting = step(2, Step::Precommit, 1, 0, Some(block(b"b")));
    let outputs = hear(&mut engine, contradicting.clone());
    let [Output::Accuse(proof)] = &outputs[..] else { panic!("{outputs:?}") };
    assert_eq!(judge(proof).map(|it| (it.validator, it.height)), Ok((id(2), Height::FIRST)));
    assert!(hear(&mut engine, contradicting).is_empty(), "once is enough");
    // Two late messages that the height itself never heard.
    assert!(hear(&mut engine, step(0, Step::Prevote, 2, 0, None)).is_empty());
    assert_eq!(hear(&mut engine, step(0, Step::Prevote, 2, 0, Some(block(b"z")))).len(), 1);
    // A fork: another quorum certifies another block.
    let fork = certificate(&[0, 1, 3], 2, 0, block(b"fork"));
    let accused = hear(&mut engine, ConsensusMessage::Commit(fork));
    assert_eq!(accused.len(), 2, "1 and 3 signed both: {accused:?}");
    // Rounds that never took place are not remembered, and unknown heights cost nothing.
    assert!(hear(&mut engine, step(1, Step::Prevote, 1, 900, None)).is_empty());
    assert!(hear(&mut engine, step(1, Step::Prevote, 1, 900, Some(block(b"q")))).is_empty());
}

#[test]
fn a_forged_contradiction_accuses_nobody() {
    let mut engine = Engine::new(EngineConfig::new(CHAIN, Some(key(0))));
    engine.step(Input::Start { height: Height::FIRST, validators: equal_set(4), wal: Vec::new(), may_sign: true });
    engine.step(Input::Message(step(1, Step::Prevote, 1, 0, Some(block(b"a")))));
    let mut forged = prevote(2, 0, Some(block(b"b")));
    forged.claim.validator = id(1);
    assert!(engine.step(Input::Message(ConsensusMessage::Step(SignedStep::Prevote(forged)))).is_empty());
}

#[test]
fn only_two_signed_words_of_one_validator_for_one_slot_are_a_proof() {
    let (a, b) = (Some(block(b"a")), Some(block(b"b")));
    let mut unsigned = prevote(1, 0, b);
    unsigned.signature = prevote(1, 0, a).signature;
    let other_chain = Signed::sign(&ChainId([8; 32]), prevote(1, 0, b).claim, &key(1)).into_signed();
    let cases = [
        ("two blocks", Equivocation::Prevotes(prevote(1, 0, a), prevote(1, 0, b)), true),
        ("in either order", Equivocation::Prevotes(prevote(1, 0, b), prevote(1, 0, a)), true),
        ("a block and none", Equivocation::Prevotes(prevote(1, 0, None), prevote(1, 0, a)), true),
        ("the same twice", Equivocation::Prevotes(prevote(1, 0, a), prevote(1, 0, a)), false),
        ("two validators", Equivocation::Prevotes(prevote(1, 0, a), prevote(2, 0, b)), false),
        ("two rounds", Equivocation::Prevotes(prevote(1, 0, a), prevote(1, 1, b)), false),
        ("a stranger", Equivocation::Prevotes(prevote(9, 0, a), prevote(9, 0, b)), false),
        ("a borrowed signature", Equivocation::Prevotes(prevote(1, 0, a), unsigned), false),
        ("another chain", Equivocation::Prevotes(prevote(1, 0, a), other_chain), false),
        (
            "two proposals",
            Equivocation::Proposals(proposed(1, block(b"a"), None), proposed(1, block(b"b"), None)),
            true,
        ),
        (
            "one block with two valid rounds",
            Equivocation::Proposals(proposed(1, block(b"a"), Some(1)), proposed(1, block(b"a"), Some(2))),
            false,
        ),
    ];
    for (description, proof, is_offence) in cases {
        let verdict = judge(&proof);
        assert_eq!(verdict.is_ok(), is_offence, "{description}");
        assert!(is_offence || verdict == Err(Rejection::NotEquivocation), "{description}");
    }
}
