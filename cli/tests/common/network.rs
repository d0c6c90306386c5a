//! A whole network of real processes on loopback, driven by the binary alone. Nothing here sleeps for a while and hopes: what
//! must come is waited for, with an end to patience.
#![allow(dead_code, reason = "each test file uses its part")]
use super::{Desk, json};
use serde_json::Value;
use std::{
    fs,
    net::TcpListener,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use urne_types::UnixMs;

/// A loaded machine is slow; a broken one is not waited for longer.
const PATIENCE: Duration = Duration::from_secs(40);
const GLANCE: Duration = Duration::from_millis(100);

/// Nodes that end with the test, however it ends: each by its own process, never by name.
pub(crate) struct Nodes(pub(crate) Vec<Child>);
impl Nodes {
    pub(crate) fn start(homes: &[String]) -> Self {
        Self(homes.iter().map(|home| start(home)).collect())
    }
    /// The same, with variables for all.
    pub(crate) fn start_with(homes: &[String], variables: &[(&str, &str)]) -> Self {
        Self(homes.iter().map(|home| launch(home, &[], variables)).collect())
    }
    /// Gracefully, as a service manager asks.
    pub(crate) fn stop(&mut self, i: usize) {
        let pid = self.0[i].id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill runs").success());
        let asked = Instant::now();
        until("a node stops", || self.0[i].try_wait().expect("our own child").is_some());
        assert!(asked.elapsed() < Duration::from_secs(10), "a graceful stop takes less than 10 s");
        assert!(self.0[i].wait().expect("it ended").success());
    }
}
impl Drop for Nodes {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Starts a validator.
pub(crate) fn start(home: &str) -> Child {
    launch(home, &[], &[])
}

/// Starts a node with more words and variables.
pub(crate) fn launch(home: &str, more: &[&str], variables: &[(&str, &str)]) -> Child {
    let words = [&["start", "--home", home], more].concat();
    spawn(fs::File::create(format!("{home}/node.log")).expect("a log"), &words, variables)
}
/// Starts a trustee's process beside a node.
pub(crate) fn trustee(home: &str) -> Child {
    spawn(fs::File::create(format!("{home}/trustee.log")).expect("a log"), &["trustee", "--home", home], &[])
}
/// The binary under test, as a process of its own: nothing of this machine's settings reaches it.
pub(crate) fn spawn(log: fs::File, words: &[&str], variables: &[(&str, &str)]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_urne"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("URNE_")) {
        command.env_remove(name);
    }
    command.envs(variables.iter().copied()).args(words);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().expect("the binary starts")
}

pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let since = Instant::now();
    while !is_so() {
        assert!(since.elapsed() < PATIENCE, "{what}: not in {} s", PATIENCE.as_secs());
        thread::sleep(GLANCE);
    }
}

/// Status and body of one question to an API; 0 when nobody answers.
pub(crate) fn ask(url: &str) -> (u16, String) {
    let config = ureq::Agent::config_builder().http_status_as_error(false).build();
    match ureq::Agent::from(config).get(url).call() {
        Ok(mut it) => (it.status().as_u16(), it.body_mut().read_to_string().unwrap_or_default()),
        Err(_) => (0, String::new()),
    }
}

pub(crate) fn is_ready(api: &str) -> bool {
    ask(&format!("{api}/readyz")).0 == 200
}

/// The first of so many ports in a row that nobody listens on now.
pub(crate) fn free_ports(count: u16) -> u16 {
    let offset = u16::try_from(std::process::id() % 500).expect("small") * count;
    let is_free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
    let bases = (20_000 + offset..60_000).step_by(usize::from(count));
    bases.into_iter().find(|base| (*base..base + count).all(is_free)).expect("free ports")
}

pub(crate) fn now() -> UnixMs {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970");
    UnixMs::new(u64::try_from(since_1970.as_millis()).expect("a clock before 2^64 ms"))
}

/// A network, and the words with which it is addressed.
pub(crate) struct Network {
    pub(crate) desk: Desk,
    pub(crate) homes: Vec<String>,
    pub(crate) apis: Vec<String>,
    /// The first of two ports that no node of the network uses.
    pub(crate) spare_port: u16,
}

impl Network {
    pub(crate) fn make() -> Self {
        let desk = Desk::new();
        let port = free_ports(10);
        let made = json(&["testnet", "--output", &desk.at("net"), "--base-port", &port.to_string()]);
        let of = |key: &str| {
            let nodes = made["network"]["nodes"].as_array().expect("nodes").iter();
            nodes.map(|it| it[key].as_str().expect("text").to_owned()).collect()
        };
        Self { homes: of("home"), apis: of("api"), desk, spare_port: port + 8 }
    }
    pub(crate) fn write(&self, name: &str, text: &str) -> String {
        fs::write(self.desk.path(name), text).expect("write");
        self.desk.at(name)
    }
    pub(crate) fn member(&self, name: &str) -> (String, String) {
        let file = self.desk.at(name);
        let made = json(&["keys", "new", "--role", "member", "--output", &file, "--unencrypted"]);
        (file, made["public_key"].as_str().expect("a key").to_owned())
    }
    /// Colleges 2 and 3 approve what college 1 has proposed.
    pub(crate) fn approve(&self, act: &Value) {
        for home in &self.homes[1..3] {
            let sent = json(&["act", "approve", act.as_str().expect("an act"), "--home", home]);
            assert_eq!(sent["tx"]["status"], "committed", "{sent}");
        }
        let acts = json(&["act", "list", "--home", &self.homes[0]]);
        let is_it = |it: &&Value| &it["id"] == act;
        let shown = acts["items"].as_array().expect("acts").iter().find(is_it).expect("the act").clone();
        assert_eq!(shown["state"]["state"], "executed", "{shown}");
    }
}
