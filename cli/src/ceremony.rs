//! The making of a chain: colleges, signed records of validators, and the genesis they add up to. Shared by the ceremony
//! across machines (`genesis`), by the one on a single machine (`testnet`) and by key rotation.
use crate::{exit::Failure, sender::now};
use clap::Args;
use serde::Serialize;
use std::fmt;
use urne_consensus::power::PowerReport;
use urne_node::genesis_file::CheckedGenesis;
use urne_types::{
    ChainId, CollegeId, NodeId, SecretKey, UnixMs,
    bounded::{List, Text},
    codec::Malformed,
    genesis::{Genesis, HaltingPolicy, PROTOCOL_VERSION},
    governance::{College, Parameters, ValidatorRecord},
    limits::NAME_BYTES_MAX,
    signed::Signed,
};

/// What a new chain is told; the rest is recommended.
#[derive(Clone, Debug, Args)]
pub(crate) struct ChainArgs {
    /// Name of the chain, as printed
    #[arg(long, default_value = "urne")]
    name: String,
    /// Time of genesis (RFC 3339); now by default
    #[arg(long)]
    time: Option<UnixMs>,
    /// Admit that one absent college pauses the chain (fewer than four colleges)
    #[arg(long)]
    one_college_may_halt: bool,
    /// A parameter of the chain, as in approvals_needed=2
    #[arg(long, value_name = "NAME=VALUE")]
    parameter: Vec<String>,
}

impl ChainArgs {
    /// A genesis without validators nor administrators yet.
    pub(crate) fn begin(&self, colleges: Vec<College>) -> Result<Genesis, Failure> {
        let recommended = Parameters::recommended();
        let most = u16::try_from(colleges.len()).unwrap_or(u16::MAX).max(1);
        let parameters = Parameters { approvals_needed: recommended.approvals_needed.min(most), ..recommended };
        Ok(Genesis {
            protocol_version: PROTOCOL_VERSION,
            name: name(&self.name)?,
            time: self.time.unwrap_or_else(now),
            halting: if self.one_college_may_halt {
                HaltingPolicy::OneCollegeMayHalt
            } else {
                HaltingPolicy::NoCollegeHalts
            },
            parameters: with_changes(&parameters, &self.parameter)?,
            colleges: bounded(colleges)?,
            administrators: List::default(),
            validators: List::default(),
        })
    }
}

fn with_changes(parameters: &Parameters, changes: &[String]) -> Result<Parameters, Failure> {
    let mut table = toml::Table::try_from(parameters).expect("parameters are a table of small integers");
    for change in changes {
        let refused = |why: &str| Failure::usage(format!("--parameter {change}: {why}"));
        let (key, value) = change.split_once('=').ok_or_else(|| refused("write it as name=value"))?;
        let value: i64 = value.trim().parse().map_err(|_| refused("the value is a whole number"))?;
        match table.get_mut(key.trim()) {
            Some(place) => *place = value.into(),
            None => {
                let names: Vec<&str> = table.keys().map(String::as_str).collect();
                return Err(refused(&format!("the parameters are {}", names.join(", "))));
            }
        }
    }
    table.try_into().map_err(|e| Failure::usage(format!("--parameter: {e}")))
}

/// A college as typed: `NUMBER:NAME:STATUTORY_WEIGHT_BP[:CONSENSUS_WEIGHT]`.
pub(crate) fn parse_college(text: &str) -> Result<College, String> {
    let shape =
        || format!("'{text}': write a college as 1:Habitants:4000, or 4:Garants:0:3000 with its consensus weight");
    let parts: Vec<&str> = text.split(':').collect();
    let (id, college_name, statutory, consensus) = match parts[..] {
        [id, name, statutory] => (id, name, statutory, None),
        [id, name, statutory, consensus] => (id, name, statutory, Some(consensus)),
        _ => return Err(shape()),
    };
    Ok(College {
        id: CollegeId::new(id.parse().map_err(|_| shape())?),
        name: Text::new(college_name).map_err(|e| e.to_string())?,
        statutory_weight_bp: statutory.parse().map_err(|_| shape())?,
        consensus_weight: consensus.map(str::parse).transpose().map_err(|_| shape())?,
    })
}

/// Who a validator says it is.
pub(crate) struct Declaration<'a> {
    /// The college that runs it.
    pub(crate) college: CollegeId,
    /// As printed.
    pub(crate) name: &'a str,
    /// Network identity.
    pub(crate) node: NodeId,
    /// Where other nodes reach it.
    pub(crate) addresses: &'a [String],
}

impl Declaration<'_> {
    /// The record, signed with the validator's key for a chain.
    pub(crate) fn sign(&self, chain: &ChainId, key: &SecretKey) -> Result<Signed<ValidatorRecord>, Failure> {
        let addresses = self.addresses.iter().map(Text::new).collect::<Result<Vec<_>, _>>().map_err(refused)?;
        let record = ValidatorRecord {
            college: self.college,
            name: name(self.name)?,
            key: key.public(),
            node: self.node,
            addresses: bounded(addresses)?,
        };
        Ok(Signed::sign(chain, record, key).into_signed())
    }
}

/// The same chain in whatever order the operators came.
pub(crate) fn sorted(genesis: Genesis) -> Result<Genesis, Failure> {
    let mut colleges = genesis.colleges.into_vec();
    let mut administrators = genesis.administrators.into_vec();
    let mut validators = genesis.validators.into_vec();
    colleges.sort_by_key(|it| it.id);
    administrators.sort_by_key(|it| (it.college, it.key));
    validators.sort_by_key(|it| (it.claim.college, it.claim.key));
    Ok(Genesis {
        colleges: bounded(colleges)?,
        administrators: bounded(administrators)?,
        validators: bounded(validators)?,
        ..genesis
    })
}

/// A list with one more item.
pub(crate) fn with<T, const MAX: usize>(list: List<T, MAX>, item: T) -> Result<List<T, MAX>, Failure> {
    let mut items = list.into_vec();
    items.push(item);
    bounded(items)
}

fn name(text: &str) -> Result<Text<NAME_BYTES_MAX>, Failure> {
    Text::new(text).map_err(refused)
}

fn bounded<T, const MAX: usize>(items: Vec<T>) -> Result<List<T, MAX>, Failure> {
    List::new(items).map_err(refused)
}

fn refused(e: Malformed) -> Failure {
    Failure::usage(e)
}

/// What a genesis means, for people and for programs.
#[derive(Serialize)]
pub(crate) struct ChainReport {
    chain_id: ChainId,
    name: String,
    time: UnixMs,
    halting: HaltingPolicy,
    approvals_needed: u16,
    power: PowerReport,
}

impl ChainReport {
    /// Reads a genesis.
    pub(crate) fn of(checked: &CheckedGenesis) -> Self {
        let genesis = checked.get();
        Self {
            chain_id: checked.chain_id(),
            name: genesis.name.to_string(),
            time: genesis.time,
            halting: genesis.halting,
            approvals_needed: genesis.parameters.approvals_needed,
            power: PowerReport::of(checked.validators()),
        }
    }
}
impl fmt::Display for ChainReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "chain {} '{}', from {}", self.chain_id, self.name, self.time)?;
        writeln!(f, "acts need administrators of {} colleges", self.approvals_needed)?;
        if self.halting == HaltingPolicy::OneCollegeMayHalt {
            writeln!(f, "admitted: one absent college may pause the chain")?;
        }
        self.power.fmt(f)
    }
}
