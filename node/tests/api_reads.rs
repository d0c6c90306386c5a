//! What a node answers about its ledger: every answer is as `openapi.json` describes it, loses no bit, can be paged through,
//! and says nothing of choices before the close.
#![allow(clippy::unwrap_used)]
mod api_support;

use api_support::{Rig, assembly_ballot, chain, chain::World, get, open_assembly, read, schema::conforms};
use serde_json::{Value, json};
use urne_ledger::MemoryKv;
use urne_node::api::{dto, routes::OPENAPI};
use urne_replica::WhereWeAre;
use urne_types::{
    ActId, ElectionId, UnixMs, VotingPower,
    codec::decode_canonical,
    governance::{Act, ParameterChange},
    proof::{ConsistencyProof, ProofOfVote, ProvenState},
    transaction::{Payload, RawTx},
};

/// Two of six members have voted; `choices` says what.
fn half_way(choices: [u16; 2]) -> (World<MemoryKv>, ElectionId, Vec<String>) {
    let mut world = World::new();
    let election = open_assembly(&mut world, 6);
    let ballots = [0, 1].map(|index| assembly_ballot(&world, index, election, choices[index]));
    let trackers = ballots.iter().map(|it| it.id().to_string()).collect();
    world.block(&ballots[..1]);
    world.block(&ballots[1..]);
    (world, election, trackers)
}

/// Every path that answers JSON about this chain, with the template it belongs to.
async fn every_path(rig: &Rig, election: ElectionId, tracker: &str) -> Vec<(String, &'static str)> {
    let router = rig.router();
    let act = read(&router, "/v1/acts?limit=1").await["items"][0]["id"].as_str().unwrap().to_owned();
    let shown = read(&router, &format!("/v1/elections/{election}")).await;
    let census = shown["definition"]["census"].as_str().unwrap().to_owned();
    let height = rig.world.height().get();
    let mut paths = vec![
        ("/v1/status".into(), "/v1/status"),
        ("/v1/validators".into(), "/v1/validators"),
        ("/v1/peers".into(), "/v1/peers"),
        (format!("/v1/blocks/{height}"), "/v1/blocks/{height}"),
        (format!("/v1/blocks/{height}?raw"), "/v1/blocks/{height}"),
        ("/v1/blocks/1".into(), "/v1/blocks/{height}"),
        ("/v1/handovers".into(), "/v1/handovers"),
        ("/v1/elections".into(), "/v1/elections"),
        (format!("/v1/elections/{election}"), "/v1/elections/{id}"),
        (format!("/v1/elections/{election}/ballots"), "/v1/elections/{id}/ballots"),
        ("/v1/drafts".into(), "/v1/drafts"),
        (format!("/v1/elections/{election}/members/{}", chain::entry_of(0).member), "/v1/elections/{id}/members/{key}"),
        ("/v1/administrators".into(), "/v1/administrators"),
        ("/v1/acts".into(), "/v1/acts"),
        (format!("/v1/acts/{act}"), "/v1/acts/{id}"),
        (format!("/v1/censuses/{census}"), "/v1/censuses/{id}"),
        (format!("/v1/censuses/{census}/entries"), "/v1/censuses/{id}/entries"),
        (format!("/v1/transactions/{tracker}"), "/v1/transactions/{txid}"),
        (format!("/v1/proofs/{tracker}"), "/v1/proofs/{txid}"),
        (format!("/v1/consistency?election={election}&from=1&to=2"), "/v1/consistency"),
        ("/v1/genesis".into(), "/v1/genesis"),
        (format!("/v1/state?keys=13{election},40"), "/v1/state"),
        ("/healthz".into(), "/healthz"),
        ("/readyz".into(), "/readyz"),
    ];
    if shown["state"] == "tallied" {
        paths.push((format!("/v1/elections/{election}/result"), "/v1/elections/{id}/result"));
    }
    paths
}

