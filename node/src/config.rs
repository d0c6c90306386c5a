//! This machine's settings, and where each one comes from: flags > `URNE_*` > config.toml > defaults. What all nodes must
//! agree on is in genesis.toml and never here. An unknown key is an error: a setting that is misspelt is not in force.
mod layers;

pub use layers::{ConfigError, Flag, Loaded, Origin, Setting};

use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use urne_types::{NodeId, limits::TX_BATCH_MAX};

/// The settings of one machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where citizens and programs ask.
    pub api: Api,
    /// How nodes reach each other.
    pub p2p: P2p,
    /// Transactions that wait for a block.
    pub mempool: Mempool,
    /// What one client of the API may cost.
    pub http: Http,
    /// What the operator reads.
    pub log: Log,
    /// What the operator measures.
    pub metrics: Metrics,
    /// Where secrets are, never what they are.
    pub keys: Keys,
}

/// Where citizens and programs ask.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Api {
    /// Address and port; loopback unless told otherwise.
    pub listen: SocketAddr,
}
impl Default for Api {
    fn default() -> Self {
        Self { listen: SocketAddr::from(([127, 0, 0, 1], 26_601)) }
    }
}

/// How nodes reach each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct P2p {
    /// Multiaddresses to listen on.
    pub listen: Vec<String>,
    /// Nodes to stay connected with, besides the validators of genesis.
    pub peers: Vec<Peer>,
    /// Inbound connections of nodes that do not validate.
    pub observers_max: u32,
}
impl Default for P2p {
    fn default() -> Self {
        Self { listen: vec!["/ip4/0.0.0.0/tcp/26600".into()], peers: Vec::new(), observers_max: 64 }
    }
}

/// A node to stay connected with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Peer {
    /// Its proven name.
    pub node: NodeId,
    /// Multiaddresses, tried together.
    pub addresses: Vec<String>,
}

/// Transactions that wait for a block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mempool {
    /// How many; 50,000 ballots are ten seconds at 5,000 a second.
    pub transactions_max: u32,
    /// Their bytes together.
    pub bytes_max: u64,
}
impl Default for Mempool {
    fn default() -> Self {
        Self { transactions_max: 50_000, bytes_max: 64 << 20 }
    }
}

/// What one client of the API may cost. An address is an IPv4 address, or a network of IPv6 (/64).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// Connections at once; beyond it 503 and closed. One is idle most of the time: four for each request served.
    pub connections_max: u32,
    /// Connections of one address; half of all, so that nobody takes every place.
    pub connections_per_address_max: u32,
    /// Requests served at once; beyond it 503.
    pub requests_at_once_max: u32,
    /// Requests other than transactions, a second from one address; beyond it 429.
    pub requests_per_second_max: u32,
    /// Requests that one address may make at once after a silence.
    pub requests_burst_max: u32,
    /// Transactions a second from one address, alone or in batches; beyond it 429.
    pub transactions_per_second_max: u32,
    /// Transactions that one address may send at once after a silence; a whole batch of 256 at least.
    pub transactions_burst_max: u32,
    /// Body of a POST; beyond it 413. A batch of 256 open ballots takes about 100 KiB.
    pub body_bytes_max: u32,
    /// For the headers of a request to arrive, for its body, for the answer, and for a client to take some of it; beyond it
    /// 408, 503 or a closed connection.
    pub request_timeout_ms: u64,
    /// For a connection on which nothing is asked; then it is closed without a word.
    pub idle_timeout_ms: u64,
    /// Clients of the event stream.
    pub event_streams_max: u32,
}
impl Default for Http {
    fn default() -> Self {
        Self {
            connections_max: 1_024,
            connections_per_address_max: 512,
            requests_at_once_max: 256,
            requests_per_second_max: 200,
            requests_burst_max: 400,
            transactions_per_second_max: 400,
            transactions_burst_max: 800,
            body_bytes_max: 1 << 20,
            request_timeout_ms: 10_000,
            idle_timeout_ms: 60_000,
            event_streams_max: 64,
        }
    }
}

/// What the operator reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// For people or for programs.
    pub format: LogFormat,
    /// Least severe lines shown, as in `info,urne_net=debug`.
    pub filter: String,
}
impl Default for Log {
    fn default() -> Self {
        // The core of the agreement tells each message it hears at `info`: tens of lines a block that nobody reads.
        Self { format: LogFormat::Pretty, filter: "info,arc_malachitebft=warn".into() }
    }
}

/// For people or for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// One line a person reads.
    Pretty,
    /// One JSON object a line.
    Json,
}

/// What the operator measures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metrics {
    /// Whether the API answers `/metrics` (Prometheus).
    pub enabled: bool,
}
impl Default for Metrics {
    fn default() -> Self {
        Self { enabled: true }
    }
}

/// Where secrets are, never what they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    /// File whose first line opens the validator's key; empty: asked on the terminal.
    pub passphrase_file: String,
}

impl Config {
    /// As config.toml, for `urne init`.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let head = "# This machine only: flags > URNE_* > this file > defaults; `urne config show` says where each value \
                    comes from.\n# What all nodes must agree on is in genesis.toml.\n\n";
        head.to_owned() + &toml::to_string_pretty(self).expect("settings are tables of plain values")
    }

    /// What no type says.
    fn fault(&self) -> Option<String> {
        let addresses = self.p2p.peers.iter().flat_map(|it| &it.addresses).chain(&self.p2p.listen);
        for address in addresses {
            if !address.starts_with('/') {
                return Some(format!("'{address}' is not a multiaddress: write it like /ip4/0.0.0.0/tcp/26600"));
            }
        }
        let positive = [
            u64::from(self.mempool.transactions_max),
            self.mempool.bytes_max,
            u64::from(self.http.connections_max),
            u64::from(self.http.connections_per_address_max),
            u64::from(self.http.requests_at_once_max),
            u64::from(self.http.requests_per_second_max),
            u64::from(self.http.requests_burst_max),
            u64::from(self.http.transactions_per_second_max),
            u64::from(self.http.body_bytes_max),
            self.http.request_timeout_ms,
            self.http.idle_timeout_ms,
        ];
        if positive.contains(&0) {
            return Some("a limit of 0 lets nothing through".into());
        }
        let is_narrow = usize::try_from(self.http.transactions_burst_max).is_ok_and(|it| it < TX_BATCH_MAX);
        is_narrow.then(|| format!("a batch of {TX_BATCH_MAX} transactions would never pass: allow that many at least"))
    }
}
