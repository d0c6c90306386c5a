//! One name a ballot, most votes first; a blank ballot is counted as such and weighs on nobody.

use super::{CountError, Ranking, Weighted, weighted};

/// Additive counters of a single-choice question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PluralityTally {
    /// Votes of each candidate, by index.
    pub votes: Vec<u64>,
    /// Blank ballots.
    pub blank: u64,
}

/// Who came first, and how everyone ranks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plurality {
    /// Most votes first, ties shared.
    pub ranking: Ranking,
    /// Every candidate at rank 1.
    pub winners: Vec<usize>,
    /// Ballots that name a candidate.
    pub expressed: u64,
    /// Whether the only winner has more than half of the expressed ballots.
    pub absolute_majority: bool,
}

impl PluralityTally {
    /// Adds up ballots over `candidates`; `None` is blank.
    ///
    /// # Errors
    /// [`CountError::UnknownCandidate`], [`CountError::TotalTooLarge`].
    pub fn of(candidates: usize, ballots: &[Weighted<Option<usize>>]) -> Result<Self, CountError> {
        let mut tally = Self { votes: vec![0; candidates], blank: 0 };
        for (index, Weighted { multiplicity, ballot }) in ballots.iter().enumerate() {
            let line = index + 1;
            let counter = match *ballot {
                None => &mut tally.blank,
                Some(candidate) => tally.votes.get_mut(candidate).ok_or(CountError::UnknownCandidate {
                    line,
                    candidate,
                    candidates,
                })?,
            };
            weighted::add(counter, *multiplicity, line)?;
        }
        Ok(tally)
    }

    /// Ranks the candidates.
    ///
    /// # Errors
    /// [`CountError::NoCandidate`], [`CountError::TotalTooLarge`].
    pub fn count(&self) -> Result<Plurality, CountError> {
        if self.votes.is_empty() {
            return Err(CountError::NoCandidate);
        }
        let expressed = weighted::sum(&self.votes, 1)?;
        let ranking = Ranking::by_votes(&self.votes);
        let winners = ranking.winners();
        let most = self.votes[ranking.order[0]];
        Ok(Plurality { absolute_majority: most > expressed - most, ranking, winners, expressed })
    }
}
