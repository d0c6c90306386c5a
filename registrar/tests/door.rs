//! The door over HTTP: strangers hear what members hear, errors are numbered, and nothing says who somebody is.
#![allow(clippy::unwrap_used, reason = "a test stops at the first error")]
mod support;
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode},
};
use serde_json::Value;
use std::sync::Arc;
use support::*;
use tower::ServiceExt;
use urne_registrar::{
    courier::Courier,
    http::{Limits, routes},
};

struct Door {
    router: Router,
    letters: Letterbox,
    errands: tokio::task::JoinHandle<()>,
}

fn open(world: &World, limits: Limits) -> Door {
    let letters = Letterbox::default();
    let courier: Arc<dyn Courier> = Arc::new(letters.clone());
    let (router, errands) = routes(Arc::new(world.office()), courier, limits);
    Door { router, letters, errands: tokio::spawn(errands) }
}
fn generous() -> Limits {
    Limits { burst: 1_000, ..Limits::default() }
}

impl Door {
    async fn ask(&self, method: &str, path: &str, body: impl Into<Body>) -> (StatusCode, Value) {
        let request = Request::builder().method(method).uri(path).body(body.into()).unwrap();
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let status = answer.status();
        let bytes = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }
    async fn post(&self, path: &str, body: &impl serde::Serialize) -> (StatusCode, Value) {
        self.ask("POST", path, serde_json::to_string(body).unwrap()).await
    }
    /// Closes it, and waits for what goes on behind: the messages that went out.
    async fn close(self) -> Vec<(String, String)> {
        drop(self.router);
        self.errands.await.unwrap();
        self.letters.0.lock().unwrap().clone()
    }
}

#[tokio::test]
async fn whoever_asks_for_a_code_hears_the_same_and_one_message_goes_out() {
    let world = World::new();
    let door = open(&world, generous());
    let stranger = door.post("/v1/codes", &asked("nobody")).await;
    let member = door.post("/v1/codes", &asked("17")).await;
    let again = door.post("/v1/codes", &asked("17")).await;
    assert_eq!((stranger.0, &stranger), (StatusCode::ACCEPTED, &member));
    assert_eq!(again, member);
    let sent = door.close().await;
    assert_eq!(sent.iter().map(|it| it.0.as_str()).collect::<Vec<_>>(), ["ana@example.org"]);
}

#[tokio::test]
async fn a_request_is_approved_with_the_code_and_refused_without() {
    let world = World::new();
    let office = Arc::new(world.office());
    let letters = Letterbox::default();
    let (router, errands) = routes(Arc::clone(&office), Arc::new(letters.clone()), generous());
    let door = Door { router, letters, errands: tokio::spawn(errands) };
    door.post("/v1/codes", &asked("17")).await;
    let refused = door.post("/v1/requests", &sent("17", "AAAAA-AAAAA", &blinded(5))).await;
    let stranger = door.post("/v1/requests", &sent("nobody", "AAAAA-AAAAA", &blinded(5))).await;
    assert_eq!((refused.0, &refused.1["code"]), (StatusCode::FORBIDDEN, &959.into()));
    assert_eq!(refused, stranger);
    let letters = door.letters.clone();
    let router = door.router.clone();
    // A code is on its way once its errand is done: the next one waits behind it.
    let code = loop {
        if let Some((_, text)) = letters.0.lock().unwrap().first() {
            break code_in(text);
        }
        tokio::task::yield_now().await;
    };
    let (status, answer) = door.post("/v1/requests", &sent("17", &code, &blinded(5))).await;
    let entry = roll().find(COLLEGE, "17").unwrap().1.member.to_string();
    assert_eq!((status, &answer["entry"]["member"]), (StatusCode::OK, &entry.into()), "{answer}");
    let (status, answer) = door.post("/v1/requests", &sent("17", &code, &blinded(6))).await;
    assert_eq!((status, &answer["code"]), (StatusCode::CONFLICT, &960.into()));
    drop(router);
    door.close().await;
}

#[tokio::test]
async fn what_is_wrong_with_a_request_has_a_number_and_repeats_nothing_of_it() {
    let world = World::new();
    let door = open(&world, generous());
    let long = "x".repeat(5_000);
    let cases = [
        ("POST", "/v1/codes", "{\"identifier\": \"Ana Lopes\"", 400, 955),
        ("POST", "/v1/codes", "{\"identifier\": \"Ana Lopes\"}", 400, 955),
        ("POST", "/v1/requests", &long, 413, 952),
        ("GET", "/v1/codes", "", 405, 951),
        ("GET", "/v1/people", "", 404, 950),
    ];
    for (method, path, body, status, code) in cases {
        let (found, answer) = door.ask(method, path, body.to_owned()).await;
        assert_eq!((found.as_u16(), &answer["code"]), (status, &code.into()), "{method} {path}");
        assert!(!answer.to_string().contains("Ana"), "{answer}");
        assert!(answer["detail"].as_str().is_some_and(|it| !it.is_empty()), "in French too");
    }
    assert_eq!(door.ask("GET", "/v1/healthz", "").await.0, StatusCode::NO_CONTENT);
    door.close().await;
}

#[tokio::test]
async fn an_address_that_asks_too_fast_is_told_so() {
    let world = World::new();
    let door = open(&world, Limits { per_second: 1, burst: 3, ..Limits::default() });
    for _ in 0..3 {
        assert_eq!(door.post("/v1/codes", &asked("nobody")).await.0, StatusCode::ACCEPTED);
    }
    let (status, answer) = door.post("/v1/codes", &asked("nobody")).await;
    assert_eq!((status, &answer["code"]), (StatusCode::TOO_MANY_REQUESTS, &954.into()));
    door.close().await;
}

#[tokio::test]
async fn a_node_that_is_away_is_said_to_be() {
    let world = World::new();
    let door = open(&world, generous());
    world.ledger.silence(true);
    let (status, answer) = door.post("/v1/requests", &sent("17", "AAAAA-AAAAA", &blinded(5))).await;
    assert_eq!((status, &answer["code"]), (StatusCode::SERVICE_UNAVAILABLE, &957.into()));
    door.close().await;
}
