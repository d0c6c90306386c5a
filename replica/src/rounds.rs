//! Agreement on the next block: messages in, the engine's outputs turned into effects, blocks built and judged.
use crate::{
    candidates::{Named, Progress},
    clock::Now,
    effect::{Effect, To},
    notice::{Notice, StartReason},
    pace::{self, Calendar, Pace, Situation},
    recovery::WalRecord,
    replica::{BODY_AFTER_MS, Job, Replica},
    verifying::Verdicts,
};
use std::collections::{BTreeMap, VecDeque};
use urne_consensus::{
    engine::{Input, Output, Verdict, WalEntry},
    verify_message,
};
use urne_ledger::{ExecutedBlock, Kv, ProposeContext};
use urne_types::{
    BlockHash, Height, NodeId, Round, TxId, UnixMs, ValidatorId,
    block::Block,
    certificate::CommitCertificate,
    message::{ConsensusMessage, Equivocation, Proposal},
    signed::Signed,
    transaction::{Payload, RawTx, UnsignedTx, VerifiedTx},
    wire::PeerMessage,
};
use urne_vote_contract::BlockContext;

/// How a height begins.
pub(crate) enum Origin {
    /// Anew.
    Reason(StartReason),
    /// From the log of a crash.
    Log(Vec<WalEntry>),
}

impl<K: Kv> Replica<K> {
    /// Begins the next height if it is time, else says when to look again.
    pub(crate) fn begin_if_time(&mut self, now: Now) -> Option<u64> {
        if self.is_deciding || self.pending.is_some() || !self.is_member() || self.is_catching_up() {
            return None;
        }
        let Calendar { parameters, heartbeat_ms, deadline } = &self.calendar;
        let situation = Situation {
            oldest_waiting_ms: self.mempool.oldest_ms(),
            waiting_bytes: self.mempool.bytes(),
            batching_ms: parameters.batching_ms.into(),
            block_bytes_max: usize::try_from(parameters.block_bytes_max).unwrap_or(usize::MAX),
            deadline: *deadline,
            tip_time: self.ledger.tip().time,
            heartbeat_ms: *heartbeat_ms,
            has_peer_begun: self.has_peer_begun,
        };
        match pace::decide(now, &situation) {
            Pace::Begin(reason) => {
                self.begin(now, Origin::Reason(reason));
                None
            }
            Pace::WaitUntil(at) => Some(at),
        }
    }

    fn is_catching_up(&self) -> bool {
        self.sync.comes_first(self.is_behind())
    }

    pub(crate) fn begin(&mut self, now: Now, origin: Origin) {
        let height = self.ledger.tip().height.next();
        let (reason, wal) = match origin {
            Origin::Reason(reason) => (reason, Vec::new()),
            Origin::Log(entries) => (StartReason::Recovery, entries),
        };
        self.is_deciding = true;
        self.has_peer_begun = false;
        self.flush_gossip();
        self.effects.push(Effect::Tell(Notice::Started { height, reason }));
        self.drive(now, Input::Start { height, validators: self.validators(), wal, may_sign: true });
        for (from, message, unix) in std::mem::take(&mut self.early) {
            // A message counts from the instant at which it reached us.
            self.on_consensus(Now { unix, ..now }, from, message);
        }
    }

    /// Lets the engine's timers ring.
    pub(crate) fn elapse(&mut self, now: Now) {
        let due: Vec<_> = self.timers.iter().filter(|(_, at)| **at <= now.monotonic_ms).map(|(it, _)| *it).collect();
        for timeout in due {
            if self.timers.remove(&timeout).is_some() && self.is_deciding {
                self.drive(now, Input::Elapsed(timeout));
            }
        }
    }

