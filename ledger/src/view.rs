//! The committed state as the vote contract reads it.
use crate::kv::{Column, KvRead, StoreError};
use std::{
    cell::RefCell,
    ops::ControlFlow,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
};
use urne_vote_contract::{Space, StateView};

/// The state after the last committed block. The contract's reads cannot fail; when the disk does, the view remembers it,
/// shows nothing, and [`View::sound`] tells: whatever was computed through a view that is not sound must be thrown away.
pub struct View<'a> {
    kv: &'a dyn KvRead,
    failed: RefCell<Option<StoreError>>,
}

impl<'a> View<'a> {
    pub(crate) fn of(kv: &'a dyn KvRead) -> Self {
        Self { kv, failed: RefCell::new(None) }
    }
    /// Runs the rules over this state. They take a record of their own that is not there for a bug and stop by a panic; when
    /// it was the disk that did not show it, the disk's error is the answer, which says what to do. What was computed is
    /// thrown away: nothing outside `rules` may have been changed by it.
    ///
    /// # Errors
    /// [`StoreError`]: the first read that failed.
    pub(crate) fn run<T>(&self, rules: impl FnOnce(&Self) -> T) -> Result<T, StoreError> {
        let outcome = catch_unwind(AssertUnwindSafe(|| rules(self)));
        self.sound()?;
        outcome.or_else(|bug| resume_unwind(bug))
    }
    /// Whether every read so far was answered by the disk.
    ///
    /// # Errors
    /// [`StoreError`]: the first failure.
    pub fn sound(&self) -> Result<(), StoreError> {
        self.failed.borrow().clone().map_or(Ok(()), Err)
    }
    fn note(&self, e: StoreError) {
        self.failed.borrow_mut().get_or_insert(e);
    }
}

fn column(space: Space) -> Column {
    match space {
        Space::Map => Column::Map,
        Space::Index => Column::Index,
    }
}

impl StateView for View<'_> {
    fn get(&self, space: Space, key: &[u8]) -> Option<Vec<u8>> {
        self.kv.get(column(space), key).unwrap_or_else(|e| {
            self.note(e);
            None
        })
    }
    fn scan_from(
        &self,
        space: Space,
        prefix: &[u8],
        from: &[u8],
        each: &mut dyn FnMut(&[u8], &[u8]) -> ControlFlow<()>,
    ) {
        if let Err(e) = self.kv.scan(column(space), prefix, from, each) {
            self.note(e);
        }
    }
}
impl std::fmt::Debug for View<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "View(sound: {})", self.failed.borrow().is_none())
    }
}
