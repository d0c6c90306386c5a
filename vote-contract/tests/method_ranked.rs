//! Ranked ballots: duels, Schulze, ranked pairs, Borda, runoffs and Scottish STV against worked examples and naive recounts.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use urne_vote_contract::method::{
    CountError, FirstRanks, IrvRules, IrvStop, OnFlaw, PairwiseTally, RANKED_CANDIDATES_MAX, RankedBallot, Reading,
    ScottishStv, StvAction, StvRules, TieBreak, Unranked, Weighted, instant_runoff, scottish_stv,
};

const SKIP_ALL: Reading = Reading { shared_rank: OnFlaw::Skip, skipped_rank: OnFlaw::Skip, repeated: OnFlaw::Skip };
const CUT_ALL: Reading = Reading { shared_rank: OnFlaw::Cut, skipped_rank: OnFlaw::Cut, repeated: OnFlaw::Cut };
const REFUSE_ALL: Reading =
    Reading { shared_rank: OnFlaw::Refuse, skipped_rank: OnFlaw::Refuse, repeated: OnFlaw::Refuse };

fn strict(ballots: &[(u64, &[usize])]) -> Vec<Weighted<RankedBallot>> {
    let ballot =
        |&(multiplicity, order): &(u64, &[usize])| Weighted::new(multiplicity, RankedBallot::strict(order.to_vec()));
    ballots.iter().map(ballot).collect()
}

fn duels(candidates: usize, ballots: &[Weighted<RankedBallot>]) -> PairwiseTally {
    PairwiseTally::of(candidates, Unranked::BelowRanked, ballots).unwrap()
}

#[test]
fn flaws_are_read_as_declared() {
    let ballot = RankedBallot { ranks: vec![vec![3], vec![], vec![0, 1], vec![3], vec![2]] };
    let read = |reading| ballot.preferences(7, 4, reading);
    assert_eq!(read(SKIP_ALL).unwrap(), [3, 2]);
    assert_eq!(read(CUT_ALL).unwrap(), [3]);
    assert_eq!(read(REFUSE_ALL), Err(CountError::SkippedRank { line: 7, rank: 2 }));
    let read = |reading| ballot.preferences(7, 4, reading).unwrap_err();
    assert_eq!(read(Reading { skipped_rank: OnFlaw::Skip, ..REFUSE_ALL }), CountError::SharedRank { line: 7, rank: 3 });
    assert_eq!(
        read(Reading { repeated: OnFlaw::Refuse, ..SKIP_ALL }),
        CountError::RepeatedCandidate { line: 7, candidate: 3 }
    );
    assert_eq!(ballot.preferences(7, 3, SKIP_ALL).unwrap_err().code(), 2);
}

#[test]
fn unranked_means_below_or_nothing_and_that_changes_the_winner() {
    // 3 voters rank only A; 2 rank B above A; C is second to B for 2.
    let ballots = strict(&[(3, &[0]), (4, &[1, 2]), (2, &[2, 0])]);
    let below = PairwiseTally::of(3, Unranked::BelowRanked, &ballots).unwrap();
    let nothing = PairwiseTally::of(3, Unranked::NoOpinion, &ballots).unwrap();
    assert_eq!(below.wins, [[0, 5, 3], [4, 0, 4], [6, 2, 0]]);
    assert_eq!(nothing.wins, [[0, 0, 0], [0, 0, 4], [2, 0, 0]]);
    assert_eq!(below.condorcet_winner(), None);
    assert_eq!(below.schulze().winners, [2], "C>A 6, A>B 5, B>C 4: the weakest falls");
    assert_eq!(nothing.schulze().winners, [1]);
}

#[test]
fn a_lost_duel_is_no_path_at_all() {
    // The shape Belenios had wrong: A beats B 5 to 4, nobody else: B has no path to A, not one of strength 4.
    let schulze = duels(2, &strict(&[(5, &[0, 1]), (4, &[1, 0])])).schulze();
    assert_eq!(schulze.paths, [[0, 5], [0, 0]]);
    assert_eq!(schulze.winners, [0]);
    let drawn = duels(2, &strict(&[(4, &[0, 1]), (4, &[1, 0])])).schulze();
    assert_eq!((drawn.paths, drawn.winners), (vec![vec![0, 0], vec![0, 0]], vec![0, 1]));
}

