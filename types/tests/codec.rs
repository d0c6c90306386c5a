//! One value, one encoding: frozen formats, canonical decoding, and the same bytes from another library.
#![allow(missing_docs, unreachable_pub)] // a test
mod support;
use proptest::prelude::*;
use support::*;
use urne_types::{
    codec::{Decode, Encode, Malformed, decode_canonical, decode_record, encode},
    genesis::Genesis,
    limits::{MESSAGE_BYTES_MAX, TX_BYTES_MAX},
    transaction::{RawTx, Transaction},
    wire::{PeerMessage, TxBatch},
    *,
};

/// A changed line here is a fork: bump a version instead.
const GOLDEN: &[(&str, usize, &str)] = &[
    ("definition", 433, "ccfb0a8f9246f19d"),
    ("census commitment", 60, "106bd0c87d5606ba"),
    ("ballot transaction", 225, "8778067c23914dcd"),
    ("proposed act", 52, "654eb7a3be31a53a"),
    ("commit certificate", 388, "e54047b95483f432"),
    ("block", 896, "e75fca123a7b328f"),
    ("genesis", 961, "7913b94f075fa5d1"),
    ("validator record", 184, "db22af2a75c44139"),
    ("peer message", 44, "0cc7a01aff5503cb"),
    ("transaction batch", 19, "f1555c0b157f5a85"),
    ("methods", 575, "62b8df326bb84037"),
    ("answers", 70, "972cad2ffa465809"),
    ("statutes", 222, "3dff01d5b53bd197"),
    ("acts on statutes and keys", 306, "a106f571f69e14ee"),
    ("secret definitions", 1338, "f52f78758dea6934"),
    ("sealed ballot transaction", 632, "03c1612db95ccd62"),
    ("payloads of secret elections", 879, "ea6df51d436a112a"),
];

fn frozen() -> Vec<(&'static str, Vec<u8>)> {
    let status = PeerMessage::Status { height: Height::new(3), block: BlockHash([4; 32]) };
    vec![
        ("definition", encode(&definition())),
        ("census commitment", encode(&census())),
        ("ballot transaction", encode(&ballot())),
        ("proposed act", encode(&act())),
        ("commit certificate", encode(&certificate())),
        ("block", encode(&block())),
        ("genesis", encode(&genesis())),
        ("validator record", encode(&record(1))),
        ("peer message", encode(&status)),
        ("transaction batch", encode(&TxBatch { txs: list(vec![vec![1, 2, 3]]) })),
        ("methods", encode(&methods())),
        ("answers", encode(&answers())),
        ("statutes", encode(&statutes())),
        ("acts on statutes and keys", encode(&acts())),
        ("secret definitions", encode(&secret_definitions())),
        ("sealed ballot transaction", encode(&sealed_ballot())),
        ("payloads of secret elections", encode(&sealed_payloads())),
    ]
}

#[test]
fn every_encoded_type_is_frozen() {
    let found: Vec<(&str, usize, String)> = frozen()
        .iter()
        .map(|(name, bytes)| (*name, bytes.len(), blake3::hash(bytes).to_hex()[..16].to_string()))
        .collect();
    let expected: Vec<(&str, usize, String)> =
        GOLDEN.iter().map(|(name, len, hash)| (*name, *len, (*hash).to_string())).collect();
    assert_eq!(found, expected);
}

fn round_trip<T: Encode + Decode<()> + PartialEq + std::fmt::Debug>(value: &T) {
    let bytes = encode(value);
    assert_eq!(decode_canonical::<T>(&bytes, MESSAGE_BYTES_MAX).as_ref(), Ok(value));
    for cut in [0, 1, bytes.len() / 2, bytes.len() - 1] {
        assert!(decode_canonical::<T>(&bytes[..cut], MESSAGE_BYTES_MAX).is_err(), "truncated to {cut}");
    }
    let mut longer = bytes.clone();
    longer.push(0);
    assert_eq!(decode_canonical::<T>(&longer, MESSAGE_BYTES_MAX), Err(Malformed::Trailing(1)));
    assert!(matches!(decode_canonical::<T>(&bytes, bytes.len() - 1), Err(Malformed::TooLong { .. })));
}

