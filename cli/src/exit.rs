//! How a command ends. Scripts rely on these six numbers; each has one meaning and keeps it.
use std::{fmt::Display, process::ExitCode};
use urne_node::{
    config::ConfigError,
    genesis_file::{GenesisFault, GenesisFileError},
    guard::GuardError,
    home::HomeError,
    keystore::KeyError,
};

/// The meaning of an exit code other than 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(dead_code, reason = "client commands use the last ones")]
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
}
impl Failure {
    /// Ends with this code and this sentence.
    pub(crate) fn new(exit: Exit, message: impl Display) -> Self {
        Self { exit, message: message.to_string() }
    }
    /// The command line makes no sense.
    pub(crate) fn usage(message: impl Display) -> Self {
        Self::new(Exit::Usage, message)
    }
    /// Our surroundings failed.
    pub(crate) fn environment(message: impl Display) -> Self {
        Self::new(Exit::Environment, message)
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
