//! The method of equal shares (Peters and Skowron 2020): every voter holds the same share of the budget, and a project is bought by
//! those who want it, each paying as equally as her purse allows.
//!
//! Utility is the cost: the next project is the one whose supporters pay the smallest part of their wish, that is the one with the
//! best *effective vote count* (cost ÷ highest payment for a point); ties go to the lower cost, then more votes, then file order. A
//! supporter who gave several points pays in proportion. Everything is exact. Where money is left, shares are raised step by step;
//! steps that surely buy the same are taken together (`trial`), and the result is the one of single steps.
//!
//! A count may pause before any project is priced, so that a ledger goes on with it block by block: what is kept is the list of
//! purchases of the run under way.

use num_bigint::BigInt;
use num_rational::BigRational;
use urne_types::codec::{Decode, Encode};

use super::CountError;
use super::budget::{BudgetVote, Funded};
use super::purses::Layout;
use super::trial::{Attempt, Next, Trial};

/// Payments (one supporter, one purchase) of all runs together, after which a count is refused: at 10 to 50 ns each with their share
/// of the pricing, some minutes of one core, or hours of a ledger's tenth. No election of hundreds of projects comes near it, but a
/// raise may be written down that changes what is bought billions of times.
const PATIENCE: u64 = 1 << 33;

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

/// Operations of a count, some nanoseconds each: a supporter looked at, a word of a long number. Done ones are counted where they
/// happen, whatever was allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meter {
    allowed: u64,
    done: u64,
    has_begun: bool,
}

/// A count by equal shares under way: which raise of the shares was reached, what it bought, and how far the next one is.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct SharesRun {
    /// What was bought; nothing yet before the first run is over.
    bought: Option<Vec<usize>>,
    steps: u128,
    /// How many steps are taken together next, and how many were to be.
    stride: u128,
    tried: u128,
    attempt: Option<Attempt>,
    patience: u64,
}

impl Meter {
    /// A meter of a count that pauses after so many operations.
    pub fn allowing(operations: u64) -> Self {
        Self { allowed: operations, done: 0, has_begun: false }
    }

    /// Adds operations that were done elsewhere to take the count up again.
    pub fn charge(&mut self, operations: u64) {
        self.done = self.done.saturating_add(operations);
    }

    /// Operations done.
    pub fn done(&self) -> u64 {
        self.done
    }

    pub(super) fn add(&mut self, operations: usize) {
        self.charge(u64::try_from(operations).unwrap_or(u64::MAX));
    }

    /// What was done so far took a count up again: going on may take as long, or most of the work would be lost in taking up.
    fn begin(&mut self) {
        if !self.has_begun {
            (self.allowed, self.has_begun) = (self.allowed.max(self.done.saturating_mul(2)), true);
        }
    }

    pub(super) fn is_spent(&self) -> bool {
        self.allowed <= self.done
    }
}

impl Default for SharesRun {
    fn default() -> Self {
        Self { bought: None, steps: 0, stride: 1, tried: 1, attempt: None, patience: PATIENCE }
    }
}

impl BudgetVote {
    /// Counts by equal shares.
    ///
    /// # Errors
    /// [`CountError::TooLong`] when raised shares change what is bought too often, or money and denominators leave their limits.
    pub fn equal_shares(&self, completion: Completion) -> Result<EqualShares, CountError> {
        let (mut run, mut meter) = (SharesRun::default(), Meter::allowing(u64::MAX));
        loop {
            if let Some(counted) = self.step_equal_shares(completion, &mut run, &mut meter)? {
                return Ok(counted);
            }
        }
    }

