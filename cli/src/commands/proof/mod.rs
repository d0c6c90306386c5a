//! `urne proof`: what shows that a ballot is in the urn, as a file that `urne verify` checks without any network. It never
//! says what was chosen.
mod show;
pub(super) mod text;

pub(super) use show::ShowArgs;

use super::verify::VerifyArgs;
use crate::{
    Context,
    client::{ApiArgs, Client},
    exit::Failure,
};
use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};
use std::{
    fmt, fs,
    path::{Path, PathBuf},
    str::FromStr,
};
use urne_ballot::ShortTracker;
use urne_node::api::dto::{Handover, Hex, Proof, TrackedBallot};
use urne_types::{ElectionId, TxId};

/// Fetches a proof of vote.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct ProofArgs {
    #[command(subcommand)]
    command: Option<ProofCommand>,
    /// The ballot: its name, as `urne vote` and `urne cast` print it, or the tracker of a sealed one
    #[arg(required = true)]
    ballot: Option<Named>,
    /// The election, where a tracker is given
    #[arg(long, value_name = "ID")]
    election: Option<ElectionId>,
    /// File to write; standard output by default
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    api: ApiArgs,
}

/// What else to do with proofs.
#[derive(Debug, Subcommand)]
enum ProofCommand {
    /// Say what a proof proves, and draw it as codes to print or to scan
    Show(ShowArgs),
    /// Check a proof, without any network; `urne verify` is the same
    Verify(VerifyArgs),
}

/// How a voter names her ballot.
#[derive(Clone, Copy, Debug)]
enum Named {
    Transaction(TxId),
    Tracker(ShortTracker),
}
impl FromStr for Named {
    type Err = String;
    fn from_str(typed: &str) -> Result<Self, String> {
        let tracker = |_| typed.parse().map(Self::Tracker);
        typed.parse().map(Self::Transaction).or_else(tracker).map_err(|_: urne_ballot::Refusal| {
            "neither 64 lower-case hex digits nor a tracker's 20 characters and check character: one of them is mistyped".into()
        })
    }
}

/// A proof and whatever is needed to follow the validators from genesis to its block.
#[derive(Serialize, Deserialize)]
pub(super) struct ProofFile {
    /// The proof.
    #[serde(flatten)]
    pub(super) proof: Proof,
    /// Canonical bytes of every `Handover` before that block, in order.
    #[serde(default)]
    pub(super) handovers: Vec<Hex>,
}

#[derive(Serialize)]
struct Written {
    file: PathBuf,
    txid: TxId,
}

impl ProofArgs {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let named = match (self.command, self.ballot) {
            (Some(ProofCommand::Show(args)), _) => return args.run(context),
            (Some(ProofCommand::Verify(args)), _) => return args.run(context),
            (None, Some(named)) => named,
            (None, None) => return Err(Failure::usage("give the ballot's name or its tracker")),
        };
        let client = self.api.client(context)?;
        let txid = match (named, self.election) {
            (Named::Transaction(txid), _) => txid,
            (Named::Tracker(tracker), Some(election)) => {
                let found: TrackedBallot = client.get(&format!("/v1/elections/{election}/trackers/{tracker}"))?;
                found.txid
            }
            (Named::Tracker(_), None) => {
                return Err(Failure::usage("a tracker is looked up in one urn: give --election"));
            }
        };
        let proof = ProofFile::fetch(&client, &txid)?;
        let Some(file) = self.output else {
            context.output.say(&proof);
            return Ok(());
        };
        proof.write(&file)?;
        context.output.say(&Written { file, txid });
        Ok(())
    }
}

impl ProofFile {
    /// What a node says about that ballot, not verified yet.
    pub(super) fn fetch(client: &Client, txid: &TxId) -> Result<Self, Failure> {
        let proof: Proof = client.get(&format!("/v1/proofs/{txid}"))?;
        let handovers: Vec<Handover> = client.all("/v1/handovers", |_| {})?;
        let before = handovers.into_iter().filter(|it| it.height < proof.height).map(|it| it.handover);
        Ok(Self { handovers: before.collect(), proof })
    }
    pub(super) fn write(&self, file: &Path) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(self).expect("a proof is made of texts and lists") + "\n";
        fs::write(file, text).map_err(|e| Failure::environment(format!("{}: {e}", file.display())))
    }
}

impl fmt::Display for ProofFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The readable form would prove nothing.
        f.write_str(&serde_json::to_string_pretty(self).map_err(|_| fmt::Error)?)
    }
}
impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.file.display();
        writeln!(f, "the proof of ballot {} is in {file}", self.txid)?;
        writeln!(f, "anyone may check it: urne verify {file} --genesis genesis.toml")?;
        write!(f, "as codes, to print or to scan: urne proof show {file}")
    }
}
