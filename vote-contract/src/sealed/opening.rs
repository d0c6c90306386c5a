//! The opening, after the close: each trustee posts its share of each urn, any t of them open it, and what is opened is counted
//! by the rules of an open election. Each share is verified once, in the block after it was posted, as far as the block's units
//! of counting allow; one whose proof fails is ignored, and its sender named.
use super::{
    keys, pieces,
    questions::compile,
    records::{CeremonyRecord, SealedGate, UrnOpening, UrnRecord, WrongShare},
    sums,
};
use crate::{
    calendar::{load, save},
    event::Event,
    records::ElectionState,
    state::{Space, StateView},
    work::{Work, keys_while},
};
use std::ops::ControlFlow;
use urne_ballot::{CandidateShare, Compiled, DecryptionShare, Refusal, ThresholdKeys, Trustees, Urn};
use urne_types::{
    ElectionId, PublicKey, Rejection,
    election::ElectionDefinition,
    limits::{COUNT_SHARE_UNITS, WRONG_SHARES_MAX},
    sealed::OpeningShare,
};

/// A secret election is closed: its urn waits for its shares.
pub(crate) fn start(work: &mut Work<'_>, id: &ElectionId) {
    work.mark(keys::waiting(id));
    work.mark(keys::stirred());
    work.tell(Event::OpeningBegun { election: *id });
}
/// It was cancelled: nothing is opened any more. Whether something was being opened.
pub(crate) fn forget(work: &mut Work<'_>, id: &ElectionId) -> bool {
    let was_waiting = work.holds(Space::Map, &keys::waiting(id));
    if was_waiting {
        work.remove(keys::waiting(id));
    }
    was_waiting
}

// ---- Shares ----

/// A trustee posts a share. Its proof is verified when the next block begins.
pub(crate) fn share(work: &mut Work<'_>, sender: &PublicKey, opening: &OpeningShare) -> Result<(), Rejection> {
    let (id, part) = (&opening.election, opening.part);
    if !work.holds(Space::Map, &keys::waiting(id)) {
        return Err(Rejection::NothingToOpen);
    }
    let record: UrnRecord = work.read(&keys::urn(id)).expect("a secret election has its urn");
    let ceremony: CeremonyRecord = work.read(&keys::ceremony(&record.draft)).expect("keys come from a ceremony");
    let sealed = ceremony.definition.secrecy.sealed().expect("only a secret election has a ceremony");
    let trustee = (1_u16..).zip(&sealed.trustees).find(|(_, it)| it.key == *sender).map(|(number, _)| number);
    let trustee = trustee.ok_or(Rejection::NotATrustee)?;
    let gate = super::sealed_gate(work, id).expect("a secret election has its gate");
    let ciphertexts = match gate.opening {
        UrnOpening::Totals => sums::ciphertexts(work, id, part),
        UrnOpening::OneByOne => pieces::ciphertexts(work, id, part),
    };
    let ciphertexts = ciphertexts.ok_or(Rejection::NothingToOpen)?;
    let place = keys::share(id, part, trustee);
    if work.holds(Space::Map, &place) {
        return Err(Rejection::MessageExists);
    }
    let holders = ThresholdKeys::<Trustees>::holders_in(&record.trustees);
    if !holders.expect("the state holds only what the rules wrote").contains(&trustee) {
        return Err(Rejection::NotATrustee);
    }
    if opening.share.len() != Urn::share_length_of(ciphertexts * usize::from(gate.cells)) {
        return Err(Rejection::WrongShape);
    }
    let wrong: Option<WrongShare> = work.read(&keys::wrong_share(id, trustee));
    if wrong.is_some_and(|it| WRONG_SHARES_MAX <= it.times) {
        return Err(Rejection::WrongDecryptionShare);
    }
    work.post(place, opening.share.to_vec());
    work.mark(keys::unverified(id, part, trustee));
    work.mark(keys::stirred());
    Ok(())
}

/// Verifies what was posted for an urn since, in the order of the trustees, until it has the shares that open it; whether it has
/// them. None when `units` do not suffice.
pub(super) fn has_shares(work: &mut Work<'_>, waiting: &Waiting, urn: &Urn, units: &mut u64) -> Option<bool> {
    let (id, part) = (&waiting.id, urn.part());
    let threshold = usize::from(waiting.keys.threshold());
    let sent = keys_while(work, &keys::shares(id, part), |_| true).len();
    let posted = keys_while(work, &keys::unverified_of(id, part), |_| true);
    let mut verified = sent - posted.len();
    let cells: usize = urn.ciphertexts().iter().map(|it| it.b().len()).sum();
    for mark in posted {
        if threshold <= verified {
            break;
        }
        if *units == 0 {
            return None;
        }
        *units = units.saturating_sub(cells as u64 * COUNT_SHARE_UNITS);
        let (_, trustee) = keys::parse_share(&mark).expect("a mark's key ends with part and trustee");
        let place = keys::share(id, part, trustee);
        let bytes = work.get(Space::Map, &place).expect("a mark is a share's");
        work.remove(mark);
        match verify(&bytes, urn, &waiting.keys, trustee) {
            Ok(_) => {
                work.tell(Event::OpeningShared { election: *id, part, trustee });
                verified += 1;
            }
            Err(_) => {
                work.remove(place);
                name(work, waiting, trustee);
            }
        }
    }
    Some(threshold <= verified)
}