#[test]
fn what_is_encoded_decodes_to_itself_and_nothing_shorter_or_longer_does() {
    round_trip(&definition());
    round_trip(&ballot());
    round_trip(&block());
    round_trip(&certificate());
    round_trip(&genesis());
    round_trip(&act());
    round_trip(&methods());
    round_trip(&answers());
    round_trip(&statutes());
    round_trip(&acts());
    round_trip(&secret_definitions());
    round_trip(&sealed_ballot());
    round_trip(&sealed_payloads());
}

#[test]
fn a_claim_of_a_huge_list_is_refused_without_allocating_it() {
    let mut bytes = encode(&TxBatch { txs: list(vec![]) });
    bytes.copy_from_slice(&u64::MAX.to_le_bytes());
    assert!(decode_canonical::<TxBatch>(&bytes, MESSAGE_BYTES_MAX).is_err());
    bytes.copy_from_slice(&257_u64.to_le_bytes());
    assert!(decode_canonical::<TxBatch>(&bytes, MESSAGE_BYTES_MAX).is_err());
}

#[test]
fn the_ladder_refuses_each_kind_of_bad_bytes_with_its_number() {
    let good = ballot().to_raw();
    assert!(good.decode().is_ok());
    let malformed = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut raw = good.clone();
        change(&mut raw.0);
        raw.decode().map(|_| ())
    };
    assert_eq!(malformed(&|it| it.truncate(10)), Err(Rejection::Malformed));
    assert_eq!(malformed(&|it| it.push(0)), Err(Rejection::Malformed));
    assert_eq!(malformed(&Vec::clear), Err(Rejection::Malformed));
    assert_eq!(malformed(&|it| it.resize(TX_BYTES_MAX + 1, 0)), Err(Rejection::TooLarge));
    assert_eq!(malformed(&|it| it[0] = 2), Err(Rejection::UnsupportedVersion));
    let tx = good.decode().expect("good");
    assert_eq!(tx.clone().verify(&ChainId([8; 32])).map(|_| ()), Err(Rejection::WrongChain));
    let mut forged = tx.clone();
    forged.unsigned.sender = key(2).public();
    assert_eq!(forged.verify(&CHAIN).map(|_| ()), Err(Rejection::BadSignature));
    let verified = tx.verify(&CHAIN).expect("good");
    assert_eq!((verified.bytes(), verified.hash()), (good.0.as_slice(), good.hash()));
}

#[test]
fn a_genesis_survives_its_file_and_names_one_chain() {
    let text = serde_json::to_string(&genesis()).expect("json");
    let back: Genesis = serde_json::from_str(&text).expect("json");
    assert_eq!(back, genesis());
    let mut other = genesis();
    other.time = UnixMs::new(1);
    assert_ne!(other.chain_id(), genesis().chain_id());
}

proptest! {
    #[test]
    fn any_flipped_bit_of_a_transaction_is_refused(at in 0_usize..8 * 300, ) {
        let mut raw = ballot().to_raw();
        let bit = at % (8 * raw.0.len());
        raw.0[bit / 8] ^= 1 << (bit % 8);
        let verdict = raw.decode().and_then(|tx| tx.verify(&CHAIN));
        prop_assert!(verdict.is_err());
    }
    #[test]
    fn no_bytes_make_a_decoder_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = decode_canonical::<Transaction>(&bytes, MESSAGE_BYTES_MAX);
        let _ = decode_canonical::<PeerMessage>(&bytes, MESSAGE_BYTES_MAX);
        let _ = block::Block::decode(&bytes);
        let _ = RawTx(bytes).decode();
    }
    #[test]
    fn times_are_written_and_read_back(ms in 0_u64..253_402_300_800_000) {
        let time = UnixMs::new(ms);
        prop_assert_eq!(time.to_string().parse::<UnixMs>().map_err(|e| e.to_string()), Ok(time));
    }
}

