//! The ledger as a registrar reads it, through its college's node. What it signs hangs on approvals, of which each is proven to be
//! in a block that was decided; what it only says by the node's word is which requests there are.
use super::super::vote::named;
use crate::{
    client::Client,
    exit::{Detail, Exit, Failure},
    officer::{Officer, cannot},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};
use urne_ballot::{Refusal, Registrars, SecretShare, ThresholdKeys};
use urne_node::api::dto::{self, Election, ElectionState, ElectionSummary, Hex};
use urne_registrar::ledger::{EntryState, Issuance, Ledger, LedgerError, Shares};
use urne_types::{
    CollegeId, ElectionId, PublicKey,
    election::{CensusEntry, ElectionDefinition},
    sealed::{CredentialRules, Officer as Listed, RequestApproval, SealedCensus},
    transaction::{Payload, UnsignedTx},
};
use urne_vote_contract::sealed::{self, Participation};

/// See the module.
#[derive(Clone)]
pub(super) struct NodeLedger {
    officer: Arc<Officer>,
    /// Elections that have nothing to do with this registrar: asked once.
    foreign: Arc<Mutex<BTreeSet<ElectionId>>>,
    /// Who signs approvals, by number from 1, in the elections of this registrar.
    registrars: Arc<Mutex<BTreeMap<ElectionId, Vec<PublicKey>>>>,
}

/// Who signs credentials, where anybody does.
pub(super) fn credential_rules(definition: &ElectionDefinition) -> Option<&CredentialRules> {
    match &definition.secrecy.sealed()?.census {
        SealedCensus::Credentials(rules) => Some(rules),
        SealedCensus::PublishedKeys => None,
    }
}
/// The registrars of an election.
pub(super) fn listed(definition: &ElectionDefinition) -> &[Listed] {
    credential_rules(definition).map_or(&[], |it| &it.registrars)
}

impl NodeLedger {
    pub(super) fn new(officer: Arc<Officer>) -> Self {
        Self { officer, foreign: Arc::default(), registrars: Arc::default() }
    }
    fn client(&self) -> &Client {
        &self.officer.sender.client
    }
    fn signs_in(&self, election: &ElectionId) -> Result<Option<Issuance>, Failure> {
        let shown: Election = self.client().get(&format!("/v1/elections/{election}"))?;
        let definition = &shown.definition;
        let chain = &self.officer.sender.chain;
        // The election's name stands for its definition and its keys: the node cannot show others, nor that there are none.
        let name = match (&shown.sealed, definition.secrecy.sealed()) {
            (Some(keys), Some(_)) => Some(named(definition, keys, chain).map_err(cannot)?),
            (None, None) => Some(definition.election_id(chain)),
            _ => None,
        };
        if name != Some(*election) {
            return Err(Failure::unverified("the node shows a definition or keys that are not the election's"));
        }
        let (Some(rules), Some(keys)) = (credential_rules(definition), &shown.sealed) else { return Ok(None) };
        let own = self.officer.sender.public();
        let Some((number, _)) = (1_u16..).zip(&rules.registrars).find(|(_, it)| it.key == own) else {
            return Ok(None);
        };
        let known = rules.registrars.iter().map(|it| it.key).collect();
        self.registrars.lock().unwrap_or_else(PoisonError::into_inner).insert(*election, known);
        let by_college = keys.registrars.iter().map(|it| {
            let college = it.scope.checked_sub(1).and_then(|it| u16::try_from(it).ok()).map(CollegeId::new);
            let college = college.ok_or_else(|| Failure::unverified("the node shows keys of no college"))?;
            Ok((college, ThresholdKeys::<Registrars>::decode(&it.keys.0).map_err(cannot)?))
        });
        Ok(Some(Issuance {
            election: *election,
            title: definition.title.to_string(),
            draft: keys.draft,
            census: definition.census,
            number,
            keys: by_college.collect::<Result<_, Failure>>()?,
            issuance_at: rules.issuance_at,
            registration_at: rules.registration_at,
            closes_at: definition.closes_at,
        }))
    }
}

impl NodeLedger {
    /// Whether a block holds a registrar's approval of a request: none does that a rule refuses.
    fn is_approved(
        &self,
        election: &ElectionId,
        entry: &CensusEntry,
        registrar: u16,
        request: &[u8; 48],
    ) -> Result<bool, Failure> {
        let key = |number: u16| {
            let known = self.registrars.lock().unwrap_or_else(PoisonError::into_inner);
            let at = usize::from(number).checked_sub(1)?;
            known.get(election).and_then(|it| it.get(at).copied())
        };
        if key(registrar).is_none() {
            self.signs_in(election)?;
        }
        let Some(sender) = key(registrar) else { return Ok(false) };
        let approval = RequestApproval { election: *election, entry: *entry, request: *request };
        let sent = UnsignedTx::new(self.officer.sender.chain, sender, Payload::ApproveRequest(approval));
        self.officer.proven.holds(&sent.id())
    }
}

