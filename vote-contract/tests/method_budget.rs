//! Participatory budgets: greedy rules by hand, equal shares against the rule written naively, voter by voter, in fractions.
#![allow(clippy::unwrap_used)]

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::Zero;
use proptest::prelude::*;
use urne_vote_contract::method::{
    BudgetBallot, BudgetVote, Completion, CountError, GradedTally, Greedy, Meter, MissingGrades, SharesRun, Weighted,
};

fn vote(budget: u64, costs: &[u64], ballots: &[(u64, &[usize])]) -> BudgetVote {
    let ballots = ballots.iter().map(|&(n, projects)| Weighted::new(n, BudgetBallot::approving(projects.to_vec())));
    BudgetVote::new(budget, costs.to_vec(), ballots.collect()).unwrap()
}

#[test]
fn greedy_rules_differ_on_what_does_not_fit() {
    let vote = vote(100, &[60, 50, 30, 10, 5], &[(9, &[0]), (8, &[1]), (7, &[2]), (2, &[3])]);
    assert_eq!(vote.votes(), [9, 8, 7, 2, 0]);
    assert_eq!(vote.voters(), 26);
    let skip = vote.greedy(Greedy::Skip);
    assert_eq!((skip.selection, skip.cost), (vec![0, 2, 3], 100));
    assert_eq!(vote.greedy(Greedy::Stop).selection, [0]);
    assert_eq!(vote.greedy(Greedy::AtLeast(7)).selection, [0, 2]);
    assert_eq!(vote.greedy(Greedy::AtLeast(10)).selection, [] as [usize; 0]);
}

#[test]
fn equals_are_funded_cheaper_first_then_in_file_order() {
    let vote = vote(40, &[30, 20, 20], &[(1, &[0, 1, 2])]);
    let funded = vote.greedy(Greedy::Skip);
    assert_eq!((funded.winners(), funded.selection), (vec![1, 2], vec![1, 2]));
}

#[test]
fn projects_may_be_judged_as_in_paris() {
    let vote = vote(100, &[80, 30, 30], &[(1, &[0])]);
    let grades = GradedTally { rows: vec![vec![0, 5, 5], vec![0, 0, 10], vec![9, 0, 1]], voters: 10 };
    let judgment = grades.count(MissingGrades::Refused).unwrap();
    assert_eq!(vote.by_judgment(&judgment).selection, [1, 2], "the best judged first; the second does not fit");
}

/// By hand: 3 voters, budget 90, shares of 30. Project 0 (60) has voters 0 and 1: 2 effective votes. Project 1 (30) has voter 2
/// alone: 1. Project 2 (30) has 0 and 2: 2 effective votes, cheaper than project 0: bought first for 15 each. Then project 0 needs
/// 60 from 15 + 30: not affordable. Project 1 needs 30 from 15: not affordable.
#[test]
fn equal_shares_by_hand() {
    let vote = vote(90, &[60, 30, 30], &[(1, &[0, 2]), (1, &[0]), (1, &[1, 2])]);
    let plain = vote.equal_shares(Completion::None).unwrap();
    assert_eq!((plain.funded.selection, plain.funded.cost, plain.bought), (vec![2], 30, 1));
    assert_eq!(plain.share.unwrap().to_string(), "30");
    // With 30 + k each: project 1 is affordable at 45 (15 of it paid already), project 0 from 15 + k + 30 + k = 60 at k = 8
    // (22.5 needs a share of 37.5); 30 + 60 = 90 spends all.
    let add = vote.equal_shares(Completion::Add { increment: 1 }).unwrap();
    assert_eq!((add.funded.selection, add.funded.cost), (vec![2, 0], 90));
    assert_eq!(add.share.unwrap().to_string(), "38");
}

#[test]
fn what_shares_leave_is_completed_by_votes() {
    // Two voters with 50 each; project 0 costs 60 and has one voter; project 1 costs 40 and has the other; nobody wants 2.
    let vote = vote(100, &[90, 40, 60], &[(1, &[0]), (1, &[1])]);
    let plain = vote.equal_shares(Completion::None).unwrap();
    assert_eq!(plain.funded.selection, [1]);
    let add = vote.equal_shares(Completion::Add { increment: 1 }).unwrap();
    assert_eq!(add.funded.selection, [1], "at a share of 90 both would be bought, for 130");
    assert_eq!(add.share.unwrap().to_string(), "89");
    let completed = vote.equal_shares(Completion::AddThenGreedy { increment: 1 }).unwrap();
    assert_eq!((completed.funded.selection, completed.bought), (vec![1, 2], 1));
}

