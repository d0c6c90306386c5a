//! One replica at a desk: a test tells it what happens, its effects are performed at once and kept in order, and the other
//! validators say what the test lets them sign.
#![allow(dead_code, missing_docs, clippy::unwrap_used, unreachable_pub)] // each test file uses a part
#[path = "../../../ledger/tests/chain/mod.rs"]
pub mod chain;

use chain::{World, certificate, validator};
use urne_consensus::engine::{GuardRecord, WalEntry};
use urne_ledger::{ExecutedBlock, Ledger, MemoryKv, ProposeContext};
use urne_replica::{
    Effect, MempoolLimits, Notice, Now, Recovered, RecoveryFault, Replica, ReplicaConfig, StartReason, Stimulus,
    Submission, Ticket, To, WalRecord,
};
use urne_types::{
    BlockHash, ElectionId, Height, NodeId, Round, UnixMs, ValidatorId,
    bounded::List,
    message::{ConsensusMessage, Precommit, Prevote, Proposal, SignedStep},
    signed::Signed,
    transaction::{RawTx, VerifiedTx},
    wire::{CertifiedBlock, PeerMessage},
};

pub fn id_of(n: u16) -> ValidatorId {
    ValidatorId::of(&validator(n).public())
}
pub fn node(n: u16) -> NodeId {
    NodeId([u8::try_from(n).unwrap(); 32])
}
pub fn raw(tx: &VerifiedTx) -> RawTx {
    RawTx(tx.bytes().to_vec())
}

/// What other validators say of one block of the height to decide.
pub struct Voices<'a> {
    pub world: &'a World<MemoryKv>,
    pub block: BlockHash,
}
impl Voices<'_> {
    pub fn proposal(&self, n: u16) -> PeerMessage {
        self.proposal_in(n, 0, None)
    }
    pub fn proposal_in(&self, n: u16, round: u32, valid_round: Option<u32>) -> PeerMessage {
        let (height, round, block) = (self.world.height().next(), Round::new(round), self.block);
        let claim = Proposal { height, round, block, valid_round: valid_round.map(Round::new), validator: id_of(n) };
        let signed = Signed::sign(&self.world.chain(), claim, &validator(n)).into_signed();
        PeerMessage::Consensus(ConsensusMessage::Proposal(signed))
    }
    pub fn prevote(&self, n: u16) -> PeerMessage {
        self.prevote_in(n, 0, Some(self.block))
    }
    pub fn prevote_in(&self, n: u16, round: u32, block: Option<BlockHash>) -> PeerMessage {
        let (height, round) = (self.world.height().next(), Round::new(round));
        let claim = Prevote { height, round, block, validator: id_of(n) };
        let signed = Signed::sign(&self.world.chain(), claim, &validator(n)).into_signed();
        PeerMessage::Consensus(ConsensusMessage::Step(SignedStep::Prevote(signed)))
    }
    pub fn precommit(&self, n: u16) -> PeerMessage {
        let (height, round, block) = (self.world.height().next(), Round::FIRST, Some(self.block));
        let claim = Precommit { height, round, block, validator: id_of(n) };
        let signed = Signed::sign(&self.world.chain(), claim, &validator(n)).into_signed();
        PeerMessage::Consensus(ConsensusMessage::Step(SignedStep::Precommit(signed)))
    }
}

