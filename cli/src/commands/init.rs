//! `urne init`: a node's folder with its own keys. Nothing is generated anywhere else, and nothing is ever overwritten.
use crate::{Context, exit::Failure, passphrase::SealArgs};
use clap::Args;
use serde::Serialize;
use std::{fmt, path::PathBuf};
use urne_ballot::TallyGuard;
use urne_node::{
    config::Config,
    disk,
    genesis_file::{self, CheckedGenesis},
    guard::GuardFile,
    home::Home,
    keystore::{KeyFile, KeyRole, Protection},
};
use urne_types::{NodeId, PublicKey, SecretKey, ValidatorId};

/// Makes a node's folder.
#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    #[command(flatten)]
    seal: SealArgs,
    /// Make an administrator's key here too
    #[arg(long)]
    with_administrator_key: bool,
    /// Start from a finished genesis.toml
    #[arg(long, value_name = "FILE")]
    genesis: Option<PathBuf>,
}

/// A node just made.
#[derive(Serialize)]
pub(crate) struct NewNode {
    /// Its folder.
    pub(crate) home: PathBuf,
    /// Its name in the agreement.
    pub(crate) validator: ValidatorId,
    /// Its consensus key.
    pub(crate) validator_key: PublicKey,
    /// Its name on the network.
    pub(crate) node: NodeId,
    /// Its key as a trustee of secret elections.
    pub(crate) trustee_key: PublicKey,
    /// Its administrator's key.
    pub(crate) administrator_key: Option<PublicKey>,
}

impl InitArgs {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        // Everything that may be refused comes before the first file.
        let genesis = self.genesis.as_deref().map(CheckedGenesis::read).transpose()?;
        let chosen = self.seal.choose()?;
        let made = make(&context.home, &Config::default(), &chosen.protection(), self.with_administrator_key)?;
        if let Some(genesis) = genesis {
            genesis_file::write(&context.home.genesis_file(), genesis.get())?;
        }
        context.output.say(&made);
        Ok(())
    }
}

/// Makes a folder with fresh keys and the guard of a key that has never signed.
pub(crate) fn make(
    home: &Home,
    config: &Config,
    protection: &Protection<'_>,
    with_administrator_key: bool,
) -> Result<NewNode, Failure> {
    home.create()?;
    let validator = SecretKey::generate(&mut rand::rng());
    let node = SecretKey::generate(&mut rand::rng());
    KeyFile::create(&home.validator_key(), KeyRole::Validator, &validator, protection)?;
    GuardFile::create(&home.guard_file(), &validator.public())?;
    // The network identity signs handshakes only, and a node must restart without its operator.
    KeyFile::create(&home.node_key(), KeyRole::Node, &node, &Protection::Unencrypted)?;
    let trustee = SecretKey::generate(&mut rand::rng());
    KeyFile::create(&home.trustee_key(), KeyRole::Trustee, &trustee, protection)?;
    disk::create(&home.trustee_guard_file(), disk::Readable::ByOwner, &TallyGuard::default().encode())
        .map_err(|e| Failure::environment(format!("{}: {e}", home.trustee_guard_file().display())))?;
    let administrator_key = if with_administrator_key {
        let administrator = SecretKey::generate(&mut rand::rng());
        KeyFile::create(&home.admin_key(), KeyRole::Administrator, &administrator, protection)?;
        Some(administrator.public())
    } else {
        None
    };
    // Last: a folder without config.toml is not a node.
    home.write_config(&config.to_toml())?;
    Ok(NewNode {
        home: home.root().to_owned(),
        validator: ValidatorId::of(&validator.public()),
        validator_key: validator.public(),
        node: NodeId(node.public().0),
        trustee_key: trustee.public(),
        administrator_key,
    })
}

impl fmt::Display for NewNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "a node is ready in {}", self.home.display())?;
        writeln!(f, "  validator      {}", self.validator)?;
        writeln!(f, "  validator key  {}", self.validator_key)?;
        writeln!(f, "  node           {}", self.node)?;
        writeln!(f, "  trustee        {}", self.trustee_key)?;
        if let Some(key) = self.administrator_key {
            writeln!(f, "  administrator  {key}")?;
        }
        writeln!(
            f,
            "Back up its folder keys/ offline; the guard and wal/ are never restored from a backup (docs/operate.md)."
        )?;
        write!(f, "Next: `urne genesis add-validator` on the ceremony's file, or put the chain's genesis.toml here.")
    }
}
