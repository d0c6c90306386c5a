//! `urne census import`: from the sheet an office keeps to the file `urne election create --census` takes, with a report of
//! every line at fault. Names stay in a private file that only its owner can read.
use crate::{
    Context,
    exit::{Exit, Failure},
    output::Output,
};
use clap::{Args, Subcommand, ValueEnum};
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};
use urne_exchange::{
    Json,
    roll::{Column, EntitledBy, Representatives, Roll, RollRules},
};
use urne_node::disk::{self, Readable};
use urne_types::{CollegeId, election::CensusCommitment};

/// What to do with a census.
#[derive(Debug, Subcommand)]
pub(crate) enum CensusCommand {
    /// Make a census out of a sheet of members, and report what is wrong in it
    Import(ImportArgs),
}

/// Reads a sheet.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    #[command(flatten)]
    sheet: SheetArgs,
    /// Folder to make: census.csv (public, without names) and private.json (who holds which key: it never leaves the office)
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// The private file of the census before: a member's new key must then be announced in the column `replaces`
    #[arg(long, value_name = "private.json")]
    previous: Option<PathBuf>,
}

/// A sheet of members, and how it is to be understood.
#[derive(Debug, Args)]
pub(super) struct SheetArgs {
    /// The sheet: .csv as spreadsheets write it
    file: PathBuf,
    /// A column by its name in the sheet: college=Collège, name=Nom, id=Numéro, public_key=Clé, entity=Structure, replaces=…,
    /// contact=Courriel
    #[arg(long = "column", value_name = "OURS=THEIRS", value_parser = pair)]
    columns: Vec<(String, String)>,
    /// A college by its name in the sheet: 2=Usagers
    #[arg(long = "college", value_name = "NUMBER=NAME", value_parser = pair)]
    colleges: Vec<(String, String)>,
    /// Whose voice counts when a legal entity has several representatives; refused as long as it is not said
    #[arg(long, value_enum)]
    representatives: Option<RepresentativesArg>,
    /// Encoding, when it is neither marked, nor UTF-8, nor Windows-1252
    #[arg(long)]
    encoding: Option<String>,
    /// Separator, when the header does not show it
    #[arg(long)]
    delimiter: Option<char>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum RepresentativesArg {
    /// One only may be listed
    One,
    /// The first in the sheet votes
    FirstListed,
}

fn pair(written: &str) -> Result<(String, String), String> {
    let (ours, theirs) = written.split_once('=').ok_or("write it as OURS=THEIRS")?;
    Ok((ours.trim().to_owned(), theirs.trim().to_owned()))
}

impl CensusCommand {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let Self::Import(args) = self;
        args.run(context)
    }
}

impl ImportArgs {
    fn run(self, context: &Context) -> Result<(), Failure> {
        let previous = self.previous.as_deref().map(read).transpose()?;
        let previous =
            previous.map(|it| Json::parse(&String::from_utf8_lossy(&it)).map_err(Failure::usage)).transpose()?;
        let roll = self.sheet.read(EntitledBy::Key, previous)?;
        let made = match &self.output {
            Some(folder) if roll.is_sound() => Some(write(folder, &roll)?),
            _ => None,
        };
        tell(context, &roll, made.as_ref())
    }
}

impl SheetArgs {
    /// Reads it.
    pub(super) fn read(&self, entitled_by: EntitledBy, previous: Option<Json>) -> Result<Roll, Failure> {
        let mut columns = BTreeMap::new();
        for (ours, theirs) in &self.columns {
            let column = Column::ALL.iter().find(|it| it.1 == ours);
            let column =
                column.ok_or_else(|| Failure::usage(format!("--column {ours}=…: no column is called '{ours}'")))?;
            columns.insert(column.0, theirs.clone());
        }
        let mut colleges = BTreeMap::new();
        for (number, name) in &self.colleges {
            let number =
                number.parse().map_err(|_| Failure::usage(format!("--college {number}=…: '{number}' is no number")))?;
            colleges.insert(name.clone(), CollegeId::new(number));
        }
        let rules = RollRules {
            encoding: self.encoding.clone(),
            delimiter: self.delimiter,
            columns,
            colleges,
            representatives: self.representatives.map(|it| match it {
                RepresentativesArg::One => Representatives::One,
                RepresentativesArg::FirstListed => Representatives::FirstListed,
            }),
            previous,
            entitled_by,
        };
        let refused = |e: urne_exchange::CountRefusal| Failure::rule(Exit::Rejected, e.code(), e.name(), e);
        Roll::read(&read(&self.file)?, &rules).map_err(refused)
    }
}

