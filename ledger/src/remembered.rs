//! A store that remembers what its owner read of the contract's small state: every ballot asks for the same few records
//! (its election, the turnout), and for records that hardly anyone has (a suspension, a replaced key). A write tells the
//! memory before anyone reads again, so that both always say the same.
use crate::kv::{Batch, Column, Kv, KvRead, Readers, StoreError, Visit};
use std::{cell::RefCell, collections::BTreeMap, ops::ControlFlow};
use urne_vote_contract::keys::FAMILIES;

/// Records remembered: an election has a handful, and all are forgotten beyond.
const RECORDS_MAX: usize = 1_024;
/// The largest family held whole: 16,384 x about 200 bytes = 3 MB. Of a larger one every record is read when asked for.
const FAMILY_MAX: usize = 16_384;

type Records = BTreeMap<Vec<u8>, Vec<u8>>;

/// See the module. Of [`Column::Map`] only: single records that exist, and whole [`FAMILIES`], which also tell what does not
/// exist.
#[derive(Debug)]
pub(crate) struct Remembered<K> {
    store: K,
    records: RefCell<Records>,
    families: RefCell<[Family; FAMILIES.len()]>,
}

/// All records of one tag.
#[derive(Debug, Default)]
enum Family {
    /// Nobody asked since the last write.
    #[default]
    Unread,
    Held(Records),
    TooLarge,
}

impl Family {
    fn read(store: &impl KvRead, tag: u8) -> Result<Self, StoreError> {
        let mut records = Records::new();
        store.scan(Column::Map, &[tag], &[tag], &mut |key, value| {
            records.insert(key.to_vec(), value.to_vec());
            if records.len() <= FAMILY_MAX { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        Ok(if records.len() <= FAMILY_MAX { Self::Held(records) } else { Self::TooLarge })
    }
}

/// The place of a key's family in [`FAMILIES`].
fn family_of(key: &[u8]) -> Option<usize> {
    FAMILIES.iter().position(|tag| key.first() == Some(tag))
}

impl<K> Remembered<K> {
    pub(crate) fn new(store: K) -> Self {
        Self { store, records: RefCell::default(), families: RefCell::default() }
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
        let (records, families) = (self.records.get_mut(), self.families.get_mut());
        for change in batch.changes().iter().filter(|it| it.column == Column::Map) {
            match family_of(&change.key) {
                Some(family) => families[family] = Family::Unread,
                None => _ = records.remove(&change.key),
            }
        }
        self.store.write(batch).inspect_err(|_| {
            records.clear();
            *families = Default::default();
        })
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
        if let Some(family) = family_of(key) {
            let held = &mut self.families.borrow_mut()[family];
            if matches!(held, Family::Unread) {
                *held = Family::read(&self.store, FAMILIES[family])?;
            }
            return match held {
                Family::Held(records) => Ok(records.get(key).cloned()),
                Family::Unread | Family::TooLarge => self.store.get(column, key),
            };
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

    fn put(store: &mut Remembered<MemoryKv>, key: &[u8], value: Option<&[u8]>) {
        let mut batch = Batch::default();
        match value {
            Some(value) => batch.put(Column::Map, key, value),
            None => batch.delete(Column::Map, key),
        }
        store.write(batch).expect("memory takes every write");
    }

    #[test]
    fn a_record_that_was_read_and_then_written_is_read_as_written() {
        let of_a_family = [FAMILIES[0], 7];
        let mut store = Remembered::new(MemoryKv::default());
        for key in [&b"key"[..], &of_a_family] {
            assert_eq!(store.get(Column::Map, key), Ok(None));
            for value in [Some(&b"one"[..]), Some(b"two"), None, Some(b"three")] {
                put(&mut store, key, value);
                for _ in 0..2 {
                    assert_eq!(store.get(Column::Map, key), Ok(value.map(<[u8]>::to_vec)));
                }
            }
        }
    }

    #[test]
    fn the_same_key_of_another_column_is_another_record() {
        let of_a_family = [FAMILIES[0], 7];
        let mut store = Remembered::new(MemoryKv::default());
        for key in [&b"key"[..], &of_a_family] {
            put(&mut store, key, Some(b"one"));
            assert_eq!(store.get(Column::Map, key), Ok(Some(b"one".to_vec())));
            assert_eq!(store.get(Column::Index, key), Ok(None));
        }
    }

    #[test]
    fn a_family_too_large_to_hold_is_read_record_by_record() {
        let key = |it: usize| [&[FAMILIES[1]][..], &it.to_be_bytes()].concat();
        let mut batch = Batch::default();
        (0..=FAMILY_MAX).for_each(|it| batch.put(Column::Map, key(it), b"held"));
        let mut store = Remembered::new(MemoryKv::default());
        store.write(batch).expect("memory takes every write");
        assert_eq!(store.get(Column::Map, &key(FAMILY_MAX)), Ok(Some(b"held".to_vec())));
        assert_eq!(store.get(Column::Map, &key(FAMILY_MAX + 1)), Ok(None));
        assert!(matches!(store.families.borrow()[1], Family::TooLarge));
        put(&mut store, &key(0), None);
        assert_eq!(store.get(Column::Map, &key(0)), Ok(None));
        assert!(matches!(store.families.borrow()[1], Family::Held(_)), "small enough again");
    }
}
