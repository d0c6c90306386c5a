//! Recounts written as the rule is read aloud, paper by paper and without grouping, against the methods; and what must not
//! change a result: the order of ballots, their grouping, the names of candidates, more blanks, more of everything.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation)]

use num_rational::BigRational;
use proptest::prelude::*;
use urne_vote_contract::method::{
    Apportionment, ApprovalTally, Base, BudgetBallot, BudgetVote, FirstTour, Greedy, IrvRules, IrvStop, KOfN,
    ListRules, OnFlaw, PairwiseTally, PluralityTally, Proportion, Qualified, RankedBallot, Reading, ReferendumChoice,
    ReferendumTally, StvAction, StvRules, Threshold, TieBreak, TourResult, Unranked, Weighted, decide, instant_runoff,
    scottish_stv,
};

const READING: Reading = Reading { shared_rank: OnFlaw::Cut, skipped_rank: OnFlaw::Cut, repeated: OnFlaw::Skip };

/// Strict rankings, some short, some blank.
fn papers(candidates: usize) -> impl Strategy<Value = Vec<(u64, Vec<usize>)>> {
    let all: Vec<usize> = (0..candidates).collect();
    let paper = (Just(all).prop_shuffle(), 0..=candidates).prop_map(|(mut order, length)| {
        order.truncate(length);
        order
    });
    prop::collection::vec((1u64..6, paper), 0..14)
}

fn weighted(papers: &[(u64, Vec<usize>)]) -> Vec<Weighted<RankedBallot>> {
    papers.iter().map(|(n, order)| Weighted::new(*n, RankedBallot::strict(order.clone()))).collect()
}

/// One by one, from the last to the first.
fn spread(papers: &[(u64, Vec<usize>)]) -> Vec<Vec<usize>> {
    let one_by_one = papers.iter().flat_map(|(n, order)| std::iter::repeat_n(order.clone(), *n as usize));
    let mut all: Vec<_> = one_by_one.collect();
    all.reverse();
    all
}

// ---- Instant runoff ----

/// Counts again from the papers at every round; the lot draws the lowest index.
fn naive_runoff(candidates: usize, papers: &[Vec<usize>], stop: IrvStop) -> (Vec<Vec<Option<u64>>>, Option<usize>) {
    let mut playing: Vec<usize> = (0..candidates).collect();
    let mut rounds: Vec<Vec<Option<u64>>> = Vec::new();
    loop {
        let mut tally = vec![None; candidates];
        playing.iter().for_each(|&it| tally[it] = Some(0));
        for paper in papers {
            if let Some(&best) = paper.iter().find(|it| playing.contains(it)) {
                *tally[best].as_mut().unwrap() += 1;
            }
        }
        let active: u64 = tally.iter().flatten().sum();
        rounds.push(tally.clone());
        if active == 0 {
            return (rounds, None);
        }
        // From the last round back to the first, the one with the best (or worst) votes; then the lowest index.
        let extreme = |best: bool| {
            let key = |it: usize| -> Vec<u64> { rounds.iter().rev().map(|round| round[it].unwrap()).collect() };
            let mut order = playing.clone();
            order.sort_by(|&a, &b| if best { key(b).cmp(&key(a)) } else { key(a).cmp(&key(b)) });
            order[0]
        };
        let leader = extreme(true);
        let is_over = match stop {
            IrvStop::Majority => 2 * tally[leader].unwrap() > active || playing.len() == 1,
            IrvStop::LastTwo => playing.len() <= 2,
        };
        if is_over {
            return (rounds, Some(leader));
        }
        let leaver = extreme(false);
        playing.retain(|&it| it != leaver);
    }
}

// ---- Scottish STV ----

