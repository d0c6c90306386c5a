//! Answers into hidden bits. What comes out always satisfies the forms: the voter's own device refuses a wrong answer first.
use super::{Compiled, digits, pair_index};
use crate::{
    Refusal,
    question::{Answer, Blank, NoOpinion, Question},
};
use zeroize::Zeroizing;

/// The hidden bits of one ballot, 0 or 1 each. Wiped on drop, never printed.
#[derive(Clone)]
pub struct Assignment(Zeroizing<Vec<u8>>);

impl Assignment {
    /// The bits themselves: whoever has them knows the choices.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}
impl std::fmt::Debug for Assignment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Assignment(secret)")
    }
}

impl Compiled {
    /// The bits of some answers, one to each question.
    ///
    /// # Errors
    /// [`Refusal::WrongAnswers`].
    pub fn assign(&self, answers: &[Answer]) -> Result<Assignment, Refusal> {
        if answers.len() != self.questions.len() {
            return Err(Refusal::WrongAnswers);
        }
        let mut bits = Zeroizing::new(Vec::with_capacity(self.variables));
        for ((question, layout), answer) in self.questions.iter().zip(&self.layouts).zip(answers) {
            let mut row = Zeroizing::new(vec![0; layout.variables.len()]);
            fill(question, answer, &mut row).ok_or(Refusal::WrongAnswers)?;
            bits.extend_from_slice(&row);
        }
        if self.accepts(&bits) { Ok(Assignment(bits)) } else { Err(Refusal::WrongAnswers) }
    }
}

/// Sets the bits of one question; nothing when the answer is not of its kind or out of its bounds.
fn fill(question: &Question, answer: &Answer, bits: &mut [u8]) -> Option<()> {
    if *answer == Answer::Blank && !question.takes_blank() {
        return None;
    }
    match (question, answer) {
        (Question::OneOf { .. }, Answer::Blank) => Some(()),
        (Question::OneOf { choices, blank }, Answer::One(choice)) if choice < choices => {
            // Without blank the last choice is the implicit cell; with it, blank is.
            let is_implicit = *blank == Blank::Refused && *choice + 1 == *choices;
            if is_implicit { Some(()) } else { set(bits, (*choice).into()) }
        }
        (Question::Approval { choices, .. }, Answer::Blank) => set(bits, (*choices).into()),
        (Question::Approval { choices, at_least, at_most, blank }, Answer::Chosen(chosen)) => {
            mark(bits, chosen, *choices)?;
            let slack_from = usize::from(*choices) + usize::from(blank.byte());
            if *at_least == 0 && at_most == choices {
                return Some(());
            }
            let slack = usize::from(*at_most).checked_sub(chosen.len())?;
            number(&mut bits[slack_from..], (*at_most - *at_least).into(), u64::try_from(slack).ok()?)
        }
        (Question::Judgment { choices, grades, no_opinion, .. }, Answer::Blank) => {
            let row = usize::from(*grades) - usize::from(*no_opinion == NoOpinion::Refused);
            set(bits, usize::from(*choices) * row)
        }
        (Question::Judgment { choices, grades, no_opinion, .. }, Answer::Grades(given)) => {
            let row = usize::from(*grades) - usize::from(*no_opinion == NoOpinion::Refused);
            let last = Some(*grades - 1);
            let implicit = if *no_opinion == NoOpinion::Allowed { None } else { last };
            if given.len() != usize::from(*choices) {
                return None;
            }
            for (at, grade) in given.iter().enumerate() {
                match grade {
                    it if *it == implicit => {}
                    Some(grade) if grade < grades => set(bits, at * row + usize::from(*grade))?,
                    _ => return None,
                }
            }
            Some(())
        }
        (Question::Score { choices, max, .. }, Answer::Blank) => {
            set(bits, usize::from(*choices) * digits((*max).into()).len())
        }
        (Question::Score { choices, max, points, blank }, Answer::Scores(scores)) => {
            if scores.len() != usize::from(*choices) {
                return None;
            }
            let width = digits((*max).into()).len();
            for (at, score) in scores.iter().enumerate() {
                number(&mut bits[at * width..(at + 1) * width], (*max).into(), (*score).into())?;
            }
            let Some(points) = points.map(u64::from) else { return Some(()) };
            let slack = points.checked_sub(scores.iter().copied().map(u64::from).sum())?;
            number(&mut bits[scores.len() * width + usize::from(blank.byte())..], points, slack)
        }
        (Question::Condorcet { choices, .. }, Answer::Blank) => {
            let c = usize::from(*choices);
            set(bits, c * (c - 1) / 2 + (c - 1) * (c - 1))
        }
        (Question::Condorcet { choices, .. }, Answer::Ranked(order)) => {
            let c = usize::from(*choices);
            let rank = ranks(order, c)?;
            let rank: Vec<usize> = rank.into_iter().collect::<Option<_>>()?;
            for a in 0..c {
                for b in a + 1..c {
                    if rank[a] < rank[b] {
                        set(bits, pair_index(c, a, b))?;
                    }
                }
                let wins = c - 1 - rank[a];
                if a < c - 1 && wins < c - 1 {
                    set(bits, c * (c - 1) / 2 + a * (c - 1) + wins)?;
                }
            }
            Some(())
        }
        (Question::Budget { costs, .. }, Answer::Blank) => set(bits, costs.len()),
        (Question::Budget { costs, budget, blank }, Answer::Chosen(chosen)) => {
            mark(bits, chosen, u16::try_from(costs.len()).ok()?)?;
            let spent = chosen.iter().try_fold(0_u64, |sum, at| sum.checked_add(costs[usize::from(*at)]))?;
            number(&mut bits[costs.len() + usize::from(blank.byte())..], *budget, budget.checked_sub(spent)?)
        }
        (Question::Ranking { .. }, Answer::Blank) => Some(()),
        (Question::Ranking { choices, ranks: n, .. }, Answer::Ranked(order)) => {
            if usize::from(*n) < order.len() {
                return None;
            }
            for (a, rank) in ranks(order, (*choices).into())?.into_iter().enumerate() {
                if let Some(rank) = rank {
                    set(bits, a * usize::from(*n) + rank)?;
                }
            }
            Some(())
        }
        _ => None,
    }
}

