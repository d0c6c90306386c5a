//! The write-ahead log: what was synced comes back, a torn end is dropped, damage elsewhere stops the node.
use std::{fs, path::Path};
use urne_node::wal::{Recovered, Wal, WalError};
use urne_types::{ChainId, Height};

const CHAIN: ChainId = ChainId([7; 32]);

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}
fn open(folder: &Path) -> (Wal, Recovered) {
    Wal::open(folder, CHAIN).expect("the log opens")
}
/// A log at height 5 whose frames are these.
fn written(folder: &Path, frames: &[&[&str]]) {
    let (mut wal, _) = open(folder);
    wal.reset(Height::new(5)).expect("reset");
    for frame in frames {
        for record in *frame {
            wal.append(record.as_bytes()).expect("append");
        }
        wal.sync().expect("sync");
    }
}
fn texts(recovered: &Recovered) -> Vec<&str> {
    recovered.records.iter().map(|it| std::str::from_utf8(it).expect("text")).collect()
}
fn only_file(folder: &Path) -> std::path::PathBuf {
    let files: Vec<_> = fs::read_dir(folder).expect("folder").map(|it| it.expect("entry").path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files[0].clone()
}

#[test]
fn a_new_folder_has_no_height_and_takes_no_record_before_reset() {
    let folder = folder();
    let (mut wal, recovered) = open(folder.path());
    assert_eq!(recovered, Recovered::default());
    assert!(matches!(wal.append(b"x"), Err(WalError::NoHeight)));
}

#[test]
fn what_was_synced_comes_back_in_order_and_what_was_not_does_not() {
    let folder = folder();
    written(folder.path(), &[&["a", "bb"], &[""], &["ccc"]]);
    let (mut wal, recovered) = open(folder.path());
    assert_eq!(recovered.height, Some(Height::new(5)));
    assert_eq!(texts(&recovered), ["a", "bb", "", "ccc"]);
    wal.append(b"never synced").expect("append");
    drop(wal);
    assert_eq!(texts(&open(folder.path()).1), ["a", "bb", "", "ccc"]);
}

#[test]
fn writing_goes_on_behind_what_was_recovered() {
    let folder = folder();
    written(folder.path(), &[&["a"]]);
    let (mut wal, _) = open(folder.path());
    wal.append(b"b").expect("append");
    wal.sync().expect("sync");
    assert_eq!(texts(&open(folder.path()).1), ["a", "b"]);
}

#[test]
fn reset_forgets_older_heights_and_unsynced_records_once_the_new_height_is_durable() {
    let folder = folder();
    written(folder.path(), &[&["old"]]);
    let (mut wal, _) = open(folder.path());
    wal.append(b"forgotten").expect("append");
    wal.reset(Height::new(6)).expect("reset");
    assert_eq!(texts(&open(folder.path()).1), ["old"], "nothing is durable at height 6 yet");
    wal.append(b"new").expect("append");
    wal.sync().expect("sync");
    let (_, recovered) = open(folder.path());
    assert_eq!((recovered.height, texts(&recovered)), (Some(Height::new(6)), vec!["new"]));
    only_file(folder.path());
}

#[test]
fn a_last_frame_torn_at_any_byte_is_dropped_and_the_rest_is_kept() {
    let folder = folder();
    written(folder.path(), &[&["kept"], &["torn", "with it"]]);
    let file = only_file(folder.path());
    let whole = fs::read(&file).expect("read");
    let end_of_first = 56 + 12 + 8;
    for length in end_of_first..whole.len() {
        fs::write(&file, &whole[..length]).expect("write");
        let (mut wal, recovered) = open(folder.path());
        assert_eq!((texts(&recovered), recovered.torn_bytes), (vec!["kept"], length - end_of_first));
        wal.append(b"next").expect("append");
        wal.sync().expect("sync");
        assert_eq!(texts(&open(folder.path()).1), ["kept", "next"], "torn at {length}");
    }
}

#[test]
fn a_file_torn_within_its_header_promised_nothing() {
    let folder = folder();
    written(folder.path(), &[&["gone"]]);
    let file = only_file(folder.path());
    let whole = fs::read(&file).expect("read");
    for torn in [whole[..30].to_vec(), vec![0; whole.len()], Vec::new()] {
        fs::write(&file, torn).expect("write");
        let (_, recovered) = open(folder.path());
        assert_eq!((recovered.height, recovered.records.len()), (Some(Height::new(5)), 0));
    }
}

#[test]
fn space_reserved_and_never_filled_is_a_torn_end() {
    let folder = folder();
    written(folder.path(), &[&["kept"]]);
    let file = only_file(folder.path());
    let mut bytes = fs::read(&file).expect("read");
    bytes.resize(bytes.len() + 100, 0);
    fs::write(&file, bytes).expect("write");
    let (_, recovered) = open(folder.path());
    assert_eq!((texts(&recovered), recovered.torn_bytes), (vec!["kept"], 100));
}

#[test]
fn any_flipped_bit_before_the_last_frame_stops_the_node() {
    let folder = folder();
    written(folder.path(), &[&["first"], &["last"]]);
    let file = only_file(folder.path());
    let whole = fs::read(&file).expect("read");
    let end_of_first = 56 + 12 + 4 + 5;
    for at in 0..end_of_first {
        for bit in 0..8 {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << bit;
            fs::write(&file, &bytes).expect("write");
            let error = Wal::open(folder.path(), CHAIN).err().unwrap_or_else(|| panic!("byte {at} bit {bit} passed"));
            assert!(matches!(error, WalError::Corrupt { .. }), "{error}");
            assert!(error.to_string().contains("move the wal folder away"), "{error}");
        }
    }
}

#[test]
fn a_flipped_length_of_the_last_frame_is_damage_and_not_a_torn_end() {
    let folder = folder();
    written(folder.path(), &[&["first"], &["last"]]);
    let file = only_file(folder.path());
    let mut bytes = fs::read(&file).expect("read");
    bytes[56 + 12 + 9 + 1] ^= 1;
    fs::write(&file, &bytes).expect("write");
    assert!(matches!(Wal::open(folder.path(), CHAIN), Err(WalError::Corrupt { .. })));
}

#[test]
fn another_chains_log_is_refused_by_name() {
    let folder = folder();
    written(folder.path(), &[&["a"]]);
    let error = Wal::open(folder.path(), ChainId([8; 32])).err().expect("refused");
    assert!(matches!(error, WalError::OtherChain { found: CHAIN, .. }), "{error}");
}

#[test]
fn after_one_failed_write_the_log_writes_nothing_more() {
    let folder = folder();
    let (mut wal, _) = open(folder.path());
    wal.reset(Height::new(9)).expect("reset");
    // A disk that is always full, in the place of the file to come.
    std::os::unix::fs::symlink("/dev/full", folder.path().join(format!("{:020}.wal", 9))).expect("symlink");
    wal.append(b"a").expect("append");
    assert!(matches!(wal.sync(), Err(WalError::Disk { .. })));
    assert!(matches!(wal.append(b"b"), Err(WalError::Poisoned { .. })));
    assert!(matches!(wal.sync(), Err(WalError::Poisoned { .. })));
    assert!(matches!(wal.reset(Height::new(10)), Err(WalError::Poisoned { .. })));
}

#[test]
fn a_record_beyond_its_bound_is_refused() {
    let folder = folder();
    let (mut wal, _) = open(folder.path());
    wal.reset(Height::new(1)).expect("reset");
    let record = vec![0; urne_node::wal::RECORD_BYTES_MAX + 1];
    assert!(matches!(wal.append(&record), Err(WalError::TooLong { .. })));
}

#[test]
fn more_than_waits_in_memory_is_synced_before_it_was_asked_to_be_and_nothing_is_lost() {
    let folder = folder();
    let (mut wal, _) = open(folder.path());
    wal.reset(Height::new(1)).expect("reset");
    let record = vec![7; urne_node::wal::RECORD_BYTES_MAX - 4];
    for _ in 0..17 {
        wal.append(&record).expect("being full is no reason to stop");
    }
    wal.sync().expect("sync");
    drop(wal);
    let (_, recovered) = open(folder.path());
    assert_eq!(recovered.records.len(), 17);
    assert!(recovered.records.iter().all(|it| *it == record));
}
