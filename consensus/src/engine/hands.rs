//! The hands of the core: performs its effects by turning them into outputs, in the order that durability needs. Holds
//! all that outlives a height: key, guard, memory of what was said.
use super::{
    context::{Peers, Urne},
    convert::{
        commit_out, entry_out, liveness_out, message_out, polka_out, proposal_out, round_certificate_out, round_out,
        timeout_out, valid_round_out, vote_out,
    },
    guard::{Footing, Guard, GuardRecord, Permit},
    io::{EngineConfig, EngineFault, Output, Timeout, WalEntry},
    table_for,
    watch::Watch,
};
use crate::{
    proposer::ProposerTable,
    statement::{Statement, Step},
    verify::{holds, is_signed},
};
use arc_malachitebft_core_consensus::{ConsensusMsg, Effect, Resumable, Resume};
use arc_malachitebft_core_types::{CertificateError, SignedMessage};
use std::{
    collections::{BTreeMap, BTreeSet},
    convert::Infallible,
    sync::Arc,
};
use urne_types::{
    BlockHash, Height, Round, Signature, ValidatorId, VotingPower, certificate::CommitCertificate, codec::encode,
    hash::hash, message::ConsensusMessage, validators::ValidatorSet,
};

/// Given to the core where the guard refuses to sign: it verifies under no key, and nothing that bears it is sent.
const UNSIGNED: Signature = Signature([0; Signature::LEN]);

/// The set of the current height.
struct Electorate {
    set: Arc<ValidatorSet>,
    table: Arc<ProposerTable>,
    peers: Peers,
}

/// What is held back while the log is read.
#[derive(Default)]
struct Replay {
    timers: BTreeMap<Timeout, u64>,
    entered: Option<Output>,
    build: Option<Round>,
}

pub(super) struct Hands {
    config: EngineConfig,
    me: Option<ValidatorId>,
    guard: Guard,
    watch: Watch,
    fault: bool,
    height: Height,
    round: Round,
    electorate: Option<Electorate>,
    decision: Option<CommitCertificate>,
    own: Vec<Statement>,
    /// Blocks behind which a quorum of the height was seen: one a round at most, unless a third of the power lies.
    polkas: BTreeSet<BlockHash>,
    /// Hashes of what the log of this height holds: an entry is recorded once.
    recorded: BTreeSet<[u8; 32]>,
    is_unsynced: bool,
    replay: Option<Replay>,
    outputs: Vec<Output>,
}

impl Hands {
    pub(super) fn new(config: EngineConfig) -> Self {
        Self {
            me: config.key.as_ref().map(|it| ValidatorId::of(&it.public())),
            guard: Guard::new(config.guard),
            config,
            watch: Watch::default(),
            fault: false,
            height: Height::GENESIS,
            round: Round::FIRST,
            electorate: None,
            decision: None,
            own: Vec::new(),
            polkas: BTreeSet::new(),
            recorded: BTreeSet::new(),
            is_unsynced: false,
            replay: None,
            outputs: Vec::new(),
        }
    }
    pub(super) fn id(&self) -> Option<ValidatorId> {
        self.me
    }
    pub(super) fn height(&self) -> Height {
        self.height
    }
    pub(super) fn round(&self) -> Round {
        self.round
    }
    pub(super) fn has_fault(&self) -> bool {
        self.fault
    }
    pub(super) fn is_decided(&self) -> bool {
        self.decision.is_some()
    }
    pub(super) fn table(&self) -> Option<&ProposerTable> {
        self.electorate.as_ref().map(|it| &*it.table)
    }
    pub(super) fn peers(&self) -> Peers {
        self.electorate().peers.clone()
    }
    fn electorate(&self) -> &Electorate {
        self.electorate.as_ref().expect("a height begins with its validators")
    }
    /// Power heard in this round or later, and the power that is needed.
    pub(super) fn presence(&self) -> (VotingPower, VotingPower) {
        let Some(electorate) = &self.electorate else { return Default::default() };
        let heard = self.watch.heard(self.height, self.round);
        (electorate.set.power_of(&heard), electorate.set.quorum())
    }
    pub(super) fn own_messages(&self) -> Vec<ConsensusMessage> {
        self.own.iter().cloned().map(Statement::into_message).collect()
    }

