//! genesis.toml: what everyone must agree on, as people read it and sign it. Two states: a ceremony's file, which grows as
//! each operator adds her validator, and a [`CheckedGenesis`], the only one a node starts from. The chain's name is the
//! hash of the canonical encoding, never of these bytes: comments and spaces change nothing.
use crate::disk;
use std::{
    collections::BTreeSet,
    io,
    path::{Path, PathBuf},
};
use urne_consensus::power::{Member, PowerError, derive_validator_set};
use urne_types::{
    ChainId, CollegeId, NodeId, PublicKey,
    genesis::{Genesis, PROTOCOL_VERSION},
    governance::{College, Parameters, RECORD_CHAIN, ValidatorRecord},
    limits::{APPROVALS_MIN, BLOCK_BYTES_MAX, TX_BYTES_MAX},
    signed::Signed,
    validators::{ProposerDuty, ValidatorSet},
};

/// Statutory weights are shares of this.
pub const WHOLE_BP: u32 = 10_000;
/// The largest genesis, 100 validators and 256 administrators, takes about 100 KiB.
pub const FILE_BYTES_MAX: u64 = 1 << 20;

/// Why a genesis is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GenesisFault {
    /// Of another version of urne.
    #[error("it follows protocol {found}, this program {PROTOCOL_VERSION}: use the version of urne it was made with")]
    ProtocolVersion {
        /// The version it names.
        found: u16,
    },
    /// The chain needs a name.
    #[error("the chain has no name: set `name`")]
    NoName,
    /// No college.
    #[error("there is no college: add them with `urne genesis new --college …`")]
    NoCollege,
    /// Two colleges under one number.
    #[error("college {0} appears twice: give each its own number")]
    DuplicateCollege(CollegeId),
    /// Shares that are not of one whole.
    #[error("the statutory weights add up to {0} basis points instead of {WHOLE_BP}: correct `statutory_weight_bp`")]
    Weights(u32),
    /// A guarantor without a weight in the agreement.
    #[error("college {0} has no voting rights and no `consensus_weight`: give it one, or leave it out")]
    NoWeight(CollegeId),
    /// Somebody of an unknown college.
    #[error("{who} belongs to college {college}, which does not exist")]
    UnknownCollege {
        /// "validator …" or "administrator …".
        who: String,
        /// The number.
        college: CollegeId,
    },
    /// One consensus key, two validators.
    #[error("validator key {0} appears twice: each validator has its own key")]
    DuplicateValidator(PublicKey),
    /// One network identity, two validators.
    #[error("node {0} appears twice: each validator runs on its own node")]
    DuplicateNode(NodeId),
    /// One administrator key twice.
    #[error("administrator key {0} appears twice: an administrator acts for one college")]
    DuplicateAdministrator(PublicKey),
    /// A key for two purposes.
    #[error("key {0} serves two purposes: make another with `urne keys new`")]
    SharedKey(PublicKey),
    /// Bytes that no signature can match.
    #[error("key {0} is not an Ed25519 key: copy it again from `urne keys show`")]
    NotAKey(PublicKey),
    /// A record that its key did not sign.
    #[error("the record of validator '{name}' is not signed by its key: ask its operator to add it again")]
    BadSignature {
        /// Its name.
        name: String,
    },
    /// A validator nobody can reach.
    #[error("validator '{name}' has no usable address: give one like /dns/urne.example.org/tcp/26600")]
    NoAddress {
        /// Its name.
        name: String,
    },
    /// Nobody would decide.
    #[error("there is no validator yet: each operator runs `urne genesis add-validator`")]
    NoValidator,
    /// More approvals than colleges that can give one.
    #[error(
        "acts need approvals of {needed} colleges and {colleges} have an administrator: add administrators, or lower \
         `approvals_needed`"
    )]
    Approvals {
        /// `approvals_needed`.
        needed: u16,
        /// Colleges with an administrator.
        colleges: usize,
    },
    /// Powers that no chain should start with.
    #[error(transparent)]
    Power(#[from] PowerError),
    /// A setting out of bounds.
    #[error("parameter {name} is {found}: it must be {bounds}")]
    Parameter {
        /// Which.
        name: &'static str,
        /// Its value.
        found: u64,
        /// Its bounds.
        bounds: String,
    },
}

