//! `urne count`: counts a whole election, by the very code that the contract runs. One JSON object comes out, whether `--json`
//! is given or not; a refusal is one JSON object too.
use crate::{
    Context,
    exit::{Exit, Failure},
};
use clap::{Args, ValueEnum};
use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};
use urne_exchange::{Format, Json, Options, count_file};

/// Counts an election.
#[derive(Debug, Args)]
pub(crate) struct CountArgs {
    /// A case of the exchange format (`expected` is never read), or ballots: .blt, .pb, .csv
    file: PathBuf,
    #[command(flatten)]
    reading: ReadingArgs,
}

/// What a file of ballots does not say of itself.
#[derive(Debug, Args)]
pub(crate) struct ReadingArgs {
    /// How the file is written; without it, the extension says (a case by default)
    #[arg(long, value_enum)]
    format: Option<FormatName>,
    /// Kind of count, which .blt and .csv do not say: stv_scottish, ranked_single, irv_to_last_two, approval, majority_judgment
    #[arg(long)]
    kind: Option<String>,
    /// Seats to fill (stv_scottish from .csv)
    #[arg(long)]
    seats: Option<u64>,
    /// Grades, worst first (majority_judgment from .csv)
    #[arg(long, value_delimiter = ',', value_name = "WORST,…,BEST")]
    grades: Option<Vec<String>>,
    /// What a missing grade means: worst, median or drop
    #[arg(long)]
    nulls: Option<String>,
    /// Public seed of the lot, 64 hexadecimal digits; the lowest index is drawn without
    #[arg(long)]
    seed: Option<String>,
    /// Encoding, when it is neither marked nor UTF-8 (latin1, windows-1252…)
    #[arg(long)]
    encoding: Option<String>,
    /// Separator of a .csv, when its header does not show it
    #[arg(long)]
    delimiter: Option<char>,
}

/// The names of formats on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum FormatName {
    /// The exchange format
    Case,
    /// Single transferable vote
    Blt,
    /// Participatory budget of pabulib.org
    Pb,
    /// A sheet
    Csv,
}

impl CountArgs {
    pub(super) fn run(self, _: &Context) -> Result<(), Failure> {
        let bytes = fs::read(&self.file).map_err(|e| Failure::environment(format!("{}: {e}", self.file.display())))?;
        let (format, options) = self.reading.understood(&self.file);
        let answer =
            count_file(&bytes, format, &options).map_err(|e| Failure::verbatim(Exit::Rejected, e.to_answer()))?;
        for key in answer.get("ignored").and_then(Json::as_list).unwrap_or_default() {
            let _ = writeln!(io::stderr(), "warning: nothing reads {key}: it has no part in this count");
        }
        let _ = writeln!(io::stdout(), "{answer}");
        Ok(())
    }
}

impl ReadingArgs {
    /// How `file` is to be read. An extension nobody knows is a case: it must then be one, or is refused.
    pub(super) fn understood(self, file: &Path) -> (Format, Options) {
        let of_extension = || file.extension().and_then(|it| Format::of_extension(it.to_str()?));
        let format = match self.format {
            Some(FormatName::Case) => Format::Case,
            Some(FormatName::Blt) => Format::Blt,
            Some(FormatName::Pb) => Format::Pabulib,
            Some(FormatName::Csv) => Format::Csv,
            None => of_extension().unwrap_or(Format::Case),
        };
        let Self { format: _, kind, seats, grades, nulls, seed, encoding, delimiter } = self;
        (format, Options { kind, seats, grades, nulls, seed, encoding, delimiter })
    }
}
