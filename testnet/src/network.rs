//! A network of validators on this machine: made by `urne testnet`, described by `network.json`, started and stopped process
//! by process.
use crate::{
    client::Client,
    people::Administrators,
    process::{self, Launch, Part, Process, Stopped},
    registrars::Registrar,
};
use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};
use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};
use urne_light::TrustedSet;
use urne_node::genesis_file::CheckedGenesis;
use urne_types::{ChainId, CollegeId, ElectionId, PublicKey, ValidatorId};

/// The file that programs rely on.
pub(crate) const DESCRIPTION: &str = "network.json";
/// A node is ready, or has said why not, well before this: the rest is for a loaded machine.
pub(crate) const READY: Duration = Duration::from_secs(60);
const GLANCE: Duration = Duration::from_millis(50);

/// `network.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Description {
    /// The chain.
    pub(crate) chain_id: ChainId,
    /// The election that was held, once it is scheduled.
    pub(crate) election_id: Option<ElectionId>,
    /// The one that was held in secret.
    #[serde(default)]
    pub(crate) secret_election_id: Option<ElectionId>,
    /// The nodes.
    pub(crate) nodes: Vec<Node>,
    /// The registrars.
    #[serde(default)]
    pub(crate) registrars: Vec<Registrar>,
}

/// One node.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Node {
    /// Whose.
    pub(crate) college: CollegeId,
    /// Its folder.
    pub(crate) home: PathBuf,
    /// URL of its API.
    pub(crate) api: String,
    /// Its process, once started.
    pub(crate) pid: Option<u32>,
    /// Its trustee's process, once started.
    #[serde(default)]
    pub(crate) trustee_pid: Option<u32>,
    /// Its trustee's key.
    pub(crate) trustee_key: PublicKey,
    /// Where its peers reach it.
    pub(crate) p2p: String,
    /// Its name in the agreement.
    pub(crate) validator: ValidatorId,
    /// Its college's administrator, when her key lies here.
    pub(crate) administrator_key: Option<PathBuf>,
}

impl Node {
    /// Whether its recorded process is alive and really its own.
    pub(crate) fn is_alive(&self) -> bool {
        self.pid.is_some_and(|pid| process::is_node(pid, &self.home))
    }
    /// Its API.
    pub(crate) fn client(&self) -> Client {
        Client::of(&self.api)
    }
    /// Whether its API's port is free: another program's answers would be taken for the node's.
    fn judge_port(&self) -> Result<()> {
        let address = self.api.trim_start_matches("http://");
        TcpListener::bind(address).map(drop).with_context(|| {
            format!("another program holds {address}: stop it (`testnet/down.sh`?), or take other ports by URNE_TESTNET_BASE_PORT")
        })
    }
}

impl Description {
    /// Reads the description in a folder; none when there is no network.
    pub(crate) fn read(folder: &Path) -> Result<Option<Self>> {
        let path = folder.join(DESCRIPTION);
        if !path.exists() {
            return Ok(None);
        }
        let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        let why = || format!("{} is not a description of a network: remove that folder", path.display());
        Ok(Some(serde_json::from_str(&text).with_context(why)?))
    }
    /// Writes it, at once and whole.
    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        let (path, partial) = (folder.join(DESCRIPTION), folder.join(format!("{DESCRIPTION}.partial")));
        fs::write(&partial, serde_json::to_string_pretty(self)? + "\n")?;
        fs::rename(&partial, &path).with_context(|| format!("writing {}", path.display()))
    }
    /// Stops every node that runs, all together, and says how it went.
    pub(crate) fn stop_all(&self) -> Result<Vec<Stopped>> {
        for (pid, home) in self.registrars.iter().filter_map(|it| it.pid.map(|pid| (pid, &it.home))) {
            process::stop_foreign(pid, home)?;
        }
        let stop = |node: &Node| {
            if let Some(pid) = node.trustee_pid {
                process::stop_foreign(pid, &node.home)?;
            }
            node.pid.map_or(Ok(Stopped::WasNotRunning), |pid| process::stop_foreign(pid, &node.home))
        };
        thread::scope(|scope| {
            let stops: Vec<_> = self.nodes.iter().map(|node| scope.spawn(move || stop(node))).collect();
            stops.into_iter().map(|it| it.join().expect("stopping a process does not panic")).collect()
        })
    }
}

