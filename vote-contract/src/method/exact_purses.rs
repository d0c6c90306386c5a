//! Purses and prices as exact fractions, for what brackets of whole numbers leave open.
//!
//! All amounts have one denominator, so that nothing but whole numbers is added. A purse is the share less what was paid; a price is
//! what is left of the cost, divided among the points of those who are not short. So a denominator grows, by each purchase, by at
//! most the number of those points, and is never over voters × points of the 1st × … × points of the last purchase: its length is
//! bounded by the purchases, not by the voters.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::ToPrimitive;

use super::CountError;
use super::equal_shares::Meter;
use super::purses::{Emptied, Layout, Supporter, Trace};

/// Bits of the denominator beyond which a count is refused: 1,024 purchases by 44 bits of points each (4,000 voters with 2^32
/// points) are 45,056.
const SCALE_BITS_MAX: u64 = 65_536;

/// The share and the price of each purchase, all divided by `scale`.
pub(super) struct Exact {
    scale: BigInt,
    share: BigInt,
    prices: Vec<BigInt>,
}

/// `numerator` ÷ (the scale × `points`).
#[derive(Clone)]
pub(super) struct ExactPrice {
    pub(super) numerator: BigInt,
    /// Of those who are not short.
    pub(super) points: u64,
}

impl Exact {
    pub(super) fn new(on: &Layout<'_>, added: u128) -> Self {
        let voters = BigInt::from(on.vote.voters);
        Self { share: BigInt::from(on.vote.budget) + BigInt::from(added) * &voters, scale: voters, prices: Vec::new() }
    }

    /// Goes on to the last purchase: who was short in which is known.
    pub(super) fn extend(
        &mut self,
        on: &Layout<'_>,
        trace: &Trace,
        emptied: &[Emptied],
        meter: &mut Meter,
    ) -> Result<(), CountError> {
        for at in self.prices.len()..trace.bought.len() {
            let project = trace.bought[at];
            let (mut short, mut points) = (Vec::new(), 0u64);
            for it in &on.supporters[project] {
                match emptied[it.ballot] {
                    Emptied::Short(then) if then == at => short.push(*it),
                    Emptied::Short(then) | Emptied::Exactly(then) if then < at => {}
                    _ => points += it.voters * it.points,
                }
            }
            meter.add(on.supporters[project].len());
            let mut price = self.amount(on.vote.costs[project]) - self.money(on, trace, &short, at, meter);
            let common = (&price % points).to_u64().unwrap_or(0).gcd(&points);
            price /= common;
            let factor = points / common;
            if factor != 1 {
                self.scale *= factor;
                self.share *= factor;
                self.prices.iter_mut().for_each(|it| *it *= factor);
                meter.add((3 + self.prices.len()) * self.limbs());
            }
            self.prices.push(price);
            if SCALE_BITS_MAX < self.scale.bits() {
                return Err(CountError::TooLong);
            }
        }
        Ok(())
    }

    /// 64-bit words of a number.
    pub(super) fn limbs(&self) -> usize {
        usize::try_from(self.scale.bits() / 64).map_or(usize::MAX, |it| it + 1)
    }

    pub(super) fn amount(&self, of: u64) -> BigInt {
        &self.scale * of
    }

    /// What a ballot that never was short holds before a purchase.
    pub(super) fn purse(
        &self,
        on: &Layout<'_>,
        trace: &Trace,
        ballot: usize,
        before: usize,
        meter: &mut Meter,
    ) -> BigInt {
        let given = &on.vote.ballots[ballot].ballot.points;
        let mut purse = self.share.clone();
        for &(project, points) in given.iter().filter(|it| trace.place[it.0] < before) {
            purse -= &self.prices[trace.place[project]] * points;
            meter.add(self.limbs());
        }
        meter.add(given.len());
        purse
    }

    /// What several hold together: the points that they gave to each purchase are added first.
    pub(super) fn money(
        &self,
        on: &Layout<'_>,
        trace: &Trace,
        of: &[Supporter],
        before: usize,
        meter: &mut Meter,
    ) -> BigInt {
        let mut paid = vec![0u128; before];
        let mut voters = 0u64;
        for it in of {
            let given = &on.vote.ballots[it.ballot].ballot.points;
            voters += it.voters;
            meter.add(1 + given.len());
            for &(project, points) in given.iter().filter(|it| trace.place[it.0] < before) {
                paid[trace.place[project]] += u128::from(it.voters) * u128::from(points);
            }
        }
        let mut money = &self.share * voters;
        for (price, points) in self.prices.iter().zip(paid).filter(|it| 0 < it.1) {
            money -= price * points;
            meter.add(self.limbs());
        }
        money
    }

    /// The price of an open project whose supporters together have enough: `short` surely are, `unsure` may be, the others of its
    /// `points` surely are not.
    pub(super) fn price(
        &self,
        on: &Layout<'_>,
        trace: &Trace,
        (project, points): (usize, u64),
        short: &[Supporter],
        unsure: &[Supporter],
        meter: &mut Meter,
    ) -> ExactPrice {
        let now = trace.bought.len();
        let mut left = points - short.iter().map(|it| it.voters * it.points).sum::<u64>();
        let mut to_pay = self.amount(on.vote.costs[project]) - self.money(on, trace, short, now, meter);
        let mut by_depth: Vec<(BigInt, Supporter)> =
            unsure.iter().map(|it| (self.purse(on, trace, it.ballot, now, meter), *it)).collect();
        let depth = 1 + by_depth.len().checked_ilog2().unwrap_or(0) as usize;
        meter.add(by_depth.len() * depth * self.limbs());
        by_depth.sort_by(|(a, mine), (b, other)| (a * other.points).cmp(&(b * mine.points)));
        for (purse, it) in by_depth {
            if &to_pay * it.points <= &purse * left {
                break;
            }
            to_pay -= purse * it.voters;
            left -= it.voters * it.points;
        }
        ExactPrice { numerator: to_pay, points: left }
    }

    /// With so many binary places.
    pub(super) fn rounded_down(&self, price: &ExactPrice, shift: u32) -> u128 {
        let price = (&price.numerator << shift) / (&self.scale * price.points);
        price.to_u128().expect("a price is at most a cost, and both fit with their binary places")
    }
}
