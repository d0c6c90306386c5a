//! A block's bytes: one encoding, and judging it on a small chain neither panics nor accepts what no proposer made.
#![no_main]
use libfuzzer_sys::fuzz_target;
use urne_fuzz::voting;
use urne_types::{block::Block, transaction::RawTx};

fuzz_target!(|bytes: &[u8]| {
    let Ok(block) = Block::decode(bytes) else { return };
    assert_eq!(block.encode(), bytes, "one block, one encoding");
    let (world, _) = voting();
    let climb = |bytes: &Vec<u8>| RawTx(bytes.clone()).decode().and_then(|tx| tx.verify(&world.chain()));
    let Ok(txs) = block.txs.iter().map(climb).collect::<Result<Vec<_>, _>>() else { return };
    let tip = world.ledger.tip().clone();
    if let Ok(executed) = world.ledger.judge(block.clone(), txs).expect("the store is in memory") {
        assert_eq!((executed.header().previous, executed.header().height), (tip.block, tip.height.next()));
        assert_eq!(executed.header().hash(), block.header.hash());
    }
    assert_eq!(*world.ledger.tip(), tip, "judging writes nothing");
});
