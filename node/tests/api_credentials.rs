//! Anonymous credentials over the API: what registrars and voters ask, and the collector that registers nobody alone.
#![allow(clippy::unwrap_used)]
mod api_support;
#[path = "../../ledger/tests/chain/credentials.rs"]
mod credentials_chain;
#[path = "../../ledger/tests/chain/sealed.rs"]
mod sealed_chain;
use api_support::{Answered, Rig, chain, get, open_assembly, read, send};
use axum::{Router, body::Body, http::Request};
use chain::World;
use credentials_chain::{REGISTRATION, answers, approvals, ask, cast, entry, finished, issue};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use urne_replica::Submission;
use urne_types::{
    ElectionId, UnixMs,
    sealed::{CredentialBatch, CredentialRegistration},
    transaction::{Payload, RawTx},
};

fn issuing() -> (World<urne_ledger::MemoryKv>, ElectionId) {
    let mut world = World::new();
    let election = issue(&mut world, 12);
    world.block(&[]);
    (world, election)
}
fn offered(it: &CredentialRegistration, college: u16) -> Value {
    json!({ "college": college, "credential": hex::encode(it.credential), "signature": hex::encode(it.signature) })
}
async fn offer(router: &Router, election: &ElectionId, body: &Value) -> Answered {
    let path = format!("/v1/elections/{election}/credentials");
    send(router, Request::post(path).body(Body::from(body.to_string())).unwrap()).await
}
/// Takes every submission, and keeps it.
fn kept(rig: &mut Rig) -> Arc<Mutex<Vec<RawTx>>> {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let keeps = Arc::clone(&kept);
    rig.answer(move |raw| {
        keeps.lock().unwrap().push(raw.clone());
        Submission::Pending { id: raw.decode().unwrap().unsigned.id() }
    });
    kept
}
fn batches(kept: &Mutex<Vec<RawTx>>) -> Vec<CredentialBatch> {
    let batch = |raw: &RawTx| match raw.decode().unwrap().unsigned.payload {
        Payload::RegisterCredentials(batch) => batch,
        other => panic!("{other:?}"),
    };
    kept.lock().unwrap().iter().map(batch).collect()
}

