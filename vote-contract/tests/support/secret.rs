//! Secret elections in the small world: a trustee for each college, voters with credential keys on the census, ceremonies and
//! openings that go wrong where the test says so. After each block the encrypted totals are added up again.
#![allow(dead_code, unreachable_pub)] // each test file uses a part
use crate::support::{World, college, public};
use rand_core::{TryCryptoRng, TryRng};
use std::{convert::Infallible, sync::Arc};
use urne_ballot::{
    Answer as Choice, Ciphertext, CredentialSecret, RootSecret, SealedBallot, Seed, Statement, TallyGuard, Totals,
    TotalsChange, ceremony::CeremonySecret,
};
use urne_types::{
    CensusId, CollegeId, DraftId, ElectionId, PublicKey, Rejection, UnixMs,
    bounded::List,
    election::{CensusEntry, ElectionDefinition, Question, Secrecy},
    governance::Act,
    hash::hash,
    sealed::{CeremonyMessage, CeremonyStep, Officer, OpeningShare, SealedCensus, SealedRules},
    transaction::{Payload, Transaction, VerifiedTx, verify_sealed},
};
use urne_vote_contract::{
    Outcome,
    result::CollegeTurnout,
    sealed::{
        self, ElectionSeals, Participation, Seals,
        records::{CeremonyState, UrnOpening},
    },
};

pub const STEP_MS: u64 = 60_000;

/// Chance that repeats itself.
pub struct Chance(blake3::OutputReader);
impl Chance {
    pub fn named(name: &str) -> Self {
        Self(blake3::Hasher::new_derive_key("urne.v1 test chance").update(name.as_bytes()).finalize_xof())
    }
}
impl TryRng for Chance {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        Ok(u32::from_le_bytes(bytes))
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        Ok(u64::from_le_bytes(bytes))
    }
    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill(to);
        Ok(())
    }
}
impl TryCryptoRng for Chance {}

pub fn trustee(number: u16) -> String {
    format!("trustee {number}")
}
pub fn ceremony_secret(number: u16) -> CeremonySecret {
    CeremonySecret::from_bytes(hash("urne.v1 test ceremony secret", &number.to_le_bytes()))
}
/// One trustee for each of so many colleges.
pub fn rules(trustees: u16, groups: &[&[u16]]) -> SealedRules {
    let officer = |of: u16| Officer { college: college(of), key: public(&trustee(of)) };
    let group = |of: &&[u16]| List::new(of.iter().map(|it| college(*it)).collect()).unwrap();
    SealedRules {
        census: SealedCensus::PublishedKeys,
        trustees: List::new((1..=trustees).map(officer).collect()).unwrap(),
        groups: List::new(groups.iter().map(group).collect()).unwrap(),
        minimum_group: 3,
        step_ms: u32::try_from(STEP_MS).unwrap(),
    }
}

