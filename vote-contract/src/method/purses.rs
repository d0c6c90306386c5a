//! What every ballot still holds at one share, purchase after purchase, and what a project costs its supporters.
//!
//! Amounts lie between two whole numbers of 2^-`shift` of the smallest unit, always rounded outward. Whatever the rounding cannot
//! decide is decided in fractions (`exact_purses`): every answer of this file is the exact one.

use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;

use super::CountError;
use super::budget::BudgetVote;
use super::equal_shares::Meter;
use super::exact_purses::{Exact, ExactPrice};

/// A ballot, or equal ones, that gives a project points.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Supporter {
    pub(super) ballot: usize,
    pub(super) voters: u64,
    pub(super) points: u64,
}

/// A vote as purchases read it.
pub(super) struct Layout<'a> {
    pub(super) vote: &'a BudgetVote,
    /// Of each project.
    pub(super) supporters: Vec<Vec<Supporter>>,
    /// Each project's place among equals: lower cost, more points, file order.
    pub(super) rank: Vec<usize>,
    /// The project of each place.
    pub(super) by_rank: Vec<usize>,
    /// The next project in that order with the same cost and the same supporters: it is never bought before.
    pub(super) twin: Vec<Option<usize>>,
    /// Binary places of every amount.
    pub(super) shift: u32,
}

/// Projects bought so far, and where each is in that list.
pub(super) struct Trace {
    pub(super) bought: Vec<usize>,
    pub(super) place: Vec<usize>,
}

/// Between `low` and `high`, both included.
#[derive(Clone, Copy)]
pub(super) struct Bracket {
    pub(super) low: u128,
    pub(super) high: u128,
}

/// What a point costs. When no supporter who holds anything is short, it is exactly cost ÷ points of those: `flat`.
#[derive(Clone, Copy)]
pub(super) struct Price {
    pub(super) bracket: Bracket,
    pub(super) flat: Option<u64>,
}

/// At which purchase a purse became empty.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Emptied {
    No,
    /// It held less than was asked, and gave that.
    Short(usize),
    /// It held exactly what was asked.
    Exactly(usize),
}

/// Every purse at one share.
pub(super) struct Purses {
    added: u128,
    held: Vec<Bracket>,
    emptied: Vec<Emptied>,
    exact: Option<Exact>,
    /// Exact prices at the present state of the purses.
    prices: BTreeMap<usize, ExactPrice>,
}

/// A price or a payment, whoever pays: divisions, room, a place in the queue.
const PRICE_OPERATIONS: usize = 8;

/// Passes over the supporters before they are sorted: nearly always two are enough.
const PASSES: usize = 4;

impl<'a> Layout<'a> {
    /// # Errors
    /// [`CountError::TooLong`] when all the money there may be does not fit in 126 bits.
    pub(super) fn new(vote: &'a BudgetVote, meter: &mut Meter) -> Result<Self, CountError> {
        let mut supporters = vec![Vec::new(); vote.costs.len()];
        for (ballot, weighted) in vote.ballots.iter().enumerate() {
            let voters = weighted.multiplicity;
            meter.add(1 + weighted.ballot.points.len());
            for &(project, points) in weighted.ballot.points.iter().filter(|it| 0 < it.1 && 0 < voters) {
                supporters[project].push(Supporter { ballot, voters, points });
            }
        }
        let mut by_rank: Vec<usize> = (0..vote.costs.len()).collect();
        by_rank.sort_by_key(|&it| (vote.costs[it], Reverse(vote.votes[it]), it));
        let mut rank = vec![0; by_rank.len()];
        by_rank.iter().enumerate().for_each(|(place, &project)| rank[project] = place);
        let mut twin = vec![None; by_rank.len()];
        let mut last: BTreeMap<(u64, &[Supporter]), usize> = BTreeMap::new();
        for &project in &by_rank {
            if let Some(before) = last.insert((vote.costs[project], &supporters[project]), project) {
                twin[before] = Some(project);
            }
        }
        let most = vote.everything().checked_add(1).and_then(|it| it.checked_mul(u128::from(vote.voters)));
        let most = most.and_then(|it| it.checked_add(u128::from(vote.budget))).ok_or(CountError::TooLong)?;
        let shift = most.leading_zeros().checked_sub(2).ok_or(CountError::TooLong)?.min(62);
        Ok(Self { vote, supporters, rank, by_rank, twin, shift })
    }
}

