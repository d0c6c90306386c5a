//! How a registrar becomes sure of a person. One-time codes are the first way ([`crate::codes::Codes`]); another is another
//! implementation of the same door. With OpenID Connect nothing is sent to the member, and her proof is an identity token, for
//! this registrar and signed by her provider, whose subject is her identifier on the roll.
use crate::codes::Code;
use rand::Rng;
use urne_types::{ElectionId, UnixMs, election::CensusEntry};

/// Whom somebody says to be.
#[derive(Clone, Copy, Debug)]
pub struct Claimant<'a> {
    /// For which election.
    pub election: &'a ElectionId,
    /// The entry of the member.
    pub entry: &'a CensusEntry,
    /// Her number or name, as the roll has it.
    pub identifier: &'a str,
}

/// Tells whether a person is who she says.
pub trait Authenticator: Send + Sync {
    /// What is sent to the member whom somebody says to be, before any proof; nothing where her proof comes from elsewhere, or
    /// when enough is on its way already.
    fn invite(&self, claimant: &Claimant<'_>, now: UnixMs, rng: &mut dyn Rng) -> Option<Code>;
    /// Whether this proof is the claimant's, now. What is wrong with it is nobody's business: the answer is the same.
    fn authenticates(&self, claimant: &Claimant<'_>, proof: &str, now: UnixMs) -> bool;
}
