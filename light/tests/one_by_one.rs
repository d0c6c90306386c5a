//! The archive of a secret election of rankings under anonymous credentials: who puts the last ballots in their pieces again and
//! opens each with the trustees' shares finds the ledger's result, and every lie about it.
#![allow(clippy::unwrap_used)]
#[path = "../../ledger/tests/chain/sealed.rs"]
mod sealed_chain;
mod urn;

use std::{collections::BTreeMap, sync::LazyLock};
use urn::{
    Held,
    chain::{self, HOUR, START, World},
    lying, verify, written,
};
use urne_ballot::{
    Answer, Approvals, CandidateAnswer, Registrars, RootSecret, Seed, TallyGuard, ThresholdKeys,
    ceremony::CeremonySecret,
};
use urne_ledger::MemoryKv;
use urne_light::{ArchiveFault, archive::Record};
use urne_types::{
    ChainId, CollegeId, DraftId, ElectionId, PublicKey, Rejection, UnixMs,
    bounded::{List, Text},
    codec::encode,
    election::{
        CensusCommitment, CensusEntry, EarlyClose, ElectionDefinition, Method, Question, RevotePolicy, Secrecy,
    },
    governance::Act,
    hash::hash,
    method::{LotRule, RunoffStop},
    sealed::{
        CredentialBatch, CredentialRegistration, CredentialRules, Officer, RequestAnswer, RequestApproval,
        SealedCensus, SealedRules,
    },
    transaction::{Payload, UnsignedTx, VerifiedTx},
};
use urne_vote_contract::{
    ElectionResult, QuestionResult, keys,
    sealed::{self, Participation, TRUSTEES, share_key},
};

const VOTERS: usize = 12;

struct Made {
    chain: ChainId,
    election: ElectionId,
    records: Vec<Record>,
    published: ElectionResult,
}

fn college(voter: usize) -> CollegeId {
    CollegeId::new(u16::try_from(voter % 4 + 1).unwrap())
}
fn entry(voter: usize) -> CensusEntry {
    CensusEntry { college: college(voter), member: PublicKey(hash("urne.v1 test commitment", &voter.to_le_bytes())) }
}
fn root(voter: usize) -> RootSecret {
    RootSecret::from_bytes(hash("urne.v1 test root", &voter.to_le_bytes()))
}
fn officer_secret(name: &str) -> CeremonySecret {
    CeremonySecret::from_bytes(hash("urne.v1 test ceremony secret", name.as_bytes()))
}

/// A runoff of three; colleges 1 and 2 are opened together, and 3 and 4.
fn definition(world: &mut World<MemoryKv>) -> ElectionDefinition {
    let mut entries: Vec<CensusEntry> = (0..VOTERS).map(entry).collect();
    let commitment = CensusCommitment::over(&mut entries).unwrap();
    let census = commitment.id();
    let chunk = Payload::CensusChunk { commitment, attempt: 0, first: 0, entries: List::new(entries).unwrap() };
    let chunk = world.tx("admin 1", chunk);
    world.block(&[chunk]);
    world.act(Act::AdoptCensus { census });
    let officers = |kind: &str, number: u16| {
        let officer =
            |id: u16| Officer { college: CollegeId::new(id), key: chain::secret(&format!("{kind} {id}")).public() };
        (1..=number).map(officer).collect::<Vec<_>>()
    };
    let group = |of: [u16; 2]| List::new(of.map(CollegeId::new).to_vec()).unwrap();
    let rules = SealedRules {
        census: SealedCensus::Credentials(CredentialRules {
            registrars: List::new(officers("registrar", 3)).unwrap(),
            issuance_at: UnixMs::new(START + HOUR / 4),
            registration_at: UnixMs::new(START + HOUR / 2),
        }),
        trustees: List::new(officers("trustee", 4)).unwrap(),
        groups: List::new(vec![group([1, 2]), group([3, 4])]).unwrap(),
        minimum_group: 3,
        step_ms: 60_000,
    };
    let choices = ["Orsay", "Bures", "Gif"].map(|it| Text::new(it).unwrap()).to_vec();
    let method = Method::InstantRunoff { stop: RunoffStop::Majority, lot: LotRule::ListOrder };
    let question = Question { title: Text::new("La salle").unwrap(), choices: List::new(choices).unwrap(), method };
    ElectionDefinition {
        title: Text::new("Assemblée générale").unwrap(),
        questions: List::new(vec![question]).unwrap(),
        census,
        secrecy: Secrecy::Sealed(Box::new(rules)),
        opens_at: UnixMs::new(START + HOUR),
        closes_at: UnixMs::new(START + 2 * HOUR),
        grace_ms: 0,
        revote: RevotePolicy::LastCounts,
        early_close: EarlyClose::Forbidden,
        convened_at: None,
        documents: List::default(),
        statutes: None,
    }
}

