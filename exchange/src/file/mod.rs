//! Files of ballots in the formats others use: each is read into the input of a kind of the exchange format and counted by that
//! kind's code. What a format does not say is declared ([`Options`]), never guessed; a refusal names the line of the file.

mod blt;
mod pabulib;
mod sheet;

use crate::staged::Staged;
use crate::table::decode;
use crate::{CountRefusal, Json, read};

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A case of the exchange format.
    Case,
    /// Ranked ballots as most counting programs of the single transferable vote read them.
    Blt,
    /// A participatory budget (pabulib.org).
    Pabulib,
    /// A sheet: a column a candidate, a line a ballot.
    Csv,
}

/// What a file does not say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// The kind of count: `stv_scottish`, `approval` and so on.
    pub kind: Option<String>,
    /// Seats to fill.
    pub seats: Option<u64>,
    /// The grades, worst first.
    pub grades: Option<Vec<String>>,
    /// What a missing grade means: `worst`, `median` or `drop`.
    pub nulls: Option<String>,
    /// The lot's seed, 64 hexadecimal digits.
    pub seed: Option<String>,
    /// The encoding, when it is neither marked nor UTF-8.
    pub encoding: Option<String>,
    /// The separator of a sheet, when its header does not show it.
    pub delimiter: Option<char>,
}