    /// A height that was decided before a restart.
    pub(super) fn recall(&mut self, validators: Arc<ValidatorSet>, certificate: &CommitCertificate) {
        self.watch.enter(certificate.height, validators);
        self.watch.enter_round(certificate.height, certificate.round);
        for statement in Statement::all_in(&ConsensusMessage::Commit(certificate.clone())) {
            self.outputs.extend(self.watch.remember(&statement).map(Output::Accuse));
        }
    }
    /// Sends once more what the log says we said.
    pub(super) fn say_again(&mut self, statement: Statement) {
        if !self.is_decided() {
            self.send(statement);
        }
    }

    // ---- the life of a height ------------------------------------------------------------------

    /// The entries of that height that the log holds.
    pub(super) fn recovered(&mut self, height: Height, wal: &[WalEntry]) -> Vec<WalEntry> {
        #[cfg(feature = "plants")]
        if self.config.plant == Some(super::io::Plant::WalNotReplayed) {
            self.guard.forget();
            return Vec::new();
        }
        wal.iter().filter(|it| it.height() == height).cloned().collect()
    }
    pub(super) fn begin(&mut self, height: Height, set: Arc<ValidatorSet>, wal: &[WalEntry]) {
        let last = self.electorate.as_ref().map(|it| (&*it.set, &it.table));
        let table = table_for(&set, last);
        let peers = Peers::new(&set, Arc::clone(&table));
        self.watch.enter(height, Arc::clone(&set));
        self.electorate = Some(Electorate { set, table, peers });
        (self.height, self.round) = (height, Round::FIRST);
        self.decision = None;
        self.own.clear();
        self.polkas.clear();
        self.recorded = wal.iter().map(entry_hash).collect();
        // What was recorded before a crash may not have been synced.
        self.is_unsynced = !wal.is_empty();
        self.replay = Some(Replay::default());
    }
    pub(super) fn footing(&self, height: Height, wal: &[WalEntry]) -> Footing {
        self.me.map_or(Footing::Sign, |me| self.guard.footing(height, me, wal, &self.config.chain))
    }
    /// Says what was held back; the round, when a block should be built.
    pub(super) fn finish_replay(&mut self) -> Option<Round> {
        let replay = self.replay.take()?;
        if self.is_decided() || self.fault {
            return None;
        }
        self.outputs.extend(replay.entered);
        for (timeout, after_ms) in replay.timers {
            self.outputs.push(Output::Schedule { timeout, after_ms });
        }
        replay.build
    }
    pub(super) fn ask_to_build(&mut self, round: Round) {
        self.outputs.push(Output::Build { height: self.height, round });
    }
    /// A timer that the log says has elapsed need not run again.
    pub(super) fn forget_timer(&mut self, timeout: &Timeout) {
        if let Some(replay) = &mut self.replay {
            replay.timers.remove(timeout);
        }
    }
    /// The outputs of a step. The decision comes last, so that the replica may begin the next height at once.
    pub(super) fn take_outputs(&mut self) -> Vec<Output> {
        std::mem::take(&mut self.outputs)
    }
    pub(super) fn conclude(&mut self) {
        if let (Some(certificate), false) = (self.decision.clone(), self.fault) {
            self.sync();
            self.outputs.push(Output::CancelAll);
            self.outputs.push(Output::Decide(certificate));
        }
    }

    // ---- hearing --------------------------------------------------------------------------------

