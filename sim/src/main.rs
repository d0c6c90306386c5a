//! `urne-sim`: runs seeds and prints what they found; exits with 1 when a property was lost.
use std::{process::ExitCode, thread};
use urne_sim::{Report, Scenario, run};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| arguments.iter().position(|it| it == name).and_then(|at| arguments.get(at + 1)).cloned();
    let range = value("--seeds").unwrap_or_else(|| "1..50".into());
    let Some((first, last)) = range.split_once("..").and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?))) else {
        eprintln!("usage: urne-sim --seeds FIRST..LAST --heights N [--threads N]");
        return ExitCode::from(2);
    };
    let number = |name: &str, default: u64| value(name).and_then(|it| it.parse().ok()).unwrap_or(default);
    let (heights, threads) = (number("--heights", 20), number("--threads", 2));
    #[allow(
        clippy::disallowed_methods,
        reason = "how long the seeds took is for the person who asked, and decides nothing"
    )]
    let started = std::time::Instant::now();
    let reports = all(first, last, heights, threads);
    let mut sums = (0_u64, 0_u64, 0_u64, 0_u64);
    let (mut lost, mut excused) = (0, 0);
    for (seed, report) in &reports {
        sums = (sums.0 + report.height, sums.1 + report.steps, sums.2 + report.crashes, sums.3 + report.ballots);
        if !report.violations.is_empty() || reports.len() == 1 {
            println!("seed {seed}: {report:?}\n  {:?}", Scenario::of_seed(*seed, heights));
        }
        excused += report.excused;
        lost += usize::from(!report.violations.is_empty());
    }
    println!(
        "{} seeds x {heights} heights: {} blocks, {} steps, {} crashes, {} ballots, {excused} excusals of honest validators, {lost} seeds with a violation, {:.1} s",
        reports.len(),
        sums.0,
        sums.1,
        sums.2,
        sums.3,
        started.elapsed().as_secs_f64()
    );
    ExitCode::from(u8::from(lost != 0))
}

fn all(first: u64, last: u64, heights: u64, threads: u64) -> Vec<(u64, Report)> {
    let workers: Vec<_> = (0..threads.max(1))
        .map(|worker| {
            thread::spawn(move || -> Vec<(u64, Report)> {
                let mine = (first..=last).filter(|seed| seed % threads.max(1) == worker);
                mine.map(|seed| (seed, run(&Scenario::of_seed(seed, heights)))).collect()
            })
        })
        .collect();
    let mut reports: Vec<_> = workers.into_iter().filter_map(|it| it.join().ok()).flatten().collect();
    reports.sort_by_key(|(seed, _)| *seed);
    reports
}
