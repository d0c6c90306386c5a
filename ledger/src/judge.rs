//! Judging somebody's block: everything its header says is what we compute, or the block has a numbered fault that every
//! honest node finds too.
use crate::{
    error::{BlockFault, ExecuteError},
    executed::ExecutedBlock,
    execution::{Execution, Making},
    kv::Kv,
    ledger::Ledger,
};
use urne_types::{
    block::{Block, last_commit_hash, tx_root},
    certificate::CommitCertificate,
    transaction::VerifiedTx,
};

impl<K: Kv> Ledger<K> {
    /// Judges somebody's block, whose transactions climbed the ladder one by one, in the block's order. Answers it executed,
    /// or its fault.
    ///
    /// # Errors
    /// The outer one, [`ExecuteError`]: the disk failed, or this program is too old for the next height. The inner one,
    /// [`BlockFault`]: no honest node accepts this block.
    ///
    /// # Panics
    /// When `txs` are not the block's: the caller's bug.
    pub fn judge(&self, block: Block, txs: Vec<VerifiedTx>) -> Result<Result<ExecutedBlock, BlockFault>, ExecuteError> {
        let is_same = |(bytes, tx): (&Vec<u8>, &VerifiedTx)| bytes.as_slice() == tx.bytes();
        assert!(
            block.txs.len() == txs.len() && block.txs.iter().zip(&txs).all(is_same),
            "a block is judged with its own transactions"
        );
        let bytes = block.encode();
        let (version, max) = (self.version()?, self.block_bytes_max()?);
        if let Err(fault) = self.judge_frame(&block, bytes.len(), version, max) {
            return Ok(Err(fault));
        }
        let header = &block.header;
        let making = Making {
            round: header.round,
            time: header.time,
            proposer: header.proposer,
            last_commit: block.last_commit.as_ref(),
        };
        let mut execution = Execution::begin(&self.kv, &self.tip, self.context_of(&making))?;
        for tx in txs {
            let hash = tx.hash();
            if let Err(rejection) = execution.execute(tx)? {
                return Ok(Err(BlockFault::Rejected { tx: hash, rejection }));
            }
        }
        let effects = execution.finish()?;
        if header.app_hash != effects.app_hash {
            return Ok(Err(BlockFault::AppHash { found: header.app_hash, expected: effects.app_hash }));
        }
        Ok(Ok(ExecutedBlock::of(block, bytes, effects)))
    }

    /// Everything about a block that can be told without executing it.
    fn judge_frame(&self, block: &Block, bytes: usize, version: u16, max: usize) -> Result<(), BlockFault> {
        let (header, tip) = (&block.header, &self.tip);
        let height = tip.height.next();
        refuse_if(header.version != version, || BlockFault::Version { found: header.version, expected: version })?;
        refuse_if(header.chain != self.chain, || BlockFault::Chain { found: header.chain, expected: self.chain })?;
        refuse_if(header.height != height, || BlockFault::Height { found: header.height, expected: height })?;
        refuse_if(header.previous != tip.block, || BlockFault::Previous {
            found: header.previous,
            expected: tip.block,
        })?;
        refuse_if(header.time <= tip.time, || BlockFault::Time { found: header.time, previous: tip.time })?;
        refuse_if(header.validators_hash != tip.validators.hash(), || BlockFault::Validators)?;
        refuse_if(header.next_validators_hash != tip.next_validators.hash(), || BlockFault::NextValidators)?;
        let turn = self.proposer_at(header.round);
        refuse_if(header.proposer != turn, || BlockFault::Proposer { found: header.proposer, expected: turn })?;
        refuse_if(max < bytes, || BlockFault::TooLarge { found: bytes, max })?;
        let root = tx_root(block.txs.iter().map(Vec::as_slice));
        refuse_if(header.tx_root != root, || BlockFault::TxRoot { found: header.tx_root, expected: root })?;
        let hash = last_commit_hash(block.last_commit.as_ref());
        refuse_if(header.last_commit_hash != hash, || BlockFault::LastCommitHash)?;
        self.judge_last_commit(block.last_commit.as_ref())
    }

    fn judge_last_commit(&self, last_commit: Option<&CommitCertificate>) -> Result<(), BlockFault> {
        let tip = &self.tip;
        match (last_commit, &tip.certificate) {
            (None, None) => Ok(()),
            (Some(_), None) => Err(BlockFault::LastCommitBeforeFirst),
            (None, Some(_)) => Err(BlockFault::LastCommitMissing),
            // The very one that we committed with: verified then.
            (Some(theirs), Some(ours)) if theirs == ours => Ok(()),
            (Some(theirs), Some(_)) if theirs.block != tip.block || theirs.height != tip.height => {
                Err(BlockFault::LastCommitOfAnother { found: theirs.block, expected: tip.block })
            }
            (Some(theirs), Some(_)) => Ok(theirs.verify(&self.chain, &tip.decided_by)?),
        }
    }
}

fn refuse_if(wrong: bool, fault: impl FnOnce() -> BlockFault) -> Result<(), BlockFault> {
    if wrong { Err(fault()) } else { Ok(()) }
}
