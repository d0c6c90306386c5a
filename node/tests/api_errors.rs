//! Every refusal of the API: its status, its number, and a problem that a program can read.
#![allow(clippy::unwrap_used)]
mod api_support;

use api_support::{Rig, chain::World, get, post, read, send};
use axum::{body::Body, http::Request};
use std::{collections::BTreeSet, time::Duration};
use urne_node::{
    api::{BATCH_CONTENT_TYPE, BINARY_CONTENT_TYPE, HttpLimits, problem::Fault},
    driver::INBOX_MAX,
};
use urne_replica::Submission;
use urne_types::{
    ChainId, CollegeId, ElectionId, Rejection, SecretKey,
    bounded::List,
    codec::encode,
    limits::TX_BYTES_MAX,
    sealed::{CredentialBatch, CredentialRegistration},
    transaction::{Payload, RawTx, UnsignedTx, VerifiedTx},
    wire::TxBatch,
};

fn batch(txs: &[VerifiedTx]) -> Vec<u8> {
    encode(&TxBatch { txs: List::new(txs.iter().map(|it| it.bytes().to_vec()).collect()).unwrap() })
}

#[test]
fn every_fault_has_its_own_number_and_name_apart_from_the_rules() {
    let numbers: BTreeSet<u16> = Fault::ALL.iter().map(|it| it.code()).collect();
    let names: BTreeSet<&str> = Fault::ALL.iter().map(|it| it.name()).collect();
    assert_eq!((numbers.len(), names.len()), (Fault::ALL.len(), Fault::ALL.len()));
    assert!(Rejection::ALL.iter().all(|it| it.code() < 900 && !numbers.contains(&it.code())));
    assert!(numbers.iter().all(|it| (900..1000).contains(it)));
}

#[tokio::test]
async fn what_does_not_exist_or_is_not_of_its_form_is_refused_with_its_number() {
    let (mut world, election) = World::voting(4);
    let ballot = world.ballots(0..1, election).remove(0);
    world.block(&[ballot]);
    let draft = world.ledger.reader().block(urne_types::Height::new(1)).unwrap().unwrap();
    let not_a_ballot = RawTx(draft.txs[0].clone()).decode().unwrap().unsigned.id();
    let rig = Rig::over(world);
    let none = "0".repeat(64);
    for (path, expected) in [
        ("/v2/status".to_owned(), (404, 900)),
        ("/v1/".into(), (404, 900)),
        ("/v1/blocks/99".into(), (404, 908)),
        ("/v1/blocks/0".into(), (404, 908)),
        ("/v1/blocks/-1".into(), (400, 906)),
        ("/v1/blocks/18446744073709551616".into(), (400, 906)),
        ("/v1/elections/xyz".into(), (400, 906)),
        (format!("/v1/elections/{}", "A".repeat(64)), (400, 906)),
        (format!("/v1/elections/{none}"), (404, 200)),
        (format!("/v1/elections/{none}/result"), (404, 200)),
        (format!("/v1/elections/{none}/ballots"), (404, 200)),
        (format!("/v1/elections/{election}/result"), (404, 909)),
        (format!("/v1/censuses/{none}"), (404, 227)),
        (format!("/v1/censuses/{none}/entries"), (404, 227)),
        (format!("/v1/acts/{none}"), (404, 301)),
        (format!("/v1/transactions/{none}"), (404, 907)),
        (format!("/v1/proofs/{none}"), (404, 912)),
        (format!("/v1/proofs/{not_a_ballot}"), (404, 913)),
        (format!("/v1/proofs/{not_a_ballot}?format=pdf"), (400, 906)),
        ("/v1/elections?limit=0".into(), (400, 906)),
        ("/v1/elections?limit=1001".into(), (400, 906)),
        ("/v1/elections?from=x".into(), (400, 906)),
        ("/v1/consistency".into(), (400, 906)),
        (format!("/v1/consistency?election={election}&from=1"), (400, 906)),
        (format!("/v1/consistency?election={election}&from=0&to=1"), (400, 906)),
        (format!("/v1/consistency?election={election}&from=1&to=2"), (400, 906)),
        (format!("/v1/consistency?election={none}&from=1&to=1"), (404, 200)),
    ] {
        assert_eq!(get(&rig.router(), &path).await.problem(), expected, "{path}");
    }
    let empty = read(&rig.router(), "/v1/elections?from=18446744073709551615").await;
    assert_eq!(empty, serde_json::json!({ "items": [], "next": null }));
}

