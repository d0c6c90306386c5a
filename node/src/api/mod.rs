//! The HTTP API: what citizens, programs and operators may ask a node, and the one way in for transactions. It reads the
//! ledger from its own snapshots and never from the replica's thread; it counts no choice before the close, and never logs
//! who sent what.
//!
//! [`routes`] lists every path, [`problem`] every error, [`dto`] every answer, `openapi.json` all three for programs.
pub mod dto;
pub mod problem;
pub mod routes;

mod app;
mod body;
mod chain;
mod collector;
mod credentials;
mod elections;
mod events;
mod governance;
mod limits;
mod members;
mod parameters;
mod proofs;
mod rhythm;
mod trackers;
mod transactions;
mod watch;

pub use limits::HttpLimits;
pub use routes::{router, serve};
pub use urne_shell::http::ClientAddress;
/// How long open requests may still take when the node stops; a part of [`crate::stop::StopBounds`].
pub(crate) use urne_shell::http::STOP_GRACE;

/// Content type of a batch: a canonical `urne_types::wire::TxBatch`.
pub const BATCH_CONTENT_TYPE: &str = "application/vnd.urne.batch";
/// Content type of one canonical transaction, and of a proof with `?format=binary`.
pub const BINARY_CONTENT_TYPE: &str = "application/octet-stream";
