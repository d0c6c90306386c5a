//! Peers that part meet again: after a restart, at a new address, over QUIC; and a departure is told to both sides.
mod world;
use urne_net::{Class, NetEvent, NetHandle, SendError, Topic};
use world::{config, id, pair, start, start_towards};

async fn exchange(one: &mut world::Node, two: &mut world::Node) {
    one.net.send(two.id(), Class::Consensus, b"there".to_vec()).expect("connected");
    assert_eq!(two.receives().await, (one.id(), Class::Consensus, b"there".to_vec()));
    two.net.send(one.id(), Class::Consensus, b"and back".to_vec()).expect("connected");
    assert_eq!(one.receives().await, (two.id(), Class::Consensus, b"and back".to_vec()));
}

#[tokio::test]
async fn a_node_restarted_at_its_address_is_redialled_and_messages_flow() {
    let two = start(config(2)).await;
    let mut one = start_towards(config(1), &[&two]).await;
    one.meets(id(2)).await;
    let address = two.address.clone();
    two.net.shutdown().await;
    one.loses(id(2)).await;
    let mut again = config(2);
    again.listen = vec![address];
    let mut two = start(again).await;
    one.meets(id(2)).await;
    two.meets(id(1)).await;
    exchange(&mut one, &mut two).await;
}

#[tokio::test]
async fn a_node_restarted_elsewhere_dials_back_and_messages_flow() {
    let (mut one, two) = pair().await;
    two.net.shutdown().await;
    one.loses(id(2)).await;
    let mut two = start_towards(config(2), &[&one]).await;
    one.meets(id(2)).await;
    two.meets(id(1)).await;
    exchange(&mut one, &mut two).await;
}

#[tokio::test]
async fn another_node_at_the_address_of_a_peer_is_not_taken_for_it() {
    let impostor = start(config(3)).await;
    let mut wanted = impostor.as_peer();
    wanted.node = id(2);
    let mut expecting = config(1);
    expecting.peers = vec![wanted];
    let mut one = start(expecting).await;
    let two = start_towards(config(2), &[&one]).await;
    assert_eq!(one.first(Some).await, NetEvent::Connected { peer: two.id() });
    assert_eq!(one.net.send(impostor.id(), Class::Bulk, vec![1]), Err(SendError::NotConnected { to: id(3) }));
}

#[tokio::test]
async fn a_peer_named_while_running_is_dialled() {
    let mut one = start(config(1)).await;
    let mut two = start(config(2)).await;
    one.net.set_peers(&[two.as_peer(), one.as_peer()]).expect("good addresses");
    one.meets(id(2)).await;
    two.meets(id(1)).await;
    exchange(&mut one, &mut two).await;
}

#[tokio::test]
async fn two_nodes_that_dial_each_other_at_once_meet_once_and_messages_flow() {
    let mut one = start(config(1)).await;
    let mut two = start(config(2)).await;
    one.net.set_peers(&[two.as_peer()]).expect("a good address");
    two.net.set_peers(&[one.as_peer()]).expect("a good address");
    one.meets(id(2)).await;
    two.meets(id(1)).await;
    for _ in 0..10 {
        exchange(&mut one, &mut two).await;
    }
    assert_eq!((one.net.peers().len(), two.net.peers().len()), (1, 1));
}

#[tokio::test]
async fn messages_flow_over_quic() {
    let mut listening = config(1);
    listening.listen = vec!["/ip4/127.0.0.1/udp/0/quic-v1".into()];
    let mut one = start(listening).await;
    let mut two = start_towards(config(2), &[&one]).await;
    one.meets(id(2)).await;
    two.meets(id(1)).await;
    exchange(&mut one, &mut two).await;
    assert!(two.net.peers()[0].address.contains("quic-v1"));
}

#[tokio::test]
async fn a_dns_name_is_resolved() {
    let mut one = start(config(1)).await;
    let mut named = one.as_peer();
    named.addresses = vec![one.address.replace("/ip4/127.0.0.1", "/dns4/localhost")];
    let mut two = config(2);
    two.peers = vec![named];
    let mut two = start(two).await;
    one.meets(id(2)).await;
    two.meets(id(1)).await;
}

async fn ends(net: &NetHandle) {
    net.shutdown().await;
    net.clone().shutdown().await;
    assert_eq!(net.send(id(2), Class::Bulk, vec![1]), Err(SendError::Closed));
    assert_eq!(net.publish(Topic::Ballots, vec![1]), Err(SendError::Closed));
    assert!(net.peers().is_empty());
}

#[tokio::test]
async fn a_shutdown_is_told_to_the_peers_and_refuses_what_follows() {
    let (one, mut two) = pair().await;
    ends(&one.net).await;
    two.loses(id(1)).await;
}

#[tokio::test]
async fn dropping_every_handle_or_the_reader_ends_the_node() {
    let (one, mut two) = pair().await;
    drop(one.net);
    two.loses(id(1)).await;
    let mut three = start_towards(config(3), &[&two]).await;
    three.meets(id(2)).await;
    drop(two.events);
    three.loses(id(2)).await;
}
