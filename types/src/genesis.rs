//! What everyone must agree on before the first block. Its canonical hash is the chain's name: two operators whose files
//! differ in one value are on two chains.
use crate::{
    ChainId, UnixMs,
    bounded::{List, Text},
    codec::encode,
    governance::{Administrator, College, Parameters, ValidatorRecord},
    hash::hash,
    limits::{ADMINISTRATORS_MAX, COLLEGES_MAX, NAME_BYTES_MAX, VALIDATORS_MAX},
    signed::Signed,
};
use bincode::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// The version of the protocol that this code follows.
pub const PROTOCOL_VERSION: u16 = 1;

/// Whether the chain may stop because one college is absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HaltingPolicy {
    /// Every college stays below a third of the power: four colleges or more.
    NoCollegeHalts,
    /// Admitted: one absent college may pause the chain. Printed at every start.
    OneCollegeMayHalt,
}

/// The beginning of a chain.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Genesis {
    /// Version of the protocol at the first height.
    pub protocol_version: u16,
    /// As printed.
    pub name: Text<NAME_BYTES_MAX>,
    /// No block is earlier.
    pub time: UnixMs,
    /// Whether one college may halt the chain.
    pub halting: HaltingPolicy,
    /// Settings.
    pub parameters: Parameters,
    /// Colleges, by number.
    pub colleges: List<College, COLLEGES_MAX>,
    /// Administrators.
    pub administrators: List<Administrator, ADMINISTRATORS_MAX>,
    /// First validators, each record signed with its consensus key for [`crate::governance::RECORD_CHAIN`].
    pub validators: List<Signed<ValidatorRecord>, VALIDATORS_MAX>,
}

impl Genesis {
    /// The chain's name.
    #[must_use]
    pub fn chain_id(&self) -> ChainId {
        ChainId(hash("urne.v1 genesis", &encode(self)))
    }
}
