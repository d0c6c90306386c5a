//! Stories of ballots, run through the contract: what each ballot must become, and which stories are refused.
use serde_json::{Value, json};
use urne_exchange::{CountRefusal, count};

fn setup() -> Value {
    json!({ "choices": ["pour", "contre", "blanc"], "kind": "referendum", "open": 100, "close": 200,
            "question": "Adopter ?", "quorum": "2/5", "revote": "last_counts", "voters": ["a", "b", "c", "d", "e"] })
}

fn with(key: &str, value: Value) -> Value {
    let mut setup = setup();
    setup[key] = value;
    setup
}

/// `(second, voter, choice)` or `(…, nonce)`.
fn ballots(of: &[(u64, &str, &str, Option<u64>)]) -> Value {
    of.iter().map(|(t, voter, choice, nonce)| json!({ "op": "vote", "t": t, "voter": voter, "choice": choice, "nonce": nonce })).collect()
}

fn run(setup: &Value, ops: &Value) -> Result<Value, CountRefusal> {
    let case = json!({ "kind": "ledger_scenario", "input": { "setup": setup, "ops": ops } }).to_string();
    count(&case).map(|it| serde_json::from_str(&it.to_string()).expect("JSON"))
}

#[test]
fn each_ballot_becomes_what_the_contract_says() {
    let ops = ballots(&[
        (99, "a", "pour", None),         // too early: and it takes number 1
        (100, "a", "pour", None),        // number 2
        (100, "b", "contre", None),      // the same block
        (100, "z", "pour", None),        // nobody knows her
        (150, "a", "contre", Some(2)),   // a replay
        (150, "a", "blanc", Some(9)),    // a revote
        (151, "a", "pour", Some(8)),     // an older one arrives late
        (160, "b", "peut-être", None),   // not on the paper
        (170, "b", "pour", Some(9_999)), // a leap
        (170, "c", "pour", Some(0)),
        (199, "d", "pour", None),
        (200, "e", "pour", None),
        (4_000, "e", "pour", None),
    ]);
    let answer = run(&setup(), &ops).expect("counted");
    let results = [
        "not_open",
        "ok",
        "ok",
        "not_in_census",
        "sequence_too_old",
        "ok",
        "sequence_too_old",
        "invalid_choice",
        "sequence_too_far",
        "sequence_too_old",
        "ok",
        "closed",
        "closed",
    ];
    assert_eq!(answer["results"], json!(results));
    assert_eq!(answer["tally"], json!({ "pour": 1, "contre": 1, "blanc": 1 }));
    assert_eq!((&answer["emargement"], &answer["replaced"], &answer["expressed"]), (&json!(3), &json!(1), &json!(2)));
    assert_eq!((&answer["quorum_met"], &answer["adopted"]), (&json!(true), &json!(false)));
}

#[test]
fn a_quorum_is_met_at_its_very_share_and_not_one_member_below() {
    let ops = ballots(&[(100, "a", "pour", None), (110, "b", "pour", None)]);
    let met = |quorum: &str| {
        let answer = run(&with("quorum", json!(quorum)), &ops).expect("counted");
        (answer["quorum_met"].clone(), answer["adopted"].clone())
    };
    assert_eq!(met("2/5"), (json!(true), json!(true)));
    assert_eq!(met("41/100"), (json!(false), json!(false)));
    let none = run(&with("quorum", Value::Null), &json!([])).expect("counted");
    assert_eq!((&none["quorum_met"], &none["adopted"], &none["emargement"]), (&json!(true), &json!(false), &json!(0)));
}

fn board(kind: &str) -> Value {
    json!({ "choices": ["Ana", "Bo", "Zoé", "blanc"], "kind": kind, "open": 100, "close": 200,
            "question": "Who?", "revote": "last_counts", "voters": ["a", "b", "c", "d", "e"] })
}

#[test]
fn one_of_several_is_chosen_and_a_name_that_is_not_on_the_paper_is_refused() {
    let ops = ballots(&[
        (100, "a", "Zoé", None),
        (110, "b", "Zoé", None),
        (120, "c", "Ana", None),
        (130, "d", "blanc", None),
        (140, "e", "Zoe", None),
    ]);
    let answer = run(&board("plurality"), &ops).expect("counted");
    assert_eq!(answer["results"], json!(["ok", "ok", "ok", "ok", "invalid_choice"]));
    assert_eq!(answer["tally"], json!({ "Ana": 1, "Bo": 0, "Zoé": 2, "blanc": 1 }));
    assert_eq!(
        (&answer["winners"], &answer["expressed"], &answer["adopted"]),
        (&json!(["Zoé"]), &json!(3), &Value::Null)
    );
}

