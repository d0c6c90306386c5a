//! What comes out of an election: exact integers, per question, and who turned up, per college. The same record whether the
//! chain counted it at the close or a citizen counted it again.
mod parts;

use crate::method::GradedTally;
pub use parts::{
    Attendance, AttendanceReport, CollegeResult, DrawnLot, Presence, Ratio, RunoffRound, SharedWeight, Stage,
    StageAction, StageTie, TourOutcome, TransferableVotes,
};
use serde::{Deserialize, Serialize};
use urne_types::{
    CollegeId,
    codec::{Decode, Encode},
    election::{CensusCommitment, CensusEntry},
};

/// A number of ballots, members or judgments; shown to programs as a string.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct Count(pub u64);
impl Count {
    /// The number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}
impl std::fmt::Display for Count {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
impl Serialize for Count {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(from)?;
        text.parse().map(Self).map_err(serde::de::Error::custom)
    }
}

/// How many of a college voted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct CollegeTurnout {
    /// The college.
    pub college: CollegeId,
    /// Its members in the census.
    pub registered: Count,
    /// Those who cast at least one ballot.
    pub voted: Count,
}

/// How many voted. The unit is one member in one college.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct Turnout {
    /// In all colleges.
    pub registered: Count,
    /// In all colleges.
    pub voted: Count,
    /// By college.
    pub colleges: Vec<CollegeTurnout>,
}
impl Turnout {
    /// Of a census, and of those in it who voted.
    #[must_use]
    pub fn among<'a>(census: &CensusCommitment, voters: impl Iterator<Item = &'a CensusEntry> + Clone) -> Self {
        let voted_in = |college: CollegeId| voters.clone().filter(|it| it.college == college).count() as u64;
        let college = |&(college, members): &(CollegeId, u64)| CollegeTurnout {
            college,
            registered: Count(members),
            voted: Count(voted_in(college)),
        };
        Self::of(census.members.iter().map(college).collect())
    }
    /// Adds the colleges up.
    #[must_use]
    pub fn of(colleges: Vec<CollegeTurnout>) -> Self {
        let sum = |of: fn(&CollegeTurnout) -> Count| Count(colleges.iter().map(|it| of(it).get()).sum());
        Self { registered: sum(|it| it.registered), voted: sum(|it| it.voted), colleges }
    }
}

/// A majority grade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct MajorityGrade {
    /// Index of the lower median, from 0 the worst.
    pub grade: u8,
    /// Where the other judgments lean.
    pub lean: Lean,
}

/// Where the judgments around a majority grade lean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "urne_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum Lean {
    /// More are above than below ("+").
    Up,
    /// As many or more are below ("-").
    Down,
}

