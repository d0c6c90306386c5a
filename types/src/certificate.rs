//! The signatures of a quorum under one block: what makes it final, and what a citizen's proof ends on.
use crate::{
    BlockHash, ChainId, Height, Round, Signature, ValidatorId, VotingPower, bounded::List, codec::encode, hash::hash,
    limits::VALIDATORS_MAX, message::Precommit, signed::signing_digest, validators::ValidatorSet,
};
use bincode::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// One validator's precommit.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
pub struct CommitSignature {
    /// Who.
    pub validator: ValidatorId,
    /// Signature of the [`Precommit`] for the certificate's height, round and block.
    pub signature: Signature,
}

/// A claim that a quorum precommitted a block: anyone may build one, [`CommitCertificate::verify`] tells.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
pub struct CommitCertificate {
    /// Height.
    pub height: Height,
    /// Round in which the block was decided.
    pub round: Round,
    /// The block.
    pub block: BlockHash,
    /// By validator id, each at most once.
    pub signatures: List<CommitSignature, VALIDATORS_MAX>,
}

/// Why a certificate proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadCertificate {
    /// Signers out of order or repeated: one signer must never count twice.
    #[error("the signers are not in strictly increasing order at {0}")]
    Order(ValidatorId),
    /// Not a member of the set of that height.
    #[error("{0} is not a validator of that height")]
    Stranger(ValidatorId),
    /// A signature that does not hold.
    #[error("the signature of {0} does not hold")]
    Signature(ValidatorId),
    /// Less than a quorum.
    #[error("power {found:?} signed where more than two thirds of {total:?} must")]
    NoQuorum {
        /// Power that signed.
        found: VotingPower,
        /// Power of the set.
        total: VotingPower,
    },
}

impl CommitCertificate {
    /// Whether a quorum of that set, each signer counted once, signed this block.
    ///
    /// # Errors
    /// [`BadCertificate`].
    pub fn verify(&self, chain: &ChainId, validators: &ValidatorSet) -> Result<(), BadCertificate> {
        if let Some(pair) = self.signatures.windows(2).find(|pair| pair[1].validator <= pair[0].validator) {
            return Err(BadCertificate::Order(pair[1].validator));
        }
        let mut found = 0;
        for one in &self.signatures {
            let member = validators.get(&one.validator).ok_or(BadCertificate::Stranger(one.validator))?;
            let digest = signing_digest(chain, &self.precommit_of(one.validator));
            if !member.key.verifies(&digest, &one.signature) {
                return Err(BadCertificate::Signature(one.validator));
            }
            found += member.power.get();
        }
        let found = VotingPower::new(found);
        if validators.is_quorum(found) {
            Ok(())
        } else {
            Err(BadCertificate::NoQuorum { found, total: validators.total() })
        }
    }
    /// The message that this validator is said to have signed.
    #[must_use]
    pub fn precommit_of(&self, validator: ValidatorId) -> Precommit {
        Precommit { height: self.height, round: self.round, block: Some(self.block), validator }
    }
    /// What the next header commits to.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        hash("urne.v1 commit certificate", &encode(self))
    }
}
