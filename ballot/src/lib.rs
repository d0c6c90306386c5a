//! Secret ballots: seal, prove, audit, verify, add up, open. Pure: no clock, no disk, no randomness of its own; whoever
//! calls brings the chance in by the door. The protocol, byte for byte, and the argument for its soundness: `docs/ballots.md`.
//!
//! Start with [`question`] (what can be asked), then [`compile`] (what is proven about it), [`statement`] (one election),
//! [`seal`] (the voter), [`verify`] and [`batch`] (everyone), [`totals`] (the ledger), [`credential`] and [`blind`] (who may vote), [`ceremony`], [`urn`], [`share`] and [`tally`] (trustees).
pub mod batch;
pub mod blind;
pub mod ceremony;
pub mod compile;
pub mod credential;
pub mod election;
#[cfg(feature = "plants")]
pub mod forge;
pub mod form;
pub mod group;
pub mod guard;
pub mod pieces;
#[cfg(feature = "plants")]
pub mod plant;
pub mod question;
pub mod refusal;
pub mod seal;
mod secret;
pub mod share;
pub mod statement;
pub mod tally;
pub mod threshold;
pub mod totals;
pub mod tracker;
pub mod urn;
pub mod verify;

#[cfg(not(feature = "plants"))]
mod plant;
mod proof;
mod prove;
mod transcript;
mod wire;

pub use blind::{
    Approvals, ApprovedRequest, BlindAnswer, BlindRequest, CandidateAnswer, CredentialSignature, PendingRequest,
};
pub use compile::{Compiled, QuestionTally};
pub use credential::{Credential, CredentialSecret, RootSecret};
pub use election::election_id;
pub use group::Element;
pub use guard::TallyGuard;
pub use pieces::Pieces;
pub use question::{Answer, Blank, CensusMode, NoOpinion, Opening, Question};
pub use refusal::Refusal;
pub use seal::{AuditedBallot, SealedBallot, Seed, UnsignedBallot};
pub use share::{CandidateShare, DecryptionShare};
pub use statement::Statement;
pub use threshold::{Registrars, SecretShare, ThresholdKeys, Trustees};
pub use totals::{Ciphertext, Totals, TotalsChange};
pub use tracker::{ShortTracker, Tracker};
pub use urn::Urn;
pub use verify::{CandidateBallot, VerifiedBallot};
