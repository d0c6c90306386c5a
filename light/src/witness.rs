//! What a node says of the ledger, to somebody who believes no node: entries of the state and whole blocks, each under a header
//! that the quorum of its height decided. For processes that hold secrets, and act on what the ledger says.
use crate::{
    fault::{HeaderFault, StateFault},
    lineage::Lineage,
    state::verify_entry,
    trust::VerifiedHeader,
};
use std::collections::BTreeMap;
use urne_types::{
    Height, block::Block, certificate::CommitCertificate, merkle, proof::ProvenState, transaction::tx_hash,
};

/// Why what a node shows is not the ledger's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WitnessFault {
    /// No quorum decided the header.
    #[error(transparent)]
    Header(#[from] HeaderFault),
    /// Something was not asked for, or it is not the next thing that was.
    #[error("it answers something else than it was asked")]
    NotAsked,
    /// An entry that the state does not hold.
    #[error("what it shows is not in the state of block {height}: {why}")]
    State {
        /// The header's height.
        height: Height,
        /// Why.
        why: StateFault,
    },
    /// Transactions of another block.
    #[error("the transactions that it shows are not those of block {height}")]
    Body {
        /// The header's height.
        height: Height,
    },
}

impl Lineage {
    /// What the state holds at the first of the keys that were asked for, or that it holds nothing there; as many as are shown,
    /// one at least.
    ///
    /// # Errors
    /// [`WitnessFault`].
    pub fn verify_entries(
        &self,
        shown: &ProvenState,
        asked: &[Vec<u8>],
    ) -> Result<BTreeMap<Vec<u8>, Option<Vec<u8>>>, WitnessFault> {
        let header = self.verify_header(shown.header.clone(), &shown.certificate)?;
        let height = header.get().height;
        if shown.entries.is_empty() || asked.len() < shown.entries.len() {
            return Err(WitnessFault::NotAsked);
        }
        let mut entries = BTreeMap::new();
        for (entry, key) in shown.entries.iter().zip(asked) {
            if entry.key != *key {
                return Err(WitnessFault::NotAsked);
            }
            verify_entry(&header.get().app_hash, entry).map_err(|why| WitnessFault::State { height, why })?;
            entries.insert(key.clone(), entry.value.clone());
        }
        Ok(entries)
    }
    /// Whether this is the block that was decided at its height, whole: no validator signs one that holds a transaction which a
    /// rule refuses.
    ///
    /// # Errors
    /// [`WitnessFault`].
    pub fn verify_block(&self, block: &Block, certificate: &CommitCertificate) -> Result<VerifiedHeader, WitnessFault> {
        let header = self.verify_header(block.header.clone(), certificate)?;
        let found = merkle::root_of(block.txs.iter().map(|it| tx_hash(it).0));
        if found == header.get().tx_root { Ok(header) } else { Err(WitnessFault::Body { height: header.get().height }) }
    }
}
