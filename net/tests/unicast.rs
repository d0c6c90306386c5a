//! One message from one node to another: it arrives whole, or its sender learns that it did not.
mod world;
use urne_net::{Class, NetEvent, SendError};
use world::{config, id, pair, pair_of, start, start_towards, until};

#[tokio::test]
async fn four_nodes_meet_and_each_hears_each_other_one_under_its_own_name() {
    let one = start(config(1)).await;
    let two = start_towards(config(2), &[&one]).await;
    let three = start_towards(config(3), &[&one, &two]).await;
    let four = start_towards(config(4), &[&one, &two, &three]).await;
    let mut nodes = [one, two, three, four];
    for node in &mut nodes {
        until(|| node.net.peers().len() == 3).await;
    }
    for sender in &nodes {
        for receiver in nodes.iter().filter(|receiver| receiver.id() != sender.id()) {
            let text = format!("{} to {}", sender.id(), receiver.id());
            sender.net.send(receiver.id(), Class::Consensus, text.into_bytes()).expect("it is taken");
        }
    }
    for receiver in &mut nodes {
        for _ in 0..3 {
            let (from, class, bytes) = receiver.receives().await;
            assert_eq!(class, Class::Consensus);
            assert_eq!(bytes, format!("{from} to {}", receiver.id()).into_bytes());
        }
    }
    assert!(nodes.iter().all(|node| node.net.peers().iter().all(|peer| peer.is_validator)));
}

