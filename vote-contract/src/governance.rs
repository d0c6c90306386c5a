//! Acts of governance: proposed, approved by administrators of enough distinct colleges, executed once, in the block of the
//! approval that was still missing. Whoever loses the role loses her pending approvals with it.
use crate::{
    calendar, census,
    event::Event,
    keys::{self, Expiring},
    people, protocol,
    read::{self, administrator_behind, role_of},
    records::{ActRecord, ActState, Approval, Delegation},
    state::Space,
    statutes, validators,
    work::{Work, count, keys_while},
};
use std::collections::BTreeSet;
use urne_types::{
    ActId, CollegeId, PublicKey, Rejection, UnixMs,
    governance::{Act, Administrator, ProposedAct},
    limits::{ACTS_PENDING_MAX, DELEGATION_MS_MAX, DELEGATIONS_MAX},
};

// ---- Acts ----

/// Proposes an act, and approves it for the proposer's college.
pub(crate) fn propose(work: &mut Work<'_>, sender: &PublicKey, proposed: &ProposedAct) -> Result<(), Rejection> {
    let Administrator { college, key: by } =
        administrator_behind(work, sender, work.at.time).ok_or(Rejection::NotAnAdministrator)?;
    let id = proposed.id(&work.at.chain);
    if work.holds(Space::Map, &keys::act(&id)) {
        return Err(Rejection::ActExists);
    }
    people::judge_sound(brought_key(&proposed.act))?;
    if let Act::ReplaceMemberKey { to, .. } = &proposed.act {
        census::judge_member_key(to)?;
    }
    judge_expiry(work, proposed.expires_at, read::parameters(work).act_lifetime_ms_max)?;
    if ACTS_PENDING_MAX <= count(work, &keys::acts_of(&by), ACTS_PENDING_MAX) {
        return Err(Rejection::TooManyActs);
    }
    let (at, approvals, state) = (work.now(), Vec::new(), ActState::Pending);
    let record = ActRecord { proposed: proposed.clone(), by, at, approvals, state };
    work.mark(keys::act_of(&by, &id));
    work.mark(keys::act_at(work.at.height, &id));
    work.mark(keys::expiry(proposed.expires_at, &Expiring::Act(id)));
    work.tell(Event::ActProposed { act: id });
    add_approval(work, id, record, college, sender)
}

/// The key to which an act gives a role, if it brings a new one.
fn brought_key(act: &Act) -> Option<&PublicKey> {
    match act {
        Act::AddValidator { record } | Act::ReplaceValidator { record, .. } => Some(&record.claim.key),
        Act::AddAdministrator { administrator } => Some(&administrator.key),
        Act::RotateAdministratorKey { to, .. } => Some(to),
        _ => None,
    }
}

/// Approves an act for the sender's college.
pub(crate) fn approve(work: &mut Work<'_>, sender: &PublicKey, id: &ActId) -> Result<(), Rejection> {
    let college = role_of(work, sender, work.at.time).ok_or(Rejection::NotAnAdministrator)?;
    let mut record = read::act(work, id).ok_or(Rejection::UnknownAct)?;
    judge_pending(work, &record)?;
    record.approvals.retain(|it| stands(work, it));
    if record.approvals.iter().any(|it| it.college == college) {
        return Err(Rejection::AlreadyApproved);
    }
    add_approval(work, *id, record, college, sender)
}

/// The administrator who proposed an act, or her delegate, takes it back.
pub(crate) fn withdraw(work: &mut Work<'_>, sender: &PublicKey, id: &ActId) -> Result<(), Rejection> {
    let own = administrator_behind(work, sender, work.at.time).ok_or(Rejection::NotAnAdministrator)?.key;
    let mut record = read::act(work, id).ok_or(Rejection::UnknownAct)?;
    if record.by != own {
        return Err(Rejection::NotYours);
    }
    judge_pending(work, &record)?;
    record.state = ActState::Withdrawn { at: work.now() };
    settle(work, *id, &record);
    work.remove(keys::expiry(record.proposed.expires_at, &Expiring::Act(*id)));
    work.tell(Event::ActWithdrawn { act: *id });
    Ok(())
}

fn judge_pending(work: &Work<'_>, record: &ActRecord) -> Result<(), Rejection> {
    match record.state {
        ActState::Executed { .. } => Err(Rejection::ActExecuted),
        ActState::Expired => Err(Rejection::ActExpired),
        ActState::Withdrawn { .. } => Err(Rejection::ActWithdrawn),
        ActState::Pending if record.proposed.expires_at <= work.at.time => Err(Rejection::ActExpired),
        ActState::Pending => Ok(()),
    }
}
/// Writes an act that waits no more.
fn settle(work: &mut Work<'_>, id: ActId, record: &ActRecord) {
    work.remove(keys::act_of(&record.by, &id));
    work.write(keys::act(&id), record);
}

/// An approval counts as long as its author may act for the college she approved for.
fn stands(work: &Work<'_>, approval: &Approval) -> bool {
    role_of(work, &approval.by, work.at.time) == Some(approval.college)
}

fn add_approval(
    work: &mut Work<'_>,
    id: ActId,
    mut record: ActRecord,
    college: CollegeId,
    by: &PublicKey,
) -> Result<(), Rejection> {
    record.approvals.push(Approval { college, by: *by, at: work.now() });
    record.approvals.sort_by_key(|it| it.college);
    work.tell(Event::ActApproved { act: id, college });
    let colleges: BTreeSet<CollegeId> = record.approvals.iter().map(|it| it.college).collect();
    if usize::from(read::parameters(work).approvals_needed) <= colleges.len() {
        execute(work, &record.proposed.act)?;
        record.state = ActState::Executed { at: work.now() };
        settle(work, id, &record);
        work.remove(keys::expiry(record.proposed.expires_at, &Expiring::Act(id)));
        work.tell(Event::ActExecuted { act: id });
    } else {
        work.write(keys::act(&id), &record);
    }
    Ok(())
}

