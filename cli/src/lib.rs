//! The urne binary.
