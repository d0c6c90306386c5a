//! `urne start`: runs this folder's node until the system asks it to stop (SIGINT, SIGTERM) or going on would be wrong.
use crate::{
    Context,
    exit::{Exit, Failure},
    passphrase::PassphraseArgs,
    settings::SettingsArgs,
};
use clap::Args;
use std::{io, path::PathBuf};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;
use urne_node::{
    config::{Config, Log, LogFormat},
    home::Home,
    keystore::{KeyFile, KeyRole, Passphrase},
    node::{self, NodeError, Role},
};

/// Runs a node.
#[derive(Debug, Args)]
pub(crate) struct StartArgs {
    /// Follow, verify and serve without taking part: no validator key is opened
    #[arg(long)]
    observer: bool,
    #[command(flatten)]
    passphrase: PassphraseArgs,
    #[command(flatten)]
    settings: SettingsArgs,
}

impl StartArgs {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let config = self.settings.load(context)?.config;
        tell(&config.log)?;
        let (role, passphrase) = match self.observer {
            true => (Role::Observer, None),
            false => (Role::Validator, self.passphrase(&context.home, &config)?),
        };
        Ok(node::run(&context.home, &config, role, passphrase.as_ref(), asked_to_stop())?)
    }

    /// What opens the validator's key: the flag or its variable, then the settings, then the terminal.
    fn passphrase(&self, home: &Home, config: &Config) -> Result<Option<Passphrase>, Failure> {
        let from_settings = Some(&config.keys.passphrase_file).filter(|it| !it.is_empty()).map(PathBuf::from);
        let passphrase_file = self.passphrase.passphrase_file.clone().or(from_settings);
        PassphraseArgs { passphrase_file }.obtain(&KeyFile::read(&home.validator_key(), KeyRole::Validator)?)
    }
}

/// Log lines go to standard error: standard output stays for results.
pub(super) fn tell(log: &Log) -> Result<(), Failure> {
    let refused = |e| Failure::environment(format!("log.filter '{}' is refused: {e}", log.filter));
    let filter = EnvFilter::builder().parse(&log.filter).map_err(refused)?;
    // A log that cannot be written (its disk is full) is not a reason to die: telling so on the same stream would panic.
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).log_internal_errors(false);
    let started = match log.format {
        LogFormat::Pretty => lines.with_ansi(io::IsTerminal::is_terminal(&io::stderr())).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    started.map_err(|e| Failure::environment(format!("the log cannot start: {e}")))
}

/// Resolves at the first SIGINT or SIGTERM. Polled inside the node's own runtime.
pub(super) async fn asked_to_stop() {
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        tracing::error!("the system refuses to deliver signals: stopping, since nothing else could stop this node");
        return;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

impl From<NodeError> for Failure {
    fn from(it: NodeError) -> Self {
        Self::new(Exit::Environment, it)
    }
}
