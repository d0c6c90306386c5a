//! Elections checked again by whoever wants to: their records come from a file or from a node, and go through
//! `urne_light` on every core of this machine. What is checked is decided there; here are the reading, the threads and the bar.
mod collect;
mod pipeline;

pub(crate) use collect::collect;
pub(crate) use pipeline::{Verifying, broken, threads};
