//! The house rules a reader can trust, run by plain `cargo test`. Each test is one rule of docs/architecture.md; an exception
//! is a line in a table here, with its reason, or it is a fault.
mod tree;

use std::collections::BTreeMap;
use tree::Source;

/// A file longer than this is two files.
const LINES_MAX: usize = 600;
/// Longer all the same, and why.
const LONG_FILES: &[(&str, &str)] = &[];

/// Who alone may depend on a crate from outside, tests and build scripts apart.
const CAGES: &[(&str, &[&str])] = &[
    ("bincode", &["urne-types"]),
    ("ed25519-dalek", &["urne-types"]),
    ("ed25519-zebra", &["urne-types"]),
    // Apart from identities: the declared lot, the transcripts of ballots, the names of gossip, the digest of a simulation.
    ("blake3", &["urne-types", "urne-vote-contract", "urne-ballot", "urne-net", "urne-sim"]),
    ("curve25519-dalek", &["urne-ballot"]),
    ("blst", &["urne-ballot"]),
    ("blstrs", &["urne-ballot"]),
    ("arc-malachitebft-core-consensus", &["urne-consensus"]),
    ("arc-malachitebft-core-types", &["urne-consensus"]),
    ("rocksdb", &["urne-ledger"]),
    ("libp2p", &["urne-net"]),
    ("axum", &["urne-shell", "urne-node", "urne-registrar"]),
    ("prometheus-client", &["urne-node"]),
];

/// The outside world. A pure crate may depend on it behind a feature only.
const OUTSIDE: &[&str] =
    &["tokio", "libp2p", "rocksdb", "axum", "reqwest", "ureq", "hyper", "rand", "rustix", "tracing", "clap"];

/// Words of the outside world, which the sources of a pure crate do not say.
const OUTSIDE_WORDS: &[&str] = &[
    "std::fs",
    "std::net",
    "std::process::Command",
    "std::thread",
    "std::env",
    "SystemTime",
    "Instant::now",
    "HashMap",
    "HashSet",
    "thread_rng",
    "println!",
    "eprintln!",
];
/// Files of pure crates that may say them, and why.
const OUTSIDE_WORDS_ALLOWED: &[(&str, &str)] = &[
    ("ledger/src/rocks.rs", "behind the feature `rocks`: the durable store"),
    ("ledger/src/rocks/", "behind the feature `rocks`: the durable store"),
    ("ledger/src/checkpoint.rs", "behind the feature `rocks`: snapshots are files"),
    ("sim/src/main.rs", "the command that runs seeds; the simulator itself is the library"),
];

/// Crates in which a function may be `async`.
const ASYNC: &[&str] = &["urne-net", "urne-shell", "urne-node", "urne-registrar", "urne-cli", "urne-testnet"];

/// Folders at the root of somebody's machine: nobody else has them. Without their slashes, for this file is read too.
const MACHINE_FOLDERS: &[&str] = &["work", "root", "home", "Users"];

#[test]
fn every_manifest_declares_its_floor_and_purity_and_takes_the_lints_of_the_house() {
    let packages = tree::packages();
    assert!(10 <= packages.len(), "the workspace has lost crates");
    let mut faults = Vec::new();
    for package in &packages {
        if package.floor.is_none() || package.is_pure.is_none() {
            faults.push(format!("{}: no `[package.metadata.urne] floor = …, pure = …`", package.name));
        }
        if !package.manifest.contains("[lints]\nworkspace = true") {
            faults.push(format!("{}: no `[lints] workspace = true`", package.name));
        }
    }
    no(&faults);
}

#[test]
fn dependencies_only_point_down() {
    let packages = tree::packages();
    let floors: BTreeMap<&str, u64> = packages.iter().filter_map(|it| Some((it.name.as_str(), it.floor?))).collect();
    let mut faults = Vec::new();
    for package in &packages {
        for dependency in package.dependencies.iter().filter(|it| !it.is_for_tests) {
            if let (Some(below), Some(floor)) = (floors.get(dependency.name.as_str()), package.floor)
                && floor <= *below
            {
                faults.push(format!("{} (floor {floor}) imports {} (floor {below})", package.name, dependency.name));
            }
        }
    }
    no(&faults);
}

#[test]
fn each_heavy_crate_from_outside_has_one_door() {
    let mut faults = Vec::new();
    for package in &tree::packages() {
        for dependency in package.dependencies.iter().filter(|it| !it.is_for_tests) {
            let cage = CAGES.iter().find(|(name, _)| *name == dependency.name);
            if let Some((name, allowed)) = cage
                && !allowed.contains(&package.name.as_str())
            {
                faults.push(format!("{} imports {name}, which belongs to {}", package.name, allowed.join(", ")));
            }
        }
    }
    no(&faults);
}

#[test]
fn pure_crates_name_nothing_of_the_outside() {
    let mut faults = Vec::new();
    for package in tree::packages().iter().filter(|it| it.is_pure == Some(true)) {
        let of_always = package.dependencies.iter().filter(|it| !it.is_for_tests && !it.is_optional);
        for dependency in of_always.filter(|it| OUTSIDE.contains(&it.name.as_str())) {
            faults.push(format!("{} is pure and imports {}", package.name, dependency.name));
        }
        if !package.folder.join("clippy.toml").exists() {
            faults.push(format!("{} is pure and has no clippy.toml that bans clocks and unordered maps", package.name));
        }
        for source in package.sources("src") {
            let is_allowed = OUTSIDE_WORDS_ALLOWED.iter().any(|(path, _)| source.path.starts_with(path));
            for (line, code) in source.code().filter(|_| !is_allowed) {
                for word in OUTSIDE_WORDS.iter().filter(|it| code.contains(**it)) {
                    faults.push(format!("{}:{line}: a pure crate says {word}", source.path));
                }
            }
        }
    }
    no(&faults);
}

