//! The double-sign guard: it comes back as it was last written, or the node does not start.
use std::{fs, path::PathBuf};
use urne_node::guard::{GuardError, GuardFile, RECORD_BYTES_MAX};
use urne_types::PublicKey;

const KEY: PublicKey = PublicKey([7; 32]);
const OTHER: PublicKey = PublicKey([8; 32]);

fn place() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("guard");
    (folder, path)
}
fn last(path: &std::path::Path) -> Option<Vec<u8>> {
    GuardFile::open(path, &KEY).expect("the guard opens").1
}

#[test]
fn a_key_that_never_signed_has_a_guard_without_record() {
    let (_folder, path) = place();
    GuardFile::create(&path, &KEY).expect("create");
    assert_eq!(last(&path), None);
    assert!(matches!(GuardFile::create(&path, &KEY), Err(GuardError::Exists { .. })));
}

#[test]
fn the_last_record_written_is_the_one_that_comes_back() {
    let (_folder, path) = place();
    GuardFile::create(&path, &KEY).expect("create");
    for n in 0..9_u8 {
        let (mut guard, _) = GuardFile::open(&path, &KEY).expect("open");
        guard.write(&[n; 40]).expect("write");
        guard.write(&[n, n]).expect("write a shorter one");
        assert_eq!(last(&path), Some(vec![n, n]));
    }
}

#[test]
fn a_missing_guard_stops_the_node_with_the_way_out() {
    let (_folder, path) = place();
    let error = GuardFile::open(&path, &KEY).expect_err("missing");
    assert!(error.to_string().contains("urne keys guard reset --height"), "{error}");
}

#[test]
fn a_guard_is_one_keys_and_says_nothing_of_another() {
    let (_folder, path) = place();
    GuardFile::create(&path, &OTHER).expect("create");
    let error = GuardFile::open(&path, &KEY).expect_err("a new folder's guard beside a restored key");
    assert!(matches!(error, GuardError::OtherKey { found: OTHER, expected: KEY, .. }), "{error}");
    assert!(error.to_string().contains("urne keys guard reset --height"), "{error}");
}

#[test]
fn a_guard_is_handed_over_with_what_it_forbids_as_often_as_one_likes() {
    let (_folder, path) = place();
    GuardFile::create(&path, &OTHER).expect("create");
    GuardFile::open(&path, &OTHER).expect("open").0.write(b"signed").expect("write");
    for _ in 0..2 {
        GuardFile::hand_over(&path, &OTHER, &KEY).expect("hand over");
        assert_eq!(last(&path), Some(b"signed".to_vec()));
    }
    let third = PublicKey([9; 32]);
    assert!(matches!(GuardFile::hand_over(&path, &third, &OTHER), Err(GuardError::OtherKey { found: KEY, .. })));
}

#[test]
fn any_flipped_bit_of_either_slot_stops_the_node() {
    let (_folder, path) = place();
    GuardFile::create(&path, &KEY).expect("create");
    GuardFile::open(&path, &KEY).expect("open").0.write(b"signed").expect("write");
    let whole = fs::read(&path).expect("read");
    // Turn 1 was the creation's second slot, so turn 2 went to the first one, the second one still being empty.
    for at in (0..60 + 6).chain(4096..4096 + 60) {
        let mut bytes = whole.clone();
        bytes[at] ^= 4;
        fs::write(&path, &bytes).expect("write");
        assert!(matches!(GuardFile::open(&path, &KEY), Err(GuardError::Corrupt { .. })), "byte {at}");
    }
    for cut in [0, 100, 5000] {
        fs::write(&path, &whole[..cut]).expect("write");
        assert!(matches!(GuardFile::open(&path, &KEY), Err(GuardError::Corrupt { .. })), "cut at {cut}");
    }
    fs::write(&path, vec![0; 8192]).expect("write");
    assert!(
        matches!(GuardFile::open(&path, &KEY), Err(GuardError::Corrupt { .. })),
        "zeros are not a key that never signed"
    );
}

#[test]
fn the_operator_may_reset_a_damaged_guard() {
    let (_folder, path) = place();
    fs::write(&path, b"damaged").expect("write");
    GuardFile::reset(&path, &KEY, b"up to height 12").expect("reset");
    assert_eq!(last(&path), Some(b"up to height 12".to_vec()));
}

#[test]
fn a_record_fills_its_slot_and_no_more() {
    let (_folder, path) = place();
    GuardFile::create(&path, &KEY).expect("create");
    let (mut guard, _) = GuardFile::open(&path, &KEY).expect("open");
    assert!(matches!(guard.write(&vec![1; RECORD_BYTES_MAX + 1]), Err(GuardError::TooLong { .. })));
    for n in 1..4 {
        guard.write(&vec![n; RECORD_BYTES_MAX]).expect("write");
        assert_eq!(last(&path), Some(vec![n; RECORD_BYTES_MAX]));
    }
}
