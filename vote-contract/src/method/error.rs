//! Why a count is refused: one numbered rule a variant, naming the line or the index at fault; never a panic on data.

use thiserror::Error;

/// A tally or a ballot that cannot be counted as it stands.
///
/// `line` counts ballots from 1, as the reader of a file does. Numbers never change meaning: a withdrawn rule keeps its number.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CountError {
    /// Nothing to choose from.
    #[error("there is no candidate")]
    NoCandidate,
    /// An index past the list of candidates.
    #[error("ballot {line} names candidate {candidate}, but there are only {candidates}")]
    UnknownCandidate {
        /// The ballot's place, from 1.
        line: usize,
        /// The index it names.
        candidate: usize,
        /// How many candidates there are.
        candidates: usize,
    },
    /// The same candidate twice where the rule reads her once.
    #[error("ballot {line} names candidate {candidate} twice")]
    RepeatedCandidate {
        /// The ballot's place, from 1.
        line: usize,
        /// The index it repeats.
        candidate: usize,
    },
    /// A graded ballot or a tally row of the wrong length.
    #[error("line {line} has {found} entries, expected {expected}")]
    WrongLength {
        /// The ballot's or row's place, from 1.
        line: usize,
        /// Its entries.
        found: usize,
        /// What the election asks.
        expected: usize,
    },
    /// A grade past the scale.
    #[error("ballot {line} gives grade {grade}, but there are only {grades}")]
    UnknownGrade {
        /// The ballot's place, from 1.
        line: usize,
        /// The grade given.
        grade: usize,
        /// How many grades there are.
        grades: usize,
    },
    /// A scale without a grade.
    #[error("there is no grade")]
    NoGrade,
    /// A sum that no longer fits in 64 bits.
    #[error("line {line}: the total is over 18,446,744,073,709,551,615")]
    TotalTooLarge {
        /// The line whose addition overflowed, from 1.
        line: usize,
    },
    /// More marks for a candidate than there are voters.
    #[error("row {line} holds {found} marks, more than the {voters} voters")]
    MoreMarksThanVoters {
        /// The row's place, from 1.
        line: usize,
        /// Its marks.
        found: u64,
        /// How many took part.
        voters: u64,
    },
    /// A row that should be full and is not, with no declared rule for what is missing.
    #[error("row {line} holds {found} marks for {voters} voters, and no rule says what the missing ones mean")]
    RowNotFull {
        /// The row's place, from 1.
        line: usize,
        /// Its marks.
        found: u64,
        /// How many took part.
        voters: u64,
    },
    /// More took part than are registered.
    #[error("{present} took part but only {registered} are registered")]
    MorePresentThanRegistered {
        /// Those who took part.
        present: u64,
        /// Those who could.
        registered: u64,
    },
    /// A fraction above one, or over zero.
    #[error("{numerator}/{denominator} is not a proportion between 0 and 1")]
    NotAProportion {
        /// Above the bar.
        numerator: u64,
        /// Below the bar.
        denominator: u64,
    },
    /// A count of colleges without a college.
    #[error("there is no college")]
    NoCollege,
    /// A college whose weight is zero.
    #[error("college {line} has no weight")]
    NoWeight {
        /// The college's place, from 1.
        line: usize,
    },
    /// A contest for zero seats.
    #[error("there is no seat to fill")]
    NoSeat,
    /// Fewer or more marks than the ballot paper allows.
    #[error("ballot {line} marks {found} candidates, between {least} and {most} are allowed")]
    WrongNumberOfMarks {
        /// The ballot's place, from 1.
        line: usize,
        /// Its marks.
        found: usize,
        /// The fewest allowed.
        least: usize,
        /// The most allowed.
        most: usize,
    },
    /// Two or more candidates at one rank where the rule wants one.
    #[error("ballot {line} puts several candidates at rank {rank}")]
    SharedRank {
        /// The ballot's place, from 1.
        line: usize,
        /// The rank, from 1.
        rank: usize,
    },
    /// A rank left empty where the rule wants one candidate.
    #[error("ballot {line} leaves rank {rank} empty")]
    SkippedRank {
        /// The ballot's place, from 1.
        line: usize,
        /// The rank, from 1.
        rank: usize,
    },
    /// A method whose cost grows with the square or cube of candidates met too many.
    #[error("{candidates} candidates are more than this method can compare, at most {most}")]
    TooManyCandidates {
        /// How many there are.
        candidates: usize,
        /// How many it takes.
        most: usize,
    },
    /// An exact result too long to write down.
    #[error("the exact result needs more than {bits} bits a number")]
    ResultTooLarge {
        /// The limit.
        bits: u64,
    },
    /// A negative or zero price or budget.
    #[error("line {line}: a cost or a budget must be above zero")]
    CostNotPositive {
        /// The project's place, from 1; 0 for the budget itself.
        line: usize,
    },
    /// A college says more ballots than members.
    #[error("college {line} counts {present} ballots for {members} members")]
    MoreBallotsThanMembers {
        /// The college's place, from 1.
        line: usize,
        /// Its ballots.
        present: u64,
        /// Its members.
        members: u64,
    },
    /// Shares whose raise changes what is bought again and again, beyond what a ledger may spend on it; or exact amounts beyond
    /// their limits.
    #[error(
        "raising shares changes what is bought too often to count: raise the increment, or count without completion"
    )]
    TooLong,
}

