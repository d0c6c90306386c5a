//! Questions about one consistent moment of the ledger: blocks, places of transactions, logs and proofs. Every answer can be
//! checked by `urne-light` from bytes alone.
use crate::{
    kv::{Column, KvRead, StoreError},
    logs::Log,
    records::{LeafSource, TIP_KEY, Tip, TxPlace, decode, height_key, load, missing},
    state_tree::StateTree,
    view::View,
};
use std::{collections::BTreeMap, ops::ControlFlow, sync::Arc};
use urne_types::{
    ElectionId, Height, TxId,
    ballot::BallotLeaf,
    block::{Block, Header},
    bounded::List,
    certificate::CommitCertificate,
    codec::encode,
    proof::{ConsistencyProof, Handover, LogHead, ProofOfVote, ProvenState, StateEntry},
    transaction::{Payload, RawTx, Transaction},
    validators::ValidatorSet,
    wire::CertifiedBlock,
};
use urne_vote_contract::{LogId, keys::log_head};

/// One moment of the ledger.
pub struct Reader<'a> {
    kv: &'a dyn KvRead,
}

/// A leaf of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// Its index in the log.
    pub index: u64,
    /// The transaction that brought it.
    pub source: LeafSource,
}

/// A proof that cannot be given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoProof {
    /// The disk failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Not committed here, so far.
    #[error("transaction {0} is not in the ledger")]
    NotCommitted(TxId),
    /// Committed, but it casts no ballot.
    #[error("transaction {0} is not a ballot")]
    NotABallot(TxId),
    /// Sizes that the log never had, or a log without ballots.
    #[error("the election's log has {size} ballots: a proof goes from 1 or more to at most so many")]
    OutOfRange {
        /// Its size.
        size: u64,
    },
}

