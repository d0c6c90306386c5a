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
fn a_key_restored_into_another_folder_finds_a_guard_that_does_not_know_it() {
    let (desk, home) = home();
    let new = desk.at("new");
    json(&["init", "--home", &new, "--unencrypted"]);
    std::fs::copy(desk.path("node/keys/validator.key"), desk.path("new/keys/validator.key")).expect("restore");
    for command in [["keys", "guard", "show"].as_slice(), &["config", "check"]] {
        let run = urne(&[command, &["--home", &new]].concat());
        assert_eq!(run.code, 3, "{run:?}");
        assert!((run.err + &run.out).contains("does not know what that key has signed"));
    }
    json(&["keys", "guard", "reset", "--height", "41", "--home", &new]);
    assert_eq!(json(&["keys", "guard", "show", "--home", &new])["height"], "41");
    assert!(json(&["keys", "guard", "show", "--home", &home])["height"].is_null(), "the old folder is as it was");
}

#[test]
fn a_passphrase_changes_in_all_keys_of_a_folder_or_in_none() {
    let desk = Desk::new();
    let (home, old) = (desk.at("node"), desk.passphrase("old", "the old passphrase\n"));
    let new = desk.passphrase("new", "the new passphrase\n");
    json(&["init", "--home", &home, "--passphrase-file", &old, "--with-administrator-key"]);
    let change = ["keys", "passphrase", "--home", &home, "--new-passphrase-file"];
    let before = std::fs::read(desk.path("node/keys/admin.key")).expect("read");
    refused(3, "does not open", &[change.as_slice(), &[&new, "--passphrase-file", &new]].concat());
    let silent = ["keys", "passphrase", "--home", &home, "--passphrase-file", &old];
    refused(2, "--new-passphrase-file, or --unencrypted", &silent);
    assert_eq!(std::fs::read(desk.path("node/keys/admin.key")).expect("read"), before, "a refusal changes nothing");
    let changed = json(&[change.as_slice(), &[&new, "--passphrase-file", &old]].concat());
    assert_eq!(changed["keys"].as_array().map(Vec::len), Some(3), "validator, administrator and trustee: {changed}");
    refused(3, "does not open", &[change.as_slice(), &[&old, "--passphrase-file", &old]].concat());
    let plain = json(&["keys", "passphrase", "--home", &home, "--passphrase-file", &new, "--unencrypted"]);
    assert!(plain["keys"].as_array().expect("keys").iter().all(|it| it["encrypted"] == false));
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(desk.path("node/keys/validator.key")).expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn an_administrators_key_kept_elsewhere_is_rotated_there() {
    let desk = Desk::new();
    let key = desk.at("claire.key");
    let old =
        json(&["keys", "new", "--role", "administrator", "--output", &key, "--unencrypted"])["public_key"].clone();
    let rotate = ["keys", "rotate", "--role", "administrator", "--key", &key];
    let prepared = json(&[rotate.as_slice(), &["--unencrypted"]].concat());
    let act = &prepared["act"]["rotate_administrator_key"];
    assert_eq!((&act["from"], &prepared["new_key"]), (&old, &desk.at("claire.next.key").into()));
    assert_eq!(json(&rotate), prepared, "the same key and the same act again");
    let finished = json(&[rotate.as_slice(), &["--finish"]].concat());
    assert_eq!(json(&["keys", "show", &key])["keys"][0]["public_key"], act["to"]);
    assert_eq!(json(&["keys", "show", finished["retired"].as_str().expect("a file")])["keys"][0]["public_key"], old);
    refused(2, "goes with --role administrator", &["keys", "rotate", "--key", &key]);
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
    assert!(json(&["keys", "guard", "show", "--home", &home])["height"].is_null(), "the guard is the new key's");
    refused(2, "no rotation is prepared", &["keys", "rotate", "--finish", "--home", &home]);
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
    let version = json(&["version"]);
    assert_eq!(version["protocol_version"], 1);
    let commit = version["commit"].as_str().expect("a commit").trim_end_matches("-modified");
    assert!(commit == "unknown" || (commit.len() == 12 && commit.bytes().all(|it| it.is_ascii_hexdigit())), "{commit}");
    assert!(urne(&["version"]).out.contains(commit));
    for shell in ["bash", "zsh", "fish"] {
        assert!(urne(&["completions", shell]).out.contains("add-validator"), "{shell}");
    }
}
