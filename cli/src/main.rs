//! The `urne` binary: it reads the command line, runs one command and ends with an exit code that a script can rely on.
mod ceremony;
mod client;
mod commands;
mod exit;
mod officer;
mod output;
mod passphrase;
mod proven;
mod sender;
mod settings;
mod universal;

use clap::Parser;
use commands::Command;
use exit::{Exit, Failure};
use output::Output;
use std::{path::PathBuf, process::ExitCode};
use urne_node::home::Home;

/// The system's allocator keeps what a busy minute needed for ever; this one gives it back (docs/performance.md).
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// A ballot box that no one holds alone.
#[derive(Debug, Parser)]
#[command(name = "urne", version, about, arg_required_else_help = true, disable_help_subcommand = true)]
#[command(after_help = "Exit codes: 0 ok, 1 rejected, 2 usage, 3 environment, 4 unreachable, 5 verification failed.")]
struct Cli {
    /// Folder of the node
    #[arg(long, global = true, env = "URNE_HOME", value_name = "DIR", default_value_os_t = home_by_default())]
    home: PathBuf,
    /// One JSON object instead of sentences
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

/// What every command is given.
#[derive(Clone)]
pub(crate) struct Context {
    /// The node's folder.
    pub(crate) home: Home,
    /// Where results go.
    pub(crate) output: Output,
}

fn home_by_default() -> PathBuf {
    std::env::var_os("HOME").map_or_else(|| PathBuf::from(".urne"), |it| PathBuf::from(it).join(".urne"))
}

fn main() -> ExitCode {
    let Cli { home, json, command } = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(e) => return misused(&e),
    };
    let output = if json { Output::Json } else { Output::Human };
    let context = Context { home: Home::at(home), output };
    match command.run(&context) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output.complain(&failure);
            failure.exit.into()
        }
    }
}

/// Help and version are answers; anything else on the command line that cannot be read is told in the form that was asked
/// for, as far as that can be told.
fn misused(e: &clap::Error) -> ExitCode {
    let is_json = std::env::args_os().any(|it| it == "--json");
    if is_json && e.use_stderr() {
        Output::Json.complain(&Failure::usage(e.to_string().trim_end()));
        return Exit::Usage.into();
    }
    // A closed pipe (`urne --help | head`) is the reader's choice.
    let _ = e.print();
    if e.use_stderr() { Exit::Usage.into() } else { ExitCode::SUCCESS }
}
