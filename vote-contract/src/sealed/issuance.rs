//! Credentials are asked for in public and signed blind. Registrars approve one request of an entry of the census each, once and
//! for ever; a request that k of them approved in an earlier block is answered by k, and the member alone can make a credential
//! of the answers. Nothing here sees a credential. The rules are the records' own, so that whoever counts again runs the same.
use super::{
    election_seals::{VerifiedRequest, VerifiedSignature},
    keys,
    records::{Approval, ApprovedRequest, Eligible, EntryRecord, IssuanceGate, IssuanceRecord},
};
use crate::{
    event::Event,
    records::{ElectionGate, ElectionState, Moment},
    result::Count,
    state::{LogId, Space, StateView},
    work::{Work, record},
};
use urne_ballot::{Registrars, ThresholdKeys};
use urne_types::{
    CollegeId, ElectionId, MerkleRoot, PublicKey, Rejection, UnixMs,
    codec::encode,
    election::{CensusCommitment, CensusEntry, ElectionDefinition},
    hash::hash,
    merkle::leaf_hash,
    sealed::{RequestAnswer, RequestApproval, SealedCensus},
    transaction::VerifiedTx,
};

/// The leaf of an approval in its log: `college u16 ‖ entry 32 ‖ registrar u16 ‖ β 48`.
#[must_use]
pub fn approval_leaf(entry: &CensusEntry, registrar: u16, request: &[u8; 48]) -> MerkleRoot {
    leaf_hash(&encode(&(*entry, registrar, *request)))
}

/// What names a college's key: answers and credentials that were verified under another are no use to it.
pub(crate) fn digest(keys: &[u8]) -> [u8; 32] {
    hash("urne.v1 registrars' key", keys)
}

// ---- Rules ----

impl IssuanceGate {
    /// Of a college, from what its election declares and is named after: `registrars`, `ThresholdKeys::<Registrars>::encode`.
    /// None where no credentials are issued, or where these are no keys.
    #[must_use]
    pub fn of(
        definition: &ElectionDefinition,
        census: &CensusCommitment,
        college: CollegeId,
        registrars: &[u8],
    ) -> Option<Self> {
        let rules = definition.secrecy.sealed()?;
        let SealedCensus::Credentials(declared) = &rules.census else { return None };
        let keys = ThresholdKeys::<Registrars>::decode(registrars).ok()?;
        let numbered = (1_u16..).zip(&declared.registrars);
        let holders = numbered.filter(|(number, _)| keys.holders().contains(number));
        let members = census.members.iter().find(|it| it.0 == college)?.1;
        Some(Self {
            keys: digest(registrars),
            threshold: keys.threshold(),
            registrars: holders.map(|(number, it)| (number, it.key)).collect(),
            issuance_at: declared.issuance_at,
            registration_at: declared.registration_at,
            // A college of fewer members than a group hides among all of them.
            together: rules.minimum_group.min(u32::try_from(members).unwrap_or(u32::MAX)),
        })
    }
    /// The number of whoever sends a registrar's message.
    ///
    /// # Errors
    /// [`Rejection::NotARegistrar`].
    pub fn registrar(&self, sender: &PublicKey) -> Result<u16, Rejection> {
        let found = self.registrars.iter().find(|(_, key)| key == sender);
        found.map(|(number, _)| *number).ok_or(Rejection::NotARegistrar)
    }
}

impl IssuanceRecord {
    /// Of a college of which nobody has asked for anything.
    #[must_use]
    pub fn of(census: &CensusCommitment, college: CollegeId) -> Self {
        let members = census.members.iter().find(|it| it.0 == college).map_or(0, |it| it.1);
        let none = Count(0);
        Self { census: Count(members), approved: none, answered: none, registered: none, late: none, alarm: None }
    }
}

impl EntryRecord {
    /// One approval more; the request, when it is the last that it takes.
    ///
    /// # Errors
    /// [`Rejection::SecondRequest`], [`Rejection::RequestApproved`].
    pub fn approve(
        &mut self,
        approval: Approval,
        threshold: u16,
        at: Moment,
    ) -> Result<Option<ApprovedRequest>, Rejection> {
        if self.approvals.iter().any(|it| it.registrar == approval.registrar) {
            return Err(Rejection::SecondRequest);
        }
        if self.approved.is_some() {
            return Err(Rejection::RequestApproved);
        }
        self.approvals.push(approval);
        let equal = self.approvals.iter().filter(|it| it.request == approval.request).count();
        if equal < usize::from(threshold) {
            return Ok(None);
        }
        self.approved = Some(ApprovedRequest { request: approval.request, at });
        Ok(self.approved)
    }
    /// One answer more; whether it is the last that a credential takes.
    fn answer(
        &mut self,
        answer: &RequestAnswer,
        registrar: u16,
        threshold: u16,
        at: Moment,
    ) -> Result<bool, Rejection> {
        // Only what is final is answered: a block that is not decided in the end must not have cost a signature.
        let is_final = |it: &ApprovedRequest| it.request == answer.request && it.at.height < at.height;
        if !self.approved.as_ref().is_some_and(is_final) {
            return Err(Rejection::NotYetApproved);
        }
        if self.answers.iter().any(|it| registrar_of(it) == registrar) {
            return Err(Rejection::AnswerExists);
        }
        if usize::from(threshold) <= self.answers.len() {
            return Err(Rejection::EnoughAnswers);
        }
        self.answers.push(answer.answer);
        Ok(self.answers.len() == usize::from(threshold))
    }
}

/// The number with which an answer begins.
#[must_use]
pub const fn registrar_of(answer: &[u8; 50]) -> u16 {
    u16::from_le_bytes([answer[0], answer[1]])
}

