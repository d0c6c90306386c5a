//! Why a file is refused: the rules of counting keep their own numbers (1 to 99), those of reading start at 101.

use thiserror::Error;
use urne_vote_contract::method::CountError;

use crate::Answer;

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
    #[error("\"{key}\" is missing")]
    Missing {
        /// Its name.
        key: String,
    },
    /// A value of another form.
    #[error("\"{key}\"{}: expected {expected}", .line.map(|it| format!(", line {it}")).unwrap_or_default())]
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
    /// Weights of colleges that are not 100 % together.
    #[error("the colleges weigh {found} of 10000 together")]
    WeightsDoNotSum {
        /// Their sum, in ten-thousandths.
        found: u128,
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
        }
    }

    /// The line at fault, from 1, when there is one.
    pub fn line(&self) -> Option<usize> {
        match self {
            Self::Count(error) => error.line(),
            Self::NotJson { line, .. } | Self::DuplicateName { line, .. } => Some(*line),
            Self::WrongForm { line, .. } => *line,
            Self::UnknownKind { .. }
            | Self::Missing { .. }
            | Self::WeightsDoNotSum { .. }
            | Self::UndeclaredConvention { .. } => None,
        }
    }

    /// `{"error":{"code":…,"line":…,"message":…,"name":…}}`.
    pub fn to_answer(&self) -> Answer {
        Answer::object([(
            "error",
            Answer::object([
                ("code", Answer::number(self.code())),
                ("name", Answer::text(self.name())),
                ("line", self.line().map_or(Answer::Null, Answer::number)),
                ("message", Answer::text(self.to_string())),
            ]),
        )])
    }
}

impl From<serde_json::Error> for CountRefusal {
    fn from(error: serde_json::Error) -> Self {
        Self::NotJson { line: error.line(), reason: error.to_string() }
    }
}
