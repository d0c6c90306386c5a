//! Engines agree: in order, with one silent, with an absent proposer, with a latecomer, with messages lost.
mod common;
use common::*;
use urne_consensus::{
    Engine, EngineConfig, Input, Output, ProposerTable, Step,
    engine::{Phase, Verdict},
};
use urne_types::{Height, Round, message::ConsensusMessage};

fn start(height: u64, may_sign: bool) -> Input {
    Input::Start { height: Height::new(height), validators: equal_set(4), wal: Vec::new(), may_sign }
}
fn decision(outputs: &[Output]) -> Option<Height> {
    outputs.iter().find_map(|it| if let Output::Decide(certificate) = it { Some(certificate.height) } else { None })
}

#[test]
fn four_engines_decide_heights_in_order() {
    let mut net = Net::new(4);
    net.start_all();
    net.run_until(20);
    net.assert_agreement();
    net.assert_nobody_contradicts_itself();
    for node in &net.nodes {
        assert!(node.accused.is_empty() && node.stopped.is_none());
        assert!(node.entered.iter().all(|(_, round)| *round == Round::FIRST), "nobody waited");
        assert_eq!(node.decided[4].height, Height::new(5));
    }
    assert_eq!(net.now, 0, "no timeout was needed");
}

#[test]
fn one_silent_validator_of_four_does_not_stop_the_chain() {
    let mut net = Net::new(4);
    net.nodes[3].is_up = false;
    net.start_all();
    net.run_until(12);
    net.assert_agreement();
    net.assert_nobody_contradicts_itself();
}

#[test]
fn an_absent_proposer_costs_one_round_and_another_college_takes_over() {
    let table = ProposerTable::new(&equal_set(4));
    let absent = table.proposer(Height::FIRST, Round::FIRST);
    let mut net = Net::new(4);
    let at = net.node_of(absent);
    net.nodes[at].is_up = false;
    net.start_all();
    net.run_until(1);
    let other = (at + 1) % 4;
    assert_eq!(net.nodes[other].decided[0].round, Round::new(1));
    assert_ne!(table.proposer(Height::FIRST, Round::new(1)), absent);
    assert!(net.now <= 2_000, "propose 1 s, prevote and precommit at most 0.5 s each: {} ms", net.now);
}

#[test]
fn two_silent_validators_of_four_pause_the_chain_and_their_return_resumes_it() {
    let mut net = Net::new(4);
    (net.nodes[2].is_up, net.nodes[3].is_up) = (false, false);
    net.start_all();
    for _ in 0..3_000 {
        net.advance();
    }
    assert!(net.nodes[0].decided.is_empty());
    let standing = net.nodes[0].engine.standing();
    assert!(standing.present < standing.needed, "{standing:?}");
    (net.nodes[2].is_up, net.nodes[3].is_up) = (true, true);
    net.start(2, Height::FIRST, Vec::new());
    net.start(3, Height::FIRST, Vec::new());
    net.run_until(3);
    net.assert_agreement();
    net.assert_nobody_contradicts_itself();
}

#[test]
fn a_fifth_of_the_messages_lost_only_costs_time() {
    let mut proposed_again = 0;
    for seed in 1..=20_u64 {
        let mut net = Net::new(4);
        let mut dice = Dice(seed);
        net.filter = Box::new(move |_, _, _| 20 <= dice.below(100));
        net.start_all();
        net.run_until(6);
        net.assert_agreement();
        net.assert_nobody_contradicts_itself();
        assert!(net.nodes.iter().all(|it| it.accused.is_empty() && it.stopped.is_none()));
        proposed_again += net.trace.iter().filter(|it| it.contains("Resend")).count();
    }
    assert!(0 < proposed_again, "some block that a quorum prevoted came back in a later round");
}

#[test]
fn a_late_node_decides_by_a_commit_message_even_without_the_body() {
    let mut engine = Engine::new(EngineConfig::new(CHAIN, Some(key(0))));
    engine.step(start(1, true));
    let good = certificate(&[1, 2, 3], 1, 0, block(b"a"));
    let outputs = engine.step(Input::Message(ConsensusMessage::Commit(good.clone())));
    let [Output::Polka { .. }, Output::Record(_), Output::Sync, Output::CancelAll, Output::Decide(it)] = &outputs[..]
    else {
        panic!("{outputs:?}");
    };
    assert_eq!(*it, good);
    assert_eq!(engine.phase(), Phase::Decided);
    let again = engine.step(Input::Message(ConsensusMessage::Commit(good)));
    assert!(again.is_empty(), "decided once: {again:?}");
}

#[test]
fn a_certificate_with_one_signer_twice_is_refused() {
    let mut engine = Engine::new(EngineConfig::new(CHAIN, Some(key(0))));
    engine.step(start(1, true));
    for (seeds, why) in [(&[1, 2, 2][..], "twice"), (&[1, 2], "too few"), (&[1, 2, 9], "a stranger")] {
        let bad = certificate(seeds, 1, 0, block(b"a"));
        let outputs = engine.step(Input::Message(ConsensusMessage::Commit(bad)));
        assert!(outputs.is_empty(), "{why}: {outputs:?}");
    }
    let mut unsorted = certificate(&[1, 2, 3], 1, 0, block(b"a"));
    let mut signatures = unsorted.signatures.to_vec();
    signatures.reverse();
    unsorted.signatures = urne_types::bounded::List::new(signatures).expect("three");
    assert!(
        engine.step(Input::Message(ConsensusMessage::Commit(unsorted))).is_empty(),
        "one certificate, one encoding"
    );
}

