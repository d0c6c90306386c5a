//! What can be asked in secret, and what can be answered. A question is public and frozen with its election; an answer is
//! the voter's secret: wiped on drop, never printed.
use crate::Refusal;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Whether a blank ballot may be cast on a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blank {
    /// One more cell counts the blank ballots.
    Allowed,
    /// Every ballot answers.
    Refused,
}

/// Whether a candidate may be left without a grade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoOpinion {
    /// One more cell per candidate counts those who gave no grade.
    Allowed,
    /// Every candidate is graded.
    Refused,
}

/// One thing asked. Indices of choices, grades and ranks count from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// Exactly one choice: referendum (0 for, 1 against) and plurality.
    OneOf {
        /// Number of choices.
        choices: u16,
        /// Whether blank is one more.
        blank: Blank,
    },
    /// From `at_least` to `at_most` choices: approval (0 to all) and k of n.
    Approval {
        /// Number of choices.
        choices: u16,
        /// Fewest marks.
        at_least: u16,
        /// Most marks.
        at_most: u16,
        /// Whether a blank ballot, with no mark, may be cast.
        blank: Blank,
    },
    /// One grade for each choice: majority judgment.
    Judgment {
        /// Number of choices.
        choices: u16,
        /// Number of grades; grade 0 is the worst.
        grades: u16,
        /// Whether a choice may go without.
        no_opinion: NoOpinion,
        /// Whether a blank ballot, with no grade at all, may be cast.
        blank: Blank,
    },
    /// A score from 0 to `max` for each choice; only the sums are opened.
    Score {
        /// Number of choices.
        choices: u16,
        /// Best score.
        max: u16,
        /// Most points that all scores together may spend (cumulative voting), if that is bounded.
        points: Option<u32>,
        /// Whether a blank ballot may be cast.
        blank: Blank,
    },
    /// A strict order of all choices; only the pairwise comparisons are opened (Condorcet methods).
    Condorcet {
        /// Number of choices.
        choices: u16,
        /// Whether a blank ballot may be cast.
        blank: Blank,
    },
    /// Projects whose costs fit in a budget together (knapsack).
    Budget {
        /// What each project costs.
        costs: Vec<u64>,
        /// What all of them together may cost.
        budget: u64,
        /// Whether a blank ballot may be cast.
        blank: Blank,
    },
    /// A ranking, best first, that may stop early: STV and IRV. Not additive: after the close each ballot is opened,
    /// without a name.
    Ranking {
        /// Number of choices.
        choices: u16,
        /// Longest ranking.
        ranks: u16,
        /// Shortest ranking; 0 allows an empty one, which is blank.
        at_least: u16,
    },
}

/// How the ballots of an election are opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// Only sums of many ballots are ever decrypted.
    Totals,
    /// The last accepted ballot of each credential is decrypted after the close, without its credential's owner.
    OneByOne,
}

/// Who may vote, as far as secrecy depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CensusMode {
    /// Credentials signed blind: nobody can link one to a person.
    BlindCredentials,
    /// The credential keys stand on the census with their owners' names: participation is public, content is not.
    PublishedKeys,
}

/// The answer to one question.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub enum Answer {
    /// Blank.
    Blank,
    /// The one choice of [`Question::OneOf`].
    One(u16),
    /// The marked choices of [`Question::Approval`] or the projects of [`Question::Budget`], strictly increasing.
    Chosen(Vec<u16>),
    /// A grade for each choice of [`Question::Judgment`].
    Grades(Vec<Option<u16>>),
    /// A score for each choice of [`Question::Score`].
    Scores(Vec<u16>),
    /// Choices from best to worst: all of them for [`Question::Condorcet`], some for [`Question::Ranking`].
    Ranked(Vec<u16>),
}
impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Answer(secret)")
    }
}

