//! Elections in which one person has one vote: each rule that the kind counts by is a question, and a voter answers them all.

use urne_types::CollegeId;
use urne_types::ballot::Answer;
use urne_types::bounded::List;
use urne_types::election::{Method, NullPolicy, Question};
use urne_types::method::{
    BudgetBallot, BudgetRule, CondorcetRule, Greedy, LotRule, RunoffStop, SharesCompletion, Unranked,
};
use urne_types::{Rejection, limits::CHOICES_MAX};
use urne_vote_contract::method::{RankedBallot, Reading, Weighted};

use super::{COLLEGES_MIN, ELECTORS_MAX, Elector, Parts, refused, tallies};
use crate::rehearsal::bounded;
use crate::{CountRefusal, Json, budget, judgment, ranked, read, stv};

/// The exchange format draws the lowest index where no seed is declared.
const LOT: LotRule = LotRule::ListOrder;

pub(super) fn of(kind: &str, input: &Json) -> Result<Parts, CountRefusal> {
    match kind {
        "approval" => approval(input),
        "majority_judgment" => graded(input),
        "ranked_single" => ranked_single(input),
        "irv_to_last_two" => runoff(input),
        "stv_scottish" => transferable(input),
        "participatory_budget" => projects(input),
        "majority_judgment_tally" => tallies::of(input),
        "ledger_scenario" => {
            Err(refused("it says at which second each ballot is cast: `urne count` runs it through the contract"))
        }
        _ => Err(refused("no method of the ledger is its kind")),
    }
}

// ---- Kinds ----

fn approval(input: &Json) -> Result<Parts, CountRefusal> {
    let names = read::candidates(input)?;
    let ballots = read::ballots(input, |line, rest| {
        read::only_list(line, rest)?
            .iter()
            .map(|it| read::index(it, "ballots", Some(line)))
            .collect::<Result<Vec<_>, _>>()
    })?;
    let questions = vec![question("approval", names.all(), Method::Approval)?];
    voted(questions, &ballots, |_, approved| Ok(vec![approvals(approved)?]))
}

fn graded(input: &Json) -> Result<Parts, CountRefusal> {
    let names = read::candidates(input)?;
    let question = question("majority_judgment", names.all(), judgment_method(input)?)?;
    voted(vec![question], &judgment::graded_ballots(input)?, |_, ballot| Ok(vec![grades(ballot)?]))
}

fn ranked_single(input: &Json) -> Result<Parts, CountRefusal> {
    let names = read::candidates(input)?;
    let (all, unranked) = (names.all(), Unranked::BelowRanked);
    let questions = vec![
        question("schulze", all, Method::Condorcet { rule: CondorcetRule::Schulze, unranked })?,
        question("ranked_pairs", all, Method::Condorcet { rule: CondorcetRule::RankedPairs { lot: LOT }, unranked })?,
        question("irv", all, Method::InstantRunoff { stop: RunoffStop::Majority, lot: LOT })?,
    ];
    voted(questions, &read::ranked_ballots(input)?, |line, ballot| {
        let duels = shared_ranks(ballot)?;
        Ok(vec![duels.clone(), duels, strict_ranks(ballot, line, names.len(), ranked::CUT_AT_A_TIE)?])
    })
}

fn runoff(input: &Json) -> Result<Parts, CountRefusal> {
    let names = read::candidates(input)?;
    let method = Method::InstantRunoff { stop: RunoffStop::LastTwo, lot: LOT };
    let questions = vec![question("irv_to_last_two", names.all(), method)?];
    voted(questions, &read::ranked_ballots(input)?, |line, ballot| {
        Ok(vec![strict_ranks(ballot, line, names.len(), ranked::SKIP_REPEATED)?])
    })
}

