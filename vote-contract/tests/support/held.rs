//! Elections held on a chain in memory from the ballots to the result, and the files of published cases.
use super::{HOUR, World, assembly::census_of, question, ranking, resolution};
use serde_json::Value;
use urne_types::{
    ElectionId, UnixMs,
    ballot::Answer,
    bounded::List,
    election::{ElectionDefinition, Method, Question},
};
use urne_vote_contract::{self as contract, QuestionResult, records::ElectionState};

pub fn case(name: &str) -> Value {
    let path = format!("{}/tests/cases/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}
pub fn labels(of: &Value) -> Vec<String> {
    of.as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned()).collect()
}
pub fn asked(candidates: &[String], method: Method) -> Question {
    question(&candidates.iter().map(String::as_str).collect::<Vec<_>>(), method)
}
pub fn small(of: &Value) -> u16 {
    u16::try_from(of.as_u64().unwrap()).unwrap()
}
/// The ballots of a ranked case, one by one. What a booth would not let through (a repeated choice) is left out, once.
pub fn ranked(case: &Value) -> Vec<Answer> {
    let mut answers = Vec::new();
    for line in case["input"]["ballots"].as_array().unwrap() {
        let mut seen = Vec::new();
        let mut ranks: Vec<Vec<u16>> = Vec::new();
        for rank in line[1].as_array().unwrap() {
            let mut equals: Vec<u16> = rank.as_array().unwrap().iter().map(small).collect();
            equals.retain(|it| !seen.contains(it));
            equals.sort_unstable();
            seen.extend(&equals);
            if !equals.is_empty() {
                ranks.push(equals);
            }
        }
        let ranks: Vec<&[u16]> = ranks.iter().map(Vec::as_slice).collect();
        let answer = if ranks.is_empty() { Answer::Blank } else { ranking(&ranks) };
        answers.extend(std::iter::repeat_n(answer, usize::try_from(line[0].as_u64().unwrap()).unwrap()));
    }
    answers
}

/// Holds an election in college 1, member by member, so many ballots a block and so much counting a block; the chain's
/// result, which a recount gives too.
pub struct Held {
    pub world: World,
    pub id: ElectionId,
    pub blocks: usize,
}
pub fn hold(questions: Vec<Question>, ballots: &[Vec<Answer>], per_block: usize, units: u64) -> Held {
    let members: Vec<String> = (0..ballots.len().max(1)).map(|it| format!("m{it}")).collect();
    let ballots: Vec<(&str, u16, Vec<Answer>)> =
        members.iter().zip(ballots).map(|(who, answers)| (who.as_str(), 1, answers.clone())).collect();
    let world = World::new();
    let census: Vec<(u16, &str)> = members.iter().map(|it| (1, it.as_str())).collect();
    hold_in(world, &census, |it| it.questions = List::new(questions).unwrap(), &ballots, per_block, units)
}
pub fn hold_in(
    mut world: World,
    census: &[(u16, &str)],
    edit: impl FnOnce(&mut ElectionDefinition),
    ballots: &[(&str, u16, Vec<Answer>)],
    per_block: usize,
    units: u64,
) -> Held {
    let census = census_of(&mut world, census);
    let mut definition = world.definition(census, vec![resolution()]);
    if definition.opens_at.get() <= world.now {
        (definition.opens_at, definition.closes_at) =
            (UnixMs::new(world.now + HOUR), UnixMs::new(world.now + 2 * HOUR));
    }
    edit(&mut definition);
    let (opens_at, closes_at) = (definition.opens_at.get(), definition.closes_at.get());
    let id = world.schedule(definition);
    world.empty(opens_at);
    world.count_units = units;
    for some in ballots.chunks(per_block) {
        let txs: Vec<_> = some.iter().map(|(who, of, answers)| world.ballot(who, id, *of, 1, answers)).collect();
        for outcome in world.block(world.now + 1, &txs) {
            outcome.unwrap();
        }
    }
    world.empty(closes_at);
    let blocks = world.count_through();
    assert_eq!(contract::gate(&world.state, &id).unwrap().state, ElectionState::Tallied);
    assert_eq!(world.recount(id), world.result(id), "the recount is the count");
    Held { world, id, blocks }
}
pub fn one(question: Question, answers: &[Answer]) -> QuestionResult {
    one_by(question, answers, urne_types::limits::COUNT_UNITS_PER_BLOCK)
}
pub fn one_by(question: Question, answers: &[Answer], units: u64) -> QuestionResult {
    let ballots: Vec<Vec<Answer>> = answers.iter().map(|it| vec![it.clone()]).collect();
    let held = hold(vec![question], &ballots, 500, units);
    held.world.result(held.id).questions.remove(0)
}
pub fn named(candidates: &[String], of: &[u16]) -> Vec<String> {
    of.iter().map(|it| candidates[usize::from(*it)].clone()).collect()
}
