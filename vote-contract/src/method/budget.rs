//! Participatory budgets: what the voters ask, and the greedy rules that most cities use.
//!
//! Money is an integer of the smallest unit in which every cost and the budget are whole (cents, say). A project takes part with its
//! cost or not at all. Ties: cheaper first, then file order. The method of equal shares is in `equal_shares`.

use std::cmp::Reverse;

use super::{CountError, MajorityJudgment, Weighted, weighted};

/// What one voter gives each project she names: 1 each for an approval ballot, points for a cumulative one. Zero says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BudgetBallot {
    /// Project and points, each project once.
    pub points: Vec<(usize, u64)>,
}

/// A budget to spend and what the voters said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BudgetVote {
    /// The money, in the smallest unit.
    pub(super) budget: u64,
    /// Each project's cost, in the same unit.
    pub(super) costs: Vec<u64>,
    /// Valid ballots, blank ones included.
    pub(super) ballots: Vec<Weighted<BudgetBallot>>,
    /// Everyone who took part, blank ballots included.
    pub(super) voters: u64,
    /// Points of each project.
    pub(super) votes: Vec<u64>,
}

/// How a greedy rule goes down the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Greedy {
    /// What does not fit is passed over.
    Skip,
    /// The first that does not fit ends the list.
    Stop,
    /// As `Skip`, among projects with at least so many votes.
    AtLeast(u64),
}

/// The funded projects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Funded {
    /// In the order in which they were chosen.
    pub selection: Vec<usize>,
    /// What they cost together, never above the budget.
    pub cost: u64,
}

impl BudgetBallot {
    /// One point to each project.
    pub fn approving(projects: impl IntoIterator<Item = usize>) -> Self {
        Self { points: projects.into_iter().map(|it| (it, 1)).collect() }
    }
}

impl Funded {
    /// In file order.
    pub fn winners(&self) -> Vec<usize> {
        let mut winners = self.selection.clone();
        winners.sort_unstable();
        winners
    }
}

impl BudgetVote {
    /// Checks and adds up.
    ///
    /// # Errors
    /// [`CountError::NoCandidate`], [`CountError::CostNotPositive`], [`CountError::UnknownCandidate`],
    /// [`CountError::RepeatedCandidate`], [`CountError::TotalTooLarge`] (of the voters, of a project's points, or of all costs).
    pub fn new(budget: u64, costs: Vec<u64>, ballots: Vec<Weighted<BudgetBallot>>) -> Result<Self, CountError> {
        let candidates = costs.len();
        if candidates == 0 {
            return Err(CountError::NoCandidate);
        }
        if budget == 0 {
            return Err(CountError::CostNotPositive { line: 0 });
        }
        if let Some(free) = costs.iter().position(|&cost| cost == 0) {
            return Err(CountError::CostNotPositive { line: free + 1 });
        }
        weighted::sum(&costs, candidates)?;
        let mut votes = vec![0; candidates];
        let mut last_seen = vec![0; candidates];
        let mut voters = 0;
        for (index, Weighted { multiplicity, ballot }) in ballots.iter().enumerate() {
            let line = index + 1;
            weighted::add(&mut voters, *multiplicity, line)?;
            for &(candidate, points) in &ballot.points {
                if candidate >= candidates {
                    return Err(CountError::UnknownCandidate { line, candidate, candidates });
                }
                if std::mem::replace(&mut last_seen[candidate], line) == line {
                    return Err(CountError::RepeatedCandidate { line, candidate });
                }
                let more = points.checked_mul(*multiplicity).ok_or(CountError::TotalTooLarge { line })?;
                weighted::add(&mut votes[candidate], more, line)?;
            }
        }
        Ok(Self { budget, costs, ballots, voters, votes })
    }

    /// Points of each project.
    pub fn votes(&self) -> &[u64] {
        &self.votes
    }

    /// Ballot-project pairs: what one run of equal shares goes through.
    pub fn supports(&self) -> usize {
        self.ballots.iter().map(|it| it.ballot.points.len()).sum()
    }

    /// Everyone who took part.
    pub fn voters(&self) -> u64 {
        self.voters
    }

    /// Goes down the projects by votes. A project without a vote may be funded, unless the rule asks for some.
    pub fn greedy(&self, rule: Greedy) -> Funded {
        let mut order: Vec<usize> = (0..self.costs.len()).collect();
        order.sort_by_key(|&it| (Reverse(self.votes[it]), self.costs[it])); // stable: then file order
        if let Greedy::AtLeast(least) = rule {
            order.retain(|&it| self.votes[it] >= least);
        }
        self.spend(Funded { selection: Vec::new(), cost: 0 }, &order, rule)
    }

    /// Goes down the projects from the best judged to the worst, as Paris does with grades; passes over what does not fit.
    pub fn by_judgment(&self, judgment: &MajorityJudgment) -> Funded {
        let mut order: Vec<usize> = (0..self.costs.len()).collect();
        order.sort_by_key(|&it| (judgment.ranking.ranks.get(it).copied().unwrap_or(usize::MAX), self.costs[it]));
        self.spend(Funded { selection: Vec::new(), cost: 0 }, &order, Greedy::Skip)
    }

    /// Adds to `funded` what still fits, by votes.
    pub(super) fn complete(&self, funded: Funded) -> Funded {
        let mut order: Vec<usize> = (0..self.costs.len()).filter(|it| !funded.selection.contains(it)).collect();
        order.sort_by_key(|&it| (Reverse(self.votes[it]), self.costs[it]));
        self.spend(funded, &order, Greedy::Skip)
    }

    fn spend(&self, mut funded: Funded, order: &[usize], rule: Greedy) -> Funded {
        for &project in order {
            if self.costs[project] <= self.budget - funded.cost {
                funded.cost += self.costs[project];
                funded.selection.push(project);
            } else if rule == Greedy::Stop {
                break;
            }
        }
        funded
    }
}
