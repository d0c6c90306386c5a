//! Key files: private, sealed, bound to their public key and to their role.
use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf};
use urne_node::keystore::{KeyError, KeyFile, KeyRole, Passphrase, Protection};
use urne_types::{CollegeId, ElectionId, SecretKey};

fn place() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("a.key");
    (folder, path)
}
fn key() -> SecretKey {
    SecretKey::from_seed(&[9; 32])
}
fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(text.into()).expect("long enough")
}
fn sealed(path: &std::path::Path) {
    let passphrase = passphrase("correct horse battery");
    KeyFile::create(path, KeyRole::Validator, &key(), &Protection::Sealed(&passphrase)).expect("create");
}

#[test]
fn a_key_file_is_its_owners_alone_and_never_replaced() {
    let (_folder, path) = place();
    KeyFile::create(&path, KeyRole::Node, &key(), &Protection::Unencrypted).expect("create");
    assert_eq!(fs::metadata(&path).expect("metadata").permissions().mode() & 0o777, 0o600);
    let again = KeyFile::create(&path, KeyRole::Node, &key(), &Protection::Unencrypted);
    assert!(matches!(again, Err(KeyError::Exists { .. })));
    let read = KeyFile::read(&path, KeyRole::Node).expect("read");
    assert_eq!(read.open(None).expect("open").public(), key().public());
}

#[test]
fn a_file_that_others_may_read_is_refused() {
    let (_folder, path) = place();
    KeyFile::create(&path, KeyRole::Node, &key(), &Protection::Unencrypted).expect("create");
    for mode in [0o640, 0o604, 0o620, 0o601] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("chmod");
        let error = KeyFile::read(&path, KeyRole::Node).expect_err("exposed");
        assert!(error.to_string().contains("chmod 600"), "{error}");
    }
}

#[test]
fn a_sealed_key_opens_with_its_passphrase_only() {
    let (_folder, path) = place();
    sealed(&path);
    let file = KeyFile::read(&path, KeyRole::Validator).expect("read");
    assert_eq!((file.is_sealed(), file.public_key()), (true, key().public()));
    assert!(matches!(file.open(None), Err(KeyError::PassphraseNeeded { .. })));
    assert!(matches!(file.open(Some(&passphrase("correct horse batterz"))), Err(KeyError::WrongPassphrase { .. })));
    let opened = file.open(Some(&passphrase("correct horse battery"))).expect("open");
    assert_eq!(*opened.expose(), [9; 32]);
}

#[test]
fn nothing_can_be_exchanged_under_the_seal() {
    let (_folder, path) = place();
    sealed(&path);
    let text = fs::read_to_string(&path).expect("read");
    let other = SecretKey::from_seed(&[1; 32]).public().to_string();
    let exchanged = [
        text.replace(&key().public().to_string(), &other),
        text.replace("\"validator\"", "\"member\""),
        text.replace("\"passes\": 3", "\"passes\": 2"),
    ];
    for changed in exchanged {
        assert_ne!(changed, text);
        fs::write(&path, changed).expect("write");
        let file = KeyFile::read_any(&path).expect("read");
        assert!(matches!(file.open(Some(&passphrase("correct horse battery"))), Err(KeyError::WrongPassphrase { .. })));
    }
    fs::write(&path, text.replace("65536", "4294967295")).expect("write");
    let greedy = KeyFile::read_any(&path).expect("read").open(Some(&passphrase("correct horse battery")));
    assert!(matches!(greedy, Err(KeyError::Unreadable { .. })), "4 TiB of memory are not even tried");
}

#[test]
fn the_public_half_must_be_the_secrets() {
    let (_folder, path) = place();
    KeyFile::create(&path, KeyRole::Member, &key(), &Protection::Unencrypted).expect("create");
    let text = fs::read_to_string(&path).expect("read");
    let other = SecretKey::from_seed(&[1; 32]).public().to_string();
    fs::write(&path, text.replace(&key().public().to_string(), &other)).expect("write");
    assert!(matches!(KeyFile::read_any(&path).expect("read").open(None), Err(KeyError::Unreadable { .. })));
}

#[test]
fn a_key_is_refused_in_another_roles_place() {
    let (_folder, path) = place();
    KeyFile::create(&path, KeyRole::Member, &key(), &Protection::Unencrypted).expect("create");
    let error = KeyFile::read(&path, KeyRole::Validator).expect_err("refused");
    assert!(error.to_string().contains("is a member key where a validator key is needed"), "{error}");
}

