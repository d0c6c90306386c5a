//! The registrars' signatures on a member's credentials, kept in her key file: one for each college of each election. Each is
//! sealed under a key that comes out of her secret, because a signature shows, to whoever finds the file, which ballot is hers.
use super::{KeyError, KeyFile, failed, unreadable};
use crate::disk;
use chacha20poly1305::{ChaCha20Poly1305, KeyInit, Nonce, aead::Aead};
use serde::{Deserialize, Serialize};
use urne_types::{CollegeId, ElectionId, SecretKey, hash::hash_parts};
use zeroize::Zeroizing;

/// A signature: a point of G1.
pub type KeptSignature = [u8; 48];

/// One of them.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeptCredential {
    election: ElectionId,
    college: CollegeId,
    sealed: String,
    /// The node that showed her entry while she asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    served_by: Option<String>,
}

impl KeptCredential {
    fn is_of(&self, election: &ElectionId, college: CollegeId) -> bool {
        self.election == *election && self.college == college
    }
}

impl KeyFile {
    /// Elections and colleges whose signature the file holds.
    pub fn credentials(&self) -> impl Iterator<Item = (ElectionId, CollegeId)> {
        self.content.credentials.iter().map(|it| (it.election, it.college))
    }

    /// The signature for a college of an election.
    ///
    /// # Errors
    /// [`KeyError::Unreadable`] when it was not sealed under this key.
    pub fn credential(
        &self,
        key: &SecretKey,
        election: &ElectionId,
        college: CollegeId,
    ) -> Result<Option<KeptSignature>, KeyError> {
        let Some(kept) = self.content.credentials.iter().find(|it| it.is_of(election, college)) else {
            return Ok(None);
        };
        let spoiled = || unreadable(&self.path, "the credential of an election does not open".into());
        let sealed = hex::decode(&kept.sealed).map_err(|_| spoiled())?;
        let opened = cipher(key, election, college).decrypt(&Nonce::default(), &*sealed).map_err(|_| spoiled())?;
        opened.as_slice().try_into().map(Some).map_err(|_| spoiled())
    }

    /// The URL of the node that showed her entry while she asked for a signature: it knows who she is, and should not be the one
    /// that registers the credential. None in files that do not say it.
    #[must_use]
    pub fn served_by(&self, election: &ElectionId, college: CollegeId) -> Option<&str> {
        self.content.credentials.iter().find(|it| it.is_of(election, college))?.served_by.as_deref()
    }

    /// Keeps a signature, and the URL of the node that served the request, in the place of an earlier one for the same college
    /// and election: a power cut leaves the one or the other.
    ///
    /// # Errors
    /// [`KeyError::Disk`].
    pub fn keep_credential(
        &mut self,
        key: &SecretKey,
        election: &ElectionId,
        college: CollegeId,
        signature: &KeptSignature,
        served_by: &str,
    ) -> Result<(), KeyError> {
        let sealed = cipher(key, election, college).encrypt(&Nonce::default(), &signature[..]);
        let sealed = hex::encode(sealed.expect("48 bytes are far below the cipher's limit"));
        self.content.credentials.retain(|it| !it.is_of(election, college));
        self.content.credentials.push(KeptCredential {
            election: *election,
            college,
            sealed,
            served_by: Some(served_by.into()),
        });
        let text = self.content.written();
        disk::replace(&self.path, disk::Readable::ByOwner, text.as_bytes()).map_err(failed(&self.path, "replacing"))
    }
}

/// One key for each message, so that the nonce may be the same: registrars have one signature for one credential.
fn cipher(key: &SecretKey, election: &ElectionId, college: CollegeId) -> ChaCha20Poly1305 {
    let (secret, number) = (key.expose(), college.get().to_le_bytes());
    let key = Zeroizing::new(hash_parts("urne.v1 kept credential", &[&secret[..], &election.0, &number]));
    ChaCha20Poly1305::new((&*key).into())
}
