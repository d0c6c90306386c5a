//! The opening, after the close: each trustee posts its share of each group's sum, any t of them open it, and the sums are
//! counted by the rules of an open election. A share whose proof fails is ignored, and its sender named.
use super::{
    keys,
    questions::{compile, counters, refused},
    records::{CeremonyRecord, OpenedPart, UrnRecord, WrongShare},
};
use crate::{
    calendar::{load, save},
    counting,
    event::Event,
    records::ElectionState,
    result::Count,
    state::{Space, StateView},
    work::{Work, keys_while},
};
use std::ops::ControlFlow;
use urne_ballot::{CandidateShare, DecryptionShare, Refusal, ThresholdKeys, Trustees, Urn, tally};
use urne_types::{CollegeId, ElectionId, PublicKey, Rejection, election::ElectionDefinition, sealed::OpeningShare};

/// A secret election is closed: its urn waits for its shares.
pub(crate) fn start(work: &mut Work<'_>, id: &ElectionId) {
    work.mark(keys::waiting(id));
    work.mark(keys::stirred());
    work.tell(Event::OpeningBegun { election: *id });
}
/// It was cancelled: nothing is opened any more.
pub(crate) fn forget(work: &mut Work<'_>, id: &ElectionId) {
    if work.holds(Space::Map, &keys::waiting(id)) {
        work.remove(keys::waiting(id));
    }
}

/// The groups' urns, by part: what is decrypted, and nothing else ever is.
pub(crate) fn urns(view: &dyn StateView, id: &ElectionId) -> Vec<Urn> {
    let Some(gate) = super::sealed_gate(&view, id) else { return Vec::new() };
    let mut parts: Vec<u32> = gate.parts.iter().map(|it| it.1).collect();
    parts.sort_unstable();
    parts.dedup();
    let urn = |part| Some(Urn::totals(*id, part, &super::totals(view, id, part, gate.cells)?));
    parts.into_iter().filter_map(urn).collect()
}

/// A trustee posts a share.
pub(crate) fn share(work: &mut Work<'_>, sender: &PublicKey, opening: &OpeningShare) -> Result<(), Rejection> {
    let id = &opening.election;
    if !work.holds(Space::Map, &keys::waiting(id)) {
        return Err(Rejection::NothingToOpen);
    }
    let record: UrnRecord = work.read(&keys::urn(id)).expect("a secret election has its urn");
    let ceremony: CeremonyRecord = work.read(&keys::ceremony(&record.draft)).expect("keys come from a ceremony");
    let sealed = ceremony.definition.secrecy.sealed().expect("only a secret election has a ceremony");
    let trustee = (1_u16..).zip(&sealed.trustees).find(|(_, it)| it.key == *sender).map(|(number, _)| number);
    let trustee = trustee.ok_or(Rejection::NotATrustee)?;
    let urns = urns(work, id);
    let urn = urns.iter().find(|it| it.part() == opening.part && !it.is_empty()).ok_or(Rejection::NothingToOpen)?;
    let place = keys::share(id, opening.part, trustee);
    if work.holds(Space::Map, &place) {
        return Err(Rejection::MessageExists);
    }
    let keys = ThresholdKeys::<Trustees>::decode(&record.trustees).expect("the state holds only what the rules wrote");
    if !keys.holders().contains(&trustee) {
        return Err(Rejection::NotATrustee);
    }
    match verified(&opening.share, urn, &keys, trustee) {
        Ok(_) => {
            work.post(place, opening.share.to_vec());
            work.mark(keys::stirred());
            work.tell(Event::OpeningShared { election: *id, part: opening.part, trustee });
            Ok(())
        }
        // The first one goes on record with its sender's name; the others would only fill the ledger.
        Err(refusal) => {
            let name = keys::wrong_share(id, trustee);
            if work.holds(Space::Map, &name) {
                return Err(refused(refusal));
            }
            let wrong = WrongShare { trustee, key: *sender, at: work.now() };
            work.write(name, &wrong);
            work.tell(Event::WrongShareIgnored { election: *id, trustee });
            Ok(())
        }
    }
}

fn verified(bytes: &[u8], urn: &Urn, keys: &ThresholdKeys<Trustees>, trustee: u16) -> Result<DecryptionShare, Refusal> {
    let candidate = CandidateShare::decode(bytes, urn)?;
    if candidate.trustee() != trustee {
        return Err(Refusal::NotATrustee);
    }
    candidate.verify(urn, keys)
}

/// Opens every urn that has its shares.
pub(crate) fn advance(work: &mut Work<'_>) {
    for key in keys_while(work, &keys::all_waiting(), |_| true) {
        let id = ElectionId(crate::keys::parse_name(&key).expect("an urn's key ends with its election"));
        open(work, &id);
    }
}

fn open(work: &mut Work<'_>, id: &ElectionId) {
    let (mut gate, life) = load(work, id).expect("an urn is an election's");
    let record: UrnRecord = work.read(&keys::urn(id)).expect("a secret election has its urn");
    let definition: ElectionDefinition =
        work.read(&crate::keys::definition(id)).expect("an election keeps its definition");
    let keys = ThresholdKeys::<Trustees>::decode(&record.trustees).expect("the state holds only what the rules wrote");
    let compiled = compile(&definition).expect("a definition was judged before its ceremony");
    let mut parts = Vec::new();
    for urn in urns(work, id) {
        let shares = shares(work, &urn, &keys);
        match tally::open(&urn, &keys, &shares, &compiled) {
            Ok(rows) => parts.push((urn, shares, rows.concat())),
            Err(Refusal::TooFewShares) => return,
            // Verified ballots add up to small numbers and verified shares show them: this cannot be.
            Err(refusal) => return work.tell(Event::OpeningFailed { election: *id, code: refusal.code() }),
        }
    }
    let rules = definition.secrecy.sealed().expect("only a secret election has an urn");
    let mut colleges: Vec<(CollegeId, Vec<Vec<u64>>)> = Vec::new();
    let mut counted = 0;
    for ((urn, shares, totals), group) in parts.iter().zip(&rules.groups) {
        let opened = OpenedPart {
            ballots: Count(urn.ballots()),
            cells: totals.iter().copied().map(Count).collect(),
            trustees: shares.iter().map(DecryptionShare::trustee).take(keys.threshold().into()).collect(),
        };
        work.write(keys::opened(id, urn.part()), &opened);
        counted += urn.ballots();
        if let Ok(counters) = counters(&definition, &compiled, totals, urn.ballots()) {
            colleges.push((group[0], counters));
        }
    }
    work.remove(keys::waiting(id));
    gate.state = ElectionState::Counting;
    save(work, id, &gate, &life);
    work.tell(Event::UrnOpened { election: *id });
    counting::hand_over(work, id, &definition, counted, colleges);
}

fn shares(work: &Work<'_>, urn: &Urn, keys: &ThresholdKeys<Trustees>) -> Vec<DecryptionShare> {
    let mut found = Vec::new();
    work.scan(Space::Map, &keys::shares(urn.election(), urn.part()), &mut |_, bytes| {
        let share = CandidateShare::decode(bytes, urn).and_then(|it| it.verify(urn, keys));
        found.push(share.expect("a share was verified before it was kept"));
        ControlFlow::Continue(())
    });
    found
}
