//! Real sockets: clients that are slow, greedy or silent lose their own connection and nobody else's; event streams tell
//! what happens and what was missed.
#![allow(clippy::unwrap_used)]
mod api_support;

use api_support::{Rig, get};
use axum::{body::Body, http::Request};
use futures::StreamExt;
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};
use tower::ServiceExt;
use urne_node::{
    api::{self, HttpLimits},
    config::Metrics,
    shared::{EVENTS_MAX, StreamEvent},
};

const PATIENCE: Duration = Duration::from_millis(300);

struct Served {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    server: JoinHandle<std::io::Result<()>>,
}

async fn serve(rig: &Rig, edit: impl FnOnce(&mut HttpLimits)) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut limits = HttpLimits { request_timeout: PATIENCE, idle_timeout: 4 * PATIENCE, ..HttpLimits::default() };
    edit(&mut limits);
    let (stop, stopped) = oneshot::channel();
    let until = async { stopped.await.unwrap_or(()) };
    let shared = Arc::clone(&rig.shared);
    let server = tokio::spawn(async move { api::serve(listener, shared, limits, &Metrics::default(), until).await });
    Served { address, stop, server }
}

/// Sends some bytes and reads until the other side has nothing more to say.
async fn told(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    rest(&mut stream).await
}
async fn rest(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let read = timeout(Duration::from_secs(10), stream.read_to_end(&mut answer)).await;
    let _ = read.expect("the node lets go of a client within its patience");
    String::from_utf8_lossy(&answer).into_owned()
}
async fn read_until(stream: &mut TcpStream, part: &str) -> String {
    let mut text = String::new();
    while !text.contains(part) {
        let mut bytes = [0; 4096];
        let n = timeout(Duration::from_secs(10), stream.read(&mut bytes)).await.unwrap().unwrap();
        assert_ne!(n, 0, "the stream ended before '{part}': {text}");
        text += &String::from_utf8_lossy(&bytes[..n]);
    }
    text
}
fn is(answer: &str, status: u16, code: u16) -> bool {
    answer.starts_with(&format!("HTTP/1.1 {status} ")) && answer.contains(&format!("\"code\":{code},"))
}

const STATUS: &[u8] = b"GET /v1/status HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

