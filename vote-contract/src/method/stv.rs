//! The single transferable vote as Scotland counts it, rule by rule, with its table of stages.
//!
//! The Scottish Local Government Elections Order 2007, schedule 1, rules 45 to 52 (weighted inclusive Gregory): votes are integers of
//! hundred-thousandths, every paper's value is truncated to five decimals, one surplus or one exclusion makes a stage.

use std::fmt;

use super::ranked::comparable;
use super::{CountError, Lot, RankedBallot, Reading, TieBreak, Weighted, weighted};

/// Votes in hundred-thousandths; prints as `1220.00000`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Votes(u128);

/// The declared conventions of a count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StvRules {
    /// How many to elect.
    pub seats: usize,
    /// How flawed ballots are read. A paper without a usable first preference is blank.
    pub reading: Reading,
    /// The lot, once earlier stages leave candidates equal.
    pub tie_break: TieBreak,
}

/// What a stage does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StvAction {
    /// Papers go to their first preference.
    FirstPreferences,
    /// What an elected candidate has over the quota moves on.
    Surplus,
    /// The last candidate leaves.
    Exclude,
}

/// One line of the published table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StvStage {
    /// What happened.
    pub action: StvAction,
    /// To whom; nobody for the first preferences.
    pub target: Option<usize>,
    /// Votes of each candidate after it.
    pub votes: Vec<Votes>,
    /// Votes that moved to nobody so far, truncated parts included.
    pub non_transferable: Votes,
    /// Who is elected at its end, most votes first.
    pub elected_now: Vec<usize>,
}

/// Equal candidates whom a stage had to tell apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StvTie {
    /// The stage, from 1, after which they were equal.
    pub stage: usize,
    /// [`StvAction::Surplus`]: whose surplus moves first. [`StvAction::Exclude`]: who leaves.
    pub why: StvAction,
    /// The equals, in file order.
    pub tied: Vec<usize>,
    /// The draw, when no earlier stage told them apart.
    pub lot: Option<Lot>,
}

/// The whole count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScottishStv {
    /// Papers with a usable first preference.
    pub valid: u64,
    /// The others.
    pub blank: u64,
    /// ⌊valid ÷ (seats + 1)⌋ + 1.
    pub quota: u64,
    /// In order of election; fewer than the seats only when candidates are.
    pub elected: Vec<usize>,
    /// The table.
    pub stages: Vec<StvStage>,
    /// Every tie met, and how it was settled.
    pub ties: Vec<StvTie>,
}

/// Hundred-thousandths in one vote.
const UNIT: u128 = 100_000;

impl Votes {
    fn whole(votes: u64) -> Self {
        Self(u128::from(votes) * UNIT)
    }

    /// The number of hundred-thousandths.
    pub fn hundred_thousandths(self) -> u128 {
        self.0
    }
}

impl fmt::Display for Votes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:05}", self.0 / UNIT, self.0 % UNIT)
    }
}

