//! The single transferable vote as Scotland counts it, rule by rule, with its table of stages.
//!
//! The Scottish Local Government Elections Order 2007, schedule 1, rules 45 to 52 (weighted inclusive Gregory): votes are integers of
//! hundred-thousandths, every paper's value is truncated to five decimals, one surplus or one exclusion makes a stage.

use std::fmt;

use urne_types::codec::{Decode, Encode};

use super::ranked::comparable;
use super::{CountError, Lot, RankedBallot, Reading, TieBreak, Weighted, weighted};

/// Votes in hundred-thousandths; prints as `1220.00000`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
pub enum StvAction {
    /// Papers go to their first preference.
    FirstPreferences,
    /// What an elected candidate has over the quota moves on.
    Surplus,
    /// The last candidate leaves.
    Exclude,
}

/// One line of the published table.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
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
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
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
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
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
    let mut table = StvTable::new(candidates, rules.seats)?;
    let mut papers = Papers::sorted(&mut table, ballots, rules.reading)?;
    while let Some(moving) = table.next(rules.tie_break) {
        papers.transfer(&mut table, moving);
        table.moved(moving);
    }
    Ok(table.result)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
enum Standing {
    Continuing,
    /// Elected, with a surplus still to move.
    Surplus,
    /// Elected or excluded: receives no more papers.
    Settled,
}

/// The papers of one candidate that have to move, and at what value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct StvMove {
    /// Whose papers.
    pub from: usize,
    /// Surplus and total of an elected candidate, in hundred-thousandths; `None`: papers of an excluded one move whole.
    surplus: Option<(u128, u128)>,
}

impl StvMove {
    /// What a paper received at `value` is worth when it moves.
    pub fn value(self, value: u128) -> u128 {
        match self.surplus {
            // Rule 48(3): surplus × value when received ÷ total, "calculated to five decimal places (ignoring any remainder)".
            Some((surplus, total)) => surplus * value / total,
            None => value,
        }
    }
}

/// The table of a count under way: it says whose papers move next, and leaves the papers to whoever holds them, in memory or in a
/// ledger. First every paper is given to its first preference, then [`Self::first_preferences`] closes the first stage; then each
/// [`Self::next`] is followed by the papers' moves and by [`Self::moved`].
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct StvTable {
    seats: usize,
    votes: Vec<u128>,
    standing: Vec<Standing>,
    /// The count so far.
    pub result: ScottishStv,
}

impl StvTable {
    /// A whole vote.
    pub const UNIT: u128 = UNIT;

    /// An empty table.
    ///
    /// # Errors
    /// [`CountError::NoCandidate`], [`CountError::NoSeat`], [`CountError::TooManyCandidates`].
    pub fn new(candidates: usize, seats: usize) -> Result<Self, CountError> {
        comparable(candidates)?;
        if seats == 0 {
            return Err(CountError::NoSeat);
        }
        let result = ScottishStv { valid: 0, blank: 0, quota: 0, elected: vec![], stages: vec![], ties: vec![] };
        Ok(Self { seats, votes: vec![0; candidates], standing: vec![Standing::Continuing; candidates], result })
    }

    /// Whether papers may still move to this candidate.
    pub fn receives(&self, candidate: usize) -> bool {
        self.standing[candidate] == Standing::Continuing
    }

    /// So many papers, each of that value, reach a candidate who receives.
    pub fn give(&mut self, candidate: usize, papers: u64, value: u128) {
        self.votes[candidate] += u128::from(papers) * value;
    }

    /// Closes the first stage: every paper lies with its first preference, and so many have none.
    pub fn first_preferences(&mut self, valid: u64, blank: u64) {
        let seats = u64::try_from(self.seats).unwrap_or(u64::MAX);
        self.result.quota = valid / seats.saturating_add(1) + 1; // rule 46
        (self.result.valid, self.result.blank) = (valid, blank);
        self.close_stage(StvAction::FirstPreferences, None);
    }

