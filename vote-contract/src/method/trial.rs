//! One run of purchases, for every share between two at once: at the least and at the greatest of them purses are kept side by side,
//! and a project is bought only if it is bought next at every share between.
//!
//! As long as the purchases are the same, a higher share leaves every purse at least as full and makes no price higher: what is true
//! at both ends of such a quantity is true between. Two rates (price ÷ cost) may still cross between the ends, unless their ranges
//! are apart, or one of them is the same at both ends, or both are straight lines: who is short is the same at both ends, and was so
//! whenever those who are short paid before.
//!
//! Prices are looked at from the best lower bound on (purses only shrink, so an old rate is one), as few as possible.

use std::cmp::{Ordering, Reverse};
use std::collections::BTreeSet;

use urne_types::codec::{Decode, Encode};

use super::CountError;
use super::equal_shares::Meter;
use super::purses::{Layout, Price, Purses, Trace, wide};

/// A run under way, as it is kept between two steps: purses follow from it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
pub(super) struct Attempt {
    bought: Vec<usize>,
    /// Of each project that is neither bought nor out of reach.
    bounds: Vec<Option<Bound>>,
}

/// A project's rate is surely not below this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
struct Bound {
    /// With 64 binary places more than amounts have.
    rate: u128,
    /// The bound is exactly one ÷ so many points.
    flat: Option<u64>,
    /// Priced after so many purchases.
    priced: Option<usize>,
}

/// Bounds in the order in which projects are looked at: among equal bounds exact ones last, and of these the worst last.
type Place = (u128, Option<Reverse<u64>>, usize);

pub(super) struct Trial<'a> {
    on: &'a Layout<'a>,
    trace: Trace,
    least: Purses,
    /// Nothing when there is only one share.
    most: Option<Purses>,
    /// Ballots whose purse is a straight line between the two shares.
    straight: Vec<bool>,
    bounds: Vec<Option<Bound>>,
    queue: BTreeSet<Place>,
    /// Whether this step got anywhere.
    has_moved: bool,
}

/// A proper fraction.
#[derive(Clone, Copy)]
pub(super) struct Part {
    numerator: u128,
    denominator: u128,
}

/// Half of the way, when nothing better is known.
const HALF: Part = Part { numerator: 1, denominator: 2 };

pub(super) enum Next {
    Bought(usize),
    /// Nothing more can be bought.
    Over,
    /// It is not surely the same at every share between the two; it may be up to about this part of the way.
    Unsure(Part),
    Paused,
}

const AFFORDABLE: &str = "what was bought could be paid for at every share between the two";

#[derive(Clone, Copy)]
struct Candidate {
    project: usize,
    /// At the least share, where it may be out of reach.
    least: Option<Price>,
    most: Price,
}

impl Part {
    /// Where two rates meet, that are so far apart at the beginning and, the other way round, at the end.
    fn of(before: u128, after: u128) -> Self {
        let bits = u128::BITS - before.max(after).leading_zeros();
        let (before, after) = (before >> bits.saturating_sub(32), after >> bits.saturating_sub(32));
        if before + after == 0 { HALF } else { Self { numerator: before, denominator: before + after } }
    }

    fn least(self, other: Self) -> Self {
        if other.numerator * self.denominator < self.numerator * other.denominator { other } else { self }
    }

    /// Of so many steps; at least one, and at most three quarters.
    pub(super) fn part_of(self, steps: u128) -> u128 {
        let most = (steps - steps.div_ceil(4)).max(1);
        steps.saturating_mul(self.numerator).checked_div(self.denominator).unwrap_or(1).clamp(1, most)
    }
}

impl Attempt {
    pub(super) fn new(on: &Layout<'_>) -> Self {
        let bound = |votes: &u64| {
            let points = Some(*votes).filter(|it| 0 < *it)?;
            Some(Bound { rate: flat_rate(on, points), flat: Some(points), priced: None })
        };
        Self { bought: Vec::new(), bounds: on.vote.votes.iter().map(bound).collect() }
    }
}

impl<'a> Trial<'a> {
    /// Goes on with an attempt at every share from `least` to `most` (added to the voter's part): all its purchases are sure there.
    pub(super) fn resume(
        on: &'a Layout<'a>,
        (least, most): (u128, u128),
        attempt: Attempt,
        meter: &mut Meter,
    ) -> Result<Self, CountError> {
        let ballots = on.vote.ballots.len();
        // Of twins, only the first that is left.
        let mut has_elder = vec![false; attempt.bounds.len()];
        for (project, twin) in on.twin.iter().enumerate() {
            if let Some(twin) = *twin {
                has_elder[twin] = attempt.bounds[project].is_some();
            }
        }
        let place = |(project, bound): (usize, &Option<Bound>)| {
            bound.filter(|_| !has_elder[project]).map(|it| place(on, project, it))
        };
        let mut trial = Self {
            on,
            trace: Trace::none(on.vote.costs.len()),
            least: Purses::filled(on, least),
            most: (least < most).then(|| Purses::filled(on, most)),
            straight: vec![true; ballots],
            queue: attempt.bounds.iter().enumerate().filter_map(place).collect(),
            bounds: attempt.bounds,
            has_moved: false,
        };
        meter.add(2 * ballots + trial.bounds.len());
        for project in attempt.bought {
            let most = trial.price_at_most(project, meter)?.expect(AFFORDABLE);
            let least = trial.price_at_least(project, most, meter)?.expect(AFFORDABLE);
            trial.purchase(project, least, most, meter)?;
        }
        Ok(trial)
    }

