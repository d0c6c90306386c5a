//! `kill -9` at any moment, again and again, under load: nothing that was committed is ever lost, no two nodes ever differ,
//! and a validator is back at its peers' height in seconds. And the polite way: SIGTERM under load.
use super::{
    DrillArgs,
    stage::{Chain, Stage, under_load},
};
use crate::{
    client::Client,
    load::{Delivery, Load, Pace},
    network::{Network, Place, READY},
    people::Signed,
    process::Launch,
    report::{Report, Seen, ms, percentile},
    watch::Watch,
};
use anyhow::{Result, ensure};
use rand::RngExt;
use std::{
    thread,
    time::{Duration, Instant},
};

/// From process start to its peers' height.
const BACK_MAX: Duration = Duration::from_secs(10);
/// Ballots a kill: at 200 a second, twelve seconds for one of about four.
const BALLOTS_A_KILL: usize = 2_400;

pub(super) fn run(report: &mut Report, place: &Place, args: &DrillArgs) -> Result<()> {
    let kills = usize::from(args.kills);
    let mut stage = Stage::set(place, (kills * BALLOTS_A_KILL).clamp(5_000, 150_000))?;
    let ballots = stage.take(stage.election.members.len())?;
    let clients = stage.network.clients();
    let watch = Watch::over(&clients);
    let network = &mut stage.network;
    let (backs, delivery) = under_load(&clients, &ballots, || {
        (0..kills).map(|_| kill_and_return(network, &clients)).collect::<Result<Vec<Duration>>>()
    })?;
    let mut backs: Vec<u64> = backs.into_iter().map(ms).collect();
    backs.sort_unstable();
    report.check("a killed validator is back at its peers' height in under 10 s", || {
        let (median, worst) = (percentile(&backs, 50), percentile(&backs, 100));
        ensure!(worst < ms(BACK_MAX), "the slowest of {kills} took {worst} ms");
        Ok(Seen::new(format!("{kills} kills, median {median} ms, slowest {worst} ms"))
            .number("kills", kills)
            .number("back_ms_median", median)
            .number("back_ms_max", worst))
    });
    report
        .check("no committed ballot is lost, no node differs", || settle(&stage.network, &watch, &ballots, &delivery));
    report.check("the election closes and all nodes show one result", || {
        stage.election.close(&clients[0])?;
        clients.iter().try_for_each(|it| stage.election.until_tallied(it))?;
        crate::election::same_result(&stage.network, &stage.election.id)?;
        Ok(Seen::new(format!("{} voted", clients[0].voted(&stage.election.id)?)))
    });
    drop(watch);
    if report.is_good() { stage.clear() } else { Ok(()) }
}

/// At a random moment, for a random while: how long from the new process's start to its peers' height.
fn kill_and_return(network: &mut Network, clients: &[Client]) -> Result<Duration> {
    let mut rng = rand::rng();
    thread::sleep(Duration::from_millis(rng.random_range(100..1_500)));
    let victim = rng.random_range(0..network.len());
    network.process(victim)?.kill()?;
    thread::sleep(Duration::from_millis(rng.random_range(0..1_000)));
    network.start(victim, &Launch::default())?;
    back_at_peers_height(network, clients, victim, 3 * BACK_MAX)
}

/// How long from a validator's start to the height that its peers have at the same moment.
pub(super) fn back_at_peers_height(
    network: &mut Network,
    clients: &[Client],
    i: usize,
    at_most: Duration,
) -> Result<Duration> {
    let peers: Vec<&Client> = clients.iter().enumerate().filter(|(at, _)| *at != i).map(|(_, it)| it).collect();
    network.wait(i, at_most, "reach its peers' height", |own| {
        let theirs = peers.iter().filter_map(|it| it.height().ok()).max();
        let own = own.height().ok();
        theirs.is_some() && theirs <= own
    })
}

/// Every ballot that was taken and is not in the chain was only waiting (202 is not a promise): sent again, it must get in.
fn settle(network: &Network, watch: &Watch, ballots: &[Signed], delivery: &Delivery) -> Result<Seen> {
    delivery.all_taken()?;
    let chain = Chain::agreed(network, Some(watch))?;
    let committed = chain.txs()?;
    let missing: Vec<Signed> =
        delivery.sent(ballots).map(|(it, _)| it).filter(|it| !committed.contains(&it.id)).cloned().collect();
    let clients = network.clients();
    Load { clients: &clients, batch: 50, pace: Pace::PerSecond { rate: 1_000, senders: 4 } }.deliver(&missing)?;
    let chain = Chain::agreed(network, Some(watch))?;
    let committed = chain.txs()?;
    let lost = delivery.sent(ballots).filter(|(it, _)| !committed.contains(&it.id)).count();
    ensure!(lost == 0, "{lost} ballots are not in the chain though they were sent again");
    let (n, height) = (delivery.len(), chain.blocks.len());
    let announced = watch.so_far().blocks.len();
    Ok(Seen::new(format!(
        "{n} ballots in {height} blocks, {announced} announced blocks all kept, one chain on four nodes; {} ballots waited on a \
         killed node only and were sent again, {} requests went to another node",
        missing.len(),
        delivery.retries
    ))
    .number("ballots", n)
    .number("height", height)
    .number("resent", missing.len())
    .number("retries", delivery.retries))
}

/// SIGTERM under load.
pub(super) fn stop(report: &mut Report, place: &Place, _: &DrillArgs) -> Result<()> {
    let mut stage = Stage::set(place, 12_000)?;
    let ballots = stage.take(12_000)?;
    let clients = stage.network.clients();
    let network = &mut stage.network;
    let watch = Watch::over(&clients);
    let (stops, delivery) = under_load(&clients, &ballots, || {
        (0..network.len()).map(|i| stop_and_return(network, &clients, i)).collect::<Result<Vec<_>>>()
    })?;
    report.check("SIGTERM under load ends a validator in under 10 s with code 0", || {
        let took: Vec<u64> = stops.iter().map(|(took, _)| ms(*took)).collect();
        for (i, (_, code)) in stops.iter().enumerate() {
            ensure!(*code == Some(0), "node {i} ended with {code:?}");
        }
        let worst = took.iter().max().copied().unwrap_or(0);
        ensure!(worst < 10_000, "the slowest took {worst} ms");
        Ok(Seen::new(format!("{took:?} ms")).number("stop_ms_max", worst))
    });
    report
        .check("no committed ballot is lost, no node differs", || settle(&stage.network, &watch, &ballots, &delivery));
    report.check("all four stop together", || {
        let since = Instant::now();
        stage.network.stop_all()?;
        Ok(Seen::new(format!("in {} ms, one after the other", ms(since.elapsed()))))
    });
    drop(watch);
    if report.is_good() { stage.clear() } else { Ok(()) }
}

fn stop_and_return(network: &mut Network, clients: &[Client], i: usize) -> Result<(Duration, Option<i32>)> {
    thread::sleep(Duration::from_millis(500));
    let (took, status) = network.process(i)?.stop()?;
    network.start(i, &Launch::default())?;
    network.wait_ready(i, READY)?;
    back_at_peers_height(network, clients, i, READY)?;
    Ok((took, status.code()))
}
