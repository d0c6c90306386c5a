//! Files that are wrong, each with the number and the line it must earn; and files that are odd, and right.

use serde_json::{Value, json};
use urne_exchange::count;

fn case(kind: &str, input: &Value) -> String {
    json!({ "kind": kind, "input": input, "expected": "never read" }).to_string()
}

fn answer(kind: &str, input: &Value) -> Value {
    serde_json::from_str(&count(&case(kind, input)).expect("counted").to_string()).expect("JSON")
}

#[test]
fn wrong_files_are_refused_by_number_and_line() {
    let ranked = |ballots: Value| json!({ "candidates": ["A", "B"], "ballots": ballots });
    let graded = |ballots: Value| json!({ "candidates": ["A"], "grades": ["no", "yes"], "ballots": ballots });
    let scic = |absent: Value| {
        let college = |name: &str, weight: u64, pour: u64| json!({ "name": name, "weight_bp": weight, "members": 9, "pour": pour, "contre": 0 });
        json!({ "mode": "proportional", "threshold": "1/2", "absent_college": absent,
                "colleges": [college("a", 5000, 1), college("b", 3000, 2), college("c", 2000, 0)] })
    };
    let nameless = |missing: &str| {
        let mut input = scic(json!("kept"));
        if let Some(college) = input["colleges"][1].as_object_mut() {
            college.remove(missing);
        }
        input
    };
    let pb = |project: Value, ballots: Value| json!({ "budget": "10", "projects": [project], "ballots": ballots });
    let project = |cost: &str| json!({ "id": "1", "cost": cost });
    let cases = [
        ("an unknown kind", "acclamation", json!({}), 102, None),
        ("no candidates", "approval", json!({ "ballots": [] }), 103, None),
        ("a candidate that is not a name", "approval", json!({ "candidates": ["A", 3], "ballots": [] }), 104, Some(2)),
        ("the same name twice", "approval", json!({ "candidates": ["A", "A"], "ballots": [] }), 105, Some(2)),
        (
            "two names printed alike, accents composed and not",
            "approval",
            json!({ "candidates": ["Zoé", "Zoe\u{301}"], "ballots": [] }),
            117,
            Some(2),
        ),
        (
            "two names printed alike, one with a space of no width",
            "approval",
            json!({ "candidates": ["Zoé", "Bo", "Bo\u{200b}"], "ballots": [] }),
            117,
            Some(3),
        ),
        (
            "a name and its twin with a space",
            "approval",
            json!({ "candidates": ["Al", "Al "], "ballots": [] }),
            117,
            Some(2),
        ),
        (
            "a name and its twin, full width",
            "approval",
            json!({ "candidates": ["Al", "Ａｌ"], "ballots": [] }),
            117,
            Some(2),
        ),
        ("a name of nothing", "approval", json!({ "candidates": ["Al", ""], "ballots": [] }), 119, Some(2)),
        ("a name that nobody sees", "approval", json!({ "candidates": ["\u{200b}"], "ballots": [] }), 119, Some(1)),
        ("a name with a control character", "approval", json!({ "candidates": ["A\0"], "ballots": [] }), 119, Some(1)),
        (
            "a budget of nothing",
            "participatory_budget",
            json!({ "budget": "0", "projects": [{ "id": 1, "cost": 1 }], "ballots": [] }),
            104,
            None,
        ),
        ("an empty contest", "approval", json!({ "candidates": [], "ballots": [] }), 1, None),
        ("an endless contest", "approval", json!({ "candidates_count": 1u64 << 60, "ballots": [] }), 18, None),
        ("a candidate past the end", "approval", ranked(json!([[1, [0]], [1, [2]]])), 2, Some(2)),
        ("a negative index", "approval", ranked(json!([[1, [-1]]])), 104, Some(1)),
        ("a negative multiplicity", "approval", ranked(json!([[-1, [0]]])), 104, Some(1)),
        ("half a voter", "approval", ranked(json!([[1, [0]], [0.5, [0]]])), 104, Some(2)),
        ("a ballot without multiplicity", "approval", ranked(json!([[]])), 104, Some(1)),
        ("a ballot that is no list", "approval", ranked(json!([[1, "A"]])), 104, Some(1)),
        ("twice the same approval", "approval", ranked(json!([[1, [1, 1]]])), 3, Some(1)),
        ("more than 2^64 voters", "approval", ranked(json!([[u64::MAX, [0]], [1, [0]]])), 7, Some(2)),
        ("the same candidate at two ranks", "ranked_single", ranked(json!([[1, [[0], [0]]]])), 3, Some(1)),
        ("a rank that is no group", "ranked_single", ranked(json!([[1, [0]]])), 104, Some(1)),
        ("a seed too short", "irv_to_last_two", json!({ "candidates": ["A"], "ballots": [], "seed": "12" }), 104, None),
        ("no seats", "stv_scottish", json!({ "candidates": ["A"], "ballots": [] }), 103, None),
        ("zero seats", "stv_scottish", json!({ "candidates": ["A"], "ballots": [], "seats": 0 }), 14, None),
        ("a missing grade nobody explained", "majority_judgment", graded(json!([[1, [null]]])), 107, None),
        ("a grade past the scale", "majority_judgment", graded(json!([[1, [2]]])), 5, Some(1)),
        (
            "a default grade past the scale",
            "majority_judgment_tally",
            json!({ "participants": 2, "tallies": [[1, 0]], "mode": "StaticDefault", "default": 2 }),
            104,
            None,
        ),
        ("a short ballot", "majority_judgment", graded(json!([[1, []]])), 4, Some(1)),
        ("a row not full", "majority_judgment_tally", json!({ "participants": 3, "tallies": [[1, 1]] }), 9, Some(1)),
        (
            "an unknown mode",
            "majority_judgment_tally",
            json!({ "participants": 3, "tallies": [[1, 1]], "mode": "?" }),
            104,
            None,
        ),
        (
            "weights that do not sum",
            "majority_judgment_colleges",
            json!({ "candidates": ["A"], "grades": ["x"], "colleges": [{ "weight_bp": 9999, "ballots": [] }] }),
            106,
            None,
        ),
        ("a silent college nobody explained", "college_resolution", scic(Value::Null), 107, None),
        ("an unknown reading of it", "college_resolution", scic(json!("?")), 104, None),
        ("a college without a weight", "college_resolution", nameless("weight_bp"), 103, Some(2)),
        ("a college without a name", "college_resolution", nameless("name"), 103, Some(2)),
        (
            "a quorum of something else",
            "college_resolution",
            {
                let mut input = nameless("");
                input["quorum"] = json!({ "assembly": "1/5", "couleur": "1/5" });
                input
            },
            104,
            None,
        ),
        (
            "two colleges of one name",
            "majority_judgment_colleges",
            json!({ "candidates": ["A"], "grades": ["x"], "colleges": [
                { "name": "c", "weight_bp": 5000, "ballots": [[1, [0]]] }, { "name": "c", "weight_bp": 5000, "ballots": [[1, [0]]] }] }),
            105,
            Some(2),
        ),
        ("a free project", "participatory_budget", pb(project("0"), json!([])), 20, Some(1)),
        ("a cost in letters", "participatory_budget", pb(project("1e9"), json!([])), 104, Some(1)),
        ("a cost over zero", "participatory_budget", pb(project("1/0"), json!([])), 104, Some(1)),
        ("a cost of 40 digits", "participatory_budget", pb(project(&"9".repeat(40)), json!([])), 104, Some(1)),
        ("negative points", "participatory_budget", pb(project("1"), json!([[1, [[0, -3]]]])), 104, Some(1)),
    ];
    for (description, kind, input, code, line) in cases {
        let refusal = count(&case(kind, &input)).expect_err(description);
        assert_eq!((refusal.code(), refusal.line()), (code, line), "{description}: {refusal}");
        let shown: Value = serde_json::from_str(&refusal.to_answer().to_string()).expect("JSON");
        assert_eq!(shown["error"]["code"], code);
        assert_eq!(shown["error"]["name"], refusal.name());
        assert_eq!(shown["error"]["message"], refusal.to_string());
    }
    let refusal = count("{\n \"kind\": ,").expect_err("not JSON");
    assert_eq!((refusal.code(), refusal.line()), (101, Some(2)));
}