#[test]
fn raising_shares_ends_even_when_nobody_wants_the_rest() {
    let vote = vote(10_000_000_000, &[4_000_000_000, 9], &[(3, &[0]), (1, &[])]);
    let add = vote.equal_shares(Completion::Add { increment: 1 }).unwrap();
    assert_eq!(add.funded.selection, [0]);
    assert_eq!(vote.equal_shares(Completion::AddThenGreedy { increment: 1 }).unwrap().funded.selection, [0, 1]);
    assert_eq!(vote.equal_shares(Completion::Add { increment: 0 }).unwrap().funded.selection, [0]);
}

/// Two mirror neighbourhoods whose poorest voters share a purchase: prices are equal at every share, and costs have 10 digits.
#[test]
fn ties_that_last_over_billions_of_steps_are_decided_at_once() {
    let costs = [3_000_000_000, 8_000_000_000, 8_000_000_000, 8_500_000_000, 8_500_000_000, 9_900_000_000];
    let ballots: [(u64, &[usize]); 6] = [(1, &[0, 1, 2]), (1, &[0]), (1, &[1, 3]), (1, &[2, 4]), (1, &[3]), (1, &[4])];
    let result = vote(9_999_999_999, &costs, &ballots).equal_shares(Completion::Add { increment: 1 }).unwrap();
    assert_eq!(result.funded.selection, [0]);
}

#[test]
fn without_a_voter_shares_buy_nothing() {
    let vote = vote(10, &[5, 6], &[]);
    let result = vote.equal_shares(Completion::AddThenGreedy { increment: 1 }).unwrap();
    assert_eq!((result.funded.selection, result.bought, result.share), (vec![0], 0, None));
    assert_eq!(vote.equal_shares(Completion::None).unwrap().funded.selection, [] as [usize; 0]);
}

#[test]
fn amounts_that_leave_the_brackets_are_counted_in_fractions() {
    // A price of 2^94 (in parts) times a cost of 2^62 is over 128 bits.
    let vote = vote(u64::MAX, &[u64::MAX / 3, u64::MAX / 3], &[(2, &[0, 1]), (1, &[1])]);
    assert_eq!(vote.equal_shares(Completion::None).unwrap().funded.selection, [1, 0]);
}

#[test]
fn impossible_budgets_are_refused() {
    let refused = |budget, costs: &[u64], ballots: Vec<Weighted<BudgetBallot>>| {
        BudgetVote::new(budget, costs.to_vec(), ballots).unwrap_err()
    };
    let ballot = |points: &[(usize, u64)]| vec![Weighted::new(2, BudgetBallot { points: points.to_vec() })];
    assert_eq!(refused(10, &[], vec![]), CountError::NoCandidate);
    assert_eq!(refused(0, &[1], vec![]), CountError::CostNotPositive { line: 0 });
    assert_eq!(refused(10, &[1, 0], vec![]), CountError::CostNotPositive { line: 2 });
    assert_eq!(refused(10, &[u64::MAX, 1], vec![]).code(), 7);
    assert_eq!(refused(10, &[1], ballot(&[(1, 1)])).code(), 2);
    assert_eq!(refused(10, &[1], ballot(&[(0, 1), (0, 1)])).code(), 3);
    assert_eq!(refused(10, &[1], ballot(&[(0, u64::MAX)])), CountError::TotalTooLarge { line: 1 });
}

/// Equal shares as the paper says it, one purse a voter.
fn naive(budget: u64, costs: &[u64], ballots: &[(u64, Vec<(usize, u64)>)], added: u64) -> Vec<usize> {
    let fraction = |n: u64| BigRational::from(BigInt::from(n));
    let voters: Vec<&Vec<(usize, u64)>> =
        ballots.iter().flat_map(|(n, points)| std::iter::repeat_n(points, usize::try_from(*n).unwrap())).collect();
    let n_voters = u64::try_from(voters.len()).unwrap();
    let mut purses = vec![fraction(budget) / fraction(n_voters) + fraction(added); voters.len()];
    let points = |voter: usize, project: usize| voters[voter].iter().find(|it| it.0 == project).map_or(0, |it| it.1);
    let mut bought = Vec::new();
    loop {
        let mut best: Option<(BigRational, u64, std::cmp::Reverse<u64>, usize)> = None;
        for project in (0..costs.len()).filter(|it| !bought.contains(it)) {
            let wanting: Vec<usize> = (0..voters.len()).filter(|&it| points(it, project) > 0).collect();
            let money: BigRational = wanting.iter().map(|&it| &purses[it]).sum();
            if wanting.is_empty() || money < fraction(costs[project]) {
                continue;
            }
            // The least price at which all together reach the cost: one of the prices where a set of voters is short.
            let mut short: Vec<usize> = Vec::new();
            let price = loop {
                let paid: BigRational = short.iter().map(|&it| &purses[it]).sum();
                let left: u64 = wanting.iter().filter(|it| !short.contains(it)).map(|&it| points(it, project)).sum();
                let price = (fraction(costs[project]) - paid) / fraction(left);
                let now: Vec<usize> =
                    wanting.iter().copied().filter(|&it| purses[it] < &price * fraction(points(it, project))).collect();
                if now.len() == short.len() {
                    break price;
                }
                short = now;
            };
            let votes = wanting.iter().map(|&it| points(it, project)).sum();
            let rank = (price / fraction(costs[project]), costs[project], std::cmp::Reverse(votes), project);
            if best.as_ref().is_none_or(|it| rank < *it) {
                best = Some(rank);
            }
        }
        let Some((rate, cost, _, project)) = best else { return bought };
        for (voter, purse) in purses.iter_mut().enumerate() {
            let payment = &rate * fraction(cost) * fraction(points(voter, project));
            *purse = if *purse > payment { &*purse - payment } else { BigRational::zero() };
        }
        bought.push(project);
    }
}

