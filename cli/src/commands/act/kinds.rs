//! Every act of governance as words of the command line, or as JSON in a file.
use crate::exit::{Exit, Failure};
use clap::Subcommand;
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
};
use urne_types::{
    ActId, CensusId, CollegeId, DraftId, ElectionId, Height, PublicKey, ValidatorId,
    bounded::Text,
    governance::{Act, Administrator, KeyCause, ParameterChange, Parameters, ValidatorRecord},
    limits::REASON_BYTES_MAX,
    signed::Signed,
    statutes::Statutes,
};

/// What is proposed.
#[derive(Debug, Subcommand)]
pub(crate) enum ActWords {
    /// A new validator joins, as its own node declares it (`urne act record --json`)
    AddValidator {
        /// Its record
        #[arg(long, value_name = "FILE")]
        record: PathBuf,
    },
    /// A validator loses its power
    SuspendValidator {
        /// Which
        validator: ValidatorId,
        /// Why, in public
        #[arg(long)]
        reason: String,
    },
    /// A suspended validator comes back
    ReinstateValidator {
        /// Which
        validator: ValidatorId,
    },
    /// Another takes a validator's place; also how a consensus key is rotated (`urne keys rotate`)
    ReplaceValidator {
        /// Which
        validator: ValidatorId,
        /// The new one's record
        #[arg(long, value_name = "FILE")]
        record: PathBuf,
    },
    /// A new administrator
    AddAdministrator {
        /// Her college
        #[arg(long, value_name = "NUMBER")]
        college: u16,
        /// Her key
        public_key: PublicKey,
    },
    /// An administrator leaves
    RemoveAdministrator {
        /// Her key
        public_key: PublicKey,
    },
    /// An administrator changes her key
    RotateAdministratorKey {
        /// The old one
        from: PublicKey,
        /// The new one
        to: PublicKey,
    },
    /// A complete census may serve in elections
    AdoptCensus {
        /// Which
        census: CensusId,
    },
    /// A member can cast no more; what was cast stays
    SuspendMember {
        /// Her key
        public_key: PublicKey,
    },
    /// A suspended member may cast again
    ReinstateMember {
        /// Her key
        public_key: PublicKey,
    },
    /// A parameter of the chain changes
    SetParameter {
        /// As in approvals_needed=2
        #[arg(value_name = "NAME=VALUE")]
        change: String,
    },
    /// Every node follows another version of the protocol from a height on
    UpgradeProtocol {
        /// The version
        version: u16,
        /// The first height that follows it
        #[arg(long)]
        height: u64,
    },
    /// A draft is frozen and becomes an election
    ScheduleElection {
        /// Which
        draft: DraftId,
    },
    /// An election closes before its time
    CloseElection {
        /// Which
        election: ElectionId,
    },
    /// The first statutes, or the next version of those in force (docs/counting.md)
    PutStatutes {
        /// The statutes, as JSON
        file: PathBuf,
    },
    /// A member's right passes to another key, a fresh one
    ReplaceMemberKey {
        /// The key in use so far
        from: PublicKey,
        /// The key in use from now on
        to: PublicKey,
        /// The member is a legal entity and somebody else represents it now; without this word, the key was lost
        #[arg(long)]
        new_representative: bool,
    },
    /// An election is cancelled
    CancelElection {
        /// Which
        election: ElectionId,
        /// Why, in public
        #[arg(long)]
        reason: String,
    },
}

