//! Files of ballots in the formats others use: each is read into the input of a kind of the exchange format and counted by that
//! kind's code. What a format does not say is declared ([`Options`]), never guessed; a refusal names the line of the file.

mod blt;
mod limits;
mod pabulib;
mod sheet;

use crate::staged::Staged;
use crate::table::decode;
use crate::{CountRefusal, Json, read, unread};

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
    places: Places,
    /// What is said of the reading, beside the count.
    said: Vec<(&'static str, Json)>,
}

/// Where in a file the entries of an input come from; a case has none of it, its refusals name entries.
#[derive(Default)]
struct Places {
    /// The line of each ballot.
    ballots: Vec<usize>,
    /// The line of each candidate or project.
    candidates: Vec<usize>,
    /// The line of what is said once: the budget, the seats.
    single: Vec<(&'static str, usize)>,
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
    Staged::of(case.kind, case.input, counted).map_err(|refusal| case.places.at_line(refusal))
}

/// A case, whatever the file it comes from.
struct ReadCase {
    kind: String,
    input: Json,
    places: Places,
    said: Vec<(&'static str, Json)>,
}

impl ReadCase {
    fn of(bytes: &[u8], format: Format, options: &Options) -> Result<Self, CountRefusal> {
        let mut options = options.clone(); // what is taken from it is used; what is left at the end says nothing here
        let encoding = options.encoding.take();
        if format == Format::Case {
            options.all_used()?;
            let text = strict_text(bytes, encoding.as_deref())?;
            let case = Json::parse(&text)?;
            let input = read::field(&case, "input", None)?.clone();
            let kind = read::text(&case, "kind", None)?.to_owned();
            let ignored = unread::of_input(&text, &kind, &input)?;
            let said = if ignored.is_empty() {
                None
            } else {
                Some(("ignored", Json::list(ignored.into_iter().map(Json::Text))))
            };
            return Ok(Self { kind, input, places: Places::default(), said: said.into_iter().collect() });
        }
        let election = match format {
            Format::Csv => sheet::read(bytes, encoding.as_deref(), &mut options)?,
            Format::Blt => blt::read(&lines_of_text(bytes, encoding.as_deref())?, &mut options)?,
            _ => pabulib::read(&lines_of_text(bytes, encoding.as_deref())?)?,
        };
        let Election { kind, input, places, said } = election;
        let is_drawn = unread::is_read(&kind, "seed");
        let seed = options.seed.take_if(|_| is_drawn).map(|it| ("seed", Json::text(it)));
        options.all_used()?;
        Ok(Self { kind, input: Json::object(input.into_iter().chain(seed)), places, said })
    }

    fn counted(&self) -> Result<Json, CountRefusal> {
        let counted = crate::count_input(&self.kind, &self.input);
        counted.map_err(|refusal| self.places.at_line(refusal))
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

/// The same, of a format made of lines: without control characters, as a sheet.
fn lines_of_text(bytes: &[u8], encoding: Option<&str>) -> Result<String, CountRefusal> {
    let text = strict_text(bytes, encoding)?;
    Ok(decode(text.as_bytes(), Some("utf-8"))?.0)
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

impl Places {
    /// The same refusal, with the line of the file instead of the entry's place.
    fn at_line(&self, refusal: CountRefusal) -> CountRefusal {
        use urne_vote_contract::method::CountError;
        let of = match &refusal {
            CountRefusal::Count(CountError::NoSeat) => return self.at_single("seats", refusal),
            CountRefusal::WrongForm { key, line: None, .. } => return self.at_single(&key.clone(), refusal),
            CountRefusal::Count(CountError::CostNotPositive { .. }) => &self.candidates,
            CountRefusal::Count(_) => &self.ballots,
            CountRefusal::WrongForm { key, .. } | CountRefusal::Missing { key, .. } if key == "ballots" => {
                &self.ballots
            }
            CountRefusal::WrongForm { .. }
            | CountRefusal::DuplicateName { .. }
            | CountRefusal::LookAlike { .. }
            | CountRefusal::NotAName { .. }
            | CountRefusal::Missing { .. } => &self.candidates,
            _ => return refusal,
        };
        match refusal.line().and_then(|it| of.get(it.checked_sub(1)?)) {
            Some(&line) => CountRefusal::AtLine { line, refusal: Box::new(refusal) },
            None => refusal,
        }
    }

    fn at_single(&self, key: &str, refusal: CountRefusal) -> CountRefusal {
        match self.single.iter().find(|it| it.0 == key) {
            Some(&(_, line)) => CountRefusal::AtLine { line, refusal: Box::new(refusal) },
            None => refusal,
        }
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
