//! Gossip reaches everybody, goes no further than its verdict, and never crowds out unicast.
mod world;
use urne_net::{Class, NetEvent, SendError, Topic, Verdict};
use world::{Node, config, start, start_towards, until};

/// Three nodes in a line: one - two - three.
async fn line() -> (Node, Node, Node) {
    let mut one = start(config(1)).await;
    let mut two = start_towards(config(2), &[&one]).await;
    let mut three = start_towards(config(3), &[&two]).await;
    one.meets(two.id()).await;
    three.meets(two.id()).await;
    until(|| two.net.peers().len() == 2).await;
    // Each end has heard its neighbour, so that each knows whom to forward to.
    one.publishes(Topic::Evidence, b"one is ready").await;
    three.publishes(Topic::Evidence, b"three is ready").await;
    for _ in 0..2 {
        two.judges(Verdict::Ignore).await;
    }
    (one, two, three)
}

#[tokio::test]
async fn a_batch_reaches_all_through_nodes_that_accept_it_on_its_own_topic() {
    let (mut one, mut two, mut three) = line().await;
    for topic in Topic::ALL {
        let batch = vec![topic as u8; topic.bytes_max()];
        one.publishes(topic, &batch).await;
        assert!(two.judges(Verdict::Accept).await == (one.id(), topic, batch.clone()), "two hears it from one");
        assert!(three.judges(Verdict::Accept).await == (two.id(), topic, batch), "three hears it from two");
    }
    assert_eq!(three.net.counters().gossip.messages_in, 3);
    assert_eq!(three.net.counters().gossip.dropped, 0);
}

#[tokio::test]
async fn a_batch_that_is_rejected_or_ignored_goes_no_further() {
    let (mut one, mut two, mut three) = line().await;
    for verdict in [Verdict::Reject, Verdict::Ignore] {
        let bad = format!("{verdict:?} me").into_bytes();
        one.publishes(Topic::Ballots, &bad).await;
        assert_eq!(two.judges(verdict).await.2, bad);
    }
    two.publishes(Topic::Ballots, b"good").await;
    assert_eq!(three.judges(Verdict::Accept).await.2, b"good", "nothing came before it");
}

#[tokio::test]
async fn the_same_batch_published_by_two_nodes_is_heard_once() {
    let (mut one, mut two, mut three) = line().await;
    one.publishes(Topic::Ballots, b"twice").await;
    assert_eq!(two.judges(Verdict::Accept).await.2, b"twice");
    assert_eq!(three.judges(Verdict::Accept).await.2, b"twice");
    three.net.publish(Topic::Ballots, b"twice".to_vec()).expect("it is taken");
    three.publishes(Topic::Ballots, b"once").await;
    assert_eq!(two.judges(Verdict::Accept).await.2, b"once");
    assert_eq!(one.judges(Verdict::Accept).await.2, b"once");
}

#[tokio::test]
async fn a_publication_larger_than_its_topic_allows_is_refused() {
    let one = start(config(1)).await;
    for topic in Topic::ALL {
        let (bytes, bytes_max) = (topic.bytes_max() + 1, topic.bytes_max());
        assert_eq!(one.net.publish(topic, vec![0; bytes]), Err(SendError::TooLarge { bytes, bytes_max }));
    }
}

#[tokio::test]
async fn a_publication_that_nobody_hears_is_told() {
    let mut one = start(config(1)).await;
    one.net.publish(Topic::Headers, b"alone".to_vec()).expect("it is taken");
    assert_eq!(one.hears().await, NetEvent::Unheard { topic: Topic::Headers });
    assert_eq!(one.net.counters().gossip.undelivered, 1);
}

#[tokio::test]
async fn a_slow_reader_loses_gossip_which_is_counted_and_still_hears_unicast() {
    let mut slow = config(2);
    slow.limits.events_max = 4;
    let mut one = start(config(1)).await;
    let mut two = start_towards(slow, &[&one]).await;
    one.meets(two.id()).await;
    for number in 0..20 {
        one.publishes(Topic::Ballots, &[number]).await;
    }
    until(|| two.net.counters().gossip.dropped + two.net.counters().gossip.messages_in == 20).await;
    assert!(two.net.counters().gossip.dropped >= 16, "the channel has four places, one of them for unicast");
    one.net.send(two.id(), Class::Consensus, b"precommit".to_vec()).expect("it is taken");
    assert_eq!(two.receives().await.2, b"precommit");
}