#[test]
fn ranked_pairs_lock_the_strongest_duels_and_say_when_their_order_mattered() {
    // Tideman's Tennessee: Memphis 42, Nashville 26, Chattanooga 15, Knoxville 17; Nashville beats everyone.
    let tennessee = strict(&[(42, &[0, 1, 2, 3]), (26, &[1, 2, 3, 0]), (15, &[2, 3, 1, 0]), (17, &[3, 2, 1, 0])]);
    let result = duels(4, &tennessee).ranked_pairs(TieBreak::LowestIndex);
    assert_eq!((result.winners, result.ambiguous), (vec![1], false));
    // A perfect circle: three equal duels of which only two can be locked.
    let circle = duels(3, &strict(&[(1, &[0, 1, 2]), (1, &[1, 2, 0]), (1, &[2, 0, 1])]));
    let result = circle.ranked_pairs(TieBreak::LowestIndex);
    assert_eq!((result.winners, result.ambiguous, result.lots.len()), (vec![0], true, 3));
    let drawn = circle.ranked_pairs(TieBreak::Seed([3; 32]));
    assert_eq!(drawn, circle.ranked_pairs(TieBreak::Seed([3; 32])));
    // No duel at all: everyone.
    assert_eq!(duels(3, &[]).ranked_pairs(TieBreak::LowestIndex).winners, [0, 1, 2]);
}

#[test]
fn borda_shares_the_points_of_equals() {
    let tied = Weighted::new(2, RankedBallot { ranks: vec![vec![0], vec![1, 2]] });
    let blank = Weighted::new(9, RankedBallot::default());
    let tally = duels(3, &[tied, blank]);
    assert_eq!((tally.ballots, tally.blank), (11, 9));
    let borda = tally.borda();
    assert_eq!(borda.half_points, [8, 2, 2]);
    assert_eq!(borda.ranking.ranks, [1, 2, 2]);
}

#[test]
fn first_ranks_tell_shared_from_blank() {
    let ballots = [
        Weighted::new(2, RankedBallot::strict([1])),
        Weighted::new(3, RankedBallot { ranks: vec![vec![], vec![0]] }),
        Weighted::new(4, RankedBallot { ranks: vec![vec![0, 1]] }),
        Weighted::new(5, RankedBallot { ranks: vec![vec![], vec![]] }),
    ];
    let first = FirstRanks::of(2, &ballots).unwrap();
    assert_eq!(first, FirstRanks { votes: vec![3, 2], first_rank_tied: 4, blank: 5 });
    assert_eq!(FirstRanks::of(1, &ballots).unwrap_err().line(), Some(1));
}

fn irv(
    candidates: usize,
    ballots: &[Weighted<RankedBallot>],
    stop: IrvStop,
) -> (Vec<Option<usize>>, Vec<usize>, usize) {
    let rules = IrvRules { reading: CUT_ALL, stop, tie_break: TieBreak::LowestIndex };
    let result = instant_runoff(candidates, ballots, rules).unwrap();
    let order = result.rounds.iter().map(|round| round.eliminated).collect();
    (order, result.winners, result.lots.len())
}

#[test]
fn a_runoff_stops_at_a_majority_or_goes_down_to_two() {
    let ballots = strict(&[(6, &[0]), (3, &[1, 2]), (2, &[2, 1])]);
    assert_eq!(irv(3, &ballots, IrvStop::Majority), (vec![None], vec![0], 0));
    assert_eq!(irv(3, &ballots, IrvStop::LastTwo), (vec![Some(2), None], vec![0], 0));
}

