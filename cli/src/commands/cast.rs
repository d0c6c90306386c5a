//! `urne cast`: one member's ballot, signed with her key, on its way into the urn.
use super::ballot;
use crate::{Context, exit::Failure, sender::SendArgs};
use clap::Args;
use serde::Serialize;
use std::{fmt, fs, path::PathBuf};
use urne_node::{
    api::dto::{Election, Member, MemberCollege, TxState},
    keystore::KeyRole,
};
use urne_types::{CollegeId, ElectionId, Rejection, TxId, ballot::Ballot, transaction::Payload};

/// Casts a ballot.
#[derive(Debug, Args)]
pub(crate) struct CastArgs {
    /// The election
    #[arg(long, value_name = "ID")]
    election: ElectionId,
    /// The member's key file
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// College in which she casts it; needed when she is in several
    #[arg(long, value_name = "NUMBER")]
    college: Option<u16>,
    /// Number of the ballot, larger for each revote; by default the one after her last ballot that is in a block. A ballot
    /// that still waits is not seen: after --no-wait give the number, or the first of two with the same number counts
    #[arg(long, value_name = "NUMBER")]
    sequence: Option<u32>,
    #[command(flatten)]
    choices: ChoicesArgs,
    #[command(flatten)]
    send: SendArgs,
}

/// Where the choices come from.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct ChoicesArgs {
    #[arg(long, value_name = "JSON", allow_hyphen_values = true, help = ballot::FORMS)]
    ballot: Option<String>,
    /// File that holds the ballot
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
}

#[derive(Serialize)]
struct Cast {
    #[serde(flatten)]
    tx: TxState,
    /// The same as `txid`, under the name that voters know.
    tracker: TxId,
    election: ElectionId,
    college: CollegeId,
    sequence: u32,
}

impl CastArgs {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let text = self.choices.read()?;
        let sender = self.send.sender(context, &self.key, KeyRole::Member)?;
        let election: Election = sender.client.get(&format!("/v1/elections/{}", self.election))?;
        if election.sealed.is_some() {
            return Err(Failure::usage("the ballots of this election are sealed: use `urne vote`"));
        }
        if election.definition.election_id(&sender.chain) != self.election {
            let url = sender.client.url();
            return Err(Failure::unverified(format!(
                "{url} shows a definition that is not election {}'s",
                self.election
            )));
        }
        let body = ballot::body(&election.definition, &text)?;
        let member: Member =
            sender.client.get(&format!("/v1/elections/{}/members/{}", self.election, sender.public()))?;
        let MemberCollege { college, last_sequence } = place(&member, self.college.map(CollegeId::new))?;
        let sequence = self.sequence.unwrap_or_else(|| last_sequence.unwrap_or(0).saturating_add(1));
        let ballot = Ballot { election: self.election, college, sequence, body };
        let tx = sender.send(Payload::Ballot(ballot), sender.until)?;
        let (TxState::Pending { txid: tracker } | TxState::Committed { txid: tracker, .. }) = tx else {
            return Err(Failure::environment("the node has refused the ballot without a rule"));
        };
        context.output.say(&Cast { tx, tracker, election: self.election, college, sequence });
        Ok(())
    }
}

impl ChoicesArgs {
    fn read(&self) -> Result<String, Failure> {
        match (&self.ballot, &self.file) {
            (Some(text), _) => Ok(text.clone()),
            (None, Some(file)) => {
                fs::read_to_string(file).map_err(|e| Failure::environment(format!("{}: {e}", file.display())))
            }
            (None, None) => Err(Failure::usage("give --ballot JSON or --file FILE")),
        }
    }
}

/// Where the ballot goes: the college she names, or the only one in which she may vote.
pub(super) fn place(member: &Member, asked: Option<CollegeId>) -> Result<MemberCollege, Failure> {
    let found = match (member.colleges.as_slice(), asked) {
        (colleges, Some(asked)) => colleges.iter().find(|it| it.college == asked),
        ([] | [_], None) => member.colleges.first(),
        (several, None) => {
            let several: Vec<String> = several.iter().map(|it| it.college.to_string()).collect();
            return Err(Failure::usage(format!(
                "this member votes in colleges {}: give --college",
                several.join(", ")
            )));
        }
    };
    found.copied().ok_or_else(|| Rejection::NotInCensus.into())
}

impl fmt::Display for Cast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tracker = &self.tracker;
        match &self.tx {
            TxState::Committed { height, .. } => writeln!(f, "the ballot is in the urn, in block {height}")?,
            _ => writeln!(
                f,
                "a node has taken the ballot; it waits for a block and may still be refused; to replace it before that, cast \
                 with --sequence {}",
                self.sequence.saturating_add(1)
            )?,
        }
        writeln!(f, "  tracker   {tracker}")?;
        writeln!(f, "  college   {}, ballot number {}", self.college, self.sequence)?;
        write!(f, "Keep the proof: urne proof {tracker} --output proof.json")
    }
}
