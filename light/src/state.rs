//! Entries of the authenticated map, checked against an application hash (a Jellyfish Merkle tree over SHA-256).
use crate::fault::StateFault;
use jmt::{KeyHash, RootHash, proof::SparseMerkleProof};
use sha2::Sha256;
use urne_types::{
    AppHash,
    proof::{STATE_PROOF_BYTES_MAX, StateEntry},
};

/// Whether the state under `app_hash` holds `value` at `key`.
///
/// # Errors
/// [`StateFault`].
pub fn verify_state(app_hash: &AppHash, key: &[u8], value: &[u8], proof: &[u8]) -> Result<(), StateFault> {
    verify(app_hash, key, Some(value), proof)
}

/// Whether the state under `app_hash` holds at a key what the entry says, or nothing.
///
/// # Errors
/// [`StateFault`].
pub fn verify_entry(app_hash: &AppHash, entry: &StateEntry) -> Result<(), StateFault> {
    verify(app_hash, &entry.key, entry.value.as_deref(), &entry.proof)
}

fn verify(app_hash: &AppHash, key: &[u8], value: Option<&[u8]>, proof: &[u8]) -> Result<(), StateFault> {
    if STATE_PROOF_BYTES_MAX < proof.len() {
        return Err(StateFault::TooLong(proof.len()));
    }
    let decoded: SparseMerkleProof<Sha256> = borsh::from_slice(proof).map_err(|_| StateFault::Malformed)?;
    if borsh::to_vec(&decoded).ok().as_deref() != Some(proof) {
        return Err(StateFault::Malformed);
    }
    decoded.verify(RootHash(app_hash.0), KeyHash::with::<Sha256>(key), value).map_err(|_| StateFault::Mismatch)
}
