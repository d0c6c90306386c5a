//! Building the next block: candidates are executed while they are gathered, so that the header commits to the state after
//! its own block, and a refused one never enters (a block that holds a refused transaction is invalid).
use crate::{
    error::{ExecuteError, Refused},
    executed::ExecutedBlock,
    execution::{Execution, Making},
    kv::Kv,
    ledger::Ledger,
};
use urne_types::{
    AppHash, Rejection, Round, UnixMs, ValidatorId,
    block::{Block, Header, last_commit_hash, tx_root},
    bounded::List,
    limits::BLOCK_TXS_MAX,
    transaction::VerifiedTx,
};

/// Candidates that one proposal tries: a full block, and as many again that are refused.
const CANDIDATES_MAX: usize = 2 * BLOCK_TXS_MAX;

/// The length before each transaction in a block.
const LENGTH_BYTES: usize = 8;

/// When and by whom a block is proposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProposeContext {
    /// The round.
    pub round: Round,
    /// The proposer's clock. A clock behind the chain gives the least later time.
    pub time: UnixMs,
    /// Ourselves.
    pub proposer: ValidatorId,
}

/// A block of ours.
#[derive(Debug)]
pub struct Proposed {
    /// The block.
    pub block: ExecutedBlock,
    /// Candidates that a rule refuses now: they leave the mempool.
    pub refused: Vec<Refused>,
}

impl<K: Kv> Ledger<K> {
    /// Builds the next block from candidates in their order, bounded in bytes and in number. A candidate that a rule
    /// refuses is left out; the first that does not fit ends the block, and what follows waits for the next one.
    ///
    /// # Errors
    /// [`ExecuteError`]: the disk failed, or this program is too old for the next height.
    pub fn propose(
        &self,
        at: ProposeContext,
        candidates: impl IntoIterator<Item = VerifiedTx>,
    ) -> Result<Proposed, ExecuteError> {
        let making = self.making(at);
        let last_commit = self.tip.certificate.clone();
        let version = self.version()?;
        let header = self.header(version, &making, &[], self.tip.app_hash);
        let empty = Block { header, last_commit: last_commit.clone(), txs: List::default() };
        let mut room = self.block_bytes_max()?.saturating_sub(empty.encode().len());
        let mut execution = Execution::begin(&self.kv, &self.tip, self.context_of(&making))?;
        let (mut txs, mut refused) = (Vec::new(), Vec::new());
        for tx in candidates.into_iter().take(CANDIDATES_MAX) {
            let bytes = LENGTH_BYTES + tx.bytes().len();
            if room < bytes && txs.is_empty() {
                refused.push(Refused { tx, rejection: Rejection::TooLarge });
                continue;
            }
            if room < bytes || txs.len() == BLOCK_TXS_MAX {
                break;
            }
            match execution.execute(tx.clone())? {
                Ok(()) => {
                    room -= bytes;
                    txs.push(tx.bytes().to_vec());
                }
                Err(rejection) => refused.push(Refused { tx, rejection }),
            }
        }
        let effects = execution.finish()?;
        let header = self.header(version, &making, &txs, effects.app_hash);
        let block = Block { header, last_commit, txs: List::new(txs).expect("counted while it was filled") };
        let bytes = block.encode();
        Ok(Proposed { block: ExecutedBlock::of(block, bytes, effects), refused })
    }
    fn header(&self, version: u16, making: &Making<'_>, txs: &[Vec<u8>], app_hash: AppHash) -> Header {
        Header {
            version,
            chain: self.chain,
            height: self.tip.height.next(),
            round: making.round,
            time: making.time,
            proposer: making.proposer,
            previous: self.tip.block,
            last_commit_hash: last_commit_hash(making.last_commit),
            tx_root: tx_root(txs.iter().map(Vec::as_slice)),
            app_hash,
            validators_hash: self.tip.validators.hash(),
            next_validators_hash: self.tip.next_validators.hash(),
        }
    }
}
