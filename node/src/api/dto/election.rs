//! Elections, censuses and results as the API shows them. Who turned up is shown at every block; what they chose, only as a
//! result.
use super::{Hex, Number, SealedKeys};
use serde::{Deserialize, Serialize};
use urne_exchange::counted::Counted;
use urne_types::{
    CensusId, CollegeId, DraftId, ElectionId, Height, MerkleRoot, PublicKey, TxId, UnixMs,
    election::ElectionDefinition, proof,
};
use urne_vote_contract::{records, result, sealed::records::UrnOpening};

/// A place in the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// The block.
    pub height: Height,
    /// Its time.
    pub time: UnixMs,
}
impl From<records::Moment> for Moment {
    fn from(it: records::Moment) -> Self {
        Self { height: it.height, time: it.time }
    }
}

/// Where an election stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // as `urne_vote_contract::records::ElectionState`
pub enum ElectionState {
    Scheduled,
    Open,
    Closed,
    Tallied,
    Cancelled,
    Counting,
}
impl From<records::ElectionState> for ElectionState {
    fn from(it: records::ElectionState) -> Self {
        match it {
            records::ElectionState::Scheduled => Self::Scheduled,
            records::ElectionState::Open => Self::Open,
            records::ElectionState::Closed => Self::Closed,
            records::ElectionState::Tallied => Self::Tallied,
            records::ElectionState::Cancelled => Self::Cancelled,
            records::ElectionState::Counting => Self::Counting,
        }
    }
}

/// One item of `GET /v1/elections`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ElectionSummary {
    /// Its name.
    pub id: ElectionId,
    /// As printed.
    pub title: String,
    /// Where it stands.
    pub state: ElectionState,
    /// First instant at which a ballot counts.
    pub opens_at: UnixMs,
    /// First instant at which a ballot comes too late, the grace apart.
    pub closes_at: UnixMs,
    /// Members in the census.
    pub registered: Number,
    /// Those who cast at least one ballot.
    pub voted: Number,
}

/// `GET /v1/elections/{id}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Election {
    /// Its name.
    pub id: ElectionId,
    /// Where it stands.
    pub state: ElectionState,
    /// As frozen.
    pub definition: ElectionDefinition,
    /// What happened to it.
    pub life: Life,
    /// Who turned up so far.
    pub turnout: Turnout,
    /// Its log of accepted ballots, replaced ones included.
    pub ballots: LogHead,
    /// What its count depends on beyond definition, census and ballots, as far as it is known.
    pub basis: records::CountBasis,
    /// How far its count is, while it is under way.
    pub counting: Option<records::CountProgress>,
    /// The keys of a secret election; none for an open one.
    pub sealed: Option<SealedKeys>,
}

/// `GET /v1/elections/{id}/drawn/{college}/{member}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawn {
    /// For each question, the choices to judge; none where nothing is drawn, or not yet.
    pub questions: Vec<Vec<u16>>,
}

/// What happened to an election, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Life {
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
impl From<records::ElectionLife> for Life {
    fn from(it: records::ElectionLife) -> Self {
        Self {
            scheduled: it.scheduled.into(),
            opened: it.opened.map(Into::into),
            closed: it.closed.map(|it| Closing { at: it.at.into(), reason: it.reason.into() }),
            tallied: it.tallied.map(Into::into),
            cancelled: it.cancelled.map(|it| Cancellation { at: it.at.into(), reason: it.reason.to_string() }),
            incidents: it.incidents.into_iter().map(Into::into).collect(),
        }
    }
}

/// The end of an election's window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// The block.
    pub at: Moment,
    /// Why.
    pub reason: CloseReason,
}

/// Why an election closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CloseReason {
    /// Its time came.
    TimeElapsed,
    /// The colleges closed it before its time.
    ByAct,
}
impl From<records::CloseReason> for CloseReason {
    fn from(it: records::CloseReason) -> Self {
        match it {
            records::CloseReason::TimeElapsed => Self::TimeElapsed,
            records::CloseReason::ByAct => Self::ByAct,
        }
    }
}

