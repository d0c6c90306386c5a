//! A chain made by several hands: the file travels, each operator adds her record, everyone names the same chain.
mod common;
use common::{Desk, json, refused, urne};
use serde_json::Value;

const COLLEGES: [&str; 8] = [
    "--college",
    "1:Habitants:4000",
    "--college",
    "2:Salariés:3000",
    "--college",
    "3:Commune:3000",
    "--college",
    "4:Garants:0:3000",
];

/// A ceremony's file and the homes of its operators, each with its own passphrase.
fn begun(operators: usize) -> (Desk, String) {
    let desk = Desk::new();
    let file = desk.at("ceremony.toml");
    json(&[&["genesis", "new", &file, "--name", "Régie de l'eau"], COLLEGES.as_slice()].concat());
    for i in 1..=operators {
        let phrase = desk.passphrase(&format!("phrase{i}"), &format!("a passphrase of operator {i}\n"));
        json(&[
            "init",
            "--home",
            &desk.at(&format!("home{i}")),
            "--passphrase-file",
            &phrase,
            "--with-administrator-key",
        ]);
    }
    (desk, file)
}

fn add(desk: &Desk, file: &str, operator: usize, college: &str) -> Value {
    let (home, phrase) = (desk.at(&format!("home{operator}")), desk.at(&format!("phrase{operator}")));
    let (name, address) = (format!("v{operator}"), format!("/ip4/192.0.2.{operator}/tcp/26600"));
    let who = ["--home", &home, "--passphrase-file", &phrase];
    let what = ["genesis", "add-validator", file, "--college", college, "--name", &name, "--address", &address];
    json(&[what.as_slice(), who.as_slice()].concat())
}

#[test]
fn four_operators_on_four_machines_name_the_same_chain_in_any_order() {
    let (desk, file) = begun(4);
    let other = desk.at("other/ceremony.toml");
    std::fs::create_dir(desk.path("other")).expect("folder");
    std::fs::copy(&file, &other).expect("the file travels by mail");
    for (operator, college) in [(1, "1"), (2, "2"), (3, "3"), (4, "4")] {
        let said = add(&desk, &file, operator, college);
        assert_eq!(said["chain_id"].is_string(), operator == 4, "{said}");
        assert_eq!(said["missing"].is_null(), operator == 4, "{said}");
    }
    for (operator, college) in [(3, "3"), (1, "1"), (4, "4"), (2, "2")] {
        add(&desk, &other, operator, college);
    }
    let (here, there) = (json(&["genesis", "finalize", &file]), json(&["genesis", "finalize", &other]));
    assert_eq!(here, there);
    let shown = json(&["genesis", "show", &desk.at("genesis.toml")]);
    assert_eq!(shown["chain_id"], here["chain_id"]);
    assert_eq!(here["chain_id"].as_str().expect("hex").len(), 64);
    assert_eq!(here["power"]["colleges"][0]["power"], "300000", "capped at 30 %");
    assert_eq!(here["power"]["halting"].as_array().expect("sets").len(), 6, "any two of four");
    assert!(shown["colleges"][3]["administrators"].as_array().is_some_and(|it| it.len() == 1));

    let node = desk.at("node");
    json(&["init", "--home", &node, "--unencrypted", "--genesis", &desk.at("genesis.toml")]);
    assert_eq!(json(&["genesis", "show", "--home", &node])["chain_id"], here["chain_id"]);
    refused(2, "exists already", &["genesis", "finalize", &file]);
}

#[test]
fn three_colleges_are_not_enough_unless_genesis_admits_it() {
    let (desk, file) = begun(3);
    for (operator, college) in [(1, "1"), (2, "2"), (3, "3")] {
        add(&desk, &file, operator, college);
    }
    refused(1, "four are needed", &["genesis", "finalize", &file]);
    let text = std::fs::read_to_string(&file).expect("read");
    std::fs::write(&file, text.replace("no_college_halts", "one_college_may_halt")).expect("write");
    refused(1, "a third or more", &["genesis", "finalize", &file]);
}

#[test]
fn an_unfinished_ceremony_says_what_is_missing() {
    let (desk, file) = begun(1);
    let run = urne(&["genesis", "show", &file]);
    assert!(run.code == 0 && run.out.contains("not complete: there is no validator yet"), "{run:?}");
    add(&desk, &file, 1, "1");
    refused(1, "administrator", &["genesis", "finalize", &file]);
}

#[test]
fn a_second_entry_of_the_same_node_or_in_an_unknown_college_is_refused_and_changes_nothing() {
    let (desk, file) = begun(1);
    add(&desk, &file, 1, "1");
    let before = std::fs::read(&file).expect("read");
    let (home, phrase) = (desk.at("home1"), desk.at("phrase1"));
    let again = |college| {
        vec![
            "genesis",
            "add-validator",
            &file,
            "--college",
            college,
            "--name",
            "x",
            "--address",
            "/ip4/192.0.2.1/tcp/1",
            "--home",
            &home,
            "--passphrase-file",
            &phrase,
        ]
    };
    refused(1, "appears twice", &again("2"));
    refused(1, "does not exist", &again("9"));
    assert_eq!(std::fs::read(&file).expect("read"), before);
}

#[test]
fn a_record_that_was_changed_on_its_way_is_refused() {
    let (desk, file) = begun(1);
    add(&desk, &file, 1, "1");
    let text = std::fs::read_to_string(&file).expect("read");
    std::fs::write(&file, text.replace("192.0.2.1", "198.51.100.1")).expect("write");
    refused(1, "not signed by its key", &["genesis", "show", &file]);
}

#[test]
fn a_wrong_passphrase_signs_nothing() {
    let (desk, file) = begun(1);
    let wrong = desk.passphrase("wrong", "another passphrase\n");
    let home = desk.at("home1");
    let base = ["genesis", "add-validator", &file, "--college", "1", "--name", "x", "--address", "/ip4/1.2.3.4/tcp/1"];
    refused(3, "does not open", &[base.as_slice(), &["--home", &home, "--passphrase-file", &wrong]].concat());
    refused(3, "give --passphrase-file", &[base.as_slice(), &["--home", &home]].concat());
}

#[test]
fn parameters_and_colleges_are_checked_as_they_are_typed() {
    let desk = Desk::new();
    let file = desk.at("c.toml");
    let new = |extra: &[&'static str]| [["genesis", "new", &file].as_slice(), extra].concat();
    refused(2, "write a college as", &new(&["--college", "Habitants"]));
    refused(1, "add up to 4000", &new(&["--college", "1:Habitants:4000"]));
    refused(2, "the parameters are", &new(&["--college", "1:H:10000", "--parameter", "speed=1"]));
    refused(1, "block_bytes_max", &new(&["--college", "1:H:10000", "--parameter", "block_bytes_max=9999999"]));
    json(&new(&["--college", "1:H:10000", "--parameter", "batching_ms=50"]));
    assert!(std::fs::read_to_string(&file).expect("read").contains("batching_ms = 50"));
}
