//! What operators do to a network that runs: sealed keys, lent roles, rotated keys, validators that are handed over or join,
//! observers, a large census, an election called off. One test, because the nodes are started once; by the binary alone.
mod common;
use common::{
    json, mode,
    network::{Network, Nodes, ask, is_ready, launch, now, start, until},
    refused,
};
use serde_json::{Value, json as value};
use std::fs;
use urne_types::SecretKey;

/// Two parts and a half: a part has a thousand entries at most.
const MEMBERS: u32 = 2_500;
/// From the draft to the opening: a dozen transactions of governance.
const OPENS_AFTER_MS: u64 = 15_000;

#[test]
fn operators_change_keys_roles_and_validators_while_the_chain_goes_on() {
    let network = Network::make();
    let phrase = seal(&network);
    let mut nodes = Nodes(network.homes[..3].iter().map(|it| start(it)).collect());
    nodes.0.push(launch(&network.homes[3], &[], &[("URNE_PASSPHRASE_FILE", &phrase)]));
    for api in &network.apis {
        until("a node is ready", || is_ready(api));
    }
    delegation(&network);
    administrator(&network);
    let census = census(&network);
    cancelled(&network, &census.id);
    let proof = handover(&network, &mut nodes, &census);
    joins(&network, &mut nodes, &proof);
    another_passphrase(&network, &mut nodes, &phrase);
}

/// The fourth validator's key is sealed: the node opens it with its passphrase, and with no other.
fn seal(network: &Network) -> String {
    let home = network.homes[3].as_str();
    let phrase = network.desk.passphrase("phrase", "une phrase assez longue\n");
    let sealed = json(&["keys", "passphrase", "--new-passphrase-file", &phrase, "--home", home]);
    assert!(sealed["keys"].as_array().expect("keys").iter().all(|it| it["encrypted"] == true), "{sealed}");
    refused(3, "give --passphrase-file, or URNE_PASSPHRASE_FILE", &["start", "--home", home]);
    let wrong = network.desk.passphrase("wrong", "une phrase tout autre\n");
    refused(3, "does not open", &["start", "--home", home, "--passphrase-file", &wrong]);
    mode(&network.desk.path("wrong"), 0o644);
    refused(3, "chmod 600", &["start", "--home", home, "--passphrase-file", &wrong]);
    phrase
}

/// A deputy acts for the first college until the role is taken back; another college's administrator cannot.
fn delegation(network: &Network) {
    let (first, second) = (network.homes[0].as_str(), network.homes[1].as_str());
    let key = network.desk.at("deputy.key");
    let made = json(&["keys", "new", "--role", "administrator", "--output", &key, "--unencrypted"]);
    let deputy = made["public_key"].as_str().expect("a key");
    let act = ["act", "propose", "set-parameter", "batching_ms=90", "--home", first];
    let as_deputy = [act.as_slice(), &["--key", &key]].concat();
    refused(1, "rule 300 not_an_administrator", &as_deputy);
    refused(1, "urne act administrators", &as_deputy);
    refused(2, "--days", &["act", "delegate", deputy, "--home", first]);
    refused(1, "bad_expiry", &["act", "delegate", deputy, "--until", "2020-01-01T00:00:00Z", "--home", first]);

    let lent = json(&["act", "delegate", deputy, "--days", "2", "--home", first]);
    assert_eq!((&lent["to"], &lent["tx"]["status"]), (&deputy.into(), &"committed".into()), "{lent}");
    refused(1, "rule 330 delegation_exists", &["act", "delegate", deputy, "--days", "1", "--home", second]);
    let shown = json(&["act", "administrators", "--home", second]);
    let of_first = shown["items"].as_array().expect("a list").iter().find(|it| it["college"] == 1).expect("one");
    assert_eq!(of_first["delegations"], value!([{ "to": deputy, "expires_at": lent["expires_at"] }]));
    let proposed = json(&as_deputy);
    assert_eq!(proposed["act"]["approvals"][0]["college"], 1);
    network.approve(&proposed["act_id"]);

    refused(1, "rule 331 unknown_delegation", &["act", "revoke", deputy, "--home", second]);
    assert_eq!(json(&["act", "revoke", deputy, "--home", first])["tx"]["status"], "committed");
    refused(1, "not_an_administrator", &[as_deputy.as_slice(), &["--expires", "2020-01-01T00:00:00Z"]].concat());
}

/// The third college's administrator changes her key; the old one is worth nothing any more.
fn administrator(network: &Network) {
    let home = network.homes[2].as_str();
    let rotate = ["keys", "rotate", "--role", "administrator", "--home", home];
    refused(2, "no rotation is prepared", &[rotate.as_slice(), &["--finish"]].concat());
    let prepared = json(&[rotate.as_slice(), &["--unencrypted"]].concat());
    let file = network.write("rotation.json", &prepared.to_string());
    let act = json(&["act", "propose", "--file", &file, "--home", &network.homes[0]]);
    network.approve(&act["act_id"]);
    let propose = ["act", "propose", "set-parameter", "batching_ms=80", "--home", home];
    refused(1, "not_an_administrator", &propose);
    let finished = json(&[rotate.as_slice(), &["--finish"]].concat());
    assert_eq!(finished["public_key"], prepared["act"]["rotate_administrator_key"]["to"]);
    assert_eq!(json(&propose)["tx"]["status"], "committed");
}