/// A chain on which an election is open, and who proposes next.
pub fn voting() -> (World<MemoryKv>, ElectionId) {
    World::voting(12)
}
pub fn proposer(world: &World<MemoryKv>) -> u16 {
    proposer_in(world, 0)
}
pub fn proposer_in(world: &World<MemoryKv>, round: u32) -> u16 {
    let turn = world.ledger.proposer_at(Round::new(round));
    (1..=4).find(|n| id_of(*n) == turn).unwrap()
}
/// A validator whose turn it is not.
pub fn listener(world: &World<MemoryKv>) -> u16 {
    proposer(world) % 4 + 1
}
/// The block that the validator whose turn it is would make.
pub fn block_of(world: &World<MemoryKv>, txs: &[VerifiedTx]) -> ExecutedBlock {
    world.propose(txs).block
}
/// An empty block that `n` would make for that round, with that time.
pub fn dated(world: &World<MemoryKv>, n: u16, round: u32, time: UnixMs) -> ExecutedBlock {
    let at = ProposeContext { round: Round::new(round), time, proposer: id_of(n) };
    world.ledger.propose(at, std::iter::empty()).unwrap().block
}
pub fn body(block: &ExecutedBlock) -> PeerMessage {
    PeerMessage::Body { height: block.header().height, block: block.block().encode() }
}
pub fn certified(world: &World<MemoryKv>, block: &ExecutedBlock, signers: &[u16]) -> CertifiedBlock {
    let certificate = certificate(&world.chain(), block.header().height, block.hash(), signers);
    CertifiedBlock { block: block.block().encode(), certificate }
}
pub fn answer(blocks: Vec<CertifiedBlock>) -> PeerMessage {
    PeerMessage::SyncResponse { blocks: List::new(blocks).unwrap() }
}

/// One replica, its clock and its disk.
pub struct Desk {
    pub replica: Replica<MemoryKv>,
    pub now: Now,
    pub wal: Vec<Vec<u8>>,
    pub guard: Option<GuardRecord>,
    tickets: u64,
}

impl Desk {
    /// The validator `n` (5 is an observer) of this chain, connected to nobody, a second after the last block.
    pub fn open(world: &World<MemoryKv>, n: u16) -> Self {
        Self::open_with(world, n, MempoolLimits::default())
    }
    pub fn open_with(world: &World<MemoryKv>, n: u16, mempool: MempoolLimits) -> Self {
        Self::start(world, n, mempool, Recovered::default()).unwrap().0
    }
    /// The same validator after a restart with that log and that guard, and the effects of its beginning.
    pub fn restart(
        world: &World<MemoryKv>,
        n: u16,
        wal: Vec<Vec<u8>>,
        guard: Option<GuardRecord>,
    ) -> Result<(Self, Vec<Effect>), RecoveryFault> {
        Self::start(world, n, MempoolLimits::default(), Recovered { wal, guard })
    }
    fn start(
        world: &World<MemoryKv>,
        n: u16,
        mempool: MempoolLimits,
        recovered: Recovered,
    ) -> Result<(Self, Vec<Effect>), RecoveryFault> {
        let ledger = Ledger::open(world.ledger.kv().clone(), &chain::genesis()).unwrap();
        let mut config = ReplicaConfig::new(world.chain(), (n <= 4).then(|| validator(n)));
        config.mempool = mempool;
        let now = Now { monotonic_ms: 1_000_000, unix: UnixMs::new(world.now + 1_000) };
        let (wal, guard) = (recovered.wal.clone(), recovered.guard);
        let (replica, effects) = Replica::open(config, ledger, recovered, now)?;
        let mut desk = Self { replica, now, wal, guard, tickets: 0 };
        let effects = desk.perform(effects);
        Ok((desk, effects))
    }

