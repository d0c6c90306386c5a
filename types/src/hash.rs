//! Hashes, each under its own name: two different things can never have the same hash, because the name is hashed too
//! (BLAKE3 `derive_key`, context `urne.v1 <role>`).
use crate::newtype::bytes_newtype;

bytes_newtype! {
    /// The chain: hash of the canonical genesis, not of the file it was written in.
    ChainId, 32
}
bytes_newtype! {
    /// A block: hash of its header.
    BlockHash, 32
}
bytes_newtype! {
    /// The state after a block: root of the authenticated map.
    AppHash, 32
}
bytes_newtype! {
    /// What a transaction says: hash of its *unsigned* content. Unicity, tracker, look-up.
    TxId, 32
}
bytes_newtype! {
    /// The very bytes of a transaction, signature included: what blocks commit to.
    TxHash, 32
}
bytes_newtype! {
    /// Root of a Merkle log.
    MerkleRoot, 32
}
bytes_newtype! {
    /// A draft: hash of the definition somebody proposes.
    DraftId, 32
}
bytes_newtype! {
    /// An election: hash of its frozen definition, its chain and its census.
    ElectionId, 32
}
bytes_newtype! {
    /// A census: hash of its Merkle root and its number of members per college.
    CensusId, 32
}
bytes_newtype! {
    /// An act of governance: what administrators approve.
    ActId, 32
}
bytes_newtype! {
    /// Fingerprint (BLAKE3) of a document that stays off the chain.
    DocumentHash, 32
}

/// Hashes bytes under a role. The role is a constant of the code, never data.
#[must_use]
pub fn hash(role: &'static str, bytes: &[u8]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key(role);
    hasher.update(bytes);
    *hasher.finalize().as_bytes()
}

/// The same over several parts of fixed size, one after the other.
#[must_use]
pub fn hash_parts(role: &'static str, parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key(role);
    for part in parts {
        hasher.update(part);
    }
    *hasher.finalize().as_bytes()
}

impl DocumentHash {
    /// Fingerprint of a document's bytes (plain BLAKE3, so that `b3sum` gives the same).
    #[must_use]
    pub fn of(document: &[u8]) -> Self {
        Self(*blake3::hash(document).as_bytes())
    }
}
