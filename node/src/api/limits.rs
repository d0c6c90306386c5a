//! What the API's clients may cost. The operator sets [`HttpLimits`] in `config.toml` (`[http]`); the constants are of no
//! use to change, each with its arithmetic.
use crate::config::Http;
use std::time::Duration;
use urne_shell::http::SocketLimits;

/// Items of a page when the client does not say.
pub(crate) const PAGE_DEFAULT: usize = 100;
/// Items of a page at most: 1,000 ballots of 200 bytes are 400 KB of hex.
pub(crate) const PAGE_MAX: usize = 1_000;
/// Bytes of raw transactions in one page of ballots, after which it ends early: 2 MB of hex.
pub(crate) const PAGE_RAW_BYTES_MAX: usize = 1 << 20;
/// Silence after which an event stream sends a comment, so that proxies keep it open.
pub(crate) const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Reads of the ledger at once; others wait their turn. Two cores have no use for more.
const READS_AT_ONCE_MAX: usize = 8;

/// Bounds on the API's clients: `[http]` (see [`Http`]) in the units that the server counts in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // each is the setting of its name
pub struct HttpLimits {
    pub connections_max: usize,
    pub connections_per_address_max: usize,
    pub requests_at_once_max: usize,
    pub reads_at_once_max: usize,
    pub requests_per_second_max: u32,
    pub requests_burst_max: u32,
    pub transactions_per_second_max: u32,
    pub transactions_burst_max: u32,
    pub body_bytes_max: usize,
    pub request_timeout: Duration,
    pub answer_timeout: Duration,
    pub idle_timeout: Duration,
    pub event_streams_max: usize,
}

impl HttpLimits {
    pub(crate) fn sockets(&self) -> SocketLimits {
        SocketLimits {
            connections_max: self.connections_max,
            connections_per_address_max: self.connections_per_address_max,
            request_timeout: self.request_timeout,
            idle_timeout: self.idle_timeout,
        }
    }
}

impl From<&Http> for HttpLimits {
    fn from(it: &Http) -> Self {
        Self {
            connections_max: it.connections_max as usize,
            connections_per_address_max: it.connections_per_address_max as usize,
            requests_at_once_max: it.requests_at_once_max as usize,
            reads_at_once_max: READS_AT_ONCE_MAX,
            requests_per_second_max: it.requests_per_second_max,
            requests_burst_max: it.requests_burst_max,
            transactions_per_second_max: it.transactions_per_second_max,
            transactions_burst_max: it.transactions_burst_max,
            body_bytes_max: it.body_bytes_max as usize,
            request_timeout: Duration::from_millis(it.request_timeout_ms),
            answer_timeout: Duration::from_millis(it.request_timeout_ms),
            idle_timeout: Duration::from_millis(it.idle_timeout_ms),
            event_streams_max: it.event_streams_max as usize,
        }
    }
}
impl Default for HttpLimits {
    fn default() -> Self {
        (&Http::default()).into()
    }
}
