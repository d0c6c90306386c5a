//! Censuses: who is on them, and how far each attempt to bring one is.
use crate::result::Count;
use serde::Serialize;
use urne_types::{
    CensusId, CollegeId, PublicKey,
    codec::{Decode, Encode},
    election::{CensusCommitment, CensusEntry},
    hash::hash_parts,
    merkle::Frontier,
};

/// How far a census is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "urne_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum CensusState {
    /// Parts are missing.
    Incomplete,
    /// Every entry is there, under the root it commits to.
    Complete,
    /// The colleges have adopted it: it may serve in elections.
    Adopted,
}

/// A census on its way, or complete.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct CensusRecord {
    /// What it commits to.
    pub commitment: CensusCommitment,
    /// How far it is.
    pub state: CensusState,
    /// The attempt that completed it, once one did: its entries are the census.
    pub entries: Option<AttemptId>,
    /// What its keys are.
    pub keys: EntryKeys,
}

/// What every entry of a census is. The same 32 bytes may be both kinds of key; a salted commitment is most often neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct EntryKeys {
    /// Ed25519 keys of members, who sign open ballots with them.
    pub members: bool,
    /// Credentials (ristretto255), which sign sealed ballots.
    pub credentials: bool,
}
impl EntryKeys {
    /// Of no key yet.
    pub const ANY: Self = Self { members: true, credentials: true };
}

/// Names one attempt of one key at one census, and where its entries are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct AttemptId(pub [u8; 32]);
impl AttemptId {
    /// The attempt of that number.
    #[must_use]
    pub fn of(census: &CensusId, by: &PublicKey, attempt: u64) -> Self {
        Self(hash_parts("urne.v1 census attempt", &[&census.0, &by.0, &attempt.to_le_bytes()]))
    }
}
impl std::fmt::Display for AttemptId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
impl Serialize for AttemptId {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

/// A census that one key is bringing. Nobody else's parts touch it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct CensusAttempt {
    /// As the sender numbers it.
    pub attempt: u64,
    /// The entries so far, as a Merkle log.
    pub brought: Frontier,
    /// The last entry so far.
    pub last: Option<CensusEntry>,
    /// What the keys so far are.
    pub keys: EntryKeys,
}

/// An attempt with its author, for readers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct NamedAttempt {
    /// Who brings it.
    pub by: PublicKey,
    /// As she numbers it.
    pub attempt: Count,
    /// Entries so far.
    pub brought: Count,
}

/// An entry of a census, for readers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct CollegeTotal {
    /// The college.
    pub college: CollegeId,
    /// Its members.
    pub members: Count,
}
