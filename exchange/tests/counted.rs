//! The chain's own count of real elections, shown under the exchange format's keys, equals what was published for them.
#![allow(clippy::unwrap_used)]
use serde_json::Value;
use urne_exchange::counted::{Counted, Exact};
use urne_types::{
    CensusId, CollegeId, ElectionId, PublicKey, UnixMs,
    ballot::{Answer, BallotBody},
    bounded::{List, Text},
    election::{
        CensusCommitment, CensusEntry, EarlyClose, ElectionDefinition, Method, NullPolicy, Question, RevotePolicy,
        Secrecy,
    },
};
use urne_vote_contract::{Count, QuestionResult, records::CountBasis, recount, result::TourOutcome};

fn case(name: &str) -> Value {
    let path = format!("{}/../vote-contract/tests/cases/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}
fn texts<const MAX: usize, const BYTES: usize>(of: &Value) -> List<Text<BYTES>, MAX> {
    let items = of.as_array().unwrap().iter().map(|it| Text::new(it.as_str().unwrap()).unwrap());
    List::new(items.collect()).unwrap()
}
fn small(of: &Value) -> u64 {
    of.as_u64().unwrap()
}

/// Every ballot of the case as a member's, counted by the contract.
fn counted(input: &Value, method: Method, answer: impl Fn(&[Value]) -> Answer) -> Value {
    let question = Question { title: Text::default(), choices: texts(&input["candidates"]), method };
    let mut ballots = Vec::new();
    for line in input["ballots"].as_array().unwrap() {
        for _ in 0..small(&line[0]) {
            ballots.push(answer(line[1].as_array().unwrap()));
        }
    }
    let member = |at: usize| {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&(at as u64).to_be_bytes());
        CensusEntry { college: CollegeId::new(1), member: PublicKey(key) }
    };
    let mut entries: Vec<CensusEntry> = (0..ballots.len()).map(member).collect();
    let census = CensusCommitment::over(&mut entries).unwrap();
    let definition = ElectionDefinition {
        title: Text::default(),
        questions: List::new(vec![question.clone()]).unwrap(),
        census: CensusId([0; 32]),
        secrecy: Secrecy::Open,
        opens_at: UnixMs::new(0),
        closes_at: UnixMs::new(1),
        grace_ms: 0,
        revote: RevotePolicy::Forbidden,
        early_close: EarlyClose::Forbidden,
        convened_at: None,
        documents: List::default(),
        statutes: None,
    };
    let body = |answer| BallotBody::Open(List::new(vec![answer]).unwrap());
    let cast = ballots.into_iter().enumerate().map(|(at, answer)| (member(at), 1, body(answer)));
    let result = recount(&ElectionId([0; 32]), &definition, &census, &CountBasis::default(), cast);
    serde_json::to_value(Counted::of(&question, &result.questions[0]).unwrap()).unwrap()
}

fn agree(found: &Value, case: &Value, keys: &[&str]) {
    for key in keys {
        assert_eq!(found[key], case["expected"][key], "{}: {key}", case["id"]);
    }
}

#[test]
fn majority_judgments_agree_with_their_published_results() {
    for name in ["mj-orsay2007-bureau01", "mj-laprimaire-like-600"] {
        let case = case(name);
        let input = &case["input"];
        let nulls = match input["nulls"].as_str() {
            Some("median") => NullPolicy::Median,
            Some("drop") => NullPolicy::Drop,
            _ => NullPolicy::Worst,
        };
        let method = Method::MajorityJudgment { grades: texts(&input["grades"]), nulls };
        let answer = |grades: &[Value]| {
            let grades: Vec<Option<u8>> =
                grades.iter().map(|it| it.as_u64().map(|it| u8::try_from(it).unwrap())).collect();
            if grades.iter().all(Option::is_none) { Answer::Blank } else { Answer::Grades(List::new(grades).unwrap()) }
        };
        let found = counted(input, method, answer);
        agree(&found, &case, &["winner", "ranks", "profiles_worst_to_best", "median", "voters", "no_opinion"]);
    }
}

#[test]
fn an_approval_agrees_with_its_expected_result() {
    let case = case("approval-micro");
    let answer = |choices: &[Value]| match choices {
        [] => Answer::Blank,
        some => {
            Answer::Approvals(List::new(some.iter().map(|it| u16::try_from(small(it)).unwrap()).collect()).unwrap())
        }
    };
    agree(
        &counted(&case["input"], Method::Approval, answer),
        &case,
        &["tally", "winners", "blank", "ballots", "order"],
    );
}

#[test]
fn a_count_that_a_json_number_would_round_is_a_string() {
    for (number, shown) in [("9007199254740992", "9007199254740992"), ("9007199254740993", "\"9007199254740993\"")] {
        assert_eq!(serde_json::to_string(&Exact::new(number)).unwrap(), shown);
        assert_eq!(serde_json::from_str::<Exact>(shown).unwrap(), Exact::new(number));
    }
    let beyond = "123456789012345678901234567890";
    assert_eq!(serde_json::to_value(Exact::new(beyond)).unwrap(), beyond);
    for wrong in ["-1", "1.5", "\"\"", "\"x\"", "null"] {
        assert!(serde_json::from_str::<Exact>(wrong).is_err(), "{wrong}");
    }
}

// ---- What is withheld, what decides nothing, and who may join ----

fn shown(method: Method, result: &QuestionResult) -> Value {
    let choices = texts(&serde_json::json!(["x", "y"]));
    let question = Question { title: Text::default(), choices, method };
    let counted = Counted::of(&question, result).unwrap();
    let json = serde_json::to_value(&counted).unwrap();
    assert_eq!(serde_json::from_value::<Counted>(json.clone()).unwrap(), counted, "it is read as it was written");
    json
}

#[test]
fn a_judgment_whose_weights_are_withheld_shows_who_won_and_no_profile() {
    let grades = texts(&serde_json::json!(["bad", "good"]));
    let (winners, ranks) = (vec![1], vec![2, 1]);
    let result = QuestionResult::WeightedJudgment { profiles: Vec::new(), ranks, winners, medians: Vec::new() };
    let json = shown(Method::MajorityJudgment { grades, nulls: NullPolicy::Worst }, &result);
    assert_eq!((&json["winner"], &json["ranks"]), (&serde_json::json!(["y"]), &serde_json::json!({"x": 2, "y": 1})));
    assert_eq!((&json["profiles_worst_to_best"], &json["median"]), (&serde_json::json!({}), &serde_json::json!({})));
}

#[test]
fn an_election_that_too_few_attended_shows_what_the_ballots_say_and_no_winner() {
    let votes = vec![Count(2), Count(1)];
    let outcome = TourOutcome::SecondListTour { stand: vec![0], join: vec![1] };
    let tour = QuestionResult::Tour { votes, blank: Count(0), ranks: vec![1, 2], outcome };
    let json = shown(Method::Plurality, &QuestionResult::Unattended { ballots_say: Box::new(tour) });
    assert_eq!((&json["kind"], json.get("winner")), (&serde_json::json!("unattended"), None));
    let said = &json["ballots_say"];
    assert_eq!((&said["second_tour"], &said["may_join"]), (&serde_json::json!(["x"]), &serde_json::json!(["y"])));
}
