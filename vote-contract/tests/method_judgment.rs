//! Majority judgment: the closed form against the definition, the conventions on missing grades, colleges, unbalanced profiles.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation)]

use std::cmp::Ordering;

use num_bigint::BigUint;
use proptest::prelude::*;
use urne_vote_contract::method::{
    CountError, GradedTally, JudgmentCollege, Median, MissingGrades, Profile, Weighted, common_scale, judge,
    judge_colleges,
};

fn ranks(voters: u64, rows: &[&[u64]], missing: MissingGrades) -> Vec<usize> {
    let rows = rows.iter().map(|row| row.to_vec()).collect();
    GradedTally { rows, voters }.count(missing).unwrap().ranking.ranks
}

/// The definition, word for word: remove one judgment at the lower median, again and again.
fn majority_value(counts: &[u64]) -> Vec<usize> {
    let mut grades: Vec<usize> =
        counts.iter().enumerate().flat_map(|(grade, &n)| std::iter::repeat_n(grade, n as usize)).collect();
    let mut value = Vec::new();
    while !grades.is_empty() {
        value.push(grades.remove((grades.len() - 1) / 2));
    }
    value
}

#[test]
fn the_lower_median_counts_when_voters_are_even() {
    let profile = Profile::from([0, 5, 0, 5].as_slice());
    assert_eq!(profile.median(), Some(1));
    assert!(profile.leans_up());
    assert_eq!(Profile::from([0, 5, 0, 6].as_slice()).median(), Some(3));
}

#[test]
fn only_identical_profiles_share_a_rank() {
    assert_eq!(ranks(6, &[&[1, 2, 3], &[1, 2, 3], &[0, 3, 3]], MissingGrades::Refused), [2, 2, 1]);
    let one_in_47_million: [&[u64]; 2] = [&[23_500_000, 0, 0, 23_500_001], &[23_500_000, 0, 1, 23_500_000]];
    assert_eq!(ranks(47_000_001, &one_in_47_million, MissingGrades::Refused), [1, 2]);
}

#[test]
fn the_convention_on_missing_grades_changes_the_winner() {
    let rows: [&[u64]; 2] = [&[0, 0, 3, 0], &[0, 4, 4, 0]];
    assert_eq!(ranks(8, &rows, MissingGrades::Grade(0)), [2, 1]);
    assert_eq!(ranks(8, &rows, MissingGrades::Dropped), [1, 2]);
    assert_eq!(ranks(8, &rows, MissingGrades::Median), [1, 2]);
    let tally = GradedTally { rows: rows.iter().map(|it| it.to_vec()).collect(), voters: 8 };
    assert_eq!(tally.count(MissingGrades::Refused), Err(CountError::RowNotFull { line: 1, found: 3, voters: 8 }));
    assert_eq!(tally.count(MissingGrades::Grade(4)).unwrap_err().code(), 5);
    assert_eq!(tally.no_opinion().unwrap(), [5, 0]);
    assert_eq!(tally.completed(MissingGrades::Median).unwrap(), [[0, 0, 8, 0], [0, 4, 4, 0]]);
}

#[test]
fn a_candidate_whom_nobody_judged_is_last_when_missing_grades_are_dropped() {
    let rows: [&[u64]; 3] = [&[0, 0], &[9, 0], &[0, 0]];
    assert_eq!(ranks(9, &rows, MissingGrades::Dropped), [2, 1, 2]);
    let tally = GradedTally { rows: vec![vec![0, 0], vec![9, 0]], voters: 9 };
    let judgment = tally.count(MissingGrades::Dropped).unwrap();
    assert_eq!(judgment.medians, [None, Some(Median { grade: 0, leans_up: false })]);
    assert_eq!(tally.completed(MissingGrades::Median).unwrap(), [[9, 0], [9, 0]]);
}

#[test]
fn wrong_rows_are_refused() {
    let count = |rows: &[&[u64]], voters| {
        let rows = rows.iter().map(|row| row.to_vec()).collect();
        GradedTally { rows, voters }.count(MissingGrades::Grade(0)).unwrap_err().code()
    };
    assert_eq!(count(&[], 1), 1);
    assert_eq!(count(&[&[]], 1), 6);
    assert_eq!(count(&[&[1, 1], &[2]], 2), 4);
    assert_eq!(count(&[&[1, 1], &[2, 1]], 2), 8);
    assert_eq!(count(&[&[u64::MAX, 1]], 2), 7);
}

#[test]
fn graded_ballots_add_up_and_wrong_ones_name_their_line() {
    let ballots = [Weighted::new(3, vec![Some(0), None]), Weighted::new(2, vec![Some(1), Some(1)])];
    let tally = GradedTally::of(2, 2, &ballots).unwrap();
    assert_eq!(tally, GradedTally { rows: vec![vec![3, 2], vec![0, 2]], voters: 5 });
    let short = [Weighted::new(1, vec![Some(0)])];
    assert_eq!(GradedTally::of(2, 2, &short), Err(CountError::WrongLength { line: 1, found: 1, expected: 2 }));
    let high = [Weighted::new(1, vec![Some(0), Some(2)])];
    assert_eq!(GradedTally::of(2, 2, &high), Err(CountError::UnknownGrade { line: 1, grade: 2, grades: 2 }));
}

