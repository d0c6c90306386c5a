//! `urne credential show`: where the credential of a key file stands in an election.
use super::{Election, Holder, college_meant, shown};
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
    /// College of the credential; needed when the key file has several
    #[arg(long, value_name = "NUMBER")]
    college: Option<u16>,
    /// The voter's key file
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    #[command(flatten)]
    send: SendArgs,
}

#[derive(Serialize)]
struct Standing {
    election: ElectionId,
    college: CollegeId,
    credential: PublicKey,
    /// Whether the registrars' signature is in the key file.
    signed: bool,
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
        let college = college_meant(self.college, &holder.file, &election.id, &election.definition)?;
        let credential = shown(&holder.request(&channel.chain, &election.id, college).0);
        let path = format!("/v1/elections/{}/credentials/{credential}", election.id);
        let registered = match channel.client.get(&path) {
            Err(e) if e.is(Rejection::NotRegistered) => None,
            other => Some(other?),
        };
        let signed = holder.file.credential(&holder.key, &election.id, college)?.is_some();
        let (issuance_at, registration_at) = (election.rules.issuance_at, election.rules.registration_at);
        let closes_at = election.closes_at();
        let id = election.id;
        context.output.say(&Standing {
            election: id,
            college,
            credential,
            signed,
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
        let Self { election, college, credential, issuance_at, registration_at, closes_at, .. } = self;
        writeln!(f, "credential {credential} in college {college} of election {election}")?;
        match (&self.registered, self.signed) {
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
