//! What a registrar does for a member who comes to it: a code on its way to her, and her request approved for ever. It says the
//! same to somebody who is on no roll.
use crate::{
    authenticator::{Authenticator, Claimant},
    book::{Book, BookError, Request, Written},
    courier::Message,
    ledger::{Issuance, Ledger, LedgerError},
    problem::{Fault, Problem},
    roll::Roll,
};
use rand::Rng;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
};
use urne_ballot::BlindRequest;
use urne_types::{
    CollegeId, ElectionId, Rejection, UnixMs, election::CensusEntry, sealed::RequestApproval, transaction::Payload,
};

/// So many silences of the node in a row end a round: it is away, and each costs a timeout.
const SILENCES_MAX: usize = 3;

/// `POST /v1/codes`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeAsked {
    /// The election.
    pub election: ElectionId,
    /// The member's college.
    pub college: CollegeId,
    /// Her number or name on the roll.
    pub identifier: String,
}

/// What whoever asks for a code is told, on the roll or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// How long a code is good for, in seconds.
    pub lifetime_s: u64,
    /// Wrong codes after which it is worth nothing.
    pub tries: u32,
}

/// `POST /v1/requests`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestSent {
    /// The election.
    pub election: ElectionId,
    /// The member's college.
    pub college: CollegeId,
    /// Her number or name on the roll.
    pub identifier: String,
    /// What proves that it is she, to this registrar's authenticator: the code that she was sent.
    pub code: String,
    /// β: 96 hexadecimal digits.
    pub request: String,
}

/// What a member is told: under which entry the ledger shows her request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approved {
    /// Her entry on the census.
    pub entry: CensusEntry,
}

/// See the module.
pub struct Office<L> {
    ledger: L,
    rolls: Vec<Roll>,
    authenticator: Box<dyn Authenticator>,
    book: Mutex<Book>,
    known: Mutex<BTreeMap<ElectionId, Issuance>>,
    /// Approvals that may not be on the ledger yet.
    unsettled: Mutex<BTreeSet<(ElectionId, CensusEntry)>>,
}

