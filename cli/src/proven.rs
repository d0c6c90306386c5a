//! The ledger as whoever holds secrets reads it: through one node, of which nothing is believed. Each entry of the state and each
//! block comes with the certificate of its height, followed from the chain's genesis on; a node that lies is told so, and nothing
//! is signed.
use crate::{
    client::Client,
    exit::{Exit, Failure},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};
use urne_light::{HeaderFault, Lineage, WitnessFault};
use urne_node::api::dto::{self, Page, TxState};
use urne_types::{
    ChainId, Height, TxId,
    block::Block,
    codec::{Decode, Encode, decode_canonical, decode_record},
    genesis::Genesis,
    limits::MESSAGE_BYTES_MAX,
    proof::{Handover, ProvenState},
    transaction::RawTx,
};

/// Keys asked for at once: 32 × 2 × 128 digits fit into any URL.
const KEYS_AT_ONCE: usize = 32;
/// Blocks whose transactions are remembered, by name: many approvals are in one block.
const BLOCKS_KEPT: usize = 64;

/// Entries of the state, or that there is none.
pub(crate) type Entries = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// See the module.
pub(crate) struct Proven {
    client: Client,
    chain: ChainId,
    /// From the genesis on, as far as it was needed.
    lineage: Mutex<Option<Lineage>>,
    /// The latest height of which an entry was believed. What follows is never older: a true proof of an urn before its close,
    /// beside one that it is closed, would have a trustee decrypt the ballots of a few.
    floor: Mutex<Height>,
    blocks: Mutex<BTreeMap<Height, Arc<BTreeSet<TxId>>>>,
}

impl Proven {
    pub(crate) fn new(client: Client, chain: ChainId) -> Self {
        Self { client, chain, lineage: Mutex::default(), floor: Mutex::new(Height::GENESIS), blocks: Mutex::default() }
    }

    /// What the state holds at these keys, or that it holds nothing there.
    pub(crate) fn entries(&self, keys: &[Vec<u8>]) -> Result<Entries, Failure> {
        let (mut found, mut rest) = (Entries::new(), keys);
        while !rest.is_empty() {
            let asked = &rest[..rest.len().min(KEYS_AT_ONCE)];
            let shown = self.client.state(asked)?;
            let height = shown.header.height;
            let shown = self.held(|lineage| lineage.verify_entries(&shown, asked))?;
            self.never_back(height)?;
            rest = &rest[shown.len()..];
            found.extend(shown);
        }
        Ok(found)
    }
    /// A node that is behind itself, as one behind a balancer can be, is asked again later.
    fn never_back(&self, height: Height) -> Result<(), Failure> {
        let mut floor = self.floor.lock().unwrap_or_else(PoisonError::into_inner);
        if height < *floor {
            let (url, latest) = (self.client.url(), *floor);
            let message =
                format!("{url} shows the state of block {height} after that of block {latest}: nothing was signed");
            return Err(Failure::new(Exit::Unreachable, message));
        }
        *floor = height;
        Ok(())
    }
    /// A record of the state; none where there is none.
    pub(crate) fn record<T: Decode<()> + Encode>(&self, key: Vec<u8>) -> Result<Option<T>, Failure> {
        let found = self.entries(std::slice::from_ref(&key))?.remove(&key).flatten();
        let not_ours = |e| {
            Failure::environment(format!(
                "the ledger holds a record that this program cannot read ({e}): take the version that its nodes run"
            ))
        };
        found.map(|bytes| decode_record(&bytes).map_err(not_ours)).transpose()
    }
    /// Whether the ledger took a transaction.
    pub(crate) fn holds(&self, id: &TxId) -> Result<bool, Failure> {
        match self.client.fate(id)? {
            Some(TxState::Committed { height, .. }) => Ok(self.txs_of(height)?.contains(id)),
            _ => Ok(false),
        }
    }
    fn txs_of(&self, height: Height) -> Result<Arc<BTreeSet<TxId>>, Failure> {
        if let Some(known) = self.blocks.lock().unwrap_or_else(PoisonError::into_inner).get(&height) {
            return Ok(Arc::clone(known));
        }
        let (block, certificate) = self.client.block(height)?;
        if block.header.height != height {
            return Err(self.lied(&WitnessFault::NotAsked));
        }
        self.held(|lineage| lineage.verify_block(&block, &certificate))?;
        let name = |bytes: Vec<u8>| RawTx(bytes).decode().ok().map(|it| it.unsigned.id());
        let txs: Arc<BTreeSet<TxId>> = Arc::new(block.txs.into_vec().into_iter().filter_map(name).collect());
        let mut blocks = self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        blocks.insert(height, Arc::clone(&txs));
        if BLOCKS_KEPT < blocks.len() {
            blocks.pop_first();
        }
        Ok(txs)
    }

