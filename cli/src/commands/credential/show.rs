//! `urne credential show`: where the credential of a key file stands in an election.
use super::{Election, Holder, shown};
use crate::{Context, exit::Failure, sender::SendArgs};
use clap::Args;
use serde::Serialize;
use std::{fmt, path::PathBuf};
use urne_node::api::dto;
use urne_types::{CollegeId, ElectionId, PublicKey, Rejection, UnixMs};

/// Shows a credential.
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// The election
    #[arg(long, value_name = "ID")]
    election: ElectionId,
    /// The voter's key file
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    #[command(flatten)]
    send: SendArgs,
}

#[derive(Serialize)]
struct Standing {
    election: ElectionId,
    credential: PublicKey,
    /// The college whose registrars have signed it; none yet.
    signed_for: Option<CollegeId>,
    /// None as long as it cannot vote.
    registered: Option<dto::Credential>,
    issuance_at: UnixMs,
    registration_at: UnixMs,
    closes_at: UnixMs,
}

impl ShowArgs {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let (channel, election) = Election::enter(&self.send, context, &self.election)?;
        let holder = Holder::open(&self.send, &self.key)?;
        let credential = shown(&holder.request(&channel.chain, &election.id).0);
        let path = format!("/v1/elections/{}/credentials/{credential}", election.id);
        let registered = match channel.client.get(&path) {
            Err(e) if e.is(Rejection::NotRegistered) => None,
            other => Some(other?),
        };
        let signed_for = holder.file.credential(&holder.key, &election.id)?.map(|it| it.0);
        let (issuance_at, registration_at) = (election.rules.issuance_at, election.rules.registration_at);
        let closes_at = election.closes_at();
        let id = election.id;
        context.output.say(&Standing {
            election: id,
            credential,
            signed_for,
            registered,
            issuance_at,
            registration_at,
            closes_at,
        });
        Ok(())
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { election, credential, issuance_at, registration_at, closes_at, .. } = self;
        writeln!(f, "credential {credential} in election {election}")?;
        match (&self.registered, self.signed_for) {
            (Some(it), _) => write!(f, "registered in college {}, in block {}: it votes", it.college, it.at.height),
            (None, Some(college)) => write!(
                f,
                "signed by the registrars for college {college}, and not registered: registration from {registration_at} \
                 until {closes_at}"
            ),
            (None, None) => {
                write!(f, "not signed yet: requests from {issuance_at} until {closes_at} (`urne credential request`)")
            }
        }
    }
}
