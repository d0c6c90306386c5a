//! Decrypted cells into what people read: the implicit cells come back, wins get their losers.
use super::{Compiled, pair_index};
use crate::{
    Refusal,
    question::{Answer, Blank, NoOpinion, Question},
};

/// What was counted on one question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QuestionTally {
    /// Marks per choice: one-of, approval, budget.
    Marks {
        /// By choice.
        by_choice: Vec<u64>,
        /// Blank ballots.
        blank: u64,
    },
    /// Grades per choice.
    Grades {
        /// By choice, then by grade from the worst.
        by_choice: Vec<Vec<u64>>,
        /// Ballots that gave the choice no grade, the blank ones apart.
        no_opinion: Vec<u64>,
        /// Blank ballots.
        blank: u64,
    },
    /// Sum of scores per choice.
    Scores {
        /// By choice.
        by_choice: Vec<u64>,
        /// Blank ballots.
        blank: u64,
    },
    /// Pairwise comparisons.
    Pairwise {
        /// `wins[a][b]`: ballots that put a before b.
        wins: Vec<Vec<u64>>,
        /// Blank ballots.
        blank: u64,
    },
}

impl Compiled {
    /// Reads the totals of `ballots` ballots, cell by cell.
    ///
    /// # Errors
    /// [`Refusal::TotalsMismatch`]: another number of cells, more marks than ballots, or questions that have no totals.
    pub fn tally(&self, totals: &[u64], ballots: u64) -> Result<Vec<QuestionTally>, Refusal> {
        if totals.len() != self.enc.len() || self.opening == super::Opening::OneByOne {
            return Err(Refusal::TotalsMismatch);
        }
        let each = self.questions.iter().zip(&self.layouts);
        each.map(|(question, layout)| {
            read(question, &totals[layout.cells.clone()], ballots).ok_or(Refusal::TotalsMismatch)
        })
        .collect()
    }
    /// Reads the cells of one ballot of an election that is opened ballot by ballot: one ranking per question. What was proven
    /// of a ballot before it was cast is asked of its cells again.
    ///
    /// # Errors
    /// [`Refusal::TotalsMismatch`]: another number of cells, or questions that have totals; [`Refusal::WrongAnswers`]: cells
    /// that no valid ballot has.
    pub fn rankings(&self, cells: &[u64]) -> Result<Vec<Answer>, Refusal> {
        if cells.len() != self.enc.len() || self.opening == super::Opening::Totals {
            return Err(Refusal::TotalsMismatch);
        }
        let ranking = |cells: &[u64]| -> Option<Answer> {
            let filled = cells.iter().take_while(|it| **it != 0);
            let order = filled.map(|it| u16::try_from(it.checked_sub(1)?).ok()).collect::<Option<Vec<u16>>>()?;
            Some(if order.is_empty() { Answer::Blank } else { Answer::Ranked(order) })
        };
        let answers = self.layouts.iter().map(|it| ranking(&cells[it.cells.clone()]));
        let answers = answers.collect::<Option<Vec<Answer>>>().ok_or(Refusal::WrongAnswers)?;
        // A gap or a choice twice gives other cells, or no bits at all.
        let bits = self.assign(&answers)?;
        let again = self.enc.iter().map(|form| u64::try_from(form.of_bits(bits.expose())).ok());
        if again.eq(cells.iter().copied().map(Some)) { Ok(answers) } else { Err(Refusal::WrongAnswers) }
    }
}

fn read(question: &Question, cells: &[u64], ballots: u64) -> Option<QuestionTally> {
    let sum = |cells: &[u64]| cells.iter().try_fold(0_u64, |sum, n| sum.checked_add(*n));
    let split = |blank: Blank| match (blank, cells.split_last()) {
        (Blank::Allowed, Some((blank, rest))) => (rest, *blank),
        _ => (cells, 0),
    };
    Some(match question {
        Question::OneOf { blank, .. } => {
            let left = ballots.checked_sub(sum(cells)?)?;
            match blank {
                Blank::Allowed => QuestionTally::Marks { by_choice: cells.to_vec(), blank: left },
                Blank::Refused => {
                    let by_choice = cells.iter().copied().chain([left]).collect();
                    QuestionTally::Marks { by_choice, blank: 0 }
                }
            }
        }
        Question::Approval { blank, .. } | Question::Budget { blank, .. } => {
            let (marks, blank) = split(*blank);
            QuestionTally::Marks { by_choice: marks.to_vec(), blank }
        }
        Question::Score { blank, .. } => {
            let (scores, blank) = split(*blank);
            QuestionTally::Scores { by_choice: scores.to_vec(), blank }
        }
        Question::Judgment { grades, no_opinion, blank, .. } => {
            let (rows, blank) = split(*blank);
            let expressed = ballots.checked_sub(blank)?;
            let width = usize::from(*grades) - usize::from(*no_opinion == NoOpinion::Refused);
            let mut by_choice = Vec::new();
            let mut without = Vec::new();
            for row in rows.chunks(width) {
                let left = expressed.checked_sub(sum(row)?)?;
                match no_opinion {
                    NoOpinion::Allowed => {
                        by_choice.push(row.to_vec());
                        without.push(left);
                    }
                    NoOpinion::Refused => {
                        by_choice.push(row.iter().copied().chain([left]).collect());
                        without.push(0);
                    }
                }
            }
            QuestionTally::Grades { by_choice, no_opinion: without, blank }
        }
        Question::Condorcet { choices, blank } => {
            let (pairs, blank) = split(*blank);
            let expressed = ballots.checked_sub(blank)?;
            let c = usize::from(*choices);
            let mut wins = vec![vec![0; c]; c];
            for a in 0..c {
                for b in a + 1..c {
                    let before = pairs[pair_index(c, a, b)];
                    wins[a][b] = before;
                    wins[b][a] = expressed.checked_sub(before)?;
                }
            }
            QuestionTally::Pairwise { wins, blank }
        }
        Question::Ranking { .. } => return None,
    })
}
