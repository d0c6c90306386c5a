//! The voter's credential: a key made on her own device for one college of one election. K signs her ballots; nobody who sees K
//! can tell whose it is, unless the census says so (published keys). It comes out of one root secret, so that a recovery phrase
//! brings it back on another device.
use crate::{
    Refusal,
    group::{Element, Scalar, base},
    plant::{self, Plant},
    secret::secret_bytes,
    transcript::SecretSource,
};
use urne_types::{ChainId, CollegeId, ElectionId};
use zeroize::Zeroize;

secret_bytes! {
    /// What a recovery phrase says: 32 secret bytes, for all elections of one voter.
    RootSecret
}

impl RootSecret {
    /// The credential for one college of one election, to be signed blind by its registrars: another one in each election, so
    /// that nobody can follow a voter from one to the next; and in each college, so that whoever votes in two of them has two
    /// rights, which nobody can tell to be one person's.
    #[must_use]
    pub fn credential(&self, chain: &ChainId, election: &ElectionId, college: CollegeId) -> CredentialSecret {
        CredentialSecret::of(self.source(chain, election, college).scalar("credential", 0))
    }
    /// The one credential of a chain whose key stands on the census with its owner's name.
    #[must_use]
    pub fn published_credential(&self, chain: &ChainId) -> CredentialSecret {
        let mut source = SecretSource::new("urne.v1 published credential", self.0.as_ref());
        source.append("chain", &chain.0);
        CredentialSecret::of(source.scalar("credential", 0))
    }
    pub(crate) fn source(&self, chain: &ChainId, election: &ElectionId, college: CollegeId) -> SecretSource {
        let mut source = SecretSource::new("urne.v1 credential secret", self.0.as_ref());
        source.append("chain", &chain.0);
        source.append("election", &election.0);
        source.append("college", &college.get().to_le_bytes());
        source
    }
}

/// The secret half of a credential. Wiped on drop, never printed, never serialized.
///
/// ```compile_fail
/// fn written(secret: &urne_ballot::CredentialSecret) -> serde_json::Result<String> {
///     serde_json::to_string(secret)
/// }
/// ```
/// ```
/// fn written(secret: &urne_ballot::CredentialSecret) -> serde_json::Result<String> {
///     serde_json::to_string(secret.public().bytes())
/// }
/// ```
pub struct CredentialSecret {
    scalar: Scalar,
    public: Credential,
}

impl CredentialSecret {
    fn of(scalar: Scalar) -> Self {
        Self { scalar, public: Credential(Element::of(base(&scalar))) }
    }
    /// K.
    #[must_use]
    pub const fn public(&self) -> &Credential {
        &self.public
    }
    pub(crate) const fn scalar(&self) -> &Scalar {
        &self.scalar
    }
}
impl Drop for CredentialSecret {
    fn drop(&mut self) {
        self.scalar.zeroize();
    }
}
impl std::fmt::Debug for CredentialSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CredentialSecret(of {:?})", self.public)
    }
}

/// K: the right to one ballot, as the ledger sees it. Never the identity.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Credential(Element);

impl Credential {
    /// Decodes.
    ///
    /// # Errors
    /// [`Refusal::NotAPoint`], [`Refusal::IdentityCredential`].
    pub fn decode(bytes: &[u8; 32]) -> Result<Self, Refusal> {
        let element = Element::decode(bytes)?;
        if element.is_identity() && !plant::is(Plant::IdentityCredentialAccepted) {
            Err(Refusal::IdentityCredential)
        } else {
            Ok(Self(element))
        }
    }
    /// The 32 canonical bytes.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 32] {
        self.0.bytes()
    }
    pub(crate) const fn element(&self) -> &Element {
        &self.0
    }
}
