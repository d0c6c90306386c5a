//! The archive of one election: a file from which anyone who knows the chain's name checks everything again, down to the
//! result. It is a list of [`Record`]s, byte for byte in docs/formats.md, read and written one after the other, so that its
//! size is nobody's memory:
//!
//! ```text
//! Opening   version, genesis, election          whose hash is the chain that we trust
//! Handover  of validators, by height            each signed by the set before it
//! State     entries of the state, proven        definition, story, log heads, result, under a certified header
//! Census    entries, in order                   whose root the definition names
//! Block     header, certificate, transactions   whole where they are the election's, else their hashes
//! End
//! ```
//! The kinds of records say nothing of open or sealed ballots: the ceremony, the sealed ballots and the shares of a secret
//! election are transactions and entries of the state like any other. What is checked of them is
//! [`super::Groundwork`]'s and [`super::Ground`]'s business.
mod fault;
mod stream;

pub use fault::ArchiveFault;
pub use stream::{ArchiveReader, ArchiveWriter, MAGIC, ReadError, WriteError};

use urne_types::{
    DraftId, ElectionId, TxHash,
    block::{Block, Header},
    bounded::List,
    certificate::CommitCertificate,
    codec::{Decode, Encode},
    election::CensusEntry,
    genesis::Genesis,
    limits::{BLOCK_TXS_MAX, CENSUS_CHUNK_MAX},
    proof::{Handover, ProvenState},
    transaction::{Payload, RawTx, tx_hash},
};

/// The version of the format that this code writes, and the only one it reads.
pub const ARCHIVE_VERSION: u16 = 1;

/// What an archive is about.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct Opening {
    /// [`ARCHIVE_VERSION`].
    pub version: u16,
    /// The chain's genesis: believed only because its hash is the name of the chain that the reader trusts.
    pub genesis: Genesis,
    /// The election.
    pub election: ElectionId,
}

/// One record of an archive. Kinds come in this order; a kind is added at the end and has a new version of the format.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
pub enum Record {
    /// First, once.
    Opening(Box<Opening>),
    /// Every change of validators up to the newest header below, by height.
    Handover(Box<Handover>),
    /// What the state says of the election after its count; as many as hold all entries.
    State(Box<ProvenState>),
    /// The census, in order, in as many pieces as it takes.
    Census(List<CensusEntry, CENSUS_CHUNK_MAX>),
    /// Every block that holds a transaction of the election, by height.
    Block(Box<ArchivedBlock>),
    /// Last: what ends without it was cut off.
    End,
}

impl Record {
    /// Its place in the order, and its name in sentences.
    pub(crate) fn kind(&self) -> (u8, &'static str) {
        match self {
            Self::Opening(_) => (0, "opening"),
            Self::Handover(_) => (1, "handover"),
            Self::State(_) => (2, "state"),
            Self::Census(_) => (3, "census"),
            Self::Block(_) => (4, "block"),
            Self::End => (5, "end"),
        }
    }
    /// After the first block: a block, or none at the end.
    ///
    /// # Errors
    /// [`ArchiveFault::OutOfOrder`].
    pub fn block(self) -> Result<Option<ArchivedBlock>, ArchiveFault> {
        match self {
            Self::Block(block) => Ok(Some(*block)),
            Self::End => Ok(None),
            other => Err(ArchiveFault::OutOfOrder { found: other.kind().1, after: "block" }),
        }
    }
}

/// A block, as far as the election needs it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct ArchivedBlock {
    /// The signed part.
    pub header: Header,
    /// Its certificate.
    pub certificate: CommitCertificate,
    /// All its transactions, in order: together they have the root that the header says.
    pub txs: List<ArchivedTx, BLOCK_TXS_MAX>,
}

/// A transaction of an archived block.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
pub enum ArchivedTx {
    /// Of something else: its place is taken by its hash.
    Other(TxHash),
    /// Of the election: its very bytes.
    Whole(Vec<u8>),
}

impl ArchivedTx {
    pub(crate) fn hash(&self) -> TxHash {
        match self {
            Self::Other(hash) => *hash,
            Self::Whole(bytes) => tx_hash(bytes),
        }
    }
}

impl ArchivedBlock {
    /// What of a block belongs into the archive of an election, which was this draft.
    #[must_use]
    pub fn of(block: Block, certificate: CommitCertificate, election: &ElectionId, draft: &DraftId) -> Self {
        let archived = |bytes: Vec<u8>| {
            if is_about(&bytes, election, draft) {
                ArchivedTx::Whole(bytes)
            } else {
                ArchivedTx::Other(tx_hash(&bytes))
            }
        };
        let txs = block.txs.into_vec().into_iter().map(archived).collect();
        let txs = List::new(txs).expect("a block has the same bound");
        Self { header: block.header, certificate, txs }
    }
    /// How many transactions are whole: what its checking costs.
    #[must_use]
    pub fn whole(&self) -> usize {
        self.txs.iter().filter(|it| matches!(it, ArchivedTx::Whole(_))).count()
    }
}

/// Ballots, what makes the keys that they are sealed to, and what makes the credentials that sign them. Answers to requests are
/// the members' own business.
fn is_about(bytes: &[u8], election: &ElectionId, draft: &DraftId) -> bool {
    RawTx(bytes.to_vec()).decode().is_ok_and(|it| match &it.unsigned.payload {
        Payload::Ballot(it) => it.election == *election,
        Payload::ApproveRequest(it) => it.election == *election,
        Payload::RegisterCredentials(it) => it.election == *election,
        Payload::Ceremony(it) => it.draft == *draft,
        _ => false,
    })
}
