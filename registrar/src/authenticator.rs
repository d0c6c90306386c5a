//! How a registrar becomes sure of a person. One-time codes are the first way; another (OpenID Connect: the proof is then an
//! identity token that names the member) is another implementation of the same door.
use urne_types::{ElectionId, UnixMs, election::CensusEntry};

/// Whom somebody says to be.
#[derive(Clone, Copy, Debug)]
pub struct Claimant<'a> {
    /// For which election.
    pub election: &'a ElectionId,
    /// The entry of the member.
    pub entry: &'a CensusEntry,
}

/// Tells whether a person is who she says.
pub trait Authenticator: Send + Sync {
    /// Whether this proof is the claimant's, now. What is wrong with it is nobody's business: the answer is the same.
    fn authenticates(&self, claimant: &Claimant<'_>, proof: &str, now: UnixMs) -> bool;
}
