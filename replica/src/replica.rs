//! The one struct and its one door. Everything a node decides passes through [`Replica::step`] or [`Replica::commit`].
use crate::{
    candidates::Candidates,
    clock::Now,
    effect::{Effect, Stimulus, Ticket, To},
    mempool::{Mempool, MempoolLimits},
    notice::Notice,
    pace::Calendar,
    peers::Peers,
    recovery::{Recovered, RecoveryFault, sort_out},
    serving::Serving,
    status::{Status, WhereWeAre},
    sync::Sync,
    txs::GOSSIP_AFTER_MS,
    verifying::Verifying,
};
use std::{collections::BTreeMap, sync::Arc};
use urne_consensus::engine::{Engine, EngineConfig, Timeout, Timeouts};
use urne_ledger::{CommitError, ExecutedBlock, Kv, Ledger};
use urne_types::{
    BlockHash, ChainId, Height, NodeId, Round, SecretKey, TxId, UnixMs, ValidatorId, VotingPower, block::Block,
    certificate::CommitCertificate, message::ConsensusMessage, transaction::VerifiedTx, wire::PeerMessage,
};
use urne_vote_contract::{Changes, Event, sealed::Statements};

/// What a replica is told once.
pub struct ReplicaConfig {
    /// The chain.
    pub chain: ChainId,
    /// The consensus key; none for an observer.
    pub key: Option<SecretKey>,
    /// Delays of the rounds.
    pub timeouts: Timeouts,
    /// How much may wait.
    pub mempool: MempoolLimits,
    /// Threads that verify.
    pub verifiers: usize,
    #[cfg(feature = "plants")]
    pub(crate) plant: Option<crate::Plant>,
}
impl ReplicaConfig {
    /// The usual delays and bounds.
    #[must_use]
    pub fn new(chain: ChainId, key: Option<SecretKey>) -> Self {
        Self {
            chain,
            key,
            timeouts: Timeouts::default(),
            mempool: MempoolLimits::default(),
            verifiers: 2,
            #[cfg(feature = "plants")]
            plant: None,
        }
    }
    /// Plants a wrong rule, so that the simulator can show that its checkers catch it.
    #[cfg(feature = "plants")]
    pub fn plant(&mut self, plant: Option<crate::Plant>) {
        self.plant = plant;
    }
}

/// Every so often each node tells its peers how far it is.
pub(crate) const STATUS_EVERY_MS: u64 = 5_000;
/// A body that a proposal names and nobody sent is asked for after so long.
pub(crate) const BODY_AFTER_MS: u64 = 150;
/// Messages of one validator for a height not begun that are kept until it begins, four a round for eight rounds: each fills
/// its own share only. 100 validators x 32 x at most 9 KB are 29 MB, if all of them send the largest certificates.
const EARLY_PER_VALIDATOR_MAX: usize = 32;

/// What a verification under way is for.
pub(crate) enum Job {
    /// A client's, with the instant at which it reached us.
    Submitted {
        ticket: Ticket,
        received: UnixMs,
    },
    Gossiped,
    /// A proposed block's transactions.
    Body(BlockHash),
    /// A certified block's.
    Synced(Box<(Block, CommitCertificate)>),
}

