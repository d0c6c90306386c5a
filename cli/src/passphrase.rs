//! Where a passphrase comes from: a private file, or the terminal; never an argument or a variable, which others can see.
use crate::exit::Failure;
use clap::Args;
use std::{
    io::IsTerminal,
    path::{Path, PathBuf},
};
use urne_node::keystore::{KeyFile, Passphrase, Protection};
use urne_types::SecretKey;
use zeroize::Zeroizing;

/// How to open sealed keys.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct PassphraseArgs {
    /// File whose first line is the passphrase; only its owner may read it
    #[arg(long, global = true, env = "URNE_PASSPHRASE_FILE", value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
}

/// How to keep new keys.
#[derive(Clone, Debug, Args)]
pub(crate) struct SealArgs {
    #[command(flatten)]
    passphrase: PassphraseArgs,
    /// Keep the key unencrypted: for a testnet only
    #[arg(long, conflicts_with = "passphrase_file")]
    unencrypted: bool,
}

impl PassphraseArgs {
    /// Opens a key file, asking for the passphrase only if it is sealed.
    pub(crate) fn open(&self, file: &KeyFile) -> Result<SecretKey, Failure> {
        Ok(file.open(self.obtain(file)?.as_ref())?)
    }

    /// What opens a key file: nothing for one that is not sealed, nor when nobody can be asked.
    pub(crate) fn obtain(&self, file: &KeyFile) -> Result<Option<Passphrase>, Failure> {
        match &self.passphrase_file {
            _ if !file.is_sealed() => Ok(None),
            Some(path) => Ok(Some(Passphrase::from_file(path)?)),
            None if std::io::stdin().is_terminal() => {
                Ok(Some(ask(&format!("Passphrase of the {} key: ", file.role()))?))
            }
            None => Ok(None),
        }
    }
}

/// How the secrets of a process that runs are kept: under the passphrase of its key, or like an unencrypted one.
pub(crate) struct Kept(Option<Passphrase>);
impl Kept {
    /// Like a key that this opened.
    pub(crate) fn like(opened_by: Option<Passphrase>) -> Self {
        Self(opened_by)
    }
    /// What opens them.
    pub(crate) fn passphrase(&self) -> Option<&Passphrase> {
        self.0.as_ref()
    }
    /// For a new file.
    pub(crate) fn protection(&self) -> Protection<'_> {
        self.0.as_ref().map_or(Protection::Unencrypted, Protection::Sealed)
    }
}

/// A passphrase chosen, or the choice of none.
pub(crate) struct Chosen(Option<Passphrase>);

/// How to keep a key from now on.
#[derive(Clone, Debug, Args)]
pub(crate) struct ResealArgs {
    /// File whose first line is the new passphrase; only its owner may read it
    #[arg(long, value_name = "FILE")]
    new_passphrase_file: Option<PathBuf>,
    /// Keep the key unencrypted: for a testnet only
    #[arg(long, conflicts_with = "new_passphrase_file")]
    unencrypted: bool,
}

impl SealArgs {
    /// Settles how new keys are kept, before anything is written.
    pub(crate) fn choose(&self) -> Result<Chosen, Failure> {
        Chosen::from("--passphrase-file", self.passphrase.passphrase_file.as_deref(), self.unencrypted)
    }
}
impl ResealArgs {
    /// Settles how keys are kept from now on, before anything is written.
    pub(crate) fn choose(&self) -> Result<Chosen, Failure> {
        Chosen::from("--new-passphrase-file", self.new_passphrase_file.as_deref(), self.unencrypted)
    }
}

impl Chosen {
    fn from(flag: &str, file: Option<&Path>, unencrypted: bool) -> Result<Self, Failure> {
        if unencrypted {
            return Ok(Self(None));
        }
        if let Some(path) = file {
            return Ok(Self(Some(Passphrase::from_file(path)?)));
        }
        if !std::io::stdin().is_terminal() {
            return Err(Failure::usage(format!(
                "no passphrase to keep the key under: give {flag}, or --unencrypted for a testnet"
            )));
        }
        let first = prompt("New passphrase (three words or more): ")?;
        let second = prompt("The same again: ")?;
        if first != second {
            return Err(Failure::usage("the two passphrases differ: try again"));
        }
        Ok(Self(Some(Passphrase::new(first.to_string())?)))
    }
    /// For [`KeyFile::create`].
    pub(crate) fn protection(&self) -> Protection<'_> {
        self.0.as_ref().map_or(Protection::Unencrypted, Protection::Sealed)
    }
}

fn ask(question: &str) -> Result<Passphrase, Failure> {
    Ok(Passphrase::new(prompt(question)?.to_string())?)
}

fn prompt(question: &str) -> Result<Zeroizing<String>, Failure> {
    let typed = rpassword::prompt_password(question);
    typed.map(Zeroizing::new).map_err(|e| Failure::environment(format!("the passphrase cannot be read: {e}")))
}

impl From<&SealArgs> for PassphraseArgs {
    fn from(it: &SealArgs) -> Self {
        it.passphrase.clone()
    }
}
