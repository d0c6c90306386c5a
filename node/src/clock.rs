//! The machine's clocks, read at the door and nowhere else.
use std::time::{Instant, SystemTime, UNIX_EPOCH};
use urne_replica::Now;
use urne_types::UnixMs;

/// One beginning for all threads of a node.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    started: Instant,
}

impl Clock {
    /// Starts counting.
    #[must_use]
    pub fn start() -> Self {
        Self { started: Instant::now() }
    }
    /// Both readings.
    #[must_use]
    pub fn now(&self) -> Now {
        let monotonic_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        Now { monotonic_ms, unix: Self::unix() }
    }
    /// The wall clock; before 1970 it says 1970.
    #[must_use]
    pub fn unix() -> UnixMs {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        UnixMs::new(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }
}