    pub(super) fn suspend(self) -> Attempt {
        Attempt { bought: self.trace.bought, bounds: self.bounds }
    }

    /// What was bought so far.
    pub(super) fn bought(self) -> Vec<usize> {
        self.trace.bought
    }

    /// One purchase, or a pause before a project is priced that has not been since the last one.
    pub(super) fn next(&mut self, meter: &mut Meter) -> Result<Next, CountError> {
        let now = self.trace.bought.len();
        let mut candidates: Vec<Candidate> = Vec::new();
        // The surest of what is affordable everywhere: no higher rate than this, and the best of those that are 1 ÷ points.
        let (mut ceiling, mut flat): (u128, Option<(Reverse<u64>, usize)>) = (u128::MAX, None);
        let is_beyond = |(rate, points, rank): Place, ceiling: u128, flat: Option<(Reverse<u64>, usize)>| {
            ceiling < rate || ceiling == rate && points.is_some_and(|it| flat.is_some_and(|flat| flat < (it, rank)))
        };
        let mut looked_at: Vec<Place> = Vec::new();
        let mut is_paused = false;
        while let Some(first) = self.queue.first().copied().filter(|it| !is_beyond(*it, ceiling, flat)) {
            let project = self.on.by_rank[first.2];
            let is_stale = self.bounds[project].is_none_or(|it| it.priced != Some(now));
            if is_stale && self.has_moved && meter.is_spent() {
                is_paused = true;
                break;
            }
            self.has_moved |= is_stale;
            self.queue.pop_first();
            let Some(most) = self.price_at_most(project, meter)? else {
                let mut closed = Some(project);
                while let Some(it) = closed {
                    self.bounds[it] = None;
                    closed = self.on.twin[it];
                }
                continue;
            };
            let rate = most.flat.map_or_else(|| self.rate(project, most.bracket.low), |it| flat_rate(self.on, it));
            let bound = Bound { rate, flat: most.flat, priced: Some(now) };
            self.bounds[project] = Some(bound);
            looked_at.push(place(self.on, project, bound));
            if is_beyond(place(self.on, project, bound), ceiling, flat) {
                candidates.push(Candidate { project, least: None, most });
                continue;
            }
            let least = self.price_at_least(project, most, meter)?;
            candidates.push(Candidate { project, least, most });
            if let Some(least) = least {
                let rate =
                    least.flat.map_or_else(|| self.rate(project, least.bracket.high) + 1, |it| flat_rate(self.on, it));
                ceiling = ceiling.min(rate);
                if least.flat.is_some() && least.flat == most.flat {
                    let mine = least.flat.map(|it| (Reverse(it), self.on.rank[project]));
                    flat = if flat.is_none() { mine } else { flat.min(mine) };
                }
            }
        }
        self.queue.extend(looked_at.iter().copied());
        if is_paused {
            return Ok(Next::Paused);
        }
        // The same candidates whatever pauses there were.
        let mut places = looked_at.into_iter();
        candidates.retain(|_| places.next().is_some_and(|it| !is_beyond(it, ceiling, flat)));
        self.choose(&candidates, meter)
    }

    fn choose(&mut self, candidates: &[Candidate], meter: &mut Meter) -> Result<Next, CountError> {
        if candidates.is_empty() {
            return Ok(Next::Over);
        }
        let mut leader: Option<(Candidate, Price)> = None;
        for it in candidates {
            let Some(price) = it.least else { continue };
            let is_better = match leader {
                None => true,
                Some((before, its)) => {
                    let (mine, its) = ((it.project, price), (before.project, its));
                    self.least.order(self.on, &self.trace, mine, its, meter)?.is_lt()
                }
            };
            if is_better {
                leader = Some((*it, price));
            }
        }
        let Some((leader, price)) = leader else { return Ok(Next::Unsure(HALF)) };
        let mut unsure: Option<Part> = None;
        for it in candidates.iter().filter(|it| it.project != leader.project) {
            if let Some(part) = self.is_unsure((leader, price), *it, meter)? {
                unsure = Some(unsure.map_or(part, |before| before.least(part)));
            }
        }
        if let Some(part) = unsure {
            return Ok(Next::Unsure(part));
        }
        if let Some(bound) = self.bounds[leader.project].take() {
            self.queue.remove(&place(self.on, leader.project, bound));
            if let Some(twin) = self.on.twin[leader.project] {
                let bound = Bound { priced: None, ..bound };
                self.bounds[twin] = Some(bound);
                self.queue.insert(place(self.on, twin, bound));
            }
        }
        self.purchase(leader.project, price, leader.most, meter)?;
        Ok(Next::Bought(leader.project))
    }