impl Trace {
    pub(super) fn none(projects: usize) -> Self {
        Self { bought: Vec::new(), place: vec![usize::MAX; projects] }
    }

    pub(super) fn push(&mut self, project: usize) {
        self.place[project] = self.bought.len();
        self.bought.push(project);
    }
}

impl Purses {
    /// Every voter holds her part of the budget and `added`.
    pub(super) fn filled(on: &Layout<'_>, added: u128) -> Self {
        let (budget, voters) = (u128::from(on.vote.budget) << on.shift, u128::from(on.vote.voters));
        let added_low = added << on.shift;
        let all = Bracket { low: added_low + budget / voters, high: added_low + budget.div_ceil(voters) };
        let ballots = on.vote.ballots.len();
        Self {
            added,
            held: vec![all; ballots],
            emptied: vec![Emptied::No; ballots],
            exact: None,
            prices: BTreeMap::new(),
        }
    }

    /// What a point of a project costs now; `None` when its supporters do not hold its cost.
    pub(super) fn price(
        &mut self,
        on: &Layout<'_>,
        trace: &Trace,
        project: usize,
        meter: &mut Meter,
    ) -> Result<Option<Price>, CountError> {
        let cost = u128::from(on.vote.costs[project]) << on.shift;
        let (mut least, mut most, mut points) = (0u128, 0u128, 0u64);
        for it in self.holders(on, project) {
            let held = self.held[it.ballot];
            least += u128::from(it.voters) * held.low;
            most += u128::from(it.voters) * held.high;
            points += it.voters * it.points;
        }
        meter.add(on.supporters[project].len() + PRICE_OPERATIONS);
        if most < cost {
            return Ok(None);
        }
        if least < cost {
            return self.barely_affordable(on, trace, project, points, meter);
        }
        let (to_pay, left) = self.paying(on, project, points, |it| it.low, meter);
        let high = to_pay.div_ceil(u128::from(left));
        if left == points {
            let low = to_pay / u128::from(left);
            return Ok(Some(Price { bracket: Bracket { low, high }, flat: Some(points) }));
        }
        let (to_pay, left) = self.paying(on, project, points, |it| it.high, meter);
        let low = to_pay / u128::from(left);
        Ok(Some(Price { bracket: Bracket { low, high }, flat: None }))
    }

