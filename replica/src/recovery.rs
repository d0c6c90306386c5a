//! What a restart starts from: the ledger, the log of the height that was being decided, and the double-sign guard.
use crate::{candidates::Candidates, clock::Now, effect::Effect, replica::Replica, rounds::Origin};
use urne_consensus::engine::{GuardRecord, WATCH_HEIGHTS, WalEntry};
use urne_ledger::{Kv, StoreError};
use urne_types::{
    Height,
    block::Block,
    codec::{Decode, Encode, Malformed, decode_canonical, encode},
    limits::MESSAGE_BYTES_MAX,
    transaction::RawTx,
};

/// One record of the write-ahead log.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
pub enum WalRecord {
    /// The bytes of a block that we prevote or propose: durable before we say so.
    Body {
        /// Height.
        height: Height,
        /// Canonical bytes of a block.
        block: Vec<u8>,
    },
    /// What the engine must hear again.
    Entry {
        /// Height.
        height: Height,
        /// The entry.
        entry: WalEntry,
    },
}
impl WalRecord {
    /// The bytes to append.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        encode(self)
    }
    /// A record found in a log.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        decode_canonical(bytes, MESSAGE_BYTES_MAX)
    }
    fn height(&self) -> Height {
        match self {
            Self::Body { height, .. } | Self::Entry { height, .. } => *height,
        }
    }
}

/// What was found on disk beside the ledger.
#[derive(Debug, Default)]
pub struct Recovered {
    /// Records of the log, oldest first, as they were appended.
    pub wal: Vec<Vec<u8>>,
    /// The guard, if this node has ever signed.
    pub guard: Option<GuardRecord>,
}

/// The disk says something that cannot be.
#[derive(Debug, thiserror::Error)]
pub enum RecoveryFault {
    /// A record of the log is whole but is not one of ours.
    #[error(
        "record {index} of the write-ahead log is not readable ({cause}): move the wal folder away; the node will then \
         follow without signing until the height after its guard"
    )]
    Record {
        /// Which, from 0.
        index: usize,
        /// Why.
        cause: Malformed,
    },
    /// The blocks of the last heights cannot be read.
    #[error("the ledger does not show its last blocks: {0}")]
    Ledger(#[from] StoreError),
    /// A block in the log cannot be executed again.
    #[error(
        "the log holds a block of height {height} that the ledger does not accept: {cause}; report this, with the wal folder"
    )]
    Body {
        /// Height.
        height: Height,
        /// Why.
        cause: String,
    },
}

/// The log of the unfinished height, sorted out.
pub(crate) struct Unfinished {
    pub(crate) bodies: Vec<Block>,
    pub(crate) entries: Vec<WalEntry>,
}

/// Keeps what is about `height`; older records are of blocks that were committed.
pub(crate) fn sort_out(wal: &[Vec<u8>], height: Height) -> Result<Unfinished, RecoveryFault> {
    let mut unfinished = Unfinished { bodies: Vec::new(), entries: Vec::new() };
    for (index, bytes) in wal.iter().enumerate() {
        let record = WalRecord::decode(bytes).map_err(|cause| RecoveryFault::Record { index, cause })?;
        if record.height() != height {
            continue;
        }
        match record {
            WalRecord::Body { block, .. } => {
                unfinished.bodies.push(Block::decode(&block).map_err(|cause| RecoveryFault::Record { index, cause })?);
            }
            WalRecord::Entry { entry, .. } => unfinished.entries.push(entry),
        }
    }
    Ok(unfinished)
}

impl<K: Kv> Replica<K> {
    /// Lets the engine remember who signed the last blocks: evidence of what was said before a restart.
    pub(crate) fn recall(&mut self) -> Result<(), StoreError> {
        let heights = u64::try_from(WATCH_HEIGHTS).unwrap_or(u64::MAX);
        let tip = self.ledger.tip().height;
        let from = Height::new(tip.get().saturating_sub(heights).saturating_add(1));
        for (validators, certificate) in self.ledger.reader().decisions(from)? {
            self.engine.recall(validators, &certificate);
        }
        Ok(())
    }

    /// Executes the logged blocks again, then lets the engine hear its log.
    pub(crate) fn resume(&mut self, now: Now, unfinished: Unfinished) -> Result<Vec<Effect>, RecoveryFault> {
        let mut candidates = Candidates::default();
        for block in unfinished.bodies {
            let height = block.header.height;
            let fault = |cause: String| RecoveryFault::Body { height, cause };
            let txs: Result<Vec<_>, _> = block
                .txs
                .iter()
                .map(|bytes| RawTx(bytes.clone()).decode()?.verify_by(&self.chain, &*self.statements))
                .collect();
            let txs = txs.map_err(|e| fault(e.to_string()))?;
            let executed = self.judge(block, txs).map_err(fault)?;
            candidates.insert_executed(executed);
        }
        self.candidates = candidates;
        if !unfinished.entries.is_empty() {
            self.begin(now, Origin::Log(unfinished.entries));
        }
        self.settle(now);
        Ok(self.take_effects())
    }
}
