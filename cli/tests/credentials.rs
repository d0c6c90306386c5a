//! A secret election with anonymous credentials by the binary alone: four validators, three registrars of which two sign, one
//! that is away and one that is killed; codes out of the outbox, requests, registration in company and late, votes, the result,
//! its verification; and nothing of anybody in all that was said. One test, because the nodes are started once.
mod common;
use common::{
    json,
    liar::Liar,
    network::{Network, Nodes, ask, free_ports, is_ready, now, spawn, trustee, until},
    refused,
    silence::{Ears, VERBOSE, every_answer, forms_of_choices, forms_of_key, is_link},
    urne,
};
use serde_json::{Value, json as value};
use std::{collections::BTreeMap, fs, process::Child};
use urne_types::UnixMs;

/// From the draft on: a dozen acts and two ceremonies; then two dozen commands of members; then eight.
const ISSUANCE_AFTER_MS: u64 = 60_000;
const REGISTRATION_AFTER_MS: u64 = ISSUANCE_AFTER_MS + 75_000;
const OPENS_AFTER_MS: u64 = REGISTRATION_AFTER_MS + 30_000;

/// Name, identifier, address: words that appear nowhere else.
const MEMBERS: [[&str; 3]; 4] = [
    ["Anastasie Quinquet", "SOC-88231", "anastasie@coop.example"],
    ["Barnabé Quillfeather", "SOC-88232", "barnabe@coop.example"],
    ["Clothilde Ouzounian", "SOC-88233", "clothilde@coop.example"],
    ["Dieudonné Wrzesniewski", "SOC-88234", "dieudonne@coop.example"],
];

struct Registrar {
    home: String,
    outbox: String,
    url: String,
    api: String,
    roll: String,
    key: String,
    process: Option<Child>,
}

impl Registrar {
    fn new(network: &Network, i: u16, port: u16) -> Self {
        let (home, outbox) = (network.desk.at(&format!("registrar{i}")), network.desk.at(&format!("outbox{i}")));
        let made = json(&["registrar", "init", "--home", &home, "--unencrypted"]);
        fs::create_dir(&outbox).expect("a folder");
        let key = made["registrar_key"].as_str().expect("a key").to_owned();
        let url = format!("http://127.0.0.1:{}", port + i);
        let api = network.apis[usize::from(i)].clone();
        Self { home, outbox, url, api, roll: network.desk.at("roll/roll.json"), key, process: None }
    }
    fn start(&mut self) {
        let log = fs::File::options().create(true).append(true).open(format!("{}/log", self.home)).expect("a log");
        let own = ["registrar", "run", "--home", &self.home, "--api", &self.api, "--roll", &self.roll];
        let door = ["--outbox", &self.outbox, "--listen", self.url.trim_start_matches("http://")];
        self.process = Some(spawn(log, &[&own[..], &door].concat(), &[]));
        until("a registrar is open", || ask(&format!("{}/v1/healthz", self.url)).0 == 204);
    }
    /// As a power cut would.
    fn kill(&mut self) {
        let mut process = self.process.take().expect("it runs");
        process.kill().expect("our own child");
        process.wait().expect("it ended");
    }
    /// The code in the newest message to somebody, once there are so many.
    fn code(&self, address: &str, at_least: usize) -> String {
        let mut found = Vec::new();
        until("a code comes", || {
            found = self.messages(address);
            at_least <= found.len()
        });
        found.pop().expect("a message").1.split("Your code: ").nth(1).expect("a code").chars().take(11).collect()
    }
    /// Messages to somebody, the oldest first.
    fn messages(&self, address: &str) -> Vec<(std::time::SystemTime, String)> {
        let files = fs::read_dir(&self.outbox).expect("a folder").map(|it| it.expect("a file").path());
        let whole = files.filter(|it| it.extension().is_some_and(|it| it == "eml"));
        let read = |it: std::path::PathBuf| {
            (fs::metadata(&it).expect("a file").modified().expect("a time"), fs::read_to_string(it).expect("a text"))
        };
        let mut found: Vec<_> = whole.map(read).filter(|it| it.1.contains(&format!("To: {address}"))).collect();
        found.sort_unstable();
        found
    }
}
impl Drop for Registrar {
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// A voter's words to the binary.
struct Voter {
    member: [&'static str; 3],
    key: String,
    salt: String,
}

struct Scene<'a> {
    network: &'a Network,
    id: String,
    home: &'a str,
}

impl Scene<'_> {
    fn request(&self, voter: &Voter, registrars: &[&Registrar], more: &[&str]) -> Vec<String> {
        let mut words =
            ["credential", "request", "--election", &self.id, "--college", "1", "--home", self.home].to_vec();
        words.extend(["--identity", voter.member[1], "--key", &voter.key]);
        registrars.iter().for_each(|it| words.extend(["--registrar", &it.url]));
        words.extend(more);
        words.into_iter().map(str::to_owned).collect()
    }
    /// Codes from these, and the request with them.
    fn requested(&self, voter: &Voter, registrars: &[&Registrar]) -> Value {
        let before: Vec<usize> = registrars.iter().map(|it| it.messages(voter.member[2]).len()).collect();
        let asked = json(&words(&self.request(voter, registrars, &[])));
        assert_eq!(asked["asked"], registrars.len());
        let codes: Vec<String> = registrars.iter().zip(before).map(|(it, n)| it.code(voter.member[2], n + 1)).collect();
        let codes: Vec<&str> = codes.iter().flat_map(|it| ["--code", it]).collect();
        json(&words(&self.request(voter, registrars, &codes)))
    }
    fn register(&self, voter: &Voter, more: &[&str]) -> Vec<String> {
        let via = &self.network.apis[3];
        let own =
            ["credential", "register", "--election", &self.id, "--key", &voter.key, "--via", via, "--home", self.home];
        [&own, more].concat().into_iter().map(str::to_owned).collect()
    }
    fn vote(&self, voter: &Voter, ballot: &str) -> Vec<String> {
        let own = ["vote", "--election", &self.id, "--key", &voter.key, "--ballot", ballot, "--home", self.home];
        own.map(str::to_owned).to_vec()
    }
    fn until_instant(&self, what: &str, instant: UnixMs) {
        until_long(what, || instant <= now());
    }
}

