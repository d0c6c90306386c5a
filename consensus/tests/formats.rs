//! What is on disk stays readable: one frozen hash for each thing that is written.
mod common;
use common::*;
use urne_consensus::{
    Step,
    engine::{GuardRecord, Timeout, TimeoutKind, Verdict, WalEntry},
};
use urne_types::{
    Height, Round,
    codec::{decode_canonical, encode},
    hash::hash,
    message::{ConsensusMessage, PolkaCertificate},
};

fn timeout() -> Timeout {
    Timeout { height: Height::new(3), round: Round::new(2), kind: TimeoutKind::Precommit }
}

#[test]
fn a_guard_record_is_written_in_these_bytes() {
    let record = GuardRecord { height: Height::new(3), round: Round::new(2), step: Step::Precommit, digest: [5; 32] };
    let mut expected = vec![3, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0];
    expected.extend([5; 32]);
    assert_eq!(encode(&record), expected);
    assert_eq!(decode_canonical::<GuardRecord>(&expected, 100), Ok(record));
}

#[test]
fn a_timeout_is_written_in_these_bytes() {
    let expected = [2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0];
    assert_eq!(encode(&WalEntry::Elapsed(timeout())), expected);
}

#[test]
fn every_entry_of_the_log_keeps_its_encoding() {
    let polka = PolkaCertificate {
        height: Height::new(3),
        round: Round::new(2),
        block: block(b"a"),
        signatures: urne_types::bounded::List::default(),
    };
    let entries = [
        WalEntry::Message(proposal(1, 3, 2, block(b"a"), Some(1))),
        WalEntry::Message(step(1, Step::Prevote, 3, 2, None)),
        WalEntry::Message(step(1, Step::Precommit, 3, 2, Some(block(b"a")))),
        WalEntry::Message(ConsensusMessage::Polka(polka)),
        WalEntry::Message(ConsensusMessage::Commit(certificate(&[0, 1, 2], 3, 2, block(b"a")))),
        WalEntry::Judged {
            height: Height::new(3),
            round: Round::new(2),
            valid_round: Some(Round::FIRST),
            proposer: id(1),
            block: block(b"a"),
            verdict: Verdict::Invalid,
        },
        WalEntry::Elapsed(timeout()),
        WalEntry::Muted { height: Height::new(3) },
    ];
    for entry in &entries {
        assert_eq!(entry.height(), Height::new(3));
        assert_eq!(decode_canonical::<WalEntry>(&encode(entry), 10_000).as_ref(), Ok(entry));
    }
    let all: Vec<u8> = entries.iter().flat_map(encode).collect();
    let found: String = hash("urne.v1 test frozen log", &all).iter().map(|it| format!("{it:02x}")).collect();
    assert_eq!(found, "d787aa364251e0a65610649e5698325845db941152440eeab1cda46cc8dafc83");
}
