//! The last rung for what only holds under one election's keys: a sealed ballot, whose signature is part of its proof, and the
//! points by which registrars and voters make credentials. This crate knows neither proofs nor keys, so whoever verifies
//! transactions brings a [`SealVerifier`]; its verdict stays with the transaction, so each is verified once, whoever asks for it
//! afterwards (docs/decisions/0032, 0061).
use crate::{
    ElectionId, PublicKey, Rejection, Signature,
    ballot::Ballot,
    sealed::{CredentialBatch, RequestAnswer, RequestApproval},
};
use rand_core::CryptoRng;
use std::{any::Any, sync::Arc};

/// What is to be verified under an election's keys.
#[derive(Clone, Copy, Debug)]
pub enum SealClaim<'a> {
    /// A sealed ballot, which carries its own signature.
    Ballot(BallotClaim<'a>),
    /// That β is a point that can be signed.
    Approval(&'a RequestApproval),
    /// A registrar's part of the signature on β.
    Answer(&'a RequestAnswer),
    /// The registrars' signature on each credential.
    Credentials(&'a CredentialBatch),
}

impl<'a> SealClaim<'a> {
    /// The election whose keys it needs.
    #[must_use]
    pub const fn election(&self) -> &'a ElectionId {
        match self {
            Self::Ballot(it) => &it.ballot.election,
            Self::Approval(it) => &it.election,
            Self::Answer(it) => &it.election,
            Self::Credentials(it) => &it.election,
        }
    }
}

/// A sealed ballot to verify: bytes of its body, K, and (R, σ).
#[derive(Clone, Copy, Debug)]
pub struct BallotClaim<'a> {
    /// Election, college, sequence.
    pub ballot: &'a Ballot,
    /// The body.
    pub sealed: &'a [u8],
    /// K.
    pub credential: PublicKey,
    /// R and σ.
    pub signature: Signature,
}

/// Verifies what elections whose keys it knows have sealed or signed.
pub trait SealVerifier {
    /// One verdict, without any chance: for whoever has none, as after a restart.
    ///
    /// # Errors
    /// [`Rejection::SealNotVerifiable`], and what the cryptography can get wrong (600 to 699).
    fn verify_seal(&self, claim: &SealClaim<'_>) -> Result<Seal, Rejection>;
    /// One verdict for each claim, in order. The randomness is this node's own.
    fn verify_seals(&self, claims: &[SealClaim<'_>], rng: &mut dyn CryptoRng) -> Vec<Result<Seal, Rejection>>;
}

/// For those who know no election's keys: whatever needs them is refused.
#[derive(Clone, Copy, Debug)]
pub struct NoSeals;
impl SealVerifier for NoSeals {
    fn verify_seal(&self, _: &SealClaim<'_>) -> Result<Seal, Rejection> {
        Err(Rejection::SealNotVerifiable)
    }
    fn verify_seals(&self, claims: &[SealClaim<'_>], _: &mut dyn CryptoRng) -> Vec<Result<Seal, Rejection>> {
        claims.iter().map(|_| Err(Rejection::SealNotVerifiable)).collect()
    }
}

/// What a [`SealVerifier`] made of a claim: a value of its own type, which only it can build and only those who know that
/// type can read. Two seals are equal like two verdicts on the same bytes: always.
#[derive(Clone)]
pub struct Seal(Arc<dyn Any + Send + Sync>);

impl Seal {
    /// Wraps what was verified.
    #[must_use]
    pub fn new<T: Any + Send + Sync>(verified: T) -> Self {
        Self(Arc::new(verified))
    }
    /// What was verified, for whoever knows its type.
    #[must_use]
    pub fn get<T: Any>(&self) -> Option<&T> {
        self.0.downcast_ref()
    }
}
impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal")
    }
}
impl PartialEq for Seal {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}
impl Eq for Seal {}
