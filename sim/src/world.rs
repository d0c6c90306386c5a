//! The scheduler: one queue of happenings ordered by virtual time, and for each node the driver that performs effects one by
//! one, so that a crash can fall between any two of them.
use crate::{
    adversary::{Liar, Split},
    checks::{Checks, Violation},
    disk::Disk,
    rng::Rng,
    scenario::{Behaviour, Faults, Scenario},
    voters::{self, BEGINNING},
};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap, VecDeque},
};
use urne_ledger::{Ledger, MemoryKv, ProposeContext};
use urne_replica::{Effect, Notice, Now, Replica, ReplicaConfig, Stimulus, Ticket, To, VerifyId};
use urne_types::{
    ChainId, Height, Rejection, Round, TxHash, UnixMs, ValidatorId,
    block::Block,
    genesis::Genesis,
    message::ConsensusMessage,
    transaction::{RawTx, VerifiedTx},
    wire::PeerMessage,
};

/// What a simulation was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Hash of everything that happened, in order.
    pub digest: [u8; 32],
    /// Blocks of the slowest honest node.
    pub height: u64,
    /// Virtual milliseconds.
    pub virtual_ms: u64,
    /// Happenings.
    pub steps: u64,
    /// Crashes, power cuts included.
    pub crashes: u64,
    /// Ballots in the election's log.
    pub ballots: u64,
    /// Properties that were lost: none, or the protocol is broken.
    pub violations: Vec<Violation>,
}

#[derive(Debug)]
enum Happening {
    Deliver { to: usize, from: usize, link: u64, message: Box<PeerMessage> },
    Gossip { to: usize, raws: Vec<RawTx> },
    Verified { node: usize, life: u64, id: VerifyId, results: Vec<Result<VerifiedTx, Rejection>> },
    Wake { node: usize, life: u64, at_ms: u64 },
    Connect { a: usize, b: usize },
    Restart { node: usize },
    Heal,
    Tick,
    Submit { index: usize },
}

struct Node {
    behaviour: Behaviour,
    replica: Option<Replica<MemoryKv>>,
    disk: Disk,
    life: u64,
    wake_ms: u64,
    skew_ms: i64,
    told: Height,
}

struct World {
    scenario: Scenario,
    genesis: Genesis,
    chain: ChainId,
    rng: Rng,
    now_ms: u64,
    order: u64,
    queue: BinaryHeap<Reverse<(u64, u64)>>,
    happenings: BTreeMap<u64, Happening>,
    nodes: Vec<Node>,
    /// `blocked[a][b]`: what a says does not reach b.
    blocked: Vec<Vec<bool>>,
    heals_ms: u64,
    faults: Faults,
    verified: BTreeMap<TxHash, Result<VerifiedTx, Rejection>>,
    splits: BTreeMap<(Height, Round), Split>,
    agenda: voters::Agenda,
    checks: Checks,
    digest: blake3::Hasher,
    steps: u64,
    crashes: u64,
}

/// How often faults are drawn.
const TICK_MS: u64 = 100;
/// Once the faults are over, this long without reaching the goal is a lost liveness.
const PATIENCE_MS: u64 = 240_000;

/// Runs a scenario to its end.
#[must_use]
pub fn run(scenario: &Scenario) -> Report {
    let mut world = World::new(scenario.clone());
    world.run();
    let honest = world.nodes.iter().filter(|it| it.behaviour == Behaviour::Honest);
    let height = honest.map(|it| it.told.get()).min().unwrap_or(0);
    let ballots = world.ballots();
    Report {
        digest: *world.digest.finalize().as_bytes(),
        height,
        virtual_ms: world.now_ms,
        steps: world.steps,
        crashes: world.crashes,
        ballots,
        violations: world.checks.violations,
    }
}

