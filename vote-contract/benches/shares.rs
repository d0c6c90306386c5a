//! Equal shares over shapes that are hard for it: the whole count, and the longest block of a ledger that goes on with it in steps.
//! Processor time of one thread. Arguments choose shapes by a part of their name.
#![allow(clippy::unwrap_used, clippy::float_arithmetic, missing_docs)] // a benchmark prints

use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;
use urne_types::limits::{COUNT_OPERATION_UNITS, COUNT_UNITS_PER_BLOCK};
use urne_vote_contract::method::{BudgetBallot, BudgetVote, Completion, Meter, SharesRun, Weighted};

/// Every call gives the next number, the same on every machine (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % bound as u64).unwrap()
    }
}

fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.try_into().unwrap(), time.tv_nsec.try_into().unwrap())
}

/// Each project has between `least` and `most` of the voters, drawn; costs are between 1,000 and 300,000.
fn drawn(projects: usize, voters: usize, least: usize, most: usize, percent: u64) -> BudgetVote {
    let mut numbers = Numbers(2026);
    let mut approved = vec![Vec::new(); voters];
    let costs: Vec<u64> = (0..projects).map(|_| 1_000 + numbers.below(299_000) as u64).collect();
    for project in 0..projects {
        let mut deck: Vec<usize> = (0..voters).collect();
        for place in 0..least + numbers.below(most - least + 1) {
            let pick = place + numbers.below(voters - place);
            deck.swap(place, pick);
            approved[deck[place]].push(project);
        }
    }
    let budget = costs.iter().sum::<u64>() * percent / 100;
    let ballots = approved.into_iter().map(|it| Weighted::new(1, BudgetBallot::approving(it))).collect();
    BudgetVote::new(budget, costs, ballots).unwrap()
}

/// Few voters, many projects: voter 0 wants all, voter k every (k % 7 + 2)th.
fn few(voters: usize, step: u64) -> BudgetVote {
    let costs: Vec<u64> = (0..1_024).map(|it| 1_000_000_000 + it * step).collect();
    let wants = |voter: usize| (0..1_024).filter(move |it| voter == 0 || it % (voter % 7 + 2) == 0);
    let ballots = (0..voters).map(|it| Weighted::new(1, BudgetBallot::approving(wants(it)))).collect();
    BudgetVote::new(costs.iter().sum::<u64>() / 2, costs, ballots).unwrap()
}

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|it| !it.starts_with('-')).collect();
    type Shape = (&'static str, fn() -> BudgetVote);
    let shapes: [Shape; 10] = [
        ("1,024 projects of equal cost, 3 voters", || few(3, 0)),
        ("1,024 projects of about equal cost, 3 voters", || few(3, 7_919)),
        ("1,024 projects of about equal cost, 60 voters", || few(60, 7_919)),
        ("40 projects, each with half of 1,000 voters", || drawn(40, 1_000, 500, 500, 100)),
        ("80 projects, each with half of 2,000 voters", || drawn(80, 2_000, 1_000, 1_000, 100)),
        ("100 projects, each with half of 4,000 voters", || drawn(100, 4_000, 2_000, 2_000, 100)),
        ("200 projects, each with half of 4,000 voters", || drawn(200, 4_000, 2_000, 2_000, 100)),
        ("200 projects, each with half of 20,000 voters", || drawn(200, 20_000, 10_000, 10_000, 100)),
        ("200 projects, each with 2 to 50 % of 20,000 voters", || drawn(200, 20_000, 400, 10_000, 33)),
        ("200 projects, each with 1 to 9 % of 20,000 voters", || drawn(200, 20_000, 200, 1_800, 33)),
    ];
    for (name, make) in shapes {
        if !wanted.is_empty() && !wanted.iter().any(|it| name.contains(it.as_str())) {
            continue;
        }
        let vote = make();
        for (rule, completion) in [("alone", Completion::None), ("add1", Completion::Add { increment: 1 })] {
            let (mut run, mut meter) = (SharesRun::default(), Meter::allowing(u64::MAX));
            let start = processor_time();
            let counted = vote.step_equal_shares(completion, &mut run, &mut meter).unwrap().unwrap();
            let whole = processor_time() - start;
            let (mut run, mut blocks, mut longest, mut most) = (SharesRun::default(), 0, Duration::ZERO, 0);
            let by_blocks = loop {
                let (start, mut meter) =
                    (processor_time(), Meter::allowing(COUNT_UNITS_PER_BLOCK / COUNT_OPERATION_UNITS));
                let over = vote.step_equal_shares(completion, &mut run, &mut meter).unwrap();
                (blocks, longest) = (blocks + 1, longest.max(processor_time() - start));
                most = most.max(meter.done());
                if let Some(counted) = over {
                    break counted;
                }
            };
            assert_eq!(counted, by_blocks);
            println!(
                "{name}, {rule}: {} bought, {whole:.1?} ({:.1} ns an operation); {blocks} blocks, the longest {longest:.1?}, {most} operations",
                counted.bought,
                whole.as_secs_f64() * 1e9 / meter.done() as f64,
            );
        }
    }
}
