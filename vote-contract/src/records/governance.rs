//! Acts, approvals and the administrators' role lent.
use super::Moment;
use serde::Serialize;
use urne_types::{
    ActId, CollegeId, PublicKey, UnixMs,
    codec::{Decode, Encode},
    governance::ProposedAct,
};

/// An approval of an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct Approval {
    /// For which college.
    pub college: CollegeId,
    /// By whom: an administrator or her delegate.
    pub by: PublicKey,
    /// When.
    pub at: Moment,
}

/// Where an act stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "urne_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum ActState {
    /// Waits for approvals.
    Pending,
    /// Took effect, once.
    Executed {
        /// When.
        at: Moment,
    },
    /// Never took effect.
    Expired,
    /// Taken back by who proposed it.
    Withdrawn {
        /// When.
        at: Moment,
    },
}

/// An act and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct ActRecord {
    /// What was proposed.
    pub proposed: ProposedAct,
    /// By which administrator, herself or through a delegate.
    pub by: PublicKey,
    /// When.
    pub at: Moment,
    /// By college, each at most once.
    pub approvals: Vec<Approval>,
    /// Where it stands.
    pub state: ActState,
}

/// An act with its name, for readers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NamedAct {
    /// Its name.
    pub id: ActId,
    /// The record.
    #[serde(flatten)]
    pub record: ActRecord,
}

/// The administrator's role, lent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct Delegation {
    /// By which administrator.
    pub by: PublicKey,
    /// Until when.
    pub expires_at: UnixMs,
}

/// A delegation with its holder, for readers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct NamedDelegation {
    /// To whom.
    pub to: PublicKey,
    /// The record.
    #[serde(flatten)]
    pub delegation: Delegation,
}
