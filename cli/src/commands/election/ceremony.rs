//! `urne election ceremony`: how the keys of a secret election are made, step by step, and what becomes of them.
use crate::{Context, client::ApiArgs, exit::Failure};
use clap::Args;
use serde::Serialize;
use std::fmt;
use urne_node::api::dto::Ceremony;
use urne_types::{DraftId, ElectionId, Rejection};
use urne_vote_contract::sealed::records::CeremonyState;

/// Shows a ceremony.
#[derive(Debug, Args)]
pub(crate) struct CeremonyArgs {
    /// The draft that was scheduled
    draft: DraftId,
    #[command(flatten)]
    api: ApiArgs,
}

#[derive(Serialize)]
struct Shown {
    /// Its name, once the keys are made.
    election: Option<ElectionId>,
    #[serde(flatten)]
    ceremony: Ceremony,
}

impl CeremonyArgs {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let ceremony: Ceremony = self.api.client(context)?.get(&format!("/v1/ceremonies/{}", self.draft))?;
        let election = match ceremony.state {
            CeremonyState::Rehearsing { election } | CeremonyState::Done { election } => Some(election),
            CeremonyState::UnderWay | CeremonyState::Failed { .. } => None,
        };
        context.output.say(&Shown { election, ceremony });
        Ok(())
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for stage in &self.ceremony.stages {
            writeln!(
                f,
                "{:?} since {}, attempt {}, {} participants",
                stage.step,
                stage.since,
                stage.attempt + 1,
                stage.candidates.len()
            )?;
        }
        match self.ceremony.state {
            CeremonyState::UnderWay => write!(f, "the keys are being made"),
            CeremonyState::Rehearsing { election } => write!(f, "election {election}: its trustees rehearse"),
            CeremonyState::Done { election } => write!(f, "election {election} is scheduled"),
            CeremonyState::Failed { code, .. } => {
                let why = Rejection::from_code(code).map(|it| it.to_string()).unwrap_or_default();
                write!(f, "there is no election: rule {code}, {why}; draft it again, with more time before it opens")
            }
        }
    }
}