/// The case of `kind` with this input, written by hand: keys keep their lines.
fn lines(kind: &str, input: &str) -> String {
    format!("{{\n\"kind\": \"{kind}\",\n\"input\": {input}}}")
}

#[test]
fn a_key_that_looks_like_one_that_would_be_read_is_refused_with_its_line() {
    let college = |more: &str| {
        let plain = |name: &str, weight: u64| {
            format!("{{\"name\": \"{name}\", \"weight_bp\": {weight}, \"members\": 9, \"pour\": 5, \"contre\": 0")
        };
        format!("[{}}},\n{}}},\n{}{more}}}]", plain("a", 5000), plain("b", 3000), plain("c", 2000))
    };
    let resolution = |colleges: &str, more: &str| {
        lines(
            "college_resolution",
            &format!("{{\n\"mode\": \"proportional\", \"threshold\": \"1/2\",{more}\n\"colleges\": {colleges}}}"),
        )
    };
    assert!(count(&resolution(&college(", \"abstention\": 4"), "\n\"quorum\": \"1\",")).is_ok());
    let cases = [
        (resolution(&college(""), "\n\"kworum\": \"1\","), 5, "input.kworum", "quorum"),
        (resolution(&college(", \"abstentions\": 7"), ""), 7, "input.colleges[3].abstentions", "abstention"),
        (resolution(&college(",\n\"Blanc\": 7"), ""), 8, "input.colleges[3].Blanc", "blanc"),
        (
            lines("irv_to_last_two", "{\"candidates\": [\"A\"],\n\"ballots\": [],\n\"sed\": \"0\"}"),
            5,
            "input.sed",
            "seed",
        ),
        (
            lines(
                "majority_judgment",
                "{\"candidates\": [\"A\"], \"grades\": [\"x\"],\n\"null\": \"drop\", \"ballots\": []}",
            ),
            4,
            "input.null",
            "nulls",
        ),
        (lines("ledger_scenario", "{\"setup\": {},\n\"ops\": [{}, {\n\"once\": 2}]}"), 5, "input.ops[2].once", "nonce"),
    ];
    for (text, line, path, meant) in cases {
        let refusal = count(&text).expect_err(path);
        assert_eq!((refusal.code(), refusal.line()), (120, Some(line)), "{path}: {refusal}");
        assert!(refusal.to_string().contains(path) && refusal.to_string().contains(meant), "{refusal}");
    }
}

