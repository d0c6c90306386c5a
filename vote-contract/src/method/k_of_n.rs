//! Several seats, several names a ballot: between a least and a most number of marks, the most voted take the seats.

use super::{ApprovalTally, CountError, Lot, Ranking, TieBreak, Weighted};

/// The declared form of the ballot and of the election.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KOfN {
    /// The fewest names on a ballot that is not blank.
    pub least_marks: usize,
    /// The most names on a ballot.
    pub most_marks: usize,
    /// How many to elect.
    pub seats: usize,
    /// The fewest votes that elect (0: a candidate without any vote may take a seat nobody else takes, unless nobody
    /// has a vote).
    pub least_votes: u64,
    /// The lot for the last seats; `None` leaves them open.
    pub tie_break: Option<TieBreak>,
}

/// Who sits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KOfNResult {
    /// Most votes first, ties shared.
    pub ranking: Ranking,
    /// Elected, best first (those drawn last).
    pub elected: Vec<usize>,
    /// Equals for the last seats, when there are more of them than seats.
    pub tied_for_last: Vec<usize>,
    /// The draws among them.
    pub lots: Vec<Lot>,
    /// Seats nobody takes: too few candidates, too few votes, or a tie left open.
    pub vacant: usize,
}

impl KOfN {
    /// Adds up ballots over `candidates`, refusing those with too few or too many marks; an empty one is blank.
    ///
    /// # Errors
    /// [`CountError::WrongNumberOfMarks`] and those of [`ApprovalTally::of`].
    pub fn tally(&self, candidates: usize, ballots: &[Weighted<Vec<usize>>]) -> Result<ApprovalTally, CountError> {
        let (least, most) = (self.least_marks, self.most_marks);
        for (index, weighted) in ballots.iter().enumerate() {
            let found = weighted.ballot.len();
            if found > 0 && !(least..=most).contains(&found) {
                return Err(CountError::WrongNumberOfMarks { line: index + 1, found, least, most });
            }
        }
        ApprovalTally::of(candidates, ballots)
    }

    /// Fills the seats.
    ///
    /// # Errors
    /// [`CountError::NoCandidate`], [`CountError::NoSeat`].
    pub fn count(&self, tally: &ApprovalTally) -> Result<KOfNResult, CountError> {
        if self.seats == 0 {
            return Err(CountError::NoSeat);
        }
        let ranking = tally.count()?.ranking;
        let is_anyone_named = tally.approvals.iter().any(|it| *it != 0);
        let eligible = |it: &usize| is_anyone_named && tally.approvals[*it] >= self.least_votes;
        let order: Vec<usize> = ranking.order.iter().copied().filter(eligible).collect();
        let mut elected = Vec::with_capacity(self.seats.min(order.len()));
        let (mut tied_for_last, mut lots) = (Vec::new(), Vec::new());
        for equals in order.chunk_by(|&a, &b| ranking.ranks[a] == ranking.ranks[b]) {
            let left = self.seats - elected.len();
            if equals.len() <= left {
                elected.extend(equals);
                continue;
            }
            if left > 0 {
                tied_for_last = equals.to_vec();
                if let Some(tie_break) = self.tie_break {
                    lots = draw_several(tie_break, equals, left);
                    elected.extend(lots.iter().map(|lot| lot.chosen));
                }
            }
            break;
        }
        let vacant = self.seats - elected.len();
        Ok(KOfNResult { ranking, elected, tied_for_last, lots, vacant })
    }
}

fn draw_several(tie_break: TieBreak, equals: &[usize], seats: usize) -> Vec<Lot> {
    let mut left = equals.to_vec();
    let draw = |seat: usize| {
        let lot = tie_break.draw("last seat", seat, &left);
        left.retain(|&it| it != lot.chosen);
        lot
    };
    (1..=seats).map(draw).collect()
}
