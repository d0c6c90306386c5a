//! The description that programs read is the API: same routes, same methods, and no field that could lose a bit.
#![allow(clippy::unwrap_used)]
mod api_support;

use api_support::{Rig, get};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use urne_node::{
    api::{
        self, HttpLimits,
        routes::{OPENAPI, ROUTES},
    },
    config,
};
use urne_types::limits::BLOCK_TXS_MAX;

fn document() -> Value {
    serde_json::from_str(OPENAPI).unwrap()
}

#[test]
fn every_route_is_described_and_every_description_is_a_route() {
    let served: BTreeMap<String, BTreeSet<String>> = ROUTES
        .iter()
        .map(|(path, methods)| ((*path).to_owned(), methods.iter().map(|it| (*it).to_owned()).collect()))
        .collect();
    let described = document()["paths"].as_object().unwrap().clone();
    let described: BTreeMap<String, BTreeSet<String>> = described
        .into_iter()
        .map(|(path, methods)| (path, methods.as_object().unwrap().keys().cloned().collect()))
        .collect();
    assert_eq!(served, described);
}

#[test]
fn every_name_used_exists_and_every_schema_is_used() {
    fn references(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => {
                if let Some(target) = members.get("$ref").and_then(Value::as_str) {
                    found.insert(target.to_owned());
                }
                members.values().for_each(|it| references(it, found));
            }
            Value::Array(items) => items.iter().for_each(|it| references(it, found)),
            _ => {}
        }
    }
    let document = document();
    let mut used = BTreeSet::new();
    references(&document, &mut used);
    let names = |kind: &str| {
        let names = document["components"][kind].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        names.into_iter().map(|it| format!("#/components/{kind}/{it}")).collect::<BTreeSet<_>>()
    };
    assert_eq!(used, &names("schemas") | &names("responses"));
}

/// Lists that are given whole say how long they may be, and the ledger holds them to it.
#[test]
fn a_block_is_given_whole_within_the_bound_that_is_written() {
    let most = &document()["components"]["schemas"]["Block"]["properties"]["txs"]["maxItems"];
    assert_eq!(most.as_u64(), u64::try_from(BLOCK_TXS_MAX).ok());
}

/// A JSON number is for what never needs 64 bits; all else is a string of digits.
#[test]
fn every_integer_of_the_description_is_narrow_by_its_type() {
    let narrow: BTreeSet<&str> = [
        // u32: a ballot's number among those of its voter
        "sequence",
        // u16: versions, colleges, weights, counters of turns, codes
        "protocol_version",
        "version",
        "questions",
        // bounded by a year and by 65,535
        "notice_ms",
        "documents_min",
        "statutory_weight_bp",
        "missed_turns",
        "approvals_needed",
        "status",
        "code",
        "ranks",
        "college",
        "halting_sets",
        "deciding_sets",
        // u32: rounds, positions in a block, peers, milliseconds of grace, numbers of ballots
        "last_sequence",
        "round",
        "position",
        "peers",
        "grace_ms",
        // u16 and u32: pieces of an urn, of which there are 4,096 at most, and wrong shares of a trustee
        "opened",
        "pieces",
        "times",
        // the exchange format's counts
        "Exact",
        "CollegeId",
        // u16 and u32: trustees, scopes and attempts of ceremonies
        "attempt",
        "candidates",
        "scope",
        "trustee",
        "trustees",
        // u16 and u32: registrars, and what they sign together
        "minimum_group",
        "registrar",
        "registrars",
        "threshold",
    ]
    .into();
    fn integers(name: &str, value: &Value, found: &mut BTreeSet<String>) {
        if value["type"] == "integer" {
            found.insert(name.to_owned());
        }
        let Some(members) = value.as_object() else { return };
        for (key, inner) in members {
            match key.as_str() {
                "properties" => inner.as_object().unwrap().iter().for_each(|(name, it)| integers(name, it, found)),
                "items" | "additionalProperties" => integers(name, inner, found),
                "oneOf" | "anyOf" | "allOf" => {
                    inner.as_array().unwrap().iter().for_each(|it| integers(name, it, found));
                }
                _ => {}
            }
        }
    }
    let mut found = BTreeSet::new();
    for (name, schema) in document()["components"]["schemas"].as_object().unwrap() {
        integers(name, schema, &mut found);
    }
    let wide: Vec<&String> = found.iter().filter(|it| !narrow.contains(it.as_str())).collect();
    assert!(wide.is_empty(), "{wide:?}");
}

#[tokio::test]
async fn the_description_and_the_metrics_are_served_by_the_node_itself() {
    let rig = Rig::new();
    let served = get(&rig.router(), "/v1/openapi.json").await;
    assert_eq!((served.status.as_u16(), served.header("content-type")), (200, "application/json"));
    assert_eq!(served.bytes, OPENAPI.as_bytes());
    let metrics = get(&rig.router(), "/metrics").await;
    assert!(metrics.header("content-type").starts_with("application/openmetrics-text"));
    let text = String::from_utf8(metrics.bytes).unwrap();
    assert!(text.contains("urne_height") && text.ends_with("# EOF\n"), "{text}");
    let quiet = api::router(Arc::clone(&rig.shared), HttpLimits::default(), &config::Metrics { enabled: false });
    assert_eq!(get(&quiet, "/metrics").await.problem(), (404, 900));
    assert_eq!(get(&quiet, "/healthz").await.status, 200);
}
