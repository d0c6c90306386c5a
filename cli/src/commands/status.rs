//! `urne status`, `urne peers`, `urne block`: where a node stands, whom it talks to, and what is in a block.
use crate::{Context, client::ApiArgs, exit::Failure};
use clap::Args;
use serde::Serialize;
use std::fmt;
use urne_node::api::dto::{Block, Consensus, Page, Peer, Status};

/// Where a node stands.
#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    api: ApiArgs,
}

/// Whom a node talks to.
#[derive(Debug, Args)]
pub(crate) struct PeersArgs {
    #[command(flatten)]
    api: ApiArgs,
}

/// What is in a block.
#[derive(Debug, Args)]
pub(crate) struct BlockArgs {
    /// A height, or latest
    #[arg(value_name = "HEIGHT|latest")]
    height: String,
    #[command(flatten)]
    api: ApiArgs,
}

#[derive(Serialize)]
#[serde(transparent)]
struct ShownStatus(Status);
#[derive(Serialize)]
#[serde(transparent)]
struct ShownPeers(Page<Peer>);
#[derive(Serialize)]
#[serde(transparent)]
struct ShownBlock(Block);

impl StatusArgs {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        context.output.say(&ShownStatus(self.api.client(context)?.get("/v1/status")?));
        Ok(())
    }
}
impl PeersArgs {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        context.output.say(&ShownPeers(self.api.client(context)?.get("/v1/peers")?));
        Ok(())
    }
}
impl BlockArgs {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let client = self.api.client(context)?;
        let height = match self.height.as_str() {
            "latest" => client.get::<Status>("/v1/status")?.height.get(),
            text => text.parse().map_err(|_| Failure::usage(format!("'{text}' is neither a height nor 'latest'")))?,
        };
        context.output.say(&ShownBlock(client.get(&format!("/v1/blocks/{height}"))?));
        Ok(())
    }
}

impl fmt::Display for ShownStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let it = &self.0;
        writeln!(f, "chain     {} '{}'", it.chain_id, it.name)?;
        writeln!(f, "height    {} at {}, {}", it.height, it.time, doing(&it.consensus))?;
        writeln!(f, "peers     {}, {} transactions wait", it.peers, it.mempool.transactions)?;
        for college in &it.colleges {
            writeln!(f, "college   {} {}: power {}", college.college, college.name, college.power)?;
        }
        for it in &it.absent {
            writeln!(f, "absent    {} of {} ({})", it.name, it.college_name, it.validator)?;
        }
        for it in &it.pending_suspensions {
            writeln!(f, "ALARM     {} should be out ({}), but the chain would break: replace it", it.name, it.reason)?;
        }
        Ok(())
    }
}

fn doing(consensus: &Consensus) -> String {
    match consensus {
        Consensus::Idle => "idle".into(),
        Consensus::Deciding => "deciding".into(),
        Consensus::WaitingForQuorum { present, needed } => {
            format!("waiting for a quorum: power {present} is present, {needed} is needed")
        }
        Consensus::Syncing => "fetching blocks".into(),
        Consensus::WatchOnly => "watching without signing".into(),
    }
}

impl fmt::Display for ShownPeers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for it in &self.0.items {
            let kind = if it.is_validator { "validator" } else { "observer" };
            writeln!(f, "{} {kind} at {}, since {}", it.node, it.address, it.connected_since)?;
        }
        write!(f, "{} peers", self.0.items.len())
    }
}

impl fmt::Display for ShownBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Block { height, hash, header, certificate, txs, .. } = &self.0;
        writeln!(f, "block {height} {hash}")?;
        writeln!(f, "  at {}, proposed by {} in round {}", header.time, header.proposer, header.round)?;
        writeln!(f, "  state after it {}", header.app_hash)?;
        writeln!(f, "  signed by {} validators, holds {} transactions", certificate.signatures.len(), txs.len())?;
        txs.iter().try_for_each(|it| writeln!(f, "  {it}"))
    }
}
