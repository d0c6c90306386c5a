//! How a question is counted. Every convention that can flip a winner is a field here, hashed with its election: nothing in
//! the code chooses for the voters.
use crate::{
    ElectionId,
    bounded::{List, Text},
    limits::{CHOICES_MAX, GRADES_MAX, NAME_BYTES_MAX},
    share::Share,
};
use bincode::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// The share that adopts a referendum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Threshold {
    /// More for than against.
    Simple,
    /// More than half of the base.
    Absolute,
    /// At least three fifths of the base.
    ThreeFifths,
    /// At least two thirds of the base.
    TwoThirds,
}

/// What the threshold is a share of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Base {
    /// For and against.
    Expressed,
    /// For, against and blank.
    Present,
    /// Everyone in the census.
    Registered,
}

/// What "no opinion" on a candidate counts as in a majority judgment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NullPolicy {
    /// The worst grade.
    Worst,
    /// The candidate's median grade.
    Median,
    /// Nothing: profiles are scaled to a common total.
    Drop,
}

/// Who comes out among equals where the rule needs one of them. Always reported in the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LotRule {
    /// The first in the order of the choices.
    ListOrder,
    /// A public lot, whose seed is the name of the block that closed the election. Whoever proposed that block could try
    /// several (decision 0015).
    LaterBlock,
}

/// What becomes of the last seats when more choices are equal than seats are left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LastSeats {
    /// They stay open, and the equals are named.
    Open,
    /// They are drawn.
    Drawn(LotRule),
}

/// How a winner is found among duels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CondorcetRule {
    /// The strongest paths, with winning votes (Schulze 2011); ties are shared.
    Schulze,
    /// Duels locked from the strongest down (Tideman 1987).
    RankedPairs {
        /// The order among equal duels, where it matters.
        lot: LotRule,
    },
}

/// What a ballot says of the choices it does not rank. This convention decided Debian's vote of 2006.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unranked {
    /// All below the ranked ones, equal among themselves.
    BelowRanked,
    /// Nothing.
    NoOpinion,
}

/// When an instant runoff ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunoffStop {
    /// As soon as someone has more than half of the ballots still in play.
    Majority,
    /// When two remain; the better of them wins.
    LastTwo,
}

/// What a budget's ballot says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BudgetBallot {
    /// Approves of at most so many projects.
    Approvals {
        /// The most.
        most: u16,
    },
    /// Shares at most so many points out among the projects.
    Points {
        /// The most.
        total: u32,
    },
}

/// How a greedy rule goes down the list of projects: most points first, then the cheaper, then the order of the choices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Greedy {
    /// What does not fit is passed over.
    Skip,
    /// The first that does not fit ends the list.
    Stop,
    /// As `skip`, among projects with at least so many points.
    AtLeast(u64),
}

/// How equal shares go on when money is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SharesCompletion {
    /// They do not.
    None,
    /// So much is added to every share while the projects bought stay within the budget ("add1").
    Add {
        /// In the smallest unit of money.
        increment: u64,
    },
    /// The same, then what fits is added by points ("add1u").
    AddThenGreedy {
        /// In the smallest unit of money.
        increment: u64,
    },
}

/// How projects are chosen.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BudgetRule {
    /// Most points first.
    Greedy {
        /// What a ballot says.
        ballot: BudgetBallot,
        /// How the list is gone down.
        greedy: Greedy,
    },
    /// The method of equal shares (Peters and Skowron 2020), utility is the cost.
    EqualShares {
        /// What a ballot says.
        ballot: BudgetBallot,
        /// When money is left.
        completion: SharesCompletion,
    },
    /// Best judged first, passing over what does not fit, as Paris does.
    ByJudgment {
        /// From the worst to the best.
        grades: List<Text<NAME_BYTES_MAX>, GRADES_MAX>,
        /// What "no opinion" counts as.
        nulls: NullPolicy,
    },
}

/// How seats follow votes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Apportionment {
    /// Each seat to the highest votes / (seats + 1) (D'Hondt): "plus forte moyenne".
    HighestAverage,
    /// Each seat to the highest votes / (2 x seats + 1) (Sainte-Laguë).
    OddDivisors,
    /// Whole quotas first, then the largest remainders.
    LargestRemainder,
}

/// Seats given to the first list before the others are shared out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeatBonus {
    /// Its share of the seats: 1/2 in most French municipalities (code électoral, art. L262).
    pub share: Share,
    /// With this many seats or fewer a broken bonus is rounded down, above it is rounded up (4 in art. L262).
    pub rounded_down_up_to: u16,
}

