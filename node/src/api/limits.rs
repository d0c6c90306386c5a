//! What the API's clients may cost, each bound with its arithmetic. The operator sets the first part in `config.toml`
//! (`[http]`); the rest follows from it or is of no use to change.
use crate::config::Http;
use std::time::Duration;
use urne_types::limits::TX_BATCH_MAX;

/// Items of a page when the client does not say.
pub(crate) const PAGE_DEFAULT: usize = 100;
/// Items of a page at most: 1,000 ballots of 200 bytes are 400 KB of hex.
pub(crate) const PAGE_MAX: usize = 1_000;
/// Bytes of raw transactions in one page of ballots, after which it ends early: 2 MB of hex.
pub(crate) const PAGE_RAW_BYTES_MAX: usize = 1 << 20;
/// Addresses whose rate is remembered: 16,384 x about 60 bytes = 1 MB.
pub(crate) const ADDRESSES_MAX: usize = 16_384;
/// Clients told at once that there is no room, before they are simply disconnected.
pub(crate) const REFUSALS_AT_ONCE_MAX: usize = 64;
/// Silence after which an event stream sends a comment, so that proxies keep it open.
pub(crate) const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How long open requests may still take when the node stops; `node::run` waits five seconds.
pub(crate) const STOP_GRACE: Duration = Duration::from_secs(3);

/// Bounds on the API's clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpLimits {
    /// Connections at once; beyond it 503 and closed.
    pub connections_max: usize,
    /// Connections of one address; half of all, so that nobody takes every place.
    pub connections_per_address_max: usize,
    /// Requests served at once; beyond it 503.
    pub requests_at_once_max: usize,
    /// Reads of the ledger at once; others wait their turn. Two cores have no use for more.
    pub reads_at_once_max: usize,
    /// Requests other than transactions, a second from one address; beyond it 429.
    pub requests_per_second_max: u32,
    /// The same at once after a silence.
    pub requests_burst_max: u32,
    /// Transactions a second from one address, alone or in batches; beyond it 429.
    pub transactions_per_second_max: u32,
    /// The same at once after a silence; a whole batch at least.
    pub transactions_burst_max: u32,
    /// Body of a POST; beyond it 413.
    pub body_bytes_max: usize,
    /// For the headers to arrive, then for the body; beyond it 408. Also for a client to take some of its answer, and for a
    /// connection to be used again.
    pub request_timeout: Duration,
    /// For the replica to answer a submission; beyond it 503.
    pub answer_timeout: Duration,
    /// Event streams at once; beyond it 503.
    pub event_streams_max: usize,
}

impl From<Http> for HttpLimits {
    fn from(it: Http) -> Self {
        let requests = it.requests_at_once_max as usize;
        let batch = u32::try_from(TX_BATCH_MAX).expect("a batch is small");
        Self {
            // A connection is idle most of the time: four for each request served.
            connections_max: requests.saturating_mul(4),
            connections_per_address_max: requests.saturating_mul(2),
            requests_at_once_max: requests,
            reads_at_once_max: 8,
            requests_per_second_max: it.requests_per_second_max,
            requests_burst_max: it.requests_burst_max,
            // A ballot is asked for less than once on average: 400 a second by default.
            transactions_per_second_max: it.requests_per_second_max.saturating_mul(2),
            transactions_burst_max: it.requests_burst_max.saturating_mul(2).max(batch),
            body_bytes_max: it.body_bytes_max as usize,
            request_timeout: Duration::from_millis(it.request_timeout_ms),
            answer_timeout: Duration::from_millis(it.request_timeout_ms),
            event_streams_max: it.event_streams_max as usize,
        }
    }
}
impl Default for HttpLimits {
    fn default() -> Self {
        Http::default().into()
    }
}
