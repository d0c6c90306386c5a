//! A benchmark of a network of its own with raised limits. Ballots are signed beforehand, the disk is real, the generator's own
//! cost is shown, and every figure stands beside this machine's ceiling measured in the same run.
mod ceiling;
mod cost;
mod idle;
mod recount;
mod secret;
mod speed;
mod trace;

use crate::{
    network::{Network, Place},
    process::Launch,
    report::{Audience, Report},
    up,
};
use anyhow::Result;
use clap::Args;
use serde_json::{Value, json};
use std::fs;

/// What to measure.
#[derive(Args)]
pub(crate) struct BenchArgs {
    /// One JSON object instead of lines
    #[arg(long)]
    json: bool,
    /// Ballots cast to find the maximum
    #[arg(long, default_value_t = 40_000, value_parser = clap::value_parser!(u32).range(1_000..=400_000))]
    ballots: u32,
    /// Secret ballots instead of open ones, to the opening of the sum
    #[arg(long)]
    secret: bool,
    /// Seconds of each steady load
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u16).range(2..=600))]
    steady_seconds: u16,
    /// Then watch the network do nothing for so long; 0 leaves it out
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u16).range(0..=3_600))]
    idle_seconds: u16,
}

/// The machine, as its own files describe it.
fn machine() -> Value {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu
        .lines()
        .find_map(|it| it.strip_prefix("model name")?.split_once(':'))
        .map_or("unknown", |(_, it)| it.trim());
    json!({
        "cpu": model,
        "cores": cores(),
        "kernel": fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default().trim(),
        "commit": std::env::var("URNE_COMMIT").unwrap_or_else(|_| "unknown".into()),
        "command": std::env::args().collect::<Vec<_>>().join(" "),
    })
}

fn cores() -> u64 {
    std::thread::available_parallelism().map_or(1, |it| u64::try_from(it.get()).unwrap_or(1))
}

/// Limits that a benchmark does not measure: one client is the whole town.
pub(crate) fn raised() -> Launch {
    Launch::default()
        .with("URNE_HTTP_REQUESTS_PER_SECOND_MAX", 1_000_000)
        .with("URNE_HTTP_REQUESTS_BURST_MAX", 1_000_000)
        .with("URNE_HTTP_TRANSACTIONS_PER_SECOND_MAX", 1_000_000)
        .with("URNE_HTTP_TRANSACTIONS_BURST_MAX", 1_000_000)
        .with("URNE_MEMPOOL_TRANSACTIONS_MAX", 200_000)
        .with("URNE_MEMPOOL_BYTES_MAX", 256 << 20)
}

/// Measures; whether everything ran and every target was met.
pub(crate) fn run(place: &Place, args: &BenchArgs) -> Result<bool> {
    let mut report = Report::new(if args.json { Audience::Programs } else { Audience::People });
    let machine = machine();
    report.say(&format!(
        "{} x {}, commit {}: {}",
        machine["cores"], machine["cpu"], machine["commit"], machine["command"]
    ));
    let _ = fs::create_dir_all(&place.folder);
    up::clear(place)?;
    let mut network = Network::make(place, &[])?;
    network.start_all(&raised())?;
    let validators = u64::try_from(network.len())?;
    if args.secret {
        let figures = secret::run(&mut report, &mut network, args, cores(), validators)?;
        return finished(&report, network, place, &machine, figures);
    }
    let verified = ceiling::verified_per_second();
    let ceiling = verified * cores() / validators;
    report.say(&format!(
        "ceiling: {verified} batched verifications a second on one core, so {ceiling} ballots a second here"
    ));
    speed::run(&mut report, &mut network, args, ceiling)?;
    trace::run(&mut report, &mut network)?;
    if 0 < args.idle_seconds {
        idle::run(&mut report, &mut network, args.idle_seconds)?;
    }
    let figures = json!({ "verified_per_second_per_core": verified, "ceiling_ballots_per_second": ceiling });
    finished(&report, network, place, &machine, figures)
}

/// Stops the network and reports; a run that failed leaves its folder to be looked at.
fn finished(report: &Report, mut network: Network, place: &Place, machine: &Value, mut figures: Value) -> Result<bool> {
    network.stop_all()?;
    figures["machine"] = machine.clone();
    report.finish(&figures)?;
    if report.is_good() {
        fs::remove_dir_all(&place.folder)?;
    }
    Ok(report.is_good())
}