#[test]
fn keys_that_nothing_reads_are_reported_beside_the_count_and_those_that_describe_are_not() {
    let input = json!({ "candidates": ["A"], "ballots": [[1, [0]]], "seats": 1, "name": "x", "notes": ["y"] });
    assert_eq!(answer("approval", &input).get("ignored"), None);
    let mut strange = input.clone();
    strange["turnout"] = json!({ "registered": 7 });
    let answer = answer("approval", &strange);
    assert_eq!((&answer["ignored"], &answer["winners"]), (&json!(["input.turnout"]), &json!(["A"])));
}

#[test]
fn without_a_ballot_nobody_is_elected() {
    let empty = |ballots: Value, names: &[&str]| json!({ "candidates": names, "ballots": ballots });
    let stv = |ballots: Value| {
        let mut input = empty(ballots, &["A", "B", "C"]);
        input["seats"] = json!(2);
        answer("stv_scottish", &input)["elected"].clone()
    };
    for names in [&["A"][..], &["A", "B"], &["A", "B", "C"]] {
        for ballots in [json!([]), json!([[0, [[0]]]]), json!([[3, []]])] {
            let answer = answer("irv_to_last_two", &empty(ballots.clone(), names));
            assert_eq!(answer["winner"], Value::Null, "{names:?} {ballots}");
        }
        let one = answer("irv_to_last_two", &empty(json!([[1, [[0]]]]), names));
        assert_eq!(one["winner"], json!("A"));
    }
    assert_eq!(stv(json!([])), json!([]));
    assert_eq!(stv(json!([[3, []]])), json!([]));
    assert_eq!(stv(json!([[1, [[2]]]]))[0], json!("C"));
}

#[test]
fn candidates_without_names_are_called_by_their_index() {
    let input = json!({ "candidates_count": 3, "ballots": [[4, [2]], [1, [0, 2]]] });
    let answer = answer("approval", &input);
    assert_eq!(answer["winners"], json!([2]));
    assert_eq!(answer["tally"], json!({ "0": 1, "1": 0, "2": 5 }));
}

