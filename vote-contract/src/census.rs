//! A census arrives in parts, in order, and is complete only when its entries are exactly those that its commitment names.
//! Each key brings its own attempt, which nobody else can touch: a wrong part spoils nobody's work but its author's. The first
//! attempt that is complete is the census; the entries of the others are removed, so many a block.
use crate::{
    event::Event,
    keys,
    read::{has_college, role_of},
    records::{AttemptId, CensusAttempt, CensusRecord, CensusState, EntryKeys},
    result::Count,
    state::{Space, StateView},
    work::{Work, count, keys_while},
};
use std::ops::ControlFlow;
use urne_ballot::Credential;
use urne_types::{
    CensusId, CollegeId, PublicKey, Rejection,
    codec::encode,
    election::{CensusCommitment, CensusEntry},
    limits::{CENSUS_MEMBERS_MAX, CENSUS_SWEEP_MAX, CENSUSES_INCOMPLETE_MAX},
    merkle::{Frontier, leaf_hash},
};

/// A part of a census, as it is brought.
pub(crate) struct Part<'a> {
    pub(crate) commitment: &'a CensusCommitment,
    pub(crate) attempt: u64,
    pub(crate) first: u64,
    pub(crate) entries: &'a [CensusEntry],
}

/// Brings a part.
pub(crate) fn bring(work: &mut Work<'_>, sender: &PublicKey, part: Part<'_>) -> Result<(), Rejection> {
    role_of(work, sender, work.at.time).ok_or(Rejection::NotAnAdministrator)?;
    let (commitment, census) = (part.commitment, part.commitment.id());
    match work.read::<CensusRecord>(&keys::census(&census)) {
        None => announce(work, commitment)?,
        Some(it) if it.state != CensusState::Incomplete => return Err(Rejection::CensusComplete),
        Some(_) => {}
    }
    let mut own = attempt(work, sender, &census, &part)?;
    if part.first != own.brought.size() || part.entries.is_empty() {
        return Err(Rejection::CensusOutOfOrder);
    }
    own.keys = kinds(own.keys, part.entries);
    let id = AttemptId::of(&census, sender, own.attempt);
    for entry in part.entries {
        add(&mut own, commitment, entry)?;
        work.index(keys::census_entry(&id, entry), Vec::new());
    }
    let (brought, total) = (own.brought.size(), commitment.total());
    work.tell(Event::CensusPartBrought { census, entries: Count(brought), of: Count(total) });
    if brought < total {
        work.write(keys::census_attempt(sender, &census), &own);
        return Ok(());
    }
    if own.brought.root() != commitment.root {
        return Err(Rejection::CensusMismatch);
    }
    complete(work, sender, commitment, id, own.keys);
    Ok(())
}

/// What all entries so far are: a census of neither kind of key is one of commitments.
fn kinds(so_far: EntryKeys, entries: &[CensusEntry]) -> EntryKeys {
    let all = |is: fn(&PublicKey) -> bool| entries.iter().all(|it| is(&it.member));
    EntryKeys {
        members: so_far.members && all(PublicKey::is_sound),
        credentials: so_far.credentials && all(is_credential),
    }
}
/// Whether it may sign sealed ballots.
fn is_credential(key: &PublicKey) -> bool {
    Credential::decode(&key.0).is_ok()
}
/// A key that takes a member's place votes in whatever she may vote in: it is one or the other, and nobody else's under either.
pub(crate) fn judge_member_key(key: &PublicKey) -> Result<(), Rejection> {
    let is_only_hers = key.is_sound() || (is_credential(key) && !key.is_weak());
    if is_only_hers { Ok(()) } else { Err(Rejection::BadKey) }
}

/// A census that nobody has spoken of yet.
fn announce(work: &mut Work<'_>, commitment: &CensusCommitment) -> Result<(), Rejection> {
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
    let census = CensusRecord {
        commitment: commitment.clone(),
        state: CensusState::Incomplete,
        entries: None,
        keys: EntryKeys::ANY,
    };
    work.write(keys::census(&commitment.id()), &census);
    Ok(())
}

