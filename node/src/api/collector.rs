//! Credentials wait here for company: a device brings its own, and at the next of the election's instants ([`Rhythm`]), if there
//! are as many as a group takes, or the election is open, those that came before it are registered in transactions of even
//! sizes, in their own order, each under a key that nobody has seen before and nobody will again. In memory only: who brings one
//! asks for it, and brings it again after a restart. Nothing is told of who brought what.
use super::{app::App, problem::Problem, rhythm::Rhythm};
use crate::{api::problem::Fault, clock::Clock, shared::Fate};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::{MissedTickBehavior, interval, timeout};
use urne_ledger::View;
use urne_replica::Submission;
use urne_types::{
    CollegeId, ElectionId, Rejection, SecretKey, TxId, UnixMs,
    bounded::List,
    limits::REGISTRATIONS_MAX,
    sealed::{CredentialBatch, CredentialRegistration},
    transaction::{Payload, UnsignedTx},
};
use urne_vote_contract::{
    read,
    records::ElectionState,
    sealed::{self, records::CredentialRecord},
};

/// Credentials that one node collects: 100,000 x about 200 bytes = 20 MB.
const COLLECTED_MAX: usize = 100_000;
/// How often the clock is looked at: no two instants are closer than twice this.
const TICK: Duration = Duration::from_millis(500);

/// See the module.
#[derive(Default)]
pub(crate) struct Collector {
    held: Mutex<BTreeMap<ElectionId, Collection>>,
    /// One at a time sends what is complete: nothing is sent twice.
    turn: tokio::sync::Mutex<()>,
}
/// The credentials of one election.
struct Collection {
    rhythm: Rhythm,
    /// The last instant at which it was looked through.
    seen: UnixMs,
    groups: BTreeMap<CollegeId, Group>,
}
type Group = BTreeMap<[u8; 32], Held>;

#[derive(Clone, Copy)]
struct Held {
    signature: [u8; 48],
    came_at: UnixMs,
    /// In which transaction it is on its way.
    sent: Option<TxId>,
}

/// What becomes of a credential that was brought.
pub(crate) enum Taken {
    Registered(CredentialRecord),
    /// It waits with so many of its college, itself included.
    Waiting {
        collected: usize,
        needed: usize,
        leaves_at: UnixMs,
    },
}

/// What a moment of the ledger says of a college.
struct Moment {
    is_closed: bool,
    /// What came before this instant leaves.
    instant: UnixMs,
    /// How many are registered together at least.
    together: usize,
    registered: BTreeSet<[u8; 32]>,
    is_full: bool,
}

impl Collector {
    /// Takes a credential whose signature holds, unless it is registered already. One that is here is not verified again.
    pub(crate) async fn take(
        &self,
        app: &App,
        id: ElectionId,
        college: CollegeId,
        offered: CredentialRegistration,
    ) -> Result<Taken, Problem> {
        let (brought, chain) = (offered.clone(), app.shared.genesis.chain_id());
        let is_held = self.holds(&id, college, &offered);
        let judged = app.read(move |ledger, state| {
            let now = ledger.tip()?.time.max(Clock::unix());
            judge(state, &id, college, now)?;
            if let Some(found) = sealed::credential(state, &id, &brought.credential) {
                return Ok(Err(found));
            }
            if !is_held {
                sealed::verify_credential(state, &chain, &id, college, &brought)?;
            }
            let issued = sealed::issuance(state, &id, college).ok_or(Rejection::NoCredentialsIssued)?;
            if issued.alarm.is_some() && issued.approved <= issued.registered {
                return Err(Rejection::TooManyCredentials.into());
            }
            let rhythm = rhythm(state, &id, college).ok_or(Rejection::NoCredentialsIssued)?;
            Ok(Ok((now, rhythm, together(state, &id, college, now))))
        });
        let (now, rhythm, needed) = match judged.await? {
            Err(found) => return Ok(Taken::Registered(found)),
            Ok(moment) => moment,
        };
        let (collected, is_due) = self.keep(id, college, offered, now, rhythm)?;
        if is_due {
            self.flush(app, id).await?;
        }
        Ok(Taken::Waiting { collected, needed, leaves_at: rhythm.next(now) })
    }
    fn holds(&self, id: &ElectionId, college: CollegeId, offered: &CredentialRegistration) -> bool {
        let held = self.lock();
        let group = held.get(id).and_then(|it| it.groups.get(&college));
        group.and_then(|it| it.get(&offered.credential)).is_some_and(|it| it.signature == offered.signature)
    }
    /// How many of its college are there now, and whether an instant has passed since they were looked through.
    fn keep(
        &self,
        id: ElectionId,
        college: CollegeId,
        offered: CredentialRegistration,
        now: UnixMs,
        rhythm: Rhythm,
    ) -> Result<(usize, bool), Problem> {
        let mut held = self.lock();
        let all: usize = held.values().flat_map(|it| it.groups.values()).map(BTreeMap::len).sum();
        let fresh = || Collection { rhythm, seen: rhythm.last(now), groups: BTreeMap::new() };
        let collection = held.entry(id).or_insert_with(fresh);
        let group = collection.groups.entry(college).or_default();
        if COLLECTED_MAX <= all && !group.contains_key(&offered.credential) {
            return Err(Fault::CollectionFull.into());
        }
        let brought = Held { signature: offered.signature, came_at: now, sent: None };
        group.entry(offered.credential).or_insert(brought);
        Ok((group.len(), collection.seen < rhythm.last(now)))
    }

