//! `urne completions`: generated from the commands themselves, so that they never lie.
use crate::{Cli, exit::Failure};
use clap::{Args, CommandFactory};
use clap_complete::Shell;
use std::io::Write;

/// Prints a shell's completions.
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// Which shell
    shell: Shell,
}

impl CompletionsArgs {
    pub(super) fn run(self) -> Result<(), Failure> {
        let mut text = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "urne", &mut text);
        let _ = std::io::stdout().write_all(&text);
        Ok(())
    }
}