/// Every officer's part in a draft: name, secret, scope, number.
fn officers() -> Vec<(String, u32, u16)> {
    let trustees = (1..=4).map(|number| (format!("trustee {number}"), TRUSTEES, number));
    let registrars =
        (1..=3).flat_map(|number| (2..=5).map(move |scope| (format!("registrar {number}"), scope, number)));
    trustees.chain(registrars).collect()
}
fn with<T>(
    chain: &ChainId,
    draft: &DraftId,
    (name, scope, number): &(String, u32, u16),
    of: impl FnOnce(Participation<'_>) -> T,
) -> T {
    of(Participation { chain, draft, scope: *scope, number: *number, secret: &officer_secret(name) })
}

fn make_keys(world: &mut World<MemoryKv>) -> (DraftId, ElectionId) {
    let definition = definition(world);
    let draft = definition.draft_id();
    let drafted = world.tx("admin 1", Payload::DraftElection(definition));
    world.block(&[drafted]);
    world.act(Act::ScheduleElection { draft });
    let chain = world.chain();
    while !sealed::ceremonies_under_way(&world.ledger.view()).is_empty() {
        let mut said = Vec::new();
        for officer in officers() {
            let view = world.ledger.view();
            let duties = with(&chain, &draft, &officer, |it| sealed::ceremony_duties(&view, it)).unwrap();
            said.extend(duties.into_iter().map(|it| world.tx(&officer.0, Payload::Ceremony(it))));
        }
        world.block(&said);
    }
    let state = sealed::ceremony_of(&world.ledger.view(), &draft).unwrap().state;
    let sealed::records::CeremonyState::Done { election } = state else { panic!("{state:?}") };
    (draft, election)
}

/// Verified as a node does it.
fn signed(world: &World<MemoryKv>, who: &str, payload: Payload) -> VerifiedTx {
    let key = chain::secret(who);
    let tx = UnsignedTx::new(world.chain(), key.public(), payload).sign(&key);
    tx.verify_by(&world.chain(), &sealed_chain::statements(world)).unwrap()
}

/// Everybody asks, is approved, answered and registered.
fn issue(world: &mut World<MemoryKv>, draft: &DraftId, election: ElectionId) {
    let chain = world.chain();
    let asked = |voter: usize| root(voter).request(&chain, &election);
    let keys_of = |world: &World<MemoryKv>, scope: u32| {
        let urn = sealed::urn(&world.ledger.view(), &election).unwrap();
        let (_, keys) = urn.registrars.iter().find(|it| it.0 == scope).unwrap();
        ThresholdKeys::<Registrars>::decode(keys).unwrap()
    };
    let scope = |voter: usize| 1 + u32::from(college(voter).get());
    world.now = START + HOUR / 4;
    let mut approvals = Vec::new();
    for voter in 0..VOTERS {
        let request = asked(voter).1.request().bytes();
        for number in [1, 2] {
            let approval = Payload::ApproveRequest(RequestApproval { election, entry: entry(voter), request });
            approvals.push(signed(world, &format!("registrar {number}"), approval));
        }
    }
    world.block(&approvals);
    let (mut answers, mut registrations) = (Vec::new(), BTreeMap::<CollegeId, Vec<CredentialRegistration>>::new());
    for voter in 0..VOTERS {
        let (secret, pending) = asked(voter);
        let keys = keys_of(world, scope(voter));
        let mut approved = Approvals::default();
        [1, 2].iter().for_each(|it| approved.approve(*it, pending.request()).unwrap());
        let approved = approved.approved(pending.request(), &keys).unwrap();
        let mut own = Vec::new();
        for number in [1, 2] {
            let officer = (format!("registrar {number}"), scope(voter), number);
            let view = world.ledger.view();
            let share = with(&chain, draft, &officer, |it| sealed::registrar_share(&view, it)).unwrap();
            let answer = share.answer(&approved).encode();
            own.push(CandidateAnswer::decode(&answer).unwrap().verify(pending.request(), &keys).unwrap());
            let request = pending.request().bytes();
            let answer = Payload::AnswerRequest(RequestAnswer { election, entry: entry(voter), request, answer });
            answers.push(signed(world, &officer.0, answer));
        }
        let signature = pending.finish(&own, &keys).unwrap().bytes();
        let registration = CredentialRegistration { credential: *secret.public().bytes(), signature };
        registrations.entry(college(voter)).or_default().push(registration);
    }
    world.block(&answers);
    world.now = START + HOUR / 2;
    let mut batches = Vec::new();
    for (college, mut credentials) in registrations {
        credentials.sort_by_key(|it| it.credential);
        let credentials = List::new(credentials).unwrap();
        let batch = Payload::RegisterCredentials(CredentialBatch { election, college, credentials });
        batches.push(signed(world, "anyone", batch));
    }
    world.block(&batches);
}

fn cast(world: &World<MemoryKv>, election: ElectionId, voter: usize, sequence: u32, order: &[u16]) -> VerifiedTx {
    let (statement, secret) =
        (sealed_chain::statement(world, &election), root(voter).credential(&world.chain(), &election));
    let seed = Seed::from_bytes(hash("urne.v1 test seed", format!("{voter} {sequence}").as_bytes()));
    let answer = if order.is_empty() { Answer::Blank } else { Answer::Ranked(order.to_vec()) };
    let unsigned = statement.seal(vec![answer], secret.public(), sequence, seed).unwrap();
    let ballot = unsigned.cast(&statement, &secret, &mut rand::rng()).unwrap();
    let tx = sealed::carried(&world.chain(), election, college(voter), &ballot).unwrap();
    sealed_chain::verified(world, tx)
}

/// Eleven of twelve vote, two of them twice; trustees 1, 2 and 4 of four open two pieces.
static HELD: LazyLock<Made> = LazyLock::new(|| {
    let mut world = World::new();
    let (draft, election) = make_keys(&mut world);
    let first = world.height();
    issue(&mut world, &draft, election);
    world.now = START + HOUR;
    world.block(&[]);
    let orders: [&[u16]; 4] = [&[0, 1], &[1, 2, 0], &[2], &[1]];
    let some: Vec<_> = (0..11).map(|voter| cast(&world, election, voter, 1, orders[voter % 4])).collect();
    world.block(&some);
    let more = [cast(&world, election, 0, 2, &[]), cast(&world, election, 6, 2, &[1, 0])];
    world.block(&more);
    let last = world.height();
    world.now = START + 2 * HOUR;
    world.block(&[]);
    let chain = world.chain();
    let mut shares = Vec::new();
    for number in [1, 2, 4] {
        let officer = (format!("trustee {number}"), TRUSTEES, number);
        let view = world.ledger.view();
        let duties = with(&chain, &draft, &officer, |it| {
            sealed::opening_duties(&view, it, &election, &mut TallyGuard::default())
        });
        shares.extend(duties.unwrap().into_iter().map(|it| world.tx(&officer.0, Payload::Opening(it))));
    }
    assert_eq!(shares.len(), 3 * 2);
    world.block(&shares);
    while urne_vote_contract::result(&world.ledger.view(), &election).is_none() {
        world.block(&[]);
    }
    let published = urne_vote_contract::result(&world.ledger.view(), &election).expect("counted");
    Made { chain, election, records: Held::of(world, election, first, last).records(), published }
});

type Entries = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// What is found when the state says this instead, and all validators signed it.
fn found(change: impl FnOnce(&mut Entries)) -> Option<ArchiveFault> {
    let mut records = HELD.records.clone();
    lying(&mut records, change);
    verify(&written(&records), HELD.chain, Some(HELD.election)).err()
}

#[test]
fn a_true_archive_of_rankings_verifies_from_the_name_of_its_chain_alone() {
    let found = verify(&written(&HELD.records), HELD.chain, Some(HELD.election)).expect("a true archive");
    assert_eq!(found.result, HELD.published);
    let QuestionResult::InstantRunoff { rounds, winners, ballots, blank, .. } = &found.result.questions[0] else {
        panic!("a runoff")
    };
    // Voters 0 4 8 · 1 5 9 · 2 6 10 · 3 7; then 0 goes blank and 6 from Gif to Bures.
    let tally: Vec<_> = rounds[0].tally.iter().map(|it| it.map(|votes| votes.get())).collect();
    assert_eq!((ballots.get(), blank.get(), tally), (11, 1, vec![Some(2), Some(6), Some(2)]));
    assert_eq!(winners, &vec![1]);
    assert_eq!(self::found(|_| {}), None, "the same state, signed again");
}

#[test]
fn a_winner_whom_the_opened_ballots_do_not_elect_is_found() {
    let fault = found(|state| {
        let mut question = HELD.published.questions[0].clone();
        let QuestionResult::InstantRunoff { winners, .. } = &mut question else { panic!("a runoff") };
        *winners = vec![0];
        state.insert(keys::result(&HELD.election, 0), Some(encode(&question)));
    });
    assert_eq!(fault, Some(ArchiveFault::OtherResult { question: 1 }));
}

#[test]
fn a_share_of_one_piece_that_is_wrong_or_another_pieces_is_found() {
    let wrong = found(|state| {
        let share = state.get_mut(&share_key(&HELD.election, 1, 2)).and_then(Option::as_mut).expect("it sent one");
        let last = share.len() - 40;
        share[last] ^= 1;
    });
    assert!(matches!(wrong, Some(ArchiveFault::Opening { .. })), "{wrong:?}");
    let swapped = found(|state| {
        let share = state[&share_key(&HELD.election, 0, 2)].clone();
        state.insert(share_key(&HELD.election, 1, 2), share);
    });
    assert!(matches!(swapped, Some(ArchiveFault::Opening { .. })), "{swapped:?}");
}

#[test]
fn a_piece_that_too_few_have_opened_is_found() {
    let few = found(|state| drop(state.insert(share_key(&HELD.election, 1, 4), None)));
    assert_eq!(few, Some(ArchiveFault::Opening { why: Rejection::TooFewShares }));
}
