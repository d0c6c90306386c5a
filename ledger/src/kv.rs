//! Where the ledger keeps its bytes: ordered columns, read one by one or from a consistent snapshot, written in batches
//! that are atomic and on the disk before `write` returns. What a write refused is never tried again.
use crate::reader::Reader;
use std::{ops::ControlFlow, sync::Arc};

/// One ordered map of bytes. `docs/formats.md` tells keys and values; [`crate::records`] writes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// The tip, the chain's name, the version of this layout.
    Meta,
    /// Height to header.
    Headers,
    /// Height to the certificate we decided with.
    Certificates,
    /// Height to the whole block.
    Blocks,
    /// TxId to its place: unicity and look-up.
    TxIndex,
    /// The contract's small state, under the application hash.
    Map,
    /// The contract's point look-ups (who has voted), derived from the blocks.
    Index,
    /// Nodes and frontiers of the Merkle logs.
    Logs,
    /// Nodes of the authenticated map over [`Column::Map`].
    StateNodes,
    /// Height to the next validator set, where it differs from that height's.
    Handovers,
}

impl Column {
    /// All columns, in the order of their numbers.
    pub const ALL: [Self; 10] = [
        Self::Meta,
        Self::Headers,
        Self::Certificates,
        Self::Blocks,
        Self::TxIndex,
        Self::Map,
        Self::Index,
        Self::Logs,
        Self::StateNodes,
        Self::Handovers,
    ];
    /// Its name on disk.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Meta => "meta",
            Self::Headers => "headers",
            Self::Certificates => "certificates",
            Self::Blocks => "blocks",
            Self::TxIndex => "tx_index",
            Self::Map => "map",
            Self::Index => "index",
            Self::Logs => "logs",
            Self::StateNodes => "state_nodes",
            Self::Handovers => "handovers",
        }
    }
}

/// The disk failed us, or holds what we did not write. The node stops: it must neither retry nor guess.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The operating system or RocksDB refused.
    #[error("the data folder failed ({what}): check the disk's space and health, then start again; {detail}")]
    Disk {
        /// What we were doing.
        what: &'static str,
        /// What it answered.
        detail: String,
    },
    /// A record that we cannot read, or that should be there and is not.
    #[error("the data folder is damaged ({what}): restore a snapshot, or empty the folder and synchronise again")]
    Damaged {
        /// Which record.
        what: String,
    },
    /// Two processes on one folder would ruin it.
    #[error("the data folder {folder} is in use by another process: stop it first")]
    Locked {
        /// The folder.
        folder: String,
    },
    /// A write failed earlier: what is on the disk is unknown until the next start.
    #[error("a write to the data folder failed earlier: nothing more is written until the node starts again")]
    Stopped,
}

/// Tells a visitor of [`KvRead::scan`] each key and value.
pub type Visit<'a> = dyn FnMut(&[u8], &[u8]) -> ControlFlow<()> + 'a;

/// Reading.
pub trait KvRead {
    /// One value.
    ///
    /// # Errors
    /// [`StoreError::Disk`].
    fn get(&self, column: Column, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;
    /// Every entry whose key begins with `prefix` and is not below `from`, in the order of keys, until told to stop.
    ///
    /// # Errors
    /// [`StoreError::Disk`].
    fn scan(&self, column: Column, prefix: &[u8], from: &[u8], visit: &mut Visit<'_>) -> Result<(), StoreError>;
}

/// One write: all of it or nothing.
#[derive(Clone, Debug, Default)]
pub struct Batch(Vec<Change>);

/// One entry of a [`Batch`]: no value removes the key.
#[derive(Clone, Debug)]
pub struct Change {
    /// Where.
    pub column: Column,
    /// Key.
    pub key: Vec<u8>,
    /// New value, none to remove.
    pub value: Option<Vec<u8>>,
}

impl Batch {
    /// Sets a key.
    pub fn put(&mut self, column: Column, key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) {
        self.0.push(Change { column, key: key.into(), value: Some(value.into()) });
    }
    /// Removes a key.
    pub fn delete(&mut self, column: Column, key: impl Into<Vec<u8>>) {
        self.0.push(Change { column, key: key.into(), value: None });
    }
    /// The changes, in order.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.0
    }
    /// The changes, in order.
    #[must_use]
    pub fn into_changes(self) -> Vec<Change> {
        self.0
    }
}

/// A store. The ledger's thread owns it; other threads read through [`Kv::readers`].
pub trait Kv: KvRead + 'static {
    /// Writes all of a batch, and returns when it is safe from a power cut.
    ///
    /// # Errors
    /// [`StoreError::Disk`]: what is on the disk is then unknown; the caller stops.
    fn write(&mut self, batch: Batch) -> Result<(), StoreError>;
    /// A door for other threads.
    fn readers(&self) -> Readers;
    /// Bytes on disk, where that can be told.
    fn disk_bytes(&self) -> Option<u64>;
}

/// A store that can show one moment of itself.
pub trait Snapshots: Send + Sync {
    /// Calls `visit` once with a consistent view, which later writes do not change.
    fn with_snapshot(&self, visit: &mut dyn FnMut(&dyn KvRead));
}

/// A door for other threads (HTTP, metrics): cheap to clone, each [`Readers::read`] sees one consistent moment.
#[derive(Clone)]
pub struct Readers(Arc<dyn Snapshots>);

impl Readers {
    /// Opens the door of a store.
    pub fn new(store: Arc<dyn Snapshots>) -> Self {
        Self(store)
    }
    /// Reads from one moment of the store. Blocking: call it from a thread that may wait for the disk.
    pub fn read<T>(&self, read: impl FnOnce(&Reader<'_>) -> T) -> T {
        let (mut read, mut answer) = (Some(read), None);
        self.0.with_snapshot(&mut |kv| {
            if let Some(read) = read.take() {
                answer = Some(read(&Reader::new(kv)));
            }
        });
        answer.expect("a store shows its snapshot once")
    }
}
impl std::fmt::Debug for Readers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Readers")
    }
}
