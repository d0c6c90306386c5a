//! Ranked pairs (Tideman 1987): duels are locked from the strongest down, unless they would close a circle.
//!
//! Strength is the winning votes, then the fewer losing votes. When equal duels contradict one another what is locked depends on
//! their order, and the winners may: that is reported (`ambiguous`) and their order is the candidates' in the file, or the declared lot's.

use super::{Lot, PairwiseTally, TieBreak};

/// What the locked duels say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RankedPairs {
    /// Those no locked duel beats; several only when duels are drawn.
    pub winners: Vec<usize>,
    /// Whether equally strong duels contradicted one another, so that their order said which were locked. Never false when
    /// another order would give other winners; true even where every order gives the same ones, because telling is NP-hard
    /// (Brill and Fischer 2012, "The price of neutrality for the ranked pairs method").
    pub ambiguous: bool,
    /// The order given to the candidates for breaking ties between duels, when it mattered: one lot a place.
    pub lots: Vec<Lot>,
}

struct Duel {
    winner: usize,
    loser: usize,
    strength: (u64, std::cmp::Reverse<u64>),
}

/// Who is locked above whom, directly or not: one bit a candidate.
struct Above {
    words: usize,
    bits: Vec<u64>,
}

impl PairwiseTally {
    /// Counts by ranked pairs.
    pub fn ranked_pairs(&self, tie_break: TieBreak) -> RankedPairs {
        let count = self.wins.len();
        let lots = order_by_lot(count, tie_break);
        let mut place = vec![0; count];
        lots.iter().enumerate().for_each(|(at, lot)| place[lot.chosen] = at);
        let mut duels = self.duels();
        duels.sort_by_key(|it| (std::cmp::Reverse(it.strength), place[it.winner], place[it.loser]));
        let mut locked = Above::none(count);
        let mut beaten = vec![false; count];
        let mut ambiguous = false;
        for equals in duels.chunk_by(|a, b| a.strength == b.strength) {
            // Refused by stronger duels: no order among equals would have saved it.
            let open: Vec<&Duel> = equals.iter().filter(|it| !locked.above(it.loser, it.winner)).collect();
            for duel in open {
                if locked.above(duel.loser, duel.winner) {
                    ambiguous = true;
                    continue;
                }
                locked.lock(duel.winner, duel.loser);
                beaten[duel.loser] = true;
            }
        }
        let winners = (0..count).filter(|&it| !beaten[it]).collect();
        RankedPairs { winners, ambiguous, lots: if ambiguous { lots } else { Vec::new() } }
    }

    fn duels(&self) -> Vec<Duel> {
        let all = 0..self.wins.len();
        let pairs = all.clone().flat_map(|winner| all.clone().map(move |loser| (winner, loser)));
        let won = pairs.filter(|&(winner, loser)| self.beats(winner, loser));
        won.map(|(winner, loser)| Duel {
            winner,
            loser,
            strength: (self.wins[winner][loser], std::cmp::Reverse(self.wins[loser][winner])),
        })
        .collect()
    }
}

fn order_by_lot(count: usize, tie_break: TieBreak) -> Vec<Lot> {
    let mut left: Vec<usize> = (0..count).collect();
    let mut lots = Vec::with_capacity(count);
    while !left.is_empty() {
        let lot = tie_break.draw("ranked pairs", lots.len() + 1, &left);
        left.retain(|&it| it != lot.chosen);
        lots.push(lot);
    }
    lots
}

impl Above {
    fn none(count: usize) -> Self {
        let words = count.div_ceil(64);
        Self { words, bits: vec![0; words * count] }
    }

    fn above(&self, winner: usize, loser: usize) -> bool {
        self.bits[winner * self.words + loser / 64] >> (loser % 64) & 1 == 1
    }

    fn lock(&mut self, winner: usize, loser: usize) {
        if self.above(winner, loser) {
            return;
        }
        let mut gained = self.bits[loser * self.words..(loser + 1) * self.words].to_vec();
        gained[loser / 64] |= 1 << (loser % 64);
        for from in 0..self.bits.len() / self.words {
            if from == winner || self.above(from, winner) {
                let row = &mut self.bits[from * self.words..(from + 1) * self.words];
                row.iter_mut().zip(&gained).for_each(|(mine, more)| *mine |= more);
            }
        }
    }
}
