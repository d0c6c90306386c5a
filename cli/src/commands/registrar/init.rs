//! `urne registrar init`: the folder of a registrar. It needs no node beside it, and is better off on a machine of its own: it
//! will hold names.
use crate::{Context, exit::Failure, passphrase::SealArgs};
use clap::Args;
use serde::Serialize;
use std::{fmt, path::PathBuf};
use urne_node::keystore::{KeyFile, KeyRole};
use urne_registrar::book::Book;
use urne_types::{PublicKey, SecretKey};

/// Makes a registrar's folder.
#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    #[command(flatten)]
    seal: SealArgs,
}

#[derive(Serialize)]
struct Made {
    folder: PathBuf,
    registrar_key: PublicKey,
}

impl InitArgs {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let home = &context.home;
        let chosen = self.seal.choose()?;
        home.create_registrar()?;
        Book::create(&home.registrar_book()).map_err(Failure::environment)?;
        let key = SecretKey::generate(&mut rand::rng());
        // Last: without its key the folder is no registrar's.
        KeyFile::create(&home.registrar_key(), KeyRole::Registrar, &key, &chosen.protection())?;
        context.output.say(&Made { folder: home.registrar_folder(), registrar_key: key.public() });
        Ok(())
    }
}

impl fmt::Display for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "a registrar is ready in {}", self.folder.display())?;
        writeln!(f, "  key  {}", self.registrar_key)?;
        write!(f, "Elections name it by this key. Its book is never restored from a backup (docs/operate.md).")
    }
}