/// A folder that was made out of a sheet, and what is in it, in sentences.
pub(super) struct Made {
    /// The folder.
    pub(super) folder: PathBuf,
    /// One for each thing in it.
    pub(super) contents: Vec<String>,
}

/// Reports what became of a sheet: a complaint when there is an error in it.
pub(super) fn tell(context: &Context, roll: &Roll, made: Option<&Made>) -> Result<(), Failure> {
    let report = match context.output {
        Output::Human => sentences(roll, made)?,
        Output::Json => report(roll, made)?.to_string(),
    };
    if roll.is_sound() {
        let _ = writeln!(io::stdout(), "{}", report.trim_end());
        Ok(())
    } else {
        Err(Failure::verbatim(Exit::Rejected, report.trim_end()))
    }
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(file).map_err(|e| Failure::environment(format!("{}: {e}", file.display())))
}

/// What goes wrong with a path.
pub(super) fn fault(path: &Path) -> impl FnOnce(io::Error) -> Failure {
    let path = path.display().to_string();
    move |e| Failure::environment(format!("{path}: {e}"))
}

/// The public file of a census.
pub(super) fn write_census(folder: &Path, roll: &Roll) -> Result<String, Failure> {
    let public = folder.join("census.csv");
    disk::create(&public, Readable::ByAll, roll.public_file().as_bytes()).map_err(fault(&public))?;
    let public = public.display();
    Ok(format!("{public} is public: urne election create --census {public}"))
}

/// Both files, in a new folder: an older census is never written over.
fn write(folder: &Path, roll: &Roll) -> Result<Made, Failure> {
    fs::create_dir(folder).map_err(fault(folder))?;
    let private = folder.join("private.json");
    disk::create(&private, Readable::ByOwner, format!("{}\n", roll.private_file()).as_bytes())
        .map_err(fault(&private))?;
    let kept = format!("{} says who holds which key: it stays in the office", private.display());
    Ok(Made { folder: folder.to_owned(), contents: vec![write_census(folder, roll)?, kept] })
}

/// The name that the census has on every ledger, and that `election create` shows.
fn census_id(roll: &Roll) -> Result<Option<String>, Failure> {
    let mut entries = roll.entries.clone();
    let commitment = CensusCommitment::over(&mut entries).map_err(Failure::usage)?;
    Ok(roll.is_sound().then(|| commitment.id().to_string()))
}

fn report(roll: &Roll, made: Option<&Made>) -> Result<Json, Failure> {
    let text = |text: &dyn ToString| Json::Text(text.to_string());
    let number = |number: usize| Json::Number(number.to_string());
    let members = roll.members().into_iter().map(|(college, members)| (college.to_string(), number(members)));
    let fields = [
        ("sound", Json::Bool(roll.is_sound())),
        ("census", census_id(roll)?.map_or(Json::Null, Json::Text)),
        ("encoding", text(&roll.encoding)),
        ("delimiter", text(&roll.delimiter)),
        ("lines", number(roll.lines)),
        ("ignored_columns", Json::List(roll.ignored_columns.iter().map(|it| text(it)).collect())),
        ("members", Json::Object(members.collect())),
        ("problems", Json::List(roll.problems.iter().map(urne_exchange::Problem::to_json).collect())),
        ("folder", made.map_or(Json::Null, |it| text(&it.folder.display()))),
    ];
    Ok(Json::Object(fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()))
}

fn sentences(roll: &Roll, made: Option<&Made>) -> Result<String, Failure> {
    let mut said = String::new();
    let delimiter = if roll.delimiter == '\t' { "tabulation".to_owned() } else { format!("'{}'", roll.delimiter) };
    let _ = writeln!(said, "{} lines in {}, separated by {delimiter}", roll.lines, roll.encoding);
    if !roll.ignored_columns.is_empty() {
        let _ = writeln!(said, "columns that nothing reads: {}", roll.ignored_columns.join(", "));
    }
    for problem in &roll.problems {
        let _ = writeln!(said, "{problem}");
    }
    let Some(census) = census_id(roll)? else {
        let _ = writeln!(said, "no census is made: correct the errors above, or bring at least one member");
        return Ok(said);
    };
    for (college, members) in roll.members() {
        let _ = writeln!(said, "college {college}: {members} members");
    }
    let _ = writeln!(said, "census {census}");
    for thing in made.iter().flat_map(|it| &it.contents) {
        let _ = writeln!(said, "{thing}");
    }
    Ok(said)
}
