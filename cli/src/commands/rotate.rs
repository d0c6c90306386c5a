//! `urne keys rotate`: a validator's or an administrator's key changes in two steps, with the colleges' approval in between.
//! First another key is made beside the old one, and the act that replaces it; once that act is executed, `--finish` puts
//! it in place.
use crate::{
    Context,
    ceremony::Declaration,
    exit::Failure,
    passphrase::{PassphraseArgs, SealArgs},
};
use clap::{Args, ValueEnum};
use serde::Serialize;
use std::{
    fmt, fs,
    path::{Path, PathBuf},
};
use urne_node::{
    genesis_file::CheckedGenesis,
    guard::GuardFile,
    keystore::{KeyFile, KeyRole},
};
use urne_types::{CollegeId, NodeId, PublicKey, SecretKey, ValidatorId, governance::Act};

/// Prepares or finishes a rotation.
#[derive(Debug, Args)]
pub(crate) struct RotateArgs {
    /// The act is executed: put the new key in place (for a validator, with the node stopped)
    #[arg(long)]
    finish: bool,
    /// Whose key
    #[arg(long, value_enum, default_value_t = Whose::Validator)]
    role: Whose,
    /// The administrator's key file; this folder's by default
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// College of the validator; genesis knows it for a first validator
    #[arg(long, value_name = "NUMBER")]
    college: Option<u16>,
    /// Name of the validator, as printed
    #[arg(long)]
    name: Option<String>,
    /// Where other nodes reach the validator (multiaddr); may be repeated
    #[arg(long = "address", value_name = "MULTIADDR")]
    addresses: Vec<String>,
    #[command(flatten)]
    seal: SealArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Whose {
    Validator,
    Administrator,
}

/// A key in force and the one that waits beside it.
struct Rotation {
    role: KeyRole,
    present: PathBuf,
    next: PathBuf,
}

#[derive(Serialize)]
struct Prepared {
    new_key: PathBuf,
    act: Act,
}

#[derive(Serialize)]
struct Finished {
    public_key: PublicKey,
    #[serde(skip_serializing_if = "Option::is_none")]
    validator: Option<ValidatorId>,
    retired: PathBuf,
}

impl RotateArgs {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        match (self.role, self.finish) {
            (Whose::Validator, _) if self.key.is_some() => {
                Err(Failure::usage("--key goes with --role administrator: a node's validator key is in its folder"))
            }
            (Whose::Validator, false) => self.prepare_validator(context),
            (Whose::Validator, true) => finish_validator(context),
            (Whose::Administrator, false) => self.prepare_administrator(context),
            (Whose::Administrator, true) => {
                let rotation = self.administrator(context)?;
                rotation.must_be_prepared()?;
                rotation.finish(context)
            }
        }
    }

    fn prepare_validator(self, context: &Context) -> Result<(), Failure> {
        context.home.must_exist()?;
        let (home, rotation) = (&context.home, Rotation::of_validator(context));
        let genesis = CheckedGenesis::read(&home.genesis_file())?;
        let old = rotation.old()?;
        let node = NodeId(KeyFile::read(&home.node_key(), KeyRole::Node)?.public_key().0);
        let record = genesis.get().validators.iter().map(|it| &it.claim).find(|it| it.key == old);
        let missing = |what: &str| Failure::usage(format!("this validator is not in genesis: give {what}"));
        let college = self.college.map(CollegeId::new).or(record.map(|it| it.college));
        let name = self.name.or(record.map(|it| it.name.to_string()));
        let addresses = match record {
            Some(record) if self.addresses.is_empty() => record.addresses.iter().map(ToString::to_string).collect(),
            _ if self.addresses.is_empty() => return Err(missing("--address")),
            _ => self.addresses,
        };
        let college = college.ok_or_else(|| missing("--college"))?;
        let name = name.ok_or_else(|| missing("--name"))?;
        let key = rotation.new_key(&self.seal)?;
        let declaration = Declaration { college, name: &name, node, addresses: &addresses };
        let record = declaration.sign(&genesis.chain_id(), &key)?;
        let act = Act::ReplaceValidator { validator: ValidatorId::of(&old), record };
        context.output.say(&Prepared { new_key: rotation.next, act });
        Ok(())
    }

