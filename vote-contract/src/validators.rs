//! Who decides, who proposes, and how that changes. Whatever an act or an evidence asks, the set that comes out always keeps
//! the rule of the colleges: a suspension that would break it waits, as an alarm.
use crate::{
    event::Event,
    keys,
    read::{chain, colleges, has_college, validator},
    records::{Standing, SuspensionCause, ValidatorEntry},
    work::{Work, records},
};
use std::collections::BTreeSet;
use urne_consensus::power::{Member, derive_validator_set};
use urne_types::{
    Height, Rejection, ValidatorId,
    bounded::Text,
    governance::ValidatorRecord,
    limits::{REASON_BYTES_MAX, VALIDATORS_MAX},
    signed::Signed,
    validators::{ProposerDuty, Validator, ValidatorSet},
};

// ---- Acts ----

pub(crate) fn add(work: &mut Work<'_>, record: &Signed<ValidatorRecord>) -> Result<(), Rejection> {
    let record = judge_record(work, record)?;
    let mut all = Validators::load(work);
    if all.is_known(&record, None) {
        return Err(Rejection::ValidatorExists);
    }
    if VALIDATORS_MAX <= all.entries.iter().filter(|it| it.decides()).count() {
        return Err(Rejection::TooManyValidators);
    }
    let (validator, college) = (record.id(), record.college);
    all.entries.push(ValidatorEntry::new(record));
    all.judge(work)?;
    work.tell(Event::ValidatorAdded { validator, college });
    all.settle(work);
    Ok(())
}

pub(crate) fn suspend(work: &mut Work<'_>, id: &ValidatorId, reason: &Text<REASON_BYTES_MAX>) -> Result<(), Rejection> {
    match validator(work, id).map(|it| it.standing) {
        None | Some(Standing::Replaced { .. }) => Err(Rejection::UnknownValidator),
        Some(Standing::Suspended { .. } | Standing::SuspensionPending { .. }) => {
            Err(Rejection::ValidatorAlreadySuspended)
        }
        Some(Standing::Active) => {
            suspend_for(work, id, SuspensionCause::Act { reason: reason.clone() });
            Ok(())
        }
    }
}

/// Takes an active validator out, or puts its suspension on the waiting list where the chain would break without it.
pub(crate) fn suspend_for(work: &mut Work<'_>, id: &ValidatorId, cause: SuspensionCause) {
    let since = work.now();
    let mut all = Validators::load(work);
    all.entry(id).expect("the validator was found").standing = Standing::SuspensionPending { cause, since };
    all.settle(work);
    let left = validator(work, id).expect("it was just written");
    if matches!(left.standing, Standing::SuspensionPending { .. }) {
        work.tell(Event::ValidatorSuspensionPending { validator: *id });
    }
}

pub(crate) fn reinstate(work: &mut Work<'_>, id: &ValidatorId) -> Result<(), Rejection> {
    let mut all = Validators::load(work);
    let entry = all.entry(id).ok_or(Rejection::UnknownValidator)?;
    match entry.standing {
        Standing::Suspended { .. } | Standing::SuspensionPending { .. } => {}
        Standing::Active => return Err(Rejection::ValidatorNotSuspended),
        Standing::Replaced { .. } => return Err(Rejection::UnknownValidator),
    }
    entry.come_back();
    all.judge(work)?;
    work.tell(Event::ValidatorReinstated { validator: *id });
    all.settle(work);
    Ok(())
}

pub(crate) fn replace(
    work: &mut Work<'_>,
    id: &ValidatorId,
    record: &Signed<ValidatorRecord>,
) -> Result<(), Rejection> {
    let mut all = Validators::load(work);
    let old = all.entry(id).filter(|it| !matches!(it.standing, Standing::Replaced { .. }));
    let college = old.ok_or(Rejection::UnknownValidator)?.record.college;
    let record = judge_record(work, record)?;
    if record.college != college {
        return Err(Rejection::WrongCollege);
    }
    if all.is_known(&record, Some(id)) {
        return Err(Rejection::ValidatorExists);
    }
    let (by, since) = (record.id(), work.now());
    all.entry(id).expect("it was just found").standing = Standing::Replaced { by, since };
    all.entries.push(ValidatorEntry::new(record));
    all.judge(work)?;
    work.tell(Event::ValidatorReplaced { validator: *id, by });
    all.settle(work);
    Ok(())
}

