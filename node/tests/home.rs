//! A node's folder: one process, one chain.
use urne_node::home::{Home, HomeError};
use urne_types::ChainId;

fn home() -> (tempfile::TempDir, Home) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let home = Home::at(folder.path().join("node"));
    home.create().expect("create");
    (folder, home)
}

#[test]
fn a_folder_is_made_once_and_its_keys_are_private() {
    use std::os::unix::fs::PermissionsExt;
    let (_folder, home) = home();
    assert!(matches!(home.create(), Err(HomeError::Occupied { .. })));
    assert_eq!(home.keys_folder().metadata().expect("metadata").permissions().mode() & 0o777, 0o700);
    assert!(matches!(home.must_exist(), Err(HomeError::NotAHome { missing: "config.toml", .. })));
}

#[test]
fn two_processes_never_share_a_folder() {
    let (_folder, home) = home();
    let lock = home.lock().expect("lock");
    assert!(matches!(home.lock(), Err(HomeError::InUse { .. })));
    drop(lock);
    assert!(home.lock().is_ok());
}

#[test]
fn another_chains_data_is_refused() {
    let (_folder, home) = home();
    let (ours, other) = (ChainId([1; 32]), ChainId([2; 32]));
    home.claim_for(&ours).expect("the first start");
    home.claim_for(&ours).expect("every later one");
    let error = home.claim_for(&other).expect_err("refused");
    assert!(error.to_string().contains("choose another --home or restore it"), "{error}");
}

#[test]
fn data_without_a_name_is_refused() {
    let (_folder, home) = home();
    std::fs::write(home.data_folder().join("CURRENT"), "x").expect("write");
    assert!(matches!(home.claim_for(&ChainId([1; 32])), Err(HomeError::Unnamed { .. })));
}
