//! Secret elections on the ledger: one more kind of election, whose keys are made before it is scheduled, whose ballots are
//! added up without being read, and whose sums its trustees open after the close; or, where rankings are asked, whose ballots they
//! open one by one. The cryptography is `urne-ballot`'s; here are
//! its rules over blocks.
//!
//! ```text
//! ScheduleElection ─ ceremony ─ keys, name, rehearsal ─ Scheduled ─ Open: cast ─ Closed: opening ─ Counting ─ Tallied
//!                           with credentials: approve, answer, register ─┴──────────┘
//! ```
mod again;
mod board;
mod ceremony_again;
mod credentials_again;
mod desk;
mod duties;
mod election_seals;
mod qualify;
mod questions;
mod seals;
mod sums;

pub(crate) mod cast;
pub(crate) mod ceremony;
pub(crate) mod issuance;
pub(crate) mod keys;
pub(crate) mod opening;
pub(crate) mod pieces;
pub mod records;
pub(crate) mod registration;
pub(crate) mod rules;

pub use again::{
    SealedKeys, SealedRecount, ceremony_key, issuance_key, issues_credentials, parts, share_key, trustees, urn_key,
};
pub use ceremony::scopes;
pub use ceremony_again::{CeremonyRecount, HeldCeremony};
pub use credentials_again::CredentialsRecount;
pub use desk::Desk;
pub use duties::{Participation, ceremony_duties, opening_duties, registrar_share};
pub use election_seals::{ElectionSeals, VerifiedSeal, verify_credential};
pub use issuance::{approval_leaf, registrar_of};
pub use questions::{compile, sealed_answers};
pub use registration::credential_leaf;
pub use rules::TRUSTEES;
pub use seals::{Seals, Statements, carried, stated, statement};

use crate::{
    read::{self, Page},
    records::ElectionState,
};
use crate::{
    state::{Space, StateView},
    work::{keys_while, record, records as all},
};
use records::{
    CeremonyRecord, CredentialRecord, EntryRecord, IssuanceGate, IssuanceRecord, LastSealed, OpenedPart, PieceList,
    SealedGate, Stage, UrnRecord, WrongShare,
};
use std::ops::ControlFlow;
pub use urne_ballot::ShortTracker;
use urne_ballot::Totals;
use urne_types::{CollegeId, DraftId, ElectionId, TxId, UnixMs, election::CensusEntry};

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
/// How far an urn that is opened ballot by ballot was cut and opened; none before its close, nor of an urn of sums.
pub fn piece_list<V: StateView + ?Sized>(view: &V, id: &ElectionId) -> Option<PieceList> {
    record(&view, Space::Map, &keys::pieces(id))
}
/// What the urn of a group, or a piece, held, once it is open.
pub fn opened<V: StateView + ?Sized>(view: &V, id: &ElectionId, part: u32) -> Option<OpenedPart> {
    record(&view, Space::Map, &keys::opened(id, part))
}
/// The shares of a group's urn, or of a piece, by trustee, as bytes; once it is open, verified ones only.
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
/// The transaction that cast the ballot whose voter has written this down.
pub fn by_tracker<V: StateView + ?Sized>(view: &V, id: &ElectionId, tracker: &ShortTracker) -> Option<TxId> {
    let mut found = None;
    view.scan(Space::Index, &keys::trackers(id, &tracker.prefix()), &mut |key, tx| {
        if key.last_chunk().is_some_and(|hash| tracker.is_of(hash)) {
            found = tx.try_into().ok().map(TxId);
        }
        if found.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    found
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

/// What approvals, answers and registrations must know of a college; none where no credentials are issued.
pub fn issuance_gate<V: StateView + ?Sized>(view: &V, id: &ElectionId, college: CollegeId) -> Option<IssuanceGate> {
    record(&view, Space::Map, &keys::issuance_gate(id, college))
}
/// How far a college is with its credentials; none where none are issued.
pub fn issuance<V: StateView + ?Sized>(view: &V, id: &ElectionId, college: CollegeId) -> Option<IssuanceRecord> {
    record(&view, Space::Map, &keys::issuance(id, college))
}
/// What an entry of the census has asked for: nothing, as far as anybody knows, of an entry that is on none.
pub fn entry<V: StateView + ?Sized>(view: &V, id: &ElectionId, entry: &CensusEntry) -> EntryRecord {
    record(&view, Space::Index, &keys::entry(id, entry)).unwrap_or_default()
}
/// Entries of a college whose request has its approvals and waits for answers; none once the election is closed.
pub fn requests_waiting<V: StateView + ?Sized>(
    view: &V,
    id: &ElectionId,
    college: CollegeId,
    page: Page,
) -> Vec<CensusEntry> {
    let state = read::gate(view, id).map(|it| it.state);
    if !matches!(state, Some(ElectionState::Scheduled | ElectionState::Open)) {
        return Vec::new();
    }
    page.select(view, Space::Index, &keys::requests(id, college), |key, _| {
        crate::keys::parse_entry(key).expect("a request's key ends with college and entry")
    })
}
/// A registered credential.
pub fn credential<V: StateView + ?Sized>(view: &V, id: &ElectionId, credential: &[u8; 32]) -> Option<CredentialRecord> {
    record(&view, Space::Index, &keys::credential(id, credential))
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
