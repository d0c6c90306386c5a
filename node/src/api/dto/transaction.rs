//! What becomes of a transaction, and what proves it.
use super::{Hex, LogHead, Number};
use serde::{Deserialize, Serialize};
use urne_types::{AppHash, BlockHash, ChainId, ElectionId, Height, MerkleRoot, Rejection, TxHash, TxId, UnixMs};

/// `GET /v1/transactions/{txid}`, the answer to one `POST`, and each answer to a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum TxState {
    /// It waits for a block. Not a promise of inclusion.
    Pending {
        /// Its name.
        txid: TxId,
    },
    /// It is in the ledger.
    Committed {
        /// Its name.
        txid: TxId,
        /// The block that holds it.
        height: Height,
        /// Its position in that block.
        position: u32,
    },
    /// A rule refused it.
    Rejected {
        /// Its name, when it could be decoded.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        txid: Option<TxId>,
        /// The rule's number.
        code: u16,
        /// The rule's name.
        name: String,
        /// The rule in English.
        title: String,
        /// The rule in French.
        detail: String,
    },
}
impl TxState {
    /// Refused by a rule.
    #[must_use]
    pub fn rejected(txid: Option<TxId>, rule: Rejection) -> Self {
        Self::Rejected {
            txid,
            code: rule.code(),
            name: rule.name().into(),
            title: rule.english().into(),
            detail: rule.french().into(),
        }
    }
}

/// The answer to a batch: one for each transaction, in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TxOutcomes {
    /// In the order of the batch.
    pub items: Vec<TxState>,
}

/// `GET /v1/proofs/{txid}`: readable fields, and the bytes that `urne verify` needs. It never says what was chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// The chain.
    pub chain: ChainId,
    /// The election.
    pub election: ElectionId,
    /// The tracker.
    pub txid: TxId,
    /// Hash of the very bytes that were accepted.
    pub tx_hash: TxHash,
    /// Its index in the election's log.
    pub index: Number,
    /// The log after the block below.
    pub log: LogHead,
    /// The block under which the proof stands.
    pub height: Height,
    /// That block.
    pub block: BlockHash,
    /// Its time.
    pub time: UnixMs,
    /// Validators that signed it.
    pub signers: Vec<urne_types::ValidatorId>,
    /// Canonical bytes of a `ProofOfVote` (docs/formats.md).
    pub proof: Hex,
}

/// `GET /v1/state`: what the state holds, for whoever believes no node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The block under which the proofs stand.
    pub height: Height,
    /// That block.
    pub block: BlockHash,
    /// The state after it.
    pub app_hash: AppHash,
    /// How many of the keys are answered, from the first one on.
    pub entries: Number,
    /// Canonical bytes of a `ProvenState` (docs/formats.md).
    pub state: Hex,
}

/// `GET /v1/consistency`: nothing was removed since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consistency {
    /// The election.
    pub election: ElectionId,
    /// The log then.
    pub old: LogHead,
    /// The log now.
    pub new: LogHead,
    /// From the old root to the new one.
    pub path: Vec<MerkleRoot>,
    /// Canonical bytes of a `ConsistencyProof` (docs/formats.md).
    pub proof: Hex,
}
