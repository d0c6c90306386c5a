//! Governance: colleges, validators, administrators, and the acts that change them. No act is one person's: it takes
//! effect when administrators of enough distinct colleges have approved its hash, once, before it expires.
use crate::{
    ActId, CensusId, ChainId, CollegeId, DraftId, ElectionId, Height, NodeId, PublicKey, UnixMs, ValidatorId,
    bounded::{List, Text},
    codec::encode,
    hash::hash_parts,
    limits::{ADDRESS_BYTES_MAX, NAME_BYTES_MAX, REASON_BYTES_MAX},
    signed::{Signable, Signed},
    statutes::Statutes,
};
use bincode::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// A governance college.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct College {
    /// Its number.
    pub id: CollegeId,
    /// As printed.
    pub name: Text<NAME_BYTES_MAX>,
    /// Share of the voting rights by the statutes, in basis points; 0 for a guarantor without voting rights.
    pub statutory_weight_bp: u16,
    /// Weight in the agreement before capping; the statutory one when absent. A guarantor must have one.
    #[serde(default)]
    pub consensus_weight: Option<u32>,
}

/// A validator as its operator declares it, signed with its consensus key: binds the key to a college and a network node.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValidatorRecord {
    /// The college that runs it.
    pub college: CollegeId,
    /// As printed.
    pub name: Text<NAME_BYTES_MAX>,
    /// Consensus key.
    pub key: PublicKey,
    /// Network identity.
    pub node: NodeId,
    /// Where other nodes reach it: multiaddrs.
    pub addresses: List<Text<ADDRESS_BYTES_MAX>, 4>,
}
impl Signable for ValidatorRecord {
    const DOMAIN: &'static str = "urne.v1 sign validator record";
}
impl ValidatorRecord {
    /// The validator's name in the agreement.
    #[must_use]
    pub fn id(&self) -> ValidatorId {
        ValidatorId::of(&self.key)
    }
}
/// The chain a record is signed for: none yet, since the genesis that names the chain is made of records.
pub const RECORD_CHAIN: ChainId = ChainId([0; 32]);

/// Someone who may propose and approve acts for a college.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Administrator {
    /// The college she acts for.
    pub college: CollegeId,
    /// Her key.
    pub key: PublicKey,
}

/// Settings of the chain that acts may change.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// Distinct colleges whose administrators must approve an act.
    pub approvals_needed: u16,
    /// Longest time an act may wait for approvals, in milliseconds.
    pub act_lifetime_ms_max: u64,
    /// Longest silence while an election is open, in milliseconds: then an empty block is made.
    pub heartbeat_open_ms: u64,
    /// Longest silence otherwise, in milliseconds.
    pub heartbeat_idle_ms: u64,
    /// How long a proposer gathers transactions before it starts a height, in milliseconds.
    pub batching_ms: u32,
    /// Largest block, in bytes; at most [`crate::limits::BLOCK_BYTES_MAX`].
    pub block_bytes_max: u32,
    /// How far two honest clocks may differ, in milliseconds (PRECISION of proposer-based timestamps).
    pub clock_precision_ms: u32,
    /// How long a proposal may travel, in milliseconds (MSGDELAY).
    pub message_delay_ms: u32,
    /// Turns a validator may miss before it leaves the proposer table.
    pub missed_turns_max: u16,
    /// Heights for which it stays out.
    pub excused_heights: u64,
}
impl Parameters {
    /// What we would choose for a new chain (docs/decisions/0005).
    #[must_use]
    pub fn recommended() -> Self {
        Self {
            approvals_needed: 3,
            act_lifetime_ms_max: 30 * 24 * 3_600_000,
            heartbeat_open_ms: 60_000,
            heartbeat_idle_ms: 600_000,
            batching_ms: 100,
            block_bytes_max: 2 << 20,
            clock_precision_ms: 500,
            message_delay_ms: 2_000,
            missed_turns_max: 2,
            excused_heights: 100,
        }
    }
}

