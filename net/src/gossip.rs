//! Gossip as we want it: anonymous, named by content, judged before it is forwarded, bounded by topic, and forgiving: a town
//! hall on a slow line is not an attacker.
use crate::{
    event::Topic,
    limits::{GOSSIP_ENVELOPE_BYTES_MAX, GOSSIP_LABEL_BYTES_MAX, GOSSIP_QUEUE_MAX},
};
use libp2p::gossipsub::{
    Behaviour, ConfigBuilder, IdentTopic, IdentityTransform, Message, MessageAuthenticity, MessageId, PeerScoreParams,
    PeerScoreThresholds, TopicHash, TopicScoreParams, ValidationMode, Version, WhitelistSubscriptionFilter,
};
use std::{collections::HashMap, time::Duration};

/// Gossip that hears of no topic but ours.
pub(crate) type Gossip = Behaviour<IdentityTransform, WhitelistSubscriptionFilter>;

/// A validator starts with this score: only a stream of rejected messages can exclude it from gossip.
const VALIDATOR_SCORE: f64 = 100.0;

/// The topics of one chain, both ways.
#[derive(Clone)]
pub(crate) struct Topics(Vec<(Topic, IdentTopic)>);

impl Topics {
    pub(crate) fn of_chain(chain: &str) -> Self {
        Self(Topic::ALL.map(|topic| (topic, IdentTopic::new(format!("urne/{chain}/{}", topic.name())))).to_vec())
    }

    pub(crate) fn hash(&self, topic: Topic) -> TopicHash {
        let (_, ident) = self.0.iter().find(|(known, _)| *known == topic).expect("every topic is in the table");
        ident.hash()
    }

    pub(crate) fn named(&self, hash: &TopicHash) -> Option<Topic> {
        self.0.iter().find(|(_, ident)| ident.hash() == *hash).map(|(topic, _)| *topic)
    }
}

/// Builds the behaviour, subscribed to every topic.
pub(crate) fn gossip(chain: &str, topics: &Topics) -> Result<Gossip, String> {
    let largest = Topic::ALL.iter().map(|topic| topic.bytes_max()).max().unwrap_or(0);
    let mut builder = ConfigBuilder::default();
    builder
        .protocol_id(format!("/urne/{chain}/gossip/1"), Version::V1_1)
        .max_transmit_size(largest + GOSSIP_ENVELOPE_BYTES_MAX)
        // No author, no sequence number, no signature: what is inside is signed, and a relay learns nothing of its origin.
        .validation_mode(ValidationMode::Anonymous)
        // Forwarded only after `NetHandle::report`: a batch of garbage dies at the first honest node.
        .validate_messages()
        .message_id_fn(|message: &Message| MessageId::from(blake3::hash(&message.data).as_bytes().to_vec()))
        .flood_publish(false)
        .connection_handler_queue_len(GOSSIP_QUEUE_MAX)
        .heartbeat_initial_delay(Duration::from_millis(500));
    for topic in Topic::ALL {
        builder.max_transmit_size_for_topic(topic.bytes_max() + GOSSIP_LABEL_BYTES_MAX, topics.hash(topic));
    }
    let config = builder.build().map_err(|error| error.to_string())?;
    let ours = Topic::ALL.iter().map(|topic| topics.hash(*topic)).collect();
    let mut gossip =
        Gossip::new_with_subscription_filter(MessageAuthenticity::Anonymous, config, WhitelistSubscriptionFilter(ours))
            .map_err(str::to_owned)?;
    gossip.with_peer_score(scores(topics), thresholds())?;
    for (_, ident) in &topics.0 {
        gossip.subscribe(ident).map_err(|error| error.to_string())?;
    }
    Ok(gossip)
}

/// Tells gossip who is a validator.
pub(crate) fn rank(gossip: &mut Gossip, peer: &libp2p::PeerId, is_validator: bool) {
    gossip.set_application_score(peer, if is_validator { VALIDATOR_SCORE } else { 0.0 });
}

/// One offence matters: messages that the reader rejected, squared. Seven of them cost an observer its place in the mesh,
/// ten its voice. Being slow, quiet, or many behind one address costs nothing.
fn scores(topics: &Topics) -> PeerScoreParams {
    let by_topic = TopicScoreParams {
        topic_weight: 1.0,
        time_in_mesh_weight: 0.1,
        time_in_mesh_quantum: Duration::from_secs(1),
        time_in_mesh_cap: 100.0,
        first_message_deliveries_weight: 0.1,
        first_message_deliveries_decay: 0.9,
        first_message_deliveries_cap: 100.0,
        mesh_message_deliveries_weight: 0.0,
        mesh_failure_penalty_weight: 0.0,
        invalid_message_deliveries_weight: -10.0,
        invalid_message_deliveries_decay: 0.9,
        ..TopicScoreParams::default()
    };
    let topics: HashMap<TopicHash, TopicScoreParams> =
        Topic::ALL.iter().map(|topic| (topics.hash(*topic), by_topic.clone())).collect();
    PeerScoreParams {
        topics,
        topic_score_cap: 60.0,
        app_specific_weight: 1.0,
        ip_colocation_factor_weight: 0.0,
        behaviour_penalty_weight: -1.0,
        behaviour_penalty_threshold: 6.0,
        behaviour_penalty_decay: 0.9,
        slow_peer_weight: 0.0,
        retain_score: Duration::from_secs(600),
        ..PeerScoreParams::default()
    }
}

fn thresholds() -> PeerScoreThresholds {
    PeerScoreThresholds {
        gossip_threshold: -500.0,
        publish_threshold: -750.0,
        graylist_threshold: -1000.0,
        ..PeerScoreThresholds::default()
    }
}
