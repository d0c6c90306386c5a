//! The write-ahead log lost, damaged in its middle, torn at its end, each after a `kill -9` under load. The validator stops
//! with an instruction, or follows without signing until its guard allows; it never signs two different things, and is a full
//! member again a few heights later.
use super::{
    DrillArgs,
    crash::back_at_peers_height,
    folder::refused,
    stage::{Chain, Stage, under_load},
};
use crate::{
    client::Client,
    network::{Network, Place, READY},
    process::Launch,
    report::{Report, Seen, ms},
    watch::Watch,
};
use anyhow::{Context, Result, ensure};
use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

/// Header of a log: magic, version, chain, height, checksum (docs/formats.md).
const HEADER: usize = 8 + 4 + 32 + 8 + 4;
/// Length, its checksum, checksum of the content.
const FRAME_HEADER: usize = 12;
/// Kills until a log with two frames is found.
const TRIES: usize = 30;

pub(super) fn run(report: &mut Report, place: &Place, _: &DrillArgs) -> Result<()> {
    let mut stage = Stage::set(place, 40_000)?;
    let ballots = stage.take(39_900)?;
    let clients = stage.network.clients();
    let watch = Watch::over(&clients);
    let home = stage.network.node(1).home.clone();
    let folder = home.join("wal");
    let network = &mut stage.network;
    let ((), delivery) = under_load(&clients, &ballots, || {
        report.check("torn at its end: the end is dropped, the validator returns", || {
            let log = kill_with_frames(network, &clients, &folder, 1)?;
            let bytes = fs::read(&log)?;
            fs::write(&log, &bytes[..bytes.len() - 5])?;
            network.start(1, &Launch::default())?;
            let took = back_at_peers_height(network, &clients, 1, READY)?;
            let said = network.process(1)?.said();
            ensure!(said.contains("torn"), "it does not say that the log was torn");
            Ok(Seen::new(format!("back at its peers' height after {} ms{}", ms(took), watched(&said)))
                .number("back_ms", ms(took)))
        });
        report.check("damaged in its middle: refused with code 3; moved away as told, the validator returns", || {
            let log = kill_with_frames(network, &clients, &folder, 2)?;
            let mut bytes = fs::read(&log)?;
            bytes[HEADER + FRAME_HEADER + 8] ^= 0x40;
            fs::write(&log, bytes)?;
            let seen = refused(network, 1, &["is damaged at byte", "move the wal folder away"])?;
            fs::rename(&folder, home.join("wal.damaged"))?;
            network.start(1, &Launch::default())?;
            let took = back_at_peers_height(network, &clients, 1, READY)?;
            let _ = seen;
            Ok(Seen::new(format!("refused, then back after {} ms{}", ms(took), watched(&network.process(1)?.said())))
                .number("back_ms", ms(took)))
        });
        report.check("lost: the guard is ahead, so it follows without signing, then returns", || {
            for _ in 0..TRIES {
                kill_with_frames(network, &clients, &folder, 1)?;
                fs::remove_dir_all(&folder)?;
                network.start(1, &Launch::default())?;
                back_at_peers_height(network, &clients, 1, READY)?;
                if network.process(1)?.said().contains("follows without signing") {
                    return Ok(Seen::new("it said so, watched, and is back at its peers' height"));
                }
            }
            anyhow::bail!("in {TRIES} kills the guard was never ahead of the log, or the validator never said so")
        });
        Ok(())
    })?;
    report.check("it signs again, and nobody was accused of signing twice", || {
        delivery.all_taken()?;
        signs_again(&stage.network)?;
        for client in &clients {
            let accusations = client.metric("urne_accusations_total")?;
            ensure!(accusations == 0, "{} accused {accusations} validators", client.api());
        }
        Ok(Seen::new("its signature is in the certificates, no accusation on four nodes"))
    });
    report.check("one chain on four nodes, everything announced is in it", || {
        let chain = Chain::agreed(&stage.network, Some(&watch))?;
        Ok(Seen::new(format!("{} blocks", chain.blocks.len())))
    });
    drop(watch);
    if report.is_good() { stage.clear() } else { Ok(()) }
}

fn watched(said: &str) -> &'static str {
    if said.contains("follows without signing") { ", after watching without signing" } else { "" }
}

/// `kill -9` under load until the log of the height being decided has so many frames: its path.
fn kill_with_frames(network: &mut Network, clients: &[Client], folder: &Path, frames: usize) -> Result<PathBuf> {
    for i in 0..TRIES {
        thread::sleep(Duration::from_millis(300 + 37 * u64::try_from(i)?));
        network.process(1)?.kill()?;
        if let Some(log) = latest(folder)?
            && frames <= count_frames(&fs::read(&log)?)
        {
            return Ok(log);
        }
        network.start(1, &Launch::default())?;
        network.wait_ready(1, READY)?;
        back_at_peers_height(network, clients, 1, READY)?;
    }
    anyhow::bail!("in {TRIES} kills no log with {frames} frames was found")
}

fn latest(folder: &Path) -> Result<Option<PathBuf>> {
    let mut logs: Vec<PathBuf> = fs::read_dir(folder)
        .with_context(|| format!("listing {}", folder.display()))?
        .flatten()
        .map(|it| it.path())
        .filter(|it| it.extension().is_some_and(|it| it == "wal"))
        .collect();
    logs.sort();
    Ok(logs.pop())
}

/// Whole frames of a log, by their lengths alone.
fn count_frames(bytes: &[u8]) -> usize {
    let (mut at, mut frames) = (HEADER, 0);
    while let Some(length) = bytes.get(at..at + 4).and_then(|it| it.first_chunk()) {
        at += FRAME_HEADER + usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX / 2);
        if bytes.len() < at {
            break;
        }
        frames += 1;
    }
    frames
}

/// Its signature is needed, so make it matter: without another validator, no quorum is possible without this one.
fn signs_again(network: &Network) -> Result<()> {
    let me = network.node(1).validator;
    let client = network.node(0).client();
    let from = client.height()?;
    for height in from.saturating_sub(20).max(1)..=from {
        if client.block(height)?.certificate.signatures.iter().any(|it| it.validator == me) {
            return Ok(());
        }
    }
    anyhow::bail!("in the last 20 certificates there is no signature of the validator that returned")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_counted_by_their_lengths_and_a_torn_one_is_not_counted() {
        let mut log = vec![0; HEADER];
        for _ in 0..2 {
            log.extend([3, 0, 0, 0, 9, 9, 9, 9, 9, 9, 9, 9, 1, 2, 3]);
        }
        assert_eq!(count_frames(&log), 2);
        assert_eq!(count_frames(&log[..log.len() - 1]), 1);
        assert_eq!(count_frames(&log[..10]), 0);
    }
}
