//! `urne testnet`: the folders of a whole network on one machine, unencrypted, for tests and demonstrations. It starts
//! nothing; `testnet/up.sh` does, from the description written here.
use super::init;
use crate::{
    Context,
    ceremony::{self, ChainArgs, ChainReport, Declaration},
    exit::Failure,
};
use clap::Args;
use serde::Serialize;
use std::{
    fmt, fs,
    net::SocketAddr,
    path::{Path, PathBuf},
};
use urne_consensus::power::{Member, derive_validator_set};
use urne_node::{
    config::{Api, Config, P2p},
    disk,
    genesis_file::{self, CheckedGenesis, GenesisFault},
    home::Home,
    keystore::{KeyFile, KeyRole, Protection},
};
use urne_types::{
    ChainId, CollegeId, NodeId, PublicKey, SecretKey, ValidatorId,
    genesis::Genesis,
    governance::{Administrator, College, RECORD_CHAIN},
    validators::ProposerDuty,
};

/// 40/30/20/10, as in the table of `consensus::power`: capped to 30/30/26.7/13.3 in the agreement.
const COLLEGES: &str = "1:Habitants:4000,2:Salariés:3000,3:Commune:2000,4:Partenaires:1000";

/// Makes a network.
#[derive(Debug, Args)]
pub(crate) struct TestnetArgs {
    /// Validators, dealt to the colleges in turn
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=100))]
    validators: u16,
    /// Folder to make
    #[arg(long, value_name = "DIR", env = "URNE_TESTNET_DIR")]
    output: PathBuf,
    /// Node i listens on this port + 2 i for the network and on the next one for the API
    #[arg(long, default_value_t = 26_600, env = "URNE_TESTNET_BASE_PORT")]
    base_port: u16,
    /// Colleges, as NUMBER:NAME:STATUTORY_WEIGHT_BP[:CONSENSUS_WEIGHT], separated by commas
    #[arg(long, value_delimiter = ',', value_parser = ceremony::parse_college, default_value = COLLEGES)]
    colleges: Vec<College>,
    #[command(flatten)]
    chain: ChainArgs,
}

/// The network, as programs find it: `network.json`.
#[derive(Serialize)]
struct Network {
    chain_id: ChainId,
    /// Filled in by whoever creates the election.
    election_id: Option<String>,
    nodes: Vec<Node>,
}

#[derive(Serialize)]
struct Node {
    college: CollegeId,
    home: PathBuf,
    /// URL of the HTTP API.
    api: String,
    /// Filled in by whoever starts it.
    pid: Option<u32>,
    p2p: String,
    validator: ValidatorId,
    node: NodeId,
    /// Its key as a trustee of secret elections.
    trustee_key: PublicKey,
    /// The key file of the college's administrator, at its first node.
    administrator_key: Option<PathBuf>,
}

#[derive(Serialize)]
struct Made {
    folder: PathBuf,
    network: Network,
    chain: ChainReport,
}

impl TestnetArgs {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let last_port = u32::from(self.base_port) + 2 * u32::from(self.validators) - 1;
        if u32::from(u16::MAX) < last_port {
            return Err(Failure::usage(format!(
                "ports end at 65535: choose a --base-port lower than {}",
                self.base_port
            )));
        }
        let description = self.output.join("network.json");
        if description.exists() {
            let folder = self.output.display();
            return Err(Failure::usage(format!(
                "{folder} holds a network already: choose another --output or remove it"
            )));
        }
        let colleges: Vec<CollegeId> = self.colleges.iter().map(|it| it.id).collect();
        let mut genesis = self.chain.begin(self.colleges)?;
        genesis_file::judge_ceremony(&genesis)?;
        rehearse(&genesis, &colleges, self.validators)?;
        let folder = fs::create_dir_all(&self.output).and_then(|()| fs::canonicalize(&self.output));
        let folder = folder.map_err(|e| Failure::environment(format!("{}: {e}", self.output.display())))?;
        let bar = context.output.progress("making nodes", self.validators.into());
        let mut nodes = Vec::new();
        for (i, college) in (0..self.validators).zip(colleges.iter().copied().cycle()) {
            let is_first = usize::from(i) < colleges.len();
            let place = Place { home: Home::at(folder.join(format!("node{i}"))), port: self.base_port + 2 * i };
            let made = init::make(&place.home, &place.config(), &Protection::Unencrypted, is_first)?;
            let key = KeyFile::read(&place.home.validator_key(), KeyRole::Validator)?.open(None)?;
            let (name, addresses) = (format!("node{i}"), [place.p2p()]);
            let declaration = Declaration { college, name: &name, node: made.node, addresses: &addresses };
            genesis.validators = ceremony::with(genesis.validators, declaration.sign(&RECORD_CHAIN, &key)?)?;
            if let Some(key) = made.administrator_key {
                genesis.administrators = ceremony::with(genesis.administrators, Administrator { college, key })?;
            }
            nodes.push(place.describe(college, &made));
            bar.inc(1);
        }
        bar.finish_and_clear();
        let checked = CheckedGenesis::judge(ceremony::sorted(genesis)?)?;
        for node in &nodes {
            genesis_file::write(&Home::at(&node.home).genesis_file(), checked.get())?;
        }
        let network = Network { chain_id: checked.chain_id(), election_id: None, nodes };
        write_description(&description, &network)?;
        context.output.say(&Made { folder, network, chain: ChainReport::of(&checked) });
        Ok(())
    }
}

/// Powers depend on the number of validators only: they are refused before the first file is made.
fn rehearse(genesis: &Genesis, colleges: &[CollegeId], validators: u16) -> Result<(), Failure> {
    let member = |(_, college): (u16, &CollegeId)| Member {
        key: SecretKey::generate(&mut rand::rng()).public(),
        college: *college,
        duty: ProposerDuty::Proposes,
    };
    let members: Vec<Member> = (0..validators).zip(colleges.iter().cycle()).map(member).collect();
    derive_validator_set(&genesis.colleges, genesis.halting, &members).map_err(GenesisFault::from)?;
    Ok(())
}

/// One node's folder and ports.
struct Place {
    home: Home,
    port: u16,
}
impl Place {
    fn api(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port + 1))
    }
    fn p2p(&self) -> String {
        format!("/ip4/127.0.0.1/tcp/{}", self.port)
    }
    fn config(&self) -> Config {
        Config {
            api: Api { listen: self.api() },
            p2p: P2p { listen: vec![self.p2p()], ..P2p::default() },
            ..Config::default()
        }
    }
    fn describe(&self, college: CollegeId, made: &init::NewNode) -> Node {
        Node {
            college,
            home: self.home.root().to_owned(),
            api: format!("http://{}", self.api()),
            pid: None,
            p2p: self.p2p(),
            validator: made.validator,
            node: made.node,
            trustee_key: made.trustee_key,
            administrator_key: made.administrator_key.map(|_| self.home.admin_key()),
        }
    }
}

fn write_description(path: &Path, network: &Network) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(network).expect("a description is made of texts and lists") + "\n";
    disk::replace(path, disk::Readable::ByAll, text.as_bytes())
        .map_err(|e| Failure::environment(format!("{}: {e}", path.display())))
}

impl fmt::Display for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.chain.fmt(f)?;
        for node in &self.network.nodes {
            writeln!(f, "college {}: {} in {}", node.college, node.api, node.home.display())?;
        }
        write!(f, "described in {}; nothing is started yet", self.folder.join("network.json").display())
    }
}
