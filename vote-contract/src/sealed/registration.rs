//! Signed credentials are registered in groups, by anyone, with no word on whose they are. A college never has more of them than
//! approved requests: one more is the proof that as many registrars as a signature takes have cheated, and goes on record.
use super::{
    issuance::{gates, judge_signature, judge_window},
    keys,
    records::{CredentialRecord, IssuanceGate, IssuanceRecord, Registered, RegistrarsAlarm},
};
use crate::{
    event::Event,
    records::Moment,
    result::Count,
    state::{LogId, Space},
    work::{Work, record},
};
use urne_types::{
    CollegeId, ElectionId, MerkleRoot, PublicKey, Rejection, UnixMs,
    codec::encode,
    merkle::leaf_hash,
    sealed::{CredentialBatch, CredentialRegistration},
    transaction::VerifiedTx,
};

/// The leaf of a registered credential in its log: `college u16 ‖ K 32 ‖ σ 48`.
#[must_use]
pub fn credential_leaf(college: CollegeId, it: &CredentialRegistration) -> MerkleRoot {
    leaf_hash(&encode(&(college, it.credential, it.signature)))
}

// ---- Rules ----

impl IssuanceGate {
    /// Whether credentials may be registered together, and how they count.
    ///
    /// # Errors
    /// [`Rejection::CredentialsOutOfOrder`], [`Rejection::TooFewCredentials`].
    pub fn judge_batch(
        &self,
        credentials: &[CredentialRegistration],
        opens_at: UnixMs,
        now: UnixMs,
    ) -> Result<Registered, Rejection> {
        if credentials.is_empty() || !credentials.is_sorted_by(|a, b| a.credential < b.credential) {
            return Err(Rejection::CredentialsOutOfOrder);
        }
        if opens_at <= now {
            return Ok(Registered::Late);
        }
        let is_enough = u32::try_from(credentials.len()).is_ok_and(|it| self.together <= it);
        if is_enough { Ok(Registered::InTime) } else { Err(Rejection::TooFewCredentials) }
    }
}

impl IssuanceRecord {
    /// Takes credentials that nobody has registered, as far as there are approved requests, in their order: those that are
    /// registered. The first one above goes on record; all signatures look alike, so nobody can tell which of them are in excess.
    ///
    /// # Errors
    /// [`Rejection::TooManyCredentials`]: there is no room, and the proof of it is on record.
    pub fn admit<'a>(
        &mut self,
        credentials: &'a [CredentialRegistration],
        registered: Registered,
        at: Moment,
    ) -> Result<&'a [CredentialRegistration], Rejection> {
        let room = usize::try_from(self.approved.0.saturating_sub(self.registered.0)).unwrap_or(usize::MAX);
        let (taken, above) = credentials.split_at(room.min(credentials.len()));
        if taken.is_empty() && self.alarm.is_some() {
            return Err(Rejection::TooManyCredentials);
        }
        self.registered.0 += taken.len() as u64;
        if registered == Registered::Late {
            self.late.0 += taken.len() as u64;
        }
        if let (Some(first), None) = (above.first(), self.alarm) {
            let credential = PublicKey(first.credential);
            self.alarm =
                Some(RegistrarsAlarm { at, credential, signature: first.signature, registered: self.registered });
        }
        Ok(taken)
    }
}

// ---- Transactions ----

/// Anyone brings credentials that the registrars of a college have signed.
pub(crate) fn register(work: &mut Work<'_>, tx: &VerifiedTx, batch: &CredentialBatch) -> Result<(), Rejection> {
    let CredentialBatch { election, college, credentials } = batch;
    let (gate, issuing) = gates(work, election, *college)?;
    judge_window(&gate, issuing.registration_at, Rejection::RegistrationNotOpen, work.at.time)?;
    let when = issuing.judge_batch(credentials, gate.opens_at, work.at.time)?;
    judge_signature(tx, &issuing)?;
    if credentials.iter().any(|it| work.holds(Space::Index, &keys::credential(election, &it.credential))) {
        return Err(Rejection::CredentialRegistered);
    }
    let mut issued: IssuanceRecord = work.read(&keys::issuance(election, *college)).expect("it has a gate");
    let had_alarm = issued.alarm.is_some();
    let at = work.now();
    let taken = issued.admit(credentials, when, at)?;
    for it in taken {
        let registered = CredentialRecord { college: *college, at, registered: when };
        work.index(keys::credential(election, &it.credential), encode(&registered));
        work.append(LogId::Credentials(*election), credential_leaf(*college, it));
    }
    if !taken.is_empty() {
        let count = Count(taken.len() as u64);
        work.tell(Event::CredentialsRegistered { election: *election, college: *college, count, when });
    }
    if issued.alarm.is_some() && !had_alarm {
        work.tell(Event::RegistrarsAlarm { election: *election, college: *college });
    }
    work.write(keys::issuance(election, *college), &issued);
    Ok(())
}

/// Whether a credential may vote for a college.
pub(crate) fn judge_credential(
    work: &Work<'_>,
    id: &ElectionId,
    college: CollegeId,
    credential: &PublicKey,
) -> Result<(), Rejection> {
    let found: Option<CredentialRecord> = record(work, Space::Index, &keys::credential(id, &credential.0));
    if found.is_some_and(|it| it.college == college) { Ok(()) } else { Err(Rejection::NotRegistered) }
}
