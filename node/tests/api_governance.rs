//! What the colleges have decided, read back: statutes by version, keys and validators that changed hands, choices drawn.
#![allow(clippy::unwrap_used)]
mod api_support;

use api_support::{
    Rig,
    chain::{self, HOUR, START, World},
    definition_of, get, question, read,
    schema::conforms,
};
use serde_json::{Value, json};
use urne_node::api::{dto, routes::OPENAPI};
use urne_types::{
    CollegeId, NodeId, ValidatorId,
    bounded::{List, Text},
    election::{Method, NullPolicy},
    governance::{Act, KeyCause, ValidatorRecord},
    signed::Signed,
    statutes::{Electorate, MajorityRule, MajorityThreshold, Profile, Silence, Statutes, Voice},
    transaction::Payload,
};

fn text<const MAX: usize>(it: &str) -> Text<MAX> {
    Text::new(it).unwrap()
}

fn statutes(version: u32, name: &str) -> Statutes {
    let rule = MajorityRule { decision: text("ordinary"), threshold: MajorityThreshold::Simple };
    Statutes {
        version,
        name: text(name),
        profile: Profile::Free,
        categories: List::default(),
        colleges: None,
        voice: Voice::PerCollege,
        electorate: Electorate::FrozenAtOpening,
        silence: Silence::IGNORED,
        attendance: None,
        second_call: None,
        majorities: List::new(vec![rule]).unwrap(),
        notice_ms: 0,
        documents_min: 0,
    }
}

/// An answer, after checking it against the description of its path.
async fn described(rig: &Rig, path: &str, template: &str) -> Value {
    let document: Value = serde_json::from_str(OPENAPI).unwrap();
    let schema = &document["paths"][template]["get"]["responses"]["200"]["content"]["application/json"]["schema"];
    assert!(!schema.is_null(), "{template}");
    let answer = read(&rig.router(), path).await;
    conforms(&document, schema, &answer).unwrap_or_else(|e| panic!("{path}: {e}"));
    answer
}

#[tokio::test]
async fn statutes_in_force_and_every_version_before_them_are_read_back_exactly() {
    let mut rig = Rig::new();
    assert_eq!(get(&rig.router(), "/v1/statutes").await.problem().0, 404, "this chain has none yet");
    for (version, name) in [(1, "Statuts de 2026"), (2, "Statuts de 2027")] {
        rig.world.act(Act::PutStatutes { statutes: Box::new(statutes(version, name)) });
    }
    let now: Statutes = serde_json::from_value(described(&rig, "/v1/statutes", "/v1/statutes").await).unwrap();
    assert_eq!(now, statutes(2, "Statuts de 2027"));
    let first = described(&rig, "/v1/statutes/1", "/v1/statutes/{version}").await;
    assert_eq!(serde_json::from_value::<Statutes>(first).unwrap(), statutes(1, "Statuts de 2026"));
    for none in ["0", "3", "xyz", "4294967296"] {
        assert_eq!(get(&rig.router(), &format!("/v1/statutes/{none}")).await.problem().0, 404, "{none}");
    }
}

#[tokio::test]
async fn keys_that_changed_hands_name_the_member_of_the_census() {
    let mut rig = Rig::new();
    let path = "/v1/replaced_keys";
    assert_eq!(described(&rig, path, path).await, json!({ "items": [], "next": null }));
    let key = |at: usize| chain::entry_of(at).member;
    for (from, to) in [(0, 10), (1, 11), (10, 12)] {
        rig.world.act(Act::ReplaceMemberKey { from: key(from), to: key(to), cause: KeyCause::Lost });
    }
    let of = |at: usize, member: usize| json!({ "key": key(at), "member": key(member) });
    let whole = described(&rig, path, path).await;
    let shown = whole["items"].as_array().unwrap();
    // A key that was replaced again stays: what it cast is still its member's.
    assert!([of(10, 0), of(11, 1), of(12, 0)].iter().all(|it| shown.contains(it)) && shown.len() == 3, "{whole}");
    let first = described(&rig, &format!("{path}?limit=1"), path).await;
    let rest = described(&rig, &format!("{path}?from={}", first["next"].as_str().unwrap()), path).await;
    assert_eq!([&first["items"].as_array().unwrap()[..], rest["items"].as_array().unwrap()].concat(), *shown);
}

