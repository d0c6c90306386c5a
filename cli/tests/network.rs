//! A whole network of real processes on loopback, driven by the binary alone: from a census to a verified proof, with the
//! exit codes that scripts rely on. One test, because four nodes are started once.
mod common;
use common::{
    json,
    network::{Network, Nodes, ask, is_ready, now, start, until},
    refused,
    silence::{Ears, VERBOSE, forms_of_choices, forms_of_key},
    urne,
};
use serde_json::{Value, json as value};
use std::{fs, io::Write, net::TcpStream};

/// From the draft to the opening: a dozen transactions of governance.
const OPENS_AFTER_MS: u64 = 12_000;

#[test]
fn an_election_goes_from_a_census_to_a_verified_proof_by_the_binary_alone() {
    let network = Network::make();
    let home = network.homes[0].as_str();
    refused(4, "does not answer", &["status", "--home", home]);
    let mut nodes = Nodes::start_with(&network.homes, &[VERBOSE]);
    for api in &network.apis {
        until("a node is ready", || is_ready(api));
    }
    assert_eq!(json(&["status", "--home", home])["colleges"].as_array().expect("colleges").len(), 4);
    until("three peers", || json(&["peers", "--home", home])["items"].as_array().expect("peers").len() == 3);
    refused(3, "another process uses", &["snapshot", "create", "--home", home]);

    let election = create(&network);
    let id = election.id.as_str();
    refused(1, "unknown_election", &["election", "show", &"ab".repeat(32), "--home", home]);
    until("it opens", || json(&["election", "show", id, "--home", home])["state"] == "open");

    let ears = Ears::open(&network);
    let ballots = ballots(&network, &election);
    silence(&network, &election, &ears);
    let act = json(&["election", "close", id, "--home", home]);
    network.approve(&act["act_id"]);
    until("it is counted", || json(&["election", "show", id, "--home", home])["state"] == "tallied");
    result(&network, id);
    let (key, _) = &election.members[0];
    let late = ["cast", "--election", id, "--key", key, "--ballot", "[0, [1, 1]]", "--home", home];
    refused(1, "election_closed", &late);

    proof(&network, &ballots[0]);
    universal(&network, id);
    ears.hear_none_of(&network, &keys(&election));
    snapshot(&network, &mut nodes);
    outdated(&network, &mut nodes);
}

struct Election {
    id: String,
    members: Vec<(String, String)>,
}

/// Three members of three colleges and one stranger; two questions of the kinds that ballots write differently.
fn create(network: &Network) -> Election {
    let home = network.homes[0].as_str();
    let members: Vec<(String, String)> = (0..4).map(|i| network.member(&format!("member{i}.key"))).collect();
    let lines: Vec<String> = (1..=3).zip(&members).map(|(college, (_, key))| format!("{college};{key}")).collect();
    let census = network.write("census.csv", &format!("\u{feff}college;public_key\r\n{}\r\n\r\n", lines.join("\r\n")));
    let opens_at = now().plus(OPENS_AFTER_MS);
    let definition = value!({
        "title": "Assemblée", "secrecy": "open", "grace_ms": 0, "revote": "last_counts", "early_close": "by_act",
        "opens_at": opens_at, "closes_at": opens_at.plus(3_600_000),
        "questions": [
            { "title": "Le budget", "choices": ["pour", "contre"],
              "method": { "referendum": { "threshold": "simple", "base": "expressed" } } },
            { "title": "Le nom", "choices": ["Urne", "Boîte"],
              "method": { "majority_judgment": { "grades": ["mal", "bien", "très bien"], "nulls": "worst" } } },
        ],
    });
    let file = network.write("definition.json", &definition.to_string());
    let twice = network.write("twice.csv", &format!("{0}\n{0}\n", lines[0]));
    refused(2, "line 2", &["election", "create", "--file", &file, "--census", &twice, "--home", home]);
    let create = ["election", "create", "--file", &file, "--census", &census, "--home", home];
    let created = json(&create);
    let again = json(&create);
    assert_eq!(created, again, "what the ledger has is not sent twice");
    network.approve(&created["adoption"]);
    let draft = created["draft"].as_str().expect("a draft");
    let scheduled = json(&["election", "schedule", draft, "--home", home]);
    assert_eq!(scheduled["election"], created["election"]);
    network.approve(&scheduled["act_id"]);
    Election { id: created["election"].as_str().expect("an election").to_owned(), members }
}