fn largest_number(value: &Value) -> f64 {
    match value {
        Value::Number(it) => it.as_f64().unwrap(),
        Value::Array(items) => items.iter().map(largest_number).fold(0.0, f64::max),
        Value::Object(members) => members.values().map(largest_number).fold(0.0, f64::max),
        _ => 0.0,
    }
}

#[tokio::test]
async fn every_answer_is_as_described_and_loses_no_bit() {
    let document: Value = serde_json::from_str(OPENAPI).unwrap();
    let (mut world, election, trackers) = half_way([0, 1]);
    world.act(Act::SetParameter { change: ParameterChange::ActLifetimeMsMax(86_400_000) });
    world.close();
    let rig = Rig::over(world);
    for (path, template) in every_path(&rig, election, &trackers[0]).await {
        let answer = read(&rig.router(), &path).await;
        let schema = &document["paths"][template]["get"]["responses"]["200"]["content"]["application/json"]["schema"];
        assert!(!schema.is_null(), "{template}");
        conforms(&document, schema, &answer).unwrap_or_else(|e| panic!("{path}: {e}"));
        assert!(largest_number(&answer) < 4_294_967_296.0, "{path} holds a number beyond 32 bits");
    }
}

/// Names and hashes differ between two chains of which only the choices differ; everything else must not.
fn without_hashes(value: &Value) -> Value {
    match value {
        Value::String(text) if 40 <= text.len() && text.bytes().all(|it| it.is_ascii_hexdigit()) => json!("hex"),
        Value::Array(items) => items.iter().map(without_hashes).collect(),
        Value::Object(members) => members.iter().map(|(name, it)| (name.clone(), without_hashes(it))).collect(),
        other => other.clone(),
    }
}

#[tokio::test]
async fn before_the_close_no_answer_depends_on_what_was_chosen() {
    let (one, other) = (half_way([0, 0]), half_way([1, 1]));
    let (mut one, mut other) = ((Rig::over(one.0), one.1, one.2), (Rig::over(other.0), other.1, other.2));
    let paths = every_path(&one.0, one.1, &one.2[0]).await;
    let twins = every_path(&other.0, other.1, &other.2[0]).await;
    assert_eq!(paths.len(), twins.len());
    for ((path, _), (twin, _)) in paths.iter().zip(&twins) {
        let (answer, twin) = (read(&one.0.router(), path).await, read(&other.0.router(), twin).await);
        assert_eq!(without_hashes(&answer), without_hashes(&twin), "{path} tells what was chosen");
    }
    let metrics = [get(&one.0.router(), "/metrics").await, get(&other.0.router(), "/metrics").await];
    assert_eq!(metrics[0].bytes, metrics[1].bytes);
    let (ballots, result) = (format!("/v1/elections/{}/ballots", one.1), format!("/v1/elections/{}/result", one.1));
    // An open ballot is public from its block on: what is never shown before the close is a count.
    let raw = read(&one.0.router(), &ballots).await["items"][0]["raw"].as_str().unwrap().to_owned();
    let tx = RawTx(hex::decode(raw).unwrap()).decode().unwrap();
    assert_eq!(tx.unsigned.id().to_string(), one.2[0]);
    assert_eq!(get(&one.0.router(), &result).await.problem(), (404, 909));

    // The mirror: after the close the result tells.
    one.0.world.close();
    other.0.world.close();
    assert_ne!(read(&one.0.router(), &result).await, read(&other.0.router(), &result).await);
}