/// The end of an election without a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancellation {
    /// The block.
    pub at: Moment,
    /// Why, in public.
    pub reason: String,
}

/// Something that went wrong around an election.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "incident", rename_all = "snake_case")]
pub enum Incident {
    /// The chain was paused when the election should have opened.
    OpenedLate {
        /// When it should have.
        due: UnixMs,
        /// The first block after that.
        at: Moment,
    },
    /// The chain was paused when the election closed.
    PausedAcrossClose {
        /// The close, grace included.
        due: UnixMs,
        /// The first block after that.
        at: Moment,
    },
}
impl From<records::Incident> for Incident {
    fn from(it: records::Incident) -> Self {
        match it {
            records::Incident::OpenedLate { due, at } => Self::OpenedLate { due, at: at.into() },
            records::Incident::PausedAcrossClose { due, at } => Self::PausedAcrossClose { due, at: at.into() },
        }
    }
}

/// Who turned up. The unit is one member in one college.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turnout {
    /// In all colleges.
    pub registered: Number,
    /// In all colleges.
    pub voted: Number,
    /// By college.
    pub colleges: Vec<CollegeTurnout>,
}
impl From<result::Turnout> for Turnout {
    fn from(it: result::Turnout) -> Self {
        let college = |it: &result::CollegeTurnout| CollegeTurnout {
            college: it.college,
            registered: Number(it.registered.get()),
            voted: Number(it.voted.get()),
        };
        Self {
            registered: Number(it.registered.get()),
            voted: Number(it.voted.get()),
            colleges: it.colleges.iter().map(college).collect(),
        }
    }
}

/// What the statutes ask of attendance. Missed, nobody is elected and nothing adopted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attendance {
    /// Whether all that was asked is reached.
    pub reached: bool,
    /// Each share that was asked.
    pub asked: Vec<Presence>,
}
impl From<result::AttendanceReport> for Attendance {
    fn from(it: result::AttendanceReport) -> Self {
        let presence = |it: &result::Presence| Presence {
            college: it.college,
            present: Number(it.present.get()),
            electors: Number(it.electors.get()),
            needed: Number(it.needed.get()),
        };
        Self { reached: it.attendance == result::Attendance::Reached, asked: it.asked.iter().map(presence).collect() }
    }
}

/// Members who had to take part, and who did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    /// Of which college; none: of the whole assembly.
    pub college: Option<CollegeId>,
    /// Who took part.
    pub present: Number,
    /// Of how many counted as registered.
    pub electors: Number,
    /// The fewest that the statutes ask.
    pub needed: Number,
}

/// Who turned up in a college.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CollegeTurnout {
    /// Which.
    pub college: CollegeId,
    /// Its members in the census.
    pub registered: Number,
    /// Those who cast at least one ballot.
    pub voted: Number,
}

/// Where a log stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogHead {
    /// Number of leaves.
    pub size: Number,
    /// Root over them.
    pub root: MerkleRoot,
}
impl From<proof::LogHead> for LogHead {
    fn from(it: proof::LogHead) -> Self {
        Self { size: Number(it.size), root: it.root }
    }
}

/// `GET /v1/elections/{id}/result`. Beside this frame, the keys of the exchange format (`shared/data`), whose counts are
/// JSON numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ElectionResult {
    /// Which.
    pub election: ElectionId,
    /// As printed.
    pub title: String,
    /// Who turned up.
    pub turnout: Turnout,
    /// Where the statutes ask for an attendance, whether it came.
    pub attendance: Option<Attendance>,
    /// What went wrong, on record beside the result.
    pub incidents: Vec<Incident>,
    /// When it was counted.
    pub tallied: Moment,
    /// Of a secret election, what was decrypted for it.
    pub opening: Option<UrnOpening>,
    /// Per question, in the order of the definition.
    pub questions: Vec<QuestionAnswer>,
    /// With a single question, its keys again at the top.
    #[serde(flatten)]
    pub only: Option<Counted>,
}