#[tokio::test]
async fn headers_or_a_body_that_do_not_arrive_in_time_are_answered_408() {
    let rig = Rig::new();
    let node = serve(&rig, |_| {}).await;
    let headers = told(node.address, b"GET /v1/status HTTP/1.1\r\nhost:").await;
    assert!(is(&headers, 408, 903), "{headers}");
    let head = "POST /v1/transactions HTTP/1.1\r\nhost: x\r\ncontent-type: application/octet-stream\r\n";
    let body = told(node.address, format!("{head}content-length: 100\r\n\r\n0123456789").as_bytes()).await;
    assert!(is(&body, 408, 903), "{body}");
    let silent = told(node.address, b"").await;
    assert_eq!(silent, "", "who has asked nothing is answered nothing");
    assert!(told(node.address, STATUS).await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test]
async fn a_connection_rests_between_requests_longer_than_a_request_may_take_but_not_for_ever() {
    let rig = Rig::new();
    let node = serve(&rig, |_| {}).await;
    let mut kept = TcpStream::connect(node.address).await.unwrap();
    let ask = b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";
    for _ in 0..2 {
        kept.write_all(ask).await.unwrap();
        read_until(&mut kept, "alive").await;
        sleep(2 * PATIENCE).await;
    }
    // What begins after a rest has the patience of any request, not of a rest.
    kept.write_all(b"GET /healthz HTTP/1.1\r\nhost:").await.unwrap();
    let since = Instant::now();
    let late = rest(&mut kept).await;
    assert!(is(&late, 408, 903) && since.elapsed() < 3 * PATIENCE, "{late}");
    let mut idle = TcpStream::connect(node.address).await.unwrap();
    idle.write_all(ask).await.unwrap();
    read_until(&mut idle, "alive").await;
    assert_eq!(rest(&mut idle).await, "", "a connection that rests too long is closed without a word");
}

#[tokio::test]
async fn a_body_announced_too_large_is_refused_unread() {
    let rig = Rig::new();
    let node = serve(&rig, |_| {}).await;
    let head = "POST /v1/transactions HTTP/1.1\r\nhost: x\r\ncontent-type: application/octet-stream\r\n";
    let answer = told(node.address, format!("{head}content-length: 1000000000\r\n\r\n").as_bytes()).await;
    assert!(is(&answer, 413, 902), "{answer}");
}

#[tokio::test]
async fn a_client_that_sends_on_regardless_still_reads_why_it_was_refused() {
    let rig = Rig::new();
    let node = serve(&rig, |_| {}).await;
    let head = "POST /v1/transactions HTTP/1.1\r\nhost: x\r\ncontent-type: application/octet-stream\r\n";
    let mut request = format!("{head}content-length: {}\r\n\r\n", 3 << 20).into_bytes();
    request.resize(request.len() + (3 << 20), 0);
    let answer = told(node.address, &request).await;
    assert!(is(&answer, 413, 902), "{answer}");
}

#[tokio::test]
async fn a_slow_reader_receives_the_whole_of_its_answers() {
    let rig = Rig::new();
    let node = serve(&rig, |it| it.requests_burst_max = 100_000).await;
    let mut slow = TcpStream::connect(node.address).await.unwrap();
    let ask = b"GET /v1/openapi.json HTTP/1.1\r\nhost: x\r\n\r\n".repeat(200);
    slow.write_all(&ask).await.unwrap();
    slow.write_all(b"GET /v1/openapi.json HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    let (mut answers, mut bytes) = (Vec::new(), vec![0; 256 << 10]);
    loop {
        sleep(PATIENCE / 30).await;
        match slow.read(&mut bytes).await.unwrap() {
            0 => break,
            n => answers.extend_from_slice(&bytes[..n]),
        }
    }
    let answers = String::from_utf8(answers).unwrap();
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 201);
    assert!(answers.ends_with(api::routes::OPENAPI));
}

#[tokio::test]
async fn a_client_that_reads_nothing_loses_its_place() {
    let rig = Rig::new();
    let node = serve(&rig, |it| (it.connections_max, it.requests_burst_max) = (1, 100_000)).await;
    let mut greedy = TcpStream::connect(node.address).await.unwrap();
    let ask = b"GET /v1/openapi.json HTTP/1.1\r\nhost: x\r\n\r\n".repeat(400);
    greedy.write_all(&ask).await.unwrap(); // 20 MB of answers, more than the sockets hold
    let full = told(node.address, STATUS).await;
    assert!(is(&full, 503, 917), "{full}");
    assert!(full.contains("retry-after: 1\r\n"));
    sleep(3 * PATIENCE).await;
    assert!(told(node.address, STATUS).await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test]
async fn one_address_does_not_take_every_connection() {
    let rig = Rig::new();
    let node = serve(&rig, |it| it.connections_per_address_max = 1).await;
    let held = TcpStream::connect(node.address).await.unwrap();
    sleep(Duration::from_millis(50)).await;
    let refused = told(node.address, STATUS).await;
    assert!(is(&refused, 429, 904), "{refused}");
    drop(held);
    sleep(Duration::from_millis(50)).await;
    assert!(told(node.address, STATUS).await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test]
async fn events_arrive_as_they_happen_and_the_stream_ends_when_the_node_stops() {
    let rig = Rig::new();
    let node = serve(&rig, |it| it.event_streams_max = 1).await;
    let mut stream = TcpStream::connect(node.address).await.unwrap();
    stream.write_all(b"GET /v1/events HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let head = read_until(&mut stream, "event: subscribed\ndata: {\"height\":\"0\"}\n\n").await;
    assert!(head.contains("content-type: text/event-stream"), "{head}");
    rig.shared.events.send(StreamEvent { kind: "block", json: "{\"height\":\"7\"}".into() }).unwrap();
    read_until(&mut stream, "event: block\ndata: {\"height\":\"7\"}\n\n").await;

    let second = told(node.address, b"GET /v1/events HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert!(is(&second, 503, 916), "{second}");

    node.stop.send(()).unwrap();
    rest(&mut stream).await;
    timeout(Duration::from_secs(5), node.server).await.unwrap().unwrap().unwrap();
    assert!(TcpStream::connect(node.address).await.is_err(), "the port is free again");
}

#[tokio::test]
async fn a_listener_that_lags_is_told_how_many_events_it_missed() {
    let rig = Rig::new();
    let router = rig.router(); // when the last router goes, streams end
    let response = router.clone().oneshot(Request::get("/v1/events").body(Body::empty()).unwrap()).await.unwrap();
    for n in 0..EVENTS_MAX + 5 {
        rig.shared.events.send(StreamEvent { kind: "block", json: n.to_string() }).unwrap();
    }
    let mut chunks = response.into_body().into_data_stream();
    let mut next = async || String::from_utf8(chunks.next().await.unwrap().unwrap().to_vec()).unwrap();
    assert!(next().await.starts_with("event: subscribed"));
    assert_eq!(next().await, "event: lag\ndata: {\"missed\":\"5\"}\n\n");
    assert_eq!(next().await, "event: block\ndata: 5\n\n");
}

#[tokio::test]
async fn a_listener_that_leaves_gives_its_place_back() {
    let rig = Rig::new();
    let router = rig.router_with(|it| it.event_streams_max = 1);
    let first = router.clone().oneshot(Request::get("/v1/events").body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(get(&router, "/v1/events").await.problem(), (503, 916));
    drop(first);
    let third = router.oneshot(Request::get("/v1/events").body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(third.status(), 200);
}
