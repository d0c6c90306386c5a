//! Time as the driver hands it in with every step.
use urne_types::UnixMs;

/// Two readings of the driver's clocks, taken when the stimulus arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// Milliseconds since some beginning; never goes back. Delays are measured with it.
    pub monotonic_ms: u64,
    /// Wall clock. Blocks are dated with it.
    pub unix: UnixMs,
}