/// One step at a time, as cities do it.
fn naive_add(budget: u64, costs: &[u64], ballots: &[(u64, Vec<(usize, u64)>)]) -> (Vec<usize>, u64) {
    let cost_of = |bought: &[usize]| bought.iter().map(|&it| costs[it]).sum::<u64>();
    let mut bought = naive(budget, costs, ballots, 0);
    let mut steps = 0;
    let everything: u64 = costs.iter().sum();
    loop {
        let left = budget - cost_of(&bought);
        let exhausted = (0..costs.len()).all(|it| bought.contains(&it) || costs[it] > left);
        if exhausted || steps > everything {
            return (bought, steps);
        }
        let next = naive(budget, costs, ballots, steps + 1);
        if cost_of(&next) > budget {
            return (bought, steps);
        }
        bought = next;
        steps += 1;
    }
}

prop_compose! {
    fn small_vote(most_points: u64)(
        budget in 5u64..60,
        costs in prop::collection::vec(1u64..25, 1..6),
    )(
        ballots in prop::collection::vec(
            (1u64..4, prop::collection::btree_map(0..costs.len(), 0..=most_points, 0..=costs.len())),
            1..7,
        ),
        budget in Just(budget),
        costs in Just(costs),
    ) -> Case {
        (budget, costs, ballots.into_iter().map(|(n, points)| (n, points.into_iter().collect())).collect())
    }
}

/// A budget, costs, and weighted ballots of points.
type Case = (u64, Vec<u64>, Vec<(u64, Vec<(usize, u64)>)>);

fn compare((budget, costs, ballots): Case) -> Result<(), TestCaseError> {
    let weighted: Vec<_> =
        ballots.iter().map(|(n, points)| Weighted::new(*n, BudgetBallot { points: points.clone() })).collect();
    let vote = BudgetVote::new(budget, costs.clone(), weighted.clone()).unwrap();
    prop_assert_eq!(vote.equal_shares(Completion::None).unwrap().funded.selection, naive(budget, &costs, &ballots, 0));
    let add = vote.equal_shares(Completion::Add { increment: 1 }).unwrap();
    let (bought, steps) = naive_add(budget, &costs, &ballots);
    prop_assert_eq!(&add.funded.selection, &bought);
    let spent = vote.equal_shares(Completion::AddThenGreedy { increment: 1 }).unwrap();
    prop_assert!(spent.funded.cost <= budget);
    prop_assert_eq!(&spent.funded.selection[..spent.bought], &bought[..]);
    let cost: u64 = bought.iter().map(|&it| costs[it]).sum();
    let exhausted = (0..costs.len()).all(|it| bought.contains(&it) || costs[it] > budget - cost);
    let everything: u64 = costs.iter().sum();
    if exhausted || steps <= everything {
        let base = BigRational::new(BigInt::from(budget), BigInt::from(vote.voters()));
        prop_assert_eq!(add.share.clone().unwrap(), base + BigInt::from(steps), "as many steps");
    }
    let mut reversed = weighted;
    reversed.reverse();
    let reversed = BudgetVote::new(budget, costs, reversed).unwrap();
    prop_assert_eq!(reversed.equal_shares(Completion::Add { increment: 1 }).unwrap(), add);
    Ok(())
}

