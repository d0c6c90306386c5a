//! How fast ballots are executed and committed on a real disk, alone: `cargo run --release -p urne-ledger --features rocks
//! --example ballots -- [ballots] [ballots per block]`. Signatures are made and verified beforehand, so that what is
//! measured is the ledger's own part: propose (execute while building), judge (execute a peer's block), commit (one synced
//! write).
#![allow(clippy::disallowed_methods, clippy::float_arithmetic)] // a stopwatch
#[path = "../tests/chain/mod.rs"]
mod chain;

use chain::{World, verified};
use std::{
    env,
    time::{Duration, Instant},
};
use urne_ledger::{Kv, MemoryKv, RocksKv};

fn main() {
    let mut arguments = env::args().skip(1).map(|it| it.parse().expect("a number"));
    let (ballots, block) = (arguments.next().unwrap_or(30_000), arguments.next().unwrap_or(500));
    let folder = tempfile::tempdir_in(env::var("URNE_BENCH_DIR").unwrap_or_else(|_| ".".into())).expect("a folder");
    println!("{ballots} ballots in blocks of {block}, in {}", folder.path().display());
    let rocks = RocksKv::open(&folder.path().join("ledger")).expect("a new folder");
    run("RocksDB", rocks, ballots, block);
    println!("  on disk: {} bytes a ballot", bytes_in(&folder.path().join("ledger")) / ballots as u64);
    run("memory", MemoryKv::default(), ballots, block);
}

fn run<K: Kv>(name: &str, kv: K, ballots: usize, block: usize) {
    let mut world = World::over(kv);
    let election = world.open_referendum(ballots);
    let all = world.ballots(0..ballots, election);
    let [mut propose, mut judge, mut commit] = [Duration::ZERO; 3];
    let (mut wire, mut blocks) = (0, 0);
    for some in all.chunks(block) {
        let proposed = timed(&mut propose, || world.propose(some));
        assert!(proposed.refused.is_empty(), "every ballot fits and counts");
        let theirs = proposed.block.block().clone();
        let txs = verified(&world.chain(), &theirs);
        let executed = timed(&mut judge, || world.ledger.judge(theirs, txs)).expect("readable").expect("a good block");
        (wire, blocks) = (wire + executed.bytes().len(), blocks + 1);
        timed(&mut commit, || world.commit(executed));
    }
    println!("{name}: {blocks} blocks, {} bytes a ballot in blocks", wire / ballots);
    for (what, time) in [("propose", propose), ("judge", judge), ("commit", commit), ("judge + commit", judge + commit)]
    {
        let micros = time.as_secs_f64() * 1e6 / ballots as f64;
        println!("  {what:<15} {micros:>7.2} us a ballot, {:>9.0} ballots/s", 1e6 / micros);
    }
    let started = Instant::now();
    let proofs = all.iter().step_by(ballots.div_ceil(200)).map(|it| world.ledger.reader().proof_of_vote(&it.id()));
    let n = proofs.filter(Result::is_ok).count();
    println!("  a proof of vote {:>7.0} us", started.elapsed().as_secs_f64() * 1e6 / n as f64);
    let started = Instant::now();
    let ledger = urne_ledger::Ledger::open(world.ledger.into_kv(), &chain::genesis()).expect("our own folder");
    println!("  opening again at height {}: {:?}", ledger.tip().height, started.elapsed());
}

fn timed<T>(sum: &mut Duration, work: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let done = work();
    *sum += started.elapsed();
    done
}

fn bytes_in(folder: &std::path::Path) -> u64 {
    let entries = std::fs::read_dir(folder).expect("readable").flatten();
    entries.filter_map(|it| it.metadata().ok()).map(|it| it.len()).sum()
}