#[tokio::test]
async fn a_method_that_an_address_does_not_take_is_named_so() {
    let rig = Rig::new();
    for (method, path) in [("DELETE", "/v1/status"), ("POST", "/v1/status"), ("GET", "/v1/transactions")] {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        let answered = send(&rig.router(), request).await;
        assert_eq!(answered.problem(), (405, 901), "{method} {path}");
        assert_ne!(answered.header("allow"), "");
    }
}

#[tokio::test]
async fn a_body_of_another_kind_or_size_is_refused_before_it_reaches_the_replica() {
    let rig = Rig::new();
    let router = rig.router_with(|it| it.body_bytes_max = TX_BYTES_MAX + 100);
    for (kind, body, expected) in [
        ("text/plain", vec![1], (415, 911)),
        ("application/x-www-form-urlencoded", vec![1], (415, 911)),
        (BINARY_CONTENT_TYPE, vec![0; TX_BYTES_MAX + 101], (413, 902)),
        (BINARY_CONTENT_TYPE, vec![0; TX_BYTES_MAX + 1], (413, 101)),
        (BATCH_CONTENT_TYPE, vec![], (400, 910)),
        (BATCH_CONTENT_TYPE, vec![0; 8], (400, 910)),
        (BATCH_CONTENT_TYPE, vec![1, 2, 3], (400, 910)),
        (BATCH_CONTENT_TYPE, encode(&vec![vec![0_u8]; 257]), (400, 910)),
    ] {
        assert_eq!(post(&router, kind, body).await.problem(), expected, "{kind}");
    }
    // Without a length announced, the bytes are counted as they come.
    let chunks = futures::stream::iter((0..100).map(|_| Ok::<_, std::io::Error>(vec![0_u8; 1024])));
    let endless = Body::from_stream(chunks);
    assert_eq!(post(&router, BINARY_CONTENT_TYPE, endless).await.problem(), (413, 902));
    let broken = futures::stream::iter([Ok(vec![1_u8]), Err(std::io::Error::other("gone"))]);
    assert_eq!(post(&router, BINARY_CONTENT_TYPE, Body::from_stream(broken)).await.problem(), (400, 918));
}

#[tokio::test]
async fn every_rule_comes_out_with_its_own_status_number_and_sentences() {
    let (world, election) = World::voting(4);
    let ballot = world.ballots(0..1, election).remove(0);
    let id = ballot.id();
    for rule in Rejection::ALL.iter().copied() {
        let mut rig = Rig::new();
        rig.answer(move |_| Submission::Refused { id: Some(id), rejection: rule });
        let answered = post(&rig.router(), BINARY_CONTENT_TYPE, ballot.bytes().to_vec()).await;
        assert_eq!(answered.problem(), (rule.http_status(), rule.code()));
        let problem = answered.json();
        assert_eq!((&problem["name"], &problem["title"]), (&rule.name().into(), &rule.english().into()));
        assert_eq!((&problem["detail"], &problem["txid"]), (&rule.french().into(), &id.to_string().into()));
        let fate = read(&rig.router(), &format!("/v1/transactions/{id}")).await;
        assert_eq!((&fate["status"], &fate["code"]), (&"rejected".into(), &rule.code().into()));
        if answered.status == 503 {
            assert_ne!(answered.header("retry-after"), "");
        }
    }
}