fn transferable(input: &Json) -> Result<Parts, CountRefusal> {
    let names = read::candidates(input)?;
    let seats = read::index(read::field(input, "seats", None)?, "seats", None)?;
    let seats = u16::try_from(seats).map_err(|_| Rejection::BadMethod)?;
    let questions = vec![question("stv_scottish", names.all(), Method::ScottishStv { seats, lot: LOT })?];
    voted(questions, &read::ranked_ballots(input)?, |line, ballot| {
        Ok(vec![strict_ranks(ballot, line, names.len(), stv::READING)?])
    })
}

fn projects(input: &Json) -> Result<Parts, CountRefusal> {
    let budget::Asked { ids, money, ballots } = budget::asked(input)?;
    let are_approvals = ballots.iter().flat_map(|it| &it.ballot.points).all(|it| it.1 == 1);
    let largest =
        |size: fn(&[(usize, u64)]) -> u64| ballots.iter().map(|it| size(&it.ballot.points)).max().unwrap_or(0);
    let ballot = if are_approvals {
        let most = largest(|it| u64::try_from(it.len()).unwrap_or(u64::MAX)).max(1);
        BudgetBallot::Approvals { most: u16::try_from(most).map_err(|_| Rejection::TooLarge)? }
    } else {
        let total = largest(|it| it.iter().fold(0_u64, |sum, it| sum.saturating_add(it.1))).max(1);
        let total = u32::try_from(total).map_err(|_| refused("a ballot gives more than 2^32 - 1 points"))?;
        BudgetBallot::Points { total }
    };
    let increment = money.scale;
    let greedy = |greedy| BudgetRule::Greedy { ballot, greedy };
    let shares = |completion| BudgetRule::EqualShares { ballot, completion };
    let rules = [
        ("greedy", greedy(Greedy::Skip)),
        ("greedy-no-skip", greedy(Greedy::Stop)),
        ("mes", shares(SharesCompletion::None)),
        ("mes-add1", shares(SharesCompletion::Add { increment })),
        ("mes-add1u", shares(SharesCompletion::AddThenGreedy { increment })),
    ];
    let costs = List::new(money.costs.clone()).map_err(|_| Rejection::TooLarge)?;
    let asked = rules.map(|(title, rule)| {
        question(title, &ids, Method::Budget { budget: money.budget, costs: costs.clone(), rule })
    });
    let questions = asked.into_iter().collect::<Result<Vec<_>, _>>()?;
    let rules = questions.len();
    voted(questions, &ballots, |_, ballot| {
        let answer = if are_approvals {
            approvals(&ballot.points.iter().map(|it| it.0).collect::<Vec<_>>())?
        } else {
            points(&ballot.points, ids.len())?
        };
        Ok(vec![answer; rules])
    })
}

// ---- Pieces ----

pub(super) fn question(title: &str, choices: &[String], method: Method) -> Result<Question, CountRefusal> {
    let choices = choices.iter().map(|it| bounded(it)).collect::<Result<Vec<_>, _>>()?;
    Ok(Question { title: bounded(title)?, choices: List::new(choices).map_err(|_| Rejection::TooLarge)?, method })
}

pub(super) fn judgment_method(input: &Json) -> Result<Method, CountRefusal> {
    let grades = read::names(input, "grades")?;
    let grades = grades.all().iter().map(|it| bounded(it)).collect::<Result<Vec<_>, _>>()?;
    let nulls = match read::optional(input, "nulls").and_then(Json::as_text) {
        Some("median") => NullPolicy::Median,
        Some("drop") => NullPolicy::Drop,
        _ => NullPolicy::Worst, // undeclared only where no grade is missing: the count has seen to it
    };
    Ok(Method::MajorityJudgment { grades: List::new(grades).map_err(|_| Rejection::TooLarge)?, nulls })
}

