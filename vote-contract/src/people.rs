//! Administrators come, go and change keys; members are suspended and come back. The role stays shared: there are always
//! administrators of as many colleges as an act needs approvals.
use crate::{
    census::abandon_all_of,
    event::Event,
    governance::end_delegations_of,
    keys,
    read::{administrators, has_college, parameters},
    state::Space,
    work::Work,
};
use std::collections::BTreeSet;
use urne_types::{
    CollegeId, PublicKey, Rejection,
    governance::{Administrator, KeyCause},
    limits::ADMINISTRATORS_MAX,
};

pub(crate) fn add_administrator(work: &mut Work<'_>, administrator: &Administrator) -> Result<(), Rejection> {
    if !has_college(work, administrator.college) {
        return Err(Rejection::UnknownCollege);
    }
    judge_new_key(work, &administrator.key)?;
    if ADMINISTRATORS_MAX <= administrators(work).len() {
        return Err(Rejection::TooManyAdministrators);
    }
    work.write(keys::administrator(&administrator.key), administrator);
    work.tell(Event::AdministratorAdded { key: administrator.key, college: administrator.college });
    Ok(())
}

pub(crate) fn remove_administrator(work: &mut Work<'_>, key: &PublicKey) -> Result<(), Rejection> {
    if !work.holds(Space::Map, &keys::administrator(key)) {
        return Err(Rejection::UnknownAdministrator);
    }
    let others = administrators(work).into_iter().filter(|it| it.key != *key);
    let colleges: BTreeSet<CollegeId> = others.map(|it| it.college).collect();
    if colleges.len() < usize::from(parameters(work).approvals_needed) {
        return Err(Rejection::TooFewColleges);
    }
    end_delegations_of(work, key);
    abandon_all_of(work, key);
    work.remove(keys::administrator(key));
    work.tell(Event::AdministratorRemoved { key: *key });
    Ok(())
}

pub(crate) fn rotate_administrator_key(work: &mut Work<'_>, from: &PublicKey, to: &PublicKey) -> Result<(), Rejection> {
    let old: Administrator = work.read(&keys::administrator(from)).ok_or(Rejection::UnknownAdministrator)?;
    judge_new_key(work, to)?;
    end_delegations_of(work, from);
    abandon_all_of(work, from);
    work.remove(keys::administrator(from));
    work.write(keys::administrator(to), &Administrator { key: *to, ..old });
    work.tell(Event::AdministratorKeyRotated { from: *from, to: *to });
    Ok(())
}

/// Whoever is given a role must be the only one who can sign for it.
pub(crate) fn judge_sound<'a>(keys: impl IntoIterator<Item = &'a PublicKey>) -> Result<(), Rejection> {
    if keys.into_iter().all(PublicKey::is_sound) { Ok(()) } else { Err(Rejection::BadKey) }
}

/// One key, one role.
fn judge_new_key(work: &Work<'_>, key: &PublicKey) -> Result<(), Rejection> {
    if work.holds(Space::Map, &keys::administrator(key)) {
        return Err(Rejection::AdministratorExists);
    }
    if work.holds(Space::Map, &keys::delegation(key)) {
        return Err(Rejection::DelegationExists);
    }
    Ok(())
}

/// She can cast no more; what was cast stays. No event names her.
pub(crate) fn suspend_member(work: &mut Work<'_>, member: &PublicKey) -> Result<(), Rejection> {
    if work.holds(Space::Map, &keys::suspended_member(member)) {
        return Err(Rejection::MemberAlreadySuspended);
    }
    work.write(keys::suspended_member(member), &work.now());
    work.tell(Event::MemberSuspended);
    Ok(())
}

pub(crate) fn reinstate_member(work: &mut Work<'_>, member: &PublicKey) -> Result<(), Rejection> {
    if !work.holds(Space::Map, &keys::suspended_member(member)) {
        return Err(Rejection::MemberNotSuspended);
    }
    work.remove(keys::suspended_member(member));
    work.tell(Event::MemberReinstated);
    Ok(())
}

/// Her right passes to another key, a fresh one. What the old key cast stays hers; no event names her.
pub(crate) fn replace_member_key(
    work: &mut Work<'_>,
    from: &PublicKey,
    to: &PublicKey,
    cause: KeyCause,
) -> Result<(), Rejection> {
    if work.holds(Space::Map, &keys::key_after(from)) {
        return Err(Rejection::KeyReplaced);
    }
    let is_used =
        from == to || work.holds(Space::Map, &keys::key_after(to)) || work.holds(Space::Map, &keys::member_of_key(to));
    if is_used {
        return Err(Rejection::MemberKeyInUse);
    }
    let member: PublicKey = work.read(&keys::member_of_key(from)).unwrap_or(*from);
    work.write(keys::member_of_key(to), &member);
    work.write(keys::key_after(from), to);
    work.tell(Event::MemberKeyReplaced { cause });
    Ok(())
}
