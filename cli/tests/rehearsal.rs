//! Real elections on real validators: `urne rehearse` starts them through `urne-testnet`, which a build of the whole workspace
//! puts beside `urne`.
mod common;

use common::{Desk, json, refused, urne};
use serde_json::{Value, json as value};
use std::{fs, path::Path};

fn case(name: &str) -> String {
    format!("{}/../vote-contract/tests/cases/{name}.json", env!("CARGO_MANIFEST_DIR"))
}

fn testnet_is_built() -> bool {
    Path::new(env!("CARGO_BIN_EXE_urne")).with_file_name("urne-testnet").exists()
}

/// What both counts say, and that no folder is left.
fn rehearsed(file: &str) -> Value {
    let answer = json(&["rehearse", file]);
    assert_eq!((&answer["equal"], &answer["differences"]), (&value!(true), &value!([])), "{answer}");
    assert_eq!((&answer["validators"], &answer["folder"]), (&value!(4), &Value::Null));
    answer
}

/// One test, so that one network runs at a time.
#[test]
fn an_approval_and_a_transferable_vote_are_held_by_four_validators_as_they_are_counted() {
    if !testnet_is_built() {
        refused(3, "urne-testnet is missing", &["rehearse", &case("approval-micro")]);
        return;
    }
    let approval = rehearsed(&case("approval-micro"));
    assert_eq!(approval["ballots"], 15);
    assert_eq!(approval["compared"], value!(["tally", "blank", "ballots", "order", "winners"]));
    let transferable = rehearsed(&case("stv-micro-surplus"));
    assert_eq!(transferable["ballots"], 17);
    assert_eq!(transferable["compared"], value!(["quota", "stages", "ties", "lots", "valid", "blank", "elected"]));
}

#[test]
fn what_no_ledger_holds_is_refused_by_its_number_before_anything_starts() {
    refused(1, "118 NotOnLedger", &["rehearse", &case("college-medoc-worked-example")]);
    let desk = Desk::new();
    fs::write(
        desk.path("alone.json"),
        r#"{"kind":"irv_to_last_two","input":{"candidates":["a"],"ballots":[[2,[[0]]]]}}"#,
    )
    .expect("write");
    refused(1, "109 Contract", &["rehearse", &desk.at("alone.json")]);
    let run = urne(&["rehearse", &case("ledger-simple"), "--json"]);
    let error: Value = serde_json::from_str(&run.err).expect("JSON");
    assert_eq!((run.code, &error["error"]["code"]), (1, &value!(118)));
}