    // ---- Whom we trust ----

    /// Judges with the validators that are known; where these have given way to others, with those.
    fn held<T>(&self, judge: impl Fn(&Lineage) -> Result<T, WitnessFault>) -> Result<T, Failure> {
        let mut known = self.lineage.lock().unwrap_or_else(PoisonError::into_inner);
        let lineage = match &mut *known {
            Some(lineage) => lineage,
            unknown => unknown.insert(self.begin()?),
        };
        match judge(lineage) {
            Err(WitnessFault::Header(HeaderFault::UntrustedValidators)) => {
                self.follow(lineage)?;
                judge(lineage)
            }
            verdict => verdict,
        }
        .map_err(|why| self.lied(&why))
    }
    fn begin(&self) -> Result<Lineage, Failure> {
        let shown: dto::Genesis = self.client.get("/v1/genesis")?;
        let genesis: Genesis = self.decoded(&shown.genesis)?;
        let found = genesis.chain_id();
        if found != self.chain {
            let (url, expected) = (self.client.url(), self.chain);
            return Err(Failure::unverified(format!("{url} shows the genesis of chain {found}, not of {expected}")));
        }
        Lineage::of_genesis(&genesis).map_err(|e| Failure::unverified(format!("the genesis: {e}")))
    }
    /// Goes on from the newest set that is known, in steps of a page, as long as there are more.
    fn follow(&self, lineage: &mut Lineage) -> Result<(), Failure> {
        let mut from = Some(lineage.since().get());
        while let Some(start) = from {
            let page: Page<dto::Handover> = self.client.get(&format!("/v1/handovers?from={start}&limit=1000"))?;
            for it in page.items {
                let handover: Handover = self.decoded(&it.handover)?;
                lineage.follow(handover).map_err(|e| self.lied(&e))?;
            }
            from = page.next.map(|it| it.0).filter(|it| start < *it);
        }
        Ok(())
    }
    fn decoded<T: Decode<()> + Encode>(&self, bytes: &dto::Hex) -> Result<T, Failure> {
        decode_canonical(&bytes.0, MESSAGE_BYTES_MAX).map_err(|e| self.client.nonsense(e))
    }
    /// The node is wrong, or worse.
    fn lied(&self, why: &dyn std::fmt::Display) -> Failure {
        Failure::unverified(format!(
            "{} shows what is not on the ledger, and nothing was signed: {why}; ask another node (--api)",
            self.client.url()
        ))
    }
}

impl Client {
    /// Entries of the state under one header: of the first keys, when all are too much for an answer.
    pub(crate) fn state(&self, keys: &[Vec<u8>]) -> Result<ProvenState, Failure> {
        let digits: Vec<String> = keys.iter().map(|key| key.iter().map(|it| format!("{it:02x}")).collect()).collect();
        let answer: dto::State = self.get(&format!("/v1/state?keys={}", digits.join(",")))?;
        decode_canonical(&answer.state.0, MESSAGE_BYTES_MAX).map_err(|e| self.nonsense(e))
    }
    /// A whole block.
    pub(crate) fn block(&self, height: Height) -> Result<(Block, urne_types::certificate::CommitCertificate), Failure> {
        let shown: dto::Block = self.get(&format!("/v1/blocks/{height}?raw"))?;
        let bytes = shown.raw.ok_or_else(|| self.nonsense("a block without its bytes"))?;
        let block = Block::decode(&bytes.0).map_err(|e| self.nonsense(e))?;
        Ok((block, shown.certificate))
    }
    /// An answer that no node of ours gives.
    pub(crate) fn nonsense(&self, why: impl std::fmt::Display) -> Failure {
        Failure::new(Exit::Unreachable, format!("{} does not answer like urne ({why})", self.url()))
    }
}

#[cfg(test)]
mod tests {
    use super::{Client, Exit, Height, Proven};
    use urne_types::ChainId;

    #[test]
    fn a_node_never_goes_back_behind_what_it_has_shown() {
        let proven = Proven::new(Client::of("http://127.0.0.1:1"), ChainId([1; 32]));
        let shown = |height| proven.never_back(Height::new(height)).map_err(|it| it.exit);
        assert_eq!([shown(7), shown(7), shown(9)], [Ok(()); 3]);
        assert_eq!(shown(8), Err(Exit::Unreachable), "it is asked again later");
        assert_eq!(shown(9), Ok(()), "and believed once it is there");
    }
}