/// Three ballots, one revote, and what is refused. The trackers of those that count.
fn ballots(network: &Network, election: &Election) -> Vec<String> {
    let home = network.homes[0].as_str();
    let key = |i: usize| election.members[i].0.as_str();
    let cast = |i: usize, ballot: &str, api: &str| {
        json(&["cast", "--election", &election.id, "--key", key(i), "--ballot", ballot, "--api", api])
    };
    let first = cast(0, "[1, [null, 2]]", &network.apis[0]);
    assert_eq!((&first["status"], &first["sequence"], &first["college"]), (&"committed".into(), &1.into(), &1.into()));
    let revote = cast(0, "[0, [2, 1]]", &network.apis[1]);
    assert_eq!(revote["sequence"], 2);
    let second = cast(1, "[0, [2, 0]]", &network.apis[2]);
    let file = network.write("ballot.json", "[\"blank\", [null, null]]");
    let from_file = ["cast", "--election", &election.id, "--key", key(2), "--file", &file, "--no-wait", "--home", home];
    let third = json(&from_file);
    until("the third is in a block", || {
        json(&["election", "show", &election.id, "--home", home])["turnout"]["voted"] == "3"
    });

    let refuse = |code: i32, words: &str, i: usize, more: &[&str]| {
        let args = ["cast", "--election", &election.id, "--key", key(i), "--home", home];
        refused(code, words, &[&args, more].concat());
    };
    refuse(1, "rule 204 not_in_census", 3, &["--ballot", "[0, [1, 1]]"]);
    refuse(1, "sequence_too_old", 0, &["--ballot", "[0, [1, 1]]", "--sequence", "1"]);
    refuse(1, "unknown_choice", 1, &["--ballot", "[7, [1, 1]]"]);
    refuse(1, "wrong_answer_count", 1, &["--ballot", "[0]"]);
    refuse(2, "it is not JSON", 1, &["--ballot", "[0"]);
    let run = urne(&[
        "cast",
        "--election",
        &election.id,
        "--key",
        key(3),
        "--ballot",
        "[0, [1, 1]]",
        "--json",
        "--home",
        home,
    ]);
    let said: Value = serde_json::from_str(&run.err).expect("JSON");
    assert_eq!((&said["error"]["code"], &said["error"]["name"]), (&204.into(), &"not_in_census".into()));
    [revote, second, third].iter().map(|it| it["tracker"].as_str().expect("a tracker").to_owned()).collect()
}

/// Every form of every member's key, the stranger's included.
fn keys(election: &Election) -> Vec<String> {
    election.members.iter().flat_map(|(_, key)| forms_of_key(key)).collect()
}

/// Members have cast, been asked about and been refused, through every node: nothing that a node tells names one of them, nor
/// what she chose. The mirror: the urn itself, which is public in an open election, holds both.
fn silence(network: &Network, election: &Election, ears: &Ears) {
    let (_, ballots) = ask(&format!("{}/v1/elections/{}/ballots", network.apis[0], election.id));
    let choices = forms_of_choices(&serde_json::from_str(&ballots).expect("JSON"));
    assert!(election.members[..3].iter().all(|(_, key)| ballots.contains(key)), "ballots are signed: {ballots}");
    ears.hear_none_of(network, &[keys(election), choices].concat());
}