/// The shares of an urn that has them: the first t that were verified, by trustee.
pub(super) fn shares(work: &Work<'_>, waiting: &Waiting, urn: &Urn) -> Vec<DecryptionShare> {
    let (id, part) = (&waiting.id, urn.part());
    let mut shares = Vec::new();
    work.scan(Space::Map, &keys::shares(id, part), &mut |key, bytes| {
        let (_, trustee) = keys::parse_share(key).expect("a share's key ends with part and trustee");
        if !work.holds(Space::Map, &keys::unverified(id, part, trustee)) {
            shares.push(
                DecryptionShare::restore_from_state(bytes, urn).expect("a share was verified before it was kept"),
            );
        }
        if shares.len() < waiting.keys.threshold().into() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    shares
}

fn verify(bytes: &[u8], urn: &Urn, keys: &ThresholdKeys<Trustees>, trustee: u16) -> Result<DecryptionShare, Refusal> {
    let candidate = CandidateShare::decode(bytes, urn)?;
    if candidate.trustee() != trustee {
        return Err(Refusal::NotATrustee);
    }
    candidate.verify(urn, keys)
}

/// Who sent a wrong share goes on record, and is told once.
fn name(work: &mut Work<'_>, waiting: &Waiting, trustee: u16) {
    let place = keys::wrong_share(&waiting.id, trustee);
    if let Some(wrong) = work.read::<WrongShare>(&place) {
        return work.write(place, &WrongShare { times: wrong.times.saturating_add(1), ..wrong });
    }
    let rules = waiting.definition.secrecy.sealed().expect("only a secret election has an urn");
    let key = rules.trustees[usize::from(trustee) - 1].key;
    work.write(place, &WrongShare { trustee, key, at: work.now(), times: 1 });
    work.tell(Event::WrongShareIgnored { election: waiting.id, trustee });
}

/// An urn is opened: shares that came too late to be verified are not kept.
pub(super) fn drop_unverified(work: &mut Work<'_>, id: &ElectionId, part: u32) {
    for mark in keys_while(work, &keys::unverified_of(id, part), |_| true) {
        let (_, trustee) = keys::parse_share(&mark).expect("a mark's key ends with part and trustee");
        work.remove(keys::share(id, part, trustee));
        work.remove(mark);
    }
}

// ---- Blocks ----

/// An election whose urn waits for shares.
pub(super) struct Waiting {
    pub(super) id: ElectionId,
    pub(super) definition: ElectionDefinition,
    pub(super) compiled: Compiled,
    pub(super) keys: ThresholdKeys<Trustees>,
    pub(super) gate: SealedGate,
}

impl Waiting {
    fn load(work: &Work<'_>, id: ElectionId) -> Self {
        let record: UrnRecord = work.read(&keys::urn(&id)).expect("a secret election has its urn");
        let definition: ElectionDefinition =
            work.read(&crate::keys::definition(&id)).expect("an election keeps its definition");
        let compiled = compile(&definition).expect("a definition was judged before its ceremony");
        let keys = ThresholdKeys::decode(&record.trustees).expect("the state holds only what the rules wrote");
        let gate = super::sealed_gate(work, &id).expect("a secret election has its gate");
        Self { id, definition, compiled, keys, gate }
    }
}

/// How far an opening went in one block.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Went {
    /// As far as shares, or a total that cannot be, allow.
    Through,
    /// As far as units allow: the next block goes on.
    Paused,
}

/// Goes on with every opening, as far as the shares that came, and `units`, allow.
pub(crate) fn advance(work: &mut Work<'_>, units: &mut u64) {
    for key in keys_while(work, &keys::all_waiting(), |_| true) {
        let id = ElectionId(crate::keys::parse_name(&key).expect("an urn's key ends with its election"));
        let waiting = Waiting::load(work, id);
        let went = match waiting.gate.opening {
            UrnOpening::Totals => sums::go_on(work, &waiting, units),
            UrnOpening::OneByOne => pieces::go_on(work, &waiting, units),
        };
        if went == Went::Paused {
            work.mark(keys::stirred());
        }
    }
}

/// All is opened: the count may begin.
pub(super) fn conclude(work: &mut Work<'_>, id: &ElectionId) {
    let (mut gate, life) = load(work, id).expect("an urn is an election's");
    work.remove(keys::waiting(id));
    gate.state = ElectionState::Counting;
    save(work, id, &gate, &life);
    work.tell(Event::UrnOpened { election: *id });
}