/// See the crate.
pub struct Replica<K: Kv> {
    pub(crate) chain: ChainId,
    pub(crate) key: Option<SecretKey>,
    pub(crate) me: Option<ValidatorId>,
    pub(crate) ledger: Ledger<K>,
    pub(crate) engine: Engine,
    pub(crate) calendar: Calendar,
    pub(crate) mempool: Mempool,
    pub(crate) candidates: Candidates,
    pub(crate) peers: Peers,
    pub(crate) sync: Sync,
    pub(crate) serving: Serving,
    pub(crate) verifying: Verifying,
    /// Against what sealed ballots are verified, as of the tip.
    pub(crate) statements: Arc<Statements>,
    /// The height after the tip is being decided.
    pub(crate) is_deciding: bool,
    pub(crate) timers: BTreeMap<Timeout, u64>,
    pub(crate) early: Vec<(NodeId, ConsensusMessage, UnixMs)>,
    pub(crate) has_peer_begun: bool,
    /// Decided, to be committed by the next [`Replica::commit`].
    pub(crate) pending: Option<(ExecutedBlock, CommitCertificate)>,
    /// Evidence of ours that even the places kept for it did not hold.
    pub(crate) unplaced: Vec<VerifiedTx>,
    pub(crate) gossip: Vec<VerifiedTx>,
    pub(crate) gossip_since_ms: Option<u64>,
    /// What the transitions that are due would change, for admission only.
    pub(crate) due_changes: Option<Changes>,
    status_at_ms: u64,
    pace_at_ms: Option<u64>,
    #[cfg(feature = "plants")]
    pub(crate) plant: Option<crate::Plant>,
    pub(crate) effects: Vec<Effect>,
}

impl<K: Kv> Replica<K> {
    /// A replica on what the disk holds, and the first effects to perform.
    ///
    /// # Errors
    /// [`RecoveryFault`]: the log is not one that this chain's validator could have written.
    pub fn open(
        config: ReplicaConfig,
        ledger: Ledger<K>,
        recovered: Recovered,
        now: Now,
    ) -> Result<(Self, Vec<Effect>), RecoveryFault> {
        #[cfg(feature = "plants")]
        let (ledger, recovered) = crate::plants::prepare(config.plant, ledger, recovered);
        let next = ledger.tip().height.next();
        let unfinished = sort_out(&recovered.wal, next)?;
        let calendar = ledger.read(|view| Calendar::read(view)).map_err(RecoveryFault::Ledger)?;
        let statements = ledger.read(|view| Statements::read(view, &config.chain)).map_err(RecoveryFault::Ledger)?;
        let engine = Engine::new(EngineConfig {
            chain: config.chain,
            key: config.key.clone(),
            timeouts: config.timeouts,
            guard: recovered.guard,
            #[cfg(feature = "plants")]
            plant: crate::plants::of_engine(config.plant),
        });
        let me = config.key.as_ref().map(|key| ValidatorId::of(&key.public()));
        let mut replica = Self {
            chain: config.chain,
            key: config.key,
            me,
            ledger,
            engine,
            calendar,
            mempool: Mempool::new(config.mempool),
            candidates: Candidates::default(),
            peers: Peers::default(),
            sync: Sync::default(),
            serving: Serving::default(),
            verifying: Verifying::by(config.verifiers),
            statements: Arc::new(statements),
            is_deciding: false,
            timers: BTreeMap::new(),
            early: Vec::new(),
            has_peer_begun: false,
            pending: None,
            unplaced: Vec::new(),
            gossip: Vec::new(),
            gossip_since_ms: None,
            due_changes: None,
            status_at_ms: now.monotonic_ms,
            pace_at_ms: None,
            #[cfg(feature = "plants")]
            plant: config.plant,
            effects: Vec::new(),
        };
        replica.recall()?;
        replica.announce_validators();
        if let Some(until) = recovered.guard.as_ref().map(|it| it.height).filter(|it| next <= *it)
            && unfinished.entries.is_empty()
        {
            replica.effects.push(Effect::Tell(Notice::WatchOnly { until }));
        }
        if unfinished.entries.is_empty() && unfinished.bodies.is_empty() {
            replica.effects.push(Effect::ResetWal { height: next });
        }
        let effects = replica.resume(now, unfinished)?;
        Ok((replica, effects))
    }

    /// What happened, in; what to do, out. Same replica and same stimuli give the same effects, for ever.
    pub fn step(&mut self, now: Now, stimulus: Stimulus) -> Vec<Effect> {
        match stimulus {
            Stimulus::Wake => {}
            Stimulus::Connected { peer } => self.on_connected(peer),
            Stimulus::Disconnected { peer } => {
                self.peers.disconnect(&peer);
                self.sync.forget(&peer);
                self.serving.forget(&peer);
            }
            Stimulus::FromPeer { from, message } => self.on_message(now, from, message),
            Stimulus::Submitted { ticket, raws } => self.on_submitted(now, ticket, raws),
            Stimulus::Gossiped { raws } => self.on_gossiped(now, raws),
            Stimulus::Verified { id, results } => self.on_verified(now, id, results),
        }
        self.settle(now);
        self.take_effects()
    }

