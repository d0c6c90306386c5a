//! A client of one node's API, as a stranger would write it from the published interface: plain HTTP, JSON, and raw bytes of
//! transactions. Every call is bounded in time; what it returns is checked for shape, never trusted.
use crate::people::Signed;
use anyhow::{Context, Result, bail, ensure};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::{
    io::{BufRead, BufReader, Read},
    thread,
    time::{Duration, Instant},
};
use urne_node::api::{
    BATCH_CONTENT_TYPE, BINARY_CONTENT_TYPE,
    dto::{Block, Election, Problem, Proof, Status, TxOutcomes, TxState},
};
use urne_types::{ElectionId, Height, TxId, bounded::List, codec::encode, wire::TxBatch};

/// Longest wait for an answer.
const TIMEOUT: Duration = Duration::from_secs(15);
/// Largest answer that is read.
const ANSWER_BYTES_MAX: u64 = 64 << 20;
/// How often something that is waited for is asked.
const GLANCE: Duration = Duration::from_millis(50);
/// A 429 or a 503 is tried again so many times, a little later each time.
const TRIES: u64 = 20;

/// One node's API.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    agent: ureq::Agent,
    api: String,
}

/// An answer of any status.
#[derive(Debug)]
pub(crate) struct Answer {
    /// HTTP status.
    pub(crate) status: u16,
    /// The body.
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The body, read as what it should be.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T> {
        let shown =
            || format!("an unexpected answer (status {}): {}", self.status, String::from_utf8_lossy(&self.body));
        serde_json::from_slice(&self.body).with_context(shown)
    }
    /// Refuses any status but 2xx, with the problem's own sentence.
    pub(crate) fn success(self) -> Result<Self> {
        ensure!(self.status / 100 == 2, "status {}: {}", self.status, String::from_utf8_lossy(&self.body));
        Ok(self)
    }
    /// The number of the rule, when the answer is a problem (RFC 9457).
    pub(crate) fn code(&self) -> Option<u16> {
        self.json::<Problem>().ok().map(|it| it.code)
    }
}

/// What became of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Not known, or not yet.
    Unknown,
    /// Waits for a block.
    Pending,
    /// In a block.
    Committed(Height),
    /// Refused by a numbered rule.
    Rejected(u16),
}

impl From<TxState> for Fate {
    fn from(it: TxState) -> Self {
        match it {
            TxState::Pending { .. } => Self::Pending,
            TxState::Committed { height, .. } => Self::Committed(height),
            TxState::Rejected { code, .. } => Self::Rejected(code),
        }
    }
}

