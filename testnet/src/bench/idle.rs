//! A network with nothing to do: no blocks beyond the heartbeat, hardly any processor time, little memory.
use super::cost::Meter;
use crate::{
    network::Network,
    report::{Report, Seen},
};
use anyhow::{Result, ensure};
use std::{thread, time::Duration};

/// The heartbeats of [`urne_types::governance::Parameters::recommended`], in seconds.
const HEARTBEAT_OPEN_S: u64 = 60;
/// A hundredth of a core, in milliseconds a second.
const CPU_MS_PER_SECOND_MAX: u64 = 10;
const RSS_KIB_MAX: u64 = 100 << 10;
/// What was under way when the silence began.
const CALM: Duration = Duration::from_secs(5);

pub(super) fn run(report: &mut Report, network: &mut Network, seconds: u16) -> Result<()> {
    let seconds = u64::from(seconds);
    report.say(&format!("doing nothing for {seconds} s"));
    thread::sleep(CALM);
    let (before, from) = (Meter::read(network)?, network.node(0).client().height()?);
    thread::sleep(Duration::from_secs(seconds));
    let (after, to) = (Meter::read(network)?, network.node(0).client().height()?);
    let cpu: Vec<u64> = after.cpu_ms.iter().zip(&before.cpu_ms).map(|(now, then)| now.saturating_sub(*then)).collect();
    report.check("idle: no blocks beyond the heartbeat", || {
        let (made, allowed) = (to - from, seconds / HEARTBEAT_OPEN_S + 1);
        ensure!(made <= allowed, "{made} blocks in {seconds} s, the heartbeat allows {allowed}");
        Ok(Seen::new(format!("{made} blocks in {seconds} s")).number("blocks", made))
    });
    report.check("idle: under 1 % of a core per validator", || {
        let worst = cpu.iter().max().copied().unwrap_or(0);
        ensure!(worst < CPU_MS_PER_SECOND_MAX * seconds, "{cpu:?} ms of processor time in {seconds} s");
        Ok(Seen::new(format!("{cpu:?} ms of processor time in {seconds} s")).number("cpu_ms", cpu))
    });
    report.check("idle: under 100 MB of memory per validator", || {
        let worst = after.rss_kib.iter().max().copied().unwrap_or(0);
        ensure!(worst < RSS_KIB_MAX, "{:?} KiB", after.rss_kib);
        Ok(Seen::new(format!("{:?} KiB", after.rss_kib)).number("rss_kib", after.rss_kib.clone()))
    });
    Ok(())
}
