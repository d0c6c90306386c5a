//! The statutes of those who vote: colleges and their weights, what silence counts as, attendance, majorities, notice. Put on
//! the ledger and amended by an act of the colleges, one version after the other; an election names the version it is held
//! under. Without statutes, or with statutes without colleges, one person has one vote.
use crate::{
    CollegeId, ElectionId,
    bounded::{List, Text},
    limits::{COLLEGES_MAX, NAME_BYTES_MAX, STATUTES_CATEGORIES_MAX, STATUTES_DECISIONS_MAX},
    share::Share,
};
use bincode::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// Which law the statutes obey, beyond their own rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// Société coopérative d'intérêt collectif (loi 47-1775, art. 19 septies and octies).
    Scic,
    /// Association (loi of 1901).
    Association,
    /// A commune.
    Commune,
    /// No law but its own rules.
    Free,
}

/// A category of members. Categories say who is a member for what reason; colleges, who votes with whom: two things.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    /// As printed: employees, users, public bodies.
    pub name: Text<NAME_BYTES_MAX>,
    /// The college in which its members vote, where there are colleges and it has one.
    #[serde(default)]
    pub college: Option<CollegeId>,
}

/// A college's weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CollegeWeight {
    /// Which.
    pub college: CollegeId,
    /// Its share of the voting rights, in ten-thousandths.
    pub weight_bp: u16,
}

/// What voters who are neither for nor against add to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CountsAs {
    /// Neither side.
    Nothing,
    /// For ("qui ne dit mot consent").
    For,
    /// Against.
    Against,
}

/// How silence is read: four different things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Silence {
    /// Blank ballots.
    pub blank: CountsAs,
    /// Null ballots. The ledger refuses them before they are cast: on it there is none, but a hybrid count has some.
    pub null: CountsAs,
    /// Members present who abstain.
    pub abstention: CountsAs,
    /// Members who did not come.
    pub absence: CountsAs,
}
impl Silence {
    /// Only those for and those against count.
    pub const IGNORED: Self = Self {
        blank: CountsAs::Nothing,
        null: CountsAs::Nothing,
        abstention: CountsAs::Nothing,
        absence: CountsAs::Nothing,
    };
}

/// How a college carries its result to the assembly. Nothing else may be said of it: what a file adds, such as a second round of
/// an undecided college, is refused and never passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Aggregation {
    /// Its weight is split as its members are.
    Proportional,
    /// Its whole weight goes to the side that has strictly more than this share of it.
    Bloc {
        /// The share to surpass.
        majority: Share,
        /// What the weight of a college that decided nothing counts as.
        undecided: CountsAs,
    },
}

/// What becomes of the weight of a college where nobody spoke.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SilentCollege {
    /// It stays in the base: neither for nor against; in a judgment, with no opinion on anyone.
    Kept,
    /// It leaves the base, to the profit of the others in proportion.
    Redistributed,
}

/// What becomes of the results of colleges in which too few voted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SmallColleges {
    /// They are not shown apart.
    Withheld,
    /// They are shown together.
    Merged,
}

/// The colleges and how their results are put together.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CollegeRules {
    /// Each college that votes, with its weight; by college.
    pub weights: List<CollegeWeight, COLLEGES_MAX>,
    /// How each carries its result.
    pub aggregation: Aggregation,
    /// The weight of a college where nobody spoke.
    pub silent_college: SilentCollege,
    /// The share of its members that must take part in each college, if any.
    #[serde(default)]
    pub attendance: Option<Share>,
    /// Fewer voters than this, and a college's result is not shown by itself; 0 shows all.
    pub small_floor: u32,
    /// What is done instead.
    pub small_colleges: SmallColleges,
}

/// How many voices a member of several colleges has. A legal entity is a member of its own, with its own key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Voice {
    /// One, in the college in which she votes first.
    PerMember,
    /// One in each of her colleges.
    PerCollege,
}

/// Who is counted as registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Electorate {
    /// The members of the census who were not suspended when the election opened.
    FrozenAtOpening,
    /// Those who were not suspended when it closed, and whoever had voted before.
    LoweredBySuspensions,
}

/// What it takes to decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MajorityThreshold {
    /// More for than against.
    Simple,
    /// Strictly more than this share.
    MoreThan(Share),
    /// At least this share.
    AtLeast(Share),
}

/// The majority of a kind of decision.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MajorityRule {
    /// The kind: ordinary, extraordinary, dissolution.
    pub decision: Text<NAME_BYTES_MAX>,
    /// What it takes.
    pub threshold: MajorityThreshold,
}

/// Who may vote when an assembly is called again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecondCensus {
    /// The very census of the first call.
    #[default]
    Same,
    /// That one, or another that the colleges have adopted: members came or left in between.
    Adopted,
}

/// What changes when an assembly is called again because too few came.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecondCall {
    /// The share of all members that must take part, if any.
    #[serde(default)]
    pub attendance: Option<Share>,
    /// The share of each college's members that must take part, if any.
    #[serde(default)]
    pub college_attendance: Option<Share>,
    /// How silence is read then.
    pub silence: Silence,
    /// Notice, in milliseconds.
    pub notice_ms: u64,
    /// Who may vote then.
    #[serde(default)]
    pub census: SecondCensus,
}

/// The rules in force.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statutes {
    /// 1 for the first statutes of a chain, then one more with each amendment.
    pub version: u32,
    /// As printed.
    pub name: Text<NAME_BYTES_MAX>,
    /// The law they obey.
    pub profile: Profile,
    /// Categories of members.
    #[serde(default)]
    pub categories: List<Category, STATUTES_CATEGORIES_MAX>,
    /// Colleges; none: one person, one vote.
    #[serde(default)]
    pub colleges: Option<CollegeRules>,
    /// Voices of a member of several colleges.
    pub voice: Voice,
    /// Who is counted as registered.
    pub electorate: Electorate,
    /// How silence is read.
    pub silence: Silence,
    /// The share of all members that must take part, if any.
    #[serde(default)]
    pub attendance: Option<Share>,
    /// What changes at a second call, if one is allowed.
    #[serde(default)]
    pub second_call: Option<SecondCall>,
    /// The majority of each kind of decision.
    pub majorities: List<MajorityRule, STATUTES_DECISIONS_MAX>,
    /// From the convocation, and from the publication of its documents, to the opening: so many milliseconds at least.
    pub notice_ms: u64,
    /// Fewest documents that go with a convocation.
    #[serde(default)]
    pub documents_min: u16,
}

impl Statutes {
    /// The rule of a kind of decision.
    #[must_use]
    pub fn majority(&self, decision: &str) -> Option<&MajorityRule> {
        self.majorities.iter().find(|it| *it.decision == *decision)
    }
}

/// Which call of the assembly an election answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Convocation {
    /// The first.
    First,
    /// The second, after too few came to the first: the same questions, under the same statutes.
    Second {
        /// The first call's election.
        first: ElectionId,
    },
}

/// The statutes under which an election is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnderStatutes {
    /// Their version.
    pub version: u32,
    /// Which call it is.
    pub convocation: Convocation,
}
