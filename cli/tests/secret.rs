//! A secret election by the binary alone: keys made by trustees' processes, ballots sealed by voters, one audited, one
//! replaced, the sum opened after the close. One test, because the nodes are started once.
mod common;
use common::{
    json,
    liar::Liar,
    network::{Network, Nodes, ask, is_ready, now, start, trustee, until},
    refused, typed,
};
use serde_json::{Value, json as value};
use std::fs;

use urne_types::{
    bounded::List,
    codec::{decode_canonical, encode},
    limits::MESSAGE_BYTES_MAX,
    proof::ProvenState,
};

/// From the draft to the opening: a dozen transactions of governance, and seven steps of a ceremony.
const OPENS_AFTER_MS: u64 = 30_000;

#[test]
fn votes_are_sealed_cast_audited_and_opened_as_a_sum_only() {
    let network = Network::make();
    let home = network.homes[0].as_str();
    let _nodes = Nodes(network.homes.iter().map(|it| start(it)).collect());
    for api in &network.apis {
        until("a node is ready", || is_ready(api));
    }
    let voters: Vec<(String, String)> = (0..4).map(|i| voter(&network, i)).collect();
    let draft = draft(&network, &voters[..3]);
    // Three of four are enough, and nobody has to be there.
    let mut trustees = Nodes(network.homes[..3].iter().map(|it| trustee(it)).collect());
    let ceremony = || json(&["election", "ceremony", &draft, "--home", home]);
    until("the keys are made", || ceremony()["state"]["done"].is_object());
    let id = ceremony()["election"].as_str().expect("a name").to_owned();
    until("it opens", || json(&["election", "show", &id, "--home", home])["state"] == "open");

    let vote = |i: usize, more: &[&str]| {
        let ask = ["vote", "--election", &id, "--key", &voters[i].0, "--home", home];
        [ask.as_slice(), more].concat().into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    fn words(of: &[String]) -> Vec<&str> {
        of.iter().map(String::as_str).collect()
    }
    let first = json(&words(&vote(0, &["--ballot", "[2, 0]"])));
    assert_eq!((&first["status"], &first["sequence"]), (&"committed".into(), &1.into()), "{first}");
    let again = json(&words(&vote(0, &["--ballot", "[0, 2]"])));
    assert_eq!(again["sequence"], 2);
    audit(&network, &words(&vote(1, &["--ballot", "[1, null]"])));
    json(&words(&vote(1, &["--ballot", "[1, null]"])));
    seals_nothing_to(&network, &voters[2].0, &id);
    guided(&network, &voters[2].0, &id);
    refused(1, "rule 204 not_in_census", &words(&vote(3, &["--ballot", "[0, 2]"])));
    refused(1, "rule 627 wrong_answers", &words(&vote(2, &["--ballot", "[0, 7]"])));
    refused(1, "sequence_too_old", &words(&vote(0, &["--ballot", "[0, 2]", "--sequence", "1"])));
    refused(
        2,
        "use `urne vote`",
        &["cast", "--election", &id, "--key", &voters[0].0, "--ballot", "[0, 2]", "--home", home],
    );
    sealed_from_everyone(&network, &id);

    refused(3, "another process uses", &["trustee", "--once", "--home", home]);
    // Trustees that are killed and started again say the same; one alone opens nothing.
    for trustee in &mut trustees.0[..2] {
        trustee.kill().expect("our own child");
        trustee.wait().expect("it ended");
    }
    not_closed_yet(&network, &draft, &id);
    let act = json(&["election", "close", &id, "--home", home]);
    network.approve(&act["act_id"]);
    until("it waits for shares", || ask(&format!("{}/v1/ceremonies", network.apis[0])).1.contains(&id));
    another_sum(&network);
    another_lineage(&network);
    trustees.0.extend(network.homes[..2].iter().map(|it| trustee(it)));
    until("the sum is opened", || json(&["election", "show", &id, "--home", home])["state"] == "tallied");
    let results: Vec<Value> = network.homes.iter().map(|it| json(&["election", "result", &id, "--home", it])).collect();
    assert!(results.iter().all(|it| *it == results[0]), "{results:?}");
    let profiles = &results[0]["profiles_worst_to_best"];
    // Blank and "no opinion" count as the worst grade, by the definition.
    assert_eq!((&profiles["Urne"], &profiles["Boîte"]), (&value!([2, 1, 0]), &value!([2, 0, 1])), "{profiles}");
    verified(&network, &id);
    until("the secrets are erased", || {
        let left = fs::read_dir(format!("{home}/trustee")).expect("a folder").filter_map(Result::ok);
        left.filter(|it| it.path().extension().is_some_and(|it| it == "key")).count() == 0
    });
}

// ---- A node that lies to its trustee ----

/// What the trustee of the first node says to this node, once: how it ends; and it sends nothing, and has answered nothing.
fn says_nothing_to(network: &Network, liar: &Liar) -> common::Run {
    let home = network.homes[0].as_str();
    let guard = || fs::read(format!("{home}/trustee/guard")).expect("a guard");
    let before = guard();
    let run = common::urne(&["trustee", "--once", "--home", home, "--api", &liar.api]);
    assert_eq!((liar.sent(), guard() == before), (0, true), "{run:?}");
    run
}
/// While ballots are cast the node says that the urn waits for shares.
fn not_closed_yet(network: &Network, draft: &str, id: &str) {
    let waiting = value!({ "under_way": [], "waiting": [{ "election": id, "draft": draft }] }).to_string();
    let lie = move |path: &str, body: String| if path == "/v1/ceremonies" { waiting.clone() } else { body };
    let run = says_nothing_to(network, &Liar::before(&network.apis[0], lie));
    assert_eq!(run.code, 0, "there is nothing to do: {run:?}");
}
fn with_state(body: String, change: impl FnOnce(&mut ProvenState)) -> String {
    let mut answer: Value = serde_json::from_str(&body).expect("JSON");
    let bytes = hex::decode(answer["state"].as_str().expect("hex")).expect("hex");
    let mut state: ProvenState = decode_canonical(&bytes, MESSAGE_BYTES_MAX).expect("a state");
    change(&mut state);
    answer["state"] = hex::encode(encode(&state)).into();
    answer.to_string()
}
/// After the close the node shows the sum of fewer ballots: it would learn those that are missing.
fn another_sum(network: &Network) {
    let lie = |path: &str, body: String| {
        if !path.starts_with("/v1/state") {
            return body;
        }
        with_state(body, |state| {
            let mut entries = state.entries.to_vec();
            for entry in entries.iter_mut().filter(|it| it.key[0] == 0x56) {
                entry.value.as_mut().expect("totals")[0] -= 1;
            }
            state.entries = List::new(entries).expect("as many");
        })
    };
    let run = says_nothing_to(network, &Liar::before(&network.apis[0], lie));
    assert_eq!(run.code, 5, "{run:?}");
    assert!(run.err.contains("is not on the ledger, and nothing was signed"), "{run:?}");
}
/// The node shows a state that no validator has signed.
fn another_lineage(network: &Network) {
    let lie = |path: &str, body: String| {
        if !path.starts_with("/v1/state") {
            return body;
        }
        with_state(body, |state| state.certificate.signatures = List::default())
    };
    let run = says_nothing_to(network, &Liar::before(&network.apis[0], lie));
    assert_eq!(run.code, 5, "{run:?}");
}

// ---- A node that lies to a voter ----

/// A node shows another election under that name, one that is on no ledger, or a state that nobody signed: no ballot is sealed.
fn seals_nothing_to(network: &Network, key: &str, id: &str) {
    let refused = |words: &str, lie: fn(&str, String) -> String| {
        let liar = Liar::before(&network.apis[0], lie);
        let ask = ["vote", "--election", id, "--key", key, "--ballot", "[0, 2]", "--home", &network.homes[0]];
        let run = common::urne(&[&ask[..], &["--api", &liar.api]].concat());
        assert_eq!((run.code, liar.sent()), (5, 0), "{run:?}");
        assert!(run.err.contains(words), "{run:?}");
    };
    refused("a definition or keys that are not election", |_, body| body.replace("Assemblée", "Assemblee"));
    refused("is not on the ledger", |path, body| {
        if !path.starts_with("/v1/state") {
            return body;
        }
        with_state(body, |state| {
            let mut entries = state.entries.to_vec();
            entries[0].value = None;
            state.entries = List::new(entries).expect("as many");
        })
    });
    refused("is not on the ledger", |path, body| {
        if !path.starts_with("/v1/state") {
            return body;
        }
        with_state(body, |state| state.certificate.signatures = List::default())
    });
}

/// From a node, and from a file, anybody adds the sealed ballots up again and opens the sum with the trustees' shares.
fn verified(network: &Network, id: &str) {
    let home = network.homes[1].as_str();
    let shown = json(&["election", "verify", id, "--home", home]);
    let checked = &shown["checked"];
    assert_eq!(
        (&checked["ballots"], &checked["revotes"], &checked["emargements"]),
        (&"4".into(), &"1".into(), &"3".into())
    );
    let file = network.desk.at("secret.urne");
    json(&["election", "archive", id, "--out", &file, "--home", home]);
    let again = json(&["election", "verify", "--archive", &file, "--home", home]);
    assert_eq!((&again["verified"], &again["questions"]), (&true.into(), &shown["questions"]));
    let bytes = fs::read(&file).expect("the archive");
    for at in [bytes.len() / 3, bytes.len() / 2, bytes.len() - 40] {
        let mut spoiled = bytes.clone();
        spoiled[at] ^= 1;
        let other = network.desk.at("spoiled.urne");
        fs::write(&other, spoiled).expect("write");
        refused(5, "does not verify", &["election", "verify", "--archive", &other, "--home", home]);
    }
}

/// A key file, and the credential that it gives on this chain.
fn voter(network: &Network, i: usize) -> (String, String) {
    let (file, _) = network.member(&format!("voter{i}.key"));
    let shown = json(&["keys", "credential", &file, "--home", &network.homes[0]]);
    (file, shown["credential"].as_str().expect("a key").to_owned())
}

/// Three voters of one group; scheduled by three colleges.
fn draft(network: &Network, voters: &[(String, String)]) -> String {
    let home = network.homes[0].as_str();
    let lines: Vec<String> = (1..=3).zip(voters).map(|(college, (_, key))| format!("{college};{key}")).collect();
    let census = network.write("census.csv", &format!("college;public_key\n{}\n", lines.join("\n")));
    let trustees: Vec<Value> = (1..=4)
        .zip(&network.homes)
        .map(|(college, home)| {
            let keys = json(&["keys", "show", "--home", home]);
            let is_trustee = |it: &&Value| it["role"] == "trustee";
            let key =
                keys["keys"].as_array().expect("keys").iter().find(is_trustee).expect("a trustee's key")["public_key"]
                    .clone();
            value!({ "college": college, "key": key })
        })
        .collect();
    let opens_at = now().plus(OPENS_AFTER_MS);
    let definition = value!({
        "title": "Assemblée", "grace_ms": 0, "revote": "last_counts", "early_close": "by_act",
        "opens_at": opens_at, "closes_at": opens_at.plus(3_600_000),
        "secrecy": { "sealed": {
            "census": "published_keys", "trustees": trustees, "groups": [[1, 2, 3]], "minimum_group": 3, "step_ms": 4_000,
        } },
        "questions": [{ "title": "Le nom", "choices": ["Urne", "Boîte"],
            "method": { "majority_judgment": { "grades": ["mal", "bien", "très bien"], "nulls": "worst" } } }],
    });
    let file = network.write("definition.json", &definition.to_string());
    let created = json(&["election", "create", "--file", &file, "--census", &census, "--home", home]);
    assert_eq!(created["election"], Value::Null, "it has no name before its keys are made");
    network.approve(&created["adoption"]);
    let draft = created["draft"].as_str().expect("a draft").to_owned();
    let scheduled = json(&["election", "schedule", &draft, "--home", home]);
    network.approve(&scheduled["act_id"]);
    draft
}

/// Whoever says nothing beforehand is asked, corrected, read back what she said, and leaves with a proof.
fn guided(network: &Network, key: &str, id: &str) {
    let (home, proof) = (network.homes[2].as_str(), network.desk.at("guided.json"));
    let lines = ["0", key, "9", "0", "2", "-", "no", "blank", "yes", "maybe", "cast", &proof, "yes"];
    let run = typed(&["vote", "--home", home], &lines);
    assert_eq!(run.code, 0, "{run:?}");
    for said in [
        "0  Assemblée, until",
        "That is no answer to this question. A grade is a number from 0 to 2.",
        "Le nom: Urne: très bien, Boîte: no opinion",
        "Le nom: blank",
        "Type one of the three words.",
    ] {
        assert!(run.err.contains(said), "'{said}' is not in: {}", run.err);
    }
    assert!(run.out.contains("the validators' signatures were checked"), "{}", run.out);
    assert!(run.out.contains('█') && run.out.contains("code 1 of"), "{}", run.out);
    let named = json(&["verify", &proof, "--home", home]);
    let (_, tracker) = run.out.split_once("tracker").expect("it is told");
    let tracker = tracker.split_whitespace().next().expect("after its name");
    let found = network.desk.at("found.json");
    json(&["proof", tracker, "--election", id, "--output", &found, "--home", home]);
    assert_eq!(
        json(&["verify", &found, "--home", home])["txid"],
        named["txid"],
        "what she wrote down finds her ballot"
    );
    refused(2, "give --election", &["proof", tracker, "--home", home]);
    refused(2, "one of them is mistyped", &["proof", "0000-0000", "--home", home]);
}

/// The voter's machine shows a ballot; another one makes it again. A machine that shows other choices is found out.
fn audit(network: &Network, vote: &[&str]) {
    let (home, file) = (network.homes[1].as_str(), network.desk.at("audit.json"));
    let shown = json(&[vote, &["--audit", &file]].concat());
    let again = json(&["audit-ballot", &file, "--home", home]);
    assert_eq!(again["tracker"], shown["tracker"]);
    assert_eq!(again["answers"][0]["answer"], "Urne: bien, Boîte: no opinion");
    let text = fs::read_to_string(&file).expect("the audit");
    let other = text.replace("1,\n        null", "2,\n        null");
    assert_ne!(other, text);
    let other = network.write("other.json", &other);
    refused(5, "is not what its machine says", &["audit-ballot", &other, "--home", home]);
}

/// Three ballots of six cells each are on every node, and no node can say what is in them.
fn sealed_from_everyone(network: &Network, id: &str) {
    for api in &network.apis {
        until("every ballot is everywhere", || {
            let (_, shown) = ask(&format!("{api}/v1/elections/{id}"));
            serde_json::from_str::<Value>(&shown).is_ok_and(|it| it["ballots"]["size"] == "4")
        });
        let (status, _) = ask(&format!("{api}/v1/elections/{id}/result"));
        assert_eq!(status, 404, "there is no result before the close");
    }
}
