//! A ranked ballot and how its flaws are read: ties, gaps and repetitions mean what the election declared, nothing else.

use super::{CountError, Weighted, weighted};

/// Candidates from first choice to last; each rank holds one or several equals. Whoever is absent is unranked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RankedBallot {
    /// The ranks, best first.
    pub ranks: Vec<Vec<usize>>,
}

/// What one flaw does to a ballot counted by preferences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnFlaw {
    /// The flawed rank is passed over, the next ones count.
    Skip,
    /// The ballot ends there.
    Cut,
    /// The ballot is refused with its line.
    Refuse,
}

/// The declared reading of flawed ballots, for methods that follow one preference after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// Several candidates at one rank.
    pub shared_rank: OnFlaw,
    /// A rank left empty.
    pub skipped_rank: OnFlaw,
    /// A candidate already ranked above.
    pub repeated: OnFlaw,
}

/// First choices of ranked ballots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstRanks {
    /// Ballots that rank each candidate alone at the top.
    pub votes: Vec<u64>,
    /// Ballots whose first rank is shared.
    pub first_rank_tied: u64,
    /// Ballots without any candidate.
    pub blank: u64,
}

/// Methods that keep a number for each pair of candidates, or for each candidate at each round, refuse more than this:
/// 1,000 × 1,000 counters of 16 bytes are 16 MB, and a billion comparisons are a second.
pub const RANKED_CANDIDATES_MAX: usize = 1_000;

impl RankedBallot {
    /// One candidate a rank.
    pub fn strict(candidates: impl IntoIterator<Item = usize>) -> Self {
        Self { ranks: candidates.into_iter().map(|it| vec![it]).collect() }
    }

    /// Whether no candidate is ranked.
    pub fn is_blank(&self) -> bool {
        self.ranks.iter().all(Vec::is_empty)
    }

    /// The candidates in order of preference, as `reading` declares; `line` is blamed for what it refuses.
    ///
    /// # Errors
    /// [`CountError::UnknownCandidate`], and [`CountError::SharedRank`], [`CountError::SkippedRank`],
    /// [`CountError::RepeatedCandidate`] where `reading` refuses.
    pub fn preferences(&self, line: usize, candidates: usize, reading: Reading) -> Result<Vec<usize>, CountError> {
        self.known(line, candidates)?;
        let mut preferences: Vec<usize> = Vec::with_capacity(self.ranks.len().min(candidates));
        let mut seen = vec![false; candidates];
        for (index, group) in self.ranks.iter().enumerate() {
            let rank = index + 1;
            let (on_flaw, refusal) = match group.as_slice() {
                [] => (reading.skipped_rank, CountError::SkippedRank { line, rank }),
                &[candidate] if !seen[candidate] => {
                    seen[candidate] = true;
                    preferences.push(candidate);
                    continue;
                }
                &[candidate] => (reading.repeated, CountError::RepeatedCandidate { line, candidate }),
                _ => (reading.shared_rank, CountError::SharedRank { line, rank }),
            };
            match on_flaw {
                OnFlaw::Skip => {}
                OnFlaw::Cut => break,
                OnFlaw::Refuse => return Err(refusal),
            }
        }
        Ok(preferences)
    }

    fn known(&self, line: usize, candidates: usize) -> Result<(), CountError> {
        match self.ranks.iter().flatten().find(|&&it| it >= candidates) {
            Some(&candidate) => Err(CountError::UnknownCandidate { line, candidate, candidates }),
            None => Ok(()),
        }
    }
}

impl FirstRanks {
    /// Counts the first rank that is not empty of each ballot.
    ///
    /// # Errors
    /// [`CountError::UnknownCandidate`], [`CountError::TotalTooLarge`].
    pub fn of(candidates: usize, ballots: &[Weighted<RankedBallot>]) -> Result<Self, CountError> {
        let mut first = Self { votes: vec![0; candidates], first_rank_tied: 0, blank: 0 };
        for (index, Weighted { multiplicity, ballot }) in ballots.iter().enumerate() {
            let line = index + 1;
            ballot.known(line, candidates)?;
            let counter = match ballot.ranks.iter().find(|group| !group.is_empty()).map(Vec::as_slice) {
                None => &mut first.blank,
                Some(&[candidate]) => &mut first.votes[candidate],
                Some(_) => &mut first.first_rank_tied,
            };
            weighted::add(counter, *multiplicity, line)?;
        }
        Ok(first)
    }
}

/// Refuses an empty contest, and one too wide for a method that compares everyone with everyone.
pub(super) fn comparable(candidates: usize) -> Result<(), CountError> {
    match candidates {
        0 => Err(CountError::NoCandidate),
        1..=RANKED_CANDIDATES_MAX => Ok(()),
        _ => Err(CountError::TooManyCandidates { candidates, most: RANKED_CANDIDATES_MAX }),
    }
}
