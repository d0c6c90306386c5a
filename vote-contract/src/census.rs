//! A census arrives in parts, in order, and is complete only when its entries are exactly those that its commitment names.
//! Whoever brings a wrong part first can not spoil the name: the first part, brought again, begins again.
use crate::{
    event::Event,
    keys,
    people::judge_sound,
    read::{has_college, role_of},
    records::{CensusRecord, CensusState},
    result::Count,
    work::Work,
};
use urne_types::{
    CollegeId, PublicKey, Rejection,
    codec::encode,
    election::{CensusCommitment, CensusEntry},
    limits::CENSUS_MEMBERS_MAX,
    merkle::{Frontier, leaf_hash},
};

/// Brings a part.
pub(crate) fn bring(
    work: &mut Work<'_>,
    sender: &PublicKey,
    commitment: &CensusCommitment,
    first: u64,
    entries: &[CensusEntry],
) -> Result<(), Rejection> {
    role_of(work, sender, work.at.time).ok_or(Rejection::NotAnAdministrator)?;
    let id = commitment.id();
    let mut census = match work.read::<CensusRecord>(&keys::census(&id)) {
        None => begin(work, commitment)?,
        Some(it) if it.state != CensusState::Incomplete => return Err(Rejection::CensusComplete),
        Some(it) if first == 0 => begin_again(it)?,
        Some(it) => it,
    };
    if first != census.brought.size() || entries.is_empty() {
        return Err(Rejection::CensusOutOfOrder);
    }
    judge_sound(entries.iter().map(|it| &it.member))?;
    for entry in entries {
        add(&mut census, entry)?;
        work.index(keys::census_entry(&id, census.attempt, entry), Vec::new());
    }
    let (brought, total) = (census.brought.size(), commitment.total());
    if brought == total {
        judge_complete(&census)?;
        census.state = CensusState::Complete;
    }
    work.tell(Event::CensusPartBrought { census: id, entries: Count(brought), of: Count(total) });
    if census.state == CensusState::Complete {
        work.tell(Event::CensusCompleted { census: id, entries: Count(total) });
    }
    work.write(keys::census(&id), &census);
    Ok(())
}

fn begin(work: &Work<'_>, commitment: &CensusCommitment) -> Result<CensusRecord, Rejection> {
    let total = commitment.total();
    if total == 0 || CENSUS_MEMBERS_MAX < total {
        return Err(Rejection::CensusTooLarge);
    }
    let is_canonical =
        commitment.members.is_sorted_by(|a, b| a.0 < b.0) && commitment.members.iter().all(|it| 0 < it.1);
    if !is_canonical {
        return Err(Rejection::CensusMismatch);
    }
    if !commitment.members.iter().all(|(college, _)| has_college(work, *college)) {
        return Err(Rejection::UnknownCollege);
    }
    let state = CensusState::Incomplete;
    Ok(CensusRecord { commitment: commitment.clone(), state, attempt: 0, brought: Frontier::default(), last: None })
}
fn begin_again(abandoned: CensusRecord) -> Result<CensusRecord, Rejection> {
    let attempt = abandoned.attempt.checked_add(1).ok_or(Rejection::CensusOutOfOrder)?;
    Ok(CensusRecord { attempt, brought: Frontier::default(), last: None, ..abandoned })
}

/// One entry more: after the last one, and of the college that comes at this place.
fn add(census: &mut CensusRecord, entry: &CensusEntry) -> Result<(), Rejection> {
    if census.last.is_some_and(|last| *entry <= last) {
        return Err(Rejection::CensusOutOfOrder);
    }
    if college_at(&census.commitment, census.brought.size()) != Some(entry.college) {
        return Err(Rejection::CensusMismatch);
    }
    census.brought.append(leaf_hash(&encode(entry)), |_, _| {});
    census.last = Some(*entry);
    Ok(())
}
/// Entries are sorted by college, so the numbers of members say whose place each one is.
fn college_at(commitment: &CensusCommitment, index: u64) -> Option<CollegeId> {
    let mut end = 0_u64;
    commitment.members.iter().find_map(|(college, members)| {
        end = end.saturating_add(*members);
        (index < end).then_some(*college)
    })
}
fn judge_complete(census: &CensusRecord) -> Result<(), Rejection> {
    if census.brought.root() == census.commitment.root { Ok(()) } else { Err(Rejection::CensusMismatch) }
}

/// The colleges adopt a census.
pub(crate) fn adopt(work: &mut Work<'_>, id: &urne_types::CensusId) -> Result<(), Rejection> {
    let mut census: CensusRecord = work.read(&keys::census(id)).ok_or(Rejection::UnknownCensus)?;
    census.state = match census.state {
        CensusState::Incomplete => return Err(Rejection::CensusIncomplete),
        CensusState::Adopted => return Err(Rejection::CensusAdopted),
        CensusState::Complete => CensusState::Adopted,
    };
    work.write(keys::census(id), &census);
    work.tell(Event::CensusAdopted { census: *id });
    Ok(())
}