impl World {
    fn new(scenario: Scenario) -> Self {
        let n = scenario.validators.len();
        let mut rng = Rng::new(scenario.seed);
        let genesis = voters::genesis(n);
        let chain = genesis.chain_id();
        let agenda = voters::agenda(chain, n, scenario.heights, &mut rng);
        let skew = scenario.faults.skew_ms;
        let mut checks = Checks::default();
        let nodes: Vec<Node> = scenario
            .validators
            .iter()
            .enumerate()
            .map(|(n, behaviour)| {
                if *behaviour == Behaviour::Honest {
                    checks.honest.insert(ValidatorId::of(&voters::validator(n).public()));
                }
                let skew_ms = i64::try_from(rng.below(2 * skew + 1)).unwrap_or(0) - i64::try_from(skew).unwrap_or(0);
                Node {
                    behaviour: *behaviour,
                    replica: None,
                    disk: Disk::default(),
                    life: 0,
                    wake_ms: u64::MAX,
                    skew_ms,
                    told: Height::GENESIS,
                }
            })
            .collect();
        Self {
            faults: scenario.faults,
            scenario,
            genesis,
            chain,
            rng,
            now_ms: 0,
            order: 0,
            queue: BinaryHeap::new(),
            happenings: BTreeMap::new(),
            blocked: vec![vec![false; n]; n],
            heals_ms: 0,
            verified: BTreeMap::new(),
            splits: BTreeMap::new(),
            agenda,
            checks,
            digest: blake3::Hasher::new(),
            steps: 0,
            crashes: 0,
            nodes,
        }
    }

    fn run(&mut self) {
        for node in 0..self.nodes.len() {
            self.later(0, Happening::Restart { node });
        }
        for index in 0..self.agenda.sendings.len() {
            let ms = self.agenda.sendings[index].0;
            self.later(ms, Happening::Submit { index });
        }
        self.later(TICK_MS, Happening::Tick);
        let mut calm_since_ms = None;
        while let Some(Reverse((ms, order))) = self.queue.pop() {
            let Some(happening) = self.happenings.remove(&order) else { continue };
            self.now_ms = ms;
            self.steps += 1;
            self.happen(happening);
            if !self.checks.violations.is_empty() || self.is_over() {
                break;
            }
            if calm_since_ms.is_none() && self.are_faults_over() {
                calm_since_ms = Some(ms);
                self.faults = Faults { delay_ms: 50, ..Faults::NONE };
                self.heal();
            }
            if calm_since_ms.is_some_and(|since| since + PATIENCE_MS < ms) {
                let height = self.slowest();
                self.checks.violations.push(Violation::Liveness(height));
            }
        }
        self.finish();
    }

    /// Faults last until the election's middle age, then everything may recover.
    fn are_faults_over(&self) -> bool {
        self.agenda.closes_ms <= self.now_ms || self.scenario.heights * 7 / 10 <= self.slowest().get()
    }
    fn slowest(&self) -> Height {
        let honest = self.nodes.iter().filter(|it| it.behaviour == Behaviour::Honest);
        honest.map(|it| it.told).min().unwrap_or(Height::GENESIS)
    }
    fn is_over(&self) -> bool {
        self.agenda.closes_ms + 6_000 < self.now_ms
            && self.scenario.heights <= self.slowest().get()
            && self.honest_ledgers().all(|it| self.is_settled(it))
    }
    /// Counted; or never scheduled, when the faults swallowed what the administrators sent until it was too late.
    fn is_settled(&self, ledger: &Ledger<MemoryKv>) -> bool {
        let (view, election) = (ledger.view(), &self.agenda.election);
        urne_vote_contract::gate(&view, election).is_none() || urne_vote_contract::result(&view, election).is_some()
    }
    fn honest_ledgers(&self) -> impl Iterator<Item = &Ledger<MemoryKv>> {
        let honest = self.nodes.iter().filter(|it| it.behaviour == Behaviour::Honest);
        honest.filter_map(|it| it.replica.as_ref()).map(Replica::ledger)
    }
    fn ballots(&self) -> u64 {
        let log = urne_vote_contract::LogId::Ballots(self.agenda.election);
        self.honest_ledgers().filter_map(|it| it.reader().log_head(log).ok()).map(|it| it.size).max().unwrap_or(0)
    }
    fn finish(&mut self) {
        let ledgers: Vec<usize> =
            (0..self.nodes.len()).filter(|n| self.nodes[*n].behaviour == Behaviour::Honest).collect();
        for n in ledgers {
            if let Some(replica) = &self.nodes[n].replica {
                self.checks.election(replica.ledger(), &self.agenda.election);
            }
        }
    }

