//! Elections with anonymous credentials in the small world: a census of commitments, three registrars of whom two sign together,
//! and members who ask, unblind and register.
#![allow(dead_code, unreachable_pub)] // each test file uses a part
use crate::{
    secret_support::{Chance, STEP_MS, ceremony_secret, rules, trustee},
    support::{HOUR, START, World, college, public},
};
use std::sync::Arc;
use urne_ballot::{
    Approvals, BlindRequest, CandidateAnswer, CredentialSecret, CredentialSignature, PendingRequest, Registrars,
    RootSecret, SecretShare, ThresholdKeys, ceremony::CeremonySecret,
};
use urne_types::{
    CensusId, DraftId, ElectionId, PublicKey, Rejection, UnixMs,
    bounded::List,
    election::{CensusEntry, ElectionDefinition, Question, Secrecy},
    governance::Act,
    hash::hash,
    sealed::{
        CredentialBatch, CredentialRegistration, CredentialRules, Officer, RequestAnswer, RequestApproval,
        SealedCensus, SealedRules,
    },
    transaction::{Payload, Transaction, UnsignedTx, VerifiedTx, verify_sealed},
};
use urne_vote_contract::{
    Outcome,
    sealed::{
        self, ElectionSeals, Participation, Seals,
        records::{CeremonyState, IssuanceRecord},
    },
};

pub const ISSUANCE: u64 = START + HOUR / 4;
pub const REGISTRATION: u64 = START + HOUR / 2;
pub const REGISTRARS: u16 = 3;

pub fn registrar(number: u16) -> String {
    format!("registrar {number}")
}
pub fn registrar_secret(number: u16) -> CeremonySecret {
    CeremonySecret::from_bytes(hash("urne.v1 test registrar secret", &number.to_le_bytes()))
}
/// What stands on the census for somebody.
pub fn commitment(name: &str) -> PublicKey {
    PublicKey(hash("urne.v1 test commitment", name.as_bytes()))
}
pub fn entry_of(of: u16, name: &str) -> CensusEntry {
    CensusEntry { college: college(of), member: commitment(name) }
}
/// Four trustees, three registrars.
pub fn credential_rules(groups: &[&[u16]]) -> SealedRules {
    let officer = |number: u16| Officer { college: college(number), key: public(&registrar(number)) };
    let census = SealedCensus::Credentials(CredentialRules {
        registrars: List::new((1..=REGISTRARS).map(officer).collect()).unwrap(),
        issuance_at: UnixMs::new(ISSUANCE),
        registration_at: UnixMs::new(REGISTRATION),
    });
    SealedRules { census, ..rules(4, groups) }
}
/// `a` to `e` in college 1, `f` to `h` in college 2.
pub const MEMBERS: [(u16, &str); 8] = [(1, "a"), (1, "b"), (1, "c"), (1, "d"), (1, "e"), (2, "f"), (2, "g"), (2, "h")];

impl World {
    pub fn committed_census(&mut self, members: &[(u16, &str)]) -> CensusId {
        let mut entries: Vec<CensusEntry> = members.iter().map(|(of, name)| entry_of(*of, name)).collect();
        let census = self.bring_entries(&mut entries);
        self.act(Act::AdoptCensus { census }).unwrap();
        census
    }
    pub fn credential_definition(&mut self, questions: Vec<Question>, rules: SealedRules) -> ElectionDefinition {
        self.definition_for(&MEMBERS, questions, rules)
    }
    pub fn definition_for(
        &mut self,
        members: &[(u16, &str)],
        questions: Vec<Question>,
        rules: SealedRules,
    ) -> ElectionDefinition {
        let census = self.committed_census(members);
        let mut definition = self.definition(census, questions);
        definition.secrecy = Secrecy::Sealed(Box::new(rules));
        definition
    }
    /// All ceremonies, until the election is scheduled; `silent` registrars say nothing.
    pub fn run_ceremonies(&mut self, draft: &DraftId, silent: &[u16]) -> ElectionId {
        let colleges: Vec<u16> = match sealed::ceremony_of(&self.state, draft).unwrap().definition.secrecy.sealed() {
            Some(it) => it.groups.iter().flatten().map(|it| it.get()).collect(),
            None => panic!("a secret election"),
        };
        for _ in 0..100 {
            let mut has_spoken = false;
            let trustees = (1..=4).map(|number| (trustee(number), ceremony_secret(number), sealed::TRUSTEES, number));
            let registrars = (1..=REGISTRARS).filter(|it| !silent.contains(it)).flat_map(|number| {
                let of = |of: &u16| (registrar(number), registrar_secret(number), 1 + u32::from(*of), number);
                colleges.iter().map(of).collect::<Vec<_>>()
            });
            for (name, secret, scope, number) in trustees.chain(registrars) {
                let of = Participation { chain: &self.chain, draft, scope, number, secret: &secret };
                for message in sealed::ceremony_duties(&self.state, of).unwrap() {
                    self.send(&name, Payload::Ceremony(message)).unwrap();
                    has_spoken = true;
                }
            }
            let is_due = urne_vote_contract::next_deadline(&self.state) == Some(UnixMs::new(0));
            self.empty(self.now + if has_spoken || is_due { 1 } else { STEP_MS });
            if sealed::ceremonies_under_way(&self.state).is_empty() {
                let CeremonyState::Done { election } = sealed::ceremony_of(&self.state, draft).unwrap().state else {
                    panic!("honest officers make keys")
                };
                return election;
            }
        }
        panic!("ceremonies end");
    }
    /// An election with credentials whose keys are made, before its issuance.
    pub fn named(&mut self, questions: Vec<Question>, groups: &[&[u16]]) -> ElectionId {
        let definition = self.credential_definition(questions, credential_rules(groups));
        let draft = self.begin_ceremony(&definition);
        self.run_ceremonies(&draft, &[])
    }
    /// The same, at the beginning of its issuance.
    pub fn issuing(&mut self, questions: Vec<Question>, groups: &[&[u16]]) -> ElectionId {
        let election = self.named(questions, groups);
        self.empty(ISSUANCE);
        election
    }

