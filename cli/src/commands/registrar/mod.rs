//! `urne registrar`: the process that gives members anonymous credentials, and what it needs: its key, its book, its roll.
mod init;
mod ledger;
mod roll;
mod run;

pub(super) use ledger::path_of;

use crate::{Context, exit::Failure};
use clap::Subcommand;

/// What a registrar does.
#[derive(Debug, Subcommand)]
pub(crate) enum RegistrarCommand {
    /// Make a registrar's key and its book
    Init(init::InitArgs),
    /// Make, out of an office's sheet, a census of salted commitments, the registrars' roll and a letter to each member
    Roll(roll::RollArgs),
    /// Give credentials: take part in ceremonies, send codes, approve requests, answer them
    Run(run::RunArgs),
}

impl RegistrarCommand {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Init(args) => args.run(context),
            Self::Roll(args) => args.run(context),
            Self::Run(args) => args.run(context),
        }
    }
}