/// From an instant of the calendar until the close.
pub(crate) fn judge_window(
    gate: &ElectionGate,
    from: UnixMs,
    too_early: Rejection,
    now: UnixMs,
) -> Result<(), Rejection> {
    match gate.state {
        ElectionState::Cancelled => Err(Rejection::ElectionCancelled),
        ElectionState::Scheduled | ElectionState::Open if now < gate.closes_at => {
            if now < from {
                Err(too_early)
            } else {
                Ok(())
            }
        }
        _ => Err(Rejection::ElectionClosed),
    }
}

/// The gates of an election and of its college.
pub(crate) fn gates(
    view: &dyn StateView,
    id: &ElectionId,
    college: CollegeId,
) -> Result<(ElectionGate, IssuanceGate), Rejection> {
    let gate = record(view, Space::Map, &crate::keys::gate(id)).ok_or(Rejection::UnknownElection)?;
    match record(view, Space::Map, &keys::issuance_gate(id, college)) {
        Some(issuing) => Ok((gate, issuing)),
        None if super::sealed_gate(&view, id).is_some_and(|it| it.eligible == Eligible::Registered) => {
            Err(Rejection::NotInCensus)
        }
        None => Err(Rejection::NoCredentialsIssued),
    }
}

// ---- Transactions ----

/// The election has its keys: its colleges may issue credentials when the time comes.
pub(crate) fn enrol(
    work: &mut Work<'_>,
    id: &ElectionId,
    definition: &ElectionDefinition,
    census: &CensusCommitment,
    registrars: &[(u32, Vec<u8>)],
) {
    for (scope, keys) in registrars {
        let college = college_of(*scope).expect("scopes follow from the definition");
        let gate = IssuanceGate::of(definition, census, college, keys).expect("its registrars made these keys");
        work.write(keys::issuance_gate(id, college), &gate);
        work.write(keys::issuance(id, college), &IssuanceRecord::of(census, college));
    }
}
/// The college whose registrars have a scope: none has the trustees', nor one above the highest number of a college.
pub(crate) fn college_of(scope: u32) -> Option<CollegeId> {
    u16::try_from(scope.checked_sub(1)?).ok().map(CollegeId::new)
}

/// A registrar approves the request of an entry.
pub(crate) fn approve(work: &mut Work<'_>, tx: &VerifiedTx, approval: &RequestApproval) -> Result<(), Rejection> {
    let RequestApproval { election, entry, request } = approval;
    let (gate, issuing) = gates(work, election, entry.college)?;
    judge_window(&gate, issuing.issuance_at, Rejection::IssuanceNotOpen, work.at.time)?;
    let registrar = issuing.registrar(&tx.sender())?;
    if !work.holds(Space::Index, &crate::keys::census_entry(&gate.census_entries, entry)) {
        return Err(Rejection::NotInCensus);
    }
    if work.holds(Space::Map, &crate::keys::suspended_member(&entry.member)) {
        return Err(Rejection::MemberSuspended);
    }
    tx.seal().and_then(|it| it.get::<VerifiedRequest>()).ok_or(Rejection::SealNotVerifiable)?;
    let place = keys::entry(election, entry);
    let mut asked: EntryRecord = record(work, Space::Index, &place).unwrap_or_default();
    let approval = Approval { registrar, request: *request };
    if asked.approve(approval, issuing.threshold, work.now())?.is_some() {
        change(work, election, entry.college, |it| it.approved.0 += 1);
        work.index(keys::request(election, entry), Vec::new());
    }
    work.index(place, encode(&asked));
    work.append(LogId::Approvals(*election), approval_leaf(entry, registrar, request));
    work.tell(Event::RequestApproved { election: *election, college: entry.college, registrar });
    Ok(())
}

/// A registrar answers an approved request.
pub(crate) fn answer(work: &mut Work<'_>, tx: &VerifiedTx, answer: &RequestAnswer) -> Result<(), Rejection> {
    let RequestAnswer { election, entry, .. } = answer;
    let (gate, issuing) = gates(work, election, entry.college)?;
    judge_window(&gate, issuing.issuance_at, Rejection::IssuanceNotOpen, work.at.time)?;
    let registrar = issuing.registrar(&tx.sender())?;
    if registrar_of(&answer.answer) != registrar {
        return Err(Rejection::NotARegistrar);
    }
    judge_signature(tx, &issuing)?;
    let place = keys::entry(election, entry);
    let mut asked: EntryRecord = record(work, Space::Index, &place).unwrap_or_default();
    if asked.answer(answer, registrar, issuing.threshold, work.now())? {
        change(work, election, entry.college, |it| it.answered.0 += 1);
        work.index_remove(keys::request(election, entry));
    }
    work.index(place, encode(&asked));
    work.tell(Event::RequestAnswered { election: *election, college: entry.college, registrar });
    Ok(())
}

/// What registrars signed was verified under the key of this very college.
pub(crate) fn judge_signature(tx: &VerifiedTx, issuing: &IssuanceGate) -> Result<(), Rejection> {
    let seal = tx.seal().and_then(|it| it.get::<VerifiedSignature>()).ok_or(Rejection::SealNotVerifiable)?;
    if *seal.keys() == issuing.keys { Ok(()) } else { Err(Rejection::SealOfOtherElection) }
}

pub(crate) fn change(work: &mut Work<'_>, id: &ElectionId, college: CollegeId, by: impl FnOnce(&mut IssuanceRecord)) {
    let mut issued: IssuanceRecord = work.read(&keys::issuance(id, college)).expect("its gate was read before");
    by(&mut issued);
    work.write(keys::issuance(id, college), &issued);
}
