//! The agreement on one block for each height, deterministic and sans-IO: the same inputs give the same outputs on every
//! machine. It verifies what it hears, signs what the guard permits, and says in which order effects must be performed.
//! It never reads a clock, a disk or a die, and it never sees a block's body, only its hash and the verdict on it.
//!
//! One height goes like this: [`Input::Start`], then messages, verdicts and timeouts as they come, then
//! [`Output::Decide`]; the engine rests until the next start. Every input may come at any time and as often as it likes:
//! what is untimely is ignored, and messages about past heights still serve to find equivocations.
//!
//! ```text
//!  Input ──► step ──► Malachite's core ──► effects ──► outputs, in the order: Record, Sync, Guard, Send; Sync, Decide
//!               └───► watch (what was said) ─────────► Accuse
//! ```
mod context;
mod convert;
mod guard;
mod hands;
mod io;
mod watch;

pub use guard::GuardRecord;
#[cfg(feature = "plants")]
pub use io::Plant;
pub use io::{
    EngineConfig, EngineFault, Input, Output, Phase, Standing, Timeout, TimeoutKind, Timeouts, Verdict, WalEntry,
};
pub use watch::{WATCH_HEIGHTS, WATCH_STATEMENTS_MAX};

use crate::{
    proposer::ProposerTable,
    statement::{Statement, Step},
};
use arc_malachitebft_core_consensus::{
    Error as CoreError, Input as CoreInput, LocallyProposedValue, Params, State, ThresholdParams, ValuePayload, process,
};
use arc_malachitebft_core_types::{Round as CoreRound, ThresholdParam, VoteExtensionPolicy};
use context::{Address, CoreHeight, Urne, Value};
use convert::{entry_in, message_in, timeout_in};
use guard::Footing;
use hands::Hands;
use std::sync::Arc;
use urne_types::{
    BlockHash, Height, Round, ValidatorId, certificate::CommitCertificate, message::ConsensusMessage,
    validators::ValidatorSet,
};

/// The engine of one node.
pub struct Engine {
    /// The core of the current height; none before the first start and after a decision.
    core: Option<State<Urne>>,
    hands: Hands,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("standing", &self.standing()).finish_non_exhaustive()
    }
}

impl Engine {
    /// An engine at rest.
    #[must_use]
    pub fn new(config: EngineConfig) -> Self {
        Self { core: None, hands: Hands::new(config) }
    }

    /// Before the first start: a height that the ledger holds, oldest first. Who is in its certificate is remembered, so that
    /// a restart forgets no precommit that was committed, and late messages of that height are heard again.
    pub fn recall(&mut self, validators: Arc<ValidatorSet>, certificate: &CommitCertificate) {
        self.hands.recall(validators, certificate);
    }

    /// The only door. Perform the outputs strictly in order before the next step; after a crash between any two of them,
    /// starting again from what was recorded and guarded is safe.
    pub fn step(&mut self, input: Input) -> Vec<Output> {
        if self.hands.has_fault() {
            return Vec::new();
        }
        match input {
            Input::Start { height, validators, wal, may_sign } => self.start(height, validators, &wal, may_sign),
            Input::Message(message) => self.hear(&message),
            Input::Built { height, round, block } => self.propose(height, round, block),
            Input::Judged { height, round, valid_round, proposer, block, verdict } => {
                let entry = WalEntry::Judged { height, round, valid_round, proposer, block, verdict };
                self.feed_entry(&entry);
            }
            Input::Elapsed(timeout) => self.feed_entry(&WalEntry::Elapsed(timeout)),
        }
        if (self.hands.is_decided() || self.hands.has_fault()) && self.core.take().is_some() {
            self.hands.conclude();
        }
        self.hands.take_outputs()
    }

