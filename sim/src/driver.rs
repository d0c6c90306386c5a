//! The driver of each node: performs a replica's effects one by one on a disk and a network that are simulated, so that a
//! crash can fall between any two of them.
use crate::{
    checks::Violation,
    scenario::Behaviour,
    voters::{self, BEGINNING},
    world::{Happening, World},
};
use std::collections::VecDeque;
use urne_consensus::engine::{TimeoutKind, Timeouts};
use urne_ledger::Ledger;
use urne_replica::{Effect, Notice, Replica, ReplicaConfig, Stimulus};
use urne_types::{
    Height, Rejection, Round, UnixMs,
    transaction::{RawTx, VerifiedTx},
};
use urne_vote_contract::{Event, sealed::Statements};

impl World {
    pub(crate) fn step(&mut self, node: usize, stimulus: Stimulus) {
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
                Effect::Verify { id, lane: _, raws, statements } => {
                    let results = raws.iter().map(|raw| self.verify(raw, &statements)).collect();
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
            Notice::Committed { height, block, time, round, events, .. } => {
                self.advance(*height, events);
                self.flood(node);
                self.note(node, b"commit", &block.0);
                self.nodes[node].told = self.nodes[node].told.max(*height);
                if self.nodes[node].behaviour == Behaviour::Honest {
                    let (earliest, latest) = self.dates(*round);
                    self.checks.dated(*height, *time, earliest, latest);
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

    /// Between which times a block may be dated that is committed now, in that round. Never later than the clocks of honest
    /// nodes allow. Never older than the rounds that it took, where no partition can hold back what was timely when it left.
    fn dates(&self, round: Round) -> (UnixMs, UnixMs) {
        let (parameters, timeouts) = (&self.genesis.parameters, Timeouts::default());
        let now = BEGINNING.plus(self.now_ms);
        let either_way = u64::from(parameters.clock_precision_ms) + self.scenario.faults.skew_ms;
        let rounds = (0..=round.get()).map(|it| timeouts.after_ms(TimeoutKind::Rebroadcast, Round::new(it)));
        let delay = u64::from(parameters.message_delay_ms) * (u64::from(round.get()) + 1);
        let age = rounds.sum::<u64>() + delay + either_way;
        (if self.scenario.faults.is_quiet() { now.minus(age) } else { UnixMs::new(0) }, now.plus(either_way))
    }

    /// A height that nobody had: how long it took, and who is excused by it.
    fn advance(&mut self, height: Height, events: &[Event]) {
        if height <= self.newest.0 {
            return;
        }
        self.longest_pause_ms = self.longest_pause_ms.max(self.now_ms - self.newest.1);
        self.newest = (height, self.now_ms);
        let honest = |it: &&Event| matches!(it, Event::ValidatorExcused { validator, .. } if self.checks.honest.contains(validator));
        self.excused += events.iter().filter(honest).count() as u64;
    }

    /// Each is checked once for the whole network: the verdict depends on the bytes alone, unless a node has not come as far
    /// as the keys of a ballot's election.
    fn verify(&mut self, raw: &RawTx, statements: &Statements) -> Result<VerifiedTx, Rejection> {
        if let Some(verdict) = self.verified.get(&raw.hash()) {
            return verdict.clone();
        }
        let verdict = raw.decode().and_then(|tx| tx.verify_by(&self.chain, statements));
        if verdict != Err(Rejection::SealNotVerifiable) {
            self.verified.insert(raw.hash(), verdict.clone());
        }
        verdict
    }

    pub(crate) fn crash(&mut self, node: usize) {
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

    pub(crate) fn restart(&mut self, node: usize) {
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
}