#[tokio::test]
async fn two_mebibytes_arrive_intact_on_both_lanes() {
    let (one, mut two) = pair().await;
    let block: Vec<u8> = (0..2_u32 << 20).map(|index| index.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
    for class in [Class::Consensus, Class::Bulk] {
        one.net.send(two.id(), class, block.clone()).expect("it is taken");
        assert!(two.receives().await == (one.id(), class, block.clone()), "the block is changed on the way");
    }
}

#[tokio::test]
async fn an_empty_message_and_one_of_exactly_the_limit_arrive_and_one_byte_more_is_refused_to_its_sender() {
    let mut small = config(1);
    small.limits.message_bytes_max = 1000;
    let (one, mut two) = pair_of(small, config(2)).await;
    for bytes in [0, 1000] {
        one.net.send(two.id(), Class::Bulk, vec![7; bytes]).expect("it is taken");
        assert_eq!(two.receives().await.2.len(), bytes);
    }
    let refusal = one.net.send(two.id(), Class::Bulk, vec![7; 1001]);
    assert_eq!(refusal, Err(SendError::TooLarge { bytes: 1001, bytes_max: 1000 }));
}

#[tokio::test]
async fn an_oversized_message_is_refused_by_its_receiver_told_to_its_sender_and_the_connection_survives() {
    let mut small = config(2);
    small.limits.message_bytes_max = 1000;
    let (mut one, mut two) = pair_of(config(1), small).await;
    for class in [Class::Consensus, Class::Bulk] {
        one.net.send(two.id(), class, vec![7; 100_000]).expect("its own limit allows it");
        assert_eq!(one.hears().await, NetEvent::Undelivered { to: two.id(), messages: 1 });
        one.net.send(two.id(), class, vec![7; 1000]).expect("still connected");
        assert_eq!(two.hears().await, NetEvent::Message { from: one.id(), class, bytes: vec![7; 1000] });
    }
    assert_eq!(two.net.counters().oversized_refused, 2);
    assert_eq!(one.net.counters().consensus_resets, 0);
}

#[tokio::test]
async fn a_message_to_an_absent_peer_is_refused_at_once() {
    let (one, _two) = pair().await;
    for absent in [id(3), one.id()] {
        let refusal = one.net.send(absent, Class::Consensus, vec![1]);
        assert_eq!(refusal, Err(SendError::NotConnected { to: absent }));
    }
}

#[tokio::test]
async fn what_a_peer_had_not_acknowledged_when_it_left_is_told_undelivered() {
    let mut deaf = config(2);
    deaf.limits.events_max = 1;
    let mut one = start(config(1)).await;
    let two = start_towards(deaf, &[&one]).await;
    one.meets(two.id()).await;
    // Two never reads: its channel holds the word that it is connected, and acknowledges nothing.
    for number in 0..100 {
        one.net.send(two.id(), Class::Consensus, vec![number]).expect("it is taken");
    }
    two.net.shutdown().await;
    assert_eq!(one.is_told_undelivered(two.id()).await, 100);
    one.loses(two.id()).await;
    assert_eq!(one.net.counters().consensus.undelivered, 100);
    let refusal = one.net.send(two.id(), Class::Consensus, vec![1]);
    assert_eq!(refusal, Err(SendError::NotConnected { to: two.id() }));
}

#[tokio::test]
async fn a_slow_reader_loses_no_unicast() {
    let mut slow = config(2);
    slow.limits.events_max = 1;
    let mut one = start(config(1)).await;
    let mut two = start_towards(slow, &[&one]).await;
    one.meets(two.id()).await;
    for number in 0..200 {
        one.net.send(two.id(), Class::Consensus, vec![number]).expect("it is taken");
    }
    let mut heard = Vec::new();
    for _ in 0..200 {
        heard.extend(two.receives().await.2);
    }
    heard.sort_unstable();
    assert_eq!(heard, (0..200).collect::<Vec<u8>>());
}

#[tokio::test]
async fn a_validator_that_acknowledges_nothing_is_reset_when_its_queue_overflows_and_met_again() {
    let mut impatient = config(1);
    impatient.limits.consensus_queue_messages_max = 8;
    let mut deaf = config(2);
    deaf.limits.events_max = 1;
    let mut one = start(impatient).await;
    let two = start_towards(deaf, &[&one]).await;
    one.meets(two.id()).await;
    let mut taken = 0;
    // The window is 64 and the queue 8, whatever the task has launched meanwhile.
    let refusal = loop {
        match one.net.send(two.id(), Class::Consensus, vec![1]) {
            Ok(()) => taken += 1,
            Err(refusal) => break refusal,
        }
        tokio::task::yield_now().await;
        assert!(taken <= 64 + 8, "the queue has no end");
    };
    assert_eq!(refusal, SendError::Overflow { to: two.id() });
    assert_eq!(one.is_told_undelivered(two.id()).await, taken);
    one.loses(two.id()).await;
    assert_eq!(one.net.counters().consensus_resets, 1);
    one.meets(two.id()).await;
}

#[tokio::test]
async fn a_validator_that_acknowledges_nothing_in_time_is_reset_and_met_again() {
    let mut impatient = config(1);
    impatient.limits.request_timeout = std::time::Duration::from_millis(200);
    let mut deaf = config(2);
    deaf.limits.events_max = 1;
    let mut one = start(impatient).await;
    let two = start_towards(deaf, &[&one]).await;
    one.meets(two.id()).await;
    one.net.send(two.id(), Class::Consensus, vec![1]).expect("it is taken");
    assert_eq!(one.hears().await, NetEvent::Undelivered { to: two.id(), messages: 1 });
    one.loses(two.id()).await;
    assert_eq!(one.net.counters().consensus_resets, 1);
    one.meets(two.id()).await;
}

#[tokio::test]
async fn bulk_for_a_slow_peer_drops_its_oldest_message_and_counts_it_and_never_resets() {
    let mut sender = config(1);
    sender.limits.bulk_queue_messages_max = 2;
    let mut slow = config(2);
    slow.limits.events_max = 1;
    let mut one = start(sender).await;
    let mut two = start_towards(slow, &[&one]).await;
    one.meets(two.id()).await;
    // Four fill the window.
    for number in 0..4 {
        one.net.send(two.id(), Class::Bulk, vec![number]).expect("it is taken");
        until(|| one.net.counters().bulk.messages_out == u64::from(number) + 1).await;
    }
    // Of five more, the last two find a place.
    for number in 4..9 {
        one.net.send(two.id(), Class::Bulk, vec![number]).expect("it is taken");
    }
    assert_eq!(one.net.counters().bulk.dropped, 3);
    let mut heard = Vec::new();
    for _ in 0..6 {
        heard.extend(two.receives().await.2);
    }
    heard.sort_unstable();
    assert_eq!(heard, [0, 1, 2, 3, 7, 8]);
    assert_eq!(one.net.counters().consensus_resets, 0);
}
