//! What the statutes would say of an assembly that has not met.
use serde_json::{Value, json};
use urne_exchange::{read_statutes, simulate};
use urne_types::CollegeId;

fn statutes() -> Value {
    let nothing = json!({ "blank": "nothing", "null": "nothing", "abstention": "nothing", "absence": "nothing" });
    json!({
        "version": 1, "name": "SCIC du Lac", "profile": "scic", "voice": "per_college", "electorate": "frozen_at_opening",
        "silence": nothing, "attendance": "1/4", "notice_ms": 0,
        "colleges": {
            "weights": [{ "college": 1, "weight_bp": 5000 }, { "college": 2, "weight_bp": 3000 }, { "college": 3, "weight_bp": 2000 }],
            "aggregation": "proportional", "silent_college": "kept", "attendance": "1/3", "small_floor": 5, "small_colleges": "merged",
        },
        "second_call": { "attendance": null, "silence": nothing, "notice_ms": 0 },
        "majorities": [
            { "decision": "ordinary", "threshold": { "more_than": "1/2" } },
            { "decision": "extraordinary", "threshold": { "at_least": "2/3" } },
        ],
    })
}

/// A: 6 for, 2 against of 20; B: 12 of 36 come, 3 for, 9 against; C: 1 for of 3.
fn file() -> Value {
    json!({ "statutes": statutes(), "hypothesis": { "decision": "ordinary", "colleges": [
        { "college": 1, "name": "Salariés", "members": 20, "pour": 6, "contre": 2 },
        { "college": 2, "name": "Usagers", "members": 36, "present": 12, "pour": 3, "contre": 9 },
        { "college": 3, "members": 3, "pour": 1, "contre": 0 },
    ] } })
}

fn run(file: &Value, come: &[(u16, u64)]) -> Value {
    let come: Vec<_> = come.iter().map(|it| (CollegeId::new(it.0), it.1)).collect();
    let simulation = simulate(&file.to_string(), &come).unwrap_or_else(|e| panic!("{e}"));
    serde_json::from_str(&simulation.to_json().to_string()).expect("JSON")
}

#[test]
fn votes_and_attendance_are_weighed_as_the_statutes_say() {
    // 5000 × 3/4 + 3000 × 1/4 + 2000 × 1 = 6500.
    let answer = run(&file(), &[]);
    assert_eq!((&answer["ratio"], &answer["adopted"]), (&json!("13/20"), &json!(true)));
    assert_eq!(answer["assembly"], json!({ "members": 59, "present": 21, "needed": 15, "attendance_reached": true }));
    let needed: Vec<&Value> = answer["colleges"].as_array().expect("a list").iter().map(|it| &it["needed"]).collect();
    assert_eq!(needed, [&json!(7), &json!(12), &json!(1)]);
    assert_eq!(
        (&answer["colleges"][2]["shown_apart"], &answer["colleges"][1]["pour_share"]),
        (&json!(false), &json!("1/4"))
    );
    assert_eq!(answer["one_person_one_vote"], json!({ "pour": 10, "contre": 11 }));
    let mut two_thirds = file();
    two_thirds["hypothesis"]["decision"] = json!("extraordinary");
    assert_eq!(run(&two_thirds, &[])["adopted"], json!(false));
}

#[test]
fn one_member_less_and_the_college_misses_its_attendance() {
    let mut fewer = file();
    fewer["hypothesis"]["colleges"][1] = json!({ "college": 2, "members": 37, "present": 12, "pour": 3, "contre": 9 });
    let answer = run(&fewer, &[]);
    assert_eq!((&answer["colleges"][1]["attendance_reached"], &answer["adopted"]), (&json!(false), &json!(false)));
    fewer["hypothesis"]["call"] = json!("second");
    let second = run(&fewer, &[]);
    assert_eq!((&second["call"], &second["adopted"]), (&json!("second"), &json!(true)), "no attendance is asked then");
}

