//! Merkle logs against a second, naive writing of RFC 6962, over every leaf and every pair of small sizes; a path with one
//! flipped bit, one step more or one step less proves nothing.
use std::collections::BTreeMap;
use urne_types::{
    MerkleRoot,
    merkle::{
        Frontier, Missing, NodeId, Path, empty_root, leaf_hash, prove_consistency, prove_inclusion, root_at, root_of,
        verify_consistency, verify_inclusion,
    },
};

const SIZES: u64 = 70;

fn leaf(index: u64) -> MerkleRoot {
    leaf_hash(&index.to_be_bytes())
}

/// MTH of RFC 6962, section 2.1, word for word.
fn naive_root(leaves: &[MerkleRoot]) -> MerkleRoot {
    match leaves {
        [] => MerkleRoot(*blake3::hash(b"").as_bytes()),
        [one] => *one,
        _ => {
            let k = leaves.len().next_power_of_two() / 2;
            let (left, right) = leaves.split_at(k);
            let mut hasher = blake3::Hasher::new();
            hasher.update(&[1]).update(&naive_root(left).0).update(&naive_root(right).0);
            MerkleRoot(*hasher.finalize().as_bytes())
        }
    }
}

/// A log of [`SIZES`] leaves with its nodes and the root after each leaf.
struct Log {
    nodes: BTreeMap<NodeId, MerkleRoot>,
    roots: Vec<MerkleRoot>,
}

impl Log {
    fn grown() -> Self {
        let (mut nodes, mut frontier) = (BTreeMap::new(), Frontier::default());
        let mut roots = vec![frontier.root()];
        for index in 0..SIZES {
            frontier.append(leaf(index), |node, hash| {
                assert_eq!(nodes.insert(node, hash), None, "a complete subtree is told once");
            });
            roots.push(frontier.root());
        }
        Self { nodes, roots }
    }
    fn root(&self, size: u64) -> MerkleRoot {
        self.roots[usize::try_from(size).expect("small")]
    }
    fn inclusion(&self, index: u64, size: u64) -> Path {
        prove_inclusion(index, size, &mut |node| self.nodes.get(&node).copied()).expect("every node was kept")
    }
    fn consistency(&self, old: u64, new: u64) -> Path {
        prove_consistency(old, new, &mut |node| self.nodes.get(&node).copied()).expect("every node was kept")
    }
}

fn flipped(hash: &MerkleRoot, bit: usize) -> MerkleRoot {
    let mut bytes = hash.0;
    bytes[bit / 8 % 32] ^= 1 << (bit % 8);
    MerkleRoot(bytes)
}

/// The same path with one bit flipped at each step, one step missing at either end, one step repeated at either end.
fn spoiled(path: &[MerkleRoot]) -> Vec<Vec<MerkleRoot>> {
    let mut all = Vec::new();
    for at in 0..path.len() {
        let mut copy = path.to_vec();
        copy[at] = flipped(&path[at], 37 * at + 5);
        all.push(copy);
    }
    let extra = leaf(999);
    all.push([path, &[extra]].concat());
    all.push([&[extra], path].concat());
    if let ([_, tail @ ..], [head @ .., _]) = (path, path) {
        all.push(tail.to_vec());
        all.push(head.to_vec());
    }
    all
}

#[test]
fn the_root_of_every_size_is_that_of_the_rfc() {
    let log = Log::grown();
    let leaves: Vec<_> = (0..SIZES).map(leaf).collect();
    for size in 0..=SIZES {
        let naive = naive_root(&leaves[..usize::try_from(size).expect("small")]);
        assert_eq!(log.root(size), naive, "frontier, size {size}");
        assert_eq!(root_of((0..size).map(u64::to_be_bytes)), naive, "all at hand, size {size}");
        let kept = root_at(size, &mut |node| log.nodes.get(&node).copied());
        assert_eq!(kept, Ok(naive), "from the kept nodes, size {size}");
    }
    assert_eq!(log.root(0), empty_root());
}

#[test]
fn every_leaf_of_every_size_is_proven_in_the_log() {
    let log = Log::grown();
    for size in 1..=SIZES {
        for index in 0..size {
            let path = log.inclusion(index, size);
            assert!(verify_inclusion(&leaf(index), index, size, &path, &log.root(size)), "leaf {index} of {size}");
        }
    }
}

