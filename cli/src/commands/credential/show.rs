//! `urne credential show`: where the credential of a key file stands in an election. A node that is asked learns that somebody at
//! this address cares for this credential: `--offline` asks none.
use super::{Election, RightArgs, college_meant, shown};
use crate::{Context, exit::Failure, sender::SendArgs};
use clap::Args;
use serde::Serialize;
use std::{fmt, path::PathBuf};
use urne_node::{api::dto, genesis_file::CheckedGenesis};
use urne_types::{CollegeId, ElectionId, PublicKey, Rejection, UnixMs};

/// Shows a credential.
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    #[command(flatten)]
    right: RightArgs,
    /// Ask no node: what the key file alone says
    #[arg(long)]
    offline: bool,
    /// The chain's genesis, with --offline; this folder's by default
    #[arg(long, value_name = "FILE", requires = "offline")]
    genesis: Option<PathBuf>,
    #[command(flatten)]
    send: SendArgs,
}

/// What the key file says.
#[derive(Serialize)]
struct Kept {
    election: ElectionId,
    college: CollegeId,
    credential: PublicKey,
    /// Whether the registrars' signature is in the key file.
    signed: bool,
}

/// And what a node says.
#[derive(Serialize)]
struct Standing {
    #[serde(flatten)]
    kept: Kept,
    /// None as long as it cannot vote.
    registered: Option<dto::Credential>,
    issuance_at: UnixMs,
    registration_at: UnixMs,
    closes_at: UnixMs,
}

impl ShowArgs {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        if self.offline {
            return self.show_offline(context);
        }
        let (channel, election) = Election::enter(&self.send, context, &self.right.election)?;
        let holder = self.right.holder(&self.send)?;
        let college = college_meant(self.right.college, &holder.file, &election.id, &election.definition)?;
        let kept = holder.kept(&channel.chain, election.id, college)?;
        let path = format!("/v1/elections/{}/credentials/{}", election.id, kept.credential);
        let registered = match channel.client.get(&path) {
            Err(e) if e.is(Rejection::NotRegistered) => None,
            other => Some(other?),
        };
        let (issuance_at, registration_at) = (election.rules.issuance_at, election.rules.registration_at);
        let closes_at = election.closes_at();
        context.output.say(&Standing { kept, registered, issuance_at, registration_at, closes_at });
        Ok(())
    }

    fn show_offline(&self, context: &Context) -> Result<(), Failure> {
        let genesis = self.genesis.clone().unwrap_or_else(|| context.home.genesis_file());
        let chain = CheckedGenesis::read(&genesis)?.chain_id();
        let holder = self.right.holder(&self.send)?;
        let election = self.right.election;
        let held: Vec<CollegeId> = holder.file.credentials().filter(|it| it.0 == election).map(|it| it.1).collect();
        let college = match (self.right.college, held.as_slice()) {
            (Some(named), _) => CollegeId::new(named),
            (None, [only]) => *only,
            (None, []) => {
                return Err(Failure::usage(
                    "the key file holds no signature for this election: give --college to see its credential there",
                ));
            }
            (None, _) => {
                return Err(Failure::usage("the key file holds signatures for several colleges: give --college"));
            }
        };
        context.output.say(&holder.kept(&chain, election, college)?);
        Ok(())
    }
}

impl super::Holder {
    fn kept(&self, chain: &urne_types::ChainId, election: ElectionId, college: CollegeId) -> Result<Kept, Failure> {
        let credential = shown(&self.request(chain, &election, college).0);
        let signed = self.file.credential(&self.key, &election, college)?.is_some();
        Ok(Kept { election, college, credential, signed })
    }
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { election, college, credential, signed } = self;
        writeln!(f, "credential {credential} in college {college} of election {election}")?;
        if *signed {
            write!(f, "signed by the registrars; no node was asked whether it is registered")
        } else {
            write!(f, "not signed yet, as far as this key file knows: `urne credential request`")
        }
    }
}
impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kept: Kept { election, college, credential, signed }, .. } = self;
        let Self { issuance_at, registration_at, closes_at, .. } = self;
        writeln!(f, "credential {credential} in college {college} of election {election}")?;
        match (&self.registered, signed) {
            (Some(it), _) => write!(f, "registered in block {}: it votes", it.at.height),
            (None, true) => write!(
                f,
                "signed by the registrars, and not registered: registration from {registration_at} until {closes_at}"
            ),
            (None, false) => {
                write!(f, "not signed yet: requests from {issuance_at} until {closes_at} (`urne credential request`)")
            }
        }
    }
}