/// Why a genesis file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum GenesisFileError {
    /// Not readable or not writable.
    #[error("{path}: {action} failed ({source})")]
    Disk {
        /// Which file.
        path: PathBuf,
        /// What was attempted.
        action: &'static str,
        /// The system's answer.
        source: io::Error,
    },
    /// Not a genesis.
    #[error("{path} is not a genesis file: {cause}")]
    NotAGenesis {
        /// Which file.
        path: PathBuf,
        /// Why.
        cause: String,
    },
    /// A genesis that cannot start a chain.
    #[error("{path}: {fault}")]
    Fault {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        fault: GenesisFault,
    },
}

/// A genesis that can start a chain: only [`CheckedGenesis::judge`] builds one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedGenesis {
    genesis: Genesis,
    validators: ValidatorSet,
}

impl CheckedGenesis {
    /// Judges a complete genesis.
    ///
    /// # Errors
    /// [`GenesisFault`].
    pub fn judge(genesis: Genesis) -> Result<Self, GenesisFault> {
        judge_ceremony(&genesis)?;
        if genesis.validators.is_empty() {
            return Err(GenesisFault::NoValidator);
        }
        let able: BTreeSet<CollegeId> = genesis.administrators.iter().map(|it| it.college).collect();
        let needed = genesis.parameters.approvals_needed;
        if able.len() < usize::from(needed) {
            return Err(GenesisFault::Approvals { needed, colleges: able.len() });
        }
        let member = |it: &Signed<ValidatorRecord>| Member {
            key: it.claim.key,
            college: it.claim.college,
            duty: ProposerDuty::Proposes,
        };
        let members: Vec<Member> = genesis.validators.iter().map(member).collect();
        let validators = derive_validator_set(&genesis.colleges, genesis.halting, &members)?;
        Ok(Self { genesis, validators })
    }
    /// Reads and judges a node's genesis.toml.
    ///
    /// # Errors
    /// [`GenesisFileError`].
    pub fn read(path: &Path) -> Result<Self, GenesisFileError> {
        let fault = |fault| GenesisFileError::Fault { path: path.to_owned(), fault };
        Self::judge(read(path)?).map_err(fault)
    }
    /// The genesis.
    #[must_use]
    pub fn get(&self) -> &Genesis {
        &self.genesis
    }
    /// The genesis, to keep.
    #[must_use]
    pub fn into_inner(self) -> Genesis {
        self.genesis
    }
    /// The first validators and their powers.
    #[must_use]
    pub fn validators(&self) -> &ValidatorSet {
        &self.validators
    }
    /// The chain's name.
    #[must_use]
    pub fn chain_id(&self) -> ChainId {
        self.genesis.chain_id()
    }
}

/// Judges what every state of a ceremony's file must satisfy; validators and administrators may still be missing.
///
/// # Errors
/// [`GenesisFault`].
pub fn judge_ceremony(genesis: &Genesis) -> Result<(), GenesisFault> {
    if genesis.protocol_version != PROTOCOL_VERSION {
        return Err(GenesisFault::ProtocolVersion { found: genesis.protocol_version });
    }
    if genesis.name.trim().is_empty() {
        return Err(GenesisFault::NoName);
    }
    judge_parameters(&genesis.parameters, genesis.colleges.len())?;
    let colleges = judge_colleges(&genesis.colleges)?;
    let mut keys = BTreeSet::new();
    let mut nodes = BTreeSet::new();
    for record in &genesis.validators {
        judge_record(record)?;
        let ValidatorRecord { college, key, node, .. } = record.claim;
        if !colleges.contains(&college) {
            return Err(GenesisFault::UnknownCollege { who: format!("validator '{}'", record.claim.name), college });
        }
        if !keys.insert(key) {
            return Err(GenesisFault::DuplicateValidator(key));
        }
        if !nodes.insert(node) {
            return Err(GenesisFault::DuplicateNode(node));
        }
    }
    if let Some(node) = nodes.iter().find(|it| keys.contains(&PublicKey(it.0))) {
        return Err(GenesisFault::SharedKey(PublicKey(node.0)));
    }
    let mut administrators = BTreeSet::new();
    for administrator in &genesis.administrators {
        let (key, college) = (administrator.key, administrator.college);
        if !colleges.contains(&college) {
            return Err(GenesisFault::UnknownCollege { who: format!("administrator {key}"), college });
        }
        if !key.is_sound() {
            return Err(GenesisFault::NotAKey(key));
        }
        if !administrators.insert(key) {
            return Err(GenesisFault::DuplicateAdministrator(key));
        }
        if keys.contains(&key) || nodes.contains(&NodeId(key.0)) {
            return Err(GenesisFault::SharedKey(key));
        }
    }
    Ok(())
}

