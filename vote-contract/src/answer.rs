//! What an answer may be, question by question: whatever is ill-formed is refused by its number before it is cast, so that an
//! urn holds no null ballot.
use crate::{
    method::draw_subset,
    records::{QuestionShape, SeedBlock},
};
use urne_types::{
    ElectionId, Rejection,
    ballot::{Answer, BallotBody},
    bounded::List,
    codec::encode,
    election::{BallotKind, CensusEntry},
    hash::hash_parts,
    limits::CHOICES_MAX,
};

/// Whence the choices that a member judges are drawn.
#[derive(Clone, Copy)]
pub(crate) struct Draw<'a> {
    pub(crate) election: &'a ElectionId,
    pub(crate) seed: Option<SeedBlock>,
    pub(crate) entry: &'a CensusEntry,
}

impl Draw<'_> {
    /// The choices to judge, in order. Before the seed is known, none.
    pub(crate) fn of(&self, choices: u16, judged: u16) -> Vec<usize> {
        let Some(seed) = self.seed else { return Vec::new() };
        let seed = hash_parts("urne.v1 draw seed", &[&self.election.0, &seed.block.0]);
        draw_subset(&seed, &encode(self.entry), choices.into(), judged.into())
    }
}

/// Judges the body against what the questions take.
pub(crate) fn judge_body(
    kind: BallotKind,
    shapes: &[QuestionShape],
    body: &BallotBody,
    draw: Draw<'_>,
) -> Result<(), Rejection> {
    let (BallotKind::Open, BallotBody::Open(answers)) = (kind, body) else {
        return Err(Rejection::WrongBallotKind);
    };
    if answers.len() != shapes.len() {
        return Err(Rejection::WrongAnswerCount);
    }
    shapes.iter().zip(answers).try_for_each(|(shape, answer)| judge_answer(*shape, answer, draw))
}

fn judge_answer(shape: QuestionShape, answer: &Answer, draw: Draw<'_>) -> Result<(), Rejection> {
    match (shape, answer) {
        (_, Answer::Blank) | (QuestionShape::Decision, Answer::Abstain) => Ok(()),
        (QuestionShape::One { choices }, Answer::Choice(choice)) => known(*choice < choices),
        (QuestionShape::Decision, Answer::Choice(choice)) => known(*choice < 2),
        (QuestionShape::Any { choices }, Answer::Approvals(approved)) => approvals(approved, choices),
        (QuestionShape::Several { choices, least, most }, Answer::Approvals(approved)) => {
            approvals(approved, choices)?;
            marks((usize::from(least)..=usize::from(most)).contains(&approved.len()))
        }
        (QuestionShape::Graded { choices, grades }, Answer::Grades(given)) => graded(given, choices, grades),
        (QuestionShape::Drawn { choices, grades, judged }, Answer::Grades(given)) => {
            graded(given, choices, grades)?;
            let drawn = draw.of(choices, judged);
            let is_drawn = |(choice, grade): (usize, &Option<u8>)| grade.is_none() || drawn.contains(&choice);
            if given.iter().enumerate().all(is_drawn) { Ok(()) } else { Err(Rejection::NotDrawn) }
        }
        (QuestionShape::Ranked { choices }, Answer::Ranking(ranks)) => ranking(ranks, choices),
        (QuestionShape::Strict { choices }, Answer::Ranking(ranks)) => {
            ranking(ranks, choices)?;
            if ranks.iter().all(|rank| rank.len() == 1) { Ok(()) } else { Err(Rejection::SharedRank) }
        }
        (QuestionShape::Points { choices, total }, Answer::Points(points)) => {
            known(points.len() <= usize::from(choices))?;
            let given: u64 = points.iter().map(|it| u64::from(*it)).sum();
            // A shorter list leaves choices out; one without a point is a blank ballot, which has its own writing.
            canonical(points.len() == usize::from(choices) && 0 < given)?;
            marks(given <= u64::from(total))
        }
        _ => Err(Rejection::WrongAnswerKind),
    }
}

fn approvals(approved: &[u16], choices: u16) -> Result<(), Rejection> {
    canonical(!approved.is_empty() && approved.is_sorted_by(|a, b| a < b))?;
    known(approved.iter().all(|it| *it < choices))
}

fn graded(given: &[Option<u8>], choices: u16, grades: u8) -> Result<(), Rejection> {
    known(given.len() <= usize::from(choices) && given.iter().flatten().all(|it| *it < grades))?;
    // A shorter list leaves choices out; one without a grade is a blank ballot, which has its own writing.
    canonical(given.len() == usize::from(choices) && given.iter().any(Option::is_some))
}

fn ranking(ranks: &[List<u16, CHOICES_MAX>], choices: u16) -> Result<(), Rejection> {
    canonical(!ranks.is_empty() && ranks.iter().all(|rank| !rank.is_empty() && rank.is_sorted_by(|a, b| a < b)))?;
    known(ranks.iter().flatten().all(|it| *it < choices))?;
    let mut seen = vec![false; choices.into()];
    canonical(!ranks.iter().flatten().any(|it| std::mem::replace(&mut seen[usize::from(*it)], true)))
}

fn known(holds: bool) -> Result<(), Rejection> {
    if holds { Ok(()) } else { Err(Rejection::UnknownChoice) }
}
fn canonical(holds: bool) -> Result<(), Rejection> {
    if holds { Ok(()) } else { Err(Rejection::AnswerNotCanonical) }
}
fn marks(holds: bool) -> Result<(), Rejection> {
    if holds { Ok(()) } else { Err(Rejection::WrongNumberOfMarks) }
}