    /// Tells the replica, performs what it asks, and gives all effects in their order.
    pub fn tell(&mut self, stimulus: Stimulus) -> Vec<Effect> {
        let effects = self.replica.step(self.now, stimulus);
        self.perform(effects)
    }
    fn perform(&mut self, effects: Vec<Effect>) -> Vec<Effect> {
        let mut done = Vec::new();
        for effect in effects {
            let more = match &effect {
                Effect::Record(bytes) => {
                    self.wal.push(bytes.clone());
                    Vec::new()
                }
                Effect::ResetWal { .. } => {
                    self.wal.clear();
                    Vec::new()
                }
                Effect::Guard(record) => {
                    self.guard = Some(*record);
                    Vec::new()
                }
                Effect::Commit => self.replica.commit(self.now).unwrap(),
                Effect::Verify { id, raws, statements, .. } => {
                    let chain = self.replica.ledger().chain();
                    let results = raws.iter().map(|it| it.decode()?.verify_by(&chain, &**statements)).collect();
                    self.replica.step(self.now, Stimulus::Verified { id: *id, results })
                }
                _ => Vec::new(),
            };
            done.push(effect);
            done.extend(self.perform(more));
        }
        done
    }
    pub fn hear(&mut self, from: u16, message: PeerMessage) -> Vec<Effect> {
        self.tell(Stimulus::FromPeer { from: node(from), message })
    }
    pub fn connect(&mut self, peers: &[u16]) {
        for n in peers {
            self.tell(Stimulus::Connected { peer: node(*n) });
        }
    }
    /// Lets time pass, waking it every 10 ms.
    pub fn wait(&mut self, ms: u64) -> Vec<Effect> {
        let mut done = Vec::new();
        for _ in 0..ms / 10 {
            self.now = Now { monotonic_ms: self.now.monotonic_ms + 10, unix: self.now.unix.plus(10) };
            done.extend(self.tell(Stimulus::Wake));
        }
        done
    }
    pub fn submit(&mut self, txs: &[VerifiedTx]) -> Vec<Submission> {
        self.submit_raw(txs.iter().map(raw).collect())
    }
    pub fn submit_raw(&mut self, raws: Vec<RawTx>) -> Vec<Submission> {
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        let effects = self.tell(Stimulus::Submitted { ticket, raws });
        let answer = notices(&effects).find_map(|it| match it {
            Notice::Submitted { ticket: of, outcomes } if *of == ticket => Some(outcomes.clone()),
            _ => None,
        });
        answer.expect("every submission is answered")
    }
    pub fn height(&self) -> Height {
        self.replica.ledger().tip().height
    }
}

// ---- Reading effects ----

pub fn notices(effects: &[Effect]) -> impl Iterator<Item = &Notice> {
    effects.iter().filter_map(|it| if let Effect::Tell(notice) = it { Some(notice) } else { None })
}
pub fn begun(effects: &[Effect]) -> Option<StartReason> {
    notices(effects).find_map(|it| if let Notice::Started { reason, .. } = it { Some(*reason) } else { None })
}
pub fn at(effects: &[Effect], is: impl Fn(&Effect) -> bool) -> Option<usize> {
    effects.iter().position(is)
}
pub fn sent(effects: &[Effect]) -> Vec<(To, &PeerMessage)> {
    effects
        .iter()
        .filter_map(|it| if let Effect::Send { to, message } = it { Some((*to, message)) } else { None })
        .collect()
}
/// Everything that bears our signature.
pub fn said(effects: &[Effect]) -> Vec<ConsensusMessage> {
    let own = |(_, message): (To, &PeerMessage)| match message {
        PeerMessage::Consensus(it @ (ConsensusMessage::Proposal(_) | ConsensusMessage::Step(_))) => Some(it.clone()),
        _ => None,
    };
    sent(effects).into_iter().filter_map(own).collect()
}
pub fn asked(effects: &[Effect]) -> Vec<NodeId> {
    let request = |(to, message): (To, &PeerMessage)| match (to, message) {
        (To::Peer(peer), PeerMessage::SyncRequest { .. }) => Some(peer),
        _ => None,
    };
    sent(effects).into_iter().filter_map(request).collect()
}
pub fn is_body_record(effect: &Effect) -> bool {
    matches!(effect, Effect::Record(bytes) if matches!(WalRecord::decode(bytes), Ok(WalRecord::Body { .. })))
}
pub fn is_prevote(effect: &Effect) -> bool {
    let Effect::Send { message: PeerMessage::Consensus(ConsensusMessage::Step(step)), .. } = effect else {
        return false;
    };
    matches!(step, SignedStep::Prevote(_))
}
pub fn prevoted(effects: &[Effect]) -> Option<Option<BlockHash>> {
    said(effects).into_iter().find_map(|it| match it {
        ConsensusMessage::Step(SignedStep::Prevote(it)) => Some(it.claim.block),
        _ => None,
    })
}
pub fn entry(height: Height, message: ConsensusMessage) -> Vec<u8> {
    WalRecord::Entry { height, entry: WalEntry::Message(message) }.encode()
}
