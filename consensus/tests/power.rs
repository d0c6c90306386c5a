//! Weights become power: by the vectors of the documentation, and by properties that hold for any colleges.
mod common;
use common::{id, key};
use proptest::prelude::*;
use std::collections::BTreeMap;
use urne_consensus::power::{Member, PowerError, PowerReport, PowerWarning, SCALE, derive_validator_set};
use urne_types::{
    CollegeId, VotingPower,
    bounded::Text,
    genesis::HaltingPolicy::{self, NoCollegeHalts, OneCollegeMayHalt},
    governance::College,
    validators::{ProposerDuty, ValidatorSet},
};

fn college(number: u16, weight: u16) -> College {
    let name = Text::new(format!("college {number}")).expect("short");
    College { id: CollegeId::new(number), name, statutory_weight_bp: weight, consensus_weight: None }
}
fn member(seed: u8, college: u16) -> Member {
    Member { key: key(seed).public(), college: CollegeId::new(college), duty: ProposerDuty::Proposes }
}
/// Colleges of these weights in percent, with two validators each.
fn derive(weights: &[u16], halting: HaltingPolicy) -> Result<ValidatorSet, PowerError> {
    let numbers = || (1_u16..).zip(weights);
    let colleges: Vec<College> = numbers().map(|(number, weight)| college(number, weight * 100)).collect();
    let seeds = numbers().flat_map(|(number, _)| [2 * number, 2 * number + 1].map(|it| (it, number)));
    let members: Vec<Member> = seeds.map(|(seed, number)| member(seed.try_into().expect("small"), number)).collect();
    derive_validator_set(&colleges, halting, &members)
}
fn powers(set: &ValidatorSet) -> Vec<u64> {
    let mut by_college = BTreeMap::new();
    for it in set.members() {
        *by_college.entry(it.college).or_insert(0) += it.power.get();
    }
    by_college.into_values().collect()
}

#[test]
fn weights_are_capped_as_documented() {
    type Vector = (&'static [u16], HaltingPolicy, Option<&'static [u64]>);
    let vectors: [Vector; 10] = [
        (&[40, 30, 20, 10], NoCollegeHalts, Some(&[300_000, 300_000, 266_667, 133_333])),
        (&[35, 25, 20, 10, 10], NoCollegeHalts, Some(&[300_000, 269_231, 215_385, 107_692, 107_692])),
        (&[25, 25, 25, 25], NoCollegeHalts, Some(&[250_000; 4])),
        (&[97, 1, 1, 1], NoCollegeHalts, Some(&[300_000, 233_334, 233_333, 233_333])),
        (&[40, 30, 20, 10], OneCollegeMayHalt, Some(&[300_000, 300_000, 266_667, 133_333])),
        (&[50, 30, 20], NoCollegeHalts, None),
        (&[50, 30, 20], OneCollegeMayHalt, Some(&[499_999, 300_001, 200_000])),
        (&[34, 33, 33], OneCollegeMayHalt, Some(&[340_000, 330_000, 330_000])),
        (&[90, 10], OneCollegeMayHalt, Some(&[500_000, 500_000])),
        (&[90, 10], NoCollegeHalts, None),
    ];
    for (weights, halting, expected) in vectors {
        let found = derive(weights, halting);
        match expected {
            Some(expected) => assert_eq!(found.as_ref().map(powers).as_deref(), Ok(expected), "{weights:?}"),
            None => assert_eq!(found, Err(PowerError::TooFewColleges { found: weights.len() }), "{weights:?}"),
        }
    }
}

#[test]
fn the_remainder_of_a_college_goes_to_its_lowest_address() {
    let colleges: Vec<College> = (1..=4).map(|it| college(it, 2_500)).collect();
    let members = [(1, 1), (2, 1), (3, 1), (4, 2), (5, 3), (6, 4)].map(|(seed, college)| member(seed, college));
    let set = derive_validator_set(&colleges, NoCollegeHalts, &members).expect("four colleges");
    let lowest = [1, 2, 3].map(id).into_iter().min().expect("three");
    let first: Vec<_> = set.members().iter().filter(|it| it.college == CollegeId::new(1)).collect();
    for it in first {
        assert_eq!(it.power, VotingPower::new(if it.id == lowest { 83_334 } else { 83_333 }));
    }
}

#[test]
fn a_college_without_validators_does_not_count() {
    let colleges: Vec<College> = (1..=5).map(|it| college(it, 2_000)).collect();
    let members = [(1, 1), (2, 2), (3, 3), (4, 4)].map(|(seed, college)| member(seed, college));
    assert_eq!(derive_validator_set(&colleges, NoCollegeHalts, &members).as_ref().map(powers), Ok(vec![250_000; 4]));
    let members = &members[..3];
    assert_eq!(derive_validator_set(&colleges, NoCollegeHalts, members), Err(PowerError::TooFewColleges { found: 3 }));
}

