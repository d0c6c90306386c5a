//! A merit profile and its exact majority-value: who is judged better, to the last voter, in time linear in the grades.
//!
//! The majority-value (Balinski and Laraki, *Majority Judgment*, 2010, ch. 1) is the sequence of grades met by removing, again and
//! again, one judgment at the lower median; profiles compare by the first place where their sequences differ. Walking outward from
//! the middle gives the same order in closed form: at each distance, first the grade below the middle, then the grade above it.
//! Both are constant over long runs of voters, so a profile of 47 million judgments is at most two steps per grade.

use std::cmp::Ordering;

use num_bigint::BigUint;
use num_integer::Integer;
use num_traits::Zero;

use super::CountError;

/// How many judgments of each grade a candidate received, from the worst grade to the best.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    counts: Vec<BigUint>,
    total: BigUint,
    steps: Vec<Step>,
}

/// Up to `reach` voters away from the middle (of the profile doubled, so that the middle falls between two judgments), the grade
/// met below is `below` and the grade met above is `above`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Step {
    reach: BigUint,
    below: usize,
    above: usize,
}

/// Longest exact number [`common_scale`] and the weighted colleges write down.
pub(super) const RESULT_BITS_MAX: u64 = 4096;

impl Profile {
    /// The profile with these counts, worst grade first.
    pub fn new(counts: Vec<BigUint>) -> Self {
        let total = counts.iter().sum();
        let steps = outward_steps(&counts, &total);
        Self { counts, total, steps }
    }

    /// Judgments of each grade, worst first.
    pub fn counts(&self) -> &[BigUint] {
        &self.counts
    }

    /// The lower median: the grade that a majority gives or surpasses. `None` without a judgment.
    pub fn median(&self) -> Option<usize> {
        self.steps.first().map(|step| step.below)
    }

    /// Whether strictly more judgments are above the median than below it.
    pub fn leans_up(&self) -> bool {
        let Some(median) = self.median() else { return false };
        let below: BigUint = self.counts[..median].iter().sum();
        let above: BigUint = self.counts[median + 1..].iter().sum();
        above > below
    }

    /// `Greater` when this profile is judged better. Equal only for profiles identical up to scale; without a judgment is last.
    pub fn compare(&self, other: &Self) -> Ordering {
        let (mut mine, mut theirs) = (self.steps.iter().peekable(), other.steps.iter().peekable());
        loop {
            let (a, b) = match (mine.peek(), theirs.peek()) {
                (Some(a), Some(b)) => (*a, *b),
                (a, b) => return a.is_some().cmp(&b.is_some()),
            };
            let here = a.below.cmp(&b.below).then(a.above.cmp(&b.above));
            if here.is_ne() {
                return here;
            }
            // Distances are shares of each profile's own total: compare a/A with b/B as a·B with b·A.
            let nearer = (&a.reach * &other.total).cmp(&(&b.reach * &self.total));
            if nearer.is_le() {
                mine.next();
            }
            if nearer.is_ge() {
                theirs.next();
            }
        }
    }
}

impl From<&[u64]> for Profile {
    fn from(counts: &[u64]) -> Self {
        Self::new(counts.iter().map(|&count| BigUint::from(count)).collect())
    }
}

fn outward_steps(counts: &[BigUint], total: &BigUint) -> Vec<Step> {
    if total.is_zero() {
        return Vec::new();
    }
    // Of the doubled profile: judgments of this grade or worse.
    let up_to: Vec<BigUint> = counts
        .iter()
        .scan(BigUint::zero(), |sum, count| {
            *sum += count * 2u32;
            Some(sum.clone())
        })
        .collect();
    let worse_than = |grade: usize| grade.checked_sub(1).map_or_else(BigUint::zero, |it| up_to[it].clone());
    let first = |enough: &dyn Fn(&BigUint) -> bool| up_to.iter().position(enough).unwrap_or(counts.len() - 1);
    let mut below = first(&|sum| sum >= total);
    let mut above = first(&|sum| sum > total);
    let mut reach = BigUint::zero();
    let mut steps = Vec::new();
    while &reach < total {
        while total - worse_than(below) <= reach {
            below -= 1;
        }
        while &up_to[above] - total <= reach {
            above += 1;
        }
        reach = (total - worse_than(below)).min(&up_to[above] - total);
        steps.push(Step { reach: reach.clone(), below, above });
    }
    steps
}

/// The rows brought to one total: each × the least common multiple of all totals ÷ its own. Rows of zeros stay so.
///
/// # Errors
/// [`CountError::ResultTooLarge`] when that multiple is over 4,096 bits.
pub fn common_scale(rows: &[Vec<u64>]) -> Result<Vec<Vec<BigUint>>, CountError> {
    let totals: Vec<BigUint> = rows.iter().map(|row| row.iter().sum()).collect();
    let scale = least_common_multiple(&totals)?;
    let scaled = rows.iter().zip(&totals).map(|(row, total)| {
        let factor = if total.is_zero() { BigUint::zero() } else { &scale / total };
        row.iter().map(|count| &factor * count).collect()
    });
    Ok(scaled.collect())
}

/// Of the totals that are not zero.
pub(super) fn least_common_multiple(totals: &[BigUint]) -> Result<BigUint, CountError> {
    let mut multiple = BigUint::from(1u32);
    for total in totals.iter().filter(|it| !it.is_zero()) {
        let shared = (&multiple % total).gcd(total); // one Euclid step first: the total is the short one
        multiple *= total / shared;
        if multiple.bits() > RESULT_BITS_MAX {
            return Err(CountError::ResultTooLarge { bits: RESULT_BITS_MAX });
        }
    }
    Ok(multiple)
}
