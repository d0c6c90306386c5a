//! The consensus members of one height: who they are, what each one weighs, and what a quorum is.
use crate::{
    CollegeId, PublicKey, ValidatorId, VotingPower,
    bounded::List,
    codec::encode,
    hash::{hash, hash_parts},
    limits::{VALIDATORS_MAX, VOTING_POWER_MAX},
};
use bincode::{Decode, Encode};
use serde::{Deserialize, Serialize};

impl ValidatorId {
    /// The name of a consensus key.
    #[must_use]
    pub fn of(key: &PublicKey) -> Self {
        let digest = hash_parts("urne.v1 validator id", &[&key.0]);
        Self(*digest.first_chunk().expect("a digest is longer than a name"))
    }
}

/// Whether a validator takes its turn at proposing blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProposerDuty {
    /// In the proposer table.
    Proposes,
    /// Out of the table, for absence or because its suspension is pending; its precommits still count.
    Excused,
}

/// One consensus member.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
pub struct Validator {
    /// Hash of the key.
    pub id: ValidatorId,
    /// Consensus key.
    pub key: PublicKey,
    /// The college that runs it.
    pub college: CollegeId,
    /// Its weight in quorums.
    pub power: VotingPower,
    /// Whether it proposes.
    pub duty: ProposerDuty,
}

/// The members of one height, by id. Invariants, checked by [`ValidatorSet::new`] and by [`ValidatorSet::is_sound`] on
/// what was decoded: at least one member, ids strictly increasing and derived from the keys, every power positive, and
/// the sum of all at most [`VOTING_POWER_MAX`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
pub struct ValidatorSet {
    members: List<Validator, VALIDATORS_MAX>,
}

/// A list of validators that is not a set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotASet {
    /// Nobody would agree with nobody.
    #[error("a validator set needs at least one validator")]
    Empty,
    /// Above [`VALIDATORS_MAX`].
    #[error("{0} validators where at most {VALIDATORS_MAX} are allowed")]
    TooMany(usize),
    /// The same key twice.
    #[error("validator {0} appears twice")]
    Duplicate(ValidatorId),
    /// All together above [`VOTING_POWER_MAX`].
    #[error("the validators' power is more than {VOTING_POWER_MAX} in all")]
    TooPowerful,
    /// Power 0 or an id that is not the key's.
    #[error("validator {0} has no power or another key's id")]
    Unsound(ValidatorId),
}

impl ValidatorSet {
    /// Sorts and checks.
    ///
    /// # Errors
    /// [`NotASet`].
    pub fn new(mut members: Vec<Validator>) -> Result<Self, NotASet> {
        members.sort_by_key(|it| it.id);
        if let Some(pair) = members.windows(2).find(|pair| pair[0].id == pair[1].id) {
            return Err(NotASet::Duplicate(pair[0].id));
        }
        if let Some(one) = members.iter().find(|it| it.power.get() == 0 || it.id != ValidatorId::of(&it.key)) {
            return Err(NotASet::Unsound(one.id));
        }
        if members.is_empty() {
            return Err(NotASet::Empty);
        }
        let total = members.iter().try_fold(0_u64, |sum, it| sum.checked_add(it.power.get()));
        if total.is_none_or(|it| VOTING_POWER_MAX < it) {
            return Err(NotASet::TooPowerful);
        }
        let n = members.len();
        List::new(members).map(|members| Self { members }).map_err(|_| NotASet::TooMany(n))
    }
    /// Whether a decoded set keeps the invariants.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        Self::new(self.members.to_vec()).is_ok_and(|it| it == *self)
    }
    /// The members, by id.
    #[must_use]
    pub fn members(&self) -> &[Validator] {
        &self.members
    }
    /// One member.
    #[must_use]
    pub fn get(&self, id: &ValidatorId) -> Option<&Validator> {
        let at = self.members.binary_search_by_key(id, |it| it.id).ok()?;
        self.members.get(at)
    }
    /// The power of all.
    #[must_use]
    pub fn total(&self) -> VotingPower {
        VotingPower::new(self.members.iter().map(|it| it.power.get()).sum())
    }
    /// The power of some.
    #[must_use]
    pub fn power_of<'a>(&self, ids: impl IntoIterator<Item = &'a ValidatorId>) -> VotingPower {
        VotingPower::new(ids.into_iter().filter_map(|id| self.get(id)).map(|it| it.power.get()).sum())
    }
    /// Strictly more than two thirds: two quorums share a third of the power, hence an honest member.
    #[must_use]
    pub fn is_quorum(&self, power: VotingPower) -> bool {
        2 * u128::from(self.total().get()) < 3 * u128::from(power.get())
    }
    /// The least power that is a quorum.
    #[must_use]
    pub fn quorum(&self) -> VotingPower {
        VotingPower::new(2 * self.total().get() / 3 + 1)
    }
    /// What headers commit to.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        hash("urne.v1 validator set", &encode(self))
    }
}
