//! Why something proves nothing: one variant for each link of the chain of facts.
use urne_consensus::power::PowerError;
use urne_types::{ChainId, Height, UnixMs, certificate::BadCertificate, codec::Malformed};
use urne_vote_contract::GenesisFault;

/// Why a header is not final for us.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderFault {
    /// Of another chain than the one we trust.
    #[error("the header belongs to chain {found}, not {expected}")]
    OtherChain {
        /// The header's.
        found: ChainId,
        /// Ours.
        expected: ChainId,
    },
    /// Older than the trusted set.
    #[error("the header of height {found} is older than the trusted validators, who decide from {since} on")]
    BeforeTrust {
        /// The header's.
        found: Height,
        /// First height of the trusted set.
        since: Height,
    },
    /// Decided by a set that we do not trust (yet: see [`crate::TrustedSet::advance`]).
    #[error("the header is decided by validators that are not the trusted ones: fetch the handovers since then")]
    UntrustedValidators,
    /// The trusted validators were last heard of too long ago: their keys may be somebody else's by now.
    #[error(
        "the trusted validators were last vouched for at {last}, more than 14 days before {now}: ask several operators of \
         two colleges or more, or give a newer checkpoint"
    )]
    TrustExpired {
        /// The last block of theirs that was verified, or when they were given to us.
        last: UnixMs,
        /// The reader's clock.
        now: UnixMs,
    },
    /// Dated later than the reader's clock by more than clocks differ.
    #[error("the header is dated {time}, after {now}: check this machine's clock")]
    FromTheFuture {
        /// The header's time.
        time: UnixMs,
        /// The reader's clock.
        now: UnixMs,
    },
    /// The certificate is for another block.
    #[error("the certificate is for another block than the header's")]
    CertificateOfAnother,
    /// The certificate proves nothing.
    #[error("the certificate proves nothing: {0}")]
    Certificate(#[from] BadCertificate),
}

/// Why an entry is not in the state.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StateFault {
    /// Longer than [`urne_types::proof::STATE_PROOF_BYTES_MAX`].
    #[error("the state proof takes {0} bytes")]
    TooLong(usize),
    /// Not the one encoding of a proof.
    #[error("the state proof is not in its canonical encoding")]
    Malformed,
    /// It leads elsewhere.
    #[error("the state proof does not lead from that entry to the header's application hash")]
    Mismatch,
}

/// Why a proof of vote proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofFault {
    /// Not a proof at all.
    #[error("the file is not a proof of vote: {0}")]
    Malformed(#[from] Malformed),
    /// The proof says another chain than its header.
    #[error("the proof and its header name different chains")]
    TwoChains,
    /// The path does not lead from the ballot to the log's root.
    #[error("the ballot is not in the log that the proof shows")]
    NotInLog,
    /// The log is not the one in the state.
    #[error("the log is not the one of the state: {0}")]
    State(#[from] StateFault),
    /// The set in the proof is not the one of its header.
    #[error("the validators in the proof are not those of its header")]
    OtherValidators,
    /// The header is not final for us.
    #[error(transparent)]
    Header(#[from] HeaderFault),
}

/// Why a log may have lost ballots.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConsistencyFault {
    /// It does not begin at the head that we verified then.
    #[error("the proof does not begin at the log that was verified before")]
    OtherBeginning,
    /// It does not end at the head that we verified now.
    #[error("the proof does not end at the log that is verified now")]
    OtherEnd,
    /// **Alarm.** The path does not lead from one to the other.
    #[error("the earlier log is not a beginning of the later one: ballots were removed or replaced")]
    NotABeginning,
}

/// Why we cannot trust, or not follow a change of validators.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HandoverFault {
    /// The genesis begins no chain.
    #[error("the genesis cannot begin a chain: {0}")]
    Genesis(#[from] GenesisFault),
    /// The header is not final for us.
    #[error(transparent)]
    Header(#[from] HeaderFault),
    /// The set breaks the rule of the colleges that the genesis promised, whoever signed it.
    #[error("these validators break the rule of the colleges: {0}")]
    CollegeRule(#[from] PowerError),
    /// The next set is not the one that the header announces, or is not a set.
    #[error("the next validators are not those that the header announces")]
    OtherNext,
}