    /// One input and all that follows from it.
    pub(crate) fn drive(&mut self, now: Now, input: Input) {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            for output in self.engine.step(input) {
                self.perform(now, output, &mut inputs);
            }
        }
    }

    fn perform(&mut self, now: Now, output: Output, inputs: &mut VecDeque<Input>) {
        let height = self.ledger.tip().height.next();
        match output {
            Output::Record(entry) => self.effects.push(Effect::Record(WalRecord::Entry { height, entry }.encode())),
            Output::Sync => self.effects.push(Effect::SyncWal),
            Output::Guard(record) => self.effects.push(Effect::Guard(record)),
            Output::Send(message) => {
                self.effects.push(Effect::Send { to: To::Validators, message: PeerMessage::Consensus(message) });
            }
            Output::Build { height, round } => inputs.extend(self.build(now, height, round)),
            Output::Resend { block, .. } => self.send_body(To::Validators, &block),
            Output::Schedule { timeout, after_ms } => {
                self.timers.insert(timeout, now.monotonic_ms.saturating_add(after_ms));
            }
            Output::Cancel(timeout) => {
                self.timers.remove(&timeout);
            }
            Output::CancelAll => self.timers.clear(),
            Output::Polka { block, .. } => {
                self.candidates.pin(block);
                inputs.extend(self.verdicts(&block));
            }
            Output::EnteredRound { height, round, proposer } => {
                self.candidates.enter_round(round);
                self.effects.push(Effect::Tell(Notice::EnteredRound { height, round, proposer }));
            }
            Output::Decide(certificate) => self.decide(certificate),
            Output::Accuse(equivocation) => self.accuse(now, equivocation),
            Output::Stop(fault) => self.effects.push(Effect::Stop(fault.to_string())),
        }
    }

    /// The engine has decided: the block is committed by the next effect, unless its body is not here yet, in which case
    /// a peer that has it will send it with its certificate.
    fn decide(&mut self, certificate: CommitCertificate) {
        if self.pending.is_none()
            && let Some(executed) = self.candidates.take_executed(&certificate.block)
        {
            self.commit_later(executed, certificate);
        }
    }

    pub(crate) fn commit_later(&mut self, executed: ExecutedBlock, certificate: CommitCertificate) {
        #[cfg(feature = "plants")]
        if self.plant == Some(crate::Plant::AcknowledgedBeforeSync) {
            self.effects.push(crate::plants::acknowledgement(&executed, &certificate));
        }
        self.pending = Some((executed, certificate));
        self.effects.push(Effect::Commit);
    }

    fn accuse(&mut self, now: Now, equivocation: Equivocation) {
        let validator = match &equivocation {
            Equivocation::Proposals(it, _) => it.claim.validator,
            Equivocation::Prevotes(it, _) => it.claim.validator,
            Equivocation::Precommits(it, _) => it.claim.validator,
        };
        self.effects.push(Effect::Tell(Notice::Accused { validator }));
        let Some(key) = &self.key else { return };
        let unsigned = UnsignedTx::new(self.chain, key.public(), Payload::Evidence(equivocation));
        if let Ok(tx) = unsigned.sign(key).verify(&self.chain) {
            self.submit_own(now, tx);
        }
    }

    /// A block of our own for this round, durable before anyone hears of it.
    fn build(&mut self, now: Now, height: Height, round: Round) -> Option<Input> {
        let proposer = self.me?;
        let context = ProposeContext { round, time: now.unix, proposer };
        let proposed = match self.ledger.propose(context, self.mempool.in_order().cloned()) {
            Ok(proposed) => proposed,
            Err(e) => {
                self.effects.push(Effect::Stop(format!("no block can be built: {e}")));
                return None;
            }
        };
        for refused in proposed.refused {
            self.drop_tx(refused.tx.id(), refused.rejection);
        }
        let block = proposed.block.hash();
        self.record_body(height, proposed.block.block());
        self.candidates.insert_executed(proposed.block);
        self.send_body(To::Validators, &block);
        Some(Input::Built { height, round, block })
    }

    fn record_body(&mut self, height: Height, block: &Block) {
        #[cfg(feature = "plants")]
        if self.plant == Some(crate::Plant::BodyNotStored) {
            return;
        }
        let record = WalRecord::Body { height, block: block.encode() };
        self.effects.push(Effect::Record(record.encode()));
    }

    fn send_body(&mut self, to: To, hash: &BlockHash) {
        if let Some(block) = self.candidates.get(hash).and_then(|it| it.body.as_ref()) {
            let message = PeerMessage::Body { height: block.header.height, block: block.encode() };
            self.effects.push(Effect::Send { to, message });
        }
    }

    pub(crate) fn on_consensus(&mut self, now: Now, from: NodeId, message: ConsensusMessage) {
        let next = self.ledger.tip().height.next();
        let height = message.height();
        if height < next {
            // Too late to decide anything, not too late to show who said two things.
            self.drive(now, Input::Message(message));
            return self.help(now, from, height);
        }
        if height != next || !self.is_member() {
            if height == next.next() {
                self.keep_early(now, from, message);
            }
            return;
        }
        if !self.is_deciding || self.pending.is_some() {
            // A message for a height we have not begun wakes us, once it is known to be a validator's.
            if verify_message(&message, &self.chain, &self.ledger.tip().validators) {
                self.keep_early(now, from, message);
                self.has_peer_begun = true;
            }
            return;
        }
        if let ConsensusMessage::Proposal(proposal) = &message {
            self.on_proposal(now, proposal);
        }
        if let ConsensusMessage::Commit(certificate) = &message
            && !matches!(self.candidates.get(&certificate.block).map(|it| &it.progress), Some(Progress::Executed(_)))
        {
            return; // Without the body it decides nothing; the peer's status brings us to ask for both.
        }
        self.drive(now, Input::Message(message));
    }

    /// Remembers what a proposal names, so that its body is looked at.
    fn on_proposal(&mut self, now: Now, signed: &Signed<Proposal>) {
        let proposal = &signed.claim;
        let is_turn = self.ledger.proposer_at(proposal.round) == proposal.validator;
        let may_name = self.candidates.may_name(&proposal.block, proposal.round, self.engine.round());
        let message = ConsensusMessage::Proposal(signed.clone());
        if !is_turn || !may_name || !verify_message(&message, &self.chain, &self.ledger.tip().validators) {
            return;
        }
        let named = Named {
            round: proposal.round,
            valid_round: proposal.valid_round,
            proposer: proposal.validator,
            received: now.unix,
            verdict: None,
        };
        if let Some(block) = self.candidates.name(proposal.block, named, now.monotonic_ms) {
            self.look_at(now, proposal.block, block);
        } else {
            self.tell_verdicts(now, &proposal.block);
        }
    }

    pub(crate) fn on_body(&mut self, now: Now, from: NodeId, height: Height, bytes: &[u8]) {
        if height != self.ledger.tip().height.next() || !self.is_member() {
            return;
        }
        let block = match Block::decode(bytes) {
            Ok(block) if block.header.height == height => block,
            Ok(_) => return,
            Err(e) => {
                let sentence = format!("a proposed block is malformed: {e}");
                return self.effects.push(Effect::Tell(Notice::PeerFault { peer: from, sentence }));
            }
        };
        let hash = block.header.hash();
        match self.candidates.get(&hash).map(|it| &it.progress) {
            Some(Progress::Wanted { .. }) => self.look_at(now, hash, block),
            Some(_) => {}
            None => self.candidates.keep_unclaimed(from, hash, block),
        }
    }

    pub(crate) fn on_body_request(&mut self, now: Now, from: NodeId, height: Height, block: BlockHash) {
        if height <= self.ledger.tip().height {
            self.help(now, from, height);
        } else {
            self.send_body(To::Peer(from), &block);
        }
    }

    /// A named body is here: verify what we have not verified yet.
    fn look_at(&mut self, now: Now, hash: BlockHash, block: Block) {
        let raws = block.txs.iter().cloned().map(RawTx).collect();
        if let Some(candidate) = self.candidates.get_mut(&hash) {
            candidate.body = Some(block);
            candidate.progress = Progress::Verifying;
        }
        self.verify(now, raws, Job::Body(hash));
    }

    pub(crate) fn on_body_verified(&mut self, now: Now, hash: BlockHash, verdicts: Verdicts) {
        let Some(block) = self.candidates.get(&hash).and_then(|it| it.body.clone()) else { return };
        if block.header.height != self.ledger.tip().height.next() || self.pending.is_some() {
            return;
        }
        let txs: Result<Vec<_>, _> = verdicts.into_iter().collect();
        let judged = txs.map_err(|e| e.to_string()).and_then(|txs| self.judge(block, txs));
        if let Some(candidate) = self.candidates.get_mut(&hash) {
            candidate.progress = match judged {
                Ok(executed) => Progress::Executed(Box::new(executed)),
                Err(_) => Progress::Refused,
            };
        }
        self.tell_verdicts(now, &hash);
    }

    /// Every header field against what we compute.
    pub(crate) fn judge(&mut self, block: Block, txs: Vec<VerifiedTx>) -> Result<ExecutedBlock, String> {
        match self.ledger.judge(block, txs) {
            Ok(verdict) => verdict.map_err(|fault| fault.to_string()),
            Err(e) => {
                self.effects.push(Effect::Stop(format!("no block can be judged: {e}")));
                Err(e.to_string())
            }
        }
    }

    /// Tells the engine what we think of a block, for each proposal that names it.
    fn tell_verdicts(&mut self, now: Now, hash: &BlockHash) {
        for judged in self.verdicts(hash) {
            self.drive(now, judged);
        }
    }

    /// What the engine has not been told of a block yet, for each proposal that names it. A block that we would prevote goes
    /// to the log first.
    fn verdicts(&mut self, hash: &BlockHash) -> Vec<Input> {
        let height = self.ledger.tip().height.next();
        let Some(mut named) = self.candidates.get(hash).map(|it| it.named.clone()) else { return Vec::new() };
        let mut judged = Vec::new();
        for it in &mut named {
            let Some(verdict) = self.verdict(hash, it).filter(|verdict| it.verdict != Some(*verdict)) else { continue };
            it.verdict = Some(verdict);
            let Named { round, valid_round, proposer, .. } = *it;
            judged.push(Input::Judged { height, round, valid_round, proposer, block: *hash, verdict });
        }
        let is_valid = named.iter().any(|it| it.verdict == Some(Verdict::Valid));
        let Some(candidate) = self.candidates.get_mut(hash) else { return Vec::new() };
        candidate.named = named;
        if is_valid
            && !std::mem::replace(&mut candidate.is_recorded, true)
            && let Some(body) = candidate.body.clone()
        {
            self.record_body(height, &body);
        }
        judged
    }

    /// What we think of a block as this proposal names it; none while we cannot know. To the engine a block that is valid
    /// once is valid in every round, so that two things only make one valid: a proposal that is its own (Tendermint L22,
    /// with proposer-based timestamps), or a quorum, in which at least one honest validator found the first (L28, L36).
    fn verdict(&mut self, hash: &BlockHash, named: &Named) -> Option<Verdict> {
        let candidate = self.candidates.get(hash)?;
        match &candidate.progress {
            Progress::Wanted { .. } | Progress::Verifying => return None,
            Progress::Refused => return Some(Verdict::Invalid),
            Progress::Executed(_) if self.candidates.is_pinned(hash) => return Some(Verdict::Valid),
            Progress::Executed(_) => {}
        }
        let header = &candidate.body.as_ref()?.header;
        let (time, round) = (header.time, header.round);
        #[cfg(feature = "plants")]
        if self.plant == Some(crate::Plant::ClaimedPolka) && named.valid_round.is_some() {
            return Some(Verdict::Valid);
        }
        match named {
            // Its sender says that a quorum prevoted it: we believe the quorum, not the sender.
            Named { valid_round: Some(_), .. } => None,
            // Judged at its first arrival, once.
            Named { verdict: Some(verdict), .. } => Some(*verdict),
            // A header of another round, and thus perhaps of another proposer, is nobody's new block.
            _ if round == named.round && self.is_timely(time, named) => Some(Verdict::Valid),
            _ => Some(Verdict::Invalid),
        }
    }

    /// Proposer-based timestamps: a new block's time lies near the instant at which its proposal reached us.
    fn is_timely(&mut self, time: UnixMs, named: &Named) -> bool {
        let parameters = &self.calendar.parameters;
        let precision = u64::from(parameters.clock_precision_ms);
        let delay = u64::from(parameters.message_delay_ms) * (u64::from(named.round.get()) + 1);
        let received = named.received;
        let signed = |it: u64| i64::try_from(it).unwrap_or(i64::MAX);
        let millis = signed(time.get()) - signed(received.get());
        self.effects.push(Effect::Tell(Notice::ClockSkew { proposer: named.proposer, millis }));
        #[cfg(feature = "plants")]
        if self.plant == Some(crate::Plant::AnyDate) {
            return true;
        }
        received.minus(delay).minus(precision) <= time && time <= received.plus(precision)
    }

    pub(crate) fn ask_for_bodies(&mut self, now: Now) {
        if !self.is_deciding || self.pending.is_some() {
            return;
        }
        let height = self.ledger.tip().height.next();
        for block in self.candidates.overdue(now.monotonic_ms, BODY_AFTER_MS) {
            let message = PeerMessage::BodyRequest { height, block };
            self.effects.push(Effect::Send { to: To::Validators, message });
        }
    }

    /// A validator that has just come back has not heard what we said of this height.
    pub(crate) fn repeat_ourselves(&mut self, peer: NodeId) {
        for message in self.engine.own_messages() {
            if let ConsensusMessage::Proposal(it) = &message {
                self.send_body(To::Peer(peer), &it.claim.block);
            }
            self.effects.push(Effect::Send { to: To::Peer(peer), message: PeerMessage::Consensus(message) });
        }
    }

    pub(crate) fn announce_validators(&mut self) {
        let validators = match self.ledger.read(|view| urne_vote_contract::validators(view)) {
            Ok(validators) => validators,
            Err(e) => return self.effects.push(Effect::Stop(e.to_string())),
        };
        let mut addresses = Vec::new();
        let mut ids = BTreeMap::new();
        // Past ones stay on record, also with a node that a present one has taken over: the set says who takes part.
        let set = &self.ledger.tip().validators;
        for it in validators.into_iter().filter(|it| set.get(&it.record.id()).is_some()) {
            ids.insert(it.record.node, it.record.id());
            addresses.push((it.record.node, it.record.addresses.iter().map(ToString::to_string).collect()));
        }
        self.peers.set_validators(ids);
        self.effects.push(Effect::Validators(addresses));
    }

    pub(crate) fn context_at(&self, now: Now) -> BlockContext {
        let proposer = self.me.unwrap_or(ValidatorId([0; 20]));
        self.ledger.context(ProposeContext { round: Round::FIRST, time: now.unix, proposer })
    }

    pub(crate) fn committed_height_of(&self, id: &TxId) -> Option<Height> {
        self.ledger.reader().place(id).ok().flatten().map(|it| it.height)
    }
}
