//! A list of validators is a set only within its bounds, decoded or made.
#![allow(missing_docs)] // a test
mod support;

use support::key;
use urne_types::{
    CollegeId, ValidatorId, VotingPower,
    codec::{decode_canonical, encode},
    limits::VOTING_POWER_MAX,
    validators::{NotASet, ProposerDuty, Validator, ValidatorSet},
};

fn with_power(n: u8, power: u64) -> Validator {
    let key = key(n).public();
    let (id, college) = (ValidatorId::of(&key), CollegeId::new(n.into()));
    Validator { id, key, college, power: VotingPower::new(power), duty: ProposerDuty::Proposes }
}

#[test]
fn the_power_of_all_is_bounded_so_that_no_quorum_overflows() {
    let most = ValidatorSet::new(vec![with_power(1, VOTING_POWER_MAX - 1), with_power(2, 1)]).expect("just the bound");
    assert!(most.is_quorum(most.quorum()) && most.is_quorum(most.total()));
    for powers in [[VOTING_POWER_MAX, 1], [u64::MAX, u64::MAX], [u64::MAX / 2, 1]] {
        let set = ValidatorSet::new(vec![with_power(1, powers[0]), with_power(2, powers[1])]);
        assert_eq!(set, Err(NotASet::TooPowerful), "{powers:?}");
    }
}

#[test]
fn a_decoded_set_with_too_much_power_is_not_sound() {
    // Found by fuzzing: two thirds of it did not fit 64 bits.
    let sound = ValidatorSet::new(vec![with_power(1, 1)]).expect("a set");
    let mut bytes = encode(&sound);
    let one = bytes.windows(8).rposition(|it| it == 1_u64.to_le_bytes()).expect("the power");
    bytes[one + 7] = 0xff;
    let decoded: ValidatorSet = decode_canonical(&bytes, 1 << 16).expect("it decodes");
    assert!(sound.is_sound() && !decoded.is_sound());
}
