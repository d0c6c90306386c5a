//! One thing that one validator signed, and the slot it answers for: a validator fills each slot at most once, or breaks
//! its word.
use urne_types::{
    BlockHash, ChainId, Height, Round, Signature, ValidatorId,
    codec::{Decode, Encode},
    message::{ConsensusMessage, Equivocation, Precommit, Prevote, Proposal, SignedStep},
    signed::{Signed, signing_digest},
};

/// What is signed in a round, in the order in which it is signed.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode, serde::Serialize, serde::Deserialize,
)]
#[bincode(crate = "urne_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// A block is proposed.
    Propose,
    /// It is judged.
    Prevote,
    /// It is promised.
    Precommit,
}
impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Propose => "propose",
            Self::Prevote => "prevote",
            Self::Precommit => "precommit",
        })
    }
}

/// Where a statement stands; oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Slot {
    pub(crate) height: Height,
    pub(crate) round: Round,
    pub(crate) step: Step,
    pub(crate) validator: ValidatorId,
}

/// A signed proposal, prevote or precommit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Statement {
    Proposal(Signed<Proposal>),
    Prevote(Signed<Prevote>),
    Precommit(Signed<Precommit>),
}

impl Statement {
    pub(crate) fn slot(&self) -> Slot {
        let (height, round, step, validator) = match self {
            Self::Proposal(Signed { claim, .. }) => (claim.height, claim.round, Step::Propose, claim.validator),
            Self::Prevote(Signed { claim, .. }) => (claim.height, claim.round, Step::Prevote, claim.validator),
            Self::Precommit(Signed { claim, .. }) => (claim.height, claim.round, Step::Precommit, claim.validator),
        };
        Slot { height, round, step, validator }
    }
    /// What it speaks for; none is "nothing valid came in time".
    pub(crate) fn block(&self) -> Option<BlockHash> {
        match self {
            Self::Proposal(it) => Some(it.claim.block),
            Self::Prevote(it) => it.claim.block,
            Self::Precommit(it) => it.claim.block,
        }
    }
    /// The block that a prevote or a precommit stands behind; a proposal only names one.
    pub(crate) fn backed(&self) -> Option<BlockHash> {
        match self {
            Self::Proposal(_) => None,
            Self::Prevote(_) | Self::Precommit(_) => self.block(),
        }
    }
    pub(crate) fn digest(&self, chain: &ChainId) -> [u8; 32] {
        match self {
            Self::Proposal(it) => signing_digest(chain, &it.claim),
            Self::Prevote(it) => signing_digest(chain, &it.claim),
            Self::Precommit(it) => signing_digest(chain, &it.claim),
        }
    }
    pub(crate) fn signature(&self) -> &Signature {
        match self {
            Self::Proposal(it) => &it.signature,
            Self::Prevote(it) => &it.signature,
            Self::Precommit(it) => &it.signature,
        }
    }
    pub(crate) fn with_signature(mut self, new: Signature) -> Self {
        match &mut self {
            Self::Proposal(it) => it.signature = new,
            Self::Prevote(it) => it.signature = new,
            Self::Precommit(it) => it.signature = new,
        }
        self
    }
    /// The proof that two statements of one slot break a word: they speak for different blocks. One block proposed with
    /// two `valid_round`s is no offence. Both nodes that saw them in either order give the same proof.
    pub(crate) fn contradiction(&self, other: &Self) -> Option<Equivocation> {
        if self.slot() != other.slot() || self.block() == other.block() {
            return None;
        }
        let (a, b) = if self.block() < other.block() { (self, other) } else { (other, self) };
        match (a.clone(), b.clone()) {
            (Self::Proposal(a), Self::Proposal(b)) => Some(Equivocation::Proposals(a, b)),
            (Self::Prevote(a), Self::Prevote(b)) => Some(Equivocation::Prevotes(a, b)),
            (Self::Precommit(a), Self::Precommit(b)) => Some(Equivocation::Precommits(a, b)),
            _ => None,
        }
    }
    /// Every statement in a message, single or gathered in a certificate.
    pub(crate) fn all_in(message: &ConsensusMessage) -> Vec<Self> {
        match message {
            ConsensusMessage::Proposal(it) => vec![Self::Proposal(it.clone())],
            ConsensusMessage::Step(it) => vec![it.clone().into()],
            ConsensusMessage::Polka(polka) => {
                let claim = |validator| Prevote {
                    height: polka.height,
                    round: polka.round,
                    block: Some(polka.block),
                    validator,
                };
                let signed = |(v, s): &(ValidatorId, Signature)| Signed { claim: claim(*v), signature: *s };
                polka.signatures.iter().map(|it| Self::Prevote(signed(it))).collect()
            }
            ConsensusMessage::Round(round) => round.steps.iter().cloned().map(Self::from).collect(),
            ConsensusMessage::Commit(certificate) => {
                let signatures = certificate.signatures.iter();
                let signed = signatures
                    .map(|it| Signed { claim: certificate.precommit_of(it.validator), signature: it.signature });
                signed.map(Self::Precommit).collect()
            }
        }
    }
    pub(crate) fn into_message(self) -> ConsensusMessage {
        match self {
            Self::Proposal(it) => ConsensusMessage::Proposal(it),
            Self::Prevote(it) => ConsensusMessage::Step(SignedStep::Prevote(it)),
            Self::Precommit(it) => ConsensusMessage::Step(SignedStep::Precommit(it)),
        }
    }
}
impl From<SignedStep> for Statement {
    fn from(step: SignedStep) -> Self {
        match step {
            SignedStep::Prevote(it) => Self::Prevote(it),
            SignedStep::Precommit(it) => Self::Precommit(it),
        }
    }
}