/// Counts `ballots` over `candidates`.
///
/// # Errors
/// [`CountError::NoCandidate`], [`CountError::NoSeat`], [`CountError::TooManyCandidates`], [`CountError::TotalTooLarge`] and those of
/// [`RankedBallot::preferences`].
pub fn scottish_stv(
    candidates: usize,
    ballots: &[Weighted<RankedBallot>],
    rules: StvRules,
) -> Result<ScottishStv, CountError> {
    comparable(candidates)?;
    if rules.seats == 0 {
        return Err(CountError::NoSeat);
    }
    let mut count = Count::first_preferences(candidates, ballots, rules)?;
    loop {
        count.elect_those_with_the_quota(); // rule 47
        let vacancies = rules.seats.saturating_sub(count.result.elected.len());
        let continuing = count.with(Standing::Continuing);
        if continuing.len() <= vacancies {
            count.elect(continuing); // rule 52: as many candidates as vacancies
            return Ok(count.result);
        }
        if vacancies == 0 {
            return Ok(count.result);
        }
        match count.with(Standing::Surplus).as_slice() {
            [] => count.exclude_the_last(continuing),                // rule 50
            waiting => count.transfer_the_largest(waiting.to_vec()), // rules 48 and 49
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Continuing,
    /// Elected, with a surplus still to move.
    Surplus,
    /// Elected or excluded: receives no more papers.
    Settled,
}

/// Papers held by a candidate: which ballot, how far it was read, what each is worth in hundred-thousandths.
#[derive(Clone, Copy)]
struct Parcel {
    paper: usize,
    read: usize,
    value: u128,
}

struct Count {
    papers: Vec<(u64, Vec<usize>)>,
    parcels: Vec<Vec<Parcel>>,
    votes: Vec<u128>,
    standing: Vec<Standing>,
    tie_break: TieBreak,
    result: ScottishStv,
}

impl Count {
    fn first_preferences(
        candidates: usize,
        ballots: &[Weighted<RankedBallot>],
        rules: StvRules,
    ) -> Result<Self, CountError> {
        let mut papers = Vec::with_capacity(ballots.len());
        let (mut valid, mut blank) = (0, 0);
        for (index, Weighted { multiplicity, ballot }) in ballots.iter().enumerate() {
            let line = index + 1;
            let preferences = ballot.preferences(line, candidates, rules.reading)?;
            weighted::add(if preferences.is_empty() { &mut blank } else { &mut valid }, *multiplicity, line)?;
            papers.push((*multiplicity, preferences));
        }
        let seats = u64::try_from(rules.seats).unwrap_or(u64::MAX);
        let quota = valid / seats.saturating_add(1) + 1; // rule 46
        let result = ScottishStv { valid, blank, quota, elected: vec![], stages: vec![], ties: vec![] };
        let mut count = Self {
            papers,
            parcels: vec![Vec::new(); candidates],
            votes: vec![0; candidates],
            standing: vec![Standing::Continuing; candidates],
            tie_break: rules.tie_break,
            result,
        };
        for paper in 0..count.papers.len() {
            count.place(Parcel { paper, read: 0, value: UNIT });
        }
        count.close_stage(StvAction::FirstPreferences, None);
        Ok(count)
    }

    /// Gives a parcel to the first continuing candidate from `read` on; to nobody when there is none.
    fn place(&mut self, parcel: Parcel) {
        let (multiplicity, preferences) = &self.papers[parcel.paper];
        let next = preferences.iter().enumerate().skip(parcel.read);
        let next = next.map(|(read, &it)| (read, it)).find(|&(_, it)| self.standing[it] == Standing::Continuing);
        if let Some((read, candidate)) = next {
            self.votes[candidate] += u128::from(*multiplicity) * parcel.value;
            self.parcels[candidate].push(Parcel { read, ..parcel });
        }
    }

    fn close_stage(&mut self, action: StvAction, target: Option<usize>) {
        let held: u128 = self.votes.iter().sum();
        self.result.stages.push(StvStage {
            action,
            target,
            votes: self.votes.iter().copied().map(Votes).collect(),
            non_transferable: Votes(Votes::whole(self.result.valid).0 - held),
            elected_now: Vec::new(),
        });
    }

    fn with(&self, standing: Standing) -> Vec<usize> {
        (0..self.votes.len()).filter(|&it| self.standing[it] == standing).collect()
    }

    fn elect_those_with_the_quota(&mut self) {
        let quota = Votes::whole(self.result.quota).0;
        let mut reached = self.with(Standing::Continuing);
        reached.retain(|&it| self.votes[it] >= quota);
        self.elect(reached);
    }

    fn elect(&mut self, mut chosen: Vec<usize>) {
        chosen.sort_by_key(|&it| std::cmp::Reverse(self.votes[it]));
        for &it in &chosen {
            let surplus = self.votes[it] > Votes::whole(self.result.quota).0;
            self.standing[it] = if surplus { Standing::Surplus } else { Standing::Settled };
        }
        if let Some(stage) = self.result.stages.last_mut() {
            stage.elected_now.extend(&chosen);
        }
        self.result.elected.extend(chosen);
    }

    fn transfer_the_largest(&mut self, waiting: Vec<usize>) {
        let elected = self.settle(waiting, StvAction::Surplus);
        let total = self.votes[elected];
        let quota = Votes::whole(self.result.quota).0;
        self.standing[elected] = Standing::Settled;
        for parcel in std::mem::take(&mut self.parcels[elected]) {
            // Rule 48(3): surplus × value when received ÷ total, "calculated to five decimal places (ignoring any remainder)".
            let value = (total - quota) * parcel.value / total;
            self.place(Parcel { value, read: parcel.read + 1, ..parcel });
        }
        self.votes[elected] = quota;
        self.close_stage(StvAction::Surplus, Some(elected));
    }

    fn exclude_the_last(&mut self, continuing: Vec<usize>) {
        let excluded = self.settle(continuing, StvAction::Exclude);
        self.standing[excluded] = Standing::Settled;
        self.votes[excluded] = 0;
        for parcel in std::mem::take(&mut self.parcels[excluded]) {
            self.place(Parcel { read: parcel.read + 1, ..parcel });
        }
        self.close_stage(StvAction::Exclude, Some(excluded));
    }

    /// The one with most votes (surplus) or fewest (exclusion); equals are told apart by the most recent stage at which they
    /// differed (rules 49 and 51), then by lot.
    fn settle(&mut self, among: Vec<usize>, why: StvAction) -> usize {
        let stages = self.result.stages.iter().rev().map(|stage| &stage.votes);
        let mut tied = among;
        let mut equals = None; // those equal now, before looking back
        for votes in stages {
            let kept = match why {
                StvAction::Surplus => tied.iter().map(|&it| votes[it]).max(),
                StvAction::FirstPreferences | StvAction::Exclude => tied.iter().map(|&it| votes[it]).min(),
            };
            tied.retain(|&it| Some(votes[it]) == kept);
            equals.get_or_insert_with(|| tied.clone());
            if tied.len() == 1 {
                break;
            }
        }
        let stage = self.result.stages.len();
        let purpose = if why == StvAction::Surplus { "surplus" } else { "exclusion" };
        let lot = (tied.len() > 1).then(|| self.tie_break.draw(purpose, stage, &tied));
        let chosen = lot.as_ref().map_or(tied[0], |lot| lot.chosen);
        if let Some(equals) = equals.filter(|it| it.len() > 1) {
            self.result.ties.push(StvTie { stage, why, tied: equals, lot });
        }
        chosen
    }
}