fn result(network: &Network, id: &str) {
    let results: Vec<Value> =
        network.homes.iter().map(|home| json(&["election", "result", id, "--home", home])).collect();
    assert!(results.windows(2).all(|it| it[0] == it[1]), "every node shows the same result");
    let questions = &results[0]["questions"];
    assert_eq!(questions[0]["tally"], value!({ "pour": 2, "contre": 0 }));
    assert_eq!((&questions[0]["blank"], &questions[0]["adopted"]), (&1.into(), &true.into()));
    assert_eq!(questions[1]["winner"], value!(["Urne"]));
    assert_eq!(questions[1]["profiles_worst_to_best"], value!({ "Urne": [1, 0, 2], "Boîte": [2, 1, 0] }));
}

fn proof(network: &Network, tracker: &str) {
    let (genesis, file) = (format!("{}/genesis.toml", network.homes[0]), network.desk.at("proof.json"));
    for api in &network.apis {
        json(&["proof", tracker, "--output", &file, "--api", api]);
        let said = json(&["verify", &file, "--genesis", &genesis, "--tracker", tracker]);
        assert_eq!((&said["verified"], &said["txid"], &said["ballots"]), (&true.into(), &tracker.into(), &"4".into()));
    }
    refused(1, "not_committed", &["proof", &"ab".repeat(32), "--api", &network.apis[0]]);
    refused(5, "'tracker'", &["verify", &file, "--genesis", &genesis, "--tracker", &"ab".repeat(32)]);

    let text = fs::read_to_string(&file).expect("read");
    let mut tampered: Value = serde_json::from_str(&text).expect("JSON");
    tampered["txid"] = "ab".repeat(32).into();
    let path = network.write("tampered.json", &tampered.to_string());
    refused(5, "'file'", &["verify", &path, "--genesis", &genesis]);
    let nonsense = network.write("nonsense.bin", "not a proof");
    refused(5, "'file'", &["verify", &nonsense, "--genesis", &genesis]);
    json(&["testnet", "--output", &network.desk.at("other")]);
    refused(5, "'chain'", &["verify", &file, "--genesis", &network.desk.at("other/node0/genesis.toml")]);
}

/// The election is verified from a node and from a file, by the genesis or its hash alone; a spoiled file is not.
fn universal(network: &Network, id: &str) {
    let home = network.homes[0].as_str();
    let (genesis, archive) = (format!("{home}/genesis.toml"), network.desk.at("election.urne"));
    let written = json(&["election", "archive", id, "--out", &archive, "--home", home]);
    assert_eq!(written["election"], id);
    let of_file = json(&["election", "verify", "--archive", &archive, "--genesis", &genesis]);
    let checked = &of_file["checked"];
    assert_eq!(
        (&of_file["verified"], &checked["ballots"], &checked["revotes"]),
        (&true.into(), &"4".into(), &"1".into())
    );
    let result = json(&["election", "result", id, "--home", home]);
    assert_eq!((&of_file["questions"], &of_file["turnout"]), (&result["questions"], &result["turnout"]));
    let chain = of_file["chain"].as_str().expect("a chain");
    for api in &network.apis {
        let of_node = json(&["election", "verify", id, "--chain", chain, "--api", api]);
        for key in ["verified", "election", "questions", "turnout", "ballots_root", "emargements_root"] {
            assert_eq!(of_node[key], of_file[key], "{key}");
        }
    }
    let said = urne(&["election", "verify", id, "--archive", &archive, "--home", home]);
    assert!(said.out.contains("verified: election") && said.out.contains("4, 1 of them revotes"), "{said:?}");

    let verify = |file: &str| ["election", "verify", "--archive", file, "--genesis", &genesis].map(str::to_owned);
    let refuse = |step: &str, file: &str| {
        let words = verify(file);
        refused(5, &format!("'{step}'"), &words.iter().map(String::as_str).collect::<Vec<_>>());
    };
    let whole = fs::read(&archive).expect("read");
    let spoiled = |name: &str, bytes: &[u8]| {
        fs::write(network.desk.path(name), bytes).expect("write");
        network.desk.at(name)
    };
    refuse("file", &spoiled("cut.urne", &whole[..whole.len() - 9]));
    refuse("file", &spoiled("long.urne", &[&whole[..], &[0]].concat()));
    refuse("file", &network.write("nonsense.urne", "not an archive"));
    // The last transaction of the last block, which the end's four bytes and its length follow.
    let mut changed = whole.clone();
    let at = changed.len() - 9;
    changed[at] ^= 1;
    refuse("block", &spoiled("changed.urne", &changed));
    let asked = ["election", "verify", &"ab".repeat(32), "--archive", &archive, "--genesis", &genesis];
    refused(5, "'election'", &asked);
    refused(5, "'chain'", &["election", "verify", "--archive", &archive, "--chain", &"ab".repeat(32)]);
    refused(2, "required", &["election", "verify"]);
    refused(3, "No such file", &["election", "verify", "--archive", &network.desk.at("none"), "--genesis", &genesis]);
    refused(1, "unknown_election", &["election", "archive", &"ab".repeat(32), "--out", &archive, "--home", home]);
    assert_eq!(fs::read(&archive).expect("read"), whole, "a refusal leaves the file that was there");
}

