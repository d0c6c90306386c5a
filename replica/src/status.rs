//! Where the node stands, for `/v1/status`, `/readyz` and the metrics.
use urne_types::{AppHash, BlockHash, Height, Round, UnixMs, ValidatorId, VotingPower};

/// What consensus is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhereWeAre {
    /// Nothing to decide.
    Idle,
    /// A height is being decided.
    Deciding,
    /// Too few validators can be reached for a quorum.
    WaitingForQuorum {
        /// Power that can be reached, ours included.
        present: VotingPower,
        /// Power that is needed.
        needed: VotingPower,
    },
    /// Blocks are being fetched.
    Syncing,
    /// This node follows without signing.
    WatchOnly,
}

/// One moment of a node.
#[derive(Clone, Debug)]
pub struct Status {
    /// Last committed height.
    pub height: Height,
    /// Its block.
    pub block: BlockHash,
    /// Its time.
    pub time: UnixMs,
    /// The state after it.
    pub app_hash: AppHash,
    /// Round being decided, when one is.
    pub round: Round,
    /// What consensus is doing.
    pub consensus: WhereWeAre,
    /// Validators of the current set that cannot be reached.
    pub absent: Vec<ValidatorId>,
    /// Transactions that wait.
    pub mempool_txs: usize,
    /// Their bytes.
    pub mempool_bytes: usize,
}
