//! Questions, answers and bytes as the published vectors write them.
use serde_json::{Value, json};
use urne_ballot::form::Form;
use urne_ballot::*;

pub fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}
pub fn array<const N: usize>(value: &Value) -> [u8; N] {
    bytes(value).try_into().unwrap()
}
fn short(value: &Value) -> u16 {
    u16::try_from(value.as_u64().unwrap()).unwrap()
}
fn blank(value: &Value) -> Blank {
    if value["blank"].as_bool().unwrap() { Blank::Allowed } else { Blank::Refused }
}

pub fn question_to(question: &Question) -> Value {
    let yes = |blank: &Blank| *blank == Blank::Allowed;
    match question {
        Question::OneOf { choices, blank } => json!({"kind": "one_of", "choices": choices, "blank": yes(blank)}),
        Question::Approval { choices, at_least, at_most, blank } => {
            json!({"kind": "approval", "choices": choices, "at_least": at_least, "at_most": at_most, "blank": yes(blank)})
        }
        Question::Judgment { choices, grades, no_opinion, blank } => {
            let no_opinion = *no_opinion == NoOpinion::Allowed;
            json!({"kind": "judgment", "choices": choices, "grades": grades, "no_opinion": no_opinion, "blank": yes(blank)})
        }
        Question::Score { choices, max, points, blank } => {
            json!({"kind": "score", "choices": choices, "max": max, "points": points, "blank": yes(blank)})
        }
        Question::Condorcet { choices, blank } => json!({"kind": "condorcet", "choices": choices, "blank": yes(blank)}),
        Question::Budget { costs, budget, blank } => {
            let costs: Vec<String> = costs.iter().map(ToString::to_string).collect();
            json!({"kind": "budget", "costs": costs, "budget": budget.to_string(), "blank": yes(blank)})
        }
        Question::Ranking { choices, ranks, at_least } => {
            json!({"kind": "ranking", "choices": choices, "ranks": ranks, "at_least": at_least})
        }
    }
}
pub fn question_from(value: &Value) -> Question {
    let number = |name: &str| short(&value[name]);
    let large = |value: &Value| value.as_str().unwrap().parse().unwrap();
    match value["kind"].as_str().unwrap() {
        "one_of" => Question::OneOf { choices: number("choices"), blank: blank(value) },
        "approval" => Question::Approval {
            choices: number("choices"),
            at_least: number("at_least"),
            at_most: number("at_most"),
            blank: blank(value),
        },
        "judgment" => Question::Judgment {
            choices: number("choices"),
            grades: number("grades"),
            no_opinion: if value["no_opinion"].as_bool().unwrap() { NoOpinion::Allowed } else { NoOpinion::Refused },
            blank: blank(value),
        },
        "score" => Question::Score {
            choices: number("choices"),
            max: number("max"),
            points: value["points"].as_u64().map(|it| u32::try_from(it).unwrap()),
            blank: blank(value),
        },
        "condorcet" => Question::Condorcet { choices: number("choices"), blank: blank(value) },
        "budget" => Question::Budget {
            costs: value["costs"].as_array().unwrap().iter().map(large).collect(),
            budget: large(&value["budget"]),
            blank: blank(value),
        },
        "ranking" => {
            Question::Ranking { choices: number("choices"), ranks: number("ranks"), at_least: number("at_least") }
        }
        other => panic!("{other} is no kind of question"),
    }
}

pub fn answer_to(answer: &Answer) -> Value {
    match answer {
        Answer::Blank => json!("blank"),
        Answer::One(choice) => json!({"one": choice}),
        Answer::Chosen(chosen) => json!({"chosen": chosen}),
        Answer::Grades(grades) => json!({"grades": grades}),
        Answer::Scores(scores) => json!({"scores": scores}),
        Answer::Ranked(order) => json!({"ranked": order}),
    }
}
pub fn answer_from(value: &Value) -> Answer {
    let list = |name: &str| value[name].as_array().map(|all| all.iter().map(short).collect::<Vec<u16>>());
    if value == "blank" {
        return Answer::Blank;
    }
    if let Some(grades) = value["grades"].as_array() {
        return Answer::Grades(grades.iter().map(|it| it.as_u64().map(|it| u16::try_from(it).unwrap())).collect());
    }
    if !value["one"].is_null() {
        return Answer::One(short(&value["one"]));
    }
    let chosen = list("chosen").map(Answer::Chosen);
    chosen.or_else(|| list("scores").map(Answer::Scores)).or_else(|| list("ranked").map(Answer::Ranked)).unwrap()
}

/// Coefficients as strings: JSON numbers lose bits above 2^53.
pub fn forms_to(forms: &[Form]) -> Value {
    let form = |form: &Form| {
        let terms: Vec<Value> = form.terms().iter().map(|(j, c)| json!([j, c.to_string()])).collect();
        json!({"constant": form.constant().to_string(), "terms": terms})
    };
    forms.iter().map(form).collect()
}

/// A folder of the repository.
pub fn folder() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/vectors")
}
pub fn read(file: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(folder().join(file)).unwrap()).unwrap()
}
