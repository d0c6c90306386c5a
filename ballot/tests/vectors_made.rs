//! Makes the published vectors from fixed names, and compares them with `docs/vectors`: a change of the protocol cannot go
//! unseen. `URNE_WRITE_VECTORS=1 cargo test -p urne-ballot --test vectors_made` writes them.
#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    reason = "a test, in several files, that stops at the first error"
)]
#[path = "support/make_ballots.rs"]
mod make_ballots;
#[path = "support/make_keys.rs"]
mod make_keys;
mod support;
use serde_json::Value;

#[test]
fn the_published_vectors_are_those_of_the_code() {
    let made = [
        ("questions.json", make_ballots::questions()),
        ("ballots.json", make_ballots::ballots()),
        ("credentials.json", make_keys::credentials()),
        ("ceremony.json", make_keys::ceremony()),
        ("openings.json", make_keys::openings()),
    ];
    let mut wrong = 0;
    for (file, vectors) in made {
        wrong += vectors["wrong"].as_array().unwrap().len();
        let text = serde_json::to_string_pretty(&vectors).unwrap() + "\n";
        let path = support::json::folder().join(file);
        if std::env::var_os("URNE_WRITE_VECTORS").is_some() {
            std::fs::create_dir_all(support::json::folder()).unwrap();
            std::fs::write(&path, text).unwrap();
        } else {
            let published: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
            assert_eq!(published, vectors, "{file}: the protocol changed, or the vectors did");
        }
    }
    assert!(60 <= wrong, "{wrong} wrong vectors");
}
