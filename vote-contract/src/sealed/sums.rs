//! The opening of sums: each group's is decrypted, and nothing else ever is. Once every group has its shares they are opened one
//! after the other, as many in a block as its units of counting allow, and one at least; the count begins when all are open.
use super::{
    keys,
    opening::{Waiting, Went, conclude, drop_unverified, has_shares, shares},
    questions::counters,
    records::OpenedPart,
};
use crate::{
    counting,
    event::Event,
    result::Count,
    state::{Space, StateView},
    work::{Work, keys_while},
};
use urne_ballot::{DecryptionShare, Refusal, Totals, Urn, tally};
use urne_types::{
    CollegeId, ElectionId,
    limits::{COUNT_LOGARITHM_UNITS, COUNT_OPENED_UNITS, COUNT_POINT_UNITS},
};

/// The groups' urns, by part.
pub(crate) fn urns(view: &dyn StateView, id: &ElectionId) -> Vec<Urn> {
    let Some(gate) = super::sealed_gate(&view, id) else { return Vec::new() };
    let mut parts: Vec<u32> = gate.parts.iter().map(|it| it.1).collect();
    parts.sort_unstable();
    parts.dedup();
    parts.into_iter().filter_map(|part| urn(view, id, part, gate.cells)).collect()
}
fn urn(view: &dyn StateView, id: &ElectionId, part: u32, cells: u16) -> Option<Urn> {
    Some(Urn::totals(*id, part, &super::totals(view, id, part, cells)?))
}

/// How many ciphertexts a share of a group's urn is for: its sum, if anybody voted.
pub(super) fn ciphertexts(view: &dyn StateView, id: &ElectionId, part: u32) -> Option<usize> {
    (ballots(view, id, part)? != 0).then_some(1)
}
/// How many ballots a group's sum is of, without a look at the sum.
fn ballots(view: &dyn StateView, id: &ElectionId, part: u32) -> Option<u64> {
    Totals::ballots_in_state(&view.get(Space::Map, &keys::totals(id, part))?).ok()
}
fn is_opened(view: &dyn StateView, id: &ElectionId, part: u32) -> bool {
    view.get(Space::Map, &keys::opened(id, part)).is_some()
}

/// Goes on where the block before stopped.
pub(super) fn go_on(work: &mut Work<'_>, waiting: &Waiting, units: &mut u64) -> Went {
    let id = &waiting.id;
    let rules = waiting.definition.secrecy.sealed().expect("only a secret election has an urn");
    let parts = 0..u32::try_from(rules.groups.len()).expect("an election has few groups");
    let mut is_ready = true;
    for part in parts.clone() {
        match is_openable(work, waiting, part, units) {
            Some(has_them) => is_ready &= has_them,
            None => return Went::Paused,
        }
    }
    if !is_ready {
        return Went::Through;
    }
    for part in parts.clone().filter(|it| !is_opened(work, id, *it)).collect::<Vec<_>>() {
        if *units == 0 {
            return Went::Paused;
        }
        if let Err(refusal) = open(work, waiting, part, units) {
            return stop(work, id, refusal);
        }
    }
    match counted(work, waiting, parts.clone()) {
        Ok((counted, colleges)) => {
            parts.for_each(|part| drop_unverified(work, id, part));
            conclude(work, id);
            counting::hand_over(work, id, &waiting.definition, counted, colleges);
            Went::Through
        }
        Err(refusal) => stop(work, id, refusal),
    }
}

/// Verified ballots add up to small numbers and verified shares show them: this cannot be.
fn stop(work: &mut Work<'_>, id: &ElectionId, refusal: Refusal) -> Went {
    work.tell(Event::OpeningFailed { election: *id, code: refusal.code() });
    Went::Through
}

/// Whether a group is opened, or nothing is missing for it; what was posted for it since is verified first. The sum itself is
/// decoded only for that.
fn is_openable(work: &mut Work<'_>, waiting: &Waiting, part: u32, units: &mut u64) -> Option<bool> {
    let id = &waiting.id;
    if is_opened(work, id, part) || ballots(work, id, part) == Some(0) {
        return Some(true);
    }
    let sent = keys_while(work, &keys::shares(id, part), |_| true).len();
    let unverified = keys_while(work, &keys::unverified_of(id, part), |_| true).len();
    let has_them = usize::from(waiting.keys.threshold()) <= sent - unverified;
    if has_them || unverified == 0 {
        return Some(has_them);
    }
    if *units == 0 {
        return None;
    }
    let urn = urn(work, id, part, waiting.gate.cells).expect("a group has its sum");
    let has_them = has_shares(work, waiting, &urn, units);
    *units = units.saturating_sub((u64::from(waiting.gate.cells) + 1) * COUNT_POINT_UNITS);
    has_them
}

/// Opens a group's sum.
fn open(work: &mut Work<'_>, waiting: &Waiting, part: u32, units: &mut u64) -> Result<(), Refusal> {
    let Waiting { id, compiled, keys, gate, .. } = waiting;
    let urn = urn(work, id, part, gate.cells).ok_or(Refusal::OtherUrn)?;
    let shares = shares(work, waiting, &urn);
    let (cells, of_shares) = (u64::from(gate.cells), shares.len() as u64);
    let cost = (cells + 1) * (1 + of_shares) * COUNT_POINT_UNITS
        + cells * of_shares * COUNT_OPENED_UNITS
        + tally::points_walked(compiled, urn.ballots()) * COUNT_LOGARITHM_UNITS;
    *units = units.saturating_sub(cost);
    let cells = tally::open(&urn, keys, &shares, compiled)?.concat().into_iter().map(Count).collect();
    let trustees = shares.iter().map(DecryptionShare::trustee).collect();
    work.write(keys::opened(id, part), &OpenedPart { ballots: Count(urn.ballots()), cells, trustees });
    Ok(())
}

/// What the opened groups give the count: how many ballots, and the counters of each, under its first college.
type Counted = (u64, Vec<(CollegeId, Vec<Vec<u64>>)>);

fn counted(work: &Work<'_>, waiting: &Waiting, parts: std::ops::Range<u32>) -> Result<Counted, Refusal> {
    let Waiting { id, definition, compiled, .. } = waiting;
    let rules = definition.secrecy.sealed().expect("only a secret election has an urn");
    let (mut counted, mut colleges) = (0, Vec::new());
    for (part, group) in parts.zip(&rules.groups) {
        let opened: OpenedPart = work.read(&keys::opened(id, part)).expect("every group is opened");
        let totals: Vec<u64> = opened.cells.iter().map(|it| it.get()).collect();
        colleges.push((group[0], counters(definition, compiled, &totals, opened.ballots.get())?));
        counted += opened.ballots.get();
    }
    Ok((counted, colleges))
}
