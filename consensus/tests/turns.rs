//! Whose turn it is: in proportion to power, and never twice the same college when a round fails.
mod common;
use common::{id, validator};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use urne_consensus::{ProposerTable, proposer::TURNS};
use urne_types::{
    Height, Round, ValidatorId,
    validators::{ProposerDuty, Validator, ValidatorSet},
};

fn table(members: Vec<Validator>) -> ProposerTable {
    ProposerTable::new(&ValidatorSet::new(members).expect("distinct"))
}
fn turns(table: &ProposerTable, round: u32) -> BTreeMap<ValidatorId, usize> {
    let mut turns = BTreeMap::new();
    for height in 0..TURNS {
        let height = Height::new(u64::try_from(height).expect("small"));
        *turns.entry(table.proposer(height, Round::new(round))).or_insert(0) += 1;
    }
    turns
}
fn four(duties: [ProposerDuty; 4]) -> Vec<Validator> {
    (0_u8..).zip(duties).map(|(seed, duty)| Validator { duty, ..validator(seed, seed.into(), 250_000) }).collect()
}

#[test]
fn equal_colleges_take_equal_turns_one_after_the_other() {
    let table = table(four([ProposerDuty::Proposes; 4]));
    for start in 0..50 {
        let four: BTreeSet<ValidatorId> =
            (start..start + 4).map(|it| table.proposer(Height::new(it), Round::FIRST)).collect();
        assert_eq!(four.len(), 4);
    }
}

#[test]
fn an_excused_validator_has_no_turn_unless_the_others_would_be_too_few() {
    use ProposerDuty::{Excused, Proposes};
    let three = turns(&table(four([Proposes, Excused, Proposes, Proposes])), 0);
    assert!(!three.contains_key(&id(1)) && three.len() == 3, "three quarters still choose");
    let all = turns(&table(four([Proposes, Excused, Excused, Proposes])), 0);
    assert_eq!(all.len(), 4, "half of the power is too little to choose for all");
    assert_eq!(turns(&table(four([Excused; 4])), 0).len(), 4);
}

#[test]
fn a_single_college_still_changes_validator_each_round() {
    let table = table((0..5).map(|it| validator(it, 1, 200_000)).collect());
    for height in 0..100 {
        let (first, second) = (Round::FIRST, Round::new(1));
        assert_ne!(table.proposer(Height::new(height), first), table.proposer(Height::new(height), second));
    }
}

#[test]
fn a_made_up_round_costs_no_more_than_a_turn_of_the_table() {
    let table = table(four([ProposerDuty::Proposes; 4]));
    let height = Height::new(u64::MAX);
    assert!(table.proposer(height, Round::new(u32::MAX)) != ValidatorId([0; 20]));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn turns_follow_power_and_jump_to_another_college(
        colleges in prop::collection::vec((20_u64..300, 1_u8..5), 4..9)
    ) {
        let mut members = Vec::new();
        for (number, (power, size)) in (1_u16..).zip(&colleges) {
            for _ in 0..*size {
                members.push(validator(u8::try_from(members.len()).expect("few"), number, *power));
            }
        }
        let total: u64 = members.iter().map(|it| it.power.get()).sum();
        let college: BTreeMap<ValidatorId, _> = members.iter().map(|it| (it.id, it.college)).collect();
        let members_by_id: BTreeMap<ValidatorId, u64> = members.iter().map(|it| (it.id, it.power.get())).collect();
        let table = table(members);
        let counts = turns(&table, 0);
        for (who, power) in members_by_id {
            let fair = power * u64::try_from(TURNS).expect("small") / total;
            let found = u64::try_from(counts.get(&who).copied().unwrap_or(0)).expect("small");
            prop_assert!(found.abs_diff(fair) <= 3, "{found} turns where {fair} are fair");
        }
        for height in (0..5_000).step_by(7).map(Height::new) {
            for round in 0..6 {
                let now = college[&table.proposer(height, Round::new(round))];
                let next = college[&table.proposer(height, Round::new(round + 1))];
                prop_assert!(now != next, "height {}, round {}", height, round);
            }
        }
    }
}
