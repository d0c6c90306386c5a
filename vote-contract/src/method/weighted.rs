//! Equal ballots counted together: the multiplicity travels with the ballot, and sums that overflow are refused, never wrapped.

use super::CountError;

/// `multiplicity` voters cast this same `ballot`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weighted<B> {
    /// How many voters; zero adds nothing.
    pub multiplicity: u64,
    /// What each of them said.
    pub ballot: B,
}

impl<B> Weighted<B> {
    /// `multiplicity` times `ballot`.
    pub fn new(multiplicity: u64, ballot: B) -> Self {
        Self { multiplicity, ballot }
    }
}

/// Adds `more` to `counter`; `line` (from 1) is blamed when 64 bits do not hold the sum.
pub(super) fn add(counter: &mut u64, more: u64, line: usize) -> Result<(), CountError> {
    *counter = counter.checked_add(more).ok_or(CountError::TotalTooLarge { line })?;
    Ok(())
}

/// The sum of `counts`, or the refusal of `line`.
pub(super) fn sum(counts: &[u64], line: usize) -> Result<u64, CountError> {
    counts.iter().try_fold(0u64, |total, &count| total.checked_add(count).ok_or(CountError::TotalTooLarge { line }))
}