impl<'a> Reader<'a> {
    pub(crate) fn new(kv: &'a dyn KvRead) -> Self {
        Self { kv }
    }
    /// The committed state.
    #[must_use]
    pub fn view(&self) -> View<'a> {
        View::of(self.kv)
    }

    // ---- Blocks ----

    /// Where the chain stands.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn tip(&self) -> Result<Tip, StoreError> {
        load(self.kv, Column::Meta, TIP_KEY)?.ok_or_else(|| missing("the tip"))
    }
    /// A header.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn header(&self, height: Height) -> Result<Option<Header>, StoreError> {
        load(self.kv, Column::Headers, &height_key(height))
    }
    /// The certificate with which we committed a block.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn certificate(&self, height: Height) -> Result<Option<CommitCertificate>, StoreError> {
        load(self.kv, Column::Certificates, &height_key(height))
    }
    /// A block's canonical bytes.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn block_bytes(&self, height: Height) -> Result<Option<Vec<u8>>, StoreError> {
        self.kv.get(Column::Blocks, &height_key(height))
    }
    /// A block.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn block(&self, height: Height) -> Result<Option<Block>, StoreError> {
        self.block_bytes(height)?.map(|bytes| decode(Column::Blocks, &bytes)).transpose()
    }
    /// Consecutive blocks with their certificates, from a height on, at most `count` and about `bytes_max` bytes, but at
    /// least one where there is one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn certified_blocks(
        &self,
        from: Height,
        count: usize,
        bytes_max: usize,
    ) -> Result<Vec<CertifiedBlock>, StoreError> {
        let (mut found, mut height, mut room) = (Vec::new(), from, bytes_max);
        while found.len() < count {
            let Some(block) = self.block_bytes(height)? else { break };
            let certificate = self.certificate(height)?.ok_or_else(|| missing("the certificate of a block"))?;
            let bytes = block.len() + encode(&certificate).len();
            if room < bytes && !found.is_empty() {
                break;
            }
            room = room.saturating_sub(bytes);
            found.push(CertifiedBlock { block, certificate });
            height = height.next();
        }
        Ok(found)
    }
    /// Every height after which another set of validators decides, with what proves it, from a height on.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn handovers(&self, from: Height, limit: usize) -> Result<Vec<Handover>, StoreError> {
        let mut heights = Vec::new();
        self.kv.scan(Column::Handovers, b"", &height_key(from), &mut |key, value| {
            heights.push((key.to_vec(), value.to_vec()));
            if heights.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        heights.into_iter().map(|(key, value)| self.handover(&key, &value)).collect()
    }
    fn handover(&self, height: &[u8], next: &[u8]) -> Result<Handover, StoreError> {
        let header = load(self.kv, Column::Headers, height)?.ok_or_else(|| missing("the header of a handover"))?;
        let certificate =
            load(self.kv, Column::Certificates, height)?.ok_or_else(|| missing("the certificate of a handover"))?;
        Ok(Handover { header, certificate, next: decode::<ValidatorSet>(Column::Handovers, next)? })
    }

    /// Who decided each block from a height on, with the certificate that we keep of it; oldest first. A block whose set is
    /// known from no handover and is not today's (of a chain younger than its first change) is left out.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn decisions(&self, from: Height) -> Result<Vec<(Arc<ValidatorSet>, CommitCertificate)>, StoreError> {
        let mut sets = BTreeMap::new();
        let tip = self.tip()?;
        let mut know = |set: ValidatorSet| drop(sets.insert(set.hash(), Arc::new(set)));
        know(tip.decided_by);
        let mut changes = Vec::new();
        self.kv.scan(Column::Handovers, b"", b"", &mut |_, value| {
            changes.push(value.to_vec());
            ControlFlow::Continue(())
        })?;
        for bytes in changes {
            know(decode(Column::Handovers, &bytes)?);
        }
        let mut found = Vec::new();
        let mut height = from.max(Height::FIRST);
        while height <= tip.height {
            let header = self.header(height)?.ok_or_else(|| missing("the header of a block"))?;
            let certificate = self.certificate(height)?.ok_or_else(|| missing("the certificate of a block"))?;
            if let Some(set) = sets.get(&header.validators_hash) {
                found.push((Arc::clone(set), certificate));
            }
            height = height.next();
        }
        Ok(found)
    }

    // ---- Transactions and logs ----

    /// Where a transaction is, if it is committed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn place(&self, tx: &TxId) -> Result<Option<TxPlace>, StoreError> {
        load(self.kv, Column::TxIndex, &tx.0)
    }
    /// The bytes of the transaction at a place.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn transaction_at(&self, height: Height, position: u32) -> Result<Option<RawTx>, StoreError> {
        let block = self.block(height)?;
        let at = usize::try_from(position).unwrap_or(usize::MAX);
        Ok(block.and_then(|it| it.txs.into_vec().into_iter().nth(at)).map(RawTx))
    }
    /// Where a log stands.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn log_head(&self, log: LogId) -> Result<LogHead, StoreError> {
        Log::of(self.kv, log).head()
    }
    /// The transactions that brought the leaves of a log, in its order, from an index on, at most `limit`: none for presences,
    /// which are never linked to a ballot.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn log_entries(&self, log: LogId, from: u64, limit: usize) -> Result<Vec<LogEntry>, StoreError> {
        let mut found = Vec::new();
        Log::of(self.kv, log).leaves(from, |index, leaf| {
            if found.len() == limit {
                return ControlFlow::Break(());
            }
            found.extend(leaf.source.map(|source| LogEntry { index, source }));
            ControlFlow::Continue(())
        })?;
        Ok(found)
    }

    // ---- Proofs ----

    /// The proof that a ballot is in the urn, under the newest header.
    ///
    /// # Errors
    /// [`NoProof`].
    pub fn proof_of_vote(&self, tx: &TxId) -> Result<ProofOfVote, NoProof> {
        let place = self.place(tx)?.ok_or(NoProof::NotCommitted(*tx))?;
        let index = place.log_index.ok_or(NoProof::NotABallot(*tx))?;
        let (election, leaf) = self.ballot_at(tx, &place)?;
        let (tip, log_id) = (self.tip()?, LogId::Ballots(election));
        let log = Log::of(self.kv, log_id);
        let head = log.head()?;
        if head.size <= index {
            return Err(missing("a leaf of the log").into());
        }
        let state = StateTree::at(self.kv, tip.state_version);
        let header = self.header(tip.height)?.ok_or_else(|| missing("the last header"))?;
        Ok(ProofOfVote {
            chain: header.chain,
            election,
            leaf,
            index,
            log: head,
            path: log.inclusion(index, head.size)?,
            state_proof: state.prove(&log_head(&log_id), &encode(&head))?,
            header,
            certificate: tip.certificate.ok_or_else(|| missing("the last certificate"))?,
            validators: tip.decided_by,
        })
    }
    fn ballot_at(&self, tx: &TxId, place: &TxPlace) -> Result<(ElectionId, BallotLeaf), NoProof> {
        let raw =
            self.transaction_at(place.height, place.position)?.ok_or_else(|| missing("a committed transaction"))?;
        let decoded: Transaction = decode(Column::Blocks, &raw.0)?;
        match decoded.unsigned.payload {
            Payload::Ballot(ballot) => Ok((ballot.election, BallotLeaf { tx_id: *tx, tx_hash: raw.hash() })),
            _ => Err(NoProof::NotABallot(*tx)),
        }
    }
    /// What the state after the newest block holds at these keys, with its proof: as many of them, in order, as make about
    /// `bytes_max` bytes, but at least one. None before the first block.
    ///
    /// # Errors
    /// [`StoreError`].
    ///
    /// # Panics
    /// With more than [`urne_types::proof::STATE_ENTRIES_MAX`] keys: the caller counts them.
    pub fn proven_state(&self, keys: &[Vec<u8>], bytes_max: usize) -> Result<Option<ProvenState>, StoreError> {
        let tip = self.tip()?;
        let (Some(header), Some(certificate)) = (self.header(tip.height)?, tip.certificate) else { return Ok(None) };
        let state = StateTree::at(self.kv, tip.state_version);
        let (mut entries, mut bytes) = (Vec::new(), 0);
        for key in keys {
            if bytes_max < bytes {
                break;
            }
            let value = self.kv.get(Column::Map, key)?;
            let proof = match &value {
                Some(value) => state.prove(key, value)?,
                None => state.prove_absence(key)?,
            };
            bytes += proof.len() + value.as_ref().map_or(0, Vec::len);
            entries.push(StateEntry { key: key.clone(), value, proof });
        }
        let entries = List::new(entries).expect("the caller counts the keys");
        Ok(Some(ProvenState { header, certificate, entries }))
    }
    /// The proof that an election's log of `from` ballots is a beginning of its log of `to`.
    ///
    /// # Errors
    /// [`NoProof`].
    pub fn consistency(&self, election: &ElectionId, from: u64, to: u64) -> Result<ConsistencyProof, NoProof> {
        let log = Log::of(self.kv, LogId::Ballots(*election));
        let size = log.head()?.size;
        if from == 0 || to < from || size < to {
            return Err(NoProof::OutOfRange { size });
        }
        let head = |size| Ok::<_, StoreError>(LogHead { size, root: log.root_at(size)? });
        Ok(ConsistencyProof { election: *election, old: head(from)?, new: head(to)?, path: log.consistency(from, to)? })
    }
}
impl std::fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reader")
    }
}
