//! Seats and rounds: k of n, two rounds, lists; by hand, from the texts and from published results.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use urne_vote_contract::method::{
    Apportionment, ApprovalTally, Base, Bonus, CountError, FirstTour, KOfN, ListFirstTour, ListRules, PluralityTally,
    Proportion, Qualified, SecondListTour, TieBreak, TourResult, Weighted,
};

fn board(seats: usize) -> KOfN {
    KOfN { least_marks: 1, most_marks: 3, seats, least_votes: 1, tie_break: None }
}

fn approvals(votes: &[u64]) -> ApprovalTally {
    ApprovalTally { approvals: votes.to_vec(), ballots: 100, blank: 0 }
}

#[test]
fn the_most_voted_take_the_seats() {
    let result = board(2).count(&approvals(&[5, 9, 7, 2])).unwrap();
    assert_eq!((result.elected, result.vacant), (vec![1, 2], 0));
    assert!(result.tied_for_last.is_empty() && result.lots.is_empty());
}

#[test]
fn equals_for_the_last_seat_are_left_open_or_drawn() {
    let open = board(2).count(&approvals(&[5, 9, 5, 5])).unwrap();
    assert_eq!((open.elected, open.tied_for_last, open.vacant), (vec![1], vec![0, 2, 3], 1));
    let drawn = KOfN { tie_break: Some(TieBreak::LowestIndex), ..board(3) }.count(&approvals(&[5, 9, 5, 5])).unwrap();
    assert_eq!((drawn.elected, drawn.tied_for_last, drawn.vacant), (vec![1, 0, 2], vec![0, 2, 3], 0));
    assert_eq!(drawn.lots.len(), 2);
}

#[test]
fn seats_without_a_candidate_or_a_vote_stay_vacant() {
    assert_eq!(board(5).count(&approvals(&[5, 9])).unwrap().vacant, 3);
    assert_eq!(board(2).count(&approvals(&[5, 0])).unwrap().vacant, 1);
    let any = KOfN { least_votes: 0, ..board(2) };
    assert_eq!(any.count(&approvals(&[5, 0])).unwrap().vacant, 0);
    assert_eq!(board(0).count(&approvals(&[5, 0])).unwrap_err(), CountError::NoSeat);
    assert_eq!(board(1).count(&approvals(&[])).unwrap_err(), CountError::NoCandidate);
}

#[test]
fn ballots_with_too_many_or_too_few_marks_are_refused() {
    let rule = KOfN { least_marks: 2, ..board(2) };
    let ballots = |marks: &[usize]| [Weighted::new(3, vec![]), Weighted::new(2, marks.to_vec())];
    let tally = rule.tally(4, &ballots(&[1, 3])).unwrap();
    assert_eq!((tally.approvals, tally.blank), (vec![0, 2, 0, 2], 3));
    let few = CountError::WrongNumberOfMarks { line: 2, found: 1, least: 2, most: 3 };
    assert_eq!(rule.tally(4, &ballots(&[1])), Err(few));
    assert_eq!(rule.tally(4, &ballots(&[0, 1, 2, 3])).unwrap_err().code(), 15);
}

fn share(numerator: u64, denominator: u64) -> Proportion {
    Proportion::new(numerator, denominator).unwrap()
}

fn first_tour(rule: FirstTour, votes: &[u64], blank: u64, registered: u64) -> TourResult {
    let tally = PluralityTally { votes: votes.to_vec(), blank };
    let present = votes.iter().sum::<u64>() + blank;
    rule.decide(&tally, present, registered).unwrap().0
}

