//! Columns in RocksDB: one column family each, one synced write-ahead log for all, so that a batch is atomic and durable.
//! Sized for a validator under 100 MB of memory. An error of the disk is told, never retried.
use crate::kv::{Batch, Column, Kv, KvRead, Readers, Snapshots, StoreError, Visit};
use rocksdb::{
    BlockBasedOptions, Cache, ColumnFamily, ColumnFamilyDescriptor, DB, DBRawIterator, DBRecoveryMode, ErrorKind,
    LogLevel, Options, ReadOptions, Snapshot, WriteBatch, WriteOptions, checkpoint::Checkpoint,
};
use std::{ops::ControlFlow, path::Path, sync::Arc};

/// Cache of read blocks, indices and filters, for all columns.
const CACHE_BYTES: usize = 12 << 20;
/// All memory tables together; the fullest is flushed when they reach it.
const WRITE_BUFFERS_BYTES: usize = 16 << 20;
/// One memory table of a large column: two at most (one being flushed), within the bound for all.
const WRITE_BUFFER_BYTES: usize = 4 << 20;
/// Files kept open. Each costs a few KiB; the limit of a process is often 1,024.
const OPEN_FILES_MAX: i32 = 256;
/// Write-ahead logs are recycled by flushing beyond this: what a start replays at most.
const LOG_BYTES_MAX: u64 = 64 << 20;
/// A block above this lies in a file of its own kind, which compaction does not copy again and again.
const BLOB_BYTES_MIN: u64 = 2 << 10;
/// Bits of a Bloom filter per key: 1 % of the look-ups of absent keys touch the disk.
const BLOOM_BITS: f64 = 10.0;
/// The same for keys still in memory, as a share of the memory table: 4 MiB hold about 25,000 entries, 5 % are 64 bits each.
const MEMORY_BLOOM_SHARE: f64 = 0.05;

/// Columns in RocksDB.
#[derive(Clone)]
pub struct RocksKv {
    db: Arc<DB>,
    durability: Durability,
}

/// Whether a write survives a power cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Durability {
    /// A node's ledger.
    Synced,
    /// Thrown away after use.
    Scratch,
}

impl RocksKv {
    /// Opens a folder, or makes it.
    ///
    /// # Errors
    /// [`StoreError::Locked`] when another process uses it, [`StoreError::Disk`], [`StoreError::Damaged`].
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        Self::open_as(folder, Durability::Synced)
    }
    /// Opens a folder for a store that is thrown away after use: its writes are not synced. Never for a node's ledger.
    ///
    /// # Errors
    /// As [`RocksKv::open`].
    pub fn open_scratch(folder: &Path) -> Result<Self, StoreError> {
        Self::open_as(folder, Durability::Scratch)
    }
    fn open_as(folder: &Path, durability: Durability) -> Result<Self, StoreError> {
        let cache = Cache::new_lru_cache(CACHE_BYTES);
        let families =
            Column::ALL.map(|column| ColumnFamilyDescriptor::new(column.name(), family_options(column, &cache)));
        let db = DB::open_cf_descriptors(&database_options(), folder, families).map_err(|e| {
            let text = e.to_string();
            if text.contains("lock") && e.kind() == ErrorKind::IOError {
                StoreError::Locked { folder: folder.display().to_string() }
            } else {
                failed("opening the ledger")(e)
            }
        })?;
        Ok(Self { db: Arc::new(db), durability })
    }
    /// Makes a copy of this moment in a new folder: hard links where the disk allows, so cheap and small.
    ///
    /// # Errors
    /// [`StoreError::Disk`].
    pub fn checkpoint(&self, folder: &Path) -> Result<(), StoreError> {
        let failed = failed("making a snapshot");
        Checkpoint::new(&self.db).and_then(|it| it.create_checkpoint(folder)).map_err(failed)
    }
}

fn database_options() -> Options {
    let mut options = Options::default();
    options.create_if_missing(true);
    options.create_missing_column_families(true);
    // A record torn by a crash was never acknowledged and is dropped; damage before the end stops us.
    options.set_wal_recovery_mode(DBRecoveryMode::TolerateCorruptedTailRecords);
    options.set_max_open_files(OPEN_FILES_MAX);
    options.set_db_write_buffer_size(WRITE_BUFFERS_BYTES);
    options.set_max_total_wal_size(LOG_BYTES_MAX);
    options.set_max_background_jobs(2);
    options.set_bytes_per_sync(1 << 20);
    options.set_keep_log_file_num(4);
    options.set_log_level(LogLevel::Warn);
    options
}

