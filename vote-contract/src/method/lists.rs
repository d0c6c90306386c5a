//! Seats for lists: highest averages, largest remainders, and the French municipal bonus to the first list.
//!
//! Averages and remainders are compared as fractions, never divided. The bonus follows code électoral art. L262: half of the seats,
//! rounded up when there are more than four and down when there are fewer, then the highest average among the lists that reached
//! 5 % of the expressed, the first one included; an equal average goes to the list with most votes.

use std::cmp::Ordering;

use urne_types::limits::SEATS_MAX;

use super::{CountError, Lot, Proportion, TieBreak, weighted};

/// How seats follow votes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Apportionment {
    /// Each seat to the highest votes ÷ (seats + 1) (D'Hondt, Jefferson): the French "plus forte moyenne".
    HighestAverage,
    /// Each seat to the highest votes ÷ (2 × seats + 1) (Sainte-Laguë, Webster).
    OddDivisors,
    /// Whole quotas (votes ÷ seats, Hare) first, then the largest remainders.
    LargestRemainder,
}

/// The bonus to the first list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bonus {
    /// Its share of the seats: 1/2 in most municipalities.
    pub share: Proportion,
    /// With this many seats or fewer a broken bonus is rounded down, above it is rounded up (4 in art. L262).
    pub rounded_down_up_to: u64,
}

/// The declared rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListRules {
    /// Seats to share.
    pub seats: u64,
    /// How.
    pub apportionment: Apportionment,
    /// The share of expressed votes below which a list gets nothing.
    pub threshold: Option<Proportion>,
    /// The bonus to the first list.
    pub bonus: Option<Bonus>,
    /// The lot between lists that votes leave equal.
    pub tie_break: TieBreak,
}

/// The first of two tours, as art. L262 and L264 have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListFirstTour {
    /// The share of the expressed with which a list may stand again.
    pub stands: Proportion,
    /// The share with which it may join one that does.
    pub joins: Proportion,
}

/// Who may come to a second tour of lists, most votes first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecondListTour {
    /// Who may stand, or join.
    pub stand: Vec<usize>,
    /// Who may only join.
    pub join: Vec<usize>,
}

impl ListFirstTour {
    /// The second tour that these votes call for; none when a list has more than half of them. Where no list has the
    /// share to stand again, nobody can: the texts say nothing else.
    ///
    /// # Errors
    /// [`CountError::NoCandidate`], [`CountError::TotalTooLarge`].
    pub fn decide(&self, votes: &[u64]) -> Result<Option<SecondListTour>, CountError> {
        if votes.is_empty() {
            return Err(CountError::NoCandidate);
        }
        let expressed = weighted::sum(votes, 1)?;
        let has_majority = |it: &u64| u128::from(expressed) < 2 * u128::from(*it);
        if votes.iter().any(has_majority) {
            return Ok(None);
        }
        let mut order: Vec<usize> = (0..votes.len()).filter(|it| votes[*it] > 0).collect();
        order.sort_by_key(|it| std::cmp::Reverse(votes[*it]));
        let has = |share: Proportion| move |it: &usize| share.compare(votes[*it], expressed).is_ge();
        let (stand, others): (Vec<usize>, Vec<usize>) = order.into_iter().partition(has(self.stands));
        let join = others.into_iter().filter(has(self.joins)).collect();
        Ok(Some(SecondListTour { stand, join }))
    }
}

/// Seats of each list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seats {
    /// By list.
    pub seats: Vec<u64>,
    /// Those of the bonus, and who received them.
    pub bonus: Option<(usize, u64)>,
    /// Draws, with the seat they decided as stage (0: the bonus).
    pub lots: Vec<Lot>,
    /// Seats without a list that may take them.
    pub vacant: u64,
}

