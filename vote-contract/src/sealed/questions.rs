//! What a method asks, in the form that is sealed; and what was decrypted, in the counters of an open count. Between the two a
//! secret election is counted like any other: same methods, same colleges, same result.
use super::records::UrnOpening;
use crate::{definition::shape, records::QuestionShape, runs::is_run};
use urne_ballot::{Blank, Compiled, NoOpinion, Opening, Question as Sealed, QuestionTally, Refusal};
use urne_types::{
    Rejection,
    ballot::Answer,
    bounded::List,
    election::{ElectionDefinition, Question},
    limits::CHOICES_MAX,
};

/// The number of a rule of the cryptography.
pub(crate) fn refused(refusal: Refusal) -> Rejection {
    Rejection::from_code(refusal.code()).expect("a test compares the two tables")
}

/// The questions of a definition, compiled.
///
/// # Errors
/// [`Rejection::MethodNotSealable`], and what [`Compiled::new`] refuses.
pub fn compile(definition: &ElectionDefinition) -> Result<Compiled, Rejection> {
    let questions = definition.questions.iter().map(sealed).collect::<Result<Vec<_>, _>>()?;
    Compiled::new(&questions).map_err(refused)
}

impl UrnOpening {
    /// What is decrypted of ballots on such questions.
    #[must_use]
    pub const fn of(compiled: &Compiled) -> Self {
        match compiled.opening() {
            Opening::Totals => Self::Totals,
            Opening::OneByOne => Self::OneByOne,
        }
    }
}

/// How a question is sealed. A blank ballot is always allowed, as in the open; a ranking is strict and complete.
fn sealed(question: &Question) -> Result<Sealed, Rejection> {
    let blank = Blank::Allowed;
    Ok(match shape(question) {
        // Equal shares read each ballot, and a set of approved projects, or of points, is a signature of its voter sooner than a
        // ranking (decision 0076); a draw would say which choices a sealed ballot may judge.
        QuestionShape::Drawn { .. } => return Err(Rejection::MethodNotSealable),
        QuestionShape::Several { .. } | QuestionShape::Points { .. } if is_run(question) => {
            return Err(Rejection::MethodNotSealable);
        }
        QuestionShape::One { choices } => Sealed::OneOf { choices, blank },
        // For, against, abstaining.
        QuestionShape::Decision => Sealed::OneOf { choices: 3, blank },
        QuestionShape::Any { choices } => Sealed::Approval { choices, at_least: 1, at_most: choices, blank },
        QuestionShape::Several { choices, least, most } => {
            Sealed::Approval { choices, at_least: least, at_most: most, blank }
        }
        QuestionShape::Graded { choices, grades } => {
            Sealed::Judgment { choices, grades: grades.into(), no_opinion: NoOpinion::Allowed, blank }
        }
        QuestionShape::Ranked { choices } => Sealed::Condorcet { choices, blank },
        QuestionShape::Strict { choices } => Sealed::Ranking { choices, ranks: choices, at_least: 0 },
        QuestionShape::Points { choices, total } => {
            let max = u16::try_from(total).unwrap_or(u16::MAX);
            Sealed::Score { choices, max, points: Some(total), blank }
        }
    })
}

/// Answers as they are written in the open, in the form that is sealed. A ranking must put every choice in a place of its own.
///
/// # Errors
/// [`Rejection::WrongAnswers`]: not one answer for each question, of its question's kind; what else could be wrong with it,
/// sealing refuses.
pub fn sealed_answers(
    definition: &ElectionDefinition,
    answers: &[Answer],
) -> Result<Vec<urne_ballot::Answer>, Rejection> {
    if answers.len() != definition.questions.len() {
        return Err(Rejection::WrongAnswers);
    }
    let of = |(question, answer)| sealed_answer(shape(question), answer).ok_or(Rejection::WrongAnswers);
    definition.questions.iter().zip(answers).map(of).collect()
}