/// A value for each paper, kept on the paper itself.
fn naive_stv(candidates: usize, seats: usize, papers: &[Vec<usize>]) -> (Vec<usize>, Vec<Vec<u128>>) {
    const UNIT: u128 = 100_000;
    let valid = papers.iter().filter(|it| !it.is_empty()).count() as u128;
    let quota = (valid / (seats as u128 + 1) + 1) * UNIT;
    let mut holder: Vec<Option<usize>> = papers.iter().map(|it| it.first().copied()).collect();
    let mut value = vec![UNIT; papers.len()];
    let mut kept = vec![0u128; candidates]; // what an elected candidate keeps once her surplus has moved
    let (mut elected, mut waiting, mut out): (Vec<usize>, Vec<usize>, Vec<usize>) = Default::default();
    let mut stages: Vec<Vec<u128>> = Vec::new();
    loop {
        let mut votes = kept.clone();
        (0..papers.len()).for_each(|it| votes[holder[it].unwrap_or(0)] += holder[it].map_or(0, |_| value[it]));
        stages.push(votes.clone());
        let open = |elected: &[usize], out: &[usize]| -> Vec<usize> {
            (0..candidates).filter(|it| !elected.contains(it) && !out.contains(it)).collect()
        };
        let mut reached: Vec<usize> = open(&elected, &out).into_iter().filter(|&it| votes[it] >= quota).collect();
        reached.sort_by_key(|&it| std::cmp::Reverse(votes[it]));
        waiting.extend(reached.iter().filter(|&&it| votes[it] > quota));
        elected.extend(reached);
        let mut left = open(&elected, &out);
        if left.len() <= seats.saturating_sub(elected.len()) {
            left.sort_by_key(|&it| std::cmp::Reverse(votes[it]));
            elected.extend(left);
            return (elected, stages);
        }
        if elected.len() >= seats {
            return (elected, stages);
        }
        let history = |it: usize| -> Vec<u128> { stages.iter().rev().map(|stage| stage[it]).collect() };
        let source = if waiting.is_empty() {
            *left.iter().min_by_key(|&&it| history(it)).unwrap()
        } else {
            waiting.sort_unstable();
            // Of the largest, the lowest index is drawn.
            *waiting.iter().rev().max_by_key(|&&it| history(it)).unwrap()
        };
        let is_surplus = waiting.contains(&source);
        if is_surplus {
            waiting.retain(|&it| it != source);
            kept[source] = quota;
        } else {
            out.push(source);
            left.retain(|&it| it != source);
        }
        for (at, paper) in papers.iter().enumerate().filter(|(at, _)| holder[*at] == Some(source)).collect::<Vec<_>>() {
            if is_surplus {
                value[at] = (votes[source] - quota) * value[at] / votes[source];
            }
            let read = paper.iter().position(|&it| it == source).unwrap();
            holder[at] = paper[read + 1..].iter().copied().find(|it| left.contains(it));
        }
    }
}

// ---- Ranked pairs ----