/// The calendar of an election is minutes long.
fn until_long(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..6 {
        let since = std::time::Instant::now();
        let mut reached = false;
        until(what, || {
            reached = is_so();
            reached || std::time::Duration::from_secs(30) < since.elapsed()
        });
        if reached {
            return;
        }
    }
    panic!("{what}: never");
}

fn words(of: &[String]) -> Vec<&str> {
    of.iter().map(String::as_str).collect()
}

#[test]
fn members_vote_with_credentials_that_nobody_can_trace() {
    let network = Network::make();
    let home = network.homes[0].as_str();
    let _nodes = Nodes::start_with(&network.homes, &[VERBOSE]);
    for api in &network.apis {
        until("a node is ready", || is_ready(api));
    }
    let ears = Ears::open(&network);
    let port = free_ports(3);
    let mut registrars: Vec<Registrar> = (0..3).map(|i| Registrar::new(&network, i, port)).collect();
    let (census, voters) = roll(&network, &registrars);
    let begun = now();
    let draft = draft(&network, &census, &registrars, begun);
    let _trustees = Nodes(network.homes.iter().map(|it| trustee(it)).collect());
    registrars.iter_mut().for_each(Registrar::start);
    let ceremony = || json(&["election", "ceremony", &draft, "--home", home]);
    until_long("the keys are made", || ceremony()["state"]["done"].is_object());
    let id = ceremony()["election"].as_str().expect("a name").to_owned();
    let scene = Scene { network: &network, id: id.clone(), home };

    refused(1, "it begins at", &words(&scene.request(&voters[0], &[&registrars[0]], &[])));
    // The third registrar is away: two are enough, and nobody is singled out.
    registrars[2].kill();
    scene.until_instant("issuance begins", begun.plus(ISSUANCE_AFTER_MS));
    issued(&scene, &voters, &mut registrars);

    refused(1, "registration begins at", &words(&scene.vote(&voters[0], "[2, 0]")));
    refused(1, "registration_not_open", &words(&scene.register(&voters[0], &[])));
    scene.until_instant("registration begins", begun.plus(REGISTRATION_AFTER_MS));
    refused(1, "urne credential register", &words(&scene.vote(&voters[0], "[2, 0]")));
    let own_node = ["credential", "register", "--election", &id, "--key", &voters[0].key, "--home", home];
    refused(2, "name another node by --via", &own_node);
    for voter in &voters[..2] {
        let brought = json(&words(&scene.register(voter, &["--no-wait"])));
        assert_eq!(brought["status"], "collected", "{brought}");
    }
    let third = json(&words(&scene.register(&voters[2], &[])));
    assert_eq!((&third["status"], &third["late"]), (&"registered".into(), &false.into()), "{third}");
    let shown = json(&["credential", "show", "--election", &id, "--key", &voters[0].key, "--home", home]);
    assert_eq!(shown["registered"]["college"], 1, "all three together: {shown}");

    let show = ["credential", "show", "--offline", "--election", &id, "--key", &voters[0].key];
    let genesis = format!("{home}/genesis.toml");
    let alone = json(&[&show[..], &["--genesis", &genesis]].concat());
    assert_eq!((&alone["credential"], &alone["signed"]), (&shown["credential"], &true.into()), "without any node");

    scene.until_instant("it opens", begun.plus(OPENS_AFTER_MS));
    until("it is open", || json(&["election", "show", &id, "--home", home])["state"] == "open");
    refused(1, "not_registered", &words(&scene.vote(&voters[3], "[2, 0]")));
    let late = json(&words(&scene.register(&voters[3], &[])));
    assert_eq!(late["late"], true, "{late}");
    for (voter, ballot) in voters.iter().zip(["[2, 0]", "[1, null]", "\"blank\"", "[0, 2]"]) {
        let cast = json(&words(&scene.vote(voter, ballot)));
        assert_eq!((&cast["status"], &cast["sequence"]), (&"committed".into(), &1.into()), "{cast}");
    }
    let again = json(&words(&scene.vote(&voters[0], "[0, 2]")));
    assert_eq!(again["sequence"], 2, "{again}");
    proven(&network, again["txid"].as_str().expect("a name"));
    counted(&scene);
    until("the registrars' secrets are erased", || {
        let left =
            |it: &Registrar| fs::read_dir(format!("{}/registrar/ceremonies", it.home)).expect("a folder").count();
        registrars.iter().map(left).sum::<usize>() == 0
    });
    silent(&scene, &ears, &voters, &registrars);
}

