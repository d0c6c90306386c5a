//! Two signed messages for one slot: the validator that signed both is suspended, once per offence.
use crate::{
    event::Event,
    keys, read,
    records::{OffenceRecord, Standing, SuspensionCause},
    state::Space,
    validators::suspend_for,
    work::{Work, count},
};
use urne_consensus::evidence::{Offence, verify_equivocation};
use urne_types::{Rejection, limits::EVIDENCE_HEIGHTS_MAX, message::Equivocation};

/// Records an offence and suspends the offender. Anyone may show it.
pub(crate) fn record(work: &mut Work<'_>, evidence: &Equivocation) -> Result<(), Rejection> {
    let key_of = |id: &_| read::validator(&*work, id).map(|it| it.record.key);
    let Offence { validator, height, round, step } = verify_equivocation(evidence, &work.at.chain, key_of)?;
    if height.get().saturating_add(EVIDENCE_HEIGHTS_MAX) < work.at.height.get() {
        return Err(Rejection::EvidenceTooOld);
    }
    let place = keys::offence(&validator, height, round, step);
    let standing = read::validator(work, &validator).expect("its key was found").standing;
    // Whoever holds a broken key can make offences without end: while it is out, one on record is enough.
    let is_out_for_this = standing != Standing::Active && 0 < count(work, &keys::offences_of(&validator), 1);
    if is_out_for_this || work.holds(Space::Map, &place) {
        return Err(Rejection::EvidenceKnown);
    }
    let recorded = work.now();
    work.write(place, &OffenceRecord { validator, height, round, step, recorded });
    work.tell(Event::EquivocationRecorded { validator, height, round });
    if standing == Standing::Active {
        suspend_for(work, &validator, SuspensionCause::Equivocation);
    }
    Ok(())
}
