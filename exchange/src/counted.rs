//! A question's count under the keys of the exchange format (`shared/data`, `docs/counting.md`), so that one program reads
//! the API, `urne election result --json` and `urne count` alike. Counts are JSON numbers here, as that format has them;
//! one above 2^53 (a profile under `drop` may be) is a string instead of a rounded number.
mod pieces;

pub use pieces::{CollegeShown, Lot, Round, SeatsBonus, Stage, Tie};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::collections::BTreeMap;
use urne_types::{
    election::{Method, NullPolicy, Question},
    method::BudgetRule,
};
use urne_vote_contract::{
    Count, QuestionResult,
    method::{MissingGrades, common_scale},
    result::{Lean, Majority, MajorityGrade, Verdict},
};

/// Beyond it a JSON number may be rounded by whoever reads it.
const JSON_INTEGER_MAX: u64 = 1 << 53;

/// An exact count of any size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exact(String);

impl Exact {
    /// Takes a number that prints as decimal digits.
    pub fn new(number: impl ToString) -> Self {
        Self(number.to_string())
    }
    /// The number, when it fits.
    #[must_use]
    pub fn get(&self) -> Option<u64> {
        self.0.parse().ok()
    }
}
impl std::fmt::Display for Exact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.get() {
            Some(small) if small <= JSON_INTEGER_MAX => to.serialize_u64(small),
            _ => to.serialize_str(&self.0),
        }
    }
}
impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match serde_json::Value::deserialize(from)? {
            serde_json::Value::Number(it) if it.is_u64() => Ok(Self::new(it)),
            serde_json::Value::String(it) if !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit()) => Ok(Self(it)),
            other => Err(de::Error::custom(format!("{other} is not a count"))),
        }
    }
}

type ByName<T> = BTreeMap<String, T>;

/// One question, counted. Winners are in the order of the choices; ranks are 1, 1, 3.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[allow(missing_docs)] // the keys of the exchange format
pub enum Counted {
    Referendum {
        tally: ByName<Exact>,
        blank: Exact,
        /// What the threshold was measured on.
        base: Exact,
        adopted: bool,
    },
    Plurality {
        tally: ByName<Exact>,
        winners: Vec<String>,
        ranks: ByName<u16>,
        blank: Exact,
        /// Whether the first has more than half of what is not blank.
        absolute_majority: bool,
    },
    Approval {
        tally: ByName<Exact>,
        winners: Vec<String>,
        blank: Exact,
        ballots: Exact,
        order: Vec<String>,
    },
    MajorityJudgment {
        winner: Vec<String>,
        ranks: ByName<u16>,
        profiles_worst_to_best: ByName<Vec<Exact>>,
        median: ByName<Option<String>>,
        voters: Exact,
        no_opinion: ByName<Exact>,
        blank: Exact,
    },
    KOfN {
        tally: ByName<Exact>,
        ranks: ByName<u16>,
        /// Best first.
        elected: Vec<String>,
        tied_for_last: Vec<String>,
        lots: Vec<Lot>,
        vacant: u16,
        ballots: Exact,
        blank: Exact,
    },
    Condorcet {
        /// `pairwise[a][b]`: ballots that rank `a` above `b`.
        pairwise: Vec<Vec<Exact>>,
        condorcet_winner: Option<String>,
        winners: Vec<String>,
        lots: Vec<Lot>,
        ballots: Exact,
        blank: Exact,
    },
    InstantRunoff {
        rounds: Vec<Round>,
        winners: Vec<String>,
        lots: Vec<Lot>,
        ballots: Exact,
        blank: Exact,
    },
    ScottishStv {
        quota: Exact,
        /// In order of election.
        elected: Vec<String>,
        stages: Vec<Stage>,
        ties: Vec<Tie>,
        valid: Exact,
        blank: Exact,
    },
    ParticipatoryBudget {
        votes: ByName<Exact>,
        winners: Vec<String>,
        selection_order: Vec<String>,
        cost: Exact,
        share: Option<String>,
        /// How many projects were bought by shares.
        bought: Option<u16>,
        ballots: Exact,
        blank: Exact,
    },
    JudgedBudget {
        judgment: Box<Self>,
        winners: Vec<String>,
        selection_order: Vec<String>,
        cost: Exact,
    },
    Lists {
        tally: ByName<Exact>,
        seats: ByName<u16>,
        bonus: Option<SeatsBonus>,
        lots: Vec<Lot>,
        vacant: u16,
        blank: Exact,
    },
    FirstTour {
        tally: ByName<Exact>,
        ranks: ByName<u16>,
        elected: Option<String>,
        /// Who may stand at the second tour, most votes first; nobody when the first one elects.
        second_tour: Vec<String>,
        /// Lists that may only join one of those.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        may_join: Vec<String>,
        blank: Exact,
    },
    CollegeResolution {
        tally: ByName<Exact>,
        blank: Exact,
        abstained: Exact,
        absent: Exact,
        adopted: bool,
        quorum_met: bool,
        ratio: Option<String>,
        /// None, as the ratio, where exact weights would give away a college that is not shown by itself.
        pour_weight: Option<String>,
        contre_weight: Option<String>,
        silent_weight: Option<String>,
    },
    WeightedJudgment {
        winner: Vec<String>,
        ranks: ByName<u16>,
        profiles_worst_to_best: ByName<Vec<Exact>>,
        median: ByName<Option<String>>,
    },
    ByCollege {
        global: Box<Self>,
        colleges: Vec<CollegeShown>,
    },
    Undecided {
        /// The number of the counting rule that stopped it (docs/counting.md).
        code: u16,
    },
    /// Too few took part: nobody is elected, nothing is adopted.
    Unattended {
        /// What the ballots say, and do not decide.
        ballots_say: Box<Self>,
    },
}