#[test]
fn equals_are_told_apart_by_the_latest_earlier_round_then_by_lot() {
    // Round 1: 6 4 4 3; D goes to C: 6 4 7. No tie. Then B leaves.
    let ballots = strict(&[(6, &[0]), (4, &[1]), (4, &[2]), (3, &[3, 2])]);
    assert_eq!(irv(4, &ballots, IrvStop::LastTwo), (vec![Some(3), Some(1), None], vec![2], 0));
    // Round 1: 6 5 4 1, D to C: 6 5 5; B had more in round 1, so C leaves: no lot.
    let earlier = strict(&[(6, &[0]), (5, &[1]), (4, &[2, 1]), (1, &[3, 2])]);
    assert_eq!(irv(4, &earlier, IrvStop::Majority), (vec![Some(3), Some(2), None], vec![1], 0));
    // The last two equal from the start: a lot.
    let (_, winners, lots) = irv(2, &strict(&[(5, &[0]), (5, &[1])]), IrvStop::LastTwo);
    assert_eq!((winners, lots), (vec![0], 1));
    let (order, winners, lots) = irv(2, &strict(&[(5, &[0]), (5, &[1])]), IrvStop::Majority);
    assert_eq!((order, winners, lots), (vec![Some(0), None], vec![1], 1), "the lot says who leaves");
}

#[test]
fn without_a_choice_everyone_is_tied() {
    let blank = [Weighted::new(9, RankedBallot::default())];
    assert_eq!(irv(3, &blank, IrvStop::Majority), (vec![None], vec![0, 1, 2], 0));
    assert_eq!(irv(3, &[], IrvStop::LastTwo), (vec![None], vec![0, 1, 2], 0));
    assert_eq!(duels(3, &blank).schulze().winners, [0, 1, 2]);
    assert_eq!(irv(1, &blank, IrvStop::Majority).1, [0]);
}

fn stv(candidates: usize, seats: usize, ballots: &[Weighted<RankedBallot>]) -> ScottishStv {
    scottish_stv(candidates, ballots, StvRules { seats, reading: CUT_ALL, tie_break: TieBreak::LowestIndex }).unwrap()
}

/// By hand: 20 papers, 2 seats, quota ⌊20/3⌋+1 = 7. A has 11: surplus 4 over 11 papers, 0.36363 each. 7 of them go to B:
/// 2.54541; 4 have nobody: 4 × 0.36363 = 1.45452 and the truncated 0.00007 are non-transferable.
#[test]
fn a_surplus_moves_truncated_to_five_decimals() {
    let result = stv(3, 2, &strict(&[(7, &[0, 1]), (4, &[0]), (4, &[1]), (5, &[2])]));
    assert_eq!((result.valid, result.quota), (20, 7));
    let surplus = &result.stages[1];
    assert_eq!((surplus.action, surplus.target), (StvAction::Surplus, Some(0)));
    let shown: Vec<String> = surplus.votes.iter().map(ToString::to_string).collect();
    assert_eq!(shown, ["7.00000", "6.54541", "5.00000"]);
    assert_eq!(surplus.non_transferable.to_string(), "1.45459");
    assert_eq!(surplus.non_transferable.hundred_thousandths(), 145_459);
    let last = &result.stages[2];
    assert_eq!((last.action, last.target, &last.elected_now), (StvAction::Exclude, Some(2), &vec![1]));
    assert_eq!(result.elected, [0, 1]);
}

#[test]
fn as_many_candidates_as_vacancies_are_elected_without_a_quota() {
    let result = stv(2, 3, &strict(&[(5, &[0]), (1, &[1])]));
    assert_eq!(result.elected, [0, 1]);
    assert_eq!(result.stages.len(), 1);
    assert_eq!(stv(2, 2, &[]).elected, [0, 1]);
    let lots = stv(3, 1, &[Weighted::new(4, RankedBallot::default())]);
    assert_eq!((lots.blank, lots.valid, lots.elected.len()), (4, 0, 1));
    assert!(lots.ties.iter().all(|tie| tie.lot.is_some()), "an election by lot says so");
}