    /// Performs [`Effect::Commit`]: one atomic, durable write, then what follows from it.
    ///
    /// # Errors
    /// [`CommitError`]: the node must stop; nothing of the block was told to anyone.
    pub fn commit(&mut self, now: Now) -> Result<Vec<Effect>, CommitError> {
        let Some((executed, certificate)) = self.pending.take() else { return Ok(Vec::new()) };
        let round = certificate.round;
        let header = executed.header().clone();
        let committed = self.ledger.commit(executed, certificate)?;
        self.is_deciding = false;
        self.has_peer_begun = false;
        self.timers.clear();
        self.candidates.clear();
        self.due_changes = None;
        let next = header.height.next();
        self.effects.push(Effect::ResetWal { height: next });
        let mut events = committed.block_events;
        let mut txs = Vec::with_capacity(committed.txs.len());
        for tx in committed.txs {
            self.mempool.remove(&tx.id);
            txs.push(tx.id);
            events.extend(tx.events);
        }
        self.follow_statements(&events);
        self.effects.push(Effect::Tell(Notice::Committed {
            height: header.height,
            block: committed.hash,
            time: header.time,
            round,
            proposer: header.proposer,
            txs,
            bytes: committed.bytes,
            events,
        }));
        self.send_status(To::Everyone);
        self.early.retain(|(_, message, _)| header.height < message.height());
        if header.validators_hash != header.next_validators_hash || header.height == Height::FIRST {
            self.announce_validators();
        }
        match self.ledger.read(|view| Calendar::read(view)) {
            Ok(calendar) => self.calendar = calendar,
            Err(e) => self.effects.push(Effect::Stop(e.to_string())),
        }
        self.recheck_mempool(now);
        self.submit_unplaced(now);
        self.next_synced(now);
        self.settle(now);
        Ok(self.take_effects())
    }

    /// Elections get their keys, and are counted: what sealed ballots are verified against.
    fn follow_statements(&mut self, events: &[Event]) {
        match self.ledger.read(|view| self.statements.after(view, &self.chain, events)) {
            Ok(None) => {}
            Ok(Some(statements)) => {
                self.statements = Arc::new(statements);
                self.verifying.ask_afresh();
            }
            Err(e) => self.effects.push(Effect::Stop(e.to_string())),
        }
    }

    /// The moment, for the status page.
    pub fn status(&self) -> Status {
        let tip = self.ledger.tip();
        let set = &tip.validators;
        let reachable = |id: &ValidatorId| self.me == Some(*id) || self.peers.present().contains(id);
        let absent: Vec<ValidatorId> = set.members().iter().map(|it| it.id).filter(|id| !reachable(id)).collect();
        let present = VotingPower::new(set.total().get() - set.power_of(&absent).get());
        let consensus = if self.sync.is_busy() {
            WhereWeAre::Syncing
        } else if !self.is_member() || (self.is_deciding && !self.engine.is_signing()) {
            WhereWeAre::WatchOnly
        } else if !set.is_quorum(present) {
            WhereWeAre::WaitingForQuorum { present, needed: set.quorum() }
        } else if self.is_deciding {
            WhereWeAre::Deciding
        } else {
            WhereWeAre::Idle
        };
        Status {
            height: tip.height,
            block: tip.block,
            time: tip.time,
            app_hash: tip.app_hash,
            round: if self.is_deciding { self.engine.round() } else { Round::FIRST },
            consensus,
            absent,
            mempool_txs: self.mempool.len(),
            mempool_bytes: self.mempool.bytes(),
        }
    }

    /// The ledger, to read.
    pub fn ledger(&self) -> &Ledger<K> {
        &self.ledger
    }

