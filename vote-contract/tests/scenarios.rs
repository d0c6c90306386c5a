//! The published cases, from outside in: majority judgments, approvals and their expected ranks are run as whole elections,
//! ballot by ballot. (The stories of ballots, `ledger-*.json`, are run by `urne-exchange`.)
#![allow(clippy::unwrap_used)]
mod support;
use serde_json::Value;
use support::{HOUR, START, World, approvals, grades, names, question};
use urne_types::{
    ballot::Answer,
    election::{CensusCommitment, CensusEntry, Method, NullPolicy, Question},
    governance::Act,
};
use urne_vote_contract::{ElectionResult, QuestionResult, method::MissingGrades, result::Lean};

fn case(name: &str) -> Value {
    let path = format!("{}/tests/cases/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Runs a whole election with the case's weighted ballots, each voter a member of her own.
fn elect(question: Question, ballots: &[(u64, Answer)]) -> ElectionResult {
    let mut world = World::new();
    let voters = ballots.iter().flat_map(|(n, answer)| (0..*n).map(move |_| answer));
    let voters: Vec<(String, &Answer)> =
        voters.enumerate().map(|(at, answer)| (format!("voter {at}"), answer)).collect();
    let mut entries: Vec<CensusEntry> = voters.iter().map(|(name, _)| support::entry(1, name)).collect();
    let census = CensusCommitment::over(&mut entries).unwrap().id();
    world.bring_entries(&mut entries);
    world.act(Act::AdoptCensus { census }).unwrap();
    let id = world.schedule(world.definition(census, vec![question]));
    world.empty(START + HOUR);
    let txs: Vec<_> =
        voters.iter().map(|(name, answer)| world.ballot(name, id, 1, 1, std::slice::from_ref(answer))).collect();
    for (at, block) in (1..).zip(txs.chunks(100)) {
        assert!(world.block(START + HOUR + at, block).iter().all(Result::is_ok));
    }
    world.empty(START + 2 * HOUR);
    assert_eq!(world.recount(id), world.result(id));
    world.result(id)
}
fn strings(of: &Value) -> Vec<&str> {
    of.as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect()
}
fn weighted(case: &Value) -> impl Iterator<Item = (u64, &Value)> {
    case["input"]["ballots"].as_array().unwrap().iter().map(|it| (it[0].as_u64().unwrap(), &it[1]))
}

/// The other judgments of the folder come as tallies, without ballots: `method_judgment.rs` counts those.
#[test]
fn the_judgments_of_orsay_2007_and_of_la_primaire_rank_as_published() {
    for name in ["mj-orsay2007-bureau01", "mj-laprimaire-like-600"] {
        let case = case(name);
        judge_case(name, &case, &case["input"]);
    }
}

fn judge_case(name: &str, case: &Value, input: &Value) {
    let candidates = strings(&input["candidates"]);
    let scale = strings(&input["grades"]);
    let nulls = match input["nulls"].as_str() {
        Some("worst") | None => NullPolicy::Worst,
        Some("median") => NullPolicy::Median,
        Some("drop") => NullPolicy::Drop,
        other => panic!("{name}: unknown convention {other:?}"),
    };
    let grade = |it: &Value| it.as_u64().map(|it| u8::try_from(it).unwrap());
    let ballots: Vec<(u64, Answer)> = weighted(case)
        .map(|(n, given)| {
            let given: Vec<Option<u8>> = given.as_array().unwrap().iter().map(grade).collect();
            (n, if given.iter().all(Option::is_none) { Answer::Blank } else { grades(&given) })
        })
        .collect();
    let result = elect(question(&candidates, Method::MajorityJudgment { grades: names(&scale), nulls }), &ballots);
    let [QuestionResult::MajorityJudgment { ranks, winners, medians, no_opinion, ballots, .. }] = &result.questions[..]
    else {
        panic!("{name}: one judgment was asked")
    };
    let expected = &case["expected"];
    let won: Vec<&str> = winners.iter().map(|it| candidates[usize::from(*it)]).collect();
    assert_eq!(won, strings(&expected["winner"]), "{name}");
    for (at, candidate) in candidates.iter().enumerate() {
        assert_eq!(u64::from(ranks[at]), expected["ranks"][candidate].as_u64().unwrap(), "{name}: {candidate}");
        let median = medians[at].map_or(String::new(), |it| {
            format!("{}{}", scale[usize::from(it.grade)], if it.lean == Lean::Up { "+" } else { "-" })
        });
        if let Some(published) = expected["median"][candidate].as_str() {
            assert_eq!(median, published, "{name}: {candidate}");
        }
        if let Some(published) = expected["no_opinion"][candidate].as_u64() {
            assert_eq!(no_opinion[at].get(), published, "{name}: {candidate}");
        }
    }
    assert_eq!(Some(ballots.get()), expected["voters"].as_u64(), "{name}");
    if nulls == NullPolicy::Worst {
        let tally = result.questions[0].graded_tally().expect("one judgment was asked");
        let profiles = tally.completed(MissingGrades::Grade(0)).unwrap();
        for (candidate, profile) in candidates.iter().zip(profiles) {
            assert_eq!(
                serde_json::json!(profile),
                expected["profiles_worst_to_best"][candidate],
                "{name}: {candidate}"
            );
        }
    }
}

#[test]
fn approvals_are_added_as_published() {
    let case = case("approval-micro");
    let candidates = strings(&case["input"]["candidates"]);
    let index = |it: &Value| u16::try_from(it.as_u64().unwrap()).unwrap();
    let ballots: Vec<(u64, Answer)> = weighted(&case)
        .map(|(n, approved)| {
            let mut approved: Vec<u16> = approved.as_array().unwrap().iter().map(index).collect();
            approved.sort_unstable();
            (n, if approved.is_empty() { Answer::Blank } else { approvals(&approved) })
        })
        .collect();
    let result = elect(question(&candidates, Method::Approval), &ballots);
    let [QuestionResult::Approval { approvals, winners, blank, .. }] = &result.questions[..] else {
        panic!("one approval was asked")
    };
    for (candidate, approvals) in candidates.iter().zip(approvals) {
        assert_eq!(Some(approvals.get()), case["expected"]["tally"][candidate].as_u64(), "{candidate}");
    }
    let won: Vec<&str> = winners.iter().map(|it| candidates[usize::from(*it)]).collect();
    assert_eq!(won, strings(&case["expected"]["winners"]));
    assert_eq!(Some(blank.get()), case["expected"]["blank"].as_u64());
}
