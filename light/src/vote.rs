//! The proof of vote, link by link, and the proof that nothing was removed since.
use crate::{
    fault::{ConsistencyFault, ProofFault},
    state::verify_state,
    trust::TrustedSet,
};
use urne_types::{
    AppHash, BlockHash, ElectionId, Height, TxId, UnixMs,
    codec::{decode_canonical, encode},
    merkle,
    proof::{ConsistencyProof, LogHead, PROOF_BYTES_MAX, ProofOfVote},
};
use urne_vote_contract::{LogId, keys::log_head};

/// What a verified proof says: this ballot is in the urn, and where. Only [`verify_proof_of_vote`] builds one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerifiedVote {
    /// The election.
    pub election: ElectionId,
    /// The ballot's tracker.
    pub tracker: TxId,
    /// Its index in the election's log.
    pub index: u64,
    /// The log after the block: to be kept, so that a later one can be checked against it.
    pub log: LogHead,
    /// The block's height.
    pub height: Height,
    /// The block.
    pub block: BlockHash,
    /// The block's time.
    pub time: UnixMs,
    /// The state after the block.
    pub app_hash: AppHash,
}

/// Reads the bytes of a proof of vote. They are a claim until [`verify_proof_of_vote`] says otherwise.
///
/// # Errors
/// [`ProofFault::Malformed`].
pub fn decode_proof_of_vote(bytes: &[u8]) -> Result<ProofOfVote, ProofFault> {
    Ok(decode_canonical(bytes, PROOF_BYTES_MAX)?)
}

/// Whether the ballot is in the urn of the chain that we trust.
///
/// # Errors
/// [`ProofFault`]: which link does not hold.
pub fn verify_proof_of_vote(proof: &ProofOfVote, trusted: &TrustedSet) -> Result<VerifiedVote, ProofFault> {
    let ProofOfVote { chain, election, leaf, index, log, path, state_proof, header, certificate, validators } = proof;
    if *chain != header.chain {
        return Err(ProofFault::TwoChains);
    }
    if !merkle::verify_inclusion(&leaf.hash(), *index, log.size, path, &log.root) {
        return Err(ProofFault::NotInLog);
    }
    verify_state(&header.app_hash, &log_head(&LogId::Ballots(*election)), &encode(log), state_proof)?;
    if validators.hash() != header.validators_hash {
        return Err(ProofFault::OtherValidators);
    }
    let verified = trusted.verify_header(header.clone(), certificate)?;
    let header = verified.get();
    Ok(VerifiedVote {
        election: *election,
        tracker: leaf.tx_id,
        index: *index,
        log: *log,
        height: header.height,
        block: header.hash(),
        time: header.time,
        app_hash: header.app_hash,
    })
}

/// Whether the log that was verified `then` is a beginning of the one that is verified `now`: no ballot was removed since.
///
/// # Errors
/// [`ConsistencyFault`].
pub fn verify_consistency(proof: &ConsistencyProof, then: &LogHead, now: &LogHead) -> Result<(), ConsistencyFault> {
    if proof.old != *then {
        return Err(ConsistencyFault::OtherBeginning);
    }
    if proof.new != *now {
        return Err(ConsistencyFault::OtherEnd);
    }
    if merkle::verify_consistency(then.size, now.size, &then.root, &now.root, &proof.path) {
        Ok(())
    } else {
        Err(ConsistencyFault::NotABeginning)
    }
}
