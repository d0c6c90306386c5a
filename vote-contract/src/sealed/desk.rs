//! What a trustee's own process is shown of the state: the records of one ceremony, and of its election's opening, and nothing
//! else. The process that holds the secret needs no ledger: [`super::ceremony_duties`] and [`super::opening_duties`] read these.
use super::{
    ceremony_of, keys,
    records::{CeremonyRecord, CeremonyState, UrnOpening},
};
use crate::state::{Space, StateView};
use std::{collections::BTreeMap, ops::ControlFlow};
use urne_types::{DraftId, ElectionId, limits::PIECES_SHOWN_MAX};

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