impl World {
    pub fn credential(&self, name: &str) -> CredentialSecret {
        RootSecret::from_bytes(hash("urne.v1 test root", name.as_bytes())).published_credential(&self.chain)
    }
    pub fn key_of(&self, name: &str) -> PublicKey {
        PublicKey(*self.credential(name).public().bytes())
    }
    /// A census of credential keys.
    pub fn secret_census(&mut self, members: &[(u16, &str)]) -> CensusId {
        let entry = |(of, name): &(u16, &str)| CensusEntry { college: college(*of), member: self.key_of(name) };
        let mut entries: Vec<CensusEntry> = members.iter().map(entry).collect();
        let census = self.bring_entries(&mut entries);
        self.act(Act::AdoptCensus { census }).unwrap();
        census
    }
    /// `a` to `e` in college 1, `f` to `h` in college 2.
    pub fn usual_census(&mut self) -> CensusId {
        let first = ["a", "b", "c", "d", "e"].map(|it| (1, it));
        self.secret_census(&[&first[..], &[(2, "f"), (2, "g"), (2, "h")]].concat())
    }
    pub fn secret_definition(&mut self, questions: Vec<Question>, rules: SealedRules) -> ElectionDefinition {
        let census = self.usual_census();
        let mut definition = self.definition(census, questions);
        definition.secrecy = Secrecy::Sealed(Box::new(rules));
        definition
    }
    pub fn begin_ceremony(&mut self, definition: &ElectionDefinition) -> DraftId {
        let draft = definition.draft_id();
        self.send("admin 1", Payload::DraftElection(definition.clone())).unwrap();
        self.act(Act::ScheduleElection { draft }).unwrap();
        draft
    }
    pub fn duties(&self, draft: &DraftId, number: u16) -> Vec<CeremonyMessage> {
        let secret = ceremony_secret(number);
        let of = Participation { chain: &self.chain, draft, scope: sealed::TRUSTEES, number, secret: &secret };
        sealed::ceremony_duties(&self.state, of).unwrap()
    }
    /// Goes on until nothing more is under way; `edit` changes, or drops, what a trustee says.
    pub fn run_ceremony(
        &mut self,
        draft: &DraftId,
        trustees: u16,
        edit: impl Fn(u16, CeremonyMessage) -> Option<CeremonyMessage>,
    ) -> CeremonyState {
        for _ in 0..100 {
            let mut has_spoken = false;
            for number in 1..=trustees {
                for message in self.duties(draft, number) {
                    if let Some(message) = edit(number, message) {
                        self.send(&trustee(number), Payload::Ceremony(message)).unwrap();
                        has_spoken = true;
                    }
                }
            }
            let is_due = urne_vote_contract::next_deadline(&self.state) == Some(UnixMs::new(0));
            let wait = if has_spoken || is_due { 1 } else { STEP_MS };
            self.empty(self.now + wait);
            if sealed::ceremonies_under_way(&self.state).is_empty() {
                return sealed::ceremony_of(&self.state, draft).unwrap().state;
            }
        }
        panic!("a ceremony ends");
    }
    /// An election whose keys are made by four trustees, open now.
    pub fn open_secret(&mut self, questions: Vec<Question>, groups: &[&[u16]]) -> ElectionId {
        let definition = self.secret_definition(questions, rules(4, groups));
        let draft = self.begin_ceremony(&definition);
        let CeremonyState::Done { election } = self.run_ceremony(&draft, 4, |_, it| Some(it)) else {
            panic!("four honest trustees make keys")
        };
        self.empty(definition.opens_at.get());
        election
    }

    // ---- Ballots ----

