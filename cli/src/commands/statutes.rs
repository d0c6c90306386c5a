//! `urne statutes simulate`: what the statutes would say of an assembly that has not met. It reads a file and touches no node.
use crate::{
    Context,
    exit::{Exit, Failure},
    output::Output,
};
use clap::{Args, Subcommand};
use std::{
    fs,
    io::{self, Write},
    path::PathBuf,
};
use urne_types::CollegeId;

/// What to do with statutes.
#[derive(Debug, Subcommand)]
pub(crate) enum StatutesCommand {
    /// Attendance and decision, by college and in all, for a hypothesis of who comes and how they vote
    Simulate(SimulateArgs),
}

/// The hypothesis.
#[derive(Debug, Args)]
pub(crate) struct SimulateArgs {
    /// {"statutes": …, "hypothesis": {"decision": …, "call": "first", "colleges": [{"college": 1, "members": 40, "present": 12, "pour": 7, "contre": 3}, …]}}
    file: PathBuf,
    /// What if so many members of a college come? COLLEGE=NUMBER, instead of what the file says
    #[arg(long, value_name = "COLLEGE=NUMBER", value_parser = come)]
    come: Vec<(CollegeId, u64)>,
}

fn come(written: &str) -> Result<(CollegeId, u64), String> {
    let shape = || "write it as COLLEGE=NUMBER, as in 2=12".to_owned();
    let (college, number) = written.split_once('=').ok_or_else(shape)?;
    Ok((CollegeId::new(college.parse().map_err(|_| shape())?), number.parse().map_err(|_| shape())?))
}

impl StatutesCommand {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let Self::Simulate(args) = self;
        let shown = args.file.display();
        let text = fs::read_to_string(&args.file).map_err(|e| Failure::environment(format!("{shown}: {e}")))?;
        let simulation = urne_exchange::simulate(&text, &args.come).map_err(|e| match context.output {
            Output::Human => Failure::rule(Exit::Rejected, e.code(), e.name(), e),
            Output::Json => Failure::verbatim(Exit::Rejected, e.to_answer()),
        })?;
        let said = match context.output {
            Output::Human => simulation.to_string(),
            Output::Json => simulation.to_json().to_string(),
        };
        let _ = writeln!(io::stdout(), "{}", said.trim_end());
        Ok(())
    }
}
