//! `urne config`: the settings in force with where each comes from, and whether this folder could start.
use crate::{Context, exit::Failure, settings::SettingsArgs};
use clap::Subcommand;
use serde::Serialize;
use std::fmt;
use urne_node::{
    config::Setting,
    genesis_file::CheckedGenesis,
    guard::GuardFile,
    home::Home,
    keystore::{KeyFile, KeyRole},
};

/// What to do with settings.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Show every setting and where it comes from
    Show(SettingsArgs),
    /// Check settings, genesis, keys and guard before a start
    Check(SettingsArgs),
}

#[derive(Serialize)]
struct Settings {
    settings: Vec<Setting>,
}

#[derive(Serialize)]
struct Checks {
    checks: Vec<Check>,
}

#[derive(Serialize)]
struct Check {
    what: &'static str,
    /// Absent when all is well.
    fault: Option<String>,
}

impl ConfigCommand {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Show(args) => {
                context.output.say(&Settings { settings: args.load(context)?.settings });
                Ok(())
            }
            Self::Check(args) => check(context, &args),
        }
    }
}

fn check(context: &Context, args: &SettingsArgs) -> Result<(), Failure> {
    let home = &context.home;
    home.must_exist()?;
    let said = |what, result: Result<(), Failure>| Check { what, fault: result.err().map(|it| it.message) };
    let signer = KeyFile::read(&home.validator_key(), KeyRole::Validator);
    // Whose guard it should be, only the key says.
    let guard = signer.as_ref().ok().map(|it| GuardFile::open(&home.guard_file(), &it.public_key()).map(|_| ()));
    let mut checks = vec![
        said("settings", args.load(context).map(|_| ())),
        said("genesis", genesis(home)),
        said("network key", key(home.node_key(), KeyRole::Node)),
        said("validator key", signer.map(|_| ()).map_err(Failure::from)),
    ];
    checks.extend(guard.map(|it| said("double-sign guard", it.map_err(Failure::from))));
    let faults = checks.iter().filter(|it| it.fault.is_some()).count();
    context.output.say(&Checks { checks });
    match faults {
        0 => Ok(()),
        _ => Err(Failure::environment(format!("{faults} of these would stop a start: correct them first"))),
    }
}

fn genesis(home: &Home) -> Result<(), Failure> {
    let genesis = CheckedGenesis::read(&home.genesis_file())?;
    Ok(home.chain_must_be(&genesis.chain_id())?)
}

fn key(path: std::path::PathBuf, role: KeyRole) -> Result<(), Failure> {
    Ok(KeyFile::read(&path, role).map(|_| ())?)
}

impl fmt::Display for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widest = self.settings.iter().map(|it| it.key.len()).max().unwrap_or_default();
        for Setting { key, value, origin } in &self.settings {
            writeln!(f, "{key:widest$} = {value}  ({origin})")?;
        }
        Ok(())
    }
}
impl fmt::Display for Checks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.checks.iter().try_for_each(|it| match &it.fault {
            None => writeln!(f, "ok     {}", it.what),
            Some(fault) => writeln!(f, "FAULT  {}: {fault}", it.what),
        })
    }
}
