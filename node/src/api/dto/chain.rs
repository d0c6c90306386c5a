//! The chain as the API shows it: where a node stands, who decides, blocks, neighbours.
use super::{Hex, Moment, Number};
use crate::node::Role;
use serde::{Deserialize, Serialize};
use urne_replica::WhereWeAre;
use urne_types::{
    AppHash, BlockHash, ChainId, CollegeId, Height, MerkleRoot, NodeId, PublicKey, Round, TxId, UnixMs, ValidatorId,
    VotingPower, block, certificate::CommitCertificate, genesis::HaltingPolicy, validators::ProposerDuty,
};
use urne_vote_contract::records;

/// `GET /v1/status`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// The chain.
    pub chain_id: ChainId,
    /// As printed.
    pub name: String,
    /// Version of this program.
    pub version: String,
    /// Version of the protocol in force at the next height.
    pub protocol_version: u16,
    /// Last committed height.
    pub height: Height,
    /// Its block.
    pub hash: BlockHash,
    /// Its time.
    pub time: UnixMs,
    /// The state after it.
    pub app_hash: AppHash,
    /// What agreement is doing.
    pub consensus: Consensus,
    /// Round being decided.
    pub round: Round,
    /// Validators that cannot be reached.
    pub absent: Vec<Absent>,
    /// The colleges that decide the next height.
    pub colleges: Vec<CollegePower>,
    /// Whether one college may pause the chain.
    pub halting: HaltingPolicy,
    /// **Alarm**: validators that should be out, but the chain would break.
    pub pending_suspensions: Vec<PendingSuspension>,
    /// What waits for a block.
    pub mempool: Mempool,
    /// Connected peers.
    pub peers: u32,
    /// This node.
    pub node: NodeIdentity,
}

/// `GET /v1/genesis`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Genesis {
    /// Its hash.
    pub chain_id: ChainId,
    /// Canonical bytes of a `urne_types::genesis::Genesis`.
    pub genesis: Hex,
}

/// What agreement is doing: `"idle"`, or `{"waiting_for_quorum": {…}}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Consensus {
    /// Nothing to decide.
    Idle,
    /// A height is being decided.
    Deciding,
    /// Too few validators can be reached.
    WaitingForQuorum {
        /// Power that can be reached.
        present: VotingPower,
        /// Power that is needed.
        needed: VotingPower,
    },
    /// Blocks are being fetched.
    Syncing,
    /// This node follows without signing.
    WatchOnly,
}
impl From<WhereWeAre> for Consensus {
    fn from(it: WhereWeAre) -> Self {
        match it {
            WhereWeAre::Idle => Self::Idle,
            WhereWeAre::Deciding => Self::Deciding,
            WhereWeAre::WaitingForQuorum { present, needed } => Self::WaitingForQuorum { present, needed },
            WhereWeAre::Syncing => Self::Syncing,
            WhereWeAre::WatchOnly => Self::WatchOnly,
        }
    }
}

/// A validator that cannot be reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Absent {
    /// Which.
    pub validator: ValidatorId,
    /// As printed.
    pub name: String,
    /// Its college.
    pub college: CollegeId,
    /// As printed.
    pub college_name: String,
}

/// What a college weighs at the next height.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CollegePower {
    /// Which.
    pub college: CollegeId,
    /// As printed.
    pub name: String,
    /// By the statutes, in basis points.
    pub statutory_weight_bp: u16,
    /// Power of its validators.
    pub power: VotingPower,
    /// Power of those among them that take their turn at proposing.
    pub proposer_power: VotingPower,
}

/// A validator that should be out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingSuspension {
    /// Which.
    pub validator: ValidatorId,
    /// As printed.
    pub name: String,
    /// Its college.
    pub college: CollegeId,
    /// Why.
    pub reason: String,
    /// Since when.
    pub since: Moment,
}

/// What waits for a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mempool {
    /// Transactions.
    pub transactions: Number,
    /// Their bytes.
    pub bytes: Number,
}

/// Who a node is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeIdentity {
    /// Its name on the network.
    pub id: NodeId,
    /// Whether it takes part in the agreement, or follows.
    pub role: NodeRole,
    /// Its validator, if it has a consensus key.
    pub validator: Option<ValidatorId>,
    /// The college of that validator, if the chain knows it.
    pub college: Option<CollegeId>,
}

/// Whether a node takes part in the agreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeRole {
    /// It signs.
    Validator,
    /// It follows.
    Observer,
}
impl From<Role> for NodeRole {
    fn from(it: Role) -> Self {
        match it {
            Role::Validator => Self::Validator,
            Role::Observer => Self::Observer,
        }
    }
}

/// `GET /v1/validators`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validators {
    /// By id: those with a place now; with `?past=true` also those whose place is another's.
    pub items: Vec<Validator>,
    /// From where the next page goes on.
    pub next: Option<Number>,
    /// The height that the powers decide.
    pub height: Height,
    /// Power of all.
    pub total_power: VotingPower,
    /// The least power that is a quorum.
    pub quorum: VotingPower,
    /// Smallest sets of colleges whose absence pauses the chain.
    pub halting_sets: Vec<Vec<CollegeId>>,
    /// Smallest sets of colleges that decide without the others.
    pub deciding_sets: Vec<Vec<CollegeId>>,
    /// What an operator should know, in English.
    pub warnings: Vec<String>,
}

