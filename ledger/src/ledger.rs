//! The ledger: executes blocks on the tip, judges those of others, and commits decided ones in one synced write. It never
//! retries a write, never executes anywhere but on the tip, and never commits without a quorum's certificate.
use crate::{
    error::{CommitError, ExecuteError},
    executed::{CommittedBlock, CommittedTx, ExecutedBlock, ExecutedTx},
    execution::Making,
    kv::{Batch, Column, Kv, Readers, StoreError},
    propose::ProposeContext,
    reader::Reader,
    records::{TIP_KEY, Tip, TxPlace, height_key},
    remembered::Remembered,
    startup::Repair,
    turns::Turns,
    view::View,
};
use urne_types::{
    ChainId, Round, ValidatorId, certificate::CommitCertificate, codec::encode, genesis::PROTOCOL_VERSION,
    limits::BLOCK_BYTES_MAX,
};
use urne_vote_contract::{BlockContext, parameters, protocol_version_at};

/// A chain on its store. One thread owns it; others read through [`Ledger::readers`].
#[derive(Debug)]
pub struct Ledger<K: Kv> {
    pub(crate) kv: Remembered<K>,
    pub(crate) chain: ChainId,
    pub(crate) tip: Tip,
    pub(crate) turns: Turns,
    pub(crate) repairs: Vec<Repair>,
    /// After a write that failed, nobody knows what is on the disk.
    pub(crate) writable: Writable,
    #[cfg(feature = "plants")]
    pub(crate) plant: Option<urne_vote_contract::Plant>,
}

/// Whether this ledger still may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writable {
    Yes,
    AfterRestart,
}

impl<K: Kv> Ledger<K> {
    /// The chain.
    pub fn chain(&self) -> ChainId {
        self.chain
    }
    /// Where the chain stands.
    pub fn tip(&self) -> &Tip {
        &self.tip
    }
    /// Whose turn a round of the next height is.
    pub fn proposer_at(&self, round: Round) -> ValidatorId {
        self.turns.proposer(&self.tip, round)
    }
    /// The committed state.
    pub fn view(&self) -> View<'_> {
        View::of(&self.kv)
    }
    /// Asks the committed state. A disk that fails is an error that says what to do, never a rule's panic.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn read<T>(&self, ask: impl FnOnce(&View<'_>) -> T) -> Result<T, StoreError> {
        self.view().run(ask)
    }
    /// Blocks, places and proofs, on the owner's thread.
    pub fn reader(&self) -> Reader<'_> {
        Reader::new(&self.kv)
    }
    /// A door for other threads.
    pub fn readers(&self) -> Readers {
        self.kv.readers()
    }
    /// The store.
    pub fn kv(&self) -> &K {
        self.kv.store()
    }
    /// The store, after the last use of the ledger.
    pub fn into_kv(self) -> K {
        self.kv.into_store()
    }
    /// What the rules would know of a block made now in that round: to admit transactions before there is a block.
    pub fn context(&self, at: ProposeContext) -> BlockContext {
        self.context_of(&self.making(at))
    }
    /// Plants a wrong rule, so that the simulator can show that its checkers catch it.
    #[cfg(feature = "plants")]
    pub fn plant(&mut self, plant: Option<urne_vote_contract::Plant>) {
        self.plant = plant;
    }

    /// Commits the decided block: one atomic write, on the disk when this returns.
    ///
    /// # Errors
    /// [`CommitError::Store`]: stop; after a failed write this ledger refuses every other one. The other errors mean that
    /// the certificate does not decide this block; nothing was written.
    ///
    /// # Panics
    /// When the block was executed on another tip: the caller's bug, and a fork if it went through.
    pub fn commit(
        &mut self,
        executed: ExecutedBlock,
        certificate: CommitCertificate,
    ) -> Result<CommittedBlock, CommitError> {
        assert!(executed.header().previous == self.tip.block, "a block is committed on the tip it was executed on");
        if self.writable == Writable::AfterRestart {
            return Err(StoreError::Stopped.into());
        }
        if certificate.block != executed.hash || certificate.height != executed.header().height {
            return Err(CommitError::OfAnother { found: certificate.block, expected: executed.hash });
        }
        certificate.verify(&self.chain, &self.tip.validators)?;
        let tip = self.tip_after(&executed, certificate);
        if let Err(e) = self.kv.write(batch_of(&executed, &tip)) {
            self.writable = Writable::AfterRestart;
            return Err(e.into());
        }
        self.turns.advance(&self.tip, &tip);
        self.tip = tip;
        Ok(committed(executed))
    }

    fn tip_after(&self, executed: &ExecutedBlock, certificate: CommitCertificate) -> Tip {
        let header = executed.header();
        Tip {
            height: header.height,
            block: executed.hash,
            time: header.time,
            app_hash: header.app_hash,
            state_version: executed.tree.as_ref().map_or(self.tip.state_version, |it| it.version),
            decided_by: self.tip.validators.clone(),
            validators: self.tip.next_validators.clone(),
            next_validators: executed.fixed_validators.clone(),
            certificate: Some(certificate),
        }
    }
    pub(crate) fn making(&self, at: ProposeContext) -> Making<'_> {
        let time = at.time.max(self.tip.time.plus(1));
        Making { round: at.round, time, proposer: at.proposer, last_commit: self.tip.certificate.as_ref() }
    }
    pub(crate) fn context_of(&self, making: &Making<'_>) -> BlockContext {
        #[allow(unused_mut)] // a plant changes it
        let mut at = making.context(self.chain, &self.tip, &self.turns);
        #[cfg(feature = "plants")]
        {
            at.plant = self.plant;
        }
        at
    }
    /// That this program knows the protocol in force at the next height: asked before that height begins, so that an operator
    /// reads this reason and not what follows from it.
    ///
    /// # Errors
    /// [`ExecuteError::SoftwareTooOld`], [`ExecuteError::Store`].
    pub fn must_be_understood(&self) -> Result<(), ExecuteError> {
        self.version().map(|_| ())
    }
    /// The version of the protocol in force at the next height, if we know it.
    pub(crate) fn version(&self) -> Result<u16, ExecuteError> {
        let height = self.tip.height.next();
        let needed = self.read(|view| protocol_version_at(view, height))?;
        if PROTOCOL_VERSION < needed {
            return Err(ExecuteError::SoftwareTooOld { height, needed, known: PROTOCOL_VERSION });
        }
        Ok(needed)
    }
    pub(crate) fn block_bytes_max(&self) -> Result<usize, StoreError> {
        let parameter = usize::try_from(self.read(|view| parameters(view).block_bytes_max)?);
        Ok(parameter.unwrap_or(BLOCK_BYTES_MAX).min(BLOCK_BYTES_MAX))
    }
}