/// The count of one question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuestionAnswer {
    /// As printed.
    pub title: String,
    /// The keys of its kind.
    #[serde(flatten)]
    pub counted: Counted,
}

/// One item of `GET /v1/elections/{id}/ballots`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BallotEntry {
    /// Its index in the election's log.
    pub index: Number,
    /// The tracker.
    pub txid: TxId,
    /// The block that holds it.
    pub height: Height,
    /// Its position in that block.
    pub position: u32,
    /// The canonical transaction, as its block has it: an open ballot is public from there on, and anyone can recount.
    pub raw: Hex,
}

/// `GET /v1/elections/{id}/members/{key}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Of which election.
    pub election: ElectionId,
    /// Whose key.
    pub member: PublicKey,
    /// Since when she can cast no more.
    pub suspended: Option<Moment>,
    /// Where she may vote, by college; nowhere when she is not in the census.
    pub colleges: Vec<MemberCollege>,
}

/// A college in whose census a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberCollege {
    /// Which.
    pub college: CollegeId,
    /// The number of her last ballot in the urn; none when she has not voted. Her next one is larger.
    /// What still waits for a block is not told: whoever casts twice before a block numbers the second herself.
    pub last_sequence: Option<u32>,
}

/// `GET /v1/elections/{id}/trackers/{tracker}`: a sealed ballot that is in the urn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackedBallot {
    /// Of which election.
    pub election: ElectionId,
    /// What its voter has written down: five groups of four characters and a check character.
    pub tracker: String,
    /// The name under which its proof of vote is fetched.
    pub txid: TxId,
    /// Of its block.
    pub height: Height,
    /// In its block, from 0.
    pub position: u32,
    /// In which it counts.
    pub college: CollegeId,
    /// Its number among the ballots of its credential.
    pub sequence: u32,
    /// Whether no later ballot of its credential has taken its place, so far.
    pub is_last: bool,
}

/// One item of `GET /v1/drafts`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Its name.
    pub id: DraftId,
    /// What is proposed.
    pub definition: ElectionDefinition,
}

/// `GET /v1/censuses/{id}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Census {
    /// Its name.
    pub id: CensusId,
    /// Root over its entries.
    pub root: MerkleRoot,
    /// How far it is.
    pub state: CensusState,
    /// Its members, by college.
    pub members: Vec<CensusMembers>,
    /// In all colleges.
    pub total: Number,
    /// Who is bringing it, and how far each is; none once it is complete.
    pub attempts: Vec<CensusAttempt>,
}

/// A census as one administrator or delegate is bringing it: nobody else's parts touch hers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CensusAttempt {
    /// Who.
    pub by: PublicKey,
    /// As she numbers it.
    pub attempt: Number,
    /// Entries so far.
    pub brought: Number,
}

/// Members of a college in a census.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CensusMembers {
    /// The college.
    pub college: CollegeId,
    /// How many.
    pub members: Number,
}

/// How far a census is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CensusState {
    /// Parts are missing.
    Incomplete,
    /// Every entry is there.
    Complete,
    /// It may serve in elections.
    Adopted,
}
impl Census {
    /// A census, and who is bringing it.
    #[must_use]
    pub fn of(it: &records::CensusRecord, attempts: &[records::NamedAttempt]) -> Self {
        let attempt = |it: &records::NamedAttempt| CensusAttempt {
            by: it.by,
            attempt: Number(it.attempt.0),
            brought: Number(it.brought.0),
        };
        let members = |&(college, members): &(CollegeId, u64)| CensusMembers { college, members: Number(members) };
        Self {
            id: it.commitment.id(),
            root: it.commitment.root,
            state: match it.state {
                records::CensusState::Incomplete => CensusState::Incomplete,
                records::CensusState::Complete => CensusState::Complete,
                records::CensusState::Adopted => CensusState::Adopted,
            },
            members: it.commitment.members.iter().map(members).collect(),
            total: Number(it.commitment.total()),
            attempts: attempts.iter().map(attempt).collect(),
        }
    }
}
