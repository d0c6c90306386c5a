//! A node's public side over a ledger in memory, without a replica: a test commits blocks itself and answers submissions as
//! it likes. Requests go straight into the router, or through real sockets.
#![allow(dead_code, clippy::unwrap_used, unreachable_pub)]
#[path = "../../../ledger/tests/chain/mod.rs"]
pub mod chain;
pub mod schema;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode},
};
use chain::{HOUR, START, World, entry_of, genesis, member, validator};
use serde_json::Value;
use std::sync::Arc;
use tokio::sync::mpsc;
use tower::ServiceExt;
use urne_ledger::MemoryKv;
use urne_net::{Net, NetConfig, NetEvent, NetLimits, NodeSecret};
use urne_node::{
    api::{self, HttpLimits},
    clock::Clock,
    config,
    driver::{Arrival, Inbox},
    metrics::Metrics,
    node::Role,
    notices::Notices,
    shared::{NodeInfo, Shared},
};
use urne_replica::{Notice, Status, Stimulus, Submission, WhereWeAre};
use urne_types::{
    ElectionId, Round, UnixMs, ValidatorId,
    ballot::{Answer, Ballot, BallotBody},
    bounded::{List, Text},
    election::{Base, EarlyClose, ElectionDefinition, Method, NullPolicy, Question, RevotePolicy, Secrecy, Threshold},
    governance::Act,
    transaction::{Payload, RawTx, VerifiedTx},
};

pub struct Rig {
    pub world: World<MemoryKv>,
    pub shared: Arc<Shared>,
    arrivals: Option<mpsc::Receiver<Arrival>>,
    _net: mpsc::Receiver<NetEvent>,
}

impl Rig {
    pub fn new() -> Self {
        Self::over(World::new())
    }
    pub fn over(world: World<MemoryKv>) -> Self {
        let config = NetConfig {
            secret: NodeSecret::from_bytes([7; 32]),
            listen: Vec::new(),
            chain_id: world.chain().0,
            peers: Vec::new(),
            validators: Default::default(),
            limits: NetLimits::default(),
        };
        let (net, events) = Net::start(config).unwrap();
        let (inbox, arrivals) = Inbox::new(Clock::start());
        let info = NodeInfo { validator: Some(ValidatorId::of(&validator(1).public())), role: Role::Validator };
        let shared = Shared::new(genesis(), world.ledger.readers(), net, inbox, Metrics::new(), info);
        let rig = Self { world, shared: Arc::new(shared), arrivals: Some(arrivals), _net: events };
        rig.publish(WhereWeAre::Idle);
        rig
    }
    pub fn publish(&self, consensus: WhereWeAre) {
        let tip = self.world.ledger.tip();
        self.shared.status.send_replace(Some(Status {
            height: tip.height,
            block: tip.block,
            time: tip.time,
            app_hash: tip.app_hash,
            round: Round::FIRST,
            consensus,
            absent: vec![ValidatorId::of(&validator(4).public())],
            mempool_txs: 3,
            mempool_bytes: 600,
        }));
    }
    pub fn router(&self) -> Router {
        api::router(Arc::clone(&self.shared), HttpLimits::default(), &config::Metrics::default())
    }
    pub fn router_with(&self, edit: impl FnOnce(&mut HttpLimits)) -> Router {
        let mut limits = HttpLimits::default();
        edit(&mut limits);
        api::router(Arc::clone(&self.shared), limits, &config::Metrics::default())
    }
    /// Stands in for the replica's thread.
    pub fn answer(&mut self, judge: impl Fn(&RawTx) -> Submission + Send + 'static) {
        let mut arrivals = self.arrivals.take().unwrap();
        let notices = Notices::new(Arc::clone(&self.shared));
        tokio::spawn(async move {
            while let Some(arrival) = arrivals.recv().await {
                if let Arrival::Stimulus(_, Stimulus::Submitted { ticket, raws }) = arrival {
                    notices.tell(Notice::Submitted { ticket, outcomes: raws.iter().map(&judge).collect() });
                }
            }
        });
    }
    pub fn events(&self) -> Notices {
        Notices::new(Arc::clone(&self.shared))
    }
}

