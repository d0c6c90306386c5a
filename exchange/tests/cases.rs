//! Every shared case, counted and compared with its expected result.

use std::fs;
use std::path::Path;

use serde_json::Value;
use urne_exchange::count;

/// What has to be equal, by kind. Some cases expect only part of it.
const COMPARED: [(&str, &[&str]); 10] = [
    ("approval", &["tally", "winners", "blank", "order", "ballots"]),
    ("majority_judgment", &["winner", "ranks", "profiles_worst_to_best", "median", "voters", "no_opinion"]),
    ("majority_judgment_tally", &["ranks", "medians"]),
    ("majority_judgment_colleges", &["winner", "ranks", "reduced_profiles"]),
    (
        "ranked_single",
        &[
            "ballots",
            "pairwise",
            "schulze_winners",
            "schulze_paths",
            "condorcet_winner",
            "irv",
            "plurality",
            "borda",
            "ranked_pairs_winners",
            "ranked_pairs_ambiguous",
        ],
    ),
    ("irv_to_last_two", &["winner", "final", "ballots"]),
    ("stv_scottish", &["quota", "elected", "stages", "ties", "lots", "valid", "blank"]),
    ("participatory_budget", &["votes", "results"]),
    ("ledger_scenario", &["results", "tally", "emargement", "adopted", "quorum_met", "expressed", "replaced"]),
    (
        "college_resolution",
        &[
            "valid",
            "adopted",
            "ratio",
            "ratio_ppm_floor",
            "quorum_met",
            "pour_weight",
            "contre_weight",
            "silent_weight",
            "colleges",
            "one_person_one_vote",
            "participation",
        ],
    ),
];

#[test]
fn every_shared_case_is_counted_as_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vote-contract/tests/cases");
    let mut counted = 0;
    for entry in fs::read_dir(folder).expect("the shared cases") {
        let path = entry.expect("a file").path();
        let text = fs::read_to_string(&path).expect("a text");
        let case: Value = serde_json::from_str(&text).expect("a case");
        let kind = case["kind"].as_str().expect("a kind");
        let (_, keys) = COMPARED.iter().find(|(it, _)| *it == kind).expect("a kind of the table");
        let answer = count(&text).unwrap_or_else(|refusal| panic!("{}: {refusal}", path.display()));
        assert_eq!(answer.get("ignored"), None, "{}: each of its keys is read, or describes", path.display());
        let answer: Value = serde_json::from_str(&answer.to_string()).expect("an answer is JSON");
        for key in *keys {
            if let Some(expected) = case["expected"].get(key) {
                assert_eq!(&answer[key], expected, "{}: {key}", path.display());
            }
        }
        counted += 1;
    }
    assert_eq!(counted, 27);
}