    /// Up to where the first at the least share may come before another, if not at all the others.
    fn is_unsure(
        &mut self,
        (leader, price): (Candidate, Price),
        other: Candidate,
        meter: &mut Meter,
    ) -> Result<Option<Part>, CountError> {
        let Some(most) = &mut self.most else { return Ok(None) };
        let (cost, its_cost) = (self.on.vote.costs[leader.project], self.on.vote.costs[other.project]);
        if wide(price.bracket.high, its_cost) < wide(other.most.bracket.low, cost) {
            return Ok(None);
        }
        let (mine, its) = ((leader.project, leader.most), (other.project, other.most));
        let Some(its_least) = other.least else { return Ok(Some(HALF)) };
        if most.order(self.on, &self.trace, mine, its, meter)? != Ordering::Less {
            let rate = |it: &Candidate, price: Price| self.rate(it.project, price.bracket.low);
            let before = rate(&other, its_least).saturating_sub(rate(&leader, price));
            let after = rate(&leader, leader.most).saturating_sub(rate(&other, other.most));
            return Ok(Some(Part::of(before, after)));
        }
        let is_level = |least: Price, most: Price| least.flat.is_some() && least.flat == most.flat;
        let is_sure = is_level(price, leader.most)
            || is_level(its_least, other.most)
            || self.is_straight((leader.project, price), leader.most, meter)?
                && self.is_straight((other.project, its_least), other.most, meter)?;
        Ok(if is_sure { None } else { Some(HALF) })
    }

    /// Whether a project's price is a straight line between the two shares.
    fn is_straight(
        &mut self,
        (project, least): (usize, Price),
        most: Price,
        meter: &mut Meter,
    ) -> Result<bool, CountError> {
        let Some(rich) = &mut self.most else { return Ok(true) };
        meter.add(self.on.supporters[project].len());
        if least.flat.is_some() && least.flat == most.flat {
            return Ok(true);
        }
        for it in &self.on.supporters[project] {
            if self.least.is_empty(it.ballot) != rich.is_empty(it.ballot) {
                return Ok(false);
            }
            if rich.is_empty(it.ballot) {
                continue;
            }
            let is_short = self.least.holds(self.on, &self.trace, *it, (project, least), meter)?.is_lt();
            let is_short_too = rich.holds(self.on, &self.trace, *it, (project, most), meter)?.is_lt();
            if is_short != is_short_too || is_short && !self.straight[it.ballot] {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn price_at_most(&mut self, project: usize, meter: &mut Meter) -> Result<Option<Price>, CountError> {
        self.most.as_mut().unwrap_or(&mut self.least).price(self.on, &self.trace, project, meter)
    }

    fn price_at_least(&mut self, project: usize, most: Price, meter: &mut Meter) -> Result<Option<Price>, CountError> {
        if self.most.is_none() {
            return Ok(Some(most)); // there is only one share
        }
        self.least.price(self.on, &self.trace, project, meter)
    }

    fn purchase(&mut self, project: usize, least: Price, most: Price, meter: &mut Meter) -> Result<(), CountError> {
        let is_straight = self.is_straight((project, least), most, meter)?;
        self.least.pay(self.on, &self.trace, project, least, meter)?;
        if let Some(rich) = &mut self.most {
            rich.pay(self.on, &self.trace, project, most, meter)?;
            for it in &self.on.supporters[project] {
                let empty = (self.least.is_empty(it.ballot), rich.is_empty(it.ballot));
                let straight = &mut self.straight[it.ballot];
                *straight = empty.1 || empty.0 == empty.1 && is_straight && *straight;
            }
            meter.add(self.on.supporters[project].len());
        }
        self.trace.push(project);
        Ok(())
    }

    fn rate(&self, project: usize, price: u128) -> u128 {
        let cost = u128::from(self.on.vote.costs[project]);
        ((price / cost) << 64) + ((price % cost) << 64) / cost
    }
}

fn place(on: &Layout<'_>, project: usize, bound: Bound) -> Place {
    (bound.rate, bound.flat.map(Reverse), on.rank[project])
}

/// One ÷ `points`, as a rate.
fn flat_rate(on: &Layout<'_>, points: u64) -> u128 {
    (1 << (64 + on.shift)) / u128::from(points)
}
