//! A graceful stop, which always ends: what was asked is answered, the current block is finished, peers are told, each within
//! its own part of ten seconds (what service managers give before they kill). What does not end in time is left as a crash
//! would leave it, which loses nothing.
use std::{future::Future, time::Duration};
use tokio::time::{Instant, timeout_at};

/// What a stop may take, counted from the moment it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StopBounds {
    /// Until then, open requests are answered; the API's own grace of three seconds is within.
    pub answered: Duration,
    /// Until then, the owner thread ends its current step.
    pub decided: Duration,
    /// Until then, connections to peers are closed.
    pub said: Duration,
}

/// How long tasks and reads that nobody waits for may still take.
pub const LEFTOVERS: Duration = Duration::from_secs(1);

impl StopBounds {
    /// The node's: with [`LEFTOVERS`], 9 s of 10.
    pub const NODE: Self =
        Self { answered: Duration::from_secs(4), decided: Duration::from_secs(7), said: Duration::from_secs(8) };
}

const _: () = assert!(
    StopBounds::NODE.said.as_secs() + LEFTOVERS.as_secs() < 10
        && crate::api::STOP_GRACE.as_secs() < StopBounds::NODE.answered.as_secs()
);

/// Ends the parts of a node in the order in which they need each other. `hurry` is called when nobody waits for an answer any
/// more: from then on the owner thread looks at nothing that still waits for it. Tells whether that thread ended.
pub async fn in_order(
    bounds: StopBounds,
    answered: impl Future,
    hurry: impl FnOnce(),
    decided: impl Future,
    said: impl Future,
) -> bool {
    let asked = Instant::now();
    let _ = timeout_at(asked + bounds.answered, answered).await;
    hurry();
    let has_decided = timeout_at(asked + bounds.decided, decided).await.is_ok();
    let _ = timeout_at(asked + bounds.said, said).await;
    has_decided
}
