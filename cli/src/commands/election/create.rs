//! `urne election create`: the census in parts, its adoption, and the draft, in one command that can be run again after a
//! failure: what the ledger has already is not sent twice.
use crate::{
    Context,
    commands::{act::HowArgs, census::Roll},
    exit::Failure,
    sender::Sender,
};
use clap::Args;
use serde::Serialize;
use serde_json::Value;
use std::{
    fmt, fs,
    path::{Path, PathBuf},
};
use urne_node::api::dto::{Act as ShownAct, ActState, CensusState};
use urne_types::{
    ActId, CensusId, DraftId, ElectionId, Rejection, election::ElectionDefinition, governance::Act,
    transaction::Payload,
};

/// Drafts an election.
#[derive(Debug, Args)]
pub(crate) struct CreateArgs {
    /// The definition, as JSON (docs/formats.md); `census` may be left out when --census is given
    #[arg(long, value_name = "DEF.json")]
    file: PathBuf,
    /// Members: lines of college,public_key, or a JSON list of {college, public_key}; may be repeated
    #[arg(long, value_name = "FILE")]
    census: Vec<PathBuf>,
    #[command(flatten)]
    how: HowArgs,
}

#[derive(Serialize)]
struct Created {
    census: CensusId,
    /// Members of the census, when it was brought from files.
    members: Option<u64>,
    /// The act that adopts the census; none when it is adopted already, or when no census was given.
    adoption: Option<ActId>,
    draft: DraftId,
    /// What the draft becomes once it is scheduled; a secret election is named after its keys, which are made then.
    election: Option<ElectionId>,
}

impl CreateArgs {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let roll = match self.census.as_slice() {
            [] => None,
            files => Some(Roll::read(files.iter().map(PathBuf::as_path))?),
        };
        let definition = read_definition(&self.file, roll.as_ref().map(Roll::id))?;
        roll.as_ref().map_or(Ok(()), |it| it.judge(&definition.secrecy))?;
        let sender = self.how.sender(context)?;
        let adoption = match &roll {
            None => None,
            Some(roll) => match roll.bring(context, &sender)? {
                CensusState::Adopted => None,
                CensusState::Incomplete | CensusState::Complete => Some(self.adoption(&sender, roll.id())?),
            },
        };
        let draft = definition.draft_id();
        match sender.send(Payload::DraftElection(definition.clone()), sender.until) {
            // The command is run again after a failure.
            Err(e) if e.is(Rejection::DraftExists) => {}
            other => drop(other?),
        }
        context.output.say(&Created {
            census: definition.census,
            members: roll.as_ref().map(Roll::total),
            adoption,
            draft,
            election: super::name_of(&definition, &sender.chain),
        });
        Ok(())
    }

    /// The act that adopts a census: the one that waits already, or another.
    fn adoption(&self, sender: &Sender, census: CensusId) -> Result<ActId, Failure> {
        let acts: Vec<ShownAct> = sender.client.all("/v1/acts", |_| {})?;
        let is_it = |it: &ShownAct| it.act == Act::AdoptCensus { census } && it.state == ActState::Pending;
        match acts.iter().find(|it| is_it(it)) {
            Some(waiting) => Ok(waiting.id),
            None => Ok(self.how.propose(sender, Act::AdoptCensus { census })?.act_id),
        }
    }
}

fn read_definition(file: &Path, census: Option<CensusId>) -> Result<ElectionDefinition, Failure> {
    let shown = file.display();
    let text = fs::read_to_string(file).map_err(|e| Failure::environment(format!("{shown}: {e}")))?;
    let misshapen = |e: serde_json::Error| Failure::usage(format!("{shown} is not the definition of an election: {e}"));
    let mut value: Value = serde_json::from_str(&text).map_err(misshapen)?;
    if let (Some(census), Some(fields)) = (census, value.as_object_mut()) {
        fields.entry("census").or_insert_with(|| Value::String(census.to_string()));
    }
    let definition: ElectionDefinition = serde_json::from_value(value).map_err(misshapen)?;
    match census {
        Some(given) if given != definition.census => Err(Failure::usage(format!(
            "{shown} names census {}, but the files of --census are {given}: leave `census` out, or correct one of them",
            definition.census
        ))),
        _ => Ok(definition),
    }
}

impl fmt::Display for Created {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { census, members, adoption, draft, election } = self;
        writeln!(f, "draft     {draft}")?;
        match election {
            Some(election) => writeln!(f, "election  {election}, once it is scheduled")?,
            None => writeln!(f, "election  named after its keys, which are made once it is scheduled")?,
        }
        match members {
            Some(members) => writeln!(f, "census    {census} of {members} members")?,
            None => writeln!(f, "census    {census}")?,
        }
        if let Some(act) = adoption {
            writeln!(f, "Next, for other colleges: urne act approve {act}")?;
        }
        write!(f, "Then: urne election schedule {draft}")
    }
}
