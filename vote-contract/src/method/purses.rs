//! Equal shares in whole numbers that bracket the truth: fast where brackets do not overlap, silent (`None`) where they do.
//!
//! Each purse and each price is known between two integers of 2⁻³² of the smallest unit, always rounded outward. Every decision is
//! taken only if it is the same at both ends; so a run that ends is the exact one, for *every* share between the two given ones. An
//! operation that leaves 128 bits is an undecided one.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::budget::BudgetVote;
use super::equal_shares::supporters;

/// Between `low` and `high`, both included.
#[derive(Clone, Copy)]
struct Bracket {
    low: u128,
    high: u128,
}

/// What a point costs, and, when surely nobody is short, how many points pay for it: then the price is exactly cost ÷ points.
#[derive(Clone, Copy)]
struct Price {
    bracket: Bracket,
    points: Option<u128>,
}

/// What each group of equal ballots still holds, per voter.
pub(super) struct Purses {
    purses: Vec<Bracket>,
    supporters: Vec<Vec<(usize, u64)>>,
    /// For each project, the first one with the same cost and the same supporters: their prices are equal, whatever the brackets.
    twins: Vec<usize>,
}

/// Parts of the smallest unit: 32 bits leave 96 for the money of all.
const SCALE: u128 = 1 << 32;

impl Purses {
    /// Every voter holds her part of the budget and something between `least` and `most`.
    pub(super) fn filled(vote: &BudgetVote, least: u128, most: u128) -> Option<Self> {
        let (budget, voters) = (u128::from(vote.budget) * SCALE, u128::from(vote.voters));
        let low = least.checked_mul(SCALE)?.checked_add(budget / voters)?;
        let high = most.checked_mul(SCALE)?.checked_add(budget.div_ceil(voters))?;
        high.checked_mul(voters)?; // then no sum of purses leaves 128 bits
        let supporters = supporters(vote);
        let twins = twins(vote, &supporters);
        Some(Self { purses: vec![Bracket { low, high }; vote.ballots.len()], supporters, twins })
    }

    /// Buys one project after the other until surely no supporters can pay for one.
    pub(super) fn buy_all(mut self, vote: &BudgetVote) -> Option<Vec<usize>> {
        // What is known of each open project's price: an old one is a lower bound, since purses only shrink.
        let mut open: Vec<(usize, Option<Price>)> =
            (0..vote.costs.len()).filter(|&it| !self.supporters[it].is_empty()).map(|it| (it, None)).collect();
        let mut bought = Vec::new();
        loop {
            open.sort_by_key(|&(project, price)| {
                price.map(|it| it.bracket.low / u128::from(vote.costs[project])) // cheapest rate first: prunes the others
            });
            let mut best: Option<(usize, Price)> = None;
            let mut affordable = Vec::with_capacity(open.len());
            for (project, known) in open {
                if let (Some((leader, price)), Some(known)) = (best, known)
                    && surely_above(known.bracket, vote.costs[project], price.bracket, vote.costs[leader])?
                {
                    affordable.push((project, Some(known)));
                    continue;
                }
                let Some(price) = self.price(vote, project)? else { continue };
                affordable.push((project, Some(price)));
                let better = match best {
                    None => true,
                    Some(leader) => self.better(vote, (project, price), leader)?,
                };
                if better {
                    best = Some((project, price));
                }
            }
            let Some((project, price)) = best else { return Some(bought) };
            self.pay(project, price)?;
            open = affordable;
            open.retain(|&(it, _)| it != project);
            bought.push(project);
        }
    }

    fn pay(&mut self, project: usize, price: Price) -> Option<()> {
        for &(ballot, points) in &self.supporters[project] {
            let purse = &mut self.purses[ballot];
            let points = u128::from(points);
            purse.low = purse.low.saturating_sub(price.bracket.high.checked_mul(points)?);
            purse.high = purse.high.saturating_sub(price.bracket.low.checked_mul(points)?);
        }
        Some(())
    }

