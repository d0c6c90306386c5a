//! The longer results: rounds, stages, budgets, seats, colleges; choices by name.
use super::{ByName, Counted, Exact, Misfit, Names, exact, grades_of, mention};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use urne_types::{CollegeId, election::Question};
use urne_vote_contract::{
    QuestionResult,
    result::{
        Attendance, CollegeResult, DrawnLot, RunoffRound, Stage as Counting, StageAction, StageTie, TourOutcome,
        Verdict,
    },
};

/// One draw among equals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)] // as `urne_vote_contract::result::DrawnLot`
pub struct Lot {
    pub stage: u32,
    pub tied: Vec<String>,
    pub chosen: String,
}

/// One round of a runoff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)] // as `urne_vote_contract::result::RunoffRound`
pub struct Round {
    /// Of those still in play.
    pub tally: ByName<Exact>,
    pub exhausted: Exact,
    pub eliminated: Option<String>,
}

/// One stage of a transferable vote; votes have five decimals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)] // as `urne_vote_contract::result::Stage`
pub struct Stage {
    pub action: String,
    pub target: Option<String>,
    pub votes: ByName<String>,
    pub non_transferable: String,
    pub elected_now: Vec<String>,
}

/// Equals whom a stage told apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)] // as `urne_vote_contract::result::StageTie`
pub struct Tie {
    pub stage: u32,
    pub why: String,
    pub tied: Vec<String>,
    pub lot: Option<Lot>,
}

/// The bonus to the first list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)] // the list and its seats
pub struct SeatsBonus {
    pub list: String,
    pub seats: u16,
}

/// The result of one college, or of several shown together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CollegeShown {
    /// Which.
    pub colleges: Vec<CollegeId>,
    /// Members who voted there.
    pub voted: Exact,
    /// By heads; null when the statutes withhold it because too few voted.
    pub answer: Option<Box<Counted>>,
}

pub(super) fn shown(question: &Question, names: &Names<'_>, result: &QuestionResult) -> Result<Counted, Misfit> {
    Ok(match result {
        QuestionResult::KOfN { votes, ballots, blank, ranks, elected, tied_for_last, lots, vacant } => Counted::KOfN {
            tally: names.each(votes, exact)?,
            ranks: names.each(ranks, |it| *it)?,
            elected: names.some(elected)?,
            tied_for_last: names.some(tied_for_last)?,
            lots: all(lots, |it| lot(names, it))?,
            vacant: *vacant,
            ballots: exact(ballots),
            blank: exact(blank),
        },
        QuestionResult::Condorcet { duels, ballots, blank, condorcet_winner, winners, lots } => Counted::Condorcet {
            pairwise: duels.iter().map(|row| row.iter().map(exact).collect()).collect(),
            condorcet_winner: one(names, *condorcet_winner)?,
            winners: names.some(winners)?,
            lots: all(lots, |it| lot(names, it))?,
            ballots: exact(ballots),
            blank: exact(blank),
        },
        QuestionResult::InstantRunoff { rounds, winners, lots, ballots, blank } => Counted::InstantRunoff {
            rounds: all(rounds, |it| round(names, it))?,
            winners: names.some(winners)?,
            lots: all(lots, |it| lot(names, it))?,
            ballots: exact(ballots),
            blank: exact(blank),
        },
        QuestionResult::ScottishStv { valid, blank, quota, elected, stages, ties } => Counted::ScottishStv {
            quota: exact(quota),
            elected: names.some(elected)?,
            stages: all(stages, |it| stage(names, it))?,
            ties: all(ties, |it| tie(names, it))?,
            valid: exact(valid),
            blank: exact(blank),
        },
        QuestionResult::Budget { points, ballots, blank, selection, cost, share, bought } => {
            Counted::ParticipatoryBudget {
                votes: names.each(points, exact)?,
                winners: in_order(names, selection)?,
                selection_order: names.some(selection)?,
                cost: exact(cost),
                share: share.as_ref().map(|it| it.0.clone()),
                bought: *bought,
                ballots: exact(ballots),
                blank: exact(blank),
            }
        }
        QuestionResult::JudgedBudget { judgment, selection, cost } => Counted::JudgedBudget {
            judgment: Box::new(Counted::of(question, judgment)?),
            winners: in_order(names, selection)?,
            selection_order: names.some(selection)?,
            cost: exact(cost),
        },
        QuestionResult::Lists { votes, blank, seats, bonus, lots, vacant } => Counted::Lists {
            tally: names.each(votes, exact)?,
            seats: names.each(seats, |it| *it)?,
            bonus: match bonus {
                Some((list, seats)) => one(names, Some(*list))?.map(|list| SeatsBonus { list, seats: *seats }),
                None => None,
            },
            lots: all(lots, |it| lot(names, it))?,
            vacant: *vacant,
            blank: exact(blank),
        },
        QuestionResult::Tour { votes, blank, ranks, outcome } => {
            let (elected, second_tour, may_join) = match outcome {
                TourOutcome::Elected { choice } => (one(names, Some(*choice))?, Vec::new(), Vec::new()),
                TourOutcome::SecondTour { choices } => (None, names.some(choices)?, Vec::new()),
                TourOutcome::SecondListTour { stand, join } => (None, names.some(stand)?, names.some(join)?),
            };
            Counted::FirstTour {
                tally: names.each(votes, exact)?,
                ranks: names.each(ranks, |it| *it)?,
                elected,
                second_tour,
                may_join,
                blank: exact(blank),
            }
        }
        QuestionResult::Resolution {
            favour,
            against,
            blank,
            abstained,
            absent,
            verdict,
            attendance,
            ratio,
            weights,
        } => Counted::CollegeResolution {
            tally: names.each(&[*favour, *against], exact)?,
            blank: exact(blank),
            abstained: exact(abstained),
            absent: exact(absent),
            adopted: *verdict == Verdict::Adopted,
            quorum_met: *attendance == Attendance::Reached,
            ratio: ratio.as_ref().map(|it| it.0.clone()),
            pour_weight: weights.as_ref().map(|it| it.favour.0.clone()),
            contre_weight: weights.as_ref().map(|it| it.against.0.clone()),
            silent_weight: weights.as_ref().map(|it| it.silent.0.clone()),
        },
        QuestionResult::WeightedJudgment { profiles, ranks, winners, medians } => {
            let (grades, _) = grades_of(question)?;
            // With a college that is not shown by itself, only who won and the ranks are.
            let is_withheld = profiles.is_empty();
            let profile = |row: &Vec<String>| row.iter().map(Exact::new).collect();
            let median = |it: &Option<_>| it.as_ref().and_then(|it| mention(&grades, it));
            Counted::WeightedJudgment {
                winner: names.some(winners)?,
                ranks: names.each(ranks, |it| *it)?,
                profiles_worst_to_best: if is_withheld { BTreeMap::new() } else { names.each(profiles, profile)? },
                median: if is_withheld { BTreeMap::new() } else { names.each(medians, median)? },
            }
        }
        QuestionResult::ByCollege { global, colleges } => Counted::ByCollege {
            global: Box::new(Counted::of(question, global)?),
            colleges: all(colleges, |it| college(question, it))?,
        },
        QuestionResult::Undecided { code } => Counted::Undecided { code: *code },
        QuestionResult::Unattended { ballots_say } => {
            Counted::Unattended { ballots_say: Box::new(Counted::of(question, ballots_say)?) }
        }
        QuestionResult::Referendum { .. }
        | QuestionResult::Plurality { .. }
        | QuestionResult::Approval { .. }
        | QuestionResult::MajorityJudgment { .. } => return Err(Misfit("shown elsewhere".into())),
    })
}

