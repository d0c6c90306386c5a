//! A secret referendum with anonymous credentials on the small chain: three registrars of whom two sign together, members of two
//! colleges who ask, and who register what they made of the answers. Beside `sealed.rs`, as `crate::sealed_chain`.
#![allow(dead_code, clippy::unwrap_used, clippy::cast_possible_truncation, unreachable_pub)]
use crate::{
    chain::{START, World, secret},
    sealed_chain::{self, ceremony_secret, trustee},
};
use urne_ballot::{
    Answer, Approvals, BlindAnswer, CandidateAnswer, PendingRequest, Registrars, RootSecret, ThresholdKeys,
    ceremony::CeremonySecret,
};
use urne_ledger::Kv;
use urne_types::{
    CollegeId, ElectionId, PublicKey, UnixMs,
    bounded::List,
    election::{CensusCommitment, CensusEntry, Question, Secrecy},
    governance::Act,
    hash::hash,
    sealed::{
        CredentialBatch, CredentialRegistration, CredentialRules, Officer, RequestAnswer, RequestApproval, SealedCensus,
    },
    transaction::{Payload, Transaction, UnsignedTx, VerifiedTx},
};
use urne_vote_contract::sealed::{self, Participation, TRUSTEES, records::CeremonyState};

const MINUTE: u64 = 60_000;
pub const ISSUANCE: u64 = START + 20 * MINUTE;
pub const REGISTRATION: u64 = START + 40 * MINUTE;

pub fn registrar(number: u16) -> String {
    format!("registrar {number}")
}
fn registrar_secret(number: u16) -> CeremonySecret {
    CeremonySecret::from_bytes(hash("urne.v1 test registrar secret", &number.to_le_bytes()))
}
/// Members stand in colleges 1 and 2 by turns, behind commitments.
pub fn entry(index: usize) -> CensusEntry {
    let member = PublicKey(hash("urne.v1 test commitment", &index.to_le_bytes()));
    CensusEntry { college: CollegeId::new((index % 2 + 1) as u16), member }
}
pub fn root(index: usize) -> RootSecret {
    RootSecret::from_bytes(hash("urne.v1 test root", &index.to_le_bytes()))
}

/// Makes the keys of a referendum, and goes on to the issuance.
pub fn issue<K: Kv>(world: &mut World<K>, members: usize) -> ElectionId {
    issue_on(world, members, &[&[1, 2]], sealed_chain::referendum())
}
/// The same, of these questions, the ballots of these colleges opened together.
pub fn issue_on<K: Kv>(
    world: &mut World<K>,
    members: usize,
    groups: &[&[u16]],
    questions: Vec<Question>,
) -> ElectionId {
    let mut definition = sealed_chain::definition_of(world, 3, groups, questions);
    let mut entries: Vec<CensusEntry> = (0..members).map(entry).collect();
    let commitment = CensusCommitment::over(&mut entries).unwrap();
    definition.census = commitment.id();
    let chunk = Payload::CensusChunk { commitment, attempt: 0, first: 0, entries: List::new(entries).unwrap() };
    let chunk = world.tx("admin 1", chunk);
    world.block(&[chunk]);
    world.act(Act::AdoptCensus { census: definition.census });
    let Secrecy::Sealed(rules) = &mut definition.secrecy else { panic!("it is secret") };
    let officer = |id: u16| Officer { college: CollegeId::new(id), key: secret(&registrar(id)).public() };
    rules.census = SealedCensus::Credentials(CredentialRules {
        registrars: List::new((1..=3).map(officer).collect()).unwrap(),
        issuance_at: UnixMs::new(ISSUANCE),
        registration_at: UnixMs::new(REGISTRATION),
    });
    let draft = definition.draft_id();
    let drafted = world.tx("admin 1", Payload::DraftElection(definition));
    world.block(&[drafted]);
    world.act(Act::ScheduleElection { draft });
    let chain = world.chain();
    let trustees = (1..=4).map(|number| (trustee(number), ceremony_secret(number), TRUSTEES, number));
    let registrars =
        (1..=3).flat_map(|number| [2, 3].map(|scope| (registrar(number), registrar_secret(number), scope, number)));
    let officers: Vec<_> = trustees.chain(registrars).collect();
    while world.ledger.read(|view| !sealed::ceremonies_under_way(view).is_empty()).unwrap() {
        let said = officers.iter().flat_map(|(name, secret, scope, number)| {
            let of = Participation { chain: &chain, draft: &draft, scope: *scope, number: *number, secret };
            let duties = world.ledger.read(|view| sealed::ceremony_duties(view, of)).unwrap().unwrap();
            duties.into_iter().map(|it| world.tx(name, Payload::Ceremony(it))).collect::<Vec<_>>()
        });
        let said: Vec<VerifiedTx> = said.collect();
        world.block(&said);
    }
    let state = world.ledger.read(|view| sealed::ceremony_of(view, &draft)).unwrap().unwrap().state;
    let CeremonyState::Done { election } = state else { panic!("honest officers make keys") };
    world.now = ISSUANCE;
    election
}

// ---- Transactions ----