fn sealed_answer(shape: QuestionShape, answer: &Answer) -> Option<urne_ballot::Answer> {
    use urne_ballot::Answer as Told;
    Some(match (shape, answer) {
        (_, Answer::Blank) => Told::Blank,
        (QuestionShape::Decision, Answer::Abstain) => Told::One(2),
        (QuestionShape::Decision, Answer::Choice(choice)) if 1 < *choice => return None,
        (QuestionShape::One { .. } | QuestionShape::Decision, Answer::Choice(choice)) => Told::One(*choice),
        (QuestionShape::Any { .. } | QuestionShape::Several { .. }, Answer::Approvals(chosen)) => {
            Told::Chosen(chosen.to_vec())
        }
        (QuestionShape::Graded { .. }, Answer::Grades(grades)) => {
            Told::Grades(grades.iter().map(|it| it.map(u16::from)).collect())
        }
        (QuestionShape::Ranked { .. } | QuestionShape::Strict { .. }, Answer::Ranking(ranks)) => {
            let alone = |rank: &List<u16, CHOICES_MAX>| match rank.as_ref() {
                [only] => Some(*only),
                _ => None,
            };
            Told::Ranked(ranks.iter().map(alone).collect::<Option<_>>()?)
        }
        (QuestionShape::Points { .. }, Answer::Points(points)) => {
            Told::Scores(points.iter().map(|it| u16::try_from(*it).ok()).collect::<Option<_>>()?)
        }
        _ => return None,
    })
}

/// The answers of a ballot that was opened by itself, as they are written in the open.
///
/// # Errors
/// [`Rejection::WrongAnswers`]: cells that no valid ballot has; none is cast.
pub(crate) fn opened_answers(
    definition: &ElectionDefinition,
    compiled: &Compiled,
    cells: &[u64],
) -> Result<Vec<Answer>, Rejection> {
    let told = compiled.rankings(cells).map_err(refused)?;
    definition.questions.iter().zip(&told).map(|(question, told)| opened_answer(shape(question), told)).collect()
}

fn opened_answer(shape: QuestionShape, told: &urne_ballot::Answer) -> Result<Answer, Rejection> {
    match (shape, told) {
        (_, urne_ballot::Answer::Blank) => Ok(Answer::Blank),
        (QuestionShape::Strict { .. }, urne_ballot::Answer::Ranked(order)) => {
            let ranks = order.iter().map(|choice| List::new(vec![*choice])).collect::<Result<Vec<_>, _>>();
            let ranks = ranks.and_then(List::new).map_err(|_| Rejection::WrongAnswers)?;
            Ok(Answer::Ranking(ranks))
        }
        _ => Err(Rejection::WrongAnswers),
    }
}

/// The counters of `crate::cells` for each question.
pub(crate) fn counters(
    definition: &ElectionDefinition,
    compiled: &Compiled,
    totals: &[u64],
    ballots: u64,
) -> Result<Vec<Vec<u64>>, Refusal> {
    let tallies = compiled.tally(totals, ballots)?;
    Ok(definition.questions.iter().zip(&tallies).map(|(question, tally)| of_one(question, tally, ballots)).collect())
}

fn of_one(question: &Question, tally: &QuestionTally, ballots: u64) -> Vec<u64> {
    match (shape(question), tally) {
        // For, against, blank, abstaining.
        (QuestionShape::Decision, QuestionTally::Marks { by_choice, blank }) => {
            vec![by_choice[0], by_choice[1], *blank, by_choice[2]]
        }
        (QuestionShape::One { .. }, QuestionTally::Marks { by_choice, blank }) => {
            [&by_choice[..], &[*blank, 0]].concat()
        }
        (_, QuestionTally::Marks { by_choice, blank } | QuestionTally::Scores { by_choice, blank }) => {
            [&by_choice[..], &[ballots, *blank]].concat()
        }
        (_, QuestionTally::Grades { by_choice: rows, blank, .. } | QuestionTally::Pairwise { wins: rows, blank }) => {
            [&rows.concat()[..], &[ballots, *blank]].concat()
        }
    }
}
