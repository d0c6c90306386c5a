//! Why a file is refused: the rules of counting keep their own numbers (1 to 99), those of reading start at 101.

use thiserror::Error;
use urne_types::{CollegeId, Rejection, name::NameFault};
use urne_vote_contract::method::CountError;

use crate::Json;

/// A case that is not counted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CountRefusal {
    /// The election breaks a rule of its method.
    #[error(transparent)]
    Count(#[from] CountError),
    /// The text is not JSON.
    #[error("line {line}: not JSON: {reason}")]
    NotJson {
        /// Line of the text, from 1.
        line: usize,
        /// What the parser says.
        reason: String,
    },
    /// No such kind of count here.
    #[error("nothing counts \"{kind}\" here")]
    UnknownKind {
        /// The kind asked for.
        kind: String,
    },
    /// A key that has to be there.
    #[error("\"{key}\" is missing{}", place(*.line))]
    Missing {
        /// Its name.
        key: String,
        /// The entry of a list that lacks it, from 1.
        line: Option<usize>,
    },
    /// A value of another form.
    #[error("\"{key}\"{}: expected {expected}", place(*.line))]
    WrongForm {
        /// Where.
        key: String,
        /// The entry of a list, from 1.
        line: Option<usize>,
        /// What should be there.
        expected: &'static str,
    },
    /// Two candidates, grades, projects or colleges with one name.
    #[error("\"{key}\", line {line}: \"{name}\" is already there")]
    DuplicateName {
        /// Which list.
        key: String,
        /// The second one's place, from 1.
        line: usize,
        /// The name.
        name: String,
    },
    /// Two names of different bytes that read alike: accents in two forms, invisible characters, other blanks, full-width letters.
    #[error("\"{key}\", line {line}: \"{name}\" looks like a name that is already there: write them differently")]
    LookAlike {
        /// Which list.
        key: String,
        /// The second one's place, from 1.
        line: usize,
        /// The name.
        name: String,
    },
    /// Weights of colleges that are not 100 % together.
    #[error("the colleges weigh {found} of 10000 together")]
    WeightsDoNotSum {
        /// Their sum, in ten-thousandths.
        found: u128,
    },
    /// A key twice in one object: which one is meant?
    #[error("line {line}: \"{key}\" is written twice in one object")]
    DuplicateKey {
        /// Line of the text, from 1.
        line: usize,
        /// The key.
        key: String,
    },
    /// The contract refuses the election itself, as it would on a ledger.
    #[error("the contract refuses this election by its rule {}: {rule}", .rule.code())]
    Contract {
        /// The rule of the contract.
        rule: Rejection,
    },
    /// A byte or a character that no text has.
    #[error("line {line}: this is not text: declare the encoding, or repair the file")]
    NotText {
        /// Line of the file, from 1.
        line: usize,
    },
    /// An encoding nobody knows.
    #[error("no encoding is called \"{label}\"")]
    UnknownEncoding {
        /// As declared.
        label: String,
    },
    /// A file of ballots that breaks its own format.
    #[error("line {line}: {reason}")]
    Malformed {
        /// Line of the file, from 1.
        line: usize,
        /// What was expected there.
        reason: String,
    },
    /// A file of ballots whose election breaks a rule.
    #[error("line {line} of the file: {refusal}")]
    AtLine {
        /// Line of the file, from 1.
        line: usize,
        /// The rule.
        refusal: Box<CountRefusal>,
    },
    /// Ballots of one college that break a rule; lines are its own ballots.
    #[error("college {college}: {refusal}")]
    OfCollege {
        /// Its place, from 1.
        college: usize,
        /// The rule.
        refusal: Box<CountRefusal>,
    },
    /// What the format does not say, and the count needs.
    #[error("the file does not say it: give {option}")]
    MissingOption {
        /// The option.
        option: &'static str,
    },
    /// An option that this format or this kind of count does not read.
    #[error("{option} says nothing here: the file or the kind of count does not read it")]
    UselessOption {
        /// The option.
        option: &'static str,
    },
    /// A kind that this format's ballots cannot be counted by.
    #[error("\"{kind}\" does not count such ballots: one of {}", .among.join(", "))]
    KindNotOfFormat {
        /// The kind asked for.
        kind: String,
        /// Those that can be.
        among: &'static [&'static str],
    },
    /// A college that only one of the statutes and the hypothesis knows.
    #[error("college {college}: the statutes and the hypothesis do not both have it")]
    UnknownCollege {
        /// Which.
        college: CollegeId,
    },
    /// An election that can be counted, and that a ledger does not hold as it stands.
    #[error("a ledger does not hold this election: {why}")]
    NotOnLedger {
        /// What stands in the way.
        why: &'static str,
    },
    /// A name that nobody can read.
    #[error("\"{key}\", line {line}: {fault}")]
    NotAName {
        /// Which list.
        key: String,
        /// The name's place, from 1.
        line: usize,
        /// Why.
        fault: NameFault,
    },
    /// A key that nothing reads, and that looks like one that would be read.
    #[error("line {line}: nothing reads \"{path}\"{}: rename it, or take it out", instead_of(*.meant))]
    UnknownKey {
        /// Line of the text, from 1.
        line: usize,
        /// Where it is, from the top: `input.colleges[2].abstentions`.
        path: String,
        /// The key that was probably meant.
        meant: Option<&'static str>,
    },
    /// A convention the election meets and did not declare.
    #[error("\"{key}\" is not declared, and this election meets it: {question}")]
    UndeclaredConvention {
        /// The missing parameter.
        key: &'static str,
        /// What it decides.
        question: &'static str,
    },
}

