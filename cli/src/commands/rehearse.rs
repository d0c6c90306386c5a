//! `urne rehearse`: the election of a file held by real validators on this machine, and its result compared with `urne count`.
//! The network is driven by `urne-testnet`, which lies beside this program; what no ledger holds is refused before it starts.
use super::count::ReadingArgs;
use crate::{
    Context,
    exit::{Exit, Failure},
    output::Output,
};
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{
    fmt, fs,
    io::Write,
    path::PathBuf,
    process::{Command, Stdio},
};
use urne_exchange::{CountRefusal, Staged, stage_file};

/// The program that starts and stops networks.
const TESTNET: &str = "urne-testnet";

/// Rehearses an election.
#[derive(Debug, Args)]
pub(crate) struct RehearseArgs {
    /// A case of the exchange format, or ballots: .blt, .pb, .csv
    file: PathBuf,
    #[command(flatten)]
    reading: ReadingArgs,
}

/// What `urne-testnet rehearse` answers.
#[derive(Debug, Serialize, Deserialize)]
struct Rehearsed {
    equal: bool,
    validators: u16,
    ballots: u64,
    compared: Vec<String>,
    differences: Vec<Difference>,
    folder: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Difference {
    key: String,
    count: Value,
    ledger: Value,
}

impl fmt::Display for Rehearsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} ballots, {} validators", self.ballots, self.validators)?;
        for key in &self.compared {
            match self.differences.iter().find(|it| it.key == *key) {
                None => writeln!(f, "  {key}: equal")?,
                Some(it) => writeln!(f, "  {key}: NOT EQUAL\n    count   {}\n    ledger  {}", it.count, it.ledger)?,
            }
        }
        match &self.folder {
            None => write!(f, "the ledger's result is that of `urne count`"),
            Some(folder) => write!(f, "the folder of the network stays for the reader: {folder}"),
        }
    }
}

impl RehearseArgs {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let bytes = fs::read(&self.file).map_err(|e| Failure::environment(format!("{}: {e}", self.file.display())))?;
        let (format, options) = self.reading.understood(&self.file);
        let refused = |e: CountRefusal| match context.output {
            Output::Human => Failure::rule(Exit::Rejected, e.code(), e.name(), e),
            Output::Json => Failure::verbatim(Exit::Rejected, e.to_answer()),
        };
        let staged = stage_file(&bytes, format, &options).map_err(refused)?;
        staged.judge().map_err(refused)?;
        let rehearsed = held(&staged, context.output)?;
        context.output.say(&rehearsed);
        if rehearsed.equal {
            return Ok(());
        }
        Err(Failure::unverified("the ledger's result is not that of `urne count`: one of the two counts wrongly"))
    }
}

/// Progress goes to standard error for people; for programs it is said only when it ends badly.
fn held(staged: &Staged, output: Output) -> Result<Rehearsed, Failure> {
    let own = std::env::current_exe().map_err(|e| Failure::environment(format!("finding this program: {e}")))?;
    let testnet = own.with_file_name(TESTNET);
    let shown = testnet.display();
    if !testnet.exists() {
        return Err(Failure::environment(format!(
            "{shown} is missing: it starts the network; put it there (`cargo build --release -p urne-testnet` makes it)"
        )));
    }
    let told = if output == Output::Human { Stdio::inherit() } else { Stdio::piped() };
    let failed = |e: std::io::Error| Failure::environment(format!("{shown}: {e}"));
    let mut command = Command::new(&testnet);
    command.args(["rehearse", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(told);
    let mut child = command.spawn().map_err(failed)?;
    if let Some(mut stdin) = child.stdin.take() {
        // It ends before it has read everything only to say why: that is read below.
        let _ = stdin.write_all(staged.case().to_string().as_bytes());
    }
    let ended = child.wait_with_output().map_err(failed)?;
    serde_json::from_slice(&ended.stdout).map_err(|_| {
        let why = String::from_utf8_lossy(&ended.stderr).lines().last().unwrap_or("the lines above say why").to_owned();
        Failure::environment(format!("the rehearsal did not reach its end ({}): {why}", ended.status))
    })
}
