//! Logs of every small size: a path that verifies under the true root leads from the true leaf, and from a true beginning.
#![no_main]
use libfuzzer_sys::fuzz_target;
use urne_fuzz::Choices;
use urne_types::{
    MerkleRoot,
    merkle::{leaf_hash, prove_consistency, prove_inclusion, root_of, verify_consistency, verify_inclusion},
};

fuzz_target!(|bytes: &[u8]| {
    let mut choices = Choices(bytes);
    let size = u64::from(choices.byte()) + 1;
    let (leaf_of, index) = (u64::from(choices.byte()) % size, u64::from(choices.byte()));
    let leaves: Vec<[u8; 1]> = (0..=255).take(usize::try_from(size).expect("small")).map(|it| [it]).collect();
    let root_at = |n: u64| root_of(&leaves[..usize::try_from(n).expect("small")]);
    let hash = |from: u64, n: u64| {
        let range = usize::try_from(from).expect("small")..usize::try_from((from + n).min(size)).expect("small");
        root_of(&leaves[range])
    };
    let mut nodes = |id: urne_types::merkle::NodeId| Some(hash(id.index << id.level, 1 << id.level));

    let mut path = prove_inclusion(leaf_of, size, &mut nodes).expect("all nodes").into_vec();
    let old = leaf_of + 1;
    let mut growth = prove_consistency(old, size, &mut nodes).expect("all nodes").into_vec();
    let true_paths = (path.clone(), growth.clone());
    for it in [&mut path, &mut growth] {
        match choices.below(5) {
            0 => it.push(MerkleRoot([choices.byte(); 32])),
            1 => drop(it.pop()),
            2 if !it.is_empty() => {
                let at = usize::from(choices.byte()) % it.len();
                it[at].0[usize::from(choices.below(32))] ^= 1 << choices.below(8);
            }
            3 => it.reverse(),
            _ => {}
        }
    }
    // Sizes and roots come from verified heads: `urne-light` never takes either from a proof.
    let leaf = leaf_hash(&leaves[usize::try_from(leaf_of).expect("small")]);
    if verify_inclusion(&leaf, index, size, &path, &root_at(size)) {
        assert_eq!((index, &path), (leaf_of, &true_paths.0), "leaf {leaf_of} of {size} shown otherwise");
    }
    if verify_consistency(old, size, &root_at(old), &root_at(size), &growth) {
        assert_eq!(growth, true_paths.1, "{old} of {size} shown by another path");
    }
});
