//! The counters of a question while ballots are added up one after the other: plain integers in a declared order, so that
//! colleges are put together by adding, and a count that pauses between two blocks is a list of numbers.
//!
//! | shape | cells |
//! |---|---|
//! | one choice, decision | votes of each choice, blank, abstaining |
//! | any, several, points | marks or points of each choice, ballots, blank |
//! | graded, drawn | grades of each choice, worst first, ballots, blank |
//! | ranked, equals allowed | `wins[a][b]`, ballots, blank |
//! | ranked one by one | first preferences of each choice, ballots, blank |
use crate::{definition::shape, method::Unranked, records::QuestionShape};
use urne_types::{
    ballot::Answer,
    election::{Method, Question},
};

/// How many a question has.
pub(crate) fn len(shape: QuestionShape) -> usize {
    let counters = match shape {
        QuestionShape::One { choices }
        | QuestionShape::Any { choices }
        | QuestionShape::Several { choices, .. }
        | QuestionShape::Strict { choices }
        | QuestionShape::Points { choices, .. } => usize::from(choices),
        QuestionShape::Graded { choices, grades } | QuestionShape::Drawn { choices, grades, .. } => {
            usize::from(choices) * usize::from(grades)
        }
        QuestionShape::Ranked { choices } => usize::from(choices) * usize::from(choices),
        QuestionShape::Decision => 2,
    };
    counters + 2
}

/// What adding one answer costs, in units of counting.
pub(crate) fn units(shape: QuestionShape) -> u64 {
    match shape {
        QuestionShape::One { .. } | QuestionShape::Decision | QuestionShape::Strict { .. } => 1,
        QuestionShape::Any { choices }
        | QuestionShape::Several { choices, .. }
        | QuestionShape::Points { choices, .. }
        | QuestionShape::Graded { choices, .. }
        | QuestionShape::Drawn { choices, .. } => choices.into(),
        QuestionShape::Ranked { choices } => u64::from(choices) * u64::from(choices),
    }
}

/// What deciding a question from its counters costs once, in units of counting.
pub(crate) fn deciding(question: &Question) -> u64 {
    let choices = question.choices.len() as u64;
    let of_counters = len(shape(question)) as u64 * 4;
    of_counters
        + match &question.method {
            // A cube of comparisons, eight a unit: 27 ms for 362 choices.
            Method::Condorcet { .. } => choices.pow(3) / 8,
            // Each seat looks at each list, 20 ns: 58 ms for 3,000 seats and 1,024 lists.
            Method::Lists { seats, .. } | Method::KOfN { seats, .. } => u64::from(*seats) * choices * 4,
            // Long numbers.
            Method::MajorityJudgment { .. } | Method::DrawnJudgment { .. } => of_counters * 50,
            _ => choices * 100,
        }
}

/// Adds an answer that was judged when its ballot was cast.
pub(crate) fn add(cells: &mut [u64], shape: QuestionShape, unranked: Unranked, answer: &Answer) {
    let (counters, last) = cells.split_at_mut(cells.len() - 2);
    let [ballots, blank] = last else { unreachable!("every question has two counters of its own") };
    if let QuestionShape::One { .. } | QuestionShape::Decision = shape {
        // Here the last two count blanks and abstentions.
        match answer {
            Answer::Choice(choice) => counters[usize::from(*choice)] += 1,
            Answer::Abstain => *blank += 1,
            _ => *ballots += 1,
        }
        return;
    }
    *ballots += 1;
    match (shape, answer) {
        (_, Answer::Approvals(approved)) => approved.iter().for_each(|it| counters[usize::from(*it)] += 1),
        (_, Answer::Points(points)) => {
            counters.iter_mut().zip(points).for_each(|(sum, points)| *sum += u64::from(*points));
        }
        (QuestionShape::Graded { grades, .. } | QuestionShape::Drawn { grades, .. }, Answer::Grades(given)) => {
            for (row, grade) in counters.chunks_mut(grades.into()).zip(given) {
                grade.iter().for_each(|it| row[usize::from(*it)] += 1);
            }
        }
        (QuestionShape::Ranked { choices }, Answer::Ranking(ranks)) => add_duels(counters, choices, unranked, ranks),
        (QuestionShape::Strict { .. }, Answer::Ranking(ranks)) => {
            let first = ranks.first().and_then(|rank| rank.first());
            first.into_iter().for_each(|it| counters[usize::from(*it)] += 1);
        }
        _ => *blank += 1,
    }
}

/// Each choice beats those of every rank below its own, and those left out where the method says so.
fn add_duels<const MAX: usize>(
    wins: &mut [u64],
    choices: u16,
    unranked: Unranked,
    ranks: &[urne_types::bounded::List<u16, MAX>],
) {
    const OUT: usize = usize::MAX;
    let mut rank_of = vec![OUT; choices.into()];
    for (rank, equals) in ranks.iter().enumerate() {
        equals.iter().for_each(|it| rank_of[usize::from(*it)] = rank);
    }
    for (row, &mine) in wins.chunks_mut(choices.into()).zip(&rank_of) {
        for (win, &other) in row.iter_mut().zip(&rank_of) {
            let is_won = mine < other && (other != OUT || unranked == Unranked::BelowRanked);
            *win += u64::from(is_won);
        }
    }
}