#[test]
fn two_rounds_follow_the_declared_texts() {
    let president = FirstTour { registered_share: None, qualified: Qualified::TwoFirst };
    let deputy = FirstTour {
        registered_share: Some(share(1, 4)),
        qualified: Qualified::AtLeast { share: share(1, 8), base: Base::Registered },
    };
    let municipal = FirstTour {
        registered_share: None,
        qualified: Qualified::AtLeast { share: share(1, 10), base: Base::Expressed },
    };
    let second = |candidates: &[usize]| TourResult::SecondTour { candidates: candidates.to_vec() };
    let cases = [
        ("half is not a majority", president, vec![50, 30, 20], 0, 200, second(&[0, 1])),
        (
            "more than half of the expressed, blanks apart",
            president,
            vec![51, 49],
            30,
            200,
            TourResult::Elected { candidate: 0 },
        ),
        ("equals at the second place all stand", president, vec![40, 30, 30], 0, 200, second(&[0, 1, 2])),
        ("three equals at the first place too", president, vec![30, 30, 30], 0, 200, second(&[0, 1, 2])),
        ("a deputy needs a quarter of the registered", deputy, vec![60, 40], 0, 241, second(&[0, 1])),
        ("and is elected with it", deputy, vec![60, 40], 0, 240, TourResult::Elected { candidate: 0 }),
        ("12.5 % of the registered may stand", deputy, vec![40, 35, 25, 24], 0, 200, second(&[0, 1, 2])),
        ("if fewer than two have them, the two first", deputy, vec![26, 20, 19], 0, 208, second(&[0, 1])),
        ("lists with a tenth of the expressed", municipal, vec![45, 35, 10, 9, 1], 7, 900, second(&[0, 1, 2])),
        ("one candidate with a vote", president, vec![1], 5, 9, TourResult::Elected { candidate: 0 }),
        ("one candidate without", president, vec![0], 5, 9, second(&[0])),
    ];
    for (description, rule, votes, blank, registered, expected) in cases {
        assert_eq!(first_tour(rule, &votes, blank, registered), expected, "{description}");
    }
    let tally = PluralityTally { votes: vec![5], blank: 5 };
    assert_eq!(president.decide(&tally, 10, 9).unwrap_err().code(), 10);
    assert_eq!(president.decide(&tally, 1, 9).unwrap_err().code(), 10, "ten ballots, whatever is said");
}

#[test]
fn a_first_tour_of_lists_gives_seats_only_to_more_than_half() {
    let municipal = ListFirstTour { stands: share(1, 10), joins: share(1, 20) };
    let second = |stand: &[usize], join: &[usize]| Some(SecondListTour { stand: stand.to_vec(), join: join.to_vec() });
    let cases = [
        ("one vote more than half", vec![51, 49], None),
        ("exactly half", vec![50, 30, 20], second(&[0, 1, 2], &[])),
        ("exactly 10 and 5 %, in the order of votes", vec![5, 10, 45, 40], second(&[2, 3, 1], &[0])),
        ("a vote under each", vec![499, 400, 99, 1, 1], second(&[0, 1], &[2])),
        ("eleven equal lists under 10 %", vec![1; 11], second(&[], &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])),
        ("no vote at all", vec![0, 0], second(&[], &[])),
        ("one list", vec![1], None),
        ("numbers beyond 63 bits", vec![u64::MAX / 2 + 1, u64::MAX / 2], None),
    ];
    for (description, votes, expected) in cases {
        assert_eq!(municipal.decide(&votes).unwrap(), expected, "{description}");
    }
    assert_eq!(municipal.decide(&[]).unwrap_err(), CountError::NoCandidate);
    assert_eq!(municipal.decide(&[u64::MAX, 1]).unwrap_err().code(), 7);
}

fn lists(seats: u64, apportionment: Apportionment) -> ListRules {
    ListRules { seats, apportionment, threshold: None, bonus: None, tie_break: TieBreak::LowestIndex }
}

#[test]
fn the_three_ways_to_share_seats_differ() {
    // 100,000 votes, 10 seats: the textbook example.
    let votes = [47_000, 16_000, 15_900, 12_000, 6_000, 3_100];
    let seats = |apportionment| lists(10, apportionment).count(&votes).unwrap().seats;
    assert_eq!(seats(Apportionment::HighestAverage), [5, 2, 2, 1, 0, 0]);
    assert_eq!(seats(Apportionment::OddDivisors), [4, 2, 2, 1, 1, 0]);
    assert_eq!(seats(Apportionment::LargestRemainder), [5, 2, 1, 1, 1, 0]);
}

