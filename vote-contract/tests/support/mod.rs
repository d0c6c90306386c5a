//! A small world: four colleges `1..=4`, each with a validator and an administrator, a state in memory, and a clock that
//! only moves when a test says so. Every block checks that a refused transaction has written nothing.
#![allow(dead_code, clippy::unwrap_used, clippy::cast_possible_truncation, unreachable_pub)]
pub mod assembly;
pub mod held;

use std::{collections::BTreeMap, ops::ControlFlow};
use urne_types::{
    ActId, BlockHash, CensusId, ChainId, CollegeId, ElectionId, Height, NodeId, PublicKey, Round, SecretKey, UnixMs,
    ValidatorId,
    ballot::{Answer, Ballot, BallotBody},
    bounded::{List, Text},
    election::{
        Base, CensusCommitment, CensusEntry, EarlyClose, ElectionDefinition, Method, NullPolicy, Question,
        RevotePolicy, Secrecy, Threshold,
    },
    genesis::{Genesis, HaltingPolicy, PROTOCOL_VERSION},
    governance::{Act, Administrator, College, Parameters, ProposedAct, RECORD_CHAIN, ValidatorRecord},
    hash::hash,
    limits::{CENSUS_CHUNK_MAX, COUNT_UNITS_PER_BLOCK},
    signed::Signed,
    statutes::{
        Aggregation, CollegeRules, CollegeWeight, Convocation, Electorate, MajorityRule, MajorityThreshold, Profile,
        Silence, SilentCollege, SmallColleges, Statutes, UnderStatutes, Voice,
    },
    transaction::{Payload, UnsignedTx, VerifiedTx},
    validators::ValidatorSet,
};
use urne_vote_contract::{
    BlockContext, Changes, ElectionResult, Event, LastCommit, LogId, Outcome, Space, StateView, begin_block, end_block,
    execute, result, sealed::records::IssuanceRecord,
};

/// The first instant.
pub const START: u64 = 1_800_000_000_000;
pub const HOUR: u64 = 3_600_000;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemoryState {
    pub map: BTreeMap<Vec<u8>, Vec<u8>>,
    pub index: BTreeMap<Vec<u8>, Vec<u8>>,
}
impl MemoryState {
    pub fn apply(&mut self, changes: &Changes) {
        for (space, changed) in [(&mut self.map, &changes.map), (&mut self.index, &changes.index)] {
            for (key, value) in changed {
                match value {
                    Some(value) => space.insert(key.clone(), value.clone()),
                    None => space.remove(key),
                };
            }
        }
    }
    fn of(&self, space: Space) -> &BTreeMap<Vec<u8>, Vec<u8>> {
        match space {
            Space::Map => &self.map,
            Space::Index => &self.index,
        }
    }
}
impl StateView for MemoryState {
    fn get(&self, space: Space, key: &[u8]) -> Option<Vec<u8>> {
        self.of(space).get(key).cloned()
    }
    fn scan_from(
        &self,
        space: Space,
        prefix: &[u8],
        from: &[u8],
        each: &mut dyn FnMut(&[u8], &[u8]) -> ControlFlow<()>,
    ) {
        for (key, value) in self.of(space).range(from.to_vec()..) {
            if !key.starts_with(prefix) || each(key, value).is_break() {
                return;
            }
        }
    }
}

/// A key for a name: the same name is always the same person.
pub fn secret(name: &str) -> SecretKey {
    SecretKey::from_seed(&hash("urne.v1 test key", name.as_bytes()))
}
pub fn public(name: &str) -> PublicKey {
    secret(name).public()
}
pub fn text<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::new(text).unwrap()
}
pub fn college(id: u16) -> CollegeId {
    CollegeId::new(id)
}
pub fn entry(of: u16, member: &str) -> CensusEntry {
    CensusEntry { college: college(of), member: public(member) }
}
pub fn validator_id(name: &str) -> ValidatorId {
    ValidatorId::of(&public(name))
}
pub fn record(chain: &ChainId, of: u16, name: &str) -> Signed<ValidatorRecord> {
    let key = public(name);
    let claim = ValidatorRecord {
        college: college(of),
        name: text(name),
        key,
        node: NodeId(hash("urne.v1 test node", name.as_bytes())),
        addresses: List::default(),
    };
    Signed::sign(chain, claim, &secret(name)).into_signed()
}

