//! A disk that is full, a disk that lies, a clock that is off: the validator stops with an instruction or watches, the others
//! go on, and once the cause is gone it returns.
use super::{
    DrillArgs,
    crash::back_at_peers_height,
    folder::ends_within,
    stage::{Chain, Stage, under_load},
};
use crate::{
    client::Client,
    network::{Network, Place, READY},
    process::Launch,
    report::{NotHere, Report, Seen, ms},
};
use anyhow::{Context, Result, bail, ensure};
use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

/// Small, so that it is full soon; RocksDB alone needs a few MiB.
const DISK_BYTES: u64 = 48 << 20;
/// A validator notices a broken disk at its next block.
const NOTICES: Duration = Duration::from_secs(60);

pub(super) fn run(report: &mut Report, place: &Place, _: &DrillArgs) -> Result<()> {
    let mut stage = Stage::set(place, 60_000)?;
    let ballots = stage.take(59_900)?;
    let clients = stage.network.clients();
    let network = &mut stage.network;
    under_load(&clients, &ballots, || {
        report.check("a full disk", || full_disk(network, &clients, &place.folder));
        report.check("a failed fdatasync", || failing_sync(network, &clients, "fdatasync"));
        report.check("a failed fsync", || failing_sync(network, &clients, "fsync"));
        report.check("a clock two minutes ahead", || wrong_clock(network, &clients, "120"));
        report.check("a clock two minutes behind", || wrong_clock(network, &clients, "-120"));
        Ok(())
    })?;
    report.check("one chain on four nodes", || {
        let chain = Chain::agreed(&stage.network, None)?;
        Ok(Seen::new(format!("{} blocks", chain.blocks.len())))
    });
    if report.is_good() { stage.clear() } else { Ok(()) }
}

/// Validator 3 moves to a small disk of its own, which is then filled; afterwards it moves back, guard and log included.
fn full_disk(network: &mut Network, clients: &[Client], folder: &Path) -> Result<Seen> {
    let disk = SmallDisk::mount(&folder.join("small"))?;
    network.process(3)?.stop()?;
    let (home, moved) = (network.node(3).home.clone(), disk.path.join("node3"));
    run_command("cp", &["-a", &text(&home), &text(&moved)])?;
    network.description.nodes[3].home.clone_from(&moved);
    let seen = on_full_disk(network, clients, &disk);
    network.process(3)?.stop().ok();
    fs::remove_dir_all(&home)?;
    run_command("cp", &["-a", &text(&moved), &text(&home)])?;
    network.description.nodes[3].home = home;
    return_to_service(network, clients, 3)?;
    seen
}

fn on_full_disk(network: &mut Network, clients: &[Client], disk: &SmallDisk) -> Result<Seen> {
    network.start(3, &Launch::default())?;
    network.wait_ready(3, READY)?;
    let filler = disk.fill()?;
    let before = clients[0].height()?;
    let ended = ends_within(network.process(3)?, &["free space"], NOTICES);
    fs::remove_file(filler)?;
    ended?;
    go_on(clients, before)?;
    network.start(3, &Launch::default())?;
    let back = back_at_peers_height(network, clients, 3, READY)?;
    let sentence = "it stopped with code 3 and said to free space, the others went on; with space again it was back";
    Ok(Seen::new(format!("{sentence} after {} ms", ms(back))).number("back_ms", ms(back)))
}

/// Validator 2 runs where the system call fails from some call on.
fn failing_sync(network: &mut Network, clients: &[Client], call: &str) -> Result<Seen> {
    needs("strace", "strace")?;
    network.process(2)?.stop()?;
    let trace = format!("trace={call}");
    let inject = format!("inject={call}:error=EIO:when=20+");
    // -D: the tracer is a grandchild, so the process that we hold is the validator itself.
    let strace = ["strace", "-D", "-f", "-qq", "-o", "/dev/null", "-e", &trace, "-e", &inject];
    network.start(2, &Launch::default().under(&strace))?;
    let before = clients[0].height()?;
    let ended = ends_within(network.process(2)?, &["repair the disk"], NOTICES);
    if let Err(e) = ended {
        return_to_service(network, clients, 2)?;
        let is_unused = call == "fsync" && e.to_string().contains("it went on");
        return if is_unused {
            Err(NotHere("this call is not made often enough to fail here".into()).into())
        } else {
            Err(e)
        };
    }
    go_on(clients, before)?;
    let back = return_to_service(network, clients, 2)?;
    Ok(Seen::new(format!(
        "it stopped with code 3 and said to repair the disk; started again it was back after {} ms",
        ms(back)
    ))
    .number("back_ms", ms(back)))
}

