//! The ledger's own records and their keys: the one place that says how a column is laid out (`docs/formats.md`). Heights
//! and indices are big-endian in keys, so that byte order is their order; values are canonical.
use crate::kv::{Column, KvRead, StoreError};
use urne_types::{
    AppHash, BlockHash, Height, TxId, UnixMs,
    certificate::CommitCertificate,
    codec::{Decode, Encode, decode_record, encode},
    validators::ValidatorSet,
};

/// Version of the layout of the columns. A folder of another version is refused, never guessed at.
pub const LAYOUT_VERSION: u32 = 1;

/// Key of [`LAYOUT_VERSION`] in [`Column::Meta`].
pub(crate) const LAYOUT_KEY: &[u8] = b"layout";
/// Key of the chain id in [`Column::Meta`].
pub(crate) const CHAIN_KEY: &[u8] = b"chain";
/// Key of the [`Tip`] in [`Column::Meta`].
pub(crate) const TIP_KEY: &[u8] = b"tip";

/// Where the chain stands: the last committed block, and who decides what follows.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct Tip {
    /// Height of the last committed block; 0 before the first.
    pub height: Height,
    /// That block; zeroes before the first.
    pub block: BlockHash,
    /// Its time; the genesis' before the first.
    pub time: UnixMs,
    /// The state after it.
    pub app_hash: AppHash,
    /// Version of the authenticated map: how many times it changed since genesis.
    pub state_version: u64,
    /// The set that decided it; the genesis' before the first.
    pub decided_by: ValidatorSet,
    /// The set that decides the next height.
    pub validators: ValidatorSet,
    /// The set that decides the height after the next.
    pub next_validators: ValidatorSet,
    /// The certificate with which we committed it; none before the first.
    pub certificate: Option<CommitCertificate>,
}

/// Where a transaction is, as [`Column::TxIndex`] tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct TxPlace {
    /// The block that holds it.
    pub height: Height,
    /// Its position in that block, from 0.
    pub position: u32,
    /// Its index in its election's log, for a ballot.
    pub log_index: Option<u64>,
}

/// A leaf of a log and the transaction that brought it, as [`Column::Logs`] tells at level 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
pub(crate) struct LeafRecord {
    pub(crate) hash: urne_types::MerkleRoot,
    pub(crate) source: Option<LeafSource>,
}

/// The transaction behind a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct LeafSource {
    /// Its name, which is the voter's tracker.
    pub tx_id: TxId,
    /// The block that holds it.
    pub height: Height,
    /// Its position in that block, from 0.
    pub position: u32,
}

/// The key of a height.
pub(crate) fn height_key(height: Height) -> [u8; 8] {
    height.get().to_be_bytes()
}

/// Reads one record of ours.
pub(crate) fn load<T: Decode<()> + Encode>(
    kv: &dyn KvRead,
    column: Column,
    key: &[u8],
) -> Result<Option<T>, StoreError> {
    kv.get(column, key)?.map(|bytes| decode(column, &bytes)).transpose()
}

/// Decodes a record that we wrote: anything else means damage.
pub(crate) fn decode<T: Decode<()> + Encode>(column: Column, bytes: &[u8]) -> Result<T, StoreError> {
    decode_record(bytes)
        .map_err(|e| StoreError::Damaged { what: format!("a record of '{}' is unreadable: {e}", column.name()) })
}

/// Damage: a record that must be there is not.
pub(crate) fn missing(what: impl std::fmt::Display) -> StoreError {
    StoreError::Damaged { what: format!("{what} is missing") }
}

/// The canonical bytes of the layout version.
pub(crate) fn layout_bytes() -> Vec<u8> {
    encode(&LAYOUT_VERSION)
}
