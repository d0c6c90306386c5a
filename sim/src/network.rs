//! The network: what one node says reaches the others late, twice, out of order or never, and what a liar says reaches each
//! of them differently.
use crate::{
    adversary::{Liar, Split},
    scenario::Behaviour,
    voters,
    world::{Happening, World},
};
use urne_ledger::ProposeContext;
use urne_replica::{Replica, Stimulus, To};
use urne_types::{
    BlockHash, Round, UnixMs, ValidatorId, block::Block, message::ConsensusMessage, transaction::RawTx,
    wire::PeerMessage,
};

impl World {
    pub(crate) fn send_to(&mut self, from: usize, to: To, message: &PeerMessage) {
        self.split_if_proposing(from, message);
        if self.misdate_if_proposing(from, message) {
            return;
        }
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

    fn send(&mut self, from: usize, to: usize, message: PeerMessage) {
        self.send_after(0, from, to, message);
    }
    fn send_after(&mut self, wait_ms: u64, from: usize, to: usize, message: PeerMessage) {
        if from == to || self.nodes[to].replica.is_none() || self.blocked[from][to] || self.rng.chance(self.faults.loss)
        {
            return;
        }
        let copies = if self.rng.chance(self.faults.duplication) { 2 } else { 1 };
        for _ in 0..copies {
            let (at, link) = (self.delay(), self.nodes[to].life);
            self.later(at + wait_ms, Happening::Deliver { to, from, link, message: Box::new(message.clone()) });
        }
    }

    pub(crate) fn gossip(&mut self, from: usize, txs: Vec<Vec<u8>>) {
        let raws: Vec<RawTx> = txs.into_iter().map(RawTx).collect();
        for to in 0..self.nodes.len() {
            if to != from && !self.blocked[from][to] && !self.rng.chance(self.faults.loss) {
                let at = self.delay();
                self.later(at, Happening::Gossip { to, raws: raws.clone() });
            }
        }
    }

    pub(crate) fn heal(&mut self) {
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

    /// A misdater whose turn it is proposes, instead of its honest block, one whose date would close every election or none,
    /// and does what may keep the others from looking at the date. Says whether the honest proposal is to be kept back.
    fn misdate_if_proposing(&mut self, from: usize, message: &PeerMessage) -> bool {
        let PeerMessage::Consensus(ConsensusMessage::Proposal(proposal)) = message else { return false };
        let (height, round) = (proposal.claim.height, proposal.claim.round);
        if self.nodes[from].behaviour != Behaviour::Misdating || proposal.claim.valid_round.is_some() {
            return false;
        }
        if !self.misdated.insert((from, height, round)) {
            return true;
        }
        let dates = [self.now(from).unix.plus(3_600_000), self.now(from).unix.plus(3_000), UnixMs::new(0)];
        let (date, trick) = (dates[self.rng.index(dates.len())], self.rng.index(3));
        let next = self.next_turn(from, round).unwrap_or(round);
        // A header of its next turn hides the date of a block that is proposed now.
        let header_round = if trick == 1 { next } else { round };
        let Some(body) = self.block_dated(from, header_round, date) else { return true };
        let (key, block) = (voters::validator(from), body.header.hash());
        let liar = Liar { behaviour: Behaviour::Misdating, chain: self.chain, key: &key };
        let mut said = vec![liar.propose(height, round, block, None)];
        if trick == 2 && next != round {
            // A quorum that never was, said of a round to come.
            said.push(liar.propose(height, next, block, Some(round)));
        }
        // The body comes last: both proposals then share what is said of it.
        let (body, wait_ms) = (PeerMessage::Body { height, block: body.encode() }, self.faults.delay_ms);
        for to in 0..self.nodes.len() {
            for message in &said {
                self.send(from, to, message.clone());
            }
            self.send_after(wait_ms, from, to, body.clone());
        }
        true
    }

    /// A flooder that has committed a block signs eighty proposals for the next height, for its next twenty turns.
    pub(crate) fn flood(&mut self, from: usize) {
        if self.nodes[from].behaviour != Behaviour::FloodingProposals {
            return;
        }
        let Some(ledger) = self.nodes[from].replica.as_ref().map(Replica::ledger) else { return };
        let height = ledger.tip().height.next();
        let key = voters::validator(from);
        let me = ValidatorId::of(&key.public());
        let rounds = (0..200).map(Round::new).filter(|it| ledger.proposer_at(*it) == me).take(20).collect::<Vec<_>>();
        let liar = Liar { behaviour: Behaviour::FloodingProposals, chain: self.chain, key: &key };
        for round in rounds {
            for n in 1..=4 {
                let said = liar.propose(height, round, BlockHash([n; 32]), None);
                for to in 0..self.nodes.len() {
                    self.send(from, to, said.clone());
                }
            }
        }
    }

    /// Its next turn that the others would already listen to.
    fn next_turn(&self, node: usize, round: Round) -> Option<Round> {
        let ledger = self.nodes[node].replica.as_ref()?.ledger();
        let me = ValidatorId::of(&voters::validator(node).public());
        (1..=10).map(|more| Round::new(round.get() + more)).find(|it| ledger.proposer_at(*it) == me)
    }

    /// A forger sends everyone a block of its own with a certificate that nobody else signed.
    pub(crate) fn forge(&mut self) {
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

    /// A valid, empty block that a liar could make at its own height, dated a little later than now.
    fn other_block(&self, node: usize, round: Round, later_ms: u64) -> Option<Block> {
        self.block_dated(node, round, self.now(node).unix.plus(later_ms))
    }
    fn block_dated(&self, node: usize, round: Round, time: UnixMs) -> Option<Block> {
        let ledger = self.nodes[node].replica.as_ref()?.ledger();
        let proposer = ValidatorId::of(&voters::validator(node).public());
        let proposed = ledger.propose(ProposeContext { round, time, proposer }, std::iter::empty()).ok()?;
        Some(proposed.block.block().clone())
    }
}
