//! What those who watch over the node ask: is it alive, should it be sent requests, what does it measure.
use super::{
    app::App,
    problem::{Fault, Problem},
};
use crate::notices::is_ready;
use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use urne_replica::WhereWeAre;

/// `GET /healthz`: the process answers.
pub(crate) async fn healthz() -> Json<Value> {
    Json(json!({ "status": "alive" }))
}

/// `GET /readyz`: 503 with the reason while requests should go elsewhere.
pub(crate) async fn readyz(State(app): State<App>) -> Result<Json<Value>, Problem> {
    let not_ready = |reason: String| Err(Problem::from(Fault::NotReady).hint(reason));
    let status = app.shared.status.borrow().clone();
    let Some(status) = status else { return not_ready("the node is starting".into()) };
    if is_ready(&status) {
        return Ok(Json(json!({ "status": "ready", "height": status.height })));
    }
    match status.consensus {
        WhereWeAre::WaitingForQuorum { present, needed } => {
            let absent: Vec<String> = status.absent.iter().map(ToString::to_string).collect();
            not_ready(format!(
                "waiting for a quorum: power {present} of {needed} is present; absent: {}",
                absent.join(", ")
            ))
        }
        WhereWeAre::Syncing => not_ready(format!("fetching blocks after height {}", status.height)),
        WhereWeAre::Idle | WhereWeAre::Deciding | WhereWeAre::WatchOnly => not_ready("the node says so".into()),
    }
}

/// `GET /metrics`: OpenMetrics text.
pub(crate) async fn metrics(State(app): State<App>) -> Response {
    let metrics = &app.shared.metrics;
    metrics.peers.set(i64::try_from(app.shared.net.peers().len()).unwrap_or(i64::MAX));
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], metrics.text()).into_response()
}
