//! What a definition must be before anyone may approve it: each rule with its number.
use crate::records::QuestionShape;
use std::collections::BTreeSet;
use urne_types::{
    Rejection, UnixMs,
    bounded::Text,
    election::{ElectionDefinition, Method, Question},
    limits::GRACE_MS_MAX,
};

/// Judges a definition that is proposed, or scheduled, at this time.
pub(crate) fn judge(definition: &ElectionDefinition, now: UnixMs) -> Result<(), Rejection> {
    if definition.questions.is_empty() {
        return Err(Rejection::NoQuestion);
    }
    definition.questions.iter().try_for_each(judge_question)?;
    judge_calendar(definition, now)
}

fn judge_question(question: &Question) -> Result<(), Rejection> {
    let (least, most) = match question.method {
        Method::Referendum { .. } => (2, 2),
        Method::Plurality => (2, usize::MAX),
        Method::Approval | Method::MajorityJudgment { .. } => (1, usize::MAX),
    };
    let choices = question.choices.len();
    if choices < least || most < choices || !are_distinct(&question.choices) {
        return Err(Rejection::BadChoices);
    }
    match &question.method {
        Method::MajorityJudgment { grades, .. } if grades.len() < 2 || !are_distinct(grades) => {
            Err(Rejection::BadGrades)
        }
        _ => Ok(()),
    }
}

fn judge_calendar(definition: &ElectionDefinition, now: UnixMs) -> Result<(), Rejection> {
    let is_convened_after = definition.convened_at.is_some_and(|convened| definition.opens_at < convened);
    let is_sound = now < definition.opens_at
        && definition.opens_at < definition.closes_at
        && definition.grace_ms <= GRACE_MS_MAX
        && !is_convened_after;
    if is_sound { Ok(()) } else { Err(Rejection::BadCalendar) }
}

/// Nobody can be chosen by an empty name, nor by another's.
fn are_distinct<const MAX: usize>(names: &[Text<MAX>]) -> bool {
    let trimmed: BTreeSet<&str> = names.iter().map(|it| it.trim()).collect();
    trimmed.len() == names.len() && !trimmed.contains("")
}

/// What an answer to each question may be.
pub(crate) fn shapes(definition: &ElectionDefinition) -> Vec<QuestionShape> {
    definition.questions.iter().map(shape).collect()
}
fn shape(question: &Question) -> QuestionShape {
    let choices = u16::try_from(question.choices.len()).expect("a question has at most CHOICES_MAX choices");
    match &question.method {
        Method::Referendum { .. } | Method::Plurality => QuestionShape::One { choices },
        Method::Approval => QuestionShape::Any { choices },
        Method::MajorityJudgment { grades, .. } => {
            let grades = u8::try_from(grades.len()).expect("a judgment has at most GRADES_MAX grades");
            QuestionShape::Graded { choices, grades }
        }
    }
}

/// The instant at which a ballot comes too late, the grace included.
pub(crate) fn cutoff(definition: &ElectionDefinition) -> UnixMs {
    definition.closes_at.plus(u64::from(definition.grace_ms))
}