/// Where what a node says is kept: beside its home, whose disk may be full.
pub(crate) fn log_of(folder: &Path, i: usize) -> PathBuf {
    folder.join(format!("node{i}.log"))
}

/// Where a network lives.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// Its folder.
    pub(crate) folder: PathBuf,
    /// Its first port; each node takes two.
    pub(crate) base_port: u16,
}

/// A network whose processes we hold. Dropping it stops whatever we have not released.
#[derive(Debug)]
pub(crate) struct Network {
    /// Its folder.
    pub(crate) folder: PathBuf,
    /// What programs rely on.
    pub(crate) description: Description,
    /// Its first port.
    pub(crate) base_port: u16,
    urne: PathBuf,
    processes: Vec<Option<Process>>,
    /// Trustees and registrars.
    pub(crate) beside: Vec<Process>,
}

/// The `urne` that was built together with this program.
pub(crate) fn urne() -> Result<PathBuf> {
    let own = std::env::current_exe().context("finding this program")?;
    let urne = own.with_file_name("urne");
    ensure!(urne.exists(), "{} is missing: run `cargo build --release -p urne-cli`", urne.display());
    Ok(urne)
}

impl Network {
    /// Makes four homes in an empty place, with these parameters of the chain (`name=value`).
    pub(crate) fn make(place: &Place, parameters: &[&str]) -> Result<Self> {
        let arguments = parameters.iter().flat_map(|it| ["--parameter", it]).map(String::from).collect::<Vec<_>>();
        Self::made(place, 4, &arguments)
    }
    /// The same with so many colleges of one weight, numbered from 1, and a validator of each.
    pub(crate) fn of_colleges(place: &Place, colleges: u16) -> Result<Self> {
        // The first ones take what does not divide: 10,000 ten-thousandths together.
        let weight = |i: u16| 10_000 / colleges + u16::from(i <= 10_000 % colleges);
        let listed: Vec<String> = (1..=colleges).map(|i| format!("{i}:College {i}:{}", weight(i))).collect();
        Self::made(place, colleges, &["--colleges".into(), listed.join(",")])
    }
    fn made(place: &Place, validators: u16, arguments: &[String]) -> Result<Self> {
        let urne = urne()?;
        let mut command = Command::new(&urne);
        command.arg("testnet").args(["--validators", &validators.to_string()]);
        command.args(["--base-port", &place.base_port.to_string(), "--output"]).arg(&place.folder).args(arguments);
        let output = command.output().with_context(|| format!("running {}", urne.display()))?;
        ensure!(output.status.success(), "`urne testnet` failed: {}", String::from_utf8_lossy(&output.stderr).trim());
        let description = Description::read(&place.folder)?.context("`urne testnet` wrote no network.json")?;
        let processes = description.nodes.iter().map(|_| None).collect();
        Ok(Self {
            folder: place.folder.clone(),
            description,
            base_port: place.base_port,
            urne,
            processes,
            beside: Vec::new(),
        })
    }
    /// The binary.
    pub(crate) fn program(&self) -> &Path {
        &self.urne
    }
    /// The chain.
    pub(crate) fn chain(&self) -> ChainId {
        self.description.chain_id
    }
    /// How many nodes.
    pub(crate) fn len(&self) -> usize {
        self.description.nodes.len()
    }
    /// One of them.
    pub(crate) fn node(&self, i: usize) -> &Node {
        &self.description.nodes[i]
    }
    /// Their APIs.
    pub(crate) fn clients(&self) -> Vec<Client> {
        self.description.nodes.iter().map(Node::client).collect()
    }
    /// Their colleges.
    pub(crate) fn colleges(&self) -> Vec<CollegeId> {
        self.description.nodes.iter().map(|it| it.college).collect()
    }
    /// The administrators, one a college.
    pub(crate) fn administrators(&self) -> Result<Administrators> {
        let files = self.description.nodes.iter().filter_map(|it| it.administrator_key.as_deref());
        Administrators::read(self.chain(), files)
    }
    /// Whom a citizen trusts who knows nothing but the genesis.
    pub(crate) fn trusted(&self) -> Result<TrustedSet> {
        let genesis = CheckedGenesis::read(&self.node(0).home.join("genesis.toml"))?;
        Ok(TrustedSet::of_genesis(genesis.get())?)
    }