pub fn genesis() -> Genesis {
    let colleges = (1..=4).map(|id| College {
        id: college(id),
        name: text(&format!("college {id}")),
        statutory_weight_bp: 2_500,
        consensus_weight: None,
    });
    let administrator = |id: u16| Administrator { college: college(id), key: public(&format!("admin {id}")) };
    let validators = (1..=4).map(|id| record(&RECORD_CHAIN, id, &format!("validator {id}")));
    Genesis {
        protocol_version: PROTOCOL_VERSION,
        name: text("test"),
        time: UnixMs::new(START),
        halting: HaltingPolicy::NoCollegeHalts,
        parameters: Parameters::recommended(),
        colleges: List::new(colleges.collect()).unwrap(),
        administrators: List::new((1..=4).map(administrator).collect()).unwrap(),
        validators: List::new(validators.collect()).unwrap(),
    }
}

#[derive(Clone)]
pub struct World {
    pub chain: ChainId,
    pub state: MemoryState,
    pub height: u64,
    pub now: u64,
    pub nonce: u64,
    pub events: Vec<Event>,
    pub set: ValidatorSet,
    pub leaves: Vec<(LogId, urne_types::MerkleRoot)>,
    /// Every accepted ballot, as the log would give it back.
    pub ballots: Vec<(ElectionId, CensusEntry, u32, BallotBody)>,
    pub digests: Vec<Changes>,
    /// Who is in the certificates of the blocks to come.
    pub signers: Vec<ValidatorId>,
    /// How much counting a block may do.
    pub count_units: u64,
    #[cfg(feature = "plants")]
    pub plant: Option<urne_vote_contract::Plant>,
}

impl World {
    pub fn new() -> Self {
        Self::with(|_| {})
    }
    pub fn with(edit: impl FnOnce(&mut Genesis)) -> Self {
        let mut genesis = genesis();
        edit(&mut genesis);
        let (changes, set) = urne_vote_contract::genesis(&genesis).unwrap();
        let mut state = MemoryState::default();
        state.apply(&changes);
        Self {
            chain: genesis.chain_id(),
            state,
            height: 0,
            now: START,
            nonce: 0,
            events: Vec::new(),
            set,
            leaves: Vec::new(),
            ballots: Vec::new(),
            signers: Vec::new(),
            digests: Vec::new(),
            count_units: COUNT_UNITS_PER_BLOCK,
            #[cfg(feature = "plants")]
            plant: None,
        }
    }

    // ---- Blocks ----

    pub fn context(&self) -> BlockContext {
        let proposer = validator_id("validator 1");
        #[allow(unused_mut)]
        let mut at =
            BlockContext::new(self.chain, Height::new(self.height), UnixMs::new(self.now), Round::FIRST, proposer);
        at.count_units = self.count_units;
        at.previous = BlockHash(hash("urne.v1 test block", &self.height.to_le_bytes()));
        #[cfg(feature = "plants")]
        {
            at.plant = self.plant;
        }
        at
    }
    /// A block at a time, with whoever missed a turn before it.
    pub fn block_after(&mut self, time: u64, txs: &[VerifiedTx], missed: &[&str]) -> Vec<Outcome> {
        assert!(self.now < time, "block times strictly increase");
        (self.height, self.now) = (self.height + 1, time);
        let mut at = self.context();
        at.last_commit = Height::new(self.height).previous().filter(|it| it.get() != 0).map(|height| LastCommit {
            height,
            round: Round::FIRST,
            signers: self.signers.clone(),
            missed_proposers: missed.iter().map(|it| validator_id(it)).collect(),
        });
        let mut changes = Changes::default();
        self.events = begin_block(&self.state, &at, &mut changes);
        let mut outcomes = Vec::new();
        for tx in txs {
            let before = changes.clone();
            let outcome = execute(&self.state, &at, tx, &mut changes);
            match &outcome {
                Ok(events) => {
                    self.events.extend(events.clone());
                    if let Payload::Ballot(it) = tx.payload() {
                        let entry = CensusEntry { college: it.college, member: tx.sender() };
                        self.ballots.push((it.election, entry, it.sequence, it.body.clone()));
                    }
                }
                Err(_) => assert_eq!(changes, before, "a refused transaction writes nothing"),
            }
            outcomes.push(outcome);
        }
        self.set = end_block(&self.state, &at, &mut changes);
        self.leaves.extend(changes.appends.clone());
        self.state.apply(&changes);
        self.digests.push(changes);
        self.no_college_has_more_credentials_than_approved_entries();
        outcomes
    }
    /// What the ledger promises of registrars, at every block: registered ≤ approved ≤ census, and nothing is answered that was
    /// not approved.
    fn no_college_has_more_credentials_than_approved_entries(&self) {
        for (_, value) in self.state.map.range(vec![0x63]..vec![0x64]) {
            let it: IssuanceRecord = urne_types::codec::decode_record(value).unwrap();
            let (registered, approved, census) = (it.registered.get(), it.approved.get(), it.census.get());
            assert!(registered <= approved && approved <= census, "at block {}: {it:?}", self.height);
            assert!(it.answered.get() <= approved, "at block {}: {it:?}", self.height);
        }
    }
    pub fn block(&mut self, time: u64, txs: &[VerifiedTx]) -> Vec<Outcome> {
        self.block_after(time, txs, &[])
    }
    /// A block a millisecond later, with one transaction.
    pub fn one(&mut self, tx: VerifiedTx) -> Outcome {
        self.block(self.now + 1, &[tx]).remove(0)
    }
    pub fn empty(&mut self, time: u64) {
        self.block(time, &[]);
    }
    pub fn tx(&self, who: &str, payload: Payload) -> VerifiedTx {
        let key = secret(who);
        UnsignedTx::new(self.chain, key.public(), payload).sign(&key).verify(&self.chain).unwrap()
    }
    pub fn send(&mut self, who: &str, payload: Payload) -> Outcome {
        self.one(self.tx(who, payload))
    }

