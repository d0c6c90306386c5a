//! A small chain for tests: four colleges with one validator and one administrator each, a census of members `member 0…`
//! spread over the colleges, one referendum, and a clock that moves when a test says so.
#![allow(dead_code, clippy::unwrap_used, clippy::cast_possible_truncation, unreachable_pub)]
use urne_ledger::{CommittedBlock, ExecutedBlock, Kv, Ledger, MemoryKv, ProposeContext, Proposed};
use urne_types::{
    BlockHash, CensusId, ChainId, CollegeId, ElectionId, Height, NodeId, Round, SecretKey, UnixMs, ValidatorId,
    ballot::{Answer, Ballot, BallotBody},
    block::Block,
    bounded::{List, Text},
    certificate::{CommitCertificate, CommitSignature},
    election::{
        Base, CensusCommitment, CensusEntry, EarlyClose, ElectionDefinition, Method, Question, RevotePolicy, Secrecy,
        Threshold,
    },
    genesis::{Genesis, HaltingPolicy, PROTOCOL_VERSION},
    governance::{Act, Administrator, College, Parameters, ProposedAct, RECORD_CHAIN, ValidatorRecord},
    hash::hash,
    limits::CENSUS_CHUNK_MAX,
    signed::Signed,
    transaction::{Payload, RawTx, UnsignedTx, VerifiedTx},
    validators::Validator,
};

pub const START: u64 = 1_800_000_000_000;
pub const HOUR: u64 = 3_600_000;

pub fn secret(name: &str) -> SecretKey {
    SecretKey::from_seed(&hash("urne.v1 test key", name.as_bytes()))
}
pub fn member(index: usize) -> String {
    format!("member {index}")
}
pub fn entry_of(index: usize) -> CensusEntry {
    let college = CollegeId::new((index % 4 + 1) as u16);
    CensusEntry { college, member: secret(&member(index)).public() }
}
pub fn validator(id: u16) -> SecretKey {
    secret(&format!("validator {id}"))
}
fn text<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::new(text).unwrap()
}
fn record(id: u16) -> Signed<ValidatorRecord> {
    record_on(&RECORD_CHAIN, CollegeId::new(id), id)
}
fn record_on(chain: &ChainId, college: CollegeId, id: u16) -> Signed<ValidatorRecord> {
    let key = validator(id);
    let claim = ValidatorRecord {
        college,
        name: text(&format!("validator {id}")),
        key: key.public(),
        node: NodeId([id as u8; 32]),
        addresses: List::default(),
    };
    Signed::sign(chain, claim, &key).into_signed()
}

pub fn genesis() -> Genesis {
    genesis_named("test")
}
pub fn genesis_named(name: &str) -> Genesis {
    let college = |id: u16| College {
        id: CollegeId::new(id),
        name: text(&format!("college {id}")),
        statutory_weight_bp: 2_500,
        consensus_weight: None,
    };
    let administrator =
        |id: u16| Administrator { college: CollegeId::new(id), key: secret(&format!("admin {id}")).public() };
    Genesis {
        protocol_version: PROTOCOL_VERSION,
        name: text(name),
        time: UnixMs::new(START),
        halting: HaltingPolicy::NoCollegeHalts,
        parameters: Parameters::recommended(),
        colleges: List::new((1..=4).map(college).collect()).unwrap(),
        administrators: List::new((1..=4).map(administrator).collect()).unwrap(),
        validators: List::new((1..=4).map(record).collect()).unwrap(),
    }
}

/// A certificate signed by some of the validators.
pub fn certificate(chain: &ChainId, height: Height, block: BlockHash, signers: &[u16]) -> CommitCertificate {
    let unsigned = CommitCertificate { height, round: Round::FIRST, block, signatures: List::default() };
    let sign = |id: &u16| {
        let (key, validator) = (validator(*id), ValidatorId::of(&validator(*id).public()));
        let precommit = unsigned.precommit_of(validator);
        CommitSignature { validator, signature: Signed::sign(chain, precommit, &key).signed().signature }
    };
    let mut signatures: Vec<_> = signers.iter().map(sign).collect();
    signatures.sort_by_key(|it| it.validator);
    CommitCertificate { signatures: List::new(signatures).unwrap(), ..unsigned }
}

/// Climbs the ladder again, as every node does with every transaction of a block.
pub fn verified(chain: &ChainId, block: &Block) -> Vec<VerifiedTx> {
    let climb = |bytes: &Vec<u8>| RawTx(bytes.clone()).decode().unwrap().verify(chain).unwrap();
    block.txs.iter().map(climb).collect()
}

pub struct World<K: Kv> {
    pub ledger: Ledger<K>,
    pub now: u64,
    pub nonce: u64,
}

impl World<MemoryKv> {
    pub fn new() -> Self {
        Self::over(MemoryKv::default())
    }
    /// A chain on which `members` may vote in a referendum that is open, after some ballots.
    pub fn voting(members: usize) -> (Self, ElectionId) {
        let mut world = Self::new();
        let election = world.open_referendum(members);
        (world, election)
    }
}

impl<K: Kv> World<K> {
    pub fn over(kv: K) -> Self {
        Self { ledger: Ledger::open(kv, &genesis()).unwrap(), now: START, nonce: 0 }
    }
    pub fn chain(&self) -> ChainId {
        self.ledger.chain()
    }
    pub fn height(&self) -> Height {
        self.ledger.tip().height
    }

    // ---- Blocks ----

