//! A node's folder through the commands: keys, guard, settings, testnet, exit codes.
mod common;
use common::{Desk, json, mode, refused, urne};

fn home() -> (Desk, String) {
    let desk = Desk::new();
    let home = desk.at("node");
    json(&["init", "--home", &home, "--unencrypted"]);
    (desk, home)
}

#[test]
fn init_makes_a_node_once_and_never_without_a_decision_on_encryption() {
    let (desk, home) = home();
    refused(3, "already holds a node", &["init", "--home", &home, "--unencrypted"]);
    refused(2, "--passphrase-file, or --unencrypted", &["init", "--home", &desk.at("other")]);
    assert!(!desk.path("other").exists(), "a refusal leaves nothing behind");
    let short = desk.passphrase("short", "short\n");
    refused(3, "12 to 1024 bytes", &["init", "--home", &desk.at("other"), "--passphrase-file", &short]);
}

#[test]
fn no_command_prints_a_secret() {
    let (desk, home) = home();
    let text = std::fs::read_to_string(desk.path("node/keys/validator.key")).expect("read");
    let file: serde_json::Value = serde_json::from_str(&text).expect("json");
    let secret = file["secret"]["plain"].as_str().expect("unencrypted").to_owned();
    for args in [
        vec!["keys", "show", "--home", &home],
        vec!["keys", "show", "--home", &home, "--json"],
        vec!["config", "show", "--home", &home, "--json"],
        vec!["keys", "guard", "show", "--home", &home],
    ] {
        let run = urne(&args);
        assert_eq!(run.code, 0, "{run:?}");
        assert!(!run.out.contains(&secret) && !run.err.contains(&secret), "{args:?}");
    }
}

#[test]
fn keys_are_made_shown_and_refused_when_others_may_read_them() {
    let desk = Desk::new();
    let file = desk.at("member.key");
    let made = json(&["keys", "new", "--role", "member", "--output", &file, "--unencrypted"]);
    assert_eq!(json(&["keys", "show", &file])["keys"][0], made);
    refused(3, "never replaced silently", &["keys", "new", "--output", &file, "--unencrypted"]);
    mode(&desk.path("member.key"), 0o644);
    refused(3, "chmod 600", &["keys", "show", &file]);
}

#[test]
fn the_guard_is_shown_reset_and_never_lowered() {
    let (desk, home) = home();
    assert!(json(&["keys", "guard", "show", "--home", &home])["height"].is_null(), "this key has never signed");
    assert_eq!(json(&["keys", "guard", "reset", "--height", "41", "--home", &home])["height"], "41");
    refused(2, "never lowered", &["keys", "guard", "reset", "--height", "40", "--home", &home]);
    std::fs::remove_file(desk.path("node/guard")).expect("remove");
    refused(3, "urne keys guard reset --height", &["keys", "guard", "show", "--home", &home]);
    assert_eq!(json(&["keys", "guard", "reset", "--height", "7", "--home", &home])["height"], "7");
}

#[test]
fn each_setting_says_where_it_comes_from() {
    let (_desk, home) = home();
    let shown = json(&["config", "show", "--home", &home, "--api-listen", "127.0.0.1:9", "--set", "log.format=json"]);
    let find = |key: &str| {
        let all = shown["settings"].as_array().expect("a list");
        all.iter().find(|it| it["key"] == key).unwrap_or_else(|| panic!("{key}: {shown}")).clone()
    };
    assert_eq!(find("api.listen")["origin"]["flag"], "--api-listen");
    assert_eq!(find("log.format")["value"], "json");
    assert!(find("p2p.listen")["origin"]["file"].as_str().is_some_and(|it| it.ends_with("config.toml")));
    refused(2, "unknown setting 'log.formatt'", &["config", "show", "--home", &home, "--set", "log.formatt=json"]);
    refused(3, "urne init", &["config", "show", "--home", "/nowhere"]);
}

