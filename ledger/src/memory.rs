//! A store in memory, for tests and the simulator, behind the same trait as RocksDB. A clone is another store with the
//! same content: what a disk would hold if the machine crashed at that moment.
use crate::kv::{Batch, Column, Kv, KvRead, Readers, Snapshots, StoreError, Visit};
use std::{
    collections::BTreeMap,
    ops::{Bound, ControlFlow},
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard},
};

type Columns = BTreeMap<Column, BTreeMap<Vec<u8>, Vec<u8>>>;

/// Columns in memory.
#[derive(Debug, Default)]
pub struct MemoryKv {
    columns: Arc<RwLock<Columns>>,
}

impl MemoryKv {
    fn look(&self) -> RwLockReadGuard<'_, Columns> {
        // A writer cannot panic half-way: a batch is only map insertions.
        self.columns.read().unwrap_or_else(PoisonError::into_inner)
    }
}
impl Clone for MemoryKv {
    fn clone(&self) -> Self {
        Self { columns: Arc::new(RwLock::new(self.look().clone())) }
    }
}
impl PartialEq for MemoryKv {
    fn eq(&self, other: &Self) -> bool {
        *self.look() == *other.look()
    }
}

impl KvRead for Columns {
    fn get(&self, column: Column, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(BTreeMap::get(self, &column).and_then(|entries| entries.get(key)).cloned())
    }
    fn scan(&self, column: Column, prefix: &[u8], from: &[u8], visit: &mut Visit<'_>) -> Result<(), StoreError> {
        let Some(entries) = BTreeMap::get(self, &column) else { return Ok(()) };
        let start = Bound::Included(prefix.max(from));
        for (key, value) in entries.range::<[u8], _>((start, Bound::Unbounded)) {
            if !key.starts_with(prefix) || visit(key, value) == ControlFlow::Break(()) {
                break;
            }
        }
        Ok(())
    }
}
impl KvRead for MemoryKv {
    fn get(&self, column: Column, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        KvRead::get(&*self.look(), column, key)
    }
    fn scan(&self, column: Column, prefix: &[u8], from: &[u8], visit: &mut Visit<'_>) -> Result<(), StoreError> {
        self.look().scan(column, prefix, from, visit)
    }
}
impl Kv for MemoryKv {
    fn write(&mut self, batch: Batch) -> Result<(), StoreError> {
        let mut columns = self.columns.write().unwrap_or_else(PoisonError::into_inner);
        for change in batch.into_changes() {
            let entries = columns.entry(change.column).or_default();
            match change.value {
                Some(value) => entries.insert(change.key, value),
                None => entries.remove(&change.key),
            };
        }
        Ok(())
    }
    fn readers(&self) -> Readers {
        Readers::new(Arc::new(Shared(Arc::clone(&self.columns))))
    }
    fn disk_bytes(&self) -> Option<u64> {
        None
    }
}

struct Shared(Arc<RwLock<Columns>>);
impl Snapshots for Shared {
    fn with_snapshot(&self, visit: &mut dyn FnMut(&dyn KvRead)) {
        let columns = self.0.read().unwrap_or_else(PoisonError::into_inner);
        visit(&*columns);
    }
}