fn judge_record(work: &Work<'_>, record: &Signed<ValidatorRecord>) -> Result<ValidatorRecord, Rejection> {
    let key = record.claim.key;
    let verified = record.clone().verify(&work.at.chain, &key).map_err(|_| Rejection::BadValidatorRecord)?;
    if !has_college(work, record.claim.college) {
        return Err(Rejection::UnknownCollege);
    }
    Ok(verified.into_signed().claim)
}

// ---- All of them ----

impl ValidatorEntry {
    pub(crate) fn new(record: ValidatorRecord) -> Self {
        Self { record, standing: Standing::Active, missed_turns: 0, excused_until: None }
    }
    /// Whether its precommits count.
    fn decides(&self) -> bool {
        matches!(self.standing, Standing::Active | Standing::SuspensionPending { .. })
    }
    fn come_back(&mut self) {
        (self.standing, self.missed_turns, self.excused_until) = (Standing::Active, 0, None);
    }
}

struct Validators {
    before: Vec<ValidatorEntry>,
    entries: Vec<ValidatorEntry>,
}

impl Validators {
    fn load(work: &Work<'_>) -> Self {
        let entries: Vec<ValidatorEntry> = records(work, &keys::validators());
        Self { before: entries.clone(), entries }
    }
    fn entry(&mut self, id: &ValidatorId) -> Option<&mut ValidatorEntry> {
        self.entries.iter_mut().find(|it| it.record.id() == *id)
    }
    /// Whether a key was ever used, or a network node is another's.
    fn is_known(&self, record: &ValidatorRecord, instead_of: Option<&ValidatorId>) -> bool {
        self.entries.iter().any(|it| {
            let leaves = matches!(it.standing, Standing::Replaced { .. }) || instead_of == Some(&it.record.id());
            it.record.key == record.key || (it.record.node == record.node && !leaves)
        })
    }
    fn judge(&self, work: &Work<'_>) -> Result<(), Rejection> {
        derive(work, &self.entries).map(|_| ()).ok_or(Rejection::BreaksCollegeRule)
    }
    /// Suspends those whose suspension waits and need wait no longer, then writes what changed.
    fn settle(mut self, work: &mut Work<'_>) {
        for at in 0..self.entries.len() {
            let Standing::SuspensionPending { cause, since } = self.entries[at].standing.clone() else { continue };
            let pending = self.entries[at].standing.clone();
            self.entries[at].standing = Standing::Suspended { cause, since };
            if derive(work, &self.entries).is_some() {
                work.tell(Event::ValidatorSuspended { validator: self.entries[at].record.id() });
            } else {
                self.entries[at].standing = pending;
            }
        }
        self.write(work);
    }
    fn write(self, work: &mut Work<'_>) {
        for entry in self.entries.iter().filter(|it| !self.before.contains(it)) {
            work.write(keys::validator(&entry.record.id()), entry);
        }
    }
}

/// The set of those who decide, all of them in turn; none when the colleges' rule would be broken.
fn derive(work: &Work<'_>, entries: &[ValidatorEntry]) -> Option<ValidatorSet> {
    let member =
        |it: &ValidatorEntry| Member { key: it.record.key, college: it.record.college, duty: ProposerDuty::Proposes };
    let members: Vec<Member> = entries.iter().filter(|it| it.decides()).map(member).collect();
    derive_validator_set(&colleges(work), chain(work).halting, &members).ok()
}

// ---- Turns ----

/// Of an excuse, what each certificate that the excused validator signs takes off (docs/decisions/0026).
const EXCUSE_PARTS: u64 = 10;