#[tokio::test]
async fn the_issuance_counts_what_was_asked_answered_and_registered() {
    let (mut world, election) = issuing();
    ask(&mut world, election, &[0, 2, 4]);
    let asked = approvals(&world, election, 6, &[1]);
    world.block(&asked);
    world.now = REGISTRATION;
    let payload = credentials_chain::registration(&world, election, &[0, 2, 4]);
    let registered = credentials_chain::sent(&world, "somebody", payload);
    world.block(&[registered]);
    let rig = Rig::over(world);
    let shown = read(&rig.router(), &format!("/v1/elections/{election}/issuance")).await;
    let of_one = &shown["colleges"][0];
    assert_eq!(of_one["college"], 1);
    for (name, expected) in [("census", "6"), ("approved", "3"), ("answered", "3"), ("registered", "3"), ("late", "0")]
    {
        assert_eq!(of_one[name], expected, "{name}");
    }
    assert_eq!((of_one["threshold"].as_u64(), &of_one["registrars"]), (Some(2), &json!([1, 2, 3])));
    assert_eq!(of_one.get("alarm"), None);
    assert_eq!((&shown["approvals"]["size"], &shown["credentials"]["size"]), (&json!("7"), &json!("3")));
    let approvals = read(&rig.router(), &format!("/v1/elections/{election}/approvals?limit=5")).await;
    assert_eq!((approvals["items"].as_array().unwrap().len(), &approvals["next"]), (5, &json!("5")));
    let rest = read(&rig.router(), &format!("/v1/elections/{election}/approvals?from=5")).await;
    assert_eq!((rest["items"][1]["index"].clone(), rest["next"].clone()), (json!("6"), Value::Null));
    let registrations = read(&rig.router(), &format!("/v1/elections/{election}/registrations")).await;
    assert_eq!(registrations["items"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn an_entry_shows_its_own_emargement_and_registrars_see_what_waits() {
    let (mut world, election) = issuing();
    let asked = approvals(&world, election, 0, &[3, 1]);
    world.block(&asked);
    let one = answers(&world, election, 0, &[2]);
    world.block(&one);
    let rig = Rig::over(world);
    let path = |index: usize| format!("/v1/elections/{election}/entries/1/{}", entry(index).member);
    let shown = read(&rig.router(), &path(0)).await;
    let registrars: Vec<u64> =
        shown["approvals"].as_array().unwrap().iter().map(|it| it["registrar"].as_u64().unwrap()).collect();
    assert_eq!(registrars, [3, 1], "in the order in which they approved");
    assert_eq!(shown["approved"]["request"], shown["approvals"][0]["request"]);
    assert_eq!((shown["answers"].as_array().unwrap().len(), &shown["answers"][0]["registrar"]), (1, &json!(2)));
    let silent = read(&rig.router(), &path(2)).await;
    assert_eq!((silent["approvals"].clone(), silent.get("approved")), (json!([]), None));
    let waiting = read(&rig.router(), &format!("/v1/elections/{election}/requests?college=1")).await;
    assert_eq!(waiting["items"], json!([shown]));
    let none = read(&rig.router(), &format!("/v1/elections/{election}/requests?college=2")).await;
    assert_eq!(none["items"], json!([]));
    assert_eq!(get(&rig.router(), &path(1)).await.problem(), (403, 204), "she is in college 2");
    let missing = get(&rig.router(), &format!("/v1/elections/{election}/requests")).await;
    assert_eq!(missing.problem(), (400, 906));
}

/// The next instant at which credentials leave, and longer than one period.
fn later(rig: &mut Rig) {
    rig.world.now += 30_000;
    rig.world.block(&[]);
}

#[tokio::test]
async fn credentials_leave_together_at_an_instant_that_none_of_them_gives() {
    let (mut world, election) = issuing();
    ask(&mut world, election, &[0, 2, 4, 6]);
    ask(&mut world, election, &[1]);
    world.now = REGISTRATION;
    world.block(&[]);
    let [a, b, c, d] = [0, 2, 4, 6].map(|it| finished(&world, election, it));
    let other = finished(&world, election, 1);
    let mut rig = Rig::over(world);
    let (router, kept) = (rig.router(), kept(&mut rig));
    for (at, it) in [&a, &b].into_iter().enumerate() {
        let taken = offer(&router, &election, &offered(it, 1)).await;
        assert_eq!(taken.status, 202);
        let said = taken.json();
        let expected = [json!("collected"), json!((at + 1).to_string()), json!("3")];
        assert_eq!(["status", "collected", "needed"].map(|it| said[it].clone()), expected);
        let leaves_at: UnixMs = said["leaves_at"].as_str().unwrap().parse().unwrap();
        assert_eq!(leaves_at.since(UnixMs::new(REGISTRATION)), 20 * 60_000 / 64, "the calendar says when");
    }
    assert_eq!(offer(&router, &election, &offered(&b, 1)).await.json()["collected"], "2", "the same is one");
    assert_eq!(offer(&router, &election, &offered(&other, 2)).await.json()["collected"], "1", "another college");
    later(&mut rig);
    assert_eq!(offer(&router, &election, &offered(&c, 1)).await.json()["collected"], "3");
    assert!(batches(&kept).is_empty(), "two were too few, and the third does not make them leave");
    later(&mut rig);
    assert_eq!(offer(&router, &election, &offered(&d, 1)).await.status, 202);
    let sent = batches(&kept);
    let mut expected = [a.credential, b.credential, c.credential];
    expected.sort_unstable();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].credentials.iter().map(|it| it.credential).collect::<Vec<_>>(), expected);
    later(&mut rig);
    offer(&router, &election, &offered(&a, 1)).await;
    assert_eq!(batches(&kept).len(), 1, "what is on its way is not sent again, and the fourth stands alone");
}

#[tokio::test]
async fn after_the_opening_one_alone_is_registered_at_the_next_instant_and_shown() {
    let (mut world, election) = issuing();
    ask(&mut world, election, &[0]);
    world.now = sealed_chain::OPENS_AT;
    world.block(&[]);
    let mine = finished(&world, election, 0);
    let mut rig = Rig::over(world);
    let (router, kept) = (rig.router(), kept(&mut rig));
    let path = format!("/v1/elections/{election}/credentials/{}", hex::encode(mine.credential));
    assert_eq!(get(&router, &path).await.problem(), (403, 285));
    assert_eq!(offer(&router, &election, &offered(&mine, 1)).await.json()["needed"], "1");
    assert!(batches(&kept).is_empty());
    later(&mut rig);
    offer(&router, &election, &offered(&mine, 1)).await;
    let sent = kept.lock().unwrap().remove(0);
    let verified = sealed_chain::verified(&rig.world, sent.decode().unwrap());
    rig.world.block(&[verified]);
    let again = offer(&router, &election, &offered(&mine, 1)).await;
    assert_eq!((again.status.as_u16(), again.json()["status"].clone()), (200, json!("registered")));
    let shown = read(&router, &path).await;
    assert_eq!((shown["college"].clone(), shown["late"].clone()), (json!(1), json!(true)));
    let member = read(&router, &format!("/v1/elections/{election}/members/{}", hex::encode(mine.credential))).await;
    assert_eq!(member["colleges"], json!([{ "college": 1, "last_sequence": null }]));
    let ballot = cast(&rig.world, 0, election, 3, 1);
    rig.world.block(&[ballot]);
    let member = read(&router, &format!("/v1/elections/{election}/members/{}", hex::encode(mine.credential))).await;
    assert_eq!(member["colleges"][0]["last_sequence"], 3);
}

#[tokio::test]
async fn what_is_wrong_is_refused_by_its_number() {
    let (mut world, election) = issuing();
    ask(&mut world, election, &[0, 2]);
    let early = finished(&world, election, 0);
    let rig = Rig::over(world);
    let router = rig.router();
    assert_eq!(offer(&router, &election, &offered(&early, 1)).await.problem(), (409, 276));
    drop(router);
    let mut world = rig.world;
    world.now = REGISTRATION;
    world.block(&[]);
    let other = finished(&world, election, 2);
    let open = open_assembly(&mut World::new(), 4);
    let rig = Rig::over(world);
    let router = rig.router();
    let swapped = CredentialRegistration { signature: other.signature, ..early.clone() };
    assert_eq!(offer(&router, &election, &offered(&swapped, 1)).await.problem(), (403, 644));
    assert_eq!(offer(&router, &election, &offered(&early, 2)).await.problem(), (403, 644), "another college's key");
    assert_eq!(offer(&router, &election, &json!({ "college": 1 })).await.problem(), (400, 922));
    let mut short = offered(&early, 1);
    short["credential"] = json!("00");
    assert_eq!(offer(&router, &election, &short).await.problem(), (400, 906));
    assert_eq!(offer(&router, &open, &offered(&early, 1)).await.problem(), (404, 200));
}