/// A result that does not answer its question: one of the two is not this chain's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the result does not fit its question: {0}")]
pub struct Misfit(String);

impl Counted {
    /// The count of a question under the exchange format's keys.
    ///
    /// # Errors
    /// [`Misfit`].
    pub fn of(question: &Question, result: &QuestionResult) -> Result<Self, Misfit> {
        let names = Names::of(question);
        Ok(match result {
            QuestionResult::Referendum { favour, against, blank, verdict, base } => Self::Referendum {
                tally: names.each(&[*favour, *against], exact)?,
                blank: exact(blank),
                base: exact(base),
                adopted: *verdict == Verdict::Adopted,
            },
            QuestionResult::Plurality { votes, blank, ranks, winners, majority } => Self::Plurality {
                tally: names.each(votes, exact)?,
                winners: names.some(winners)?,
                ranks: names.each(ranks, |it| *it)?,
                blank: exact(blank),
                absolute_majority: *majority == Majority::Absolute,
            },
            QuestionResult::Approval { approvals, ballots, blank, ranks, winners } => Self::Approval {
                tally: names.each(approvals, exact)?,
                winners: names.some(winners)?,
                blank: exact(blank),
                ballots: exact(ballots),
                order: names.by_rank(ranks)?,
            },
            QuestionResult::MajorityJudgment { no_opinion, ballots, blank, ranks, winners, medians, .. } => {
                let (grades, nulls) = grades_of(question)?;
                Self::MajorityJudgment {
                    winner: names.some(winners)?,
                    ranks: names.each(ranks, |it| *it)?,
                    profiles_worst_to_best: names.each(&profiles(result, nulls)?, Clone::clone)?,
                    median: names.each(medians, |it| it.as_ref().and_then(|it| mention(&grades, it)))?,
                    voters: exact(ballots),
                    no_opinion: names.each(no_opinion, exact)?,
                    blank: exact(blank),
                }
            }
            other => pieces::shown(question, &names, other)?,
        })
    }
}

/// The grades of a question that asks for grades, and what "no opinion" counts as.
fn grades_of(question: &Question) -> Result<(Vec<&str>, NullPolicy), Misfit> {
    match &question.method {
        Method::MajorityJudgment { grades, nulls }
        | Method::DrawnJudgment { grades, nulls, .. }
        | Method::Budget { rule: BudgetRule::ByJudgment { grades, nulls }, .. } => {
            Ok((grades.iter().map(|it| &**it).collect(), *nulls))
        }
        _ => Err(Misfit("the question is not a majority judgment".into())),
    }
}

fn exact(count: &Count) -> Exact {
    Exact::new(count)
}

fn mention(grades: &[&str], median: &MajorityGrade) -> Option<String> {
    let lean = match median.lean {
        Lean::Up => '+',
        Lean::Down => '-',
    };
    grades.get(usize::from(median.grade)).map(|grade| format!("{grade}{lean}"))
}

/// The profiles once the convention on "no opinion" has filled them; only `drop` leaves different totals, brought to one.
fn profiles(result: &QuestionResult, nulls: NullPolicy) -> Result<Vec<Vec<Exact>>, Misfit> {
    let missing = match nulls {
        NullPolicy::Worst => MissingGrades::Grade(0),
        NullPolicy::Median => MissingGrades::Median,
        NullPolicy::Drop => MissingGrades::Dropped,
    };
    let tally = result.graded_tally().ok_or_else(|| Misfit("no grades".into()))?;
    let rows = tally.completed(missing).and_then(|rows| common_scale(&rows)).map_err(|e| Misfit(e.to_string()))?;
    Ok(rows.iter().map(|row| row.iter().map(Exact::new).collect()).collect())
}

/// The choices of a question, in order.
struct Names<'a>(Vec<&'a str>);

impl<'a> Names<'a> {
    fn of(question: &'a Question) -> Self {
        Self(question.choices.iter().map(|it| &**it).collect())
    }
    fn each<T, U>(&self, values: &[T], show: impl Fn(&T) -> U) -> Result<ByName<U>, Misfit> {
        if values.len() != self.0.len() {
            return Err(Misfit(format!("{} choices, {} values", self.0.len(), values.len())));
        }
        Ok(self.0.iter().map(|name| (*name).to_owned()).zip(values.iter().map(show)).collect())
    }
    fn some(&self, indices: &[u16]) -> Result<Vec<String>, Misfit> {
        let name = |index: &u16| self.0.get(usize::from(*index)).map(|name| (*name).to_owned());
        indices.iter().map(name).collect::<Option<_>>().ok_or_else(|| Misfit("an unknown choice".into()))
    }
    /// Best first, then in the order of the choices.
    fn by_rank(&self, ranks: &[u16]) -> Result<Vec<String>, Misfit> {
        let mut order: Vec<u16> = (0..).take(ranks.len()).collect();
        order.sort_by_key(|index| ranks[usize::from(*index)]);
        self.some(&order)
    }
}
