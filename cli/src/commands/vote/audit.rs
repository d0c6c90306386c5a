//! `urne audit-ballot`: makes an audited ballot again on another machine, byte for byte, and shows what it says. A machine
//! that had sealed something else could not have shown the voter this tracker.
use super::{
    wallet::{Booth, refused},
    words::{Spoken, spoken},
};
use crate::{Context, exit::Failure, sender::SendArgs};
use clap::Args;
use serde::{Deserialize, Serialize};
use std::{fmt, fs, path::Path, path::PathBuf};
use urne_ballot::{Answer, AuditedBallot, Credential};
use urne_shell::disk::{self, Readable};
use urne_types::{ElectionId, PublicKey};

/// Checks an audited ballot.
#[derive(Debug, Args)]
pub(crate) struct AuditBallotArgs {
    /// The file that `urne vote --audit` has written
    file: PathBuf,
    #[command(flatten)]
    send: SendArgs,
}

/// What an audit reveals, as a file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Audited {
    /// The version of this file.
    version: u32,
    election: ElectionId,
    sequence: u32,
    credential: PublicKey,
    /// 32 bytes, hexadecimal.
    seed: String,
    answers: Vec<Told>,
    /// The ballot without its signature, hexadecimal.
    ballot: String,
}

/// An answer, as the file writes it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Told {
    Blank,
    One(u16),
    Chosen(Vec<u16>),
    Grades(Vec<Option<u16>>),
    Scores(Vec<u16>),
    Ranked(Vec<u16>),
}
impl From<&Answer> for Told {
    fn from(it: &Answer) -> Self {
        match it {
            Answer::Blank => Self::Blank,
            Answer::One(choice) => Self::One(*choice),
            Answer::Chosen(chosen) => Self::Chosen(chosen.clone()),
            Answer::Grades(grades) => Self::Grades(grades.clone()),
            Answer::Scores(scores) => Self::Scores(scores.clone()),
            Answer::Ranked(order) => Self::Ranked(order.clone()),
        }
    }
}
impl From<&Told> for Answer {
    fn from(it: &Told) -> Self {
        match it {
            Told::Blank => Self::Blank,
            Told::One(choice) => Self::One(*choice),
            Told::Chosen(chosen) => Self::Chosen(chosen.clone()),
            Told::Grades(grades) => Self::Grades(grades.clone()),
            Told::Scores(scores) => Self::Scores(scores.clone()),
            Told::Ranked(order) => Self::Ranked(order.clone()),
        }
    }
}

const VERSION: u32 = 1;

impl Audited {
    pub(super) fn of(election: ElectionId, ballot: AuditedBallot) -> Self {
        Self {
            version: VERSION,
            election,
            sequence: ballot.sequence,
            credential: PublicKey(*ballot.credential.bytes()),
            seed: hex::encode(ballot.seed),
            answers: ballot.answers.iter().map(Told::from).collect(),
            ballot: hex::encode(&ballot.bytes),
        }
    }
    pub(super) fn write(&self, file: &Path) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(self).expect("texts and lists") + "\n";
        // What it says is the voter's, until she shows it: she may vote the same again.
        disk::create(file, Readable::ByOwner, text.as_bytes())
            .map_err(|e| Failure::environment(format!("{}: {e}", file.display())))
    }
    fn read(file: &Path) -> Result<Self, Failure> {
        let unreadable = |e: &dyn fmt::Display| Failure::environment(format!("{}: {e}", file.display()));
        let text = fs::read_to_string(file).map_err(|e| unreadable(&e))?;
        let read: Self = serde_json::from_str(&text).map_err(|e| unreadable(&e))?;
        if read.version == VERSION {
            Ok(read)
        } else {
            Err(unreadable(&format!("version {} of the file", read.version)))
        }
    }
    fn ballot(&self) -> Result<AuditedBallot, Failure> {
        let malformed = || Failure::unverified("the file is not an audited ballot: some of its bytes are missing");
        let mut seed = [0; 32];
        hex::decode_to_slice(&self.seed, &mut seed).map_err(|_| malformed())?;
        Ok(AuditedBallot {
            seed,
            answers: self.answers.iter().map(Answer::from).collect(),
            sequence: self.sequence,
            credential: Credential::decode(&self.credential.0).map_err(refused)?,
            bytes: hex::decode(&self.ballot).map_err(|_| malformed())?,
        })
    }
}

#[derive(Serialize)]
struct Recomputed {
    tracker: String,
    election: ElectionId,
    answers: Vec<Spoken>,
}

impl AuditBallotArgs {
    pub(crate) fn run(self, context: &Context) -> Result<(), Failure> {
        let audited = Audited::read(&self.file)?;
        let (_, booth) = Booth::enter(&self.send, context, &audited.election)?;
        let ballot = audited.ballot()?;
        let tracker = ballot.recompute(&booth.statement).map_err(|refusal| {
            Failure::unverified(format!(
                "this ballot is not what its machine says it is ({refusal}): do not vote with that machine"
            ))
        })?;
        let answers = spoken(&booth.definition, &ballot.answers);
        context.output.say(&Recomputed { tracker: tracker.to_string(), election: audited.election, answers });
        Ok(())
    }
}

impl fmt::Display for Recomputed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "made again, byte for byte: the ballot says what its machine says")?;
        writeln!(f, "  tracker   {}  (compare it with the one you were shown)", self.tracker)?;
        for Spoken { question, answer } in &self.answers {
            writeln!(f, "  {question}: {answer}")?;
        }
        write!(f, "This ballot is void, because it is known. Vote again with the same machine.")
    }
}
