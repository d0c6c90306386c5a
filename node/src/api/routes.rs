//! Every path of the API, once: the router and the list that `openapi.json` is tested against come from the same table.
use super::{
    app::{self, App},
    chain,
    collector::Collector,
    credentials, elections, events, governance,
    limits::HttpLimits,
    members,
    problem::{Fault, Problem},
    proofs, trackers, transactions, watch,
};
use crate::{config::Metrics, shared::Shared};
use axum::{
    Router,
    http::header,
    middleware::{from_fn, from_fn_with_state},
    response::IntoResponse,
    routing::{get, post},
};
use std::{future::Future, io, sync::Arc};
use tokio::net::TcpListener;
use urne_shell::http::{self, Door, Refusals};

/// Where Prometheus asks, unless the operator says otherwise (`metrics.enabled`).
const METRICS: &str = "/metrics";

/// The description of the API, served offline.
pub const OPENAPI: &str = include_str!("openapi.json");

macro_rules! routes {
    ($($path:literal $($method:ident $handler:expr),+;)*) => {
        /// Every path and the methods it takes.
        pub const ROUTES: &[(&str, &[&str])] = &[$(($path, &[$(stringify!($method)),+])),*];

        fn table(metrics: &Metrics) -> Router<App> {
            let is_served = |path: &str| metrics.enabled || path != METRICS;
            let mut router = Router::new();
            $(if is_served($path) { router = router.route($path, routes!(@ $($method $handler),+)); })*
            router
        }
    };
    (@ $method:ident $handler:expr) => { $method($handler) };
}

routes! {
    "/v1/status" get chain::status;
    "/v1/genesis" get chain::genesis;
    "/v1/state" get proofs::state;
    "/v1/validators" get chain::validators;
    "/v1/peers" get chain::peers;
    "/v1/blocks/{height}" get chain::block;
    "/v1/handovers" get chain::handovers;
    "/v1/elections" get elections::list;
    "/v1/elections/{id}" get elections::show;
    "/v1/elections/{id}/result" get elections::result;
    "/v1/elections/{id}/ballots" get elections::ballots;
    "/v1/elections/{id}/members/{key}" get members::show;
    "/v1/elections/{id}/trackers/{tracker}" get trackers::show;
    "/v1/elections/{id}/issuance" get credentials::issuance;
    "/v1/elections/{id}/entries/{college}/{commitment}" get credentials::entry;
    "/v1/elections/{id}/requests" get credentials::requests;
    "/v1/elections/{id}/approvals" get credentials::approvals;
    "/v1/elections/{id}/registrations" get credentials::registrations;
    "/v1/elections/{id}/credentials" post credentials::offer;
    "/v1/elections/{id}/credentials/{credential}" get credentials::show;
    "/v1/elections/{id}/drawn/{college}/{member}" get elections::drawn;
    "/v1/ceremonies" get elections::ceremonies;
    "/v1/ceremonies/{draft}/records" get elections::desk;
    "/v1/ceremonies/{draft}" get elections::ceremony;
    "/v1/statutes" get governance::statutes;
    "/v1/statutes/{version}" get governance::statutes_of;
    "/v1/replaced_keys" get governance::replaced_keys;
    "/v1/drafts" get governance::drafts;
    "/v1/administrators" get governance::administrators;
    "/v1/acts" get governance::acts;
    "/v1/acts/{id}" get governance::act;
    "/v1/censuses/{id}" get governance::census;
    "/v1/censuses/{id}/entries" get governance::census_entries;
    "/v1/transactions" post transactions::submit;
    "/v1/transactions/{txid}" get transactions::show;
    "/v1/proofs/{txid}" get proofs::proof;
    "/v1/consistency" get proofs::consistency;
    "/v1/events" get events::events;
    "/v1/openapi.json" get openapi;
    "/healthz" get watch::healthz;
    "/readyz" get watch::readyz;
    "/metrics" get watch::metrics;
}

/// `GET /v1/openapi.json`.
async fn openapi() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], OPENAPI)
}

/// The whole API over a node's public side.
pub fn router(shared: Arc<Shared>, limits: HttpLimits, metrics: &Metrics) -> Router {
    assembled(App::new(shared, limits), metrics)
}

/// Serves it until `shutdown` resolves.
///
/// # Errors
/// Those of [`urne_shell::http::serve`].
pub async fn serve(
    listener: TcpListener,
    shared: Arc<Shared>,
    limits: HttpLimits,
    metrics: &Metrics,
    shutdown: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    let app = App::new(shared, limits);
    let said = |it: Problem| it.body().to_http();
    let refusals = Refusals {
        full: said(Fault::TooManyConnections.into()),
        full_for_address: said(Problem::from(Fault::RateLimited).retry_after_s(1).hint("too many connections")),
        late: said(Fault::RequestTimeout.into()),
    };
    let (limits, closing) = (app.limits.sockets(), app.closing.clone());
    let collecting = tokio::spawn(Collector::watch(app.clone()));
    let door = Door { router: assembled(app, metrics), limits, refusals, closing };
    http::serve(listener, door, async {
        shutdown.await;
        collecting.abort();
    })
    .await
}

fn assembled(app: App, metrics: &Metrics) -> Router {
    table(metrics)
        .fallback(|| async { Problem::from(Fault::UnknownRoute) })
        .method_not_allowed_fallback(|| async { Problem::from(Fault::MethodNotAllowed) })
        .layer(from_fn_with_state(app.clone(), app::within_rate))
        .layer(from_fn_with_state(app.clone(), app::within_number))
        .layer(from_fn(app::across_origins))
        .with_state(app)
}
