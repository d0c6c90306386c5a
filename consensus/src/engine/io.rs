//! What enters and leaves the engine: inputs, outputs, timeouts, and what is written down to survive a crash.
use super::guard::GuardRecord;
use crate::statement::Step;
use std::sync::Arc;
use urne_types::{
    BlockHash, ChainId, Height, Round, SecretKey, ValidatorId, VotingPower,
    certificate::CommitCertificate,
    codec::{Decode, Encode},
    message::{ConsensusMessage, Equivocation},
    validators::ValidatorSet,
};

/// What the engine is born with.
#[derive(Debug)]
pub struct EngineConfig {
    /// The chain: part of everything signed.
    pub chain: ChainId,
    /// The consensus key; none follows and never signs.
    pub key: Option<SecretKey>,
    /// How long to wait.
    pub timeouts: Timeouts,
    /// The last thing this key signed, as the guard file says; none for a key that never signed.
    pub guard: Option<GuardRecord>,
    /// A fault on purpose.
    #[cfg(feature = "plants")]
    pub plant: Option<Plant>,
}
impl EngineConfig {
    /// An engine that signs with a key that never signed before, with the usual timeouts.
    #[must_use]
    pub fn new(chain: ChainId, key: Option<SecretKey>) -> Self {
        Self {
            chain,
            key,
            timeouts: Timeouts::default(),
            guard: None,
            #[cfg(feature = "plants")]
            plant: None,
        }
    }
}

/// A fault on purpose, to show that a checker notices it.
#[cfg(feature = "plants")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plant {
    /// More than half of the power is taken for a quorum.
    QuorumHalf,
    /// A signer who appears twice in a commit certificate counts twice.
    CountSignerTwice,
    /// After a crash, neither the log nor the guard is read.
    WalNotReplayed,
}

/// How long each step waits, in milliseconds; each round waits longer than the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For a proposal.
    pub propose_ms: u64,
    /// For the prevotes that disagree to come together.
    pub prevote_ms: u64,
    /// For the precommits that disagree to come together.
    pub precommit_ms: u64,
    /// Added for each round.
    pub more_per_round_ms: u64,
    /// No step waits longer.
    pub longest_ms: u64,
}
impl Default for Timeouts {
    fn default() -> Self {
        Self { propose_ms: 1_000, prevote_ms: 500, precommit_ms: 500, more_per_round_ms: 250, longest_ms: 60_000 }
    }
}
impl Timeouts {
    /// How long this timeout waits. What is unanswered is sent again after the time that a whole round may take.
    #[must_use]
    pub fn after_ms(&self, kind: TimeoutKind, round: Round) -> u64 {
        let (base, steps) = match kind {
            TimeoutKind::Propose => (self.propose_ms, 1),
            TimeoutKind::Prevote => (self.prevote_ms, 1),
            TimeoutKind::Precommit => (self.precommit_ms, 1),
            TimeoutKind::Rebroadcast => {
                (self.propose_ms.saturating_add(self.prevote_ms).saturating_add(self.precommit_ms), 3)
            }
        };
        let more = self.more_per_round_ms.saturating_mul(steps).saturating_mul(u64::from(round.get()));
        base.saturating_add(more).min(self.longest_ms)
    }
}

/// What a timeout waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
pub enum TimeoutKind {
    /// The proposal.
    Propose,
    /// Agreement among prevotes.
    Prevote,
    /// Agreement among precommits.
    Precommit,
    /// Any answer: then our own messages are sent again.
    Rebroadcast,
}

/// A wait. At most one of each name runs: scheduling it again replaces it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct Timeout {
    /// Height; one of another height is ignored when it elapses.
    pub height: Height,
    /// Round.
    pub round: Round,
    /// For what.
    pub kind: TimeoutKind,
}

/// What execution said of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
pub enum Verdict {
    /// Its header is what executing it gives.
    Valid,
    /// It is not.
    Invalid,
}

/// What the log of a height keeps. Block bodies are kept beside it, by the replica, before their verdicts.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
#[allow(clippy::large_enum_variant, reason = "entries are written one at a time and read once")]
pub enum WalEntry {
    /// A verified message, ours or a peer's.
    Message(ConsensusMessage),
    /// A body arrived and was judged, or we built it.
    Judged {
        /// Height.
        height: Height,
        /// Round in which it is proposed.
        round: Round,
        /// The earlier round in which a quorum prevoted it.
        valid_round: Option<Round>,
        /// Who proposes it.
        proposer: ValidatorId,
        /// Its hash.
        block: BlockHash,
        /// What execution said.
        verdict: Verdict,
    },
    /// A timeout elapsed.
    Elapsed(Timeout),
    /// From here on this height is followed without signing: the guard knew of a signature that the log had lost, and
    /// with it perhaps a lock. Our own messages that peers send back must not make the log look whole again.
    Muted {
        /// Height.
        height: Height,
    },
}
impl WalEntry {
    /// The height it belongs to.
    #[must_use]
    pub fn height(&self) -> Height {
        match self {
            Self::Message(it) => it.height(),
            Self::Judged { height, .. } | Self::Muted { height } => *height,
            Self::Elapsed(it) => it.height,
        }
    }
}

