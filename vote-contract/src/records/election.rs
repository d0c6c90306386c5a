//! Elections and drafts: where they stand, and what a ballot must know of them.
use super::{AttemptId, Moment};
use crate::result::{Count, Turnout};
use serde::{Deserialize, Serialize};
use urne_types::{
    BlockHash, CensusId, CollegeId, DraftId, ElectionId, Height, PublicKey, TxId, UnixMs,
    ballot::BallotBody,
    bounded::Text,
    codec::{Decode, Encode},
    election::{BallotKind, EarlyClose, ElectionDefinition, RevotePolicy},
    limits::REASON_BYTES_MAX,
    statutes::Statutes,
};

/// Where an election stands. One way: `Scheduled -> Open -> Closed -> Counting -> Tallied`, or `Cancelled`. A draft is not yet an election.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "urne_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum ElectionState {
    /// Approved and frozen; not open yet.
    Scheduled,
    /// Ballots count.
    Open,
    /// No more ballots; not counted yet.
    Closed,
    /// Counted.
    Tallied,
    /// It never has a result.
    Cancelled,
    /// No more ballots; the count goes on over several blocks.
    Counting,
}

/// What a ballot must know of its election and no more: it is read for every ballot.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct ElectionGate {
    /// Where the election stands.
    pub state: ElectionState,
    /// A ballot counts iff its block's time is at or after this instant, and before `cutoff`.
    pub opens_at: UnixMs,
    /// From this instant on, who receives ballots should refuse them…
    pub closes_at: UnixMs,
    /// …and from this one on, the grace over, a block's ballots count no more.
    pub cutoff: UnixMs,
    /// Voting again.
    pub revote: RevotePolicy,
    /// Closing before the time.
    pub early_close: EarlyClose,
    /// Which kind of body is taken.
    pub secrecy: BallotKind,
    /// Who may vote.
    pub census: CensusId,
    /// The attempt that completed that census: where its entries are.
    pub census_entries: AttemptId,
    /// What an answer to each question may be.
    pub shapes: Vec<QuestionShape>,
}

/// What an answer to a question may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "urne_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum QuestionShape {
    /// One choice of so many, or blank: referendum, plurality.
    One {
        /// How many choices.
        choices: u16,
    },
    /// Any of so many.
    Any {
        /// How many choices.
        choices: u16,
    },
    /// A grade for each.
    Graded {
        /// How many choices.
        choices: u16,
        /// How many grades.
        grades: u8,
    },
    /// Between so many and so many of so many.
    Several {
        /// How many choices.
        choices: u16,
        /// The fewest marks of a ballot that is not blank.
        least: u16,
        /// The most.
        most: u16,
    },
    /// Some choices ranked, equals allowed.
    Ranked {
        /// How many choices.
        choices: u16,
    },
    /// Some choices ranked, one at each rank.
    Strict {
        /// How many choices.
        choices: u16,
    },
    /// Points for each.
    Points {
        /// How many choices.
        choices: u16,
        /// The most points a ballot shares out.
        total: u32,
    },
    /// A grade for those that were drawn for the member.
    Drawn {
        /// How many choices.
        choices: u16,
        /// How many grades.
        grades: u8,
        /// How many are drawn.
        judged: u16,
    },
    /// For, against, blank or abstaining.
    Decision,
}

/// Why an election closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "urne_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum CloseReason {
    /// Its time came.
    TimeElapsed,
    /// The colleges closed it before its time, as its definition allows.
    ByAct,
}

/// Something that went wrong around an election, on record beside its result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "urne_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum Incident {
    /// The chain was paused when the election should have opened.
    OpenedLate {
        /// When it should have.
        due: UnixMs,
        /// The first block after that.
        at: Moment,
    },
    /// The chain was paused when the election closed: ballots sent in time may be missing.
    PausedAcrossClose {
        /// The close, grace included.
        due: UnixMs,
        /// The first block after that.
        at: Moment,
    },
}

/// What happened to an election, and when.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct ElectionLife {
    /// Frozen by an act.
    pub scheduled: Moment,
    /// Opened.
    pub opened: Option<Moment>,
    /// Closed.
    pub closed: Option<Closing>,
    /// Counted.
    pub tallied: Option<Moment>,
    /// Cancelled.
    pub cancelled: Option<Cancellation>,
    /// What went wrong.
    pub incidents: Vec<Incident>,
}

/// The end of an election's window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct Closing {
    /// The block.
    pub at: Moment,
    /// Why.
    pub reason: CloseReason,
}

/// The end of an election without a result.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct Cancellation {
    /// The block.
    pub at: Moment,
    /// Why, in public.
    pub reason: Text<REASON_BYTES_MAX>,
}

/// The ballot of a member that counts so far.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct LastBallot {
    /// Its sequence.
    pub sequence: u32,
    /// Its tracker.
    pub tx_id: TxId,
    /// What it carries.
    pub body: BallotBody,
}

/// A block from which a public draw was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct SeedBlock {
    /// Its height.
    pub height: Height,
    /// Its name.
    pub block: BlockHash,
}

/// What a count depends on beyond the definition, the census and the ballots. Public: whoever counts again needs it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct CountBasis {
    /// The statutes of the version that the definition names.
    pub statutes: Option<Statutes>,
    /// Who is counted as registered, by college, when suspended members, or who voted elsewhere, are not; empty: the whole
    /// census.
    pub electorate: Vec<Electors>,
    /// Persons counted as registered, where a member of several colleges has one voice: fewer than the electors of all
    /// colleges together. None elsewhere, and before the count.
    #[serde(default)]
    pub persons: Option<Count>,
    /// Whence the choices that each member judges are drawn: the block before the opening.
    pub draw_seed: Option<SeedBlock>,
    /// Whence equals are drawn: the block that closed the election.
    pub lot_seed: Option<SeedBlock>,
}

/// How many of a college are counted as registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct Electors {
    /// The college.
    pub college: CollegeId,
    /// How many.
    pub electors: Count,
}

/// A key that exercises a member's right in place of her own, for readers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplacedKey {
    /// The key that signs.
    pub key: PublicKey,
    /// The member in the census.
    pub member: PublicKey,
}

/// How far a count is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct CountProgress {
    /// Ballots added up so far.
    pub counted: Count,
    /// Ballots that count.
    pub of: Count,
    /// Questions whose result is known.
    pub questions: u16,
}

/// Everything about an election but its result, for readers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ElectionRecord {
    /// Its name.
    pub id: ElectionId,
    /// Where it stands.
    pub state: ElectionState,
    /// As frozen.
    pub definition: ElectionDefinition,
    /// What happened to it.
    pub life: ElectionLife,
    /// How many voted so far.
    pub turnout: Turnout,
    /// How far the count is, while it is under way.
    pub counting: Option<CountProgress>,
}

/// A definition that waits for approval, as the state keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct Drafted {
    /// By which administrator, herself or through a delegate.
    pub by: PublicKey,
    /// What is proposed.
    pub definition: ElectionDefinition,
}

/// A definition that waits for approval, for readers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DraftRecord {
    /// Its name.
    pub id: DraftId,
    /// What is proposed.
    pub definition: ElectionDefinition,
}