    /// Looks through what is here at each instant, until the node stops.
    pub(crate) async fn watch(app: App) {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let now = Clock::unix();
            let is_due = |it: &Collection| it.seen < it.rhythm.last(now);
            let due: Vec<ElectionId> =
                app.collector.lock().iter().filter(|(_, it)| is_due(it)).map(|(id, _)| *id).collect();
            for id in due {
                // A ledger that cannot be read is told where it is read; the next tick asks again.
                let _ = app.collector.flush(&app, id).await;
            }
        }
    }

    /// Sends those of an election that came before the last instant, where there are enough of them.
    async fn flush(&self, app: &App, id: ElectionId) -> Result<(), Problem> {
        let _turn = self.turn.lock().await;
        let held: Vec<(CollegeId, Vec<[u8; 32]>)> = self
            .lock()
            .get(&id)
            .into_iter()
            .flat_map(|it| &it.groups)
            .map(|(of, group)| (*of, group.keys().copied().collect()))
            .collect();
        let moments = app.read(move |ledger, state| {
            let now = ledger.tip()?.time.max(Clock::unix());
            Ok(held
                .into_iter()
                .map(|(college, all)| (college, moment(state, &id, college, all, now)))
                .collect::<Vec<_>>())
        });
        for (college, moment) in moments.await? {
            for batch in self.next_batches(app, id, college, &moment) {
                self.send(app, batch).await;
            }
        }
        Ok(())
    }

    /// Forgets what is registered or cannot be any more; groups of those that may leave and are not on their way.
    fn next_batches(&self, app: &App, id: ElectionId, college: CollegeId, moment: &Moment) -> Vec<CredentialBatch> {
        let mut held = self.lock();
        let Some(collection) = held.get_mut(&id) else { return Vec::new() };
        collection.seen = moment.instant;
        let Some(group) = collection.groups.get_mut(&college) else { return Vec::new() };
        if moment.is_closed || moment.is_full {
            group.clear();
        }
        group.retain(|it, _| !moment.registered.contains(it));
        for it in group.values_mut() {
            if it.sent.is_some_and(|tx| !matches!(app.shared.fate(&tx), Fate::Pending)) {
                it.sent = None;
            }
        }
        let free = group.iter().filter(|(_, it)| it.sent.is_none() && it.came_at < moment.instant);
        let free: Vec<CredentialRegistration> = free
            .map(|(credential, it)| CredentialRegistration { credential: *credential, signature: it.signature })
            .collect();
        if group.is_empty() {
            collection.groups.remove(&college);
        }
        if collection.groups.is_empty() {
            held.remove(&id);
        }
        let batch = |it: &[CredentialRegistration]| {
            let credentials = List::new(it.to_vec()).expect("even groups are within the bound");
            CredentialBatch { election: id, college, credentials }
        };
        even_groups(&free, moment.together, REGISTRATIONS_MAX).into_iter().map(batch).collect()
    }

    async fn send(&self, app: &App, batch: CredentialBatch) {
        let (id, college) = (batch.election, batch.college);
        let credentials: Vec<[u8; 32]> = batch.credentials.iter().map(|it| it.credential).collect();
        let key = SecretKey::generate(&mut rand::rng());
        let chain = app.shared.genesis.chain_id();
        let tx = UnsignedTx::new(chain, key.public(), Payload::RegisterCredentials(batch)).sign(&key);
        let name = tx.unsigned.id();
        self.mark(id, college, &credentials, Some(name));
        let is_taken = match app.shared.submit(vec![tx.to_raw()]) {
            None => false,
            Some(answer) => match timeout(app.limits.answer_timeout, answer).await {
                Ok(Ok(outcomes)) => !matches!(outcomes[..], [Submission::Refused { .. }]),
                // It may wait: what became of it is asked after the next block.
                _ => true,
            },
        };
        if !is_taken {
            self.mark(id, college, &credentials, None);
        }
    }

    fn mark(&self, id: ElectionId, college: CollegeId, credentials: &[[u8; 32]], sent: Option<TxId>) {
        let mut held = self.lock();
        let Some(group) = held.get_mut(&id).and_then(|it| it.groups.get_mut(&college)) else { return };
        for it in credentials {
            if let Some(it) = group.get_mut(it) {
                it.sent = sent;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<ElectionId, Collection>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the ledger would take a credential now.
fn judge(state: &View<'_>, id: &ElectionId, college: CollegeId, now: UnixMs) -> Result<(), Rejection> {
    let gate = read::gate(state, id).ok_or(Rejection::UnknownElection)?;
    let issuing = sealed::issuance_gate(state, id, college).ok_or(Rejection::NoCredentialsIssued)?;
    match gate.state {
        ElectionState::Cancelled => Err(Rejection::ElectionCancelled),
        ElectionState::Scheduled | ElectionState::Open if now < gate.closes_at => {
            if now < issuing.registration_at {
                Err(Rejection::RegistrationNotOpen)
            } else {
                Ok(())
            }
        }
        _ => Err(Rejection::ElectionClosed),
    }
}

fn rhythm(state: &View<'_>, id: &ElectionId, college: CollegeId) -> Option<Rhythm> {
    let (opens_at, issuing) = (read::gate(state, id)?.opens_at, sealed::issuance_gate(state, id, college)?);
    Some(Rhythm { registration_at: issuing.registration_at, opens_at })
}

/// How many are registered together at least.
fn together(state: &View<'_>, id: &ElectionId, college: CollegeId, now: UnixMs) -> usize {
    let is_open = read::gate(state, id).is_none_or(|it| it.opens_at <= now);
    let together = sealed::issuance_gate(state, id, college).map_or(1, |it| it.together);
    if is_open { 1 } else { usize::try_from(together).unwrap_or(usize::MAX) }
}

fn moment(state: &View<'_>, id: &ElectionId, college: CollegeId, all: Vec<[u8; 32]>, now: UnixMs) -> Moment {
    let issued = sealed::issuance(state, id, college);
    Moment {
        is_closed: judge(state, id, college, now).is_err(),
        instant: rhythm(state, id, college).map_or(now, |it| it.last(now)),
        together: together(state, id, college, now),
        registered: all.into_iter().filter(|it| sealed::credential(state, id, it).is_some()).collect(),
        is_full: issued.is_some_and(|it| it.alarm.is_some() && it.approved <= it.registered),
    }
}

/// As few groups as the bounds allow, and as even as can be: in a small last one each would stand out. What does not fit waits.
fn even_groups<T>(all: &[T], at_least: usize, at_most: usize) -> Vec<&[T]> {
    let groups = all.len().div_ceil(at_most).min(all.len() / at_least.max(1));
    let mut rest = &all[..all.len().min(groups * at_most)];
    let take = |left| {
        let (group, later) = rest.split_at(rest.len().div_ceil(left));
        rest = later;
        group
    };
    (1..=groups).rev().map(take).collect()
}

#[cfg(test)]
mod tests {
    use super::even_groups;

    #[test]
    fn groups_are_few_even_and_never_too_small() {
        let sizes = |n: usize, at_least, at_most| -> Vec<usize> {
            even_groups(&vec![(); n], at_least, at_most).iter().map(|it| it.len()).collect()
        };
        assert_eq!(sizes(2, 3, 256), [0; 0], "they wait for company");
        assert_eq!(sizes(3, 3, 256), [3]);
        assert_eq!(sizes(256, 3, 256), [256]);
        assert_eq!(sizes(257, 3, 256), [129, 128], "not 256 and one");
        assert_eq!(sizes(800, 3, 256), [200; 4]);
        assert_eq!(sizes(300, 200, 256), [256], "two groups would be too small: the rest waits");
        assert_eq!(sizes(1, 1, 256), [1], "once the election is open");
        assert_eq!(sizes(0, 1, 256), [0; 0]);
    }
}
