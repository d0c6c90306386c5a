//! How a command ends. Scripts rely on these six numbers; each has one meaning and keeps it.
use std::{fmt::Display, process::ExitCode};
use urne_node::{
    config::ConfigError,
    genesis_file::{GenesisFault, GenesisFileError},
    guard::GuardError,
    home::HomeError,
    keystore::KeyError,
};
use urne_types::Rejection;

/// The meaning of an exit code other than 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Exit {
    /// A rule of the chain refuses it.
    Rejected = 1,
    /// The command line makes no sense; clap ends with this number too.
    Usage = 2,
    /// Our surroundings: files, rights, keys, settings.
    Environment = 3,
    /// No node answers.
    Unreachable = 4,
    /// A proof, a signature or a result does not hold.
    VerificationFailed = 5,
}
impl From<Exit> for ExitCode {
    fn from(it: Exit) -> Self {
        Self::from(it as u8)
    }
}

/// Why a command failed: a sentence that says what to do, and the code to end with.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The code.
    pub(crate) exit: Exit,
    /// The sentence.
    pub(crate) message: String,
    /// What programs are told beside it.
    pub(crate) detail: Detail,
}

/// What programs are told beside the sentence.
#[derive(Debug)]
pub(crate) enum Detail {
    /// The exit code says it all.
    None,
    /// Refused by a numbered rule of the protocol or of the API.
    Rule {
        /// Stable number.
        code: u16,
        /// Stable name.
        name: String,
    },
    /// The message is the whole complaint, in a documented form of its own.
    Verbatim,
}

impl Failure {
    /// Ends with this code and this sentence.
    pub(crate) fn new(exit: Exit, message: impl Display) -> Self {
        Self { exit, message: message.to_string(), detail: Detail::None }
    }
    /// The command line makes no sense.
    pub(crate) fn usage(message: impl Display) -> Self {
        Self::new(Exit::Usage, message)
    }
    /// Our surroundings failed.
    pub(crate) fn environment(message: impl Display) -> Self {
        Self::new(Exit::Environment, message)
    }
    /// Somebody shows us what does not hold.
    pub(crate) fn unverified(message: impl Display) -> Self {
        Self::new(Exit::VerificationFailed, message)
    }
    /// A numbered rule refuses it.
    pub(crate) fn rule(exit: Exit, code: u16, name: &str, sentence: impl Display) -> Self {
        let advice = Rejection::from_code(code).and_then(advice).map(|it| format!("; {it}")).unwrap_or_default();
        let message = format!("refused by rule {code} {name}: {sentence}{advice}");
        Self { exit, message, detail: Detail::Rule { code, name: name.into() } }
    }
    /// A complaint in a documented form of its own.
    pub(crate) fn verbatim(exit: Exit, text: impl Display) -> Self {
        Self { exit, message: text.to_string(), detail: Detail::Verbatim }
    }
    /// Whether that rule is the cause.
    pub(crate) fn is(&self, rejection: Rejection) -> bool {
        matches!(&self.detail, Detail::Rule { code, .. } if *code == rejection.code())
    }
}
/// What to do about a refusal that the rule's own sentence does not say.
fn advice(rule: Rejection) -> Option<&'static str> {
    Some(match rule {
        Rejection::NotAnAdministrator => "`urne act administrators` lists them: give another --key",
        Rejection::AlreadyApproved => "an administrator of another college must approve it",
        Rejection::ActExpired | Rejection::BadExpiry => "give a later time, within what the chain allows",
        Rejection::DelegationExists => "give a key made for this: `urne keys new --role administrator`",
        Rejection::UnknownDelegation => {
            "`urne act administrators` lists those in force; whoever gave one takes it back with her own --key"
        }
        Rejection::TooManyDelegations => "take one back first: `urne act revoke`",
        Rejection::BadKey => "let its owner make another: `urne keys new`",
        Rejection::SequenceTooOld | Rejection::SequenceTooFar => "leave --sequence away: the node knows the next one",
        Rejection::UnknownElection => "`urne election list` shows those of this chain",
        Rejection::UnknownAct => "`urne act list` shows those of this chain",
        _ => return None,
    })
}

impl From<Rejection> for Failure {
    fn from(it: Rejection) -> Self {
        Self::rule(Exit::Rejected, it.code(), it.name(), it)
    }
}

macro_rules! environment {
    ($($error:ty),*) => { $(
        impl From<$error> for Failure {
            fn from(it: $error) -> Self {
                Self::environment(it)
            }
        }
    )* };
}
environment!(HomeError, KeyError, GuardError);

impl From<ConfigError> for Failure {
    fn from(it: ConfigError) -> Self {
        use urne_node::config::Origin::Flag;
        match &it {
            ConfigError::Unknown { origin: Flag(_), .. } | ConfigError::Refused { origin: Flag(_), .. } => {
                Self::usage(it)
            }
            _ => Self::environment(it),
        }
    }
}
impl From<GenesisFault> for Failure {
    fn from(it: GenesisFault) -> Self {
        Self::new(Exit::Rejected, it)
    }
}
impl From<GenesisFileError> for Failure {
    fn from(it: GenesisFileError) -> Self {
        match &it {
            GenesisFileError::Fault { .. } => Self::new(Exit::Rejected, it),
            GenesisFileError::Disk { .. } | GenesisFileError::NotAGenesis { .. } => Self::environment(it),
        }
    }
}
