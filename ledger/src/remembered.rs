//! A store that remembers what its owner read of the contract's small state: every ballot asks for the same few records
//! (its election, the turnout). A write tells the memory before anyone reads again, so that both always say the same.
use crate::kv::{Batch, Column, Kv, KvRead, Readers, StoreError, Visit};
use std::{cell::RefCell, collections::BTreeMap};

/// Records remembered: an election has a handful, and all are forgotten beyond.
const RECORDS_MAX: usize = 1_024;

/// See the module. Only records of [`Column::Map`] that exist are remembered: absent keys would be without number.
#[derive(Debug)]
pub(crate) struct Remembered<K> {
    store: K,
    records: RefCell<BTreeMap<Vec<u8>, Vec<u8>>>,
}

impl<K> Remembered<K> {
    pub(crate) fn new(store: K) -> Self {
        Self { store, records: RefCell::default() }
    }
    pub(crate) fn store(&self) -> &K {
        &self.store
    }
    pub(crate) fn into_store(self) -> K {
        self.store
    }
}

impl<K: Kv> Remembered<K> {
    /// Writes all of a batch. After a write that failed nothing is remembered.
    pub(crate) fn write(&mut self, batch: Batch) -> Result<(), StoreError> {
        let records = self.records.get_mut();
        for change in batch.changes().iter().filter(|it| it.column == Column::Map) {
            records.remove(&change.key);
        }
        self.store.write(batch).inspect_err(|_| records.clear())
    }
    pub(crate) fn readers(&self) -> Readers {
        self.store.readers()
    }
}

impl<K: KvRead> KvRead for Remembered<K> {
    fn get(&self, column: Column, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        if column != Column::Map {
            return self.store.get(column, key);
        }
        let mut records = self.records.borrow_mut();
        if let Some(value) = records.get(key) {
            return Ok(Some(value.clone()));
        }
        let value = self.store.get(column, key)?;
        if let Some(value) = &value {
            if RECORDS_MAX <= records.len() {
                records.clear();
            }
            records.insert(key.to_vec(), value.clone());
        }
        Ok(value)
    }
    fn scan(&self, column: Column, prefix: &[u8], from: &[u8], visit: &mut Visit<'_>) -> Result<(), StoreError> {
        self.store.scan(column, prefix, from, visit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::MemoryKv;

    fn put(store: &mut Remembered<MemoryKv>, value: Option<&[u8]>) {
        let mut batch = Batch::default();
        match value {
            Some(value) => batch.put(Column::Map, *b"key", value),
            None => batch.delete(Column::Map, *b"key"),
        }
        store.write(batch).expect("memory takes every write");
    }

    #[test]
    fn a_record_that_was_read_and_then_written_is_read_as_written() {
        let mut store = Remembered::new(MemoryKv::default());
        for value in [Some(&b"one"[..]), Some(b"two"), None, Some(b"three")] {
            put(&mut store, value);
            for _ in 0..2 {
                assert_eq!(store.get(Column::Map, b"key"), Ok(value.map(<[u8]>::to_vec)));
            }
        }
    }

    #[test]
    fn the_same_key_of_another_column_is_another_record() {
        let mut store = Remembered::new(MemoryKv::default());
        put(&mut store, Some(b"one"));
        assert_eq!(store.get(Column::Map, b"key"), Ok(Some(b"one".to_vec())));
        assert_eq!(store.get(Column::Index, b"key"), Ok(None));
    }
}