/// Where an entry is asked for.
pub(in super::super) fn path_of(election: &ElectionId, entry: &CensusEntry) -> String {
    format!("/v1/elections/{election}/entries/{}/{}", entry.college, entry.member)
}

impl Ledger for NodeLedger {
    fn current(&self) -> Result<Vec<ElectionId>, LedgerError> {
        let all: Vec<ElectionSummary> = self.client().all("/v1/elections", |_| {}).map_err(told)?;
        let foreign = self.foreign.lock().unwrap_or_else(PoisonError::into_inner);
        let is_current = |it: &ElectionSummary| {
            matches!(it.state, ElectionState::Scheduled | ElectionState::Open) && !foreign.contains(&it.id)
        };
        Ok(all.into_iter().filter(is_current).map(|it| it.id).collect())
    }
    fn issuance(&self, election: &ElectionId) -> Result<Option<Issuance>, LedgerError> {
        let found = match self.signs_in(election) {
            Err(e) if e.is(urne_types::Rejection::UnknownElection) => return Ok(None),
            other => other.map_err(told)?,
        };
        if found.is_none() {
            self.foreign.lock().unwrap_or_else(PoisonError::into_inner).insert(*election);
        }
        Ok(found)
    }
    fn entry(&self, election: &ElectionId, entry: &CensusEntry) -> Result<EntryState, LedgerError> {
        let shown: dto::CensusEntry = self.client().get(&path_of(election, entry)).map_err(told)?;
        let mut approvals = Vec::new();
        for it in &shown.approvals {
            let request = point(&it.request)?;
            if !self.is_approved(election, entry, it.registrar, &request).map_err(told)? {
                let url = self.client().url();
                return Err(LedgerError::Wrong(format!(
                    "{url} shows an approval that it cannot show in a block, and nothing was signed: ask another node (--api)"
                )));
            }
            approvals.push((it.registrar, request));
        }
        Ok(EntryState {
            approvals,
            answers: shown.answers.iter().map(|it| it.registrar).collect(),
            is_suspended: shown.suspended.is_some(),
        })
    }
    fn waiting(&self, election: &ElectionId, college: CollegeId) -> Result<Vec<CensusEntry>, LedgerError> {
        let path = format!("/v1/elections/{election}/requests?college={college}");
        let shown: Vec<dto::CensusEntry> = self.client().all(&path, |_| {}).map_err(told)?;
        Ok(shown.into_iter().map(|it| CensusEntry { college: it.college, member: it.entry }).collect())
    }
    fn send(&self, payload: Payload) -> Result<(), LedgerError> {
        self.officer.send(payload).map_err(told)
    }
}

impl Shares for NodeLedger {
    fn share(&self, issuance: &Issuance, college: CollegeId) -> Result<Option<SecretShare<Registrars>>, LedgerError> {
        let share = || {
            let Some(seat) = self.officer.seat(&issuance.draft, listed)? else { return Ok(None) };
            let Some(secret) = self.officer.secrets.find(&issuance.draft)? else { return Ok(None) };
            let (chain, scope) = (&self.officer.sender.chain, 1 + u32::from(college.get()));
            let of = Participation { chain, draft: &issuance.draft, scope, number: seat.number, secret: &secret };
            let desk = self.officer.desk(&issuance.draft, scope, seat.number)?;
            match sealed::registrar_share(&desk, of) {
                // It took no part, or was found at fault: the others are enough.
                Err(Refusal::NotATrustee) => Ok(None),
                share => share.map(Some).map_err(cannot),
            }
        };
        share().map_err(told)
    }
}

fn point(bytes: &Hex) -> Result<[u8; 48], LedgerError> {
    bytes.0.as_slice().try_into().map_err(|_| LedgerError::Wrong("the node shows a request of another length".into()))
}

fn told(e: Failure) -> LedgerError {
    match (e.exit, &e.detail) {
        (Exit::Unreachable, _) => LedgerError::Silent(e.message),
        (_, Detail::Rule { code, name }) => LedgerError::Refused(*code, name.clone()),
        _ => LedgerError::Wrong(e.message),
    }
}
