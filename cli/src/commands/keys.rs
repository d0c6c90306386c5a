//! `urne keys`: make, show and rotate keys. Only public halves are ever printed.
use super::{guard::GuardCommand, rotate::RotateArgs, vote::credential_of};
use crate::{
    Context,
    exit::Failure,
    passphrase::{PassphraseArgs, ResealArgs, SealArgs},
};
use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;
use std::{
    fmt, fs,
    path::{Path, PathBuf},
};
use urne_node::{
    genesis_file::CheckedGenesis,
    home::{Home, HomeLock},
    keystore::{KeyFile, KeyRole},
};
use urne_types::{ChainId, NodeId, PublicKey, SecretKey, ValidatorId};

/// What to do with keys.
#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Make a key in a file of its own
    New(NewArgs),
    /// Show the public half of key files; this node's by default
    Show(ShowArgs),
    /// Show the credential with which a member votes in secret elections of a chain, for its census
    Credential(CredentialArgs),
    /// Prepare another validator or administrator key, and the act that puts it in the old one's place
    Rotate(RotateArgs),
    /// Change the passphrase of key files; all of this folder's by default, secrets of elections under way
    /// included
    Passphrase(PassphraseChangeArgs),
    /// The double-sign guard
    #[command(subcommand)]
    Guard(GuardCommand),
}

/// Makes a key.
#[derive(Debug, Args)]
pub(crate) struct NewArgs {
    /// What it is for
    #[arg(long, value_enum, default_value_t = RoleArg::Member)]
    role: RoleArg,
    /// File to make
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    seal: SealArgs,
}

/// Which keys to show.
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// Key files
    files: Vec<PathBuf>,
}

/// Shows a credential.
#[derive(Debug, Args)]
pub(crate) struct CredentialArgs {
    /// The member's key file
    file: PathBuf,
    /// The chain; by default the one of this folder
    #[arg(long, value_name = "ID")]
    chain: Option<ChainId>,
    #[command(flatten)]
    passphrase: PassphraseArgs,
}

/// The public half of a credential.
#[derive(Serialize)]
struct ShownCredential {
    chain: ChainId,
    credential: PublicKey,
}

/// Changes a passphrase.
#[derive(Debug, Args)]
pub(crate) struct PassphraseChangeArgs {
    /// Key files, all under the same passphrase so far
    files: Vec<PathBuf>,
    #[command(flatten)]
    present: PassphraseArgs,
    #[command(flatten)]
    new: ResealArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum RoleArg {
    Validator,
    Node,
    Administrator,
    Member,
    Trustee,
    Registrar,
}
impl From<RoleArg> for KeyRole {
    fn from(it: RoleArg) -> Self {
        match it {
            RoleArg::Validator => Self::Validator,
            RoleArg::Node => Self::Node,
            RoleArg::Administrator => Self::Administrator,
            RoleArg::Member => Self::Member,
            RoleArg::Trustee => Self::Trustee,
            RoleArg::Registrar => Self::Registrar,
        }
    }
}

/// The public half of a key.
#[derive(Serialize)]
struct Shown {
    file: PathBuf,
    role: KeyRole,
    public_key: PublicKey,
    encrypted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    validator: Option<ValidatorId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    node: Option<NodeId>,
}

#[derive(Serialize)]
struct Keys {
    keys: Vec<Shown>,
}

impl KeysCommand {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::New(args) => args.run(context),
            Self::Show(args) => args.run(context),
            Self::Credential(args) => args.run(context),
            Self::Rotate(args) => args.run(context),
            Self::Passphrase(args) => args.run(context),
            Self::Guard(command) => command.run(context),
        }
    }
}

impl NewArgs {
    fn run(self, context: &Context) -> Result<(), Failure> {
        let chosen = self.seal.choose()?;
        let key = SecretKey::generate(&mut rand::rng());
        KeyFile::create(&self.output, self.role.into(), &key, &chosen.protection())?;
        context.output.say(&Shown::read(self.output)?);
        Ok(())
    }
}