/// Locks duels one by one and looks for a circle by walking; only where no two duels are equally strong.
fn naive_ranked_pairs(tally: &PairwiseTally) -> Option<Vec<usize>> {
    let count = tally.wins.len();
    let mut duels: Vec<(u64, std::cmp::Reverse<u64>, usize, usize)> = Vec::new();
    for a in 0..count {
        for b in 0..count {
            if tally.wins[a][b] > tally.wins[b][a] {
                duels.push((tally.wins[a][b], std::cmp::Reverse(tally.wins[b][a]), a, b));
            }
        }
    }
    duels.sort_unstable_by(|a, b| b.cmp(a));
    if duels.windows(2).any(|it| (it[0].0, it[0].1) == (it[1].0, it[1].1)) {
        return None;
    }
    let mut locked: Vec<(usize, usize)> = Vec::new();
    for (_, _, winner, loser) in duels {
        let (mut seen, mut next) = (vec![loser], vec![loser]);
        while let Some(at) = next.pop() {
            for &(_, below) in locked.iter().filter(|it| it.0 == at) {
                if !seen.contains(&below) {
                    seen.push(below);
                    next.push(below);
                }
            }
        }
        if !seen.contains(&winner) {
            locked.push((winner, loser));
        }
    }
    Some((0..count).filter(|it| !locked.iter().any(|duel| duel.1 == *it)).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn runoffs_equal_a_naive_recount(of in papers(5), last_two in any::<bool>()) {
        let stop = if last_two { IrvStop::LastTwo } else { IrvStop::Majority };
        let rules = IrvRules { reading: READING, stop, tie_break: TieBreak::LowestIndex };
        let result = instant_runoff(5, &weighted(&of), rules).unwrap();
        let (rounds, winner) = naive_runoff(5, &spread(&of), stop);
        prop_assert_eq!(result.rounds.iter().map(|it| it.tally.clone()).collect::<Vec<_>>(), rounds);
        if let Some(winner) = winner {
            prop_assert_eq!(result.winners, [winner]);
        }
    }

    #[test]
    fn stv_equals_a_naive_recount(of in papers(5), seats in 1usize..4) {
        let rules = StvRules { seats, reading: READING, tie_break: TieBreak::LowestIndex };
        let result = scottish_stv(5, &weighted(&of), rules).unwrap();
        let (elected, stages) = naive_stv(5, seats, &spread(&of));
        let table: Vec<Vec<u128>> =
            result.stages.iter().map(|it| it.votes.iter().map(|votes| votes.hundred_thousandths()).collect()).collect();
        prop_assert_eq!(table, stages);
        prop_assert_eq!(&result.elected, &elected);
        let surpluses = result.stages.iter().filter(|it| it.action == StvAction::Surplus).count();
        prop_assert!(surpluses <= result.elected.len(), "nobody's surplus moves twice");
    }

    #[test]
    fn stv_knows_no_order_no_names_and_no_blanks(of in papers(5), seats in 1usize..4, by in Just(vec![0usize, 1, 2, 3, 4]).prop_shuffle(), blanks in 0u64..9) {
        let rules = StvRules { seats, reading: READING, tie_break: TieBreak::LowestIndex };
        let result = scottish_stv(5, &weighted(&of), rules).unwrap();
        let renamed: Vec<(u64, Vec<usize>)> =
            of.iter().rev().map(|(n, order)| (*n, order.iter().map(|&it| by[it]).collect())).chain([(blanks, vec![])]).collect();
        let other = scottish_stv(5, &weighted(&renamed), rules).unwrap();
        prop_assert_eq!(result.quota, other.quota);
        if result.ties.is_empty() && other.ties.is_empty() {
            let mut expected: Vec<usize> = result.elected.iter().map(|&it| by[it]).collect();
            let mut found = other.elected;
            expected.sort_unstable();
            found.sort_unstable();
            // Equals that fill the last vacancies together may be listed in another order, never be others.
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn ranked_pairs_equal_a_naive_recount_where_no_duels_are_equal(of in papers(5)) {
        let tally = PairwiseTally::of(5, Unranked::BelowRanked, &weighted(&of)).unwrap();
        let result = tally.ranked_pairs(TieBreak::LowestIndex);
        if let Some(winners) = naive_ranked_pairs(&tally) {
            prop_assert_eq!(&result.winners, &winners);
            prop_assert!(!result.ambiguous && result.lots.is_empty());
        }
        if let Some(winner) = tally.condorcet_winner() {
            prop_assert_eq!(result.winners, [winner]);
            prop_assert_eq!(tally.schulze().winners, [winner]);
        }
    }

    #[test]
    fn duels_grow_with_the_papers_and_ignore_blanks(of in papers(4), by in 2u64..1_000, blanks in 0u64..1_000) {
        let small = PairwiseTally::of(4, Unranked::NoOpinion, &weighted(&of)).unwrap();
        let grown: Vec<_> = of.iter().map(|(n, order)| (n * by, order.clone())).chain([(blanks, vec![])]).collect();
        let large = PairwiseTally::of(4, Unranked::NoOpinion, &weighted(&grown)).unwrap();
        prop_assert_eq!(large.blank, small.blank * by + blanks);
        prop_assert_eq!(&large.schulze().winners, &small.schulze().winners);
        prop_assert_eq!(&large.ranked_pairs(TieBreak::LowestIndex), &small.ranked_pairs(TieBreak::LowestIndex));
        prop_assert_eq!(large.borda().ranking, small.borda().ranking);
    }

    #[test]
    fn greedy_budgets_equal_a_naive_recount(
        budget in 1u64..60,
        projects in prop::collection::vec((1u64..25, 0u64..6), 1..8),
        least in 0u64..6,
    ) {
        let costs: Vec<u64> = projects.iter().map(|it| it.0).collect();
        let ballots = projects.iter().enumerate().map(|(it, (_, n))| Weighted::new(*n, BudgetBallot::approving([it]))).collect();
        let vote = BudgetVote::new(budget, costs.clone(), ballots).unwrap();
        for rule in [Greedy::Skip, Greedy::Stop, Greedy::AtLeast(least)] {
            let mut left: Vec<usize> = (0..projects.len()).filter(|&it| rule != Greedy::AtLeast(least) || projects[it].1 >= least).collect();
            let (mut selection, mut cost) = (Vec::new(), 0);
            while !left.is_empty() {
                let best = *left.iter().min_by_key(|&&it| (std::cmp::Reverse(projects[it].1), costs[it], it)).unwrap();
                left.retain(|&it| it != best);
                if cost + costs[best] <= budget {
                    cost += costs[best];
                    selection.push(best);
                } else if rule == Greedy::Stop {
                    break;
                }
            }
            let funded = vote.greedy(rule);
            prop_assert_eq!((&funded.selection, funded.cost), (&selection, cost));
        }
    }

    #[test]
    fn seats_equal_a_naive_recount(votes in prop::collection::vec(0u64..50, 1..6), seats in 1u64..20) {
        // Highest averages: every quotient of every list in one pile, the largest first; more votes, then file order, for equals.
        let rule = ListRules { seats, apportionment: Apportionment::HighestAverage, threshold: None, bonus: None, tie_break: TieBreak::LowestIndex };
        let result = rule.count(&votes).unwrap();
        let fraction = |votes: u64, by: u64| BigRational::new(votes.into(), by.into());
        let mut pile: Vec<(std::cmp::Reverse<BigRational>, std::cmp::Reverse<u64>, usize)> = Vec::new();
        for (it, &n) in votes.iter().enumerate().filter(|it| *it.1 > 0) {
            pile.extend((1..=seats).map(|by| (std::cmp::Reverse(fraction(n, by)), std::cmp::Reverse(n), it)));
        }
        pile.sort();
        let mut expected = vec![0; votes.len()];
        pile.iter().take(seats as usize).for_each(|it| expected[it.2] += 1);
        prop_assert_eq!(&result.seats, &expected);
        prop_assert_eq!(result.vacant, if pile.is_empty() { seats } else { 0 });
    }

    #[test]
    fn the_most_voted_take_the_seats_of_a_board(votes in prop::collection::vec(0u64..9, 1..8), seats in 1usize..6) {
        let rule = KOfN { least_marks: 1, most_marks: 8, seats, least_votes: 1, tie_break: Some(TieBreak::LowestIndex) };
        let tally = ApprovalTally { approvals: votes.clone(), ballots: 99, blank: 0 };
        let result = rule.count(&tally).unwrap();
        let mut order: Vec<usize> = (0..votes.len()).filter(|&it| votes[it] > 0).collect();
        order.sort_by_key(|&it| std::cmp::Reverse(votes[it]));
        order.truncate(seats);
        prop_assert_eq!(&result.elected, &order);
        prop_assert_eq!(result.vacant, seats - order.len());
        let open = KOfN { tie_break: None, ..rule }.count(&tally).unwrap();
        prop_assert!(open.elected.iter().all(|it| result.elected.contains(it)), "a tie left open elects no one else");
        prop_assert_eq!(open.lots.len(), 0);
    }

    #[test]
    fn pluralities_equal_a_naive_recount_and_ignore_blanks(
        papers in prop::collection::vec((1u64..9, prop::option::of(0usize..4)), 0..12), blanks in 0u64..99,
    ) {
        let ballots: Vec<_> = papers.iter().map(|(n, choice)| Weighted::new(*n, *choice)).collect();
        let tally = PluralityTally::of(4, &ballots).unwrap();
        for candidate in 0..4 {
            let naive: u64 = papers.iter().filter(|it| it.1 == Some(candidate)).map(|it| it.0).sum();
            prop_assert_eq!(tally.votes[candidate], naive);
        }
        let more: Vec<_> = ballots.into_iter().rev().chain([Weighted::new(blanks, None)]).collect();
        let more = PluralityTally::of(4, &more).unwrap();
        prop_assert_eq!(more.count().unwrap(), tally.count().unwrap());
    }

    #[test]
    fn a_first_tour_elects_or_keeps_two(votes in prop::collection::vec(0u64..30, 2..6), blank in 0u64..9, absent in 0u64..99) {
        let tally = PluralityTally { votes: votes.clone(), blank };
        let expressed: u64 = votes.iter().sum();
        let present = expressed + blank;
        let rule = FirstTour { registered_share: Some(Proportion::new(1, 4).unwrap()), qualified: Qualified::TwoFirst };
        let (result, _) = rule.decide(&tally, present, present + absent).unwrap();
        let best = *votes.iter().max().unwrap();
        let elects = 2 * best > expressed && 4 * best >= present + absent;
        match result {
            TourResult::Elected { candidate } => prop_assert!(elects && votes[candidate] == best),
            TourResult::SecondTour { candidates } => {
                prop_assert!(!elects && candidates.len() >= 2);
                let least = candidates.iter().map(|&it| votes[it]).min().unwrap();
                prop_assert!((0..votes.len()).all(|it| candidates.contains(&it) || votes[it] < least), "nobody better stays out");
            }
        }
    }

    #[test]
    fn a_referendum_equals_a_comparison_of_fractions(
        of in prop::array::uniform5(0u64..40), absent in 0u64..40, share in (0u64..=5, 5u64..=7), at_least in any::<bool>(),
    ) {
        use ReferendumChoice::{Abstain, Against, Blank, For, Null};
        let [favour, against, blank, null, abstain] = of;
        let ballots = [(favour, For), (against, Against), (blank, Blank), (null, Null), (abstain, Abstain)];
        let tally = ReferendumTally::of(&ballots.map(|(n, ballot)| Weighted::new(n, ballot))).unwrap();
        let present = of.iter().sum::<u64>();
        let share_of = Proportion::new(share.0, share.1).unwrap();
        let threshold = if at_least { Threshold::AtLeast(share_of) } else { Threshold::MoreThan(share_of) };
        for (base, whole) in [(Base::Expressed, favour + against), (Base::Present, present), (Base::Registered, present + absent)] {
            let decision = decide(&tally, present + absent, threshold, base).unwrap();
            let (left, right) = (favour * share.1, whole * share.0);
            let reached = if at_least { left >= right } else { left > right };
            prop_assert_eq!(decision.adopted, reached && favour > 0);
            prop_assert_eq!((decision.base, decision.absent), (whole, absent));
        }
    }
}
