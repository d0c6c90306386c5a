//! One module per family of commands; each has its arguments, its doors and what it says.
mod act;
mod ballot;
mod cast;
mod census;
mod census_import;
mod completions;
mod config;
mod count;
mod credential;
mod election;
mod genesis;
mod guard;
mod init;
mod keys;
mod proof;
mod registrar;
mod rehearse;
mod rotate;
mod snapshot;
mod start;
mod status;
mod statutes;
mod testnet;
mod trustee;
mod verify;
mod version;
mod vote;

use crate::{Context, exit::Failure};
use clap::Subcommand;

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a node's folder, its keys and its settings
    Init(init::InitArgs),
    /// Run this folder's node
    Start(start::StartArgs),
    /// Hold a share of the keys of secret elections: take part in ceremonies and openings beside this folder's node
    Trustee(trustee::TrusteeArgs),
    /// Give members anonymous credentials: a roll, letters, and the process that sees identities
    #[command(subcommand)]
    Registrar(registrar::RegistrarCommand),
    /// Make, show and rotate keys; the double-sign guard
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Make a chain together: each operator adds her validator
    #[command(subcommand)]
    Genesis(genesis::GenesisCommand),
    /// Where a node stands
    Status(status::StatusArgs),
    /// Whom a node talks to
    Peers(status::PeersArgs),
    /// What is in a block
    Block(status::BlockArgs),
    /// Propose, approve and list decisions of the colleges
    #[command(subcommand)]
    Act(act::ActCommand),
    /// Elections, from a definition to a result
    #[command(subcommand)]
    Election(election::ElectionCommand),
    /// Cast a ballot
    Cast(cast::CastArgs),
    /// A voter's anonymous credential: ask for it, register it, find one's own entry
    #[command(subcommand)]
    Credential(credential::CredentialCommand),
    /// Vote in a secret election: seal a ballot here, see its tracker, cast or audit it
    Vote(vote::VoteArgs),
    /// Make an audited ballot again, and see what it says
    AuditBallot(vote::AuditBallotArgs),
    /// Fetch what shows that a ballot is in the urn
    Proof(proof::ProofArgs),
    /// Check a proof, without any network: the short form of `urne proof verify`
    Verify(verify::VerifyArgs),
    /// Make a census out of an office's sheet
    #[command(subcommand)]
    Census(census_import::CensusCommand),
    /// Try statutes before an assembly meets
    #[command(subcommand)]
    Statutes(statutes::StatutesCommand),
    /// Count a whole election: a case of the exchange format, or ballots in BLT, Pabulib or CSV
    Count(count::CountArgs),
    /// Hold the election of a file on a network of this machine, and compare its result with the count of the file
    Rehearse(rehearse::RehearseArgs),
    /// Take and restore snapshots of the ledger
    #[command(subcommand)]
    Snapshot(snapshot::SnapshotCommand),
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
            Self::Trustee(args) => args.run(context),
            Self::Registrar(command) => command.run(context),
            Self::Credential(command) => command.run(context),
            Self::Keys(command) => command.run(context),
            Self::Genesis(command) => command.run(context),
            Self::Status(args) => args.run(context),
            Self::Peers(args) => args.run(context),
            Self::Block(args) => args.run(context),
            Self::Act(command) => command.run(context),
            Self::Election(command) => command.run(context),
            Self::Cast(args) => args.run(context),
            Self::Vote(args) => args.run(context),
            Self::AuditBallot(args) => args.run(context),
            Self::Proof(args) => args.run(context),
            Self::Verify(args) => args.run(context),
            Self::Census(command) => command.run(context),
            Self::Statutes(command) => command.run(context),
            Self::Count(args) => args.run(context),
            Self::Rehearse(args) => args.run(context),
            Self::Snapshot(command) => command.run(context),
            Self::Config(command) => command.run(context),
            Self::Testnet(args) => args.run(context),
            Self::Completions(args) => args.run(),
            Self::Version => version::run(context),
        }
    }
}