    fn later(&mut self, at_ms: u64, happening: Happening) {
        self.order += 1;
        self.queue.push(Reverse((at_ms.max(self.now_ms), self.order)));
        self.happenings.insert(self.order, happening);
    }
    fn delay(&mut self) -> u64 {
        self.now_ms + 1 + self.rng.below(self.faults.delay_ms)
    }
    fn now(&self, node: usize) -> Now {
        let unix = BEGINNING.get().saturating_add(self.now_ms).saturating_add_signed(self.nodes[node].skew_ms);
        Now { monotonic_ms: self.now_ms, unix: UnixMs::new(unix) }
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Deliver { to, from, link, message } => {
                if link == self.nodes[to].life {
                    let from = voters::node(from);
                    self.step(to, Stimulus::FromPeer { from, message: *message });
                }
            }
            Happening::Gossip { to, raws } => self.step(to, Stimulus::Gossiped { raws }),
            Happening::Verified { node, life, id, results } => {
                if life == self.nodes[node].life {
                    self.step(node, Stimulus::Verified { id, results });
                }
            }
            Happening::Wake { node, life, at_ms } => {
                if life == self.nodes[node].life && at_ms == self.nodes[node].wake_ms {
                    self.nodes[node].wake_ms = u64::MAX;
                    self.step(node, Stimulus::Wake);
                }
            }
            Happening::Connect { a, b } => {
                for (here, there) in [(a, b), (b, a)] {
                    if self.nodes[a].replica.is_some() && self.nodes[b].replica.is_some() {
                        self.step(here, Stimulus::Connected { peer: voters::node(there) });
                    }
                }
            }
            Happening::Restart { node } => self.restart(node),
            Happening::Heal => {
                if self.heals_ms <= self.now_ms {
                    self.heal();
                }
            }
            Happening::Tick => self.tick(),
            Happening::Submit { index } => {
                let raws = self.agenda.sendings[index].1.clone();
                let node = self.rng.index(self.nodes.len());
                self.step(node, Stimulus::Submitted { ticket: Ticket(index as u64), raws: raws.clone() });
                // The client hears nothing certain, and tells a second node.
                let other = self.rng.index(self.nodes.len());
                self.step(other, Stimulus::Submitted { ticket: Ticket(index as u64), raws });
            }
        }
    }

    fn tick(&mut self) {
        let (crash, power_cut, partition) = (self.faults.crash, self.faults.power_cut, self.faults.partition);
        for node in 0..self.nodes.len() {
            if self.rng.chance(crash) {
                self.crash(node);
            }
        }
        if self.rng.chance(power_cut) {
            for node in 0..self.nodes.len() {
                self.crash(node);
            }
        }
        if self.rng.chance(partition) && self.heals_ms <= self.now_ms {
            for a in 0..self.nodes.len() {
                for b in 0..self.nodes.len() {
                    self.blocked[a][b] = self.rng.chance(400);
                }
            }
            self.heals_ms = self.now_ms + 500 + self.rng.below(8_000);
            self.later(self.heals_ms, Happening::Heal);
        }
        self.later(self.now_ms + TICK_MS, Happening::Tick);
        self.forge();
    }

    /// A forger sends everyone a block of its own with a certificate that nobody else signed.
    fn forge(&mut self) {
        for n in 0..self.nodes.len() {
            if self.nodes[n].behaviour != Behaviour::ForgingCertificates || !self.rng.chance(200) {
                continue;
            }
            let Some(block) = self.other_block(n, Round::FIRST, 7) else { continue };
            let key = voters::validator(n);
            let liar = Liar { behaviour: Behaviour::ForgingCertificates, chain: self.chain, key: &key };
            let message = liar.forge(&block);
            for to in 0..self.nodes.len() {
                self.send(n, to, message.clone());
            }
        }
    }

    fn heal(&mut self) {
        for row in &mut self.blocked {
            row.fill(false);
        }
        for a in 0..self.nodes.len() {
            for b in 0..a {
                // A connection that lost messages is closed and opened again.
                for (here, there) in [(a, b), (b, a)] {
                    self.step(here, Stimulus::Disconnected { peer: voters::node(there) });
                }
                let at = self.delay();
                self.later(at, Happening::Connect { a, b });
            }
        }
    }

    fn crash(&mut self, node: usize) {
        let Some(replica) = self.nodes[node].replica.take() else { return };
        self.crashes += 1;
        self.note(node, b"crash", &[]);
        let it = &mut self.nodes[node];
        it.disk.store = replica.ledger().kv().clone();
        it.disk.crash(&mut self.rng);
        it.life += 1;
        it.wake_ms = u64::MAX;
        for peer in 0..self.nodes.len() {
            if peer != node {
                self.step(peer, Stimulus::Disconnected { peer: voters::node(node) });
            }
        }
        let at = self.now_ms + self.rng.below(3_000);
        self.later(at, Happening::Restart { node });
    }

    fn restart(&mut self, node: usize) {
        if self.nodes[node].replica.is_some() {
            return;
        }
        let store = std::mem::take(&mut self.nodes[node].disk.store);
        let opened = match Ledger::open(store, &self.genesis) {
            Ok(ledger) => {
                self.checks.restarted(&ledger, self.nodes[node].told);
                let mut config = ReplicaConfig::new(self.chain, Some(voters::validator(node)));
                let is_honest = self.nodes[node].behaviour == Behaviour::Honest;
                config.plant(self.scenario.plant.filter(|_| is_honest));
                let recovered = self.nodes[node].disk.recovered();
                Replica::open(config, ledger, recovered, self.now(node)).map_err(|e| e.to_string())
            }
            Err(e) => Err(e.to_string()),
        };
        match opened {
            Ok((replica, effects)) => {
                self.nodes[node].replica = Some(replica);
                self.perform(node, effects);
                for peer in 0..self.nodes.len() {
                    if peer != node {
                        let at = self.delay();
                        self.later(at, Happening::Connect { a: node, b: peer });
                    }
                }
            }
            Err(sentence) => self.stopped(node, sentence),
        }
    }

    fn stopped(&mut self, node: usize, sentence: String) {
        if self.nodes[node].behaviour == Behaviour::Honest {
            self.checks.violations.push(Violation::Stopped(sentence));
        }
    }

    fn step(&mut self, node: usize, stimulus: Stimulus) {
        let now = self.now(node);
        if let Some(replica) = &mut self.nodes[node].replica {
            let effects = replica.step(now, stimulus);
            self.perform(node, effects);
        }
    }

    /// Performs effects in order, unless the machine stops between two of them.
    fn perform(&mut self, node: usize, effects: Vec<Effect>) {
        let mut queue = VecDeque::from(effects);
        while let Some(effect) = queue.pop_front() {
            if 0 < self.faults.mid_effects && self.rng.below(10_000) < self.faults.mid_effects {
                return self.crash(node);
            }
            match effect {
                Effect::Verify { id, raws } => {
                    let results = raws.iter().map(|raw| self.verify(raw)).collect();
                    let (at, life) = (self.now_ms + self.rng.below(20), self.nodes[node].life);
                    self.later(at, Happening::Verified { node, life, id, results });
                }
                Effect::Record(bytes) => self.nodes[node].disk.record(bytes),
                Effect::SyncWal => self.nodes[node].disk.sync(),
                Effect::ResetWal { .. } => self.nodes[node].disk.reset(),
                Effect::Guard(record) => self.nodes[node].disk.guard(record),
                Effect::Send { to, message } => self.send_to(node, to, &message),
                Effect::Gossip(batch) => self.gossip(node, batch.txs.into_vec()),
                Effect::Commit => {
                    let now = self.now(node);
                    let Some(replica) = &mut self.nodes[node].replica else { return };
                    match replica.commit(now) {
                        Ok(more) => more.into_iter().rev().for_each(|it| queue.push_front(it)),
                        Err(e) => return self.stopped(node, e.to_string()),
                    }
                }
                Effect::Validators(_) => {}
                Effect::WakeAt(at_ms) => {
                    if at_ms < self.nodes[node].wake_ms || self.nodes[node].wake_ms <= self.now_ms {
                        self.nodes[node].wake_ms = at_ms;
                        let life = self.nodes[node].life;
                        self.later(at_ms, Happening::Wake { node, life, at_ms });
                    }
                }
                Effect::Tell(notice) => self.tell(node, &notice),
                Effect::Stop(sentence) => return self.stopped(node, sentence),
            }
        }
    }

    fn tell(&mut self, node: usize, notice: &Notice) {
        match notice {
            Notice::Committed { height, block, .. } => {
                self.note(node, b"commit", &block.0);
                self.nodes[node].told = self.nodes[node].told.max(*height);
                if self.nodes[node].behaviour == Behaviour::Honest {
                    self.checks.committed(*height, *block);
                }
            }
            Notice::Accused { validator } if self.nodes[node].behaviour == Behaviour::Honest => {
                self.note(node, b"accuse", &validator.0);
                self.checks.accused(*validator);
            }
            _ => {}
        }
    }

    /// Signatures are checked once for the whole network: the verdict depends on the bytes alone.
    fn verify(&mut self, raw: &RawTx) -> Result<VerifiedTx, Rejection> {
        let chain = self.chain;
        self.verified.entry(raw.hash()).or_insert_with(|| raw.decode().and_then(|tx| tx.verify(&chain))).clone()
    }

    fn gossip(&mut self, from: usize, txs: Vec<Vec<u8>>) {
        let raws: Vec<RawTx> = txs.into_iter().map(RawTx).collect();
        for to in 0..self.nodes.len() {
            if to != from && !self.blocked[from][to] && !self.rng.chance(self.faults.loss) {
                let at = self.delay();
                self.later(at, Happening::Gossip { to, raws: raws.clone() });
            }
        }
    }

    fn send_to(&mut self, from: usize, to: To, message: &PeerMessage) {
        self.split_if_proposing(from, message);
        for peer in 0..self.nodes.len() {
            let is_meant = match to {
                To::Validators | To::Everyone => peer != from,
                To::Peer(it) => it == voters::node(peer),
            };
            if !is_meant {
                continue;
            }
            if self.nodes[from].behaviour == Behaviour::Honest {
                self.send(from, peer, message.clone());
                continue;
            }
            let key = voters::validator(from);
            let liar = Liar { behaviour: self.nodes[from].behaviour, chain: self.chain, key: &key };
            let split = match message {
                PeerMessage::Consensus(it) => {
                    self.splits.range((it.height(), Round::FIRST)..).next().map(|(_, it)| it.clone())
                }
                _ => None,
            };
            for said in liar.distort(message, peer % 2, split.as_ref()) {
                self.send(from, peer, said);
            }
        }
    }

    /// A split-voter whose turn it is makes a second block, and all split-voters push both.
    fn split_if_proposing(&mut self, from: usize, message: &PeerMessage) {
        let PeerMessage::Consensus(ConsensusMessage::Proposal(proposal)) = message else { return };
        if self.nodes[from].behaviour != Behaviour::SplittingVotes {
            return;
        }
        let (height, round, block) = (proposal.claim.height, proposal.claim.round, proposal.claim.block);
        if self.splits.contains_key(&(height, round)) {
            return;
        }
        let bodies = [self.other_block(from, round, 3), self.other_block(from, round, 5)];
        let [Some(first), Some(second)] = bodies else { return };
        let _ = block;
        let split = Split { height, round, blocks: [first.header.hash(), second.header.hash()] };
        self.splits.insert((height, round), split.clone());
        let bodies = [first, second];
        for liar in 0..self.nodes.len() {
            if self.nodes[liar].behaviour != Behaviour::SplittingVotes {
                continue;
            }
            let key = voters::validator(liar);
            let it = Liar { behaviour: Behaviour::SplittingVotes, chain: self.chain, key: &key };
            for peer in 0..self.nodes.len() {
                for said in it.push(&split, peer % 2, &bodies[peer % 2], liar == from) {
                    self.send(liar, peer, said);
                }
            }
        }
    }

    /// A valid, empty block that a liar could make at its own height, dated a little later than now.
    fn other_block(&self, node: usize, round: Round, later_ms: u64) -> Option<Block> {
        let ledger = self.nodes[node].replica.as_ref()?.ledger();
        let proposer = ValidatorId::of(&voters::validator(node).public());
        let time = self.now(node).unix.plus(later_ms);
        let proposed = ledger.propose(ProposeContext { round, time, proposer }, std::iter::empty()).ok()?;
        Some(proposed.block.block().clone())
    }

    fn send(&mut self, from: usize, to: usize, message: PeerMessage) {
        if from == to || self.nodes[to].replica.is_none() || self.blocked[from][to] || self.rng.chance(self.faults.loss)
        {
            return;
        }
        let copies = if self.rng.chance(self.faults.duplication) { 2 } else { 1 };
        for _ in 0..copies {
            let (at, link) = (self.delay(), self.nodes[to].life);
            self.later(at, Happening::Deliver { to, from, link, message: Box::new(message.clone()) });
        }
    }

    fn note(&mut self, node: usize, what: &[u8], bytes: &[u8]) {
        self.digest.update(&self.now_ms.to_le_bytes());
        self.digest.update(&[u8::try_from(node).unwrap_or(0)]);
        self.digest.update(what).update(bytes);
    }
}