fn judge_colleges(colleges: &[College]) -> Result<BTreeSet<CollegeId>, GenesisFault> {
    let mut ids = BTreeSet::new();
    if colleges.is_empty() {
        return Err(GenesisFault::NoCollege);
    }
    for college in colleges {
        if !ids.insert(college.id) {
            return Err(GenesisFault::DuplicateCollege(college.id));
        }
        if college.consensus_weight.unwrap_or(u32::from(college.statutory_weight_bp)) == 0 {
            return Err(GenesisFault::NoWeight(college.id));
        }
    }
    let sum = colleges.iter().map(|it| u32::from(it.statutory_weight_bp)).sum();
    if sum == WHOLE_BP { Ok(ids) } else { Err(GenesisFault::Weights(sum)) }
}

fn judge_record(record: &Signed<ValidatorRecord>) -> Result<(), GenesisFault> {
    let claim = &record.claim;
    if !claim.key.is_sound() {
        return Err(GenesisFault::NotAKey(claim.key));
    }
    if record.clone().verify(&RECORD_CHAIN, &claim.key).is_err() {
        return Err(GenesisFault::BadSignature { name: claim.name.to_string() });
    }
    if claim.addresses.is_empty() || claim.addresses.iter().any(|it| !it.starts_with('/')) {
        return Err(GenesisFault::NoAddress { name: claim.name.to_string() });
    }
    Ok(())
}

fn judge_parameters(it: &Parameters, colleges: usize) -> Result<(), GenesisFault> {
    const DAY_MS: u64 = 86_400_000;
    // No act is one college's where there are two or more.
    let approvals_min = if colleges < usize::from(APPROVALS_MIN) { 1 } else { APPROVALS_MIN };
    let bounds: [(&'static str, u64, u64, u64); 9] = [
        ("approvals_needed", it.approvals_needed.into(), approvals_min.into(), u16::MAX.into()),
        ("act_lifetime_ms_max", it.act_lifetime_ms_max, 60_000, 366 * DAY_MS),
        ("heartbeat_open_ms", it.heartbeat_open_ms, 1_000, DAY_MS),
        ("heartbeat_idle_ms", it.heartbeat_idle_ms, 1_000, DAY_MS),
        ("batching_ms", it.batching_ms.into(), 0, 10_000),
        // The largest transaction must fit, with its header.
        ("block_bytes_max", it.block_bytes_max.into(), 2 * TX_BYTES_MAX as u64, BLOCK_BYTES_MAX as u64),
        ("clock_precision_ms", it.clock_precision_ms.into(), 1, 60_000),
        ("message_delay_ms", it.message_delay_ms.into(), 1, 60_000),
        ("missed_turns_max", it.missed_turns_max.into(), 1, u16::MAX.into()),
    ];
    for (name, found, least, most) in bounds {
        if found < least || most < found {
            return Err(GenesisFault::Parameter { name, found, bounds: format!("between {least} and {most}") });
        }
    }
    Ok(())
}

/// Reads a genesis file, complete or not; nothing is judged yet.
///
/// # Errors
/// [`GenesisFileError::Disk`], [`GenesisFileError::NotAGenesis`].
pub fn read(path: &Path) -> Result<Genesis, GenesisFileError> {
    let not_a_genesis = |cause| GenesisFileError::NotAGenesis { path: path.to_owned(), cause };
    let length = std::fs::metadata(path).map_err(failed(path, "reading"))?.len();
    if FILE_BYTES_MAX < length {
        return Err(not_a_genesis(format!("{length} bytes where at most {FILE_BYTES_MAX} are allowed")));
    }
    let text = std::fs::read_to_string(path).map_err(failed(path, "reading"))?;
    toml::from_str(&text).map_err(|e| not_a_genesis(e.to_string()))
}

/// Writes a genesis file whole, replacing it.
///
/// # Errors
/// [`GenesisFileError::Disk`].
pub fn write(path: &Path, genesis: &Genesis) -> Result<(), GenesisFileError> {
    disk::replace(path, disk::Readable::ByAll, render(genesis).as_bytes()).map_err(failed(path, "writing"))
}

/// The file's text; reading it back gives the same genesis.
#[must_use]
pub fn render(genesis: &Genesis) -> String {
    let head = "# What everyone must agree on. Two files that differ in one value are two chains; comments do not count.\n\
                # Do not edit after `urne genesis finalize`.\n\n";
    head.to_owned() + &toml::to_string_pretty(genesis).expect("a genesis is made of tables, texts and small integers")
}

fn failed(path: &Path, action: &'static str) -> impl FnOnce(io::Error) -> GenesisFileError {
    let path = path.to_owned();
    move |source| GenesisFileError::Disk { path, action, source }
}
