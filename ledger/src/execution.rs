//! Executing a block on the tip: transitions that are due, transactions one by one, then the state that results. Proposing
//! and judging share it, so that what a proposer computes is what everyone computes.
use crate::{
    executed::ExecutedTx,
    kv::{Column, KvRead, StoreError},
    logs::Appends,
    records::{LeafSource, Tip},
    state_tree::{StateTree, TreeUpdate},
    turns::Turns,
    view::View,
};
use std::collections::BTreeSet;
use urne_types::{
    AppHash, ChainId, Rejection, Round, TxId, UnixMs, ValidatorId, certificate::CommitCertificate, codec::encode,
    transaction::VerifiedTx, validators::ValidatorSet,
};
use urne_vote_contract::{
    BlockContext, Changes, Event, LastCommit, LogId, begin_block, end_block, execute, keys::log_head,
};

/// When and by whom the block is made.
pub(crate) struct Making<'a> {
    pub(crate) round: Round,
    pub(crate) time: UnixMs,
    pub(crate) proposer: ValidatorId,
    pub(crate) last_commit: Option<&'a CommitCertificate>,
}

impl Making<'_> {
    /// What the rules know of the block.
    pub(crate) fn context(&self, chain: ChainId, tip: &Tip, turns: &Turns) -> BlockContext {
        let mut at = BlockContext::new(chain, tip.height.next(), self.time, self.round, self.proposer);
        at.previous = tip.block;
        at.last_commit = self.last_commit.map(|certificate| LastCommit {
            height: certificate.height,
            round: certificate.round,
            signers: certificate.signatures.iter().map(|it| it.validator).collect(),
            missed_proposers: turns.missed(certificate),
        });
        at
    }
}

/// A block at work.
pub(crate) struct Execution<'a> {
    kv: &'a dyn KvRead,
    tip: &'a Tip,
    view: View<'a>,
    at: BlockContext,
    changes: Changes,
    block_events: Vec<Event>,
    txs: Vec<ExecutedTx>,
    seen: BTreeSet<TxId>,
    /// For each append so far, the position of the transaction that made it.
    sources: Vec<Option<u32>>,
}

/// A block's whole effect, computed but not written.
pub(crate) struct Effects {
    pub(crate) txs: Vec<ExecutedTx>,
    pub(crate) block_events: Vec<Event>,
    pub(crate) changes: Changes,
    pub(crate) appends: Appends,
    pub(crate) tree: Option<TreeUpdate>,
    pub(crate) app_hash: AppHash,
    pub(crate) fixed_validators: ValidatorSet,
}

impl<'a> Execution<'a> {
    /// First step: what time brings.
    pub(crate) fn begin(kv: &'a dyn KvRead, tip: &'a Tip, at: BlockContext) -> Result<Self, StoreError> {
        let (view, mut changes) = (View::of(kv), Changes::default());
        let block_events = view.run(|view| begin_block(view, &at, &mut changes))?;
        let sources = vec![None; changes.appends.len()];
        Ok(Self { kv, tip, view, at, changes, block_events, txs: Vec::new(), seen: BTreeSet::new(), sources })
    }
    /// Second step, once per transaction: a refused one leaves no trace.
    ///
    /// # Errors
    /// The outer one: the disk failed. The inner one: a rule refuses the transaction.
    pub(crate) fn execute(&mut self, tx: VerifiedTx) -> Result<Result<(), Rejection>, StoreError> {
        if self.seen.contains(&tx.id()) || self.kv.get(Column::TxIndex, &tx.id().0)?.is_some() {
            return Ok(Err(Rejection::AlreadyCommitted));
        }
        let outcome = self.view.run(|view| execute(view, &self.at, &tx, &mut self.changes))?;
        Ok(outcome.map(|events| {
            let position = u32::try_from(self.txs.len()).expect("a block holds at most BLOCK_TXS_MAX transactions");
            self.sources.resize(self.changes.appends.len(), Some(position));
            self.seen.insert(tx.id());
            self.txs.push(ExecutedTx { tx, events, log_index: None });
        }))
    }
    /// Last step: the next validators, the logs, the state's root.
    pub(crate) fn finish(mut self) -> Result<Effects, StoreError> {
        let fixed_validators = self.view.run(|view| end_block(view, &self.at, &mut self.changes))?;
        self.sources.resize(self.changes.appends.len(), None);
        let appends = self.append_to_logs()?;
        for (log, head) in appends.heads() {
            self.changes.map.insert(log_head(log), Some(encode(&head)));
        }
        let tree = StateTree::at(self.kv, self.tip.state_version).update(&self.changes.map)?;
        let app_hash = tree.as_ref().map_or(self.tip.app_hash, |it| it.root);
        let Self { txs, block_events, changes, .. } = self;
        Ok(Effects { txs, block_events, changes, appends, tree, app_hash, fixed_validators })
    }
    fn append_to_logs(&mut self) -> Result<Appends, StoreError> {
        let mut appends = Appends::default();
        for ((log, leaf), position) in self.changes.appends.iter().zip(&self.sources) {
            let tx = position.and_then(|at| self.txs.get_mut(usize::try_from(at).ok()?));
            // A presence is never linked to a ballot: it is listed without a transaction.
            let (false, Some(tx), Some(position)) = (matches!(log, LogId::Emargements(_)), tx, *position) else {
                appends.append(self.kv, *log, *leaf, None)?;
                continue;
            };
            let source = LeafSource { tx_id: tx.tx.id(), height: self.at.height, position };
            let index = appends.append(self.kv, *log, *leaf, Some(source))?;
            if matches!(log, LogId::Ballots(_)) {
                tx.log_index = Some(index);
            }
        }
        Ok(appends)
    }
}