    /// Elects, and says whose papers move next; nobody's when the count is over.
    pub fn next(&mut self, tie_break: TieBreak) -> Option<StvMove> {
        self.elect_those_with_the_quota(); // rule 47
        let vacancies = self.seats.saturating_sub(self.result.elected.len());
        let continuing = self.with(Standing::Continuing);
        if continuing.len() <= vacancies {
            self.elect(continuing); // rule 52: as many candidates as vacancies
            return None;
        }
        if vacancies == 0 {
            return None;
        }
        let waiting = self.with(Standing::Surplus);
        let (from, surplus) = if waiting.is_empty() {
            let from = self.settle(continuing, StvAction::Exclude, tie_break); // rule 50
            self.votes[from] = 0;
            (from, None)
        } else {
            let from = self.settle(waiting, StvAction::Surplus, tie_break); // rules 48 and 49
            let quota = Votes::whole(self.result.quota).0;
            let total = std::mem::replace(&mut self.votes[from], quota);
            (from, Some((total - quota, total)))
        };
        self.standing[from] = Standing::Settled;
        Some(StvMove { from, surplus })
    }

    /// Closes the stage: all papers of that move lie where they go.
    pub fn moved(&mut self, moving: StvMove) {
        let action = if moving.surplus.is_some() { StvAction::Surplus } else { StvAction::Exclude };
        self.close_stage(action, Some(moving.from));
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

    /// The one with most votes (surplus) or fewest (exclusion); equals are told apart by the most recent stage at which they
    /// differed (rules 49 and 51), then by lot.
    fn settle(&mut self, among: Vec<usize>, why: StvAction, tie_break: TieBreak) -> usize {
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
        let lot = (tied.len() > 1).then(|| tie_break.draw(purpose, stage, &tied));
        let chosen = lot.as_ref().map_or(tied[0], |lot| lot.chosen);
        if let Some(equals) = equals.filter(|it| it.len() > 1) {
            self.result.ties.push(StvTie { stage, why, tied: equals, lot });
        }
        chosen
    }
}

/// Papers held by a candidate: which ballot, how far it was read, what each is worth in hundred-thousandths.
#[derive(Clone, Copy)]
struct Parcel {
    paper: usize,
    read: usize,
    value: u128,
}

/// All papers, in memory.
struct Papers {
    papers: Vec<(u64, Vec<usize>)>,
    parcels: Vec<Vec<Parcel>>,
}

impl Papers {
    fn sorted(table: &mut StvTable, ballots: &[Weighted<RankedBallot>], reading: Reading) -> Result<Self, CountError> {
        let candidates = table.votes.len();
        let mut all = Self { papers: Vec::with_capacity(ballots.len()), parcels: vec![Vec::new(); candidates] };
        let (mut valid, mut blank) = (0, 0);
        for (index, Weighted { multiplicity, ballot }) in ballots.iter().enumerate() {
            let line = index + 1;
            let preferences = ballot.preferences(line, candidates, reading)?;
            weighted::add(if preferences.is_empty() { &mut blank } else { &mut valid }, *multiplicity, line)?;
            all.papers.push((*multiplicity, preferences));
        }
        for paper in 0..all.papers.len() {
            all.place(table, Parcel { paper, read: 0, value: UNIT });
        }
        table.first_preferences(valid, blank);
        Ok(all)
    }

    fn transfer(&mut self, table: &mut StvTable, moving: StvMove) {
        for parcel in std::mem::take(&mut self.parcels[moving.from]) {
            self.place(table, Parcel { value: moving.value(parcel.value), read: parcel.read + 1, ..parcel });
        }
    }

    /// Gives a parcel to the first continuing candidate from `read` on; to nobody when there is none.
    fn place(&mut self, table: &mut StvTable, parcel: Parcel) {
        let (multiplicity, preferences) = &self.papers[parcel.paper];
        let next = preferences.iter().enumerate().skip(parcel.read);
        if let Some((read, &candidate)) = next.into_iter().find(|&(_, &it)| table.receives(it)) {
            table.give(candidate, *multiplicity, parcel.value);
            self.parcels[candidate].push(Parcel { read, ..parcel });
        }
    }
}
