//! Which messages can be believed before their height begins.
mod common;
use common::*;
use urne_consensus::{Step, verify_message};
use urne_types::{
    BlockHash, ChainId, Height, Round,
    bounded::List,
    message::{ConsensusMessage, PolkaCertificate, RoundCertificate, RoundCertificateKind, SignedStep},
};

fn signed(seed: u8, kind: Step, round: u32, block: Option<BlockHash>) -> SignedStep {
    match step(seed, kind, 1, round, block) {
        ConsensusMessage::Step(it) => it,
        other => panic!("{other:?}"),
    }
}
fn polka(seeds: &[u8]) -> ConsensusMessage {
    let block = block(b"a");
    let signature = |seed: &u8| match signed(*seed, Step::Prevote, 0, Some(block)) {
        SignedStep::Prevote(it) => (id(*seed), it.signature),
        SignedStep::Precommit(_) => panic!("a prevote was asked for"),
    };
    let signatures = List::new(seeds.iter().map(signature).collect()).expect("few");
    ConsensusMessage::Polka(PolkaCertificate { height: Height::FIRST, round: Round::FIRST, block, signatures })
}
fn round(kind: RoundCertificateKind, steps: Vec<SignedStep>) -> ConsensusMessage {
    let steps = List::new(steps).expect("few");
    ConsensusMessage::Round(RoundCertificate { height: Height::FIRST, round: Round::FIRST, kind, steps })
}

#[test]
fn a_message_is_believed_when_members_signed_it_and_enough_of_them() {
    use RoundCertificateKind::{Precommit, Skip};
    let (a, nil) = (Some(block(b"a")), None);
    let cases = [
        ("a prevote", step(1, Step::Prevote, 1, 0, nil), true),
        ("a stranger's prevote", step(9, Step::Prevote, 1, 0, nil), false),
        ("a proposal", proposal(1, 1, 0, block(b"a"), None), true),
        ("a polka of three", polka(&[0, 1, 2]), true),
        ("a polka of two", polka(&[0, 1]), false),
        ("a polka with one twice", polka(&[0, 1, 1]), false),
        ("a commit of three", ConsensusMessage::Commit(certificate(&[0, 1, 2], 1, 0, block(b"a"))), true),
        ("a commit with one twice", ConsensusMessage::Commit(certificate(&[0, 1, 1], 1, 0, block(b"a"))), false),
        ("a skip of two", round(Skip, vec![signed(0, Step::Prevote, 0, a), signed(1, Step::Precommit, 0, nil)]), true),
        ("a skip of one", round(Skip, vec![signed(0, Step::Prevote, 0, a)]), false),
        (
            "a skip of one who speaks twice",
            round(Skip, vec![signed(0, Step::Prevote, 0, a), signed(0, Step::Precommit, 0, nil)]),
            false,
        ),
        (
            "a skip of another round",
            round(Skip, vec![signed(0, Step::Prevote, 1, a), signed(1, Step::Prevote, 1, a)]),
            false,
        ),
        (
            "precommits of three that disagree",
            round(Precommit, (0..3).map(|it| signed(it, Step::Precommit, 0, if it == 0 { a } else { nil })).collect()),
            true,
        ),
        (
            "prevotes for precommits",
            round(Precommit, (0..3).map(|it| signed(it, Step::Prevote, 0, a)).collect()),
            false,
        ),
        ("nothing", round(Skip, Vec::new()), false),
    ];
    for (description, message, is_believed) in cases {
        assert_eq!(verify_message(&message, &CHAIN, &equal_set(4)), is_believed, "{description}");
        assert!(!verify_message(&message, &ChainId([8; 32]), &equal_set(4)), "{description}, for another chain");
    }
}
