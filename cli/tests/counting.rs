//! What works without a node: counting files, making a census out of a sheet, trying statutes.
mod common;

use common::{Desk, json, refused, urne};
use serde_json::json;
use std::{fs, os::unix::fs::PermissionsExt};

fn case(name: &str) -> String {
    format!("{}/../vote-contract/tests/cases/{name}.json", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn every_shared_case_is_counted_by_the_program() {
    let folder = format!("{}/../vote-contract/tests/cases", env!("CARGO_MANIFEST_DIR"));
    for entry in fs::read_dir(folder).expect("cases") {
        let path = entry.expect("a file").path();
        let run = urne(&["count", path.to_str().expect("text")]);
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", path.display());
        assert_eq!(run.out.lines().count(), 1, "one JSON object");
    }
}

#[test]
fn a_story_of_ballots_is_run_by_the_contract() {
    let answer = json(&["count", &case("ledger-outside-window")]);
    assert_eq!(answer["results"], json!(["not_open", "ok", "ok", "closed"]));
}

#[test]
fn a_refusal_is_one_json_object_on_standard_error() {
    let desk = Desk::new();
    fs::write(desk.path("twice.json"), "{\"kind\": \"approval\",\n \"kind\": \"approval\"}").expect("write");
    let run = urne(&["count", &desk.at("twice.json")]);
    let error: serde_json::Value = serde_json::from_str(&run.err).expect("JSON");
    assert_eq!((run.code, run.out.as_str()), (1, ""));
    assert_eq!(
        (&error["error"]["code"], &error["error"]["line"], &error["error"]["name"]),
        (&json!(108), &json!(2), &json!("DuplicateKey"))
    );
}

#[test]
fn other_formats_are_told_by_their_extension_or_declared() {
    let desk = Desk::new();
    fs::write(desk.path("board.blt"), "2 1\n3 1 2 0\n2 2 1 0\n0\n\"Ana\"\n\"Bo\"\n\"Board\"\n").expect("write");
    fs::write(desk.path("papers.txt"), "Ana;Bo\n1;\n1;1\n").expect("write");
    assert_eq!(json(&["count", "--kind", "stv_scottish", &desk.at("board.blt")])["elected"], json!(["Ana"]));
    let sheet = ["count", "--format", "csv", "--kind", "approval", &desk.at("papers.txt")];
    assert_eq!(json(&sheet)["tally"], json!({ "Ana": 2, "Bo": 1 }));
    refused(1, "give --kind", &["count", &desk.at("board.blt")]);
    refused(1, "NotJson", &["count", &desk.at("papers.txt")]);
}

#[test]
fn a_sheet_becomes_a_census_and_names_stay_in_a_private_file() {
    let desk = Desk::new();
    let key = |n: u8| urne_types::SecretKey::from_seed(&[n; 32]).public().to_string();
    let (ana, bo) = (key(1), key(2));
    let sheet = format!("\u{feff}Nom;Collège;Clé\r\nAna É.;Usagers;{ana}\r\nBo;2;{bo}\r\n;;\r\n");
    fs::write(desk.path("members.csv"), &sheet).expect("write");
    let (members, made) = (desk.at("members.csv"), desk.at("made"));
    let arguments = [
        "census",
        "import",
        &members,
        "--output",
        &made,
        "--college",
        "2=Usagers",
        "--column",
        "name=Nom",
        "--column",
        "college=Collège",
        "--column",
        "public_key=Clé",
    ];
    let report = json(&arguments);
    assert_eq!(
        (&report["sound"], &report["members"], &report["problems"]),
        (&json!(true), &json!({ "2": 2 }), &json!([]))
    );
    let public = fs::read_to_string(desk.path("made/census.csv")).expect("the public file");
    assert!(public.contains(&ana) && public.contains(&bo) && !public.contains("Ana"));
    let private = fs::read_to_string(desk.path("made/private.json")).expect("the private file");
    assert!(private.contains("Ana É.") && private.contains(&ana));
    let rights = fs::metadata(desk.path("made/private.json")).expect("rights").permissions().mode();
    assert_eq!(rights & 0o777, 0o600);
    refused(3, "made", &arguments); // an older census is never written over

    fs::write(desk.path("bad.csv"), sheet.replace("Bo;2", "Bo;7")).expect("write");
    let bad = desk.at("bad.csv");
    let mut wrong = arguments;
    (wrong[2], wrong[4]) = (&bad, "nowhere");
    refused(1, "line 3: error 203: '7' is no college", &wrong);
    assert!(!desk.path("nowhere").exists());
    let run = urne(&[&wrong[..], &["--json"]].concat());
    let report: serde_json::Value = serde_json::from_str(&run.err).expect("JSON");
    assert_eq!((&report["sound"], &report["problems"][0]["line"]), (&json!(false), &json!(3)));
}

#[test]
fn statutes_say_what_would_happen_if_twelve_came() {
    let desk = Desk::new();
    let nothing = json!({ "blank": "nothing", "null": "nothing", "abstention": "nothing", "absence": "nothing" });
    let file = json!({
        "statutes": {
            "version": 1, "name": "Association", "profile": "association", "voice": "per_member", "electorate": "frozen_at_opening",
            "silence": nothing, "attendance": "1/2", "notice_ms": 0,
            "majorities": [{ "decision": "ordinary", "threshold": "simple" }],
        },
        "hypothesis": { "decision": "ordinary", "colleges": [{ "college": 2, "members": 24, "pour": 5, "contre": 4 }] },
    });
    fs::write(desk.path("what-if.json"), file.to_string()).expect("write");
    let what_if = desk.at("what-if.json");
    assert_eq!(json(&["statutes", "simulate", &what_if])["adopted"], json!(false));
    let twelve = ["statutes", "simulate", &what_if, "--come", "2=12"];
    assert_eq!(json(&twelve)["adopted"], json!(true));
    let table = urne(&twelve);
    assert!(table.out.contains("attendance reached; 5/9 for\nordinary: adopted"), "{table:?}");
    refused(1, "at least as many as come", &["statutes", "simulate", &what_if, "--come", "2=25"]);
    refused(2, "COLLEGE=NUMBER", &["statutes", "simulate", &what_if, "--come", "twelve"]);
}

#[test]
fn a_command_line_that_makes_no_sense_is_told_in_the_form_that_was_asked_for() {
    let told = urne(&["--json", "cast"]);
    let error: serde_json::Value = serde_json::from_str(&told.err).expect("JSON");
    assert_eq!((told.code, &error["error"]["name"]), (2, &json!("usage")), "{told:?}");
    let written = urne(&["cast"]);
    assert!(written.code == 2 && written.err.starts_with("error:"), "{written:?}");
    assert_eq!(urne(&["--json", "--help"]).code, 0, "help is an answer");
}