/// The sender's attempt that a part continues, or the new one that it begins.
fn attempt(
    work: &mut Work<'_>,
    sender: &PublicKey,
    census: &CensusId,
    part: &Part<'_>,
) -> Result<CensusAttempt, Rejection> {
    let place = keys::census_attempt(sender, census);
    match work.read::<CensusAttempt>(&place) {
        Some(own) if own.attempt == part.attempt => return Ok(own),
        _ if part.first != 0 => return Err(Rejection::CensusOutOfOrder),
        Some(abandoned) => work.mark(keys::abandoned_attempt(&AttemptId::of(census, sender, abandoned.attempt))),
        None if CENSUSES_INCOMPLETE_MAX <= count(work, &keys::census_attempts_of(sender), CENSUSES_INCOMPLETE_MAX) => {
            return Err(Rejection::TooManyCensuses);
        }
        None => {}
    }
    // A number used before may still have entries in the index.
    if work.holds(Space::Map, &keys::abandoned_attempt(&AttemptId::of(census, sender, part.attempt))) {
        return Err(Rejection::CensusOutOfOrder);
    }
    Ok(CensusAttempt { attempt: part.attempt, brought: Frontier::default(), last: None, keys: EntryKeys::ANY })
}

/// This attempt is the census; the others are abandoned.
fn complete(work: &mut Work<'_>, sender: &PublicKey, commitment: &CensusCommitment, id: AttemptId, of: EntryKeys) {
    let census = commitment.id();
    work.remove(keys::census_attempt(sender, &census));
    for key in keys_while(work, &keys::census_attempts(), |_| true) {
        if keys::parse_census_attempt(&key).is_some_and(|(_, of)| of == census) {
            abandon(work, &key);
        }
    }
    let record =
        CensusRecord { commitment: commitment.clone(), state: CensusState::Complete, entries: Some(id), keys: of };
    work.write(keys::census(&census), &record);
    work.tell(Event::CensusCompleted { census, entries: Count(commitment.total()) });
}

/// Whoever brings a census gives it up.
pub(crate) fn withdraw(
    work: &mut Work<'_>,
    sender: &PublicKey,
    census: &CensusId,
    attempt: u64,
) -> Result<(), Rejection> {
    role_of(work, sender, work.at.time).ok_or(Rejection::NotAnAdministrator)?;
    let place = keys::census_attempt(sender, census);
    if work.read::<CensusAttempt>(&place).is_none_or(|it| it.attempt != attempt) {
        return Err(Rejection::UnknownCensus);
    }
    abandon(work, &place);
    forget_if_nobodys(work, census);
    work.tell(Event::CensusWithdrawn { census: *census });
    Ok(())
}

/// Gives up whatever a key was bringing, when it loses its role.
pub(crate) fn abandon_all_of(work: &mut Work<'_>, by: &PublicKey) {
    for key in keys_while(work, &keys::census_attempts_of(by), |_| true) {
        let (_, census) = keys::parse_census_attempt(&key).expect("an attempt's key names its census");
        abandon(work, &key);
        forget_if_nobodys(work, &census);
    }
}
fn abandon(work: &mut Work<'_>, place: &[u8]) {
    let (by, census) = keys::parse_census_attempt(place).expect("an attempt's key names its author and its census");
    let it: CensusAttempt = work.read(place).expect("the key was found");
    work.mark(keys::abandoned_attempt(&AttemptId::of(&census, &by, it.attempt)));
    work.remove(place.to_vec());
}
/// An incomplete census that nobody brings any more leaves no trace.
fn forget_if_nobodys(work: &mut Work<'_>, census: &CensusId) {
    if crate::read::census_attempts(work, census).is_empty() {
        work.remove(keys::census(census));
    }
}

/// Removes some entries of an abandoned attempt from the index.
pub(crate) fn sweep(work: &mut Work<'_>) {
    let Some(mark) = first_keys(work, Space::Map, &keys::abandoned_attempts(), 1).pop() else { return };
    let id = AttemptId(keys::parse_name(&mark).expect("a mark ends with the attempt"));
    let stale = first_keys(work, Space::Index, &keys::census_entries(&id), CENSUS_SWEEP_MAX);
    if stale.len() < CENSUS_SWEEP_MAX {
        work.remove(mark);
    }
    stale.into_iter().for_each(|key| work.index_remove(key));
}
fn first_keys(work: &Work<'_>, space: Space, prefix: &[u8], most: usize) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    work.scan(space, prefix, &mut |key, _| {
        found.push(key.to_vec());
        if found.len() < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    found
}

/// One entry more: after the last one, and of the college that comes at this place.
fn add(own: &mut CensusAttempt, commitment: &CensusCommitment, entry: &CensusEntry) -> Result<(), Rejection> {
    if own.last.is_some_and(|last| *entry <= last) {
        return Err(Rejection::CensusOutOfOrder);
    }
    if college_at(commitment, own.brought.size()) != Some(entry.college) {
        return Err(Rejection::CensusMismatch);
    }
    own.brought.append(leaf_hash(&encode(entry)), |_, _| {});
    own.last = Some(*entry);
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

/// The colleges adopt a census.
pub(crate) fn adopt(work: &mut Work<'_>, id: &CensusId) -> Result<(), Rejection> {
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