impl<L: Ledger> Office<L> {
    /// With the rolls of its college's elections, its book, and its way of knowing a person. Everything in the book is looked up
    /// on the ledger again.
    pub fn open(ledger: L, rolls: Vec<Roll>, book: Book, authenticator: Box<dyn Authenticator>) -> Self {
        let unsettled = book.approvals().map(|(election, entry, _)| (*election, *entry)).collect();
        Self {
            ledger,
            rolls,
            authenticator,
            book: Mutex::new(book),
            known: Mutex::default(),
            unsettled: Mutex::new(unsettled),
        }
    }
    /// The ledger.
    pub const fn ledger(&self) -> &L {
        &self.ledger
    }
    /// The roll of an election's census.
    pub fn roll_of(&self, issuance: &Issuance) -> Option<&Roll> {
        self.rolls.iter().find(|it| *it.census() == issuance.census)
    }
    /// An election in which this registrar signs: asked once, since nothing of it changes.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub fn issuance(&self, election: &ElectionId) -> Result<Option<Issuance>, LedgerError> {
        if let Some(known) = locked(&self.known).get(election) {
            return Ok(Some(known.clone()));
        }
        let found = self.ledger.issuance(election)?;
        if let Some(found) = &found {
            locked(&self.known).insert(*election, found.clone());
        }
        Ok(found)
    }

    /// The message that takes a code to a member; none for a stranger, out of season, where no codes are sent, or when enough are
    /// on their way.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub fn code_for(&self, asked: &CodeAsked, now: UnixMs, rng: &mut dyn Rng) -> Result<Option<Message>, LedgerError> {
        let Some(issuance) = self.issuance(&asked.election)?.filter(|it| it.is_on(now)) else { return Ok(None) };
        let member = self.roll_of(&issuance).and_then(|it| it.find(asked.college, &asked.identifier));
        let Some((member, entry)) = member else { return Ok(None) };
        let claimant = Claimant { election: &asked.election, entry: &entry, identifier: &member.identifier };
        let code = self.authenticator.invite(&claimant, now, rng);
        Ok(code.map(|code| crate::letter::code(&member.contact, &issuance, &code)))
    }

    /// Approves a member's request, durably before anything leaves.
    ///
    /// # Errors
    /// The numbered [`Fault`]s, and 640, 641 for what is no blinded request.
    pub fn approve(&self, sent: &RequestSent, now: UnixMs) -> Result<Approved, Problem> {
        let request = request(&sent.request)?;
        let issuance = self.issuance(&sent.election)?.ok_or(Fault::NotOurs)?;
        let roll = self.roll_of(&issuance).ok_or(Fault::NotOurs)?;
        if !issuance.is_on(now) {
            let (from, until) = (issuance.issuance_at, issuance.closes_at);
            return Err(Problem::from(Fault::NotNow).hint(format!("from {from} until {until}")));
        }
        let (member, entry) = roll.find(sent.college, &sent.identifier).ok_or(Fault::NotAuthenticated)?;
        let claimant = Claimant { election: &sent.election, entry: &entry, identifier: &member.identifier };
        if !self.authenticator.authenticates(&claimant, &sent.code, now) {
            return Err(Fault::NotAuthenticated.into());
        }
        // The ledger would refuse the approval, which the book would hold for ever.
        if self.ledger.entry(&sent.election, &entry).is_ok_and(|it| it.is_suspended) {
            return Err(Rejection::MemberSuspended.into());
        }
        // On the disk before anything leaves.
        if locked(&self.book).approve(&sent.election, &entry, &request)? == Written::Another {
            return Err(Fault::AnotherRequest.into());
        }
        locked(&self.unsettled).insert((sent.election, entry));
        // What cannot be sent now is sent by the next round.
        if let Err(e) = self.send_approval(&sent.election, &entry, &request) {
            tracing::warn!(error = %e, "an approval waits for the node");
        }
        Ok(Approved { entry })
    }

    fn send_approval(&self, election: &ElectionId, entry: &CensusEntry, request: &Request) -> Result<(), LedgerError> {
        let approval = RequestApproval { election: *election, entry: *entry, request: *request };
        self.ledger.send(Payload::ApproveRequest(approval))
    }

    /// Writes down, durably, that an entry's request is answered: the only one of this entry that this registrar ever stands by,
    /// approved by itself or by others. `false` when it stands by another.
    ///
    /// # Errors
    /// [`BookError`].
    pub fn stands_by(&self, election: &ElectionId, entry: &CensusEntry, request: &Request) -> Result<bool, BookError> {
        Ok(locked(&self.book).approve(election, entry, request)? != Written::Another)
    }

    /// Sends again what was approved and is not on the ledger: after a restart, or when the node was away.
    ///
    /// # Errors
    /// [`LedgerError`]: the first one, after every entry was looked at, unless the node is away.
    pub fn settle(&self, now: UnixMs) -> Result<(), LedgerError> {
        let unsettled: Vec<_> = locked(&self.unsettled).iter().copied().collect();
        let mut troubles = Troubles::default();
        for (election, entry) in unsettled {
            if troubles.note(self.is_settled(&election, &entry, now))? == Some(true) {
                locked(&self.unsettled).remove(&(election, entry));
            }
        }
        troubles.end()
    }

    fn is_settled(&self, election: &ElectionId, entry: &CensusEntry, now: UnixMs) -> Result<bool, LedgerError> {
        let Some(issuance) = self.issuance(election)?.filter(|it| now < it.closes_at) else { return Ok(true) };
        let held = locked(&self.book).approved(election, entry);
        let Some(request) = held else { return Ok(true) };
        let shown = self.ledger.entry(election, entry)?;
        let threshold = issuance.keys_of(entry.college).map_or(usize::MAX, |it| usize::from(it.threshold()));
        let approvals = |request: &Request| shown.approvals.iter().filter(|it| it.1 == *request).count();
        let is_mine_there = shown.approvals.iter().any(|it| it.0 == issuance.number);
        if is_mine_there || shown.approvals.iter().any(|it| threshold <= approvals(&it.1)) {
            return Ok(true);
        }
        if shown.is_suspended {
            return Ok(false);
        }
        match self.send_approval(election, entry, &request) {
            // A clock ahead of the ledger's, say: it is tried again.
            Err(LedgerError::Refused(code, name)) => tracing::warn!(code, name, "the ledger refuses an approval"),
            other => other?,
        }
        Ok(false)
    }
}

/// What went wrong in a round: one entry that fails keeps no other waiting.
#[derive(Default)]
pub(crate) struct Troubles {
    first: Option<LedgerError>,
    silences: usize,
}
impl Troubles {
    /// What came out of one entry; none when it failed.
    ///
    /// # Errors
    /// [`LedgerError::Silent`], when the node has been silent too often to go on.
    pub(crate) fn note<T>(&mut self, came_out: Result<T, LedgerError>) -> Result<Option<T>, LedgerError> {
        let failed = match came_out {
            Ok(it) => {
                self.silences = 0;
                return Ok(Some(it));
            }
            Err(failed) => failed,
        };
        tracing::warn!(error = %failed, "an entry waits for another round");
        self.silences = if matches!(failed, LedgerError::Silent(_)) { self.silences + 1 } else { 0 };
        if SILENCES_MAX <= self.silences {
            return Err(failed);
        }
        self.first.get_or_insert(failed);
        Ok(None)
    }
    /// # Errors
    /// The first [`LedgerError`].
    pub(crate) fn end(self) -> Result<(), LedgerError> {
        self.first.map_or(Ok(()), Err)
    }
}

/// β out of its digits.
fn request(digits: &str) -> Result<Request, Problem> {
    let mut bytes = [0; 48];
    let decoded = hex::decode_to_slice(digits, &mut bytes);
    decoded.map_err(|_| Problem::from(Fault::BadRequest).hint("request: 96 hexadecimal digits"))?;
    Ok(BlindRequest::decode(&bytes)?.bytes())
}

fn locked<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