fn all<T, U>(of: &[T], show: impl Fn(&T) -> Result<U, Misfit>) -> Result<Vec<U>, Misfit> {
    of.iter().map(show).collect()
}
fn one(names: &Names<'_>, index: Option<u16>) -> Result<Option<String>, Misfit> {
    Ok(names.some(index.as_slice())?.pop())
}
fn in_order(names: &Names<'_>, selection: &[u16]) -> Result<Vec<String>, Misfit> {
    let mut sorted = selection.to_vec();
    sorted.sort_unstable();
    names.some(&sorted)
}
fn lot(names: &Names<'_>, it: &DrawnLot) -> Result<Lot, Misfit> {
    let chosen = one(names, Some(it.chosen))?.ok_or_else(|| Misfit("an unknown choice".into()))?;
    Ok(Lot { stage: it.stage, tied: names.some(&it.tied)?, chosen })
}
fn round(names: &Names<'_>, it: &RunoffRound) -> Result<Round, Misfit> {
    let tally = names.each(&it.tally, |votes| votes.as_ref().map(exact))?;
    Ok(Round {
        tally: tally.into_iter().filter_map(|(name, votes)| Some((name, votes?))).collect(),
        exhausted: exact(&it.exhausted),
        eliminated: one(names, it.eliminated)?,
    })
}
fn word(action: StageAction) -> String {
    match action {
        StageAction::FirstPreferences => "first_preferences",
        StageAction::Surplus => "surplus",
        StageAction::Exclude => "exclude",
    }
    .into()
}
fn stage(names: &Names<'_>, it: &Counting) -> Result<Stage, Misfit> {
    Ok(Stage {
        action: word(it.action),
        target: one(names, it.target)?,
        votes: names.each(&it.votes, ToString::to_string)?,
        non_transferable: it.non_transferable.to_string(),
        elected_now: names.some(&it.elected_now)?,
    })
}
fn tie(names: &Names<'_>, it: &StageTie) -> Result<Tie, Misfit> {
    let lot = it.lot.as_ref().map(|it| lot(names, it)).transpose()?;
    Ok(Tie { stage: it.stage, why: word(it.why), tied: names.some(&it.tied)?, lot })
}
fn college(question: &Question, it: &CollegeResult) -> Result<CollegeShown, Misfit> {
    let answer = it.answer.as_ref().map(|it| Counted::of(question, it).map(Box::new)).transpose()?;
    Ok(CollegeShown { colleges: it.colleges.clone(), voted: exact(&it.voted), answer })
}