    // ---- Transactions ----

    pub fn verify_sealed_tx(&self, tx: &Transaction) -> Result<VerifiedTx, Rejection> {
        let seals = Seals(|id: &ElectionId| ElectionSeals::read(&self.state, &self.chain, id).map(Arc::new));
        verify_sealed(&[tx.to_raw()], &self.chain, &seals, &mut Chance::named("batch")).remove(0)
    }
    /// By a node that takes college 2's key for every college's.
    pub fn verify_under_college_2(&self, tx: &Transaction) -> VerifiedTx {
        let lying = |id: &ElectionId| {
            let mut urn = sealed::urn(&self.state, id)?;
            let of_two = urn.registrars.iter().find(|it| it.0 == 3)?.1.clone();
            urn.registrars.iter_mut().for_each(|it| it.1.clone_from(&of_two));
            ElectionSeals::new(sealed::statement(&self.state, &self.chain, id)?, &urn.registrars).ok().map(Arc::new)
        };
        tx.clone().verify_by(&self.chain, &Seals(lying)).unwrap()
    }
    pub fn signed(&self, who: &str, payload: Payload) -> Transaction {
        let key = crate::support::secret(who);
        UnsignedTx::new(self.chain, key.public(), payload).sign(&key)
    }
    /// Verified like any node does, then executed in a block of its own.
    pub fn post(&mut self, who: &str, payload: Payload) -> Outcome {
        let tx = self.verify_sealed_tx(&self.signed(who, payload))?;
        self.one(tx)
    }

    // ---- Voters ----

