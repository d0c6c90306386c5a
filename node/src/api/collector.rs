//! Credentials wait here for company: a device brings its own, and when there are as many as a group takes, or the election is
//! open, they are registered in one transaction, in their own order, under a key that nobody has seen before and nobody will
//! again. In memory only: who brings one asks for it, and brings it again after a restart. Nothing is told of who brought what.
use super::{app::App, problem::Problem};
use crate::{api::problem::Fault, clock::Clock, shared::Fate};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
};
use tokio::time::timeout;
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

/// See the module.
#[derive(Default)]
pub(crate) struct Collector {
    held: Mutex<BTreeMap<ElectionId, Groups>>,
    /// One at a time sends what is complete: nothing is sent twice.
    turn: tokio::sync::Mutex<()>,
}
type Groups = BTreeMap<CollegeId, Group>;
type Group = BTreeMap<[u8; 32], Held>;

#[derive(Clone, Copy)]
struct Held {
    signature: [u8; 48],
    /// In which transaction it is on its way.
    sent: Option<TxId>,
}

/// How far a college's group is.
#[derive(Clone, Copy, Default)]
pub(crate) struct Waiting {
    pub(crate) collected: usize,
    pub(crate) needed: usize,
}

/// What a moment of the ledger says of a college.
struct Moment {
    is_closed: bool,
    /// How many are registered together at least.
    together: usize,
    registered: BTreeSet<[u8; 32]>,
    is_full: bool,
}

impl Collector {
    /// Takes a credential whose signature holds, unless it is registered already.
    pub(crate) async fn take(
        &self,
        app: &App,
        id: ElectionId,
        college: CollegeId,
        offered: CredentialRegistration,
    ) -> Result<Option<CredentialRecord>, Problem> {
        let (brought, chain) = (offered.clone(), app.shared.genesis.chain_id());
        let found = app.read(move |ledger, state| {
            let now = ledger.tip()?.time.max(Clock::unix());
            judge(state, &id, college, now)?;
            if let Some(found) = sealed::credential(state, &id, &brought.credential) {
                return Ok(Some(found));
            }
            sealed::verify_credential(state, &chain, &id, college, &brought)?;
            let issued = sealed::issuance(state, &id, college).ok_or(Rejection::NoCredentialsIssued)?;
            if issued.alarm.is_some() && issued.approved <= issued.registered {
                return Err(Rejection::TooManyCredentials.into());
            }
            Ok(None)
        });
        if let Some(found) = found.await? {
            return Ok(Some(found));
        }
        let mut held = self.lock();
        let all: usize = held.values().flat_map(BTreeMap::values).map(BTreeMap::len).sum();
        if COLLECTED_MAX <= all {
            return Err(Fault::CollectionFull.into());
        }
        let group = held.entry(id).or_default().entry(college).or_default();
        group.entry(offered.credential).or_insert(Held { signature: offered.signature, sent: None });
        Ok(None)
    }

    /// Looks at everything again after each block, until the node stops.
    pub(crate) async fn watch(app: App) {
        let (mut status, mut seen) = (app.shared.status.subscribe(), None);
        while status.changed().await.is_ok() {
            let height = status.borrow_and_update().as_ref().map(|it| it.height);
            if height != seen {
                seen = height;
                app.collector.look_again(&app).await;
            }
        }
    }
    async fn look_again(&self, app: &App) {
        let elections: Vec<ElectionId> = self.lock().keys().copied().collect();
        for id in elections {
            // A ledger that cannot be read is told where it is read; the next block asks again.
            let _ = self.flush(app, id).await;
        }
    }

    /// Sends what is complete of an election, and tells how far each college is.
    pub(crate) async fn flush(&self, app: &App, id: ElectionId) -> Result<BTreeMap<CollegeId, Waiting>, Problem> {
        let _turn = self.turn.lock().await;
        let held: Vec<(CollegeId, Vec<[u8; 32]>)> = self
            .lock()
            .get(&id)
            .into_iter()
            .flatten()
            .map(|(of, group)| (*of, group.keys().copied().collect()))
            .collect();
        let moments = app.read(move |ledger, state| {
            let now = ledger.tip()?.time.max(Clock::unix());
            Ok(held
                .into_iter()
                .map(|(college, all)| (college, moment(state, &id, college, all, now)))
                .collect::<Vec<_>>())
        });
        let mut waiting = BTreeMap::new();
        for (college, moment) in moments.await? {
            for batch in self.next_batches(app, id, college, &moment) {
                self.send(app, batch).await;
            }
            let collected = self.lock().get(&id).and_then(|it| it.get(&college)).map_or(0, BTreeMap::len);
            waiting.insert(college, Waiting { collected, needed: moment.together });
        }
        Ok(waiting)
    }

    /// Forgets what is registered or cannot be any more; groups of those that are not on their way.
    fn next_batches(&self, app: &App, id: ElectionId, college: CollegeId, moment: &Moment) -> Vec<CredentialBatch> {
        let mut held = self.lock();
        let Some(groups) = held.get_mut(&id) else { return Vec::new() };
        let Some(group) = groups.get_mut(&college) else { return Vec::new() };
        if moment.is_closed || moment.is_full {
            group.clear();
        }
        group.retain(|it, _| !moment.registered.contains(it));
        for it in group.values_mut() {
            if it.sent.is_some_and(|tx| !matches!(app.shared.fate(&tx), Fate::Pending)) {
                it.sent = None;
            }
        }
        let free = group.iter().filter(|(_, it)| it.sent.is_none());
        let free: Vec<CredentialRegistration> = free
            .map(|(credential, it)| CredentialRegistration { credential: *credential, signature: it.signature })
            .collect();
        if group.is_empty() {
            groups.remove(&college);
        }
        if groups.is_empty() {
            held.remove(&id);
        }
        let complete = free.chunks(REGISTRATIONS_MAX).filter(|it| moment.together <= it.len());
        let batch = |it: &[CredentialRegistration]| {
            let credentials = List::new(it.to_vec()).expect("chunks are of the bound's length");
            CredentialBatch { election: id, college, credentials }
        };
        complete.map(batch).collect()
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
        let Some(group) = held.get_mut(&id).and_then(|it| it.get_mut(&college)) else { return };
        for it in credentials {
            if let Some(it) = group.get_mut(it) {
                it.sent = sent;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<ElectionId, Groups>> {
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

fn moment(state: &View<'_>, id: &ElectionId, college: CollegeId, all: Vec<[u8; 32]>, now: UnixMs) -> Moment {
    let opens_at = read::gate(state, id).map_or(now, |it| it.opens_at);
    let together = sealed::issuance_gate(state, id, college).map_or(1, |it| it.together);
    let issued = sealed::issuance(state, id, college);
    Moment {
        is_closed: judge(state, id, college, now).is_err(),
        together: if opens_at <= now { 1 } else { usize::try_from(together).unwrap_or(usize::MAX) },
        registered: all.into_iter().filter(|it| sealed::credential(state, id, it).is_some()).collect(),
        is_full: issued.is_some_and(|it| it.alarm.is_some() && it.approved <= it.registered),
    }
}
