//! The universal verification: an election counted again from an archive, with nothing believed but the name of the chain.
//!
//! ```text
//! Groundwork  record after record: genesis, handovers, proven state, census ──► Ground
//! Ground      any blocks, on any thread: certificate, body, signatures, members ──► CheckedBlock
//! Recounting  checked blocks in order: ceremony, window, credentials, revotes, logs, émargements, result ──► VerifiedElection
//! ```
//! Each step takes the one before by value, and only that step builds it. **Sealed ballots** enter at three places: what the
//! state must hold ([`state_keys`]), what a whole transaction may be ([`Ground::check`]), and what makes the result
//! ([`Recounting`]); the archive itself stays as it is.
mod again;
mod blocks;
mod ceremony;
mod credentials;
mod ground;
mod keys;

pub use again::{Recounting, VerifiedElection};
pub use blocks::CheckedBlock;
pub use ceremony::VerifiedCeremony;
pub use credentials::VerifiedCredentials;
pub use ground::{Ground, Groundwork};
pub use keys::{definition_key, member_key, state_keys};
