//! `urne genesis`: a chain made by several hands. One operator writes the ceremony's file with the colleges; it travels;
//! each operator adds her own signed record on her own machine; whoever finishes it, everyone checks the same chain id.
use crate::{
    Context,
    ceremony::{self, ChainArgs, ChainReport, Declaration},
    exit::Failure,
    passphrase::PassphraseArgs,
};
use clap::{Args, Subcommand};
use serde::Serialize;
use std::{
    fmt,
    path::{Path, PathBuf},
};
use urne_node::{
    genesis_file::{self, CheckedGenesis, GenesisFault, judge_ceremony},
    keystore::{KeyFile, KeyRole},
};
use urne_types::{
    ChainId, CollegeId, NodeId, PublicKey, ValidatorId,
    genesis::Genesis,
    governance::{Administrator, College, RECORD_CHAIN},
};

/// What to do with a genesis.
#[derive(Debug, Subcommand)]
pub(crate) enum GenesisCommand {
    /// Begin a ceremony: a file with the colleges and the parameters
    New(NewArgs),
    /// Add this node's validator, signed by its key, and its administrators
    AddValidator(AddArgs),
    /// Check the whole, name the chain and write genesis.toml
    Finalize(FinalizeArgs),
    /// Show a genesis, finished or not
    Show(ShowArgs),
}

/// Begins a ceremony.
#[derive(Debug, Args)]
pub(crate) struct NewArgs {
    /// File to write
    file: PathBuf,
    /// A college, as NUMBER:NAME:STATUTORY_WEIGHT_BP[:CONSENSUS_WEIGHT]; once per college
    #[arg(long = "college", required = true, value_parser = ceremony::parse_college, value_name = "COLLEGE")]
    colleges: Vec<College>,
    #[command(flatten)]
    chain: ChainArgs,
}

/// Adds a validator.
#[derive(Debug, Args)]
pub(crate) struct AddArgs {
    /// The ceremony's file, as received
    file: PathBuf,
    /// Number of the college that runs this validator
    #[arg(long, value_name = "NUMBER")]
    college: u16,
    /// Name of the validator, as printed
    #[arg(long)]
    name: String,
    /// Where other nodes reach it (multiaddr); may be repeated
    #[arg(long = "address", required = true, value_name = "MULTIADDR")]
    addresses: Vec<String>,
    /// Public key of an administrator of this college; the one kept in this home is added by itself
    #[arg(long = "administrator", value_name = "KEY")]
    administrators: Vec<PublicKey>,
    #[command(flatten)]
    passphrase: PassphraseArgs,
}

/// Finishes a ceremony.
#[derive(Debug, Args)]
pub(crate) struct FinalizeArgs {
    /// The ceremony's file
    file: PathBuf,
    /// File to write; genesis.toml beside the ceremony's by default
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Shows a genesis.
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// Genesis or ceremony file; this node's genesis.toml by default
    file: Option<PathBuf>,
}

impl GenesisCommand {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::New(args) => args.run(context),
            Self::AddValidator(args) => args.run(context),
            Self::Finalize(args) => args.run(context),
            Self::Show(args) => args.run(context),
        }
    }
}

impl NewArgs {
    fn run(self, context: &Context) -> Result<(), Failure> {
        let genesis = self.chain.begin(self.colleges)?;
        judge_ceremony(&genesis)?;
        must_be_new(&self.file)?;
        genesis_file::write(&self.file, &genesis)?;
        context.output.say(&Ceremony::of(&genesis));
        Ok(())
    }
}

impl AddArgs {
    fn run(self, context: &Context) -> Result<(), Failure> {
        let home = &context.home;
        home.must_exist()?;
        let mut genesis = genesis_file::read(&self.file)?;
        judge_ceremony(&genesis)?;
        let college = CollegeId::new(self.college);
        let key = self.passphrase.open(&KeyFile::read(&home.validator_key(), KeyRole::Validator)?)?;
        let node = NodeId(KeyFile::read(&home.node_key(), KeyRole::Node)?.public_key().0);
        let declaration = Declaration { college, name: &self.name, node, addresses: &self.addresses };
        let record = declaration.sign(&RECORD_CHAIN, &key)?;
        genesis.validators = ceremony::with(genesis.validators, record)?;
        let mut administrators = self.administrators;
        if home.admin_key().exists() {
            administrators.push(KeyFile::read(&home.admin_key(), KeyRole::Administrator)?.public_key());
        }
        for key in administrators {
            genesis.administrators = ceremony::with(genesis.administrators, Administrator { college, key })?;
        }
        judge_ceremony(&genesis)?;
        genesis_file::write(&self.file, &genesis)?;
        context.output.say(&Ceremony::of(&genesis));
        Ok(())
    }
}

