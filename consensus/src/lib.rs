//! Tendermint among colleges, as a pure step from input to outputs.
