//! A secret referendum on the small chain: the four validators' colleges make its keys over real blocks, members cast sealed
//! ballots with the keys on the census, and the trustees open the sum.
#![allow(dead_code, clippy::unwrap_used, clippy::cast_possible_truncation, unreachable_pub)]
use crate::chain::{HOUR, START, World, secret};
use rand_core::{TryCryptoRng, TryRng};
use std::convert::Infallible;
use urne_ballot::{Answer, CredentialSecret, RootSecret, Seed, Statement, TallyGuard, ceremony::CeremonySecret};
use urne_ledger::Kv;
use urne_types::{
    CollegeId, DraftId, ElectionId, PublicKey, UnixMs,
    bounded::{List, Text},
    election::{
        Base, CensusCommitment, CensusEntry, EarlyClose, ElectionDefinition, Method, Question, RevotePolicy, Secrecy,
        Threshold,
    },
    governance::Act,
    hash::hash,
    limits::CENSUS_CHUNK_MAX,
    sealed::{CeremonyMessage, Officer, SealedCensus, SealedRules},
    transaction::{Payload, Transaction, VerifiedTx},
};
use urne_vote_contract::{
    ElectionResult,
    sealed::{self, Participation, Statements, TRUSTEES, ceremonies_under_way, ceremony_duties, opening_duties},
};

pub const OPENS_AT: u64 = START + HOUR;
pub const CLOSES_AT: u64 = START + 2 * HOUR;
pub const STEP_MS: u64 = 60_000;

/// A voter's key, from her number.
pub fn credential<K: Kv>(world: &World<K>, index: usize) -> CredentialSecret {
    RootSecret::from_bytes(hash("urne.v1 test root", &index.to_le_bytes())).published_credential(&world.chain())
}
/// Members stand in four colleges by turns.
pub fn college(index: usize) -> CollegeId {
    CollegeId::new((index % 4 + 1) as u16)
}
pub fn entry<K: Kv>(world: &World<K>, index: usize) -> CensusEntry {
    CensusEntry { college: college(index), member: PublicKey(*credential(world, index).public().bytes()) }
}
pub fn trustee(number: u16) -> String {
    format!("trustee {number}")
}
pub fn ceremony_secret(number: u16) -> CeremonySecret {
    CeremonySecret::from_bytes(hash("urne.v1 test ceremony secret", &number.to_le_bytes()))
}

pub fn referendum() -> Vec<Question> {
    let choices = ["pour", "contre"].map(|it| Text::new(it).unwrap()).to_vec();
    let method = Method::Referendum { threshold: Threshold::Simple, base: Base::Expressed };
    vec![Question { title: Text::new("?").unwrap(), choices: List::new(choices).unwrap(), method }]
}

/// A referendum whose urn holds the ballots of all four colleges together.
pub fn definition<K: Kv>(world: &mut World<K>, members: usize) -> ElectionDefinition {
    definition_of(world, members, &[&[1, 2, 3, 4]], referendum())
}
/// The same, of these questions, the ballots of these colleges opened together.
pub fn definition_of<K: Kv>(
    world: &mut World<K>,
    members: usize,
    groups: &[&[u16]],
    questions: Vec<Question>,
) -> ElectionDefinition {
    let mut entries: Vec<CensusEntry> = (0..members).map(|it| entry(world, it)).collect();
    let commitment = CensusCommitment::over(&mut entries).unwrap();
    let census = commitment.id();
    for (at, part) in entries.chunks(CENSUS_CHUNK_MAX).enumerate() {
        let (commitment, first) = (commitment.clone(), (at * CENSUS_CHUNK_MAX) as u64);
        let entries = List::new(part.to_vec()).unwrap();
        let chunk = world.tx("admin 1", Payload::CensusChunk { commitment, attempt: 0, first, entries });
        world.block(&[chunk]);
    }
    world.act(Act::AdoptCensus { census });
    let officer = |id: u16| Officer { college: CollegeId::new(id), key: secret(&trustee(id)).public() };
    let group = |of: &&[u16]| List::new(of.iter().copied().map(CollegeId::new).collect()).unwrap();
    let rules = SealedRules {
        census: SealedCensus::PublishedKeys,
        trustees: List::new((1..=4).map(officer).collect()).unwrap(),
        groups: List::new(groups.iter().map(group).collect()).unwrap(),
        minimum_group: 3,
        step_ms: u32::try_from(STEP_MS).unwrap(),
    };
    ElectionDefinition {
        title: Text::new("Assemblée générale").unwrap(),
        questions: List::new(questions).unwrap(),
        census,
        secrecy: Secrecy::Sealed(Box::new(rules)),
        opens_at: UnixMs::new(OPENS_AT),
        closes_at: UnixMs::new(CLOSES_AT),
        grace_ms: 0,
        revote: RevotePolicy::LastCounts,
        early_close: EarlyClose::Forbidden,
        convened_at: None,
        documents: List::default(),
        statutes: None,
    }
}

