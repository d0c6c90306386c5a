//! The deepest verification: every block is executed again from genesis on another store, and what that gives (unicity
//! index, state, logs) is compared, entry by entry, with what the ledger holds. After it, a restored snapshot is believed
//! because of its blocks and their certificates, not because of whoever copied it.
use crate::{
    error::{BlockFault, CommitError, ExecuteError, LedgerError},
    executed::CommittedBlock,
    kv::{Column, Kv, KvRead, StoreError},
    ledger::Ledger,
    reader::Reader,
    state_tree::StateTree,
};
use sha2::{Digest, Sha256};
use std::ops::ControlFlow;
use urne_types::{
    Height, Rejection,
    block::Block,
    codec::Malformed,
    genesis::Genesis,
    transaction::{RawTx, VerifiedTx},
};
use urne_vote_contract::sealed::Statements;

/// How far a long verification is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Last height executed again.
    pub done: Height,
    /// The tip.
    pub of: Height,
}

/// What a deep verification went through without finding fault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeepReport {
    /// Blocks executed again.
    pub blocks: u64,
    /// Transactions verified and executed again.
    pub txs: u64,
}

/// Why a ledger is not what its blocks make.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeepFault {
    /// A disk failed, ours or the scratch one.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The scratch store cannot begin the chain.
    #[error(transparent)]
    Scratch(#[from] LedgerError),
    /// This program cannot execute the chain.
    #[error(transparent)]
    Execute(#[from] ExecuteError),
    /// A block or its certificate is not there.
    #[error("block {0} or its certificate is missing: restore another snapshot")]
    Missing(Height),
    /// The bytes of a block are not a block.
    #[error("block {height} is damaged ({cause}): restore another snapshot")]
    Malformed {
        /// Which.
        height: Height,
        /// Why.
        cause: Malformed,
    },
    /// A block holds a transaction that does not verify.
    #[error("block {height} holds a transaction that is refused ({rejection}): restore another snapshot")]
    Transaction {
        /// Which.
        height: Height,
        /// Why.
        rejection: Rejection,
    },
    /// A block is not the next one.
    #[error("block {height} is wrong ({fault}): restore another snapshot")]
    Block {
        /// Which.
        height: Height,
        /// Why.
        fault: BlockFault,
    },
    /// A certificate decides nothing.
    #[error("block {height} is not decided ({fault}): restore another snapshot")]
    Undecided {
        /// Which.
        height: Height,
        /// Why.
        fault: CommitError,
    },
    /// The blocks are right, but something derived from them is not.
    #[error("'{0}' is not what the blocks give: restore another snapshot, or synchronise again in an empty folder")]
    Derived(&'static str),
}

/// Verifies transactions, one verdict for each in order: [`urne_types::transaction::verify_sealed`], or many threads of it.
/// The statements are those of the state before the block.
pub type Verify<'a> = dyn FnMut(&[RawTx], &Statements) -> Vec<Result<VerifiedTx, Rejection>> + 'a;

/// Executes every block again on an empty `scratch` store and compares everything derived.
///
/// # Errors
/// [`DeepFault`].
pub fn verify_deep<K: Kv>(
    ledger: &Ledger<impl Kv>,
    genesis: &Genesis,
    scratch: K,
    verify: &mut Verify<'_>,
    progress: &mut dyn FnMut(Progress),
) -> Result<DeepReport, DeepFault> {
    let mut again = Ledger::open(scratch, genesis)?;
    let (reader, of, chain) = (ledger.reader(), ledger.tip().height, again.chain());
    let mut statements = again.read(|view| Statements::read(view, &chain))?;
    let mut report = DeepReport::default();
    while again.tip().height < of {
        let done = again.tip().height.next();
        let committed = execute_again(&reader, done, &mut again, &mut |raws| verify(raws, &statements))?;
        let events = committed.events().cloned().collect::<Vec<_>>();
        if let Some(after) = again.read(|view| statements.after(view, &chain, &events))? {
            statements = after;
        }
        report.txs += committed.txs.len() as u64;
        report.blocks += 1;
        progress(Progress { done, of });
    }
    compare(ledger, &again)?;
    Ok(report)
}

/// Verifies the transactions of one block.
type VerifyBlock<'a> = dyn FnMut(&[RawTx]) -> Vec<Result<VerifiedTx, Rejection>> + 'a;

fn execute_again<K: Kv>(
    reader: &Reader<'_>,
    height: Height,
    again: &mut Ledger<K>,
    verify: &mut VerifyBlock<'_>,
) -> Result<CommittedBlock, DeepFault> {
    let (Some(bytes), Some(certificate)) = (reader.block_bytes(height)?, reader.certificate(height)?) else {
        return Err(DeepFault::Missing(height));
    };
    let block = Block::decode(&bytes).map_err(|cause| DeepFault::Malformed { height, cause })?;
    let raws: Vec<RawTx> = block.txs.iter().cloned().map(RawTx).collect();
    let verified = verify(&raws).into_iter().collect::<Result<Vec<_>, _>>();
    let txs = verified.map_err(|rejection| DeepFault::Transaction { height, rejection })?;
    let executed = again.judge(block, txs)?.map_err(|fault| DeepFault::Block { height, fault })?;
    again.commit(executed, certificate).map_err(|fault| DeepFault::Undecided { height, fault })
}

/// Compares every column that is derived from blocks, and what the tip says.
fn compare<K: Kv>(ledger: &Ledger<impl Kv>, again: &Ledger<K>) -> Result<(), DeepFault> {
    for column in [
        Column::Headers,
        Column::TxIndex,
        Column::Map,
        Column::Index,
        Column::Logs,
        Column::Handovers,
        Column::Certificates,
        Column::Blocks,
    ] {
        if digest(&ledger.kv, column)? != digest(&again.kv, column)? {
            return Err(DeepFault::Derived(column.name()));
        }
    }
    if ledger.tip() != again.tip() {
        return Err(DeepFault::Derived("tip"));
    }
    // A repaired tree has the same root over nodes of other versions: it is compared by what it proves.
    if StateTree::at(&ledger.kv, ledger.tip().state_version).proves_all()? {
        Ok(())
    } else {
        Err(DeepFault::Derived(Column::StateNodes.name()))
    }
}

/// A digest over every entry of a column.
fn digest(kv: &impl KvRead, column: Column) -> Result<[u8; 32], StoreError> {
    let mut hasher = Sha256::new();
    kv.scan(column, b"", b"", &mut |key, value| {
        for part in [key, value] {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
        ControlFlow::Continue(())
    })?;
    Ok(hasher.finalize().into())
}