    /// Goes on with a count until the meter is spent, and a little further: at least one project is priced, and as much is done as
    /// taking the count up again took. The result when it is over.
    ///
    /// # Errors
    /// As [`Self::equal_shares`].
    pub fn step_equal_shares(
        &self,
        completion: Completion,
        run: &mut SharesRun,
        meter: &mut Meter,
    ) -> Result<Option<EqualShares>, CountError> {
        if self.voters == 0 {
            let funded = Funded { selection: Vec::new(), cost: 0 };
            return Ok(Some(self.finish(funded, None, completion)));
        }
        let increment = match completion {
            Completion::None => 0,
            Completion::Add { increment } | Completion::AddThenGreedy { increment } => increment,
        };
        let layout = Layout::new(self, meter)?;
        while !self.is_raised(increment, run) {
            let Some(bought) = self.buy(&layout, increment, run, meter)? else { return Ok(None) };
            if self.keep(increment, run, bought) {
                break;
            }
            if meter.is_spent() {
                return Ok(None);
            }
        }
        let bought = run.bought.take().unwrap_or_default();
        let cost = self.cost_of(&bought).unwrap_or(self.budget);
        let share = self.share(u128::from(increment) * run.steps);
        Ok(Some(self.finish(Funded { selection: bought, cost }, Some(share), completion)))
    }

    /// Equal shares that were raised, as if what fits had been declared to be added by votes.
    #[must_use]
    pub fn then_greedy(&self, raised: EqualShares) -> EqualShares {
        EqualShares { funded: self.complete(raised.funded), ..raised }
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

    /// Whether no further step is to be tried.
    fn is_raised(&self, increment: u64, run: &SharesRun) -> bool {
        // With a share that pays for everything alone, all that has a supporter is bought: more money changes nothing.
        let is_useless = increment == 0 || self.everything() < u128::from(increment) * run.steps;
        run.bought.as_ref().is_some_and(|it| is_useless || self.is_exhausted(it))
    }

    /// The purchases of the next `run.stride` steps, which shrinks until they are surely the same; `None` for a pause.
    fn buy(
        &self,
        layout: &Layout<'_>,
        increment: u64,
        run: &mut SharesRun,
        meter: &mut Meter,
    ) -> Result<Option<Vec<usize>>, CountError> {
        let mut attempt = run.attempt.take().unwrap_or_else(|| Attempt::new(layout));
        loop {
            let mut trial = Trial::resume(layout, self.shares_of(increment, run), attempt, meter)?;
            meter.begin();
            let part = loop {
                match trial.next(meter)? {
                    Next::Bought(project) => {
                        let payments = 1 + layout.supporters[project].len();
                        let payments = u64::try_from(payments).unwrap_or(u64::MAX);
                        run.patience = run.patience.checked_sub(payments).ok_or(CountError::TooLong)?;
                    }
                    Next::Over => return Ok(Some(trial.bought())),
                    Next::Unsure(part) => break part,
                    Next::Paused => {
                        run.attempt = Some(trial.suspend());
                        return Ok(None);
                    }
                }
            };
            run.stride = part.part_of(run.stride);
            attempt = trial.suspend();
            if meter.is_spent() {
                run.attempt = Some(attempt);
                return Ok(None);
            }
        }
    }

    /// What the next steps add to a share: the least and the most.
    fn shares_of(&self, increment: u64, run: &SharesRun) -> (u128, u128) {
        if run.bought.is_none() {
            return (0, 0);
        }
        let added = |steps: u128| u128::from(increment).saturating_mul(steps).min(self.everything());
        (added(run.steps + 1), added(run.steps.saturating_add(run.stride)))
    }

    /// Takes what the next steps buy, unless it costs too much; says whether that is the end.
    fn keep(&self, increment: u64, run: &mut SharesRun, bought: Vec<usize>) -> bool {
        if run.bought.is_none() {
            run.bought = Some(bought);
            return false;
        }
        if self.cost_of(&bought).is_none_or(|cost| self.budget < cost) {
            return true;
        }
        let is_last = self.is_exhausted(&bought);
        run.bought = Some(bought);
        if is_last {
            run.steps += 1;
            return true;
        }
        let last = self.everything() / u128::from(increment) + 1;
        run.steps = run.steps.saturating_add(run.stride).min(last);
        run.stride = if run.stride < run.tried {
            run.stride.saturating_mul(2).max(run.tried / 2)
        } else {
            run.stride.saturating_mul(4)
        };
        run.tried = run.stride;
        false
    }

    /// What all projects cost together.
    pub(super) fn everything(&self) -> u128 {
        self.costs.iter().map(|&cost| u128::from(cost)).sum()
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
