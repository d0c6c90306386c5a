//! What a definition must be before anyone may approve it: each rule with its number. What the ledger must hold for it
//! (statutes, a first tour) is judged when it is scheduled.
use crate::records::QuestionShape;
use std::collections::BTreeSet;
use urne_types::{
    Rejection, UnixMs,
    bounded::Text,
    election::{ElectionDefinition, Method, Question},
    limits::{COUNT_CELLS_MAX, DECLARED_MAX, GRACE_MS_MAX, OPENING_MS_MAX, RUNOFF_CHOICES_MAX, SEATS_MAX},
    method::{BudgetBallot, BudgetRule, LastSeats, ListTours, LotRule, Qualified},
    name,
    share::Share,
};

/// Judges a definition that is proposed, or scheduled, at this time.
pub(crate) fn judge(definition: &ElectionDefinition, now: UnixMs) -> Result<(), Rejection> {
    if definition.questions.is_empty() {
        return Err(Rejection::NoQuestion);
    }
    judge_names(definition.questions.iter().map(|it| &it.title))?;
    definition.questions.iter().try_for_each(judge_question)?;
    if COUNT_CELLS_MAX < cells(definition) {
        return Err(Rejection::TooManyCounters);
    }
    if definition.statutes.is_none() && definition.questions.iter().any(is_resolution) {
        return Err(Rejection::UnknownDecision);
    }
    judge_calendar(definition, now)?;
    crate::sealed::rules::judge(definition, now)
}

fn is_resolution(question: &Question) -> bool {
    matches!(question.method, Method::Resolution { .. })
}

fn judge_question(question: &Question) -> Result<(), Rejection> {
    let (least, most) = match question.method {
        Method::Referendum { .. } | Method::Resolution { .. } => (2, 2),
        Method::Plurality | Method::FirstTour { .. } | Method::Condorcet { .. } => (2, usize::MAX),
        Method::InstantRunoff { .. } => (2, RUNOFF_CHOICES_MAX),
        Method::ScottishStv { .. } => (1, RUNOFF_CHOICES_MAX),
        Method::Approval
        | Method::MajorityJudgment { .. }
        | Method::DrawnJudgment { .. }
        | Method::KOfN { .. }
        | Method::Budget { .. }
        | Method::Lists { .. }
        | Method::SecondTour { .. } => (1, usize::MAX),
    };
    let choices = question.choices.len();
    if choices < least || most < choices {
        return Err(Rejection::BadChoices);
    }
    judge_names(&question.choices)?;
    if let Some(grades) = grades(&question.method) {
        if grades.len() < 2 {
            return Err(Rejection::BadGrades);
        }
        judge_names(grades)?;
    }
    if is_in_range(&question.method, choices) { Ok(()) } else { Err(Rejection::BadMethod) }
}

/// The grades of a method that asks for grades.
pub(crate) fn grades(method: &Method) -> Option<&[Text<{ urne_types::limits::NAME_BYTES_MAX }>]> {
    match method {
        Method::MajorityJudgment { grades, .. }
        | Method::DrawnJudgment { grades, .. }
        | Method::Budget { rule: BudgetRule::ByJudgment { grades, .. }, .. } => Some(grades),
        _ => None,
    }
}

/// Whether every setting of a method is in its range, for so many choices.
fn is_in_range(method: &Method, choices: usize) -> bool {
    match method {
        Method::KOfN { least_marks, most_marks, seats, least_votes, .. } => {
            *least_votes <= DECLARED_MAX
                && 0 < *least_marks
                && least_marks <= most_marks
                && usize::from(*most_marks) <= choices
                && has_seats(*seats)
        }
        Method::ScottishStv { seats, .. } => has_seats(*seats),
        Method::Budget { budget, costs, rule } => {
            let sum = costs.iter().try_fold(0_u64, |sum, cost| sum.checked_add(*cost));
            let ballot = match rule {
                BudgetRule::Greedy { ballot, .. } | BudgetRule::EqualShares { ballot, .. } => Some(ballot),
                BudgetRule::ByJudgment { .. } => None,
            };
            let says_something = ballot.is_none_or(|it| match it {
                BudgetBallot::Approvals { most } => (1..=choices).contains(&usize::from(*most)),
                BudgetBallot::Points { total } => 0 < *total,
            });
            (1..=DECLARED_MAX).contains(budget)
                && costs.len() == choices
                && sum.is_some_and(|it| it <= DECLARED_MAX)
                && !costs.contains(&0)
                && says_something
        }
        Method::Lists { seats, threshold, bonus, tours, .. } => {
            let shares = threshold.iter().copied().chain(bonus.map(|it| it.share));
            has_seats(*seats) && shares.into_iter().all(Share::is_proper) && is_a_tour(tours, choices)
        }
        Method::FirstTour { registered_share, qualified } => {
            let qualifying = match qualified {
                Qualified::TwoFirst => None,
                Qualified::AtLeast { share, .. } => Some(*share),
            };
            registered_share.iter().copied().chain(qualifying).all(Share::is_proper)
        }
        Method::DrawnJudgment { judged, .. } => (1..=choices).contains(&usize::from(*judged)),
        _ => true,
    }
}
/// Whoever may stand again may join; each list of a second tour is made of some of the first's, and none is in two.
fn is_a_tour(tours: &ListTours, choices: usize) -> bool {
    match tours {
        ListTours::Only => true,
        ListTours::First { stands, joins } => {
            let crossed = |a: &Share, b: &Share| u64::from(a.numerator) * u64::from(b.denominator);
            stands.is_proper() && joins.is_proper() && crossed(joins, stands) <= crossed(stands, joins)
        }
        ListTours::Second { made_of, .. } => {
            let all: Vec<u16> = made_of.iter().flatten().copied().collect();
            let distinct: BTreeSet<u16> = all.iter().copied().collect();
            made_of.len() == choices && !made_of.iter().any(|it| it.is_empty()) && distinct.len() == all.len()
        }
    }
}
fn has_seats(seats: u16) -> bool {
    (1..=SEATS_MAX).contains(&seats)
}

