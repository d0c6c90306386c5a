//! `urne credential entry`: a member finds her own entry with the salt of her letter, and sees whether somebody was given a
//! credential in her place: a false émargement.
use super::{Election, Holder, MemberArgs};
use crate::{Context, commands::registrar::path_of, exit::Failure, sender::SendArgs};
use clap::Args;
use serde::Serialize;
use std::{fmt, path::PathBuf};
use urne_node::api::dto;
use urne_registrar::entry::{Salt, commitment};

/// Finds an entry.
#[derive(Debug, Args)]
pub(crate) struct EntryArgs {
    #[command(flatten)]
    member: MemberArgs,
    /// The salt of her letter
    #[arg(long, value_name = "HEX")]
    salt: Salt,
    /// Her key file: a request that it did not make is then found out
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    #[command(flatten)]
    send: SendArgs,
}

#[derive(Serialize)]
struct Found {
    #[serde(flatten)]
    entry: dto::CensusEntry,
    /// Whether every approved request is the key file's own; none without a key file.
    own: Option<bool>,
}

impl EntryArgs {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let (channel, election) = Election::enter(&self.send, context, &self.member.election)?;
        let college = self.member.college();
        let own = commitment(&channel.chain, college, &self.member.identity, &self.salt);
        let entry: dto::CensusEntry = channel.client.get(&path_of(&election.id, &own))?;
        let is_own = match &self.key {
            None => None,
            Some(file) => {
                let holder = Holder::open(&self.send, file)?;
                let request = holder.request(&channel.chain, &election.id, college).1.request().bytes();
                Some(entry.approvals.iter().all(|it| it.request.0 == request))
            }
        };
        if is_own == Some(false) {
            return Err(Failure::unverified(
                "a registrar has approved a request that this key file did not make: tell your office, and show it this entry",
            ));
        }
        context.output.say(&Found { entry, own: is_own });
        Ok(())
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dto::CensusEntry { entry, college, approvals, answers, .. } = &self.entry;
        writeln!(f, "entry {entry} of college {college}")?;
        if approvals.is_empty() {
            return write!(f, "nobody has asked for a credential in this name");
        }
        let numbers = |of: &mut dyn Iterator<Item = u16>| of.map(|it| it.to_string()).collect::<Vec<_>>().join(", ");
        writeln!(f, "  approved by registrars {}", numbers(&mut approvals.iter().map(|it| it.registrar)))?;
        writeln!(f, "  answered by registrars {}", numbers(&mut answers.iter().map(|it| it.registrar)))?;
        match self.own {
            Some(_) => write!(f, "the request is this key file's own"),
            None => write!(f, "If you have not asked for it, tell your office: somebody votes in your place."),
        }
    }
}
