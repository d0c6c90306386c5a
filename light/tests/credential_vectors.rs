//! The published archive of an election with credentials signed blind, and lies about who may vote, each with the step at which
//! every implementation must stop (`tools/recount.py`, `web/ballot`): all validators signed them.
#[path = "../../ledger/tests/chain/credentials.rs"]
mod credentials_chain;
#[path = "urn/issued.rs"]
mod issued;
#[path = "../../ledger/tests/chain/sealed.rs"]
mod sealed_chain;
mod urn;

use credentials_chain::{ISSUANCE, answer, finished, registrar};
use issued::{APPROVALS, LAST, LATE, REGISTRATIONS};
use serde_json::Value;
use urn::{
    chain, hidden,
    lies::{Lie, Made, ballot, edit, edit_as, of_block, of_state, publish, record, signed, without_block},
    resign, urn_blocks,
};
use urne_light::archive::ArchivedTx;
use urne_types::{
    CollegeId, PublicKey, UnixMs,
    bounded::List,
    codec::encode,
    merkle,
    proof::LogHead,
    sealed::{CredentialBatch, CredentialRegistration, RequestApproval},
    transaction::Payload,
};
use urne_vote_contract::{
    Count, LogId, QuestionResult, keys,
    sealed::{
        issuance_key,
        records::{IssuanceRecord, UrnRecord},
        urn_key,
    },
};

const COLLEGE: CollegeId = CollegeId::new(1);

// ---- Telling ----

fn of_issued(name: &'static str, change: impl Fn(&mut IssuanceRecord) + 'static) -> Lie {
    of_state(name, move |made, entries| record(entries, issuance_key(&made.election, COLLEGE), &change))
}
fn of_log(name: &'static str, log: fn(&Made) -> LogId, size: u64) -> Lie {
    of_state(name, move |made, entries| {
        let head = LogHead { size, root: merkle::empty_root() };
        entries.insert(keys::log_head(&log(made)), Some(encode(&head)));
    })
}
/// Changes the first approval, which its registrar signs again.
fn of_approval(name: &'static str, by: &'static str, change: impl Fn(&mut RequestApproval) + 'static) -> Lie {
    of_block(name, APPROVALS, move |made, txs| {
        edit_as(made, by, &mut txs[0], |payload| {
            let Payload::ApproveRequest(approval) = payload else { panic!("an approval") };
            change(approval);
        });
    })
}
/// Changes the first four credentials, of college 1, registered before the opening.
fn of_credentials(
    name: &'static str,
    change: impl Fn(&Made, &mut CollegeId, &mut Vec<CredentialRegistration>) + 'static,
) -> Lie {
    of_block(name, REGISTRATIONS, move |made, txs| {
        edit_as(made, "somebody", &mut txs[0], |payload| {
            let Payload::RegisterCredentials(CredentialBatch { college, credentials, .. }) = payload else {
                panic!("credentials")
            };
            let mut changed = credentials.to_vec();
            change(made, college, &mut changed);
            *credentials = List::new(changed).expect("few");
        });
    })
}
/// The same block, of another time.
fn dated(name: &'static str, block: usize, time: u64) -> Lie {
    let tell = move |_: &Made, records: &mut Vec<_>| {
        let block = urn_blocks(records).remove(block);
        block.header.time = UnixMs::new(time);
        resign(block, |_| {});
    };
    (name, Box::new(tell))
}
fn registering(made: &Made, college: CollegeId, credentials: Vec<CredentialRegistration>) -> ArchivedTx {
    let credentials = List::new(credentials).expect("few");
    let batch = CredentialBatch { election: made.election, college, credentials };
    signed(made, "somebody", Payload::RegisterCredentials(batch))
}
/// A first ballot under a member's credential, whether or not it is registered.
fn of_member(made: &Made, member: usize) -> ArchivedTx {
    let sent = credentials_chain::ballot(&made.world(), member, made.election, 1, vec![urne_ballot::Answer::One(0)]);
    ArchivedTx::Whole(sent.to_raw().0)
}
/// A published point that no registrar may sign, or that is none.
fn published(name: &str) -> [u8; 48] {
    let text = include_str!("../../docs/vectors/credentials.json");
    let vectors: Value = serde_json::from_str(text).expect("JSON");
    let found = vectors["wrong"].as_array().expect("a list").iter().find(|it| it["name"] == name).expect("published");
    let bytes = hex::decode(found["bytes"].as_str().expect("hex")).expect("hex");
    bytes.try_into().expect("a point of G1")
}

// ---- Lies ----

fn lies_about_the_state() -> Vec<Lie> {
    vec![
        of_issued("one approved request more than there are", |it| it.approved.0 += 1),
        of_issued("more approved requests than members", |it| it.approved = Count(7)),
        of_issued("fewer members than the census has", |it| it.census = Count(5)),
        of_issued("one registered credential more than there are", |it| it.registered.0 += 1),
        of_issued("a late credential said to be in time", |it| it.late = Count(0)),
        of_state("no word of a college's credentials", |made, entries| {
            entries.insert(issuance_key(&made.election, COLLEGE), None);
        }),
        of_log("one approval more in the log", |made| LogId::Approvals(made.election), 17),
        of_log("one credential more in the log", |made| LogId::Credentials(made.election), 9),
        of_state("the registrars' keys of two colleges exchanged", |made, entries| {
            record(entries, urn_key(&made.election), |it: &mut UrnRecord| {
                let (one, two) = it.registrars.split_at_mut(1);
                std::mem::swap(&mut one[0].1, &mut two[0].1);
            });
        }),
        of_state("a bit of the registrars' key", |made, entries| {
            // threshold, n, M, three holders: then Y.
            record(entries, urn_key(&made.election), |it: &mut UrnRecord| it.registrars[0].1[12 + 95] ^= 2);
        }),
        of_state("a vote more in a result", |made, entries| {
            record(entries, keys::result(&made.election, 0), |it: &mut QuestionResult| {
                let QuestionResult::Referendum { favour, .. } = it else { panic!("a referendum") };
                *favour = Count(favour.get() + 1);
            });
        }),
    ]
}