/// Requests, with one registrar away, then another, and one member who has two devices.
fn issued(scene: &Scene<'_>, voters: &[Voter], registrars: &mut [Registrar]) {
    let home = scene.home;
    for voter in &voters[..2] {
        let signed = scene.requested(voter, &[&registrars[0], &registrars[1]]);
        assert!(signed["credential"].is_string(), "{signed}");
    }
    // Her other device made another request: it is refused by those who have approved the first.
    let other = Voter { key: scene.network.member("other.key").0, salt: voters[0].salt.clone(), ..voters[0] };
    let codes = |it: &Registrar, voter: &Voter| it.code(voter.member[2], 1);
    let code = codes(&registrars[0], &voters[0]);
    refused(1, "rule 960 another_request", &words(&scene.request(&other, &[&registrars[0]], &["--code", &code])));
    refused(
        1,
        "rule 959 not_authenticated",
        &words(&scene.request(&other, &[&registrars[0]], &["--code", "AAAAA-AAAAA"])),
    );
    // The same device, asked again without any registrar: the letter is enough.
    let found = json(&words(&scene.request(&voters[0], &[], &["--salt", &voters[0].salt])));
    assert!(found["credential"].is_string());

    // One approval is not enough; the registrar that was killed remembers nothing wrong, and is asked for a new code.
    let asked = json(&words(&scene.request(&voters[2], &[&registrars[1]], &[])));
    assert_eq!(asked["asked"], 1);
    let code = registrars[1].code(voters[2].member[2], 1);
    registrars[0].kill();
    let alone = scene.request(&voters[2], &[&registrars[1]], &["--code", &code, "--timeout-s", "2"]);
    refused(4, "fewer than 2 registrars", &words(&alone));
    registrars[0].start();
    refused(1, "rule 959", &words(&scene.request(&other, &[&registrars[0]], &["--code", "AAAAA-AAAAA"])));
    let signed = scene.requested(&voters[2], &[&registrars[0]]);
    assert!(signed["credential"].is_string(), "{signed}");

    another_request(scene, &mut registrars[2]);
    // The one that was away comes back, the other goes: again two are enough.
    registrars[2].start();
    registrars[1].kill();
    scene.requested(&voters[3], &[&registrars[0], &registrars[2]]);
    let entry = |voter: &Voter, more: &[&str]| {
        let own = ["credential", "entry", "--election", &scene.id, "--college", "1", "--home", home];
        let hers = ["--identity", voter.member[1], "--salt", &voter.salt];
        [&own[..], &hers, more].concat().into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let shown = json(&words(&entry(&voters[3], &["--key", &voters[3].key])));
    assert_eq!((&shown["own"], shown["approvals"].as_array().map(Vec::len)), (&true.into(), Some(2)), "{shown}");
    refused(5, "did not make", &words(&entry(&voters[3], &["--key", &other.key])));
    registrars[1].start();
}

/// The node of a registrar shows it another member's request under an entry, with the approvals of all: it would sign a second
/// credential of one member.
fn another_request(scene: &Scene<'_>, registrar: &mut Registrar) {
    let (api, id) = (registrar.api.clone(), &scene.id);
    let read = |path: &str| serde_json::from_str::<Value>(&ask(&format!("{api}{path}")).1).expect("JSON");
    let census = read(&format!("/v1/elections/{id}"))["definition"]["census"].as_str().expect("a census").to_owned();
    let entries = read(&format!("/v1/censuses/{census}/entries"))["items"].as_array().expect("entries").clone();
    let path = |it: &Value| {
        format!("/v1/elections/{id}/entries/{}/{}", it["college"], it["member"].as_str().expect("a commitment"))
    };
    let asked: Vec<(String, Value)> = entries.iter().map(|it| (path(it), read(&path(it)))).collect();
    let asked: Vec<_> = asked.into_iter().filter(|(_, it)| it["approved"].is_object()).collect();
    let (place, mut shown) = asked[0].clone();
    shown["answers"] = value!([]);
    shown["approved"]["request"] = asked[1].1["approved"]["request"].clone();
    for approval in shown["approvals"].as_array_mut().expect("approvals") {
        approval["request"] = asked[1].1["approved"]["request"].clone();
    }
    let requests = format!("/v1/elections/{id}/requests");
    let lie = move |path: &str, body: String| match path {
        _ if path == place => shown.to_string(),
        _ if path.starts_with(&requests) => value!({ "items": [shown], "next": null }).to_string(),
        _ => body,
    };
    let liar = Liar::before(&api, lie);
    registrar.api = liar.api.clone();
    registrar.start();
    let log = || fs::read_to_string(format!("{}/log", registrar.home)).expect("a log");
    until("the lie is found", || log().contains("cannot show in a block, and nothing was signed"));
    registrar.kill();
    registrar.api = api;
    assert_eq!(liar.sent(), 0, "no answer was given");
}

/// The office's sheet: its census, and what each member's letter says.
fn roll(network: &Network, registrars: &[Registrar]) -> (String, Vec<Voter>) {
    let lines: Vec<String> = MEMBERS.iter().map(|[name, id, contact]| format!("{name};{id};1;{contact}\n")).collect();
    let sheet = network.write("members.csv", &format!("Nom;Numéro;Collège;Courriel\n{}", lines.concat()));
    let folder = network.desk.at("roll");
    let mut words = vec!["registrar", "roll", &sheet, "--output", &folder, "--home", &network.homes[0]];
    for column in ["name=Nom", "id=Numéro", "college=Collège", "contact=Courriel"] {
        words.extend(["--column", column]);
    }
    registrars.iter().for_each(|it| words.extend(["--registrar", &it.url]));
    let made = json(&words);
    assert_eq!((&made["sound"], &made["members"]["1"]), (&true.into(), &4.into()), "{made}");
    refused(3, "exists", &words);
    let letters: BTreeMap<String, String> = fs::read_dir(format!("{folder}/letters"))
        .expect("a folder")
        .map(|it| fs::read_to_string(it.expect("a file").path()).expect("a text"))
        .map(|it| (it.lines().nth(1).expect("a head").trim_start_matches("To: ").to_owned(), it))
        .collect();
    let voter = |(i, member): (usize, &[&'static str; 3])| {
        let letter = &letters[member[2]];
        assert!(letter.contains(&registrars[2].url) && letter.contains(member[0]));
        let salt = letter.split("salt ").nth(1).expect("a salt").split_whitespace().next().expect("a salt").to_owned();
        Voter { member: *member, key: network.member(&format!("voter{i}.key")).0, salt }
    };
    (format!("{folder}/census.csv"), MEMBERS.iter().enumerate().map(voter).collect())
}

/// One college, its credentials signed by any two of three registrars; scheduled by three colleges.
fn draft(network: &Network, census: &str, registrars: &[Registrar], begun: UnixMs) -> String {
    let home = network.homes[0].as_str();
    let trustees: Vec<Value> = (1..=4)
        .zip(&network.homes)
        .map(|(college, home)| {
            let keys = json(&["keys", "show", &format!("{home}/keys/trustee.key")]);
            value!({ "college": college, "key": keys["keys"][0]["public_key"] })
        })
        .collect();
    let named: Vec<Value> =
        (1..).zip(registrars).map(|(college, it)| value!({ "college": college, "key": it.key })).collect();
    let opens_at = begun.plus(OPENS_AFTER_MS);
    let definition = value!({
        "title": "Assemblée", "grace_ms": 0, "revote": "last_counts", "early_close": "by_act",
        "opens_at": opens_at, "closes_at": opens_at.plus(3_600_000),
        "secrecy": { "sealed": {
            "census": { "credentials": {
                "registrars": named,
                "issuance_at": begun.plus(ISSUANCE_AFTER_MS), "registration_at": begun.plus(REGISTRATION_AFTER_MS),
            } },
            "trustees": trustees, "groups": [[1]], "minimum_group": 3, "step_ms": 4_000,
        } },
        "questions": [{ "title": "Le nom", "choices": ["Urne", "Boîte"],
            "method": { "majority_judgment": { "grades": ["mal", "bien", "très bien"], "nulls": "worst" } } }],
    });
    let file = network.write("definition.json", &definition.to_string());
    let created = json(&["election", "create", "--file", &file, "--census", census, "--home", home]);
    network.approve(&created["adoption"]);
    let draft = created["draft"].as_str().expect("a draft").to_owned();
    let scheduled = json(&["election", "schedule", &draft, "--home", home]);
    network.approve(&scheduled["act_id"]);
    draft
}

/// A proof, on paper and back: its codes verify without any network.
fn proven(network: &Network, txid: &str) {
    let (home, file, picture) =
        (network.homes[1].as_str(), network.desk.at("proof.json"), network.desk.at("proof.svg"));
    json(&["proof", txid, "--output", &file, "--home", home]);
    let shown = json(&["proof", "show", &file, "--qr", &picture, "--home", home]);
    assert_eq!((&shown["verified"], &shown["txid"]), (&true.into(), &txid.into()), "{shown}");
    let parts: Vec<&str> =
        shown["parts"].as_array().expect("parts").iter().map(|it| it.as_str().expect("text")).collect();
    for picture in shown["pictures"].as_array().expect("pictures") {
        assert!(fs::read_to_string(picture.as_str().expect("a path")).expect("a picture").contains("<svg"));
    }
    let genesis = format!("{home}/genesis.toml");
    let scanned = network.write("scanned.txt", &parts.iter().rev().copied().collect::<Vec<_>>().join("\n"));
    let read = json(&["proof", "verify", &scanned, "--genesis", &genesis]);
    assert_eq!(read["txid"], txid);
    let spoiled = network.write("spoiled.txt", &parts.join("\n").replacen('7', "8", 1));
    refused(5, "step that fails is 'file'", &["verify", &spoiled, "--genesis", &genesis]);
    let drawn = urne(&["proof", "show", &file, "--home", home]);
    assert!(drawn.code == 0 && drawn.out.contains('█') && drawn.out.contains("does not show what was"), "{drawn:?}");
}

/// The sum is opened after the close, and anybody finds the same.
fn counted(scene: &Scene<'_>) {
    let (network, home, id) = (scene.network, scene.home, scene.id.as_str());
    let act = json(&["election", "close", id, "--home", home]);
    network.approve(&act["act_id"]);
    until("the sum is opened", || json(&["election", "show", id, "--home", home])["state"] == "tallied");
    let results: Vec<Value> = network.homes.iter().map(|it| json(&["election", "result", id, "--home", it])).collect();
    assert!(results.iter().all(|it| *it == results[0]), "{results:?}");
    // [0, 2], [1, null], blank, [0, 2]: blank and "no opinion" count as the worst grade, by the definition.
    let profiles = &results[0]["profiles_worst_to_best"];
    assert_eq!((&profiles["Urne"], &profiles["Boîte"]), (&value!([3, 1, 0]), &value!([2, 0, 2])), "{profiles}");
    let shown = json(&["election", "verify", id, "--home", home]);
    assert_eq!((&shown["checked"]["ballots"], &shown["checked"]["revotes"]), (&"5".into(), &"1".into()), "{shown}");
}

/// All that was logged, measured, told or answered names nobody, no code, no salt and no choice; and no credential is named but
/// where it is registered and votes.
fn silent(scene: &Scene<'_>, ears: &Ears, voters: &[Voter], registrars: &[Registrar]) {
    let network = scene.network;
    let mut people: Vec<String> = MEMBERS.iter().flatten().map(|it| (*it).to_owned()).collect();
    people.extend(MEMBERS.iter().flat_map(|it| it[0].split(' ').map(str::to_owned).collect::<Vec<_>>()));
    people.extend(voters.iter().flat_map(|it| [it.salt.clone(), it.salt[..16].to_owned()]));
    for registrar in registrars {
        for member in MEMBERS {
            for (_, text) in registrar.messages(member[2]) {
                let code: String = text.split("Your code: ").nth(1).expect("a code").chars().take(11).collect();
                people.extend([code.replace('-', ""), code]);
            }
        }
    }
    let (_, ballots) = ask(&format!("{}/v1/elections/{}/ballots", network.apis[0], scene.id));
    let ballots: Value = serde_json::from_str(&ballots).expect("ballots");
    let shows = ["--home", scene.home, "--election", &scene.id];
    let credentials: Vec<String> = voters
        .iter()
        .map(|it| json(&[&["credential", "show", "--key", &it.key][..], &shows].concat()))
        .map(|it| it["credential"].as_str().expect("a key").to_owned())
        .collect();
    let choices: Vec<String> = forms_of_choices(&ballots);
    let of_credentials = credentials.iter().flat_map(|it| forms_of_key(it));
    let all: Vec<String> = people.iter().cloned().chain(choices.clone()).chain(of_credentials).collect();
    ears.hear_none_of(network, &all);

    let logs = registrars.iter().map(|it| fs::read_to_string(format!("{}/log", it.home)).expect("a log"));
    let logs: Vec<String> = logs.collect();
    assert!(logs.iter().all(|it| it.contains("a code is on its way")), "the search is blind: {logs:?}");
    for log in logs {
        assert!(all.iter().all(|it| !log.contains(it.as_str())), "a registrar's log names somebody: {log}");
    }
    let mut answers: Vec<(String, String)> =
        network.apis.iter().flat_map(|api| every_answer(api, &scene.id, &credentials)).collect();
    let (_, entries) = answers.iter().find(|(path, _)| path.ends_with("/entries")).expect("the census is served");
    let entries: Value = serde_json::from_str(entries).expect("JSON");
    let commitments = entries["items"].as_array().expect("entries").iter();
    let commitments: Vec<String> = commitments.map(|it| it["member"].as_str().expect("text").to_owned()).collect();
    assert!(
        is_link(
            &value!({ "of": [{ "member": commitments[0], "credential": credentials[0] }] }),
            &commitments,
            &credentials
        ),
        "the search is blind"
    );
    answers.extend(registrars.iter().map(|it| ("/v1/people".into(), ask(&format!("{}/v1/people", it.url)).1)));
    for (path, answer) in answers {
        assert!(people.iter().all(|it| !answer.contains(it.as_str())), "{path} names somebody: {answer}");
        let is_told = serde_json::from_str(&answer).is_ok_and(|it| is_link(&it, &commitments, &credentials));
        assert!(!is_told, "{path} says whose credential it is: {answer}");
    }
}