#[tokio::test]
async fn a_result_uses_the_keys_of_the_exchange_format() {
    let (mut world, election, _) = half_way([0, 1]);
    world.close();
    let rig = Rig::over(world);
    let result = read(&rig.router(), &format!("/v1/elections/{election}/result")).await;
    let expected = json!([
        { "title": "Comptes", "kind": "referendum", "tally": { "pour": 1, "contre": 1 }, "blank": 0, "base": 2, "adopted": false },
        { "title": "Présidence", "kind": "plurality", "tally": { "Ana": 1, "Bilal": 1, "Chloé": 0 }, "winners": ["Ana", "Bilal"],
          "ranks": { "Ana": 1, "Bilal": 1, "Chloé": 3 }, "blank": 0, "absolute_majority": false },
        { "title": "Projets", "kind": "approval", "tally": { "four": 1, "verger": 1 }, "winners": ["four", "verger"], "blank": 0,
          "ballots": 2, "order": ["four", "verger"] },
        { "title": "Logo", "kind": "majority_judgment", "winner": ["carré"], "ranks": { "rond": 2, "carré": 1 },
          "profiles_worst_to_best": { "rond": [1, 1, 0], "carré": [0, 0, 2] },
          "median": { "rond": "à rejeter+", "carré": "bien-" }, "voters": 2, "no_opinion": { "rond": 0, "carré": 0 }, "blank": 0 },
    ]);
    assert_eq!(result["questions"], expected);
    assert_eq!(result["turnout"]["voted"], "2");
    assert!(result.get("kind").is_none(), "several questions have no key of their own at the top");
    let typed: dto::ElectionResult = serde_json::from_value(result.clone()).unwrap();
    assert_eq!(serde_json::to_value(typed).unwrap(), result);
}

#[tokio::test]
async fn with_a_single_question_its_keys_stand_at_the_top() {
    let (mut world, election) = World::voting(4);
    let ballots = world.ballots(0..3, election);
    world.block(&ballots);
    world.close();
    let rig = Rig::over(world);
    let result = read(&rig.router(), &format!("/v1/elections/{election}/result")).await;
    assert_eq!(result["tally"], json!({ "pour": 2, "contre": 1 }));
    assert_eq!(result["adopted"], true);
    let typed: dto::ElectionResult = serde_json::from_value(result.clone()).unwrap();
    assert_eq!(serde_json::to_value(typed).unwrap(), result);
}

#[tokio::test]
async fn lists_are_read_page_by_page_to_the_end() {
    let (mut world, election) = World::voting(7);
    let ballots = world.ballots(0..7, election);
    world.block(&ballots[..3]);
    world.block(&ballots[3..]);
    let rig = Rig::over(world);
    let router = rig.router();
    let census = read(&router, &format!("/v1/elections/{election}")).await["definition"]["census"].clone();
    let census = census.as_str().unwrap();
    for (path, expected) in [
        (format!("/v1/elections/{election}/ballots"), 7),
        (format!("/v1/censuses/{census}/entries"), 7),
        ("/v1/acts".into(), 2),
        ("/v1/elections".into(), 1),
        ("/v1/drafts".into(), 0),
    ] {
        let whole = read(&router, &path).await;
        assert_eq!((whole["items"].as_array().unwrap().len(), &whole["next"]), (expected, &Value::Null), "{path}");
        let (mut items, mut from, mut pages) = (Vec::new(), Some("0".to_owned()), 0);
        while let Some(at) = from {
            let page = read(&router, &format!("{path}?from={at}&limit=2")).await;
            items.extend(page["items"].as_array().unwrap().clone());
            from = page["next"].as_str().map(str::to_owned);
            pages += 1;
        }
        assert_eq!(Value::Array(items), whole["items"], "{path}");
        assert_eq!(pages, expected.div_ceil(2).max(1), "{path}: no page is empty for nothing");
    }
}