/// The same shapes as ours, encoded by wincode: the bytes must agree.
mod mirror {
    use wincode::{SchemaRead, SchemaWrite};
    #[derive(SchemaWrite, SchemaRead)]
    pub struct Header {
        pub version: u16,
        pub chain: [u8; 32],
        pub height: u64,
        pub round: u32,
        pub time: u64,
        pub proposer: [u8; 20],
        pub previous: [u8; 32],
        pub last_commit_hash: [u8; 32],
        pub tx_root: [u8; 32],
        pub app_hash: [u8; 32],
        pub validators_hash: [u8; 32],
        pub next_validators_hash: [u8; 32],
    }
    #[derive(SchemaWrite, SchemaRead)]
    pub struct Certificate {
        pub height: u64,
        pub round: u32,
        pub block: [u8; 32],
        pub signatures: Vec<([u8; 20], [u8; 64])>,
    }
    #[derive(SchemaWrite, SchemaRead)]
    pub enum Answer {
        Blank,
        Choice(u16),
        Approvals(Vec<u16>),
        Grades(Vec<Option<u8>>),
    }
    #[derive(SchemaWrite, SchemaRead)]
    pub struct Batch {
        pub txs: Vec<Vec<u8>>,
    }
}

#[test]
fn another_library_writes_the_same_bytes() {
    let it = block().header;
    let header = mirror::Header {
        version: it.version,
        chain: it.chain.0,
        height: it.height.get(),
        round: it.round.get(),
        time: it.time.get(),
        proposer: it.proposer.0,
        previous: it.previous.0,
        last_commit_hash: it.last_commit_hash,
        tx_root: it.tx_root.0,
        app_hash: it.app_hash.0,
        validators_hash: it.validators_hash,
        next_validators_hash: it.next_validators_hash,
    };
    assert_eq!(wincode::serialize(&header).expect("encodes"), encode(&it));
    let it = certificate();
    let certificate = mirror::Certificate {
        height: it.height.get(),
        round: it.round.get(),
        block: it.block.0,
        signatures: it.signatures.iter().map(|one| (one.validator.0, one.signature.0)).collect(),
    };
    assert_eq!(wincode::serialize(&certificate).expect("encodes"), encode(&it));
    use ballot::Answer;
    let answers = [
        (mirror::Answer::Blank, Answer::Blank),
        (mirror::Answer::Choice(513), Answer::Choice(513)),
        (mirror::Answer::Approvals(vec![0, 2]), Answer::Approvals(list(vec![0, 2]))),
        (mirror::Answer::Grades(vec![None, Some(3)]), Answer::Grades(list(vec![None, Some(3)]))),
    ];
    for (theirs, ours) in answers {
        assert_eq!(wincode::serialize(&theirs).expect("encodes"), encode(&ours));
    }
    let batch = mirror::Batch { txs: vec![vec![], vec![9; 40]] };
    assert_eq!(wincode::serialize(&batch).expect("encodes"), encode(&TxBatch { txs: list(batch.txs.clone()) }));
}

/// A ledger halted on what it had written: lists take more room in memory than on the disk, and a record just below 256 KiB was
/// not read again (found by review, with 73 ballots over 600 projects).
#[test]
fn every_record_that_fits_is_read_again_however_large_its_parts_are_in_memory() {
    // As packs of ballots are: many short lists of pairs that take 6 bytes, and 8 in memory.
    let pack = |ballots: usize, pairs: usize| vec![vec![(7_u16, 9_u32); pairs]; ballots];
    let near = |edge: usize| (1..120).map(move |pairs| pack((edge / (8 + 6 * pairs)).saturating_sub(1), pairs));
    let mut is_lost_to_strangers = false;
    for value in [256 << 10, MESSAGE_BYTES_MAX].into_iter().flat_map(near) {
        let bytes = encode(&value);
        assert_eq!(decode_record(&bytes).as_ref(), Ok(&value));
        is_lost_to_strangers |= decode_canonical::<Vec<Vec<(u16, u32)>>>(&bytes, MESSAGE_BYTES_MAX).is_err();
    }
    assert!(is_lost_to_strangers, "else the other decoder would do");
    // Sixteen bytes in memory for one on the disk.
    let absent: Vec<Option<u64>> = vec![None; MESSAGE_BYTES_MAX - 8];
    assert_eq!(decode_record(&encode(&absent)).as_ref(), Ok(&absent));
    assert!(matches!(
        decode_record::<Vec<u8>>(&encode(&vec![0_u8; MESSAGE_BYTES_MAX])),
        Err(Malformed::TooLong { .. })
    ));
}
