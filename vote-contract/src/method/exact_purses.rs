//! Equal shares in fractions of unlimited size: the rule as it is written, slow and right. `purses` is checked against it.

use std::cmp::Reverse;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::Zero;

use super::budget::BudgetVote;
use super::equal_shares::supporters;

/// What each group of equal ballots still holds, per voter.
pub(super) struct ExactPurses {
    purses: Vec<BigRational>,
    supporters: Vec<Vec<(usize, u64)>>,
}

impl ExactPurses {
    /// Every voter holds her part of the budget and `added`.
    pub(super) fn filled(vote: &BudgetVote, added: u128) -> Self {
        Self { purses: vec![vote.share(added); vote.ballots.len()], supporters: supporters(vote) }
    }

    /// Buys one project after the other until no supporters can pay for one.
    pub(super) fn buy_all(mut self, vote: &BudgetVote) -> Vec<usize> {
        let mut open: Vec<usize> = (0..vote.costs.len()).filter(|&it| !self.supporters[it].is_empty()).collect();
        let mut bought = Vec::new();
        loop {
            let mut best: Option<(BigRational, usize)> = None;
            let mut affordable = Vec::with_capacity(open.len());
            for &project in &open {
                let Some(price) = self.price(vote, project) else { continue };
                affordable.push(project);
                // Effective votes are cost ÷ price: the best has the least price ÷ cost.
                let rate = price / BigInt::from(vote.costs[project]);
                let order = |it: usize| (vote.costs[it], Reverse(vote.votes[it]), it);
                let better = best.as_ref().is_none_or(|(least, leader)| {
                    rate.cmp(least).then_with(|| order(project).cmp(&order(*leader))).is_lt()
                });
                if better {
                    best = Some((rate, project));
                }
            }
            let Some((rate, project)) = best else { return bought };
            let price = rate * BigInt::from(vote.costs[project]);
            for &(ballot, points) in &self.supporters[project] {
                let payment = &price * BigInt::from(points);
                let purse = &mut self.purses[ballot];
                *purse = if *purse > payment { &*purse - payment } else { BigRational::zero() };
            }
            open = affordable;
            open.retain(|&it| it != project);
            bought.push(project);
        }
    }

    /// The payment for one point that raises the cost; `None` when all their money does not.
    fn price(&self, vote: &BudgetVote, project: usize) -> Option<BigRational> {
        let cost = BigRational::from(BigInt::from(vote.costs[project]));
        let voters = |ballot: usize| BigInt::from(vote.ballots[ballot].multiplicity);
        let money: BigRational = self.supporters[project].iter().map(|&(it, _)| &self.purses[it] * voters(it)).sum();
        if money < cost {
            return None;
        }
        // From the poorest for her points: she gives all she has when the equal payment is above it.
        let mut by_purse: Vec<(BigRational, usize, u64)> = self.supporters[project]
            .iter()
            .map(|&(ballot, points)| (&self.purses[ballot] / BigInt::from(points), ballot, points))
            .collect();
        by_purse.sort();
        let mut points_left: BigInt = self.supporters[project].iter().map(|&(it, points)| voters(it) * points).sum();
        let mut to_pay = cost;
        for (per_point, ballot, points) in by_purse {
            let price = &to_pay / &points_left;
            if price <= per_point {
                return Some(price);
            }
            to_pay -= &self.purses[ballot] * voters(ballot);
            points_left -= voters(ballot) * points;
        }
        None
    }
}
