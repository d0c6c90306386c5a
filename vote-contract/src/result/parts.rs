//! The pieces of results: exact shares, lots, rounds and stages, per-college results.
use super::{Count, QuestionResult};
use serde::Serialize;
use urne_types::{
    CollegeId,
    codec::{Decode, Encode},
};

/// An exact fraction, reduced, written `60/119`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "urne_types::codec::bincode")]
#[serde(transparent)]
pub struct Ratio(pub String);

impl Ratio {
    pub(crate) fn of(it: &num_rational::BigRational) -> Self {
        Self(format!("{}/{}", it.numer(), it.denom()))
    }
}

/// One draw among equals: anyone can draw it again from the election's seed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct DrawnLot {
    /// The round, stage, seat or place that needed it.
    pub stage: u32,
    /// Those still equal.
    pub tied: Vec<u16>,
    /// Who came out: elected or leaving, as the stage says.
    pub chosen: u16,
}

/// One round of an instant runoff.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct RunoffRound {
    /// Ballots of each choice still in play; none once it has left.
    pub tally: Vec<Option<Count>>,
    /// Ballots without any choice left in play, blank ones included.
    pub exhausted: Count,
    /// Who leaves after it.
    pub eliminated: Option<u16>,
}

/// Votes of a transferable vote, in hundred-thousandths; shown as `1220.00000`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct TransferableVotes(pub u64);

impl std::fmt::Display for TransferableVotes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{:05}", self.0 / 100_000, self.0 % 100_000)
    }
}
impl Serialize for TransferableVotes {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

/// What a stage of a transferable vote does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "urne_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum StageAction {
    /// Papers go to their first preference.
    FirstPreferences,
    /// What an elected choice has over the quota moves on.
    Surplus,
    /// The last one leaves.
    Exclude,
}

/// One line of the published table.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct Stage {
    /// What happened.
    pub action: StageAction,
    /// To whom.
    pub target: Option<u16>,
    /// Votes of each choice after it.
    pub votes: Vec<TransferableVotes>,
    /// Votes that moved to nobody so far, truncated parts included.
    pub non_transferable: TransferableVotes,
    /// Elected at its end.
    pub elected_now: Vec<u16>,
}

/// Equals whom a stage had to tell apart.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct StageTie {
    /// The stage, from 1, after which they were equal.
    pub stage: u32,
    /// Whose surplus moves first, or who leaves.
    pub why: StageAction,
    /// The equals.
    pub tied: Vec<u16>,
    /// The draw, when no earlier stage told them apart.
    pub lot: Option<DrawnLot>,
}

/// What a first tour decides.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "urne_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum TourOutcome {
    /// More than half of the expressed, and the declared share of the registered.
    Elected {
        /// Who.
        choice: u16,
    },
    /// A second tour between these, most votes first.
    SecondTour {
        /// Who may stand.
        choices: Vec<u16>,
    },
    /// No list has more than half: no seat, and a second tour of lists, most votes first.
    SecondListTour {
        /// Lists that may stand again, or join one that does.
        stand: Vec<u16>,
        /// Lists that may only join one.
        join: Vec<u16>,
    },
}

/// Whether enough members took part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "urne_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum Attendance {
    /// Every declared share is reached.
    Reached,
    /// It is not: nothing is adopted, a second call may follow.
    Missed,
}

/// How the weight of the colleges is shared.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct SharedWeight {
    /// For.
    pub favour: Ratio,
    /// Against.
    pub against: Ratio,
    /// Said nothing.
    pub silent: Ratio,
}

/// Members who had to take part, and who did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct Presence {
    /// Of which college; none: of the whole assembly.
    pub college: Option<CollegeId>,
    /// Who took part.
    pub present: Count,
    /// Of how many counted as registered.
    pub electors: Count,
    /// The fewest that the statutes ask.
    pub needed: Count,
}

/// What the statutes ask of attendance at this call, and whether it came.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct AttendanceReport {
    /// Whether all that was asked is reached. Missed, nobody is elected and nothing adopted.
    pub attendance: Attendance,
    /// Each share that was asked: of the assembly first, then of its colleges.
    pub asked: Vec<Presence>,
}

/// The result of one college, or of several shown together because too few voted in each.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct CollegeResult {
    /// Which.
    pub colleges: Vec<CollegeId>,
    /// Members who voted there.
    pub voted: Count,
    /// Their result by heads; withheld when too few voted.
    pub answer: Option<Box<QuestionResult>>,
}
