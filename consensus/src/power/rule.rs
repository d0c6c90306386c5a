//! The rule of the colleges as anyone can check it who holds a set of validators and knows the genesis, without the weights
//! that led to it. In a set that keeps it, more than two thirds of the power are always several colleges.
use super::{PowerError, SCALE, cap};
use std::collections::BTreeMap;
use urne_types::{CollegeId, VotingPower, genesis::HaltingPolicy, validators::ValidatorSet};

/// Whether no college of this set holds more than the cap, and no validator a third: with four colleges or more, a quorum
/// is then at least three of them.
///
/// # Errors
/// [`PowerError::TooFewColleges`], [`PowerError::CollegeTooStrong`], [`PowerError::ValidatorTooStrong`],
/// [`PowerError::NotASet`].
pub fn judge_set(set: &ValidatorSet, halting: HaltingPolicy) -> Result<(), PowerError> {
    // What was decoded has not been through the door yet.
    let set = ValidatorSet::new(set.members().to_vec())?;
    let total = set.total();
    let mut colleges: BTreeMap<CollegeId, u64> = BTreeMap::new();
    for member in set.members() {
        *colleges.entry(member.college).or_default() += member.power.get();
    }
    let cap = cap(colleges.len(), halting)?;
    let is_above = |power: u64| u128::from(cap) * u128::from(total.get()) < u128::from(SCALE) * u128::from(power);
    if let Some((college, power)) = colleges.into_iter().find(|(_, power)| is_above(*power)) {
        return Err(PowerError::CollegeTooStrong { college, power: VotingPower::new(power), total });
    }
    let is_third = |power: u64| u128::from(total.get()) <= 3 * u128::from(power);
    match set.members().iter().find(|it| is_third(it.power.get())) {
        Some(it) => Err(PowerError::ValidatorTooStrong { validator: it.id, power: it.power }),
        None => Ok(()),
    }
}