    pub fn propose(&self, txs: &[VerifiedTx]) -> Proposed {
        let proposer = self.ledger.proposer_at(Round::FIRST);
        let at = ProposeContext { round: Round::FIRST, time: UnixMs::new(self.now + 1), proposer };
        self.ledger.propose(at, txs.iter().cloned()).unwrap()
    }
    pub fn certificate_of(&self, block: &ExecutedBlock, signers: &[u16]) -> CommitCertificate {
        certificate(&self.chain(), block.header().height, block.hash(), signers)
    }
    pub fn commit(&mut self, block: ExecutedBlock) -> CommittedBlock {
        let set = &self.ledger.tip().validators;
        let decides = |id: &u16| set.get(&ValidatorId::of(&validator(*id).public())).is_some();
        let signers: Vec<u16> = (1..=5).filter(decides).take(3).collect();
        let certificate = self.certificate_of(&block, &signers);
        self.now = block.header().time.get();
        self.ledger.commit(block, certificate).unwrap()
    }
    /// One block with these transactions, all of which must be accepted.
    pub fn block(&mut self, txs: &[VerifiedTx]) -> CommittedBlock {
        let proposed = self.propose(txs);
        assert_eq!(proposed.refused, []);
        self.commit(proposed.block)
    }
    /// The same block on another world.
    pub fn follow(&mut self, block: &Block, certificate: &CommitCertificate) -> CommittedBlock {
        let txs = verified(&self.chain(), block);
        let executed = self.ledger.judge(block.clone(), txs).unwrap().unwrap();
        self.now = executed.header().time.get();
        self.ledger.commit(executed, certificate.clone()).unwrap()
    }

    // ---- Transactions ----

    pub fn tx(&self, who: &str, payload: Payload) -> VerifiedTx {
        let key = secret(who);
        UnsignedTx::new(self.chain(), key.public(), payload).sign(&key).verify(&self.chain()).unwrap()
    }
    /// Validator 5 takes the place of the first one, in a block of its own; the one that left.
    pub fn replace_first_validator(&mut self) -> Validator {
        let leaving = self.ledger.tip().validators.members()[0].clone();
        let record = record_on(&self.chain(), leaving.college, 5);
        self.act(Act::ReplaceValidator { validator: leaving.id, record });
        self.block(&[]);
        leaving
    }
    pub fn act(&mut self, act: Act) {
        self.nonce += 1;
        let proposed = ProposedAct { act, expires_at: UnixMs::new(self.now + HOUR), nonce: self.nonce };
        let act = proposed.id(&self.chain());
        let propose = self.tx("admin 1", Payload::ProposeAct(proposed));
        let approvals = [2, 3].map(|id| self.tx(&format!("admin {id}"), Payload::ApproveAct { act }));
        self.block(&[&[propose][..], &approvals].concat());
    }
    pub fn ballot(&self, index: usize, election: ElectionId, sequence: u32, answer: Answer) -> VerifiedTx {
        let body = BallotBody::Open(List::new(vec![answer]).unwrap());
        let college = entry_of(index).college;
        self.tx(&member(index), Payload::Ballot(Ballot { election, college, sequence, body }))
    }
    pub fn ballots(&self, members: std::ops::Range<usize>, election: ElectionId) -> Vec<VerifiedTx> {
        members.map(|index| self.ballot(index, election, 1, Answer::Choice((index % 2) as u16))).collect()
    }

    // ---- An election ----

    pub fn adopt_census(&mut self, members: usize) -> CensusId {
        let mut entries: Vec<_> = (0..members).map(entry_of).collect();
        let commitment = CensusCommitment::over(&mut entries).unwrap();
        let chunk = |(at, part): (usize, &[CensusEntry])| Payload::CensusChunk {
            commitment: commitment.clone(),
            attempt: 0,
            first: (at * CENSUS_CHUNK_MAX) as u64,
            entries: List::new(part.to_vec()).unwrap(),
        };
        let chunks: Vec<_> = entries.chunks(CENSUS_CHUNK_MAX).enumerate().map(chunk).collect();
        let txs: Vec<_> = chunks.into_iter().map(|it| self.tx("admin 1", it)).collect();
        txs.chunks(40).for_each(|some| drop(self.block(some)));
        self.act(Act::AdoptCensus { census: commitment.id() });
        commitment.id()
    }
    pub fn open_referendum(&mut self, members: usize) -> ElectionId {
        self.open_with_grace(members, 0)
    }
    pub fn open_with_grace(&mut self, members: usize, grace_ms: u32) -> ElectionId {
        let census = self.adopt_census(members);
        let names = ["pour", "contre"].map(text).to_vec();
        let method = Method::Referendum { threshold: Threshold::Simple, base: Base::Expressed };
        let question = Question { title: text("?"), choices: List::new(names).unwrap(), method };
        let definition = ElectionDefinition {
            title: text("Assemblée générale"),
            questions: List::new(vec![question]).unwrap(),
            census,
            secrecy: Secrecy::Open,
            opens_at: UnixMs::new(START + HOUR),
            closes_at: UnixMs::new(START + 2 * HOUR),
            grace_ms,
            revote: RevotePolicy::LastCounts,
            early_close: EarlyClose::Forbidden,
            convened_at: None,
            documents: List::default(),
            statutes: None,
        };
        let (draft, election) = (definition.draft_id(), definition.election_id(&self.chain()));
        let draft_tx = self.tx("admin 1", Payload::DraftElection(definition));
        self.block(&[draft_tx]);
        self.act(Act::ScheduleElection { draft });
        self.now = START + HOUR;
        self.block(&[]);
        election
    }
    pub fn close(&mut self) {
        self.now = START + 2 * HOUR;
        self.block(&[]);
    }
}
