//! Threads, files, sockets, HTTP and metrics around one replica.
pub mod api;
pub mod bridge;
pub mod clock;
pub mod config;
pub mod driver;
pub mod genesis_file;
pub mod guard;
pub mod home;
pub mod keystore;
pub mod metrics;
pub mod node;
pub mod notices;
pub mod shared;
pub mod stop;
pub mod verifier;
pub mod wal;

pub use urne_shell::disk;
