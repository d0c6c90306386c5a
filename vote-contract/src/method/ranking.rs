//! Ranks that share ties: 1, 1, 3. Nobody wins by being first in the file.

use std::cmp::Ordering;

/// Candidates from best to worst, equals sharing a rank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranking {
    /// The competition rank (1, 1, 3) of each candidate, by index.
    pub ranks: Vec<usize>,
    /// Candidates from best to worst; equals in file order.
    pub order: Vec<usize>,
}

impl Ranking {
    /// Ranks `count` candidates; `compare(a, b)` is `Greater` when `a` does better than `b`.
    pub(super) fn by(count: usize, compare: impl Fn(usize, usize) -> Ordering) -> Self {
        let mut order: Vec<usize> = (0..count).collect();
        order.sort_by(|&a, &b| compare(b, a)); // stable: equals stay in file order
        let mut ranks = vec![0; count];
        for (place, &candidate) in order.iter().enumerate() {
            ranks[candidate] = match place.checked_sub(1).map(|it| order[it]) {
                Some(before) if compare(before, candidate) == Ordering::Equal => ranks[before],
                _ => place + 1,
            };
        }
        Self { ranks, order }
    }

    /// Ranks by number of votes, most first.
    pub(super) fn by_votes(votes: &[u64]) -> Self {
        Self::by(votes.len(), |a, b| votes[a].cmp(&votes[b]))
    }

    /// Everyone at rank 1, in file order: more than one is a tie.
    pub fn winners(&self) -> Vec<usize> {
        (0..self.ranks.len()).filter(|&it| self.ranks[it] == 1).collect()
    }

    /// Every group of two or more that shares a rank, best first.
    pub fn ties(&self) -> Vec<Vec<usize>> {
        let groups = self.order.chunk_by(|&a, &b| self.ranks[a] == self.ranks[b]);
        groups.filter(|group| group.len() > 1).map(<[usize]>::to_vec).collect()
    }
}
