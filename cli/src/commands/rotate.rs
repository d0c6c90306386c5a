//! `urne keys rotate`: a validator's key changes in two steps, with the colleges' approval in between. First another key
//! is made beside the old one, and the act that replaces it; once that act is executed, `--finish` puts it in place.
use crate::{
    Context,
    ceremony::Declaration,
    exit::Failure,
    passphrase::{PassphraseArgs, SealArgs},
};
use clap::Args;
use serde::Serialize;
use std::{fmt, fs, path::PathBuf};
use urne_node::{
    genesis_file::CheckedGenesis,
    keystore::{KeyFile, KeyRole},
};
use urne_types::{CollegeId, NodeId, SecretKey, ValidatorId, governance::Act};

/// Prepares or finishes a rotation.
#[derive(Debug, Args)]
pub(crate) struct RotateArgs {
    /// The act is executed: put the new key in place (the node must be stopped)
    #[arg(long)]
    finish: bool,
    /// College of the validator; genesis knows it for a first validator
    #[arg(long, value_name = "NUMBER")]
    college: Option<u16>,
    /// Name of the validator, as printed
    #[arg(long)]
    name: Option<String>,
    /// Where other nodes reach it (multiaddr); may be repeated
    #[arg(long = "address", value_name = "MULTIADDR")]
    addresses: Vec<String>,
    #[command(flatten)]
    seal: SealArgs,
}

#[derive(Serialize)]
struct Prepared {
    new_key: PathBuf,
    act: Act,
}

#[derive(Serialize)]
struct Finished {
    validator: ValidatorId,
    retired: PathBuf,
}

impl RotateArgs {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        context.home.must_exist()?;
        if self.finish { finish(context) } else { self.prepare(context) }
    }

    fn prepare(self, context: &Context) -> Result<(), Failure> {
        let home = &context.home;
        let genesis = CheckedGenesis::read(&home.genesis_file())?;
        let old = KeyFile::read(&home.validator_key(), KeyRole::Validator)?.public_key();
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
        let path = home.next_validator_key();
        let key = if path.exists() {
            // Prepared before: the same act again, rather than a key that nobody approved.
            PassphraseArgs::from(&self.seal).open(&KeyFile::read(&path, KeyRole::Validator)?)?
        } else {
            let chosen = self.seal.choose()?;
            let key = SecretKey::generate(&mut rand::rng());
            KeyFile::create(&path, KeyRole::Validator, &key, &chosen.protection())?;
            key
        };
        let declaration = Declaration {
            college: college.ok_or_else(|| missing("--college"))?,
            name: &name.ok_or_else(|| missing("--name"))?,
            node,
            addresses: &addresses,
        };
        let record = declaration.sign(&genesis.chain_id(), &key)?;
        let act = Act::ReplaceValidator { validator: ValidatorId::of(&old), record };
        context.output.say(&Prepared { new_key: path, act });
        Ok(())
    }
}

/// The new key takes the old one's place; the guard stays: it only grows.
fn finish(context: &Context) -> Result<(), Failure> {
    let home = &context.home;
    let _lock = home.lock()?;
    let next = home.next_validator_key();
    if !next.exists() {
        return Err(Failure::usage("no rotation is prepared: run `urne keys rotate` first"));
    }
    let old = KeyFile::read(&home.validator_key(), KeyRole::Validator)?.public_key();
    let new = KeyFile::read(&next, KeyRole::Validator)?.public_key();
    let retired = home.keys_folder().join(format!("validator.retired-{}.key", ValidatorId::of(&old)));
    let moved = fs::hard_link(home.validator_key(), &retired).and_then(|()| fs::rename(&next, home.validator_key()));
    moved.map_err(|e| Failure::environment(format!("{}: {e}", retired.display())))?;
    context.output.say(&Finished { validator: ValidatorId::of(&new), retired });
    Ok(())
}

impl fmt::Display for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let act = serde_json::to_string(&self.act).expect("an act is made of texts and lists");
        writeln!(f, "the new key waits in {}; propose this act (`urne act propose`):", self.new_key.display())?;
        writeln!(f, "{act}")?;
        write!(f, "Once it is executed: stop the node, run `urne keys rotate --finish`, start it again.")
    }
}
impl fmt::Display for Finished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { validator, retired } = self;
        write!(f, "this node is now validator {validator}; the old key is {}", retired.display())
    }
}