    /// Supporters that hold anything.
    fn holders<'b>(&'b self, on: &'b Layout<'_>, project: usize) -> impl Iterator<Item = Supporter> + 'b {
        on.supporters[project].iter().copied().filter(|it| 0 < self.held[it.ballot].high)
    }

    /// How much is left to pay, and the points that pay it, once whoever is short has given what `side` says she holds. Any set of
    /// supporters taken for short bounds the price from below, and the right one is the price: more are short until nobody is.
    fn paying(
        &self,
        on: &Layout<'_>,
        project: usize,
        points: u64,
        side: impl Fn(&Bracket) -> u128,
        meter: &mut Meter,
    ) -> (u128, u64) {
        let cost = u128::from(on.vote.costs[project]) << on.shift;
        let supporters = &on.supporters[project];
        let (mut to_pay, mut left) = (cost, points);
        for _ in 0..PASSES {
            let asked = to_pay.div_ceil(u128::from(left));
            let (mut next, mut next_left) = (cost, points);
            for it in self.holders(on, project) {
                let held = side(&self.held[it.ballot]);
                let is_short = if it.points == 1 { held < asked } else { wide(held, left) < wide(to_pay, it.points) };
                if is_short {
                    next -= u128::from(it.voters) * held;
                    next_left -= it.voters * it.points;
                }
            }
            meter.add(supporters.len());
            if next_left == left {
                return (to_pay, left);
            }
            (to_pay, left) = (next, next_left);
        }
        let mut by_depth: Vec<(u128, Supporter)> =
            self.holders(on, project).map(|it| (side(&self.held[it.ballot]), it)).collect();
        by_depth.sort_by(|(a, mine), (b, other)| wide(*a, other.points).cmp(&wide(*b, mine.points)));
        meter.add(by_depth.len() * (1 + by_depth.len().checked_ilog2().unwrap_or(0) as usize));
        (to_pay, left) = (cost, points);
        for (held, it) in by_depth {
            if wide(to_pay, it.points) <= wide(held, left) {
                break;
            }
            to_pay -= u128::from(it.voters) * held;
            left -= it.voters * it.points;
        }
        (to_pay, left)
    }

    /// Takes the price of the project that is bought next.
    pub(super) fn pay(
        &mut self,
        on: &Layout<'_>,
        trace: &Trace,
        project: usize,
        price: Price,
        meter: &mut Meter,
    ) -> Result<(), CountError> {
        let at = trace.bought.len();
        let empty = Bracket { low: 0, high: 0 };
        let mut paid: Vec<(usize, Bracket, Emptied)> = Vec::with_capacity(on.supporters[project].len());
        for it in &on.supporters[project] {
            let held = self.held[it.ballot];
            if held.high == 0 {
                continue;
            }
            let order = self.holds(on, trace, *it, (project, price), meter)?;
            let (left, emptied) = match order {
                Ordering::Less => (empty, Emptied::Short(at)),
                Ordering::Equal => (empty, Emptied::Exactly(at)),
                Ordering::Greater => {
                    let points = u128::from(it.points);
                    let low = held.low.saturating_sub(price.bracket.high.saturating_mul(points));
                    let high = held.high.saturating_sub(price.bracket.low.saturating_mul(points));
                    (Bracket { low, high }, if high == 0 { Emptied::Exactly(at) } else { Emptied::No })
                }
            };
            paid.push((it.ballot, left, emptied));
        }
        meter.add(2 * on.supporters[project].len() + PRICE_OPERATIONS);
        for (ballot, left, emptied) in paid {
            (self.held[ballot], self.emptied[ballot]) = (left, emptied);
        }
        self.prices.clear();
        Ok(())
    }

    /// What a supporter holds, beside what she is asked: less, exactly that, or more (or, surely, enough).
    pub(super) fn holds(
        &mut self,
        on: &Layout<'_>,
        trace: &Trace,
        it: Supporter,
        (project, price): (usize, Price),
        meter: &mut Meter,
    ) -> Result<Ordering, CountError> {
        let held = self.held[it.ballot];
        let points = u128::from(it.points);
        if price.bracket.high.saturating_mul(points) <= held.low {
            return Ok(Ordering::Greater);
        }
        if held.high < price.bracket.low.saturating_mul(points) {
            return Ok(Ordering::Less);
        }
        let (exact, asked) = self.exact_price(on, trace, project, price.bracket, meter)?;
        let purse = exact.purse(on, trace, it.ballot, trace.bought.len(), meter);
        Ok((purse * asked.points).cmp(&(&asked.numerator * it.points)))
    }

    pub(super) fn is_empty(&self, ballot: usize) -> bool {
        self.held[ballot].high == 0
    }

    /// Which of two is bought first at this share: the better rate (price ÷ cost), then the better rank.
    pub(super) fn order(
        &mut self,
        on: &Layout<'_>,
        trace: &Trace,
        a: (usize, Price),
        b: (usize, Price),
        meter: &mut Meter,
    ) -> Result<Ordering, CountError> {
        let (a_cost, b_cost) = (on.vote.costs[a.0], on.vote.costs[b.0]);
        meter.add(1);
        if wide(a.1.bracket.high, b_cost) < wide(b.1.bracket.low, a_cost) {
            return Ok(Ordering::Less);
        }
        if wide(b.1.bracket.high, a_cost) < wide(a.1.bracket.low, b_cost) {
            return Ok(Ordering::Greater);
        }
        let rates = match (a.1.flat, b.1.flat) {
            (Some(a_points), Some(b_points)) => b_points.cmp(&a_points),
            _ => {
                let (_, mine) = self.exact_price(on, trace, a.0, a.1.bracket, meter)?;
                let mine = mine.clone();
                let (exact, other) = self.exact_price(on, trace, b.0, b.1.bracket, meter)?;
                meter.add(2 * exact.limbs());
                let mine = (mine.numerator * other.points * b_cost, mine.points);
                mine.0.cmp(&(&other.numerator * mine.1 * a_cost))
            }
        };
        Ok(rates.then(on.rank[a.0].cmp(&on.rank[b.0])))
    }

    // ---- In fractions ----

    fn exact(&mut self, on: &Layout<'_>, trace: &Trace, meter: &mut Meter) -> Result<&mut Exact, CountError> {
        let exact = self.exact.get_or_insert_with(|| Exact::new(on, self.added));
        exact.extend(on, trace, &self.emptied, meter)?;
        Ok(exact)
    }

    fn exact_price(
        &mut self,
        on: &Layout<'_>,
        trace: &Trace,
        project: usize,
        near: Bracket,
        meter: &mut Meter,
    ) -> Result<(&Exact, &ExactPrice), CountError> {
        self.exact(on, trace, meter)?;
        if !self.prices.contains_key(&project) {
            let (mut short, mut unsure, mut points) = (Vec::new(), Vec::new(), 0);
            for it in self.holders(on, project) {
                let held = self.held[it.ballot];
                points += it.voters * it.points;
                if held.high < near.low.saturating_mul(it.points.into()) {
                    short.push(it);
                } else if held.low < near.high.saturating_mul(it.points.into()) {
                    unsure.push(it);
                }
            }
            meter.add(on.supporters[project].len());
            let exact = self.exact.as_ref().expect("made above");
            let price = exact.price(on, trace, (project, points), &short, &unsure, meter);
            self.prices.insert(project, price);
        }
        let exact = self.exact.as_ref().expect("made above");
        Ok((exact, &self.prices[&project]))
    }

    /// All that its supporters hold is the cost, but for the rounding.
    fn barely_affordable(
        &mut self,
        on: &Layout<'_>,
        trace: &Trace,
        project: usize,
        points: u64,
        meter: &mut Meter,
    ) -> Result<Option<Price>, CountError> {
        let all: Vec<Supporter> = self.holders(on, project).collect();
        let exact = self.exact(on, trace, meter)?;
        if exact.money(on, trace, &all, trace.bought.len(), meter) < exact.amount(on.vote.costs[project]) {
            return Ok(None);
        }
        let (to_pay, left) = self.paying(on, project, points, |it| it.high, meter);
        let near = Bracket { low: to_pay / u128::from(left), high: u128::MAX };
        let shift = on.shift;
        let (exact, price) = self.exact_price(on, trace, project, near, meter)?;
        let low = exact.rounded_down(price, shift);
        Ok(Some(Price { bracket: Bracket { low, high: low + 1 }, flat: (price.points == points).then_some(points) }))
    }
}

/// A product of 192 bits, as two numbers that compare as it does.
pub(super) fn wide(a: u128, b: u64) -> (u128, u128) {
    const LOW: u128 = (1 << 64) - 1;
    let low = (a & LOW) * u128::from(b);
    ((a >> 64) * u128::from(b) + (low >> 64), low & LOW)
}
