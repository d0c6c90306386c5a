//! The state before the first block.
use crate::state::Changes;
use urne_types::{genesis::Genesis, validators::ValidatorSet};

/// Why a genesis cannot begin a chain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GenesisFault {
    /// todo
    #[error("")]
    Todo,
}
/// The first state and the validators of heights 1 and 2.
///
/// # Errors
/// [`GenesisFault`].
pub fn genesis(genesis: &Genesis) -> Result<(Changes, ValidatorSet), GenesisFault> {
    todo!()
}
