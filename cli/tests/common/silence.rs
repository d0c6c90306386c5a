//! What a network's nodes tell whoever looks on, all of it: their logs, their metrics, their streams of events. No voter and no
//! choice may be in it, in any form in which a careless line would write them.
use super::network::{Network, ask, until};
use serde_json::Value;
use std::{
    fs,
    io::Read,
    sync::{Arc, Mutex},
    thread,
};
use urne_types::{
    codec::encode,
    transaction::{Payload, RawTx},
};

/// The nodes' own lines in full: what an operator would turn on while she looks for a fault.
pub(crate) const VERBOSE: (&str, &str) = (
    "URNE_LOG_FILTER",
    "info,urne_node=trace,urne_net=trace,urne_replica=trace,urne_ledger=trace,arc_malachitebft=warn",
);

/// Listens to every node's events from its making on.
pub(crate) struct Ears(Vec<Arc<Mutex<Vec<u8>>>>);

impl Ears {
    pub(crate) fn open(network: &Network) -> Self {
        Self(network.apis.iter().map(|api| listen(format!("{api}/v1/events"))).collect())
    }
    /// What was told so far: where, and the words.
    pub(crate) fn all(&self, network: &Network) -> Vec<(String, String)> {
        let log = |home: &String| {
            // With its trustee's, where it has one.
            let trustees = fs::read_to_string(format!("{home}/trustee.log")).unwrap_or_default();
            let own = fs::read_to_string(format!("{home}/node.log")).expect("a log");
            (format!("{home}/node.log"), own + &trustees)
        };
        let metrics = |api: &String| (format!("{api}/metrics"), ask(&format!("{api}/metrics")).1);
        let heard = |(at, it): (usize, &Arc<Mutex<Vec<u8>>>)| {
            let bytes = it.lock().expect("no listener has panicked").clone();
            (format!("the events of node {at}"), String::from_utf8_lossy(&bytes).into_owned())
        };
        let logs = network.homes.iter().map(log);
        logs.chain(network.apis.iter().map(metrics)).chain(self.0.iter().enumerate().map(heard)).collect()
    }
    /// That all of it names none of these.
    pub(crate) fn hear_none_of(&self, network: &Network, secrets: &[String]) {
        let told = self.all(network);
        for (place, sign) in [("node.log", "committed"), ("/metrics", "urne_height"), ("events of", "\"hash\"")] {
            let sources: Vec<_> = told.iter().filter(|(it, _)| it.contains(place)).collect();
            assert_eq!(sources.len(), network.apis.len());
            assert!(
                sources.iter().all(|(_, words)| words.contains(sign)),
                "the search is blind: no '{sign}' in {place}"
            );
        }
        for (place, words) in &told {
            for secret in secrets {
                assert!(!words.contains(secret.as_str()), "'{secret}' is in {place}");
            }
        }
    }
}

