//! What every request has at hand: the node's public side, the bounds, and the ledger read from a thread that may wait.
use super::{
    collector::Collector,
    limits::HttpLimits,
    problem::{Fault, Problem},
};
use crate::shared::Shared;
use axum::{
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};
use tokio::{
    sync::{Semaphore, watch},
    task,
};
use urne_ledger::{Reader, View};
use urne_shell::http::{ClientAddress, Rates, TooFast};

/// Where transactions are sent.
pub(crate) const SUBMISSIONS: &str = "/v1/transactions";

/// What every request has at hand.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) shared: Arc<Shared>,
    pub(crate) limits: Arc<HttpLimits>,
    pub(crate) requests: Arc<Rates>,
    pub(crate) transactions: Arc<Rates>,
    pub(crate) streams: Arc<Semaphore>,
    pub(crate) collector: Arc<Collector>,
    /// Becomes true when the server stops.
    pub(crate) closing: watch::Sender<bool>,
    served: Arc<Semaphore>,
    reads: Arc<Semaphore>,
}

impl App {
    pub(crate) fn new(shared: Arc<Shared>, limits: HttpLimits) -> Self {
        let rates = |per_second, burst| Arc::new(Rates::new(per_second, burst));
        Self {
            shared,
            requests: rates(limits.requests_per_second_max, limits.requests_burst_max),
            transactions: rates(limits.transactions_per_second_max, limits.transactions_burst_max),
            streams: Arc::new(Semaphore::new(limits.event_streams_max)),
            collector: Arc::default(),
            closing: watch::Sender::new(false),
            served: Arc::new(Semaphore::new(limits.requests_at_once_max)),
            reads: Arc::new(Semaphore::new(limits.reads_at_once_max)),
            limits: Arc::new(limits),
        }
    }

    /// Asks one consistent moment of the ledger, on a thread that may wait for the disk. A read that a client abandons still
    /// counts until it ends.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Reader<'_>, &View<'_>) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let turn = Arc::clone(&self.reads).acquire_owned().await.expect("the semaphore is never closed");
        let readers = self.shared.readers.clone();
        let reading = task::spawn_blocking(move || {
            let _turn = turn;
            readers.read(|reader| {
                let view = reader.view();
                let answer = question(reader, &view);
                view.sound()?;
                answer
            })
        });
        reading.await.unwrap_or_else(|_| Err(Fault::Internal.into()))
    }

    /// Takes tokens of an address, or refuses.
    pub(crate) fn charge(rates: &Rates, from: ClientAddress, tokens: usize) -> Result<(), Problem> {
        let too_fast = |it: TooFast| Problem::from(Fault::RateLimited).retry_after_s(it.retry_after_s);
        rates.take(from.0, tokens).map_err(too_fast)
    }
}

/// Where a request comes from; without a socket (tests) all come from the same place.
pub(crate) fn client_of(request: &Request) -> ClientAddress {
    request.extensions().get().copied().unwrap_or(ClientAddress(IpAddr::V4(Ipv4Addr::UNSPECIFIED)))
}

/// Every request costs its address one token, whatever the answer; transactions, their own.
pub(crate) async fn within_rate(State(app): State<App>, request: Request, next: Next) -> Response {
    let is_submission = request.method() == Method::POST && request.uri().path() == SUBMISSIONS;
    let rates = if is_submission { &app.transactions } else { &app.requests };
    match App::charge(rates, client_of(&request), 1) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

/// So many requests at once, and no queue.
pub(crate) async fn within_number(State(app): State<App>, request: Request, next: Next) -> Response {
    match app.served.try_acquire() {
        Ok(_place) => next.run(request).await,
        Err(_) => Problem::from(Fault::TooManyRequests).into_response(),
    }
}

/// Any page may read and post: there are no cookies, and a transaction is signed.
pub(crate) async fn across_origins(request: Request, next: Next) -> Response {
    let is_preflight = request.method() == Method::OPTIONS;
    let mut response = if is_preflight { StatusCode::NO_CONTENT.into_response() } else { next.run(request).await };
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("retry-after"));
    if is_preflight {
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("content-type"));
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    }
    response
}
