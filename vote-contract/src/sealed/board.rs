//! A key generation as the ledger holds it: messages, and whatever `urne-ballot` makes of them. Nothing decoded is kept: what
//! the messages say is worked out again whenever it is needed, by the code that everybody else runs on them.
use super::{
    keys::{self, Place},
    records::{Stage, Step},
    rules::{officers, participants},
};
use crate::state::{Space, StateView};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::ControlFlow,
};
use urne_ballot::{
    Refusal,
    ceremony::{
        Ceremony, CommitmentHash, Commitments, EncryptedShare, Invitation, Joined, JustifiedComplaint, Qualified,
        ThresholdRule,
    },
    threshold::ThresholdGroup,
};
use urne_types::{ChainId, DraftId, sealed::SealedRules};

/// The number of a step in a message's key: the round of `urne_ballot::ceremony`.
pub(crate) const fn round(step: Step) -> u8 {
    match step {
        Step::Joining => 0,
        Step::Hashing => 1,
        Step::Committing => 2,
        Step::Dealing => 3,
        Step::Complaining => 4,
        Step::Qualifying => 5,
        Step::Rehearsing => 6,
        Step::Over => 7,
    }
}

/// The messages of one attempt of one scope.
pub(crate) struct Board<'a> {
    view: &'a dyn StateView,
    place: Place<'a>,
    pub(crate) invitation: Invitation,
}

impl<'a> Board<'a> {
    pub(crate) fn new(
        view: &'a dyn StateView,
        chain: &ChainId,
        draft: &'a DraftId,
        scope: u32,
        rules: &SealedRules,
        stage: &Stage,
        cells: u16,
    ) -> Self {
        let declared = participants(officers(rules, scope));
        let mut candidates = declared.clone();
        candidates.retain(|it| stage.candidates.contains(&it.number));
        let keys = if scope == super::rules::TRUSTEES { cells } else { 1 };
        let attempt = stage.attempt;
        let invitation = Invitation { chain: *chain, draft: *draft, scope, attempt, declared, candidates, keys };
        Self { view, place: Place { draft, scope, attempt }, invitation }
    }
    pub(crate) fn key(&self, step: Step, sender: u16, about: u16) -> Vec<u8> {
        keys::message(self.place, round(step), sender, about)
    }
    pub(crate) fn message(&self, step: Step, sender: u16, about: u16) -> Option<Vec<u8>> {
        self.view.get(Space::Map, &self.key(step, sender, about))
    }
    /// Every message of a step: sender, about whom, bytes.
    pub(crate) fn messages(&self, step: Step) -> Vec<(u16, u16, Vec<u8>)> {
        let mut found = Vec::new();
        self.view.scan(Space::Map, &keys::messages(self.place, round(step)), &mut |key, bytes| {
            let (sender, about) = keys::parse_message(key).expect("a message's key ends with two numbers");
            found.push((sender, about, bytes.to_vec()));
            ControlFlow::Continue(())
        });
        found
    }
    /// Sender, and about whom, of every message of a step.
    fn said(&self, step: Step) -> Vec<(u16, u16)> {
        let mut found = Vec::new();
        self.view.scan(Space::Map, &keys::messages(self.place, round(step)), &mut |key, _| {
            found.push(keys::parse_message(key).expect("a message's key ends with two numbers"));
            ControlFlow::Continue(())
        });
        found
    }
    pub(crate) fn senders(&self, step: Step) -> BTreeSet<u16> {
        self.said(step).into_iter().map(|(sender, _)| sender).collect()
    }

    // ---- What they say ----

