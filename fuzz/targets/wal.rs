//! Records of a write-ahead log, as a damaged disk or another program may leave them: the replica starts, or says why not.
#![no_main]
use libfuzzer_sys::fuzz_target;
use urne_fuzz::{Choices, chain, voting};
use urne_ledger::Ledger;
use urne_replica::{Now, Recovered, Replica, ReplicaConfig, WalRecord};
use urne_types::UnixMs;

fuzz_target!(|bytes: &[u8]| {
    let mut choices = Choices(bytes);
    let mut wal = Vec::new();
    while !choices.is_over() && wal.len() < 16 {
        let record = choices.piece().to_vec();
        if let Ok(decoded) = WalRecord::decode(&record) {
            assert_eq!(decoded.encode(), record, "one record, one encoding");
        }
        wal.push(record);
    }
    let (world, _) = voting();
    let ledger = Ledger::open(world.ledger.kv().clone(), &chain::genesis()).expect("a sound store");
    let tip = ledger.tip().clone();
    let config = ReplicaConfig::new(world.chain(), Some(chain::validator(1)));
    let now = Now { monotonic_ms: 0, unix: UnixMs::new(world.now) };
    if let Ok((replica, _)) = Replica::open(config, ledger, Recovered { wal, guard: None }, now) {
        assert_eq!(*replica.ledger().tip(), tip, "a log alone commits nothing");
    }
});
