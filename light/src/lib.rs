//! Trust nothing: certificates, inclusion, consistency and recount, checked from bytes alone. Whoever runs this needs no
//! node, no clock and no network: a genesis (or a set of validators trusted by other means) and the bytes of a proof.
//!
//! ```text
//! ballot --path--> log head --state proof--> app_hash --header--> block hash --certificate--> > 2/3 of a trusted set
//! ```
//! Each link that breaks is its own variant of [`ProofFault`].
pub mod archive;

mod election;
mod fault;
mod lineage;
mod state;
mod trust;
mod vote;
mod witness;

pub use archive::ArchiveFault;
pub use election::{
    CheckedBlock, Ground, Groundwork, Recounting, VerifiedCeremony, VerifiedCredentials, VerifiedElection,
    definition_key, member_key, state_keys,
};
pub use fault::{ConsistencyFault, HandoverFault, HeaderFault, ProofFault, StateFault};
pub use lineage::Lineage;
pub use state::{verify_entry, verify_state};
pub use trust::{CLOCK_DRIFT_MS_MAX, TRUSTING_PERIOD_MS, TrustedSet, VerifiedHeader};
pub use vote::{VerifiedVote, decode_proof_of_vote, verify_consistency, verify_proof_of_vote};
pub use witness::WitnessFault;
