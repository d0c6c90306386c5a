//! Append-only Merkle logs in the shape of RFC 6962, with BLAKE3: a leaf is hashed with a 0 byte before it, a node with a
//! 1 byte, and the tree of n leaves splits at the largest power of two below n. Inclusion says "my ballot is in the log",
//! consistency says "the log I saw is a beginning of the log you show".
//!
//! A [`Frontier`] (at most 64 hashes) is enough to append and to know the root. Proofs need the roots of complete
//! subtrees, which whoever keeps the log stores by [`NodeId`] as [`Frontier::append`] returns them.
use crate::{MerkleRoot, bounded::List, limits::MERKLE_PATH_MAX};
use bincode::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// A path of hashes from a leaf, or from an older root, to a root.
pub type Path = List<MerkleRoot, MERKLE_PATH_MAX>;

/// The hash of a leaf's bytes.
#[must_use]
pub fn leaf_hash(leaf: &[u8]) -> MerkleRoot {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&[0]).update(leaf);
    MerkleRoot(*hasher.finalize().as_bytes())
}

fn node_hash(left: &MerkleRoot, right: &MerkleRoot) -> MerkleRoot {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&[1]).update(&left.0).update(&right.0);
    MerkleRoot(*hasher.finalize().as_bytes())
}

/// The root of a log without leaves.
#[must_use]
pub fn empty_root() -> MerkleRoot {
    MerkleRoot(*blake3::hash(b"").as_bytes())
}

/// The root over leaves that are all at hand.
#[must_use]
pub fn root_of<B: AsRef<[u8]>>(leaves: impl IntoIterator<Item = B>) -> MerkleRoot {
    let mut frontier = Frontier::default();
    for leaf in leaves {
        frontier.append(leaf_hash(leaf.as_ref()), |_, _| {});
    }
    frontier.root()
}

/// A complete subtree: the leaves `index * 2^level .. (index + 1) * 2^level`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NodeId {
    /// 0 for a leaf.
    pub level: u8,
    /// Position among the subtrees of that level.
    pub index: u64,
}

/// What must be remembered to append: the roots of the complete subtrees, largest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
pub struct Frontier {
    size: u64,
    peaks: Path,
}

impl Frontier {
    /// Number of leaves.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }
    /// Adds a leaf, and tells `keep` every complete subtree that this finishes, the leaf first.
    pub fn append(&mut self, leaf: MerkleRoot, mut keep: impl FnMut(NodeId, MerkleRoot)) {
        let mut peaks = std::mem::take(&mut self.peaks).into_vec();
        let mut node = NodeId { level: 0, index: self.size };
        let mut hash = leaf;
        keep(node, hash);
        while node.index & 1 == 1 {
            let left = peaks.pop().expect("an odd index has a left sibling among the peaks");
            hash = node_hash(&left, &hash);
            node = NodeId { level: node.level + 1, index: node.index >> 1 };
            keep(node, hash);
        }
        peaks.push(hash);
        self.peaks = Path::new(peaks).expect("a log of 2^64 leaves has 64 peaks");
        self.size = self.size.checked_add(1).expect("2^64 leaves outlive us all");
    }
    /// The root of the log so far.
    #[must_use]
    pub fn root(&self) -> MerkleRoot {
        let mut peaks = self.peaks.iter().rev();
        let Some(mut root) = peaks.next().copied() else { return empty_root() };
        for peak in peaks {
            root = node_hash(peak, &root);
        }
        root
    }
}

/// The largest power of two strictly below `n`, for `n` of at least 2.
fn split(n: u64) -> u64 {
    1 << (63 - (n - 1).leading_zeros())
}

/// A node that the keeper of the log should have but has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the log lacks its node {0:?}")]
pub struct Missing(pub NodeId);

type Nodes<'a> = dyn FnMut(NodeId) -> Option<MerkleRoot> + 'a;

/// Root of the leaves `from .. from + n`, where `from` is a multiple of the size of the first complete subtree.
fn subtree(from: u64, n: u64, nodes: &mut Nodes<'_>) -> Result<MerkleRoot, Missing> {
    if n.is_power_of_two() {
        let level = u8::try_from(n.trailing_zeros()).expect("a u64 has 64 bits");
        let id = NodeId { level, index: from >> level };
        return nodes(id).ok_or(Missing(id));
    }
    let k = split(n);
    Ok(node_hash(&subtree(from, k, nodes)?, &subtree(from + k, n - k, nodes)?))
}

