//! One module per family of commands; each has its arguments, its doors and what it says.
mod completions;
mod config;
mod genesis;
mod guard;
mod init;
mod keys;
mod rotate;
mod start;
mod testnet;
mod version;

use crate::{Context, exit::Failure};
use clap::Subcommand;

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a node's folder, its keys and its settings
    Init(init::InitArgs),
    /// Run this folder's node
    Start(start::StartArgs),
    /// Make, show and rotate keys; the double-sign guard
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Make a chain together: each operator adds her validator
    #[command(subcommand)]
    Genesis(genesis::GenesisCommand),
    /// This machine's settings
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Make the folders of a whole network on one machine
    Testnet(testnet::TestnetArgs),
    /// Completions for a shell
    Completions(completions::CompletionsArgs),
    /// Version of the program and of the protocol
    Version,
}

impl Command {
    /// Runs it.
    pub(crate) fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Init(args) => args.run(context),
            Self::Start(args) => args.run(context),
            Self::Keys(command) => command.run(context),
            Self::Genesis(command) => command.run(context),
            Self::Config(command) => command.run(context),
            Self::Testnet(args) => args.run(context),
            Self::Completions(args) => args.run(),
            Self::Version => version::run(context),
        }
    }
}
