//! The body of a request, within its size and its time: a client that sends more, or slower, is told so and let go.
use super::{
    limits::HttpLimits,
    problem::{Fault, Problem},
};
use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, header},
};
use futures::StreamExt;
use tokio::time::timeout;

/// All of it, or why not.
pub(crate) async fn receive(headers: &HeaderMap, body: Body, limits: &HttpLimits) -> Result<Bytes, Problem> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|it| it.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|it| limits.body_bytes_max < it) {
        return Err(too_large(limits));
    }
    let received = timeout(limits.request_timeout, gather(body, limits)).await;
    received.unwrap_or_else(|_| Err(Fault::RequestTimeout.into()))
}

async fn gather(body: Body, limits: &HttpLimits) -> Result<Bytes, Problem> {
    let mut chunks = body.into_data_stream();
    let mut bytes = Vec::new();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Fault::BodyBroken)?;
        if limits.body_bytes_max - bytes.len() < chunk.len() {
            return Err(too_large(limits));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.into())
}

fn too_large(limits: &HttpLimits) -> Problem {
    Problem::from(Fault::BodyTooLarge).hint(format!("this node takes {} bytes", limits.body_bytes_max))
}
