//! A validator's replica and a stranger who sends it anything: nothing that a peer says stops the node, makes it commit, or
//! makes it say what it would not have said.
#![no_main]
use libfuzzer_sys::fuzz_target;
use urne_fuzz::{Choices, canonical, chain, voting};
use urne_ledger::Ledger;
use urne_replica::{Effect, Now, Recovered, Replica, ReplicaConfig, Stimulus};
use urne_types::{NodeId, UnixMs, transaction::RawTx, wire::TxBatch};

fuzz_target!(|bytes: &[u8]| {
    let mut choices = Choices(bytes);
    let (world, _) = voting();
    let ledger = Ledger::open(world.ledger.kv().clone(), &chain::genesis()).expect("a sound store");
    let tip = ledger.tip().clone();
    let config = ReplicaConfig::new(world.chain(), Some(chain::validator(1)));
    let mut now = Now { monotonic_ms: 0, unix: UnixMs::new(world.now + 1) };
    let opened = Replica::open(config, ledger, Recovered::default(), now);
    let (mut replica, _) = opened.expect("an empty log is sound");
    for _ in 0..24 {
        if choices.is_over() {
            break;
        }
        let from = NodeId([choices.below(6); 32]);
        now.monotonic_ms += u64::from(choices.byte());
        now.unix = now.unix.plus(u64::from(choices.byte()));
        let piece = choices.piece();
        let stimulus = if let Some(message) = canonical(piece) {
            Stimulus::FromPeer { from, message }
        } else if let Some(batch) = canonical::<TxBatch>(piece) {
            Stimulus::Gossiped { raws: batch.txs.into_vec().into_iter().map(RawTx).collect() }
        } else {
            match piece.len() % 3 {
                0 => Stimulus::Connected { peer: from },
                1 => Stimulus::Disconnected { peer: from },
                _ => Stimulus::Wake,
            }
        };
        let mut queue = vec![stimulus];
        while let Some(stimulus) = queue.pop() {
            for effect in replica.step(now, stimulus) {
                match effect {
                    Effect::Stop(sentence) => panic!("a peer stopped the node: {sentence}"),
                    Effect::Commit => panic!("a peer made the node commit"),
                    Effect::Verify { id, raws, .. } => {
                        let results = raws.iter().map(|raw| raw.decode().and_then(|tx| tx.verify(&world.chain())));
                        queue.push(Stimulus::Verified { id, results: results.collect() });
                    }
                    _ => {}
                }
            }
        }
    }
    assert_eq!(*replica.ledger().tip(), tip);
});
