//! Whom we trust: the validators that a genesis names, or that were given to us by other means, and whoever they hand over
//! to. A block is final when more than two thirds of their power signed it; a set that breaks the rule of the colleges which
//! the genesis promised is never trusted, so that those two thirds are always several colleges.
use crate::fault::{HandoverFault, HeaderFault};
use urne_consensus::power::judge_set;
use urne_types::{
    ChainId, Height, UnixMs,
    block::Header,
    certificate::CommitCertificate,
    genesis::{Genesis, HaltingPolicy},
    proof::Handover,
    validators::ValidatorSet,
};

/// How long validators are believed after the last block of theirs that was verified: 14 days. Later, keys that were given
/// up may have been stolen, and with them another history signed.
pub const TRUSTING_PERIOD_MS: u64 = 14 * 86_400_000;
/// How far a header may be ahead of the reader's clock.
pub const CLOCK_DRIFT_MS_MAX: u64 = 10_000;

/// A set of validators that we trust for a chain, from a height on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedSet {
    chain: ChainId,
    since: Height,
    validators: ValidatorSet,
    halting: HaltingPolicy,
    vouched: UnixMs,
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
        let (chain, halting, vouched) = (genesis.chain_id(), genesis.halting, genesis.time);
        Ok(Self { chain, since: Height::FIRST, validators, halting, vouched })
    }
    /// Validators trusted by other means, at the time of their header: a checkpoint, a poster on the town hall.
    ///
    /// # Errors
    /// [`HandoverFault::CollegeRule`].
    pub fn given(
        chain: ChainId,
        since: Height,
        validators: ValidatorSet,
        halting: HaltingPolicy,
        vouched: UnixMs,
    ) -> Result<Self, HandoverFault> {
        judge_set(&validators, halting)?;
        Ok(Self { chain, since, validators, halting, vouched })
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
    /// When they were last vouched for: by a verified block of theirs, by the genesis, or by [`TrustedSet::vouch`].
    #[must_use]
    pub fn vouched(&self) -> UnixMs {
        self.vouched
    }
    /// Says that the set was confirmed by other means at that time: several operators of two colleges or more were asked.
    pub fn vouch(&mut self, at: UnixMs) {
        self.vouched = self.vouched.max(at);
    }
    /// Follows the living chain: as [`TrustedSet::verify_header`], and neither the trust nor the header is out of its time.
    /// A verified block vouches for the set that decided it.
    ///
    /// # Errors
    /// [`HeaderFault`].
    pub fn follow(
        &mut self,
        header: Header,
        certificate: &CommitCertificate,
        now: UnixMs,
    ) -> Result<VerifiedHeader, HeaderFault> {
        if self.vouched.plus(TRUSTING_PERIOD_MS) < now {
            return Err(HeaderFault::TrustExpired { last: self.vouched, now });
        }
        if now.plus(CLOCK_DRIFT_MS_MAX) < header.time {
            return Err(HeaderFault::FromTheFuture { time: header.time, now });
        }
        let verified = self.verify_header(header, certificate)?;
        self.vouch(verified.get().time);
        Ok(verified)
    }
    /// Whether a trusted quorum decided this header, whenever it was: for a proof that is read years later. Whoever follows
    /// the living chain asks [`TrustedSet::follow`].
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
        judge_set(&handover.next, self.halting)?;
        (self.since, self.validators) = (header.get().height.next(), handover.next);
        self.vouch(header.get().time);
        Ok(())
    }
}
