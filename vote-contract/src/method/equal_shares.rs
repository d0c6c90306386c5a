//! The method of equal shares (Peters and Skowron 2020): every voter holds the same share of the budget, and a project is bought by
//! those who want it, each paying as equally as her purse allows.
//!
//! Utility is the cost: the next project is the one whose supporters pay the smallest part of their wish, that is the one with the
//! best *effective vote count* (cost ÷ highest payment for a point); ties go to the lower cost, then more votes, then file order. A
//! supporter who gave several points pays in proportion. Everything is exact: `purses` first decides with integers that bracket the
//! true amounts, and where brackets overlap the same step is redone in fractions (`exact_purses`).

use num_bigint::BigInt;
use num_rational::BigRational;
use urne_types::codec::{Decode, Encode};

use super::CountError;
use super::budget::{BudgetVote, Funded};
use super::exact_purses::ExactPurses;
use super::purses::Purses;

/// Ballots × projects that may be counted in fractions while shares are raised: at some microseconds each, a few seconds.
const EXACT_SUPPORTS_MAX: usize = 1_000_000;

/// How equal shares go on when money is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completion {
    /// They do not.
    None,
    /// `increment` (one currency unit, in the smallest unit) is added to every share while the projects bought stay within the
    /// budget and something affordable is left out.
    Add {
        /// How much each step adds to a share; 0 adds nothing.
        increment: u64,
    },
    /// The same, then what fits is added by votes.
    AddThenGreedy {
        /// How much each step adds to a share; 0 adds nothing.
        increment: u64,
    },
}

/// What equal shares bought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EqualShares {
    /// The projects.
    pub funded: Funded,
    /// What each voter held at last, in the smallest unit; `None` without a voter.
    pub share: Option<BigRational>,
    /// How many of the projects were bought by shares; the following ones completed the budget.
    pub bought: usize,
}

/// A count by equal shares under way: which raise of the shares was reached, and what it bought. Each step makes one run of
/// purchases, so that a ledger may make one a block.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct SharesRun {
    /// What was bought; nothing yet before the first step.
    bought: Option<Vec<usize>>,
    steps: u128,
    stride: u128,
    patience: usize,
}

impl Default for SharesRun {
    fn default() -> Self {
        Self { bought: None, steps: 0, stride: 1, patience: EXACT_SUPPORTS_MAX }
    }
}

impl BudgetVote {
    /// Counts by equal shares.
    ///
    /// # Errors
    /// [`CountError::TooLong`] when more steps than a ledger may afford can only be told apart in fractions.
    pub fn equal_shares(&self, completion: Completion) -> Result<EqualShares, CountError> {
        let mut run = SharesRun::default();
        loop {
            if let Some(counted) = self.step_equal_shares(completion, &mut run)? {
                return Ok(counted);
            }
        }
    }

    /// One run of purchases; the result when it was the last.
    ///
    /// # Errors
    /// As [`Self::equal_shares`].
    pub fn step_equal_shares(
        &self,
        completion: Completion,
        run: &mut SharesRun,
    ) -> Result<Option<EqualShares>, CountError> {
        if self.voters == 0 {
            let funded = Funded { selection: Vec::new(), cost: 0 };
            return Ok(Some(self.finish(funded, None, completion)));
        }
        let increment = match completion {
            Completion::None => 0,
            Completion::Add { increment } | Completion::AddThenGreedy { increment } => increment,
        };
        if self.raise(increment, run)? {
            return Ok(None);
        }
        let bought = run.bought.take().unwrap_or_default();
        let cost = self.cost_of(&bought).unwrap_or(self.budget);
        let share = self.share(u128::from(increment) * run.steps);
        Ok(Some(self.finish(Funded { selection: bought, cost }, Some(share), completion)))
    }

    fn finish(&self, funded: Funded, share: Option<BigRational>, completion: Completion) -> EqualShares {
        let bought = funded.selection.len();
        let funded = match completion {
            Completion::AddThenGreedy { .. } => self.complete(funded),
            Completion::None | Completion::Add { .. } => funded,
        };
        EqualShares { funded, share, bought }
    }

    /// What every voter holds when `added` is added to her part of the budget.
    pub(super) fn share(&self, added: u128) -> BigRational {
        BigRational::new(BigInt::from(self.budget), BigInt::from(self.voters)) + BigInt::from(added)
    }

    /// The purchases when shares are raised by any amount from `least` to `most`, if they are surely the same for all of these.
    fn surely_buy(&self, least: u128, most: u128) -> Option<Vec<usize>> {
        Purses::filled(self, least, most)?.buy_all(self)
    }

    /// The purchases after so many steps, in fractions when integers cannot tell.
    fn buy(&self, steps: u128, increment: u64) -> Vec<usize> {
        let added = u128::from(increment) * steps;
        self.surely_buy(added, added).unwrap_or_else(|| ExactPurses::filled(self, added).buy_all(self))
    }

    /// Raises shares step by step and stops at the first outcome that leaves nothing affordable, or before the first that costs too
    /// much; says whether to go on. Steps that surely change nothing are taken together: the result is the one of single steps.
    fn raise(&self, increment: u64, run: &mut SharesRun) -> Result<bool, CountError> {
        let Some(bought) = &run.bought else {
            run.bought = Some(self.buy(0, increment));
            return Ok(increment > 0);
        };
        // With a share that pays for everything alone, all that has a supporter is bought: more money changes nothing.
        let everything: u128 = self.costs.iter().map(|&cost| u128::from(cost)).sum();
        if self.is_exhausted(bought) || u128::from(increment) * run.steps > everything {
            return Ok(false);
        }
        let from = u128::from(increment) * (run.steps + 1);
        let to = u128::from(increment) * (run.steps + run.stride);
        let next = match self.surely_buy(from, to) {
            Some(next) => next,
            None if run.stride > 1 => {
                run.stride /= 2;
                return Ok(true);
            }
            None => {
                let supports = self.ballots.iter().map(|it| it.ballot.points.len()).sum::<usize>().max(1);
                run.patience = run.patience.checked_sub(supports).ok_or(CountError::TooLong)?;
                self.buy(run.steps + 1, increment)
            }
        };
        if self.cost_of(&next).is_none_or(|cost| cost > self.budget) {
            return Ok(false);
        }
        let is_last = self.is_exhausted(&next);
        run.bought = Some(next);
        if is_last {
            run.steps += 1;
            return Ok(false);
        }
        run.steps += run.stride;
        run.stride *= 2;
        Ok(true)
    }

    fn cost_of(&self, bought: &[usize]) -> Option<u64> {
        bought.iter().try_fold(0u64, |sum, &it| sum.checked_add(self.costs[it]))
    }

    fn is_exhausted(&self, bought: &[usize]) -> bool {
        let Some(left) = self.cost_of(bought).and_then(|cost| self.budget.checked_sub(cost)) else { return true };
        let mut out = vec![true; self.costs.len()];
        bought.iter().for_each(|&it| out[it] = false);
        self.costs.iter().zip(out).all(|(&cost, out)| !out || cost > left)
    }
}

/// Supporters of each project: the ballot's index and the points it gives.
pub(super) fn supporters(vote: &BudgetVote) -> Vec<Vec<(usize, u64)>> {
    let mut supporters = vec![Vec::new(); vote.costs.len()];
    for (ballot, weighted) in vote.ballots.iter().enumerate() {
        if weighted.multiplicity > 0 {
            let given = weighted.ballot.points.iter().filter(|&&(_, points)| points > 0);
            given.for_each(|&(project, points)| supporters[project].push((ballot, points)));
        }
    }
    supporters
}