#[test]
fn a_guarantor_needs_a_weight_and_then_has_it() {
    let mut colleges: Vec<College> = (1..=4).map(|it| college(it, if it == 4 { 0 } else { 3_000 })).collect();
    let members = [(1, 1), (2, 2), (3, 3), (4, 4)].map(|(seed, college)| member(seed, college));
    let refused = derive_validator_set(&colleges, NoCollegeHalts, &members);
    assert_eq!(refused, Err(PowerError::NoWeight(CollegeId::new(4))));
    colleges[3].consensus_weight = Some(3_000);
    assert_eq!(derive_validator_set(&colleges, NoCollegeHalts, &members).as_ref().map(powers), Ok(vec![250_000; 4]));
}

#[test]
fn what_makes_no_set_is_refused() {
    let colleges: Vec<College> = (1..=3).map(|it| college(it, 3_000)).collect();
    let one_each = [(1, 1), (2, 2), (3, 3)].map(|(seed, college)| member(seed, college));
    let strong = derive_validator_set(&colleges, OneCollegeMayHalt, &one_each);
    assert!(matches!(strong, Err(PowerError::ValidatorTooStrong { .. })), "{strong:?}");
    assert!(matches!(derive_validator_set(&colleges, OneCollegeMayHalt, &[]), Err(PowerError::NotASet(_))));
    let stranger = derive_validator_set(&colleges, OneCollegeMayHalt, &[member(1, 9)]);
    assert_eq!(stranger, Err(PowerError::UnknownCollege(CollegeId::new(9))));
    let twice = [college(1, 100), college(1, 200)];
    let refused = derive_validator_set(&twice, OneCollegeMayHalt, &[member(1, 1)]);
    assert_eq!(refused, Err(PowerError::DuplicateCollege(CollegeId::new(1))));
    let four: Vec<College> = (1..=4).map(|it| college(it, 2_500)).collect();
    let same_key = [(1, 1), (1, 2), (2, 3), (3, 4)].map(|(seed, college)| member(seed, college));
    assert!(matches!(derive_validator_set(&four, NoCollegeHalts, &same_key), Err(PowerError::NotASet(_))));
}

#[test]
fn the_report_names_who_can_halt_and_who_can_decide() {
    let report = PowerReport::of(&derive(&[40, 30, 20, 10], NoCollegeHalts).expect("four"));
    let ids = |sets: &[&[u16]]| -> Vec<Vec<CollegeId>> {
        sets.iter().map(|it| it.iter().map(|it| CollegeId::new(*it)).collect()).collect()
    };
    assert_eq!(report.halting, ids(&[&[1, 2], &[1, 3], &[1, 4], &[2, 3], &[2, 4], &[3, 4]]));
    assert_eq!(report.deciding, ids(&[&[1, 2, 3], &[1, 2, 4], &[1, 3, 4], &[2, 3, 4]]));
    assert!(report.warnings.is_empty());
    let text = report.to_string();
    assert!(text.contains("college 3: 26.7 %, 2 validator(s)"), "{text}");
    assert!(text.contains("absent together, these colleges pause the chain: {1 2} {1 3}"), "{text}");

    let report = PowerReport::of(&derive(&[50, 30, 20], OneCollegeMayHalt).expect("the flag is set"));
    assert_eq!(report.halting, ids(&[&[1], &[2, 3]]));
    assert_eq!(report.deciding, ids(&[&[1, 2], &[1, 3]]));
    assert_eq!(report.warnings, [PowerWarning::CollegeMayHalt { college: CollegeId::new(1) }]);
}

#[test]
fn the_report_stays_short_with_many_colleges() {
    let report = PowerReport::of(&derive(&[2; 40], NoCollegeHalts).expect("forty"));
    assert_eq!(report.colleges.len(), 40);
    assert!(report.warnings.contains(&PowerWarning::SetsNotAllListed { combined: 12 }));
    assert!(report.halting.len() <= 924, "at most the sets of six among twelve");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_colleges_share_the_whole_scale_and_none_can_halt(
        weights in prop::collection::vec(1_u16..=10_000, 4..12),
        sizes in prop::collection::vec(1_u8..5, 12),
    ) {
        let colleges: Vec<College> = (1..).zip(&weights).map(|(number, weight)| college(number, *weight)).collect();
        let mut members = Vec::new();
        for (college, size) in colleges.iter().zip(&sizes) {
            for _ in 0..*size {
                members.push(member(u8::try_from(members.len()).expect("few"), college.id.get()));
            }
        }
        match derive_validator_set(&colleges, NoCollegeHalts, &members) {
            Ok(set) => {
                let powers = powers(&set);
                prop_assert_eq!(powers.iter().sum::<u64>(), SCALE);
                prop_assert!(powers.iter().all(|it| *it <= 300_000));
                for (heavy, light) in (0..weights.len()).flat_map(|a| (0..weights.len()).map(move |b| (a, b))) {
                    prop_assert!(weights[heavy] <= weights[light] || powers[light] <= powers[heavy] + 1, "order is kept");
                }
                let mut reversed = members.clone();
                reversed.reverse();
                prop_assert_eq!(derive_validator_set(&colleges, NoCollegeHalts, &reversed), Ok(set));
            }
            Err(PowerError::NotASet(_)) => {}
            Err(other) => prop_assert!(false, "{}", other),
        }
    }
}