/// One parameter and its new value: for programs a string of digits, since several are of 64 bits.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParameterChange {
    /// See [`Parameters::approvals_needed`].
    ApprovalsNeeded(#[serde(with = "digits")] u16),
    /// See [`Parameters::act_lifetime_ms_max`].
    ActLifetimeMsMax(#[serde(with = "digits")] u64),
    /// See [`Parameters::heartbeat_open_ms`].
    HeartbeatOpenMs(#[serde(with = "digits")] u64),
    /// See [`Parameters::heartbeat_idle_ms`].
    HeartbeatIdleMs(#[serde(with = "digits")] u64),
    /// See [`Parameters::batching_ms`].
    BatchingMs(#[serde(with = "digits")] u32),
    /// See [`Parameters::block_bytes_max`].
    BlockBytesMax(#[serde(with = "digits")] u32),
    /// See [`Parameters::clock_precision_ms`].
    ClockPrecisionMs(#[serde(with = "digits")] u32),
    /// See [`Parameters::message_delay_ms`].
    MessageDelayMs(#[serde(with = "digits")] u32),
    /// See [`Parameters::missed_turns_max`].
    MissedTurnsMax(#[serde(with = "digits")] u16),
    /// See [`Parameters::excused_heights`].
    ExcusedHeights(#[serde(with = "digits")] u64),
}

/// A decision of the colleges.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// A new validator joins.
    AddValidator {
        /// Signed with its consensus key for this chain.
        record: Signed<ValidatorRecord>,
    },
    /// A validator loses its power, or only its turn where the chain would break without it.
    SuspendValidator {
        /// Which.
        validator: ValidatorId,
        /// Why, in public.
        reason: Text<REASON_BYTES_MAX>,
    },
    /// A suspended validator comes back.
    ReinstateValidator {
        /// Which.
        validator: ValidatorId,
    },
    /// Another takes a validator's place in the same college; also how a consensus key is rotated.
    ReplaceValidator {
        /// Which.
        validator: ValidatorId,
        /// The new one.
        record: Signed<ValidatorRecord>,
    },
    /// A new administrator.
    AddAdministrator {
        /// Who.
        administrator: Administrator,
    },
    /// An administrator leaves; her delegations end.
    RemoveAdministrator {
        /// Who.
        key: PublicKey,
    },
    /// An administrator changes her key.
    RotateAdministratorKey {
        /// The old key.
        from: PublicKey,
        /// The new key.
        to: PublicKey,
    },
    /// A complete census may serve in elections.
    AdoptCensus {
        /// Which.
        census: CensusId,
    },
    /// A member can cast no more; what was cast stays.
    SuspendMember {
        /// Her key.
        member: PublicKey,
    },
    /// A suspended member may cast again.
    ReinstateMember {
        /// Her key.
        member: PublicKey,
    },
    /// A parameter changes.
    SetParameter {
        /// Which, and to what.
        change: ParameterChange,
    },
    /// Every node must follow another version of the protocol from that height on.
    UpgradeProtocol {
        /// The version.
        version: u16,
        /// The first height that follows it.
        height: Height,
    },
    /// A draft is frozen and becomes an election.
    ScheduleElection {
        /// Which.
        draft: DraftId,
    },
    /// An election closes before its time, where its definition allows it.
    CloseElection {
        /// Which.
        election: ElectionId,
    },
    /// An election is cancelled; it never has a result.
    CancelElection {
        /// Which.
        election: ElectionId,
        /// Why, in public.
        reason: Text<REASON_BYTES_MAX>,
    },
    /// The first statutes of the chain, or the next version of those in force. Boxed: most acts are small.
    PutStatutes {
        /// What holds from now on, for elections scheduled from now on.
        statutes: Box<Statutes>,
    },
    /// A member's right passes to another key: what the old one cast stays, and it casts no more.
    ReplaceMemberKey {
        /// The key in use so far.
        from: PublicKey,
        /// The key in use from now on.
        to: PublicKey,
        /// Why, in public.
        cause: KeyCause,
    },
}

/// Why a member's key changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyCause {
    /// The member lost it, or fears that somebody else has it.
    Lost,
    /// The member is a legal entity and somebody else represents it now.
    NewRepresentative,
}

/// An integer as a string of digits.
mod digits {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use std::{borrow::Cow, fmt::Display, str::FromStr};

    pub(super) fn serialize<S: Serializer>(number: &impl Display, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(number)
    }
    pub(super) fn deserialize<'de, D: Deserializer<'de>, T: FromStr<Err: Display>>(from: D) -> Result<T, D::Error> {
        <Cow<'de, str>>::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

/// An act on its way to approval.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProposedAct {
    /// What.
    pub act: Act,
    /// Approvals count until then.
    pub expires_at: UnixMs,
    /// Makes the same act proposable again later.
    pub nonce: u64,
}
impl ProposedAct {
    /// What administrators approve.
    #[must_use]
    pub fn id(&self, chain: &ChainId) -> ActId {
        ActId(hash_parts("urne.v1 act", &[&chain.0, &encode(self)]))
    }
}
