//! `urne registrar roll`: from the sheet an office keeps to the census of commitments, the roll that all registrars of an
//! election share, and a letter to each member with what is hers.
use super::super::census_import::{Made, SheetArgs, fault, tell, write_census};
use crate::{Context, exit::Failure};
use clap::Args;
use std::{
    fs::{self, DirBuilder},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};
use urne_exchange::roll::EntitledBy;
use urne_node::genesis_file::CheckedGenesis;
use urne_registrar::{
    courier::{Courier, Outbox},
    letter::Letter,
    roll::Roll,
};
use urne_types::ChainId;

/// Makes a roll.
#[derive(Debug, Args)]
pub(crate) struct RollArgs {
    #[command(flatten)]
    sheet: SheetArgs,
    /// Folder to make: census.csv (public, without names), roll.json (for the registrars, and nobody else) and letters/
    #[arg(long, value_name = "DIR")]
    output: PathBuf,
    /// The chain; by default the one of this folder
    #[arg(long, value_name = "ID")]
    chain: Option<ChainId>,
    /// Address of a registrar, as members reach it, for the letters; may be repeated
    #[arg(long, value_name = "URL")]
    registrar: Vec<String>,
    /// Who writes the letters
    #[arg(long, value_name = "ADDRESS", default_value = "registrar@localhost")]
    from: String,
}

impl RollArgs {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let chain = match self.chain {
            Some(chain) => chain,
            None => CheckedGenesis::read(&context.home.genesis_file())?.chain_id(),
        };
        let sheet = self.sheet.read(EntitledBy::Commitment, None)?;
        let (roll, sheet) = Roll::make(sheet, chain, &mut rand::rng()).map_err(Failure::usage)?;
        if !sheet.is_sound() {
            return tell(context, &sheet, None);
        }
        let folder = self.output.as_path();
        private_folder(folder)?;
        let census = write_census(folder, &sheet)?;
        let kept = folder.join("roll.json");
        roll.write(&kept).map_err(Failure::environment)?;
        let letters = folder.join("letters");
        private_folder(&letters)?;
        let bar = context.output.progress("writing letters", u64::try_from(sheet.links.len()).unwrap_or(u64::MAX));
        let outbox = Outbox { folder: letters.clone(), from: self.from };
        for link in sheet.links.iter().filter(|it| it.votes) {
            let Some((member, entry)) = roll.find(link.college, link.identifier()) else { continue };
            let letter = Letter {
                name: if link.name.is_empty() { &member.identifier } else { &link.name },
                identifier: &member.identifier,
                contact: &member.contact,
                chain: &chain,
                entry: &entry,
                salt: member.salt(),
                registrars: &self.registrar,
            };
            outbox.deliver(&letter.message()).map_err(fault(&letters))?;
            bar.inc(1);
        }
        bar.finish_and_clear();
        let contents = vec![
            census,
            format!("{} says who stands behind each entry: every registrar gets it, and nobody else", kept.display()),
            format!("{} holds a letter to each member: send them, then erase the folder", letters.display()),
        ];
        tell(context, &sheet, Some(&Made { folder: fs::canonicalize(folder).map_err(fault(folder))?, contents }))
    }
}

/// A new folder that is its owner's alone.
fn private_folder(path: &Path) -> Result<(), Failure> {
    DirBuilder::new().mode(0o700).create(path).map_err(fault(path))
}