#[test]
fn config_check_finds_what_would_stop_a_start() {
    let (desk, home) = home();
    refused(3, "would stop a start", &["config", "check", "--home", &home]);
    let net = desk.at("net");
    json(&["testnet", "--output", &net, "--base-port", "31000"]);
    let first = desk.at("net/node0");
    let checks = json(&["config", "check", "--home", &first]);
    assert!(checks["checks"].as_array().expect("a list").iter().all(|it| it["fault"].is_null()), "{checks}");
    mode(&desk.path("net/node0/keys/validator.key"), 0o640);
    refused(3, "1 of these would stop", &["config", "check", "--home", &first]);
}

#[test]
fn a_testnet_is_described_for_programs() {
    let desk = Desk::new();
    let net = desk.at("net");
    let made = json(&["testnet", "--output", &net, "--base-port", "31000", "--validators", "5"]);
    let text = std::fs::read_to_string(desk.path("net/network.json")).expect("read");
    let network: serde_json::Value = serde_json::from_str(&text).expect("json");
    assert_eq!(made["network"], network);
    let nodes = network["nodes"].as_array().expect("a list");
    assert_eq!(nodes.len(), 5);
    assert_eq!((&nodes[0]["college"], &nodes[4]["college"]), (&1.into(), &1.into()), "dealt in turn");
    assert_eq!(nodes[2]["api"], "http://127.0.0.1:31005");
    assert_eq!(nodes[2]["p2p"], "/ip4/127.0.0.1/tcp/31004");
    assert!(nodes[0]["administrator_key"].is_string() && nodes[4]["administrator_key"].is_null());
    let homes: Vec<&str> = nodes.iter().map(|it| it["home"].as_str().expect("a path")).collect();
    for home in &homes {
        assert_eq!(json(&["genesis", "show", "--home", home])["chain_id"], network["chain_id"]);
    }
    refused(2, "holds a network already", &["testnet", "--output", &net]);
    refused(2, "ports end at 65535", &["testnet", "--output", &desk.at("x"), "--base-port", "65530"]);
    refused(1, "four are needed", &["testnet", "--output", &desk.at("x"), "--validators", "3"]);
    assert!(!desk.path("x").exists(), "a refusal leaves nothing behind");
}

#[test]
fn a_rotation_prepares_an_act_and_finishes_once() {
    let desk = Desk::new();
    json(&["testnet", "--output", &desk.at("net")]);
    let home = desk.at("net/node1");
    refused(2, "no rotation is prepared", &["keys", "rotate", "--finish", "--home", &home]);
    let old = json(&["keys", "show", "--home", &home])["keys"][0]["validator"].clone();
    let prepared = json(&["keys", "rotate", "--unencrypted", "--home", &home]);
    let act = &prepared["act"]["replace_validator"];
    assert_eq!((&act["validator"], &act["record"]["claim"]["college"]), (&old, &2.into()));
    assert_eq!(json(&["keys", "rotate", "--home", &home]), prepared, "the same key and the same act again");
    let new = json(&["keys", "rotate", "--finish", "--home", &home]);
    assert_eq!(json(&["keys", "show", "--home", &home])["keys"][0]["validator"], new["validator"]);
    assert_ne!(new["validator"], old);
}

#[test]
fn failures_are_json_for_programs_too() {
    let run = urne(&["keys", "show", "--home", "/nowhere", "--json"]);
    let said: serde_json::Value = serde_json::from_str(&run.err).expect("json");
    assert_eq!((run.code, &said["error"]["exit"], &said["error"]["name"]), (3, &3.into(), &"environment".into()));
}

#[test]
fn usage_version_and_completions() {
    assert_eq!(urne(&["no-such-command"]).code, 2);
    assert_eq!(urne(&["keys", "guard", "reset"]).code, 2);
    assert_eq!(json(&["version"])["protocol_version"], 1);
    for shell in ["bash", "zsh", "fish"] {
        assert!(urne(&["completions", shell]).out.contains("add-validator"), "{shell}");
    }
}
