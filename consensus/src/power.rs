//! From statutory weights to voting power: what each college and each validator weighs in the agreement. The same
//! integers on every machine, and, unless genesis admits it, no college that could halt the chain alone.
//!
//! # The algorithm
//! Only colleges with at least one member count. Each starts with its weight: `consensus_weight`, or else the statutory
//! one. The scale is [`SCALE`] = 1,000,000. Water is poured in proportion to the weights, and no glass may overflow:
//!
//! 1. `rest = SCALE`, and every college is open.
//! 2. Among the open colleges, each would get `rest * weight / sum of open weights`. Those that would get more than the
//!    cap get the cap exactly, are closed, and what they got leaves `rest`. Repeat until none overflows.
//! 3. The open colleges get that share rounded down; the units that rounding left go one by one to the open colleges
//!    below the cap, in order of their numbers.
//! 4. A college's power is split equally among its members; what the division leaves goes to the lowest validator id.
//!
//! # The cap
//! 30 % ([`CAP`]) with four colleges or more: an absent college leaves 70 %, a quorum, and a Byzantine one stays below
//! the third that safety tolerates. Fewer colleges cannot all stay below a third: they are refused, unless genesis says
//! [`HaltingPolicy::OneCollegeMayHalt`]. Then the cap is what keeps any college from outweighing all others together:
//! 499,999 with three colleges, 500,000 with two; one college alone has everything.
//!
//! | weights | power, in % |
//! |---|---|
//! | 40/30/20/10 | 30/30/26.7/13.3 |
//! | 35/25/20/10/10 | 30/26.9/21.5/10.8/10.8 |
//! | 50/30/20 | refused; with the flag 49.9999/30.0001/20 |
//!
//! One validator at a third or more is refused under either policy: a machine fails more often than a college.
mod report;
mod rule;

pub use report::{COLLEGES_COMBINED_MAX, CollegeShare, PowerReport, PowerWarning};
pub use rule::judge_set;

use std::collections::BTreeMap;
use urne_types::{
    CollegeId, PublicKey, ValidatorId, VotingPower,
    genesis::HaltingPolicy,
    governance::College,
    validators::{NotASet, ProposerDuty, Validator, ValidatorSet},
};

/// The power of a whole set. Small, so that thrice a power never overflows anywhere.
pub const SCALE: u64 = 1_000_000;
/// The most that one of four or more colleges may hold: 30 %.
pub const CAP: u64 = 300_000;

/// An active validator: one that precommits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its consensus key.
    pub key: PublicKey,
    /// The college that runs it.
    pub college: CollegeId,
    /// Whether it takes its turn at proposing.
    pub duty: ProposerDuty,
}

/// Why these colleges and members make no validator set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PowerError {
    /// A guarantor college must say what it weighs in the agreement.
    #[error("college {0} has no statutory weight: give it a consensus_weight")]
    NoWeight(CollegeId),
    /// A validator of a college that does not exist.
    #[error("a validator belongs to college {0}, which does not exist")]
    UnknownCollege(CollegeId),
    /// The same number twice.
    #[error("college {0} is declared twice")]
    DuplicateCollege(CollegeId),
    /// Fewer than four colleges cannot all stay below a third.
    #[error(
        "only {found} colleges run validators, so that each absent one could halt the chain: \
         four are needed, or halting = \"one_college_may_halt\" in genesis"
    )]
    TooFewColleges {
        /// Colleges that run at least one validator.
        found: usize,
    },
    /// One college could halt the chain, or outweigh all others together.
    #[error("college {college} holds {power} of {total}, more than one college may")]
    CollegeTooStrong {
        /// Which.
        college: CollegeId,
        /// What it holds.
        power: VotingPower,
        /// What all hold.
        total: VotingPower,
    },
    /// One machine could halt the chain.
    #[error("validator {validator} would hold {power} of {SCALE}, a third or more: its college needs more validators")]
    ValidatorTooStrong {
        /// Which.
        validator: ValidatorId,
        /// What it would hold.
        power: VotingPower,
    },
    /// Nobody, too many, the same key twice, or so many in one small college that one would weigh nothing.
    #[error(transparent)]
    NotASet(#[from] NotASet),
}

