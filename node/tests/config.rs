//! Settings: flags win over the environment, the environment over the file, the file over defaults; nothing is ignored.
use std::path::Path;
use urne_node::config::{Config, ConfigError, Flag, Loaded, LogFormat, Origin};

fn load(file: &str, environment: &[(&str, &str)], flags: &[(&str, &str)]) -> Result<Loaded, ConfigError> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("config.toml");
    std::fs::write(&path, file).expect("write");
    let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let flags: Vec<Flag> = flags
        .iter()
        .map(|(key, value)| Flag {
            name: format!("--{}", key.replace('.', "-")),
            key: (*key).into(),
            value: (*value).into(),
        })
        .collect();
    Loaded::load(Some(&path), environment, &flags)
}
fn origin(loaded: &Loaded, key: &str) -> Origin {
    loaded.settings.iter().find(|it| it.key == key).expect("a setting").origin.clone()
}
fn refusal(file: &str, environment: &[(&str, &str)], flags: &[(&str, &str)]) -> String {
    load(file, environment, flags).expect_err("refused").to_string()
}

#[test]
fn the_api_binds_to_loopback_unless_told_otherwise() {
    let loaded = load("", &[], &[]).expect("defaults");
    assert!(loaded.config.api.listen.ip().is_loopback());
    assert!(loaded.settings.iter().all(|it| it.origin == Origin::Default));
}

#[test]
fn each_source_wins_over_the_next_and_says_so() {
    let file = "[log]\nformat = \"json\"\nfilter = \"warn\"\n[mempool]\ntransactions_max = 7\n";
    let environment = [("URNE_LOG_FILTER", "debug"), ("URNE_MEMPOOL_TRANSACTIONS_MAX", "8")];
    let loaded = load(file, &environment, &[("mempool.transactions_max", "9")]).expect("loads");
    assert_eq!(loaded.config.log.format, LogFormat::Json);
    assert!(matches!(origin(&loaded, "log.format"), Origin::File(_)));
    assert_eq!(loaded.config.log.filter, "debug");
    assert_eq!(origin(&loaded, "log.filter"), Origin::Environment("URNE_LOG_FILTER".into()));
    assert_eq!(loaded.config.mempool.transactions_max, 9);
    assert_eq!(origin(&loaded, "mempool.transactions_max"), Origin::Flag("--mempool-transactions_max".into()));
    assert_eq!(origin(&loaded, "http.body_bytes_max"), Origin::Default);
}

#[test]
fn what_init_writes_reads_back_to_the_same_settings() {
    let mut config = Config::default();
    config.p2p.peers.push(urne_node::config::Peer {
        node: urne_types::NodeId([3; 32]),
        addresses: vec!["/ip4/192.0.2.7/tcp/26600".into()],
    });
    assert_eq!(load(&config.to_toml(), &[], &[]).expect("loads").config, config);
}

#[test]
fn lists_come_as_commas_or_as_toml() {
    let expected = ["/ip4/127.0.0.1/tcp/1", "/ip4/127.0.0.1/tcp/2"];
    for text in ["/ip4/127.0.0.1/tcp/1, /ip4/127.0.0.1/tcp/2", "['/ip4/127.0.0.1/tcp/1', '/ip4/127.0.0.1/tcp/2']"] {
        let loaded = load("", &[("URNE_P2P_LISTEN", text)], &[]).expect("loads");
        assert_eq!(loaded.config.p2p.listen, expected);
    }
}

#[test]
fn unknown_names_are_refused_wherever_they_are_written() {
    let cases = [
        ("[log]\nformatt = \"json\"", [].as_slice(), [].as_slice(), "'log.formatt'"),
        ("[logs]\nformat = \"json\"", &[], &[], "the sections are api, http"),
        ("[logs]", &[], &[], "'logs'"),
        ("format = \"json\"", &[], &[], "'format'"),
        ("", &[("URNE_LOG_FORMATT", "json")], &[], "environment URNE_LOG_FORMATT"),
        ("", &[], &[("log.formatt", "json")], "flag --log-formatt"),
    ];
    for (file, environment, flags, expected) in cases {
        let said = refusal(file, environment, flags);
        assert!(said.contains("unknown setting") && said.contains(expected), "{said}");
    }
}

#[test]
fn other_variables_of_urne_are_not_settings() {
    assert!(
        load("", &[("URNE_HOME", "/x"), ("URNE_TESTNET_BASE_PORT", "1"), ("URNE_PASSPHRASE_FILE", "/y")], &[]).is_ok()
    );
}

#[test]
fn a_wrong_value_is_refused_with_its_key_and_its_source() {
    let cases = [
        ("[api]\nlisten = \"everywhere\"", [].as_slice(), "'api.listen'"),
        ("[log]\nformat = \"loud\"", &[], "'log.format'"),
        ("[mempool]\nbytes_max = 0", &[], "a limit of 0"),
        ("[http]\nidle_timeout_ms = 0", &[], "a limit of 0"),
        ("[http]\ntransactions_burst_max = 255", &[], "a batch of 256 transactions would never pass"),
        ("[p2p]\nlisten = [\"0.0.0.0:26600\"]", &[], "not a multiaddress"),
        ("", &[("URNE_HTTP_BODY_BYTES_MAX", "-1")], "environment URNE_HTTP_BODY_BYTES_MAX"),
        ("", &[("URNE_HTTP_BODY_BYTES_MAX", "lots")], "not a TOML value"),
        ("[[", &[], "is not TOML"),
    ];
    for (file, environment, expected) in cases {
        let said = refusal(file, environment, &[]);
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn a_missing_file_says_to_run_init() {
    let error = Loaded::load(Some(Path::new("/nowhere/config.toml")), [], &[]).expect_err("missing");
    assert!(error.to_string().contains("urne init"), "{error}");
}
