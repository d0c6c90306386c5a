//! What validators sign and tell each other to agree on a block. `Vote` alone is never a word here: citizens cast ballots.
use crate::{
    BlockHash, Height, Round, Signature, ValidatorId,
    bounded::List,
    certificate::CommitCertificate,
    limits::VALIDATORS_MAX,
    signed::{Signable, Signed},
};
use bincode::{Decode, Encode};

/// "I propose this block for this round."
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Proposal {
    /// Height.
    pub height: Height,
    /// Round.
    pub round: Round,
    /// Hash of the proposed header.
    pub block: BlockHash,
    /// The earlier round in which a quorum prevoted this block, if it is proposed again.
    pub valid_round: Option<Round>,
    /// Who proposes.
    pub validator: ValidatorId,
}
/// "I have judged this block of this round valid", or, without a block, "nothing valid came in time".
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Prevote {
    /// Height.
    pub height: Height,
    /// Round.
    pub round: Round,
    /// The block, or none.
    pub block: Option<BlockHash>,
    /// Who prevotes.
    pub validator: ValidatorId,
}
/// "A quorum prevoted this block and I am locked on it", or, without a block, "no quorum".
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Precommit {
    /// Height.
    pub height: Height,
    /// Round.
    pub round: Round,
    /// The block, or none.
    pub block: Option<BlockHash>,
    /// Who precommits.
    pub validator: ValidatorId,
}
impl Signable for Proposal {
    const DOMAIN: &'static str = "urne.v1 sign proposal";
}
impl Signable for Prevote {
    const DOMAIN: &'static str = "urne.v1 sign prevote";
}
impl Signable for Precommit {
    const DOMAIN: &'static str = "urne.v1 sign precommit";
}

/// A prevote or a precommit, signed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum SignedStep {
    /// First step.
    Prevote(Signed<Prevote>),
    /// Second step.
    Precommit(Signed<Precommit>),
}

/// A quorum's prevotes for one block: lets a latecomer unlock.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct PolkaCertificate {
    /// Height.
    pub height: Height,
    /// Round.
    pub round: Round,
    /// The block.
    pub block: BlockHash,
    /// Who prevoted, with the signature of the [`Prevote`].
    pub signatures: List<(ValidatorId, Signature), VALIDATORS_MAX>,
}

/// Why a round may be entered or skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum RoundCertificateKind {
    /// More than a third is in the round: join them.
    Skip,
    /// A quorum precommitted, not all for one block: go on to the next round.
    Precommit,
}

/// Messages of a round that justify entering it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct RoundCertificate {
    /// Height.
    pub height: Height,
    /// Round.
    pub round: Round,
    /// Why.
    pub kind: RoundCertificateKind,
    /// The messages: at most one prevote and one precommit of each validator.
    pub steps: List<SignedStep, { 2 * VALIDATORS_MAX }>,
}

/// Everything a validator may be told about the current height.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum ConsensusMessage {
    /// A proposal; the block's bytes travel beside it.
    Proposal(Signed<Proposal>),
    /// A prevote or a precommit.
    Step(SignedStep),
    /// Help for a latecomer.
    Polka(PolkaCertificate),
    /// Help for a latecomer.
    Round(RoundCertificate),
    /// The height is over: here is its certificate.
    Commit(CommitCertificate),
}

impl ConsensusMessage {
    /// The height it is about.
    #[must_use]
    pub fn height(&self) -> Height {
        match self {
            Self::Proposal(it) => it.claim.height,
            Self::Step(SignedStep::Prevote(it)) => it.claim.height,
            Self::Step(SignedStep::Precommit(it)) => it.claim.height,
            Self::Polka(it) => it.height,
            Self::Round(it) => it.height,
            Self::Commit(it) => it.height,
        }
    }
}

/// Two different messages one validator signed for one height, round and step: a proof that it broke its word.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Equivocation {
    /// Two blocks proposed in one round.
    Proposals(Signed<Proposal>, Signed<Proposal>),
    /// Two prevotes.
    Prevotes(Signed<Prevote>, Signed<Prevote>),
    /// Two precommits.
    Precommits(Signed<Precommit>, Signed<Precommit>),
}
impl Equivocation {
    /// Who is said to have signed both. Whether it did is for `urne_consensus::evidence` to say.
    #[must_use]
    pub const fn accused(&self) -> ValidatorId {
        match self {
            Self::Proposals(it, _) => it.claim.validator,
            Self::Prevotes(it, _) => it.claim.validator,
            Self::Precommits(it, _) => it.claim.validator,
        }
    }
}
