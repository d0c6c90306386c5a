//! `urne proof`: what shows that a ballot is in the urn, as a file that `urne verify` checks without any network. It never
//! says what was chosen.
mod show;
pub(super) mod text;

use crate::{Context, client::ApiArgs, exit::Failure};
use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};
use std::{fmt, fs, path::PathBuf};
use urne_node::api::dto::{Handover, Hex, Proof};
use urne_types::TxId;

/// Fetches a proof of vote.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct ProofArgs {
    #[command(subcommand)]
    command: Option<ProofCommand>,
    /// The ballot's tracker
    #[arg(required = true)]
    txid: Option<TxId>,
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
    Show(show::ShowArgs),
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
        let txid = match (self.command, self.txid) {
            (Some(ProofCommand::Show(args)), _) => return args.run(context),
            (None, Some(txid)) => txid,
            (None, None) => return Err(Failure::usage("give the ballot's tracker")),
        };
        let client = self.api.client(context)?;
        let proof: Proof = client.get(&format!("/v1/proofs/{txid}"))?;
        let handovers: Vec<Handover> = client.all("/v1/handovers", |_| {})?;
        let before = handovers.into_iter().filter(|it| it.height < proof.height).map(|it| it.handover);
        let proof = ProofFile { handovers: before.collect(), proof };
        let Some(file) = self.output else {
            context.output.say(&proof);
            return Ok(());
        };
        let text = serde_json::to_string_pretty(&proof).expect("a proof is made of texts and lists") + "\n";
        fs::write(&file, text).map_err(|e| Failure::environment(format!("{}: {e}", file.display())))?;
        context.output.say(&Written { file, txid });
        Ok(())
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
