//! Every queue, size and wait of the network in one place, each with its arithmetic. No allocation follows a peer's claim
//! beyond these numbers.
use std::time::Duration;

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// What an operator or a test may change; the defaults suit a town hall's machine.
#[derive(Clone, Debug)]
pub struct NetLimits {
    /// Largest unicast message, in bytes: a block of 2 MiB, its certificate and envelope, doubled.
    pub message_bytes_max: usize,
    /// Consensus messages that may wait for one peer. 100 validators x 3 messages x 10 rounds, rounded up.
    pub consensus_queue_messages_max: usize,
    /// Bytes of consensus messages that may wait for one peer: 16 full blocks with their envelope.
    pub consensus_queue_bytes_max: usize,
    /// Bulk messages that may wait for one peer.
    pub bulk_queue_messages_max: usize,
    /// Bytes of bulk messages that may wait for one peer: 4 of the largest.
    pub bulk_queue_bytes_max: usize,
    /// Bytes of bulk messages that all peers together may have arriving or waiting for the reader: 64 of the largest.
    pub bulk_arriving_bytes_max: usize,
    /// Gossip messages published here that may wait for the network task: 1,024 x 64 KiB = 64 MiB.
    pub publications_max: usize,
    /// Events that may wait for the reader; gossip yields the last quarter to unicast.
    pub events_max: usize,
    /// Inbound connections of peers that are not validators.
    pub observers_max: u32,
    /// Connections shaking hands, each way.
    pub pending_connections_max: u32,
    /// Connections with one peer: two, because both may dial at the same instant.
    pub connections_per_peer_max: u32,
    /// An observer's connection without a stream is closed after this; validators and kept peers stay.
    pub idle_timeout: Duration,
    /// From sending a unicast to its acknowledgement. Longer than the worst reader's pause, shorter than a human's patience.
    pub request_timeout: Duration,
}

impl Default for NetLimits {
    fn default() -> Self {
        Self {
            message_bytes_max: 4 * MIB,
            consensus_queue_messages_max: 4096,
            consensus_queue_bytes_max: 64 * MIB,
            bulk_queue_messages_max: 64,
            bulk_queue_bytes_max: 16 * MIB,
            bulk_arriving_bytes_max: 256 * MIB,
            publications_max: 1024,
            events_max: 4096,
            observers_max: 64,
            pending_connections_max: 64,
            connections_per_peer_max: 2,
            idle_timeout: Duration::from_secs(60),
            request_timeout: Duration::from_secs(10),
        }
    }
}

/// Consensus messages sent to one peer and not yet acknowledged: at 50 ms of round trip, 1,280 messages a second.
pub(crate) const CONSENSUS_IN_FLIGHT_MAX: usize = 64;
/// Bulk messages sent to one peer and not yet acknowledged: at 50 ms of round trip, 80 blocks a second.
pub(crate) const BULK_IN_FLIGHT_MAX: usize = 4;
/// Streams of one connection on the consensus lane: both directions full, twice.
pub(crate) const CONSENSUS_STREAMS_MAX: usize = 4 * CONSENSUS_IN_FLIGHT_MAX;
/// Streams of one connection on the bulk lane: both directions full, twice; an observer holds at most 16 messages here.
pub(crate) const BULK_STREAMS_MAX: usize = 4 * BULK_IN_FLIGHT_MAX;
/// Events of our own (connections, failures) waiting for the reader; beyond it the swarm itself is no longer polled.
pub(crate) const NOTICES_MAX: usize = 4096;
/// Verdicts waiting for the network task; beyond it they are dropped and counted, and the messages not forwarded.
pub(crate) const REPORTS_MAX: usize = 16_384;

/// Ballots travel in batches of at most 64 KiB, and their envelope.
pub(crate) const BALLOTS_BYTES_MAX: usize = 68 * KIB;
/// A header is about 500 bytes and its certificate 110 bytes a validator: 256 validators.
pub(crate) const HEADERS_BYTES_MAX: usize = 32 * KIB;
/// Two signed messages and their proof are under 2 KiB.
pub(crate) const EVIDENCE_BYTES_MAX: usize = 16 * KIB;
/// What gossipsub counts with a message on arrival, and not on departure: the topic name (5 + 64 + 9 bytes) and its tags.
pub(crate) const GOSSIP_LABEL_BYTES_MAX: usize = 128;
/// What gossipsub wraps around a message: topic name, ids, control messages.
pub(crate) const GOSSIP_ENVELOPE_BYTES_MAX: usize = 8 * KIB;
/// Gossip messages waiting for one slow peer: 256 x 68 KiB = 17 MiB, then dropped.
pub(crate) const GOSSIP_QUEUE_MAX: usize = 256;

/// First wait before redialling a kept peer.
pub(crate) const REDIAL_FIRST_MS: u64 = 250;
/// Longest wait before redialling a kept peer.
pub(crate) const REDIAL_LAST_MS: u64 = 10_000;
/// A handshake (TCP, Noise, Yamux) that takes longer is abandoned, and frees its pending slot.
pub(crate) const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(5);
/// Silence is tested this often,
pub(crate) const PING_INTERVAL: Duration = Duration::from_secs(5);
/// and a peer that does not answer for this long is disconnected.
pub(crate) const PING_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a shutdown waits for connections to close politely.
pub(crate) const FAREWELL_TIMEOUT: Duration = Duration::from_secs(1);
