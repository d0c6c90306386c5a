//! Names and numbers of the chain. None of them converts silently into another.
use crate::newtype::{bytes_newtype, u64_newtype};
use serde::{Deserialize, Serialize};

u64_newtype! {
    /// Position of a block in the chain; the first block is 1, and 0 is the state that genesis describes.
    Height
}
u64_newtype! {
    /// Weight of a validator in the Byzantine agreement, on a scale where the whole set is about 10^6.
    VotingPower
}
bytes_newtype! {
    /// A validator: the first 20 bytes of the hash of its consensus key.
    ValidatorId, 20
}
bytes_newtype! {
    /// A node on the network: the Ed25519 public key of its libp2p identity.
    NodeId, 32
}

impl Height {
    /// Before any block.
    pub const GENESIS: Self = Self::new(0);
    /// The first block.
    pub const FIRST: Self = Self::new(1);
    /// The height after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self::new(self.get().checked_add(1).expect("2^64 blocks outlive us all"))
    }
    /// The height before this one, none before genesis.
    #[must_use]
    pub fn previous(self) -> Option<Self> {
        self.get().checked_sub(1).map(Self::new)
    }
}

/// Attempt to agree within a height; the first is 0.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    bincode::Encode,
    bincode::Decode,
    Serialize,
    Deserialize,
)]
#[serde(transparent)]
pub struct Round(u32);
impl Round {
    /// The first attempt.
    pub const FIRST: Self = Self(0);
    /// Names a number.
    #[must_use]
    pub const fn new(value: u32) -> Self {
        Self(value)
    }
    /// The number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}
impl std::fmt::Display for Round {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A governance college, numbered by genesis.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, bincode::Encode, bincode::Decode, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct CollegeId(u16);
impl CollegeId {
    /// Names a number.
    #[must_use]
    pub const fn new(value: u16) -> Self {
        Self(value)
    }
    /// The number.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }
}
impl std::fmt::Display for CollegeId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