#[tokio::test]
async fn the_status_says_what_agreement_is_doing_and_who_is_missing() {
    let rig = Rig::new();
    let quorum = (VotingPower::new(500_000), VotingPower::new(666_667));
    for (at, expected) in [
        (WhereWeAre::Idle, json!("idle")),
        (WhereWeAre::Deciding, json!("deciding")),
        (WhereWeAre::Syncing, json!("syncing")),
        (WhereWeAre::WatchOnly, json!("watch_only")),
        (
            WhereWeAre::WaitingForQuorum { present: quorum.0, needed: quorum.1 },
            json!({ "waiting_for_quorum": { "present": "500000", "needed": "666667" } }),
        ),
    ] {
        rig.publish(at);
        let status = read(&rig.router(), "/v1/status").await;
        assert_eq!(status["consensus"], expected);
        assert_eq!(status["absent"][0]["college_name"], "college 4");
        assert_eq!(status["node"]["college"], 1);
        let ready = get(&rig.router(), "/readyz").await;
        let is_ready = !matches!(at, WhereWeAre::Syncing | WhereWeAre::WaitingForQuorum { .. });
        assert_eq!(ready.status, if is_ready { 200 } else { 503 });
        if !is_ready {
            assert_eq!(ready.problem(), (503, 905));
            assert_ne!(ready.header("retry-after"), "");
        }
    }
    rig.shared.status.send_replace(None);
    assert_eq!(get(&rig.router(), "/readyz").await.problem(), (503, 905));
    assert_eq!(get(&rig.router(), "/v1/status").await.problem(), (503, 905));
    assert_eq!(get(&rig.router(), "/healthz").await.status, 200);
}

#[tokio::test]
async fn proofs_come_as_fields_and_as_bytes_that_decode() {
    let (world, election, trackers) = half_way([0, 1]);
    let rig = Rig::over(world);
    let router = rig.router();
    let path = format!("/v1/proofs/{}", trackers[1]);
    let readable: dto::Proof = serde_json::from_value(read(&router, &path).await).unwrap();
    let binary = get(&router, &format!("{path}?format=binary")).await;
    assert_eq!((binary.status.as_u16(), binary.header("content-type")), (200, "application/octet-stream"));
    assert_eq!(binary.bytes, readable.proof.0);
    let proof: ProofOfVote = decode_canonical(&binary.bytes, 1 << 16).unwrap();
    assert_eq!((proof.index, proof.leaf.tx_id.to_string()), (1, trackers[1].clone()));
    let path = format!("/v1/consistency?election={election}&from=1&to=2");
    let consistency: dto::Consistency = serde_json::from_value(read(&router, &path).await).unwrap();
    let proof: ConsistencyProof = decode_canonical(&consistency.proof.0, 1 << 16).unwrap();
    assert_eq!((proof.old.size, proof.new.size, proof.path.to_vec()), (1, 2, consistency.path));
}

#[tokio::test]
async fn the_state_is_shown_with_its_proof_and_so_is_what_it_does_not_hold() {
    let (world, election, _) = half_way([0, 1]);
    let chain_id = world.chain();
    let rig = Rig::over(world);
    let router = rig.router();
    let genesis: dto::Genesis = serde_json::from_value(read(&router, "/v1/genesis").await).unwrap();
    let decoded: urne_types::genesis::Genesis = decode_canonical(&genesis.genesis.0, 1 << 20).unwrap();
    assert_eq!((genesis.chain_id, decoded.chain_id()), (chain_id, chain_id));

    let path = format!("/v1/state?keys=13{election},13{}", ElectionId([9; 32]));
    let shown: dto::State = serde_json::from_value(read(&router, &path).await).unwrap();
    let proven: ProvenState = decode_canonical(&shown.state.0, 1 << 20).unwrap();
    assert_eq!((shown.height, shown.app_hash), (proven.header.height, proven.header.app_hash));
    let held = proven.entries.iter().map(|it| (hex::encode(&it.key), it.value.is_some())).collect::<Vec<_>>();
    assert_eq!(held, [(format!("13{election}"), true), (format!("13{}", ElectionId([9; 32])), false)]);
    for wrong in ["", "?keys=", "?keys=zz", "?keys=13,", &format!("?keys={}", "ab".repeat(129)), &many()] {
        assert_eq!(get(&router, &format!("/v1/state{wrong}")).await.problem().0, 400, "{wrong}");
    }
}

/// One key more than may be asked for at once.
fn many() -> String {
    format!("?keys={}", vec!["13"; 65].join(","))
}