    /// Starts a node; it may not be ready yet.
    pub(crate) fn start(&mut self, i: usize, launch: &Launch) -> Result<()> {
        let node = &self.description.nodes[i];
        node.judge_port()?;
        let process = Process::start(&self.urne, &node.home, &log_of(&self.folder, i), launch)?;
        self.description.nodes[i].pid = Some(process.pid());
        self.processes[i] = Some(process);
        Ok(())
    }
    /// Starts every node and waits until all are ready.
    pub(crate) fn start_all(&mut self, launch: &Launch) -> Result<()> {
        for i in 0..self.len() {
            self.start(i, launch)?;
        }
        self.description.write(&self.folder)?;
        (0..self.len()).try_for_each(|i| self.wait_ready(i, READY).map(|_| ()))
    }
    /// Starts every validator's trustee.
    pub(crate) fn start_trustees(&mut self) -> Result<()> {
        let launch = Launch { part: Part::Trustee, ..Launch::default() };
        for (i, node) in self.description.nodes.iter_mut().enumerate() {
            let log = self.folder.join(format!("trustee{i}.log"));
            let process = Process::start(&self.urne, &node.home, &log, &launch)?;
            node.trustee_pid = Some(process.pid());
            self.beside.push(process);
        }
        self.description.write(&self.folder)
    }
    /// The process of a node that we started.
    pub(crate) fn process(&mut self, i: usize) -> Result<&mut Process> {
        self.processes[i].as_mut().with_context(|| format!("node {i} was not started"))
    }
    /// Waits until `/readyz` says yes: how long it took since the process was started.
    pub(crate) fn wait_ready(&mut self, i: usize, at_most: Duration) -> Result<Duration> {
        let client = self.node(i).client();
        self.wait(i, at_most, "be ready", |_| client.is_ready())
    }
    /// Waits for something that a node should reach: how long it took since its process was started.
    pub(crate) fn wait(
        &mut self,
        i: usize,
        at_most: Duration,
        what: &str,
        is_reached: impl Fn(&Client) -> bool,
    ) -> Result<Duration> {
        let client = self.node(i).client();
        let until = Instant::now() + at_most;
        let process = self.process(i)?;
        loop {
            if is_reached(&client) {
                return Ok(process.since.elapsed());
            }
            if let Some(status) = process.ended()? {
                bail!("node {i} ended ({status}) before it could {what}: {}", process.last_words());
            }
            if until < Instant::now() {
                let stands = client.status().map_or_else(|e| e.to_string(), |it| format!("{:?}", it.consensus));
                bail!("node {i} did not {what} in {} s (it is {stands}): {}", at_most.as_secs(), process.last_words());
            }
            thread::sleep(GLANCE);
        }
    }
    /// Every node stops gracefully.
    pub(crate) fn stop_all(&mut self) -> Result<()> {
        for process in self.processes.iter_mut().flatten().chain(&mut self.beside) {
            process.stop()?;
        }
        Ok(())
    }
    /// Leaves the processes running after us.
    pub(crate) fn release(mut self) {
        self.processes.drain(..).flatten().for_each(Process::release);
        self.beside.drain(..).for_each(Process::release);
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        for process in self.processes.iter_mut().flatten().chain(&mut self.beside) {
            if matches!(process.ended(), Ok(None)) {
                let _ = process.kill(); // the last word of a drill that failed: nothing is left running
            }
        }
    }
}