/// Every answer that a node gives about an election, of every route that it has: the path, and the words.
pub(crate) fn every_answer(api: &str, election: &str, credentials: &[String]) -> Vec<(String, String)> {
    let read = |path: &str| serde_json::from_str::<Value>(&ask(&format!("{api}{path}")).1).expect("JSON");
    let words = |list: &Value, field: &str| -> Vec<String> {
        let items = list["items"].as_array().expect("a list").iter();
        items.map(|it| it[field].as_str().expect("text").to_owned()).collect()
    };
    let shown = read(&format!("/v1/elections/{election}"));
    let (census, draft) = (shown["definition"]["census"].clone(), shown["sealed"]["draft"].clone());
    let (census, draft) = (census.as_str().expect("a census"), draft.as_str().expect("a draft"));
    let height: u64 = read("/v1/status")["height"].as_str().expect("a height").parse().expect("a number");
    let heights: Vec<String> = (1..=height).map(|it| it.to_string()).collect();
    let entries = words(&read(&format!("/v1/censuses/{census}/entries")), "member");
    let txids = words(&read(&format!("/v1/elections/{election}/ballots")), "txid");
    let acts = words(&read("/v1/acts"), "id");
    let one = |it: &str| vec![it.to_owned()];
    let values = |path: &str, place: &str| -> Vec<String> {
        match place {
            "id" if path.starts_with("/v1/acts") => acts.clone(),
            "id" if path.starts_with("/v1/censuses") => one(census),
            "id" => one(election),
            "draft" => one(draft),
            "height" => heights.clone(),
            "txid" => txids.clone(),
            "college" | "version" => one("1"),
            "commitment" | "member" => entries.clone(),
            "key" | "credential" => credentials.to_vec(),
            "tracker" => one("0000-0000-0000-0000-0000-0"),
            other => panic!("what is '{other}' in {path}?"),
        }
    };
    let mut found = Vec::new();
    for (path, methods) in urne_node::api::routes::ROUTES {
        // Events are heard from the beginning on, see `Ears`.
        if !methods.contains(&"get") || *path == "/v1/events" {
            continue;
        }
        let mut filled = one("");
        for part in path.split('/').skip(1) {
            let of_part = match part.strip_prefix('{').and_then(|it| it.strip_suffix('}')) {
                Some(place) => values(path, place),
                None => one(part),
            };
            filled = filled.iter().flat_map(|it| of_part.iter().map(move |part| format!("{it}/{part}"))).collect();
        }
        for path in filled {
            let path = match path.as_str() {
                "/v1/state" => format!("/v1/state?keys=13{election}"),
                "/v1/consistency" => format!("/v1/consistency?election={election}&from=1&to=2"),
                it if it.starts_with("/v1/blocks/") => format!("{it}?raw"),
                it if it.ends_with("/requests") => format!("{it}?college=1"),
                it => it.to_owned(),
            };
            let mut answer = String::new();
            until("the node is not too busy", || {
                let (status, body) = ask(&format!("{api}{path}"));
                answer = body;
                status != 429
            });
            found.push((path, answer));
        }
    }
    found
}

/// Whether some object of an answer says in its own words both whose request it is and which credential.
pub(crate) fn is_link(answer: &Value, entries: &[String], credentials: &[String]) -> bool {
    let says = |value: &Value, list: &[String]| value.as_str().is_some_and(|it| list.iter().any(|name| name == it));
    match answer {
        Value::Object(fields) => {
            let names = |list: &[String]| fields.values().any(|it| says(it, list));
            names(entries) && names(credentials) || fields.values().any(|it| is_link(it, entries, credentials))
        }
        Value::Array(items) => items.iter().any(|it| is_link(it, entries, credentials)),
        _ => false,
    }
}

fn listen(url: String) -> Arc<Mutex<Vec<u8>>> {
    let heard: Arc<Mutex<Vec<u8>>> = Arc::default();
    let ear = Arc::clone(&heard);
    let mut stream = ureq::get(&url).call().expect("a stream of events").into_body().into_reader();
    thread::spawn(move || {
        let mut part = [0; 4096];
        while let Ok(read @ 1..) = stream.read(&mut part) {
            ear.lock().expect("nobody has panicked").extend_from_slice(&part[..read]);
        }
    });
    heard
}

/// The forms in which a key could be told: hex, of which a shortened name keeps the beginning, and a list of numbers.
pub(crate) fn forms_of_key(hex_key: &str) -> Vec<String> {
    let bytes = hex::decode(hex_key).expect("hex");
    let numbers: Vec<String> = bytes[..8].iter().map(ToString::to_string).collect();
    vec![hex_key[..8].to_owned(), hex_key[..8].to_uppercase(), numbers.join(", "), numbers.join(",")]
}

/// The forms in which the answers of the ballots in an urn could be told: as bytes, and as Rust or JSON writes them.
pub(crate) fn forms_of_choices(ballots: &Value) -> Vec<String> {
    let mut forms: Vec<String> =
        ["Choice(", "Grades(", "Blank", "Answer", "\"choice\"", "\"grades\"", "\"blank\""].map(str::to_owned).into();
    for item in ballots["items"].as_array().expect("ballots") {
        let raw = hex::decode(item["raw"].as_str().expect("bytes")).expect("hex");
        let Payload::Ballot(ballot) = RawTx(raw).decode().expect("a transaction").unsigned.payload else {
            panic!("an urn holds ballots")
        };
        let body = encode(&ballot.body);
        let numbers: Vec<String> = body.iter().map(ToString::to_string).collect();
        forms.extend([hex::encode(&body), numbers.join(", "), numbers.join(",")]);
        forms.push(format!("{:?}", ballot.body));
    }
    forms
}
