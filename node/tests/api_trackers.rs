//! A sealed ballot is found again by what its voter has written down, and no other way.
#![allow(clippy::unwrap_used)]
mod api_support;
#[path = "../../ledger/tests/chain/sealed.rs"]
mod sealed_chain;
use api_support::{Rig, chain, get, read};
use chain::World;
use serde_json::json;
use urne_ballot::Tracker;
use urne_types::{ElectionId, transaction::VerifiedTx};
use urne_vote_contract::sealed::VerifiedSeal;

fn tracker(ballot: &VerifiedTx) -> Tracker {
    *ballot.seal().and_then(|it| it.get::<VerifiedSeal>()).unwrap().ballot().tracker()
}

#[tokio::test]
async fn a_voter_learns_from_her_tracker_that_her_ballot_is_in_the_urn_and_whether_it_still_counts() {
    let mut world = World::new();
    let election = sealed_chain::open(&mut world, 8);
    let ballot = |world: &World<_>, voter: usize, sequence: u32| {
        sealed_chain::verified(world, sealed_chain::cast(world, voter, election, sequence, 0))
    };
    let (first, second, lost) = (ballot(&world, 0, 1), ballot(&world, 0, 2), ballot(&world, 1, 1));
    let (height, college) = (world.height().next(), sealed_chain::entry(&world, 0).college);
    world.block(&[first.clone(), second.clone()]);
    let rig = Rig::over(world);
    let path = |typed: &str| format!("/v1/elections/{election}/trackers/{typed}");
    let written = tracker(&first).to_string();
    let shown = read(&rig.router(), &path(&written)).await;
    let expected = |tracker: String, ballot: &VerifiedTx, position: u32, sequence: u32, is_last: bool| {
        json!({ "election": election, "tracker": tracker, "txid": ballot.id(), "height": height, "position": position,
            "college": college, "sequence": sequence, "is_last": is_last })
    };
    assert_eq!(shown, expected(written.clone(), &first, 0, 1, false), "the second has taken its place");
    let shown = read(&rig.router(), &path(&tracker(&second).to_string())).await;
    assert_eq!(shown, expected(tracker(&second).to_string(), &second, 1, 2, true));
    let carelessly = written.to_lowercase().replace('-', "");
    assert_eq!(read(&rig.router(), &path(&carelessly)).await["txid"], json!(first.id()));

    assert_eq!(get(&rig.router(), &path(&tracker(&lost).to_string())).await.problem(), (404, 907));
    let mistyped =
        written.replacen(written.chars().next().unwrap(), if written.starts_with('0') { "1" } else { "0" }, 1);
    assert_eq!(get(&rig.router(), &path(&mistyped)).await.problem(), (400, 906));
    let elsewhere = format!("/v1/elections/{}/trackers/{written}", ElectionId([9; 32]));
    assert_eq!(get(&rig.router(), &elsewhere).await.problem(), (404, 200));
}

#[tokio::test]
async fn open_ballots_have_no_tracker() {
    let (world, election) = World::voting(3);
    let rig = Rig::over(world);
    let path = format!("/v1/elections/{election}/trackers/0000-0000-0000-0000-0000-0");
    let answer = get(&rig.router(), &path).await;
    assert!(answer.json()["hint"].as_str().unwrap().contains("open ballots have none"), "{:?}", answer.json());
}