#[test]
fn no_error_and_no_debug_shows_a_secret() {
    let (_folder, path) = place();
    KeyFile::create(&path, KeyRole::Member, &key(), &Protection::Unencrypted).expect("create");
    let secret = hex::encode([9; 32]);
    let text = fs::read_to_string(&path).expect("read");
    assert!(text.contains(&secret), "an unencrypted file holds it");
    let file = KeyFile::read_any(&path).expect("read");
    let said = format!("{file:?} {:?}", file.open(None).expect("open"));
    assert!(!said.contains(&secret) && !said.contains("9, 9"), "{said}");
    fs::write(&path, text.replace("\"plain\"", "\"plaim\"")).expect("write");
    let error = KeyFile::read_any(&path).expect_err("unreadable");
    assert!(!format!("{error} {error:?}").contains(&secret), "{error:?}");
}

#[test]
fn a_passphrase_file_is_private_too_and_not_too_short() {
    let (_folder, path) = place();
    fs::write(&path, "correct horse battery\n").expect("write");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("chmod");
    assert!(matches!(Passphrase::from_file(&path), Err(KeyError::Exposed { .. })));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("chmod");
    assert!(Passphrase::from_file(&path).is_ok());
    fs::write(&path, "short\n").expect("write");
    assert!(matches!(Passphrase::from_file(&path), Err(KeyError::PassphraseLength { found: 5 })));
}

const NODE: &str = "http://127.0.0.1:26680";

#[test]
fn a_signature_is_kept_under_the_key_and_says_nothing_without_it() {
    let (_folder, path) = place();
    let passphrase = passphrase("correct horse battery");
    KeyFile::create(&path, KeyRole::Member, &key(), &Protection::Sealed(&passphrase)).expect("create");
    let (election, other, college) = (ElectionId([1; 32]), ElectionId([2; 32]), CollegeId::new(3));
    let second = CollegeId::new(5);
    let mut file = KeyFile::read(&path, KeyRole::Member).expect("read");
    assert_eq!(file.credential(&key(), &election, college).expect("none"), None);
    file.keep_credential(&key(), &election, college, &[7; 48], NODE).expect("keep");
    file.keep_credential(&key(), &other, college, &[8; 48], NODE).expect("keep");
    file.keep_credential(&key(), &election, college, &[9; 48], NODE).expect("the last one takes its place");
    file.keep_credential(&key(), &election, second, &[6; 48], NODE).expect("beside that of her other college");

    let read = KeyFile::read(&path, KeyRole::Member).expect("read");
    assert_eq!(read.credential(&key(), &election, college).expect("it opens"), Some([9; 48]));
    assert_eq!(read.credential(&key(), &election, second).expect("it opens"), Some([6; 48]));
    assert_eq!(read.credential(&key(), &other, college).expect("it opens"), Some([8; 48]));
    assert_eq!(read.credential(&key(), &other, second).expect("none"), None);
    assert_eq!(read.credentials().count(), 3);
    assert_eq!((read.served_by(&other, college), read.served_by(&other, second)), (Some(NODE), None));
    let stranger = SecretKey::from_seed(&[4; 32]);
    assert!(matches!(read.credential(&stranger, &election, college), Err(KeyError::Unreadable { .. })));
    let text = fs::read_to_string(&path).expect("read");
    assert!(!text.contains(&"09".repeat(8)), "sealed");
    fs::write(&path, text.replace("\"college\": 3", "\"college\": 4")).expect("write");
    let moved = KeyFile::read(&path, KeyRole::Member).expect("read");
    let moved = moved.credential(&key(), &election, CollegeId::new(4));
    assert!(moved.is_err(), "its college cannot be exchanged");

    fs::write(&path, &text).expect("write");
    let next = Passphrase::new("staple battery horse".into()).expect("long enough");
    let file = KeyFile::read(&path, KeyRole::Member).expect("read");
    file.keep_under(Some(&passphrase), &Protection::Sealed(&next)).expect("another passphrase");
    let read = KeyFile::read(&path, KeyRole::Member).expect("read");
    let opened = read.open(Some(&next)).expect("open");
    assert_eq!(read.credential(&opened, &election, college).expect("it opens"), Some([9; 48]));
}
