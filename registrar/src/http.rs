//! A registrar's door: two addresses and a sign of life. Whoever asks for a code hears the same whether or not anybody is known
//! by that name: what is done about it happens afterwards, behind the answer.
use crate::{
    codes::{LIFETIME_MS, TRIES},
    courier::Courier,
    ledger::Ledger,
    office::{Approved, Asked, CodeAsked, Office, RequestSent},
    problem::{Fault, Problem},
};
use axum::{
    Json, Router,
    extract::{Request, State},
    http::StatusCode,
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::de::DeserializeOwned;
use std::{
    future::Future,
    io,
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::{
    net::TcpListener,
    sync::{Semaphore, mpsc, watch},
    task,
};
use urne_shell::http::{self, ClientAddress, Door, Rates, Refusals, SocketLimits};
use urne_types::UnixMs;

/// Codes that wait for their courier: as many mails as a server takes in a minute or two.
const ERRANDS_MAX: usize = 1_000;
/// Requests at once; each may wait for the disk and the node.
const AT_ONCE_MAX: usize = 64;
/// The largest request is under 1 KiB.
const BODY_BYTES_MAX: usize = 4 << 10;
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// What one address may ask. Behind a proxy all clients share one.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Requests a second.
    pub per_second: u32,
    /// After a rest.
    pub burst: u32,
    /// Connections at once, in all.
    pub connections_max: usize,
    /// Of one address.
    pub connections_per_address_max: usize,
}
impl Default for Limits {
    fn default() -> Self {
        Self { per_second: 2, burst: 30, connections_max: 256, connections_per_address_max: 32 }
    }
}

struct App<L> {
    office: Arc<Office<L>>,
    errands: mpsc::Sender<CodeAsked>,
    rates: Rates,
    turns: Semaphore,
}

/// The routes, and the work that goes on behind them until the routes are dropped: it is to be run beside the server.
pub fn routes<L: Ledger + 'static>(
    office: Arc<Office<L>>,
    courier: Arc<dyn Courier>,
    limits: Limits,
) -> (Router, impl Future<Output = ()> + Send) {
    let (errands, waiting) = mpsc::channel(ERRANDS_MAX);
    let work = run_errands(Arc::clone(&office), courier, waiting);
    let rates = Rates::new(limits.per_second, limits.burst);
    let app = Arc::new(App { office, errands, rates, turns: Semaphore::new(AT_ONCE_MAX) });
    let router = Router::new()
        .route("/v1/codes", post(codes::<L>))
        .route("/v1/requests", post(requests::<L>))
        .route("/v1/healthz", get(|| async { StatusCode::NO_CONTENT }))
        .fallback(|| async { Problem::from(Fault::UnknownRoute) })
        .method_not_allowed_fallback(|| async { Problem::from(Fault::MethodNotAllowed) })
        .layer(from_fn_with_state(Arc::clone(&app), within_rate::<L>))
        .with_state(app);
    (router, work)
}

/// Serves until `shutdown` resolves.
///
/// # Errors
/// Those of [`urne_shell::http::serve`].
pub async fn serve<L: Ledger + 'static>(
    listener: TcpListener,
    office: Arc<Office<L>>,
    courier: Arc<dyn Courier>,
    limits: Limits,
    shutdown: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    let (router, work) = routes(office, courier, limits);
    let work = task::spawn(work);
    let said = |it: Fault| Problem::from(it).retry_after_s(1).body().to_http();
    let door = Door {
        router,
        limits: SocketLimits {
            connections_max: limits.connections_max,
            connections_per_address_max: limits.connections_per_address_max,
            request_timeout: REQUEST_TIMEOUT,
            idle_timeout: IDLE_TIMEOUT,
        },
        refusals: Refusals {
            full: said(Fault::Busy),
            full_for_address: said(Fault::RateLimited),
            late: Problem::from(Fault::RequestTimeout).body().to_http(),
        },
        closing: watch::Sender::new(false),
    };
    let served = http::serve(listener, door, shutdown).await;
    let _ = tokio::time::timeout(http::STOP_GRACE, work).await;
    served
}

/// One at a time, in order: a slow mail system delays codes and nothing else.
async fn run_errands<L: Ledger + 'static>(
    office: Arc<Office<L>>,
    courier: Arc<dyn Courier>,
    mut waiting: mpsc::Receiver<CodeAsked>,
) {
    while let Some(asked) = waiting.recv().await {
        let (office, courier) = (Arc::clone(&office), Arc::clone(&courier));
        let errand = task::spawn_blocking(move || {
            let message = match office.code_for(&asked, now(), &mut rand::rng()) {
                Ok(Some(message)) => message,
                Ok(None) => return,
                Err(e) => return tracing::warn!(error = %e, "a code was not made"),
            };
            match courier.deliver(&message) {
                Ok(()) => tracing::info!("a code is on its way"),
                Err(e) => tracing::error!(error = %e, "the courier did not take a code"),
            }
        });
        if errand.await.is_err() {
            tracing::error!("an errand came to a sudden end");
        }
    }
}

/// Every request costs its address one token, whatever the answer.
async fn within_rate<L: Ledger + 'static>(State(app): State<Arc<App<L>>>, request: Request, next: Next) -> Response {
    // Without a socket (tests) all come from the same place.
    let from = request.extensions().get().copied().unwrap_or(ClientAddress(IpAddr::V4(Ipv4Addr::UNSPECIFIED)));
    match app.rates.take(from.0, 1) {
        Ok(()) => next.run(request).await,
        Err(it) => Problem::from(Fault::RateLimited).retry_after_s(it.retry_after_s).into_response(),
    }
}

/// `POST /v1/codes`.
async fn codes<L: Ledger + 'static>(
    State(app): State<Arc<App<L>>>,
    request: Request,
) -> Result<(StatusCode, Json<Asked>), Problem> {
    let asked: CodeAsked = read(request).await?;
    app.errands.try_send(asked).map_err(|_| Fault::Busy)?;
    Ok((StatusCode::ACCEPTED, Json(Asked { lifetime_s: LIFETIME_MS / 1_000, tries: TRIES })))
}

/// `POST /v1/requests`.
async fn requests<L: Ledger + 'static>(
    State(app): State<Arc<App<L>>>,
    request: Request,
) -> Result<Json<Approved>, Problem> {
    let sent: RequestSent = read(request).await?;
    let _turn = app.turns.try_acquire().map_err(|_| Fault::Busy)?;
    let office = Arc::clone(&app.office);
    let approving = task::spawn_blocking(move || office.approve(&sent, now()));
    approving.await.unwrap_or_else(|_| Err(Fault::Unable.into())).map(Json)
}

async fn read<T: DeserializeOwned>(request: Request) -> Result<T, Problem> {
    let (parts, body) = request.into_parts();
    let bytes = http::receive(&parts.headers, body, BODY_BYTES_MAX, REQUEST_TIMEOUT).await?;
    // serde's message may quote what it could not read: a place is all that is repeated.
    serde_json::from_slice(&bytes)
        .map_err(|e| Problem::from(Fault::BadRequest).hint(format!("line {}, column {}", e.line(), e.column())))
}

/// This machine's clock.
#[must_use]
pub fn now() -> UnixMs {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMs::new(u64::try_from(since_1970.as_millis()).unwrap_or(u64::MAX))
}
