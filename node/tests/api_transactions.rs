//! The one way in: 202 for what waits, 200 for what was known, one outcome for each of a batch, and what became of it later.
#![allow(clippy::unwrap_used)]
mod api_support;

use api_support::{Rig, chain::World, post, read};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Mutex;
use urne_node::api::{BATCH_CONTENT_TYPE, BINARY_CONTENT_TYPE, dto};
use urne_replica::{Notice, Submission};
use urne_types::{
    Height, Rejection, TxId, bounded::List, codec::encode, limits::TX_BATCH_MAX, transaction::VerifiedTx, wire::TxBatch,
};

fn batch(txs: Vec<Vec<u8>>) -> Vec<u8> {
    encode(&TxBatch { txs: List::new(txs).unwrap() })
}

/// A node that takes everything that decodes, once.
fn taking(world: World<urne_ledger::MemoryKv>) -> Rig {
    let mut rig = Rig::over(world);
    let known: Mutex<BTreeSet<TxId>> = Mutex::default();
    let readers = rig.shared.readers.clone();
    rig.answer(move |raw| {
        let id = match raw.decode() {
            Ok(tx) => tx.unsigned.id(),
            Err(rejection) => return Submission::Refused { id: None, rejection },
        };
        if let Some(place) = readers.read(|it| it.place(&id)).unwrap() {
            return Submission::Committed { id, height: place.height };
        }
        if known.lock().unwrap().insert(id) { Submission::Pending { id } } else { Submission::Known { id } }
    });
    rig
}

fn three_ballots() -> (Rig, Vec<VerifiedTx>) {
    let (mut world, election) = World::voting(8);
    let ballots = world.ballots(0..3, election);
    world.block(&ballots[..1]);
    (taking(world), ballots)
}

#[tokio::test]
async fn a_transaction_waits_then_is_known_then_is_in_the_ledger() {
    let (mut rig, ballots) = three_ballots();
    let (tx, id) = (ballots[1].bytes().to_vec(), ballots[1].id());
    let path = format!("/v1/transactions/{id}");
    let first = post(&rig.router(), BINARY_CONTENT_TYPE, tx.clone()).await;
    assert_eq!((first.status.as_u16(), first.json()), (202, json!({ "status": "pending", "txid": id })));
    let again = post(&rig.router(), BINARY_CONTENT_TYPE, tx.clone()).await;
    assert_eq!((again.status.as_u16(), again.json()), (200, first.json()), "an identical repost");
    assert_eq!(read(&rig.router(), &path).await, first.json());

    rig.world.block(&ballots[1..2]);
    let height = rig.world.height();
    let committed = json!({ "status": "committed", "txid": id, "height": height, "position": 0 });
    assert_eq!(read(&rig.router(), &path).await, committed);
    let again = post(&rig.router(), BINARY_CONTENT_TYPE, tx).await;
    assert_eq!((again.status.as_u16(), again.json()), (200, committed));
}

#[tokio::test]
async fn a_transaction_dropped_later_is_rejected_with_its_number() {
    let (rig, ballots) = three_ballots();
    let id = ballots[2].id();
    assert_eq!(post(&rig.router(), BINARY_CONTENT_TYPE, ballots[2].bytes().to_vec()).await.status, 202);
    rig.events().tell(Notice::Dropped { id, rejection: Rejection::ElectionClosed });
    let fate: dto::TxState =
        serde_json::from_value(read(&rig.router(), &format!("/v1/transactions/{id}")).await).unwrap();
    assert_eq!(fate, dto::TxState::rejected(Some(id), Rejection::ElectionClosed));
}

#[tokio::test]
async fn a_batch_has_one_outcome_for_each_in_order() {
    let (rig, ballots) = three_ballots();
    let txs =
        vec![ballots[1].bytes().to_vec(), vec![1, 2, 3], ballots[0].bytes().to_vec(), ballots[1].bytes().to_vec()];
    let answered = post(&rig.router(), BATCH_CONTENT_TYPE, batch(txs)).await;
    assert_eq!(answered.status, 202);
    let outcomes: dto::TxOutcomes = serde_json::from_slice(&answered.bytes).unwrap();
    let pending = dto::TxState::Pending { txid: ballots[1].id() };
    let height = Height::new(rig.world.height().get());
    let expected = vec![
        pending.clone(),
        dto::TxState::rejected(None, Rejection::Malformed),
        dto::TxState::Committed { txid: ballots[0].id(), height, position: 0 },
        pending,
    ];
    assert_eq!(outcomes.items, expected);
    let known = batch(vec![ballots[0].bytes().to_vec(), ballots[1].bytes().to_vec()]);
    assert_eq!(post(&rig.router(), BATCH_CONTENT_TYPE, known).await.status, 200, "all of it was known");
}

#[tokio::test]
async fn a_batch_of_which_all_was_refused_is_not_taken_and_says_why_for_each() {
    let (rig, ballots) = three_ballots();
    let refused = post(&rig.router(), BATCH_CONTENT_TYPE, batch(vec![vec![1, 2, 3], vec![4]])).await;
    assert_eq!((refused.status.as_u16(), refused.header("content-type")), (422, "application/json"));
    let outcomes: dto::TxOutcomes = serde_json::from_slice(&refused.bytes).unwrap();
    assert_eq!(outcomes.items, vec![dto::TxState::rejected(None, Rejection::Malformed); 2]);
    // The mirror: one that is taken, or known, makes it worth reading on.
    for _ in ["taken", "known"] {
        let mixed = batch(vec![vec![1, 2, 3], ballots[2].bytes().to_vec()]);
        assert_eq!(post(&rig.router(), BATCH_CONTENT_TYPE, mixed).await.status, 202);
    }
}

#[tokio::test]
async fn a_whole_batch_of_256_passes_the_default_limits() {
    let (rig, ballots) = three_ballots();
    let txs = vec![ballots[2].bytes().to_vec(); TX_BATCH_MAX];
    let answered = post(&rig.router(), BATCH_CONTENT_TYPE, batch(txs)).await;
    assert_eq!(answered.status, 202);
    assert_eq!(answered.json()["items"].as_array().unwrap().len(), TX_BATCH_MAX);
}

#[tokio::test]
async fn a_transaction_that_does_not_decode_is_refused_without_a_name() {
    let (rig, _) = three_ballots();
    let answered = post(&rig.router(), BINARY_CONTENT_TYPE, vec![1, 2, 3]).await;
    assert_eq!(answered.problem(), (400, 100));
    assert!(answered.json().get("txid").is_none());
}

#[tokio::test]
async fn a_transaction_that_came_by_gossip_is_pending_here_too() {
    let (rig, ballots) = three_ballots();
    let id = ballots[2].id();
    rig.events().tell(Notice::Heard { ids: vec![id] });
    let path = format!("/v1/transactions/{id}");
    assert_eq!(read(&rig.router(), &path).await, json!({ "status": "pending", "txid": id }));
}
