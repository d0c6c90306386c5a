//! Schulze's method: the strength of the weakest duel on the strongest path; who is beaten by nobody's path wins.
//!
//! M. Schulze, "A new monotonic, clone-independent… method", *Social Choice and Welfare* 36 (2011), with winning votes. Belenios had
//! this wrong until 1.20: a lost or drawn duel is no edge at all (strength 0), not a weak one, and the intermediate candidate is the
//! *outer* loop.

use super::PairwiseTally;

/// Strongest paths and those they let win.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schulze {
    /// `paths[a][b]`: the strongest path from `a` to `b`, in voters; 0 without one.
    pub paths: Vec<Vec<u64>>,
    /// Everyone who is at least as strong as each other one; never empty.
    pub winners: Vec<usize>,
}

impl PairwiseTally {
    /// Counts by Schulze's method with winning votes.
    pub fn schulze(&self) -> Schulze {
        let count = self.wins.len();
        let duel = |a: usize, b: usize| if self.beats(a, b) { self.wins[a][b] } else { 0 };
        let mut paths: Vec<Vec<u64>> = (0..count).map(|a| (0..count).map(|b| duel(a, b)).collect()).collect();
        for through in 0..count {
            let onward = paths[through].clone();
            for (from, row) in paths.iter_mut().enumerate() {
                let reach = row[through];
                if from == through || reach == 0 {
                    continue;
                }
                for (strength, &next) in row.iter_mut().zip(&onward) {
                    *strength = (*strength).max(reach.min(next));
                }
                row[from] = 0; // a path that comes back says nothing
            }
        }
        let winners = (0..count).filter(|&a| (0..count).all(|b| paths[a][b] >= paths[b][a])).collect();
        Schulze { paths, winners }
    }
}