/// A stopped node's ledger comes back on another machine, and the node that gave it goes on.
fn snapshot(network: &Network, nodes: &mut Nodes) {
    let home = network.homes[3].as_str();
    let stalling = stalling_client(&network.apis[3]);
    nodes.stop(3);
    drop(stalling);
    let made = json(&["snapshot", "create", "--home", home]);
    let folder = made["folder"].as_str().expect("a folder");
    assert_eq!(json(&["snapshot", "list", "--home", home])["snapshots"][0], made);
    refused(3, "never replaces a ledger", &["snapshot", "restore", folder, "--home", home]);

    let other = network.desk.at("machine");
    let genesis = format!("{home}/genesis.toml");
    json(&["init", "--home", &other, "--unencrypted", "--genesis", &genesis]);
    let restored = json(&["snapshot", "restore", folder, "--home", &other]);
    assert_eq!((&restored["height"], &restored["app_hash"]), (&made["height"], &made["app_hash"]));
    nodes.0[3] = start(home);
    until("it is ready again", || is_ready(&network.apis[3]));
}

/// A client that has sent half of a request, and waits.
fn stalling_client(api: &str) -> TcpStream {
    let mut stream = TcpStream::connect(api.trim_start_matches("http://")).expect("the API listens");
    let half = b"POST /v1/transactions HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf";
    stream.write_all(half).expect("some of it is sent");
    stream
}

/// The colleges decide on a version of the protocol that this program does not know: whoever meets its height ends with that
/// sentence alone, and does not start again. (A node that has not heard of the last block before it goes on waiting for it.)
fn outdated(network: &Network, nodes: &mut Nodes) {
    let home = network.homes[0].as_str();
    let height: u64 = json(&["status", "--home", home])["height"].as_str().expect("a height").parse().expect("digits");
    let first = (height + 10).to_string();
    let act = json(&["act", "propose", "upgrade-protocol", "2", "--height", &first, "--home", home]);
    network.approve(&act["act_id"]);
    let mut at = 0;
    let mut batching_ms = 50;
    until("a node meets the height", || {
        // Any act makes a block; its sender does not wait, since nobody may be left to answer.
        let change = format!("batching_ms={batching_ms}");
        urne(&["act", "propose", "set-parameter", &change, "--no-wait", "--home", home]);
        batching_ms += 1;
        let ended = nodes.0.iter_mut().position(|it| it.try_wait().expect("our own child").is_some());
        at = ended.unwrap_or(at);
        ended.is_some()
    });
    assert_eq!(nodes.0[at].wait().expect("it ended").code(), Some(3));
    let log = fs::read_to_string(format!("{}/node.log", network.homes[at])).expect("a log");
    let sentence = format!("from height {first} on the chain follows version 2 of the protocol");
    assert!(log.contains(&sentence) && log.contains("install the new version"), "{log}");
    assert!(!log.contains("no block can be built"), "{log}");
    refused(3, &sentence, &["start", "--home", &network.homes[at]]);
}
