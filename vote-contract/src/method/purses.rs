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

/// What a point costs, and, when surely nobody but the penniless is short, how many points pay for it: then the price is exactly
/// cost ÷ points.
#[derive(Clone, Copy)]
struct Price {
    bracket: Bracket,
    points: Option<u128>,
}

/// A cost, and how many voters of each history give how many points: equal signatures are exactly equal prices. Without this,
/// mirror neighbourhoods would leave every step undecided.
type Signature = (u64, BTreeMap<(usize, u64), u64>);

/// What each group of equal ballots still holds, per voter.
pub(super) struct Purses {
    purses: Vec<Bracket>,
    supporters: Vec<Vec<(usize, u64)>>,
    /// What each group has paid so far, as a number: equal numbers are exactly equal purses, whatever the brackets.
    histories: Vec<usize>,
    payments: BTreeMap<(usize, usize, u64), usize>,
    signatures: BTreeMap<Signature, usize>,
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
        Some(Self {
            purses: vec![Bracket { low, high }; vote.ballots.len()],
            supporters: supporters(vote),
            histories: vec![0; vote.ballots.len()],
            payments: BTreeMap::new(),
            signatures: BTreeMap::new(),
        })
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
            self.pay(vote, project, price)?;
            open = affordable;
            open.retain(|&(it, _)| it != project);
            bought.push(project);
        }
    }

    fn pay(&mut self, vote: &BudgetVote, project: usize, price: Price) -> Option<()> {
        let signature = self.signature(vote, project);
        let next = self.signatures.len();
        let signature = *self.signatures.entry(signature).or_insert(next);
        for &(ballot, points) in &self.supporters[project] {
            let next = self.payments.len() + 1; // 0 is "nothing yet"
            let payment = (self.histories[ballot], signature, points);
            self.histories[ballot] = *self.payments.entry(payment).or_insert(next);
            let purse = &mut self.purses[ballot];
            let points = u128::from(points);
            purse.low = purse.low.saturating_sub(price.bracket.high.checked_mul(points)?);
            purse.high = purse.high.saturating_sub(price.bracket.low.checked_mul(points)?);
        }
        Some(())
    }

    fn signature(&self, vote: &BudgetVote, project: usize) -> Signature {
        let mut groups = BTreeMap::new();
        for &(ballot, points) in &self.supporters[project] {
            *groups.entry((self.histories[ballot], points)).or_insert(0) += vote.ballots[ballot].multiplicity;
        }
        (vote.costs[project], groups)
    }

    /// Whether `a` is surely bought before `b`; `None` when their rates may be equal and nobody knows.
    fn better(&self, vote: &BudgetVote, a: (usize, Price), b: (usize, Price)) -> Option<bool> {
        let (a_cost, b_cost) = (vote.costs[a.0], vote.costs[b.0]);
        let order = |it: usize| (vote.costs[it], Reverse(vote.votes[it]), it);
        if surely_above(a.1.bracket, a_cost, b.1.bracket, b_cost)? {
            return Some(false);
        }
        if surely_above(b.1.bracket, b_cost, a.1.bracket, a_cost)? {
            return Some(true);
        }
        if self.signature(vote, a.0) == self.signature(vote, b.0) {
            return Some(order(a.0) < order(b.0));
        }
        // Nobody who has anything is short in either: effective votes are the points of those who pay.
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
        let (high, points) = self.payment(vote, project, cost, |purse| purse.low)?;
        let (low, _) = self.payment(vote, project, cost, |purse| purse.high)?;
        // `payment` rounds up: one less is below the truth.
        let bracket = Bracket { low: low.saturating_sub(1), high };
        Some(Some(Price { bracket, points }))
    }

    /// The payment of a point, rounded up, when each purse holds `purse`; and the points that pay it, when whoever is short has
    /// nothing at all.
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
            let mut only_the_penniless = true;
            for &(ballot, points) in &self.supporters[project] {
                let held = purse(&self.purses[ballot]);
                if held < payment.checked_mul(u128::from(points))? {
                    let voters = u128::from(vote.ballots[ballot].multiplicity);
                    to_pay = to_pay.saturating_sub(voters * held);
                    points_left -= voters * u128::from(points);
                    now_short += 1;
                    only_the_penniless &= self.purses[ballot].high == 0;
                }
            }
            if now_short == short {
                return Some((payment, only_the_penniless.then_some(points_left)));
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