    /// The height being decided, or the last decided one.
    #[must_use]
    pub fn height(&self) -> Height {
        self.hands.height()
    }
    /// Its current or last round.
    #[must_use]
    pub fn round(&self) -> Round {
        self.hands.round()
    }
    /// The step of that round.
    #[must_use]
    pub fn phase(&self) -> Phase {
        match &self.core {
            Some(core) if core.driver.step_is_precommit() => Phase::Deciding(Step::Precommit),
            Some(core) if core.driver.step_is_prevote() => Phase::Deciding(Step::Prevote),
            Some(_) => Phase::Deciding(Step::Propose),
            None if self.hands.is_decided() => Phase::Decided,
            None => Phase::Idle,
        }
    }
    /// How the height stands: a quorum is lacking when `present < needed`.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let (present, needed) = self.hands.presence();
        Standing { height: self.height(), round: self.round(), phase: self.phase(), present, needed }
    }
    /// Whether this height is signed for, rather than followed.
    #[must_use]
    pub fn is_signing(&self) -> bool {
        self.core.as_ref().is_some_and(State::is_active_validator)
    }
    /// Our own messages of the current height that still matter: send them to a peer that (re)connects.
    #[must_use]
    pub fn own_messages(&self) -> Vec<ConsensusMessage> {
        self.hands.own_messages()
    }
    /// The name under which this engine signs, if it has a key.
    #[must_use]
    pub fn id(&self) -> Option<ValidatorId> {
        self.hands.id()
    }
    /// Who proposes in a round of the current height; none before the first start.
    #[must_use]
    pub fn proposer(&self, round: Round) -> Option<ValidatorId> {
        self.hands.table().map(|it| it.proposer(self.height(), round))
    }

    /// A new core for each height: nothing of a height that was abandoned can reach the next one.
    fn start(&mut self, height: Height, validators: Arc<ValidatorSet>, wal: &[WalEntry], may_sign: bool) {
        let wal = self.hands.recovered(height, wal);
        self.hands.begin(height, validators, &wal);
        let is_signing = may_sign && self.has_footing(height, &wal);
        if self.hands.has_fault() {
            return;
        }
        let set = self.hands.peers();
        let mut core = State::new(Urne, CoreHeight(height), set.clone(), self.params(is_signing), 1, 1);
        // The log is indexed before the height starts, so that nothing can be signed that it holds already.
        let inputs: Vec<CoreInput<Urne>> = wal.iter().filter_map(entry_in).collect();
        core.index_wal_entries(&inputs);
        self.core = Some(core);
        // No target time: with one, the core would read the clock.
        self.feed(CoreInput::StartHeight(CoreHeight(height), set, false, None, VoteExtensionPolicy::Disabled));
        for entry in &wal {
            self.feed_entry(entry);
        }
        if let Some(core) = &mut self.core {
            core.reset_entries_index();
        }
        self.finish_replay(&wal);
    }

    /// Whether the guard lets us sign at this height.
    fn has_footing(&mut self, height: Height, wal: &[WalEntry]) -> bool {
        match self.hands.footing(height, wal) {
            Footing::Sign => true,
            Footing::Follow => {
                self.hands.record(WalEntry::Muted { height });
                false
            }
            Footing::Conflict(record) => {
                self.hands.stop_on_conflict(record.round, record.step);
                false
            }
        }
    }

    fn params(&self, is_signing: bool) -> Params<Urne> {
        Params {
            // Nobody's name: the hash of no key.
            address: Address(self.id().unwrap_or(ValidatorId([0; ValidatorId::LEN]))),
            threshold_params: self.thresholds(),
            value_payload: ValuePayload::ProposalAndParts,
            enabled: is_signing && self.id().is_some(),
        }
    }

    fn thresholds(&self) -> ThresholdParams {
        let (numerator, denominator) = self.hands.quorum_fraction();
        ThresholdParams { quorum: ThresholdParam::new(numerator, denominator), honest: ThresholdParam::F_PLUS_ONE }
    }

    /// What was held back until the log was read: a block to build, timeouts to wait for.
    fn finish_replay(&mut self, wal: &[WalEntry]) {
        self.say_proposal_again(wal);
        let Some(round) = self.hands.finish_replay() else { return };
        let is_waiting =
            |core: &State<Urne>| core.driver.step_is_propose() && core.round() == CoreRound::new(round.get());
        if !self.core.as_ref().is_some_and(is_waiting) {
            return;
        }
        // A block that we had built but not proposed yet is proposed now; another one would be one too many.
        let me = self.id();
        let built = wal.iter().find_map(|entry| match entry {
            WalEntry::Judged { round: of, valid_round: None, proposer, block, verdict: Verdict::Valid, .. }
                if *of == round && Some(*proposer) == me =>
            {
                Some(*block)
            }
            _ => None,
        });
        match built {
            Some(block) => self.propose(self.height(), round, block),
            None => self.hands.ask_to_build(round),
        }
    }

    /// The core says our prevotes and precommits again after a crash, but not our proposal, and nobody else can.
    fn say_proposal_again(&mut self, wal: &[WalEntry]) {
        let (me, round) = (self.id(), self.round());
        let ours = wal.iter().find_map(|entry| match entry {
            WalEntry::Message(ConsensusMessage::Proposal(it))
                if Some(it.claim.validator) == me && it.claim.round == round =>
            {
                Some(it.clone())
            }
            _ => None,
        });
        if let (Some(proposal), true) = (ours, self.is_signing()) {
            self.hands.say_again(Statement::Proposal(proposal));
        }
    }

    fn hear(&mut self, message: &ConsensusMessage) {
        if self.core.is_none() || message.height() != self.height() {
            self.hands.hear_late(message);
        } else if let ConsensusMessage::Commit(certificate) = message {
            self.hands.hear_commit(certificate);
        } else if let (true, Some(input)) = (self.hands.is_well_formed(message), message_in(message)) {
            self.feed(input);
        }
    }

    /// A verdict, a timeout, or an entry of the log.
    fn feed_entry(&mut self, entry: &WalEntry) {
        if entry.height() != self.height() {
            return;
        }
        match entry {
            WalEntry::Message(message) => self.hear(message),
            WalEntry::Elapsed(timeout) => {
                self.hands.forget_timer(timeout);
                self.feed(CoreInput::TimeoutElapsed(timeout_in(timeout)));
            }
            WalEntry::Judged { .. } | WalEntry::Muted { .. } => {
                if let Some(input) = entry_in(entry) {
                    self.feed(input);
                }
            }
        }
    }

    fn propose(&mut self, height: Height, round: Round, block: BlockHash) {
        let round = CoreRound::new(round.get());
        self.feed(CoreInput::Propose(LocallyProposedValue::new(CoreHeight(height), round, Value(block))));
    }

    /// Runs the core until it has no more to say. Nothing is fed once the height is decided.
    fn feed(&mut self, input: CoreInput<Urne>) {
        let Some(core) = &mut self.core else { return };
        if self.hands.is_decided() || self.hands.has_fault() {
            return;
        }
        let hands = &mut self.hands;
        let run = || -> Result<(), Box<CoreError<Urne>>> {
            process!(input: input, state: core, metrics: &(), with: effect => hands.perform(effect))
        };
        if let Err(error) = run() {
            self.hands.stop_on_bug(error.to_string());
        }
    }
}

/// The turns of a set, written once for as long as the set stays the same.
fn table_for(set: &ValidatorSet, last: Option<(&ValidatorSet, &Arc<ProposerTable>)>) -> Arc<ProposerTable> {
    match last {
        Some((same, table)) if same == set => Arc::clone(table),
        _ => Arc::new(ProposerTable::new(set)),
    }
}
