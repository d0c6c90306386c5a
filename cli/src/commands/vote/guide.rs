//! The questions, one by one, in the terminal. What is typed stays here: only the sealed ballot leaves.
use super::{
    super::ballot,
    words::{Spoken, spoken},
};
use crate::{client::Client, exit::Failure};
use std::{
    io::{self, BufRead, IsTerminal, Write},
    path::PathBuf,
};
use urne_ballot::Tracker;
use urne_node::api::dto::{ElectionState, ElectionSummary};
use urne_types::{
    ElectionId,
    ballot::Answer,
    bounded::List,
    election::{ElectionDefinition, Method, Question},
};
use urne_vote_contract::sealed::{self, records::UrnOpening};

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

/// Whether somebody can be asked; what is missing otherwise.
pub(super) fn has_terminal(missing: &str) -> Result<(), Failure> {
    if io::stdin().is_terminal() {
        Ok(())
    } else {
        Err(Failure::usage(format!("give {missing}: there is no terminal to ask in")))
    }
}

/// Which election, of those that are open.
pub(super) fn election(client: &Client) -> Result<ElectionId, Failure> {
    has_terminal("--election ID")?;
    let mut open: Vec<ElectionSummary> = client.all("/v1/elections", |_| {})?;
    open.retain(|it| it.state == ElectionState::Open);
    if open.is_empty() {
        return Err(Failure::usage(format!("no election is open on {}", client.url())));
    }
    say("Open elections:");
    for (at, it) in open.iter().enumerate() {
        say(&format!("  {at}  {}, until {}", it.title, it.closes_at));
    }
    for _ in 0..TRIES {
        let typed = line("Which one? ")?;
        if let Some(it) = typed.trim().parse::<usize>().ok().and_then(|it| open.get(it)) {
            return Ok(it.id);
        }
        say("Type one of the numbers.");
    }
    Err(Failure::usage("no election was chosen"))
}

/// Where the voter's key is.
pub(super) fn key_file() -> Result<PathBuf, Failure> {
    has_terminal("--key FILE")?;
    Ok(PathBuf::from(line("Your key file: ")?.trim()))
}

/// Asks every question, and again until the voter finds her answers right.
pub(super) fn ask(
    definition: &ElectionDefinition,
    opening: UrnOpening,
    has_voted: bool,
) -> Result<Vec<Answer>, Failure> {
    has_terminal("--ballot JSON or --file FILE")?;
    say(&format!("{}", definition.title));
    if opening == UrnOpening::OneByOne {
        say(ONE_BY_ONE);
    }
    if has_voted {
        say("You have voted already: what you cast now takes its place.");
    }
    for _ in 0..TRIES {
        let answers: Vec<Answer> =
            definition.questions.iter().map(|it| answer(definition, it)).collect::<Result<_, _>>()?;
        say("\nYou say:");
        for Spoken { question, answer } in spoken(definition, &sealed::sealed_answers(definition, &answers)?) {
            say(&format!("  {question}: {answer}"));
        }
        if is_yes("Seal this ballot? yes, or no to answer again: ")? {
            return Ok(answers);
        }
    }
    Err(Failure::usage("no ballot was made"))
}

fn answer(definition: &ElectionDefinition, question: &Question) -> Result<Answer, Failure> {
    say(&format!("\n{}", question.title));
    for _ in 0..TRIES {
        let json = match &question.method {
            Method::MajorityJudgment { grades, .. } => {
                let grades: Vec<String> = grades.iter().enumerate().map(|(at, it)| format!("{at} {it}")).collect();
                say(&format!("For each, a grade: {}; - for no opinion; blank for a blank ballot.", grades.join(", ")));
                each(question)?
            }
            _ => numbers(question)?,
        };
        // One question alone: what is wrong is told where it was typed.
        if let Ok(answer) = ballot::one(question, &json)
            && is_taken(definition, question, &answer)
        {
            return Ok(answer);
        }
        say(&format!("That is no answer to this question. {}", wanted(question)));
    }
    Err(Failure::usage("no ballot was made"))
}

/// A line for each choice.
fn each(question: &Question) -> Result<String, Failure> {
    let mut given = Vec::new();
    for choice in &question.choices {
        let typed = line(&format!("  {choice}: "))?;
        match typed.trim() {
            "blank" => return Ok("\"blank\"".into()),
            "-" => given.push("null".to_owned()),
            grade => given.push(grade.to_owned()),
        }
    }
    Ok(format!("[{}]", given.join(",")))
}

/// One line for the question.
fn numbers(question: &Question) -> Result<String, Failure> {
    for (at, choice) in question.choices.iter().enumerate() {
        say(&format!("  {at}  {choice}"));
    }
    let typed = line(&format!("{} ", wanted(question)))?;
    Ok(match typed.trim() {
        "blank" => "\"blank\"".into(),
        "abstain" => "\"abstain\"".into(),
        typed if is_list(&question.method) => format!("[{typed}]"),
        typed => typed.to_owned(),
    })
}

/// Whether the ballot of this one question could be sealed.
fn is_taken(definition: &ElectionDefinition, question: &Question, answer: &Answer) -> bool {
    let Ok(questions) = List::new(vec![question.clone()]) else { return false };
    let alone = ElectionDefinition { questions, ..definition.clone() };
    let answers = sealed::sealed_answers(&alone, std::slice::from_ref(answer));
    let sealable = |it: Vec<urne_ballot::Answer>| sealed::compile(&alone).is_ok_and(|to| to.assign(&it).is_ok());
    answers.is_ok_and(sealable)
}

const fn is_list(method: &Method) -> bool {
    matches!(
        method,
        Method::Approval
            | Method::KOfN { .. }
            | Method::Condorcet { .. }
            | Method::InstantRunoff { .. }
            | Method::ScottishStv { .. }
            | Method::Budget { .. }
    )
}

/// How an answer is typed.
fn wanted(question: &Question) -> String {
    match &question.method {
        Method::MajorityJudgment { grades, .. } => {
            format!("A grade is a number from 0 to {}.", grades.len().saturating_sub(1))
        }
        Method::Approval => "All those you approve, with commas; or blank:".into(),
        Method::KOfN { least_marks, most_marks, .. } => {
            format!("From {least_marks} to {most_marks} of the numbers, with commas; or blank:")
        }
        Method::Condorcet { .. } | Method::InstantRunoff { .. } | Method::ScottishStv { .. } => {
            "Numbers from the best on, with commas; or blank:".into()
        }
        Method::Budget { .. } => {
            "One number for each choice, or the numbers of those you want, with commas; or blank:".into()
        }
        Method::Resolution { .. } => "One of the numbers; or blank, or abstain:".into(),
        _ => "One of the numbers; or blank:".into(),
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

/// Where the proof of vote is kept; nowhere when nothing is typed.
pub(super) fn proof_file() -> Result<Option<PathBuf>, Failure> {
    let typed = line(
        "\nYour proof of vote says that this ballot is in the urn, not what it says. File to keep it in (none: enter): ",
    )?;
    Ok(Some(typed.trim()).filter(|it| !it.is_empty()).map(PathBuf::from))
}
/// Whether it is drawn, too.
pub(super) fn wants_codes() -> Result<bool, Failure> {
    is_yes("Draw it as codes, to print or to scan? yes or no: ")
}

fn is_yes(hint: &str) -> Result<bool, Failure> {
    for _ in 0..TRIES {
        match line(hint)?.trim() {
            "yes" | "y" => return Ok(true),
            "no" | "n" => return Ok(false),
            _ => say("Type yes or no."),
        }
    }
    Ok(false)
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
