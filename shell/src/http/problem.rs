//! Errors as RFC 9457 writes them, with the stable number and name that programs rely on. Which errors there are is each
//! server's own table.
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use urne_types::TxId;

/// How long to wait when the process is busy: a few blocks.
const BUSY_RETRY_S: u64 = 1;

/// An error, by RFC 9457, `application/problem+json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// `urn:urne:problem:<name>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// One sentence in English, the same for every occurrence.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// The same sentence in French.
    pub detail: String,
    /// Stable number: below 900 a rule of the protocol (`urne_types::Rejection`), from 900 on an API's own.
    pub code: u16,
    /// Stable name, in snake case.
    pub name: String,
    /// What is particular to this occurrence, in English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The transaction that was refused, when it could be decoded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub txid: Option<TxId>,
    /// When to come back: the header, not the body.
    #[serde(skip)]
    pub retry_after_s: Option<u64>,
}

impl Problem {
    /// A row of a table.
    #[must_use]
    pub fn new(code: u16, name: &str, status: u16, title: &str, detail: &str) -> Self {
        Self {
            kind: format!("urn:urne:problem:{name}"),
            title: title.into(),
            status,
            detail: detail.into(),
            code,
            name: name.into(),
            hint: None,
            txid: None,
            retry_after_s: (status == 503).then_some(BUSY_RETRY_S),
        }
    }
    /// The whole answer as bytes of HTTP/1.1, for a client that is answered before its request is read.
    #[must_use]
    pub fn to_http(&self) -> String {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
        let body = self.json();
        let retry = self.retry_after_s.map(|it| format!("retry-after: {it}\r\n")).unwrap_or_default();
        format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/problem+json\r\ncontent-length: {}\r\n{retry}access-control-allow-origin: \
             *\r\nconnection: close\r\n\r\n{body}",
            body.len()
        )
    }
    fn json(&self) -> String {
        serde_json::to_string(self).expect("a problem is made of strings and small numbers")
    }
}

impl IntoResponse for &Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, self.json()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
