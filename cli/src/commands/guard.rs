//! `urne keys guard`: what this validator signed last, and the documented way out when that is lost. A reset never lets a
//! key sign where it may have signed before: it forbids everything up to a height.
use crate::{Context, exit::Failure};
use clap::{Args, Subcommand};
use serde::Serialize;
use std::fmt;
use urne_consensus::{Step, engine::GuardRecord};
use urne_node::{
    guard::GuardFile,
    home::Home,
    keystore::{KeyFile, KeyRole},
};
use urne_types::{
    Height, PublicKey, Round,
    codec::{decode_canonical, encode},
};

/// A guard record is a few dozen bytes.
const RECORD_BYTES_MAX: usize = urne_node::guard::RECORD_BYTES_MAX;

/// What to do with the guard.
#[derive(Debug, Subcommand)]
pub(crate) enum GuardCommand {
    /// Show the last thing signed
    Show,
    /// Forbid every signature up to a height, whatever the guard said before
    Reset(ResetArgs),
}

/// Where signing may begin again.
#[derive(Debug, Args)]
pub(crate) struct ResetArgs {
    /// One more than the height that other nodes have reached (`urne status --api URL`): a lost machine may have signed for
    /// the height that was being decided. This node follows until then and signs from the next height on
    #[arg(long)]
    height: u64,
}

#[derive(Serialize)]
struct Guard {
    /// Absent for a key that never signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    height: Option<Height>,
    #[serde(skip_serializing_if = "Option::is_none")]
    round: Option<Round>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
}

impl GuardCommand {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        context.home.must_exist()?;
        let _lock = context.home.lock()?;
        let key = KeyFile::read(&context.home.validator_key(), KeyRole::Validator)?.public_key();
        if let Self::Reset(ResetArgs { height }) = self {
            reset(&context.home, &key, Height::new(height))?;
        }
        let (_, record) = GuardFile::open(&context.home.guard_file(), &key)?;
        let record: Option<GuardRecord> = record
            .map(|bytes| decode_canonical(&bytes, RECORD_BYTES_MAX))
            .transpose()
            .map_err(|e| Failure::environment(format!("the guard holds no record of this version of urne: {e}")))?;
        context.output.say(&Guard {
            height: record.map(|it| it.height),
            round: record.map(|it| it.round),
            digest: record.map(|it| it.digest.iter().map(|byte| format!("{byte:02x}")).collect()),
        });
        Ok(())
    }
}

/// A readable guard that forbids more is never lowered: that would be asking for a second signature.
fn reset(home: &Home, key: &PublicKey, height: Height) -> Result<(), Failure> {
    if let Ok((_, Some(bytes))) = GuardFile::open(&home.guard_file(), key)
        && let Ok(present) = decode_canonical::<GuardRecord>(&bytes, RECORD_BYTES_MAX)
        && height < present.height
    {
        return Err(Failure::usage(format!(
            "this key has signed at height {}: a guard is never lowered; give that height or a later one",
            present.height
        )));
    }
    // Nothing of that height comes after its last round's precommit.
    let last = GuardRecord { height, round: Round::new(u32::MAX), step: Step::Precommit, digest: [0; 32] };
    Ok(GuardFile::reset(&home.guard_file(), key, &encode(&last))?)
}

impl fmt::Display for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.height {
            None => write!(f, "this key has never signed"),
            Some(height) => write!(f, "nothing before or beside height {height} is signed again; later heights are"),
        }
    }
}