/// One member a ballot, dealt to the colleges in turn.
pub(super) fn voted<B>(
    questions: Vec<Question>,
    ballots: &[Weighted<B>],
    answers: impl Fn(usize, &B) -> Result<Vec<Answer>, CountRefusal>,
) -> Result<Parts, CountRefusal> {
    let colleges = (1..=COLLEGES_MIN).map(CollegeId::new).cycle();
    let mut electors = Vec::new();
    few(ballots.iter().map(|it| it.multiplicity))?;
    for (Weighted { multiplicity, ballot }, line) in ballots.iter().zip(1..) {
        let answers = Some(List::new(answers(line, ballot)?).map_err(|_| Rejection::TooLarge)?);
        electors.extend((0..*multiplicity).map(|_| answers.clone()));
    }
    let electors = colleges.zip(electors).map(|(college, answers)| Elector { college, answers });
    Ok(Parts { questions, statutes: None, electors: electors.collect() })
}

/// Refuses more members than a rehearsal can bring, and none at all, before memory is taken for them.
pub(super) fn few(members: impl Iterator<Item = u64>) -> Result<(), CountRefusal> {
    match members.fold(0_u64, u64::saturating_add) {
        0 => Err(refused("nobody may vote in it, and a census has members")),
        1..=ELECTORS_MAX => Ok(()),
        _ => Err(refused("it has more than 100,000 members, more than a rehearsal brings to a network")),
    }
}

fn index(of: usize) -> Result<u16, CountRefusal> {
    u16::try_from(of).map_err(|_| Rejection::TooLarge.into())
}

fn choices<T>(of: Vec<T>) -> Result<List<T, CHOICES_MAX>, CountRefusal> {
    List::new(of).map_err(|_| Rejection::TooLarge.into())
}

fn approvals(approved: &[usize]) -> Result<Answer, CountRefusal> {
    if approved.is_empty() {
        return Ok(Answer::Blank);
    }
    let mut approved = approved.iter().map(|it| index(*it)).collect::<Result<Vec<_>, _>>()?;
    approved.sort_unstable();
    Ok(Answer::Approvals(choices(approved)?))
}

fn points(given: &[(usize, u64)], projects: usize) -> Result<Answer, CountRefusal> {
    let mut row = vec![0; projects];
    for (project, points) in given {
        row[*project] = u32::try_from(*points).map_err(|_| refused("a ballot gives more than 2^32 - 1 points"))?;
    }
    if row.iter().all(|it| *it == 0) { Ok(Answer::Blank) } else { Ok(Answer::Points(choices(row)?)) }
}

pub(super) fn grades(ballot: &[Option<usize>]) -> Result<Answer, CountRefusal> {
    if ballot.iter().all(Option::is_none) {
        return Ok(Answer::Blank);
    }
    let grade = |it: &Option<usize>| it.map(|it| u8::try_from(it).map_err(|_| Rejection::TooLarge)).transpose();
    Ok(Answer::Grades(choices(ballot.iter().map(grade).collect::<Result<_, _>>()?)?))
}

/// As duels read it: ranks left empty say nothing.
fn shared_ranks(ballot: &RankedBallot) -> Result<Answer, CountRefusal> {
    let mut ranks = Vec::new();
    for rank in ballot.ranks.iter().filter(|it| !it.is_empty()) {
        let mut rank = rank.iter().map(|it| index(*it)).collect::<Result<Vec<_>, _>>()?;
        rank.sort_unstable();
        ranks.push(choices(rank)?);
    }
    if ranks.is_empty() { Ok(Answer::Blank) } else { Ok(Answer::Ranking(choices(ranks)?)) }
}

/// One preference after the other, as the kind reads flawed papers: the ledger takes no flawed one.
fn strict_ranks(
    ballot: &RankedBallot,
    line: usize,
    candidates: usize,
    reading: Reading,
) -> Result<Answer, CountRefusal> {
    let preferences = ballot.preferences(line, candidates, reading)?;
    let ranks =
        preferences.into_iter().map(|it| choices(vec![index(it)?])).collect::<Result<Vec<_>, CountRefusal>>()?;
    if ranks.is_empty() { Ok(Answer::Blank) } else { Ok(Answer::Ranking(choices(ranks)?)) }
}