/// The validator set of these colleges and active members.
///
/// # Errors
/// [`PowerError`].
pub fn derive_validator_set(
    colleges: &[College],
    halting: HaltingPolicy,
    members: &[Member],
) -> Result<ValidatorSet, PowerError> {
    let powers = pour(&weights(colleges, members)?, halting)?;
    let mut validators = Vec::with_capacity(members.len());
    for (college, power) in powers {
        split(college, power, members, &mut validators);
    }
    let set = ValidatorSet::new(validators)?;
    match set.members().iter().find(|it| SCALE <= 3 * it.power.get()) {
        Some(it) => Err(PowerError::ValidatorTooStrong { validator: it.id, power: it.power }),
        None => Ok(set),
    }
}

/// The weight of each college that runs a validator.
fn weights(colleges: &[College], members: &[Member]) -> Result<BTreeMap<CollegeId, u64>, PowerError> {
    let mut declared = BTreeMap::new();
    for college in colleges {
        let weight = college.consensus_weight.unwrap_or(u32::from(college.statutory_weight_bp));
        if declared.insert(college.id, u64::from(weight)).is_some() {
            return Err(PowerError::DuplicateCollege(college.id));
        }
    }
    let mut present = BTreeMap::new();
    for member in members {
        match declared.get(&member.college) {
            None => return Err(PowerError::UnknownCollege(member.college)),
            Some(0) => return Err(PowerError::NoWeight(member.college)),
            Some(weight) => present.insert(member.college, *weight),
        };
    }
    Ok(present)
}

fn cap(colleges: usize, halting: HaltingPolicy) -> Result<u64, PowerError> {
    match (colleges, halting) {
        (0, _) => Err(NotASet::Empty.into()),
        (4.., _) => Ok(CAP),
        (found, HaltingPolicy::NoCollegeHalts) => Err(PowerError::TooFewColleges { found }),
        (3, HaltingPolicy::OneCollegeMayHalt) => Ok(SCALE / 2 - 1),
        (2, HaltingPolicy::OneCollegeMayHalt) => Ok(SCALE / 2),
        (1, HaltingPolicy::OneCollegeMayHalt) => Ok(SCALE),
    }
}

/// Steps 1 to 3 above.
fn pour(weights: &BTreeMap<CollegeId, u64>, halting: HaltingPolicy) -> Result<BTreeMap<CollegeId, u64>, PowerError> {
    let cap = cap(weights.len(), halting)?;
    let mut powers = BTreeMap::new();
    let mut open = weights.clone();
    let mut rest = SCALE;
    loop {
        let sum: u64 = open.values().sum();
        let overflowing: Vec<CollegeId> =
            open.iter().filter(|(_, weight)| cap * sum < rest * **weight).map(|(id, _)| *id).collect();
        if overflowing.is_empty() {
            break;
        }
        for id in overflowing {
            open.remove(&id);
            powers.insert(id, cap);
            rest -= cap;
        }
    }
    let sum: u64 = open.values().sum();
    let mut left = rest;
    for (id, weight) in &open {
        let share = rest * weight / sum;
        left -= share;
        powers.insert(*id, share);
    }
    for id in open.keys() {
        let power = powers.entry(*id).or_default();
        if 0 < left && *power < cap {
            *power += 1;
            left -= 1;
        }
    }
    Ok(powers)
}

/// Step 4 above.
fn split(college: CollegeId, power: u64, members: &[Member], validators: &mut Vec<Validator>) {
    let mut own: Vec<&Member> = members.iter().filter(|it| it.college == college).collect();
    own.sort_by_key(|it| ValidatorId::of(&it.key));
    let n = u64::try_from(own.len()).expect("a list of validators fits in memory");
    for (at, member) in own.into_iter().enumerate() {
        let remainder = if at == 0 { power % n } else { 0 };
        validators.push(Validator {
            id: ValidatorId::of(&member.key),
            key: member.key,
            college,
            power: VotingPower::new(power / n + remainder),
            duty: member.duty,
        });
    }
}