struct Census {
    id: String,
    /// Key files of three members of three colleges.
    voters: Vec<String>,
}

/// A census of several parts, brought by one command and adopted by the colleges.
fn census(network: &Network) -> Census {
    let home = network.homes[0].as_str();
    let voters: Vec<(String, String)> = (0..3).map(|i| network.member(&format!("voter{i}.key"))).collect();
    let member = |i: u32| {
        let mut seed = [0x5e; 32];
        seed[..4].copy_from_slice(&i.to_be_bytes());
        format!("{};{}", i % 4 + 1, SecretKey::from_seed(&seed).public())
    };
    let own = (1..).zip(&voters).map(|(college, (_, key))| format!("{college};{key}"));
    let lines: Vec<String> = own.chain((3..MEMBERS).map(member)).collect();
    let file = network.write("census.csv", &lines.join("\n"));
    let nobodys = format!("{}\n1;01{}\n", lines[0], "0".repeat(62));
    let unsound = network.write("unsound.csv", &nobodys);
    let definition = network.write("later.json", &definition(3_600_000, None).to_string());
    let create = ["election", "create", "--file", &definition, "--home", home, "--census"];
    refused(1, "rule 329 bad_key", &[create.as_slice(), &[&unsound]].concat());
    let created = json(&[create.as_slice(), &[&file]].concat());
    assert_eq!(created["members"], MEMBERS);
    network.approve(&created["adoption"]);
    let draft = created["draft"].as_str().expect("a draft");
    network.approve(&json(&["election", "schedule", draft, "--home", home])["act_id"]);
    Census {
        id: created["census"].as_str().expect("a census").to_owned(),
        voters: voters.into_iter().map(|(file, _)| file).collect(),
    }
}

fn definition(opens_after_ms: u64, census: Option<&str>) -> Value {
    let opens_at = now().plus(opens_after_ms);
    let mut it = value!({
        "title": "Le pont", "secrecy": "open", "grace_ms": 0, "revote": "last_counts", "early_close": "by_act",
        "opens_at": opens_at, "closes_at": opens_at.plus(3_600_000),
        "questions": [{ "title": "Rouvrir le pont", "choices": ["pour", "contre"],
                        "method": { "referendum": { "threshold": "simple", "base": "expressed" } } }],
    });
    if let Some(census) = census {
        it["census"] = census.into();
    }
    it
}

/// The election that was scheduled is called off, in public and for good.
fn cancelled(network: &Network, census: &str) {
    let home = network.homes[0].as_str();
    let listed = json(&["election", "list", "--home", home]);
    let one = &listed["items"][0];
    assert_eq!((&one["state"], &one["registered"]), (&"scheduled".into(), &MEMBERS.to_string().into()), "{listed}");
    let id = one["id"].as_str().expect("an election");
    refused(2, "--reason", &["election", "cancel", id, "--home", home]);
    let act = json(&["election", "cancel", id, "--reason", "le pont est tombé", "--home", home]);
    network.approve(&act["act_id"]);
    let shown = json(&["election", "show", id, "--home", home]);
    assert_eq!((&shown["state"], &shown["definition"]["census"]), (&"cancelled".into(), &census.into()));
    assert_eq!(shown["life"]["cancelled"]["reason"], "le pont est tombé");
    assert_eq!(json(&["election", "list", "--home", home])["items"][0]["state"], "cancelled");
    refused(1, "no_result", &["election", "result", id, "--home", home]);
    // The proposal passes; the approval that would execute it does not.
    let again = json(&["election", "cancel", id, "--reason", "encore", "--home", home]);
    let act = again["act_id"].as_str().expect("an act");
    json(&["act", "approve", act, "--home", &network.homes[1]]);
    refused(1, "wrong_election_state", &["act", "approve", act, "--home", &network.homes[2]]);
}

