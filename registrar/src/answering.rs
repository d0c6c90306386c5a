//! Answers every request that enough registrars have approved, also those that this one did not approve itself: a registrar that
//! withholds its approval, or its answer, keeps nobody from voting. It looks at the approvals itself, one by one.
use crate::{
    ledger::{EntryState, Issuance, Ledger, LedgerError, Shares},
    office::{Office, Troubles},
};
use std::collections::{BTreeMap, BTreeSet};
use urne_ballot::{Approvals, ApprovedRequest, BlindRequest, Refusal, Registrars, SecretShare, ThresholdKeys};
use urne_types::{CollegeId, ElectionId, UnixMs, election::CensusEntry, sealed::RequestAnswer, transaction::Payload};

/// See the module. It keeps the shares that it needs in memory, wiped when the election is over.
#[derive(Default)]
pub struct Answering {
    shares: BTreeMap<(ElectionId, CollegeId), SecretShare<Registrars>>,
}

impl Answering {
    /// Answers what waits now, in the elections whose credentials are being given.
    ///
    /// # Errors
    /// [`LedgerError`]: the first one, after every entry of every election was looked at, unless the node is away.
    pub fn round<L: Ledger>(
        &mut self,
        office: &Office<L>,
        shares: &dyn Shares,
        now: UnixMs,
    ) -> Result<(), LedgerError> {
        let current: BTreeSet<ElectionId> = office.ledger().current()?.into_iter().collect();
        self.shares.retain(|(election, _), _| current.contains(election));
        let mut troubles = Troubles::default();
        for election in &current {
            let came_out = self.answer_election(office, shares, election, now, &mut troubles);
            troubles.note(came_out)?;
        }
        troubles.end()
    }

    fn answer_election<L: Ledger>(
        &mut self,
        office: &Office<L>,
        shares: &dyn Shares,
        election: &ElectionId,
        now: UnixMs,
        troubles: &mut Troubles,
    ) -> Result<(), LedgerError> {
        let Some(issuance) = office.issuance(election)?.filter(|it| it.is_on(now)) else { return Ok(()) };
        // Without its roll, it cannot tell who is on the list.
        let Some(roll) = office.roll_of(&issuance) else { return Ok(()) };
        for (college, keys) in &issuance.keys {
            for entry in office.ledger().waiting(election, *college)? {
                if entry.college != *college || !roll.has(&entry) {
                    continue;
                }
                let Some(share) = self.share(shares, &issuance, *college)? else { break };
                troubles.note(answer_entry(office, &issuance, &entry, keys, share))?;
            }
        }
        Ok(())
    }

    fn share(
        &mut self,
        shares: &dyn Shares,
        issuance: &Issuance,
        college: CollegeId,
    ) -> Result<Option<&SecretShare<Registrars>>, LedgerError> {
        let key = (issuance.election, college);
        if !self.shares.contains_key(&key)
            && let Some(share) = shares.share(issuance, college)?
        {
            self.shares.insert(key, share);
        }
        Ok(self.shares.get(&key))
    }
}

fn answer_entry<L: Ledger>(
    office: &Office<L>,
    issuance: &Issuance,
    entry: &CensusEntry,
    keys: &ThresholdKeys<Registrars>,
    share: &SecretShare<Registrars>,
) -> Result<(), LedgerError> {
    let shown = office.ledger().entry(&issuance.election, entry)?;
    // Once it is signed nothing takes a credential back.
    if shown.is_suspended {
        return Ok(());
    }
    let Some(answer) = answered(issuance, entry, &shown, keys, share) else { return Ok(()) };
    // On the disk before anything leaves: a node that shows another request of this entry gets no second answer.
    match office.stands_by(&issuance.election, entry, &answer.request) {
        Ok(true) => send(office.ledger(), answer),
        Ok(false) => {
            tracing::error!("the node shows a second approved request of one entry: not answered");
            Ok(())
        }
        Err(e) => Err(LedgerError::Wrong(e.to_string())),
    }
}

/// This registrar's answer to an entry's request, if enough have approved it and it has not answered yet.
fn answered(
    issuance: &Issuance,
    entry: &CensusEntry,
    shown: &EntryState,
    keys: &ThresholdKeys<Registrars>,
    share: &SecretShare<Registrars>,
) -> Option<RequestAnswer> {
    if shown.answers.contains(&issuance.number) {
        return None;
    }
    let (request, approved) = approved(shown, keys).ok()?;
    let answer = share.answer(&approved).encode();
    Some(RequestAnswer { election: issuance.election, entry: *entry, request: request.bytes(), answer })
}

/// The request that k registrars have approved, by the library's own count.
fn approved(shown: &EntryState, keys: &ThresholdKeys<Registrars>) -> Result<(BlindRequest, ApprovedRequest), Refusal> {
    let mut approvals = Approvals::default();
    let mut requests = Vec::new();
    for (registrar, bytes) in &shown.approvals {
        let request = BlindRequest::decode(bytes)?;
        approvals.approve(*registrar, &request)?;
        requests.push(request);
    }
    let found = requests.iter().find_map(|it| Some((*it, approvals.approved(it, keys).ok()?)));
    found.ok_or(Refusal::NotYetApproved)
}

/// A rule that refuses an answer (others were faster, say) is no reason to keep the next one waiting.
fn send<L: Ledger>(ledger: &L, answer: RequestAnswer) -> Result<(), LedgerError> {
    match ledger.send(Payload::AnswerRequest(answer)) {
        Err(LedgerError::Refused(code, name)) => {
            tracing::warn!(code, name, "the ledger refuses an answer");
            Ok(())
        }
        other => other,
    }
}