impl Question {
    /// How it is opened.
    #[must_use]
    pub const fn opening(&self) -> Opening {
        match self {
            Self::Ranking { .. } => Opening::OneByOne,
            _ => Opening::Totals,
        }
    }
    /// Whether a blank ballot may be cast on it.
    #[must_use]
    pub const fn takes_blank(&self) -> bool {
        match self {
            Self::OneOf { blank, .. }
            | Self::Approval { blank, .. }
            | Self::Judgment { blank, .. }
            | Self::Score { blank, .. }
            | Self::Condorcet { blank, .. }
            | Self::Budget { blank, .. } => matches!(blank, Blank::Allowed),
            Self::Ranking { at_least, .. } => *at_least == 0,
        }
    }
    /// Canonical bytes: variant u8, then its fields in order, little-endian; a list after its length u32; blank and
    /// no opinion 1 when allowed; an absent bound as 0 then nothing, a present one as 1 then its value.
    pub(crate) fn encode_into(&self, bytes: &mut Vec<u8>) {
        let mut push = |parts: &[&[u8]]| parts.iter().for_each(|part| bytes.extend_from_slice(part));
        match self {
            Self::OneOf { choices, blank } => push(&[&[0], &choices.to_le_bytes(), &[blank.byte()]]),
            Self::Approval { choices, at_least, at_most, blank } => {
                push(&[&[1], &choices.to_le_bytes(), &at_least.to_le_bytes(), &at_most.to_le_bytes(), &[blank.byte()]])
            }
            Self::Judgment { choices, grades, no_opinion, blank } => push(&[
                &[2],
                &choices.to_le_bytes(),
                &grades.to_le_bytes(),
                &[u8::from(*no_opinion == NoOpinion::Allowed), blank.byte()],
            ]),
            Self::Score { choices, max, points, blank } => {
                push(&[&[3], &choices.to_le_bytes(), &max.to_le_bytes()]);
                match points {
                    None => push(&[&[0]]),
                    Some(points) => push(&[&[1], &points.to_le_bytes()]),
                }
                push(&[&[blank.byte()]]);
            }
            Self::Condorcet { choices, blank } => push(&[&[4], &choices.to_le_bytes(), &[blank.byte()]]),
            Self::Budget { costs, budget, blank } => {
                push(&[&[5], &crate::wire::length(costs.len())]);
                costs.iter().for_each(|cost| push(&[&cost.to_le_bytes()]));
                push(&[&budget.to_le_bytes(), &[blank.byte()]]);
            }
            Self::Ranking { choices, ranks, at_least } => {
                push(&[&[6], &choices.to_le_bytes(), &ranks.to_le_bytes(), &at_least.to_le_bytes()]);
            }
        }
    }
    /// # Errors
    /// [`Refusal::BadQuestion`]: nothing to choose, or bounds that contradict each other.
    pub(crate) fn verify(&self) -> Result<(), Refusal> {
        let is_sound = match self {
            Self::OneOf { choices, blank } => 2 <= usize::from(*choices) + usize::from(blank.byte()) && 1 <= *choices,
            Self::Approval { choices, at_least, at_most, .. } => {
                1 <= *at_most && at_least <= at_most && at_most <= choices
            }
            Self::Judgment { choices, grades, .. } => 1 <= *choices && 2 <= *grades,
            Self::Score { choices, max, points, .. } => 1 <= *choices && 1 <= *max && *points != Some(0),
            Self::Condorcet { choices, .. } => 2 <= *choices,
            Self::Budget { costs, budget, .. } => {
                !costs.is_empty() && 1 <= *budget && costs.iter().all(|cost| (1..=*budget).contains(cost))
            }
            Self::Ranking { choices, ranks, at_least } => {
                2 <= *choices && 1 <= *ranks && ranks <= choices && at_least <= ranks
            }
        };
        if is_sound { Ok(()) } else { Err(Refusal::BadQuestion) }
    }
}

impl Blank {
    pub(crate) const fn byte(self) -> u8 {
        match self {
            Self::Allowed => 1,
            Self::Refused => 0,
        }
    }
}
