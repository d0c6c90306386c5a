//! Who is heard: the same chain only, validators alone on the consensus lane and always, observers up to a number.
mod world;
use std::collections::BTreeSet;
use urne_net::{Class, Direction, Net, NetError, NetEvent, SendError};
use world::{config, id, pair, start, start_towards, until};

#[tokio::test]
async fn a_node_of_another_chain_is_shown_out_and_never_heard() {
    let mut one = start(config(1)).await;
    let mut stranger = config(2);
    stranger.chain_id = [0xBA; 32];
    let stranger = start_towards(stranger, &[&one]).await;
    until(|| one.net.counters().foreign_refused + stranger.net.counters().foreign_refused >= 1).await;
    let refusal = stranger.net.send(one.id(), Class::Consensus, vec![1]);
    assert_eq!(refusal, Err(SendError::NotConnected { to: one.id() }));
    let friend = start_towards(config(3), &[&one]).await;
    assert_eq!(one.first(Some).await, NetEvent::Connected { peer: friend.id() }, "the stranger was never announced");
    assert_eq!(one.net.peers().len(), 1);
}

#[tokio::test]
async fn an_observer_is_heard_in_bulk_and_not_on_the_consensus_lane_until_it_becomes_a_validator() {
    let mut one = start(config(1)).await;
    let mut observer = start_towards(config(9), &[&one]).await;
    observer.meets(one.id()).await;
    one.meets(observer.id()).await;
    assert!(!one.net.peers()[0].is_validator);

    observer.net.send(one.id(), Class::Consensus, b"precommit".to_vec()).expect("it is taken");
    assert_eq!(observer.hears().await, NetEvent::Undelivered { to: one.id(), messages: 1 });
    observer.net.send(one.id(), Class::Bulk, b"blocks, please".to_vec()).expect("it is taken");
    assert_eq!(one.receives().await, (observer.id(), Class::Bulk, b"blocks, please".to_vec()));

    one.net.set_validators(BTreeSet::from([id(1), id(9)]));
    until(|| one.net.peers()[0].is_validator).await;
    observer.net.send(one.id(), Class::Consensus, b"precommit".to_vec()).expect("on the same connection");
    assert_eq!(
        one.hears().await,
        NetEvent::Message { from: observer.id(), class: Class::Consensus, bytes: b"precommit".to_vec() }
    );

    one.net.set_validators(BTreeSet::from([id(1)]));
    until(|| !one.net.peers()[0].is_validator).await;
    observer.net.send(one.id(), Class::Consensus, b"too late".to_vec()).expect("it is taken");
    assert_eq!(observer.hears().await, NetEvent::Undelivered { to: one.id(), messages: 1 });
}

#[tokio::test]
async fn observers_beyond_the_limit_are_refused_and_a_validator_still_finds_room() {
    let mut full = config(1);
    full.limits.observers_max = 1;
    let mut one = start(full).await;
    let early_validator = start_towards(config(2), &[&one]).await;
    one.meets(early_validator.id()).await;
    let observer = start_towards(config(10), &[&one]).await;
    one.meets(observer.id()).await;
    let mut late = start_towards(config(11), &[&one]).await;
    let validator = start_towards(config(3), &[&one]).await;
    one.meets(validator.id()).await;
    until(|| one.net.peers().iter().any(|peer| peer.node == validator.id() && peer.is_validator)).await;
    assert_eq!(late.net.send(one.id(), Class::Bulk, vec![1]), Err(SendError::NotConnected { to: one.id() }));
    assert!(late.events.try_recv().is_err(), "the late observer was never connected");
    observer.net.shutdown().await;
    late.meets(one.id()).await;
}

#[tokio::test]
async fn the_snapshot_tells_who_dialled_whom_and_from_where() {
    let (one, two) = pair().await;
    let (seen_by_one, seen_by_two) = (&one.net.peers()[0], &two.net.peers()[0]);
    assert_eq!((seen_by_one.node, seen_by_one.direction), (two.id(), Direction::Inbound));
    assert_eq!((seen_by_two.node, seen_by_two.direction), (one.id(), Direction::Outbound));
    assert!(seen_by_two.address.starts_with(&one.address), "{} is not {}", seen_by_two.address, one.address);
}

#[tokio::test]
async fn an_address_that_cannot_be_read_or_taken_is_told_to_the_operator() {
    let one = start(config(1)).await;
    let mut wrong = config(2);
    wrong.listen = vec!["127.0.0.1:26656".into()];
    let refusal = Net::start(wrong).map(|_| ()).expect_err("not a multiaddress");
    assert!(matches!(refusal, NetError::Address { .. }), "{refusal}");
    let mut taken = config(2);
    taken.listen = vec![one.address.replace("127.0.0.1", "192.0.2.1")];
    let refusal = Net::start(taken).map(|_| ()).expect_err("an address of another machine");
    assert!(matches!(refusal, NetError::Listen { .. }), "{refusal}");
}