#[test]
fn several_are_approved_in_any_order_and_none_is_a_blank_ballot() {
    let vote = |t: u64, voter: &str, choice: Value| json!({ "op": "vote", "t": t, "voter": voter, "choice": choice });
    let ops = json!([
        vote(100, "a", json!(["Zoé", "Ana"])),
        vote(101, "b", json!("Ana")),
        vote(102, "c", json!([])),
        vote(103, "d", json!(["Ana", "Nobody"])),
    ]);
    let answer = run(&board("approval"), &ops).expect("counted");
    assert_eq!(answer["results"], json!(["ok", "ok", "ok", "invalid_choice"]));
    assert_eq!(answer["tally"], json!({ "Ana": 2, "Bo": 0, "Zoé": 1, "blanc": 1 }));
    assert_eq!((&answer["winners"], &answer["expressed"]), (&json!(["Ana"]), &json!(2)));
}

#[test]
fn impossible_stories_are_refused_by_number_and_line() {
    let one = ballots(&[(100, "a", "pour", None)]);
    let backwards = ballots(&[(120, "a", "pour", None), (110, "b", "pour", None)]);
    let other = json!([{ "op": "vote", "t": 100, "voter": "a", "choice": "pour" }, { "op": "dance", "t": 101 }]);
    let no_voter = json!([{ "op": "vote", "t": 100, "choice": "pour" }]);
    let many: Vec<String> = (0..5_000).map(|it| format!("c{it}")).collect();
    let with_all = |mut setup: Value, choices: Vec<String>| {
        setup["choices"] = json!(choices);
        setup
    };
    let cases = [
        ("another kind", with("kind", json!("stv_scottish")), &one, 104, None),
        ("a choice of its own", with("choices", json!(["pour", "contre", "bof"])), &one, 104, Some(3)),
        ("nobody may vote", with("voters", json!([])), &one, 109, None),
        ("more choices than a ledger takes", with_all(board("plurality"), many), &json!([]), 18, None),
        ("a voter twice", with("voters", json!(["a", "b", "a"])), &one, 105, Some(3)),
        ("no rule for revotes", with("revote", Value::Null), &one, 104, None),
        ("a quorum over all", with("quorum", json!("6/5")), &one, 104, None),
        ("it closes before it opens", with("close", json!(99)), &one, 109, None),
        ("at the end of time", with("close", json!(u64::MAX)), &one, 104, None),
        ("a question too long", with("question", json!("?".repeat(2_000))), &one, 109, None),
        ("time runs backwards", setup(), &backwards, 104, Some(2)),
        ("an unknown operation", setup(), &other, 104, Some(2)),
        ("a ballot of nobody", setup(), &no_voter, 103, Some(1)),
        (
            "a number for a name",
            board("approval"),
            &json!([{ "op": "vote", "t": 1, "voter": "a", "choice": 3 }]),
            104,
            Some(1),
        ),
        (
            "a negative nonce",
            setup(),
            &json!([{ "op": "vote", "t": 1, "voter": "a", "choice": "pour", "nonce": -1 }]),
            104,
            Some(1),
        ),
    ];
    for (description, setup, ops, code, line) in cases {
        let refusal = run(&setup, ops).expect_err(description);
        assert_eq!((refusal.code(), refusal.line()), (code, line), "{description}: {refusal}");
    }
    let nobody = run(&with("voters", json!([])), &one).expect_err("nobody may vote");
    assert!(nobody.to_string().contains("the census is empty"), "{nobody}");
}

#[test]
fn a_thousand_voters_of_whom_one_decides() {
    let voters: Vec<String> = (0..1_001).map(|it| format!("v{it}")).collect();
    let ops: Vec<Value> = voters
        .iter()
        .enumerate()
        .map(|(it, voter)| json!({ "op": "vote", "t": 100 + it / 20, "voter": voter, "choice": if it % 2 == 0 { "pour" } else { "contre" } }))
        .collect();
    let answer = run(&with("voters", json!(voters)), &json!(ops)).expect("counted");
    assert_eq!(answer["tally"], json!({ "pour": 501, "contre": 500, "blanc": 0 }));
    assert_eq!(answer["adopted"], json!(true));
}
