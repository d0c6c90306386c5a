//! Threads, files, sockets, HTTP and metrics around one replica.
pub mod config;
pub mod disk;
pub mod genesis_file;
pub mod guard;
pub mod home;
pub mod keystore;
pub mod wal;