/// The second validator's key is rotated by an act; a proof from after that is believed from the genesis alone.
fn handover(network: &Network, nodes: &mut Nodes, census: &Census) -> String {
    let (home, first) = (network.homes[1].as_str(), network.homes[0].as_str());
    let prepared = json(&["keys", "rotate", "--unencrypted", "--home", home]);
    let file = network.write("replace.json", &prepared.to_string());
    network.approve(&json(&["act", "propose", "--file", &file, "--home", first])["act_id"]);
    nodes.stop(1);
    let new = json(&["keys", "rotate", "--finish", "--home", home])["validator"].clone();
    assert!(
        json(&["keys", "guard", "show", "--home", home])["height"].is_string(),
        "the guard went over to the new key"
    );
    nodes.0[1] = start(home);
    until("the validator is back under its new key", || is_ready(&network.apis[1]));
    assert_eq!(json(&["status", "--home", home])["node"]["validator"], new);

    let draft = network.write("soon.json", &definition(OPENS_AFTER_MS, Some(&census.id)).to_string());
    let created = json(&["election", "create", "--file", &draft, "--home", first]);
    let scheduled = json(&["election", "schedule", created["draft"].as_str().expect("a draft"), "--home", first]);
    network.approve(&scheduled["act_id"]);
    let id = created["election"].as_str().expect("an election");
    until("it opens", || json(&["election", "show", id, "--home", first])["state"] == "open");
    let cast = ["cast", "--election", id, "--key", &census.voters[0], "--ballot", "0", "--home", home];
    let sequences: Vec<Value> = (0..2).map(|_| json(&cast)["sequence"].clone()).collect();
    assert_eq!(sequences, [1, 2], "the node tells the next number");
    let elsewhere = [cast.as_slice(), &["--college", "2"]].concat();
    refused(1, "not_in_census", &elsewhere);
    let tracker = json(&cast)["tracker"].as_str().expect("a tracker").to_owned();

    let (proof, genesis) = (network.desk.at("proof.json"), format!("{first}/genesis.toml"));
    json(&["proof", &tracker, "--output", &proof, "--home", first]);
    let verify = ["verify", &proof, "--genesis", &genesis, "--tracker", &tracker];
    assert_eq!(json(&verify)["verified"], true);
    let mut cut: Value = serde_json::from_str(&fs::read_to_string(&proof).expect("read")).expect("JSON");
    assert_ne!(cut["handovers"], value!([]), "the validators are not those of genesis any more");
    cut["handovers"] = value!([]);
    let cut = network.write("cut.json", &cut.to_string());
    refused(5, "'validators'", &["verify", &cut, "--genesis", &genesis]);
    tracker
}

/// A new machine follows first, then validates: its record becomes an act, and it starts again with its key.
fn joins(network: &Network, nodes: &mut Nodes, tracker: &str) {
    let (home, first) = (network.desk.at("newcomer"), network.homes[0].as_str());
    let (p2p, api) = (network.spare_port, network.spare_port + 1);
    json(&["init", "--home", &home, "--unencrypted", "--genesis", &format!("{first}/genesis.toml")]);
    let (address, listen) = (format!("/ip4/127.0.0.1/tcp/{p2p}"), format!("127.0.0.1:{api}"));
    let variables = [
        ("URNE_API_LISTEN", listen.as_str()),
        ("URNE_P2P_LISTEN", address.as_str()),
        ("URNE_METRICS_ENABLED", "false"),
    ];
    nodes.0.push(launch(&home, &["--observer"], &variables));
    let url = format!("http://{listen}");
    until("the observer knows of the ballot", || {
        ask(&format!("{url}/v1/transactions/{tracker}")).1.contains("committed") && is_ready(&url)
    });
    let status = json(&["status", "--api", &url]);
    assert_eq!((&status["node"]["role"], &status["node"]["validator"]), (&"observer".into(), &Value::Null), "{status}");
    assert_eq!(ask(&format!("{url}/metrics")).0, 404, "metrics.enabled = false");
    assert_eq!(ask(&format!("{}/metrics", network.apis[0])).0, 200);

    let record = ["act", "record", "--college", "1", "--name", "Habitants 2", "--address", &address, "--home", &home];
    let file = network.write("record.json", &json(&record).to_string());
    let act = json(&["act", "propose", "add-validator", "--record", &file, "--home", first]);
    network.approve(&act["act_id"]);
    nodes.stop(4);
    nodes.0[4] = launch(&home, &[], &variables);
    until("it validates", || is_ready(&url));
    let own = json(&["status", "--api", &url])["node"]["validator"].as_str().expect("a validator").to_owned();
    until("it signs blocks", || {
        json(&["act", "propose", "set-parameter", "batching_ms=70", "--home", first]);
        json(&["block", "latest", "--api", &url])["certificate"]["signatures"].to_string().contains(&own)
    });
}

/// A passphrase is changed while the node runs, and opens its next start.
fn another_passphrase(network: &Network, nodes: &mut Nodes, old: &str) {
    let home = network.homes[3].as_str();
    let new = network.desk.passphrase("new", "encore une autre phrase\n");
    let change = ["keys", "passphrase", "--new-passphrase-file", &new, "--home", home];
    refused(3, "is encrypted", &change);
    refused(3, "does not open", &[change.as_slice(), &["--passphrase-file", &new]].concat());
    // The secret of an election whose keys were made, as `urne trustee` keeps it.
    let secret = format!("{home}/trustee/{}.key", "ab".repeat(32));
    json(&["keys", "new", "--role", "trustee", "--output", &secret, "--passphrase-file", old]);
    json(&[change.as_slice(), &["--passphrase-file", old]].concat());
    let of_secret = ["keys", "passphrase", &secret, "--new-passphrase-file", &new, "--passphrase-file"];
    refused(3, "does not open", &[&of_secret[..], &[old]].concat());
    json(&[&of_secret[..], &[&new]].concat());
    fs::remove_file(&secret).expect("our own file");
    nodes.stop(3);
    refused(3, "does not open", &["start", "--home", home, "--passphrase-file", old]);
    nodes.0[3] = launch(home, &["--passphrase-file", &new], &[]);
    until("it is ready again", || is_ready(&network.apis[3]));
}