/// The root that the kept nodes give over the first `size` leaves: to check a keeper against a head it announced.
///
/// # Errors
/// [`Missing`] when the keeper has lost a node.
pub fn root_at(size: u64, nodes: &mut Nodes<'_>) -> Result<MerkleRoot, Missing> {
    if size == 0 { Ok(empty_root()) } else { subtree(0, size, nodes) }
}

/// Proof that leaf `index` is in the log of `size` leaves: the siblings from the leaf up (RFC 6962, 2.1.1).
///
/// # Errors
/// [`Missing`] when the keeper has lost a node.
///
/// # Panics
/// When `index` is not below `size`: the caller knows its log.
pub fn prove_inclusion(index: u64, size: u64, nodes: &mut Nodes<'_>) -> Result<Path, Missing> {
    assert!(index < size, "leaf {index} is not in a log of {size}");
    let mut path = Vec::new();
    let (mut from, mut n) = (0, size);
    while 1 < n {
        let k = split(n);
        if index < from + k {
            path.push(subtree(from + k, n - k, nodes)?);
            n = k;
        } else {
            path.push(subtree(from, k, nodes)?);
            (from, n) = (from + k, n - k);
        }
    }
    path.reverse();
    Ok(Path::new(path).expect("a tree of 2^64 leaves is 64 high"))
}

/// Whether the path leads from the leaf to the root (RFC 9162, 2.1.3.2).
#[must_use]
pub fn verify_inclusion(leaf: &MerkleRoot, index: u64, size: u64, path: &[MerkleRoot], root: &MerkleRoot) -> bool {
    if size <= index {
        return false;
    }
    let (mut node, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in path {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            while node & 1 == 0 && node != 0 {
                (node, last) = (node >> 1, last >> 1);
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    last == 0 && hash == *root
}

/// Proof that the log of `old` leaves is a beginning of the log of `new` leaves (RFC 6962, 2.1.2).
///
/// # Errors
/// [`Missing`] when the keeper has lost a node.
///
/// # Panics
/// When `old` is 0 or above `new`: there is nothing to prove.
pub fn prove_consistency(old: u64, new: u64, nodes: &mut Nodes<'_>) -> Result<Path, Missing> {
    assert!(0 < old && old <= new, "no proof from {old} to {new} leaves");
    let mut path = Vec::new();
    consistency_into(old, 0, new, true, nodes, &mut path)?;
    Ok(Path::new(path).expect("a tree of 2^64 leaves is 64 high"))
}

fn consistency_into(
    old: u64,
    from: u64,
    n: u64,
    is_whole: bool,
    nodes: &mut Nodes<'_>,
    path: &mut Vec<MerkleRoot>,
) -> Result<(), Missing> {
    if old == n {
        if !is_whole {
            path.push(subtree(from, n, nodes)?);
        }
        return Ok(());
    }
    let k = split(n);
    if old <= k {
        consistency_into(old, from, k, is_whole, nodes, path)?;
        path.push(subtree(from + k, n - k, nodes)?);
    } else {
        consistency_into(old - k, from + k, n - k, false, nodes, path)?;
        path.push(subtree(from, k, nodes)?);
    }
    Ok(())
}

/// Whether the path leads from the old root to the new one (RFC 9162, 2.1.4.2).
#[must_use]
pub fn verify_consistency(
    old: u64,
    new: u64,
    old_root: &MerkleRoot,
    new_root: &MerkleRoot,
    path: &[MerkleRoot],
) -> bool {
    if old == new {
        return path.is_empty() && old_root == new_root;
    }
    if old == 0 || new < old {
        return false;
    }
    let mut path = path.iter();
    let first = if old.is_power_of_two() { Some(old_root) } else { path.next() };
    let Some(first) = first else { return false };
    let (mut node, mut last) = (old - 1, new - 1);
    while node & 1 == 1 {
        (node, last) = (node >> 1, last >> 1);
    }
    let (mut old_hash, mut new_hash) = (*first, *first);
    for step in path {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            old_hash = node_hash(step, &old_hash);
            new_hash = node_hash(step, &new_hash);
            while node & 1 == 0 && node != 0 {
                (node, last) = (node >> 1, last >> 1);
            }
        } else {
            new_hash = node_hash(&new_hash, step);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    last == 0 && old_hash == *old_root && new_hash == *new_root
}
