//! The authenticated map: a Jellyfish Merkle tree (crate `jmt`, SHA-256) over the entries of [`Column::Map`], whose root is
//! the application hash. The root depends on the entries only, not on their history. Nodes that a change makes stale are
//! removed in the same write: only the newest state can be proven.
use crate::{
    kv::{Batch, Column, KvRead, StoreError},
    records::missing,
};
use jmt::{
    JellyfishMerkleTree, KeyHash, OwnedValue, RootHash, Version,
    proof::SparseMerkleProof,
    storage::{LeafNode, Node, NodeKey, TreeReader, TreeUpdateBatch},
};
use sha2::Sha256;
use std::{collections::BTreeMap, ops::ControlFlow};
use urne_types::AppHash;

type Tree<'a, R> = JellyfishMerkleTree<'a, R, Sha256>;

/// A change of the tree, computed but not written.
#[derive(Clone, Debug)]
pub(crate) struct TreeUpdate {
    pub(crate) root: AppHash,
    pub(crate) version: Version,
    batch: TreeUpdateBatch,
}

/// The tree as a store holds it, at one version.
pub(crate) struct StateTree<'a> {
    kv: &'a dyn KvRead,
    version: Version,
}

impl<'a> StateTree<'a> {
    /// The tree at a version: the tip's.
    pub(crate) fn at(kv: &'a dyn KvRead, version: Version) -> Self {
        Self { kv, version }
    }
    /// The root that the stored nodes give.
    pub(crate) fn root(&self) -> Result<AppHash, StoreError> {
        Tree::new(&Nodes::of(self.kv)).get_root_hash(self.version).map(|it| AppHash(it.0)).map_err(damaged)
    }
    /// What these changed entries make of the tree; none when there are none.
    pub(crate) fn update(
        &self,
        changed: &BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    ) -> Result<Option<TreeUpdate>, StoreError> {
        if changed.is_empty() {
            return Ok(None);
        }
        let version = self.version + 1;
        let entries = changed.iter().map(|(key, value)| (key_hash(key), value.clone()));
        let (root, batch) = Tree::new(&Nodes::of(self.kv)).put_value_set(entries, version).map_err(damaged)?;
        Ok(Some(TreeUpdate { root: AppHash(root.0), version, batch }))
    }
    /// Whether every entry of [`Column::Map`] is proven under the root by the stored nodes.
    pub(crate) fn proves_all(&self) -> Result<bool, StoreError> {
        let root = RootHash(self.root()?.0);
        let mut all = true;
        self.kv.scan(Column::Map, b"", b"", &mut |key, value| {
            let nodes = Nodes { kv: self.kv, proven: value };
            let proven = Tree::new(&nodes)
                .get_with_proof(key_hash(key), self.version)
                .and_then(|(_, proof)| proof.verify_existence(root, key_hash(key), value));
            all = proven.is_ok();
            if all { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        Ok(all)
    }
    /// Proof that an entry is under the root, in the encoding of `jmt` (borsh).
    pub(crate) fn prove(&self, key: &[u8], value: &[u8]) -> Result<Vec<u8>, StoreError> {
        let nodes = Nodes { kv: self.kv, proven: value };
        let (found, proof): (_, SparseMerkleProof<Sha256>) =
            Tree::new(&nodes).get_with_proof(key_hash(key), self.version).map_err(damaged)?;
        found.ok_or_else(|| missing("an entry of the authenticated map"))?;
        Ok(borsh::to_vec(&proof).expect("encoding to memory cannot fail"))
    }
    /// Proof that nothing is there under the root.
    pub(crate) fn prove_absence(&self, key: &[u8]) -> Result<Vec<u8>, StoreError> {
        let (found, proof): (_, SparseMerkleProof<Sha256>) =
            Tree::new(&Nodes::of(self.kv)).get_with_proof(key_hash(key), self.version).map_err(damaged)?;
        match found {
            Some(_) => Err(damaged("it holds an entry that the map has not")),
            None => Ok(borsh::to_vec(&proof).expect("encoding to memory cannot fail")),
        }
    }
}

/// The tree of a whole set of entries, at a version: for genesis and for start-up checks.
pub(crate) fn rebuild(
    entries: impl IntoIterator<Item = (Vec<u8>, Vec<u8>)>,
    version: Version,
) -> Result<TreeUpdate, StoreError> {
    let entries: Vec<_> = entries.into_iter().map(|(key, value)| (key_hash(&key), value)).collect();
    if entries.is_empty() {
        return Err(missing("the whole state"));
    }
    let (roots, batch) = Tree::new(&Nothing).batch_put_value_sets(vec![entries], None, version).map_err(damaged)?;
    let root = roots.first().expect("one set of entries has one root");
    Ok(TreeUpdate { root: AppHash(root.0), version, batch })
}

/// The tree of the entries that a store holds in [`Column::Map`].
pub(crate) fn rebuild_from(kv: &dyn KvRead, version: Version) -> Result<TreeUpdate, StoreError> {
    let mut entries = Vec::new();
    kv.scan(Column::Map, b"", b"", &mut |key, value| {
        entries.push((key.to_vec(), value.to_vec()));
        ControlFlow::Continue(())
    })?;
    rebuild(entries, version)
}

impl TreeUpdate {
    /// Adds the new nodes and removes the stale ones.
    pub(crate) fn write_into(&self, batch: &mut Batch) {
        for (key, node) in self.batch.node_batch.nodes() {
            batch.put(Column::StateNodes, node_key(key), borsh::to_vec(node).expect("encoding to memory cannot fail"));
        }
        for stale in &self.batch.stale_node_index_batch {
            batch.delete(Column::StateNodes, node_key(&stale.node_key));
        }
    }
}

/// Where a key of [`Column::Map`] is in the tree.
fn key_hash(key: &[u8]) -> KeyHash {
    KeyHash::with::<Sha256>(key)
}

fn node_key(key: &NodeKey) -> Vec<u8> {
    borsh::to_vec(key).expect("encoding to memory cannot fail")
}

fn damaged(e: impl std::fmt::Display) -> StoreError {
    StoreError::Damaged { what: format!("the authenticated map: {e}") }
}

/// What `jmt` reads. Values are in [`Column::Map`] and nowhere else: the only one it ever asks for is the one being proven.
struct Nodes<'a> {
    kv: &'a dyn KvRead,
    proven: &'a [u8],
}
impl<'a> Nodes<'a> {
    fn of(kv: &'a dyn KvRead) -> Self {
        Self { kv, proven: &[] }
    }
}
impl TreeReader for Nodes<'_> {
    fn get_node_option(&self, key: &NodeKey) -> anyhow::Result<Option<Node>> {
        let bytes = self.kv.get(Column::StateNodes, &node_key(key))?;
        Ok(bytes.map(|it| borsh::from_slice(&it)).transpose()?)
    }
    fn get_value_option(&self, _: Version, _: KeyHash) -> anyhow::Result<Option<OwnedValue>> {
        Ok(Some(self.proven.to_vec()))
    }
    fn get_rightmost_leaf(&self) -> anyhow::Result<Option<(NodeKey, LeafNode)>> {
        Ok(None)
    }
}

/// A tree without entries, to build on whatever the version: its root is null at the version before.
struct Nothing;
impl TreeReader for Nothing {
    fn get_node_option(&self, key: &NodeKey) -> anyhow::Result<Option<Node>> {
        Ok((key.nibble_path().is_empty() && key.version() != Version::MAX).then_some(Node::Null))
    }
    fn get_value_option(&self, _: Version, _: KeyHash) -> anyhow::Result<Option<OwnedValue>> {
        Ok(None)
    }
    fn get_rightmost_leaf(&self) -> anyhow::Result<Option<(NodeKey, LeafNode)>> {
        Ok(None)
    }
}