    fn prepare_administrator(self, context: &Context) -> Result<(), Failure> {
        let rotation = self.administrator(context)?;
        let from = rotation.old()?;
        let act = Act::RotateAdministratorKey { from, to: rotation.new_key(&self.seal)?.public() };
        context.output.say(&Prepared { new_key: rotation.next, act });
        Ok(())
    }

    fn administrator(&self, context: &Context) -> Result<Rotation, Failure> {
        let role = KeyRole::Administrator;
        match &self.key {
            Some(file) => Ok(Rotation { role, present: file.clone(), next: file.with_extension("next.key") }),
            None => {
                context.home.must_exist()?;
                Ok(Rotation { role, present: context.home.admin_key(), next: context.home.next_admin_key() })
            }
        }
    }
}

/// The guard goes over to the new key first, with all that it forbids: whatever is interrupted, the same command goes on.
fn finish_validator(context: &Context) -> Result<(), Failure> {
    context.home.must_exist()?;
    let rotation = Rotation::of_validator(context);
    let _lock = context.home.lock()?;
    rotation.must_be_prepared()?;
    GuardFile::hand_over(&context.home.guard_file(), &rotation.old()?, &rotation.next_key()?)?;
    rotation.finish(context)
}

impl Rotation {
    fn of_validator(context: &Context) -> Self {
        let home = &context.home;
        Self { role: KeyRole::Validator, present: home.validator_key(), next: home.next_validator_key() }
    }
    fn old(&self) -> Result<PublicKey, Failure> {
        Ok(KeyFile::read(&self.present, self.role)?.public_key())
    }
    fn next_key(&self) -> Result<PublicKey, Failure> {
        Ok(KeyFile::read(&self.next, self.role)?.public_key())
    }
    fn must_be_prepared(&self) -> Result<(), Failure> {
        match self.next.exists() {
            true => Ok(()),
            false => Err(Failure::usage(format!(
                "no rotation is prepared: run `urne keys rotate --role {}` first",
                self.role
            ))),
        }
    }
    /// The key that waits: prepared before, rather than one more that nobody approved; or a fresh one.
    fn new_key(&self, seal: &SealArgs) -> Result<SecretKey, Failure> {
        if self.next.exists() {
            return PassphraseArgs::from(seal).open(&KeyFile::read(&self.next, self.role)?);
        }
        let chosen = seal.choose()?;
        let key = SecretKey::generate(&mut rand::rng());
        KeyFile::create(&self.next, self.role, &key, &chosen.protection())?;
        Ok(key)
    }
    /// The new key takes the old one's place.
    fn finish(self, context: &Context) -> Result<(), Failure> {
        let (old, public_key) = (self.old()?, self.next_key()?);
        let retired = self.present.with_extension(format!("retired-{}.key", short(&old)));
        replace(&self.present, &self.next, &retired)?;
        let validator = (self.role == KeyRole::Validator).then(|| ValidatorId::of(&public_key));
        context.output.say(&Finished { public_key, validator, retired });
        Ok(())
    }
}

/// A second run after an interruption finds the old key linked already.
fn replace(present: &Path, next: &Path, retired: &Path) -> Result<(), Failure> {
    let linked = match fs::hard_link(present, retired) {
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    };
    let moved = linked.and_then(|()| fs::rename(next, present));
    moved.map_err(|e| Failure::environment(format!("{}: {e}", retired.display())))
}

fn short(key: &PublicKey) -> String {
    key.to_string().chars().take(16).collect()
}

impl fmt::Display for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "the new key waits in {}; propose this act:", self.new_key.display())?;
        let again = match &self.act {
            Act::RotateAdministratorKey { from, to } => {
                writeln!(f, "  urne act propose rotate-administrator-key {from} {to}")?;
                "run `urne keys rotate --role administrator --finish`."
            }
            act => {
                let act = serde_json::to_string(act).expect("an act is made of texts and lists");
                writeln!(f, "{act}")?;
                writeln!(f, "(the same command with --json > act.json, then `urne act propose --file act.json`)")?;
                "stop the node, run `urne keys rotate --finish`, start it again."
            }
        };
        write!(f, "Once it is executed: {again}")
    }
}
impl fmt::Display for Finished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.validator {
            Some(validator) => write!(f, "this node is now validator {validator}")?,
            None => write!(f, "this administrator's key is now {}", self.public_key)?,
        }
        write!(f, "; the old key is {}", self.retired.display())
    }
}
