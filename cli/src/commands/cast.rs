//! `urne cast`: one member's ballot, signed with her key, on its way into the urn.
use super::ballot;
use crate::{
    Context,
    exit::Failure,
    sender::{SendArgs, Sender},
};
use clap::Args;
use serde::Serialize;
use std::{fmt, fs, path::PathBuf};
use urne_node::{
    api::dto::{Census, Election, TxState},
    keystore::KeyRole,
};
use urne_types::{
    CollegeId, ElectionId, Rejection, TxId,
    ballot::{Ballot, BallotBody},
    election::{CensusEntry, RevotePolicy},
    transaction::Payload,
};

/// A census up to this size is searched for the member's college; in a larger one she says it.
const SEARCHED_MEMBERS_MAX: u64 = 20_000;
/// Revotes after which the sequence must be given.
const SEQUENCES_TRIED_MAX: u32 = 64;

/// Casts a ballot.
#[derive(Debug, Args)]
pub(crate) struct CastArgs {
    /// The election
    #[arg(long, value_name = "ID")]
    election: ElectionId,
    /// The member's key file
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// College in which she casts it; found in the census when she is in one college only
    #[arg(long, value_name = "NUMBER")]
    college: Option<u16>,
    /// Number of the ballot, larger for each revote; the next one by default
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
        if election.definition.election_id(&sender.chain) != self.election {
            let url = sender.client.url();
            return Err(Failure::unverified(format!(
                "{url} shows a definition that is not election {}'s",
                self.election
            )));
        }
        let body = ballot::body(&election.definition, &text)?;
        let college = match self.college {
            Some(college) => CollegeId::new(college),
            None => college_of(context, &sender, &election)?,
        };
        let place = Place { election: &election, college };
        let (sequence, taken) = match self.sequence {
            Some(sequence) => (sequence, sender.submit(place.ballot(sequence, &body))?),
            None => place.next(&sender, &body)?,
        };
        let tx = sender.follow(taken, sender.until)?;
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

/// Where a ballot goes.
struct Place<'a> {
    election: &'a Election,
    college: CollegeId,
}

impl Place<'_> {
    fn ballot(&self, sequence: u32, body: &BallotBody) -> Payload {
        let (election, college) = (self.election.id, self.college);
        Payload::Ballot(Ballot { election, college, sequence, body: body.clone() })
    }

    /// The first sequence that the member has not used. The API tells nobody who cast what, so the urn itself is asked.
    fn next(&self, sender: &Sender, body: &BallotBody) -> Result<(u32, TxState), Failure> {
        for sequence in 1..=SEQUENCES_TRIED_MAX {
            match sender.submit(self.ballot(sequence, body)) {
                Err(e) if e.is(Rejection::SequenceTooOld) => {}
                // These very choices under this sequence are in the urn already: another ballot may have replaced them.
                Ok(TxState::Committed { .. }) if self.election.definition.revote == RevotePolicy::LastCounts => {}
                other => return other.map(|taken| (sequence, taken)),
            }
        }
        Err(Failure::usage(format!(
            "this member has cast {SEQUENCES_TRIED_MAX} ballots or more: give --sequence, larger than the last one's"
        )))
    }
}

/// The one college in which the member may vote.
fn college_of(context: &Context, sender: &Sender, election: &Election) -> Result<CollegeId, Failure> {
    if let [only] = election.turnout.colleges.as_slice() {
        return Ok(only.college);
    }
    let path = format!("/v1/censuses/{}", election.definition.census);
    let census: Census = sender.client.get(&path)?;
    if SEARCHED_MEMBERS_MAX < census.total.0 {
        return Err(Failure::usage(format!("the census has {} members: give --college", census.total)));
    }
    let bar = context.output.progress("looking for the member's college", census.total.0);
    let count = |n: usize| bar.set_position(u64::try_from(n).unwrap_or(u64::MAX));
    let entries: Vec<CensusEntry> = sender.client.all(&format!("{path}/entries"), count)?;
    bar.finish_and_clear();
    let member = sender.public();
    let colleges: Vec<CollegeId> = entries.iter().filter(|it| it.member == member).map(|it| it.college).collect();
    match colleges.as_slice() {
        [only] => Ok(*only),
        [] => Err(Rejection::NotInCensus.into()),
        several => {
            let several: Vec<String> = several.iter().map(ToString::to_string).collect();
            Err(Failure::usage(format!("this member votes in colleges {}: give --college", several.join(", "))))
        }
    }
}

impl fmt::Display for Cast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tracker = &self.tracker;
        match &self.tx {
            TxState::Committed { height, .. } => writeln!(f, "the ballot is in the urn, in block {height}")?,
            _ => writeln!(f, "a node has taken the ballot; it waits for a block and may still be refused")?,
        }
        writeln!(f, "  tracker   {tracker}")?;
        writeln!(f, "  college   {}, ballot number {}", self.college, self.sequence)?;
        write!(f, "Keep the proof: urne proof {tracker} --output proof.json")
    }
}
