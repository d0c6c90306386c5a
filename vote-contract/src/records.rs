//! What the state remembers: one record a key (`keys.rs` says where). Their encoding is frozen by `tests/golden.rs`.
mod census;
mod election;
mod governance;
mod validator;

pub use census::*;
pub use election::*;
pub use governance::*;
pub use validator::*;

use serde::{Deserialize, Serialize};
use urne_types::{
    Height, UnixMs,
    bounded::Text,
    codec::{Decode, Encode},
    genesis::HaltingPolicy,
    limits::NAME_BYTES_MAX,
};

/// A place in the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct Moment {
    /// The block.
    pub height: Height,
    /// Its time.
    pub time: UnixMs,
}

/// What genesis fixed for ever.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct ChainRecord {
    /// Version of the protocol at the first height.
    pub protocol_version: u16,
    /// As printed.
    pub name: Text<NAME_BYTES_MAX>,
    /// No block is earlier.
    pub time: UnixMs,
    /// Whether one college may halt the chain.
    pub halting: HaltingPolicy,
}
