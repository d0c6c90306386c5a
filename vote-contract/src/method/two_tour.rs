//! Two rounds: who is elected at the first, and who may stand at the second.
//!
//! French texts differ by election and are parameters here: code électoral art. L7 and Constitution art. 7 (president: the two first),
//! L126 and L162 (deputies: a majority and a quarter of the registered; then 12.5 % of the registered, two at least), L264 (municipal
//! lists: 10 % of the expressed).

use super::{Base, CountError, Plurality, PluralityTally, Proportion};

/// Who stands at the second round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Qualified {
    /// The two first, and whoever equals the second.
    TwoFirst,
    /// Everyone with at least this share of the base; when fewer than two have it, the two first.
    AtLeast {
        /// The share.
        share: Proportion,
        /// Of whom.
        base: Base,
    },
}

/// The declared rule of a first round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FirstTour {
    /// Share of the registered also needed to be elected at once.
    pub registered_share: Option<Proportion>,
    /// Who stands at the second round.
    pub qualified: Qualified,
}

/// What a first round decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TourResult {
    /// An absolute majority of the expressed, and the declared share of the registered.
    Elected {
        /// Who.
        candidate: usize,
    },
    /// A second round between these, most votes first.
    SecondTour {
        /// Who may stand.
        candidates: Vec<usize>,
    },
}

impl FirstTour {
    /// Decides `tally`, with its counted result; `present` and `registered` include blank and null ballots.
    ///
    /// # Errors
    /// [`CountError::MorePresentThanRegistered`] and those of [`PluralityTally::count`].
    pub fn decide(
        &self,
        tally: &PluralityTally,
        present: u64,
        registered: u64,
    ) -> Result<(TourResult, Plurality), CountError> {
        let result = tally.count()?;
        let least = result.expressed.checked_add(tally.blank).ok_or(CountError::TotalTooLarge { line: 1 })?;
        if present.max(least) > registered {
            return Err(CountError::MorePresentThanRegistered { present: present.max(least), registered });
        }
        let first = result.ranking.order[0];
        let enough = self.registered_share.is_none_or(|it| it.compare(tally.votes[first], registered).is_ge());
        if result.absolute_majority && enough {
            return Ok((TourResult::Elected { candidate: first }, result));
        }
        let two_first = || {
            let second = result.ranking.order.get(1).map_or(1, |&it| result.ranking.ranks[it]);
            result.ranking.order.iter().copied().filter(|&it| result.ranking.ranks[it] <= second).collect()
        };
        let candidates = match self.qualified {
            Qualified::TwoFirst => two_first(),
            Qualified::AtLeast { share, base } => {
                let base = match base {
                    Base::Expressed => result.expressed,
                    Base::Present => present,
                    Base::Registered => registered,
                };
                let enough = |it: &usize| share.compare(tally.votes[*it], base).is_ge();
                let over: Vec<usize> = result.ranking.order.iter().copied().filter(enough).collect();
                if over.len() >= 2 { over } else { two_first() }
            }
        };
        Ok((TourResult::SecondTour { candidates }, result))
    }
}
