//! Instant runoff: the last one leaves and her ballots move to their next choice, until a majority, or until two remain.
//!
//! The two variants elect different people when many ballots run out, so the stop is declared ([`IrvStop`]). A ballot moves only when
//! its candidate leaves: the whole count is linear in the preferences written.

use urne_types::codec::{Decode, Encode};

use super::ranked::comparable;
use super::{CountError, Lot, RankedBallot, Reading, TieBreak, Weighted, weighted};

/// When the count ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IrvStop {
    /// As soon as someone has more than half of the ballots still in play.
    Majority,
    /// When two remain; the better of them wins.
    LastTwo,
}

/// The declared conventions of an instant runoff.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IrvRules {
    /// How flawed ballots are read.
    pub reading: Reading,
    /// When the count ends.
    pub stop: IrvStop,
    /// The lot, once earlier rounds leave candidates equal.
    pub tie_break: TieBreak,
}

/// One round.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct IrvRound {
    /// Ballots of each candidate still in play; `None` once she has left.
    pub tally: Vec<Option<u64>>,
    /// Ballots with no candidate left in play, blank ones included.
    pub exhausted: u64,
    /// Who leaves after this round.
    pub eliminated: Option<usize>,
}

/// The whole runoff.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct Irv {
    /// Every round, the last without elimination.
    pub rounds: Vec<IrvRound>,
    /// One candidate; everyone when no ballot expresses a choice.
    pub winners: Vec<usize>,
    /// Lots drawn, with their round as stage.
    pub lots: Vec<Lot>,
}

/// Counts `ballots` over `candidates`.
///
/// # Errors
/// [`CountError::NoCandidate`], [`CountError::TooManyCandidates`], [`CountError::TotalTooLarge`] and those of
/// [`RankedBallot::preferences`].
pub fn instant_runoff(
    candidates: usize,
    ballots: &[Weighted<RankedBallot>],
    rules: IrvRules,
) -> Result<Irv, CountError> {
    let mut table = IrvTable::new(candidates)?;
    let mut piles = Piles::sorted(&mut table, ballots, rules.reading)?;
    while let Some(leaver) = table.next(rules.stop, rules.tie_break) {
        piles.eliminate(&mut table, leaver);
    }
    Ok(table.result)
}

/// The table of a runoff under way: it says who leaves next, and leaves the papers to whoever holds them, in memory or in a ledger.
/// First every paper is given to its first preference; then, after each [`Self::next`], the papers of whoever leaves.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct IrvTable {
    votes: Vec<Option<u64>>,
    exhausted: u64,
    /// The count so far.
    pub result: Irv,
}

impl IrvTable {
    /// An empty table.
    ///
    /// # Errors
    /// [`CountError::NoCandidate`], [`CountError::TooManyCandidates`].
    pub fn new(candidates: usize) -> Result<Self, CountError> {
        comparable(candidates)?;
        let result = Irv { rounds: Vec::new(), winners: Vec::new(), lots: Vec::new() };
        Ok(Self { votes: vec![Some(0); candidates], exhausted: 0, result })
    }

    /// Whether a candidate is still in play.
    pub fn receives(&self, candidate: usize) -> bool {
        self.votes[candidate].is_some()
    }

    /// So many papers reach a candidate in play, or nobody. Their total over the whole count fits in 64 bits.
    pub fn give(&mut self, candidate: Option<usize>, papers: u64) {
        match candidate.and_then(|it| self.votes[it].as_mut()) {
            Some(votes) => *votes += papers,
            None => self.exhausted += papers,
        }
    }