#[tokio::test]
async fn a_member_reads_which_choices_were_drawn_for_her_to_judge_from_the_opening_on() {
    let mut world = World::new();
    let grades = List::new(["mal", "bien"].map(text).to_vec()).unwrap();
    let drawn = Method::DrawnJudgment { grades, nulls: NullPolicy::Worst, judged: 2 };
    let asked = question("Projets", &["four", "verger", "cave", "puits"], drawn);
    let definition = definition_of(&mut world, 4, vec![asked]);
    let (draft, election) = (definition.draft_id(), definition.election_id(&world.chain()));
    let tx = world.tx("admin 1", Payload::DraftElection(definition));
    world.block(&[tx]);
    world.act(Act::ScheduleElection { draft });
    let mut rig = Rig::over(world);
    let (college, member) = (chain::entry_of(1).college, chain::entry_of(1).member);
    let path = format!("/v1/elections/{election}/drawn/{college}/{member}");
    let template = "/v1/elections/{id}/drawn/{college}/{member}";
    assert_eq!(described(&rig, &path, template).await, json!({ "questions": [[]] }), "no seed before the opening");
    rig.world.now = START + HOUR;
    rig.world.block(&[]);
    let shown: dto::Drawn = serde_json::from_value(described(&rig, &path, template).await).unwrap();
    let [choices] = shown.questions.as_slice() else { panic!("one question: {shown:?}") };
    assert!(choices.len() == 2 && choices[0] != choices[1] && choices.iter().all(|it| *it < 4), "{choices:?}");
    for (path, status) in [
        (format!("/v1/elections/{}/drawn/{college}/{member}", "0".repeat(64)), 404),
        (format!("/v1/elections/{election}/drawn/x/{member}"), 404),
        (format!("/v1/elections/{election}/drawn/{college}/x"), 400),
    ] {
        assert_eq!(get(&rig.router(), &path).await.problem().0, status, "{path}");
    }
}

#[tokio::test]
async fn validators_are_those_with_a_place_and_the_replaced_ones_come_when_asked_for() {
    let mut rig = Rig::new();
    let key = chain::secret("validator 1 again");
    let claim = ValidatorRecord {
        college: CollegeId::new(1),
        name: text("validator 1 again"),
        key: key.public(),
        node: NodeId([1; 32]),
        addresses: List::default(),
    };
    let record = Signed::sign(&rig.world.chain(), claim, &key).into_signed();
    let old = ValidatorId::of(&chain::validator(1).public());
    rig.world.act(Act::ReplaceValidator { validator: old, record });
    let ids = |shown: &Value| -> Vec<String> {
        shown["items"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect()
    };
    let path = "/v1/validators";
    let (new, old) = (ValidatorId::of(&key.public()).to_string(), old.to_string());
    let present = described(&rig, path, path).await;
    assert_eq!((present["items"].as_array().unwrap().len(), &present["next"]), (4, &Value::Null));
    assert!(ids(&present).contains(&new) && !ids(&present).contains(&old));
    assert_eq!(present, described(&rig, "/v1/validators?past=false", path).await);

    let whole = described(&rig, "/v1/validators?past=true", path).await;
    let replaced = whole["items"].as_array().unwrap().iter().find(|it| it["id"] == *old).unwrap();
    assert_eq!((ids(&whole).len(), &replaced["standing"]["by"]), (5, &json!(new)));
    let first = described(&rig, "/v1/validators?past=true&limit=3", path).await;
    let from = first["next"].as_str().unwrap();
    let rest = described(&rig, &format!("/v1/validators?past=true&limit=3&from={from}"), path).await;
    assert_eq!((ids(&first).len(), &rest["next"]), (3, &Value::Null));
    assert_eq!([ids(&first), ids(&rest)].concat(), ids(&whole));
    assert_eq!(get(&rig.router(), "/v1/validators?past=perhaps").await.problem(), (400, 906));
}
