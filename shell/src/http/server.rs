//! The sockets: HTTP/1.1 only, every connection counted, every wait bounded. When the process stops, event streams end, what
//! was asked is answered, and the rest is closed within its grace.
use super::{
    connections::{NoPlace, Place, Places},
    stall::Impatient,
};
use axum::{Router, body::Body, http::Request, response::Response};
use futures::future::BoxFuture;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::{
    convert::Infallible,
    future::Future,
    io,
    net::IpAddr,
    pin::{Pin, pin},
    sync::Arc,
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    task::JoinSet,
    time::{sleep, timeout},
};
use tower::ServiceExt;

/// The system has no socket left: looking again at once would only burn a core.
const AFTER_ACCEPT_ERROR: Duration = Duration::from_millis(100);
/// Headers of one request: 64 KiB, many times what a browser sends.
const HEADER_BYTES_MAX: usize = 64 << 10;
/// How long a client may take to read the last answer, and to stop sending.
const FAREWELL: Duration = Duration::from_secs(1);
/// What it may still send meanwhile: four times the largest body that is taken by default.
const FORGOTTEN_BYTES_MAX: usize = 4 << 20;
/// Clients told at once that there is no room, before they are simply disconnected.
const REFUSALS_AT_ONCE_MAX: usize = 64;
/// How long open requests may still take when the process stops.
pub const STOP_GRACE: Duration = Duration::from_secs(3);

/// Where a request comes from, as the server tells the routes. Never logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// What a connection may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SocketLimits {
    /// Connections at once.
    pub connections_max: usize,
    /// Of one address.
    pub connections_per_address_max: usize,
    /// How long a request's head may take to arrive, and a client to read on.
    pub request_timeout: Duration,
    /// Between two requests of a connection.
    pub idle_timeout: Duration,
}

/// What is said to a client that is answered before its request is read: whole answers of HTTP/1.1.
#[derive(Clone, Debug)]
pub struct Refusals {
    /// There is no place for anybody.
    pub full: String,
    /// This address has enough.
    pub full_for_address: String,
    /// The head did not arrive in time.
    pub late: String,
}

/// What is served, and how.
pub struct Door {
    /// The routes.
    pub router: Router,
    /// The bounds.
    pub limits: SocketLimits,
    /// The words.
    pub refusals: Refusals,
    /// Becomes true when the server stops: streams that never end by themselves listen to it.
    pub closing: watch::Sender<bool>,
}

/// Serves until `shutdown` resolves.
///
/// # Errors
/// None today: a socket that fails costs its client only.
pub async fn serve(listener: TcpListener, door: Door, shutdown: impl Future<Output = ()> + Send) -> io::Result<()> {
    let server = Server {
        places: Places::new(door.limits.connections_max, door.limits.connections_per_address_max),
        turned_away: Arc::new(Semaphore::new(REFUSALS_AT_ONCE_MAX)),
        refusals: Arc::new(door.refusals),
        router: door.router,
        limits: door.limits,
        closing: door.closing,
    };
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, from)) => server.admit(stream, from.ip(), &mut connections),
                Err(e) => {
                    tracing::warn!(error = %e, "the API could not accept a connection");
                    sleep(AFTER_ACCEPT_ERROR).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    server.closing.send_replace(true);
    let _ = timeout(STOP_GRACE, async { while connections.join_next().await.is_some() {} }).await;
    Ok(())
}

struct Server {
    router: Router,
    limits: SocketLimits,
    refusals: Arc<Refusals>,
    closing: watch::Sender<bool>,
    places: Places,
    turned_away: Arc<Semaphore>,
}

impl Server {
    fn admit(&self, stream: TcpStream, from: IpAddr, connections: &mut JoinSet<()>) {
        let _ = stream.set_nodelay(true);
        match self.places.take(from) {
            Ok(place) => {
                let served = Connection {
                    router: self.router.clone(),
                    limits: self.limits,
                    refusals: Arc::clone(&self.refusals),
                    closing: self.closing.subscribe(),
                    from: ClientAddress(from),
                    _place: place,
                };
                connections.spawn(served.run(stream));
            }
            Err(why) => {
                if let Ok(turn) = Arc::clone(&self.turned_away).try_acquire_owned() {
                    let refusals = Arc::clone(&self.refusals);
                    connections.spawn(async move {
                        let _turn = turn;
                        let said = match why {
                            NoPlace::Full => &refusals.full,
                            NoPlace::FullForAddress => &refusals.full_for_address,
                        };
                        let _ = timeout(FAREWELL, refuse(stream, said)).await;
                    });
                }
            }
        }
    }
}

/// Tells a client why it is not served.
async fn refuse(mut stream: TcpStream, said: &str) {
    if stream.write_all(said.as_bytes()).await.is_ok() && stream.shutdown().await.is_ok() {
        forget_the_rest(stream).await;
    }
}

/// What a client still sends is read and forgotten, for a moment: a socket closed on unread bytes is reset, and the reset
/// would overtake the answer.
async fn forget_the_rest(mut stream: impl AsyncRead + Unpin) {
    let (mut forgotten, mut left) = ([0; 8 << 10], FORGOTTEN_BYTES_MAX);
    while let Ok(n @ 1..) = stream.read(&mut forgotten).await {
        left = left.saturating_sub(n);
        if left == 0 {
            return;
        }
    }
}

struct Connection {
    router: Router,
    limits: SocketLimits,
    refusals: Arc<Refusals>,
    closing: watch::Receiver<bool>,
    from: ClientAddress,
    _place: Place,
}

type Answer = BoxFuture<'static, Result<Response, Infallible>>;

impl Connection {
    async fn run(mut self, stream: TcpStream) {
        let (router, from) = (self.router.clone(), self.from);
        let io = Impatient::new(stream, self.limits.request_timeout);
        let turns = io.turns();
        let service = service_fn(move |request: Request<Incoming>| -> Answer {
            let (turns, router) = (turns.clone(), router.clone());
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(from);
            Box::pin(async move {
                turns.next();
                let answer = router.oneshot(request).await;
                turns.next();
                answer
            })
        });
        let mut http = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.idle_timeout)
            .max_buf_size(HEADER_BYTES_MAX)
            .serve_connection(TokioIo::new(io), service);
        let mut is_closing = *self.closing.borrow();
        if is_closing {
            Pin::new(&mut http).graceful_shutdown();
        }
        let ended = loop {
            tokio::select! {
                ended = &mut http => break ended,
                _ = self.closing.wait_for(|it| *it), if !is_closing => {
                    is_closing = true;
                    Pin::new(&mut http).graceful_shutdown();
                }
            }
        };
        let parts = http.into_parts();
        let mut stream = parts.io.into_inner();
        match ended {
            Ok(()) => {}
            // Some of a request came, but never all of its headers; an idle connection is closed without a word.
            Err(_) if !parts.read_buf.is_empty() && stream.is_head_late() => {
                let _ = stream.write_all(self.refusals.late.as_bytes()).await;
                let _ = stream.shutdown().await;
            }
            Err(_) => return,
        }
        let _ = timeout(FAREWELL, forget_the_rest(stream)).await;
    }
}
