//! The block in which things happen: the only time, and the only chance, that the rules know.
use urne_types::{BlockHash, ChainId, Height, Round, UnixMs, ValidatorId, limits::COUNT_UNITS_PER_BLOCK};

/// What is known of a block when its transactions run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockContext {
    /// The chain.
    pub chain: ChainId,
    /// The block's height.
    pub height: Height,
    /// The block's time.
    pub time: UnixMs,
    /// The round in which the block was made.
    pub round: Round,
    /// Who made it.
    pub proposer: ValidatorId,
    /// The block before: the seed of public draws.
    pub previous: BlockHash,
    /// How much counting the block may do; the same on every machine. Only tests change it.
    pub count_units: u64,
    /// How the block before was decided; none at the first height.
    pub last_commit: Option<LastCommit>,
    /// A wrong rule to plant, so that the simulator can show that its checkers catch it.
    #[cfg(feature = "plants")]
    pub plant: Option<Plant>,
}

impl BlockContext {
    /// A block without a certificate before it, with an unknown predecessor and without a plant.
    #[must_use]
    pub fn new(chain: ChainId, height: Height, time: UnixMs, round: Round, proposer: ValidatorId) -> Self {
        Self {
            chain,
            height,
            time,
            round,
            proposer,
            previous: BlockHash([0; 32]),
            count_units: COUNT_UNITS_PER_BLOCK,
            last_commit: None,
            #[cfg(feature = "plants")]
            plant: None,
        }
    }
}

/// How the block before was decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastCommit {
    /// Its height.
    pub height: Height,
    /// The round of the certificate.
    pub round: Round,
    /// Who signed it.
    pub signers: Vec<ValidatorId>,
    /// Whose turn it was in the rounds that passed without a decision.
    pub missed_proposers: Vec<ValidatorId>,
}

/// A wrong rule, for the simulator only.
#[cfg(feature = "plants")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plant {
    /// A ballot with an older sequence replaces a newer one.
    OlderSequenceAccepted,
    /// The first choice of the first question counts one ballot too many.
    TallyOffByOne,
}