fn set(bits: &mut [u8], at: usize) -> Option<()> {
    *bits.get_mut(at)? = 1;
    Some(())
}

/// Marks choices that are strictly increasing and exist.
fn mark(bits: &mut [u8], chosen: &[u16], choices: u16) -> Option<()> {
    if !chosen.is_sorted_by(|a, b| a < b) || chosen.iter().any(|at| choices <= *at) {
        return None;
    }
    chosen.iter().try_for_each(|at| set(bits, (*at).into()))
}

/// Writes a number from 0 to `max` in the digits that cover exactly that: the last digit when the others do not suffice.
fn number(bits: &mut [u8], max: u64, value: u64) -> Option<()> {
    let weights = digits(max);
    let (last, lower) = match weights.split_last() {
        Some(it) if value <= max => it,
        _ => return if value == 0 && max == 0 { Some(()) } else { None },
    };
    let mut left = value;
    if lower.iter().sum::<u64>() < value {
        set(bits, lower.len())?;
        left -= last;
    }
    for at in (0..lower.len()).filter(|at| left >> at & 1 == 1) {
        set(bits, at)?;
    }
    Some(())
}

/// The rank of each choice in an order without repetition.
fn ranks(order: &[u16], choices: usize) -> Option<Vec<Option<usize>>> {
    let mut ranks = vec![None; choices];
    for (rank, choice) in order.iter().enumerate() {
        let place = ranks.get_mut(usize::from(*choice))?;
        if place.replace(rank).is_some() {
            return None;
        }
    }
    Some(ranks)
}