/// What may happen to the engine. Anything untimely (another height, another round, after the decision) is ignored.
#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant, reason = "inputs are moved once")]
pub enum Input {
    /// Begin a height, whatever became of the one before.
    Start {
        /// Height.
        height: Height,
        /// Its validators.
        validators: Arc<ValidatorSet>,
        /// What the log of that height holds, in order; empty unless we crashed in it.
        wal: Vec<WalEntry>,
        /// Whether we may sign; else we follow.
        may_sign: bool,
    },
    /// From a peer, unverified. A commit certificate that holds decides the height, body known or not.
    Message(ConsensusMessage),
    /// The answer to [`Output::Build`].
    Built {
        /// Height.
        height: Height,
        /// Round.
        round: Round,
        /// Hash of the header that was built.
        block: BlockHash,
    },
    /// A block's body arrived and was judged; its bytes are in the log already.
    Judged {
        /// Height.
        height: Height,
        /// Round in which it is proposed.
        round: Round,
        /// The earlier round in which a quorum prevoted it, as its sender says.
        valid_round: Option<Round>,
        /// Proposer of that round.
        proposer: ValidatorId,
        /// Its hash.
        block: BlockHash,
        /// What execution said.
        verdict: Verdict,
    },
    /// A timeout elapsed.
    Elapsed(Timeout),
}

/// What must be done, strictly in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "outputs are moved once")]
pub enum Output {
    /// Append to the log of the height.
    Record(WalEntry),
    /// Make the log durable before what follows.
    Sync,
    /// Write and sync the guard file before what follows.
    Guard(GuardRecord),
    /// Tell all validators.
    Send(ConsensusMessage),
    /// Build a block and answer [`Input::Built`].
    Build {
        /// Height.
        height: Height,
        /// Round.
        round: Round,
    },
    /// Send a block's body to all validators again.
    Resend {
        /// Height.
        height: Height,
        /// Round in which it is proposed now.
        round: Round,
        /// The earlier round in which a quorum prevoted it.
        valid_round: Option<Round>,
        /// Which.
        block: BlockHash,
    },
    /// Wait, then say [`Input::Elapsed`].
    Schedule {
        /// For what.
        timeout: Timeout,
        /// How long, in milliseconds.
        after_ms: u64,
    },
    /// Wait no more.
    Cancel(Timeout),
    /// Wait for nothing any more.
    CancelAll,
    /// A quorum has prevoted or precommitted this block in one round of the height. At least one honest validator has thus
    /// found its time right when it was new, so that ours need not be asked again. Said once per block, after a restart too.
    Polka {
        /// Height.
        height: Height,
        /// Which.
        block: BlockHash,
    },
    /// A round begins.
    EnteredRound {
        /// Height.
        height: Height,
        /// Round.
        round: Round,
        /// Whose turn it is.
        proposer: ValidatorId,
    },
    /// The height is decided: verified, signers in order. Always the last output of its step; the engine then rests until
    /// the next [`Input::Start`]. The body may be unknown still, when a peer's certificate decided.
    Decide(CommitCertificate),
    /// A validator broke its word.
    Accuse(Equivocation),
    /// The node must stop and say this. The engine does nothing more.
    Stop(EngineFault),
}

/// Why the node must stop.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngineFault {
    /// Our key signed something else for this slot.
    #[error(
        "the guard file says that this key signed another {step} at height {height}, round {round}: stop every other node \
         that uses this key; if there is none, the log of this height is not this guard's"
    )]
    GuardConflict {
        /// Height.
        height: Height,
        /// Round.
        round: Round,
        /// Step.
        step: Step,
    },
    /// Our bug.
    #[error("the agreement broke at height {height}, please report this: {reason}")]
    Core {
        /// Height.
        height: Height,
        /// What the core said.
        reason: String,
    },
}

/// Where the engine is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Never started.
    Idle,
    /// In a round.
    Deciding(Step),
    /// The height is decided.
    Decided,
}
impl std::fmt::Display for Phase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Idle => f.write_str("idle"),
            Self::Deciding(step) => step.fmt(f),
            Self::Decided => f.write_str("decided"),
        }
    }
}

/// How a height stands, for `status` and alarms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Height; 0 before the first start.
    pub height: Height,
    /// Round.
    pub round: Round,
    /// Step.
    pub phase: Phase,
    /// Power of the validators heard in this round or a later one, ourselves included.
    pub present: VotingPower,
    /// The least power that is a quorum.
    pub needed: VotingPower,
}
