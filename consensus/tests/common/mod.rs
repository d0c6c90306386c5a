//! A network in memory: engines, queues and a clock that only moves when nothing else can. The same script gives the same
//! run, always.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};
use urne_consensus::Step;
use urne_consensus::engine::{Engine, EngineConfig, GuardRecord, Input, Output, Timeout, Verdict, WalEntry};
use urne_types::{
    BlockHash, ChainId, CollegeId, Height, Round, SecretKey, ValidatorId, VotingPower,
    bounded::List,
    certificate::{CommitCertificate, CommitSignature},
    hash::hash,
    message::{ConsensusMessage, Equivocation, Precommit, Prevote, Proposal, SignedStep},
    signed::Signed,
    validators::{ProposerDuty, Validator, ValidatorSet},
};

pub const CHAIN: ChainId = ChainId([7; 32]);

/// A key that everybody may know.
pub fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}
pub fn id(seed: u8) -> ValidatorId {
    ValidatorId::of(&key(seed).public())
}
pub fn validator(seed: u8, college: u16, power: u64) -> Validator {
    let key = key(seed).public();
    let (college, power) = (CollegeId::new(college), VotingPower::new(power));
    Validator { id: ValidatorId::of(&key), key, college, power, duty: ProposerDuty::Proposes }
}
/// One validator in each of so many equal colleges.
pub fn equal_set(n: u8) -> Arc<ValidatorSet> {
    let members = (0..n).map(|it| validator(it, u16::from(it), 1_000_000 / u64::from(n))).collect();
    Arc::new(ValidatorSet::new(members).expect("distinct keys"))
}
/// A prevote or a precommit of a validator.
pub fn step(seed: u8, step: Step, height: u64, round: u32, block: Option<BlockHash>) -> ConsensusMessage {
    let (height, round, validator) = (Height::new(height), Round::new(round), id(seed));
    ConsensusMessage::Step(match step {
        Step::Prevote => SignedStep::Prevote(
            Signed::sign(&CHAIN, Prevote { height, round, block, validator }, &key(seed)).into_signed(),
        ),
        _ => SignedStep::Precommit(
            Signed::sign(&CHAIN, Precommit { height, round, block, validator }, &key(seed)).into_signed(),
        ),
    })
}
pub fn proposal(seed: u8, height: u64, round: u32, block: BlockHash, valid_round: Option<u32>) -> ConsensusMessage {
    let (height, round, validator) = (Height::new(height), Round::new(round), id(seed));
    let valid_round = valid_round.map(Round::new);
    let claim = Proposal { height, round, block, valid_round, validator };
    ConsensusMessage::Proposal(Signed::sign(&CHAIN, claim, &key(seed)).into_signed())
}
/// A certificate by these validators, in order.
pub fn certificate(seeds: &[u8], height: u64, round: u32, block: BlockHash) -> CommitCertificate {
    let (height, round) = (Height::new(height), Round::new(round));
    let sign = |seed: &u8| {
        let claim = Precommit { height, round, block: Some(block), validator: id(*seed) };
        CommitSignature {
            validator: id(*seed),
            signature: Signed::sign(&CHAIN, claim, &key(*seed)).into_signed().signature,
        }
    };
    let mut signatures: Vec<CommitSignature> = seeds.iter().map(sign).collect();
    signatures.sort_by_key(|it| it.validator);
    CommitCertificate { height, round, block, signatures: List::new(signatures).expect("few") }
}
pub fn block(name: &[u8]) -> BlockHash {
    BlockHash(hash("urne.v1 test block", name))
}

/// Chance from a seed (SplitMix64).
pub struct Dice(pub u64);
impl Dice {
    pub fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % n
    }
}

/// What travels.
#[derive(Clone, Debug)]
pub enum Parcel {
    Message(ConsensusMessage),
    Body { height: Height, round: Round, valid_round: Option<Round>, proposer: ValidatorId, block: BlockHash },
}

/// One node: an engine, and the disk that survives it.
pub struct Node {
    pub seed: u8,
    pub engine: Engine,
    pub wal: Vec<WalEntry>,
    pub synced: usize,
    pub guard: Option<GuardRecord>,
    pub decided: Vec<CommitCertificate>,
    pub accused: Vec<Equivocation>,
    pub stopped: Option<String>,
    pub signed: Vec<ConsensusMessage>,
    pub is_up: bool,
    /// Outputs still to perform before a crash; none runs on.
    pub fuse: Option<usize>,
    pub entered: Vec<(Height, Round)>,
    pub polkas: Vec<BlockHash>,
    pub built: usize,
    pub early: Vec<(usize, Parcel)>,
}

/// Who may say what to whom; everything by default.
pub type Filter = Box<dyn FnMut(usize, usize, &Parcel) -> bool>;

pub struct Net {
    pub nodes: Vec<Node>,
    pub set: Arc<ValidatorSet>,
    pub now: u64,
    pub filter: Filter,
    pub trace: Vec<String>,
    /// No height after this one is started.
    pub last: Height,
    /// Whether what was written but not synced survives a crash: of the process it does, of the machine it need not.
    pub keeps_unsynced: bool,
    configure: Configure,
    queue: VecDeque<(usize, usize, Parcel)>,
    timers: BTreeMap<(usize, Timeout), u64>,
}

