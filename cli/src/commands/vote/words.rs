//! What a ballot says, in the words of its questions: read back to the voter before she casts, and to whoever audits.
use serde::Serialize;
use urne_ballot::Answer;
use urne_types::election::{ElectionDefinition, Method, Question};

/// A question, and what the ballot says to it, in words.
#[derive(Debug, Serialize)]
pub(super) struct Spoken {
    pub(super) question: String,
    pub(super) answer: String,
}

pub(super) fn spoken(definition: &ElectionDefinition, answers: &[Answer]) -> Vec<Spoken> {
    let of = |(question, answer): (&Question, &Answer)| Spoken {
        question: question.title.to_string(),
        answer: said(question, answer),
    };
    definition.questions.iter().zip(answers).map(of).collect()
}

fn said(question: &Question, answer: &Answer) -> String {
    let name =
        |at: &u16| question.choices.get(usize::from(*at)).map_or_else(|| format!("choice {at}"), |it| it.to_string());
    let names = |of: &[u16], between: &str| of.iter().map(name).collect::<Vec<_>>().join(between);
    let each = |of: Vec<String>| {
        question.choices.iter().zip(of).map(|(choice, it)| format!("{choice}: {it}")).collect::<Vec<_>>().join(", ")
    };
    match answer {
        Answer::Blank => "blank".into(),
        Answer::One(2) if question.choices.len() == 2 => "abstains".into(),
        Answer::One(choice) => name(choice),
        Answer::Chosen(chosen) => names(chosen, ", "),
        Answer::Ranked(order) => names(order, " > "),
        Answer::Grades(grades) => each(grades.iter().map(|it| grade(question, *it)).collect()),
        Answer::Scores(scores) => each(scores.iter().map(ToString::to_string).collect()),
    }
}

fn grade(question: &Question, given: Option<u16>) -> String {
    let Some(given) = given else { return "no opinion".into() };
    let named = match &question.method {
        Method::MajorityJudgment { grades, .. } => grades.get(usize::from(given)).map(ToString::to_string),
        _ => None,
    };
    named.unwrap_or_else(|| format!("grade {given}"))
}
