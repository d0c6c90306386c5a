//! Whom we trust: the validators that a genesis names, or that were given to us by other means, and whoever they hand over
//! to. A block is final when more than two thirds of their power signed it.
use crate::fault::{HandoverFault, HeaderFault};
use urne_types::{
    ChainId, Height, block::Header, certificate::CommitCertificate, genesis::Genesis, proof::Handover,
    validators::ValidatorSet,
};

/// A set of validators that we trust for a chain, from a height on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedSet {
    chain: ChainId,
    since: Height,
    validators: ValidatorSet,
}

/// A header that a trusted quorum decided: only [`TrustedSet::verify_header`] builds one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedHeader(Header);
impl VerifiedHeader {
    /// The header.
    #[must_use]
    pub fn get(&self) -> &Header {
        &self.0
    }
}

impl TrustedSet {
    /// The first validators of a chain, and the chain's name, from its genesis alone.
    ///
    /// # Errors
    /// [`HandoverFault::Genesis`].
    pub fn of_genesis(genesis: &Genesis) -> Result<Self, HandoverFault> {
        let (_, validators) = urne_vote_contract::genesis(genesis)?;
        Ok(Self { chain: genesis.chain_id(), since: Height::FIRST, validators })
    }
    /// Validators trusted by other means: a checkpoint, a poster on the town hall.
    #[must_use]
    pub fn given(chain: ChainId, since: Height, validators: ValidatorSet) -> Self {
        Self { chain, since, validators }
    }
    /// The chain.
    #[must_use]
    pub fn chain(&self) -> ChainId {
        self.chain
    }
    /// The first height that they decide.
    #[must_use]
    pub fn since(&self) -> Height {
        self.since
    }
    /// The validators.
    #[must_use]
    pub fn validators(&self) -> &ValidatorSet {
        &self.validators
    }
    /// Whether a trusted quorum decided this header.
    ///
    /// # Errors
    /// [`HeaderFault`].
    pub fn verify_header(
        &self,
        header: Header,
        certificate: &CommitCertificate,
    ) -> Result<VerifiedHeader, HeaderFault> {
        if header.chain != self.chain {
            return Err(HeaderFault::OtherChain { found: header.chain, expected: self.chain });
        }
        if header.height < self.since {
            return Err(HeaderFault::BeforeTrust { found: header.height, since: self.since });
        }
        if header.validators_hash != self.validators.hash() {
            return Err(HeaderFault::UntrustedValidators);
        }
        if certificate.block != header.hash() || certificate.height != header.height {
            return Err(HeaderFault::CertificateOfAnother);
        }
        certificate.verify(&self.chain, &self.validators)?;
        Ok(VerifiedHeader(header))
    }
    /// Trusts the set to which this one hands over, and it alone from then on.
    ///
    /// # Errors
    /// [`HandoverFault`]; the trusted set stays what it was.
    pub fn advance(&mut self, handover: Handover) -> Result<(), HandoverFault> {
        let header = self.verify_header(handover.header, &handover.certificate)?;
        if !handover.next.is_sound() || handover.next.hash() != header.get().next_validators_hash {
            return Err(HandoverFault::OtherNext);
        }
        (self.since, self.validators) = (header.get().height.next(), handover.next);
        Ok(())
    }
}
