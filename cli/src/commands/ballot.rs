//! Ballots as people write them: the exchange format's forms (`shared/data`), read as answers to an election's questions.
//! What a rule of the chain refuses is left to that rule, so that its number is the one that is told.
use crate::exit::Failure;
use serde_json::Value;
use urne_types::{
    Rejection,
    ballot::{Answer, BallotBody},
    bounded::List,
    election::{ElectionDefinition, Method, Question},
    limits::CHOICES_MAX,
    method::{BudgetBallot, BudgetRule},
};

/// The forms, in one sentence.
pub(super) const FORMS: &str = "plurality and referendum (0 for, 1 against): an index, or \"blank\"; approval: a list of \
                                indices; rankings: a list from the best on, equals as a list; points: a list of one \
                                number for each choice; \
                                majority judgment: a list of one grade for each choice, 0 the worst, null for no \
                                opinion. Several questions: a list of those";

/// Reads a ballot for that election.
pub(super) fn body(definition: &ElectionDefinition, json: &str) -> Result<BallotBody, Failure> {
    let ballot: Value = serde_json::from_str(json).map_err(|e| misshapen(&format!("it is not JSON: {e}")))?;
    let questions: &[Question] = &definition.questions;
    let answers = match (questions, &ballot) {
        ([question], ballot) => vec![answer(&question.method, ballot)?],
        (_, Value::Array(ballots)) if ballots.len() == questions.len() => {
            questions.iter().zip(ballots).map(|(it, ballot)| answer(&it.method, ballot)).collect::<Result<_, _>>()?
        }
        (_, Value::Array(_)) => return Err(Rejection::WrongAnswerCount.into()),
        _ => return Err(misshapen(&format!("this election asks {} questions", questions.len()))),
    };
    Ok(BallotBody::Open(List::new(answers).map_err(|_| Rejection::WrongAnswerCount)?))
}

/// Reads the answer to one question.
pub(super) fn one(question: &Question, json: &str) -> Result<Answer, Failure> {
    let ballot: Value = serde_json::from_str(json).map_err(|e| misshapen(&format!("it is not JSON: {e}")))?;
    answer(&question.method, &ballot)
}

fn answer(method: &Method, ballot: &Value) -> Result<Answer, Failure> {
    if ballot == "blank" {
        return Ok(Answer::Blank);
    }
    match (method, ballot) {
        (Method::Resolution { .. }, word) if word == "abstain" => Ok(Answer::Abstain),
        (
            Method::Referendum { .. }
            | Method::Plurality
            | Method::Lists { .. }
            | Method::FirstTour { .. }
            | Method::SecondTour { .. }
            | Method::Resolution { .. },
            choice,
        ) => Ok(Answer::Choice(index(choice)?)),
        (Method::Approval | Method::KOfN { .. }, Value::Array(approved)) => approvals(approved),
        (Method::MajorityJudgment { .. } | Method::DrawnJudgment { .. }, Value::Array(grades)) => judgments(grades),
        (Method::Condorcet { .. } | Method::InstantRunoff { .. } | Method::ScottishStv { .. }, Value::Array(ranks)) => {
            ranking(ranks)
        }
        (Method::Budget { rule, .. }, Value::Array(given)) => match rule {
            BudgetRule::ByJudgment { .. } => judgments(given),
            BudgetRule::Greedy { ballot, .. } | BudgetRule::EqualShares { ballot, .. } => match ballot {
                BudgetBallot::Approvals { .. } => approvals(given),
                BudgetBallot::Points { .. } => points(given),
            },
        },
        _ => Err(misshapen("this question takes a list")),
    }
}

/// The order of a list of approvals says nothing; a repeated one is the chain's to refuse.
fn approvals(approved: &[Value]) -> Result<Answer, Failure> {
    let mut approved: Vec<u16> = approved.iter().map(index).collect::<Result<_, _>>()?;
    approved.sort_unstable();
    if approved.is_empty() {
        return Ok(Answer::Blank);
    }
    Ok(Answer::Approvals(List::new(approved).map_err(|_| Rejection::UnknownChoice)?))
}

/// From the best rank to the last: an index, or a list of equals.
fn ranking(ranks: &[Value]) -> Result<Answer, Failure> {
    let rank = |it: &Value| {
        let mut equals: Vec<u16> = match it {
            Value::Array(equals) => equals.iter().map(index).collect::<Result<_, _>>()?,
            alone => vec![index(alone)?],
        };
        equals.sort_unstable();
        List::new(equals).map_err(|_| Rejection::UnknownChoice.into())
    };
    let ranks: Vec<List<u16, CHOICES_MAX>> = ranks.iter().map(rank).collect::<Result<_, Failure>>()?;
    if ranks.is_empty() {
        return Ok(Answer::Blank);
    }
    Ok(Answer::Ranking(List::new(ranks).map_err(|_| Rejection::UnknownChoice)?))
}

/// Points for each choice, in order.
fn points(points: &[Value]) -> Result<Answer, Failure> {
    let points: Vec<u32> = points.iter().map(index).collect::<Result<_, _>>()?;
    if points.iter().all(|it| *it == 0) {
        return Ok(Answer::Blank);
    }
    Ok(Answer::Points(List::new(points).map_err(|_| Rejection::UnknownChoice)?))
}

/// A ballot without any opinion is blank.
fn judgments(grades: &[Value]) -> Result<Answer, Failure> {
    let grade = |it: &Value| if it.is_null() { Ok(None) } else { index(it).map(Some) };
    let grades: Vec<Option<u8>> = grades.iter().map(grade).collect::<Result<_, _>>()?;
    if grades.iter().all(Option::is_none) {
        return Ok(Answer::Blank);
    }
    Ok(Answer::Grades(List::new(grades).map_err(|_| Rejection::UnknownChoice)?))
}

/// An index of any size is one; whether it names something is the chain's to say.
fn index<T: TryFrom<u64>>(value: &Value) -> Result<T, Failure> {
    let index = value.as_u64().ok_or_else(|| misshapen(&format!("{value} is no index")))?;
    T::try_from(index).map_err(|_| Rejection::UnknownChoice.into())
}

fn misshapen(why: &str) -> Failure {
    Failure::usage(format!("the ballot cannot be read, {why}. The forms are: {FORMS}"))
}