fn lies_about_approvals() -> Vec<Lie> {
    vec![
        of_approval("an approval of somebody who is not on the census", "registrar 1", |it| {
            it.entry.member = PublicKey([7; 32]);
        }),
        of_approval("an approval in a college without registrars", "registrar 1", |it| {
            it.entry.college = CollegeId::new(3);
        }),
        of_approval("an approval by nobody's registrar", "somebody", |_| {}),
        of_approval("an approved request of order three", "registrar 1", |it| {
            it.request = published("a request of order three");
        }),
        of_approval("an approved request that is the identity", "registrar 1", |it| {
            it.request = published("the identity as a request");
        }),
        of_block("an approval that its registrar did not sign", APPROVALS, |_, txs| {
            edit(&mut txs[0], |tx| tx.signature.0[32] ^= 1);
        }),
        of_block("a registrar's second approval of one entry", APPROVALS, |_, txs| txs.insert(1, txs[0].clone())),
        of_block("an approval more than a request takes", APPROVALS, |made, txs| {
            let approved = urn::tx(&txs[0]).unsigned.payload;
            txs.insert(2, signed(made, &registrar(3), approved));
        }),
        of_block("an approval left out", APPROVALS, |_, txs| drop(txs.remove(0))),
        of_block("an approval hidden behind its hash", APPROVALS, |_, txs| {
            txs[0] = hidden(&txs[0]);
        }),
        dated("requests approved before their time", APPROVALS, ISSUANCE - 1),
    ]
}

fn lies_about_credentials() -> Vec<Lie> {
    vec![
        of_credentials("a credential under another's signature", |_, _, some| some[0].signature = some[1].signature),
        of_credentials("a credential signed by another college's registrars", |made, _, some| {
            let other = finished(&made.world(), made.election, 1);
            some.push(other);
            some.sort_by_key(|it| it.credential);
        }),
        of_credentials("credentials shown as another college's", |_, college, _| *college = CollegeId::new(2)),
        of_credentials("a signature that is the identity", |_, _, some| {
            some[0].signature = published("the identity as a signature");
        }),
        of_credentials("a signature outside the subgroup", |_, _, some| {
            some[0].signature = published("a signature outside the subgroup");
        }),
        of_credentials("a credential that is no group element", |_, _, some| some[3].credential = [255; 32]),
        of_credentials("a credential that is the identity", |_, _, some| some[0].credential = [0; 32]),
        of_credentials("credentials that are not in order", |_, _, some| some.swap(0, 1)),
        of_credentials("two credentials alone before the opening", |_, _, some| some.truncate(2)),
        dated("credentials registered before their time", REGISTRATIONS, ISSUANCE),
        of_block("a credential registered twice", LATE, |made, txs| {
            let again = urn::tx(&txs[0]).unsigned.payload;
            txs.push(signed(made, "somebody", again));
        }),
        of_block("one credential more than approved requests", LATE, |made, txs| {
            txs.push(registering(made, COLLEGE, vec![finished(&made.world(), made.election, 10)]));
        }),
        of_block("an answer shown among what is the election's", LATE, |made, txs| {
            let answer = answer(&made.world(), made.election, 10, 1);
            txs.push(signed(made, &registrar(1), Payload::AnswerRequest(answer)));
        }),
        of_block("a registration left out", LATE, |_, txs| txs.clear()),
    ]
}

fn lies_about_ballots() -> Vec<Lie> {
    vec![
        of_block("a ballot of a credential that nobody registered", LAST, |made, txs| {
            txs.push(of_member(made, 10));
        }),
        of_block("a ballot under a credential of another college", LAST, |_, txs| {
            edit(&mut txs[1], |tx| ballot(tx).college = CollegeId::new(2));
        }),
        of_block("a ballot of a registered credential, which the log has not", LAST, |made, txs| {
            txs.push(of_member(made, 6));
        }),
        of_block("a credential's older ballot shown again", LAST, |_, txs| {
            let older = txs[1].clone();
            txs.push(older);
        }),
        without_block("the last ballots left out with their block", 1),
    ]
}

/// `URNE_WRITE_VECTORS=1 cargo test -p urne-light --test credential_vectors` writes both files.
#[test]
fn the_published_archive_of_an_election_with_credentials_and_the_lies_about_it_are_those_of_the_code() {
    let lies = [lies_about_the_state(), lies_about_approvals(), lies_about_credentials(), lies_about_ballots()];
    let lies: Vec<Lie> = lies.into_iter().flatten().collect();
    publish("credentials_archive", &issued::held(), &lies);
}