    // ---- Governance ----

    pub fn proposed(&mut self, act: Act) -> ProposedAct {
        self.nonce += 1;
        ProposedAct { act, expires_at: UnixMs::new(self.now + HOUR), nonce: self.nonce }
    }
    pub fn propose(&mut self, who: &str, act: Act) -> (ActId, Outcome) {
        let proposed = self.proposed(act);
        let id = proposed.id(&self.chain);
        (id, self.send(who, Payload::ProposeAct(proposed)))
    }
    pub fn approve(&mut self, who: &str, act: ActId) -> Outcome {
        self.send(who, Payload::ApproveAct { act })
    }
    /// Proposed by the first college, approved by the second and the third: what became of it.
    pub fn act(&mut self, act: Act) -> Outcome {
        let (id, proposed) = self.propose("admin 1", act);
        proposed?;
        self.approve("admin 2", id)?;
        self.approve("admin 3", id)
    }

    // ---- Elections ----

    pub fn bring_census(&mut self, members: &[(u16, &str)]) -> CensusId {
        let mut entries: Vec<CensusEntry> = members.iter().map(|(of, member)| entry(*of, member)).collect();
        self.bring_entries(&mut entries)
    }
    pub fn bring_entries(&mut self, entries: &mut Vec<CensusEntry>) -> CensusId {
        let commitment = CensusCommitment::over(entries).unwrap();
        for (at, part) in entries.chunks(CENSUS_CHUNK_MAX).enumerate() {
            let first = (at * CENSUS_CHUNK_MAX) as u64;
            let entries = List::new(part.to_vec()).unwrap();
            self.send("admin 1", Payload::CensusChunk { commitment: commitment.clone(), attempt: 0, first, entries })
                .unwrap();
        }
        commitment.id()
    }
    pub fn census(&mut self, members: &[(u16, &str)]) -> CensusId {
        let census = self.bring_census(members);
        self.act(Act::AdoptCensus { census }).unwrap();
        census
    }
    /// Opens in an hour and closes an hour later; each question under its own title.
    pub fn definition(&self, census: CensusId, mut questions: Vec<Question>) -> ElectionDefinition {
        for (question, place) in questions.iter_mut().zip(1..).skip(1) {
            question.title = text(&format!("{} {place}", question.title));
        }
        ElectionDefinition {
            title: text("Assemblée générale"),
            questions: List::new(questions).unwrap(),
            census,
            secrecy: Secrecy::Open,
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
    pub fn schedule(&mut self, definition: ElectionDefinition) -> ElectionId {
        let definition = numbered(definition);
        let (draft, election) = (definition.draft_id(), definition.election_id(&self.chain));
        self.send("admin 1", Payload::DraftElection(definition)).unwrap();
        self.act(Act::ScheduleElection { draft }).unwrap();
        election
    }
    /// A referendum for members `a`, `b`, `c` of college 1 and `d`, `a` of college 2, open now.
    pub fn open_referendum(&mut self, edit: impl FnOnce(&mut ElectionDefinition)) -> ElectionId {
        let census = self.census(&[(1, "a"), (1, "b"), (1, "c"), (2, "d"), (2, "a")]);
        let mut definition = self.definition(census, vec![referendum()]);
        edit(&mut definition);
        let opens_at = definition.opens_at.get();
        let id = self.schedule(definition);
        self.empty(opens_at);
        id
    }
    pub fn ballot(&self, who: &str, id: ElectionId, of: u16, sequence: u32, answers: &[Answer]) -> VerifiedTx {
        let body = BallotBody::Open(List::new(answers.to_vec()).unwrap());
        self.tx(who, Payload::Ballot(Ballot { election: id, college: college(of), sequence, body }))
    }
    pub fn cast(&mut self, who: &str, id: ElectionId, of: u16, sequence: u32, answers: &[Answer]) -> Outcome {
        self.one(self.ballot(who, id, of, sequence, answers))
    }
    pub fn result(&self, id: ElectionId) -> ElectionResult {
        result(&self.state, &id).expect("the election is tallied")
    }
    /// Empty blocks until nothing is left to do at once; how many they were.
    pub fn count_through(&mut self) -> usize {
        let mut blocks = 0;
        while urne_vote_contract::is_any_counting(&self.state) {
            self.empty(self.now + 1);
            blocks += 1;
            assert!(blocks < 100_000, "a count ends");
        }
        blocks
    }
    pub fn recount(&self, id: ElectionId) -> ElectionResult {
        let definition = urne_vote_contract::definition(&self.state, &id).unwrap();
        let census = urne_vote_contract::census(&self.state, &definition.census).unwrap();
        let ballots = self.ballots.iter().filter(|it| it.0 == id).map(|it| (it.1, it.2, it.3.clone()));
        let basis = urne_vote_contract::count_basis(&self.state, &id);
        urne_vote_contract::recount(&id, &definition, &census.commitment, &basis, ballots)
    }
}

pub fn names<const MAX: usize, const BYTES: usize>(names: &[&str]) -> List<Text<BYTES>, MAX> {
    List::new(names.iter().map(|it| text(it)).collect()).unwrap()
}
/// Several questions have titles of their own.
pub fn numbered(mut definition: ElectionDefinition) -> ElectionDefinition {
    let mut questions = definition.questions.to_vec();
    if 1 < questions.len() && questions.iter().all(|it| it.title == questions[0].title) {
        questions.iter_mut().enumerate().for_each(|(at, it)| it.title = text(&format!("? {at}")));
    }
    definition.questions = List::new(questions).unwrap();
    definition
}
pub fn question(choices: &[&str], method: Method) -> Question {
    Question { title: text("?"), choices: names(choices), method }
}
pub fn referendum() -> Question {
    question(&["pour", "contre"], Method::Referendum { threshold: Threshold::Simple, base: Base::Expressed })
}
pub fn judgment(choices: &[&str], nulls: NullPolicy) -> Question {
    question(choices, Method::MajorityJudgment { grades: names(&["à rejeter", "passable", "bien"]), nulls })
}
pub const FOR: Answer = Answer::Choice(0);
pub const AGAINST: Answer = Answer::Choice(1);
pub fn approvals(of: &[u16]) -> Answer {
    Answer::Approvals(List::new(of.to_vec()).unwrap())
}
pub fn ranking(of: &[&[u16]]) -> Answer {
    Answer::Ranking(List::new(of.iter().map(|rank| List::new(rank.to_vec()).unwrap()).collect()).unwrap())
}
pub fn points(of: &[u32]) -> Answer {
    Answer::Points(List::new(of.to_vec()).unwrap())
}
/// Statutes without colleges: more for than against, silence ignored, no notice.
pub fn plain_statutes() -> Statutes {
    Statutes {
        version: 1,
        name: text("Statuts"),
        profile: Profile::Free,
        categories: List::default(),
        colleges: None,
        voice: Voice::PerCollege,
        electorate: Electorate::FrozenAtOpening,
        silence: Silence::IGNORED,
        attendance: None,
        second_call: None,
        majorities: List::new(vec![MajorityRule { decision: text("ordinary"), threshold: MajorityThreshold::Simple }])
            .unwrap(),
        notice_ms: 0,
        documents_min: 0,
    }
}
/// Weighs colleges 1, 2, 3…, in ten-thousandths.
pub fn college_rules(weights: &[u16]) -> CollegeRules {
    let weight = |(at, weight_bp): (u16, &u16)| CollegeWeight { college: college(at), weight_bp: *weight_bp };
    CollegeRules {
        weights: List::new((1_u16..).zip(weights).map(weight).collect()).unwrap(),
        aggregation: Aggregation::Proportional,
        silent_college: SilentCollege::Kept,
        attendance: None,
        small_floor: 0,
        small_colleges: SmallColleges::Withheld,
    }
}
pub fn resolution() -> Question {
    question(&["pour", "contre"], Method::Resolution { decision: text("ordinary") })
}
pub fn under(version: u32) -> Option<UnderStatutes> {
    Some(UnderStatutes { version, convocation: Convocation::First })
}
pub fn grades(of: &[Option<u8>]) -> Answer {
    Answer::Grades(List::new(of.to_vec()).unwrap())
}