/// What each act does.
fn execute(work: &mut Work<'_>, act: &Act) -> Result<(), Rejection> {
    match act {
        Act::AddValidator { record } => validators::add(work, record),
        Act::SuspendValidator { validator, reason } => validators::suspend(work, validator, reason),
        Act::ReinstateValidator { validator } => validators::reinstate(work, validator),
        Act::ReplaceValidator { validator, record } => validators::replace(work, validator, record),
        Act::AddAdministrator { administrator } => people::add_administrator(work, administrator),
        Act::RemoveAdministrator { key } => people::remove_administrator(work, key),
        Act::RotateAdministratorKey { from, to } => people::rotate_administrator_key(work, from, to),
        Act::AdoptCensus { census } => census::adopt(work, census),
        Act::SuspendMember { member } => people::suspend_member(work, member),
        Act::ReinstateMember { member } => people::reinstate_member(work, member),
        Act::SetParameter { change } => protocol::set_parameter(work, change),
        Act::UpgradeProtocol { version, height } => protocol::upgrade(work, *version, *height),
        Act::ScheduleElection { draft } => calendar::schedule(work, draft),
        Act::CloseElection { election } => calendar::close_early(work, election),
        Act::PutStatutes { statutes: version } => statutes::put(work, version),
        Act::ReplaceMemberKey { from, to, cause } => people::replace_member_key(work, from, to, *cause),
        Act::CancelElection { election, reason } => calendar::cancel(work, election, reason),
    }
}

// ---- Delegations ----

/// An administrator lets someone act for her until a date.
pub(crate) fn delegate(
    work: &mut Work<'_>,
    sender: &PublicKey,
    to: &PublicKey,
    expires_at: UnixMs,
) -> Result<(), Rejection> {
    if !work.holds(Space::Map, &keys::administrator(sender)) {
        return Err(Rejection::NotAnAdministrator);
    }
    people::judge_sound(Some(to))?;
    judge_expiry(work, expires_at, DELEGATION_MS_MAX)?;
    if work.holds(Space::Map, &keys::administrator(to)) || work.holds(Space::Map, &keys::delegation(to)) {
        return Err(Rejection::DelegationExists);
    }
    if DELEGATIONS_MAX <= count(work, &keys::delegations_of(sender), DELEGATIONS_MAX) {
        return Err(Rejection::TooManyDelegations);
    }
    work.write(keys::delegation(to), &Delegation { by: *sender, expires_at });
    work.mark(keys::delegation_of(sender, to));
    work.mark(keys::expiry(expires_at, &Expiring::Delegation(*to)));
    work.tell(Event::RoleDelegated { by: *sender, to: *to, expires_at });
    Ok(())
}

/// An administrator takes back the delegation that she gave until that time.
pub(crate) fn revoke(
    work: &mut Work<'_>,
    sender: &PublicKey,
    to: &PublicKey,
    expires_at: UnixMs,
) -> Result<(), Rejection> {
    if !work.holds(Space::Map, &keys::administrator(sender)) {
        return Err(Rejection::NotAnAdministrator);
    }
    let named = Delegation { by: *sender, expires_at };
    if work.read(&keys::delegation(to)) != Some(named) {
        return Err(Rejection::UnknownDelegation);
    }
    end_delegation(work, to, &named);
    Ok(())
}

/// Ends every delegation of an administrator who leaves or changes her key.
pub(crate) fn end_delegations_of(work: &mut Work<'_>, by: &PublicKey) {
    for key in keys_while(work, &keys::delegations_of(by), |_| true) {
        let to = PublicKey(keys::parse_name(&key).expect("a delegation's key ends with the delegate"));
        let delegation = work.read(&keys::delegation(&to)).expect("both records of a delegation live together");
        end_delegation(work, &to, &delegation);
    }
}
fn end_delegation(work: &mut Work<'_>, to: &PublicKey, delegation: &Delegation) {
    census::abandon_all_of(work, to);
    work.remove(keys::delegation(to));
    work.remove(keys::delegation_of(&delegation.by, to));
    work.remove(keys::expiry(delegation.expires_at, &Expiring::Delegation(*to)));
    work.tell(Event::DelegationEnded { by: delegation.by, to: *to });
}

// ---- What lapses ----

fn judge_expiry(work: &Work<'_>, expires_at: UnixMs, longest_ms: u64) -> Result<(), Rejection> {
    let now = work.at.time;
    if now < expires_at && expires_at <= now.plus(longest_ms) { Ok(()) } else { Err(Rejection::BadExpiry) }
}

/// Lets go of whatever was to be done before this block's time and was not.
pub(crate) fn lapse(work: &mut Work<'_>) {
    let now = work.at.time;
    let is_due = |key: &[u8]| keys::parse_expiry(key).is_some_and(|(at, _)| at <= now);
    for key in keys_while(work, &keys::expiries(), is_due) {
        let (_, what) = keys::parse_expiry(&key).expect("it was parsed to be found due");
        work.remove(key);
        match what {
            Expiring::Act(id) => {
                let mut record = read::act(work, &id).expect("an expiry names an act");
                record.state = ActState::Expired;
                settle(work, id, &record);
                work.tell(Event::ActExpired { act: id });
            }
            Expiring::Delegation(to) => {
                let delegation = work.read(&keys::delegation(&to)).expect("an expiry names a delegation");
                end_delegation(work, &to, &delegation);
            }
            Expiring::Draft(id) => calendar::lapse(work, &id),
        }
    }
}
