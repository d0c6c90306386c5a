//! What nodes tell each other, beside the transactions they gossip.
use crate::{
    BlockHash, Height,
    bounded::List,
    certificate::CommitCertificate,
    limits::{SYNC_BLOCKS_MAX, TX_BATCH_MAX},
    message::ConsensusMessage,
};
use bincode::{Decode, Encode};

/// A block's bytes and the certificate that makes it final.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct CertifiedBlock {
    /// Canonical bytes of a [`crate::block::Block`].
    pub block: Vec<u8>,
    /// Its certificate.
    pub certificate: CommitCertificate,
}

/// From one node to another.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum PeerMessage {
    /// About the height being decided.
    Consensus(ConsensusMessage),
    /// The bytes of a proposed block; the signed proposal that names it travels beside it.
    Body {
        /// Height.
        height: Height,
        /// Canonical bytes of a [`crate::block::Block`].
        block: Vec<u8>,
    },
    /// "I was told of this block but have not its bytes."
    BodyRequest {
        /// Height.
        height: Height,
        /// Which block.
        block: BlockHash,
    },
    /// "This is how far I am."
    Status {
        /// Last committed height.
        height: Height,
        /// Last committed block.
        block: BlockHash,
    },
    /// "Send me these blocks."
    SyncRequest {
        /// First height wanted.
        from: Height,
        /// How many at most.
        count: u16,
    },
    /// Consecutive blocks, as many as fit.
    SyncResponse {
        /// In order.
        blocks: List<CertifiedBlock, SYNC_BLOCKS_MAX>,
    },
}

impl PeerMessage {
    /// Whether it is part of agreeing on a block: what validators say to each other, and nobody else.
    #[must_use]
    pub const fn is_agreement(&self) -> bool {
        matches!(self, Self::Consensus(_) | Self::Body { .. } | Self::BodyRequest { .. })
    }
}

/// Transactions on their way to every node.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct TxBatch {
    /// Signed transactions.
    pub txs: List<Vec<u8>, TX_BATCH_MAX>,
}