/// What was read: the input of a kind, and where in the file its entries come from.
struct Election {
    kind: String,
    input: Vec<(&'static str, Json)>,
    /// The line of each ballot.
    ballots: Vec<usize>,
    /// The line of each candidate or project.
    candidates: Vec<usize>,
    /// What is said of the reading, beside the count.
    said: Vec<(&'static str, Json)>,
}

impl Format {
    /// The format that a file name's extension says.
    pub fn of_extension(extension: &str) -> Option<Self> {
        match extension.to_ascii_lowercase().as_str() {
            "json" => Some(Self::Case),
            "blt" => Some(Self::Blt),
            "pb" => Some(Self::Pabulib),
            "csv" | "tsv" => Some(Self::Csv),
            _ => None,
        }
    }
}

/// Counts a file of ballots.
///
/// # Errors
/// A numbered [`CountRefusal`], with the line of the file where one line is at fault.
pub fn count_file(bytes: &[u8], format: Format, options: &Options) -> Result<Json, CountRefusal> {
    let case = ReadCase::of(bytes, format, options)?;
    match (case.counted()?, case.said) {
        (Json::Object(mut answer), said) => {
            answer.extend(said.into_iter().map(|(key, value)| (key.to_owned(), value)));
            Ok(Json::Object(answer))
        }
        (other, _) => Ok(other),
    }
}

/// Counts a file of ballots and stages the same election for a ledger.
///
/// # Errors
/// As [`count_file`], and [`CountRefusal::NotOnLedger`].
pub fn stage_file(bytes: &[u8], format: Format, options: &Options) -> Result<Staged, CountRefusal> {
    let case = ReadCase::of(bytes, format, options)?;
    let counted = case.counted()?;
    Staged::of(case.kind, case.input, counted)
        .map_err(|refusal| at_line_of_file(refusal, &case.ballots, &case.candidates))
}

/// A case, whatever the file it comes from.
struct ReadCase {
    kind: String,
    input: Json,
    ballots: Vec<usize>,
    candidates: Vec<usize>,
    said: Vec<(&'static str, Json)>,
}

impl ReadCase {
    fn of(bytes: &[u8], format: Format, options: &Options) -> Result<Self, CountRefusal> {
        let mut options = options.clone(); // what is taken from it is used; what is left at the end says nothing here
        let encoding = options.encoding.take();
        if format == Format::Case {
            options.all_used()?;
            let case = Json::parse(&strict_text(bytes, encoding.as_deref())?)?;
            let input = read::field(&case, "input", None)?.clone();
            let kind = read::text(&case, "kind", None)?.to_owned();
            return Ok(Self { kind, input, ballots: Vec::new(), candidates: Vec::new(), said: Vec::new() });
        }
        let election = match format {
            Format::Csv => sheet::read(bytes, encoding.as_deref(), &mut options)?,
            Format::Blt => blt::read(&strict_text(bytes, encoding.as_deref())?, &mut options)?,
            _ => pabulib::read(&strict_text(bytes, encoding.as_deref())?)?,
        };
        let seed = options.seed.take().map(|it| ("seed", Json::text(it)));
        options.all_used()?;
        let Election { kind, input, ballots, candidates, said } = election;
        Ok(Self { kind, input: Json::object(input.into_iter().chain(seed)), ballots, candidates, said })
    }

    fn counted(&self) -> Result<Json, CountRefusal> {
        let counted = crate::count_input(&self.kind, &self.input);
        counted.map_err(|refusal| at_line_of_file(refusal, &self.ballots, &self.candidates))
    }
}

/// UTF-8, or what was declared: here nothing is guessed.
fn strict_text(bytes: &[u8], encoding: Option<&str>) -> Result<String, CountRefusal> {
    if encoding.is_none()
        && let Err(e) = str::from_utf8(bytes)
    {
        let before = &bytes[..e.valid_up_to()];
        return Err(CountRefusal::NotText { line: 1 + before.iter().filter(|it| **it == b'\n').count() });
    }
    match encoding {
        None => Ok(String::from_utf8_lossy(bytes).trim_start_matches('\u{feff}').to_owned()),
        Some(label) => Ok(decode(bytes, Some(label))?.0),
    }
}

impl Options {
    /// The kind of count, which these formats do not say.
    fn kind(&mut self, among: &'static [&'static str]) -> Result<String, CountRefusal> {
        let kind = self.kind.take().ok_or(CountRefusal::MissingOption { option: "--kind" })?;
        if among.contains(&kind.as_str()) { Ok(kind) } else { Err(CountRefusal::KindNotOfFormat { kind, among }) }
    }

    /// Refuses what nobody asked for: a forgotten option must not look obeyed.
    fn all_used(&self) -> Result<(), CountRefusal> {
        let left = [
            ("--kind", self.kind.is_some()),
            ("--seats", self.seats.is_some()),
            ("--grades", self.grades.is_some()),
            ("--nulls", self.nulls.is_some()),
            ("--seed", self.seed.is_some()),
            ("--delimiter", self.delimiter.is_some()),
        ];
        match left.iter().find(|it| it.1) {
            Some((option, _)) => Err(CountRefusal::UselessOption { option }),
            None => Ok(()),
        }
    }
}

/// The same refusal, with the line of the file instead of the entry's place.
fn at_line_of_file(refusal: CountRefusal, ballots: &[usize], candidates: &[usize]) -> CountRefusal {
    use urne_vote_contract::method::CountError;
    let of = match &refusal {
        CountRefusal::Count(CountError::CostNotPositive { .. }) => candidates,
        CountRefusal::Count(_) => ballots,
        CountRefusal::WrongForm { key, .. } | CountRefusal::Missing { key, .. } if key == "ballots" => ballots,
        CountRefusal::WrongForm { .. }
        | CountRefusal::DuplicateName { .. }
        | CountRefusal::LookAlike { .. }
        | CountRefusal::Missing { .. } => candidates,
        _ => return refusal,
    };
    match refusal.line().and_then(|it| of.get(it.checked_sub(1)?)) {
        Some(&line) => CountRefusal::AtLine { line, refusal: Box::new(refusal) },
        None => refusal,
    }
}

fn malformed(line: usize, reason: impl Into<String>) -> CountRefusal {
    CountRefusal::Malformed { line, reason: reason.into() }
}

/// A number of voters, seats or candidates.
fn whole(written: &str, line: usize, what: &str) -> Result<u64, CountRefusal> {
    let plain = written.bytes().all(|it| it.is_ascii_digit());
    let number = if plain { written.parse().ok() } else { None };
    number.ok_or_else(|| malformed(line, format!("'{written}' is not {what}, a whole number")))
}

/// `[multiplicity, [[tied], …]]`.
fn ranked(multiplicity: u64, ranks: &[Vec<usize>]) -> Json {
    let ranks = Json::list(ranks.iter().map(Json::numbers));
    Json::list([Json::number(multiplicity), ranks])
}

/// The names, refused when two are the same.
fn names(names: &[String]) -> Result<Json, CountRefusal> {
    read::distinct(names, "candidates")?;
    Ok(Json::list(names.iter().map(Json::text)))
}
