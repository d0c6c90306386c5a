//! Why an archive proves nothing: one variant for each thing that is checked, in the order in which it is.
use crate::fault::{HandoverFault, HeaderFault, StateFault};
use urne_types::{ChainId, CollegeId, ElectionId, Height, Rejection, UnixMs, codec::Malformed};

/// Why an archive is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveFault {
    /// Another kind of file.
    #[error("it is not an archive of an election")]
    NotAnArchive,
    /// Cut off.
    #[error("it ends after {records} records, before its end: fetch it again")]
    Truncated {
        /// Whole records before that.
        records: u64,
    },
    /// Something follows the end.
    #[error("bytes follow its end")]
    Trailing,
    /// Longer than a record may be.
    #[error("record {record} takes {length} bytes")]
    RecordTooLong {
        /// Its index.
        record: u64,
        /// Its length.
        length: usize,
    },
    /// Not the one encoding of a record.
    #[error("record {record} is no record: {why}")]
    Malformed {
        /// Its index.
        record: u64,
        /// Why.
        why: Malformed,
    },
    /// The kinds of records have an order.
    #[error("a record '{found}' comes after one of kind '{after}'")]
    OutOfOrder {
        /// What came.
        found: &'static str,
        /// After what.
        after: &'static str,
    },
    /// Written by a program that knows more, or by none of ours.
    #[error("it has version {found} of the format, and this program reads version {known}")]
    UnknownVersion {
        /// Its version.
        found: u16,
        /// Ours.
        known: u16,
    },
    /// Its genesis is another chain's.
    #[error("its genesis is that of chain {found}, not of {expected}")]
    OtherChain {
        /// The archive's.
        found: ChainId,
        /// The trusted one.
        expected: ChainId,
    },
    /// Another election than the one asked for.
    #[error("it is the archive of election {found}, not of {asked}")]
    OtherElection {
        /// The archive's.
        found: ElectionId,
        /// The one asked for.
        asked: ElectionId,
    },
    /// The trust does not pass on.
    #[error("the validators after height {height}: {why}")]
    Handover {
        /// The height after which they should decide.
        height: Height,
        /// Why.
        why: HandoverFault,
    },
    /// A header is not final.
    #[error("block {height}: {why}")]
    Header {
        /// Its height.
        height: Height,
        /// Why.
        why: HeaderFault,
    },
    /// An entry is not in the state.
    #[error("{what}, as the archive has it, is not in the state: {why}")]
    State {
        /// Which entry.
        what: String,
        /// Why.
        why: StateFault,
    },
    /// The same entry twice.
    #[error("{what} is there twice")]
    Repeated {
        /// Which entry.
        what: String,
    },
    /// Something that must be proven is not.
    #[error("{what} is missing")]
    Missing {
        /// Which entry.
        what: String,
    },
    /// An entry of the state is no record of its kind.
    #[error("{what} in the state is no such record: {why}")]
    NotARecord {
        /// Which entry.
        what: String,
        /// Why.
        why: Malformed,
    },
    /// There is nothing to compare with yet.
    #[error("the election is not counted: an archive is made after its result")]
    NotCounted,
    /// The state is shown as it was before the count was over.
    #[error("the state is that of height {found}, before the count of height {counted}")]
    TooEarly {
        /// The state's.
        found: Height,
        /// The count's.
        counted: Height,
    },
    /// The keys of a secret election are not those that its name stands for.
    #[error("the keys are not those that the election is named after: {why}")]
    Keys {
        /// The rule.
        why: Rejection,
    },
    /// No ledger would have taken a message of the ceremony, after those before it and at its block's time.
    #[error(
        "block {height}, transaction {position}: a message of the ceremony does not follow from those before it: {why}"
    )]
    CeremonyMessage {
        /// The block.
        height: Height,
        /// Its place in it.
        position: usize,
        /// The rule.
        why: Rejection,
    },
    /// The messages of the ceremony do not make keys.
    #[error("the messages of the ceremony that are here make no keys, some are missing or too late: {why}")]
    NoCeremony {
        /// The rule.
        why: Rejection,
    },
    /// **Alarm.** The ballots were sealed to keys that somebody else may hold.
    #[error("the keys to which the ballots were sealed are not those that the messages of the ceremony make")]
    OtherCeremony,
    /// **Alarm.** The sum of the ballots is not what the trustees' shares open.
    #[error("the trustees' shares do not open the sum of these ballots: {why}")]
    Opening {
        /// The rule.
        why: Rejection,
    },
    /// The definition is not that election's.
    #[error("the definition is not that of the election")]
    OtherDefinition,
    /// The census is not the one that the definition names.
    #[error("the list of members is not the census that the election names")]
    OtherCensus,
    /// Blocks are not in order.
    #[error("block {found} comes after block {after}")]
    BlockOrder {
        /// What came.
        found: Height,
        /// After what.
        after: Height,
    },
    /// The transactions are not those of the header.
    #[error("block {height}: its transactions are not those that its header says")]
    OtherBody {
        /// Its height.
        height: Height,
    },
    /// A transaction of something else among the whole ones.
    #[error("transaction {position} of block {height} is not of this election")]
    NotOfTheElection {
        /// The block.
        height: Height,
        /// Its position.
        position: usize,
    },
    /// **Alarm.** A ballot that a rule refuses.
    #[error("the ballot at position {position} of block {height} is refused: {why}")]
    Ballot {
        /// The block.
        height: Height,
        /// Its position.
        position: usize,
        /// The rule.
        why: Rejection,
    },
    /// **Alarm.** A registrar's approval that a rule refuses.
    #[error("the approval at position {position} of block {height} is refused: {why}")]
    Approval {
        /// The block.
        height: Height,
        /// Its position.
        position: usize,
        /// The rule.
        why: Rejection,
    },
    /// **Alarm.** Credentials that a rule refuses.
    #[error("the credentials at position {position} of block {height} are refused: {why}")]
    Credentials {
        /// The block.
        height: Height,
        /// Its position.
        position: usize,
        /// The rule.
        why: Rejection,
    },
    /// **Alarm.** A ballot from outside the election's window.
    #[error("block {height} of {time} holds a ballot, and the election took them from {from} until {until}")]
    OutsideTheWindow {
        /// The block.
        height: Height,
        /// Its time.
        time: UnixMs,
        /// First instant.
        from: UnixMs,
        /// First instant after.
        until: UnixMs,
    },
    /// Not all ballots, or not those, or not in that order.
    #[error("the ballots are not those of the log: {found} are here, the log holds {expected}{}", same_number(*.found, *.expected))]
    OtherLog {
        /// Ballots given.
        found: u64,
        /// Ballots of the log.
        expected: u64,
    },
    /// **Alarm.** The émargements are not those that the ballots make.
    #[error(
        "the émargements are not those of the ballots: {found} members voted, the log holds {expected}{}",
        same_number(*.found, *.expected)
    )]
    OtherEmargements {
        /// Members who voted, by the ballots.
        found: u64,
        /// Leaves of the log.
        expected: u64,
    },
    /// Not all approvals, or not those, or not in that order.
    #[error("the approvals are not those of the log: {found} are here, the log holds {expected}{}", same_number(*.found, *.expected))]
    OtherApprovals {
        /// Approvals given.
        found: u64,
        /// Leaves of the log.
        expected: u64,
    },
    /// Not all registered credentials, or not those, or not in that order.
    #[error(
        "the credentials are not those of the log: {found} may be registered, the log holds {expected}{}",
        same_number(*.found, *.expected)
    )]
    OtherCredentials {
        /// Credentials that the rules register.
        found: u64,
        /// Leaves of the log.
        expected: u64,
    },
    /// **Alarm.** The ledger counts the credentials of a college otherwise.
    #[error("the ledger's count of the credentials of college {college} is not what approvals and registrations give")]
    OtherIssuance {
        /// Where.
        college: CollegeId,
    },
    /// **Alarm.** The turnout on the ledger is false.
    #[error("the ledger says that {expected} voted in college {college}, and the ballots say {found}")]
    OtherTurnout {
        /// Where.
        college: CollegeId,
        /// By the ballots.
        found: u64,
        /// By the ledger.
        expected: u64,
    },
    /// **Alarm.** The result on the ledger is false.
    #[error("the result of question {question} on the ledger is not what the ballots give")]
    OtherResult {
        /// Which, from 1 on.
        question: usize,
    },
}

