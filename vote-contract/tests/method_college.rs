//! Colleges: the same ballots under other statutes, each convention with its mirror.
#![allow(clippy::unwrap_used)]

use num_bigint::BigInt;
use num_rational::BigRational;
use proptest::prelude::*;
use urne_vote_contract::method::{
    Aggregation, College, CountError, CountsAs, Proportion, ReferendumTally, Resolution, ResolutionRules, Silence,
    SilentCollege, Threshold, WeightFault, resolve, scic_weight_faults,
};

fn college(weight: u64, members: u64, favour: u64, against: u64) -> College {
    let tally = ReferendumTally { favour, against, ..ReferendumTally::default() };
    College { weight, members, tally, second_round: None }
}

const NOTHING: Silence = Silence {
    blank: CountsAs::Nothing,
    null: CountsAs::Nothing,
    abstention: CountsAs::Nothing,
    absence: CountsAs::Nothing,
};

const RULES: ResolutionRules = ResolutionRules {
    aggregation: Aggregation::Proportional,
    silence: NOTHING,
    silent_college: SilentCollege::Kept,
    threshold: Threshold::ABSOLUTE,
    attendance: None,
    college_attendance: None,
};

fn bloc(undecided: CountsAs) -> ResolutionRules {
    let majority = Proportion::new(1, 2).unwrap();
    ResolutionRules { aggregation: Aggregation::Bloc { majority, undecided }, ..RULES }
}

fn ratio(resolution: &Resolution) -> String {
    resolution.ratio.as_ref().map_or("none".to_owned(), ToString::to_string)
}

/// Two colleges barely for (51 to 49), one strongly against (0 to 10): adopted in bloc, rejected proportionally.
#[test]
fn the_same_ballots_are_adopted_in_bloc_and_rejected_proportionally() {
    let colleges = [college(3000, 100, 51, 49), college(3000, 100, 51, 49), college(4000, 10, 0, 10)];
    let proportional = resolve(&colleges, &RULES).unwrap();
    assert_eq!((ratio(&proportional), proportional.adopted), ("153/500".to_owned(), false));
    let in_bloc = resolve(&colleges, &bloc(CountsAs::Against)).unwrap();
    assert_eq!((ratio(&in_bloc), in_bloc.adopted), ("3/5".to_owned(), true));
    assert_eq!(in_bloc.one_member_one_voice, (102, 108));
}

#[test]
fn exactly_half_is_more_than_half_to_nobody() {
    let colleges = [college(5000, 10, 6, 0), college(5000, 10, 0, 6)];
    assert!(!resolve(&colleges, &RULES).unwrap().adopted);
    let at_least = Threshold::AtLeast(Proportion::new(1, 2).unwrap());
    assert!(resolve(&colleges, &ResolutionRules { threshold: at_least, ..RULES }).unwrap().adopted);
    assert!(!resolve(&colleges, &ResolutionRules { threshold: Threshold::Simple, ..RULES }).unwrap().adopted);
}

#[test]
fn an_absent_college_keeps_its_weight_or_leaves_it() {
    let colleges = [college(4000, 10, 6, 4), college(2000, 10, 5, 0), college(4000, 10, 0, 0)];
    let kept = resolve(&colleges, &RULES).unwrap();
    assert_eq!((ratio(&kept), kept.silent.to_string(), kept.adopted), ("11/25".to_owned(), "2/5".to_owned(), false));
    let left = ResolutionRules { silent_college: SilentCollege::Redistributed, ..RULES };
    let left = resolve(&colleges, &left).unwrap();
    assert_eq!((ratio(&left), left.silent.to_string(), left.adopted), ("11/15".to_owned(), "2/5".to_owned(), true));
    assert_eq!(left.college_shares[2], None);
    let nobody = resolve(&[college(1, 5, 0, 0)], &RULES).unwrap();
    assert_eq!((ratio(&nobody), nobody.adopted), ("none".to_owned(), false));
    assert!(!resolve(&[college(1, 0, 0, 0)], &RULES).unwrap().adopted, "a college without members");
}

#[test]
fn each_silence_has_its_own_convention() {
    let tally = ReferendumTally { favour: 4, against: 4, blank: 1, null: 1, abstain: 1 };
    let colleges = [College { weight: 1, members: 12, tally, second_round: None }];
    let with = |silence| ratio(&resolve(&colleges, &ResolutionRules { silence, ..RULES }).unwrap());
    let (favour, against) = (CountsAs::For, CountsAs::Against);
    assert_eq!(with(NOTHING), "1/2");
    assert_eq!(with(Silence { blank: favour, ..NOTHING }), "5/9");
    assert_eq!(with(Silence { null: against, ..NOTHING }), "4/9");
    assert_eq!(with(Silence { abstention: against, ..NOTHING }), "4/9");
    assert_eq!(with(Silence { absence: favour, ..NOTHING }), "5/9");
    assert_eq!(with(Silence { blank: favour, null: favour, abstention: favour, absence: favour }), "2/3");
}