/// The others decide blocks all the while.
fn go_on(clients: &[Client], from: u64) -> Result<()> {
    clients[0].until(NOTICES, "go on without the validator", |it| Ok(from < it.height()?))?;
    Ok(())
}

/// Validator 3 runs with a clock that is off: it stops with an instruction, or follows what the others decide and says so.
fn wrong_clock(network: &mut Network, clients: &[Client], ahead: &str) -> Result<Seen> {
    let library = bent_clock(&network.folder, ahead)?;
    network.process(3)?.stop()?;
    let launch = Launch::default().with("LD_PRELOAD", library.display());
    network.start(3, &launch)?;
    let before = clients[0].height()?;
    let ended = network.process(3)?.wait(Duration::from_secs(15))?;
    let said = network.process(3)?.said();
    let decided = clients[0].height()? - before;
    let outcome = match ended {
        Some(status) => {
            ensure!(status.code() == Some(3), "it ended with {status}");
            ensure!(
                said.to_lowercase().contains("set the clock"),
                "it does not say to set the clock: {}",
                network.process(3)?.last_words()
            );
            "it stopped with code 3 and said to set the clock"
        }
        None => {
            ensure!(said.to_lowercase().contains("set the clock"), "it runs with a wrong clock and does not say so");
            network.process(3)?.stop()?;
            "it said that the clocks differ and followed what the others decided"
        }
    };
    go_on(clients, before)?;
    let back = return_to_service(network, clients, 3)?;
    Ok(Seen::new(format!("{outcome}; the others decided {decided} blocks; back after {} ms", ms(back))))
}

fn return_to_service(network: &mut Network, clients: &[Client], i: usize) -> Result<Duration> {
    network.process(i)?.stop().ok();
    network.start(i, &Launch::default())?;
    let back = back_at_peers_height(network, clients, i, READY)?;
    network.wait_ready(i, READY)?;
    Ok(back)
}

/// A disk in memory, unmounted on drop.
struct SmallDisk {
    path: PathBuf,
}

impl SmallDisk {
    fn mount(path: &Path) -> Result<Self> {
        fs::create_dir_all(path)?;
        let options = format!("size={DISK_BYTES}");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "urne-drill"]).arg(path).output();
        match mounted {
            Ok(it) if it.status.success() => Ok(Self { path: path.to_owned() }),
            Ok(it) => Err(NotHere(format!(
                "no small disk can be mounted here: {}",
                String::from_utf8_lossy(&it.stderr).trim()
            ))
            .into()),
            Err(e) => Err(NotHere(format!("no small disk can be mounted here: {e}")).into()),
        }
    }
    /// Leaves no byte free: the file that fills it.
    fn fill(&self) -> Result<PathBuf> {
        let path = self.path.join("filler");
        let (mut file, mut chunk) = (File::create(&path)?, vec![1; 1 << 16]);
        while !chunk.is_empty() {
            if file.write_all(&chunk).is_err() {
                chunk.truncate(chunk.len() / 2);
            }
        }
        Ok(path)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.path).status();
    }
}

fn needs(command: &str, package: &str) -> Result<()> {
    let found =
        std::env::var_os("PATH").is_some_and(|it| std::env::split_paths(&it).any(|it| it.join(command).exists()));
    if found { Ok(()) } else { Err(NotHere(format!("`{command}` is missing: apt-get install {package}")).into()) }
}

/// Compiles a library that, preloaded, puts the wall clock so many seconds ahead.
fn bent_clock(folder: &Path, ahead: &str) -> Result<PathBuf> {
    let (source, library) = (folder.join("bent_clock.c"), folder.join(format!("clock{ahead}.so")));
    fs::write(&source, include_str!("../../data/bent_clock.c"))?;
    let ahead = format!("-DAHEAD=({ahead})");
    run_command("cc", &["-shared", "-fPIC", "-O1", &ahead, "-o", &text(&library), &text(&source)])?;
    Ok(library)
}

fn run_command(name: &str, arguments: &[&str]) -> Result<()> {
    let output = Command::new(name).args(arguments).output().with_context(|| format!("running {name}"))?;
    if !output.status.success() {
        bail!("{name} {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}

fn text(it: &Path) -> String {
    it.to_string_lossy().into_owned()
}