    /// A message of a height that is not being decided: too early, or too late for all but evidence.
    pub(super) fn hear_late(&mut self, message: &ConsensusMessage) {
        let proofs = self.watch.hear_late(message, &self.config.chain);
        self.outputs.extend(proofs.into_iter().map(Output::Accuse));
    }
    pub(super) fn hear_commit(&mut self, certificate: &CommitCertificate) {
        let message = ConsensusMessage::Commit(certificate.clone());
        if !self.is_decided() && self.does_hold(&message) {
            self.record(WalEntry::Message(message));
            self.decision = Some(certificate.clone());
        }
    }
    /// The core takes a certificate apart by its own height and round.
    pub(super) fn is_well_formed(&self, message: &ConsensusMessage) -> bool {
        let ConsensusMessage::Round(certificate) = message else { return true };
        let here = (certificate.height, certificate.round);
        certificate.steps.iter().map(|it| Statement::from(it.clone()).slot()).all(|it| (it.height, it.round) == here)
    }
    /// Whether a validator of this height signed it. Never verified twice; a contradiction is told.
    fn is_signed(&mut self, statement: &Statement) -> bool {
        if self.watch.knows(statement) {
            self.look_for_polka(statement);
            return true;
        }
        let set = &self.electorate.as_ref().expect("a height begins with its validators").set;
        if *statement.signature() == UNSIGNED || !is_signed(statement, &self.config.chain, set) {
            return false;
        }
        self.outputs.extend(self.watch.remember(statement).map(Output::Accuse));
        self.look_for_polka(statement);
        true
    }
    /// Whether a quorum now says of a block what this verified statement says. Our own precommit is proof enough: the core
    /// signs none without a polka, which may have come in a certificate.
    fn look_for_polka(&mut self, statement: &Statement) {
        let slot = statement.slot();
        let Some(block) = statement.backed() else { return };
        if slot.height != self.height || self.polkas.contains(&block) {
            return;
        }
        let is_our_precommit = Some(slot.validator) == self.me && slot.step == Step::Precommit;
        let set = &self.electorate().set;
        let power = set.power_of(&self.watch.backers(&slot, block));
        if is_our_precommit || exceeds(power, self.quorum_fraction(), set) {
            self.tell_polka(block);
        }
    }
    fn tell_polka(&mut self, block: BlockHash) {
        if self.polkas.insert(block) {
            self.outputs.push(Output::Polka { height: self.height, block });
        }
    }
    fn does_hold(&mut self, message: &ConsensusMessage) -> bool {
        let set = Arc::clone(&self.electorate().set);
        #[cfg(feature = "plants")]
        if let (Some(super::io::Plant::CountSignerTwice), ConsensusMessage::Commit(it)) = (self.config.plant, message) {
            let power = it.signatures.iter().filter_map(|it| set.get(&it.validator)).map(|it| it.power.get()).sum();
            return set.is_quorum(VotingPower::new(power))
                && Statement::all_in(message).iter().all(|it| self.is_signed(it));
        }
        let fraction = self.quorum_fraction();
        let does_hold = holds(message, &set, |power| exceeds(power, fraction, &set), |it| self.is_signed(it));
        if let (true, ConsensusMessage::Polka(it)) = (does_hold, message) {
            self.tell_polka(it.block);
        }
        does_hold
    }
    /// A quorum is strictly more than this part of the power.
    pub(super) fn quorum_fraction(&self) -> (u64, u64) {
        #[cfg(feature = "plants")]
        if self.config.plant == Some(super::io::Plant::QuorumHalf) {
            return (1, 2);
        }
        (2, 3)
    }

    // ---- writing and saying -----------------------------------------------------------------------

