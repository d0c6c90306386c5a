//! The questions, one by one, in the terminal. What is typed stays here: only the sealed ballot leaves.
use super::super::ballot;
use crate::exit::Failure;
use std::{
    io::{self, BufRead, IsTerminal, Write},
    path::PathBuf,
};
use urne_ballot::Tracker;
use urne_types::{
    ballot::Answer,
    election::{ElectionDefinition, Method, Question},
};
use urne_vote_contract::sealed::records::UrnOpening;

/// What the voter does with a sealed ballot.
pub(super) enum Choice {
    /// It counts.
    Cast,
    /// It is revealed to this file, and void.
    Audit(PathBuf),
    /// Nothing.
    Leave,
}

/// How often a question is asked again before the command gives up.
const TRIES: usize = 5;

/// What a voter is told before she ranks: her wallet, and her proof of vote, name her credential.
const ONE_BY_ONE: &str = "The ballots of this election are opened one by one after the close, each under the credential that cast \
it, for everybody to read. Nobody can tell whose credential it is, unless you show it, or your proof of vote: then your ranking \
has your name. A rare ranking can be recognised, by whoever asked you for it.";

/// Asks every question.
pub(super) fn ask(
    definition: &ElectionDefinition,
    opening: UrnOpening,
    has_voted: bool,
) -> Result<Vec<Answer>, Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::usage("give --ballot JSON or --file FILE: there is no terminal to ask in"));
    }
    say(&format!("{}", definition.title));
    if opening == UrnOpening::OneByOne {
        say(ONE_BY_ONE);
    }
    if has_voted {
        say("You have voted already: what you cast now takes its place.");
    }
    definition.questions.iter().map(answer).collect()
}

fn answer(question: &Question) -> Result<Answer, Failure> {
    say(&format!("\n{}", question.title));
    for (at, choice) in question.choices.iter().enumerate() {
        say(&format!("  {at}  {choice}"));
    }
    if let Method::MajorityJudgment { grades, .. } = &question.method {
        let grades: Vec<String> = grades.iter().enumerate().map(|(at, it)| format!("{at} {it}")).collect();
        say(&format!("Grades: {}", grades.join(", ")));
    }
    for _ in 0..TRIES {
        let typed = line(hint(&question.method))?;
        let json = if typed.trim() == "blank" { "\"blank\"".into() } else { listed(&question.method, typed.trim()) };
        match ballot::one(question, &json) {
            Ok(answer) => return Ok(answer),
            Err(e) => say(&e.message),
        }
    }
    Err(Failure::usage("no ballot was made"))
}

/// Whether a method's answer is a list, and how it is typed.
const fn hint(method: &Method) -> &'static str {
    match method {
        Method::MajorityJudgment { .. } => "A grade for each choice, with commas, - for no opinion; or blank: ",
        Method::Approval | Method::KOfN { .. } => "Numbers with commas; or blank: ",
        Method::Condorcet { .. } | Method::InstantRunoff { .. } | Method::ScottishStv { .. } => {
            "Numbers from the best on, with commas; or blank: "
        }
        Method::Budget { .. } => {
            "One number for each choice, or the numbers of those you want, with commas; or blank: "
        }
        _ => "A number; or blank: ",
    }
}

fn listed(method: &Method, typed: &str) -> String {
    match method {
        Method::MajorityJudgment { .. }
        | Method::Approval
        | Method::KOfN { .. }
        | Method::Condorcet { .. }
        | Method::InstantRunoff { .. }
        | Method::ScottishStv { .. }
        | Method::Budget { .. } => {
            let items: Vec<&str> =
                typed.split(',').map(|it| if it.trim() == "-" { "null" } else { it.trim() }).collect();
            format!("[{}]", items.join(","))
        }
        Method::Resolution { .. } if typed == "abstain" => "\"abstain\"".into(),
        _ => typed.to_owned(),
    }
}

/// The tracker is shown before the question: whoever asks cannot change the ballot any more.
pub(super) fn cast_or_audit(tracker: &Tracker) -> Result<Choice, Failure> {
    say(&format!("\nYour ballot is sealed. Its tracker: {tracker}"));
    say(
        "Write it down. You can cast this ballot, or audit it: then it is opened, checked on another machine, and void.",
    );
    for _ in 0..TRIES {
        match line("cast, audit or leave: ")?.trim() {
            "cast" => return Ok(Choice::Cast),
            "audit" => return Ok(Choice::Audit(PathBuf::from(line("File to write: ")?.trim()))),
            "leave" => return Ok(Choice::Leave),
            _ => say("Type one of the three words."),
        }
    }
    Ok(Choice::Leave)
}

/// Standard output is for the result.
fn say(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}
fn line(hint: &str) -> Result<String, Failure> {
    let _ = write!(io::stderr(), "{hint}");
    let _ = io::stderr().flush();
    let mut typed = String::new();
    match io::stdin().lock().read_line(&mut typed) {
        Ok(0) => Err(Failure::usage("nothing was cast: the terminal was closed")),
        Ok(_) => Ok(typed),
        Err(e) => Err(Failure::environment(format!("the terminal cannot be read: {e}"))),
    }
}