    /// Whether `a` is surely bought before `b`; `None` when their rates may be equal and nobody knows.
    fn better(&self, vote: &BudgetVote, a: (usize, Price), b: (usize, Price)) -> Option<bool> {
        let (a_cost, b_cost) = (vote.costs[a.0], vote.costs[b.0]);
        let order = |it: usize| (vote.costs[it], Reverse(vote.votes[it]), it);
        if self.twins[a.0] == self.twins[b.0] {
            return Some(order(a.0) < order(b.0));
        }
        if surely_above(a.1.bracket, a_cost, b.1.bracket, b_cost)? {
            return Some(false);
        }
        if surely_above(b.1.bracket, b_cost, a.1.bracket, a_cost)? {
            return Some(true);
        }
        // Nobody is short in either: effective votes are the points themselves.
        let more_points = b.1.points?.cmp(&a.1.points?);
        Some(more_points.then_with(|| order(a.0).cmp(&order(b.0))).is_lt())
    }

    /// `Some(None)`: surely not affordable. `None`: cannot tell.
    #[allow(clippy::option_option, reason = "the two silences are different answers")]
    fn price(&self, vote: &BudgetVote, project: usize) -> Option<Option<Price>> {
        let cost = u128::from(vote.costs[project]).checked_mul(SCALE)?;
        let (mut least, mut most) = (0u128, 0u128);
        for &(ballot, _) in &self.supporters[project] {
            let voters = u128::from(vote.ballots[ballot].multiplicity);
            least = least.checked_add(voters * self.purses[ballot].low)?;
            most = most.checked_add(voters * self.purses[ballot].high)?;
        }
        if most < cost {
            return Some(None);
        }
        if least < cost {
            return None;
        }
        // The payment of a point as a function of the poor's purses: any set of poor bounds it from below, and one in which surely
        // everyone short is counted bounds it from above.
        let (high, all) = self.payment(vote, project, cost, |purse| purse.low)?;
        let (low, _) = self.payment(vote, project, cost, |purse| purse.high)?;
        // `payment` rounds up: one less is below the truth.
        let bracket = Bracket { low: low.saturating_sub(1), high };
        Some(Some(Price { bracket, points: all }))
    }

    /// The payment of a point, rounded up, when each purse holds `purse`; and all points, when nobody is short.
    fn payment(
        &self,
        vote: &BudgetVote,
        project: usize,
        cost: u128,
        purse: impl Fn(&Bracket) -> u128,
    ) -> Option<(u128, Option<u128>)> {
        let all = u128::from(vote.votes[project]);
        let (mut payment, mut short) = (cost.div_ceil(all), 0usize);
        loop {
            let (mut to_pay, mut points_left, mut now_short) = (cost, all, 0);
            for &(ballot, points) in &self.supporters[project] {
                let held = purse(&self.purses[ballot]);
                if held < payment.checked_mul(u128::from(points))? {
                    let voters = u128::from(vote.ballots[ballot].multiplicity);
                    to_pay = to_pay.saturating_sub(voters * held);
                    points_left -= voters * u128::from(points);
                    now_short += 1;
                }
            }
            if now_short == short {
                return Some((payment, (short == 0).then_some(all)));
            }
            if points_left == 0 {
                return None; // rounding alone made the last one short
            }
            short = now_short;
            payment = payment.max(to_pay.div_ceil(points_left));
        }
    }
}

/// Whether `a`'s rate (price ÷ cost) is surely above `b`'s.
fn surely_above(a: Bracket, a_cost: u64, b: Bracket, b_cost: u64) -> Option<bool> {
    Some(a.low.checked_mul(u128::from(b_cost))? > b.high.checked_mul(u128::from(a_cost))?)
}

/// For each project, the first one with the same cost and the same supporters.
fn twins(vote: &BudgetVote, supporters: &[Vec<(usize, u64)>]) -> Vec<usize> {
    let mut first = BTreeMap::new();
    let key = |it: usize| (vote.costs[it], &supporters[it]);
    (0..supporters.len()).map(|it| *first.entry(key(it)).or_insert(it)).collect()
}