#[tokio::test]
async fn a_busy_node_says_so_at_once_and_when_to_come_back() {
    let rig = Rig::new();
    for _ in 0..INBOX_MAX {
        assert!(rig.shared.submit(Vec::new()).is_some());
    }
    let full = post(&rig.router(), BINARY_CONTENT_TYPE, vec![1]).await;
    assert_eq!((full.problem(), full.header("retry-after")), ((503, 914), "1"));

    let rig = Rig::new();
    let router = rig.router_with(|it| it.answer_timeout = Duration::from_millis(20));
    assert_eq!(post(&router, BINARY_CONTENT_TYPE, vec![1]).await.problem(), (503, 919));
    let router = rig.router_with(|it| it.requests_at_once_max = 0);
    assert_eq!(get(&router, "/v1/status").await.problem(), (503, 915));
}

#[tokio::test]
async fn an_address_that_asks_too_fast_is_told_how_long_to_wait() {
    let (world, election) = World::voting(8);
    let ballots = world.ballots(0..8, election);
    let mut rig = Rig::over(world);
    rig.answer(|raw| Submission::Pending { id: raw.decode().unwrap().unsigned.id() });
    let slow = |it: &mut HttpLimits| {
        (it.requests_per_second_max, it.requests_burst_max) = (1, 2);
        (it.transactions_per_second_max, it.transactions_burst_max) = (1, 4);
    };
    let router = rig.router_with(slow);
    assert_eq!(get(&router, "/v1/status").await.status, 200);
    assert_eq!(get(&router, "/nowhere").await.problem(), (404, 900), "an address pays for errors too");
    let refused = get(&router, "/v1/status").await;
    assert_eq!((refused.problem(), refused.header("retry-after")), ((429, 904), "1"));
    // Transactions have their own bucket, and a batch costs as many as it holds.
    assert_eq!(post(&router, BATCH_CONTENT_TYPE, batch(&ballots[..3])).await.status, 202);
    let refused = post(&router, BATCH_CONTENT_TYPE, batch(&ballots[3..])).await;
    assert_eq!(refused.problem(), (429, 904));
    assert_eq!(post(&rig.router_with(slow), BATCH_CONTENT_TYPE, batch(&ballots[4..])).await.status, 202);
}

#[tokio::test]
async fn a_group_of_credentials_costs_its_address_as_many_transactions_as_it_brings() {
    let mut rig = Rig::new();
    rig.answer(|raw| Submission::Pending { id: raw.decode().unwrap().unsigned.id() });
    let group = |credentials: u8| {
        let credential = |n| CredentialRegistration { credential: [n; 32], signature: [n; 48] };
        let credentials = List::new((0..credentials).map(credential).collect()).unwrap();
        let (election, college) = (ElectionId([7; 32]), CollegeId::new(1));
        let payload = Payload::RegisterCredentials(CredentialBatch { election, college, credentials });
        let key = SecretKey::generate(&mut rand::rng());
        UnsignedTx::new(ChainId([1; 32]), key.public(), payload).sign(&key).to_raw().0
    };
    let router = |rig: &Rig| rig.router_with(|it| (it.transactions_per_second_max, it.transactions_burst_max) = (1, 4));
    assert_eq!(post(&router(&rig), BINARY_CONTENT_TYPE, group(5)).await.problem(), (429, 904));
    let router = router(&rig);
    assert_eq!(post(&router, BINARY_CONTENT_TYPE, group(3)).await.status, 202);
    assert_eq!(post(&router, BINARY_CONTENT_TYPE, group(1)).await.status, 202, "the fourth token");
    assert_eq!(post(&router, BINARY_CONTENT_TYPE, group(1)).await.problem(), (429, 904));
}

#[tokio::test]
async fn any_page_may_read_and_post_without_cookies() {
    let rig = Rig::new();
    let request = Request::builder().method("OPTIONS").uri("/v1/transactions").body(Body::empty()).unwrap();
    let preflight = send(&rig.router(), request).await;
    assert_eq!((preflight.status.as_u16(), preflight.header("access-control-allow-methods")), (204, "GET, POST"));
    for answered in [get(&rig.router(), "/v1/status").await, get(&rig.router(), "/nowhere").await, preflight] {
        assert_eq!(answered.header("access-control-allow-origin"), "*");
        assert_eq!(answered.header("access-control-allow-credentials"), "");
    }
}
