//! One real process: started in a session of its own, watched through /proc, stopped by its own number only, and never
//! mistaken for another that got the same number later.
use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    collections::BTreeSet,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

/// How long a graceful stop may take.
pub(crate) const STOP: Duration = Duration::from_secs(10);
/// How often /proc is looked at while waiting.
const GLANCE: Duration = Duration::from_millis(20);
/// Linux counts processor time for /proc in hundredths of a second, on every architecture.
const TICKS_PER_SECOND: u64 = 100;

/// How to start `urne start --home …`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Launch {
    /// A command that runs it, with its own arguments: `strace …`.
    pub(crate) wrapper: Vec<String>,
    /// Settings by `URNE_*`.
    pub(crate) variables: Vec<(String, String)>,
    /// More arguments after `start`.
    pub(crate) arguments: Vec<String>,
    /// What runs.
    pub(crate) part: Part,
}

/// The processes of a validator's folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Part {
    /// `urne start`.
    #[default]
    Node,
    /// `urne trustee`.
    Trustee,
    /// `urne registrar run`.
    Registrar,
}
impl Part {
    const ALL: [Self; 3] = [Self::Node, Self::Trustee, Self::Registrar];

    const fn words(self) -> &'static [&'static str] {
        match self {
            Self::Node => &["start"],
            Self::Trustee => &["trustee"],
            Self::Registrar => &["registrar", "run"],
        }
    }
}

impl Launch {
    /// The same with one more setting.
    pub(crate) fn with(mut self, variable: &str, value: impl ToString) -> Self {
        self.variables.push((variable.into(), value.to_string()));
        self
    }
    /// The same under another command.
    pub(crate) fn under(mut self, wrapper: &[&str]) -> Self {
        self.wrapper = wrapper.iter().map(ToString::to_string).collect();
        self
    }
}

/// Numbers of the processes that end with us, also when we are interrupted.
static HELD: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());

/// From now on an interrupted run (Ctrl-C, `kill`) leaves no process of ours behind: they live in sessions of their own, which
/// no terminal's signal reaches.
pub(crate) fn end_with_us() -> Result<()> {
    ctrlc::set_handler(|| {
        let held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
        for pid in &*held {
            let _ = signal(*pid, Signal::KILL); // it may have ended by itself
        }
        eprintln!("urne-testnet: interrupted; {} processes of this run ended", held.len());
        std::process::exit(130)
    })
    .context("listening to Ctrl-C")
}

/// That one has ended, or lives on after us.
fn let_go(pid: u32) {
    HELD.lock().unwrap_or_else(PoisonError::into_inner).remove(&pid);
}

/// A process that we started.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    log: PathBuf,
    log_from: u64,
    /// When it was started.
    pub(crate) since: Instant,
}

impl Process {
    /// Starts a node; what it says is added to the log.
    pub(crate) fn start(urne: &Path, home: &Path, log: &Path, launch: &Launch) -> Result<Self> {
        let file = File::options()
            .create(true)
            .append(true)
            .open(log)
            .with_context(|| format!("opening {}", log.display()))?;
        let log_from = file.metadata()?.len();
        // `setsid` makes the session and then becomes the command itself: the number stays the same.
        let mut command = Command::new("setsid");
        command
            .args(&launch.wrapper)
            .arg(urne)
            .args(launch.part.words())
            .arg("--home")
            .arg(home)
            .args(&launch.arguments);
        command.envs(launch.variables.iter().map(|(name, value)| (name, value)));
        command.env_remove("URNE_HOME").stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
        let since = Instant::now();
        let child = command
            .spawn()
            .with_context(|| format!("starting {} (is `setsid` of util-linux there?)", urne.display()))?;
        HELD.lock().unwrap_or_else(PoisonError::into_inner).insert(child.id());
        Ok(Self { child, log: log.to_owned(), log_from, since })
    }
    /// Its number.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> Result<Option<ExitStatus>> {
        let ended = self.child.try_wait()?;
        if ended.is_some() {
            let_go(self.pid());
        }
        Ok(ended)
    }
    /// Waits for its end.
    pub(crate) fn wait(&mut self, at_most: Duration) -> Result<Option<ExitStatus>> {
        let until = Instant::now() + at_most;
        loop {
            if let Some(status) = self.ended()? {
                return Ok(Some(status));
            }
            if until < Instant::now() {
                return Ok(None);
            }
            thread::sleep(GLANCE);
        }
    }
    /// `kill -9`, at once.
    pub(crate) fn kill(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        let_go(self.pid());
        Ok(())
    }
    /// Asks it to stop and measures how long it takes; kills it after [`STOP`].
    pub(crate) fn stop(&mut self) -> Result<(Duration, ExitStatus)> {
        let asked = Instant::now();
        if self.ended()?.is_none() {
            signal(self.pid(), Signal::TERM)?;
        }
        match self.wait(STOP)? {
            Some(status) => Ok((asked.elapsed(), status)),
            None => {
                self.kill()?;
                bail!("process {} did not stop in {} s and was killed", self.child.id(), STOP.as_secs())
            }
        }
    }
    /// What it has said since it was started.
    pub(crate) fn said(&self) -> String {
        let bytes = fs::read(&self.log).unwrap_or_default();
        let from = usize::try_from(self.log_from).unwrap_or(0).min(bytes.len());
        String::from_utf8_lossy(&bytes[from..]).into_owned()
    }
    /// Its last line that is not empty.
    pub(crate) fn last_words(&self) -> String {
        self.said().lines().rev().find(|it| !it.trim().is_empty()).unwrap_or("nothing").trim().to_owned()
    }
    /// Lets it live on after us.
    pub(crate) fn release(self) {
        let_go(self.pid());
        drop(self.child); // dropping a child neither kills it nor waits for it
    }
}