    /// Closes a round and says who leaves; nobody when the runoff is over and `result` is whole.
    pub fn next(&mut self, stop: IrvStop, tie_break: TieBreak) -> Option<usize> {
        let playing: Vec<usize> = (0..self.votes.len()).filter(|&it| self.votes[it].is_some()).collect();
        let votes = |it: usize| self.votes[it].unwrap_or(0);
        let active: u64 = playing.iter().map(|&it| votes(it)).sum();
        let most = playing.iter().map(|&it| votes(it)).max().unwrap_or(0);
        let least = playing.iter().map(|&it| votes(it)).min().unwrap_or(0);
        let Irv { rounds, winners, lots } = &mut self.result;
        rounds.push(IrvRound { tally: self.votes.clone(), exhausted: self.exhausted, eliminated: None });
        let decided = match stop {
            IrvStop::Majority => most > active - most || playing.len() == 1,
            IrvStop::LastTwo => playing.len() <= 2,
        };
        if active == 0 {
            *winners = playing;
            return None;
        }
        let round = rounds.len();
        if decided {
            let ahead = playing.into_iter().filter(|&it| votes(it) == most).collect();
            let ahead = latest_difference(ahead, rounds, Extreme::Most);
            *winners = vec![settle(ahead, "winner", round, tie_break, lots)];
            return None;
        }
        let last = playing.into_iter().filter(|&it| votes(it) == least).collect();
        let last = latest_difference(last, rounds, Extreme::Least);
        let leaver = settle(last, "elimination", round, tie_break, lots);
        rounds[round - 1].eliminated = Some(leaver);
        self.votes[leaver] = None;
        Some(leaver)
    }
}

#[derive(Clone, Copy)]
enum Extreme {
    Most,
    Least,
}

/// Keeps, from the latest earlier round back to the first, those with the most (or least) votes there.
fn latest_difference(mut tied: Vec<usize>, rounds: &[IrvRound], extreme: Extreme) -> Vec<usize> {
    for round in rounds.iter().rev() {
        if tied.len() == 1 {
            break;
        }
        let votes = |it: &usize| round.tally[*it];
        let kept = match extreme {
            Extreme::Most => tied.iter().map(votes).max(),
            Extreme::Least => tied.iter().map(votes).min(),
        };
        tied.retain(|it| Some(votes(it)) == kept);
    }
    tied
}

fn settle(tied: Vec<usize>, why: &str, round: usize, tie_break: TieBreak, lots: &mut Vec<Lot>) -> usize {
    if let [only] = tied[..] {
        return only;
    }
    let lot = tie_break.draw(why, round, &tied);
    let chosen = lot.chosen;
    lots.push(lot);
    chosen
}

/// Each ballot lies on the pile of its best candidate in play.
struct Piles {
    papers: Vec<(u64, Vec<usize>)>,
    /// For each candidate, the papers on her pile and how far each has been read.
    piles: Vec<Vec<(usize, usize)>>,
}

impl Piles {
    fn sorted(table: &mut IrvTable, ballots: &[Weighted<RankedBallot>], reading: Reading) -> Result<Self, CountError> {
        let candidates = table.votes.len();
        let mut piles = Self { papers: Vec::with_capacity(ballots.len()), piles: vec![Vec::new(); candidates] };
        let mut total = 0;
        for (index, Weighted { multiplicity, ballot }) in ballots.iter().enumerate() {
            weighted::add(&mut total, *multiplicity, index + 1)?;
            piles.papers.push((*multiplicity, ballot.preferences(index + 1, candidates, reading)?));
            piles.place(table, index, 0);
        }
        Ok(piles)
    }

    fn place(&mut self, table: &mut IrvTable, paper: usize, from: usize) {
        let (multiplicity, preferences) = &self.papers[paper];
        let next = preferences.iter().enumerate().skip(from).find(|&(_, &it)| table.receives(it));
        table.give(next.map(|(_, &it)| it), *multiplicity);
        if let Some((read, &candidate)) = next {
            self.piles[candidate].push((paper, read));
        }
    }

    fn eliminate(&mut self, table: &mut IrvTable, leaver: usize) {
        for (paper, read) in std::mem::take(&mut self.piles[leaver]) {
            self.place(table, paper, read + 1);
        }
    }
}