impl CountError {
    /// The rule's number.
    pub fn code(&self) -> u16 {
        self.rule().0
    }

    /// The rule's name, as written in this enum.
    pub fn name(&self) -> &'static str {
        self.rule().1
    }

    /// The line at fault, counted from 1, when the fault is in one line.
    pub fn line(&self) -> Option<usize> {
        match *self {
            Self::UnknownCandidate { line, .. }
            | Self::RepeatedCandidate { line, .. }
            | Self::WrongLength { line, .. }
            | Self::UnknownGrade { line, .. }
            | Self::TotalTooLarge { line }
            | Self::MoreMarksThanVoters { line, .. }
            | Self::RowNotFull { line, .. }
            | Self::NoWeight { line }
            | Self::WrongNumberOfMarks { line, .. }
            | Self::SharedRank { line, .. }
            | Self::SkippedRank { line, .. }
            | Self::CostNotPositive { line }
            | Self::MoreBallotsThanMembers { line, .. } => Some(line),
            Self::NoCandidate
            | Self::NoGrade
            | Self::MorePresentThanRegistered { .. }
            | Self::NotAProportion { .. }
            | Self::NoCollege
            | Self::NoSeat
            | Self::TooManyCandidates { .. }
            | Self::ResultTooLarge { .. }
            | Self::TooLong => None,
        }
    }

    fn rule(&self) -> (u16, &'static str) {
        match self {
            Self::NoCandidate => (1, "NoCandidate"),
            Self::UnknownCandidate { .. } => (2, "UnknownCandidate"),
            Self::RepeatedCandidate { .. } => (3, "RepeatedCandidate"),
            Self::WrongLength { .. } => (4, "WrongLength"),
            Self::UnknownGrade { .. } => (5, "UnknownGrade"),
            Self::NoGrade => (6, "NoGrade"),
            Self::TotalTooLarge { .. } => (7, "TotalTooLarge"),
            Self::MoreMarksThanVoters { .. } => (8, "MoreMarksThanVoters"),
            Self::RowNotFull { .. } => (9, "RowNotFull"),
            Self::MorePresentThanRegistered { .. } => (10, "MorePresentThanRegistered"),
            Self::NotAProportion { .. } => (11, "NotAProportion"),
            Self::NoCollege => (12, "NoCollege"),
            Self::NoWeight { .. } => (13, "NoWeight"),
            Self::NoSeat => (14, "NoSeat"),
            Self::WrongNumberOfMarks { .. } => (15, "WrongNumberOfMarks"),
            Self::SharedRank { .. } => (16, "SharedRank"),
            Self::SkippedRank { .. } => (17, "SkippedRank"),
            Self::TooManyCandidates { .. } => (18, "TooManyCandidates"),
            Self::ResultTooLarge { .. } => (19, "ResultTooLarge"),
            Self::CostNotPositive { .. } => (20, "CostNotPositive"),
            Self::MoreBallotsThanMembers { .. } => (21, "MoreBallotsThanMembers"),
            Self::TooLong => (22, "TooLong"),
        }
    }
}
