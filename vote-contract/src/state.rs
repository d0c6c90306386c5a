//! The state as the rules see it: two ordered byte maps to read, and a list of changes to hand back. Nothing here writes
//! anywhere; whoever keeps the state applies the changes of a decided block, all or none.
#![allow(clippy::type_complexity)] // an alias would hide what a reader of `scan` must write
use crate::keys::has_prefix;
use std::{
    collections::{BTreeMap, btree_map::Entry},
    ops::Bound,
    ops::ControlFlow,
};
use urne_ballot::TotalsChange;
use urne_types::{ElectionId, MerkleRoot};

/// Two spaces of state, both ordered byte maps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Space {
    /// Small, authenticated by the ledger's Merkle map: every value is under the header's `app_hash`.
    Map,
    /// Large, unauthenticated, rebuildable by executing the logs again: last ballots and census entries.
    Index,
}

/// A state that can be read.
pub trait StateView {
    /// The value of a key.
    fn get(&self, space: Space, key: &[u8]) -> Option<Vec<u8>>;
    /// Shows every key that begins with `prefix` and is not below `from`, in increasing order, until `each` breaks. `from`
    /// begins with `prefix`.
    fn scan_from(
        &self,
        space: Space,
        prefix: &[u8],
        from: &[u8],
        each: &mut dyn FnMut(&[u8], &[u8]) -> ControlFlow<()>,
    );
    /// The same from the first key on.
    fn scan(&self, space: Space, prefix: &[u8], each: &mut dyn FnMut(&[u8], &[u8]) -> ControlFlow<()>) {
        self.scan_from(space, prefix, prefix, each);
    }
}
impl<V: StateView + ?Sized> StateView for &V {
    fn get(&self, space: Space, key: &[u8]) -> Option<Vec<u8>> {
        (**self).get(space, key)
    }
    fn scan_from(
        &self,
        space: Space,
        prefix: &[u8],
        from: &[u8],
        each: &mut dyn FnMut(&[u8], &[u8]) -> ControlFlow<()>,
    ) {
        (**self).scan_from(space, prefix, from, each);
    }
}

/// An append-only log of one election.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogId {
    /// Accepted ballots; the leaf is [`urne_types::ballot::BallotLeaf::hash`].
    Ballots(ElectionId),
    /// Presences, one per member and college; the leaf is [`crate::emargement_leaf`].
    Emargements(ElectionId),
    /// Registrars' approvals of requests for credentials; the leaf is [`crate::sealed::approval_leaf`].
    Approvals(ElectionId),
    /// Registered credentials; the leaf is [`crate::sealed::credential_leaf`].
    Credentials(ElectionId),
}

impl LogId {
    /// All the logs that an election may have.
    #[must_use]
    pub const fn of(election: ElectionId) -> [Self; 4] {
        [Self::Ballots(election), Self::Emargements(election), Self::Approvals(election), Self::Credentials(election)]
    }
}

/// What a block does to the state. The last word on a key stands; `None` removes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// In [`Space::Map`].
    pub map: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    /// In [`Space::Index`].
    pub index: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    /// Leaves for the logs, in order. The keeper of the logs writes each new head into the map under
    /// [`crate::keys::log_head`].
    pub appends: Vec<(LogId, MerkleRoot)>,
    /// What sealed ballots change in the encrypted totals of a group, by election and part; [`crate::end_block`] enters it into
    /// the map, once per block, and leaves none.
    pub sums: BTreeMap<(ElectionId, u32), TotalsChange>,
}

impl Changes {
    /// The changes in one space.
    #[must_use]
    pub fn of(&self, space: Space) -> &BTreeMap<Vec<u8>, Option<Vec<u8>>> {
        match space {
            Space::Map => &self.map,
            Space::Index => &self.index,
        }
    }
    /// Writes, or removes with `None`.
    pub fn put(&mut self, space: Space, key: Vec<u8>, value: Option<Vec<u8>>) {
        match space {
            Space::Map => self.map.insert(key, value),
            Space::Index => self.index.insert(key, value),
        };
    }
    /// Adds to what the ballots of a group change.
    pub(crate) fn enter(&mut self, place: (ElectionId, u32), change: TotalsChange) {
        match self.sums.entry(place) {
            Entry::Vacant(free) => {
                free.insert(change);
            }
            Entry::Occupied(mut sum) => sum.get_mut().and(&change).expect("ballots of one election have its cells"),
        }
    }
    /// Lays later changes over these.
    pub fn absorb(&mut self, later: Self) {
        self.map.extend(later.map);
        self.index.extend(later.index);
        self.appends.extend(later.appends);
        for (place, change) in later.sums {
            self.enter(place, change);
        }
    }
    /// Whether nothing would change.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.map.is_empty() && self.index.is_empty() && self.appends.is_empty() && self.sums.is_empty()
    }
}

/// A state with changes laid over it: later transactions of a block see what earlier ones did.
pub struct Overlay<'a, V: StateView + ?Sized> {
    /// Below.
    pub base: &'a V,
    /// Above.
    pub changes: &'a Changes,
}
impl<'a, V: StateView + ?Sized> Overlay<'a, V> {
    /// Lays changes over a state.
    #[must_use]
    pub fn new(base: &'a V, changes: &'a Changes) -> Self {
        Self { base, changes }
    }
}
impl<V: StateView + ?Sized> Clone for Overlay<'_, V> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<V: StateView + ?Sized> Copy for Overlay<'_, V> {}

impl<V: StateView + ?Sized> StateView for Overlay<'_, V> {
    fn get(&self, space: Space, key: &[u8]) -> Option<Vec<u8>> {
        match self.changes.of(space).get(key) {
            Some(changed) => changed.clone(),
            None => self.base.get(space, key),
        }
    }
    fn scan_from(
        &self,
        space: Space,
        prefix: &[u8],
        from: &[u8],
        each: &mut dyn FnMut(&[u8], &[u8]) -> ControlFlow<()>,
    ) {
        let range = (Bound::Included(from.to_vec()), Bound::Unbounded);
        let above = self.changes.of(space).range(range).take_while(|(key, _)| has_prefix(key, prefix));
        let mut above = above.peekable();
        let mut flow = ControlFlow::Continue(());
        self.base.scan_from(space, prefix, from, &mut |key, value| {
            while flow.is_continue()
                && let Some((earlier, changed)) = above.next_if(|(it, _)| it.as_slice() < key)
            {
                flow = show(earlier, changed.as_deref(), each);
            }
            if flow.is_continue() {
                flow = match above.next_if(|(it, _)| it.as_slice() == key) {
                    Some((_, changed)) => show(key, changed.as_deref(), each),
                    None => each(key, value),
                };
            }
            flow
        });
        while flow.is_continue()
            && let Some((key, changed)) = above.next()
        {
            flow = show(key, changed.as_deref(), each);
        }
    }
}

/// A removed key is not shown.
fn show(key: &[u8], value: Option<&[u8]>, each: &mut dyn FnMut(&[u8], &[u8]) -> ControlFlow<()>) -> ControlFlow<()> {
    value.map_or(ControlFlow::Continue(()), |value| each(key, value))
}
