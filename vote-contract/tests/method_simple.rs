//! Referendum, plurality, approval and the lot: tables of small counts, each with its mirror.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation)]

use proptest::prelude::*;
use urne_vote_contract::method::{
    ApprovalTally, Base, CountError, PluralityTally, Proportion, ReferendumChoice, ReferendumTally, Threshold,
    TieBreak, Weighted, decide, draw_subset,
};

fn tally(favour: u64, against: u64, blank: u64, null: u64, abstain: u64) -> ReferendumTally {
    ReferendumTally { favour, against, blank, null, abstain }
}

#[test]
fn a_threshold_is_reached_to_the_last_ballot() {
    let small = tally(50, 50, 0, 0, 0);
    let three_to_two = tally(60, 40, 0, 0, 0);
    let almost = tally(59, 40, 1, 0, 0);
    let france = tally(23_500_001, 23_500_000, 0, 0, 0);
    let huge = tally(u64::MAX / 2 + 1, u64::MAX / 2, 0, 0, 0);
    let cases = [
        ("as many for as against is not a majority", small, 100, Threshold::Simple, Base::Expressed, false),
        ("half is not more than half", small, 100, Threshold::ABSOLUTE, Base::Expressed, false),
        (
            "but it is at least half",
            small,
            100,
            Threshold::AtLeast(Proportion::new(1, 2).unwrap()),
            Base::Expressed,
            true,
        ),
        ("60 of 100 is three fifths", three_to_two, 100, Threshold::THREE_FIFTHS, Base::Expressed, true),
        ("59 of 99 is not", almost, 100, Threshold::THREE_FIFTHS, Base::Expressed, false),
        ("nor of 100 present", almost, 100, Threshold::THREE_FIFTHS, Base::Present, false),
        ("60 of 100 is not two thirds", three_to_two, 100, Threshold::TWO_THIRDS, Base::Expressed, false),
        (
            "a majority of the expressed may be none of the registered",
            three_to_two,
            121,
            Threshold::ABSOLUTE,
            Base::Registered,
            false,
        ),
        ("and is one when few stay home", three_to_two, 119, Threshold::ABSOLUTE, Base::Registered, true),
        ("one vote among 47 million", france, 47_000_001, Threshold::Simple, Base::Expressed, true),
        ("one vote among 47 million, absolute", france, 47_000_001, Threshold::ABSOLUTE, Base::Registered, true),
        ("one vote more absent and it is not", france, 47_000_002, Threshold::ABSOLUTE, Base::Registered, false),
        ("the largest count there is", huge, u64::MAX, Threshold::ABSOLUTE, Base::Registered, true),
        (
            "blank weighs when present is the base",
            tally(51, 30, 20, 0, 0),
            101,
            Threshold::ABSOLUTE,
            Base::Present,
            true,
        ),
        ("null too", tally(51, 30, 20, 1, 0), 102, Threshold::ABSOLUTE, Base::Present, false),
        ("abstaining too", tally(51, 30, 20, 0, 1), 102, Threshold::ABSOLUTE, Base::Present, false),
        ("but not on the expressed", tally(51, 30, 20, 1, 1), 103, Threshold::ABSOLUTE, Base::Expressed, true),
        (
            "nobody came: even at least zero adopts nothing",
            tally(0, 0, 0, 0, 0),
            10,
            Threshold::THREE_FIFTHS,
            Base::Expressed,
            false,
        ),
    ];
    for (description, tally, registered, threshold, base, adopted) in cases {
        let decision = decide(&tally, registered, threshold, base).unwrap();
        assert_eq!(decision.adopted, adopted, "{description}");
    }
}

#[test]
fn absence_is_what_remains_of_the_registered() {
    let decision = decide(&tally(3, 2, 1, 1, 1), 20, Threshold::Simple, Base::Present).unwrap();
    assert_eq!((decision.present, decision.absent, decision.base, decision.tied), (8, 12, 8, false));
    assert!(decide(&tally(2, 2, 9, 0, 0), 20, Threshold::Simple, Base::Present).unwrap().tied);
}

#[test]
fn impossible_referendums_are_refused_by_number() {
    let refused = decide(&tally(3, 2, 1, 1, 1), 7, Threshold::Simple, Base::Present);
    assert_eq!(refused, Err(CountError::MorePresentThanRegistered { present: 8, registered: 7 }));
    assert_eq!(decide(&tally(u64::MAX, 1, 0, 0, 0), 7, Threshold::Simple, Base::Present).unwrap_err().code(), 7);
    assert_eq!(Proportion::new(3, 2).unwrap_err().code(), 11);
    assert_eq!(Proportion::new(0, 0).unwrap_err().code(), 11);
    let third = Proportion::new(1, 3).unwrap();
    assert_eq!((third.numerator(), third.denominator()), (1, 3));
}

#[test]
fn referendum_ballots_add_up_by_what_they_say() {
    use ReferendumChoice::{Abstain, Against, Blank, For, Null};
    let ballots = [(5, For), (4, Against), (3, Blank), (2, Null), (1, Abstain), (10, For)];
    let ballots = ballots.map(|(multiplicity, ballot)| Weighted { multiplicity, ballot });
    assert_eq!(ReferendumTally::of(&ballots).unwrap(), tally(15, 4, 3, 2, 1));
    let overflow = [Weighted::new(u64::MAX, For), Weighted::new(1, For)];
    assert_eq!(ReferendumTally::of(&overflow), Err(CountError::TotalTooLarge { line: 2 }));
}