    /// Whether a transaction waits here.
    pub fn is_pending(&self, id: &TxId) -> bool {
        self.mempool.contains(id)
    }

    /// Whether we are a validator of the height to decide.
    pub(crate) fn is_member(&self) -> bool {
        self.me.is_some_and(|me| self.ledger.tip().validators.get(&me).is_some())
    }

    fn on_connected(&mut self, peer: NodeId) {
        self.peers.connect(peer);
        self.send_status(To::Peer(peer));
        if self.is_deciding && self.peers.is_validator(&peer) {
            self.repeat_ourselves(peer);
        }
    }

    fn on_message(&mut self, now: Now, from: NodeId, message: PeerMessage) {
        if !self.peers.is_connected(&from) {
            self.peers.connect(from);
        }
        if message.is_agreement() && !self.peers.is_validator(&from) {
            return; // Signatures are dear to verify, and memory to keep: agreement is spoken among validators only.
        }
        match message {
            PeerMessage::Consensus(message) => self.on_consensus(now, from, message),
            PeerMessage::Body { height, block } => self.on_body(now, from, height, &block),
            PeerMessage::BodyRequest { height, block } => self.on_body_request(now, from, height, block),
            PeerMessage::Status { height, block } => self.on_status(now, from, height, block),
            PeerMessage::SyncRequest { from: first, count } => self.serving.ask(from, first, count),
            PeerMessage::SyncResponse { blocks } => self.on_sync_response(now, from, blocks),
        }
    }

    fn on_status(&mut self, now: Now, from: NodeId, height: Height, block: BlockHash) {
        self.peers.heard(from, height, block);
        let tip = self.ledger.tip();
        if height == tip.height && block != tip.block && height != Height::GENESIS {
            let sentence = format!("it has block {block} at height {height} where we have {}", tip.block);
            self.effects.push(Effect::Tell(Notice::PeerFault { peer: from, sentence }));
            self.peers.shun(from, now.monotonic_ms);
        }
    }

    /// What every step ends with: timers, catching up, beginning a height, and when to be woken.
    pub(crate) fn settle(&mut self, now: Now) {
        self.elapse(now);
        if self.gossip_since_ms.is_some_and(|since| since + GOSSIP_AFTER_MS <= now.monotonic_ms) {
            self.flush_gossip();
        }
        if self.status_at_ms <= now.monotonic_ms {
            self.status_at_ms = now.monotonic_ms + STATUS_EVERY_MS;
            self.send_status(To::Everyone);
            self.gossip_again(now);
        }
        self.ask_for_bodies(now);
        self.sync_if_behind(now);
        self.serve(now);
        self.pace_at_ms = self.begin_if_time(now);
        let wake = [
            Some(self.status_at_ms),
            self.pace_at_ms,
            self.gossip_since_ms.map(|it| it + GOSSIP_AFTER_MS),
            self.timers.values().min().copied(),
            self.sync.next_wake_ms(),
            self.serving.next_wake_ms(),
            self.candidates.is_anything_wanted().then_some(now.monotonic_ms + BODY_AFTER_MS),
        ];
        if let Some(at) = wake.into_iter().flatten().min() {
            self.effects.push(Effect::WakeAt(at.max(now.monotonic_ms + 1)));
        }
    }

    pub(crate) fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    pub(crate) fn send_status(&mut self, to: To) {
        let tip = self.ledger.tip();
        let message = PeerMessage::Status { height: tip.height, block: tip.block };
        self.effects.push(Effect::Send { to, message });
    }

    pub(crate) fn keep_early(&mut self, now: Now, from: NodeId, message: ConsensusMessage) {
        let of_sender = || self.early.iter().filter(|(it, ..)| *it == from);
        let is_known = of_sender().any(|(_, it, _)| *it == message);
        if !is_known && of_sender().count() < EARLY_PER_VALIDATOR_MAX {
            self.early.push((from, message, now.unix));
        }
    }

    pub(crate) fn validators(&self) -> Arc<urne_types::validators::ValidatorSet> {
        Arc::new(self.ledger.tip().validators.clone())
    }
}
