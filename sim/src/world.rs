//! The scheduler: one queue of happenings ordered by virtual time, from the first connection until every honest node has
//! reached the goal, patience is lost, or a checker has seen a property break.
use crate::{
    adversary::Split,
    checks::{Checks, Violation},
    disk::Disk,
    rng::Rng,
    scenario::{Behaviour, Faults, Scenario},
    voters::{self, BEGINNING},
};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, BinaryHeap},
};
use urne_ledger::{Ledger, MemoryKv};
use urne_replica::{Now, Replica, Stimulus, Ticket, VerifyId};
use urne_types::{
    ChainId, Height, Rejection, Round, TxHash, UnixMs, ValidatorId,
    genesis::Genesis,
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
    /// Longest time between a block and the next, anywhere in the network, in virtual milliseconds.
    pub longest_pause_ms: u64,
    /// How often an honest validator was excused from proposing.
    pub excused: u64,
    /// Properties that were lost: none, or the protocol is broken.
    pub violations: Vec<Violation>,
}

#[derive(Debug)]
pub(crate) enum Happening {
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

pub(crate) struct Node {
    pub(crate) behaviour: Behaviour,
    pub(crate) replica: Option<Replica<MemoryKv>>,
    pub(crate) disk: Disk,
    pub(crate) life: u64,
    pub(crate) wake_ms: u64,
    pub(crate) skew_ms: i64,
    pub(crate) told: Height,
}

pub(crate) struct World {
    pub(crate) scenario: Scenario,
    pub(crate) genesis: Genesis,
    pub(crate) chain: ChainId,
    pub(crate) rng: Rng,
    pub(crate) now_ms: u64,
    pub(crate) order: u64,
    pub(crate) queue: BinaryHeap<Reverse<(u64, u64)>>,
    pub(crate) happenings: BTreeMap<u64, Happening>,
    pub(crate) nodes: Vec<Node>,
    /// `blocked[a][b]`: what a says does not reach b.
    pub(crate) blocked: Vec<Vec<bool>>,
    pub(crate) heals_ms: u64,
    pub(crate) faults: Faults,
    pub(crate) verified: BTreeMap<TxHash, Result<VerifiedTx, Rejection>>,
    pub(crate) splits: BTreeMap<(Height, Round), Split>,
    /// Turns of which a misdater has made its own.
    pub(crate) misdated: BTreeSet<(usize, Height, Round)>,
    pub(crate) agenda: voters::Agenda,
    pub(crate) checks: Checks,
    pub(crate) digest: blake3::Hasher,
    pub(crate) steps: u64,
    pub(crate) crashes: u64,
    /// The newest block of the network, and since when.
    pub(crate) newest: (Height, u64),
    pub(crate) longest_pause_ms: u64,
    pub(crate) excused: u64,
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
        longest_pause_ms: world.longest_pause_ms,
        excused: world.excused,
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
            misdated: BTreeSet::new(),
            agenda,
            checks,
            digest: blake3::Hasher::new(),
            steps: 0,
            crashes: 0,
            newest: (Height::GENESIS, 0),
            longest_pause_ms: 0,
            excused: 0,
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

    pub(crate) fn later(&mut self, at_ms: u64, happening: Happening) {
        self.order += 1;
        self.queue.push(Reverse((at_ms.max(self.now_ms), self.order)));
        self.happenings.insert(self.order, happening);
    }
    pub(crate) fn delay(&mut self) -> u64 {
        self.now_ms + 1 + self.rng.below(self.faults.delay_ms)
    }
    pub(crate) fn now(&self, node: usize) -> Now {
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

    pub(crate) fn note(&mut self, node: usize, what: &[u8], bytes: &[u8]) {
        self.digest.update(&self.now_ms.to_le_bytes());
        self.digest.update(&[u8::try_from(node).unwrap_or(0)]);
        self.digest.update(what).update(bytes);
    }
}