/// M comme Médoc, art. 17: 60 % of all members, silence consenting; else a second round by plain majority.
#[test]
fn a_college_that_decides_nothing_votes_again_or_as_declared() {
    let majority = Proportion::new(3, 5).unwrap();
    let rules = |undecided| ResolutionRules { aggregation: Aggregation::Bloc { majority, undecided }, ..RULES };
    let split = college(1, 20, 11, 9);
    let again = |favour, against| College { second_round: Some((favour, against)), ..split };
    let shown = |college, undecided| ratio(&resolve(&[college], &rules(undecided)).unwrap());
    assert_eq!(shown(split, CountsAs::Against), "0");
    assert_eq!(shown(split, CountsAs::For), "1");
    assert_eq!(shown(split, CountsAs::Nothing), "none");
    assert_eq!(shown(again(6, 5), CountsAs::Against), "1");
    assert_eq!(shown(again(5, 6), CountsAs::For), "0");
    assert_eq!(shown(again(5, 5), CountsAs::Nothing), "none");
    assert_eq!(shown(College { second_round: Some((0, 9)), ..college(1, 20, 13, 7) }, CountsAs::Against), "1");
    assert_eq!(shown(college(1, 20, 12, 8), CountsAs::Against), "0", "60 % is not more than 60 %");
}

#[test]
fn attendance_is_asked_of_all_and_of_each_college() {
    let colleges = [college(1, 10, 9, 0), college(1, 90, 11, 0)];
    let met = |attendance, college_attendance| {
        let rules = ResolutionRules { attendance, college_attendance, ..RULES };
        let result = resolve(&colleges, &rules).unwrap();
        assert_eq!(result.adopted, result.attendance_reached);
        assert_eq!(result.participation, [(9, 10), (11, 90)]);
        result.attendance_reached
    };
    let share = |n, d| Some(Proportion::new(n, d).unwrap());
    assert!(met(None, None));
    assert!(met(share(1, 5), None));
    assert!(!met(share(21, 100), None));
    assert!(met(None, share(11, 90)));
    assert!(!met(None, share(1, 5)));
}

#[test]
fn impossible_colleges_are_refused_by_number() {
    let refused = |colleges: &[College]| resolve(colleges, &RULES).unwrap_err();
    assert_eq!(refused(&[]), CountError::NoCollege);
    assert_eq!(refused(&[college(0, 1, 1, 0)]), CountError::NoWeight { line: 1 });
    let crowded = [college(1, 5, 3, 2), college(1, 4, 3, 2)];
    assert_eq!(refused(&crowded), CountError::MoreBallotsThanMembers { line: 2, present: 5, members: 4 });
    assert_eq!(refused(&[college(1, 5, u64::MAX, 2)]), CountError::TotalTooLarge { line: 1 });
    assert_eq!(refused(&[college(u64::MAX, 5, 1, 1), college(1, 5, 1, 1)]), CountError::TotalTooLarge { line: 2 });
}

#[test]
fn the_law_refuses_some_weights() {
    assert_eq!(scic_weight_faults(&[5000, 4000, 1000]), []);
    assert_eq!(
        scic_weight_faults(&[5001, 4999]),
        [WeightFault::TooFewColleges { found: 2 }, WeightFault::OutOfRange { line: 1, weight_bp: 5001 }]
    );
    let faults = scic_weight_faults(&[5000, 4000, 999]);
    assert_eq!(faults, [WeightFault::OutOfRange { line: 3, weight_bp: 999 }, WeightFault::WrongSum { found: 9999 }]);
    assert!(faults[0].to_string().contains("art. 19 octies"));
}

proptest! {
    #[test]
    fn the_result_is_the_sum_of_shares_in_any_order(
        sizes in prop::collection::vec((1u64..5000, 0u64..50, 0u64..50, 0u64..50), 1..6),
    ) {
        let colleges: Vec<College> =
            sizes.iter().map(|&(weight, favour, against, absent)| college(weight, favour + against + absent, favour, against)).collect();
        let result = resolve(&colleges, &RULES).unwrap();
        let fraction = |n: u64, d: u64| BigRational::new(BigInt::from(n), BigInt::from(d));
        let total: u64 = sizes.iter().map(|it| it.0).sum();
        let naive: BigRational = sizes
            .iter()
            .filter(|it| it.1 + it.2 > 0)
            .map(|&(weight, favour, against, _)| fraction(weight, total) * fraction(favour, favour + against))
            .sum();
        prop_assert_eq!(&result.favour, &naive);
        prop_assert_eq!(&result.favour + &result.against + &result.silent, fraction(1, 1));
        let reversed: Vec<College> = colleges.iter().rev().copied().collect();
        let reversed = resolve(&reversed, &RULES).unwrap();
        prop_assert_eq!((reversed.ratio, reversed.adopted), (result.ratio, result.adopted));
    }
}