impl ActWords {
    /// The act that these words mean.
    pub(super) fn act(self) -> Result<Act, Failure> {
        Ok(match self {
            Self::AddValidator { record } => Act::AddValidator { record: read_record(&record)? },
            Self::SuspendValidator { validator, reason: why } => {
                Act::SuspendValidator { validator, reason: reason(&why)? }
            }
            Self::ReinstateValidator { validator } => Act::ReinstateValidator { validator },
            Self::ReplaceValidator { validator, record } => {
                Act::ReplaceValidator { validator, record: read_record(&record)? }
            }
            Self::AddAdministrator { college, public_key } => Act::AddAdministrator {
                administrator: Administrator { college: CollegeId::new(college), key: public_key },
            },
            Self::RemoveAdministrator { public_key } => Act::RemoveAdministrator { key: public_key },
            Self::RotateAdministratorKey { from, to } => Act::RotateAdministratorKey { from, to },
            Self::AdoptCensus { census } => Act::AdoptCensus { census },
            Self::SuspendMember { public_key } => Act::SuspendMember { member: public_key },
            Self::ReinstateMember { public_key } => Act::ReinstateMember { member: public_key },
            Self::SetParameter { change } => Act::SetParameter { change: parameter(&change)? },
            Self::UpgradeProtocol { version, height } => Act::UpgradeProtocol { version, height: Height::new(height) },
            Self::ScheduleElection { draft } => Act::ScheduleElection { draft },
            Self::CloseElection { election } => Act::CloseElection { election },
            Self::PutStatutes { file } => Act::PutStatutes { statutes: Box::new(read_statutes(&file)?) },
            Self::ReplaceMemberKey { from, to, new_representative } => {
                let cause = if new_representative { KeyCause::NewRepresentative } else { KeyCause::Lost };
                Act::ReplaceMemberKey { from, to, cause }
            }
            Self::CancelElection { election, reason: why } => Act::CancelElection { election, reason: reason(&why)? },
        })
    }
}

/// A reason given in public.
pub(in crate::commands) fn reason(text: &str) -> Result<Text<REASON_BYTES_MAX>, Failure> {
    Text::new(text).map_err(|e| Failure::usage(format!("--reason: {e}")))
}

/// An act in a file: by itself, or under the key `act` as `urne keys rotate --json` prints it.
pub(super) fn read_act(file: &Path) -> Result<Act, Failure> {
    let value = read_json(file)?;
    let act = value.get("act").cloned().unwrap_or(value);
    serde_json::from_value(act).map_err(|e| Failure::usage(format!("{} holds no act: {e}", file.display())))
}

/// Statutes in a file.
fn read_statutes(file: &Path) -> Result<Statutes, Failure> {
    let text = fs::read_to_string(file).map_err(|e| Failure::environment(format!("{}: {e}", file.display())))?;
    urne_exchange::read_statutes(&text).map_err(|e| {
        let (code, name) = (e.code(), e.name());
        Failure::rule(Exit::Rejected, code, name, format!("{}: {e}", file.display()))
    })
}

/// A record in a file: by itself, or under the key `record`.
fn read_record(file: &Path) -> Result<Signed<ValidatorRecord>, Failure> {
    let value = read_json(file)?;
    let record = value.get("record").cloned().unwrap_or(value);
    serde_json::from_value(record).map_err(|e| Failure::usage(format!("{} holds no record: {e}", file.display())))
}

fn read_json(file: &Path) -> Result<Value, Failure> {
    let text = fs::read_to_string(file).map_err(|e| Failure::environment(format!("{}: {e}", file.display())))?;
    serde_json::from_str(&text).map_err(|e| Failure::usage(format!("{} is not JSON: {e}", file.display())))
}

fn parameter(text: &str) -> Result<ParameterChange, Failure> {
    let shape = |e: &dyn std::fmt::Display| {
        let all = serde_json::to_value(Parameters::recommended()).unwrap_or_default();
        let names: Vec<&String> = all.as_object().into_iter().flat_map(|it| it.keys()).collect();
        Failure::usage(format!("'{text}': {e}; write it as name=value, where the names are {names:?}"))
    };
    let (name, value) = text.split_once('=').ok_or_else(|| shape(&"there is no value"))?;
    serde_json::from_value(json!({ name.trim(): value.trim() })).map_err(|e| shape(&e))
}

/// What an act does, in a few words.
pub(super) fn describe(act: &Act) -> String {
    let text = serde_json::to_string(act).expect("an act is made of texts and lists");
    match act {
        Act::AddValidator { record } => format!("add validator {} ({})", record.claim.id(), record.claim.name),
        Act::ReplaceValidator { validator, record } => {
            format!("replace validator {validator} by {}", record.claim.id())
        }
        _ => text,
    }
}

/// The name of an act that is shown must be the one that is approved.
pub(super) fn must_be(asked: &ActId, found: &ActId) -> Result<(), Failure> {
    if asked == found {
        return Ok(());
    }
    Err(Failure::unverified(format!("the node shows another act ({found}) under the name {asked}: ask another node")))
}