#[test]
fn what_if_twelve_of_college_two_come() {
    let mut quiet = file();
    for (college, members) in [(0, 20), (1, 36), (2, 3)] {
        quiet["hypothesis"]["colleges"][college] = json!({ "college": college + 1, "members": members });
    }
    let nobody = run(&quiet, &[]);
    assert_eq!((&nobody["assembly"]["attendance_reached"], &nobody["adopted"]), (&json!(false), &Value::Null));
    let some = run(&quiet, &[(1, 7), (2, 12), (3, 1)]);
    assert_eq!(some["assembly"]["attendance_reached"], json!(true));
    assert_eq!(run(&quiet, &[(1, 7), (2, 11), (3, 1)])["assembly"]["attendance_reached"], json!(false));
    let table = simulate(&quiet.to_string(), &[(CollegeId::new(2), 12)]).expect("simulated").to_string();
    assert!(table.contains("too few") && table.contains("cannot decide") && table.contains("50.00 %"), "{table}");
}

/// A member has one voice, or one in each college: a and b are in colleges 1 and 2, c is in 3. a and b vote against in 1, c for
/// in 3; who is absent counts for. By hand in docs/counting.md.
fn shared(voice: &str) -> Value {
    let mut file = file();
    let statutes = &mut file["statutes"];
    statutes["voice"] = json!(voice);
    statutes["silence"]["absence"] = json!("for");
    statutes["attendance"] = json!("1/1");
    statutes["colleges"]["attendance"] = Value::Null;
    for (college, weight) in [4000, 2000, 4000].into_iter().enumerate() {
        statutes["colleges"]["weights"][college]["weight_bp"] = json!(weight);
    }
    file["hypothesis"]["colleges"] = json!([
        { "college": 1, "members": 2, "pour": 0, "contre": 2 },
        { "college": 2, "members": 2 },
        { "college": 3, "members": 1, "pour": 1, "contre": 0 },
    ]);
    file
}

#[test]
fn where_a_member_has_one_voice_persons_are_counted_and_not_their_places() {
    let mut one = shared("per_member");
    one["hypothesis"]["persons"] = json!(3);
    one["hypothesis"]["colleges"][1]["elsewhere"] = json!(2);
    let answer = run(&one, &[]);
    assert_eq!(answer["assembly"], json!({ "members": 3, "present": 3, "needed": 3, "attendance_reached": true }));
    assert_eq!((&answer["ratio"], &answer["colleges"][1]["members"]), (&json!("2/5"), &json!(0)));
    let each = run(&shared("per_college"), &[]);
    assert_eq!(each["assembly"], json!({ "members": 5, "present": 3, "needed": 5, "attendance_reached": false }));
    assert_eq!(each["ratio"], json!("3/5"));
}

#[test]
fn without_colleges_a_member_with_one_voice_is_one_person_too() {
    let mut one = shared("per_member");
    one["statutes"]["colleges"] = Value::Null;
    one["hypothesis"]["persons"] = json!(4);
    // Three of four came: two against, one for, and the fourth counts for.
    one["hypothesis"]["colleges"][1]["elsewhere"] = json!(1);
    assert_eq!(run(&one, &[])["ratio"], json!("1/2"));
}

#[test]
fn persons_that_cannot_be_are_refused_and_never_guessed() {
    type Edit = fn(&mut Value);
    let cases: [(&str, Edit, u16, Option<usize>); 7] = [
        ("not said", |it| drop(it.as_object_mut().expect("an object").remove("persons")), 107, None),
        ("fewer than come", |it| it["persons"] = json!(2), 104, None),
        ("more than there are places for", |it| it["persons"] = json!(4), 104, None),
        ("absent from a college, and at home nowhere", |it| it["colleges"][1]["members"] = json!(9), 104, None),
        ("voting elsewhere where nobody does", |it| it["colleges"][0]["elsewhere"] = json!(2), 104, Some(1)),
        ("elsewhere and here", |it| it["colleges"][1]["elsewhere"] = json!(3), 104, Some(2)),
        ("misspelt", |it| it["colleges"][1]["elswhere"] = json!(1), 120, Some(1)),
    ];
    for (description, edit, code, line) in cases {
        let mut file = shared("per_member");
        file["hypothesis"]["persons"] = json!(3);
        file["hypothesis"]["colleges"][1]["elsewhere"] = json!(2);
        edit(&mut file["hypothesis"]);
        let refusal = simulate(&file.to_string(), &[]).expect_err(description);
        assert_eq!((refusal.code(), refusal.line()), (code, line), "{description}: {refusal}");
    }
    let mut each = shared("per_college");
    each["hypothesis"]["persons"] = json!(3);
    assert_eq!(simulate(&each.to_string(), &[]).expect_err("voices, not persons").code(), 104);
}

