//! How many ballots a second are committed end to end, and how long one takes at a steady rate.
use super::{BenchArgs, cost::Meter};
use crate::{
    case::any_election,
    client::Client,
    election::Election,
    load::{Delivery, Load, Pace},
    network::Network,
    people::{self, Signed},
    report::{Report, Seen, ms, percentile},
    watch::Watch,
};
use anyhow::{Context, Result, ensure};
use std::{
    collections::BTreeMap,
    thread,
    time::{Duration, Instant},
};
use urne_types::{TxId, limits::TX_BATCH_MAX};

/// Runs at full speed, each with its share of the ballots; the median counts.
const RUNS: usize = 3;
const SENDERS: usize = 8;
/// What "How good" asks for.
const BALLOTS_PER_SECOND_MIN: u64 = 5_000;
/// The slow pace of "How good".
const SLOW: u32 = 200;
const SETTLE: Duration = Duration::from_secs(120);

pub(super) fn run(report: &mut Report, network: &mut Network, args: &BenchArgs, ceiling: u64) -> Result<()> {
    let (fast, seconds) = (usize::try_from(args.ballots)?, usize::from(args.steady_seconds));
    // Half of the maximum was never seen above a quarter of the ceiling; with more, the steady load is a little shorter.
    let (slow, half) = (seconds * SLOW as usize, seconds * usize::try_from(ceiling / 4)?);
    let members = people::members(fast + slow + half, &network.colleges(), &mut rand::rng());
    report.say(&format!("bringing a census of {} members and signing their ballots", members.len()));
    let election = Election::open(network, &any_election(), members, |_| ())?;
    let ballots = people::sign_all(network, &election)?;
    let (fast, rest) = ballots.split_at(fast);
    let (slow, half) = rest.split_at(slow);

    let mut rates = Vec::new();
    report.check("ballots committed a second, end to end", || {
        let before = Meter::read(network)?;
        let mut spent = Duration::ZERO;
        for ballots in fast.chunks(fast.len().div_ceil(RUNS)) {
            let took = full_speed(network, ballots, SENDERS)?;
            spent += took;
            rates.push(per_second(ballots.len(), took));
        }
        rates.sort_unstable();
        let after = Meter::read(network)?;
        let (rate, n) = (rates[rates.len() / 2], u64::try_from(fast.len())?);
        let cpu = after.cpu_ms_since(&before);
        let generator = after.own_cpu_ms.saturating_sub(before.own_cpu_ms);
        let disk = after.disk_bytes.saturating_sub(before.disk_bytes) / n / 4;
        let wire = after.loopback_bytes.saturating_sub(before.loopback_bytes) / n;
        let percent = 100 * rate / ceiling.max(1);
        let seen = Seen::new(format!(
            "{rate}/s (median of {rates:?}), {percent} % of the ceiling; per 1,000 ballots {} ms of CPU on four validators, \
             generator {} ms; per ballot {disk} B on each disk, {wire} B over the loopback in all",
            1_000 * cpu / n,
            1_000 * generator / n
        ))
        .number("ballots_per_second", rate)
        .number("runs", rates.clone())
        .number("percent_of_ceiling", percent)
        .number("cpu_ms_per_1000_ballots", 1_000 * cpu / n)
        .number("generator_cpu_ms_per_1000_ballots", 1_000 * generator / n)
        .number("generator_cpu_percent", 100 * generator / ms(spent).max(1))
        .number("disk_bytes_per_ballot_per_validator", disk)
        .number("loopback_bytes_per_ballot", wire)
        .number("rss_kib", after.rss_kib);
        ensure!(BALLOTS_PER_SECOND_MIN <= rate && 20 <= percent, "{}: below 5,000/s or a fifth of the ceiling", seen.sentence());
        Ok(seen)
    });
    let maximum = rates.get(rates.len() / 2).copied().unwrap_or(0).max(2);
    report.check("submit to committed at 200 a second", || steady(network, slow, SLOW, 1, 500));
    let rate = u32::try_from(maximum / 2)?;
    let half = &half[..half.len().min(seconds * usize::try_from(maximum / 2)?)];
    report.check("submit to committed at half of the maximum", || steady(network, half, rate, 32, 2_000));
    Ok(())
}