    pub(crate) fn joined(&self) -> Result<Vec<Joined>, Refusal> {
        let all = self.messages(Step::Joining);
        all.iter().map(|(sender, _, bytes)| self.invitation.restore_joined_from_state(*sender, bytes)).collect()
    }
    pub(crate) fn ceremony<G: ThresholdGroup + ThresholdRule>(&self) -> Result<Ceremony<G>, Refusal> {
        Ceremony::begin(&self.invitation, self.joined()?)
    }
    pub(crate) fn hash(&self, sender: u16) -> Result<CommitmentHash, Refusal> {
        let bytes = self.message(Step::Hashing, sender, 0).ok_or(Refusal::WrongStep)?;
        bytes.try_into().map(CommitmentHash).map_err(|_| Refusal::WrongShape)
    }
    pub(crate) fn commitments_of<G: ThresholdGroup + ThresholdRule>(
        &self,
        ceremony: &Ceremony<G>,
        dealer: u16,
    ) -> Result<Commitments<G>, Refusal> {
        let bytes = self.message(Step::Committing, dealer, 0).ok_or(Refusal::WrongStep)?;
        ceremony.verify_commitments(dealer, self.hash(dealer)?, &bytes)
    }
    pub(crate) fn commitments<G: ThresholdGroup + ThresholdRule>(
        &self,
        ceremony: &Ceremony<G>,
    ) -> Result<Vec<Commitments<G>>, Refusal> {
        self.senders(Step::Committing).into_iter().map(|it| self.commitments_of(ceremony, it)).collect()
    }
    pub(crate) fn shares<G: ThresholdGroup + ThresholdRule>(
        &self,
        ceremony: &Ceremony<G>,
    ) -> Result<Vec<EncryptedShare>, Refusal> {
        let all = self.messages(Step::Dealing);
        all.iter().map(|(dealer, to, bytes)| ceremony.verify_encrypted_share(*dealer, *to, bytes)).collect()
    }
    pub(crate) fn complaint<G: ThresholdGroup + ThresholdRule>(
        &self,
        ceremony: &Ceremony<G>,
        complainer: u16,
        dealer: u16,
        bytes: &[u8],
    ) -> Result<JustifiedComplaint, Refusal> {
        let share = self.message(Step::Dealing, dealer, complainer).ok_or(Refusal::BadComplaint)?;
        let share = ceremony.verify_encrypted_share(dealer, complainer, &share)?;
        ceremony.verify_complaint(complainer, &self.commitments_of(ceremony, dealer)?, &share, bytes)
    }
    /// Complaints that were judged when they came: what stands here is justified.
    pub(crate) fn complaints(&self) -> Vec<JustifiedComplaint> {
        let said = self.said(Step::Complaining).into_iter().filter(|(_, dealer)| *dealer != 0);
        said.map(|(complainer, dealer)| JustifiedComplaint::restore_from_state(dealer, complainer)).collect()
    }
    /// Round 5: who is qualified.
    pub(crate) fn qualified<G: ThresholdGroup + ThresholdRule>(&self) -> Result<Qualified<G>, Refusal> {
        let ceremony = self.ceremony::<G>()?;
        ceremony.qualified(&self.senders(Step::Committing), &self.shares(&ceremony)?, &self.complaints())
    }

    /// Whether everybody whose word a step waits for has spoken.
    pub(crate) fn is_complete(&self, step: Step, holders: &[u16]) -> bool {
        let spoken = self.senders(step);
        let all = |expected: &BTreeSet<u16>| expected.is_subset(&spoken);
        match step {
            Step::Joining => all(&self.invitation.candidates.iter().map(|it| it.number).collect()),
            Step::Hashing | Step::Complaining => all(&self.senders(Step::Joining)),
            Step::Committing => all(&self.senders(Step::Hashing)),
            Step::Dealing => {
                let mut served: BTreeMap<u16, usize> = BTreeMap::new();
                self.said(step).iter().for_each(|(dealer, _)| *served.entry(*dealer).or_default() += 1);
                let recipients = self.senders(Step::Joining).len();
                self.senders(Step::Committing).iter().all(|it| served.get(it) == Some(&recipients))
            }
            Step::Qualifying => true,
            Step::Rehearsing => holders.iter().all(|it| spoken.contains(it)),
            Step::Over => false,
        }
    }
}