impl FinalizeArgs {
    fn run(self, context: &Context) -> Result<(), Failure> {
        let checked = CheckedGenesis::judge(ceremony::sorted(genesis_file::read(&self.file)?)?)?;
        let output = self.output.unwrap_or_else(|| self.file.with_file_name("genesis.toml"));
        must_be_new(&output)?;
        genesis_file::write(&output, checked.get())?;
        context.output.say(&ChainReport::of(&checked));
        Ok(())
    }
}

impl ShowArgs {
    fn run(self, context: &Context) -> Result<(), Failure> {
        let file = self.file.unwrap_or_else(|| context.home.genesis_file());
        let genesis = genesis_file::read(&file)?;
        judge_ceremony(&genesis)?;
        context.output.say(&Ceremony::of(&genesis));
        Ok(())
    }
}

fn must_be_new(path: &Path) -> Result<(), Failure> {
    if path.exists() {
        return Err(Failure::usage(format!("{} exists already: choose another file, or move it away", path.display())));
    }
    Ok(())
}

/// How far a ceremony has come.
#[derive(Serialize)]
struct Ceremony {
    name: String,
    colleges: Vec<CollegeLine>,
    /// What the chain would be as the file is now.
    #[serde(skip_serializing_if = "Option::is_none")]
    chain: Option<ChainReport>,
    chain_id: Option<ChainId>,
    /// Why it cannot start yet.
    missing: Option<String>,
}

#[derive(Serialize)]
struct CollegeLine {
    id: CollegeId,
    name: String,
    statutory_weight_bp: u16,
    consensus_weight: Option<u32>,
    validators: Vec<ValidatorLine>,
    administrators: Vec<PublicKey>,
}

#[derive(Serialize)]
struct ValidatorLine {
    id: ValidatorId,
    name: String,
    node: NodeId,
    addresses: Vec<String>,
}

impl Ceremony {
    fn of(genesis: &Genesis) -> Self {
        let judged: Result<CheckedGenesis, GenesisFault> = CheckedGenesis::judge(genesis.clone());
        Self {
            name: genesis.name.to_string(),
            colleges: genesis.colleges.iter().map(|it| CollegeLine::of(it, genesis)).collect(),
            chain: judged.as_ref().ok().map(ChainReport::of),
            chain_id: judged.as_ref().ok().map(CheckedGenesis::chain_id),
            missing: judged.err().map(|it| it.to_string()),
        }
    }
}

impl CollegeLine {
    fn of(college: &College, genesis: &Genesis) -> Self {
        let own = genesis.validators.iter().map(|it| &it.claim).filter(|it| it.college == college.id);
        Self {
            id: college.id,
            name: college.name.to_string(),
            statutory_weight_bp: college.statutory_weight_bp,
            consensus_weight: college.consensus_weight,
            validators: own
                .map(|it| ValidatorLine {
                    id: it.id(),
                    name: it.name.to_string(),
                    node: it.node,
                    addresses: it.addresses.iter().map(ToString::to_string).collect(),
                })
                .collect(),
            administrators: genesis
                .administrators
                .iter()
                .filter(|it| it.college == college.id)
                .map(|it| it.key)
                .collect(),
        }
    }
}

impl fmt::Display for Ceremony {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "'{}'", self.name)?;
        for college in &self.colleges {
            let (whole, rest) = (college.statutory_weight_bp / 100, college.statutory_weight_bp % 100);
            writeln!(f, "college {} {}: {whole}.{rest:02} % of the votes", college.id, college.name)?;
            for validator in &college.validators {
                writeln!(f, "  validator {} {} at {}", validator.id, validator.name, validator.addresses.join(", "))?;
            }
            for key in &college.administrators {
                writeln!(f, "  administrator {key}")?;
            }
        }
        if let Some(chain) = &self.chain {
            chain.fmt(f)?;
        }
        self.missing.as_ref().map_or(Ok(()), |it| write!(f, "not complete: {it}"))
    }
}
