//! genesis.toml: what is written reads back to the same chain, and each fault has its sentence.
use urne_node::genesis_file::{self, CheckedGenesis, GenesisFault, judge_ceremony};
use urne_types::{
    CollegeId, NodeId, PublicKey, SecretKey, UnixMs,
    bounded::{List, Text},
    genesis::{Genesis, HaltingPolicy, PROTOCOL_VERSION},
    governance::{Administrator, College, Parameters, RECORD_CHAIN, ValidatorRecord},
    signed::Signed,
};

fn text<const N: usize>(it: &str) -> Text<N> {
    Text::new(it).expect("short")
}
fn college(id: u16, statutory_weight_bp: u16, consensus_weight: Option<u32>) -> College {
    College { id: CollegeId::new(id), name: text("college"), statutory_weight_bp, consensus_weight }
}
fn validator(n: u8, college: u16) -> Signed<ValidatorRecord> {
    let key = SecretKey::from_seed(&[n; 32]);
    let record = ValidatorRecord {
        college: CollegeId::new(college),
        name: text(&format!("v{n}")),
        key: key.public(),
        node: NodeId(SecretKey::from_seed(&[n + 100; 32]).public().0),
        addresses: List::new(vec![text("/ip4/127.0.0.1/tcp/1")]).expect("short"),
    };
    Signed::sign(&RECORD_CHAIN, record, &key).into_signed()
}
fn administrator(n: u8, college: u16) -> Administrator {
    Administrator { college: CollegeId::new(college), key: SecretKey::from_seed(&[n + 200; 32]).public() }
}
fn list<T, const N: usize>(items: Vec<T>) -> List<T, N> {
    List::new(items).expect("short")
}
fn genesis() -> Genesis {
    Genesis {
        protocol_version: PROTOCOL_VERSION,
        name: text("coopérative \"du Lac\""),
        time: UnixMs::new(1_700_000_000_123),
        halting: HaltingPolicy::NoCollegeHalts,
        parameters: Parameters::recommended(),
        colleges: list(vec![
            college(1, 4_000, None),
            college(2, 3_000, None),
            college(3, 3_000, Some(12)),
            college(4, 0, Some(3_000)),
        ]),
        administrators: list((1..=4).map(|n| administrator(n, n.into())).collect()),
        validators: list((1..=4).map(|n| validator(n, n.into())).collect()),
    }
}
/// What judging says of a genesis changed in one place.
fn fault(change: impl FnOnce(&mut Genesis)) -> GenesisFault {
    let mut changed = genesis();
    change(&mut changed);
    CheckedGenesis::judge(changed).expect_err("refused")
}

#[test]
fn what_is_written_reads_back_to_the_same_chain() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("genesis.toml");
    genesis_file::write(&path, &genesis()).expect("write");
    let read = CheckedGenesis::read(&path).expect("read");
    assert_eq!((read.get(), read.chain_id()), (&genesis(), genesis().chain_id()));
    let commented = format!("# a comment\n\n{}", std::fs::read_to_string(&path).expect("read"));
    std::fs::write(&path, commented).expect("write");
    assert_eq!(CheckedGenesis::read(&path).expect("read").chain_id(), genesis().chain_id());
}

#[test]
fn an_unknown_key_is_refused_at_every_depth() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("genesis.toml");
    let whole = genesis_file::render(&genesis());
    for (from, to) in [("halting = ", "haltingg = "), ("batching_ms", "batching_s"), ("statutory_weight_bp", "weight")]
    {
        assert!(whole.contains(from));
        std::fs::write(&path, whole.replace(from, to)).expect("write");
        assert!(genesis_file::read(&path).is_err(), "{to}");
    }
}

#[test]
fn a_ceremony_may_lack_validators_and_administrators_but_a_chain_may_not() {
    let mut unfinished = genesis();
    unfinished.validators = List::default();
    unfinished.administrators = List::default();
    assert_eq!(judge_ceremony(&unfinished), Ok(()));
    assert_eq!(CheckedGenesis::judge(unfinished), Err(GenesisFault::NoValidator));
}

#[test]
fn each_fault_has_its_sentence() {
    let key = |n: u8| SecretKey::from_seed(&[n; 32]).public();
    let node = |n: u8| NodeId(key(n + 100).0);
    let cases: Vec<(GenesisFault, GenesisFault)> = vec![
        (fault(|it| it.protocol_version = 9), GenesisFault::ProtocolVersion { found: 9 }),
        (fault(|it| it.name = text(" ")), GenesisFault::NoName),
        (fault(|it| it.colleges = List::default()), GenesisFault::NoCollege),
        (
            fault(|it| it.colleges = list(vec![college(1, 5_000, None), college(1, 5_000, None)])),
            GenesisFault::DuplicateCollege(CollegeId::new(1)),
        ),
        (fault(|it| it.colleges = list(vec![college(1, 9_999, None)])), GenesisFault::Weights(9_999)),
        (
            fault(|it| it.colleges = list(vec![college(1, 10_000, None), college(2, 0, None)])),
            GenesisFault::NoWeight(CollegeId::new(2)),
        ),
        (
            fault(|it| it.validators = list(vec![validator(1, 9)])),
            GenesisFault::UnknownCollege { who: "validator 'v1'".into(), college: CollegeId::new(9) },
        ),
        (
            fault(|it| it.validators = list(vec![validator(1, 1), validator(1, 2)])),
            GenesisFault::DuplicateValidator(key(1)),
        ),
        (fault(|it| it.validators = list(vec![same_node(1), same_node(2)])), GenesisFault::DuplicateNode(node(50))),
        (
            fault(|it| it.administrators = list(vec![administrator(1, 1), administrator(1, 2)])),
            GenesisFault::DuplicateAdministrator(administrator(1, 1).key),
        ),
        (
            fault(|it| it.administrators = list(vec![Administrator { college: CollegeId::new(1), key: key(1) }])),
            GenesisFault::SharedKey(key(1)),
        ),
        (
            fault(|it| it.administrators = list((1..=2).map(|n| administrator(n, n.into())).collect())),
            GenesisFault::Approvals { needed: 3, colleges: 2 },
        ),
        (
            fault(|it| it.parameters.block_bytes_max = 3 << 20),
            GenesisFault::Parameter {
                name: "block_bytes_max",
                found: 3 << 20,
                bounds: "between 131072 and 2097152".into(),
            },
        ),
        (
            fault(|it| {
                let mut other = validator(1, 1);
                other.claim.college = CollegeId::new(2);
                it.validators = list(vec![other]);
            }),
            GenesisFault::BadSignature { name: "v1".into() },
        ),
    ];
    for (found, expected) in cases {
        assert_eq!(found, expected);
    }
    // y = 2 is on no point of the curve.
    let not_a_key = PublicKey({
        let mut bytes = [0; 32];
        bytes[0] = 2;
        bytes
    });
    let administrators = list(vec![Administrator { college: CollegeId::new(1), key: not_a_key }]);
    assert_eq!(fault(|it| it.administrators = administrators), GenesisFault::NotAKey(not_a_key));
    let lone = fault(|it| it.validators = list(vec![validator(1, 1)]));
    assert!(matches!(lone, GenesisFault::Power(_)), "{lone}");
}

fn same_node(n: u8) -> Signed<ValidatorRecord> {
    let mut record = validator(n, 1).claim;
    record.node = NodeId(SecretKey::from_seed(&[150; 32]).public().0);
    Signed::sign(&RECORD_CHAIN, record, &SecretKey::from_seed(&[n; 32])).into_signed()
}
