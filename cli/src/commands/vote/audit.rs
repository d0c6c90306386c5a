//! `urne audit-ballot`: makes an audited ballot again on another machine, byte for byte, and shows what it says. A machine
//! that had sealed something else could not have shown the voter this tracker.
use super::wallet::{Booth, refused};
use crate::{Context, exit::Failure, sender::SendArgs};
use clap::Args;
use serde::{Deserialize, Serialize};
use std::{fmt, fs, path::Path, path::PathBuf};
use urne_ballot::{Answer, AuditedBallot, Credential};
use urne_types::{ElectionId, PublicKey, election::ElectionDefinition};

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
        fs::write(file, text).map_err(|e| Failure::environment(format!("{}: {e}", file.display())))
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

/// A question, and what the ballot says to it, in words.
#[derive(Serialize)]
struct Spoken {
    question: String,
    answer: String,
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
        let answers = spoken(&booth.definition, &audited.answers);
        context.output.say(&Recomputed { tracker: tracker.to_string(), election: audited.election, answers });
        Ok(())
    }
}

fn spoken(definition: &ElectionDefinition, answers: &[Told]) -> Vec<Spoken> {
    let of = |(question, answer): (&urne_types::election::Question, &Told)| {
        let name = |at: &u16| {
            question.choices.get(usize::from(*at)).map_or_else(|| format!("choice {at}"), |it| it.to_string())
        };
        let names = |of: &[u16], between: &str| of.iter().map(name).collect::<Vec<_>>().join(between);
        let each = |of: Vec<String>| {
            question.choices.iter().zip(of).map(|(choice, it)| format!("{choice}: {it}")).collect::<Vec<_>>().join(", ")
        };
        let answer = match answer {
            Told::Blank => "blank".into(),
            Told::One(2) if question.choices.len() == 2 => "abstains".into(),
            Told::One(choice) => name(choice),
            Told::Chosen(chosen) => names(chosen, ", "),
            Told::Ranked(order) => names(order, " > "),
            Told::Grades(grades) => {
                each(grades.iter().map(|it| it.map_or("no opinion".into(), |it| format!("grade {it}"))).collect())
            }
            Told::Scores(scores) => each(scores.iter().map(ToString::to_string).collect()),
        };
        Spoken { question: question.title.to_string(), answer }
    };
    definition.questions.iter().zip(answers).map(of).collect()
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
