//! `urne count`: counts a whole election of the exchange format, by the very code that the contract runs. One JSON object
//! comes out, whether `--json` is given or not; a refusal is one JSON object too.
use crate::{
    Context,
    exit::{Exit, Failure},
};
use clap::Args;
use std::{
    fs,
    io::{self, Write},
    path::PathBuf,
};
use urne_exchange::CountRefusal;

/// Counts an election.
#[derive(Debug, Args)]
pub(crate) struct CountArgs {
    /// A case of the exchange format; `expected` is never read
    file: PathBuf,
}

impl CountArgs {
    pub(super) fn run(self, _: &Context) -> Result<(), Failure> {
        let bytes = fs::read(&self.file).map_err(|e| Failure::environment(format!("{}: {e}", self.file.display())))?;
        let counted = text(&bytes).and_then(urne_exchange::count);
        let answer = counted.map_err(|e| Failure::verbatim(Exit::Rejected, e.to_answer()))?;
        let _ = writeln!(io::stdout(), "{answer}");
        Ok(())
    }
}

fn text(bytes: &[u8]) -> Result<&str, CountRefusal> {
    str::from_utf8(bytes).map_err(|e| CountRefusal::NotJson {
        line: 1 + bytes[..e.valid_up_to()].iter().filter(|it| **it == b'\n').count(),
        reason: "the text is not UTF-8".into(),
    })
}
