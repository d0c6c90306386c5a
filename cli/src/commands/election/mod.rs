//! `urne election`: from a definition to a result. Each step that the colleges decide is an act that others approve
//! (`urne act approve`).
mod archive;
mod ceremony;
mod create;
mod show;
mod verify;

use super::act::{HowArgs, reason};
use crate::{Context, exit::Failure};
use clap::{Args, Subcommand};
use serde::Serialize;
use std::fmt;
use urne_node::api::dto::Draft;
use urne_types::{
    ChainId, DraftId, ElectionId, Rejection,
    election::{BallotKind, ElectionDefinition},
    governance::Act,
};

/// What to do with elections.
#[derive(Debug, Subcommand)]
pub(crate) enum ElectionCommand {
    /// Bring the census, propose its adoption, and draft the election
    Create(create::CreateArgs),
    /// Propose that a draft becomes an election
    Schedule(ScheduleArgs),
    /// Show how the keys of a secret election are made, and the name they give it
    Ceremony(ceremony::CeremonyArgs),
    /// Propose to close an election before its time
    Close(CloseArgs),
    /// Propose to cancel an election
    Cancel(CancelArgs),
    /// Show an election and its turnout
    Show(show::ShowArgs),
    /// List elections
    List(show::ListArgs),
    /// Show a result
    Result(show::ResultArgs),
    /// Write everything that its verification needs into one file
    Archive(archive::ArchiveArgs),
    /// Check everything again, from the ballots to the result, from a node or from an archive
    Verify(verify::VerifyArgs),
}

/// Proposes that a draft becomes an election.
#[derive(Debug, Args)]
pub(crate) struct ScheduleArgs {
    /// Which
    draft: DraftId,
    #[command(flatten)]
    how: HowArgs,
}

/// Proposes to close an election.
#[derive(Debug, Args)]
pub(crate) struct CloseArgs {
    /// Which
    election: ElectionId,
    #[command(flatten)]
    how: HowArgs,
}

/// Proposes to cancel an election.
#[derive(Debug, Args)]
pub(crate) struct CancelArgs {
    /// Which
    election: ElectionId,
    /// Why, in public
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    how: HowArgs,
}

/// An act about an election.
#[derive(Serialize)]
struct Proposed {
    /// None when it has no name yet.
    election: Option<ElectionId>,
    #[serde(flatten)]
    sent: super::act::Sent,
}

impl ElectionCommand {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Create(args) => args.run(context),
            Self::Schedule(args) => args.run(context),
            Self::Ceremony(args) => args.run(context),
            Self::Close(CloseArgs { election, how }) => {
                propose(context, &how, election, Act::CloseElection { election })
            }
            Self::Cancel(CancelArgs { election, reason: why, how }) => {
                propose(context, &how, election, Act::CancelElection { election, reason: reason(&why)? })
            }
            Self::Show(args) => args.run(context),
            Self::List(args) => args.run(context),
            Self::Result(args) => args.run(context),
            Self::Archive(args) => args.run(context),
            Self::Verify(args) => args.run(context),
        }
    }
}

impl ScheduleArgs {
    /// The colleges should know the name of what they are about to make.
    fn run(self, context: &Context) -> Result<(), Failure> {
        let sender = self.how.sender(context)?;
        let drafts: Vec<Draft> = sender.client.all("/v1/drafts", |_| {})?;
        let draft = drafts.into_iter().find(|it| it.definition.draft_id() == self.draft);
        let draft = draft.ok_or(Rejection::UnknownDraft)?;
        let election = name_of(&draft.definition, &sender.chain);
        let sent = self.how.propose(&sender, Act::ScheduleElection { draft: self.draft })?;
        context.output.say(&Proposed { election, sent });
        Ok(())
    }
}

/// The name that a definition has on a chain before anything else is known: with sealed ballots, none.
fn name_of(definition: &ElectionDefinition, chain: &ChainId) -> Option<ElectionId> {
    match definition.secrecy.ballots() {
        BallotKind::Open => Some(definition.election_id(chain)),
        BallotKind::Sealed => None,
    }
}

fn propose(context: &Context, how: &HowArgs, election: ElectionId, act: Act) -> Result<(), Failure> {
    let sender = how.sender(context)?;
    context.output.say(&Proposed { election: Some(election), sent: how.propose(&sender, act)? });
    Ok(())
}

impl fmt::Display for Proposed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.election {
            Some(election) => writeln!(f, "election {election}")?,
            None => {
                writeln!(f, "the election is named after its keys: `urne election ceremony` shows how they are made")?
            }
        }
        self.sent.fmt(f)
    }
}