fn family_options(column: Column, cache: &Cache) -> Options {
    let mut table = BlockBasedOptions::default();
    table.set_block_cache(cache);
    table.set_block_size(8 << 10);
    table.set_cache_index_and_filter_blocks(true);
    table.set_pin_l0_filter_and_index_blocks_in_cache(true);
    table.set_format_version(5);
    let mut options = Options::default();
    match column {
        // Asked for keys that are mostly absent: is this ballot new, is this member suspended?
        Column::TxIndex | Column::Index | Column::Map => {
            table.set_bloom_filter(BLOOM_BITS, false);
            options.set_memtable_prefix_bloom_ratio(MEMORY_BLOOM_SHARE);
            options.set_memtable_whole_key_filtering(true);
            options.set_write_buffer_size(if column == Column::Map {
                WRITE_BUFFER_BYTES / 4
            } else {
                WRITE_BUFFER_BYTES
            });
        }
        Column::Blocks => {
            options.set_enable_blob_files(true);
            options.set_min_blob_size(BLOB_BYTES_MIN);
            options.set_write_buffer_size(WRITE_BUFFER_BYTES);
        }
        Column::Logs => options.set_write_buffer_size(WRITE_BUFFER_BYTES),
        _ => options.set_write_buffer_size(WRITE_BUFFER_BYTES / 4),
    }
    options.set_block_based_table_factory(&table);
    options
}

fn failed(what: &'static str) -> impl Fn(rocksdb::Error) -> StoreError {
    move |e| match e.kind() {
        ErrorKind::Corruption => StoreError::Damaged { what: format!("{what}: {e}") },
        _ => StoreError::Disk { what, detail: e.to_string() },
    }
}

fn family(db: &DB, column: Column) -> &ColumnFamily {
    db.cf_handle(column.name()).expect("every column was opened")
}

/// The least key above every key with that prefix; none when there is no such key.
fn after_prefix(prefix: &[u8]) -> Option<Vec<u8>> {
    let keep = prefix.iter().rposition(|byte| *byte != u8::MAX)?;
    let mut bound = prefix.get(..=keep)?.to_vec();
    *bound.last_mut()? += 1;
    Some(bound)
}

fn bounded(prefix: &[u8]) -> ReadOptions {
    let mut options = ReadOptions::default();
    if let Some(bound) = after_prefix(prefix) {
        options.set_iterate_upper_bound(bound);
    }
    options
}

fn walk(
    mut entries: DBRawIterator<'_>,
    prefix: &[u8],
    from: &[u8],
    visit: &mut Visit<'_>,
) -> Result<(), rocksdb::Error> {
    entries.seek(prefix.max(from));
    while let Some((key, value)) = entries.item() {
        if visit(key, value) == ControlFlow::Break(()) {
            break;
        }
        entries.next();
    }
    entries.status()
}

impl KvRead for RocksKv {
    fn get(&self, column: Column, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.db.get_cf(family(&self.db, column), key).map_err(failed("reading"))
    }
    fn scan(&self, column: Column, prefix: &[u8], from: &[u8], visit: &mut Visit<'_>) -> Result<(), StoreError> {
        let entries = self.db.raw_iterator_cf_opt(family(&self.db, column), bounded(prefix));
        walk(entries, prefix, from, visit).map_err(failed("reading"))
    }
}

impl Kv for RocksKv {
    fn write(&mut self, batch: Batch) -> Result<(), StoreError> {
        let mut all = WriteBatch::default();
        for change in batch.changes() {
            let family = family(&self.db, change.column);
            match &change.value {
                Some(value) => all.put_cf(family, &change.key, value),
                None => all.delete_cf(family, &change.key),
            }
        }
        let mut options = WriteOptions::default();
        options.set_sync(self.durability == Durability::Synced);
        self.db.write_opt(all, &options).map_err(failed("writing a block"))
    }
    fn readers(&self) -> Readers {
        Readers::new(Arc::new(self.clone()))
    }
    fn disk_bytes(&self) -> Option<u64> {
        let of = |column| {
            let family = family(&self.db, column);
            let property = |name: &str| self.db.property_int_value_cf(family, name).ok().flatten();
            Some(property("rocksdb.total-sst-files-size")? + property("rocksdb.total-blob-file-size").unwrap_or(0))
        };
        Column::ALL.into_iter().map(of).sum()
    }
}

/// One moment of the database.
struct Moment<'a> {
    db: &'a DB,
    snapshot: Snapshot<'a>,
}
impl KvRead for Moment<'_> {
    fn get(&self, column: Column, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.snapshot.get_cf(family(self.db, column), key).map_err(failed("reading"))
    }
    fn scan(&self, column: Column, prefix: &[u8], from: &[u8], visit: &mut Visit<'_>) -> Result<(), StoreError> {
        let entries = self.snapshot.raw_iterator_cf_opt(family(self.db, column), bounded(prefix));
        walk(entries, prefix, from, visit).map_err(failed("reading"))
    }
}
impl Snapshots for RocksKv {
    fn with_snapshot(&self, visit: &mut dyn FnMut(&dyn KvRead)) {
        visit(&Moment { db: &self.db, snapshot: self.db.snapshot() });
    }
}
impl std::fmt::Debug for RocksKv {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RocksKv({})", self.db.path().display())
    }
}