#[test]
fn equal_surpluses_move_by_the_earlier_difference_then_by_lot() {
    let result = stv(4, 3, &strict(&[(10, &[0, 3]), (10, &[1, 3]), (3, &[2]), (1, &[3])]));
    let tie = &result.ties[0];
    assert_eq!((tie.stage, tie.why, &tie.tied), (1, StvAction::Surplus, &vec![0, 1]));
    assert_eq!(tie.lot.as_ref().unwrap().chosen, 0);
    assert_eq!(result.elected[..2], [0, 1]);
}

#[test]
fn impossible_contests_are_refused() {
    let rules = StvRules { seats: 0, reading: CUT_ALL, tie_break: TieBreak::LowestIndex };
    assert_eq!(scottish_stv(2, &[], rules).unwrap_err(), CountError::NoSeat);
    assert_eq!(scottish_stv(0, &[], StvRules { seats: 1, ..rules }).unwrap_err(), CountError::NoCandidate);
    assert_eq!(PairwiseTally::of(0, Unranked::BelowRanked, &[]).unwrap_err().code(), 1);
    let crowd = RANKED_CANDIDATES_MAX + 1;
    assert_eq!(PairwiseTally::of(crowd, Unranked::BelowRanked, &[]).unwrap_err().code(), 18);
    let twice = [Weighted::new(1, RankedBallot::strict([0, 0]))];
    assert_eq!(
        PairwiseTally::of(1, Unranked::BelowRanked, &twice),
        Err(CountError::RepeatedCandidate { line: 1, candidate: 0 })
    );
    let unknown = [Weighted::new(1, RankedBallot::strict([5]))];
    assert_eq!(PairwiseTally::of(1, Unranked::BelowRanked, &unknown).unwrap_err().code(), 2);
    let too_many = [Weighted::new(u64::MAX, RankedBallot::strict([0])), Weighted::new(1, RankedBallot::strict([0]))];
    for refused in [
        PairwiseTally::of(1, Unranked::BelowRanked, &too_many).unwrap_err(),
        scottish_stv(1, &too_many, StvRules { seats: 1, ..rules }).unwrap_err(),
        FirstRanks::of(1, &too_many).unwrap_err(),
    ] {
        assert_eq!(refused, CountError::TotalTooLarge { line: 2 });
    }
}

fn any_ballots(candidates: usize) -> impl Strategy<Value = Vec<Weighted<RankedBallot>>> {
    let order = Just((0..candidates).collect::<Vec<_>>()).prop_shuffle();
    let ballot = (1u64..6, order, 0..=candidates, prop::collection::vec(any::<bool>(), candidates));
    let ballot = ballot.prop_map(|(multiplicity, order, length, joined)| {
        let mut ranks: Vec<Vec<usize>> = Vec::new();
        for (candidate, joined) in order.into_iter().take(length).zip(joined) {
            match ranks.last_mut() {
                Some(rank) if joined => rank.push(candidate),
                _ => ranks.push(vec![candidate]),
            }
        }
        Weighted::new(multiplicity, RankedBallot { ranks })
    });
    prop::collection::vec(ballot, 0..12)
}

fn spread_and_reversed(ballots: &[Weighted<RankedBallot>]) -> Vec<Weighted<RankedBallot>> {
    let one = |it: &Weighted<RankedBallot>| {
        std::iter::repeat_n(Weighted::new(1, it.ballot.clone()), usize::try_from(it.multiplicity).unwrap())
    };
    let mut spread: Vec<_> = ballots.iter().flat_map(one).collect();
    spread.reverse();
    spread
}

fn rank_of(ballot: &RankedBallot, candidate: usize) -> usize {
    ballot.ranks.iter().position(|rank| rank.contains(&candidate)).unwrap_or(usize::MAX)
}

/// The strongest path by trying every simple path.
fn strongest(tally: &PairwiseTally, from: usize, to: usize, visited: &mut Vec<usize>) -> u64 {
    visited.push(from);
    let mut best = if tally.beats(from, to) { tally.wins[from][to] } else { 0 };
    for through in 0..tally.wins.len() {
        if !visited.contains(&through) && through != to && tally.beats(from, through) {
            best = best.max(tally.wins[from][through].min(strongest(tally, through, to, visited)));
        }
    }
    visited.pop();
    best
}