fn signal(pid: u32, signal: Signal) -> Result<()> {
    let number = i32::try_from(pid).ok().and_then(Pid::from_raw).context("a process number is a positive integer")?;
    kill_process(number, signal).with_context(|| format!("signalling process {pid}"))
}

/// Whether this number is, now, a node with that home: numbers are used again, so the command line decides.
pub(crate) fn is_node(pid: u32, home: &Path) -> bool {
    let Ok(line) = fs::read(format!("/proc/{pid}/cmdline")) else { return false };
    let words: Vec<&[u8]> = line.split(|it| *it == 0).collect();
    let home = home.as_os_str().as_encoded_bytes();
    words.iter().any(|it| it.ends_with(b"urne")) && {
        let is_said = |part: &Part| part.words().iter().all(|it| words.contains(&it.as_bytes()));
        Part::ALL.iter().any(is_said) && words.contains(&home)
    }
}

/// Stops a node that another process started. `false` when it was not running.
pub(crate) fn stop_foreign(pid: u32, home: &Path) -> Result<Stopped> {
    if !is_node(pid, home) {
        return Ok(Stopped::WasNotRunning);
    }
    let asked = Instant::now();
    signal(pid, Signal::TERM)?;
    while is_node(pid, home) {
        if STOP < asked.elapsed() {
            return Ok(Stopped::StillRunning);
        }
        thread::sleep(GLANCE);
    }
    Ok(Stopped::After(asked.elapsed()))
}

/// `kill -9` on a node that another process started, after [`stop_foreign`] did not help.
pub(crate) fn kill_foreign(pid: u32, home: &Path) -> Result<()> {
    if is_node(pid, home) {
        signal(pid, Signal::KILL)?;
    }
    Ok(())
}

/// What became of a request to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stopped {
    /// There was no such process.
    WasNotRunning,
    /// It ended.
    After(Duration),
    /// It did not end in [`STOP`].
    StillRunning,
}

/// What a process has cost so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cost {
    /// Processor time, all threads, user and system, in milliseconds.
    pub(crate) cpu_ms: u64,
    /// Memory it holds now, in KiB.
    pub(crate) rss_kib: u64,
}

impl Cost {
    /// Reads it; zero for a process that is gone.
    pub(crate) fn of(pid: u32) -> Self {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        Self { cpu_ms: cpu_ms(&stat), rss_kib: rss_kib(&status) }
    }
    /// Ours.
    pub(crate) fn own() -> Self {
        Self::of(std::process::id())
    }
}

/// Fields 14 and 15 of /proc/PID/stat (proc(5)), counted behind the name, which may hold anything.
fn cpu_ms(stat: &str) -> u64 {
    let behind = stat.rsplit_once(") ").map_or("", |(_, behind)| behind);
    let mut fields = behind.split(' ').skip(11).map(|it| it.parse::<u64>().unwrap_or(0));
    (fields.next().unwrap_or(0) + fields.next().unwrap_or(0)) * 1000 / TICKS_PER_SECOND
}

fn rss_kib(status: &str) -> u64 {
    let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:"));
    line.and_then(|it| it.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_read_behind_a_name_that_may_hold_anything() {
        let stat = "7 (a ) (b) S 1 7 7 0 -1 4194304 1 2 3 4 150 25 0 0 20 0 1 0 1 1 1";
        assert_eq!(cpu_ms(stat), 1750);
        assert_eq!(cpu_ms(""), 0);
        assert_eq!(rss_kib("Name:\tx\nVmRSS:\t   51234 kB\n"), 51_234);
    }

    #[test]
    fn a_process_that_is_not_a_node_of_that_home_is_never_ours() {
        assert!(!is_node(std::process::id(), Path::new("/nowhere")));
        assert_eq!(stop_foreign(std::process::id(), Path::new("/nowhere")).expect("read"), Stopped::WasNotRunning);
    }
}