/// Two colleges of half the weight each: 2 members and 200 members. Candidate 0 has all of the small college and 40 % of the
/// large one: 7/10 good. Candidate 1 has 101 of the 202 people but only 1/2 of each college.
#[test]
fn a_college_weighs_by_its_weight_and_not_by_its_members() {
    let college = |rows: Vec<Vec<u64>>, voters| JudgmentCollege { weight: 5000, tally: GradedTally { rows, voters } };
    let small = college(vec![vec![0, 2], vec![1, 1]], 2);
    let large = college(vec![vec![120, 80], vec![100, 100]], 200);
    let profiles = judge_colleges(&[small, large], MissingGrades::Refused).unwrap();
    let numbers = |profile: &Profile| profile.counts().iter().map(BigUint::to_string).collect::<Vec<_>>();
    assert_eq!(numbers(&profiles[0]), ["3", "7"]);
    assert_eq!(numbers(&profiles[1]), ["5", "5"]);
    assert_eq!(judge(&profiles).winners, [0]);
}

#[test]
fn a_college_nobody_came_from_leaves_its_weight_to_the_others() {
    let college = |weight, rows: Vec<Vec<u64>>, voters| JudgmentCollege { weight, tally: GradedTally { rows, voters } };
    let empty = college(3, vec![vec![0, 0], vec![0, 0]], 0);
    let full = college(1, vec![vec![1, 3], vec![2, 2]], 4);
    let profiles = judge_colleges(&[empty.clone(), full], MissingGrades::Grade(0)).unwrap();
    assert_eq!(judge(&profiles).winners, [0]);
    let nobody = judge_colleges(std::slice::from_ref(&empty), MissingGrades::Grade(0)).unwrap();
    assert_eq!(judge(&nobody).ranking.ranks, [1, 1]);
    assert_eq!(judge_colleges(&[], MissingGrades::Grade(0)).unwrap_err().code(), 12);
    let weightless = JudgmentCollege { weight: 0, ..empty.clone() };
    assert_eq!(judge_colleges(&[weightless], MissingGrades::Grade(0)).unwrap_err().code(), 13);
    let other = college(1, vec![vec![1, 3]], 4);
    assert_eq!(judge_colleges(&[empty, other], MissingGrades::Grade(0)).unwrap_err().code(), 4);
}

#[test]
fn rows_of_different_totals_are_brought_to_one_scale() {
    let rows = [vec![1, 1], vec![1, 2], vec![0, 0]];
    let scaled = common_scale(&rows).unwrap();
    let wanted = [[3u32, 3], [2, 4], [0, 0]].map(|row| row.map(BigUint::from).to_vec());
    assert_eq!(scaled, wanted);
    let primes: Vec<Vec<u64>> = (0..2000).map(|it| vec![u64::MAX - 2 * it]).collect();
    assert_eq!(common_scale(&primes).unwrap_err().code(), 19);
}

prop_compose! {
    fn profile()(counts in prop::collection::vec(0u64..6, 4)) -> Vec<u64> { counts }
}

/// `b` with as many judgments as `a`, or both empty.
fn same_total(a: &[u64], b: &[u64]) -> (Vec<u64>, Vec<u64>) {
    let (total_a, total_b): (u64, u64) = (a.iter().sum(), b.iter().sum());
    let scale = |row: &[u64], by: u64| row.iter().map(|n| n * by.max(1)).collect();
    (scale(a, total_b), scale(b, total_a))
}

proptest! {
    #[test]
    fn the_closed_form_is_the_definition(a in profile(), b in profile()) {
        let (a, b) = same_total(&a, &b);
        let closed = Profile::from(a.as_slice()).compare(&Profile::from(b.as_slice()));
        prop_assert_eq!(closed, majority_value(&a).cmp(&majority_value(&b)));
    }

    #[test]
    fn scale_changes_nothing(a in profile(), b in profile(), by in 1u64..1_000_000) {
        let larger: Vec<u64> = a.iter().map(|n| n * by).collect();
        let (small, large) = (Profile::from(a.as_slice()), Profile::from(larger.as_slice()));
        let other = Profile::from(b.as_slice());
        prop_assert_eq!(small.compare(&large), Ordering::Equal);
        prop_assert_eq!(small.compare(&other), large.compare(&other));
        prop_assert_eq!(small.median(), large.median());
        prop_assert_eq!(small.median(), majority_value(&a).first().copied());
    }

    #[test]
    fn order_of_candidates_and_grouping_change_nothing(
        ballots in prop::collection::vec((1u64..4, prop::collection::vec(prop::option::of(0usize..4), 5)), 1..20),
        policy in prop::sample::select(vec![MissingGrades::Grade(0), MissingGrades::Median, MissingGrades::Dropped]),
    ) {
        let weighted: Vec<_> = ballots.iter().map(|(n, ballot)| Weighted::new(*n, ballot.clone())).collect();
        let forward = GradedTally::of(5, 4, &weighted).unwrap();
        let reversed: Vec<_> = ballots
            .iter()
            .rev()
            .flat_map(|(n, ballot)| {
                let ballot: Vec<_> = ballot.iter().rev().copied().collect();
                std::iter::repeat_n(Weighted::new(1, ballot), *n as usize)
            })
            .collect();
        let mut backward = GradedTally::of(5, 4, &reversed).unwrap();
        let mut ranks = backward.count(policy).unwrap().ranking.ranks;
        ranks.reverse();
        backward.rows.reverse();
        prop_assert_eq!(&forward, &backward);
        prop_assert_eq!(forward.count(policy).unwrap().ranking.ranks, ranks);
    }
}