fn judge_calendar(definition: &ElectionDefinition, now: UnixMs) -> Result<(), Rejection> {
    let is_convened_after = definition.convened_at.is_some_and(|convened| definition.opens_at < convened);
    let is_sound = now < definition.opens_at
        && definition.opens_at <= now.plus(OPENING_MS_MAX)
        && definition.opens_at < definition.closes_at
        && definition.grace_ms <= GRACE_MS_MAX
        && !is_convened_after;
    if is_sound { Ok(()) } else { Err(Rejection::BadCalendar) }
}

/// Nobody can be chosen by a name that cannot be read, nor by one that is read as another's.
pub(crate) fn judge_names<'a, const MAX: usize>(
    names: impl IntoIterator<Item = &'a Text<MAX>>,
) -> Result<(), Rejection> {
    name::judge_names(names.into_iter().map(|it| &**it)).map_err(|_| Rejection::BadNames)
}

// ---- What follows from a sound definition ----

/// What an answer to each question may be.
pub(crate) fn shapes(definition: &ElectionDefinition) -> Vec<QuestionShape> {
    definition.questions.iter().map(shape).collect()
}
pub(crate) fn shape(question: &Question) -> QuestionShape {
    let choices = u16::try_from(question.choices.len()).expect("a question has at most CHOICES_MAX choices");
    let graded = |grades: &[_]| u8::try_from(grades.len()).expect("a judgment has at most GRADES_MAX grades");
    match &question.method {
        Method::Referendum { .. }
        | Method::Plurality
        | Method::Lists { .. }
        | Method::FirstTour { .. }
        | Method::SecondTour { .. } => QuestionShape::One { choices },
        Method::Approval => QuestionShape::Any { choices },
        Method::MajorityJudgment { grades, .. } => QuestionShape::Graded { choices, grades: graded(grades) },
        Method::KOfN { least_marks, most_marks, .. } => {
            QuestionShape::Several { choices, least: *least_marks, most: *most_marks }
        }
        Method::Condorcet { .. } => QuestionShape::Ranked { choices },
        Method::InstantRunoff { .. } | Method::ScottishStv { .. } => QuestionShape::Strict { choices },
        Method::Budget { rule, .. } => match rule {
            BudgetRule::ByJudgment { grades, .. } => QuestionShape::Graded { choices, grades: graded(grades) },
            BudgetRule::Greedy { ballot, .. } | BudgetRule::EqualShares { ballot, .. } => match *ballot {
                BudgetBallot::Approvals { most } => QuestionShape::Several { choices, least: 1, most },
                BudgetBallot::Points { total } => QuestionShape::Points { choices, total },
            },
        },
        Method::DrawnJudgment { grades, judged, .. } => {
            QuestionShape::Drawn { choices, grades: graded(grades), judged: *judged }
        }
        Method::Resolution { .. } => QuestionShape::Decision,
    }
}

/// Counters that the count of one college keeps, or room of as many bytes in its result: each seat that is drawn tells, in
/// two bytes a name, who was equal.
pub(crate) fn cells(definition: &ElectionDefinition) -> usize {
    let drawn = |question: &Question| {
        let seats = match question.method {
            Method::KOfN { seats, last_seats: LastSeats::Drawn(_), .. } | Method::Lists { seats, .. } => seats,
            _ => 0,
        };
        (question.choices.len() * usize::from(seats)).div_ceil(size_of::<u64>() / size_of::<u16>())
    };
    definition.questions.iter().map(|it| crate::cells::len(shape(it)) + drawn(it)).sum()
}

/// Whether equals may have to be drawn from a later block: no count is without it.
#[must_use]
pub fn needs_lot(definition: &ElectionDefinition) -> bool {
    use urne_types::method::CondorcetRule;
    definition.questions.iter().any(|question| {
        let rule = match &question.method {
            Method::KOfN { last_seats: LastSeats::Drawn(lot), .. }
            | Method::Condorcet { rule: CondorcetRule::RankedPairs { lot }, .. }
            | Method::InstantRunoff { lot, .. }
            | Method::ScottishStv { lot, .. }
            | Method::Lists { lot, .. } => Some(*lot),
            _ => None,
        };
        rule == Some(LotRule::LaterBlock)
    })
}

/// Whether each member judges choices that are drawn for her.
pub(crate) fn needs_draw(definition: &ElectionDefinition) -> bool {
    definition.questions.iter().any(|it| matches!(it.method, Method::DrawnJudgment { .. }))
}

/// The instant at which a ballot comes too late, the grace included.
pub(crate) fn cutoff(definition: &ElectionDefinition) -> UnixMs {
    definition.closes_at.plus(u64::from(definition.grace_ms))
}