fn same_number(found: u64, expected: u64) -> &'static str {
    if found == expected { ", others or in another order" } else { "" }
}

impl ArchiveFault {
    /// The name of the step that fails.
    #[must_use]
    pub const fn step(&self) -> &'static str {
        match self {
            Self::NotAnArchive
            | Self::Truncated { .. }
            | Self::Trailing
            | Self::RecordTooLong { .. }
            | Self::Malformed { .. }
            | Self::OutOfOrder { .. }
            | Self::UnknownVersion { .. } => "file",
            Self::OtherChain { .. } => "chain",
            Self::OtherElection { .. } => "election",
            Self::Handover { .. } => "handover",
            Self::Header { .. } => "certificate",
            Self::State { .. } | Self::Repeated { .. } | Self::Missing { .. } | Self::NotARecord { .. } => "state",
            Self::NotCounted | Self::TooEarly { .. } => "count",
            Self::Keys { .. } => "keys",
            Self::CeremonyMessage { .. } | Self::NoCeremony { .. } | Self::OtherCeremony => "ceremony",
            Self::Opening { .. } => "opening",
            Self::OtherDefinition => "definition",
            Self::OtherCensus => "census",
            Self::BlockOrder { .. } | Self::OtherBody { .. } | Self::NotOfTheElection { .. } => "block",
            Self::Approval { .. }
            | Self::Credentials { .. }
            | Self::OtherApprovals { .. }
            | Self::OtherCredentials { .. }
            | Self::OtherIssuance { .. } => "credentials",
            Self::Ballot { .. } | Self::OutsideTheWindow { .. } => "ballot",
            Self::OtherLog { .. } => "log",
            Self::OtherEmargements { .. } | Self::OtherTurnout { .. } => "émargements",
            Self::OtherResult { .. } => "result",
        }
    }
}