#[test]
fn the_next_height_may_start_while_one_is_undecided() {
    let mut engine = Engine::new(EngineConfig::new(CHAIN, Some(key(0))));
    engine.step(start(1, true));
    engine.step(Input::Message(step(1, Step::Prevote, 1, 0, Some(block(b"a")))));
    engine.step(Input::Message(step(2, Step::Precommit, 1, 0, Some(block(b"a")))));
    let outputs = engine.step(start(2, true));
    assert_eq!(outputs[0], Output::CancelAll);
    assert_eq!((engine.height(), engine.round()), (Height::new(2), Round::FIRST));
    assert!(engine.own_messages().is_empty());
    let late = engine.step(Input::Message(step(3, Step::Precommit, 1, 0, Some(block(b"a")))));
    assert!(late.is_empty(), "the abandoned height stays abandoned: {late:?}");
    let proposer = ProposerTable::new(&equal_set(4)).proposer(Height::new(2), Round::FIRST);
    let seed = (0..4).find(|it| id(*it) == proposer).expect("a member");
    if seed == 0 {
        engine.step(Input::Built { height: Height::new(2), round: Round::FIRST, block: block(b"b") });
    } else {
        let (height, round) = (Height::new(2), Round::FIRST);
        engine.step(Input::Message(proposal(seed, 2, 0, block(b"b"), None)));
        let verdict = Verdict::Valid;
        engine.step(Input::Judged { height, round, valid_round: None, proposer, block: block(b"b"), verdict });
    }
    let mut decided = None;
    for seed in 1..4 {
        for kind in [Step::Prevote, Step::Precommit] {
            let outputs = engine.step(Input::Message(step(seed, kind, 2, 0, Some(block(b"b")))));
            decided = decided.or(decision(&outputs));
        }
    }
    assert_eq!(decided, Some(Height::new(2)));
}

#[test]
fn an_engine_without_a_key_or_without_leave_decides_and_never_speaks() {
    for (key, may_sign) in [(None, true), (Some(key(0)), false)] {
        let mut engine = Engine::new(EngineConfig::new(CHAIN, key));
        let mut outputs = engine.step(start(1, may_sign));
        let set = equal_set(4);
        let proposer = ProposerTable::new(&set).proposer(Height::FIRST, Round::FIRST);
        let (height, round, block) = (Height::FIRST, Round::FIRST, block(b"a"));
        let seed = (0..4).find(|it| id(*it) == proposer).expect("a member");
        outputs.extend(engine.step(Input::Message(proposal(seed, 1, 0, block, None))));
        let verdict = Verdict::Valid;
        outputs.extend(engine.step(Input::Judged { height, round, valid_round: None, proposer, block, verdict }));
        for seed in 1..4 {
            outputs.extend(engine.step(Input::Message(step(seed, Step::Prevote, 1, 0, Some(block)))));
            outputs.extend(engine.step(Input::Message(step(seed, Step::Precommit, 1, 0, Some(block)))));
        }
        assert_eq!(decision(&outputs), Some(Height::FIRST));
        let speaks = |it: &Output| matches!(it, Output::Send(_) | Output::Guard(_) | Output::Build { .. });
        assert!(!outputs.iter().any(speaks), "{outputs:?}");
    }
}

#[test]
fn an_invalid_block_is_not_prevoted() {
    let set = equal_set(4);
    let proposer = ProposerTable::new(&set).proposer(Height::FIRST, Round::FIRST);
    let seed = (0..4).find(|it| id(*it) == proposer).expect("a member");
    let me = (0..4).find(|it| *it != seed).expect("another");
    let mut engine = Engine::new(EngineConfig::new(CHAIN, Some(key(me))));
    engine.step(start(1, true));
    let (height, round, block) = (Height::FIRST, Round::FIRST, block(b"bad"));
    let verdict = Verdict::Invalid;
    let mut outputs = engine.step(Input::Judged { height, round, valid_round: None, proposer, block, verdict });
    outputs.extend(engine.step(Input::Message(proposal(seed, 1, 0, block, None))));
    let nil = Output::Send(step(me, Step::Prevote, 1, 0, None));
    assert!(outputs.contains(&nil), "{outputs:?}");
}

#[test]
fn what_is_untimely_or_badly_signed_is_ignored() {
    let mut engine = Engine::new(EngineConfig::new(CHAIN, Some(key(0))));
    assert!(engine.step(Input::Message(step(1, Step::Prevote, 1, 0, None))).is_empty(), "before the first start");
    engine.step(start(5, true));
    let mut forged = step(1, Step::Prevote, 5, 0, None);
    if let ConsensusMessage::Step(urne_types::message::SignedStep::Prevote(it)) = &mut forged {
        it.claim.block = Some(block(b"x"));
    }
    for message in [step(1, Step::Prevote, 6, 0, None), step(1, Step::Prevote, 4, 0, None), forged] {
        assert!(engine.step(Input::Message(message)).is_empty());
    }
    let stranger = step(9, Step::Prevote, 5, 0, None);
    assert!(engine.step(Input::Message(stranger)).is_empty());
    assert_eq!(engine.standing().present.get(), 0);
    engine.step(Input::Message(step(1, Step::Prevote, 5, 0, None)));
    assert_eq!(engine.standing().present.get(), 250_000);
}

#[test]
fn the_same_inputs_give_the_same_outputs() {
    let run = || {
        let mut net = Net::new(4);
        let mut dice = Dice(42);
        net.filter = Box::new(move |_, _, _| 10 <= dice.below(100));
        net.start_all();
        net.run_until(8);
        net.trace
    };
    let (one, other) = (run(), run());
    assert!(500 < one.len());
    assert_eq!(one, other);
}
