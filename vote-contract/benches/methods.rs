//! How long each method takes on one core: `cargo bench -p urne-vote-contract`. Numbers to read, not a test.
#![allow(clippy::unwrap_used, reason = "a benchmark stops at the first error")]

use rustix::time::{ClockId, clock_gettime};
use std::hint::black_box;
use std::time::Duration;
use urne_vote_contract::method::{
    BudgetBallot, BudgetVote, Completion, GradedTally, MissingGrades, OnFlaw, PairwiseTally, RankedBallot, Reading,
    StvRules, TieBreak, Unranked, Weighted, scottish_stv,
};

/// A reproducible stream of numbers (xorshift64*), good enough to draw ballots.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from(self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33).unwrap() % bound
    }

    fn ranking(&mut self, candidates: usize, length: usize) -> RankedBallot {
        let mut deck: Vec<usize> = (0..candidates).collect();
        for place in 0..length {
            let pick = place + self.below(candidates - place);
            deck.swap(place, pick);
        }
        RankedBallot::strict(deck.into_iter().take(length))
    }
}

/// Processor time of this thread: the machine is shared, and other programs' time is not ours.
fn now() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.try_into().unwrap(), time.tv_nsec.try_into().unwrap())
}

fn timed<R>(what: &str, work: impl FnOnce() -> R) -> R {
    let start = now();
    let result = black_box(work());
    println!("{what}: {:?}", now() - start);
    result
}

fn main() {
    let mut numbers = Numbers(2026);
    let ballots: Vec<_> = (0..1_000_000).map(|_| Weighted::new(1, numbers.ranking(10, 10))).collect();
    timed("Schulze, 1,000,000 ballots, 10 candidates (wanted: 1 s)", || {
        PairwiseTally::of(10, Unranked::BelowRanked, &ballots).unwrap().schulze()
    });
    let reading = Reading { shared_rank: OnFlaw::Cut, skipped_rank: OnFlaw::Cut, repeated: OnFlaw::Skip };
    let rules = StvRules { seats: 4, reading, tie_break: TieBreak::LowestIndex };
    timed("Scottish STV, 100,000 ballots, 10 candidates, 4 seats (wanted: 1 s)", || {
        scottish_stv(10, &ballots[..100_000], rules).unwrap()
    });
    drop(ballots);
    let rows: Vec<Vec<u64>> =
        (0..12).map(|it| vec![9_000_000 - it, 8_000_000, 7_000_000 + it, 8_000_000, 7_500_000, 7_500_000]).collect();
    let tally = GradedTally { rows, voters: 47_000_001 };
    timed("majority judgment, 47 million grouped voters, 12 candidates, 1,000 times (wanted: 1 ms each)", || {
        (0..1_000).map(|_| black_box(&tally).count(MissingGrades::Grade(0)).unwrap().winners.len()).sum::<usize>()
    });
    let costs: Vec<u64> = (0..200).map(|_| 500_000 + 10_000 * numbers.below(400) as u64).collect();
    let voters = (0..20_000).map(|_| {
        let mut projects: Vec<usize> = (0..10).map(|_| numbers.below(200).min(numbers.below(200))).collect();
        projects.sort_unstable();
        projects.dedup();
        Weighted::new(1, BudgetBallot::approving(projects))
    });
    let vote = BudgetVote::new(100_000_000, costs, voters.collect()).unwrap();
    for (name, completion) in [
        ("alone", Completion::None),
        ("add1", Completion::Add { increment: 100 }),
        ("add1u", Completion::AddThenGreedy { increment: 100 }),
    ] {
        let result = timed(&format!("equal shares {name}, 200 projects, 20,000 voters (wanted: 5 s)"), || {
            vote.equal_shares(completion).unwrap()
        });
        println!("  {} projects, {} spent", result.funded.selection.len(), result.funded.cost);
    }
}