proptest! {
    #[test]
    fn duels_equal_a_naive_recount_in_any_order_and_grouping(ballots in any_ballots(4)) {
        let tally = duels(4, &ballots);
        let spread = spread_and_reversed(&ballots);
        prop_assert_eq!(&tally, &duels(4, &spread));
        for (a, b) in (0..4).flat_map(|a| (0..4).map(move |b| (a, b))) {
            let naive = spread.iter().filter(|it| rank_of(&it.ballot, a) < rank_of(&it.ballot, b)).count();
            prop_assert_eq!(tally.wins[a][b], u64::try_from(naive).unwrap());
        }
    }

    #[test]
    fn schulze_paths_are_the_strongest_of_all_paths(ballots in any_ballots(5)) {
        let tally = duels(5, &ballots);
        let schulze = tally.schulze();
        for (a, b) in (0..5).flat_map(|a| (0..5).map(move |b| (a, b))).filter(|(a, b)| a != b) {
            prop_assert_eq!(schulze.paths[a][b], strongest(&tally, a, b, &mut Vec::new()));
        }
        prop_assert!(!schulze.winners.is_empty());
        if let Some(winner) = tally.condorcet_winner() {
            prop_assert_eq!(&schulze.winners, &vec![winner]);
            prop_assert_eq!(tally.ranked_pairs(TieBreak::LowestIndex).winners, vec![winner]);
        }
    }

    #[test]
    fn renaming_candidates_renames_the_winners(ballots in any_ballots(4)) {
        let mirrored: Vec<_> = ballots
            .iter()
            .map(|it| {
                let ranks = it.ballot.ranks.iter().map(|rank| rank.iter().map(|c| 3 - c).collect()).collect();
                Weighted::new(it.multiplicity, RankedBallot { ranks })
            })
            .collect();
        let mut winners: Vec<usize> = duels(4, &mirrored).schulze().winners.iter().map(|c| 3 - c).collect();
        winners.sort_unstable();
        prop_assert_eq!(duels(4, &ballots).schulze().winners, winners);
    }

    #[test]
    fn runoffs_lose_no_ballot_and_ignore_order_grouping_and_blanks(ballots in any_ballots(5), blanks in 0u64..50) {
        let rules = IrvRules { reading: CUT_ALL, stop: IrvStop::Majority, tie_break: TieBreak::Seed([5; 32]) };
        let result = instant_runoff(5, &ballots, rules).unwrap();
        let total: u64 = ballots.iter().map(|it| it.multiplicity).sum();
        for round in &result.rounds {
            prop_assert_eq!(round.tally.iter().flatten().sum::<u64>() + round.exhausted, total);
        }
        let mut spread = spread_and_reversed(&ballots);
        prop_assert_eq!(&result, &instant_runoff(5, &spread, rules).unwrap());
        spread.push(Weighted::new(blanks, RankedBallot::default()));
        prop_assert_eq!(result.winners, instant_runoff(5, &spread, rules).unwrap().winners);
    }

    #[test]
    fn stv_fills_the_seats_and_loses_no_vote(ballots in any_ballots(5), seats in 1usize..5) {
        let result = stv(5, seats, &ballots);
        prop_assert_eq!(result.elected.len(), seats.min(5));
        prop_assert_eq!(&result, &stv(5, seats, &spread_and_reversed(&ballots)));
        for stage in &result.stages {
            let held: u128 = stage.votes.iter().map(|it| it.hundred_thousandths()).sum();
            prop_assert_eq!(held + stage.non_transferable.hundred_thousandths(), u128::from(result.valid) * 100_000);
        }
        let now: Vec<usize> = result.stages.iter().flat_map(|it| it.elected_now.clone()).collect();
        prop_assert_eq!(now, result.elected);
    }
}
