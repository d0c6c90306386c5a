//! What the colleges agree on. A header commits to the state *after* its own block: a proof is final with its own block.
use crate::{
    AppHash, BlockHash, ChainId, Height, MerkleRoot, Round, UnixMs, ValidatorId,
    bounded::List,
    certificate::CommitCertificate,
    codec::{Malformed, decode_canonical, encode},
    hash::hash,
    limits::{BLOCK_BYTES_MAX, BLOCK_TXS_MAX},
    merkle::root_of,
    transaction::tx_hash,
};
use bincode::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// The signed part of a block.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
pub struct Header {
    /// Version of the protocol this block follows.
    pub version: u16,
    /// The chain.
    pub chain: ChainId,
    /// Position.
    pub height: Height,
    /// Round in which the block was made; a re-proposal keeps it.
    pub round: Round,
    /// Proposer's clock, strictly later than the previous block's.
    pub time: UnixMs,
    /// Who made it: the proposer of `round`.
    pub proposer: ValidatorId,
    /// The block before; zeroes at the first height.
    pub previous: BlockHash,
    /// Hash of the certificate of the block before, zeroes at the first height.
    pub last_commit_hash: [u8; 32],
    /// Merkle root over the hashes of the transactions' bytes.
    pub tx_root: MerkleRoot,
    /// The state after this block.
    pub app_hash: AppHash,
    /// The set that decides this height.
    pub validators_hash: [u8; 32],
    /// The set that decides the next height.
    pub next_validators_hash: [u8; 32],
}
impl Header {
    /// The block's name, and what validators sign.
    #[must_use]
    pub fn hash(&self) -> BlockHash {
        BlockHash(hash("urne.v1 header", &encode(self)))
    }
}

/// The whole of a block. Its transactions are bytes: each must climb the ladder again.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Block {
    /// The signed part.
    pub header: Header,
    /// The canonical certificate of the block before; none at the first height.
    pub last_commit: Option<CommitCertificate>,
    /// Signed transactions, in order.
    pub txs: List<Vec<u8>, BLOCK_TXS_MAX>,
}

impl Block {
    /// Decodes a block and checks that its body is the one its header commits to.
    ///
    /// # Errors
    /// [`Malformed`]: not canonical, too long, or another body than the header's.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let block: Self = decode_canonical(bytes, BLOCK_BYTES_MAX)?;
        if block.header.tx_root != tx_root(block.txs.iter().map(Vec::as_slice)) {
            return Err(Malformed::Undecodable("the transactions are not those of the header".into()));
        }
        if block.header.last_commit_hash != last_commit_hash(block.last_commit.as_ref()) {
            return Err(Malformed::Undecodable("the last certificate is not that of the header".into()));
        }
        Ok(block)
    }
    /// The canonical bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        encode(self)
    }
}

/// What a header says of its transactions.
pub fn tx_root<'a>(txs: impl IntoIterator<Item = &'a [u8]>) -> MerkleRoot {
    root_of(txs.into_iter().map(|bytes| tx_hash(bytes).0))
}
/// What a header says of the certificate before it.
#[must_use]
pub fn last_commit_hash(certificate: Option<&CommitCertificate>) -> [u8; 32] {
    certificate.map_or([0; 32], CommitCertificate::hash)
}