/// Everything one block writes.
fn batch_of(executed: &ExecutedBlock, tip: &Tip) -> Batch {
    let (mut batch, height) = (Batch::default(), height_key(tip.height));
    batch.put(Column::Headers, height, encode(executed.header()));
    if let Some(certificate) = &tip.certificate {
        batch.put(Column::Certificates, height, encode(certificate));
    }
    batch.put(Column::Blocks, height, executed.bytes.as_slice());
    for (position, tx) in (0_u32..).zip(&executed.txs) {
        let place = TxPlace { height: tip.height, position, log_index: tx.log_index };
        batch.put(Column::TxIndex, tx.tx.id().0, encode(&place));
    }
    for (column, changed) in [(Column::Map, &executed.changes.map), (Column::Index, &executed.changes.index)] {
        for (key, value) in changed {
            match value {
                Some(value) => batch.put(column, key.as_slice(), value.as_slice()),
                None => batch.delete(column, key.as_slice()),
            }
        }
    }
    executed.appends.write_into(&mut batch);
    if let Some(tree) = &executed.tree {
        tree.write_into(&mut batch);
    }
    if tip.decided_by != tip.validators {
        batch.put(Column::Handovers, height, encode(&tip.validators));
    }
    batch.put(Column::Meta, TIP_KEY, encode(tip));
    batch
}

fn committed(executed: ExecutedBlock) -> CommittedBlock {
    let header = executed.block.header;
    let told = |it: ExecutedTx| CommittedTx { id: it.tx.id(), hash: it.tx.hash(), events: it.events };
    CommittedBlock {
        height: header.height,
        hash: executed.hash,
        time: header.time,
        app_hash: header.app_hash,
        bytes: executed.bytes.len(),
        txs: executed.txs.into_iter().map(told).collect(),
        block_events: executed.block_events,
    }
}
