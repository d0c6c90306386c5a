//! An election that a file describes, held on a ledger in memory, gives the keys that counting the file gives.

use std::fs;
use std::path::Path;

use urne_exchange::{CountRefusal, Format, Options, Staged, stage_file};
use urne_types::{Rejection, ballot::Answer, bounded::List};

fn stage(case: &str) -> Result<Staged, CountRefusal> {
    stage_file(case.as_bytes(), Format::Case, &Options::default())
}

/// How many keys were compared; none may differ.
fn held(case: &str) -> usize {
    let staged = stage(case).unwrap_or_else(|refusal| panic!("{refusal}: {case:.300}"));
    let questions = staged.held_in_memory().expect("the contract takes it");
    assert_eq!(staged.differences(&questions).expect("a result"), []);
    staged.keys(&questions).expect("a result").len()
}

fn case(kind: &str, input: &str) -> String {
    format!("{{\"kind\": \"{kind}\", \"input\": {input}}}")
}

/// How many keys the answer of this kind has at least.
fn least_keys(case: &str) -> usize {
    match () {
        () if case.contains(r#""kind":"majority_judgment_tally""#) => 2,
        () if case.contains(r#""kind":"majority_judgment_colleges""#) => 3,
        () => 5,
    }
}

#[test]
fn every_shared_case_is_held_with_the_same_keys_or_refused_for_a_reason() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vote-contract/tests/cases");
    let mut refused = Vec::new();
    let mut agreed = 0;
    for entry in fs::read_dir(folder).expect("the shared cases") {
        let path = entry.expect("a file").path();
        let text = fs::read_to_string(&path).expect("a text");
        match stage(&text) {
            Ok(_) => {
                assert!(least_keys(&text) <= held(&text), "{}", path.display());
                agreed += 1;
            }
            Err(refusal) => {
                assert_eq!((refusal.code(), refusal.name()), (118, "NotOnLedger"), "{}", path.display());
                refused.push(path.file_stem().expect("a name").to_string_lossy().into_owned());
            }
        }
    }
    refused.sort();
    assert_eq!(
        refused,
        [
            "college-medoc-worked-example", // a second round in one college
            "ledger-double-vote-refused",   // stories: `urne count` runs them through the contract
            "ledger-outside-window",
            "ledger-revote-last-counts",
            "ledger-simple",
            "mj-mieuxvoter-03", // 72 million voters
        ]
    );
    assert_eq!(agreed, 21);
}

#[test]
fn a_resolution_of_five_colleges_is_held_under_its_own_statutes() {
    let colleges = |blank: u64| {
        format!(
            r#"[{{"name":"A","weight_bp":3000,"members":9,"pour":5,"contre":1,"blanc":{blank}}},
                {{"name":"B","weight_bp":2000,"members":6,"pour":1,"contre":3,"abstention":1}},
                {{"name":"C","weight_bp":2000,"members":4,"pour":2,"contre":2}},
                {{"name":"D","weight_bp":2000,"members":3,"pour":0,"contre":0}},
                {{"name":"E","weight_bp":1000,"members":1,"pour":1,"contre":0}}]"#
        )
    };
    for mode in ["proportional", "bloc", "bloc60_abstention_pour"] {
        for rest in [r#""absent_college":"kept""#, r#""absent_college":"redistributed","quorum":"1/2""#] {
            let input = format!(r#"{{"colleges":{},"mode":"{mode}","threshold":"1/2",{rest}}}"#, colleges(2));
            assert_eq!(held(&case("college_resolution", &input)), 7);
        }
    }
}

#[test]
fn a_null_ballot_is_cast_as_a_blank_one_which_weighs_the_same() {
    let college = |name: &str, weight: u64| {
        format!(r#"{{"name":"{name}","weight_bp":{weight},"members":9,"pour":3,"contre":2,"nul":2,"blanc":1}}"#)
    };
    let colleges = [college("A", 4000), college("B", 3000), college("C", 3000)].join(",");
    for mode in ["proportional", "bloc", "bloc60_abstention_pour"] {
        let input = format!(r#"{{"colleges":[{colleges}],"mode":"{mode}","threshold":"1/2","quorum":"8/9"}}"#);
        assert_eq!(held(&case("college_resolution", &input)), 7);
    }
}

#[test]
fn tallies_are_held_by_ballots_that_add_up_to_them() {
    let rows = "[[2,2,2,1,2],[0,4,0,0,0],[0,0,0,0,0],[3,3,3,0,0]]";
    for mode in [
        r#""mode":"StaticDefault","default":0"#,
        r#""mode":"StaticDefault","default":3"#,
        r#""mode":"MedianDefault""#,
        r#""mode":"Normalized""#,
    ] {
        let input = format!(r#"{{"participants":12,"tallies":{rows},{mode}}}"#);
        assert_eq!(held(&case("majority_judgment_tally", &input)), 2, "{mode}");
    }
    let staged = stage(&case("majority_judgment_tally", r#"{"participants":3,"tallies":[[1,2],[3,0]]}"#));
    let electors = staged.expect("a full tally").electors;
    let said: Vec<_> = electors.iter().map(|it| it.answers.as_ref().expect("all come")[0].clone()).collect();
    let grades = |of: [u8; 2]| Answer::Grades(List::new(of.map(Some).to_vec()).expect("two"));
    assert_eq!(said, [grades([0, 0]), grades([1, 0]), grades([1, 0])]);
}

#[test]
fn a_seed_that_no_lot_was_drawn_with_changes_nothing() {
    let seed = "ab".repeat(32);
    let input = format!(r#"{{"candidates":["a","b"],"seats":1,"seed":"{seed}","ballots":[[2,[[0]]],[1,[[1]]]]}}"#);
    assert_eq!(held(&case("stv_scottish", &input)), 7);
}

#[test]
fn colleges_may_be_more_than_a_chain_has_at_least() {
    let college = |weight| format!(r#"{{"weight_bp":{weight},"members":2,"pour":2,"contre":0}}"#);
    let colleges: Vec<String> = (0..8)
        .map(|i| college(if i < 2 { 2000 } else { 1000 }).replace("{\"w", &format!("{{\"name\":\"{i}\",\"w")))
        .collect();
    let input = format!(r#"{{"colleges":[{}],"mode":"bloc","threshold":"1/2"}}"#, colleges.join(","));
    let staged = stage(&case("college_resolution", &input)).expect("eight colleges");
    assert_eq!(staged.colleges(), 8);
    assert_eq!(held(&case("college_resolution", &input)), 7);
}

#[test]
fn points_are_given_as_they_are_written() {
    let input = r#"{"budget":"100.50","projects":[{"id":"a","cost":"60.50"},{"id":"b","cost":40},{"id":"c","cost":"40.25"}],
        "ballots":[[2,[[0,3],[1,1]]],[3,[[2,2]]],[1,[]]]}"#;
    assert_eq!(held(&case("participatory_budget", input)), 20);
}

#[test]
fn flawed_papers_reach_the_ledger_as_their_kind_reads_them() {
    let ballots = r#""ballots":[[3,[[0],[],[2]]],[2,[[1],[1],[0]]],[2,[[0,1],[2]]],[1,[]]]"#;
    let input = format!(r#"{{"candidates":["a","b","c"],"seats":1,{ballots}}}"#);
    held(&case("stv_scottish", &input));
    held(&case("irv_to_last_two", &input));
    let once = r#"{"candidates":["a","b","c"],"ballots":[[3,[[0],[],[2]]],[2,[[1],[0]]],[2,[[0,1],[2]]],[1,[]]]}"#;
    held(&case("ranked_single", once));
}

#[test]
fn an_urn_of_blank_ballots_is_compared_but_for_who_wins() {
    let input = r#"{"candidates":["a","b"],"ballots":[[3,[]]]}"#;
    assert_eq!(held(&case("approval", input)), 4);
    // Of these two kinds `urne count` says, as the ledger does, that nobody is elected.
    let ranked = r#"{"candidates":["a","b","c"],"seats":2,"ballots":[[3,[]]]}"#;
    for (kind, who, nobody) in [("stv_scottish", "elected", "[]"), ("irv_to_last_two", "winner", "null")] {
        let staged = stage(&case(kind, ranked)).expect("a case");
        let questions = staged.held_in_memory().expect("held");
        assert_eq!(staged.differences(&questions).expect("a result"), [], "{kind}");
        let keys = staged.keys(&questions).expect("a result");
        let said = keys.iter().find(|(key, _)| key == who).map(|(_, said)| said.to_string());
        assert_eq!(said.as_deref(), Some(nobody), "{kind}");
    }
    let named = r#"{"candidates":["a","b"],"ballots":[[3,[]],[1,[1]]]}"#;
    assert_eq!(held(&case("approval", named)), 5);
}

#[test]
fn one_ballot_less_is_a_difference_that_names_its_keys() {
    let one = stage(&case("approval", r#"{"candidates":["a","b"],"ballots":[[3,[0]],[2,[1]]]}"#)).expect("a case");
    let other = stage(&case("approval", r#"{"candidates":["a","b"],"ballots":[[3,[0]],[1,[1]]]}"#)).expect("a case");
    let differences = one.differences(&other.held_in_memory().expect("held")).expect("a result");
    let keys: Vec<&str> = differences.iter().map(|it| it.key.as_str()).collect();
    assert_eq!(keys, ["tally", "ballots"]);
    assert_eq!(differences[1].count.to_string(), "5");
    assert_eq!(differences[1].ledger.to_string(), "4");
}

#[test]
fn what_a_ledger_does_not_hold_is_refused_with_a_reason() {
    let seed = "ab".repeat(32);
    let drawn = format!(r#"{{"candidates":["a","b"],"seats":1,"seed":"{seed}","ballots":[[1,[[0]]],[1,[[1]]]]}}"#);
    let many = r#"{"candidates":["a","b"],"ballots":[[100001,[0]]]}"#;
    let none = r#"{"candidates":["a","b"],"ballots":[]}"#;
    for (kind, input, why) in [
        ("stv_scottish", drawn.as_str(), "a lot was drawn with its declared seed"),
        ("approval", many, "more than 100,000 members"),
        ("approval", none, "nobody may vote"),
    ] {
        let refusal = stage(&case(kind, input)).expect_err(why);
        assert_eq!(refusal.code(), 118);
        assert!(refusal.to_string().contains(why), "{refusal}");
    }
}

#[test]
fn what_the_contract_refuses_is_refused_before_any_network_by_its_rule() {
    let alone = r#"{"candidates":["a"],"ballots":[[2,[[0]]]]}"#;
    let staged = stage(&case("irv_to_last_two", alone)).expect("it can be counted");
    assert_eq!(staged.judge(), Err(CountRefusal::Contract { rule: Rejection::BadChoices }));
    let two = stage(&case("irv_to_last_two", r#"{"candidates":["a","b"],"ballots":[[2,[[0]]]]}"#)).expect("a case");
    assert_eq!(two.judge(), Ok(()));
}

#[test]
fn any_file_becomes_a_case_that_is_staged_alike() {
    let blt = "2 1\n3 1 2 0\n2 2 1 0\n0\n\"Ana\"\n\"Bo\"\n\"Board\"\n";
    let options = Options { kind: Some("stv_scottish".to_owned()), ..Options::default() };
    let staged = stage_file(blt.as_bytes(), Format::Blt, &options).expect("a file");
    let again = stage(&staged.case().to_string()).expect("a case");
    assert_eq!((&again.questions, &again.electors), (&staged.questions, &staged.electors));
    assert_eq!(again.counted, staged.counted);
}
