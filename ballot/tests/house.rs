//! Rules of this crate that a reader can trust: no randomness is copied into several places, and every refusal is earned by
//! some test or some published vector.
#![allow(clippy::unwrap_used, reason = "a test stops at the first error")]
use std::path::{Path, PathBuf};
use urne_ballot::Refusal;

fn files(folder: &str, ending: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    assert!(!found.is_empty(), "{folder} has no {ending}");
    found
}

/// `vec![Scalar::random(rng); n]`: a published voting chain reused one randomness for all options that way, and 30 of 30 of
/// its ballots could be read.
fn repeats_a_secret(line: &str) -> bool {
    let inside = line.split("vec![").nth(1).and_then(|it| it.split(']').next()).unwrap_or_default();
    let secret = ["random", "generate", ".scalar(", "fill", "nonce", "seed"];
    inside.contains("; ") && secret.iter().any(|it| inside.contains(it))
}

#[test]
fn no_secret_is_drawn_once_and_used_many_times() {
    assert!(repeats_a_secret("let r = vec![Scalar::random(rng); n];"), "the rule sees what it is for");
    assert!(!repeats_a_secret("let cells = vec![identity(); n];"));
    for (path, text) in files("src", ".rs") {
        let at = text.lines().position(|line| !line.trim_start().starts_with("//") && repeats_a_secret(line));
        assert_eq!(at, None, "{}", path.display());
    }
}

/// Refusals that nobody in this crate gives, and who does.
const GIVEN_ELSEWHERE: &[(Refusal, &str)] = &[(Refusal::WrongStep, "the contract, which knows at which step it is")];

#[test]
fn every_refusal_is_earned_by_a_test_or_a_vector() {
    let tests: String = files("tests", ".rs").into_iter().map(|(_, text)| text).collect();
    let vectors: String = files("../docs/vectors", ".json").into_iter().map(|(_, text)| text).collect();
    let missing: Vec<&Refusal> = Refusal::ALL
        .iter()
        .filter(|it| GIVEN_ELSEWHERE.iter().all(|(other, _)| other != *it))
        .filter(|it| {
            let code = it.code();
            let is_in_vectors = [",", "\n"].iter().any(|end| vectors.contains(&format!("\"refusal\": {code}{end}")));
            !is_in_vectors && !tests.contains(&format!("Refusal::{it:?}"))
        })
        .collect();
    assert!(missing.is_empty(), "nobody earns {missing:?}");
}
