//! The body of a request, or the problem that a client is told.
use super::{
    limits::HttpLimits,
    problem::{Fault, Problem},
};
use axum::{
    body::{Body, Bytes},
    http::HeaderMap,
};
use urne_shell::http::{self, NoBody};

/// All of it, or why not.
pub(crate) async fn receive(headers: &HeaderMap, body: Body, limits: &HttpLimits) -> Result<Bytes, Problem> {
    http::receive(headers, body, limits.body_bytes_max, limits.request_timeout).await.map_err(|it| match it {
        NoBody::TooLarge => {
            Problem::from(Fault::BodyTooLarge).hint(format!("this node takes {} bytes", limits.body_bytes_max))
        }
        NoBody::Late => Fault::RequestTimeout.into(),
        NoBody::Broken => Fault::BodyBroken.into(),
    })
}
