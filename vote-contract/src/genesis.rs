//! The state before the first block: what every operator agreed on, checked value by value, or a sentence that says which
//! value to mend.
use crate::{
    keys, protocol,
    records::{ChainRecord, ValidatorEntry},
    state::{Changes, Space},
};
use std::collections::BTreeSet;
use urne_consensus::power::{Member, PowerError, derive_validator_set};
use urne_types::{
    CollegeId, NodeId, PublicKey,
    codec::encode,
    genesis::{Genesis, PROTOCOL_VERSION},
    governance::RECORD_CHAIN,
    validators::{ProposerDuty, ValidatorSet},
};

/// Why a genesis cannot begin a chain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GenesisFault {
    /// Written for another version of this program.
    #[error(
        "the genesis follows protocol {found}, this program follows {PROTOCOL_VERSION}: use the program it was made for"
    )]
    Version {
        /// The genesis' version.
        found: u16,
    },
    /// Two colleges with one number.
    #[error("college {0} appears twice or out of order: number the colleges upwards, each once")]
    CollegeOrder(CollegeId),
    /// Shares of more than a whole.
    #[error("the statutory weights add up to {0} basis points: they may not exceed 10,000")]
    Weights(u32),
    /// Someone's college is not in the list.
    #[error(
        "college {0} has an administrator or a validator but is not in the list of colleges: add it or mend the number"
    )]
    UnknownCollege(CollegeId),
    /// One administrator twice.
    #[error("administrator {0} appears twice: one key, one role")]
    AdministratorTwice(PublicKey),
    /// A key that gives its holder nothing of her own.
    #[error("{0} is no point of the curve, or one under which anyone can sign: its owner must make another key")]
    BadKey(PublicKey),
    /// No act could ever pass.
    #[error(
        "an act needs approvals of {needed} colleges but fewer have an administrator: add administrators or lower approvals_needed"
    )]
    TooFewColleges {
        /// Colleges needed.
        needed: u16,
    },
    /// One college could decide alone.
    #[error(
        "approvals_needed is {found}: with two colleges or more it is at least {least}, so that no act is one college's"
    )]
    TooFewApprovals {
        /// `approvals_needed`.
        found: u16,
        /// The least it may be.
        least: u16,
    },
    /// A setting out of its range.
    #[error("a parameter is out of its range: compare with `urne config show`")]
    BadParameter,
    /// One validator twice.
    #[error("the key or the node of validator {0} appears twice: each validator needs its own")]
    ValidatorTwice(PublicKey),
    /// A record that its owner did not sign.
    #[error(
        "the record of validator {0} is not signed with its own key: its operator must run `genesis add-validator` again"
    )]
    BadValidatorRecord(PublicKey),
    /// The colleges' rule.
    #[error("these colleges and validators cannot agree safely: {0}")]
    Power(#[from] PowerError),
}

/// The first state, and the validators of heights 1 and 2.
///
/// # Errors
/// [`GenesisFault`].
pub fn genesis(genesis: &Genesis) -> Result<(Changes, ValidatorSet), GenesisFault> {
    judge(genesis)?;
    let member = |it: &urne_types::governance::ValidatorRecord| Member {
        key: it.key,
        college: it.college,
        duty: ProposerDuty::Proposes,
    };
    let members: Vec<Member> = genesis.validators.iter().map(|it| member(&it.claim)).collect();
    let set = derive_validator_set(&genesis.colleges, genesis.halting, &members)?;

    let mut changes = Changes::default();
    let mut write = |key, value| changes.put(Space::Map, key, Some(value));
    let (protocol_version, name) = (genesis.protocol_version, genesis.name.clone());
    let chain = ChainRecord { protocol_version, name, time: genesis.time, halting: genesis.halting };
    write(keys::chain(), encode(&chain));
    write(keys::parameters(), encode(&genesis.parameters));
    write(keys::validator_set(), encode(&set));
    genesis.colleges.iter().for_each(|it| write(keys::college(it.id), encode(it)));
    genesis.administrators.iter().for_each(|it| write(keys::administrator(&it.key), encode(it)));
    for record in &genesis.validators {
        write(keys::validator(&record.claim.id()), encode(&ValidatorEntry::new(record.claim.clone())));
    }
    Ok((changes, set))
}

fn judge(genesis: &Genesis) -> Result<(), GenesisFault> {
    if genesis.protocol_version != PROTOCOL_VERSION {
        return Err(GenesisFault::Version { found: genesis.protocol_version });
    }
    let (found, least) = (genesis.parameters.approvals_needed, protocol::approvals_floor(genesis.colleges.len()));
    if found < least {
        return Err(GenesisFault::TooFewApprovals { found, least });
    }
    protocol::judge(&genesis.parameters, genesis.colleges.len()).map_err(|_| GenesisFault::BadParameter)?;
    judge_colleges(genesis)?;
    let mut keys: BTreeSet<PublicKey> = BTreeSet::new();
    if let Some(twice) = genesis.administrators.iter().find(|it| !keys.insert(it.key)) {
        return Err(GenesisFault::AdministratorTwice(twice.key));
    }
    if let Some(bad) = keys.iter().find(|it| !it.is_sound()) {
        return Err(GenesisFault::BadKey(*bad));
    }
    let needed = genesis.parameters.approvals_needed;
    protocol::judge_approvals(needed, &genesis.administrators).map_err(|_| GenesisFault::TooFewColleges { needed })?;
    judge_validators(genesis)
}

fn judge_colleges(genesis: &Genesis) -> Result<(), GenesisFault> {
    if let Some(pair) = genesis.colleges.windows(2).find(|pair| pair[1].id <= pair[0].id) {
        return Err(GenesisFault::CollegeOrder(pair[1].id));
    }
    let weights = genesis.colleges.iter().map(|it| u32::from(it.statutory_weight_bp)).sum();
    if 10_000 < weights {
        return Err(GenesisFault::Weights(weights));
    }
    let known: BTreeSet<CollegeId> = genesis.colleges.iter().map(|it| it.id).collect();
    let administrators = genesis.administrators.iter().map(|it| it.college);
    let mut used = administrators.chain(genesis.validators.iter().map(|it| it.claim.college));
    used.find(|it| !known.contains(it)).map_or(Ok(()), |it| Err(GenesisFault::UnknownCollege(it)))
}

fn judge_validators(genesis: &Genesis) -> Result<(), GenesisFault> {
    let mut keys: BTreeSet<PublicKey> = BTreeSet::new();
    let mut nodes: BTreeSet<NodeId> = BTreeSet::new();
    for record in &genesis.validators {
        let key = record.claim.key;
        if !key.is_sound() {
            return Err(GenesisFault::BadKey(key));
        }
        if record.clone().verify(&RECORD_CHAIN, &key).is_err() {
            return Err(GenesisFault::BadValidatorRecord(key));
        }
        if !keys.insert(key) || !nodes.insert(record.claim.node) {
            return Err(GenesisFault::ValidatorTwice(key));
        }
    }
    Ok(())
}
