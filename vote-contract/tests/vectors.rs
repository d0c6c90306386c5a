//! The published ballots, as a node meets them: carried by a transaction, under the seals of their election. Every wrong one is
//! refused with its number before anything of it could be included in a block: there is no verified transaction of it.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "a test stops at the first error")]
#[path = "../../ballot/tests/support/json.rs"]
#[allow(dead_code, unreachable_pub, reason = "ballot's own tests use the rest")]
mod json;
#[path = "support/secret.rs"]
mod secret_support;
mod support;
use json::{array, bytes, question_from, read};
use secret_support::Chance;
use serde_json::Value;
use std::sync::Arc;
use urne_ballot::{Compiled, Element, Statement};
use urne_types::{
    ChainId, ElectionId, PublicKey, Rejection, Signature,
    ballot::{Ballot, BallotBody},
    bounded::Bytes,
    transaction::{Payload, Transaction, UnsignedTx, VerifiedTx, verify_sealed},
};
use urne_vote_contract::sealed::{ElectionSeals, Seals};

fn statement(election: &Value) -> Statement {
    let keys: Vec<Element> =
        election["keys"].as_array().unwrap().iter().map(|it| Element::decode(&array(it)).unwrap()).collect();
    let questions: Vec<_> = election["questions"].as_array().unwrap().iter().map(question_from).collect();
    let (chain, id) = (ChainId(array(&election["chain"])), ElectionId(array(&election["election"])));
    Statement::new(Compiled::new(&questions).unwrap(), chain, id, &keys).unwrap()
}

/// As a mempool takes it, or not; none where the bytes are too few for a sender and a signature.
fn admitted(statement: &Statement, vector: &Value) -> Option<Result<VerifiedTx, Rejection>> {
    let bytes = bytes(&vector["ballot"]);
    let (rest, signature) = bytes.split_last_chunk()?;
    let (sealed, credential) = rest.split_last_chunk()?;
    let ballot = Ballot {
        election: *statement.election(),
        college: support::college(1),
        sequence: vector["sequence"].as_u64().unwrap() as u32,
        body: BallotBody::Sealed(Bytes::new(sealed.to_vec()).unwrap()),
    };
    let unsigned = UnsignedTx::new(*statement.chain(), PublicKey(*credential), Payload::Ballot(ballot));
    let tx = Transaction { unsigned, signature: Signature(*signature) };
    let seals = Seals(|_: &ElectionId| ElectionSeals::new(statement.clone(), &[]).ok().map(Arc::new));
    Some(verify_sealed(&[tx.to_raw()], statement.chain(), &seals, &mut Chance::named("batch")).remove(0))
}

#[test]
fn every_published_wrong_ballot_is_refused_with_its_number_before_inclusion_and_every_right_one_admitted() {
    let vectors = read("ballots.json");
    let statements: Vec<Statement> = vectors["elections"].as_array().unwrap().iter().map(statement).collect();
    let of = |vector: &Value| &statements[vector["election"].as_u64().unwrap() as usize];
    for vector in vectors["right"].as_array().unwrap() {
        assert!(admitted(of(vector), vector).unwrap().is_ok(), "{}", vector["name"]);
    }
    let (mut refused, mut too_short) = (0, 0);
    for vector in vectors["wrong"].as_array().unwrap() {
        let Some(verdict) = admitted(of(vector), vector) else {
            too_short += 1;
            continue;
        };
        let code = verdict.map(|_| ()).unwrap_err().code();
        assert_eq!(u64::from(code), vector["refusal"].as_u64().unwrap(), "{}", vector["name"]);
        refused += 1;
    }
    assert!(70 <= refused && too_short <= 1, "{refused} refused, {too_short} that no transaction carries");
}