/// Art. L262, by hand: 29 seats, bonus 15 (14.5 up) to the first list; 14 by the highest average among those over 5 %.
/// 500/300/160/40: the last has 4 % and is out. Averages of the 14: A 500, 250, 166.7, 125, 100, 83.3, 71.4, 62.5; B 300, 150, 100, 75, 60;
/// C 160, 80, 53.3. Fourteenth is B's 60: A 8, B 4 … counted: A 7 (500…71.4) + 62.5 = 8; B 300, 150, 100, 75 = 4; C 160, 80 = 2.
#[test]
fn the_first_list_of_a_municipality_takes_half_the_seats_first() {
    let bonus = Bonus { share: share(1, 2), rounded_down_up_to: 4 };
    let rules =
        ListRules { threshold: Some(share(1, 20)), bonus: Some(bonus), ..lists(29, Apportionment::HighestAverage) };
    let result = rules.count(&[500, 300, 160, 40]).unwrap();
    assert_eq!(result.bonus, Some((0, 15)));
    assert_eq!(result.seats, [15 + 8, 4, 2, 0]);
    let small = |seats| ListRules { seats, ..rules }.count(&[500, 300]).unwrap().bonus.unwrap().1;
    assert_eq!([small(3), small(4), small(5), small(7)], [1, 2, 3, 4]);
    let paris = ListRules { bonus: Some(Bonus { share: share(1, 4), rounded_down_up_to: 4 }), seats: 163, ..rules };
    assert_eq!(paris.count(&[500, 300]).unwrap().bonus.unwrap().1, 41);
    let tied = rules.count(&[400, 400]).unwrap();
    assert_eq!(tied.lots[0].stage, 0, "equal first lists: the bonus is drawn, and said");
}

#[test]
fn equal_averages_go_to_the_list_with_most_votes_then_to_the_lot() {
    // Second seat: 60 ÷ 2 = 30 = 30 ÷ 1: to the list of 60.
    let result = lists(2, Apportionment::HighestAverage).count(&[30, 60]).unwrap();
    assert_eq!((result.seats, result.lots.len()), (vec![0, 2], 0));
    let result = lists(1, Apportionment::HighestAverage).count(&[30, 30]).unwrap();
    assert_eq!((result.seats, result.lots.len()), (vec![1, 0], 1));
}

#[test]
fn seats_nobody_may_take_stay_vacant() {
    let result = lists(4, Apportionment::LargestRemainder).count(&[0, 0]).unwrap();
    assert_eq!((result.seats, result.vacant), (vec![0, 0], 4));
    let rule = lists(4, Apportionment::LargestRemainder);
    assert_eq!(rule.count(&[]).unwrap_err(), CountError::NoCandidate);
    assert_eq!(lists(0, Apportionment::OddDivisors).count(&[1]).unwrap_err(), CountError::NoSeat);
    assert_eq!(
        lists(u64::from(urne_types::limits::SEATS_MAX) + 1, Apportionment::OddDivisors).count(&[1]).unwrap_err().code(),
        18
    );
    assert_eq!(rule.count(&[u64::MAX, 1]).unwrap_err().code(), 7);
    assert_eq!(rule.count(&[u64::MAX]).unwrap().seats, [4]);
}

proptest! {
    #[test]
    fn every_seat_is_given_and_order_and_scale_do_not_matter(
        votes in prop::collection::btree_set(1u64..10_000, 1..8),
        seats in 1u64..60,
        scale in 1u64..1_000_000,
        way in prop::sample::select(vec![
            Apportionment::HighestAverage, Apportionment::OddDivisors, Apportionment::LargestRemainder,
        ]),
    ) {
        let votes: Vec<u64> = votes.into_iter().collect();
        let rule = lists(seats, way);
        let result = rule.count(&votes).unwrap();
        prop_assert_eq!(result.seats.iter().sum::<u64>(), seats);
        prop_assert!(result.seats.is_sorted(), "more votes, no fewer seats");
        let larger: Vec<u64> = votes.iter().map(|it| it * scale).collect();
        prop_assert_eq!(&rule.count(&larger).unwrap().seats, &result.seats);
        let reversed: Vec<u64> = votes.into_iter().rev().collect();
        let mut seats = rule.count(&reversed).unwrap().seats;
        seats.reverse();
        prop_assert_eq!(seats, result.seats);
    }
}