#[test]
fn names_of_any_script_and_quotes_stay_as_they_were_written() {
    let names = ["e\u{301}", "a\u{200b}", "\"\\\n", "نام\u{200c}ها"];
    let answer = answer("approval", &json!({ "candidates": names, "ballots": [[1, [0]]] }));
    assert_eq!(answer["winners"], json!(["e\u{301}"]));
    assert_eq!(answer["tally"].as_object().expect("an object").len(), 4);
}

#[test]
fn unbalanced_profiles_have_as_many_digits_as_they_need() {
    // 24 candidates judged by as many different primes of voters: the common scale is over 64 bits, and printed in full.
    let primes = [2u64, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89];
    let candidates: Vec<String> = (0..primes.len()).map(|it| format!("c{it}")).collect();
    let ballot = |judged: usize| {
        (0..primes.len()).map(|it| if it == judged { json!(1) } else { Value::Null }).collect::<Vec<_>>()
    };
    let ballots: Vec<Value> = primes.iter().enumerate().map(|(it, n)| json!([n, ballot(it)])).collect();
    let input = json!({ "candidates": candidates, "grades": ["x", "y"], "nulls": "drop", "ballots": ballots });
    let answer = count(&case("majority_judgment", &input)).expect("counted").to_string();
    let product = "23768741896345550770650537601358310"; // of the 24 primes
    assert!(answer.contains(&format!("[0,{product}]")), "{answer}");
}

#[test]
fn the_law_s_refusal_of_a_statute_is_a_result() {
    let college =
        |name: &str, weight: u64| json!({ "name": name, "weight_bp": weight, "members": 9, "pour": 5, "contre": 0 });
    let input = json!({ "mode": "bloc", "threshold": "1/2", "colleges": [college("a", 6000), college("b", 4000)] });
    let answer = answer("college_resolution", &input);
    assert_eq!((&answer["valid"], &answer["adopted"]), (&json!(false), &json!(false)));
    assert_eq!(answer["errors"].as_array().expect("a list").len(), 2);
}

#[test]
fn a_second_round_has_no_more_voters_than_its_college_has_members_and_counts_only_in_bloc() {
    let college =
        |name: &str, weight: u64| json!({ "name": name, "weight_bp": weight, "members": 9, "pour": 5, "contre": 4 });
    let input = |mode: &str, pour: u64, contre: u64| {
        let mut colleges = [college("a", 5000), college("b", 3000), college("c", 2000)];
        colleges[1]["second_round"] = json!({ "pour": pour, "contre": contre });
        json!({ "mode": mode, "threshold": "1/2", "colleges": colleges })
    };
    // Five of nine are under 60 %: a and c are undecided and count against, b is for by its second round.
    let held = answer("college_resolution", &input("bloc60_abstention_pour", 5, 4));
    assert_eq!((&held["ratio"], held.get("ignored")), (&json!("3/10"), None));
    for votes in [(5, 5), (u64::MAX, 1)] {
        let case = case("college_resolution", &input("bloc60_abstention_pour", votes.0, votes.1));
        let refusal = count(&case).expect_err("ten of nine");
        assert_eq!((refusal.code(), refusal.line()), (21, Some(2)), "{refusal}");
    }
    let in_proportion = answer("college_resolution", &input("proportional", 0, 9));
    assert_eq!(in_proportion["ignored"], json!(["input.colleges[2].second_round"]));
    assert_eq!(in_proportion["ratio"], json!("5/9"));
}

#[test]
fn a_wrong_ballot_of_a_college_is_named_with_its_college() {
    let input = |grade: u64| {
        json!({ "candidates": ["A"], "grades": ["x", "y"], "colleges": [
            { "name": "a", "weight_bp": 5000, "ballots": [[1, [0]]] },
            { "name": "b", "weight_bp": 5000, "ballots": [[1, [0]], [1, [grade]]] }] })
    };
    assert_eq!(answer("majority_judgment_colleges", &input(1))["winner"], json!(["A"]));
    let refusal = count(&case("majority_judgment_colleges", &input(2))).expect_err("no third grade");
    assert_eq!((refusal.code(), refusal.name(), refusal.line()), (5, "UnknownGrade", Some(2)));
    assert!(refusal.to_string().starts_with("college 2: "), "{refusal}");
}

