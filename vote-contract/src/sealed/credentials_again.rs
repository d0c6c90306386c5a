//! Credentials followed again, by anyone: approvals and registrations in the order of the chain, under the rules of the ledger, so
//! that at every step no college has more credentials than members who asked, nor more of these than members.
use super::{
    issuance::{approval_leaf, college_of},
    records::{Approval, EntryRecord, IssuanceGate, IssuanceRecord, UrnRecord},
    registration::credential_leaf,
};
use crate::records::Moment;
use std::collections::BTreeMap;
use urne_types::{
    CollegeId, MerkleRoot, PublicKey, Rejection, UnixMs,
    election::{CensusCommitment, CensusEntry, ElectionDefinition},
    sealed::{CredentialBatch, RequestApproval},
};

/// The credentials of an election, as far as they are followed.
#[derive(Debug)]
pub struct CredentialsRecount<'a> {
    opens_at: UnixMs,
    closes_at: UnixMs,
    census: &'a [CensusEntry],
    colleges: BTreeMap<CollegeId, (IssuanceGate, IssuanceRecord)>,
    entries: BTreeMap<CensusEntry, EntryRecord>,
    credentials: BTreeMap<[u8; 32], CollegeId>,
}

impl<'a> CredentialsRecount<'a> {
    /// Of an election of which nobody has asked for anything; `census`, in order, is what the commitment is of, and `keys` are
    /// what the election is named after.
    #[must_use]
    pub fn new(
        definition: &ElectionDefinition,
        commitment: &CensusCommitment,
        census: &'a [CensusEntry],
        keys: &UrnRecord,
    ) -> Self {
        let of = |(scope, keys): &(u32, Vec<u8>)| {
            let college = college_of(*scope)?;
            let gate = IssuanceGate::of(definition, commitment, college, keys)?;
            Some((college, (gate, IssuanceRecord::of(commitment, college))))
        };
        Self {
            opens_at: definition.opens_at,
            closes_at: definition.closes_at,
            census,
            colleges: keys.registrars.iter().filter_map(of).collect(),
            entries: BTreeMap::new(),
            credentials: BTreeMap::new(),
        }
    }
    fn judge_time(&self, from: UnixMs, too_early: Rejection, at: Moment) -> Result<(), Rejection> {
        match at.time {
            now if now < from => Err(too_early),
            now if self.closes_at <= now => Err(Rejection::ElectionClosed),
            _ => Ok(()),
        }
    }
    /// The next approval, by whoever signed it; its leaf.
    ///
    /// # Errors
    /// The rule that refuses it.
    pub fn approve(&mut self, by: &PublicKey, approval: &RequestApproval, at: Moment) -> Result<MerkleRoot, Rejection> {
        let RequestApproval { entry, request, .. } = approval;
        let (gate, _) = self.colleges.get(&entry.college).ok_or(Rejection::NotInCensus)?;
        self.judge_time(gate.issuance_at, Rejection::IssuanceNotOpen, at)?;
        let (registrar, threshold) = (gate.registrar(by)?, gate.threshold);
        self.census.binary_search(entry).map_err(|_| Rejection::NotInCensus)?;
        let asked = self.entries.entry(*entry).or_default();
        if asked.approve(Approval { registrar, request: *request }, threshold, at)?.is_some()
            && let Some((_, issued)) = self.colleges.get_mut(&entry.college)
        {
            issued.approved.0 += 1;
        }
        Ok(approval_leaf(entry, registrar, request))
    }
    /// The next group of credentials; their signatures were verified. The leaves of those that are registered.
    ///
    /// # Errors
    /// The rule that refuses it.
    pub fn register(&mut self, batch: &CredentialBatch, at: Moment) -> Result<Vec<MerkleRoot>, Rejection> {
        let (gate, _) = self.colleges.get(&batch.college).ok_or(Rejection::NotInCensus)?;
        self.judge_time(gate.registration_at, Rejection::RegistrationNotOpen, at)?;
        let when = gate.judge_batch(&batch.credentials, self.opens_at, at.time)?;
        if batch.credentials.iter().any(|it| self.credentials.contains_key(&it.credential)) {
            return Err(Rejection::CredentialRegistered);
        }
        let (_, issued) = self.colleges.get_mut(&batch.college).ok_or(Rejection::NotInCensus)?;
        let taken = issued.admit(&batch.credentials, when, at)?;
        self.credentials.extend(taken.iter().map(|it| (it.credential, batch.college)));
        Ok(taken.iter().map(|it| credential_leaf(batch.college, it)).collect())
    }
    /// Whether a credential may vote for a college by now.
    ///
    /// # Errors
    /// [`Rejection::NotRegistered`].
    pub fn judge(&self, credential: &PublicKey, college: CollegeId) -> Result<(), Rejection> {
        if self.credentials.get(&credential.0) == Some(&college) { Ok(()) } else { Err(Rejection::NotRegistered) }
    }
    /// Each college's count, but for the answers, which are the members' own business.
    pub fn colleges(&self) -> impl Iterator<Item = (CollegeId, &IssuanceRecord)> {
        self.colleges.iter().map(|(college, (_, issued))| (*college, issued))
    }
}