impl CredentialArgs {
    fn run(self, context: &Context) -> Result<(), Failure> {
        let chain = match self.chain {
            Some(chain) => chain,
            None => CheckedGenesis::read(&context.home.genesis_file())?.chain_id(),
        };
        let key = self.passphrase.open(&KeyFile::read(&self.file, KeyRole::Member)?)?;
        context.output.say(&ShownCredential { chain, credential: credential_of(&key, &chain) });
        Ok(())
    }
}
impl fmt::Display for ShownCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "credential {} on chain {}", self.credential, self.chain)
    }
}

impl PassphraseChangeArgs {
    /// The key stays the same, so nothing changes for the chain nor for a node that runs. Every file is opened before any is
    /// written: a wrong passphrase changes nothing.
    fn run(self, context: &Context) -> Result<(), Failure> {
        // Held until the end: an officer that runs would go on sealing under the old one.
        let mut locks = Vec::new();
        let paths = if self.files.is_empty() { own_files(&context.home, &mut locks)? } else { self.files };
        let files = paths.iter().map(|it| KeyFile::read_any(it)).collect::<Result<Vec<_>, _>>()?;
        let mut present = None;
        for file in &files {
            if present.is_none() {
                present = self.present.obtain(file)?;
            }
            file.open(present.as_ref())?;
        }
        let chosen = self.new.choose()?;
        for file in &files {
            file.keep_under(present.as_ref(), &chosen.protection())?;
        }
        let keys = paths.into_iter().map(Shown::read).collect::<Result<_, _>>()?;
        context.output.say(&Keys { keys });
        Ok(())
    }
}

/// Whatever this folder keeps under its passphrase; officers that have secrets of elections under way are held still.
fn own_files(home: &Home, locks: &mut Vec<HomeLock>) -> Result<Vec<PathBuf>, Failure> {
    let own = [
        home.validator_key(),
        home.next_validator_key(),
        home.admin_key(),
        home.next_admin_key(),
        home.trustee_key(),
        home.registrar_key(),
    ];
    let mut files: Vec<PathBuf> = own.into_iter().filter(|it| it.exists()).collect();
    let of_trustee = secrets_in(&home.trustee_folder())?;
    if !of_trustee.is_empty() {
        locks.push(home.lock_trustee()?);
    }
    let of_registrar = secrets_in(&home.registrar_ceremonies())?;
    if !of_registrar.is_empty() {
        locks.push(home.lock_registrar()?);
    }
    files.extend(of_trustee.into_iter().chain(of_registrar));
    if files.is_empty() {
        return Err(Failure::environment(format!("{} holds no keys: name the files", home.root().display())));
    }
    Ok(files)
}
fn secrets_in(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let failed = |e| Failure::environment(format!("{}: {e}", folder.display()));
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        // The registrar's own key lies beside its folder of ceremonies, never in it.
        if path.extension().is_some_and(|it| it == "key") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

impl ShowArgs {
    fn run(self, context: &Context) -> Result<(), Failure> {
        let files = if self.files.is_empty() {
            context.home.must_exist()?;
            let home = &context.home;
            let own = [
                home.validator_key(),
                home.next_validator_key(),
                home.node_key(),
                home.admin_key(),
                home.next_admin_key(),
                home.trustee_key(),
                home.registrar_key(),
            ];
            own.into_iter().filter(|it| it.exists()).collect()
        } else {
            self.files
        };
        let keys = files.into_iter().map(Shown::read).collect::<Result<_, _>>()?;
        context.output.say(&Keys { keys });
        Ok(())
    }
}

impl Shown {
    fn read(file: PathBuf) -> Result<Self, Failure> {
        let key = KeyFile::read_any(&file)?;
        let (role, public_key) = (key.role(), key.public_key());
        Ok(Self {
            validator: (role == KeyRole::Validator).then(|| ValidatorId::of(&public_key)),
            node: (role == KeyRole::Node).then_some(NodeId(public_key.0)),
            encrypted: key.is_sealed(),
            file,
            role,
            public_key,
        })
    }
}
impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kept = if self.encrypted { "encrypted" } else { "not encrypted" };
        write!(f, "{} key {} ({kept}, {})", self.role, self.public_key, self.file.display())?;
        self.validator.map_or(Ok(()), |it| write!(f, "\n  validator {it}"))
    }
}
impl fmt::Display for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.keys.iter().try_for_each(|it| writeln!(f, "{it}"))
    }
}