/// Gives every engine of a network its configuration.
pub type Configure = fn(EngineConfig) -> EngineConfig;

fn engine(seed: u8, guard: Option<GuardRecord>, configure: Configure) -> Engine {
    Engine::new(configure(EngineConfig { guard, ..EngineConfig::new(CHAIN, Some(key(seed))) }))
}

impl Net {
    pub fn new(n: u8) -> Self {
        Self::with(n, |it| it)
    }
    pub fn with(n: u8, configure: Configure) -> Self {
        let node = |seed| Node {
            seed,
            engine: engine(seed, None, configure),
            wal: Vec::new(),
            synced: 0,
            guard: None,
            decided: Vec::new(),
            accused: Vec::new(),
            stopped: None,
            signed: Vec::new(),
            is_up: true,
            fuse: None,
            entered: Vec::new(),
            polkas: Vec::new(),
            built: 0,
            early: Vec::new(),
        };
        Self {
            nodes: (0..n).map(node).collect(),
            set: equal_set(n),
            now: 0,
            filter: Box::new(|_, _, _| true),
            trace: Vec::new(),
            last: Height::new(u64::MAX),
            keeps_unsynced: false,
            configure,
            queue: VecDeque::new(),
            timers: BTreeMap::new(),
        }
    }
    pub fn start_all(&mut self) {
        for at in 0..self.nodes.len() {
            if self.nodes[at].is_up {
                self.start(at, Height::FIRST, Vec::new());
            }
        }
    }
    pub fn start(&mut self, at: usize, height: Height, wal: Vec<WalEntry>) {
        let validators = Arc::clone(&self.set);
        self.input(at, Input::Start { height, validators, wal, may_sign: true });
        for (from, parcel) in std::mem::take(&mut self.nodes[at].early) {
            self.queue.push_back((from, at, parcel));
        }
    }
    /// The node of a validator.
    pub fn node_of(&self, who: ValidatorId) -> usize {
        self.nodes.iter().position(|it| id(it.seed) == who).expect("a node of this network")
    }
    /// Loses what was not synced, and the engine.
    pub fn crash(&mut self, at: usize) {
        let node = &mut self.nodes[at];
        node.is_up = false;
        node.fuse = None;
        node.wal.truncate(if self.keeps_unsynced { node.wal.len() } else { node.synced });
        node.early.clear();
        self.timers.retain(|(who, _), _| *who != at);
        self.queue.retain(|(_, to, _)| *to != at);
    }
    /// Starts again from the disk.
    pub fn restart(&mut self, at: usize) {
        let node = &mut self.nodes[at];
        node.engine = engine(node.seed, node.guard, self.configure);
        node.is_up = true;
        let height = node.decided.last().map_or(Height::FIRST, |it| it.height.next());
        let wal = node.wal.clone();
        self.start(at, height, wal);
    }
    pub fn input(&mut self, at: usize, input: Input) {
        if !self.nodes[at].is_up {
            return;
        }
        let outputs = self.nodes[at].engine.step(input);
        for output in outputs {
            if let Some(fuse) = &mut self.nodes[at].fuse {
                if *fuse == 0 {
                    return self.crash(at);
                }
                *fuse -= 1;
            }
            self.trace.push(format!("{} {at} {output:?}", self.now));
            self.perform(at, output);
            if !self.nodes[at].is_up {
                return;
            }
        }
    }
    fn perform(&mut self, at: usize, output: Output) {
        let now = self.now;
        let node = &mut self.nodes[at];
        match output {
            Output::Record(entry) => node.wal.push(entry),
            Output::Sync => node.synced = node.wal.len(),
            Output::Guard(record) => node.guard = Some(record),
            Output::Send(message) => {
                node.signed.push(message.clone());
                self.broadcast(at, &Parcel::Message(message));
            }
            Output::Build { height, round } => self.build(at, height, round),
            Output::Resend { height, round, valid_round, block } => {
                let proposer = node.engine.proposer(round).expect("a height began");
                self.broadcast(at, &Parcel::Body { height, round, valid_round, proposer, block });
            }
            Output::Schedule { timeout, after_ms } => {
                self.timers.insert((at, timeout), now + after_ms);
            }
            Output::Cancel(timeout) => {
                self.timers.remove(&(at, timeout));
            }
            Output::CancelAll => self.timers.retain(|(who, _), _| *who != at),
            Output::EnteredRound { height, round, .. } => node.entered.push((height, round)),
            Output::Polka { block, .. } => node.polkas.push(block),
            Output::Decide(certificate) => self.commit(at, certificate),
            Output::Accuse(proof) => node.accused.push(proof),
            Output::Stop(fault) => {
                node.stopped = Some(fault.to_string());
                node.is_up = false;
            }
        }
    }
    fn build(&mut self, at: usize, height: Height, round: Round) {
        let node = &mut self.nodes[at];
        node.built += 1;
        let name = [height.get(), u64::from(round.get()), u64::from(node.seed), node.built.try_into().expect("few")];
        let block = block(&name.map(u64::to_le_bytes).concat());
        let proposer = id(node.seed);
        self.broadcast(at, &Parcel::Body { height, round, valid_round: None, proposer, block });
        self.input(at, Input::Built { height, round, block });
    }
    pub fn commit(&mut self, at: usize, certificate: CommitCertificate) {
        certificate.verify(&CHAIN, &self.set).expect("what is decided verifies");
        let node = &mut self.nodes[at];
        let height = certificate.height;
        assert_eq!(height, node.decided.last().map_or(Height::FIRST, |it| it.height.next()), "heights in order");
        node.decided.push(certificate);
        (node.wal, node.synced) = (Vec::new(), 0);
        if height < self.last {
            self.start(at, height.next(), Vec::new());
        }
    }
    pub fn broadcast(&mut self, from: usize, parcel: &Parcel) {
        for to in (0..self.nodes.len()).filter(|to| *to != from) {
            self.post(from, to, parcel.clone());
        }
    }
    pub fn post(&mut self, from: usize, to: usize, parcel: Parcel) {
        if self.nodes[to].is_up && (self.filter)(from, to, &parcel) {
            self.queue.push_back((from, to, parcel));
        }
    }
    /// One delivery, or else the next timeout. False when nothing is left.
    pub fn advance(&mut self) -> bool {
        if let Some((from, to, parcel)) = self.queue.pop_front() {
            self.deliver(from, to, parcel);
            return true;
        }
        let Some((&(at, timeout), &due)) = self.timers.iter().min_by_key(|(key, due)| (**due, **key)) else {
            return false;
        };
        self.timers.remove(&(at, timeout));
        self.now = self.now.max(due);
        self.input(at, Input::Elapsed(timeout));
        true
    }
    /// What a replica does: a parcel for a height to come waits for it; a message for a finished height is answered with
    /// the certificate.
    fn deliver(&mut self, from: usize, to: usize, parcel: Parcel) {
        let height = match &parcel {
            Parcel::Message(it) => it.height(),
            Parcel::Body { height, .. } => *height,
        };
        let node = &mut self.nodes[to];
        if node.engine.height() < height {
            return node.early.push((from, parcel));
        }
        match parcel {
            Parcel::Message(message) => {
                if !matches!(message, ConsensusMessage::Commit(_)) {
                    self.answer(to, from, height);
                }
                self.input(to, Input::Message(message));
            }
            Parcel::Body { height, round, valid_round, proposer, block } => {
                let verdict = Verdict::Valid;
                self.input(to, Input::Judged { height, round, valid_round, proposer, block, verdict });
            }
        }
    }
    /// One node gives another the certificate of a height, if it has it.
    pub fn answer(&mut self, from: usize, to: usize, height: Height) {
        let certificate = self.nodes[from].decided.iter().find(|it| it.height == height).cloned();
        if let Some(certificate) = certificate {
            self.post(from, to, Parcel::Message(ConsensusMessage::Commit(certificate)));
        }
    }
    /// Runs until every running node has decided that height.
    pub fn run_until(&mut self, height: u64) {
        for _ in 0..200_000 {
            let is_done = |it: &Node| !it.is_up || it.decided.last().is_some_and(|it| height <= it.height.get());
            if self.nodes.iter().all(is_done) {
                return;
            }
            assert!(self.advance(), "nothing left to do");
        }
        panic!(
            "no decision of height {height}: {:?}",
            self.nodes.iter().map(|it| it.engine.standing()).collect::<Vec<_>>()
        );
    }
    /// Nobody ever sent two different things for one slot.
    pub fn assert_nobody_contradicts_itself(&self) {
        assert_eq!(self.contradictions(), 0, "a node said two things");
    }
    pub fn contradictions(&self) -> usize {
        let mut found = 0;
        for node in &self.nodes {
            let mut said: BTreeMap<_, ConsensusMessage> = BTreeMap::new();
            for message in &node.signed {
                let slot = match message {
                    ConsensusMessage::Proposal(it) if it.claim.validator == id(node.seed) => {
                        (it.claim.height, it.claim.round, 0)
                    }
                    ConsensusMessage::Step(SignedStep::Prevote(it)) => (it.claim.height, it.claim.round, 1),
                    ConsensusMessage::Step(SignedStep::Precommit(it)) => (it.claim.height, it.claim.round, 2),
                    _ => continue,
                };
                let before = said.entry(slot).or_insert_with(|| message.clone());
                found += usize::from(before != message);
            }
        }
        found
    }
    /// All nodes that decided a height decided the same.
    pub fn assert_agreement(&self) {
        let mut blocks: BTreeMap<Height, BTreeSet<BlockHash>> = BTreeMap::new();
        for certificate in self.nodes.iter().flat_map(|it| &it.decided) {
            blocks.entry(certificate.height).or_default().insert(certificate.block);
        }
        assert!(blocks.values().all(|it| it.len() == 1), "two blocks at one height: {blocks:?}");
    }
}