#[test]
fn async_stops_at_the_shell() {
    let mut faults = Vec::new();
    for package in tree::packages().iter().filter(|it| !ASYNC.contains(&it.name.as_str())) {
        for source in package.sources("src") {
            for (line, _) in source.code().filter(|(_, code)| code.contains("async fn") || code.contains("async move"))
            {
                faults.push(format!("{}:{line}: async below the shell", source.path));
            }
        }
    }
    no(&faults);
}

#[test]
fn files_open_by_their_reason_and_fit_in_one_reading() {
    let mut faults = Vec::new();
    for source in tree::rust_sources() {
        let n_lines = source.text.lines().count();
        let is_listed = LONG_FILES.iter().any(|(path, _)| source.path == *path);
        if LINES_MAX < n_lines && !is_listed {
            faults.push(format!("{}: {n_lines} lines; split it, or list it with its reason", source.path));
        }
        if n_lines <= LINES_MAX && is_listed {
            faults.push(format!("{}: listed as long, and it is not any more", source.path));
        }
        if !source.text.starts_with("//!") {
            faults.push(format!("{}: does not open with a //! line that says what it is for", source.path));
        }
    }
    no(&faults);
}

#[test]
fn bincode_is_named_in_the_vocabulary_only() {
    // Elsewhere a record derives it through the codec: `#[bincode(crate = "urne_types::codec::bincode")]`.
    let is_ours = |source: &Source| source.path.starts_with("types/") || source.path.ends_with("tests/tidy.rs");
    let mut faults = Vec::new();
    for source in tree::rust_sources().iter().filter(|it| !is_ours(it)) {
        let named = |(_, code): &(usize, &str)| code.contains("bincode::") && !code.contains("codec::bincode");
        for (line, _) in source.code().filter(named) {
            faults.push(format!("{}:{line}: names bincode", source.path));
        }
    }
    no(&faults);
}

#[test]
fn the_batch_verification_that_forks_chains_is_never_called() {
    // docs/decisions/0004. The word may be said in a comment, and the tests of `types` show the trap.
    let is_ours = |source: &Source| source.path.starts_with("types/tests/") || source.path.ends_with("tests/tidy.rs");
    let mut faults = Vec::new();
    for source in tree::rust_sources().iter().filter(|it| !is_ours(it)) {
        for (line, _) in source.code().filter(|(_, code)| code.contains("verify_batch")) {
            faults.push(format!("{}:{line}: calls verify_batch", source.path));
        }
    }
    no(&faults);
}

#[test]
fn every_queue_has_an_end() {
    let mut faults = Vec::new();
    for package in tree::packages() {
        for source in package.sources("src") {
            for (line, _) in source.code().filter(|(_, code)| code.contains("unbounded")) {
                faults.push(format!("{}:{line}: a queue without an end", source.path));
            }
        }
    }
    no(&faults);
}

#[test]
fn nothing_depends_on_one_persons_machine() {
    let mut faults = Vec::new();
    let machine_paths: Vec<String> = MACHINE_FOLDERS.iter().map(|it| format!("/{it}/")).collect();
    for source in tree::texts(&["rs", "toml", "sh", "md", "json", "yml", "yaml", "run"]) {
        for (line, text) in (1..).zip(source.text.lines()) {
            for path in machine_paths.iter().filter(|it| says_path(text, it)) {
                faults.push(format!("{}:{line}: says {path}", source.path));
            }
        }
    }
    no(&faults);
}

#[test]
fn scripts_stop_at_their_first_fault() {
    let mut faults = Vec::new();
    for source in tree::texts(&["sh", "run"]) {
        let first = source.text.lines().next().unwrap_or_default();
        let is_sound = if first.starts_with("#!") {
            first == "#!/usr/bin/env bash" && source.text.contains("set -euo pipefail")
        } else {
            first.starts_with("# Sourced, never run")
        };
        if !is_sound {
            faults.push(format!(
                "{}: neither `#!/usr/bin/env bash` with `set -euo pipefail`, nor `# Sourced, never run`",
                source.path
            ));
        }
    }
    no(&faults);
}

#[test]
fn the_rules_themselves_catch_what_they_are_for() {
    assert!(says_path("cp /srv/jeanne/urne .", "/srv/"));
    assert!(!says_path("https://urne.example/srv/", "/srv/"), "part of an address, not a folder");
    let source = Source { path: "x.rs".into(), text: "//! std::fs\nlet a = 1; // std::fs\nuse std::fs;\n".into() };
    let found: Vec<usize> = source.code().filter(|(_, code)| code.contains("std::fs")).map(|(line, _)| line).collect();
    assert_eq!(found, [3], "comments may say anything");
}

/// Whether a line names a folder from the root, not merely an address or a longer path that contains the same letters.
fn says_path(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        line[..at].chars().next_back().is_none_or(|before| !before.is_alphanumeric() && !"._-/}~$".contains(before))
    })
}

#[track_caller]
fn no(faults: &[String]) {
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn every_exception_has_its_reason() {
    let reasons = LONG_FILES.iter().chain(OUTSIDE_WORDS_ALLOWED).map(|(_, reason)| reason);
    assert!(reasons.into_iter().all(|it| 10 < it.len()));
}
