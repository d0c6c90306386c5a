//! What the API says, as types that a client reads back: the server only writes these, `urne` only reads these. Integers of
//! 64 bits are strings, bytes are lower-case hex, instants are RFC 3339. No type here holds a count of choices before the
//! close: only [`urne_exchange::counted`] counts, and only from a result.
mod chain;
mod election;
mod governance;
mod scalar;
mod secret;
mod transaction;

pub use chain::{
    Absent, Block, CollegePower, Consensus, Genesis, Handover, Header, Mempool, NodeIdentity, NodeRole, Peer,
    PeerDirection, PendingSuspension, Standing, Status, Validator, Validators,
};
pub use election::{
    BallotEntry, Cancellation, Census, CensusAttempt, CensusMembers, CensusState, CloseReason, Closing, CollegeTurnout,
    Draft, Drawn, Election, ElectionResult, ElectionState, ElectionSummary, Incident, Life, LogHead, Member,
    MemberCollege, Moment, QuestionAnswer, Turnout,
};
pub use governance::{Act, ActState, Administrator, Approval, Delegation};
pub use scalar::{Hex, Number};
pub use secret::{Ceremonies, Ceremony, CeremonyStage, DeskRecord, DeskRecords, ScopeKeys, SealedKeys, WaitingUrn};
pub use transaction::{Consistency, Proof, State, TxOutcomes, TxState};

use serde::{Deserialize, Serialize};
use urne_types::TxId;

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// In order.
    pub items: Vec<T>,
    /// Give it back as `from` to read on; none at the end.
    pub next: Option<Number>,
}

/// An error, by RFC 9457, `application/problem+json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// `urn:urne:problem:<name>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// One sentence in English, the same for every occurrence.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// The same sentence in French.
    pub detail: String,
    /// Stable number: below 900 a rule of the protocol (`urne_types::Rejection`), from 900 on the API's own.
    pub code: u16,
    /// Stable name, in snake case.
    pub name: String,
    /// What is particular to this occurrence, in English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The transaction that was refused, when it could be decoded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub txid: Option<TxId>,
}
