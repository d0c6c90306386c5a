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

/// What a bracket holds that was just opened.
fn inside(after: &str) -> &str {
    let mut depth = 1_u32;
    let end = after.find(|it| {
        match it {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
        depth == 0
    });
    &after[..end.unwrap_or(after.len())]
}
/// `vec![Scalar::random(rng); n]`: a published voting chain reused one randomness for all options that way, and 30 of 30 of
/// its ballots could be read. So do `[…; n]`, `repeat`, `resize` and `fill` of something drawn once.
fn repeats_a_secret(code: &str) -> Option<&str> {
    const DRAWN: &[&str] = &["random", "generate", ".scalar(", ".bytes(", "wide(", "fill(", "nonce", "seed", "secret"];
    let opened =
        |opener: &'static str| code.match_indices(opener).map(move |(at, _)| inside(&code[at + opener.len()..]));
    let copied = opened("[").filter_map(|it| it.split_once("; ")).map(|(element, _)| element);
    let given = ["repeat(", "repeat_n(", ".resize(", ".fill("].into_iter().flat_map(opened);
    copied.chain(given.filter(|it| !it.contains("&mut "))).find(|it| DRAWN.iter().any(|word| it.contains(word)))
}
fn code(text: &str) -> String {
    let code = text.lines().filter(|it| !it.trim_start().starts_with("//"));
    code.map(|it| it.to_owned() + "\n").collect()
}

#[test]
fn no_secret_is_drawn_once_and_used_many_times() {
    for wrong in [
        "let r = vec![Scalar::random(rng); n];",
        "let r = vec![\n    source.scalar(\"r\", 0);\n    n\n];".replace(";\n    n", "; n").as_str(),
        "let r = [Scalar::random(rng); 3];",
        "let r: Vec<Scalar> = repeat(Scalar::random(rng)).take(n).collect();",
        "let r = std::iter::repeat_n(nonce, n);",
        "masks.resize(n, G::wide(&bytes));",
        "masks.fill(Scalar::random(rng));",
    ] {
        assert!(repeats_a_secret(wrong).is_some(), "the rule sees what it is for: {wrong}");
    }
    for right in [
        "let cells = vec![identity(); n];",
        "let r: Vec<Scalar> = repeat_with(|| Scalar::random(rng)).take(n).collect();",
        "let mut seed = [0; 32]; rng.fill(&mut seed);",
        "let nonce = vec![source.scalar(\"nonce\", 0)];",
    ] {
        assert_eq!(repeats_a_secret(right), None, "{right}");
    }
    for (path, text) in files("src", ".rs") {
        assert_eq!(repeats_a_secret(&code(&text)), None, "{}", path.display());
    }
}

/// What takes something for verified because this node's own state holds it, and the only files that may: they read what the
/// contract wrote, after it had verified it.
const RESTORED: &[(&str, &str)] = &[
    ("vote-contract/src/sealed/board.rs", "JustifiedComplaint::restore_from_state"),
    ("vote-contract/src/sealed/board.rs", "invitation.restore_joined_from_state"),
    ("vote-contract/src/sealed/cast.rs", "Ciphertext::restore_from_state"),
    ("vote-contract/src/sealed/ceremony.rs", "restore_from_state"), // Qualifying
    ("vote-contract/src/sealed/mod.rs", "Totals::restore_from_state"),
    ("vote-contract/src/sealed/opening.rs", "DecryptionShare::restore_from_state"),
    ("vote-contract/src/sealed/pieces.rs", "Ciphertext::restore_from_state"),
];

#[test]
fn only_the_contract_takes_anything_for_verified_and_only_from_the_state() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut found = Vec::new();
    for krate in
        std::fs::read_dir(root).unwrap().map(|it| it.unwrap().path()).filter(|it| it.join("Cargo.toml").is_file())
    {
        let name = krate.file_name().unwrap().to_string_lossy().into_owned();
        if !krate.join("src").is_dir() {
            continue;
        }
        for (path, text) in files(&format!("../{name}/src"), ".rs") {
            let place = format!("{name}/src/{}", path.to_string_lossy().rsplit_once("/src/").unwrap().1);
            let code = code(&text);
            for line in code.lines().filter(|it| it.contains("_from_state(") && !it.contains("fn restore")) {
                let allowed = RESTORED.iter().position(|(file, call)| *file == place && line.contains(call));
                found.push(allowed.unwrap_or_else(|| panic!("{place} may not: {}", line.trim())));
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    assert_eq!(found.len(), RESTORED.len(), "a line of the table allows what nobody does any more");
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