#[test]
fn an_inclusion_path_proves_no_other_leaf_index_size_or_root() {
    let log = Log::grown();
    for size in 1..=SIZES {
        for index in 0..size {
            let (path, root) = (log.inclusion(index, size), log.root(size));
            let fails = |leaf: &MerkleRoot, index, size, path: &[MerkleRoot], root: &MerkleRoot, what: &str| {
                assert!(!verify_inclusion(leaf, index, size, path, root), "{what}: leaf {index} of {size}");
            };
            fails(&leaf(index + 1), index, size, &path, &root, "another leaf");
            fails(&leaf(index), index, size, &path, &flipped(&root, 7), "another root");
            fails(&leaf(index), size, size, &path, &root, "an index beyond the end");
            for other in (0..size).filter(|it| *it != index) {
                fails(&leaf(index), other, size, &path, &root, "another index");
            }
            for path in spoiled(&path) {
                fails(&leaf(index), index, size, &path, &root, "a spoiled path");
            }
        }
    }
    assert!(!verify_inclusion(&leaf(0), 0, 0, &[], &empty_root()), "nothing is in an empty log");
}

#[test]
fn every_older_log_is_proven_a_beginning_of_every_later_one() {
    let log = Log::grown();
    for new in 1..=SIZES {
        for old in 1..=new {
            let path = log.consistency(old, new);
            assert!(verify_consistency(old, new, &log.root(old), &log.root(new), &path), "{old} in {new}");
        }
    }
}

#[test]
fn a_consistency_path_proves_no_other_root() {
    let log = Log::grown();
    for new in 1..=SIZES {
        for old in 1..=new {
            let (path, old_root, new_root) = (log.consistency(old, new), log.root(old), log.root(new));
            let fails = |old, new, old_root: &MerkleRoot, new_root: &MerkleRoot, path: &[MerkleRoot], what: &str| {
                assert!(!verify_consistency(old, new, old_root, new_root, path), "{what}: {old} in {new}");
            };
            fails(old, new, &flipped(&old_root, 3), &new_root, &path, "another old root");
            fails(old, new, &old_root, &flipped(&new_root, 3), &path, "another new root");
            fails(new + 1, new, &old_root, &new_root, &path, "a log that shrinks");
            fails(0, new, &old_root, &new_root, &path, "from nothing");
            for path in spoiled(&path) {
                fails(old, new, &old_root, &new_root, &path, "a spoiled path");
            }
        }
    }
}

#[test]
fn a_removed_leaf_cannot_be_hidden_by_a_consistency_proof() {
    // The log shown first held leaf 3; the one shown later has another leaf in its place.
    let honest = Log::grown();
    let (mut nodes, mut rewritten) = (BTreeMap::new(), Frontier::default());
    for index in 0..SIZES {
        let hash = if index == 3 { leaf(1_000) } else { leaf(index) };
        rewritten.append(hash, |node, hash| {
            nodes.insert(node, hash);
        });
    }
    for old in 4..SIZES {
        let path = prove_consistency(old, SIZES, &mut |node| nodes.get(&node).copied()).expect("every node was kept");
        assert!(!verify_consistency(old, SIZES, &honest.root(old), &rewritten.root(), &path), "from {old}");
    }
}

#[test]
fn a_path_does_not_prove_the_size_which_must_come_from_a_verified_head() {
    // Found by fuzzing: 40 leaves of 65 and 40 of 70 have paths of one shape (RFC 9162 binds no size to a root).
    let log = Log::grown();
    let path = log.consistency(40, 65);
    assert!(verify_consistency(40, 65, &log.root(40), &log.root(65), &path));
    assert!(verify_consistency(40, 70, &log.root(40), &log.root(65), &path), "so `LogHead` carries the size");
}

#[test]
fn a_lost_node_is_named() {
    let lost = NodeId { level: 2, index: 0 };
    let log = Log::grown();
    let found = prove_inclusion(5, 8, &mut |node| log.nodes.get(&node).copied().filter(|_| node != lost));
    assert_eq!(found, Err(Missing(lost)));
}