    pub fn statement(&self, id: &ElectionId) -> Statement {
        sealed::statement(&self.state, &self.chain, id).unwrap()
    }
    pub fn seal(&self, who: &str, id: ElectionId, sequence: u32, answers: Vec<Choice>) -> SealedBallot {
        let seed = Seed::generate(&mut Chance::named(&format!("{who} {sequence} {}", self.height)));
        self.seal_by(&self.statement(&id), who, sequence, answers, seed)
    }
    pub fn seal_by(&self, by: &Statement, who: &str, sequence: u32, answers: Vec<Choice>, seed: Seed) -> SealedBallot {
        let secret = self.credential(who);
        let unsigned = by.seal(answers, secret.public(), sequence, seed).unwrap();
        unsigned.cast(by, &secret, &mut Chance::named("nonce")).unwrap()
    }
    pub fn carry(&self, id: ElectionId, of: u16, ballot: &SealedBallot) -> Transaction {
        sealed::carried(&self.chain, id, college(of), ballot).unwrap()
    }
    pub fn verify_ballot(&self, tx: &Transaction) -> Result<VerifiedTx, Rejection> {
        self.verify_with(tx, |id| sealed::statement(&self.state, &self.chain, id))
    }
    pub fn verify_by(&self, by: &Statement, tx: &Transaction) -> Result<VerifiedTx, Rejection> {
        self.verify_with(tx, |_| Some(by.clone()))
    }
    fn verify_with(
        &self,
        tx: &Transaction,
        statement: impl Fn(&ElectionId) -> Option<Statement>,
    ) -> Result<VerifiedTx, Rejection> {
        let seals = Seals(|id: &ElectionId| ElectionSeals::new(statement(id)?, &[]).ok().map(Arc::new));
        verify_sealed(&[tx.to_raw()], &self.chain, &seals, &mut Chance::named("batch")).remove(0)
    }
    pub fn sealed_tx(&self, who: &str, id: ElectionId, of: u16, sequence: u32, answers: Vec<Choice>) -> VerifiedTx {
        self.verify_ballot(&self.carry(id, of, &self.seal(who, id, sequence, answers))).unwrap()
    }
    pub fn cast_secret(&mut self, who: &str, id: ElectionId, of: u16, sequence: u32, answers: Vec<Choice>) -> Outcome {
        let tx = self.sealed_tx(who, id, of, sequence, answers);
        let outcome = self.one(tx);
        self.add_up(&id);
        outcome
    }
    /// The encrypted totals are the sum of the last ballots, and as many as voted, in each group.
    pub fn add_up(&self, id: &ElectionId) {
        let gate = sealed::sealed_gate(&self.state, id).unwrap();
        if gate.opening == UrnOpening::OneByOne {
            return;
        }
        let turnout = urne_vote_contract::turnout(&self.state, id).unwrap();
        let last = sealed::last_ballots(&self.state, id);
        for (_, part) in &gate.parts {
            let of_part: Vec<CollegeId> = gate.parts.iter().filter(|it| it.1 == *part).map(|it| it.0).collect();
            let mut sum = Totals::empty(gate.cells.into());
            for (_, ballot) in last.iter().filter(|(entry, _)| of_part.contains(&entry.college)) {
                let mut change = TotalsChange::none(gate.cells.into());
                let ciphertext = Ciphertext::restore_from_state(&ballot.ciphertext, gate.cells.into()).unwrap();
                change.enter(&ciphertext, None).unwrap();
                sum.apply(&change).unwrap();
            }
            assert_eq!(sealed::totals(&self.state, id, *part, gate.cells).unwrap(), sum);
            let voted = |it: &&CollegeTurnout| of_part.contains(&it.college);
            let voted: u64 = turnout.colleges.iter().filter(voted).map(|it| it.voted.get()).sum();
            assert_eq!(sum.ballots(), voted, "every presence is one ballot in the totals");
        }
    }

    // ---- Opening ----

    pub fn opening_shares(&self, id: &ElectionId, number: u16) -> Vec<OpeningShare> {
        let draft = sealed::urn(&self.state, id).unwrap().draft;
        let secret = ceremony_secret(number);
        let of = Participation { chain: &self.chain, draft: &draft, scope: sealed::TRUSTEES, number, secret: &secret };
        sealed::opening_duties(&self.state, of, id, &mut TallyGuard::default()).unwrap()
    }
    /// Closes, and lets these trustees open.
    pub fn close_and_open(&mut self, id: &ElectionId, trustees: &[u16]) {
        let closes_at = urne_vote_contract::definition(&self.state, id).unwrap().closes_at.get();
        self.empty(closes_at);
        for number in trustees {
            for share in self.opening_shares(id, *number) {
                self.send(&trustee(*number), Payload::Opening(share)).unwrap();
            }
        }
        self.empty(self.now + 1);
        self.count_through();
    }
}

/// Spoils the first share that a dealer sends to somebody.
pub fn spoiled(message: CeremonyMessage, recipient: u16) -> CeremonyMessage {
    let CeremonyStep::Shares(shares) = &message.step else { return message };
    let spoil = |(to, bytes): &(u16, urne_types::bounded::Bytes<_>)| {
        let mut changed = bytes.to_vec();
        if *to == recipient {
            changed[0] ^= 1;
        }
        (*to, urne_types::bounded::Bytes::new(changed).unwrap())
    };
    let step = CeremonyStep::Shares(List::new(shares.iter().map(spoil).collect()).unwrap());
    CeremonyMessage { step, ..message }
}
