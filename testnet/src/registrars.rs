//! The registrars of a testnet: real processes with a roll that the binary itself has made, and an outbox in which people find
//! their codes.
use crate::{
    client::Client,
    network::Network,
    process::{Launch, Part, Process},
};
use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};
use urne_types::{CollegeId, PublicKey, election::CensusEntry};

/// Three, of which any two sign.
const REGISTRARS: u16 = 3;
/// Behind the nodes' ports.
const PORTS_AFTER: u16 = 40;
/// A registrar is open, and all its codes are out, well before this.
const PATIENCE: Duration = Duration::from_secs(60);
const GLANCE: Duration = Duration::from_millis(50);
/// Everybody comes from one address here.
const PER_SECOND: &str = "100000";

/// A registrar, as `network.json` describes it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Registrar {
    /// Its folder.
    pub(crate) home: PathBuf,
    /// Where members reach it.
    pub(crate) url: String,
    /// Its process, once started.
    pub(crate) pid: Option<u32>,
    /// The key by which elections name it.
    pub(crate) key: PublicKey,
    /// Its college.
    pub(crate) college: CollegeId,
    /// Its messages.
    pub(crate) outbox: PathBuf,
}

/// Somebody on the roll.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    /// Her college.
    pub(crate) college: CollegeId,
    /// Her number.
    pub(crate) identifier: String,
    /// Her address.
    pub(crate) contact: String,
}

/// Makes the registrars' folders and the roll of these people: the entries of the census.
pub(crate) fn make(network: &mut Network, people: &[Person]) -> Result<Vec<CensusEntry>> {
    let colleges = network.colleges();
    for i in 0..REGISTRARS {
        let (home, outbox) = (network.folder.join(format!("registrar{i}")), network.folder.join(format!("outbox{i}")));
        fs::create_dir_all(&outbox)?;
        let made = network.urne(&["registrar", "init", "--unencrypted", "--json"], &home)?;
        let key =
            serde_json::from_str::<serde_json::Value>(&made)?["registrar_key"].as_str().unwrap_or_default().parse()?;
        let url = format!("http://127.0.0.1:{}", network.base_port + PORTS_AFTER + i);
        let college = colleges[usize::from(i) % colleges.len()];
        network.description.registrars.push(Registrar { home, url, pid: None, key, college, outbox });
    }
    let line = |it: &Person| format!("{};{};{}\n", it.identifier, it.college, it.contact);
    let sheet = network.folder.join("registrars.csv");
    fs::write(
        &sheet,
        std::iter::once("id;college;contact\n".to_owned()).chain(people.iter().map(line)).collect::<String>(),
    )?;
    let folder = roll_folder(&network.folder);
    let home = network.node(0).home.clone();
    let (sheet, output) = (text(&sheet)?, text(&folder)?);
    network.urne(&["registrar", "roll", sheet, "--output", output, "--json"], &home)?;
    let census = fs::read_to_string(folder.join("census.csv"))?;
    let entry = |line: &str| {
        let (college, member) = line.split_once(',').context("a census has two columns")?;
        Ok(CensusEntry { college: CollegeId::new(college.parse()?), member: member.parse()? })
    };
    census.lines().skip(1).map(entry).collect()
}

/// Starts them all, each before the node of its college.
pub(crate) fn start(network: &mut Network) -> Result<()> {
    let roll = roll_folder(&network.folder).join("roll.json");
    for i in 0..network.description.registrars.len() {
        let it = &network.description.registrars[i];
        let listen = it.url.trim_start_matches("http://");
        let arguments =
            ["--roll", text(&roll)?, "--outbox", text(&it.outbox)?, "--listen", listen, "--api", &network.node(i).api];
        let rates = ["--requests-per-second", PER_SECOND, "--requests-burst", PER_SECOND];
        let arguments = arguments.iter().chain(&rates).map(|it| (*it).to_owned()).collect();
        let launch = Launch { part: Part::Registrar, arguments, ..Launch::default() };
        let log = network.folder.join(format!("registrar{i}.log"));
        let process = Process::start(network.program(), &it.home, &log, &launch)?;
        network.description.registrars[i].pid = Some(process.pid());
        network.beside.push(process);
    }
    network.description.write(&network.folder)?;
    for it in &network.description.registrars {
        let client = Client::of(&it.url);
        let since = Instant::now();
        while !client.get("/v1/healthz").is_ok_and(|it| it.status == 204) {
            ensure!(since.elapsed() < PATIENCE, "the registrar {} is not open in {} s", it.url, PATIENCE.as_secs());
            thread::sleep(GLANCE);
        }
    }
    Ok(())
}

impl Registrar {
    /// The codes that lie in its outbox, by address, once there are so many.
    pub(crate) fn codes(&self, expected: usize) -> Result<BTreeMap<String, String>> {
        let since = Instant::now();
        loop {
            let codes = self.codes_so_far()?;
            if expected <= codes.len() {
                return Ok(codes);
            }
            let found = codes.len();
            ensure!(since.elapsed() < PATIENCE, "{} sent {found} codes of {expected}", self.url);
            thread::sleep(GLANCE);
        }
    }
    fn codes_so_far(&self) -> Result<BTreeMap<String, String>> {
        let mut codes = BTreeMap::new();
        for file in fs::read_dir(&self.outbox)? {
            let path = file?.path();
            if path.extension().is_none_or(|it| it != "eml") {
                continue;
            }
            let message = fs::read_to_string(&path)?;
            let after = |word: &str, length: usize| {
                let rest = message.split(word).nth(1).with_context(|| format!("a message without '{word}'"))?;
                Ok::<_, anyhow::Error>(
                    rest.chars().take(length).take_while(|it| !it.is_whitespace()).collect::<String>(),
                )
            };
            codes.insert(after("\nTo: ", 254)?, after("Your code: ", 11)?);
        }
        Ok(codes)
    }
}

fn roll_folder(folder: &Path) -> PathBuf {
    folder.join("roll")
}

fn text(path: &Path) -> Result<&str> {
    path.to_str().context("a path in UTF-8")
}

impl Network {
    /// Runs the binary for a folder, and gives what it says.
    pub(crate) fn urne(&self, words: &[&str], home: &Path) -> Result<String> {
        let output = Command::new(self.program()).args(words).arg("--home").arg(home).output()?;
        let complaint = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "`urne {}` failed: {}", words.join(" "), complaint.trim());
        Ok(String::from_utf8(output.stdout)?)
    }
}
