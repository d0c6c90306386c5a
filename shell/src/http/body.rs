//! The body of a request, within its size and its time: a client that sends more, or slower, is told so and let go.
use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, header},
};
use futures::StreamExt;
use std::time::Duration;
use tokio::time::timeout;

/// Why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoBody {
    /// It is larger than allowed.
    TooLarge,
    /// It did not arrive in time.
    Late,
    /// It ended before it was complete.
    Broken,
}

/// All of it, or why not.
///
/// # Errors
/// [`NoBody`].
pub async fn receive(headers: &HeaderMap, body: Body, bytes_max: usize, patience: Duration) -> Result<Bytes, NoBody> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|it| it.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|it| bytes_max < it) {
        return Err(NoBody::TooLarge);
    }
    timeout(patience, gather(body, bytes_max)).await.unwrap_or(Err(NoBody::Late))
}

async fn gather(body: Body, bytes_max: usize) -> Result<Bytes, NoBody> {
    let mut chunks = body.into_data_stream();
    let mut bytes = Vec::new();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| NoBody::Broken)?;
        if bytes_max - bytes.len() < chunk.len() {
            return Err(NoBody::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.into())
}