fn with<T>(draft: &DraftId, chain: &urne_types::ChainId, number: u16, of: impl FnOnce(Participation<'_>) -> T) -> T {
    with_secret(draft, chain, number, &ceremony_secret(number), of)
}
fn with_secret<T>(
    draft: &DraftId,
    chain: &urne_types::ChainId,
    number: u16,
    secret: &CeremonySecret,
    of: impl FnOnce(Participation<'_>) -> T,
) -> T {
    of(Participation { chain, draft, scope: TRUSTEES, number, secret })
}

/// Makes the keys of a referendum, and goes on to the opening.
pub fn open<K: Kv>(world: &mut World<K>, members: usize) -> ElectionId {
    open_on(world, members, &[&[1, 2, 3, 4]], referendum())
}
/// The same, of these questions, the ballots of these colleges opened together.
pub fn open_on<K: Kv>(world: &mut World<K>, members: usize, groups: &[&[u16]], questions: Vec<Question>) -> ElectionId {
    let definition = definition_of(world, members, groups, questions);
    open_spoken(world, definition, ceremony_secret, |_, message| Some(message))
}
/// The same, of trustees with these secrets who say what `speaks` makes of their duties, or nothing.
pub fn open_spoken<K: Kv>(
    world: &mut World<K>,
    definition: ElectionDefinition,
    secret_of: fn(u16) -> CeremonySecret,
    mut speaks: impl FnMut(u16, CeremonyMessage) -> Option<CeremonyMessage>,
) -> ElectionId {
    let draft = definition.draft_id();
    let drafted = world.tx("admin 1", Payload::DraftElection(definition));
    world.block(&[drafted]);
    world.act(Act::ScheduleElection { draft });
    let (chain, mut was_silent) = (world.chain(), false);
    while world.ledger.read(|view| !ceremonies_under_way(view).is_empty()).unwrap() {
        let mut said = Vec::new();
        for number in 1..=4 {
            let duties = with_secret(&draft, &chain, number, &secret_of(number), |it| {
                world.ledger.read(|view| ceremony_duties(view, it))
            });
            let spoken = duties.unwrap().unwrap().into_iter().filter_map(|it| speaks(number, it));
            said.extend(spoken.map(|it| world.tx(&trustee(number), Payload::Ceremony(it))));
        }
        // One silent block ends a step for which everybody has spoken; after two, somebody is waited for.
        if said.is_empty() && was_silent {
            world.now += STEP_MS;
        }
        was_silent = said.is_empty();
        world.block(&said);
    }
    world.now = OPENS_AT;
    world.block(&[]);
    let election = world.ledger.read(|view| sealed::ceremony_of(view, &draft)).unwrap().unwrap().state;
    let sealed::records::CeremonyState::Done { election } = election else { panic!("four honest trustees make keys") };
    election
}

pub fn statements<K: Kv>(world: &World<K>) -> Statements {
    world.ledger.read(|view| Statements::read(view, &world.chain())).unwrap()
}
pub fn statement<K: Kv>(world: &World<K>, election: &ElectionId) -> Statement {
    world.ledger.read(|view| sealed::statement(view, &world.chain(), election)).unwrap().unwrap()
}
/// A ballot of the referendum as it travels.
pub fn cast<K: Kv>(world: &World<K>, index: usize, election: ElectionId, sequence: u32, choice: u16) -> Transaction {
    cast_answers(world, index, election, sequence, vec![Answer::One(choice)])
}
/// A ballot as it travels.
pub fn cast_answers<K: Kv>(
    world: &World<K>,
    index: usize,
    election: ElectionId,
    sequence: u32,
    answers: Vec<Answer>,
) -> Transaction {
    cast_by(&statement(world, &election), &credential(world, index), (index, college(index)), sequence, answers)
}
/// The same away from the world, as on a thread: of that voter, in that college.
pub fn cast_by(
    statement: &Statement,
    secret: &CredentialSecret,
    (index, college): (usize, CollegeId),
    sequence: u32,
    answers: Vec<Answer>,
) -> Transaction {
    let mut rng = Chance::named(index, sequence);
    let seed = Seed::generate(&mut rng);
    let unsigned = statement.seal(answers, secret.public(), sequence, seed).unwrap();
    let ballot = unsigned.cast(statement, secret, &mut rng).unwrap();
    sealed::carried(statement.chain(), *statement.election(), college, &ballot).unwrap()
}
pub fn verified<K: Kv>(world: &World<K>, ballot: Transaction) -> VerifiedTx {
    ballot.verify_by(&world.chain(), &statements(world)).unwrap()
}

/// What three trustees have to send after the close.
pub fn shares<K: Kv>(world: &World<K>, election: &ElectionId) -> Vec<VerifiedTx> {
    shares_by(world, election, &[1, 2, 4])
}
pub fn shares_by<K: Kv>(world: &World<K>, election: &ElectionId, trustees: &[u16]) -> Vec<VerifiedTx> {
    let chain = world.chain();
    let draft = world.ledger.read(|view| sealed::urn(view, election)).unwrap().unwrap().draft;
    let of_one = |number: &u16| {
        let number = *number;
        let duties = with(&draft, &chain, number, |it| {
            world.ledger.read(|view| opening_duties(view, it, election, &mut TallyGuard::default()))
        });
        let send = |it| world.tx(&trustee(number), Payload::Opening(it));
        duties.unwrap().unwrap().into_iter().map(send).collect::<Vec<_>>()
    };
    trustees.iter().flat_map(of_one).collect()
}
/// Closes the urn, opens it with three trustees' shares, and counts through: the published result.
pub fn count<K: Kv>(world: &mut World<K>, election: &ElectionId) -> ElectionResult {
    world.now = CLOSES_AT;
    world.block(&[]);
    let shares = shares(world, election);
    world.block(&shares);
    let result = |world: &World<K>| world.ledger.read(|view| urne_vote_contract::result(view, election)).unwrap();
    for _ in 0..100 {
        if let Some(result) = result(world) {
            return result;
        }
        world.block(&[]);
    }
    panic!("a count ends")
}

/// Chance that repeats itself.
pub struct Chance {
    name: [u8; 32],
    drawn: u64,
}
impl Chance {
    pub fn named(index: usize, sequence: u32) -> Self {
        let name = [&index.to_le_bytes()[..], &sequence.to_le_bytes()].concat();
        Self { name: hash("urne.v1 test chance", &name), drawn: 0 }
    }
}
impl TryRng for Chance {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.try_next_u64().map(|it| it as u32)
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes).map(|()| u64::from_le_bytes(bytes))
    }
    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Infallible> {
        for chunk in to.chunks_mut(32) {
            self.drawn += 1;
            let drawn = hash("urne.v1 test chance", &[&self.name[..], &self.drawn.to_le_bytes()].concat());
            chunk.copy_from_slice(&drawn[..chunk.len()]);
        }
        Ok(())
    }
}
impl TryCryptoRng for Chance {}
