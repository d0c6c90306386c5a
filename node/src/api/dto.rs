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
    MemberCollege, Moment, QuestionAnswer, TrackedBallot, Turnout,
};
pub use governance::{Act, ActState, Administrator, Approval, Delegation};
pub use scalar::{Hex, Number};
pub use secret::{
    ApprovedRequest, CensusEntry, Ceremonies, Ceremony, CeremonyStage, CollegeIssuance, Credential, CredentialState,
    DeskRecord, DeskRecords, Issuance, LogLeaf, OfferedCredential, OpenedPieces, RegistrarAnswer, RegistrarApproval,
    RegistrarsAlarm, ScopeKeys, SealedKeys, WaitingUrn,
};
pub use transaction::{Consistency, Proof, State, TxOutcomes, TxState};
pub use urne_shell::http::problem::Problem;

use serde::{Deserialize, Serialize};

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// In order.
    pub items: Vec<T>,
    /// Give it back as `from` to read on; none at the end.
    pub next: Option<Number>,
}
