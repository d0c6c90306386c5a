//! The opening of sums: each group's is decrypted, and nothing else ever is; all groups together, once each has its shares.
use super::{
    keys,
    opening::{Waiting, Went, conclude, drop_unverified, has_shares, shares},
    questions::counters,
    records::OpenedPart,
};
use crate::{counting, event::Event, result::Count, state::StateView, work::Work};
use urne_ballot::{DecryptionShare, Urn, tally};
use urne_types::{CollegeId, ElectionId};

/// The groups' urns, by part.
pub(crate) fn urns(view: &dyn StateView, id: &ElectionId) -> Vec<Urn> {
    let Some(gate) = super::sealed_gate(&view, id) else { return Vec::new() };
    let mut parts: Vec<u32> = gate.parts.iter().map(|it| it.1).collect();
    parts.sort_unstable();
    parts.dedup();
    let urn = |part| Some(Urn::totals(*id, part, &super::totals(view, id, part, gate.cells)?));
    parts.into_iter().filter_map(urn).collect()
}

/// How many ciphertexts a share of a group's urn is for: its sum, if anybody voted.
pub(super) fn ciphertexts(view: &dyn StateView, id: &ElectionId, part: u32, cells: u16) -> Option<usize> {
    let totals = super::totals(view, id, part, cells)?;
    (totals.ballots() != 0).then_some(1)
}

pub(super) fn go_on(work: &mut Work<'_>, waiting: &Waiting, units: &mut u64) -> Went {
    let Waiting { id, definition, compiled, keys, .. } = waiting;
    let urns = urns(work, id);
    let mut is_ready = true;
    for urn in urns.iter().filter(|it| !it.is_empty()) {
        match has_shares(work, waiting, urn, units) {
            Some(has_them) => is_ready &= has_them,
            None => return Went::Paused,
        }
    }
    if !is_ready {
        return Went::Through;
    }
    let mut colleges: Vec<(CollegeId, Vec<Vec<u64>>)> = Vec::new();
    let (mut opened, mut counted) = (Vec::new(), 0);
    let rules = definition.secrecy.sealed().expect("only a secret election has an urn");
    for (urn, group) in urns.iter().zip(&rules.groups) {
        let shares = shares(work, waiting, urn);
        let counters = tally::open(urn, keys, &shares, compiled).map(|rows| rows.concat()).and_then(|totals| {
            let counters = counters(definition, compiled, &totals, urn.ballots())?;
            Ok((totals, counters))
        });
        match counters {
            Ok((totals, counters)) => {
                let cells = totals.into_iter().map(Count).collect();
                let trustees = shares.iter().map(DecryptionShare::trustee).collect();
                opened.push((urn.part(), OpenedPart { ballots: Count(urn.ballots()), cells, trustees }));
                colleges.push((group[0], counters));
                counted += urn.ballots();
            }
            // Verified ballots add up to small numbers and verified shares show them: this cannot be.
            Err(refusal) => {
                work.tell(Event::OpeningFailed { election: *id, code: refusal.code() });
                return Went::Through;
            }
        }
    }
    for (part, it) in opened {
        work.write(keys::opened(id, part), &it);
        drop_unverified(work, id, part);
    }
    conclude(work, id);
    counting::hand_over(work, id, definition, counted, colleges);
    Went::Through
}