/// The count of one question. Lists follow the order of the question's choices; ranks are 1, 1, 3; winners are indices, all
/// those at rank 1, and nobody when no ballot names anyone.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "urne_types::codec::bincode")]
#[serde(tag = "method", rename_all = "snake_case")]
pub enum QuestionResult {
    /// Choice 0 for, choice 1 against.
    Referendum {
        /// For.
        favour: Count,
        /// Against.
        against: Count,
        /// Blank.
        blank: Count,
        /// Whether the threshold is reached.
        verdict: Verdict,
        /// What the threshold was measured on.
        base: Count,
    },
    /// One choice each.
    Plurality {
        /// Ballots for each choice.
        votes: Vec<Count>,
        /// Blank.
        blank: Count,
        /// Rank of each choice.
        ranks: Vec<u16>,
        /// All those at rank 1.
        winners: Vec<u16>,
        /// Whether the winner has more than half of what is not blank.
        majority: Majority,
    },
    /// Any number of choices.
    Approval {
        /// Ballots that approve of each choice.
        approvals: Vec<Count>,
        /// Ballots, blank ones included.
        ballots: Count,
        /// Blank.
        blank: Count,
        /// Rank of each choice.
        ranks: Vec<u16>,
        /// All those at rank 1.
        winners: Vec<u16>,
    },
    /// A grade for each choice.
    MajorityJudgment {
        /// For each choice, how many gave it each grade, worst first, before the convention on "no opinion".
        grades: Vec<Vec<Count>>,
        /// For each choice, how many gave it none.
        no_opinion: Vec<Count>,
        /// Ballots, blank ones included.
        ballots: Count,
        /// Blank: no opinion on anyone.
        blank: Count,
        /// Rank of each choice.
        ranks: Vec<u16>,
        /// All those at rank 1.
        winners: Vec<u16>,
        /// The majority grade of each choice; none when nobody judged it.
        medians: Vec<Option<MajorityGrade>>,
    },
    /// Several seats.
    KOfN {
        /// Ballots that mark each choice.
        votes: Vec<Count>,
        /// Ballots, blank ones included.
        ballots: Count,
        /// Blank.
        blank: Count,
        /// Rank of each choice.
        ranks: Vec<u16>,
        /// Elected, best first, those drawn last.
        elected: Vec<u16>,
        /// Equals for the last seats, when there are more of them than seats.
        tied_for_last: Vec<u16>,
        /// The draws among them.
        lots: Vec<DrawnLot>,
        /// Seats that nobody takes.
        vacant: u16,
    },
    /// Duels.
    Condorcet {
        /// `duels[a][b]`: ballots that rank `a` above `b`.
        duels: Vec<Vec<Count>>,
        /// Ballots, blank ones included.
        ballots: Count,
        /// Blank.
        blank: Count,
        /// Who wins every duel, if anyone does.
        condorcet_winner: Option<u16>,
        /// The rule's winners: several when they are equal.
        winners: Vec<u16>,
        /// The order given to equal duels, where they contradicted one another (`RankedPairs::ambiguous`).
        lots: Vec<DrawnLot>,
    },
    /// An instant runoff.
    InstantRunoff {
        /// Every round, the last without elimination.
        rounds: Vec<RunoffRound>,
        /// One choice; nobody when every ballot is blank.
        winners: Vec<u16>,
        /// Draws, with their round as stage.
        lots: Vec<DrawnLot>,
        /// Ballots, blank ones included.
        ballots: Count,
        /// Blank.
        blank: Count,
    },
    /// The single transferable vote as Scotland counts it.
    ScottishStv {
        /// Papers with a preference.
        valid: Count,
        /// The others.
        blank: Count,
        /// floor(valid / (seats + 1)) + 1.
        quota: Count,
        /// In order of election.
        elected: Vec<u16>,
        /// The table.
        stages: Vec<Stage>,
        /// Every tie met, and how it was settled.
        ties: Vec<StageTie>,
    },
    /// A budget spent by points.
    Budget {
        /// Points of each project.
        points: Vec<Count>,
        /// Ballots, blank ones included.
        ballots: Count,
        /// Blank.
        blank: Count,
        /// The projects, in the order in which they were chosen.
        selection: Vec<u16>,
        /// What they cost together.
        cost: Count,
        /// By equal shares: what each voter held at last, in the smallest unit of money.
        share: Option<Ratio>,
        /// By equal shares: how many projects were bought by shares, before the rest was completed.
        bought: Option<u16>,
    },
    /// A budget spent from the best judged project down.
    JudgedBudget {
        /// The judgment.
        judgment: Box<Self>,
        /// The projects, in the order in which they were chosen.
        selection: Vec<u16>,
        /// What they cost together.
        cost: Count,
    },
    /// Seats shared among lists.
    Lists {
        /// Ballots for each list.
        votes: Vec<Count>,
        /// Blank.
        blank: Count,
        /// Seats of each list, the bonus included.
        seats: Vec<u16>,
        /// Who received the bonus, and how many seats it is.
        bonus: Option<(u16, u16)>,
        /// Draws, with the seat they decided as stage, 0 for the bonus.
        lots: Vec<DrawnLot>,
        /// Seats without a list that may take them.
        vacant: u16,
    },
    /// A first tour.
    Tour {
        /// Ballots for each choice.
        votes: Vec<Count>,
        /// Blank.
        blank: Count,
        /// Rank of each choice.
        ranks: Vec<u16>,
        /// What it decides.
        outcome: TourOutcome,
    },
    /// A resolution under the statutes.
    Resolution {
        /// For, by heads.
        favour: Count,
        /// Against, by heads.
        against: Count,
        /// Blank ballots.
        blank: Count,
        /// Present and abstaining.
        abstained: Count,
        /// Registered who did not come.
        absent: Count,
        /// Majority and attendance reached.
        verdict: Verdict,
        /// Whether enough took part.
        attendance: Attendance,
        /// Weight for, over the base; none when nobody spoke, and when the weights are withheld.
        ratio: Option<Ratio>,
        /// The exact weights; none where they would give away a college that is not shown by itself.
        weights: Option<SharedWeight>,
    },
    /// A judgment put together from colleges with weights.
    WeightedJudgment {
        /// For each choice, the weight of each grade, worst first, as the smallest integers in the same proportions. Empty
        /// where they would give away a college that is not shown by itself.
        profiles: Vec<Vec<String>>,
        /// Rank of each choice.
        ranks: Vec<u16>,
        /// All those at rank 1.
        winners: Vec<u16>,
        /// The majority grade of each choice, none when nobody judged it; empty where profiles are.
        medians: Vec<Option<MajorityGrade>>,
    },
    /// The same question for all and by college, under statutes with colleges.
    ByCollege {
        /// For all.
        global: Box<Self>,
        /// By college.
        colleges: Vec<CollegeResult>,
    },
    /// The count could not be finished within what a ledger may spend on it: the ballots are public, the number of
    /// [`crate::method::CountError`] says why.
    Undecided {
        /// Its number.
        code: u16,
    },
    /// Too few took part for the statutes: nobody is elected, nothing is adopted. A resolution says so by itself.
    Unattended {
        /// What the ballots say, and do not decide.
        ballots_say: Box<Self>,
    },
}

impl QuestionResult {
    /// The result for all, where colleges are shown beside it.
    #[must_use]
    pub fn global(&self) -> &Self {
        match self {
            Self::ByCollege { global, .. } => global,
            other => other,
        }
    }
    /// The additive counters of a majority judgment, from which [`GradedTally::completed`] makes the profiles under the
    /// election's convention on "no opinion". None for other methods.
    #[must_use]
    pub fn graded_tally(&self) -> Option<GradedTally> {
        let Self::MajorityJudgment { grades, ballots, .. } = self else { return None };
        let rows = grades.iter().map(|row| row.iter().map(|it| it.get()).collect()).collect();
        Some(GradedTally { rows, voters: ballots.get() })
    }
}

/// Whether a referendum passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "urne_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The threshold is reached.
    Adopted,
    /// It is not.
    Rejected,
}

/// Whether the first has more than half.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "urne_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum Majority {
    /// More than half of the expressed ballots.
    Absolute,
    /// Only more than the others, or a tie.
    Relative,
}

/// The result of an election.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct ElectionResult {
    /// Per question, in the order of the definition.
    pub questions: Vec<QuestionResult>,
    /// Who turned up.
    pub turnout: Turnout,
    /// Where the statutes ask for an attendance, whether it was reached, of whom and by how many.
    pub attendance: Option<AttendanceReport>,
}