/// Counts missed turns, excuses the absent from proposing, and lets them back in: the silent after their time, those whose
/// precommits are in the certificates long before.
pub(crate) fn keep_turns(work: &mut Work<'_>) {
    let rules = crate::read::parameters(work);
    let height = work.at.height;
    let mut all = Validators::load(work);
    let missed = missed_turns(work);
    let signers = work.at.last_commit.as_ref().map(|it| it.signers.clone()).unwrap_or_default();
    for entry in &mut all.entries {
        let id = entry.record.id();
        if let Some(until) = entry.excused_until {
            let is_alive = signers.contains(&id);
            let less = if is_alive { rules.excused_heights.div_ceil(EXCUSE_PARTS) } else { 0 };
            let until = Height::new(until.get().saturating_sub(less));
            entry.excused_until = Some(until).filter(|it| height < *it);
            if entry.excused_until.is_none() {
                work.tell(Event::ValidatorBackInTurn { validator: id });
            }
        }
        if !entry.decides() {
            continue;
        }
        if missed.contains(&id) {
            entry.missed_turns = entry.missed_turns.saturating_add(1);
        }
        if id == work.at.proposer {
            entry.missed_turns = 0; // here it is, with this very block
        }
        if rules.missed_turns_max <= entry.missed_turns {
            let until = Height::new(height.get().saturating_add(rules.excused_heights));
            (entry.missed_turns, entry.excused_until) = (0, Some(until));
            work.tell(Event::ValidatorExcused { validator: id, until });
        }
    }
    all.write(work);
}

/// Whose missed turn at the height before counts, once however many rounds it took. When those who missed hold a third of
/// the power or more, honest ones are among them: the network was at fault, or too slow, and nobody's turn counts.
fn missed_turns(work: &Work<'_>) -> BTreeSet<ValidatorId> {
    let last = work.at.last_commit.as_ref();
    let missed: BTreeSet<ValidatorId> = last.into_iter().flat_map(|it| it.missed_proposers.iter().copied()).collect();
    let set: Option<ValidatorSet> = if missed.is_empty() { None } else { work.read(&keys::validator_set()) };
    let is_telling = |set: &ValidatorSet| {
        let others = set.members().iter().map(|it| &it.id).filter(|id| !missed.contains(id));
        set.is_quorum(set.power_of(others))
    };
    if set.as_ref().is_some_and(is_telling) { missed } else { BTreeSet::new() }
}

/// The set that this block fixes for the height after the next.
pub(crate) fn fix_set(work: &mut Work<'_>) -> ValidatorSet {
    let entries: Vec<ValidatorEntry> = records(work, &keys::validators());
    let set = derive(work, &entries).expect("no act leaves a set that breaks the colleges' rule");
    let set = excuse(&set, &entries);
    if work.read(&keys::validator_set()).as_ref() != Some(&set) {
        work.write(keys::validator_set(), &set);
    }
    set
}

/// Takes out of turn those whose suspension waits, then the absent, as long as the rest keep a quorum.
fn excuse(set: &ValidatorSet, entries: &[ValidatorEntry]) -> ValidatorSet {
    let is_pending = |it: &ValidatorEntry| matches!(it.standing, Standing::SuspensionPending { .. });
    let pending = entries.iter().filter(|it| is_pending(it));
    let absent = entries.iter().filter(|it| !is_pending(it) && it.excused_until.is_some());
    let mut members: Vec<Validator> = set.members().to_vec();
    for entry in pending.chain(absent) {
        let id = entry.record.id();
        let proposes = |it: &&Validator| it.duty == ProposerDuty::Proposes && it.id != id;
        let left = set.power_of(members.iter().filter(proposes).map(|it| &it.id));
        if let Some(member) = members.iter_mut().find(|it| it.id == id)
            && set.is_quorum(left)
        {
            member.duty = ProposerDuty::Excused;
        }
    }
    ValidatorSet::new(members).expect("only duties changed")
}
