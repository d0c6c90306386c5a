//! As many names as one likes, each worth one; an empty ballot is blank.

use super::{CountError, Ranking, Weighted, weighted};

/// Additive counters of an approval question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalTally {
    /// Approvals of each candidate, by index.
    pub approvals: Vec<u64>,
    /// Ballots, blank ones included.
    pub ballots: u64,
    /// Ballots that approve of nobody.
    pub blank: u64,
}

/// Who has most approvals, and how everyone ranks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Most approvals first, ties shared.
    pub ranking: Ranking,
    /// Every candidate at rank 1.
    pub winners: Vec<usize>,
}

impl ApprovalTally {
    /// Adds up ballots over `candidates`, each the indices it approves of.
    ///
    /// # Errors
    /// [`CountError::UnknownCandidate`], [`CountError::RepeatedCandidate`], [`CountError::TotalTooLarge`].
    pub fn of(candidates: usize, ballots: &[Weighted<Vec<usize>>]) -> Result<Self, CountError> {
        let mut tally = Self { approvals: vec![0; candidates], ballots: 0, blank: 0 };
        let mut last_seen = vec![0; candidates]; // the line that last named each candidate
        for (index, Weighted { multiplicity, ballot }) in ballots.iter().enumerate() {
            let line = index + 1;
            weighted::add(&mut tally.ballots, *multiplicity, line)?;
            if ballot.is_empty() {
                weighted::add(&mut tally.blank, *multiplicity, line)?;
            }
            for &candidate in ballot {
                if candidate >= candidates {
                    return Err(CountError::UnknownCandidate { line, candidate, candidates });
                }
                if last_seen[candidate] == line {
                    return Err(CountError::RepeatedCandidate { line, candidate });
                }
                last_seen[candidate] = line;
                weighted::add(&mut tally.approvals[candidate], *multiplicity, line)?;
            }
        }
        Ok(tally)
    }

    /// Ranks the candidates.
    ///
    /// # Errors
    /// [`CountError::NoCandidate`].
    pub fn count(&self) -> Result<Approval, CountError> {
        if self.approvals.is_empty() {
            return Err(CountError::NoCandidate);
        }
        let ranking = Ranking::by_votes(&self.approvals);
        let winners = ranking.winners();
        Ok(Approval { ranking, winners })
    }
}