impl CountRefusal {
    /// The rule's number.
    pub fn code(&self) -> u16 {
        match self {
            Self::Count(error) => error.code(),
            Self::NotJson { .. } => 101,
            Self::UnknownKind { .. } => 102,
            Self::Missing { .. } => 103,
            Self::WrongForm { .. } => 104,
            Self::DuplicateName { .. } => 105,
            Self::WeightsDoNotSum { .. } => 106,
            Self::UndeclaredConvention { .. } => 107,
            Self::DuplicateKey { .. } => 108,
            Self::Contract { .. } => 109,
            Self::NotText { .. } => 110,
            Self::UnknownEncoding { .. } => 111,
            Self::Malformed { .. } => 112,
            Self::MissingOption { .. } => 113,
            Self::UselessOption { .. } => 114,
            Self::KindNotOfFormat { .. } => 115,
            Self::UnknownCollege { .. } => 116,
            Self::LookAlike { .. } => 117,
            Self::NotOnLedger { .. } => 118,
            Self::NotAName { .. } => 119,
            Self::UnknownKey { .. } => 120,
            Self::AtLine { refusal, .. } | Self::OfCollege { refusal, .. } => refusal.code(),
        }
    }

    /// The rule's name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Count(error) => error.name(),
            Self::NotJson { .. } => "NotJson",
            Self::UnknownKind { .. } => "UnknownKind",
            Self::Missing { .. } => "Missing",
            Self::WrongForm { .. } => "WrongForm",
            Self::DuplicateName { .. } => "DuplicateName",
            Self::WeightsDoNotSum { .. } => "WeightsDoNotSum",
            Self::UndeclaredConvention { .. } => "UndeclaredConvention",
            Self::DuplicateKey { .. } => "DuplicateKey",
            Self::Contract { .. } => "Contract",
            Self::NotText { .. } => "NotText",
            Self::UnknownEncoding { .. } => "UnknownEncoding",
            Self::Malformed { .. } => "Malformed",
            Self::MissingOption { .. } => "MissingOption",
            Self::UselessOption { .. } => "UselessOption",
            Self::KindNotOfFormat { .. } => "KindNotOfFormat",
            Self::UnknownCollege { .. } => "UnknownCollege",
            Self::LookAlike { .. } => "LookAlike",
            Self::NotOnLedger { .. } => "NotOnLedger",
            Self::NotAName { .. } => "NotAName",
            Self::UnknownKey { .. } => "UnknownKey",
            Self::AtLine { refusal, .. } | Self::OfCollege { refusal, .. } => refusal.name(),
        }
    }

    /// The line at fault, from 1, when there is one.
    pub fn line(&self) -> Option<usize> {
        match self {
            Self::Count(error) => error.line(),
            Self::OfCollege { refusal, .. } => refusal.line(),
            Self::NotText { line } | Self::Malformed { line, .. } | Self::AtLine { line, .. } => Some(*line),
            Self::NotJson { line, .. }
            | Self::DuplicateName { line, .. }
            | Self::LookAlike { line, .. }
            | Self::NotAName { line, .. }
            | Self::UnknownKey { line, .. }
            | Self::DuplicateKey { line, .. } => Some(*line),
            Self::WrongForm { line, .. } | Self::Missing { line, .. } => *line,
            Self::UnknownKind { .. }
            | Self::Contract { .. }
            | Self::UnknownEncoding { .. }
            | Self::MissingOption { .. }
            | Self::UselessOption { .. }
            | Self::KindNotOfFormat { .. }
            | Self::UnknownCollege { .. }
            | Self::NotOnLedger { .. }
            | Self::WeightsDoNotSum { .. }
            | Self::UndeclaredConvention { .. } => None,
        }
    }

    /// `{"error":{"code":…,"line":…,"message":…,"name":…}}`.
    pub fn to_answer(&self) -> Json {
        Json::object([(
            "error",
            Json::object([
                ("code", Json::number(self.code())),
                ("name", Json::text(self.name())),
                ("line", self.line().map_or(Json::Null, Json::number)),
                ("message", Json::text(self.to_string())),
            ]),
        )])
    }
}

fn instead_of(key: Option<&str>) -> String {
    key.map(|it| format!(", and \"{it}\" is missing")).unwrap_or_default()
}

fn place(line: Option<usize>) -> String {
    line.map(|it| format!(", line {it}")).unwrap_or_default()
}

impl From<Rejection> for CountRefusal {
    fn from(rule: Rejection) -> Self {
        Self::Contract { rule }
    }
}
