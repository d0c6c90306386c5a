//! Blocks that were executed, and blocks that were committed: the last two rungs of the ladder.
use crate::{execution::Effects, logs::Appends, state_tree::TreeUpdate};
use urne_types::{
    AppHash, BlockHash, Height, TxHash, TxId, UnixMs,
    block::{Block, Header},
    transaction::VerifiedTx,
    validators::ValidatorSet,
};
use urne_vote_contract::{Changes, Event};

/// A transaction that was accepted, and what it did.
#[derive(Clone, Debug)]
pub(crate) struct ExecutedTx {
    pub(crate) tx: VerifiedTx,
    pub(crate) events: Vec<Event>,
    /// Its index in its election's log, for a ballot.
    pub(crate) log_index: Option<u64>,
}

/// A block whose header is what executing it on the tip gave. Only [`crate::Ledger::propose`] and
/// [`crate::Ledger::judge`] build one; several may be held for one height, one of them is committed.
#[derive(Debug)]
pub struct ExecutedBlock {
    pub(crate) hash: BlockHash,
    pub(crate) block: Block,
    pub(crate) bytes: Vec<u8>,
    pub(crate) txs: Vec<ExecutedTx>,
    pub(crate) block_events: Vec<Event>,
    pub(crate) changes: Changes,
    pub(crate) appends: Appends,
    pub(crate) tree: Option<TreeUpdate>,
    pub(crate) fixed_validators: ValidatorSet,
}

impl ExecutedBlock {
    pub(crate) fn of(block: Block, bytes: Vec<u8>, effects: Effects) -> Self {
        let Effects { txs, block_events, changes, appends, tree, app_hash: _, fixed_validators } = effects;
        Self { hash: block.header.hash(), block, bytes, txs, block_events, changes, appends, tree, fixed_validators }
    }
    /// Its name: what validators sign.
    #[must_use]
    pub fn hash(&self) -> BlockHash {
        self.hash
    }
    /// Its header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.block.header
    }
    /// The whole block.
    #[must_use]
    pub fn block(&self) -> &Block {
        &self.block
    }
    /// Its canonical bytes, to send.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
    /// Its transactions, in order.
    pub fn txs(&self) -> impl ExactSizeIterator<Item = &VerifiedTx> {
        self.txs.iter().map(|it| &it.tx)
    }
}

/// What a committed transaction did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommittedTx {
    /// Its name.
    pub id: TxId,
    /// The hash of its bytes.
    pub hash: TxHash,
    /// What it did.
    pub events: Vec<Event>,
}

/// A block that is on the disk: what the world may now be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommittedBlock {
    /// Height.
    pub height: Height,
    /// Its name.
    pub hash: BlockHash,
    /// Its time.
    pub time: UnixMs,
    /// The state after it.
    pub app_hash: AppHash,
    /// Length of its canonical bytes.
    pub bytes: usize,
    /// Its transactions, in order.
    pub txs: Vec<CommittedTx>,
    /// What happened because time passed, before its transactions.
    pub block_events: Vec<Event>,
}
impl CommittedBlock {
    /// Everything that happened, in order.
    pub fn events(&self) -> impl Iterator<Item = &Event> {
        self.block_events.iter().chain(self.txs.iter().flat_map(|it| &it.events))
    }
}
