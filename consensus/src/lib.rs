//! Tendermint among colleges, as a pure step from input to outputs: no clock, no disk, no chance, no thread.
//!
//! [`power`] turns by-laws into voting power, [`proposer`] says whose turn it is, [`engine`] agrees on one block for each
//! height, [`evidence`] proves that a validator broke its word. The agreement itself is Malachite's core, which only this
//! crate names: no type of Malachite leaves it, so that it can be replaced (docs/decisions, "consensus").
pub mod engine;
pub mod evidence;
pub mod power;
pub mod proposer;
pub mod verify;

mod statement;

pub use engine::{Engine, EngineConfig, Input, Output};
pub use proposer::ProposerTable;
pub use statement::Step;
pub use verify::verify_message;