pub(super) fn per_second(n: usize, took: Duration) -> u64 {
    1_000 * u64::try_from(n).unwrap_or(0) / ms(took).max(1)
}

/// From the first request to the block with the last ballot.
pub(super) fn full_speed(network: &Network, ballots: &[Signed], senders: usize) -> Result<Duration> {
    let clients = network.clients();
    let watch = Watch::over(&clients[..1]);
    thread::sleep(Duration::from_millis(500));
    let since = Instant::now();
    let load = Load { clients: &clients, batch: TX_BATCH_MAX, pace: Pace::Free { senders } };
    load.deliver(ballots)?.all_taken()?;
    let last = until_committed(&watch, ballots.len())?;
    Ok(last.saturating_duration_since(since))
}

/// Waits until the watched node has announced so many transactions: when it announced the last.
fn until_committed(watch: &Watch, n: usize) -> Result<Instant> {
    let (since, n) = (Instant::now(), u64::try_from(n)?);
    loop {
        let announced = watch.so_far();
        if n <= announced.txs() {
            return announced.last_work().context("blocks with transactions were announced");
        }
        ensure!(
            since.elapsed() < SETTLE,
            "{} of {n} ballots were committed in {} s",
            announced.txs(),
            SETTLE.as_secs()
        );
        thread::sleep(Duration::from_millis(20));
    }
}

/// Ballots at a steady rate: how long each took from its due time to its block's announcement by the first node.
fn steady(network: &mut Network, ballots: &[Signed], rate: u32, batch: usize, p95_max: u64) -> Result<Seen> {
    let clients = network.clients();
    let watch = Watch::over(&clients[..1]);
    thread::sleep(Duration::from_millis(500));
    let before = Meter::read(network)?;
    let load = Load { clients: &clients, batch, pace: Pace::PerSecond { rate, senders: 16 } };
    let delivery = load.deliver(ballots)?;
    delivery.all_taken()?;
    until_committed(&watch, ballots.len())?;
    let generator = Meter::read(network)?.own_cpu_ms.saturating_sub(before.own_cpu_ms);
    let took = latencies(&clients[0], &watch, ballots, &delivery)?;
    let (p50, p95, worst) = (percentile(&took, 50), percentile(&took, 95), percentile(&took, 100));
    let percent = 100 * generator / ms(delivery.took).max(1);
    let seen = Seen::new(format!(
        "{} ballots at {rate}/s: p50 {p50} ms, p95 {p95} ms, slowest {worst} ms; the generator took {percent} % of a core",
        took.len()
    ))
    .number("rate", rate)
    .number("p50_ms", p50)
    .number("p95_ms", p95)
    .number("max_ms", worst)
    .number("generator_cpu_percent", percent);
    ensure!(p95 < p95_max, "{}: p95 is not under {p95_max} ms", seen.sentence());
    Ok(seen)
}

fn latencies(client: &Client, watch: &Watch, ballots: &[Signed], delivery: &Delivery) -> Result<Vec<u64>> {
    let due: BTreeMap<TxId, Instant> = delivery.sent(ballots).map(|(it, due)| (it.id, due)).collect();
    let mut took = Vec::new();
    for (height, heard) in watch.so_far().blocks.iter().filter(|(_, it)| 0 < it.txs) {
        for id in client.block(*height)?.txs {
            if let Some(due) = due.get(&id) {
                took.push(ms(heard.at.saturating_duration_since(*due)));
            }
        }
    }
    ensure!(took.len() == ballots.len(), "{} of {} ballots were found in announced blocks", took.len(), ballots.len());
    took.sort_unstable();
    Ok(took)
}
