//! Duels: how many voters prefer each candidate to each other one. Additive, so a ledger may keep it; Condorcet and Borda read it.

use super::ranked::comparable;
use super::{CountError, RankedBallot, Ranking, Weighted, weighted};

/// What a ballot says of those it does not rank. This convention decided Debian's vote of 2006.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unranked {
    /// All below the ranked ones, equal among themselves.
    BelowRanked,
    /// Nothing.
    NoOpinion,
}

/// Additive counters of all duels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairwiseTally {
    /// `wins[a][b]`: voters who rank `a` above `b`.
    pub wins: Vec<Vec<u64>>,
    /// Ballots, blank ones included.
    pub ballots: u64,
    /// Ballots that rank nobody.
    pub blank: u64,
}

/// Borda's count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Borda {
    /// Twice each score, so that a shared place is still an integer.
    pub half_points: Vec<u128>,
    /// Highest score first, ties shared.
    pub ranking: Ranking,
}

impl PairwiseTally {
    /// Adds up ballots over `candidates`.
    ///
    /// # Errors
    /// [`CountError::NoCandidate`], [`CountError::TooManyCandidates`], [`CountError::UnknownCandidate`],
    /// [`CountError::RepeatedCandidate`] (a duel cannot know which of two ranks is meant), [`CountError::TotalTooLarge`].
    pub fn of(candidates: usize, unranked: Unranked, ballots: &[Weighted<RankedBallot>]) -> Result<Self, CountError> {
        comparable(candidates)?;
        let mut tally = Self { wins: vec![vec![0; candidates]; candidates], ballots: 0, blank: 0 };
        let mut below = Vec::with_capacity(candidates);
        for (index, Weighted { multiplicity, ballot }) in ballots.iter().enumerate() {
            let line = index + 1;
            weighted::add(&mut tally.ballots, *multiplicity, line)?;
            if ballot.is_blank() {
                weighted::add(&mut tally.blank, *multiplicity, line)?;
            }
            let mut ranked = vec![false; candidates];
            for &candidate in ballot.ranks.iter().flatten() {
                let seen =
                    ranked.get_mut(candidate).ok_or(CountError::UnknownCandidate { line, candidate, candidates })?;
                if std::mem::replace(seen, true) {
                    return Err(CountError::RepeatedCandidate { line, candidate });
                }
            }
            below.clear();
            if unranked == Unranked::BelowRanked {
                below.extend((0..candidates).filter(|&it| !ranked[it]));
            }
            for group in ballot.ranks.iter().rev() {
                for &above in group {
                    // Each counter is at most `ballots`, which fits.
                    below.iter().for_each(|&loser| tally.wins[above][loser] += multiplicity);
                }
                below.extend(group);
            }
        }
        Ok(tally)
    }

    /// Whether more voters prefer `a` to `b` than `b` to `a`.
    pub fn beats(&self, a: usize, b: usize) -> bool {
        self.wins[a][b] > self.wins[b][a]
    }

    /// Who beats each other candidate, if anyone does.
    pub fn condorcet_winner(&self) -> Option<usize> {
        let all = 0..self.wins.len();
        all.clone().find(|&a| all.clone().all(|b| a == b || self.beats(a, b)))
    }

    /// A point for each candidate ranked below, half a point for each equal; blank ballots give none.
    pub fn borda(&self) -> Borda {
        let count = self.wins.len();
        let expressed = u128::from(self.ballots - self.blank);
        let half_points: Vec<u128> = (0..count)
            .map(|a| {
                let others = (0..count).filter(|&b| b != a);
                // 2 × wins + ties, where ties = expressed − wins − losses.
                others.map(|b| expressed + u128::from(self.wins[a][b]) - u128::from(self.wins[b][a])).sum()
            })
            .collect();
        let ranking = Ranking::by(count, |a, b| half_points[a].cmp(&half_points[b]));
        Borda { half_points, ranking }
    }
}
