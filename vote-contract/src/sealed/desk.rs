//! What a trustee's own process is shown of the state: the records of one ceremony, and of its election's opening, and nothing
//! else. The process that holds the secret needs no ledger: [`super::ceremony_duties`] and [`super::opening_duties`] read these.
//! It believes no node: everything on which hangs what it says is proven, key by key ([`Desk::proven`]), and present or absent;
//! only pieces of an urn of rankings are not, since a proven list names each by its hash.
use super::{
    board::round,
    ceremony_of,
    keys::{self, Place},
    records::{CeremonyRecord, CeremonyState, Stage, Step, UrnOpening},
};
use crate::{
    state::{Space, StateView},
    work::record,
};
use std::{collections::BTreeMap, ops::ControlFlow};
use urne_types::{DraftId, ElectionId, election::ElectionDefinition, limits::PIECES_SHOWN_MAX};

/// Records of [`Space::Map`], by key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Desk(BTreeMap<Vec<u8>, Vec<u8>>);

impl Desk {
    /// Those of a draft's ceremony, and of the opening of the election it became; none when there is no such ceremony.
    pub fn of<V: StateView + ?Sized>(view: &V, draft: &DraftId) -> Option<Self> {
        let CeremonyRecord { state, .. } = ceremony_of(view, draft)?;
        let mut prefixes =
            vec![keys::ceremony(draft), keys::stages(draft), keys::all_messages(draft), keys::under_way(draft)];
        let mut desk = Self::default();
        if let CeremonyState::Done { election } = state {
            let of = |parts: fn(&ElectionId) -> Vec<u8>| parts(&election);
            prefixes.extend([keys::waiting, keys::urn, keys::gate, keys::all_totals, keys::pieces].map(of));
            desk.shows_shares(view, &election);
        }
        for prefix in prefixes {
            view.scan(Space::Map, &prefix, &mut |key, value| {
                desk.0.insert(key.to_vec(), value.to_vec());
                ControlFlow::Continue(())
            });
        }
        Some(desk)
    }
    /// What was sent, without its bytes: of sums all of it, of pieces only for the first that wait, which are shown beside.
    fn shows_shares<V: StateView + ?Sized>(&mut self, view: &V, election: &ElectionId) {
        let mut parts = Vec::new();
        view.scan(Space::Map, &keys::all_pieces(election), &mut |key, value| {
            if parts.len() == PIECES_SHOWN_MAX {
                return ControlFlow::Break(());
            }
            parts.extend(keys::parse_part(key));
            self.0.insert(key.to_vec(), value.to_vec());
            ControlFlow::Continue(())
        });
        let sent = match super::sealed_gate(view, election).map(|it| it.opening) {
            Some(UrnOpening::Totals) => vec![keys::all_shares(election)],
            Some(UrnOpening::OneByOne) => parts.into_iter().map(|part| keys::shares(election, part)).collect(),
            None => Vec::new(),
        };
        for prefix in sent {
            view.scan(Space::Map, &prefix, &mut |key, _| {
                self.0.insert(key.to_vec(), Vec::new());
                ControlFlow::Continue(())
            });
        }
    }
    /// Where the ceremony of a draft stands, and a scope of it.
    #[must_use]
    pub fn ceremony_keys(draft: &DraftId, scope: u32) -> Vec<Vec<u8>> {
        vec![keys::ceremony(draft), keys::under_way(draft), keys::stage(draft, scope)]
    }
    /// Every message, sent or not, on which hangs what an officer of that number says in the attempt under way: who joined, who
    /// committed to what, what was dealt to it; and what it has said itself. None where the desk knows of no such scope.
    #[must_use]
    pub fn message_keys(&self, draft: &DraftId, scope: u32, number: u16) -> Vec<Vec<u8>> {
        let stage: Option<Stage> = record(self, Space::Map, &keys::stage(draft, scope));
        let Some(Stage { attempt, candidates, .. }) = stage else { return Vec::new() };
        let at = Place { draft, scope, attempt };
        let slot = |step, sender, about| keys::message(at, round(step), sender, about);
        let of_candidate = |it: &u16| {
            let said = [Step::Joining, Step::Hashing, Step::Committing].map(|step| slot(step, *it, 0));
            said.into_iter().chain([slot(Step::Dealing, *it, number), slot(Step::Dealing, number, *it)])
        };
        let own = [Step::Complaining, Step::Rehearsing].map(|step| slot(step, number, 0));
        let mut all: Vec<Vec<u8>> = candidates.iter().flat_map(of_candidate).chain(own).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
    /// What decides what a trustee decrypts: that the election is closed, and what stands in its urn.
    #[must_use]
    pub fn opening_keys(definition: &ElectionDefinition, election: &ElectionId) -> Vec<Vec<u8>> {
        let groups = definition.secrecy.sealed().map_or(0, |it| it.groups.len());
        let totals = (0..).take(groups).map(|part| keys::totals(election, part));
        [keys::waiting, keys::urn, keys::gate, keys::pieces].map(|of| of(election)).into_iter().chain(totals).collect()
    }
    /// With what was proven of the state, present or absent, in the place of what it said there.
    #[must_use]
    pub fn proven(mut self, entries: BTreeMap<Vec<u8>, Option<Vec<u8>>>) -> Self {
        for (key, value) in entries {
            match value {
                Some(value) => self.0.insert(key, value),
                None => self.0.remove(&key),
            };
        }
        self
    }
    /// With the pieces of an urn, and marks for the shares that were sent, of another desk: claims, of which a false one makes a
    /// trustee refuse, or stay silent.
    #[must_use]
    pub fn with_pieces(mut self, election: &ElectionId, of: Self) -> Self {
        let prefixes = [keys::all_pieces(election), keys::all_shares(election)];
        self.0.extend(of.0.into_iter().filter(|(key, _)| prefixes.iter().any(|it| key.starts_with(it))));
        self
    }
    /// From what [`Self::records`] gave.
    #[must_use]
    pub fn from_records(records: impl IntoIterator<Item = (Vec<u8>, Vec<u8>)>) -> Self {
        Self(records.into_iter().collect())
    }
    /// Key and value, by key.
    pub fn records(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.0.iter().map(|(key, value)| (key.as_slice(), value.as_slice()))
    }
}

impl StateView for Desk {
    fn get(&self, space: Space, key: &[u8]) -> Option<Vec<u8>> {
        if space == Space::Map { self.0.get(key).cloned() } else { None }
    }
    fn scan_from(
        &self,
        space: Space,
        prefix: &[u8],
        from: &[u8],
        each: &mut dyn FnMut(&[u8], &[u8]) -> ControlFlow<()>,
    ) {
        if space != Space::Map {
            return;
        }
        for (key, value) in self.0.range(from.to_vec()..) {
            if !key.starts_with(prefix) || each(key, value).is_break() {
                return;
            }
        }
    }
}
