//! Opening a data folder: begins a chain in an empty one, and otherwise refuses what is not this chain's or contradicts
//! itself, with a sentence that says what to do. Only what is derived from verified records is ever repaired.
use crate::{
    error::LedgerError,
    kv::{Batch, Column, Kv, KvRead, StoreError},
    ledger::{Ledger, Writable},
    logs::Log,
    reader::Reader,
    records::{CHAIN_KEY, LAYOUT_KEY, LAYOUT_VERSION, TIP_KEY, Tip, layout_bytes, load},
    remembered::Remembered,
    state_tree::{StateTree, TreeUpdate, rebuild, rebuild_from},
    turns::Turns,
};
use std::ops::ControlFlow;
use urne_types::{BlockHash, ChainId, Height, codec::encode, genesis::Genesis, proof::LogHead};
use urne_vote_contract::{self as contract, LogId, Page};

/// Something that was wrong in the data folder and was made right again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repair {
    /// The nodes of the authenticated map were not those of the state, which itself is the one that the tip's header
    /// commits to: they were computed again.
    StateNodesRebuilt,
}
impl std::fmt::Display for Repair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::StateNodesRebuilt => f.write_str("the proofs of the state were damaged and were computed again"),
        }
    }
}

impl<K: Kv> Ledger<K> {
    /// Opens the chain of a genesis: begins it when the store is empty, checks the store otherwise.
    ///
    /// # Errors
    /// [`LedgerError`]: another chain's or another layout's folder, or records that contradict one another.
    pub fn open(mut kv: K, genesis: &Genesis) -> Result<Self, LedgerError> {
        let (chain, mut repairs) = (genesis.chain_id(), Vec::new());
        let tip = match load::<u32>(&kv, Column::Meta, LAYOUT_KEY)? {
            None => begin(&mut kv, genesis, chain)?,
            Some(LAYOUT_VERSION) => resume(&mut kv, chain, &mut repairs)?,
            Some(found) => return Err(LedgerError::OtherLayout { found, expected: LAYOUT_VERSION }),
        };
        Ok(Self {
            kv: Remembered::new(kv),
            chain,
            turns: Turns::at(&tip),
            tip,
            repairs,
            writable: Writable::Yes,
            #[cfg(feature = "plants")]
            plant: None,
        })
    }
    /// What was repaired when the ledger was opened, for the operator's log.
    pub fn repairs(&self) -> &[Repair] {
        &self.repairs
    }
}

/// Writes the state that genesis describes.
fn begin(kv: &mut impl Kv, genesis: &Genesis, chain: ChainId) -> Result<Tip, LedgerError> {
    if !is_empty(kv)? {
        return Err(LedgerError::NoTip);
    }
    let (changes, validators) = contract::genesis(genesis)?;
    assert!(changes.appends.is_empty(), "genesis casts no ballot");
    let set = |(key, value): (&Vec<u8>, &Option<Vec<u8>>)| value.clone().map(|value| (key.clone(), value));
    let tree = rebuild(changes.map.iter().filter_map(set), 0)?;
    let tip = Tip {
        height: Height::GENESIS,
        block: BlockHash([0; 32]),
        time: genesis.time,
        app_hash: tree.root,
        state_version: 0,
        decided_by: validators.clone(),
        validators: validators.clone(),
        next_validators: validators,
        certificate: None,
    };
    let mut batch = Batch::default();
    for (column, changed) in [(Column::Map, &changes.map), (Column::Index, &changes.index)] {
        changed.iter().filter_map(set).for_each(|(key, value)| batch.put(column, key, value));
    }
    tree.write_into(&mut batch);
    batch.put(Column::Meta, LAYOUT_KEY, layout_bytes());
    batch.put(Column::Meta, CHAIN_KEY, encode(&chain));
    batch.put(Column::Meta, TIP_KEY, encode(&tip));
    kv.write(batch)?;
    Ok(tip)
}

fn is_empty(kv: &impl KvRead) -> Result<bool, StoreError> {
    let mut is_empty = true;
    for column in Column::ALL {
        kv.scan(column, b"", b"", &mut |_, _| {
            is_empty = false;
            ControlFlow::Break(())
        })?;
    }
    Ok(is_empty)
}

