//! Claims and checked claims: a `Verified<T>` can only come out of [`Signed::verify`].
//!
//! ```compile_fail
//! // A checked claim cannot be built by hand.
//! let forged = urne_types::signed::Verified(7_u64);
//! ```
use crate::{
    ChainId, PublicKey, SecretKey, Signature,
    codec::{Decode, Encode, encode},
    hash::hash_parts,
};

/// What may be signed, and under which name: two kinds of message can never share a signature.
pub trait Signable: Encode {
    /// The role of the signature, `urne.v1 sign …`.
    const DOMAIN: &'static str;
}

/// The digest that is signed: domain, chain, canonical bytes.
#[must_use]
pub fn signing_digest<T: Signable>(chain: &ChainId, claim: &T) -> [u8; 32] {
    hash_parts(T::DOMAIN, &[&chain.0, &encode(claim)])
}

/// A claim and a signature: anyone may build one.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, serde::Serialize, serde::Deserialize)]
pub struct Signed<T: 'static> {
    /// What is claimed.
    pub claim: T,
    /// The signature to check.
    pub signature: Signature,
}

/// A checked claim: only [`Signed::verify`] and [`Signed::sign`] build one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified<T: 'static>(Signed<T>);

/// The signature is not that key's, for that chain and that kind of message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not match the key, the chain and the kind of message")]
pub struct BadSignature;

impl<T: Signable + 'static> Signed<T> {
    /// Signs a claim of our own.
    #[must_use]
    pub fn sign(chain: &ChainId, claim: T, key: &SecretKey) -> Verified<T> {
        let signature = key.sign_digest(&signing_digest(chain, &claim));
        Verified(Self { claim, signature })
    }
    /// Checks a claim of somebody's.
    ///
    /// # Errors
    /// [`BadSignature`].
    pub fn verify(self, chain: &ChainId, key: &PublicKey) -> Result<Verified<T>, BadSignature> {
        if key.verifies(&signing_digest(chain, &self.claim), &self.signature) {
            Ok(Verified(self))
        } else {
            Err(BadSignature)
        }
    }
}
impl<T> Verified<T> {
    /// The claim.
    pub fn get(&self) -> &T {
        &self.0.claim
    }
    /// The claim with its signature, to send on.
    pub fn signed(&self) -> &Signed<T> {
        &self.0
    }
    /// The claim with its signature, to send on.
    pub fn into_signed(self) -> Signed<T> {
        self.0
    }
}
