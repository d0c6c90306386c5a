//! The elections nobody plans for: without voters, all blank, with one candidate, with five thousand, with one vote of
//! difference among 47 million. Each has a right result or a numbered refusal, and answers at once.
use serde_json::{Value, json};
use urne_exchange::{CountRefusal, count};

fn try_count(kind: &str, input: &Value) -> Result<Value, CountRefusal> {
    let answer = count(&json!({ "kind": kind, "input": input }).to_string())?;
    Ok(serde_json::from_str(&answer.to_string()).expect("JSON"))
}

fn answer(kind: &str, input: &Value) -> Value {
    try_count(kind, input).unwrap_or_else(|e| panic!("{kind}: {e}"))
}

fn with(input: &Value, more: Value) -> Value {
    let mut input = input.clone();
    for (key, value) in more.as_object().expect("an object") {
        input[key] = value.clone();
    }
    input
}

fn names(n: usize) -> Value {
    (0..n).map(|it| json!(format!("c{it}"))).collect()
}

#[test]
fn without_a_voter_or_with_blanks_only_everyone_is_tied_at_zero() {
    for (ballots, blank) in [(json!([]), 0), (json!([[4, []], [1, []]]), 5), (json!([[0, [0]]]), 0)] {
        let approval = answer("approval", &json!({ "candidates": ["A", "B"], "ballots": ballots }));
        assert_eq!((&approval["winners"], &approval["blank"]), (&json!(["A", "B"]), &json!(blank)));
    }
    for ballots in [json!([]), json!([[4, []], [1, [[]]]])] {
        let input = json!({ "candidates": ["A", "B"], "ballots": ballots });
        let ranked = answer("ranked_single", &input);
        assert_eq!(ranked["pairwise"], json!([[0, 0], [0, 0]]));
        assert_eq!((&ranked["schulze_winners"], &ranked["condorcet_winner"]), (&json!(["A", "B"]), &Value::Null));
        assert_eq!((&ranked["irv"]["winners"], &ranked["irv"]["lots"]), (&json!(["A", "B"]), &json!([])));
        let last_two = answer("irv_to_last_two", &input);
        assert_eq!((&last_two["winner"], &last_two["final"]), (&Value::Null, &json!({ "A": 0, "B": 0 })));
        // One seat, quota 1, nobody has a vote: the lot excludes the lowest index, and the other is elected by nobody.
        let stv = answer("stv_scottish", &with(&input, json!({ "seats": 1 })));
        assert_eq!((&stv["quota"], &stv["elected"], &stv["valid"]), (&json!(1), &json!([]), &json!(0)));
        assert_eq!(stv["lots"], json!([{ "stage": 1, "why": "exclusion", "tied": [0, 1], "chosen": 0 }]));
    }
    let judged = |ballots: Value, nulls: &str| {
        answer(
            "majority_judgment",
            &json!({ "candidates": ["A", "B"], "grades": ["x", "y"], "nulls": nulls, "ballots": ballots }),
        )
    };
    let all_null = json!([[3, [null, null]]]);
    assert_eq!(judged(all_null.clone(), "worst")["profiles_worst_to_best"], json!({ "A": [3, 0], "B": [3, 0] }));
    assert_eq!(judged(all_null.clone(), "worst")["median"], json!({ "A": "x-", "B": "x-" }));
    assert_eq!(judged(all_null, "drop")["ranks"], json!({ "A": 1, "B": 1 }));
    assert_eq!(judged(json!([]), "worst")["winner"], json!(["A", "B"]));
    let budget =
        json!({ "budget": "10", "projects": [{ "id": "p", "cost": "4" }, { "id": "q", "cost": "7" }], "ballots": [] });
    let budget = answer("participatory_budget", &budget);
    assert_eq!(budget["results"]["greedy"]["winners"], json!(["p"]));
    assert_eq!(budget["results"]["mes"]["winners"], json!([]));
    assert_eq!(budget["results"]["mes-add1u"]["winners"], json!(["p"]));
}

#[test]
fn one_candidate_and_fewer_candidates_than_seats() {
    let alone = json!({ "candidates": ["A"], "ballots": [[3, [[0]]], [2, []]] });
    let ranked = answer("ranked_single", &alone);
    assert_eq!((&ranked["condorcet_winner"], &ranked["irv"]["winners"]), (&json!("A"), &json!(["A"])));
    let last = answer("irv_to_last_two", &alone);
    assert_eq!((&last["winner"], &last["final"]), (&json!("A"), &json!({ "A": 3 })));
    let stv = answer("stv_scottish", &with(&alone, json!({ "seats": 5 })));
    assert_eq!((&stv["elected"], &stv["quota"], &stv["blank"]), (&json!(["A"]), &json!(1), &json!(2)));
    let two = json!({ "candidates": ["A", "B"], "ballots": [[1, [[0]]], [3, [[1]]]], "seats": 2 });
    assert_eq!(answer("stv_scottish", &two)["elected"], json!(["B", "A"]));
    assert_eq!(answer("approval", &json!({ "candidates_count": 1, "ballots": [] }))["winners"], json!([0]));
}