#[test]
fn every_kind_of_decision_is_simulated_unless_one_is_asked() {
    let mut any = file();
    any["hypothesis"].as_object_mut().expect("an object").remove("decision");
    let answer = run(&any, &[]);
    assert_eq!(answer["decisions"], json!({ "ordinary": true, "extraordinary": false }), "13/20 is under two thirds");
    assert_eq!((&answer["ratio"], &answer["adopted"]), (&json!("13/20"), &Value::Null));
    let table = simulate(&any.to_string(), &[]).expect("simulated").to_string();
    assert!(table.contains("ordinary: adopted") && table.contains("extraordinary: rejected"), "{table}");
    assert_eq!(run(&file(), &[])["decisions"], json!({ "ordinary": true }));
    any["statutes"]["attendance"] = json!("1/2");
    assert_eq!(run(&any, &[])["decisions"], json!({ "ordinary": false, "extraordinary": false }), "21 of 59");
}

#[test]
fn statutes_with_a_second_round_in_a_college_are_refused_with_the_reason() {
    let bloc = |rest: Value| {
        let mut statutes = statutes();
        statutes["colleges"]["aggregation"] = json!({ "bloc": rest });
        statutes
    };
    let (plain, twice) = (
        json!({ "majority": "3/5", "undecided": "against" }),
        json!({ "majority": "3/5", "undecided": "against", "second_round": true }),
    );
    assert!(read_statutes(&bloc(plain).to_string()).is_ok());
    let refusal = read_statutes(&bloc(twice.clone()).to_string()).expect_err("no ledger holds it");
    assert_eq!((refusal.code(), refusal.name()), (118, "NotOnLedger"));
    assert!(refusal.to_string().contains("declare what an undecided college counts as"), "{refusal}");
    let mut file = file();
    file["statutes"] = bloc(twice);
    assert_eq!(simulate(&file.to_string(), &[]), Err(refusal));
    assert_eq!(read_statutes("{}").expect_err("no statutes").code(), 112);
}

#[test]
fn without_colleges_each_member_has_one_voice() {
    let mut free = file();
    free["statutes"]["colleges"] = Value::Null;
    let answer = run(&free, &[]);
    assert_eq!((&answer["ratio"], &answer["adopted"]), (&json!("10/21"), &json!(false)));
}

#[test]
fn unlawful_statutes_decide_nothing_and_say_why() {
    let mut heavy = file();
    heavy["statutes"]["colleges"]["weights"][0]["weight_bp"] = json!(6000);
    let answer = run(&heavy, &[]);
    assert_eq!(answer["faults"].as_array().map(Vec::len), Some(2), "over half, and 110 % together: {answer}");
    assert_eq!(answer["adopted"], Value::Null);
    heavy["statutes"]["profile"] = json!("free");
    assert_eq!(run(&heavy, &[])["faults"].as_array().map(Vec::len), Some(1));
}

#[test]
fn what_the_ledger_would_not_take_as_statutes_decides_nothing() {
    type Edit = fn(&mut Value);
    let cases: [(&str, Edit); 4] = [
        ("one category of members", |it| it["categories"] = json!([{ "name": "Salariés" }])),
        ("one decision twice", |it| {
            it["majorities"][1] = json!({ "decision": "ordinary ", "threshold": { "more_than": "2/3" } });
        }),
        ("a college twice", |it| {
            it["colleges"]["weights"] = json!([{ "college": 1, "weight_bp": 5000 },
                { "college": 2, "weight_bp": 3000 }, { "college": 2, "weight_bp": 2000 }]);
        }),
        ("a category of no college", |it| {
            it["profile"] = json!("free");
            it["categories"] = json!([{ "name": "Salariés", "college": 9 }]);
        }),
    ];
    for (description, edit) in cases {
        let mut file = file();
        edit(&mut file["statutes"]);
        if description == "a college twice" {
            file["hypothesis"]["colleges"].as_array_mut().expect("a list").pop();
        }
        let answer = run(&file, &[]);
        assert_eq!(answer["faults"].as_array().map(Vec::len), Some(1), "{description}: {answer}");
        assert_eq!(answer["adopted"], Value::Null, "{description}");
    }
    assert_eq!(run(&file(), &[])["faults"], json!([]));
}

