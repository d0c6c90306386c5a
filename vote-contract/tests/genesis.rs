//! A genesis that cannot begin a chain says which value to mend.
#![allow(clippy::unwrap_used)]
mod support;
use support::{college, genesis, public, record};
use urne_types::{
    ChainId, PublicKey,
    bounded::List,
    genesis::{Genesis, HaltingPolicy},
    governance::{Administrator, College, RECORD_CHAIN, ValidatorRecord},
    signed::Signed,
};
use urne_vote_contract::{GenesisFault, genesis as begin};

fn fault(edit: impl FnOnce(&mut Genesis)) -> Option<GenesisFault> {
    let mut it = genesis();
    edit(&mut it);
    begin(&it).err()
}
fn validators(of: Vec<Signed<ValidatorRecord>>) -> List<Signed<ValidatorRecord>, 100> {
    List::new(of).unwrap()
}
fn edited<T: Clone, const MAX: usize>(list: &List<T, MAX>, edit: impl FnOnce(&mut Vec<T>)) -> List<T, MAX> {
    let mut items = list.to_vec();
    edit(&mut items);
    List::new(items).unwrap()
}

#[test]
fn each_fault_of_a_genesis_has_its_sentence() {
    assert_eq!(fault(|_| {}), None);
    assert_eq!(fault(|it| it.protocol_version = 9), Some(GenesisFault::Version { found: 9 }));
    assert_eq!(
        fault(|it| it.colleges = edited(&it.colleges, |them| them.swap(0, 1))),
        Some(GenesisFault::CollegeOrder(college(1)))
    );
    assert_eq!(
        fault(|it| it.colleges = edited(&it.colleges, |them| them[0].statutory_weight_bp = 2_501)),
        Some(GenesisFault::Weights(10_001))
    );
    assert_eq!(
        fault(|it| it.colleges = edited(&it.colleges, |them| drop(them.pop()))),
        Some(GenesisFault::UnknownCollege(college(4)))
    );
    let twice = Administrator { college: college(2), key: public("admin 1") };
    assert_eq!(
        fault(|it| it.administrators = edited(&it.administrators, |them| them.push(twice))),
        Some(GenesisFault::AdministratorTwice(public("admin 1")))
    );
    let mut nobodys = PublicKey([0; 32]);
    nobodys.0[0] = 1;
    assert_eq!(
        fault(|it| it.administrators = edited(&it.administrators, |them| them[0].key = nobodys)),
        Some(GenesisFault::BadKey(nobodys))
    );
    assert_eq!(
        fault(|it| it.validators = edited(&it.validators, |them| them[0].claim.key = nobodys)),
        Some(GenesisFault::BadKey(nobodys))
    );
    assert_eq!(
        fault(|it| it.parameters.approvals_needed = 1),
        Some(GenesisFault::TooFewApprovals { found: 1, least: 2 })
    );
    assert_eq!(fault(|it| it.parameters.approvals_needed = 2), None);
    assert_eq!(fault(|it| it.parameters.approvals_needed = 5), Some(GenesisFault::TooFewColleges { needed: 5 }));
    assert_eq!(fault(|it| it.parameters.missed_turns_max = 0), Some(GenesisFault::BadParameter));
    let again = record(&RECORD_CHAIN, 1, "validator 1");
    assert_eq!(
        fault(|it| it.validators = edited(&it.validators, |them| them.push(again))),
        Some(GenesisFault::ValidatorTwice(public("validator 1")))
    );
    let elsewhere = record(&ChainId([7; 32]), 1, "validator 1");
    assert_eq!(
        fault(|it| it.validators = edited(&it.validators, |them| them[0] = elsewhere)),
        Some(GenesisFault::BadValidatorRecord(public("validator 1")))
    );
}

#[test]
fn three_colleges_need_the_flag_that_admits_it() {
    let three = |it: &mut Genesis| it.validators = edited(&it.validators, |them| drop(them.pop()));
    assert!(matches!(fault(three), Some(GenesisFault::Power(_))));
    // With the flag each college needs two machines: one alone would hold a third.
    let mut it = genesis();
    it.halting = HaltingPolicy::OneCollegeMayHalt;
    let names = (1..=3_u16).flat_map(|of| [(of, "x"), (of, "y")]);
    it.validators = validators(names.map(|(of, name)| record(&RECORD_CHAIN, of, &format!("{name} {of}"))).collect());
    assert!(begin(&it).is_ok());
}

#[test]
fn a_guarantor_votes_in_no_assembly_but_weighs_in_the_agreement() {
    let mut it = genesis();
    let guarantor = College {
        id: college(5),
        name: support::text("garant"),
        statutory_weight_bp: 0,
        consensus_weight: Some(2_500),
    };
    it.colleges = edited(&it.colleges, |them| them.push(guarantor));
    it.validators = edited(&it.validators, |them| them.push(record(&RECORD_CHAIN, 5, "guarantor")));
    let (_, set) = begin(&it).unwrap();
    assert_eq!(set.members().len(), 5);
}