prop_compose! {
    /// Hundreds of steps, of which many are taken together.
    fn long_raise()(
        budget in 100u64..900,
        costs in prop::collection::vec(1u64..400, 2..6),
    )(
        ballots in prop::collection::vec(
            (1u64..4, prop::collection::btree_map(0..costs.len(), 0..=2u64, 0..=costs.len())),
            1..6,
        ),
        budget in Just(budget),
        costs in Just(costs),
    ) -> Case {
        (budget, costs, ballots.into_iter().map(|(n, points)| (n, points.into_iter().collect())).collect())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn equal_shares_are_the_naive_rule_over_hundreds_of_steps(case in long_raise()) {
        compare(case)?;
    }

    #[test]
    fn a_count_that_pauses_before_every_price_is_the_same((budget, costs, ballots) in small_vote(3)) {
        let weighted = ballots.iter().map(|(n, points)| Weighted::new(*n, BudgetBallot { points: points.clone() }));
        let vote = BudgetVote::new(budget, costs, weighted.collect()).unwrap();
        let completion = Completion::AddThenGreedy { increment: 1 };
        let mut run = SharesRun::default();
        let by_steps = loop {
            let step = vote.step_equal_shares(completion, &mut run, &mut Meter::allowing(1)).unwrap();
            if let Some(counted) = step {
                break counted;
            }
        };
        prop_assert_eq!(by_steps, vote.equal_shares(completion).unwrap());
    }
}

/// Votes that are hard: equal costs, equal numbers of supporters, nobody alike.
fn hostile() -> Vec<(&'static str, BudgetVote)> {
    let mut seed = 88_172_645_463_325_252_u64;
    let mut below = move |bound: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % bound as u64).unwrap()
    };
    let few: Vec<Vec<usize>> =
        (0..3).map(|voter| (0..256).filter(|it| voter == 0 || it % (voter + 2) == 0).collect()).collect();
    let mut drawn = |projects: usize, voters: usize, is_half: bool| {
        let mut approved = vec![Vec::new(); voters];
        for project in 0..projects {
            let mut deck: Vec<usize> = (0..voters).collect();
            for place in 0..if is_half { voters / 2 } else { 1 + below(voters / 2) } {
                deck.swap(place, place + below(voters - place));
                approved[deck[place]].push(project);
            }
        }
        approved
    };
    let (half, random) = (drawn(40, 100, true), drawn(40, 100, false));
    let vote = |approved: Vec<Vec<usize>>, cost: &dyn Fn(u64) -> u64, projects: u64| {
        let costs: Vec<u64> = (0..projects).map(cost).collect();
        let ballots = approved.into_iter().map(|it| Weighted::new(1, BudgetBallot::approving(it))).collect();
        BudgetVote::new(costs.iter().sum::<u64>() / 2, costs, ballots).unwrap()
    };
    vec![
        ("equal costs, three voters", vote(few.clone(), &|_| 1_000_000, 256)),
        ("nearly equal costs, three voters", vote(few, &|it| 1_000_000 + it * 7, 256)),
        ("half of the voters each", vote(half, &|it| 1_000 + it * 7_919 % 299_000, 40)),
        ("half of the voters each, equal costs", vote(drawn(40, 100, true), &|_| 5_000, 40)),
        ("random numbers of voters", vote(random, &|it| 1_000 + it * 7_919 % 299_000, 40)),
    ]
}

/// The longest piece that is not split: a project is priced at two shares, or one is bought after all the others that may be equal
/// were priced again. A price looks at a supporter some ten times, in fractions at the purchases on her ballot too.
#[test]
fn no_step_does_more_operations_than_it_was_allowed_and_one_purchase() {
    for (name, vote) in hostile() {
        let supports = u64::try_from(vote.supports()).unwrap();
        for allowed in [1, 10_000, 1_000_000] {
            let completion = Completion::Add { increment: 5 };
            let (mut run, mut steps, mut done) = (SharesRun::default(), 0_u64, 0);
            loop {
                let mut meter = Meter::allowing(allowed);
                let over = vote.step_equal_shares(completion, &mut run, &mut meter).unwrap();
                (steps, done) = (steps + 1, done + meter.done());
                assert!(
                    meter.done() <= allowed + 60 * supports,
                    "{name}: {} operations of {allowed}, {supports} supports",
                    meter.done()
                );
                if over.is_some() || 300 < steps {
                    break;
                }
                assert!(allowed <= meter.done(), "{name}: a step that stops early");
            }
        }
    }
}

proptest! {
    #[test]
    fn equal_shares_are_the_naive_rule_for_approvals(case in small_vote(1)) {
        compare(case)?;
    }

    #[test]
    fn equal_shares_are_the_naive_rule_for_points(case in small_vote(5)) {
        compare(case)?;
    }
}
