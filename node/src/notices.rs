//! The one table from what a replica tells to what the world sees: a log line, a metric, an event of the stream.
use crate::metrics::RuleLabel;
use crate::shared::{Shared, StreamEvent};
use serde_json::json;
use std::sync::Arc;
use urne_replica::{Notice, Status, Submission, WhereWeAre};
use urne_types::Rejection;
use urne_vote_contract::Event;

/// A difference of clocks that an operator should look at.
const SKEW_WARNING_MS: i64 = 250;
/// A difference at which proposals are refused.
const SKEW_ERROR_MS: i64 = 2_500;

/// See the module.
#[derive(Clone)]
pub struct Notices {
    shared: Arc<Shared>,
}

impl Notices {
    /// Tells through the node's public side.
    #[must_use]
    pub fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// One row of the table.
    pub fn tell(&self, notice: Notice) {
        let metrics = &self.shared.metrics;
        match notice {
            Notice::Submitted { ticket, outcomes } => {
                for outcome in &outcomes {
                    if let Submission::Refused { rejection, .. } = outcome {
                        self.count(*rejection);
                    }
                }
                self.shared.answer(ticket, outcomes);
            }
            Notice::Heard { ids } => self.shared.heard(&ids),
            Notice::Dropped { id, rejection } => {
                self.count(rejection);
                self.shared.dropped(id, rejection);
            }
            Notice::Started { height, reason } => tracing::debug!(%height, ?reason, "a height begins"),
            Notice::EnteredRound { height, round, proposer } => {
                if 0 < round.get() {
                    metrics.extra_rounds.inc();
                    tracing::info!(%height, %round, %proposer, "another round is needed");
                }
            }
            Notice::Committed { height, block, time, round, proposer, txs, bytes, events } => {
                self.shared.committed(&txs);
                metrics.height.set(i64::try_from(height.get()).unwrap_or(i64::MAX));
                metrics.blocks.inc();
                metrics.transactions.inc_by(txs.len() as u64);
                metrics.block_bytes.inc_by(bytes as u64);
                tracing::info!(%height, %block, %round, txs = txs.len(), bytes, "committed");
                let data = json!({
                    "height": height, "hash": block, "time": time, "round": round, "proposer": proposer,
                    "transactions": txs.len().to_string(),
                });
                self.send("block", &data);
                // One event per ballot would drown the stream at a thousand a block; a ballot is asked for by its tracker.
                let told = events.into_iter().filter(|it| !matches!(it, Event::BallotAccepted { .. }));
                for event in told {
                    self.send("event", &json!({ "height": height, "event": event }));
                }
            }
            Notice::Syncing { from, to } => tracing::info!(%from, %to, "fetching blocks"),
            Notice::Accused { validator } => {
                metrics.accusations.inc();
                tracing::error!(%validator, "a validator signed two different messages: evidence is on its way");
                self.send("accusation", &json!({ "validator": validator }));
            }
            Notice::PeerFault { peer, sentence } => tracing::warn!(%peer, "{sentence}"),
            Notice::ClockSkew { proposer, millis } => {
                metrics.clock_skew_ms.set(millis);
                if SKEW_ERROR_MS < millis.abs() {
                    tracing::error!(
                        %proposer, millis,
                        "a proposal's time is far from this machine's clock: one of the two is wrong. Set the clock (NTP); \
                         until then this node refuses such proposals and follows what the others decide"
                    );
                } else if SKEW_WARNING_MS < millis.abs() {
                    tracing::warn!(%proposer, millis, "a proposal's time differs from this machine's clock: check NTP on both");
                }
            }
            Notice::WatchOnly { until } => tracing::warn!(
                %until,
                "the double-sign guard is ahead of the write-ahead log: this node follows without signing until then"
            ),
        }
    }

    /// The status, when it has changed enough to be looked at.
    pub fn publish(&self, status: &Status) {
        let metrics = &self.shared.metrics;
        metrics.mempool_txs.set(i64::try_from(status.mempool_txs).unwrap_or(i64::MAX));
        metrics.mempool_bytes.set(i64::try_from(status.mempool_bytes).unwrap_or(i64::MAX));
        metrics.ready.set(i64::from(is_ready(status)));
        self.shared.status.send_replace(Some(status.clone()));
    }

    fn count(&self, rejection: Rejection) {
        self.shared.metrics.rejections.get_or_create(&RuleLabel { rule: rejection.name().into() }).inc();
    }

    fn send(&self, kind: &'static str, data: &serde_json::Value) {
        let _ = self.shared.events.send(StreamEvent { kind, json: data.to_string() }); // nobody may be listening
    }
}

/// Whether the node serves what it should: it agrees, or follows, and is not behind.
#[must_use]
pub fn is_ready(status: &Status) -> bool {
    match status.consensus {
        WhereWeAre::Idle | WhereWeAre::Deciding | WhereWeAre::WatchOnly => true,
        WhereWeAre::WaitingForQuorum { .. } | WhereWeAre::Syncing => false,
    }
}