#[test]
fn impossible_hypotheses_are_refused_by_number_and_line() {
    type Edit = fn(&mut Value);
    let cases: [(&str, Edit, u16, Option<usize>); 12] = [
        ("a key misspelt", |it| it["hypothesis"]["colleges"][1]["abstentions"] = json!(4), 120, Some(1)),
        ("a key of no meaning", |it| it["hypothesis"]["weather"] = json!("fine"), 120, Some(1)),
        ("no statutes", |it| drop(it.as_object_mut().expect("an object").remove("statutes")), 103, None),
        ("statutes with an unknown key", |it| it["statutes"]["couleur"] = json!("bleu"), 112, Some(1)),
        ("a share over one", |it| it["statutes"]["attendance"] = json!("5/4"), 112, Some(1)),
        ("an unknown decision", |it| it["hypothesis"]["decision"] = json!("caprice"), 104, None),
        ("a third call", |it| it["hypothesis"]["call"] = json!("third"), 104, None),
        ("more votes than present", |it| it["hypothesis"]["colleges"][1]["present"] = json!(11), 104, Some(2)),
        ("more present than members", |it| it["hypothesis"]["colleges"][1]["members"] = json!(11), 104, Some(2)),
        ("a college twice", |it| it["hypothesis"]["colleges"][2]["college"] = json!(1), 105, Some(3)),
        ("a college without weight", |it| it["hypothesis"]["colleges"][2]["college"] = json!(9), 104, Some(3)),
        (
            "a college forgotten",
            |it| drop(it["hypothesis"]["colleges"].as_array_mut().expect("a list").pop()),
            116,
            None,
        ),
    ];
    for (description, edit, code, line) in cases {
        let mut wrong = file();
        edit(&mut wrong);
        let refusal = simulate(&wrong.to_string(), &[]).expect_err(description);
        assert_eq!((refusal.code(), refusal.line()), (code, line), "{description}: {refusal}");
    }
    let refusal = simulate(&file().to_string(), &[(CollegeId::new(9), 1)]).expect_err("nobody there");
    assert_eq!(refusal.code(), 116);
    let twice = [(CollegeId::new(2), 11), (CollegeId::new(2), 12)];
    let refusal = simulate(&file().to_string(), &twice).expect_err("which of the two?");
    assert_eq!((refusal.code(), refusal.line()), (105, Some(2)), "{refusal}");
    let mut first = file();
    first["statutes"]["second_call"] = Value::Null;
    first["hypothesis"]["call"] = json!("second");
    assert_eq!(simulate(&first.to_string(), &[]).expect_err("no second call").code(), 104);
}

#[test]
fn statutes_that_are_none_are_refused_at_their_line_of_the_file() {
    let mut file = shared("per_college");
    file["statutes"]["notice_ms"] = json!("soon");
    let line = |text: &str| text.lines().position(|it| it.contains("soon")).expect("it is there") + 1;
    let whole = serde_json::to_string_pretty(&file).expect("JSON");
    let refusal = simulate(&whole, &[]).expect_err("no statutes");
    assert_eq!((refusal.code(), refusal.line()), (112, Some(line(&whole))), "{refusal}");
    let alone = serde_json::to_string_pretty(&file["statutes"]).expect("JSON");
    let refusal = read_statutes(&alone).expect_err("no statutes");
    assert_eq!((refusal.code(), refusal.line()), (112, Some(line(&alone))), "{refusal}");
}