    pub(super) fn record(&mut self, entry: WalEntry) {
        if self.recorded.insert(entry_hash(&entry)) {
            self.is_unsynced = true;
            self.outputs.push(Output::Record(entry));
        }
    }
    fn sync(&mut self) {
        if std::mem::take(&mut self.is_unsynced) {
            self.outputs.push(Output::Sync);
        }
    }
    /// Asks the guard, signs, remembers.
    fn sign(&mut self, unsigned: Statement) -> Signature {
        let record = GuardRecord::of(&unsigned, &self.config.chain);
        let permit = if self.fault { Permit::Refuse } else { self.guard.permit(record) };
        let signature = match (permit, &self.config.key) {
            (Permit::Sign, Some(key)) => key.sign_digest(&record.digest),
            (Permit::Conflict, _) => {
                self.stop_on_conflict(record.round, record.step);
                UNSIGNED
            }
            (Permit::Refuse, _) | (_, None) => UNSIGNED,
        };
        if signature != UNSIGNED {
            let signed = unsigned.with_signature(signature);
            self.outputs.extend(self.watch.remember(&signed).map(Output::Accuse));
            self.look_for_polka(&signed);
        }
        signature
    }
    /// Sends a statement. One of ours leaves only after the log and the guard are durable.
    fn send(&mut self, statement: Statement) {
        if *statement.signature() == UNSIGNED || self.fault {
            return;
        }
        if Some(statement.slot().validator) == self.me {
            let record = GuardRecord::of(&statement, &self.config.chain);
            // What is earlier than the guard comes from the log here: it was signed once, and may be sent again.
            if self.guard.permit(record) == Permit::Conflict {
                return self.stop_on_conflict(record.round, record.step);
            }
            self.sync();
            self.outputs.extend(self.guard.take_unwritten().map(Output::Guard));
            self.keep_own(&statement);
        }
        self.outputs.push(Output::Send(statement.into_message()));
    }
    /// Keeps what we said in this round and the one before: whoever is further behind needs a certificate.
    fn keep_own(&mut self, statement: &Statement) {
        let round = self.round.get();
        self.own.retain(|it| round <= it.slot().round.get().saturating_add(1));
        if !self.own.contains(statement) {
            self.own.push(statement.clone());
        }
    }
    fn schedule(&mut self, timeout: Timeout) {
        let after_ms = self.config.timeouts.after_ms(timeout.kind, timeout.round);
        match &mut self.replay {
            Some(replay) => {
                replay.timers.insert(timeout, after_ms);
            }
            None => self.outputs.push(Output::Schedule { timeout, after_ms }),
        }
    }
    fn cancel(&mut self, timeout: Timeout) {
        match &mut self.replay {
            Some(replay) => {
                replay.timers.remove(&timeout);
            }
            None => self.outputs.push(Output::Cancel(timeout)),
        }
    }
    fn cancel_all(&mut self) {
        if let Some(replay) = &mut self.replay {
            replay.timers.clear();
        }
        self.outputs.push(Output::CancelAll);
    }
    fn enter_round(&mut self, round: Round, proposer: ValidatorId) {
        self.round = round;
        self.watch.enter_round(self.height, round);
        let entered = Output::EnteredRound { height: self.height, round, proposer };
        match &mut self.replay {
            Some(replay) => {
                replay.entered = Some(entered);
                replay.build = None;
            }
            None => self.outputs.push(entered),
        }
    }
    fn build(&mut self, round: Round) {
        match &mut self.replay {
            Some(replay) => replay.build = Some(round),
            None => self.ask_to_build(round),
        }
    }
    pub(super) fn stop_on_conflict(&mut self, round: Round, step: Step) {
        self.stop(EngineFault::GuardConflict { height: self.height, round, step });
    }
    pub(super) fn stop_on_bug(&mut self, reason: String) {
        self.stop(EngineFault::Core { height: self.height, reason });
    }
    fn stop(&mut self, fault: EngineFault) {
        if !self.fault {
            self.outputs.push(Output::Stop(fault));
            self.fault = true;
        }
    }

    // ---- the core's effects -------------------------------------------------------------------------