/// One validator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validator {
    /// Hash of its key.
    pub id: ValidatorId,
    /// Consensus key.
    pub key: PublicKey,
    /// As printed.
    pub name: String,
    /// Its college.
    pub college: CollegeId,
    /// As printed.
    pub college_name: String,
    /// Its network identity.
    pub node: NodeId,
    /// Where other nodes reach it.
    pub addresses: Vec<String>,
    /// Where it stands.
    pub standing: Standing,
    /// Weight in quorums at that height, 0 outside of the set.
    pub power: VotingPower,
    /// Whether it takes its turn at proposing; none outside of the set.
    pub duty: Option<ProposerDuty>,
    /// Own turns missed since it last made a block.
    pub missed_turns: u16,
    /// Out of the proposer table until this height.
    pub excused_until: Option<Height>,
}

/// Where a validator stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Standing {
    /// Decides with the others.
    Active,
    /// **Alarm.** Should be out, but the chain would break.
    SuspensionPending {
        /// Why.
        reason: String,
        /// Since when.
        since: Moment,
    },
    /// Has no power.
    Suspended {
        /// Why.
        reason: String,
        /// Since when.
        since: Moment,
    },
    /// Gave its place to another.
    Replaced {
        /// To whom.
        by: ValidatorId,
        /// Since when.
        since: Moment,
    },
}
impl From<records::Standing> for Standing {
    fn from(it: records::Standing) -> Self {
        let reason = |cause: records::SuspensionCause| match cause {
            records::SuspensionCause::Act { reason } => reason.to_string(),
            records::SuspensionCause::Equivocation => "equivocation".into(),
        };
        match it {
            records::Standing::Active => Self::Active,
            records::Standing::SuspensionPending { cause, since } => {
                Self::SuspensionPending { reason: reason(cause), since: since.into() }
            }
            records::Standing::Suspended { cause, since } => {
                Self::Suspended { reason: reason(cause), since: since.into() }
            }
            records::Standing::Replaced { by, since } => Self::Replaced { by, since: since.into() },
        }
    }
}

/// `GET /v1/blocks/{height}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// Position.
    pub height: Height,
    /// Hash of the header.
    pub hash: BlockHash,
    /// The signed part.
    pub header: Header,
    /// What makes it final.
    pub certificate: CommitCertificate,
    /// Its transactions, in order: at most `BLOCK_TXS_MAX`, 10,000 names of 67 bytes = 670 KB.
    pub txs: Vec<TxId>,
    /// The canonical bytes, when asked for with `?raw`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<Hex>,
}

/// The signed part of a block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Version of the protocol.
    pub version: u16,
    /// The chain.
    pub chain: ChainId,
    /// Position.
    pub height: Height,
    /// Round in which the block was made.
    pub round: Round,
    /// Proposer's clock.
    pub time: UnixMs,
    /// Who made it.
    pub proposer: ValidatorId,
    /// The block before.
    pub previous: BlockHash,
    /// Hash of the certificate of the block before.
    pub last_commit_hash: Hex,
    /// Root over the transactions.
    pub tx_root: MerkleRoot,
    /// The state after this block.
    pub app_hash: AppHash,
    /// The set that decides this height.
    pub validators_hash: Hex,
    /// The set that decides the next height.
    pub next_validators_hash: Hex,
}
impl From<&block::Header> for Header {
    fn from(it: &block::Header) -> Self {
        Self {
            version: it.version,
            chain: it.chain,
            height: it.height,
            round: it.round,
            time: it.time,
            proposer: it.proposer,
            previous: it.previous,
            last_commit_hash: Hex(it.last_commit_hash.to_vec()),
            tx_root: it.tx_root,
            app_hash: it.app_hash,
            validators_hash: Hex(it.validators_hash.to_vec()),
            next_validators_hash: Hex(it.next_validators_hash.to_vec()),
        }
    }
}

/// One item of `GET /v1/handovers`: another set of validators decides after this height.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handover {
    /// The last height of the old set.
    pub height: Height,
    /// The validators of the next height.
    pub next: Vec<urne_types::validators::Validator>,
    /// Canonical bytes of a `Handover` (docs/formats.md), to verify.
    pub handover: Hex,
}

/// One item of `GET /v1/peers`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Peer {
    /// Who.
    pub node: NodeId,
    /// The remote multiaddress.
    pub address: String,
    /// Who dialled.
    pub direction: PeerDirection,
    /// Since when, by this machine's clock.
    pub connected_since: UnixMs,
    /// In the current validator set.
    pub is_validator: bool,
}

/// Who dialled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PeerDirection {
    /// The peer did.
    Inbound,
    /// This node did.
    Outbound,
}