/// Checks what an earlier run left.
fn resume(kv: &mut impl Kv, chain: ChainId, repairs: &mut Vec<Repair>) -> Result<Tip, LedgerError> {
    let found = load::<ChainId>(kv, Column::Meta, CHAIN_KEY)?.ok_or(LedgerError::NoTip)?;
    if found != chain {
        return Err(LedgerError::OtherChain { found, expected: chain });
    }
    let tip: Tip = load(kv, Column::Meta, TIP_KEY)?.ok_or(LedgerError::NoTip)?;
    let contradiction = |what| LedgerError::Contradiction { height: tip.height, what };
    contradiction_in_blocks(kv, chain, &tip)?.map_or(Ok(()), |what| Err(contradiction(what)))?;
    let rebuilt = rebuild_from(kv, tip.state_version)?;
    if rebuilt.root != tip.app_hash {
        return Err(contradiction("the state is not the one that the last header commits to"));
    }
    contradiction_in_state(kv, &tip)?.map_or(Ok(()), |what| Err(contradiction(what)))?;
    if StateTree::at(kv, tip.state_version).root() != Ok(tip.app_hash) {
        write_nodes_again(kv, &rebuilt)?;
        repairs.push(Repair::StateNodesRebuilt);
    }
    Ok(tip)
}

/// Whether the tip, its header, its block and its certificate are one.
fn contradiction_in_blocks(kv: &impl KvRead, chain: ChainId, tip: &Tip) -> Result<Option<&'static str>, StoreError> {
    let reader = Reader::new(kv);
    if reader.header(tip.height.next())?.is_some() {
        return Ok(Some("there is a header beyond the tip"));
    }
    if tip.height == Height::GENESIS {
        return Ok(tip.certificate.is_some().then_some("a certificate without a block"));
    }
    let Some(header) = reader.header(tip.height)? else { return Ok(Some("the last header is missing")) };
    let Some(block) = reader.block(tip.height)? else { return Ok(Some("the last block is missing")) };
    let Some(certificate) = reader.certificate(tip.height)? else {
        return Ok(Some("the last certificate is missing"));
    };
    let is_certified = certificate.block == tip.block && certificate.verify(&chain, &tip.decided_by).is_ok();
    let is_of_header = (header.height, header.time, header.app_hash) == (tip.height, tip.time, tip.app_hash);
    let is_decided_by_sets =
        (header.validators_hash, header.next_validators_hash) == (tip.decided_by.hash(), tip.validators.hash());
    Ok(match () {
        () if header.hash() != tip.block => Some("the last header is not the tip's"),
        () if !is_of_header => Some("the last header tells another time or state than the tip"),
        () if block.header != header => Some("the last block is not that of its header"),
        () if !is_certified || Some(&certificate) != tip.certificate.as_ref() => {
            Some("the last certificate does not decide the last block")
        }
        () if !is_decided_by_sets => Some("the validators are not those that the last header commits to"),
        () => None,
    })
}

/// Whether the logs and the validators are those of the state.
fn contradiction_in_state(kv: &impl KvRead, tip: &Tip) -> Result<Option<&'static str>, StoreError> {
    Reader::new(kv).view().run(|view| {
        if contract::validator_set(view) != tip.next_validators {
            return Ok(Some("the validators are not those of the state"));
        }
        for election in contract::elections(view, Page::ALL) {
            for log in LogId::of(election) {
                let kept = Log::of(kv, log).head()?;
                let is_told = match contract::log_head(view, &log) {
                    Some(LogHead { size, root }) => kept.size == size && kept.root == root,
                    None => kept.size == 0,
                };
                if !is_told {
                    return Ok(Some("a log of an election is not the one that the state commits to"));
                }
            }
        }
        Ok(None)
    })?
}

fn write_nodes_again(kv: &mut impl Kv, rebuilt: &TreeUpdate) -> Result<(), StoreError> {
    let mut batch = Batch::default();
    kv.scan(Column::StateNodes, b"", b"", &mut |key, _| {
        batch.delete(Column::StateNodes, key);
        ControlFlow::Continue(())
    })?;
    rebuilt.write_into(&mut batch);
    kv.write(batch)
}