impl ListRules {
    /// Shares the seats among lists by their `votes`.
    ///
    /// # Errors
    /// [`CountError::NoCandidate`], [`CountError::NoSeat`], [`CountError::TooManyCandidates`] over [`SEATS_MAX`] seats,
    /// [`CountError::TotalTooLarge`].
    pub fn count(&self, votes: &[u64]) -> Result<Seats, CountError> {
        if votes.is_empty() {
            return Err(CountError::NoCandidate);
        }
        if self.seats == 0 {
            return Err(CountError::NoSeat);
        }
        if self.seats > u64::from(SEATS_MAX) {
            let most = usize::from(SEATS_MAX);
            return Err(CountError::TooManyCandidates {
                candidates: usize::try_from(self.seats).unwrap_or(usize::MAX),
                most,
            });
        }
        let expressed = weighted::sum(votes, 1)?;
        let reached = |it: &usize| {
            votes[*it] > 0 && self.threshold.is_none_or(|share| share.compare(votes[*it], expressed).is_ge())
        };
        let lists: Vec<usize> = (0..votes.len()).filter(reached).collect();
        let mut result = Seats { seats: vec![0; votes.len()], bonus: None, lots: vec![], vacant: 0 };
        if lists.is_empty() {
            result.vacant = self.seats;
            return Ok(result);
        }
        let mut left = self.seats;
        if let Some(bonus) = self.bonus {
            let first = self.best(&lists, 0, |a, b| votes[a].cmp(&votes[b]), &mut result.lots);
            let given = bonus.of(self.seats);
            result.bonus = Some((first, given));
            left -= given;
        }
        match self.apportionment {
            Apportionment::HighestAverage => self.averages(votes, &lists, left, 1, &mut result),
            Apportionment::OddDivisors => self.averages(votes, &lists, left, 2, &mut result),
            Apportionment::LargestRemainder => self.remainders(votes, &lists, left, &mut result),
        }
        if let Some((first, given)) = result.bonus {
            result.seats[first] += given;
        }
        Ok(result)
    }

    /// Divisors 1, 1 + step, 1 + 2 × step…
    fn averages(&self, votes: &[u64], lists: &[usize], seats: u64, step: u64, result: &mut Seats) {
        for seat in 1..=seats {
            let taken = result.seats.clone();
            let average = |a: usize, b: usize| {
                let divisor = |it: usize| u128::from(taken[it] * step + 1);
                let crossed = (u128::from(votes[a]) * divisor(b)).cmp(&(u128::from(votes[b]) * divisor(a)));
                crossed.then(votes[a].cmp(&votes[b]))
            };
            let winner = self.best(lists, seat, average, &mut result.lots);
            result.seats[winner] += 1;
        }
    }

    fn remainders(&self, votes: &[u64], lists: &[usize], seats: u64, result: &mut Seats) {
        let total: u128 = lists.iter().map(|&it| u128::from(votes[it])).sum();
        let due = |it: usize| u128::from(votes[it]) * u128::from(seats); // in seats × total
        let mut left = seats;
        for &it in lists {
            let whole = u64::try_from(due(it) / total).unwrap_or(seats).min(left);
            result.seats[it] = whole;
            left -= whole;
        }
        let mut waiting = lists.to_vec();
        for seat in seats - left + 1..=seats {
            let remainder = |a: usize, b: usize| (due(a) % total).cmp(&(due(b) % total)).then(votes[a].cmp(&votes[b]));
            let winner = self.best(&waiting, seat, remainder, &mut result.lots);
            waiting.retain(|&it| it != winner);
            result.seats[winner] += 1;
        }
    }

    /// The greatest of `lists` by `compare`; equals are drawn.
    fn best(
        &self,
        lists: &[usize],
        seat: u64,
        compare: impl Fn(usize, usize) -> Ordering,
        lots: &mut Vec<Lot>,
    ) -> usize {
        let mut best: Vec<usize> = Vec::new();
        for &it in lists {
            match best.first().map_or(Ordering::Greater, |&leader| compare(it, leader)) {
                Ordering::Greater => best = vec![it],
                Ordering::Equal => best.push(it),
                Ordering::Less => {}
            }
        }
        if let [only] = best[..] {
            return only;
        }
        let lot = self.tie_break.draw("seat", usize::try_from(seat).unwrap_or(usize::MAX), &best);
        let chosen = lot.chosen;
        lots.push(lot);
        chosen
    }
}

impl Bonus {
    fn of(self, seats: u64) -> u64 {
        let exact = u128::from(seats) * u128::from(self.share.numerator());
        let denominator = u128::from(self.share.denominator());
        let given = if seats <= self.rounded_down_up_to { exact / denominator } else { exact.div_ceil(denominator) };
        u64::try_from(given).unwrap_or(seats)
    }
}