#[test]
fn the_most_votes_win_and_equals_share_the_place() {
    let ballots = [(4, Some(0)), (3, Some(2)), (3, Some(1)), (9, None)];
    let ballots = ballots.map(|(multiplicity, ballot)| Weighted { multiplicity, ballot });
    let tally = PluralityTally::of(3, &ballots).unwrap();
    assert_eq!(tally, PluralityTally { votes: vec![4, 3, 3], blank: 9 });
    let result = tally.count().unwrap();
    assert_eq!(result.winners, [0]);
    assert_eq!(result.ranking.ranks, [1, 2, 2]);
    assert_eq!(result.ranking.order, [0, 1, 2]);
    assert_eq!(result.ranking.ties(), [[1, 2]]);
    assert!(!result.absolute_majority, "4 of 10");
    let tied = PluralityTally { votes: vec![5, 5], blank: 0 }.count().unwrap();
    assert_eq!(tied.winners, [0, 1]);
    assert!(!tied.absolute_majority);
    assert!(PluralityTally { votes: vec![5, 6], blank: 90 }.count().unwrap().absolute_majority);
}

#[test]
fn with_nothing_but_blanks_everyone_is_tied_at_zero() {
    let result = PluralityTally { votes: vec![0, 0], blank: 7 }.count().unwrap();
    assert_eq!((result.winners, result.expressed, result.absolute_majority), (vec![0, 1], 0, false));
}

#[test]
fn wrong_ballots_are_refused_with_their_line() {
    let plural = [Weighted::new(1, Some(0)), Weighted::new(1, Some(3))];
    assert_eq!(
        PluralityTally::of(2, &plural),
        Err(CountError::UnknownCandidate { line: 2, candidate: 3, candidates: 2 })
    );
    let twice = [Weighted::new(1, vec![0]), Weighted::new(1, vec![1, 0, 1])];
    let refused = ApprovalTally::of(2, &twice).unwrap_err();
    assert_eq!(refused, CountError::RepeatedCandidate { line: 2, candidate: 1 });
    assert_eq!((refused.code(), refused.name(), refused.line()), (3, "RepeatedCandidate", Some(2)));
    assert_eq!(ApprovalTally::of(2, &[Weighted::new(1, vec![2])]).unwrap_err().code(), 2);
    assert_eq!(PluralityTally::of(0, &[]).unwrap().count(), Err(CountError::NoCandidate));
    assert_eq!(ApprovalTally::of(0, &[]).unwrap().count(), Err(CountError::NoCandidate));
}

#[test]
fn a_lot_without_seed_takes_the_lowest_index() {
    let lot = TieBreak::LowestIndex.draw("exclusion", 3, &[2, 5, 7]);
    assert_eq!((lot.stage, lot.tied, lot.chosen), (3, vec![2, 5, 7], 2));
}

#[test]
fn a_seeded_lot_is_the_same_for_all_and_depends_on_the_question_only() {
    let seed = TieBreak::Seed([7; 32]);
    let tied: Vec<usize> = (0..1000).collect();
    assert_eq!(seed.draw("exclusion", 1, &tied), seed.draw("exclusion", 1, &tied));
    let others = [
        seed.draw("exclusion", 2, &tied),
        seed.draw("surplus", 1, &tied),
        seed.draw("exclusion", 1, &tied[1..]),
        TieBreak::Seed([8; 32]).draw("exclusion", 1, &tied),
    ];
    let first = seed.draw("exclusion", 1, &tied).chosen;
    assert!(others.iter().any(|lot| lot.chosen != first));
    assert_eq!(first, 910, "frozen: a change here changes past elections");
}

#[test]
fn every_candidate_is_drawn_to_be_judged_about_as_often() {
    let mut drawn = [0u32; 12];
    for voter in 0..12_000u32 {
        let subset = draw_subset(&[1; 32], &voter.to_le_bytes(), 12, 5);
        assert_eq!(subset.len(), 5);
        assert!(subset.is_sorted_by(|a, b| a < b));
        subset.into_iter().for_each(|it| drawn[it] += 1);
    }
    assert!(drawn.iter().all(|&it| (4_700..5_300).contains(&it)), "{drawn:?}");
    assert_eq!(draw_subset(&[1; 32], b"x", 3, 5), [0, 1, 2]);
}

proptest! {
    #[test]
    fn approvals_do_not_depend_on_order_or_grouping(
        ballots in prop::collection::vec((1u64..5, prop::collection::btree_set(0usize..6, 0..6)), 0..30),
        blanks in 0u64..1000,
    ) {
        let weighted: Vec<_> = ballots.iter().map(|(n, set)| Weighted::new(*n, set.iter().copied().collect())).collect();
        let tally = ApprovalTally::of(6, &weighted).unwrap();
        let mut spread: Vec<_> = weighted
            .iter()
            .flat_map(|it| std::iter::repeat_n(Weighted::new(1, it.ballot.clone()), it.multiplicity as usize))
            .collect();
        spread.reverse();
        prop_assert_eq!(&tally, &ApprovalTally::of(6, &spread).unwrap());
        for candidate in 0..6 {
            let naive = spread.iter().filter(|it| it.ballot.contains(&candidate)).count() as u64;
            prop_assert_eq!(tally.approvals[candidate], naive);
        }
        spread.push(Weighted::new(blanks, vec![]));
        prop_assert_eq!(tally.count().unwrap(), ApprovalTally::of(6, &spread).unwrap().count().unwrap());
    }
}