    /// Performs one effect. It cannot fail: the core would only log a failure and go on.
    pub(super) fn perform(&mut self, effect: Effect<Urne>) -> Result<Resume<Urne>, Infallible> {
        match effect {
            Effect::StartRound(_, round, proposer, _, _) => self.enter_round(round_out(round), proposer.0),
            Effect::GetValue(_, round, _, _) => self.build(round_out(round)),
            Effect::WalAppend(_, input, _) => entry_out(self.height, &input).into_iter().for_each(|it| self.record(it)),
            Effect::PublishConsensusMsg(message, _) => self.send(message_out(&message)),
            Effect::RepublishVote(vote, _) => self.send(vote_out(&vote)),
            Effect::PublishLivenessMsg(message, _) => self.outputs.push(Output::Send(liveness_out(&message))),
            Effect::RepublishRoundCertificate(it, _) => {
                self.outputs.push(Output::Send(ConsensusMessage::Round(round_certificate_out(&it))));
            }
            Effect::RestreamProposal(height, round, valid_round, _, value, _) => {
                let (round, valid_round) = (round_out(round), valid_round_out(valid_round));
                self.outputs.push(Output::Resend { height: height.0, round, valid_round, block: value.0 });
            }
            Effect::ScheduleTimeout(it, _) => {
                timeout_out(self.height, &it).into_iter().for_each(|it| self.schedule(it))
            }
            Effect::CancelTimeout(it, _) => timeout_out(self.height, &it).into_iter().for_each(|it| self.cancel(it)),
            Effect::CancelAllTimeouts(_) => self.cancel_all(),
            Effect::Decide(certificate, _, _) => self.decision = Some(commit_out(&certificate)),
            // Its evidence is only of this height: the watch found it already.
            Effect::Finalize(..) => {}
            // We never give the core a synced value.
            Effect::CertVerifiedSyncValue(..) | Effect::CertRejectedSyncValue(..) => {}
            question => return Ok(self.answer(question)),
        }
        Ok(Resume::Continue)
    }
    /// Answers what the core asks: to sign, and whether something is signed.
    fn answer(&mut self, question: Effect<Urne>) -> Resume<Urne> {
        match question {
            Effect::SignVote(vote, r) => {
                let signature = self.sign(vote_out(&SignedMessage::new(vote.clone(), UNSIGNED)));
                r.resume_with(SignedMessage::new(vote, signature))
            }
            Effect::SignProposal(proposal, r) => {
                let signature = self.sign(proposal_out(&SignedMessage::new(proposal.clone(), UNSIGNED)));
                r.resume_with(SignedMessage::new(proposal, signature))
            }
            Effect::VerifySignature(message, _, r) => {
                let statement = match message.message {
                    ConsensusMsg::Vote(it) => vote_out(&SignedMessage::new(it, message.signature)),
                    ConsensusMsg::Proposal(it) => proposal_out(&SignedMessage::new(it, message.signature)),
                };
                r.resume_with(self.is_signed(&statement))
            }
            Effect::VerifyCommitCertificate(it, _, _, r) => {
                r.resume_with(self.verdict(&ConsensusMessage::Commit(commit_out(&it))))
            }
            Effect::VerifyPolkaCertificate(it, _, _, r) => {
                r.resume_with(self.verdict(&ConsensusMessage::Polka(polka_out(&it))))
            }
            Effect::VerifyRoundCertificate(it, _, _, r) => {
                r.resume_with(self.verdict(&ConsensusMessage::Round(round_certificate_out(&it))))
            }
            // Only for synced values and vote extensions, which we do not use.
            Effect::VerifyExtendedCommitCertificate(_, _, _, _, r) => {
                r.resume_with(Err(CertificateError::VerificationError(None)))
            }
            Effect::ExtendVote(_, _, _, _, r) => r.resume_with(None),
            Effect::VerifyVoteExtension(_, _, _, _, _, _, r) => r.resume_with(Ok(())),
            _ => Resume::Continue,
        }
    }
    fn verdict(&mut self, message: &ConsensusMessage) -> Result<(), CertificateError<Urne>> {
        self.does_hold(message).then_some(()).ok_or(CertificateError::VerificationError(None))
    }
}

/// Whether this is strictly more than that part of the set's power.
fn exceeds(power: VotingPower, (numerator, denominator): (u64, u64), set: &ValidatorSet) -> bool {
    numerator * set.total().get() < denominator * power.get()
}

fn entry_hash(entry: &WalEntry) -> [u8; 32] {
    hash("urne.v1 log entry", &encode(entry))
}
