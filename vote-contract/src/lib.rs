//! The rules of elections and governance: a pure function over a view of the state.