#[tokio::test]
async fn an_act_that_sets_a_parameter_is_read_back_exactly() {
    let mut world = World::new();
    let change = ParameterChange::ActLifetimeMsMax(86_400_000);
    world.act(Act::SetParameter { change: change.clone() });
    let rig = Rig::over(world);
    let acts: dto::Page<dto::Act> = serde_json::from_value(read(&rig.router(), "/v1/acts").await).unwrap();
    assert_eq!(acts.items[0].act, Act::SetParameter { change });
    assert!(matches!(acts.items[0].state, dto::ActState::Executed { .. }));
    assert_eq!(acts.items[0].approvals.len(), 3);
    let shown = read(&rig.router(), "/v1/acts").await["items"][0]["act"].clone();
    assert_eq!(shown, json!({ "set_parameter": { "change": { "act_lifetime_ms_max": "86400000" } } }));
    let unknown = format!("/v1/acts/{}", ActId([9; 32]));
    assert_eq!(get(&rig.router(), &unknown).await.problem(), (404, 301));
}

#[tokio::test]
async fn a_member_is_told_where_she_votes_and_how_far_she_has_come() {
    let (mut world, election, _) = half_way([0, 1]);
    world.act(Act::SuspendMember { member: chain::entry_of(2).member });
    let rig = Rig::over(world);
    let of = async |election, key: &str| get(&rig.router(), &format!("/v1/elections/{election}/members/{key}")).await;
    let member = async |at: usize| -> dto::Member {
        let answer = of(election, &chain::entry_of(at).member.to_string()).await;
        serde_json::from_value(answer.json()).unwrap()
    };
    let college =
        |at: usize, last_sequence| vec![dto::MemberCollege { college: chain::entry_of(at).college, last_sequence }];
    assert_eq!((member(0).await.colleges, member(0).await.suspended), (college(0, Some(1)), None));
    assert_eq!((member(5).await.colleges, member(5).await.suspended), (college(5, None), None));
    assert!(member(2).await.suspended.is_some(), "suspended");
    assert_eq!(member(6).await.colleges, vec![], "the census has six members");
    assert_eq!(of(ElectionId([9; 32]), &chain::entry_of(0).member.to_string()).await.problem(), (404, 200));
    assert_eq!(of(election, "AB").await.problem(), (400, 906));
}

#[tokio::test]
async fn delegations_are_shown_with_the_administrator_who_lends_her_role() {
    let mut world = World::new();
    let (to, expires_at) = (chain::entry_of(0).member, UnixMs::new(world.now + 3_600_000));
    let tx = world.tx("admin 2", Payload::Delegate { to, expires_at });
    world.block(&[tx]);
    let rig = Rig::over(world);
    let shown: dto::Page<dto::Administrator> =
        serde_json::from_value(read(&rig.router(), "/v1/administrators").await).unwrap();
    let lent: Vec<_> = shown.items.iter().filter(|it| !it.delegations.is_empty()).collect();
    assert_eq!((shown.items.len(), lent.len(), lent[0].college.get()), (4, 1, 2));
    assert_eq!(lent[0].delegations, [dto::Delegation { to, expires_at }]);
}

#[tokio::test]
async fn a_block_is_shown_with_its_certificate_its_transactions_and_on_demand_its_bytes() {
    let (world, _, trackers) = half_way([0, 1]);
    let height = world.height();
    let rig = Rig::over(world);
    let plain: dto::Block = serde_json::from_value(read(&rig.router(), &format!("/v1/blocks/{height}")).await).unwrap();
    assert_eq!(plain.txs.iter().map(ToString::to_string).collect::<Vec<_>>(), trackers[1..]);
    assert_eq!((plain.certificate.block, plain.certificate.signatures.len(), plain.raw), (plain.hash, 3, None));
    let whole: dto::Block =
        serde_json::from_value(read(&rig.router(), &format!("/v1/blocks/{height}?raw")).await).unwrap();
    let block = urne_types::block::Block::decode(&whole.raw.unwrap().0).unwrap();
    assert_eq!(block.header.hash(), plain.hash);
    assert_eq!(chain::START, rig.shared.genesis.time.get());
}