impl Client {
    /// Of an API's URL.
    pub(crate) fn of(api: &str) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(TIMEOUT))
            .max_idle_connections_per_host(8)
            .build();
        Self { agent: config.into(), api: api.trim_end_matches('/').to_owned() }
    }
    /// Its URL.
    pub(crate) fn api(&self) -> &str {
        &self.api
    }
    /// Asks.
    pub(crate) fn get(&self, path: &str) -> Result<Answer> {
        let url = format!("{}{path}", self.api);
        let answer = self.agent.get(&url).call().with_context(|| format!("GET {url}"))?;
        read(answer).with_context(|| format!("GET {url}"))
    }
    /// Sends.
    pub(crate) fn post(&self, path: &str, bytes: &[u8], kind: &str) -> Result<Answer> {
        let url = format!("{}{path}", self.api);
        let answer = self.agent.post(&url).content_type(kind).send(bytes).with_context(|| format!("POST {url}"))?;
        read(answer).with_context(|| format!("POST {url}"))
    }
    /// Asks again, a little later, while the node says that it is too busy (429, 503).
    pub(crate) fn patiently(&self, ask: impl Fn(&Self) -> Result<Answer>) -> Result<Answer> {
        for attempt in 1..TRIES {
            let answer = ask(self)?;
            if answer.status != 429 && answer.status != 503 {
                return Ok(answer);
            }
            thread::sleep(Duration::from_millis(50 * attempt));
        }
        ask(self)
    }

    /// Whether `/readyz` says yes.
    pub(crate) fn is_ready(&self) -> bool {
        self.get("/readyz").is_ok_and(|it| it.status == 200)
    }
    /// Reads what a path shows.
    pub(crate) fn read<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        self.patiently(|it| it.get(path))?.success()?.json().with_context(|| format!("GET {}{path}", self.api))
    }
    /// Where the node stands.
    pub(crate) fn status(&self) -> Result<Status> {
        self.read("/v1/status")
    }
    /// Last committed height.
    pub(crate) fn height(&self) -> Result<u64> {
        Ok(self.status()?.height.get())
    }
    /// A block.
    pub(crate) fn block(&self, height: u64) -> Result<Block> {
        self.read(&format!("/v1/blocks/{height}"))
    }
    /// An election.
    pub(crate) fn election(&self, id: &ElectionId) -> Result<Election> {
        self.read(&format!("/v1/elections/{id}"))
    }
    /// How many have voted in it.
    pub(crate) fn voted(&self, id: &ElectionId) -> Result<u64> {
        Ok(self.election(id)?.turnout.voted.0)
    }
    /// Its result, as JSON: the exchange format's keys.
    pub(crate) fn result(&self, id: &ElectionId) -> Result<Value> {
        self.read(&format!("/v1/elections/{id}/result"))
    }
    /// The proof of vote of a ballot: its canonical bytes.
    pub(crate) fn proof(&self, id: &TxId) -> Result<Vec<u8>> {
        let proof: Proof = self.read(&format!("/v1/proofs/{id}"))?;
        Ok(proof.proof.0)
    }
    /// The metrics, by name.
    pub(crate) fn metric(&self, name: &str) -> Result<u64> {
        let text = String::from_utf8(self.get("/metrics")?.success()?.body)?;
        Ok(sum_of(&text, name))
    }

    /// Sends one transaction.
    pub(crate) fn submit(&self, tx: &Signed) -> Result<Answer> {
        self.post("/v1/transactions", &tx.raw.0, BINARY_CONTENT_TYPE)
    }
    /// Sends up to 256 transactions: the fate of each; none when the node is too busy now.
    pub(crate) fn submit_many(&self, txs: &[&Signed]) -> Result<Option<Vec<Fate>>> {
        let txs = TxBatch { txs: List::new(txs.iter().map(|it| it.raw.0.clone()).collect())? };
        let answer = self.post("/v1/transactions", &encode(&txs), BATCH_CONTENT_TYPE)?;
        if answer.status == 429 || answer.status == 503 {
            return Ok(None);
        }
        // 422: every one was refused, and the list says why.
        let answer = if answer.status == 422 { answer } else { answer.success()? };
        let outcomes: TxOutcomes = answer.json()?;
        Ok(Some(outcomes.items.into_iter().map(Fate::from).collect()))
    }
    /// What became of a transaction.
    pub(crate) fn fate(&self, id: &TxId) -> Result<Fate> {
        let answer = self.patiently(|it| it.get(&format!("/v1/transactions/{id}")))?;
        if answer.status == 404 {
            return Ok(Fate::Unknown);
        }
        Ok(answer.success()?.json::<TxState>()?.into())
    }
    /// Sends a transaction and waits until it is in a block.
    pub(crate) fn commit(&self, tx: &Signed, at_most: Duration) -> Result<Height> {
        self.patiently(|it| it.submit(tx))?.success().with_context(|| format!("submitting {}", tx.id))?;
        self.committed(&tx.id, at_most)
    }
    /// Waits until a transaction is in a block.
    pub(crate) fn committed(&self, id: &TxId, at_most: Duration) -> Result<Height> {
        let until = Instant::now() + at_most;
        loop {
            match self.fate(id)? {
                Fate::Committed(height) => return Ok(height),
                Fate::Rejected(code) => bail!("transaction {id} was refused by rule {code}"),
                Fate::Unknown | Fate::Pending if until < Instant::now() => {
                    bail!("transaction {id} was not committed in {} s", at_most.as_secs())
                }
                Fate::Unknown | Fate::Pending => thread::sleep(GLANCE),
            }
        }
    }
    /// Waits until something is so.
    pub(crate) fn until(
        &self,
        at_most: Duration,
        what: &str,
        is_so: impl Fn(&Self) -> Result<bool>,
    ) -> Result<Duration> {
        let since = Instant::now();
        while !is_so(self)? {
            ensure!(since.elapsed() < at_most, "{} did not {what} in {} s", self.api, at_most.as_secs());
            thread::sleep(GLANCE);
        }
        Ok(since.elapsed())
    }

    /// The stream of events, as they come: kind and data. Ends when the node does, or after `at_most` of silence.
    pub(crate) fn events(&self) -> Result<Events> {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let url = format!("{}/v1/events", self.api);
        let answer = agent.get(&url).call().with_context(|| format!("GET {url}"))?;
        ensure!(answer.status() == 200, "GET {url}: status {}", answer.status());
        Ok(Events { lines: BufReader::new(Box::new(answer.into_body().into_reader())) })
    }
}

/// Server-sent events of a node.
pub(crate) struct Events {
    lines: BufReader<Box<dyn Read + Send>>,
}

impl Iterator for Events {
    type Item = (String, Value);

    fn next(&mut self) -> Option<Self::Item> {
        let (mut kind, mut data) = (String::new(), String::new());
        loop {
            let mut line = String::new();
            if self.lines.read_line(&mut line).ok()? == 0 {
                return None;
            }
            let line = line.trim_end();
            if let Some(it) = line.strip_prefix("event:") {
                it.trim().clone_into(&mut kind);
            } else if let Some(it) = line.strip_prefix("data:") {
                data.push_str(it.trim());
            } else if line.is_empty() && !data.is_empty() {
                return Some((kind, serde_json::from_str(&data).unwrap_or(Value::Null)));
            }
        }
    }
}

fn read(answer: ureq::http::Response<ureq::Body>) -> Result<Answer> {
    let status = answer.status().as_u16();
    let body = answer.into_body().into_with_config().limit(ANSWER_BYTES_MAX).read_to_vec()?;
    Ok(Answer { status, body })
}

/// The sum of a metric over its labels, in the OpenMetrics text.
fn sum_of(text: &str, name: &str) -> u64 {
    let value = |line: &str| {
        let rest = line.strip_prefix(name)?;
        let is_whole_name = rest.starts_with([' ', '{']);
        is_whole_name.then(|| rest.rsplit(' ').next()?.parse::<u64>().ok())?
    };
    text.lines().filter_map(value).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_is_summed_over_its_labels_and_never_over_its_namesakes() {
        let text =
            "urne_rejections_total{rule=\"a\"} 2\nurne_rejections_total{rule=\"b\"} 3\nurne_rejections_total_x 9\n";
        assert_eq!(sum_of(text, "urne_rejections_total"), 5);
        assert_eq!(sum_of("urne_height 12\n", "urne_height"), 12);
    }
}