#[test]
fn attendance_is_written_as_the_statutes_ask_it() {
    let college = |name: &str, weight: u64| json!({ "name": name, "weight_bp": weight, "members": 40, "pour": 5, "contre": 0, "blanc": 2, "nul": 1 });
    let input = |quorum: Value| {
        json!({ "mode": "bloc", "threshold": "1/2", "quorum": quorum,
                "colleges": [college("a", 5000), college("b", 3000), college("c", 2000)] })
    };
    let all = answer("college_resolution", &input(json!("1/5")));
    assert_eq!(
        (&all["participation"], &all["quorum_met"], &all["ratio"]),
        (&json!("24/120"), &json!(true), &json!("1"))
    );
    let each = answer("college_resolution", &input(json!({ "college": "21/100" })));
    assert_eq!(each["participation"], json!(["8/40", "8/40", "8/40"]));
    assert_eq!((&each["quorum_met"], &each["adopted"]), (&json!(false), &json!(false)));
}

#[test]
fn budgets_read_cents_and_points_in_every_form() {
    let projects = json!([{ "id": 1, "cost": "10.50" }, { "id": "b", "cost": 4.25 }, { "id": "c", "cost": "21/2" }]);
    let forms = [
        json!([[2, [[0, 3], [1, 1]]], [1, [[2, 5]]]]),
        json!([[2, { "0": 3, "1": 1 }], [1, { "2": 5 }]]),
        json!([[2, [0, 1], [3, 1]], [1, [2], [5]]]),
    ];
    for ballots in forms {
        let answer =
            answer("participatory_budget", &json!({ "budget": "15", "projects": projects, "ballots": ballots }));
        assert_eq!(answer["votes"], json!({ "1": 6, "b": 2, "c": 5 }));
        let greedy = &answer["results"]["greedy"];
        assert_eq!((&greedy["winners"], &greedy["cost"]), (&json!(["1", "b"]), &json!("59/4")));
    }
}

#[test]
fn a_declared_seed_draws_and_says_so() {
    let input = |seed: Value| json!({ "candidates": ["A", "B", "C"], "seed": seed, "ballots": [[1, [[0]]], [1, [[1]]], [1, [[2]]]] });
    let lots = |seed: Value| answer("ranked_single", &input(seed))["irv"]["lots"].clone();
    assert_eq!(lots(Value::Null)[0], json!({ "round": 1, "tied": [0, 1, 2], "eliminated": 0 }));
    let drawn: Vec<Value> = (0..9).map(|it| lots(json!(format!("{it:064x}")))[0]["eliminated"].clone()).collect();
    assert!(drawn.iter().any(|it| *it != drawn[0]), "another seed, another draw: {drawn:?}");
    assert_eq!(lots(json!("0".repeat(64))), lots(json!("0".repeat(64))));
}

#[test]
fn amounts_near_the_limit_are_counted_or_refused_within_seconds() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../vote-contract/tests/cases/pb-synthetic-90.json");
    let text = std::fs::read_to_string(path).expect("a case");
    let mut case: Value = serde_json::from_str(&text).expect("JSON");
    case["input"]["budget"] = json!("18446744073709551615");
    assert!(count(&case.to_string()).is_ok(), "everything is affordable");
    case["input"]["budget"] = json!("100000");
    case["input"]["projects"][0]["cost"] = json!("18446744073709000000");
    match count(&case.to_string()) {
        Ok(answer) => assert!(!answer.to_string().contains("\"winners\":[\"1\"")),
        Err(refusal) => assert_eq!(refusal.name(), "TooLong"),
    }
}

#[test]
fn a_college_where_nobody_judged_leaves_its_weight_to_the_others_and_is_named() {
    let college =
        |name: &str, weight: u64, ballots: Value| json!({ "name": name, "weight_bp": weight, "ballots": ballots });
    let colleges = [college("a", 5000, json!([[1, [1, 0]]])), college("b", 5000, json!([]))];
    let input = json!({ "candidates": ["A", "B"], "grades": ["x", "y"], "colleges": colleges });
    let answer = answer("majority_judgment_colleges", &input);
    assert_eq!((&answer["winner"], &answer["silent_colleges"]), (&json!(["A"]), &json!(["b"])));
    assert_eq!(answer["reduced_profiles"], json!({ "A": [0, 1], "B": [1, 0] }));
}
