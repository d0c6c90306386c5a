//! Secret elections on the ledger: one more kind of election, whose keys are made before it is scheduled, whose ballots are
//! added up without being read, and whose sums its trustees open after the close. The cryptography is `urne-ballot`'s; here are
//! its rules over blocks.
//!
//! ```text
//! ScheduleElection ─ ceremony ─ keys, name, rehearsal ─ Scheduled ─ Open: cast ─ Closed: opening ─ Counting ─ Tallied
//! ```
mod again;
mod board;
mod desk;
mod duties;
mod keys;
mod questions;
mod seals;

pub(crate) mod cast;
pub(crate) mod ceremony;
pub(crate) mod opening;
pub mod records;
pub(crate) mod rules;

pub use again::{SealedKeys, SealedRecount, groups, share_key, trustees, urn_key};
pub use desk::Desk;
pub use duties::{Participation, ceremony_duties, opening_duties};
pub use questions::{compile, sealed_answers};
pub use rules::TRUSTEES;
pub use seals::{Seals, Statements, VerifiedSeal, carried, stated, statement};

use crate::{
    state::{Space, StateView},
    work::{keys_while, record, records as all},
};
use records::{CeremonyRecord, LastSealed, OpenedPart, SealedGate, Stage, UrnRecord, WrongShare};
use std::ops::ControlFlow;
use urne_ballot::Totals;
use urne_types::{DraftId, ElectionId, TxId, UnixMs, election::CensusEntry};

/// The ceremony of a draft.
pub fn ceremony_of<V: StateView + ?Sized>(view: &V, draft: &DraftId) -> Option<CeremonyRecord> {
    record(&view, Space::Map, &keys::ceremony(draft))
}
/// Where each scope of a ceremony stands.
pub fn stages<V: StateView + ?Sized>(view: &V, draft: &DraftId) -> Vec<Stage> {
    all(&view, &keys::stages(draft))
}
/// Drafts whose keys are being made.
pub fn ceremonies_under_way<V: StateView + ?Sized>(view: &V) -> Vec<DraftId> {
    let drafts = keys_while(&view, &keys::all_under_way(), |_| true);
    drafts.iter().filter_map(|key| crate::keys::parse_name(key).map(DraftId)).collect()
}
/// Closed elections whose urn waits for shares.
pub fn urns_waiting<V: StateView + ?Sized>(view: &V) -> Vec<ElectionId> {
    let elections = keys_while(&view, &keys::all_waiting(), |_| true);
    elections.iter().filter_map(|key| crate::keys::parse_name(key).map(ElectionId)).collect()
}
/// The keys of a secret election.
pub fn urn<V: StateView + ?Sized>(view: &V, id: &ElectionId) -> Option<UrnRecord> {
    record(&view, Space::Map, &keys::urn(id))
}
/// What a sealed ballot must know of its election.
pub fn sealed_gate<V: StateView + ?Sized>(view: &V, id: &ElectionId) -> Option<SealedGate> {
    record(&view, Space::Map, &keys::gate(id))
}
/// The encrypted totals of a group.
pub fn totals<V: StateView + ?Sized>(view: &V, id: &ElectionId, part: u32, cells: u16) -> Option<Totals> {
    let bytes = view.get(Space::Map, &keys::totals(id, part))?;
    Totals::restore_from_state(&bytes, cells.into()).ok()
}
/// What the urn of a group held, once it is open.
pub fn opened<V: StateView + ?Sized>(view: &V, id: &ElectionId, part: u32) -> Option<OpenedPart> {
    record(&view, Space::Map, &keys::opened(id, part))
}
/// The verified shares of a group's urn, by trustee, as bytes.
pub fn shares<V: StateView + ?Sized>(view: &V, id: &ElectionId, part: u32) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    view.scan(Space::Map, &keys::shares(id, part), &mut |_, bytes| {
        found.push(bytes.to_vec());
        ControlFlow::Continue(())
    });
    found
}
/// Trustees that sent a wrong share.
pub fn wrong_shares<V: StateView + ?Sized>(view: &V, id: &ElectionId) -> Vec<WrongShare> {
    all(&view, &keys::wrong_shares(id))
}
/// The transaction that cast the ballot of a tracker.
pub fn by_tracker<V: StateView + ?Sized>(view: &V, id: &ElectionId, tracker: &[u8; 32]) -> Option<TxId> {
    let bytes = view.get(Space::Index, &keys::tracker(id, tracker))?;
    bytes.try_into().ok().map(TxId)
}
/// The ballot of a credential that counts so far.
pub fn last_ballot<V: StateView + ?Sized>(view: &V, id: &ElectionId, entry: &CensusEntry) -> Option<LastSealed> {
    record(&view, Space::Index, &keys::last(id, entry.college, &entry.member))
}
/// The ballots that count so far, by college and credential: what the encrypted totals are the sum of.
pub fn last_ballots<V: StateView + ?Sized>(view: &V, id: &ElectionId) -> Vec<(CensusEntry, LastSealed)> {
    let mut found = Vec::new();
    view.scan(Space::Index, &keys::last_of(id), &mut |key, value| {
        let entry = crate::keys::parse_entry(key).expect("a last ballot's key ends with college and credential");
        found.push((entry, crate::work::parse(value)));
        ControlFlow::Continue(())
    });
    found
}

/// When a block is due for a ceremony or an opening: at once when something was said, else when a step's time is over.
pub(crate) fn next_deadline(view: &dyn StateView) -> Option<UnixMs> {
    if view.get(Space::Map, &keys::stirred()).is_some() {
        return Some(UnixMs::new(0));
    }
    let of_draft = |draft: &DraftId| {
        let ceremony = ceremony_of(&view, draft)?;
        let step_ms = u64::from(ceremony.definition.secrecy.sealed()?.step_ms);
        let is_over = |it: &Stage| it.step == records::Step::Over;
        let steps = stages(&view, draft).into_iter().filter(|it| !is_over(it)).map(|it| it.since.plus(step_ms));
        steps.chain([rules::keys_due(&ceremony.definition)]).min()
    };
    ceremonies_under_way(&view).iter().filter_map(of_draft).min()
}