    pub fn root(&self, name: &str) -> RootSecret {
        RootSecret::from_bytes(hash("urne.v1 test root", name.as_bytes()))
    }
    pub fn requested(&self, id: &ElectionId, of: u16, name: &str) -> (CredentialSecret, PendingRequest) {
        self.root(name).request(&self.chain, id, college(of))
    }
    pub fn approval(&self, id: ElectionId, of: u16, name: &str) -> RequestApproval {
        let request = self.requested(&id, of, name).1.request().bytes();
        RequestApproval { election: id, entry: entry_of(of, name), request }
    }
    /// These registrars approve what somebody asks for.
    pub fn approve_by(&mut self, id: ElectionId, of: u16, name: &str, registrars: &[u16]) {
        for number in registrars {
            let approval = self.approval(id, of, name);
            self.post(&registrar(*number), Payload::ApproveRequest(approval)).unwrap();
        }
    }
    pub fn registrars_keys(&self, id: &ElectionId, of: u16) -> ThresholdKeys<Registrars> {
        let urn = sealed::urn(&self.state, id).unwrap();
        let (_, keys) = urn.registrars.iter().find(|it| it.0 == 1 + u32::from(of)).unwrap();
        ThresholdKeys::decode(keys).unwrap()
    }
    pub fn share_of(&self, id: &ElectionId, of: u16, number: u16) -> SecretShare<Registrars> {
        let draft = sealed::urn(&self.state, id).unwrap().draft;
        let (secret, scope) = (registrar_secret(number), 1 + u32::from(of));
        let of = Participation { chain: &self.chain, draft: &draft, scope, number, secret: &secret };
        sealed::registrar_share(&self.state, of).unwrap()
    }
    /// What a registrar answers, whether or not anybody approved.
    pub fn answered(&self, id: ElectionId, of: u16, name: &str, number: u16) -> RequestAnswer {
        self.answered_to(id, entry_of(of, name), self.requested(&id, of, name).1.request(), number)
    }
    pub fn answered_to(
        &self,
        id: ElectionId,
        entry: CensusEntry,
        request: &BlindRequest,
        number: u16,
    ) -> RequestAnswer {
        let (of, keys) = (entry.college.get(), self.registrars_keys(&id, entry.college.get()));
        let mut approvals = Approvals::default();
        keys.holders().iter().for_each(|it| approvals.approve(*it, request).unwrap());
        let approved = approvals.approved(request, &keys).unwrap();
        let answer = self.share_of(&id, of, number).answer(&approved).encode();
        RequestAnswer { election: id, entry, request: request.bytes(), answer }
    }
    /// Approved by the first registrars, answered by the last ones: whoever withholds singles nobody out.
    pub fn issue(&mut self, id: ElectionId, of: u16, name: &str) {
        self.approve_by(id, of, name, &[1, 2]);
        for number in [2, 3] {
            let answer = self.answered(id, of, name, number);
            self.post(&registrar(number), Payload::AnswerRequest(answer)).unwrap();
        }
    }
    /// What somebody makes of her answers.
    pub fn finished(&self, id: ElectionId, of: u16, name: &str) -> CredentialRegistration {
        let (secret, pending) = self.requested(&id, of, name);
        let keys = self.registrars_keys(&id, of);
        let asked = sealed::entry(&self.state, &id, &entry_of(of, name));
        let answer = |it: &[u8; 50]| CandidateAnswer::decode(it).unwrap().verify(pending.request(), &keys).unwrap();
        let answers: Vec<_> = asked.answers.iter().map(answer).collect();
        let signature = pending.finish(&answers, &keys).unwrap();
        CredentialRegistration { credential: *secret.public().bytes(), signature: signature.bytes() }
    }
    /// What k dishonest registrars sign without any request: a credential that belongs to nobody.
    pub fn forged(&self, id: ElectionId, of: u16, name: &str) -> CredentialRegistration {
        let (secret, pending) = self.requested(&id, of, name);
        let keys = self.registrars_keys(&id, of);
        let answers: Vec<_> = [1, 2]
            .map(|number| {
                let it = self.answered_to(id, entry_of(of, name), pending.request(), number);
                CandidateAnswer::decode(&it.answer).unwrap().verify(pending.request(), &keys).unwrap()
            })
            .into();
        let signature: CredentialSignature = pending.finish(&answers, &keys).unwrap();
        CredentialRegistration { credential: *secret.public().bytes(), signature: signature.bytes() }
    }
    pub fn batch(id: ElectionId, of: u16, mut credentials: Vec<CredentialRegistration>) -> CredentialBatch {
        credentials.sort_by_key(|it| it.credential);
        CredentialBatch { election: id, college: college(of), credentials: List::new(credentials).unwrap() }
    }
    pub fn register(&mut self, id: ElectionId, of: u16, credentials: Vec<CredentialRegistration>) -> Outcome {
        self.post("anyone", Payload::RegisterCredentials(Self::batch(id, of, credentials)))
    }
    /// Issues and registers for these members of a college, and stops at the registration.
    pub fn registered(&mut self, id: ElectionId, of: u16, names: &[&str]) {
        names.iter().for_each(|name| self.issue(id, of, name));
        if self.now < REGISTRATION {
            self.empty(REGISTRATION);
        }
        let credentials = names.iter().map(|name| self.finished(id, of, name)).collect();
        self.register(id, of, credentials).unwrap();
    }
    pub fn issued(&self, id: &ElectionId, of: u16) -> IssuanceRecord {
        sealed::issuance(&self.state, id, college(of)).unwrap()
    }
    /// A sealed ballot under somebody's anonymous credential.
    pub fn anonymous_tx(
        &self,
        who: &str,
        id: ElectionId,
        of: u16,
        sequence: u32,
        answers: Vec<urne_ballot::Answer>,
    ) -> VerifiedTx {
        self.moved_tx(who, id, of, of, sequence, answers)
    }
    /// A sealed ballot under the credential that somebody has in one college, carried to another.
    pub fn moved_tx(
        &self,
        who: &str,
        id: ElectionId,
        from: u16,
        to: u16,
        sequence: u32,
        answers: Vec<urne_ballot::Answer>,
    ) -> VerifiedTx {
        let secret = self.root(who).credential(&self.chain, &id, college(from));
        let by = self.statement(&id);
        let seed = urne_ballot::Seed::generate(&mut Chance::named(&format!("{who} {from} {sequence} {}", self.height)));
        let unsigned = by.seal(answers, secret.public(), sequence, seed).unwrap();
        let ballot = unsigned.cast(&by, &secret, &mut Chance::named("nonce")).unwrap();
        self.verify_sealed_tx(&self.carry(id, to, &ballot)).unwrap()
    }
    pub fn cast_anonymous(
        &mut self,
        who: &str,
        id: ElectionId,
        of: u16,
        sequence: u32,
        answers: Vec<urne_ballot::Answer>,
    ) -> Outcome {
        let tx = self.anonymous_tx(who, id, of, sequence, answers);
        let outcome = self.one(tx);
        self.add_up(&id);
        outcome
    }
}
