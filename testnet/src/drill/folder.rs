//! Folders on which a validator must not start: it ends with code 3 and a sentence that says what to do, and changes nothing.
use super::{
    DrillArgs,
    stage::{Chain, Stage},
};
use crate::{
    network::{Network, Place, READY},
    process::{Launch, Process},
    report::{Report, Seen},
};
use anyhow::{Context, Result, ensure};
use std::{fs, path::Path, time::Duration};

/// "Our surroundings failed", in the table of exit codes.
const ENVIRONMENT: i32 = 3;
/// It says so at once.
const REFUSES: Duration = Duration::from_secs(20);

pub(super) fn run(report: &mut Report, place: &Place, _: &DrillArgs) -> Result<()> {
    let mut stage = Stage::set(place, 20)?;
    let clients = stage.network.clients();
    stage.commits(&clients[0], READY)?;
    let home = stage.network.node(1).home.clone();
    stage.network.process(1)?.stop()?;

    report.check("the data of another chain is refused", || {
        let elsewhere = Place { folder: place.folder.join("another"), base_port: place.base_port + 40 };
        let another = Network::make(&elsewhere, &[])?;
        let other_genesis = another.node(1).home.join("genesis.toml");
        swapped(&home.join("genesis.toml"), &other_genesis, || {
            refused(&mut stage.network, 1, &["belongs to chain", "choose another --home"])
        })
    });
    report.check("a missing double-sign guard is refused", || {
        without(&home.join("guard"), || refused(&mut stage.network, 1, &["guard", "urne keys guard reset"]))
    });
    report.check("a damaged double-sign guard is refused", || {
        let path = home.join("guard");
        let kept = fs::read(&path)?;
        let mut damaged = kept.clone();
        damaged[40] ^= 1;
        fs::write(&path, damaged)?;
        let seen = refused(&mut stage.network, 1, &["guard", "damaged"]);
        fs::write(&path, kept)?;
        seen
    });
    report.check("data that names no chain is refused", || {
        without(&home.join("chain"), || refused(&mut stage.network, 1, &["`chain` is missing"]))
    });
    report.check("a key that others may read is refused", || {
        use std::os::unix::fs::PermissionsExt;
        let path = home.join("keys/validator.key");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644))?;
        let seen = refused(&mut stage.network, 1, &["chmod 600"]);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
        seen
    });
    report.check("a folder in use by another process is refused", || {
        let other = stage.network.node(0).clone();
        let urne = crate::network::urne()?;
        let mut second = Process::start(&urne, &other.home, &place.folder.join("second.log"), &Launch::default())?;
        let seen = ends(&mut second, &["another process uses"])?;
        ensure!(clients[0].is_ready(), "the process that held the folder was disturbed");
        Ok(seen)
    });
    report.check("with everything put back it starts, and there is one chain", || {
        stage.network.start(1, &Launch::default())?;
        stage.network.wait_ready(1, READY)?;
        stage.commits(&clients[1], READY)?;
        let chain = Chain::agreed(&stage.network, None)?;
        Ok(Seen::new(format!("{} blocks on four nodes", chain.blocks.len())))
    });
    if report.is_good() { stage.clear() } else { Ok(()) }
}

/// A node that must refuse to start, with these words.
pub(super) fn refused(network: &mut Network, i: usize, words: &[&str]) -> Result<Seen> {
    network.start(i, &Launch::default())?;
    ends(network.process(i)?, words)
}

/// A process that must end by itself with code 3 and these words.
pub(super) fn ends(process: &mut Process, words: &[&str]) -> Result<Seen> {
    ends_within(process, words, REFUSES)
}

/// The same with its own patience.
pub(super) fn ends_within(process: &mut Process, words: &[&str], at_most: Duration) -> Result<Seen> {
    let Some(status) = process.wait(at_most)? else {
        let said = process.last_words();
        process.kill()?;
        anyhow::bail!("it went on for {} s; its last words: {said}", at_most.as_secs())
    };
    let said = process.said();
    ensure!(
        status.code() == Some(ENVIRONMENT),
        "it ended with {status} instead of code {ENVIRONMENT}: {}",
        process.last_words()
    );
    for word in words {
        ensure!(said.contains(word), "it does not say '{word}': {}", process.last_words());
    }
    Ok(Seen::new(format!("code {ENVIRONMENT}: {}", process.last_words())))
}

fn without<T>(path: &Path, act: impl FnOnce() -> Result<T>) -> Result<T> {
    let aside = path.with_extension("aside");
    fs::rename(path, &aside).with_context(|| format!("moving {} away", path.display()))?;
    let done = act();
    fs::rename(&aside, path)?;
    done
}

fn swapped<T>(path: &Path, by: &Path, act: impl FnOnce() -> Result<T>) -> Result<T> {
    let kept = fs::read(path)?;
    fs::copy(by, path)?;
    let done = act();
    fs::write(path, kept)?;
    done
}
