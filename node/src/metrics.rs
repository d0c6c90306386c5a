//! Prometheus counters and gauges. No label ever identifies a voter: the only labels are rejection names and peers' lanes.
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};
use std::sync::{Arc, Mutex, PoisonError};

/// Which rule.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct RuleLabel {
    /// Name of the rejection.
    pub rule: String,
}

/// Every series of a node.
#[derive(Clone)]
pub struct Metrics {
    registry: Arc<Mutex<Registry>>,
    /// Last committed height.
    pub height: Gauge,
    /// Blocks committed since the start.
    pub blocks: Counter,
    /// Transactions committed since the start.
    pub transactions: Counter,
    /// Bytes of blocks committed since the start.
    pub block_bytes: Counter,
    /// Rounds beyond the first that were needed.
    pub extra_rounds: Counter,
    /// Transactions refused, by rule.
    pub rejections: Family<RuleLabel, Counter>,
    /// Transactions that wait.
    pub mempool_txs: Gauge,
    /// Their bytes.
    pub mempool_bytes: Gauge,
    /// Peers connected.
    pub peers: Gauge,
    /// Latest difference between a proposal's time and ours, in milliseconds.
    pub clock_skew_ms: Gauge,
    /// Validators accused of equivocation since the start.
    pub accusations: Counter,
    /// Transactions verified since the start: each once, or something is verified twice.
    pub verifications: Counter,
    /// Batches in which they were.
    pub verification_batches: Counter,
    /// 1 when the node would answer 200 to `/readyz`.
    pub ready: Gauge,
    /// Seconds from a submission's arrival to its answer.
    pub submit_seconds: Histogram,
}

impl Metrics {
    /// All series at zero.
    #[must_use]
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("urne");
        let seconds = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0];
        let it = Self {
            registry: Arc::default(),
            height: Gauge::default(),
            blocks: Counter::default(),
            transactions: Counter::default(),
            block_bytes: Counter::default(),
            extra_rounds: Counter::default(),
            rejections: Family::default(),
            mempool_txs: Gauge::default(),
            mempool_bytes: Gauge::default(),
            peers: Gauge::default(),
            clock_skew_ms: Gauge::default(),
            accusations: Counter::default(),
            verifications: Counter::default(),
            verification_batches: Counter::default(),
            ready: Gauge::default(),
            submit_seconds: Histogram::new(seconds),
        };
        registry.register("height", "Last committed height", it.height.clone());
        registry.register("blocks", "Blocks committed since the start", it.blocks.clone());
        registry.register("transactions", "Transactions committed since the start", it.transactions.clone());
        registry.register("block_bytes", "Bytes of committed blocks", it.block_bytes.clone());
        registry.register("extra_rounds", "Rounds beyond the first", it.extra_rounds.clone());
        registry.register("rejections", "Transactions refused, by rule", it.rejections.clone());
        registry.register("mempool_transactions", "Transactions that wait", it.mempool_txs.clone());
        registry.register("mempool_bytes", "Bytes of transactions that wait", it.mempool_bytes.clone());
        registry.register("peers", "Peers connected", it.peers.clone());
        registry.register("clock_skew_milliseconds", "A proposal's time minus ours", it.clock_skew_ms.clone());
        registry.register("accusations", "Validators accused of equivocation", it.accusations.clone());
        registry.register("verifications", "Transactions verified since the start", it.verifications.clone());
        registry.register("verification_batches", "Batches in which they were", it.verification_batches.clone());
        registry.register("ready", "Whether the node is ready", it.ready.clone());
        registry.register("submit_seconds", "From a submission to its answer", it.submit_seconds.clone());
        *it.registry.lock().unwrap_or_else(PoisonError::into_inner) = registry;
        it
    }

    /// The OpenMetrics text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        let registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        encode(&mut text, &registry).expect("writing to a string cannot fail");
        text
    }
}
impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}