#[test]
fn five_thousand_candidates_are_counted_or_refused_by_number() {
    let n = 5_000;
    let approval = answer("approval", &json!({ "candidates": names(n), "ballots": [[2, [4999]], [1, [0, 4999]]] }));
    assert_eq!(approval["winners"], json!(["c4999"]));
    let all: Vec<Value> = (0..n).map(|it| json!(it % 3)).collect();
    let judged = json!({ "candidates": names(n), "grades": ["x", "y", "z"], "ballots": [[7, all]] });
    assert_eq!(answer("majority_judgment", &judged)["ranks"]["c4"], json!(1667));
    let ranked = json!({ "candidates": names(n), "ballots": [[1, [[0]]]], "seats": 1 });
    for kind in ["ranked_single", "irv_to_last_two", "stv_scottish"] {
        let refusal = try_count(kind, &ranked).expect_err("too many to compare");
        assert_eq!((refusal.code(), refusal.name()), (18, "TooManyCandidates"), "{kind}");
    }
    let thousand = json!({ "candidates": names(1_000), "ballots": [[2, [[7], [8]]], [1, [[8], [7]]]], "seats": 2 });
    assert_eq!(answer("ranked_single", &thousand)["schulze_winners"], json!(["c7"]));
    assert_eq!(answer("stv_scottish", &thousand)["elected"], json!(["c7", "c8"]));
}

#[test]
fn one_vote_among_47_million_decides() {
    let half = 23_500_000u64;
    let approval = json!({ "candidates": ["A", "B"], "ballots": [[half, [0]], [half + 1, [1]]] });
    assert_eq!(answer("approval", &approval)["winners"], json!(["B"]));
    let ranked =
        json!({ "candidates": ["A", "B"], "ballots": [[half, [[0], [1]]], [half + 1, [[1], [0]]]], "seats": 1 });
    assert_eq!(answer("ranked_single", &ranked)["schulze_winners"], json!(["B"]));
    assert_eq!(answer("irv_to_last_two", &ranked)["winner"], json!("B"));
    assert_eq!(answer("stv_scottish", &ranked)["elected"], json!(["B"]));
    let tally = json!({ "participants": 2 * half + 1, "tallies": [[half, half + 1], [half + 1, half]] });
    assert_eq!(answer("majority_judgment_tally", &tally)["ranks"], json!([1, 2]));
    // College a is for by one vote among 47 million: 1/2 + 1/(2 × 47,000,001) of 50 %, against all of the two others' halves.
    let college = |name: &str, weight: u64, members: u64, pour: u64, contre: u64| json!({ "name": name, "weight_bp": weight, "members": members, "pour": pour, "contre": contre, "blanc": 0, "nul": 0 });
    let colleges =
        [college("a", 5000, 47_000_001, half + 1, half), college("b", 3000, 2, 1, 1), college("c", 2000, 2, 1, 1)];
    let input = json!({ "mode": "proportional", "threshold": "1/2", "colleges": colleges });
    let resolution = answer("college_resolution", &input);
    assert_eq!((&resolution["adopted"], &resolution["ratio"]), (&json!(true), &json!("94000003/188000004")));
    assert_eq!(answer("college_resolution", &with(&input, json!({ "mode": "bloc" })))["ratio"], json!("1/2"));
}

#[test]
fn ties_everywhere_are_shared_or_drawn_and_always_said() {
    let circle = json!({ "candidates": ["A", "B", "C"], "seats": 1,
                         "ballots": [[1, [[0], [1], [2]]], [1, [[1], [2], [0]]], [1, [[2], [0], [1]]]] });
    let ranked = answer("ranked_single", &circle);
    assert_eq!(ranked["schulze_winners"], json!(["A", "B", "C"]));
    assert_eq!((&ranked["condorcet_winner"], &ranked["ranked_pairs_ambiguous"]), (&Value::Null, &json!(true)));
    assert_eq!(ranked["irv"]["lots"], json!([{ "round": 1, "tied": [0, 1, 2], "eliminated": 0 }]));
    assert_eq!(ranked["irv"]["winners"], json!(["B"]), "without A: B 2, C 1");
    let stv = answer("stv_scottish", &circle);
    assert_eq!((&stv["elected"], stv["lots"].as_array().map(Vec::len)), (&json!(["B"]), Some(1)));
    let even = json!({ "participants": 4, "tallies": [[2, 2], [2, 2], [2, 2]] });
    assert_eq!(answer("majority_judgment_tally", &even)["ranks"], json!([1, 1, 1]));
}

#[test]
fn costs_of_ten_digits_are_spent_to_the_cent() {
    let project = |id: &str, cost: &str| json!({ "id": id, "cost": cost });
    let input = json!({
        "budget": "9999999999.99",
        "projects": [project("a", "4999999999.99"), project("b", "5000000000"), project("c", "0.01")],
        "ballots": [[3, [0]], [3, [1]], [1, [2]]],
    });
    let result = answer("participatory_budget", &input);
    assert_eq!(result["results"]["greedy"]["selection_order"], json!(["a", "b"]));
    assert_eq!(result["results"]["greedy"]["cost"], json!("999999999999/100"));
    let cheaper = with(&input, json!({ "budget": "10000000000" }));
    assert_eq!(answer("participatory_budget", &cheaper)["results"]["greedy"]["cost"], json!("10000000000"));
}

/// Neighbourhoods, costs of up to ten digits, some hundreds of voters: no count takes long or is refused.
#[test]
fn large_budgets_are_counted() {
    let mut state = 2026u64;
    let mut below = |bound: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % bound
    };
    for round in [0, 2, 5] {
        let scale = 10u64.pow(3 + round);
        let projects: Vec<Value> =
            (0..40).map(|it| json!({ "id": format!("p{it}"), "cost": (1 + below(9 * scale)).to_string() })).collect();
        let ballots: Vec<Value> = (0..300)
            .map(|_| {
                let approved: std::collections::BTreeSet<u64> = (0..below(8)).map(|_| below(40)).collect();
                json!([1 + below(9), approved])
            })
            .collect();
        let input = json!({ "budget": (40 * scale).to_string(), "projects": projects, "ballots": ballots });
        let result = answer("participatory_budget", &input);
        let cost: u64 = result["results"]["mes-add1u"]["cost"].as_str().expect("a cost").parse().expect("whole");
        assert!(cost <= 40 * scale);
    }
}