/// In how many tours seats are shared among lists.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ListTours {
    /// In one: seats follow votes, whatever the share of the first list.
    #[default]
    Only,
    /// The first of two: seats when a list has more than half of the expressed; else none, and a second tour (code
    /// électoral, art. L262).
    First {
        /// The share of the expressed with which a list may stand again (10 % in art. L264).
        stands: Share,
        /// The share with which a list that does not stand again may join one that does (5 % in art. L264).
        joins: Share,
    },
    /// The second of two, bound to the first: the same seats, shared by the same rules; the bonus is the first list's,
    /// whatever its share.
    Second {
        /// The first tour's election.
        first: ElectionId,
        /// The first tour's question.
        question: u16,
        /// For each choice, the lists of the first tour of which it is made: the one that stands again, then those that
        /// joined it. Its name may be another.
        made_of: List<List<u16, CHOICES_MAX>, CHOICES_MAX>,
    },
}

/// Who stands at a second tour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Qualified {
    /// The two first, and whoever equals the second.
    TwoFirst,
    /// Everyone with at least this share of the base; when fewer than two have it, the two first.
    AtLeast {
        /// The share.
        share: Share,
        /// Of whom.
        base: Base,
    },
}

/// How a question is counted.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Choice 0 is for, choice 1 against.
    Referendum {
        /// Share needed.
        threshold: Threshold,
        /// Of what.
        base: Base,
    },
    /// One choice; most votes win; ties are shared.
    Plurality,
    /// Any number of choices; most approvals win; ties are shared.
    Approval,
    /// A grade for each choice; best majority value wins (Balinski and Laraki 2007).
    MajorityJudgment {
        /// From the worst to the best.
        grades: List<Text<NAME_BYTES_MAX>, GRADES_MAX>,
        /// What "no opinion" counts as.
        nulls: NullPolicy,
    },
    /// Several names a ballot, several seats; the most voted sit.
    KOfN {
        /// The fewest names on a ballot that is not blank.
        least_marks: u16,
        /// The most names on a ballot.
        most_marks: u16,
        /// How many to elect.
        seats: u16,
        /// The fewest votes that elect.
        least_votes: u64,
        /// Equals for the last seats.
        last_seats: LastSeats,
    },
    /// Choices ranked, equals allowed; whoever wins every duel, or the rule's winner where duels go in a circle.
    Condorcet {
        /// The rule.
        rule: CondorcetRule,
        /// What a ballot says of those it leaves out.
        unranked: Unranked,
    },
    /// Choices ranked one by one; the last leaves and her ballots move to their next choice.
    InstantRunoff {
        /// When it ends.
        stop: RunoffStop,
        /// Among those whom no earlier round tells apart.
        lot: LotRule,
    },
    /// Choices ranked one by one; the single transferable vote as Scotland counts it (Order 2007, schedule 1, rules 45 to 52).
    ScottishStv {
        /// How many to elect.
        seats: u16,
        /// Among those whom no earlier stage tells apart.
        lot: LotRule,
    },
    /// A budget to spend on the choices, each with its cost, all in the same smallest unit of money.
    Budget {
        /// The money.
        budget: u64,
        /// What each choice costs.
        costs: List<u64, CHOICES_MAX>,
        /// How they are chosen.
        rule: BudgetRule,
    },
    /// The choices are lists; one choice a ballot; seats are shared among them.
    Lists {
        /// Seats to share.
        seats: u16,
        /// How.
        apportionment: Apportionment,
        /// The share of the expressed below which a list gets nothing.
        threshold: Option<Share>,
        /// The bonus to the first list.
        bonus: Option<SeatBonus>,
        /// Between lists that votes leave equal. [`LotRule::ListOrder`] is what art. L262 asks for, when the lists are declared
        /// from the eldest, by average age, to the youngest.
        lot: LotRule,
        /// In how many tours.
        #[serde(default)]
        tours: ListTours,
    },
    /// The first of two tours: one choice; elected with more than half of the expressed, else a second tour.
    FirstTour {
        /// Share of the registered also needed to be elected at once.
        registered_share: Option<Share>,
        /// Who stands at the second tour.
        qualified: Qualified,
    },
    /// The second of two tours, bound to the first: its choices are those that the first one qualified, all or some of them.
    /// One choice; most votes win; ties are shared.
    SecondTour {
        /// The first tour's election.
        first: ElectionId,
        /// The first tour's question.
        question: u16,
    },
    /// A majority judgment in which each member judges some of the choices only, drawn from a public seed when the election
    /// opens.
    DrawnJudgment {
        /// From the worst to the best.
        grades: List<Text<NAME_BYTES_MAX>, GRADES_MAX>,
        /// What "no opinion", and a choice not drawn, counts as.
        nulls: NullPolicy,
        /// How many each member judges.
        judged: u16,
    },
    /// For (choice 0) or against (choice 1), decided as the election's statutes say: colleges, silence, attendance, majority.
    Resolution {
        /// The kind of decision, one of the statutes' majority rules.
        decision: Text<NAME_BYTES_MAX>,
    },
}
