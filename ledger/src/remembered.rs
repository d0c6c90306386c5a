//! A store that remembers what its owner read of the contract's small state: every ballot asks for the same few records
//! (its election, the turnout), and for records that hardly anyone has (a suspension, a replaced key). What a ballot looked up
//! when it was admitted (its voter's place in the census) it looks up again in its block. A write tells the memory before
//! anyone reads again, so that both always say the same.
use crate::kv::{Batch, Column, Kv, KvRead, Readers, StoreError, Visit};
use std::{cell::RefCell, collections::BTreeMap, ops::ControlFlow};
use urne_vote_contract::keys::FAMILIES;

/// Records remembered: an election has a handful, and all are forgotten beyond.
const RECORDS_MAX: usize = 1_024;
/// The largest family held whole: 16,384 x about 200 bytes = 3 MB. Of a larger one every record is read when asked for.
const FAMILY_MAX: usize = 16_384;

/// Point look-ups remembered, at least: what a full mempool asked for. Twice as many at most, of about 150 bytes: 2.5 MB.
const LOOKUPS_MIN: usize = 8_192;

type Records = BTreeMap<Vec<u8>, Vec<u8>>;

/// See the module. Of [`Column::Map`]: single records that exist, and whole [`FAMILIES`], which also tell what does not exist.
/// Of [`Column::Index`]: the last ones that exist.
#[derive(Debug)]
pub(crate) struct Remembered<K> {
    store: K,
    records: RefCell<Records>,
    families: RefCell<[Family; FAMILIES.len()]>,
    lookups: RefCell<Lookups>,
}

/// The last records read, in two generations: when the young one is full it becomes the old one, which is forgotten.
#[derive(Debug, Default)]
struct Lookups {
    young: Records,
    old: Records,
}
impl Lookups {
    fn get(&self, key: &[u8]) -> Option<&Vec<u8>> {
        self.young.get(key).or_else(|| self.old.get(key))
    }
    fn remember(&mut self, key: &[u8], value: &[u8]) {
        if LOOKUPS_MIN <= self.young.len() {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key.to_vec(), value.to_vec());
    }
    fn forget(&mut self, key: &[u8]) {
        self.young.remove(key);
        self.old.remove(key);
    }
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
        Self { store, records: RefCell::default(), families: RefCell::default(), lookups: RefCell::default() }
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
        let lookups = self.lookups.get_mut();
        for change in batch.changes() {
            match (change.column, family_of(&change.key)) {
                (Column::Map, Some(family)) => families[family] = Family::Unread,
                (Column::Map, None) => _ = records.remove(&change.key),
                (Column::Index, _) => lookups.forget(&change.key),
                _ => {}
            }
        }
        self.store.write(batch).inspect_err(|_| {
            records.clear();
            *families = Default::default();
            *lookups = Lookups::default();
        })
    }
    pub(crate) fn readers(&self) -> Readers {
        self.store.readers()
    }
}

impl<K: KvRead> Remembered<K> {
    fn look_up(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        if let Some(value) = self.lookups.borrow().get(key) {
            return Ok(Some(value.clone()));
        }
        let value = self.store.get(Column::Index, key)?;
        if let Some(value) = &value {
            self.lookups.borrow_mut().remember(key, value);
        }
        Ok(value)
    }
}

impl<K: KvRead> KvRead for Remembered<K> {
    fn get(&self, column: Column, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        if column == Column::Index {
            return self.look_up(key);
        }
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
        put_in(store, Column::Map, key, value);
    }
    fn put_in(store: &mut Remembered<MemoryKv>, column: Column, key: &[u8], value: Option<&[u8]>) {
        let mut batch = Batch::default();
        match value {
            Some(value) => batch.put(column, key, value),
            None => batch.delete(column, key),
        }
        store.write(batch).expect("memory takes every write");
    }

    #[test]
    fn a_record_that_was_read_and_then_written_is_read_as_written() {
        let of_a_family = [FAMILIES[0], 7];
        let mut store = Remembered::new(MemoryKv::default());
        for (column, key) in [(Column::Map, &b"key"[..]), (Column::Map, &of_a_family), (Column::Index, b"key")] {
            assert_eq!(store.get(column, key), Ok(None));
            for value in [Some(&b"one"[..]), Some(b"two"), None, Some(b"three")] {
                put_in(&mut store, column, key, value);
                for _ in 0..2 {
                    assert_eq!(store.get(column, key), Ok(value.map(<[u8]>::to_vec)));
                }
            }
        }
    }

    #[test]
    fn look_ups_are_remembered_up_to_a_bound_and_the_older_half_is_written_through_as_well() {
        let key = |it: usize| it.to_be_bytes();
        let mut batch = Batch::default();
        (0..3 * LOOKUPS_MIN).for_each(|it| batch.put(Column::Index, key(it), b"here"));
        let mut store = Remembered::new(MemoryKv::default());
        store.write(batch).expect("memory takes every write");
        for it in 0..3 * LOOKUPS_MIN {
            assert_eq!(store.get(Column::Index, &key(it)), Ok(Some(b"here".to_vec())));
        }
        let held = |store: &Remembered<MemoryKv>| store.lookups.borrow().young.len() + store.lookups.borrow().old.len();
        assert_eq!(held(&store), 2 * LOOKUPS_MIN);
        let of_the_old = LOOKUPS_MIN;
        assert!(store.lookups.borrow().old.contains_key(&key(of_the_old)[..]));
        put_in(&mut store, Column::Index, &key(of_the_old), None);
        assert_eq!(store.get(Column::Index, &key(of_the_old)), Ok(None));
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
