//! Validators that lie. Each wraps an honest replica and changes what it says, to each listener differently; it may sign
//! anything with its own key and nothing with another's.
use crate::scenario::Behaviour;
use urne_types::{
    BlockHash, ChainId, Height, Round, SecretKey, Signature, ValidatorId,
    block::Block,
    bounded::List,
    certificate::{CommitCertificate, CommitSignature},
    message::{ConsensusMessage, Precommit, Prevote, Proposal, SignedStep},
    signed::Signed,
    wire::{CertifiedBlock, PeerMessage},
};

/// Two blocks for one round: one for each half of the others.
#[derive(Clone, Debug)]
pub(crate) struct Split {
    pub(crate) height: Height,
    pub(crate) round: Round,
    pub(crate) blocks: [BlockHash; 2],
}

/// One liar.
pub(crate) struct Liar<'a> {
    pub(crate) behaviour: Behaviour,
    pub(crate) chain: ChainId,
    pub(crate) key: &'a SecretKey,
}

impl Liar<'_> {
    fn id(&self) -> ValidatorId {
        ValidatorId::of(&self.key.public())
    }
    fn prevote(&self, it: &Prevote, block: Option<BlockHash>) -> ConsensusMessage {
        let signed = Signed::sign(&self.chain, Prevote { block, ..it.clone() }, self.key);
        ConsensusMessage::Step(SignedStep::Prevote(signed.into_signed()))
    }
    fn precommit(&self, it: &Precommit, block: Option<BlockHash>) -> ConsensusMessage {
        let signed = Signed::sign(&self.chain, Precommit { block, ..it.clone() }, self.key);
        ConsensusMessage::Step(SignedStep::Precommit(signed.into_signed()))
    }
    pub(crate) fn propose(
        &self,
        height: Height,
        round: Round,
        block: BlockHash,
        valid_round: Option<Round>,
    ) -> PeerMessage {
        let claim = Proposal { height, round, block, valid_round, validator: self.id() };
        let signed = Signed::sign(&self.chain, claim, self.key).into_signed();
        PeerMessage::Consensus(ConsensusMessage::Proposal(signed))
    }
    /// What is said to a listener of that half instead of an honest message.
    pub(crate) fn distort(&self, message: &PeerMessage, half: usize, split: Option<&Split>) -> Vec<PeerMessage> {
        let PeerMessage::Consensus(consensus) = message else {
            return match (self.behaviour, message) {
                (Behaviour::Silent, _) | (Behaviour::Boasting, PeerMessage::SyncResponse { .. }) => Vec::new(),
                (Behaviour::Boasting, PeerMessage::Status { block, .. }) => {
                    vec![PeerMessage::Status { height: Height::new(1 << 40), block: *block }]
                }
                _ => vec![message.clone()],
            };
        };
        match self.behaviour {
            Behaviour::Silent => Vec::new(),
            Behaviour::Honest
            | Behaviour::ForgingCertificates
            | Behaviour::Boasting
            | Behaviour::Misdating
            | Behaviour::FloodingProposals => vec![message.clone()],
            Behaviour::Equivocating => match consensus {
                ConsensusMessage::Step(SignedStep::Prevote(it)) if half == 1 => {
                    let other = if it.claim.block.is_some() { None } else { Some(BlockHash([13; 32])) };
                    vec![PeerMessage::Consensus(self.prevote(&it.claim, other)), message.clone()]
                }
                ConsensusMessage::Step(SignedStep::Precommit(it)) if half == 1 => {
                    let other = if it.claim.block.is_some() { None } else { Some(BlockHash([13; 32])) };
                    vec![PeerMessage::Consensus(self.precommit(&it.claim, other))]
                }
                _ => vec![message.clone()],
            },
            Behaviour::SplittingVotes => match (consensus, split) {
                (ConsensusMessage::Step(SignedStep::Prevote(it)), Some(split))
                    if (it.claim.height, it.claim.round) == (split.height, split.round) =>
                {
                    vec![PeerMessage::Consensus(self.prevote(&it.claim, Some(split.blocks[half])))]
                }
                (ConsensusMessage::Step(SignedStep::Precommit(it)), Some(split))
                    if (it.claim.height, it.claim.round) == (split.height, split.round) =>
                {
                    vec![PeerMessage::Consensus(self.precommit(&it.claim, Some(split.blocks[half])))]
                }
                _ => vec![message.clone()],
            },
        }
    }
    /// Everything a split-voter says to one half as soon as there are two blocks.
    pub(crate) fn push(&self, split: &Split, half: usize, body: &Block, is_proposer: bool) -> Vec<PeerMessage> {
        let (height, round, block) = (split.height, split.round, split.blocks[half]);
        let mut said = Vec::new();
        if is_proposer {
            said.push(PeerMessage::Body { height, block: body.encode() });
            said.push(self.propose(height, round, block, None));
        }
        let prevote = Prevote { height, round, block: None, validator: self.id() };
        let precommit = Precommit { height, round, block: None, validator: self.id() };
        said.push(PeerMessage::Consensus(self.prevote(&prevote, Some(block))));
        said.push(PeerMessage::Consensus(self.precommit(&precommit, Some(block))));
        said
    }
    /// A block with a certificate that repeats one signature four times.
    pub(crate) fn forge(&self, block: &Block) -> PeerMessage {
        let (height, hash) = (block.header.height, block.header.hash());
        let claim = Precommit { height, round: Round::FIRST, block: Some(hash), validator: self.id() };
        let signature: Signature = Signed::sign(&self.chain, claim, self.key).signed().signature;
        let one = CommitSignature { validator: self.id(), signature };
        let signatures = List::new(vec![one; 7]).expect("few");
        let certificate = CommitCertificate { height, round: Round::FIRST, block: hash, signatures };
        let blocks = List::new(vec![CertifiedBlock { block: block.encode(), certificate }]).expect("one");
        PeerMessage::SyncResponse { blocks }
    }
}
