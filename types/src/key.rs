//! Ed25519 keys and signatures. Signed with ed25519-dalek, verified with ed25519-zebra only: under ZIP-215 one signature
//! alone and many in a batch always get the same verdict, which a chain needs (docs/decisions/0004).
use crate::newtype::bytes_newtype;
use ed25519_dalek::Signer;
use ed25519_zebra::{VerificationKey, VerificationKeyBytes, batch};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

bytes_newtype! {
    /// A public key, as bytes that may or may not be a point: a wrong one verifies nothing.
    PublicKey, 32
}
bytes_newtype! {
    /// An Ed25519 signature, as bytes.
    Signature, 64
}

/// A secret key: wiped on drop, never printed, never serialized; bytes only through [`SecretKey::expose`].
pub struct SecretKey(ed25519_dalek::SigningKey);

impl SecretKey {
    /// The key of a 32-byte seed.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(ed25519_dalek::SigningKey::from_bytes(seed))
    }
    /// A fresh key; the randomness comes in by the door.
    #[must_use]
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        rng.fill_bytes(seed.as_mut());
        Self::from_seed(&seed)
    }
    /// The public half.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }
    /// Signs a digest that already names its domain and chain.
    #[must_use]
    pub fn sign_digest(&self, digest: &[u8; 32]) -> Signature {
        Signature(self.0.sign(digest).to_bytes())
    }
    /// The 32 secret bytes, to be written to a key file and nowhere else.
    #[must_use]
    pub fn expose(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes())
    }
}
impl Clone for SecretKey {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}
impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SecretKey(of {:?})", self.public())
    }
}

impl PublicKey {
    /// Whether this key signed this digest, by ZIP-215.
    #[must_use]
    pub fn verifies(&self, digest: &[u8; 32], signature: &Signature) -> bool {
        let signature = ed25519_zebra::Signature::from_bytes(&signature.0);
        VerificationKey::try_from(self.0).is_ok_and(|key| key.verify(&signature, digest).is_ok())
    }
    /// Whether only the holder of a secret can sign under this key: the bytes encode a point of the curve, and not one of
    /// small order, under which ZIP-215 accepts signatures that anyone can write. Asked before a key is given a role.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        ed25519_dalek::VerifyingKey::from_bytes(&self.0).is_ok_and(|key| !key.is_weak())
    }
    /// Whether anyone can sign under it: a point of the curve of small order.
    #[must_use]
    pub fn is_weak(&self) -> bool {
        ed25519_dalek::VerifyingKey::from_bytes(&self.0).is_ok_and(|key| key.is_weak())
    }
}

/// One signature to verify.
#[derive(Clone, Copy, Debug)]
pub struct Claim {
    /// Who is said to have signed.
    pub key: PublicKey,
    /// What: a digest that names its domain and chain.
    pub digest: [u8; 32],
    /// The signature.
    pub signature: Signature,
}

/// Verifies many signatures at once, about twice as fast as one by one; same verdicts. A batch that fails is split in
/// halves until the culprits are found.
pub fn verify_many(claims: &[Claim], rng: &mut impl CryptoRng) -> Vec<bool> {
    let mut verdicts = vec![false; claims.len()];
    verify_into(claims, &mut verdicts, rng);
    verdicts
}

fn verify_into(claims: &[Claim], verdicts: &mut [bool], rng: &mut impl CryptoRng) {
    match claims {
        [] => {}
        [one] => verdicts[0] = one.key.verifies(&one.digest, &one.signature),
        _ => {
            let mut verifier = batch::Verifier::new();
            for claim in claims {
                let signature = ed25519_zebra::Signature::from_bytes(&claim.signature.0);
                verifier.queue((VerificationKeyBytes::from(claim.key.0), signature, &claim.digest[..]));
            }
            if verifier.verify(&mut *rng).is_ok() {
                verdicts.fill(true);
            } else {
                let middle = claims.len() / 2;
                let (left, right) = verdicts.split_at_mut(middle);
                verify_into(&claims[..middle], left, rng);
                verify_into(&claims[middle..], right, rng);
            }
        }
    }
}
