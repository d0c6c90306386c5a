//! What follows an election and is bound to it: a second call after a first that too few attended, a second tour after a first
//! that elected nobody. One of each, on the same matter, or it could decide what the first never asked.
use crate::{
    colleges::Assembly,
    keys, read,
    records::ElectionState,
    result::{Attendance, QuestionResult, TourOutcome},
    work::Work,
};
use std::collections::BTreeSet;
use urne_types::{
    ElectionId, Rejection,
    bounded::List,
    election::{ElectionDefinition, Method, Question},
    limits::CHOICES_MAX,
    method::ListTours,
    name::ReadName,
    statutes::{Convocation, SecondCensus, Statutes, UnderStatutes},
};

/// In the place of a question's number: the second call of a whole election.
const SECOND_CALL: u16 = u16::MAX;

// ---- Calls ----

/// The notice of this call, in milliseconds. A second call asks what the first one asked, of those whom it asked.
pub(crate) fn judge_call(
    work: &Work<'_>,
    definition: &ElectionDefinition,
    statutes: &Statutes,
    under: &UnderStatutes,
) -> Result<u64, Rejection> {
    let Convocation::Second { first } = under.convocation else { return Ok(statutes.notice_ms) };
    let second = statutes.second_call.as_ref().ok_or(Rejection::NoSecondCall)?;
    let called = read::definition(work, &first).ok_or(Rejection::NoSecondCall)?;
    let before = called.statutes.filter(|it| it.convocation == Convocation::First).ok_or(Rejection::NoSecondCall)?;
    if !has_missed_attendance(work, &first) {
        return Err(Rejection::NoSecondCall);
    }
    if called.questions != definition.questions || before.version != under.version {
        return Err(Rejection::OtherQuestions);
    }
    if second.census == SecondCensus::Same && called.census != definition.census {
        return Err(Rejection::OtherCensus);
    }
    if follows(work, &first, SECOND_CALL).is_some() {
        return Err(Rejection::SecondCallExists);
    }
    Ok(second.notice_ms)
}

/// Whether an election is counted and had too few members present.
fn has_missed_attendance(work: &Work<'_>, id: &ElectionId) -> bool {
    let is_tallied = read::gate(work, id).is_some_and(|it| it.state == ElectionState::Tallied);
    let Some((definition, turnout)) = read::definition(work, id).zip(read::turnout(work, id)) else { return false };
    let basis = read::count_basis(work, id);
    let assembly = Assembly { election: id, definition: &definition, basis: &basis, turnout: &turnout };
    is_tallied && assembly.attendance() == Attendance::Missed
}

// ---- Tours ----

/// Each question that is a second tour follows its own first.
pub(crate) fn judge_tours(work: &Work<'_>, definition: &ElectionDefinition) -> Result<(), Rejection> {
    let mut firsts = BTreeSet::new();
    for question in &definition.questions {
        let Some((first, at)) = first_tour(&question.method) else { continue };
        if !firsts.insert((first, at)) {
            return Err(Rejection::SecondTourExists);
        }
        judge_tour(work, definition, question, first, at)?;
    }
    Ok(())
}

/// A second tour asks the members whom the first one asked of those whom it qualified, once.
fn judge_tour(
    work: &Work<'_>,
    definition: &ElectionDefinition,
    question: &Question,
    first: ElectionId,
    at: u16,
) -> Result<(), Rejection> {
    let held = read::definition(work, &first).ok_or(Rejection::NotASecondTour)?;
    let asked = held.questions.get(usize::from(at)).ok_or(Rejection::NotASecondTour)?;
    let is_tallied = read::gate(work, &first).is_some_and(|it| it.state == ElectionState::Tallied);
    let result: Option<QuestionResult> = work.read(&keys::result(&first, at));
    let outcome = match result.as_ref().map(QuestionResult::global) {
        Some(QuestionResult::Tour { outcome, .. }) if is_tallied => outcome,
        _ => return Err(Rejection::NotASecondTour),
    };
    if !are_qualified(question, asked, outcome) {
        return Err(Rejection::NotASecondTour);
    }
    // Code électoral, art. L57: who votes at the second tour is registered on the list that served at the first. Of the second
    // call of a second tour, the statutes say which census it is (`judge_call`).
    let is_second_call = definition.statutes.is_some_and(|it| matches!(it.convocation, Convocation::Second { .. }));
    if !is_second_call && definition.census != held.census {
        return Err(Rejection::OtherCensus);
    }
    // A second tour that too few attended elected nobody: its second call is that tour again.
    match follows(work, &first, at) {
        Some(held) if !has_missed_attendance(work, &held) => Err(Rejection::SecondTourExists),
        _ => Ok(()),
    }
}

/// The election and the question of which a question is the second tour.
fn first_tour(method: &Method) -> Option<(ElectionId, u16)> {
    match method {
        Method::SecondTour { first, question } => Some((*first, *question)),
        Method::Lists { tours: ListTours::Second { first, question, .. }, .. } => Some((*first, *question)),
        _ => None,
    }
}

/// Candidates are qualified by name. Lists are made of those of the first tour, of which they may take the candidates and
/// change the name (code électoral, art. L264): one that may stand, and others that may join; and they share the same seats.
fn are_qualified(question: &Question, asked: &Question, outcome: &TourOutcome) -> bool {
    match (outcome, &question.method) {
        (TourOutcome::SecondTour { choices }, Method::SecondTour { .. }) => {
            let names = choices.iter().filter_map(|it| asked.choices.get(usize::from(*it)));
            let qualified: Vec<ReadName> = names.filter_map(|it| ReadName::of(it).ok()).collect();
            question.choices.iter().all(|it| ReadName::of(it).is_ok_and(|it| qualified.contains(&it)))
        }
        (
            TourOutcome::SecondListTour { stand, join },
            Method::Lists { tours: ListTours::Second { made_of, .. }, .. },
        ) => {
            let may_join = |it: &u16| stand.contains(it) || join.contains(it);
            let is_made = |of: &List<u16, CHOICES_MAX>| {
                of.split_first().is_some_and(|(head, others)| stand.contains(head) && others.iter().all(may_join))
            };
            made_of.iter().all(is_made) && in_one_tour(&question.method) == in_one_tour(&asked.method)
        }
        _ => false,
    }
}
/// How lists share their seats, their tours apart.
fn in_one_tour(method: &Method) -> Method {
    let mut method = method.clone();
    if let Method::Lists { tours, .. } = &mut method {
        *tours = ListTours::Only;
    }
    method
}

// ---- What follows ----

/// The election that follows another already, unless it was cancelled.
fn follows(work: &Work<'_>, first: &ElectionId, question: u16) -> Option<ElectionId> {
    let held: ElectionId = work.read(&keys::sequel(first, question))?;
    read::gate(work, &held).filter(|it| it.state != ElectionState::Cancelled).map(|_| held)
}

/// Notes that a scheduled election follows others.
pub(crate) fn note(work: &mut Work<'_>, id: &ElectionId, definition: &ElectionDefinition) {
    if let Some(UnderStatutes { convocation: Convocation::Second { first }, .. }) = definition.statutes {
        work.write(keys::sequel(&first, SECOND_CALL), id);
    }
    for question in &definition.questions {
        if let Some((first, at)) = first_tour(&question.method) {
            work.write(keys::sequel(&first, at), id);
        }
    }
}