/// Signed and verified like any node does.
pub fn sent<K: Kv>(world: &World<K>, who: &str, payload: Payload) -> VerifiedTx {
    sealed_chain::verified(world, signed(world, who, payload))
}
pub fn signed<K: Kv>(world: &World<K>, who: &str, payload: Payload) -> Transaction {
    let key = secret(who);
    UnsignedTx::new(world.chain(), key.public(), payload).sign(&key)
}
pub fn approvals<K: Kv>(world: &World<K>, election: ElectionId, index: usize, by: &[u16]) -> Vec<VerifiedTx> {
    let request = pending(world, election, index).request().bytes();
    let approval = RequestApproval { election, entry: entry(index), request };
    by.iter().map(|it| sent(world, &registrar(*it), Payload::ApproveRequest(approval.clone()))).collect()
}
fn pending<K: Kv>(world: &World<K>, election: ElectionId, index: usize) -> PendingRequest {
    root(index).request(&world.chain(), &election, entry(index).college).1
}
fn keys<K: Kv>(world: &World<K>, election: &ElectionId, college: CollegeId) -> ThresholdKeys<Registrars> {
    let urn = world.ledger.read(|view| sealed::urn(view, election)).unwrap().unwrap();
    let (_, keys) = urn.registrars.iter().find(|it| it.0 == 1 + u32::from(college.get())).unwrap();
    ThresholdKeys::decode(keys).unwrap()
}
/// What a registrar answers, whether or not anybody approved.
pub fn answer<K: Kv>(world: &World<K>, election: ElectionId, index: usize, number: u16) -> RequestAnswer {
    let (entry, chain, secret) = (entry(index), world.chain(), registrar_secret(number));
    let keys = keys(world, &election, entry.college);
    let draft = world.ledger.read(|view| sealed::urn(view, &election)).unwrap().unwrap().draft;
    let scope = 1 + u32::from(entry.college.get());
    let of = Participation { chain: &chain, draft: &draft, scope, number, secret: &secret };
    let share = world.ledger.read(|view| sealed::registrar_share(view, of)).unwrap().unwrap();
    let pending = pending(world, election, index);
    let mut approvals = Approvals::default();
    keys.holders().iter().for_each(|it| approvals.approve(*it, pending.request()).unwrap());
    let answer = share.answer(&approvals.approved(pending.request(), &keys).unwrap()).encode();
    RequestAnswer { election, entry, request: pending.request().bytes(), answer }
}
pub fn answers<K: Kv>(world: &World<K>, election: ElectionId, index: usize, by: &[u16]) -> Vec<VerifiedTx> {
    let answer = |it: &u16| {
        let answer = answer(world, election, index, *it);
        sent(world, &registrar(*it), Payload::AnswerRequest(answer))
    };
    by.iter().map(answer).collect()
}
/// A signed credential: of a member who asked, or of nobody where registrars cheat.
pub fn finished<K: Kv>(world: &World<K>, election: ElectionId, index: usize) -> CredentialRegistration {
    let keys = keys(world, &election, entry(index).college);
    let (secret, pending) = root(index).request(&world.chain(), &election, entry(index).college);
    let answers: Vec<BlindAnswer> = [2, 3]
        .map(|it| CandidateAnswer::decode(&answer(world, election, index, it).answer).unwrap())
        .map(|it| it.verify(pending.request(), &keys).unwrap())
        .into();
    let signature = pending.finish(&answers, &keys).unwrap();
    CredentialRegistration { credential: *secret.public().bytes(), signature: signature.bytes() }
}
/// The credentials of members of one college, together.
pub fn registration<K: Kv>(world: &World<K>, election: ElectionId, members: &[usize]) -> Payload {
    let mut credentials: Vec<_> = members.iter().map(|it| finished(world, election, *it)).collect();
    credentials.sort_by_key(|it| it.credential);
    let credentials = List::new(credentials).unwrap();
    Payload::RegisterCredentials(CredentialBatch { election, college: entry(members[0]).college, credentials })
}
/// A ballot of the referendum under a member's anonymous credential.
pub fn cast<K: Kv>(world: &World<K>, index: usize, election: ElectionId, sequence: u32, choice: u16) -> VerifiedTx {
    cast_answers(world, index, election, sequence, vec![Answer::One(choice)])
}
/// A ballot under a member's anonymous credential.
pub fn cast_answers<K: Kv>(
    world: &World<K>,
    index: usize,
    election: ElectionId,
    sequence: u32,
    answers: Vec<Answer>,
) -> VerifiedTx {
    sealed_chain::verified(world, ballot(world, index, election, sequence, answers))
}
/// The same as it travels, whether or not the election still takes it.
pub fn ballot<K: Kv>(
    world: &World<K>,
    index: usize,
    election: ElectionId,
    sequence: u32,
    answers: Vec<Answer>,
) -> Transaction {
    let statement = sealed_chain::statement(world, &election);
    let secret = root(index).credential(&world.chain(), &election, entry(index).college);
    sealed_chain::cast_by(&statement, &secret, (index, entry(index).college), sequence, answers)
}

/// These members ask and are answered, in two blocks.
pub fn ask<K: Kv>(world: &mut World<K>, election: ElectionId, members: &[usize]) {
    let asked: Vec<VerifiedTx> = members.iter().flat_map(|it| approvals(world, election, *it, &[1, 2])).collect();
    world.block(&asked);
    let answered: Vec<VerifiedTx> = members.iter().flat_map(|it| answers(world, election, *it, &[2, 3])).collect();
    world.block(&answered);
}