// ---- Requests ----

pub struct Answered {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}
impl Answered {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |it| it.to_str().unwrap())
    }
    /// Status and code of a problem, after checking its form.
    pub fn problem(&self) -> (u16, u16) {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", String::from_utf8_lossy(&self.bytes));
        let problem: api::dto::Problem = serde_json::from_slice(&self.bytes).unwrap();
        assert_eq!(problem.status, self.status.as_u16());
        assert_eq!(problem.kind, format!("urn:urne:problem:{}", problem.name));
        assert!(!problem.title.is_empty() && !problem.detail.is_empty());
        (problem.status, problem.code)
    }
}

pub async fn send(router: &Router, request: Request<Body>) -> Answered {
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap().to_vec();
    Answered { status: parts.status, headers: parts.headers, bytes }
}
pub async fn get(router: &Router, path: &str) -> Answered {
    send(router, Request::get(path).body(Body::empty()).unwrap()).await
}
/// A JSON answer of 200.
pub async fn read(router: &Router, path: &str) -> Value {
    let answered = get(router, path).await;
    assert_eq!(answered.status, 200, "{path}: {}", String::from_utf8_lossy(&answered.bytes));
    assert_eq!(answered.header("content-type"), "application/json");
    answered.json()
}
pub async fn post(router: &Router, kind: &str, body: impl Into<Body>) -> Answered {
    let request = Request::post("/v1/transactions").header("content-type", kind).body(body.into()).unwrap();
    send(router, request).await
}

// ---- An assembly: one election with every kind of question ----

fn text<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::new(text).unwrap()
}
pub fn question(title: &str, choices: &[&str], method: Method) -> Question {
    Question { title: text(title), choices: List::new(choices.iter().map(|it| text(it)).collect()).unwrap(), method }
}
pub fn questions() -> Vec<Question> {
    let grades = List::new(["à rejeter", "passable", "bien"].map(text).to_vec()).unwrap();
    vec![
        question(
            "Comptes",
            &["pour", "contre"],
            Method::Referendum { threshold: Threshold::Simple, base: Base::Expressed },
        ),
        question("Présidence", &["Ana", "Bilal", "Chloé"], Method::Plurality),
        question("Projets", &["four", "verger"], Method::Approval),
        question("Logo", &["rond", "carré"], Method::MajorityJudgment { grades, nulls: NullPolicy::Worst }),
    ]
}
pub fn definition_of(world: &mut World<MemoryKv>, members: usize, questions: Vec<Question>) -> ElectionDefinition {
    ElectionDefinition {
        title: text("Assemblée générale"),
        questions: List::new(questions).unwrap(),
        census: world.adopt_census(members),
        secrecy: Secrecy::Open,
        opens_at: UnixMs::new(START + HOUR),
        closes_at: UnixMs::new(START + 2 * HOUR),
        grace_ms: 0,
        revote: RevotePolicy::LastCounts,
        early_close: EarlyClose::Forbidden,
        convened_at: None,
        documents: List::default(),
        statutes: None,
    }
}
pub fn open_assembly(world: &mut World<MemoryKv>, members: usize) -> ElectionId {
    let definition = definition_of(world, members, questions());
    let (draft, election) = (definition.draft_id(), definition.election_id(&world.chain()));
    let draft_tx = world.tx("admin 1", Payload::DraftElection(definition));
    world.block(&[draft_tx]);
    world.act(Act::ScheduleElection { draft });
    world.now = START + HOUR;
    world.block(&[]);
    election
}
pub fn assembly_ballot(world: &World<MemoryKv>, index: usize, election: ElectionId, choice: u16) -> VerifiedTx {
    let grade = u8::try_from(choice).unwrap();
    let answers = vec![
        Answer::Choice(choice),
        Answer::Choice(choice),
        Answer::Approvals(List::new(vec![choice]).unwrap()),
        Answer::Grades(List::new(vec![Some(grade), Some(2)]).unwrap()),
    ];
    let body = BallotBody::Open(List::new(answers).unwrap());
    let college = entry_of(index).college;
    world.tx(&member(index), Payload::Ballot(Ballot { election, college, sequence: 1, body }))
}
